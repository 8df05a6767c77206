//! Refund requests: who asked that money goes back, who decided, and which refund came of it.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{AttemptId, RefundId, RefundRequestId, StaffId, TopUpId};
use domain::money::Money;
use domain::refund_request::{RefundRequestReason, RefundRequestState, RefundSource};
use domain::time::UnixMs;

/// A request as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    pub id: RefundRequestId,
    pub top_up: TopUpId,
    /// The attempt whose money goes back; none where a float paid.
    pub attempt: Option<AttemptId>,
    pub source: RefundSource,
    pub amount: Money,
    pub reason: RefundRequestReason,
    pub note: String,
    pub state: RefundRequestState,
    pub asked_by: StaffId,
    pub asked_at: UnixMs,
    pub decision: Option<Decision>,
    pub refund: Option<RefundId>,
    pub state_at: UnixMs,
}

/// What a second person decided, or the first one took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub by: StaffId,
    pub at: UnixMs,
    pub note: String,
}

const COLUMNS: &str = "id, top_up_id, attempt_id, source, amount_minor, currency, reason, note, state, asked_by, \
     asked_at, decided_by, decided_at, decision_note, refund_id, state_at";

fn read(row: &Row<'_>) -> Result<RefundRequest> {
    let decision = match (row.opt_text(11)?, row.opt_int(12)?) {
        (Some(by), Some(at)) => Some(Decision {
            by: StaffId::stored(by),
            at: UnixMs(at),
            note: row.opt_text(13)?.unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(RefundRequest {
        id: RefundRequestId::stored(row.text(0)?),
        top_up: TopUpId::stored(row.text(1)?),
        attempt: row.opt_text(2)?.map(AttemptId::stored),
        source: row.word(3, RefundSource::parse)?,
        amount: Money::new(row.int(4)?, row.text(5)?.parse()?),
        reason: row.word(6, RefundRequestReason::parse)?,
        note: row.text(7)?,
        state: row.word(8, RefundRequestState::parse)?,
        asked_by: StaffId::stored(row.text(9)?),
        asked_at: UnixMs(row.int(10)?),
        decision,
        refund: row.opt_text(14)?.map(RefundId::stored),
        state_at: UnixMs(row.int(15)?),
    })
}

/// Stores a request unless its order has an open one; says whether it is new.
pub fn insert(tx: &mut Tx<'_>, r: &RefundRequest) -> Result<bool> {
    let new = tx.execute(
        "insert into refund_request (id, top_up_id, attempt_id, source, amount_minor, currency, reason, note, state, \
         asked_by, asked_at, state_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
         on conflict do nothing",
        &values![
            r.id.as_str(),
            r.top_up.as_str(),
            r.attempt.as_ref().map(AttemptId::as_str),
            r.source.as_str(),
            r.amount.minor,
            r.amount.currency.code(),
            r.reason.as_str(),
            &r.note,
            r.state.as_str(),
            r.asked_by.as_str(),
            r.asked_at,
            r.state_at
        ],
    )?;
    Ok(new == 1)
}

pub fn find(tx: &mut Tx<'_>, id: &RefundRequestId) -> Result<Option<RefundRequest>> {
    let sql = format!("select {COLUMNS} from refund_request where id = ?1");
    tx.query_first(&sql, &values![id.as_str()], read)
}

/// Loads a request and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, id: &RefundRequestId) -> Result<RefundRequest> {
    tx.execute_one("update refund_request set state = state where id = ?1", &values![id.as_str()])?;
    find(tx, id)?.with_context(|| format!("refund request {id} is missing"))
}

/// The requests of an order, newest first.
pub fn list_by_top_up(tx: &mut Tx<'_>, top_up: &TopUpId, limit: i64) -> Result<Vec<RefundRequest>> {
    let sql = format!("select {COLUMNS} from refund_request where top_up_id = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![top_up.as_str(), limit], read)
}

/// Requests in a state, oldest first where they wait and newest first where they are decided.
pub fn list(tx: &mut Tx<'_>, state: RefundRequestState, limit: i64) -> Result<Vec<RefundRequest>> {
    let order = if state == RefundRequestState::Asked { "" } else { " desc" };
    let sql = format!("select {COLUMNS} from refund_request where state = ?1 order by id{order} limit ?2");
    tx.query(&sql, &values![state.as_str(), limit], read)
}

/// Writes what was decided; refused when the request is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: RefundRequestState, r: &RefundRequest) -> Result<()> {
    tx.execute_one(
        "update refund_request set state = ?3, decided_by = ?4, decided_at = ?5, decision_note = ?6, \
         refund_id = ?7, state_at = ?8 where id = ?1 and state = ?2",
        &values![
            r.id.as_str(),
            from.as_str(),
            r.state.as_str(),
            r.decision.as_ref().map(|d| d.by.as_str()),
            r.decision.as_ref().map(|d| d.at),
            r.decision.as_ref().map(|d| d.note.as_str()),
            r.refund.as_ref().map(RefundId::as_str),
            r.state_at
        ],
    )
}

/// Follows what became of the refund that a request led to, if one did.
pub fn follow(tx: &mut Tx<'_>, refund: &RefundId, state: RefundRequestState, now: UnixMs) -> Result<()> {
    tx.execute(
        "update refund_request set state = ?2, state_at = ?3 where refund_id = ?1 and refund_id is not null \
         and state <> ?2",
        &values![refund.as_str(), state.as_str(), now],
    )
    .map(|_| ())
}

/// How much one person asked for since `since` in a currency, what was declined or taken back left out.
pub fn asked_since(tx: &mut Tx<'_>, by: &StaffId, currency: &str, since: UnixMs) -> Result<i64> {
    let sql = "select cast(coalesce(sum(amount_minor), 0) as bigint) from refund_request where asked_by = ?1 \
               and asked_at >= ?2 and currency = ?3 and state not in ('declined', 'withdrawn')";
    let sum = tx.query_first(sql, &values![by.as_str(), since, currency], |row| row.int(0))?;
    Ok(sum.unwrap_or(0))
}
