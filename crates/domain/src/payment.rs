//! Money of one order that comes through a payment provider.
//!
//! A **payment** belongs to one order: a top-up, or money for an agent's float. Each **attempt** is one hosted page at the provider. Each
//! **operation** is one call, and its id is the provider's idempotency key. What the provider says is
//! **evidence**; [`AttemptState::on`] decides what it changes. Time alone never changes anything.

use crate::id::{AttemptId, FloatRequestId, OperationId, PaymentId, RefundId, TopUpId};
use crate::locale::Locale;
use crate::money::Money;
use crate::states;
use crate::time::UnixMs;

/// What a payment pays for. Its id says which of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    TopUp(TopUpId),
    /// An agent fills its float.
    Float(FloatRequestId),
}

impl Order {
    /// An id read back from our own database.
    pub fn stored(id: String) -> Order {
        match id.strip_prefix(FloatRequestId::PREFIX) {
            Some(rest) if rest.starts_with('_') => Order::Float(FloatRequestId::stored(id)),
            Some(_) | None => Order::TopUp(TopUpId::stored(id)),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Order::TopUp(id) => id.as_str(),
            Order::Float(id) => id.as_str(),
        }
    }

    /// What it is called at a provider.
    pub fn kind(&self) -> &'static str {
        match self {
            Order::TopUp(_) => "top_up",
            Order::Float(_) => "float_request",
        }
    }

    /// The top-up, where it is one.
    pub fn top_up(&self) -> Option<&TopUpId> {
        match self {
            Order::TopUp(id) => Some(id),
            Order::Float(_) => None,
        }
    }
}

states! {
    /// The payment as a whole: does the order still wait for its money?
    PaymentState {
        /// An attempt may still bring the money.
        Open = "open",
        /// One attempt brought exactly the money that was asked for.
        Captured = "captured",
        /// The order was closed before money came. Money that still comes is given back.
        Closed = "closed",
        /// What the provider said cannot be true for this order; people decide.
        Review = "review",
    }
}

/// What happens to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentEvent {
    /// The first attempt captured the asked amount.
    Captured,
    /// The order was cancelled or lapsed.
    Closed,
    /// An attempt captured something that was not asked for.
    Contradicted,
    /// People decided that what contradicts the order goes back; what still comes is too much.
    GivenBack,
}

impl PaymentState {
    /// The state after `event`; `None` leaves it as it is. A captured payment stays captured.
    pub fn on(self, event: PaymentEvent) -> Option<PaymentState> {
        match (self, event) {
            // Right money that comes while people look at wrong money still pays the order.
            (PaymentState::Open | PaymentState::Review, PaymentEvent::Captured) => {
                Some(PaymentState::Captured)
            }
            (PaymentState::Open, PaymentEvent::Closed) | (PaymentState::Review, PaymentEvent::GivenBack) => {
                Some(PaymentState::Closed)
            }
            (PaymentState::Open | PaymentState::Closed, PaymentEvent::Contradicted) => {
                Some(PaymentState::Review)
            }
            (PaymentState::Captured, _)
            | (PaymentState::Open, PaymentEvent::GivenBack)
            | (PaymentState::Review, PaymentEvent::Closed | PaymentEvent::Contradicted)
            | (
                PaymentState::Closed,
                PaymentEvent::Captured | PaymentEvent::Closed | PaymentEvent::GivenBack,
            ) => None,
        }
    }
}

states! {
    /// One attempt: what is known about one hosted page at the provider.
    AttemptState {
        /// The row is committed, nothing was sent or no answer came yet.
        Created = "created",
        /// The payer has to act on the provider's page.
        RequiresAction = "requires_action",
        /// The payer agreed on the provider's page; nothing is taken until we capture it.
        Approved = "approved",
        /// The provider accepted it and is not done.
        Processing = "processing",
        /// Something was sent and the outcome is not known.
        Unknown = "unknown",
        /// The issuer holds the money for us.
        Authorized = "authorized",
        /// The provider says the money is ours.
        Captured = "captured",
        /// The provider says it was declined for good.
        Declined = "declined",
        /// The provider says it was cancelled.
        Cancelled = "cancelled",
        /// The provider says the page lapsed unpaid.
        Expired = "expired",
        /// Captured, but not what was asked for.
        Review = "review",
    }
}

impl AttemptState {
    /// How far along the money is: evidence of a lower or equal rank is old news.
    fn rank(self) -> u8 {
        match self {
            AttemptState::Created => 0,
            AttemptState::RequiresAction => 1,
            AttemptState::Approved => 2,
            AttemptState::Processing | AttemptState::Unknown => 3,
            AttemptState::Authorized => 4,
            AttemptState::Declined | AttemptState::Cancelled | AttemptState::Expired => 5,
            AttemptState::Captured | AttemptState::Review => 6,
        }
    }

    /// May money still come without anybody starting a new attempt?
    pub fn is_open(self) -> bool {
        self.rank() < 5
    }

    /// Was something sent for it of which nobody knows yet what became?
    pub fn may_have_paid(self) -> bool {
        matches!(self.rank(), 2..=4)
    }

