//! What agents show: taken by content, cleaned, sealed with their names, with the day they are valid until. Opened by
//! staff alone, audited.

use super::{Outcome, Refused};
use crate::care::files::{Opened, Sent};
use crate::care::{Colleague, audit, picture};
use crate::error::Result;
use crate::world::{StepContext, World};
use domain::agent::{DOCUMENTS_NEEDED, DocumentKind};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::{AgentId, FloatRequestId};
use domain::support_case::{FILE_BYTES_MAX, FileKind, file_name};
use domain::time::UnixMs;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::Tx;
use store::agent_document::{self as stored, AgentDocument};
use store::keyring::{Keyring, Purpose};

/// Documents of one agent, and bytes of all of them.
pub const DOCUMENTS_MAX: i64 = 40;
const BYTES_PER_AGENT_MAX: i64 = 60 * 1024 * 1024;

/// A document as it was sent.
#[derive(Debug, Clone)]
pub struct Document {
    pub kind: DocumentKind,
    pub file: Sent,
    /// The last day on which it is valid, as `2027-03-31`; empty where it has no end.
    pub valid_until: String,
}

/// A document that can be stored.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    kind: DocumentKind,
    file: FileKind,
    bytes: i64,
    name: String,
    body: String,
    expires_at: Option<UnixMs>,
}

/// A file of a kind that is taken, without what cameras write into it.
pub(super) fn clean(file: &Sent) -> Outcome<(FileKind, Vec<u8>)> {
    if file.bytes.len() > FILE_BYTES_MAX {
        return Err(Refused::DocumentTooLarge);
    }
    let kind = picture::kind_of(&file.bytes).ok_or(Refused::DocumentUnfit)?;
    let clean = picture::without_metadata(kind, &file.bytes).ok_or(Refused::DocumentUnfit)?;
    Ok((kind, clean))
}

/// Checks, cleans and seals a document. Its last day ends where the market is.
pub(super) fn taken(
    keyring: &Keyring,
    document: &Document,
    zone: &str,
    now: UnixMs,
) -> Result<Outcome<Sealed>> {
    let (file, clean) = match clean(&document.file) {
        Ok(clean) => clean,
        Err(refused) => return Ok(Err(refused)),
    };
    let expires_at = match end(&document.valid_until, zone) {
        Ok(end) if end.is_none_or(|end| now < end) => end,
        Ok(_) | Err(_) => return Ok(Err(Refused::DocumentExpired)),
    };
    Ok(Ok(Sealed {
        kind: document.kind,
        file,
        bytes: i64::try_from(clean.len()).unwrap_or(i64::MAX),
        name: keyring.seal(Purpose::Agent, &file_name(&document.file.name, file))?,
        body: keyring.seal_bytes(Purpose::Agent, &clean)?,
        expires_at,
    }))
}

/// The first moment after a day that is written `2027-03-31`.
fn end(day: &str, zone: &str) -> Outcome<Option<UnixMs>> {
    let day = day.trim();
    if day.is_empty() {
        return Ok(None);
    }
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let day: Date = day.parse().map_err(|_| Refused::DocumentExpired)?;
    let next = day.checked_add(1.day()).map_err(|_| Refused::DocumentExpired)?;
    let end = next.to_zoned(zone).map_err(|_| Refused::DocumentExpired)?;
    Ok(Some(UnixMs(end.timestamp().as_millisecond())))
}

/// Stores documents of an agent; says whether there is room for them.
pub(super) fn store(
    tx: &mut Tx<'_>,
    context: &StepContext,
    agent: &AgentId,
    all: &[Sealed],
) -> anyhow::Result<Outcome<()>> {
    let (last, held) = stored::room(tx, agent)?;
    let more: i64 = all.iter().map(|document| document.bytes).sum();
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    if last.saturating_add(count) > DOCUMENTS_MAX || held.saturating_add(more) > BYTES_PER_AGENT_MAX {
        return Ok(Err(Refused::DocumentsTooMany));
    }
    for (n, document) in (last + 1..).zip(all) {
        let row = AgentDocument {
            agent: agent.clone(),
            n,
            kind: document.kind,
            file: document.file,
            bytes: document.bytes,
            name_sealed: document.name.clone(),
            expires_at: document.expires_at,
            at: context.now,
        };
        stored::insert(tx, &row, &document.body)?;
    }
    Ok(Ok(()))
}

