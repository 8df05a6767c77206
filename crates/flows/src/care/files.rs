//! Files that customers add to what they write: taken by content, cleaned, sealed with their names, and opened again
//! by the asker or, audited, by staff. Start reading at [`taken`].

use super::{Colleague, audit, picture};
use crate::care::cases::Unfit;
use crate::error::Result;
use crate::world::World;
use domain::audit::{AuditAction, SubjectKind};
use domain::id::CaseId;
use domain::support_case::{FILE_BYTES_MAX, FILES_BYTES_PER_CASE_MAX, FILES_MAX, FileKind, file_name};
use domain::time::{DAY_MS, UnixMs};
use store::Tx;
use store::keyring::Purpose;
use store::support_file::{self as stored, SupportFile};

/// As long as a payment can be disputed and somebody may come back to it.
pub const KEPT_DAYS: i64 = 180;

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file that can be stored.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    kind: FileKind,
    bytes: i64,
    name: String,
    body: String,
}

/// Checks, cleans and seals what was sent with one message.
pub(super) fn taken(world: &World, sent: &[Sent]) -> Result<std::result::Result<Vec<Sealed>, Unfit>> {
    if sent.len() > FILES_MAX {
        return Ok(Err(Unfit::FilesTooMany));
    }
    let mut all = Vec::with_capacity(sent.len());
    for file in sent {
        if file.bytes.len() > FILE_BYTES_MAX {
            return Ok(Err(Unfit::FileTooLarge));
        }
        let Some(kind) = picture::kind_of(&file.bytes) else { return Ok(Err(Unfit::FileKind)) };
        let Some(clean) = picture::without_metadata(kind, &file.bytes) else {
            return Ok(Err(Unfit::FileKind));
        };
        all.push(Sealed {
            kind,
            bytes: i64::try_from(clean.len()).unwrap_or(i64::MAX),
            name: world.keyring.seal(Purpose::SupportText, &file_name(&file.name, kind))?,
            body: world.keyring.seal_bytes(Purpose::SupportText, &clean)?,
        });
    }
    Ok(Ok(all))
}

/// Stores the files of a message in the transaction of the message. Says whether the case has room for them.
pub(super) fn store(
    tx: &mut Tx<'_>,
    case: &CaseId,
    message: i64,
    files: &[Sealed],
    now: UnixMs,
) -> anyhow::Result<bool> {
    if files.is_empty() {
        return Ok(true);
    }
    let (last, held) = stored::room(tx, case)?;
    let more: i64 = files.iter().map(|file| file.bytes).sum();
    if held.saturating_add(more) > FILES_BYTES_PER_CASE_MAX {
        return Ok(false);
    }
    for (n, file) in (last + 1..).zip(files) {
        let row = SupportFile {
            case: case.clone(),
            n,
            message,
            kind: file.kind,
            bytes: file.bytes,
            name_sealed: file.name.clone(),
            at: now,
        };
        stored::insert(tx, &row, &file.body)?;
    }
    Ok(true)
}

/// A file in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub n: i64,
    pub message: i64,
    pub kind: FileKind,
    pub bytes: i64,
    pub name: String,
}

pub(super) fn named(world: &World, file: &SupportFile) -> anyhow::Result<Named> {
    Ok(Named {
        n: file.n,
        message: file.message,
        kind: file.kind,
        bytes: file.bytes,
        name: world.keyring.open_sealed(Purpose::SupportText, &file.name_sealed)?,
    })
}

/// A file with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub kind: FileKind,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Opens a file for its asker; `None` when there is no such file.
pub async fn open(world: &World, case: &CaseId, n: i64) -> Result<Option<Opened>> {
    let id = case.clone();
    let Some((file, body)) = world.db.read(move |tx| stored::load_body(tx, &id, n)).await? else {
        return Ok(None);
    };
    let name = named(world, &file)?.name;
    Ok(Some(Opened { kind: file.kind, name, bytes: world.keyring.open_bytes(Purpose::SupportText, &body)? }))
}

/// The same for staff: who opened it is audited before it is shown.
pub async fn open_for_staff(world: &World, by: &Colleague, case: &CaseId, n: i64) -> Result<Option<Opened>> {
    let Some(opened) = open(world, case, n).await? else { return Ok(None) };
    let (context, by, id) = (world.step(), by.clone(), case.clone());
    let written = world.db.write(move |tx| {
        audit(tx, &context, &by.entry(AuditAction::FileOpened, SubjectKind::Case, id.as_str()))
    });
    written.await?;
    Ok(Some(opened))
}

/// Takes out what was kept long enough.
pub fn purge(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> anyhow::Result<()> {
    stored::purge(tx, now.plus_ms(-KEPT_DAYS * DAY_MS), limit)
}
