//! Operations: one call to a provider each. The id is the provider's idempotency key.

use crate::db::Tx;
use crate::trace;
use crate::values;
use anyhow::{Context, Result};
use domain::id::OperationId;
use domain::payment::{OperationKind, OperationState};
use domain::time::UnixMs;

/// An operation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub kind: OperationKind,
    /// The attempt or refund that it serves.
    pub subject: String,
    pub state: OperationState,
    pub created_at: UnixMs,
    pub first_sent_at: Option<UnixMs>,
}

pub fn insert(tx: &mut Tx<'_>, o: &Operation) -> Result<()> {
    tx.execute_one(
        "insert into operation (id, kind, subject, state, created_at) values (?1, ?2, ?3, ?4, ?5)",
        &values![o.id.as_str(), o.kind.as_str(), &o.subject, o.state.as_str(), o.created_at],
    )
}

pub fn load(tx: &mut Tx<'_>, id: &OperationId) -> Result<Operation> {
    tx.query_first(
        "select id, kind, subject, state, created_at, first_sent_at from operation where id = ?1",
        &values![id.as_str()],
        |row| {
            Ok(Operation {
                id: OperationId::stored(row.text(0)?),
                kind: row.word(1, OperationKind::parse)?,
                subject: row.text(2)?,
                state: row.word(3, OperationState::parse)?,
                created_at: UnixMs(row.int(4)?),
                first_sent_at: row.opt_int(5)?.map(UnixMs),
            })
        },
    )?
    .with_context(|| format!("operation {id} is missing"))
}

/// Writes down that the call is about to be made; the first time counts for the life of the provider's key, and each
/// later one leaves a trace.
pub fn mark_sent(tx: &mut Tx<'_>, id: &OperationId, now: UnixMs) -> Result<()> {
    let first = tx.execute(
        "update operation set first_sent_at = ?2 where id = ?1 and first_sent_at is null",
        &values![id.as_str(), now],
    )?;
    if first == 0 {
        trace::append(tx, id.as_str(), "sent", None, now)?;
    }
    Ok(())
}

/// Writes down that an answer stayed out once more.
pub fn unanswered(tx: &mut Tx<'_>, id: &OperationId, why: &str, now: UnixMs) -> Result<()> {
    trace::append(tx, id.as_str(), "unanswered", Some(why), now)
}

pub fn update(
    tx: &mut Tx<'_>,
    from: &Operation,
    state: OperationState,
    detail: &str,
    now: UnixMs,
) -> Result<()> {
    if state == OperationState::Unknown {
        unanswered(tx, &from.id, detail, now)?;
    }
    tx.execute_one(
        "update operation set state = ?3, answered_at = ?4, detail = ?5 where id = ?1 and state = ?2",
        &values![from.id.as_str(), from.state.as_str(), state.as_str(), now, detail],
    )
}

/// Is an operation of a kind about a subject still without an answer?
pub fn is_open(tx: &mut Tx<'_>, subject: &str, kind: OperationKind) -> Result<bool> {
    let found = tx.query_first(
        "select id from operation where subject = ?1 and kind = ?2 and state in ('prepared', 'unknown') limit 1",
        &values![subject, kind.as_str()],
        |row| row.text(0),
    )?;
    Ok(found.is_some())
}

/// The first operation of a kind about a subject.
pub fn first(tx: &mut Tx<'_>, subject: &str, kind: OperationKind) -> Result<Option<OperationId>> {
    tx.query_first(
        "select id from operation where subject = ?1 and kind = ?2 order by id limit 1",
        &values![subject, kind.as_str()],
        |row| Ok(OperationId::stored(row.text(0)?)),
    )
}

/// Was a call of this kind ever prepared for an attempt or refund, whatever became of it?
pub fn exists(tx: &mut Tx<'_>, subject: &str, kind: OperationKind) -> Result<bool> {
    let found = tx.query_first(
        "select id from operation where subject = ?1 and kind = ?2",
        &values![subject, kind.as_str()],
        |row| row.text(0),
    )?;
    Ok(found.is_some())
}

/// The unfinished operation of an attempt or refund, if there is one.
pub fn find_open(tx: &mut Tx<'_>, subject: &str) -> Result<Option<OperationId>> {
    tx.query_first(
        "select id from operation where subject = ?1 and state in ('prepared', 'unknown') order by id",
        &values![subject],
        |row| Ok(OperationId::stored(row.text(0)?)),
    )
}