/// The kinds that are needed and of which no valid one is there.
pub fn missing(documents: &[AgentDocument], now: UnixMs) -> Vec<DocumentKind> {
    let has = |kind: DocumentKind| documents.iter().any(|d| d.kind == kind && d.is_valid(now));
    DOCUMENTS_NEEDED.iter().copied().filter(|kind| !has(*kind)).collect()
}

/// Staff adds a document that an agent brought.
pub async fn add(world: &World, by: &Colleague, agent: &AgentId, document: Document) -> Result<Outcome<()>> {
    let id = agent.clone();
    let Some(found) = world.db.read(move |tx| store::agent::find(tx, &id)).await? else {
        return Ok(Err(Refused::Unknown));
    };
    let zone = super::apply::zone(world, &found.market);
    let sealed = match taken(&world.keyring, &document, &zone, world.now())? {
        Ok(sealed) => sealed,
        Err(refused) => return Ok(Err(refused)),
    };
    let (context, by, id) = (world.step(), by.clone(), agent.clone());
    let added = world.db.write(move |tx| {
        if let Err(refused) = store(tx, &context, &id, std::slice::from_ref(&sealed))? {
            return Ok(Err(refused));
        }
        let entry = by.entry(AuditAction::DocumentAdded, SubjectKind::Agent, id.as_str());
        audit(tx, &context, &entry.with(serde_json::json!({ "kind": sealed.kind }).to_string()))?;
        Ok(Ok(()))
    });
    Ok(added.await?)
}

/// Opens a document for staff; who opened it is audited before it is shown. `None` when there is none.
pub async fn open(world: &World, by: &Colleague, agent: &AgentId, n: i64) -> Result<Option<Opened>> {
    let id = agent.clone();
    let Some((document, body)) = world.db.read(move |tx| stored::load_body(tx, &id, n)).await? else {
        return Ok(None);
    };
    let name = world.keyring.open_sealed(Purpose::Agent, &document.name_sealed)?;
    let bytes = world.keyring.open_bytes(Purpose::Agent, &body)?;
    let (context, by, id) = (world.step(), by.clone(), agent.clone());
    let written = world.db.write(move |tx| {
        let entry = by.entry(AuditAction::FileOpened, SubjectKind::Agent, id.as_str());
        audit(tx, &context, &entry.with(serde_json::json!({ "document": n }).to_string()))
    });
    written.await?;
    Ok(Some(Opened { kind: document.file, name, bytes }))
}

/// What a document is called, for lists.
pub fn name(world: &World, document: &AgentDocument) -> anyhow::Result<String> {
    world.keyring.open_sealed(Purpose::Agent, &document.name_sealed)
}

/// Opens the proof of a transfer for staff; who opened it is audited before it is shown.
pub async fn open_proof(world: &World, by: &Colleague, id: &FloatRequestId) -> Result<Option<Opened>> {
    let wanted = id.clone();
    let Some(proof) = world.db.read(move |tx| store::float_request::proof(tx, &wanted)).await? else {
        return Ok(None);
    };
    let bytes = world.keyring.open_bytes(Purpose::Agent, &proof.sealed)?;
    let name = format!("{id}.{}", proof.kind.ending());
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let opened = world.db.write(move |tx| {
        audit(tx, &context, &by.entry(AuditAction::FileOpened, SubjectKind::Float, id.as_str()))
    });
    opened.await?;
    Ok(Some(Opened { kind: proof.kind, name, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_valid_through_its_last_day_where_the_market_is() {
        assert_eq!(end("", "Europe/London"), Ok(None));
        let ends = end("2026-11-23", "Europe/Berlin").unwrap().unwrap();
        assert_eq!(ends.rfc3339(), "2026-11-23T23:00:00Z");
        for bad in ["2026-02-30", "soon", "2026-13-01"] {
            assert_eq!(end(bad, "Europe/Berlin"), Err(Refused::DocumentExpired), "{bad}");
        }
    }
}
