//! Paper at a counter: the slip of a sale and the reports of a till, from the same value as page and file, for the
//! printer of the device. A printer that cannot print holds up nobody: the sale stands, and the receipt's QR code is on
//! the screen. Start at [`print_sale`].

use super::At;
use super::devices::DeviceRefusal;
use super::journal::{self, Note};
use crate::error::Result;
use crate::fiscal;
use crate::print::{self, NewJob, NotQueued, Prepared};
use crate::receipt::{receipt, standing};
use crate::world::World;
use anyhow::Context;
use domain::counter_journal::JournalEvent;
use domain::device::{Device, PrinterSetting};
use domain::id::DeviceId;
use domain::print_job::PrintJobState;
use domain::slip::{Bitmap, PaperWidth, Part, Slip};
use domain::top_up::{TopUp, TopUpState};
use gateways::printing::{PrinterAddress, needs_raster};
use render::receipts::{Document, Paper};
use render::view::ReceiptPage;
use render::{OnPaper, ProofShown, SentenceValues, Worthless};
use std::sync::Arc;
use store::print_job::PrintJob;

/// Why nothing is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPrinted {
    /// No printer is set up for this device.
    NoPrinter,
    /// The printer does not know these letters, and this program was built without what draws them.
    NoLetters,
    /// The sale has not come to its end, or is none.
    NotSold,
    Queue(NotQueued),
}

type Printing = std::result::Result<PrintJob, NotPrinted>;

/// Prints the slip of a sale: the first one is the original, each later one says that it is a copy.
pub async fn print_sale(world: &Arc<World>, at: &At, top_up: &TopUp) -> Result<Printing> {
    // What is not sold yet has no receipt, and one would use up the original.
    if top_up.state.is_moving() || at.training() {
        return Ok(Err(NotPrinted::NotSold));
    }
    let printing = match prepared_sale(world, at, top_up).await? {
        Ok(prepared) => queue(world, prepared, false).await?,
        Err(why) => return Ok(Err(why)),
    };
    let job = match printing {
        Ok(job) => job.context("what is printed once more is always queued")?,
        Err(why) => return Ok(Err(why)),
    };
    if job.copy > 0 {
        let (context, note) =
            (world.step(), Note::of(at, JournalEvent::Reprinted).about(top_up.code.as_str()));
        world.db.write(move |tx| journal::write(tx, &context, &note)).await?;
    }
    Ok(Ok(job))
}

/// What became of the first slip of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// It is on its way, or was before, or there is nothing to print it with.
    SeenTo,
    /// It waits a moment for the signature of the fiscal device: it has to be asked for again.
    AwaitsSignature,
}

/// Prints the slip of a sale that was just made, unless it was printed, or a printer is not set up.
pub async fn print_first(world: &Arc<World>, at: &At, top_up: &TopUp) -> Result<First> {
    if at.device.printer.is_none() || top_up.state != TopUpState::Credited || at.training() {
        return Ok(First::SeenTo);
    }
    if fiscal::delays_paper(world, top_up).await? {
        return Ok(First::AwaitsSignature);
    }
    // The page that asks also says that the sale stands: paper that cannot be set must not hide that.
    match prepared_sale(world, at, top_up).await {
        Ok(Ok(prepared)) => queue(world, prepared, true).await.map(|_| First::SeenTo),
        Ok(Err(_)) => Ok(First::SeenTo),
        Err(error) => {
            tracing::error!(top_up = %top_up.id, %error, "a slip cannot be set");
            Ok(First::SeenTo)
        }
    }
}

async fn queue(
    world: &World,
    job: Prepared,
    first_alone: bool,
) -> Result<std::result::Result<Option<PrintJob>, NotPrinted>> {
    let (ids, now) = (world.ids.clone(), world.now());
    let queued = world.db.write(move |tx| {
        if first_alone && print::printed_in(tx, job.subject(), now)? != (0, 0) {
            return Ok(Ok(None));
        }
        Ok(print::queue_in(tx, &job, ids.as_ref(), now)?.map(Some))
    });
    let queued = queued.await?;
    print::wake(world);
    Ok(queued.map_err(NotPrinted::Queue))
}

