//! A top-up: one purchase of credit or a bundle for one line, and the states that people see.
//!
//! The words are the same in every channel, text message and API. [`TopUpState::on`] is the only way from
//! one state to the next; docs/top-up-states.md is generated from [`TRANSITIONS`].

use crate::id::{LineId, OfferVersionId, PartnerId, SubscriberId, TopUpId};
use crate::locale::Locale;
use crate::money::{Money, MoneyError};
use crate::price::PriceLines;
use crate::promotion::Bonus;
use crate::states;
use crate::time::UnixMs;

states! {
    /// Where a top-up stands. Each has one money sentence (see render/locales).
    TopUpState {
        AwaitingPayment = "awaiting_payment",
        CheckingPayment = "checking_payment",
        Paid = "paid",
        PendingNetwork = "pending_network",
        Credited = "credited",
        Refunding = "refunding",
        Refunded = "refunded",
        Reversed = "reversed",
        Cancelled = "cancelled",
        Review = "review",
    }
}

states! {
    /// What happens to a top-up.
    TopUpEvent {
        /// Something was sent to the provider and the outcome is not known.
        PaymentUnknown = "payment_unknown",
        /// The provider says that the payer still has to act.
        PaymentAwaited = "payment_awaited",
        /// The money is ours and the credit is not yet given.
        PaymentCaptured = "payment_captured",
        /// The credit went to the host network, which has not answered, or waits for it to be up again.
        NetworkAsked = "network_asked",
        /// The credit is on the line.
        CreditGiven = "credit_given",
        /// The provider says that nothing was or will be paid, or nothing was ever sent.
        PaymentClosed = "payment_closed",
        /// Money is ours and the credit is known to be refused, or the order was closed before it came.
        RefundStarted = "refund_started",
        /// The provider says that the money went back.
        RefundSucceeded = "refund_succeeded",
        /// What was credited is held, and its money is asked back.
        ReversalStarted = "reversal_started",
        /// The credit was taken back from the line.
        CreditReversed = "credit_reversed",
        /// Its money did not go back: the line keeps its credit, or has it again.
        CreditRestored = "credit_restored",
        /// The evidence contradicts itself, or a deadline passed with an unknown outcome.
        ReviewOpened = "review_opened",
    }
}

use TopUpEvent as E;
use TopUpState as S;

/// Every change of state there is. What is not listed leaves the state as it is.
pub const TRANSITIONS: &[(TopUpState, TopUpEvent, TopUpState)] = &[
    (S::AwaitingPayment, E::PaymentUnknown, S::CheckingPayment),
    (S::AwaitingPayment, E::PaymentCaptured, S::Paid),
    (S::AwaitingPayment, E::CreditGiven, S::Credited),
    (S::AwaitingPayment, E::PaymentClosed, S::Cancelled),
    (S::AwaitingPayment, E::RefundStarted, S::Refunding),
    (S::AwaitingPayment, E::ReviewOpened, S::Review),
    (S::CheckingPayment, E::PaymentAwaited, S::AwaitingPayment),
    (S::CheckingPayment, E::PaymentCaptured, S::Paid),
    (S::CheckingPayment, E::CreditGiven, S::Credited),
    (S::CheckingPayment, E::PaymentClosed, S::Cancelled),
    (S::CheckingPayment, E::RefundStarted, S::Refunding),
    (S::CheckingPayment, E::ReviewOpened, S::Review),
    // The network did not give a float sale: its money is in the float again in the same moment.
    (S::Paid, E::RefundSucceeded, S::Refunded),
    (S::Paid, E::NetworkAsked, S::PendingNetwork),
    (S::Paid, E::CreditGiven, S::Credited),
    (S::Paid, E::RefundStarted, S::Refunding),
    (S::Paid, E::ReviewOpened, S::Review),
    (S::PendingNetwork, E::CreditGiven, S::Credited),
    (S::PendingNetwork, E::RefundStarted, S::Refunding),
    (S::PendingNetwork, E::RefundSucceeded, S::Refunded),
    (S::PendingNetwork, E::ReviewOpened, S::Review),
    // A float sale is taken back at once, other money by its provider.
    (S::Credited, E::CreditReversed, S::Reversed),
    (S::Credited, E::ReversalStarted, S::Refunding),
    (S::Refunding, E::CreditReversed, S::Reversed),
    (S::Refunding, E::CreditRestored, S::Credited),
    (S::Reversed, E::CreditRestored, S::Credited),
    // Money that arrives after an order was cancelled is returned by itself.
    (S::Cancelled, E::RefundStarted, S::Refunding),
    (S::Cancelled, E::ReviewOpened, S::Review),
    (S::Refunding, E::RefundSucceeded, S::Refunded),
    (S::Refunding, E::ReviewOpened, S::Review),
    // A refund that the provider called succeeded can still fail.
    (S::Refunded, E::ReviewOpened, S::Review),
    // A second late payment of a closed order goes back as well.
    (S::Refunded, E::RefundStarted, S::Refunding),
    // Money evidence wins over a review that only waited for it.
    (S::Review, E::CreditGiven, S::Credited),
    (S::Review, E::CreditReversed, S::Reversed),
    (S::Review, E::CreditRestored, S::Credited),
    (S::Review, E::RefundStarted, S::Refunding),
    (S::Review, E::RefundSucceeded, S::Refunded),
    // People let it through, or its money came late: now the host network has the word.
    (S::Review, E::PaymentCaptured, S::Paid),
    (S::Review, E::PaymentClosed, S::Cancelled),
    (S::Review, E::PaymentAwaited, S::AwaitingPayment),
];

