//! Refunds: what one attempt brought goes back at most once.

use crate::db::{Row, Tx};
use crate::trace;
use crate::values;
use anyhow::{Context, Result};
use domain::id::{AttemptId, PaymentId, RefundId, TopUpId};
use domain::money::Money;
use domain::refund::{RefundReason, RefundState};
use domain::time::UnixMs;

/// A refund as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub top_up: TopUpId,
    pub payment: PaymentId,
    pub attempt: AttemptId,
    pub provider: String,
    pub amount: Money,
    pub state: RefundState,
    /// The provider's id.
    pub refund_ref: Option<String>,
    pub reason: RefundReason,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
}

const COLUMNS: &str = "id, top_up_id, payment_id, attempt_id, provider, amount_minor, currency, state, refund_ref, \
     reason, created_at, state_at";

fn read(row: &Row<'_>) -> Result<Refund> {
    Ok(Refund {
        id: RefundId::stored(row.text(0)?),
        top_up: TopUpId::stored(row.text(1)?),
        payment: PaymentId::stored(row.text(2)?),
        attempt: AttemptId::stored(row.text(3)?),
        provider: row.text(4)?,
        amount: Money::new(row.int(5)?, row.text(6)?.parse()?),
        state: row.word(7, RefundState::parse)?,
        refund_ref: row.opt_text(8)?,
        reason: row.word(9, RefundReason::parse)?,
        created_at: UnixMs(row.int(10)?),
        state_at: UnixMs(row.int(11)?),
    })
}

pub fn insert(tx: &mut Tx<'_>, r: &Refund) -> Result<()> {
    tx.execute_one(
        "insert into refund (id, top_up_id, payment_id, attempt_id, provider, amount_minor, currency, state, reason, \
         created_at, state_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &values![
            r.id.as_str(),
            r.top_up.as_str(),
            r.payment.as_str(),
            r.attempt.as_str(),
            &r.provider,
            r.amount.minor,
            r.amount.currency.code(),
            r.state.as_str(),
            r.reason.as_str(),
            r.created_at,
            r.state_at
        ],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &RefundId) -> Result<Option<Refund>> {
    tx.query_first(&format!("select {COLUMNS} from refund where id = ?1"), &values![id.as_str()], read)
}

pub fn load(tx: &mut Tx<'_>, id: &RefundId) -> Result<Refund> {
    find(tx, id)?.with_context(|| format!("refund {id} is missing"))
}

pub fn find_by_ref(tx: &mut Tx<'_>, refund_ref: &str) -> Result<Option<Refund>> {
    tx.query_first(&format!("select {COLUMNS} from refund where refund_ref = ?1"), &values![refund_ref], read)
}

/// The refunds of a top-up, oldest first.
pub fn list(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<Refund>> {
    let sql = format!("select {COLUMNS} from refund where top_up_id = ?1 order by id");
    tx.query(&sql, &values![top_up.as_str()], read)
}

/// Refunds made before `before` of which the provider has not said what became, oldest first, but for those that
/// were reported as `what` already.
pub fn list_unanswered(tx: &mut Tx<'_>, before: UnixMs, what: &str, limit: i64) -> Result<Vec<RefundId>> {
    tx.query(
        "select id from refund where state in ('requested', 'pending', 'unknown') and created_at < ?1 and not exists \
         (select 1 from outbox o where o.topic = 'poll_refund' and o.subject = refund.id and o.state = 'dead' \
         and o.last_error = ?2) order by id limit ?3",
        &values![before, what, limit],
        |row| Ok(RefundId::stored(row.text(0)?)),
    )
}

/// Writes the next state, with a trace of it; refused when the refund is no longer in the state it was read in.
/// `why`: the provider's word for what went wrong.
pub fn update(tx: &mut Tx<'_>, from: RefundState, r: &Refund, why: Option<&str>) -> Result<()> {
    if r.state != from {
        trace::append(tx, r.id.as_str(), r.state.as_str(), why, r.state_at)?;
    }
    tx.execute_one(
        "update refund set state = ?3, refund_ref = ?4, state_at = ?5 where id = ?1 and state = ?2",
        &values![r.id.as_str(), from.as_str(), r.state.as_str(), r.refund_ref.as_deref(), r.state_at],
    )
}