async fn prepared_sale(
    world: &Arc<World>,
    at: &At,
    top_up: &TopUp,
) -> Result<std::result::Result<Prepared, NotPrinted>> {
    let Some((printer, width)) = printer_of(&at.device) else { return Ok(Err(NotPrinted::NoPrinter)) };
    // Whether it is a copy is found when it is written down, and said then: another one may be first meanwhile.
    let document = document(world, top_up, (render::paper(width), false)).await?;
    let slip = match drawn(world, document, width).await? {
        Ok(slip) => slip,
        Err(why) => return Ok(Err(why)),
    };
    // The drawer opens for cash, as the first paper of a sale that stands comes out.
    let drawer = top_up.state == TopUpState::Credited && receives_cash(world, top_up).await?;
    let (subject, device) = (top_up.id.to_string(), at.device.id.clone());
    let job = NewJob { subject, device, printer, slip: Slip { drawer, ..slip } };
    Ok(print::prepare(&world.keyring, &job)?.map_err(NotPrinted::Queue))
}

async fn receives_cash(world: &World, top_up: &TopUp) -> Result<bool> {
    let id = top_up.id.clone();
    let all = world.db.read(move |tx| store::tender::of_sale(tx, &id)).await?;
    Ok(all.iter().any(|taken| taken.tender.kind == domain::tender::TenderKind::Cash))
}

fn printer_of(device: &Device) -> Option<(PrinterAddress, PaperWidth)> {
    let setting = device.printer.as_ref()?;
    Some((setting.address.parse().ok()?, setting.width))
}

/// Prints a document that is not a sale's, such as a report: each is an original of its own.
pub async fn print_document(
    world: &Arc<World>,
    at: &At,
    subject: &str,
    document: impl FnOnce(Paper) -> Document,
) -> Result<Printing> {
    if at.training() {
        return Ok(Err(NotPrinted::NotSold));
    }
    let Some((printer, width)) = printer_of(&at.device) else { return Ok(Err(NotPrinted::NoPrinter)) };
    let slip = match drawn(world, document(render::paper(width)), width).await? {
        Ok(slip) => slip,
        Err(why) => return Ok(Err(why)),
    };
    let job = NewJob { subject: subject.to_owned(), device: at.device.id.clone(), printer, slip };
    Ok(print::queue(world, &job).await?.map_err(NotPrinted::Queue))
}

/// The document as lines, or as a picture where the printer does not know its letters.
async fn drawn(
    world: &Arc<World>,
    document: Document,
    width: PaperWidth,
) -> Result<std::result::Result<Slip, NotPrinted>> {
    let lines = render::slip(&document, width);
    if !needs_raster(&lines) {
        return Ok(Ok(lines));
    }
    let world = world.clone();
    // Tens of milliseconds of a processor: not on a thread that serves others.
    let drawing = tokio::task::spawn_blocking(move || {
        let engine = world.renderer.press().engine().ok();
        engine.map(|engine| engine.raster(&document, width.dots())).transpose()
    });
    let drawn = drawing.await.context("drawing a slip")?.context("drawing a slip")?;
    Ok(drawn.map_or(Err(NotPrinted::NoLetters), |image| {
        let bitmap = Bitmap { width: image.width, height: image.height, rows: image.bytes };
        Ok(Slip::picture(width, bitmap))
    }))
}

/// The receipt of a sale for paper: the one value that the page shows too, in the buyer's language.
pub async fn document(world: &World, top_up: &TopUp, (paper, copy): (Paper, bool)) -> Result<Document> {
    let standing = standing(world, top_up.clone()).await?;
    let value = receipt(world, &standing).await?;
    let (locale, zone) = (value.locale, value.seller.time_zone.clone());
    let page = ReceiptPage::of(&value);
    let proof = proof(world, &page);
    let page = match standing.top_up.state {
        TopUpState::Credited => page,
        // What does not stand must not read like a sale.
        _ => {
            let values = SentenceValues::of(&standing.top_up, None, None, &zone);
            page.as_of(world.now(), values, Vec::new(), None)
        }
    };
    let worthless = world.settings.demo.then_some(Worthless::Demo);
    let on = OnPaper { paper, copy, worthless, proof: Some(proof) };
    Ok(world.renderer.receipt_document(locale, &page, &on))
}

