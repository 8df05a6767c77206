//! Which card reader stands beside a device: set by the owner, and asked for at the terminal's own books before it is
//! believed.

use super::At;
use super::devices::DeviceRefusal;
use super::journal::{self, Note};
use crate::error::Result;
use crate::world::World;
use domain::counter_journal::JournalEvent;
use domain::device::{Device, READER_MAX};
use domain::id::DeviceId;

/// Why a reader was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderRefusal {
    /// No provider with card terminals is set up.
    NotOffered,
    /// The terminal knows no such reader, or nobody could ask.
    Unknown,
    Device(DeviceRefusal),
}

/// Sets the reader of a device of the owner's agent; an empty name takes it away. Works from the next sale on.
pub async fn set(
    world: &World,
    by: &At,
    device: &DeviceId,
    reader: &str,
) -> Result<std::result::Result<Device, ReaderRefusal>> {
    let reader = Some(reader.trim()).filter(|reader| !reader.is_empty()).map(str::to_owned);
    if let Some(reader) = &reader {
        let Some(terminal) = world.payments.terminal() else { return Ok(Err(ReaderRefusal::NotOffered)) };
        let readable = reader.len() <= READER_MAX && reader.bytes().all(|b| b.is_ascii_graphic());
        if !readable || terminal.reader(reader).await.is_err() {
            return Ok(Err(ReaderRefusal::Unknown));
        }
    }
    let (context, by, id) = (world.step(), by.clone(), device.clone());
    let set = world.db.write(move |tx| {
        let found = store::device::find(tx, &id)?.filter(|device| device.agent == *by.agent());
        let Some(device) = found.filter(|device| device.revoked_at.is_none()) else {
            return Ok(Err(ReaderRefusal::Device(DeviceRefusal::Unknown)));
        };
        store::device::set_reader(tx, &id, reader.as_deref())?;
        let note = Note::of(&by, JournalEvent::ReaderSet).on(&id).about(id.as_str());
        journal::write(tx, &context, &Note { place: device.place.clone(), ..note })?;
        Ok(Ok(Device { reader: reader.clone(), ..device }))
    });
    Ok(set.await?)
}