    /// The state after the provider's finding; `None` when it changes nothing (old, equal or weaker news).
    ///
    /// Positive money evidence always wins, whatever came before. `Unknown` never closes an attempt, and
    /// a failed look-up (`Unknown` on a state that is already known) changes nothing.
    pub fn on(self, finding: &Finding, asked: Money) -> Option<AttemptState> {
        let next = match finding {
            Finding::Captured { amount } if *amount == asked => AttemptState::Captured,
            Finding::Captured { .. } => AttemptState::Review,
            Finding::ActionNeeded { .. } => AttemptState::RequiresAction,
            Finding::Approved => AttemptState::Approved,
            Finding::Processing => AttemptState::Processing,
            Finding::Authorized => AttemptState::Authorized,
            Finding::Declined { .. } => AttemptState::Declined,
            Finding::Cancelled => AttemptState::Cancelled,
            Finding::Expired => AttemptState::Expired,
            Finding::Unknown { .. } => AttemptState::Unknown,
        };
        let known_by_evidence = self == AttemptState::Unknown
            && matches!(next, AttemptState::RequiresAction | AttemptState::Approved);
        (next.rank() > self.rank() || known_by_evidence).then_some(next)
    }
}

/// What a provider's answer means. There is no catch-all: what a connector does not know is `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Finding {
    /// The payer has to go to this page. `url` is `None` when the provider no longer tells it.
    ActionNeeded {
        url: Option<String>,
    },
    /// The payer agreed; the money moves only when we capture it ([`OperationKind::CapturePage`]).
    Approved,
    Processing,
    Authorized,
    /// The provider says that it took this amount.
    Captured {
        amount: Money,
    },
    /// Declined for good; a decline that leaves the page open is `ActionNeeded`.
    Declined {
        code: String,
    },
    Cancelled,
    Expired,
    /// Sent, and the outcome is not known: no answer, a server error, or words that we do not know.
    Unknown {
        why: String,
    },
}

/// A finding with the names by which the provider knows the object.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    pub finding: Finding,
    /// The provider's id of the hosted page (Stripe: Checkout Session, PayPal: order).
    pub page_ref: Option<String>,
    /// The provider's id of the money movement (Stripe: PaymentIntent, PayPal: capture).
    pub money_ref: Option<String>,
    /// The card, as far as the provider shows it.
    pub card: Option<Card>,
    /// Why the last try on the page was declined, while the page stays open. [`Finding::Declined`] has its own.
    pub last_decline: Option<String>,
    /// How much of the captured money the provider says went back, whoever asked for it; `None` is not told.
    pub refunded: Option<Money>,
    /// The provider's stable name of the card or payer account that was used last. Only hashes of it are kept.
    pub instrument: Option<String>,
    /// The provider's name of the last try that was declined, so that it is counted once.
    pub declined_try: Option<String>,
}

impl Evidence {
    /// Evidence that only says: the outcome is not known.
    pub fn unknown(why: impl Into<String>) -> Evidence {
        Evidence {
            finding: Finding::Unknown { why: why.into() },
            page_ref: None,
            money_ref: None,
            card: None,
            last_decline: None,
            refunded: None,
            instrument: None,
            declined_try: None,
        }
    }
}

/// What a receipt may show of a card. The number itself never reaches us.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Card {
    pub brand: String,
    pub last4: String,
}

states! {
    /// One call to a provider.
    OperationState {
        /// Committed; it may or may not have been sent.
        Prepared = "prepared",
        /// It was sent and the outcome is not known.
        Unknown = "unknown",
        /// The provider answered for good.
        Done = "done",
        /// The provider refused the call itself.
        Refused = "refused",
    }
}

impl OperationState {
    /// The state after an answer; `None` when the operation is already finished.
    pub fn on(self, answer: OperationAnswer) -> Option<OperationState> {
        match (self, answer) {
            (OperationState::Prepared | OperationState::Unknown, OperationAnswer::Accepted) => {
                Some(OperationState::Done)
            }
            (OperationState::Prepared | OperationState::Unknown, OperationAnswer::Refused) => {
                Some(OperationState::Refused)
            }
            (OperationState::Prepared, OperationAnswer::Unknown) => Some(OperationState::Unknown),
            (OperationState::Unknown, OperationAnswer::Unknown)
            | (OperationState::Done | OperationState::Refused, _) => None,
        }
    }
}

/// A gateway answers one of three things. Time never turns `Unknown` into `Refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationAnswer {
    Accepted,
    Refused,
    Unknown,
}

states! {
    /// What a call asks for.
    OperationKind {
        /// Make a hosted page.
        CreatePage = "create_page",
        /// Take the money that the payer agreed to on a hosted page.
        CapturePage = "capture_page",
        /// Close a hosted page so that nobody can pay on it any more.
        ExpirePage = "expire_page",
        /// Give captured money back.
        CreateRefund = "create_refund",
    }
}

