//! The owner's devices: a code to pair one more, and the button that revokes one at once.

use super::{Owner, page as show, with_purse};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::device::Device;
use domain::id::DeviceId;
use flows::counter::devices::{self, DeviceRefusal, PairingCode};
use flows::counter::paper::{self, NotPrinted, PrinterRefusal};
use flows::counter::reader::{self, ReaderRefusal};
use render::view::{CounterDevices, CounterProblem, DeviceRowShown, ErrorKind, PairingShown};
use serde::Deserialize;

async fn view(site: &Site, reader: &Reader, owner: &Owner) -> Result<CounterDevices, Failure> {
    let all = devices::list(&site.world, owner).await?;
    let row = |device: Device| DeviceRowShown {
        oneself: device.id == owner.device.id,
        id: device.id.to_string(),
        name: device.name,
        paired_at: device.paired_at,
        last_seen_at: device.last_seen_at,
        revoked_at: device.revoked_at,
        reader: device.reader.unwrap_or_default(),
        printer: device.printer,
    };
    Ok(CounterDevices {
        counter: with_purse(site, owner).await?.0,
        zone: zone(site, reader).await?,
        rows: all.into_iter().map(row).collect(),
        name: String::new(),
        pairing: None,
        revoked: None,
        takes_cards: site.world.payments.terminal().is_some(),
        reader_of: None,
        printer_of: None,
        tested: None,
        problem: None,
    })
}

fn refused(refusal: DeviceRefusal) -> CounterProblem {
    match refusal {
        DeviceRefusal::NameUnreadable => CounterProblem::at("device_name_unreadable", "name"),
        DeviceRefusal::Unknown => CounterProblem::of("device_unknown"),
        DeviceRefusal::Oneself => CounterProblem::of("device_oneself"),
        DeviceRefusal::Full => CounterProblem::of("devices_full"),
    }
}

pub async fn page(State(site): State<Site>, reader: Reader, owner: Owner) -> Result<Response, Failure> {
    Ok(show(&site, &reader, &view(&site, &reader, &owner).await?))
}

#[derive(Deserialize)]
pub struct Named {
    #[serde(default)]
    name: String,
}

/// The code stands behind `#`, which no browser sends: it is in no log.
fn shown(site: &Site, made: PairingCode) -> Result<PairingShown, Failure> {
    let address = format!("{}/agent/pair", site.world.settings.public_url);
    let code = flows::qr::shown(&format!("{address}#{}", made.code))?;
    let (qr, qr_size) = (code.path, code.size);
    Ok(PairingShown { name: made.name, code: made.code, until: made.expires_at, address, qr, qr_size })
}

pub async fn make_code(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Form(typed): Form<Named>,
) -> Result<Response, Failure> {
    let made = devices::make_code(&site.world, &owner, owner.place(), &typed.name).await?;
    let view = view(&site, &reader, &owner).await?;
    let view = match made {
        Ok(made) => CounterDevices { pairing: Some(shown(&site, made)?), ..view },
        Err(refusal) => {
            let name = typed.name.chars().take(60).collect();
            CounterDevices { problem: Some(refused(refusal)), name, ..view }
        }
    };
    Ok(show(&site, &reader, &view))
}

pub async fn revoke(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = DeviceId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let done = devices::revoke(&site.world, &owner, &id).await?;
    let view = view(&site, &reader, &owner).await?;
    let view = match done {
        Ok(device) => CounterDevices { revoked: Some(device.name), ..view },
        Err(refusal) => CounterDevices { problem: Some(refused(refusal)), ..view },
    };
    Ok(show(&site, &reader, &view))
}

#[derive(Deserialize)]
pub struct ReaderForm {
    #[serde(default)]
    reader: String,
}

pub async fn set_reader(
    State(site): State<Site>,
    looks: Reader,
    owner: Owner,
    Path(id): Path<String>,
    Form(typed): Form<ReaderForm>,
) -> Result<Response, Failure> {
    let id = DeviceId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let done = reader::set(&site.world, &owner, &id, &typed.reader).await?;
    let view = view(&site, &looks, &owner).await?;
    let view = match done {
        Ok(device) => CounterDevices { reader_of: Some(device.name), ..view },
        Err(ReaderRefusal::Device(refusal)) => CounterDevices { problem: Some(refused(refusal)), ..view },
        Err(ReaderRefusal::NotOffered | ReaderRefusal::Unknown) => {
            CounterDevices { problem: Some(CounterProblem::of("reader_unknown")), ..view }
        }
    };
    Ok(show(&site, &looks, &view))
}

#[derive(Deserialize)]
pub struct PrinterForm {
    #[serde(default)]
    address: String,
    #[serde(default)]
    width: String,
}

pub async fn set_printer(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path(id): Path<String>,
    Form(typed): Form<PrinterForm>,
) -> Result<Response, Failure> {
    let id = DeviceId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let done = paper::set_printer(&site.world, &owner, &id, (&typed.address, &typed.width)).await?;
    let view = view(&site, &reader, &owner).await?;
    let view = match done {
        Ok(device) => CounterDevices { printer_of: Some(device.name), ..view },
        Err(PrinterRefusal::Device(refusal)) => CounterDevices { problem: Some(refused(refusal)), ..view },
        Err(PrinterRefusal::Unfit) => {
            CounterDevices { problem: Some(CounterProblem::of("printer_unfit")), ..view }
        }
    };
    Ok(show(&site, &reader, &view))
}

pub async fn test_print(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let all = devices::list(&site.world, &owner).await?;
    let device = all.into_iter().find(|device| device.id.as_str() == id && device.revoked_at.is_none());
    let device = device.ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let words = site.world.renderer.words(reader.locale, "counter-printer-words");
    let printed = paper::test_print(&site.world, &device, &words).await?;
    let view = view(&site, &reader, &owner).await?;
    let view = match printed {
        Ok(_) => CounterDevices { tested: Some(device.name), ..view },
        Err(NotPrinted::NoPrinter) => {
            CounterDevices { problem: Some(CounterProblem::of("no_printer")), ..view }
        }
        Err(NotPrinted::NoLetters | NotPrinted::NotSold | NotPrinted::Queue(_)) => {
            CounterDevices { problem: Some(CounterProblem::of("printer_full")), ..view }
        }
    };
    Ok(show(&site, &reader, &view))
}
