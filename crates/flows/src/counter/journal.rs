//! The journal of a counter: one entry for each event, in the transaction of the event itself; search by the end of a
//! number, a code or an amount; and showing a number in full, which needs a reason and is written down too.

use super::At;
use crate::error::Result;
use crate::office::audit;
use crate::office::reveal::{REASON_MAX, REASON_MIN, Revealed, scrubbed};
use crate::tries;
use crate::world::{StepContext, World};
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::counter_journal::{JournalEntry, JournalEvent, JournalSearch};
use domain::id::{ClerkId, DeviceId, PlaceId};
use domain::money::Money;
use domain::msisdn::Msisdn;
use store::Tx;
use store::keyring::Purpose;

/// Entries on one page.
pub const PAGE: i64 = 50;
/// Numbers that one clerk may see in full in a quarter of an hour.
const PER_CLERK: i64 = 10;

/// What is to be written down.
#[derive(Debug, Clone)]
pub struct Note {
    pub place: PlaceId,
    pub device: Option<DeviceId>,
    pub clerk: Option<ClerkId>,
    pub what: JournalEvent,
    /// The code of a top-up, or the id of what it was done to.
    pub subject: Option<String>,
    pub last_four: Option<String>,
    pub amount: Option<Money>,
    pub reason: Option<String>,
}

impl Note {
    /// Something that somebody did at a counter.
    pub fn of(at: &At, what: JournalEvent) -> Note {
        let (device, clerk) = (Some(at.device.id.clone()), Some(at.clerk.id.clone()));
        Note { device, clerk, ..Note::at(at.place(), what) }
    }

    /// Something that happened at a place.
    pub fn at(place: &PlaceId, what: JournalEvent) -> Note {
        Note {
            place: place.clone(),
            device: None,
            clerk: None,
            what,
            subject: None,
            last_four: None,
            amount: None,
            reason: None,
        }
    }

    pub fn on(self, device: &DeviceId) -> Note {
        Note { device: Some(device.clone()), ..self }
    }

    pub fn by(self, clerk: &ClerkId) -> Note {
        Note { clerk: Some(clerk.clone()), ..self }
    }

    pub fn about(self, subject: impl Into<String>) -> Note {
        Note { subject: Some(subject.into()), ..self }
    }

    /// `reason` is scrubbed of what looks like a number or an address.
    pub fn because(self, reason: &str) -> Note {
        Note { reason: Some(scrubbed(reason)), ..self }
    }

    /// What was sold: the end of the number and the amount, to be found by.
    pub fn sold(self, last_four: &str, amount: Money) -> Note {
        Note { last_four: Some(last_four.to_owned()), amount: Some(amount), ..self }
    }
}

/// Writes an entry, in the transaction of what it tells.
pub fn write(tx: &mut Tx<'_>, context: &StepContext, note: &Note) -> anyhow::Result<()> {
    write_all(tx, &[(context, note.clone())])
}

/// The same for many in one statement.
pub(crate) fn write_all(tx: &mut Tx<'_>, notes: &[(&StepContext, Note)]) -> anyhow::Result<()> {
    let entry = |(context, note): &(&StepContext, Note)| {
        let note = note.clone();
        JournalEntry {
            place: note.place,
            id: context.ids.next(context.now),
            at: context.now,
            device: note.device,
            clerk: note.clerk,
            what: note.what,
            subject: note.subject,
            last_four: note.last_four,
            amount: note.amount,
            reason: note.reason,
        }
    };
    store::counter_journal::insert_all(tx, &notes.iter().map(entry).collect::<Vec<_>>())
}

/// Entries of this counter's outlet before an id, the newest first; one more than a page when there are more.
pub async fn list(
    world: &World,
    at: &At,
    search: &JournalSearch,
    before: Option<&str>,
) -> Result<Vec<JournalEntry>> {
    let (place, search) = (at.place().clone(), search.clone());
    let before = before.unwrap_or(store::counter_journal::NEWEST).to_owned();
    let read = world.db.read(move |tx| store::counter_journal::list(tx, &place, &search, &before, PAGE + 1));
    Ok(read.await?)
}

/// Shows the number of the top-up that an entry of this outlet is about, once and with a reason.
pub async fn reveal(world: &World, at: &At, entry: &str, reason: &str) -> Result<Revealed> {
    let reason = scrubbed(reason);
    if !(REASON_MIN..=REASON_MAX).contains(&reason.chars().count()) {
        return Ok(Revealed::ReasonUnfit);
    }
    let key = format!("counter-reveal/{}", at.clerk.id);
    if let Some(until) = tries::count(world, vec![(key, PER_CLERK)]).await? {
        return Ok(Revealed::Locked(until));
    }
    let (context, at, entry) = (world.step(), at.clone(), entry.to_owned());
    let found = world.db.write(move |tx| {
        let found = store::counter_journal::find(tx, at.place(), &entry)?;
        let Some(code) = found.and_then(|entry| entry.subject) else { return Ok(None) };
        let Some(top_up) = store::top_up::find_by_code(tx, &code)? else { return Ok(None) };
        let Some(line) = store::line::find_by_id(tx, &top_up.line)? else { return Ok(None) };
        let note = Note::of(&at, JournalEvent::Revealed).about(code).because(&reason);
        write(tx, &context, &note)?;
        // The owner of the line reads in the account who looked.
        let seen = Entry::of(at.actor(), AuditAction::Revealed, SubjectKind::TopUp, top_up.id.as_str());
        let detail = format!(r#"{{"shown":"number","clerk":"{}","device":"{}"}}"#, at.clerk.id, at.device.id);
        audit::record(tx, &context, &seen.about(&line.id).because(&reason).with(detail))?;
        Ok(Some(line.msisdn_sealed))
    });
    let Some(sealed) = found.await? else { return Ok(Revealed::Absent) };
    let plain = world.keyring.open_sealed(Purpose::Msisdn, &sealed)?;
    Ok(Revealed::Shown(Msisdn::stored(plain).international()))
}
