//! The page of an order: where the money is, from the first second to the last.
//! [`OrderState`] is the part that changes; it is included in the page and fetched alone while things move.
//! Neither has a balance: without proof of the number a payer must not learn one.

use domain::money::Money;
use domain::offer::Benefit;
use domain::price::PriceLines;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::{View, sample};
use crate::problem::{PageProblem, Problem};
use crate::sentence::SentenceValues;

/// When the order came into a state.
#[derive(Debug, Clone, Serialize)]
pub struct Moment {
    pub state: TopUpState,
    pub at: UnixMs,
}

/// The part of the order page that changes.
#[derive(Debug, Clone, Serialize)]
pub struct OrderState {
    pub code: String,
    pub state: TopUpState,
    /// May it still change by itself? Then the page asks again.
    pub moving: bool,
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
}

/// A second payment of a paid order.
#[derive(Debug, Clone, Serialize)]
pub struct Surplus {
    pub amount: Money,
    pub reference: String,
    pub going: Going,
}

/// How far a second payment is on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Going {
    Moving,
    Returned,
    Failed,
}

/// What was bought.
#[derive(Debug, Clone, Serialize)]
pub struct Purchase {
    pub last4: String,
    pub offer_name: String,
    pub benefit: Benefit,
    pub prices: PriceLines,
    pub tax_name: String,
}

/// The whole page. Its fields lie flat, so that the included part finds its own.
#[derive(Debug, Clone, Serialize)]
pub struct Order {
    #[serde(flatten)]
    pub now: OrderState,
    pub purchase: Purchase,
    pub problem: Option<Problem>,
}

impl View for OrderState {
    const TEMPLATE: &'static str = "portal/order_state.html";

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
        for going in [Going::Moving, Going::Returned, Going::Failed] {
            let mut paid_twice = bundle.clone();
            let (amount, reference) = (sample::gbp(1030), "RF-4H8TQ".into());
            paid_twice.surplus = Some(Surplus { amount, reference, going });
            samples.push(paid_twice);
        }
        samples.push(bundle);
        let mut unpayable = stateful(TopUpState::AwaitingPayment);
        unpayable.payment_url = None;
        unpayable.retry = true;
        unpayable.cancel = false;
        samples.push(unpayable);
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
            tax_name: "VAT".into(),
        };
        let page = |now| Order { now, purchase: purchase.clone(), problem: None };
        let mut samples: Vec<Order> = OrderState::samples().into_iter().map(page).collect();
        let problem = Some(Problem::page(PageProblem::PaymentUnknown));
        samples.push(Order { problem, ..page(stateful(TopUpState::CheckingPayment)) });
        let declined = Some(Problem::page(PageProblem::CardDeclined));
        samples.push(Order { problem: declined, ..page(stateful(TopUpState::AwaitingPayment)) });
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
    let moments =
        (0..).zip(path).map(|(n, state)| Moment { state: *state, at: sample::AT.plus_ms(n * 60_000) });
    let arrived = matches!(state, TopUpState::Credited | TopUpState::Reversed);
    let values = SentenceValues {
        state,
        amount: sample::gbp(if arrived { 1100 } else { 1030 }),
        bundle: None,
        answer_by: Some(sample::AT.plus_ms(900_000)),
        reference: Some("RF-4H8TQ".into()),
        returned_at: Some(sample::AT),
        zone: sample::ZONE.into(),
    };
    OrderState {
        code: sample::CODE.into(),
        state,
        moving: state.is_moving(),
        seen: format!("{state}.1"),
        values,
        moments: moments.collect(),
        payment_url: (state == TopUpState::AwaitingPayment).then(|| "https://pay.example/s/1?a=b&c=d".into()),
        retry: state == TopUpState::Cancelled,
        cancel: state == TopUpState::AwaitingPayment,
        receipt: !matches!(
            state,
            TopUpState::AwaitingPayment | TopUpState::CheckingPayment | TopUpState::Cancelled
        ),
        surplus: None,
    }
}
