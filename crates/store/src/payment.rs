//! Payments: the money of one order that comes through a provider, and what was ever found out about it.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{AttemptId, Ids, PaymentId, TopUpId};
use domain::money::Money;
use domain::payment::{AttemptState, Order, PaymentState};
use domain::time::UnixMs;

/// A payment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub order: Order,
    pub provider: String,
    pub state: PaymentState,
    pub amount: Money,
    pub captured_by: Option<AttemptId>,
    pub created_at: UnixMs,
}

impl Payment {
    /// The top-up that it pays for. Only of those money goes back by a refund of ours.
    pub fn top_up(&self) -> Result<&TopUpId> {
        self.order.top_up().with_context(|| format!("{} does not pay for a top-up", self.id))
    }
}

const COLUMNS: &str =
    "id, order_id, provider, state, amount_minor, currency, captured_attempt_id, created_at";

fn read(row: &Row<'_>) -> Result<Payment> {
    Ok(Payment {
        id: PaymentId::stored(row.text(0)?),
        order: Order::stored(row.text(1)?),
        provider: row.text(2)?,
        state: row.word(3, PaymentState::parse)?,
        amount: Money::new(row.int(4)?, row.text(5)?.parse()?),
        captured_by: row.opt_text(6)?.map(AttemptId::stored),
        created_at: UnixMs(row.int(7)?),
    })
}

pub fn insert(tx: &mut Tx<'_>, p: &Payment) -> Result<()> {
    tx.execute_one(
        "insert into payment (id, order_id, provider, state, amount_minor, currency, created_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &values![
            p.id.as_str(),
            p.order.as_str(),
            &p.provider,
            p.state.as_str(),
            p.amount.minor,
            p.amount.currency.code(),
            p.created_at
        ],
    )
}

/// Loads a payment and keeps others from changing it until the step ends.
///
/// SQLite has one writer anyway; on PostgreSQL the update that changes nothing takes the row's lock.
pub fn lock(tx: &mut Tx<'_>, id: &PaymentId) -> Result<Payment> {
    tx.execute_one("update payment set state = state where id = ?1", &values![id.as_str()])?;
    load(tx, id)
}

pub fn find_by_top_up(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Option<Payment>> {
    find_by_order(tx, &Order::TopUp(top_up.clone()))
}

/// The payment of an order; none where its money came another way.
pub fn find_by_order(tx: &mut Tx<'_>, order: &Order) -> Result<Option<Payment>> {
    tx.query_first(
        &format!("select {COLUMNS} from payment where order_id = ?1"),
        &values![order.as_str()],
        read,
    )
}

/// Moves the payment on; refused when it is no longer in the state it was read in.
pub fn update(
    tx: &mut Tx<'_>,
    from: &Payment,
    state: PaymentState,
    captured_by: Option<&AttemptId>,
) -> Result<()> {
    tx.execute_one(
        "update payment set state = ?3, captured_attempt_id = ?4 where id = ?1 and state = ?2",
        &values![from.id.as_str(), from.state.as_str(), state.as_str(), captured_by.map(AttemptId::as_str)],
    )
}

/// One thing that was found out, whether or not it changed anything.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    pub payment: &'a PaymentId,
    pub attempt: &'a AttemptId,
    /// Through which door it came: `answer`, `webhook`, `poll`, `look`.
    pub source: &'a str,
    pub finding: String,
    pub from: AttemptState,
    pub to: AttemptState,
}

pub fn insert_event(tx: &mut Tx<'_>, event: &Event<'_>, ids: &dyn Ids, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into payment_event (id, payment_id, attempt_id, source, finding, from_state, to_state, at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &values![
            format!("pe_{}", ids.next(now)),
            event.payment.as_str(),
            event.attempt.as_str(),
            event.source,
            &event.finding,
            event.from.as_str(),
            event.to.as_str(),
            now
        ],
    )
}

pub fn load(tx: &mut Tx<'_>, id: &PaymentId) -> Result<Payment> {
    tx.query_first(&format!("select {COLUMNS} from payment where id = ?1"), &values![id.as_str()], read)?
        .with_context(|| format!("payment {id} is missing"))
}
