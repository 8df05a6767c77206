//! The stuck list: what somebody of the staff must look at, why, and what may be done about it. Start reading at
//! [`list`]; `mend` does what is chosen.

use crate::error::Result;
use crate::world::World;
use domain::id::{AttemptId, OperationId, RefundId, TopUpId, WorkId};
use domain::money::Money;
use domain::refund::RefundState;
use domain::stuck::{Mend, StuckCause};
use domain::time::{DAY_MS, MINUTE_MS, UnixMs};
use domain::top_up::TopUpState;
use store::Tx;
use store::outbox::Topic;
use store::stuck::{self as found, GivenUp, LateOrder};

/// Of each kind so many are shown; the rest follows when these are done.
pub const SHOWN: i64 = 100;
/// A refund takes a provider some days; after one people may ask.
const REFUND_LATE_MS: i64 = DAY_MS;
/// A call is sent again within moments.
const CALL_LATE_MS: i64 = 10 * MINUTE_MS;

/// What is stuck, as forms name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    Order(TopUpId),
    Money(AttemptId),
    Refund(RefundId),
    Call(OperationId),
    Work(WorkId),
}

impl Key {
    /// Reads what a form sent; `None` when it names nothing of ours.
    pub fn parse(text: &str) -> Option<Key> {
        let (kind, id) = text.split_once(':')?;
        match kind {
            "order" => TopUpId::parse(id).ok().map(Key::Order),
            "money" => AttemptId::parse(id).ok().map(Key::Money),
            "refund" => RefundId::parse(id).ok().map(Key::Refund),
            "call" => OperationId::parse(id).ok().map(Key::Call),
            "work" => WorkId::parse(id).ok().map(Key::Work),
            _ => None,
        }
    }

    /// The id of what it names.
    pub fn subject(&self) -> &str {
        match self {
            Key::Order(id) => id.as_str(),
            Key::Money(id) => id.as_str(),
            Key::Refund(id) => id.as_str(),
            Key::Call(id) => id.as_str(),
            Key::Work(id) => id.as_str(),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Key::Order(_) => "order",
            Key::Money(_) => "money",
            Key::Refund(_) => "refund",
            Key::Call(_) => "call",
            Key::Work(_) => "work",
        };
        write!(f, "{kind}:{}", self.subject())
    }
}

/// One thing that is stuck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    pub key: Key,
    pub cause: StuckCause,
    /// Since when it is as it is.
    pub since: UnixMs,
    /// Until when an answer was promised.
    pub answer_by: Option<UnixMs>,
    /// The code of the order that it is about.
    pub order: Option<String>,
    pub amount: Option<Money>,
    /// What was written down about it, for people who know the machine.
    pub detail: String,
    /// When it is tried again by itself; `None` when nothing but people moves it.
    pub next_at: Option<UnixMs>,
}

impl Stuck {
    /// What may be done about it. A refund is asked for on its own page.
    pub fn may(&self) -> &'static [Mend] {
        may(&self.key, self.cause)
    }
}

/// What may be done about something.
pub fn may(key: &Key, cause: StuckCause) -> &'static [Mend] {
    match (key, cause) {
        (Key::Order(_), StuckCause::Held) => &[Mend::Ask, Mend::Release],
        (Key::Order(_), StuckCause::NetworkUnanswered) => &[Mend::Ask, Mend::BookGiven, Mend::BookDenied],
        (Key::Order(_) | Key::Refund(_), _) => &[Mend::Ask],
        (Key::Money(_), _) => &[],
        (Key::Call(_), _) => &[Mend::SendAgain],
        (Key::Work(_), StuckCause::Report) => &[Mend::SeeTo],
        (Key::Work(_), StuckCause::MessageDead) => &[Mend::Resend, Mend::SeeTo],
        (Key::Work(_), _) => &[Mend::SendAgain, Mend::SeeTo],
    }
}

/// Everything that is stuck, the oldest first.
pub async fn list(world: &World) -> Result<Vec<Stuck>> {
    let now = world.now();
    let mut all = world.db.read(move |tx| gather(tx, now)).await?;
    all.sort_by_key(|stuck| stuck.since);
    Ok(all)
}

