//! The page of an order: where the money is, from the first second to the last.
//! [`OrderState`] is the part that changes; it is included in the page and fetched alone while things move.
//! Neither has a balance: without proof of the number a payer must not learn one.

use domain::money::Money;
use domain::offer::Benefit;
use domain::price::PriceLines;
use domain::refund::RefundReason;
use domain::time::{MINUTE_MS, UnixMs};
use domain::top_up::TopUpState;
use serde::Serialize;

use super::help::{Contact, Support};
use super::{BonusShown, TaxesShown, View, sample};
use crate::problem::{Advice, PageProblem, Problem};
use crate::sentence::SentenceValues;

/// When the order came into a state.
#[derive(Debug, Clone, Serialize)]
pub struct Moment {
    pub state: TopUpState,
    pub at: UnixMs,
    /// Is it shown with seconds, because another step was in the same minute?
    pub exact: bool,
}

impl Moment {
    /// The moments of a history.
    pub fn all(history: &[(TopUpState, UnixMs)]) -> Vec<Moment> {
        let minute = |at: &UnixMs| at.0.div_euclid(MINUTE_MS);
        let shared = |at| history.iter().filter(|(_, other)| minute(other) == minute(at)).count() > 1;
        history.iter().map(|(state, at)| Moment { state: *state, at: *at, exact: shared(at) }).collect()
    }
}

/// The part of the order page that changes.
#[derive(Debug, Clone, Serialize)]
pub struct OrderState {
    pub code: String,
    pub state: TopUpState,
    /// Does it still change by itself?
    pub moving: bool,
    /// After how many seconds the page asks again.
    pub every: Option<u16>,
    /// What the page says it has seen when it asks again.
    pub seen: String,
    pub values: SentenceValues,
    /// The states it went through, oldest first.
    pub moments: Vec<Moment>,
    /// The provider's page, while there is something to pay.
    pub payment_url: Option<String>,
    /// May the buyer try to pay again?
    pub retry: bool,
    /// May the buyer still call the order off?
    pub cancel: bool,
    /// Is there a receipt to show?
    pub receipt: bool,
    /// A second payment that goes back.
    pub surplus: Option<Surplus>,
    /// The e-mail receipt, once there is one.
    pub receipt_mail: Option<ReceiptMail>,
    /// Why the payment did not go through.
    pub problem: Option<Problem>,
    /// Why the money goes back in place of the credit.
    pub refund_reason: Option<RefundReason>,
    /// The references of all refunds, oldest first.
    pub refunds: Vec<String>,
    pub review: Option<Review>,
    /// Where the operator answers, in states in which people must act.
    pub contact: Option<Contact>,
    /// Can the same be ordered again from here?
    pub again: bool,
}

/// Why people look at the order.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Review {
    OtherAmount {
        received: Money,
    },
    RefundFailed,
    RefundUnanswered,
    PaymentUnanswered,
    /// It is paid, and people look at it before it is delivered.
    PaidHeld,
    /// The same, at a counter.
    CounterHeld,
    NetworkUnanswered,
    NetworkContradicts,
}

/// The e-mail receipt on its way.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptMail {
    /// The masked address.
    pub address: String,
    pub going: Mailing,
}

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailing {
    Moving,
    Sent,
    Failed,
}

/// Money of a paid order beside what was bought: a second payment, or a refund that could not be made.
#[derive(Debug, Clone, Serialize)]
pub struct Surplus {
    pub amount: Money,
    pub reference: String,
    pub going: Going,
}

/// How far such money is on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Going {
    Moving,
    Returned,
    Failed,
    /// The credit was to be taken back, and could not be paid back: it stays with the line.
    Kept,
}

/// What was bought.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    pub last4: String,
    pub offer_name: String,
    pub benefit: Benefit,
    pub prices: PriceLines,
    /// What a promotion gives on top.
    pub bonus: Option<BonusShown>,
    pub taxes: TaxesShown,
}

/// The whole page. Its fields lie flat, so that the included part finds its own.
#[derive(Debug, Clone, Serialize)]
pub struct Order {
    #[serde(flatten)]
    pub now: OrderState,
    pub purchase: Purchase,
    /// When this was asked.
    pub asked_at: UnixMs,
    /// Is the reader here because they wanted to order the same again?
    pub already: bool,
    /// Has the reader no pass yet? Then the page asks again as a whole, at its own address.
    pub passless: bool,
}

impl View for OrderState {
    const TEMPLATE: &'static str = "portal/order_poll.html";

