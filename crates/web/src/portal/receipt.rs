//! The receipt of an order, to read, to print and, where the program holds the engine for it, to keep as a PDF.

use super::{html, order};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::offer::Benefit;
use flows::receipt::{Standing, receipt, standing};
use http::header;
use render::receipts::{Error, Paper};
use render::view::{ErrorKind, ReceiptPage, RefundShown};
use render::{OnPaper, Press, SentenceValues, Worthless};

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let page = match shown(&site, &reader, &jar, &code).await? {
        Shown::Receipt(page) => page,
        Shown::Elsewhere(to) => return Ok(to.into_response()),
    };
    let pdf = at_the_press(&site, |press| match press.engine() {
        Ok(_) => true,
        // Left out on purpose.
        Err(Error::LeftOut) => false,
        Err(error) => {
            tracing::warn!(%error, "receipts are offered without PDF");
            false
        }
    });
    let pdf = pdf.await?;
    Ok(html(&site, &reader, &ReceiptPage { pdf, ..*page }))
}

/// The same as a file to keep.
pub async fn file(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let page = match shown(&site, &reader, &jar, &code).await? {
        Shown::Receipt(page) => page,
        Shown::Elsewhere(to) => return Ok(to.into_response()),
    };
    let worthless = site.world.settings.demo.then_some(Worthless::Demo);
    let proof = Some(flows::counter::paper::proof(&site.world, &page));
    let on = OnPaper { paper: Paper::A4, copy: false, worthless, proof };
    let document = site.world.renderer.receipt_document(reader.locale, &page, &on);
    let pdf = at_the_press(&site, move |press| press.pdf(&document)).await?;
    let pdf = pdf.map_err(|error| flows::Error::Unknown(error.into()))?;
    let pdf = pdf.ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let name = format!("inline; filename=\"{}.pdf\"", page.code);
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], pdf)
        .into_response())
}

/// Works at the press: tens of milliseconds of a processor, so not on a thread that serves others.
async fn at_the_press<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce(&Press) -> T + Send + 'static,
) -> Result<T, Failure> {
    let world = site.world.clone();
    let done = tokio::task::spawn_blocking(move || work(world.renderer.press())).await;
    Ok(done.map_err(|error| flows::Error::Unknown(error.into()))?)
}

/// The receipt, or where to go instead.
enum Shown {
    Receipt(Box<ReceiptPage>),
    Elsewhere(Redirect),
}

async fn shown(site: &Site, reader: &Reader, jar: &CookieJar, code: &str) -> Result<Shown, Failure> {
    let code = domain::code::parse(code).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let order_page = || Shown::Elsewhere(Redirect::to(&format!("/o/{code}")));
    let Some(top_up) = order::passed(site, jar, &code).await? else {
        return Ok(order_page());
    };
    let standing = standing(&site.world, top_up).await?;
    if !standing.paid {
        // A receipt proves a sale: an order that nobody paid has none.
        return Ok(order_page());
    }
    let mut receipt = receipt(&site.world, &standing).await?;
    receipt.locale = reader.locale;
    receipt.offer_name = standing.offer.name_in(reader.locale).to_owned();
    let refunds = refunds(&standing);
    let reference = refunds.last().map(|refund| refund.reference.as_str());
    let bundle = Some(receipt.offer_name.as_str()).filter(|_| receipt.benefit != Benefit::Credit);
    let values = SentenceValues {
        provider: standing.provider.clone(),
        ..SentenceValues::of(&standing.top_up, bundle, reference, &receipt.seller.time_zone)
    };
    let surplus = standing.surplus().map(order::surplus);
    let invoicing = flows::invoice::invoicing(&site.world, &standing.top_up).await?;
    let qr = flows::qr::shown(&receipt.on_paper.proof_url)?;
    let page = ReceiptPage::of(&receipt).proving(qr, invoicing.is_some()).as_of(
        site.world.now(),
        values,
        refunds,
        surplus,
    );
    Ok(Shown::Receipt(Box::new(page)))
}

/// The refunds of the payment that paid for the order. Money beyond it is no part of the sale.
fn refunds(standing: &Standing) -> Vec<RefundShown> {
    let paid = standing.attempt.as_ref().map(|attempt| &attempt.id);
    let own = standing.refunds.iter().filter(|refund| paid == Some(&refund.attempt));
    own.map(|refund| RefundShown {
        amount: refund.amount,
        reference: flows::notice::short_reference(refund.id.as_str()),
        going: order::going(refund.state),
        at: refund.state_at,
    })
    .collect()
}