fn gather(tx: &mut Tx<'_>, now: UnixMs) -> anyhow::Result<Vec<Stuck>> {
    let mut all: Vec<Stuck> = found::late_orders(tx, now, SHOWN)?.into_iter().map(late_order).collect();
    all.extend(found::contradictions(tx, SHOWN)?.into_iter().map(|money| Stuck {
        key: Key::Money(money.attempt),
        cause: StuckCause::OtherAmount,
        since: money.at,
        answer_by: None,
        order: Some(money.code),
        amount: Some(money.amount),
        detail: String::new(),
        next_at: None,
    }));
    let before = now.plus_ms(-REFUND_LATE_MS);
    all.extend(found::open_refunds(tx, before, SHOWN)?.into_iter().map(|refund| Stuck {
        key: Key::Refund(refund.id),
        cause: StuckCause::RefundUnanswered,
        since: refund.created_at,
        answer_by: None,
        order: Some(refund.code),
        amount: Some(refund.amount),
        detail: refund.state.to_string(),
        next_at: None,
    }));
    let before = now.plus_ms(-CALL_LATE_MS);
    all.extend(found::unknown_calls(tx, before, SHOWN)?.into_iter().map(|call| Stuck {
        key: Key::Call(call.id),
        cause: StuckCause::CallUnanswered,
        since: call.created_at,
        answer_by: None,
        order: call.code,
        amount: None,
        detail: call.kind.to_string(),
        next_at: None,
    }));
    for row in found::given_up(tx, SHOWN)? {
        let order = found::order_of(tx, &row.subject)?;
        all.push(given_up(row, order));
    }
    for stuck in &mut all {
        // What was given up is tried by nobody.
        if !matches!(stuck.key, Key::Work(_)) {
            stuck.next_at = found::next_try(tx, stuck.key.subject())?;
        }
    }
    Ok(all)
}

/// An order that people may act on though it is not late yet: its answer is still owed.
pub async fn find_order(world: &World, id: &TopUpId) -> Result<Option<Stuck>> {
    let id = id.clone();
    let read = world.db.read(move |tx| {
        let Some(order) = found::find_order(tx, &id)? else { return Ok(None) };
        let next_at = found::next_try(tx, id.as_str())?;
        Ok(Some(Stuck { next_at, ..late_order(order) }))
    });
    Ok(read.await?)
}

fn late_order(order: LateOrder) -> Stuck {
    let cause = match order.state {
        TopUpState::Paid => StuckCause::NotCredited,
        TopUpState::PendingNetwork => StuckCause::NetworkUnanswered,
        TopUpState::Review if order.contradicted => StuckCause::OtherAmount,
        TopUpState::Review if order.held && order.refund.is_none() => StuckCause::Held,
        TopUpState::Review => match order.refund {
            Some(RefundState::Failed) => StuckCause::RefundFailed,
            Some(_) => StuckCause::RefundUnanswered,
            None if order.network => StuckCause::NetworkUnanswered,
            None => StuckCause::PaymentUnanswered,
        },
        TopUpState::AwaitingPayment
        | TopUpState::CheckingPayment
        | TopUpState::Credited
        | TopUpState::Refunding
        | TopUpState::Refunded
        | TopUpState::Reversed
        | TopUpState::Cancelled => StuckCause::PaymentUnanswered,
    };
    Stuck {
        key: Key::Order(order.id),
        cause,
        since: order.state_at,
        answer_by: Some(order.answer_by_at),
        order: Some(order.code),
        amount: Some(order.total),
        detail: order.state.to_string(),
        next_at: None,
    }
}

pub(crate) fn cause_of(row: &GivenUp) -> StuckCause {
    match row.topic {
        _ if row.attempts == 0 => StuckCause::Report,
        Topic::Message | Topic::SupportAnswer | Topic::SecurityNotice | Topic::CampaignMessage => {
            StuckCause::MessageDead
        }
        _ => StuckCause::WorkGivenUp,
    }
}

fn given_up(row: GivenUp, order: Option<String>) -> Stuck {
    Stuck {
        cause: cause_of(&row),
        key: Key::Work(row.id),
        since: row.since,
        answer_by: None,
        order,
        amount: None,
        detail: format!("{}: {}", row.topic, row.last_error),
        next_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ulid;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is_one() {
        let id = ulid(UnixMs(1_700_000_000_000), 7);
        for key in [format!("order:tu_{id}"), format!("work:wk_{id}"), format!("call:op_{id}")] {
            assert_eq!(Key::parse(&key).unwrap().to_string(), key);
        }
        for bad in ["", "order:", &format!("order:pay_{id}"), &format!("paid:tu_{id}"), "order:tu_x"] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_action_on_stuck_things_books_money() {
        for cause in StuckCause::ALL {
            let id = ulid(UnixMs(1), 1);
            let key = Key::parse(&format!("money:att_{id}")).unwrap();
            assert!(may(&key, *cause).is_empty(), "money moves by a refund of two people alone");
        }
    }
}