impl TopUpState {
    /// The state after `event`, or `None` when the event changes nothing here.
    pub fn on(self, event: TopUpEvent) -> Option<TopUpState> {
        TRANSITIONS.iter().find(|(from, on, _)| *from == self && *on == event).map(|(_, _, to)| *to)
    }

    /// May the state still change without a person doing something?
    pub fn is_moving(self) -> bool {
        match self {
            S::AwaitingPayment | S::CheckingPayment | S::Paid | S::PendingNetwork | S::Refunding => true,
            S::Credited | S::Refunded | S::Reversed | S::Cancelled | S::Review => false,
        }
    }
}

states! {
    /// Where a top-up was bought.
    Channel {
        Online = "online",
        Partner = "partner",
        /// At the counter of an agent's outlet.
        Agent = "agent",
    }
}

states! {
    /// Whose money a top-up takes. How the customer paid is another question: at a counter a note in the till is paid
    /// from the outlet's float.
    Settlement {
        /// All of it stood in the seller's prepaid float.
        Float = "float",
        /// A payment provider captures it, or a part of it.
        Captured = "captured",
    }
}

/// A top-up as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUp {
    pub id: TopUpId,
    /// The short code that people type and read; unique.
    pub code: String,
    pub market: String,
    pub line: LineId,
    pub offer: String,
    pub offer_version: OfferVersionId,
    pub channel: Channel,
    pub settlement: Settlement,
    pub state: TopUpState,
    /// Rises by one with every change.
    pub version: i64,
    pub prices: PriceLines,
    /// What a promotion gives on top.
    pub promotion: Option<Bonus>,
    pub partner: Option<PartnerId>,
    /// Who ordered it, signed in.
    pub subscriber: Option<SubscriberId>,
    /// The partner's own word for this order.
    pub reference: Option<String>,
    pub locale: Locale,
    /// The buyer's e-mail address, sealed by the keyring.
    pub email_sealed: Option<String>,
    /// The keyed hash of the same address, to find its orders.
    pub email_hash: Option<String>,
    pub created_at: UnixMs,
    /// When it came into the present state.
    pub state_at: UnixMs,
    pub credited_at: Option<UnixMs>,
    /// Until when the buyer gets an answer, while one is owed.
    pub answer_by_at: Option<UnixMs>,
    pub actor: String,
}

impl TopUp {
    /// The credit that arrives with a top-up of credit: what was paid for, its bonus, and what a promotion gives as
    /// money.
    pub fn credit(&self) -> Result<Money, MoneyError> {
        let credit = self.prices.credit()?;
        match self.promotion.as_ref().and_then(Bonus::money) {
            Some(bonus) => credit.plus(bonus),
            None => Ok(credit),
        }
    }

    /// Applies an event. `None`: nothing changes and nothing must be written.
    pub fn on(&self, event: TopUpEvent, now: UnixMs) -> Option<TopUp> {
        let state = self.state.on(event)?;
        let mut next = self.clone();
        next.state = state;
        next.version += 1;
        next.state_at = now;
        if state == S::Credited && next.credited_at.is_none() {
            next.credited_at = Some(now);
        }
        // An answer is owed only while we know something that the buyer does not.
        if !matches!(state, S::CheckingPayment | S::Paid | S::PendingNetwork | S::Review) {
            next.answer_by_at = None;
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state against every event: the table in docs/top-up-states.md says the same.
    #[test]
    fn every_state_answers_every_event_as_the_transitions_say() {
        for from in TopUpState::ALL {
            for event in TopUpEvent::ALL {
                let listed: Vec<_> = TRANSITIONS
                    .iter()
                    .filter(|(f, e, _)| f == from && e == event)
                    .map(|(_, _, to)| *to)
                    .collect();
                assert!(listed.len() <= 1, "{from} on {event} is listed twice");
                assert_eq!(from.on(*event), listed.first().copied(), "{from} on {event}");
            }
        }
    }

    #[test]
    fn nothing_takes_a_credited_top_up_back_but_a_reversal() {
        for event in TopUpEvent::ALL {
            let expected = match event {
                E::CreditReversed => Some(S::Reversed),
                E::ReversalStarted => Some(S::Refunding),
                _ => None,
            };
            assert_eq!(S::Credited.on(*event), expected, "{event}");
        }
    }

    #[test]
    fn every_state_in_which_money_may_be_ours_can_end_in_credit_or_refund() {
        for state in [S::AwaitingPayment, S::CheckingPayment, S::Paid, S::PendingNetwork, S::Review] {
            assert!(state.on(E::CreditGiven).is_some(), "{state} cannot be credited");
            assert!(state.on(E::RefundStarted).is_some(), "{state} cannot be refunded");
        }
        assert!(S::Cancelled.on(E::RefundStarted).is_some());
    }

    /// docs/top-up-states.md is this table. Run with RECARGA_BLESS=1 to write it anew.
    #[test]
    fn the_document_shows_the_same_table() {
        let mut text = String::from(
            "# States of a top-up\n\nGenerated from `crates/domain/src/top_up.rs` by the test that compares \
             them. What is not listed leaves the state as it is.\n\n```mermaid\nstateDiagram-v2\n",
        );
        for (from, event, to) in TRANSITIONS {
            text.push_str(&format!("    {from} --> {to}: {event}\n"));
        }
        text.push_str("```\n\n| from | event | to |\n|---|---|---|\n");
        for (from, event, to) in TRANSITIONS {
            text.push_str(&format!("| `{from}` | `{event}` | `{to}` |\n"));
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/top-up-states.md");
        if std::env::vars().any(|(name, _)| name == "RECARGA_BLESS") {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), text);
    }
}
