//! What a customer takes along: the slip from the printer, the same in the browser's own dialog, the receipt by e-mail;
//! and the second screen, which the customer sees.

use super::sold::{found, sold_page};
use super::{AtCounter, bare_frame, page as show, till};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::counter::CounterRefusal;
use domain::id::ShiftId;
use domain::print_job::PrintJobState;
use domain::refusal::Refusal;
use flows::counter::mail::{self, Mailed};
use flows::counter::paper::{self, NotPrinted};
use flows::counter::shown::SoldHere;
use render::receipts::Paper;
use render::view::{CounterDisplay, CounterProblem, CounterSlip, ErrorKind, PaperShown};
use serde::Deserialize;
use store::print_job::PrintJob;

/// Where the slip of a sale stands, as its page says it.
pub(super) fn shown(job: Option<&PrintJob>, has_printer: bool) -> PaperShown {
    match job {
        None if has_printer => PaperShown::Not,
        None => PaperShown::NoPrinter,
        Some(job) => match job.state {
            PrintJobState::Queued | PrintJobState::Sending => PaperShown::Printing,
            PrintJobState::Waiting => PaperShown::Waiting(job.trouble),
            PrintJobState::Printed => PaperShown::Printed { near_end: job.near_end },
            PrintJobState::Unknown => PaperShown::Unknown,
            PrintJobState::Refused | PrintJobState::Cancelled | PrintJobState::Expired => PaperShown::Not,
        },
    }
}

pub(super) fn refused(why: NotPrinted) -> Refusal {
    Refusal::Counter(match why {
        NotPrinted::NoPrinter => CounterRefusal::NoPrinter,
        NotPrinted::NoLetters => CounterRefusal::NoLetters,
        NotPrinted::NotSold => CounterRefusal::NothingToMail,
        NotPrinted::Queue(_) => CounterRefusal::PrinterFull,
    })
}

/// Prints a sale once more, or for the first time where it was not done by itself.
pub async fn print(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let sold = found(&site, &at, &code).await?;
    match paper::print_sale(&site.world, &at, &sold.top_up).await? {
        Ok(_) => Ok(Redirect::to(&format!("/agent/sales/{}", sold.top_up.code)).into_response()),
        Err(why) => sold_page(&site, &reader, &at, &code, ("", Some(&refused(why)))).await,
    }
}

/// The slip as a page for the browser's own dialog: the first one that anybody prints is the original.
pub async fn slip(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let sold = found(&site, &at, &code).await?;
    let copy = paper::count_in_browser(&site.world, &at, &sold.top_up).await?;
    slip_page(&site, &reader, &at, (&sold, copy)).await
}

/// The same page, opened once more.
pub async fn slip_again(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let sold = found(&site, &at, &code).await?;
    slip_page(&site, &reader, &at, (&sold, true)).await
}

async fn slip_page(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    (sold, copy): (&SoldHere, bool),
) -> Result<Response, Failure> {
    let document = paper::document(&site.world, &sold.top_up, (Paper::Slip80, copy)).await?;
    let qr = document.qr.as_ref().map(|qr| flows::qr::shown(&qr.text)).transpose()?;
    let code = sold.top_up.code.clone();
    let view = CounterSlip { counter: super::frame(at), code, document, qr };
    Ok(show(site, reader, &view))
}

#[derive(Deserialize)]
pub struct MailForm {
    #[serde(default)]
    email: String,
}

pub async fn send(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
    Form(form): Form<MailForm>,
) -> Result<Response, Failure> {
    let sold = found(&site, &at, &code).await?;
    let refusal = match mail::send(&site.world, &at, &sold.top_up, &form.email).await? {
        Mailed::Queued => {
            return Ok(Redirect::to(&format!("/agent/sales/{}", sold.top_up.code)).into_response());
        }
        Mailed::Unreadable => Refusal::EmailInvalid,
        Mailed::Before => Refusal::Counter(CounterRefusal::MailedBefore),
        Mailed::Nothing => Refusal::Counter(CounterRefusal::NothingToMail),
        Mailed::Locked(until) => Refusal::TooManyTries { until },
    };
    sold_page(&site, &reader, &at, &code, ("", Some(&refusal))).await
}

/// Prints an X or Z report.
pub async fn report(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = ShiftId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let report = till::report_view(&site, &reader, &at, &id, None).await?;
    // Each print of a report is an original: what it says of an open shift is true for that moment alone.
    let now = site.world.now();
    let subject = format!("{id} {}", now.0);
    let (world, locale) = (site.world.clone(), reader.locale);
    let document = |width| world.renderer.report_document(locale, &report, (width, now));
    match paper::print_document(&site.world, &at, &subject, document).await? {
        Ok(_) => Ok(Redirect::to(&format!("/agent/till/shifts/{id}")).into_response()),
        Err(why) => {
            let code = match why {
                NotPrinted::NoPrinter => "no_printer",
                NotPrinted::NoLetters => "no_letters",
                NotPrinted::NotSold | NotPrinted::Queue(_) => "printer_full",
            };
            let problem = Some(CounterProblem::of(code));
            Ok(show(&site, &reader, &till::report_view(&site, &reader, &at, &id, problem).await?))
        }
    }
}

/// The second screen. What it shows comes from the clerk's window of the same device.
pub async fn display(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    let (counter, _) = super::with_purse(&site, &at).await?;
    let shop = counter.outlet.clone().unwrap_or_default();
    Ok(show(&site, &reader, &CounterDisplay { counter: bare_frame(), shop }))
}