/// Counts a slip for the browser's dialog; says whether there is one already, from a printer or a browser.
pub async fn count_in_browser(world: &World, at: &At, top_up: &TopUp) -> Result<bool> {
    let (id, context) = (top_up.id.clone(), world.step());
    let note = Note::of(at, JournalEvent::Reprinted).about(top_up.code.as_str());
    let counted = world.db.write(move |tx| {
        let (_, papers) = print::printed_in(tx, id.as_str(), context.now)?;
        crate::receipt_proof::count_print_in(tx, id.as_str(), context.now)?;
        let copy = papers > 0;
        if copy {
            journal::write(tx, &context, &note)?;
        }
        Ok(copy)
    });
    Ok(counted.await?)
}

/// By what a receipt on paper proves itself.
pub fn proof(world: &World, page: &ReceiptPage) -> ProofShown {
    let host = world.settings.public_url.trim_start_matches("https://").trim_start_matches("http://");
    ProofShown { qr: page.proof_url.clone(), address: format!("{host}/r/{}", page.code) }
}

/// The address of a receipt's QR code, to be shown on the screen.
pub async fn proof_url(world: &World, top_up: &TopUp) -> Result<String> {
    let standing = standing(world, top_up.clone()).await?;
    Ok(crate::receipt_proof::on_paper(world, &standing).await?.proof_url)
}

/// The last print of something, where there was one. What stands behind a slip that waits for its printer waits as well.
pub async fn last(world: &World, subject: &str) -> Result<Option<PrintJob>> {
    let subject = subject.to_owned();
    let read = world.db.read(move |tx| {
        let found = store::print_job::last(tx, &subject)?;
        let Some(job) = found else { return Ok(None) };
        if job.state != PrintJobState::Queued {
            return Ok(Some(job));
        }
        let before = store::print_job::list_open(tx, &job.device, print::OPEN_MAX)?;
        let waiting = before.into_iter().find(|before| before.state == PrintJobState::Waiting);
        let waits = |waiting: PrintJob| (PrintJobState::Waiting, waiting.trouble);
        let (state, trouble) = waiting.map_or((job.state, job.trouble), waits);
        Ok(Some(PrintJob { state, trouble, ..job }))
    });
    Ok(read.await?)
}

/// Why a printer was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterRefusal {
    /// No address in a private network, or no such width.
    Unfit,
    Device(DeviceRefusal),
}

/// Sets the printer of a device of the owner's agent; an empty address takes it away.
pub async fn set_printer(
    world: &World,
    by: &At,
    device: &DeviceId,
    (address, width): (&str, &str),
) -> Result<std::result::Result<Device, PrinterRefusal>> {
    let printer = match address.trim() {
        "" => None,
        typed => match (typed.parse::<PrinterAddress>(), PaperWidth::parse(width)) {
            (Ok(address), Some(width)) => Some(PrinterSetting { address: address.to_string(), width }),
            (Ok(_) | Err(_), _) => return Ok(Err(PrinterRefusal::Unfit)),
        },
    };
    let (context, by, id) = (world.step(), by.clone(), device.clone());
    let set = world.db.write(move |tx| {
        let found = store::device::find(tx, &id)?.filter(|device| device.agent == *by.agent());
        let Some(device) = found.filter(|device| device.revoked_at.is_none()) else {
            return Ok(Err(PrinterRefusal::Device(DeviceRefusal::Unknown)));
        };
        store::device::set_printer(tx, &id, printer.as_ref())?;
        let note = Note::of(&by, JournalEvent::PrinterSet).on(&id).about(id.as_str());
        journal::write(tx, &context, &Note { place: device.place.clone(), ..note })?;
        Ok(Ok(Device { printer: printer.clone(), ..device }))
    });
    Ok(set.await?)
}

/// Prints a few lines on the printer of a device, to see that it works.
pub async fn test_print(world: &World, device: &Device, words: &str) -> Result<Printing> {
    let Some((printer, width)) = printer_of(device) else { return Ok(Err(NotPrinted::NoPrinter)) };
    let lines = vec![
        Part::heading(world.settings.brand.clone()),
        Part::text(device.name.clone()),
        Part::text(words),
        Part::Qr(world.settings.public_url.clone()),
    ];
    let slip = Slip::new(width, lines);
    // Nothing but its own letters: the test is of the printer.
    let slip = if needs_raster(&slip) {
        Slip::new(width, vec![Part::heading("OK"), Part::Qr(world.settings.public_url.clone())])
    } else {
        slip
    };
    let subject = format!("test {} {}", device.id, world.ids.next(world.now()));
    let job = NewJob { subject, device: device.id.clone(), printer, slip };
    Ok(print::queue(world, &job).await?.map_err(NotPrinted::Queue))
}
