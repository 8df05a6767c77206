//! Float requests as they are stored, with the sealed proof of a bank transfer.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::float_request::{FloatRequest, FloatRequestKind, FloatRequestState};
use domain::id::{AgentId, FloatRequestId, PartnerId};
use domain::money::Money;
use domain::support_case::FileKind;
use domain::time::UnixMs;

const COLUMNS: &str = "id, agent_id, kind, from_partner, to_partner, amount_minor, currency, reference, note, state, \
     asked_by, asked_at, first_by, first_at, decided_by, decided_at, decision_note, state_at";

fn read(row: &Row<'_>) -> Result<FloatRequest> {
    Ok(FloatRequest {
        id: FloatRequestId::stored(row.text(0)?),
        agent: AgentId::stored(row.text(1)?),
        kind: row.word(2, FloatRequestKind::parse)?,
        from: row.opt_text(3)?.map(PartnerId::stored),
        to: PartnerId::stored(row.text(4)?),
        amount: Money::new(row.int(5)?, row.text(6)?.parse()?),
        reference: row.opt_text(7)?,
        note: row.text(8)?,
        state: row.word(9, FloatRequestState::parse)?,
        asked_by: row.text(10)?,
        asked_at: UnixMs(row.int(11)?),
        first_by: row.opt_text(12)?,
        first_at: row.opt_int(13)?.map(UnixMs),
        decided_by: row.opt_text(14)?,
        decided_at: row.opt_int(15)?.map(UnixMs),
        decision_note: row.opt_text(16)?,
        state_at: UnixMs(row.int(17)?),
    })
}

/// The sealed proof of a transfer.
#[derive(Debug, Clone)]
pub struct Proof {
    pub kind: FileKind,
    pub sealed: String,
}

/// What became of a new request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    New,
    /// The form was sent before; this is what came of it.
    Again(Box<FloatRequest>),
    /// The bank's reference stands in another request.
    ReferenceUsed,
}

/// Stores a request under the key of its form.
pub fn insert(tx: &mut Tx<'_>, r: &FloatRequest, key: &str, proof: Option<&Proof>) -> Result<Inserted> {
    let new = tx.execute(
        "insert into float_request (id, key, agent_id, kind, from_partner, to_partner, amount_minor, currency, \
         reference, note, state, asked_by, asked_at, first_by, first_at, decided_by, decided_at, decision_note, \
         state_at, proof_kind, proof_sealed) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
         ?15, ?16, ?17, ?18, ?19, ?20, ?21) on conflict do nothing",
        &values![
            r.id.as_str(),
            key,
            r.agent.as_str(),
            r.kind.as_str(),
            r.from.as_ref().map(PartnerId::as_str),
            r.to.as_str(),
            r.amount.minor,
            r.amount.currency.code(),
            r.reference.as_deref(),
            &r.note,
            r.state.as_str(),
            &r.asked_by,
            r.asked_at,
            r.first_by.as_deref(),
            r.first_at,
            r.decided_by.as_deref(),
            r.decided_at,
            r.decision_note.as_deref(),
            r.state_at,
            proof.map(|proof| proof.kind.as_str()),
            proof.map(|proof| proof.sealed.as_str())
        ],
    )?;
    if new == 1 {
        return Ok(Inserted::New);
    }
    Ok(match find_by_key(tx, key)? {
        Some(earlier) => Inserted::Again(Box::new(earlier)),
        None => Inserted::ReferenceUsed,
    })
}

pub fn find(tx: &mut Tx<'_>, id: &FloatRequestId) -> Result<Option<FloatRequest>> {
    let sql = format!("select {COLUMNS} from float_request where id = ?1");
    tx.query_first(&sql, &values![id.as_str()], read)
}

/// The request that came with a form.
pub fn find_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<FloatRequest>> {
    let sql = format!("select {COLUMNS} from float_request where key = ?1");
    tx.query_first(&sql, &values![key], read)
}

/// Is there a request with this reference that was not declined or withdrawn?
pub fn has_reference(tx: &mut Tx<'_>, reference: &str) -> Result<bool> {
    let sql =
        "select id from float_request where reference = ?1 and state in ('asked', 'agreed_once', 'done')";
    Ok(tx.query_first(sql, &values![reference], |row| row.text(0))?.is_some())
}

/// Loads a request and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, id: &FloatRequestId) -> Result<Option<FloatRequest>> {
    tx.execute("update float_request set state = state where id = ?1", &values![id.as_str()])?;
    find(tx, id)
}

/// Writes what was decided; refused when the request is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: FloatRequestState, r: &FloatRequest) -> Result<()> {
    tx.execute_one(
        "update float_request set state = ?3, first_by = ?4, first_at = ?5, decided_by = ?6, decided_at = ?7, \
         decision_note = ?8, state_at = ?9 where id = ?1 and state = ?2",
        &values![
            r.id.as_str(),
            from.as_str(),
            r.state.as_str(),
            r.first_by.as_deref(),
            r.first_at,
            r.decided_by.as_deref(),
            r.decided_at,
            r.decision_note.as_deref(),
            r.state_at
        ],
    )
}

/// Requests in a state: the oldest first where they wait, the newest first where they are decided.
pub fn list(tx: &mut Tx<'_>, state: FloatRequestState, limit: i64) -> Result<Vec<FloatRequest>> {
    let order = if state.is_open() { "" } else { " desc" };
    let sql = format!("select {COLUMNS} from float_request where state = ?1 order by id{order} limit ?2");
    tx.query(&sql, &values![state.as_str(), limit], read)
}

/// The requests of an agent, the newest first.
pub fn list_of(tx: &mut Tx<'_>, agent: &AgentId, limit: i64) -> Result<Vec<FloatRequest>> {
    let sql = format!("select {COLUMNS} from float_request where agent_id = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![agent.as_str(), limit], read)
}

/// What was asked to leave a float since `since`, in one currency; what was declined or taken back left out.
pub fn moved_since(tx: &mut Tx<'_>, from: &PartnerId, currency: &str, since: UnixMs) -> Result<i64> {
    let sql = "select cast(coalesce(sum(amount_minor), 0) as bigint) from float_request where from_partner = ?1 \
               and asked_at >= ?2 and currency = ?3 and state not in ('declined', 'withdrawn')";
    let sum = tx.query_first(sql, &values![from.as_str(), since, currency], |row| row.int(0))?;
    Ok(sum.unwrap_or(0))
}

/// What an agent has paid in by card since then, or may still pay.
pub fn by_card_since(tx: &mut Tx<'_>, agent: &AgentId, currency: &str, since: UnixMs) -> Result<i64> {
    let sql = "select cast(coalesce(sum(amount_minor), 0) as bigint) from float_request where agent_id = ?1 \
               and asked_at >= ?2 and currency = ?3 and kind = 'card' and state not in ('declined', 'withdrawn')";
    let sum = tx.query_first(sql, &values![agent.as_str(), since, currency], |row| row.int(0))?;
    Ok(sum.unwrap_or(0))
}

/// The sealed proof of a request.
pub fn proof(tx: &mut Tx<'_>, id: &FloatRequestId) -> Result<Option<Proof>> {
    let sql = "select proof_kind, proof_sealed from float_request where id = ?1 and proof_sealed is not null";
    tx.query_first(sql, &values![id.as_str()], |row| {
        let kind = FileKind::parse(&row.text(0)?).context("an unknown kind of file")?;
        Ok(Proof { kind, sealed: row.text(1)? })
    })
}