/// Everything a connector needs to ask for a hosted payment page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The provider's idempotency key.
    pub operation: OperationId,
    pub order: Order,
    pub payment: PaymentId,
    pub attempt: AttemptId,
    pub amount: Money,
    /// One line that the payer reads on the payment page, in `locale`.
    pub description: String,
    pub email: Option<String>,
    pub locale: Locale,
    /// A buyer without an account: the bank is asked to make sure who pays (3-D Secure), where it can be asked.
    pub guest: bool,
    /// Where the provider sends the browser afterwards, and after a cancel.
    pub return_url: String,
    pub cancel_url: String,
    pub expires_at: UnixMs,
}

/// Everything a connector needs to give money back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The provider's idempotency key.
    pub operation: OperationId,
    pub refund: RefundId,
    pub payment: PaymentId,
    pub attempt: AttemptId,
    /// The provider's id of the captured money.
    pub money_ref: String,
    pub amount: Money,
}

/// A provider's object that a webhook points at: fetch it, then apply what was fetched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ObjectRef {
    /// A hosted page, with our attempt id where the provider's object carries it.
    Page { page_ref: String, attempt: Option<String> },
    /// A money movement, with our attempt id where the provider's object carries it.
    Money { money_ref: String, attempt: Option<String> },
    /// A refund, with our refund id where the provider's object carries it.
    Refund { refund_ref: String, refund: Option<String> },
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttemptState::*;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    fn findings() -> Vec<(&'static str, Finding)> {
        vec![
            ("action", Finding::ActionNeeded { url: None }),
            ("approved", Finding::Approved),
            ("processing", Finding::Processing),
            ("authorized", Finding::Authorized),
            ("captured", Finding::Captured { amount: gbp(1000) }),
            ("other amount", Finding::Captured { amount: gbp(999) }),
            ("declined", Finding::Declined { code: "x".into() }),
            ("cancelled", Finding::Cancelled),
            ("expired", Finding::Expired),
            ("unknown", Finding::Unknown { why: "x".into() }),
        ]
    }

    /// Every state against every finding; `-` means nothing changes.
    #[test]
    fn every_attempt_state_answers_every_finding_as_the_table_says() {
        let table = "
            state            action           approved  processing  authorized  captured  other   declined  cancelled  expired  unknown
            created          requires_action  approved  processing  authorized  captured  review  declined  cancelled  expired  unknown
            requires_action  -                approved  processing  authorized  captured  review  declined  cancelled  expired  unknown
            approved         -                -         processing  authorized  captured  review  declined  cancelled  expired  unknown
            processing       -                -         -           authorized  captured  review  declined  cancelled  expired  -
            unknown          requires_action  approved  -           authorized  captured  review  declined  cancelled  expired  -
            authorized       -                -         -           -           captured  review  declined  cancelled  expired  -
            captured         -                -         -           -           -         -       -         -          -        -
            declined         -                -         -           -           captured  review  -         -          -        -
            cancelled        -                -         -           -           captured  review  -         -          -        -
            expired          -                -         -           -           captured  review  -         -          -        -
            review           -                -         -           -           -         -       -         -          -        -";
        let mut seen = 0;
        for line in table.lines().skip(2) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let state = AttemptState::parse(words[0]).unwrap();
            for ((name, finding), expected) in findings().iter().zip(&words[1..]) {
                let next = state.on(finding, gbp(1000)).map_or("-", AttemptState::as_str);
                assert_eq!(&next, expected, "{state} on {name}");
                seen += 1;
            }
        }
        assert_eq!(seen, AttemptState::ALL.len() * findings().len());
    }

    #[test]
    fn another_currency_is_never_a_capture_of_ours() {
        let finding = Finding::Captured { amount: Money::new(1000, "EUR".parse().unwrap()) };
        assert_eq!(RequiresAction.on(&finding, gbp(1000)), Some(Review));
    }

    #[test]
    fn every_payment_state_answers_every_event_as_the_table_says() {
        use PaymentEvent as E;
        use PaymentState as S;
        let table = [
            (S::Open, [Some(S::Captured), Some(S::Closed), Some(S::Review), None]),
            (S::Captured, [None, None, None, None]),
            (S::Closed, [None, None, Some(S::Review), None]),
            (S::Review, [Some(S::Captured), None, None, Some(S::Closed)]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, expected) in
                [E::Captured, E::Closed, E::Contradicted, E::GivenBack].into_iter().zip(row)
            {
                assert_eq!(state.on(event), expected, "{state} on {event:?}");
            }
        }
    }

    #[test]
    fn every_operation_state_answers_every_answer_as_the_table_says() {
        use OperationAnswer as A;
        use OperationState as S;
        let table = [
            (S::Prepared, [Some(S::Done), Some(S::Refused), Some(S::Unknown)]),
            (S::Unknown, [Some(S::Done), Some(S::Refused), None]),
            (S::Done, [None, None, None]),
            (S::Refused, [None, None, None]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (answer, expected) in [A::Accepted, A::Refused, A::Unknown].into_iter().zip(row) {
                assert_eq!(state.on(answer), expected, "{state} on {answer:?}");
            }
        }
    }
}