    fn samples() -> Vec<OrderState> {
        let mut samples: Vec<OrderState> = TopUpState::ALL.iter().map(|state| stateful(*state)).collect();
        for state in [TopUpState::PendingNetwork, TopUpState::Refunding, TopUpState::Refunded] {
            let mut bare = stateful(state);
            (bare.values.answer_by, bare.values.reference, bare.values.returned_at) = (None, None, None);
            samples.push(bare);
        }
        for state in [TopUpState::Reversed, TopUpState::Review] {
            let mut bare = stateful(state);
            (bare.values.answer_by, bare.values.reference) = (None, None);
            samples.push(bare);
        }
        let mut bundle = stateful(TopUpState::Credited);
        bundle.values.bundle = Some("Traveller".into());
        for going in [Going::Moving, Going::Returned, Going::Failed, Going::Kept] {
            let mut paid_twice = bundle.clone();
            let (amount, reference) = (sample::gbp(1030), "RF-4H8TQ".into());
            paid_twice.surplus = Some(Surplus { amount, reference, going });
            samples.push(paid_twice);
        }
        samples.push(bundle);
        for going in [Mailing::Moving, Mailing::Sent, Mailing::Failed] {
            let mut mailed = stateful(TopUpState::Credited);
            mailed.receipt_mail = Some(ReceiptMail { address: "a•••@example.com".into(), going });
            samples.push(mailed);
        }
        let mut unpayable = stateful(TopUpState::AwaitingPayment);
        unpayable.payment_url = None;
        unpayable.retry = true;
        unpayable.cancel = false;
        unpayable.problem = Some(Problem::page(PageProblem::PaymentUnavailable));
        samples.push(unpayable.clone());
        unpayable.cancel = true;
        for advice in Advice::ALL {
            let problem = Some(Problem::page(PageProblem::PaymentRefused(*advice)));
            samples.push(OrderState { problem, ..unpayable.clone() });
        }
        for reason in RefundReason::ALL {
            let refunding = stateful(TopUpState::Refunding);
            samples.push(OrderState { refund_reason: Some(*reason), ..refunding });
        }
        let received = sample::gbp(930);
        let reasons = [
            Review::OtherAmount { received },
            Review::RefundFailed,
            Review::RefundUnanswered,
            Review::PaymentUnanswered,
            Review::PaidHeld,
            Review::CounterHeld,
            Review::NetworkUnanswered,
            Review::NetworkContradicts,
        ];
        let support = Support {
            email: Some("help@example.com".into()),
            phone: Some("+44 20 7946 0000".into()),
            hours: Vec::new(),
        };
        for reason in reasons {
            let contact = support.for_reader(domain::locale::Locale::En);
            let review = stateful(TopUpState::Review);
            samples.push(OrderState { review: Some(reason), contact, ..review });
        }
        samples
    }
}

impl View for Order {
    const TEMPLATE: &'static str = "portal/order.html";

    fn samples() -> Vec<Order> {
        let purchase = Purchase {
            last4: "3456".into(),
            offer_name: "Credit 10".into(),
            benefit: Benefit::Credit,
            prices: sample::prices(1000, 100, 30),
            bonus: Some(sample::bonus()),
            taxes: TaxesShown::sample(),
        };
        let page = |now| Order {
            now,
            purchase: purchase.clone(),
            asked_at: sample::AT,
            already: false,
            passless: false,
        };
        let mut samples: Vec<Order> = OrderState::samples().into_iter().map(page).collect();
        samples.push(Order { already: true, ..page(stateful(TopUpState::Credited)) });
        samples.push(Order { passless: true, ..page(stateful(TopUpState::CheckingPayment)) });
        samples
    }
}

fn stateful(state: TopUpState) -> OrderState {
    let path: &[TopUpState] = match state {
        TopUpState::AwaitingPayment => &[TopUpState::AwaitingPayment],
        TopUpState::Cancelled => &[TopUpState::AwaitingPayment, TopUpState::Cancelled],
        TopUpState::CheckingPayment => &[TopUpState::AwaitingPayment, TopUpState::CheckingPayment],
        TopUpState::Paid => &[TopUpState::AwaitingPayment, TopUpState::Paid],
        TopUpState::PendingNetwork => {
            &[TopUpState::AwaitingPayment, TopUpState::Paid, TopUpState::PendingNetwork]
        }
        TopUpState::Credited => &[TopUpState::AwaitingPayment, TopUpState::Paid, TopUpState::Credited],
        TopUpState::Refunding => &[TopUpState::AwaitingPayment, TopUpState::Paid, TopUpState::Refunding],
        TopUpState::Refunded => &[TopUpState::Paid, TopUpState::Refunding, TopUpState::Refunded],
        TopUpState::Reversed => &[TopUpState::Paid, TopUpState::Credited, TopUpState::Reversed],
        TopUpState::Review => &[TopUpState::Paid, TopUpState::PendingNetwork, TopUpState::Review],
    };
    let history: Vec<(TopUpState, UnixMs)> =
        (0..).zip(path).map(|(n, state)| (*state, sample::AT.plus_ms(n * 40_000))).collect();
    let arrived = matches!(state, TopUpState::Credited | TopUpState::Reversed);
    let values = SentenceValues {
        state,
        amount: sample::gbp(if arrived { 1100 } else { 1030 }),
        bundle: None,
        answer_by: Some(sample::AT.plus_ms(900_000)),
        reference: Some("RF-4H8TQ".into()),
        returned_at: Some(sample::AT),
        provider: None,
        zone: sample::ZONE.into(),
    };
    OrderState {
        code: sample::CODE.into(),
        state,
        moving: state.is_moving(),
        every: match state {
            TopUpState::Credited | TopUpState::Reversed => None,
            TopUpState::Refunded | TopUpState::Cancelled | TopUpState::Review => Some(30),
            TopUpState::AwaitingPayment
            | TopUpState::CheckingPayment
            | TopUpState::Paid
            | TopUpState::PendingNetwork
            | TopUpState::Refunding => Some(2),
        },
        seen: format!("{state}.1"),
        values,
        moments: Moment::all(&history),
        payment_url: (state == TopUpState::AwaitingPayment).then(|| "https://pay.example/s/1?a=b&c=d".into()),
        retry: state == TopUpState::Cancelled,
        cancel: state == TopUpState::AwaitingPayment,
        receipt: !matches!(
            state,
            TopUpState::AwaitingPayment | TopUpState::CheckingPayment | TopUpState::Cancelled
        ),
        surplus: None,
        receipt_mail: None,
        problem: None,
        refund_reason: None,
        refunds: if matches!(state, TopUpState::Refunding | TopUpState::Refunded) {
            vec!["RF-4H8TQ".into()]
        } else {
            Vec::new()
        },
        review: None,
        contact: None,
        again: state == TopUpState::Credited,
    }
}
