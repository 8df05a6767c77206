//! What the owner of an agent sees at a counter: outlets with their floats, limits, float, and statements.

use domain::agent_refusal::Refused;
use domain::commission::ProductClass;
use domain::float_request::{FloatRequestKind, FloatRequestState};
use domain::money::{Currency, Money};
use domain::outlet::{OutletEvent, OutletState};
use domain::time::UnixMs;
use serde::Serialize;

use super::float::{FloatRow, row as float_row};
use super::parts::{FloatShown, LimitsShown, OutletShown};
use crate::view::{CounterFrame, QrShown, View, sample};

/// Why something was not done: the word and the field that it is about.
type OwnerProblem = Option<(&'static str, Option<&'static str>)>;

/// An outlet in the owner's list.
#[derive(Debug, Clone, Serialize)]
pub struct OwnerOutletRow {
    pub outlet: OutletShown,
    /// The partner whose float it is.
    pub partner: String,
    pub available: Money,
    /// Is it below what the owner wants to be warned of?
    pub low: bool,
}

/// The owner's first page.
#[derive(Debug, Clone, Serialize)]
pub struct OwnerHome {
    pub counter: CounterFrame,
    pub name: String,
    pub float: FloatShown,
    pub outlets: Vec<OwnerOutletRow>,
    /// Open float requests.
    pub waiting: usize,
    /// Sales, value and commission of this month.
    pub month: (i64, Money, Money),
}

/// Asks for a new outlet.
#[derive(Debug, Clone, Serialize)]
pub struct OwnerPropose {
    pub counter: CounterFrame,
    pub key: String,
    /// What was typed; its number is not shown.
    pub outlet: OutletShown,
    pub problem: OwnerProblem,
}

/// One outlet.
#[derive(Debug, Clone, Serialize)]
pub struct OwnerOutlet {
    pub counter: CounterFrame,
    pub outlet: OutletShown,
    pub float: FloatShown,
    pub holds: LimitsShown,
    pub limits: LimitsShown,
    pub low_float: String,
    pub currency: Currency,
    /// What the owner may do.
    pub events: Vec<OutletEvent>,
    pub saved: bool,
    pub problem: OwnerProblem,
}

/// Float: what is there, the form for a bank transfer, the form that moves, and what was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct OwnerFloat {
    pub counter: CounterFrame,
    pub key: String,
    pub float: FloatShown,
    pub currency: Currency,
    /// Between which floats it can move: partner and name. The first is the agent's own.
    pub floats: Vec<(String, String, Money)>,
    pub requests: Vec<FloatRow>,
    /// Can it be filled by card? Then under this key.
    pub takes_cards: bool,
    pub card_key: String,
    /// What was typed.
    pub amount: String,
    pub reference: String,
    pub from: String,
    pub to: String,
    pub note: String,
    pub zone: String,
    pub problem: OwnerProblem,
}

/// One sale of a statement.
#[derive(Debug, Clone, Serialize)]
pub struct StatementRow {
    pub at: UnixMs,
    pub code: String,
    pub outlet: String,
    pub taken_back: bool,
    pub class: ProductClass,
    pub value: Money,
    pub float: Money,
    pub commission: Money,
    pub rule: String,
}

/// A statement of a month.
#[derive(Debug, Clone, Serialize)]
pub struct OwnerStatement {
    pub counter: CounterFrame,
    pub month: String,
    pub months: Vec<String>,
    pub sales: i64,
    pub value: Money,
    pub commission: Money,
    pub rows: Vec<StatementRow>,
    pub next: Option<String>,
    pub zone: String,
}

/// The same as a file.
#[derive(Debug, Clone, Serialize)]
pub struct StatementCsv {
    pub rows: Vec<StatementRow>,
    /// The most rows that a file has, when there are more.
    pub cut_at: Option<usize>,
    pub zone: String,
}

fn outlet_row(state: OutletState, low: bool) -> OwnerOutletRow {
    OwnerOutletRow {
        outlet: OutletShown::sample(state),
        partner: "pt_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        available: sample::gbp(1250),
        low,
    }
}

impl View for OwnerHome {
    const TEMPLATE: &'static str = "agent/owner.html";

    fn samples() -> Vec<OwnerHome> {
        let home = OwnerHome {
            counter: CounterFrame::sample(),
            name: "Sol & Söhne <Trading>".into(),
            float: FloatShown::sample(),
            outlets: OutletState::ALL.iter().map(|s| outlet_row(*s, *s == OutletState::Open)).collect(),
            waiting: 2,
            month: (17, sample::gbp(25_000), sample::gbp(500)),
        };
        vec![OwnerHome { outlets: Vec::new(), waiting: 0, ..home.clone() }, home]
    }
}

impl View for OwnerPropose {
    const TEMPLATE: &'static str = "agent/owner_propose.html";

    fn samples() -> Vec<OwnerPropose> {
        let form = OwnerPropose {
            counter: CounterFrame::sample(),
            key: "0123456789abcdef".into(),
            outlet: OutletShown::sample(OutletState::Proposed),
            problem: None,
        };
        let wrong = Some(("agent_facts_unfit", Some("name")));
        vec![OwnerPropose { problem: wrong, ..form.clone() }, form]
    }
}

impl View for OwnerOutlet {
    const TEMPLATE: &'static str = "agent/owner_outlet.html";

    fn samples() -> Vec<OwnerOutlet> {
        let stops = |event: &OutletEvent| matches!(event, OutletEvent::Suspend | OutletEvent::Close);
        let page = |state: OutletState| OwnerOutlet {
            counter: CounterFrame::sample(),
            outlet: OutletShown::sample(state),
            float: FloatShown::sample(),
            holds: LimitsShown { outlet_day: "900.00".into(), ..LimitsShown::default() },
            limits: LimitsShown::default(),
            low_float: "50.00".into(),
            currency: sample::gbp(0).currency,
            events: state.events().filter(stops).collect(),
            saved: state == OutletState::Open,
            problem: None,
        };
        let mut samples: Vec<OwnerOutlet> = OutletState::ALL.iter().map(|state| page(*state)).collect();
        let problem = Some(("agent_amount_unfit", Some("per_sale")));
        samples.push(OwnerOutlet { problem, ..page(OutletState::Open) });
        samples
    }
}

impl View for OwnerFloat {
    const TEMPLATE: &'static str = "agent/owner_float.html";

    fn samples() -> Vec<OwnerFloat> {
        let page = OwnerFloat {
            counter: CounterFrame::sample(),
            key: "0123456789abcdef".into(),
            float: FloatShown::sample(),
            currency: sample::gbp(0).currency,
            floats: vec![
                ("pt_1".into(), "Sol & Söhne <Trading>".into(), sample::gbp(62_000)),
                ("pt_2".into(), "Sol 1".into(), sample::gbp(1250)),
            ],
            requests: FloatRequestState::ALL.iter().map(|state| float_row(*state)).collect(),
            takes_cards: true,
            card_key: "fedcba9876543210".into(),
            amount: String::new(),
            reference: String::new(),
            from: String::new(),
            to: String::new(),
            note: String::new(),
            zone: sample::ZONE.into(),
            problem: None,
        };
        let by_card = FloatRow { kind: FloatRequestKind::Card, ..float_row(FloatRequestState::Asked) };
        let none = OwnerFloat { requests: Vec::new(), takes_cards: false, ..page.clone() };
        let mut samples = vec![page.clone(), OwnerFloat { requests: vec![by_card], ..page.clone() }, none];
        samples.extend(Refused::ALL.iter().map(|refused| OwnerFloat {
            amount: "\"<i>".into(),
            problem: Some((refused.as_str(), Some("amount"))),
            ..page.clone()
        }));
        samples
    }
}

/// A payment by card into the own float, on its way and at its end.
#[derive(Debug, Clone, Serialize)]
pub struct FloatByCard {
    pub counter: CounterFrame,
    pub id: String,
    pub amount: Money,
    /// `preparing`, `open`, `checking`, `paid` or `closed`.
    pub state: &'static str,
    /// Where the card pays, while it can.
    pub url: Option<String>,
    /// The same for a phone.
    pub qr: Option<QrShown>,
}

impl View for FloatByCard {
    const TEMPLATE: &'static str = "agent/float_by_card.html";

    fn samples() -> Vec<FloatByCard> {
        let of = |state: &'static str| FloatByCard {
            counter: CounterFrame::sample(),
            id: "flr_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            amount: sample::gbp(50_000),
            state,
            url: (state == "open").then(|| "https://pay.example/c/1?a=b&c=<d>".into()),
            qr: (state == "open").then(QrShown::sample),
        };
        ["preparing", "open", "checking", "paid", "closed"].map(of).into()
    }
}

fn statement_rows() -> Vec<StatementRow> {
    let row = |taken_back: bool, class| {
        let sign = if taken_back { -1 } else { 1 };
        StatementRow {
            at: sample::AT,
            code: sample::CODE.into(),
            outlet: "100001".into(),
            taken_back,
            class,
            value: sample::gbp(sign * 1000),
            float: sample::gbp(-sign * 1030),
            commission: sample::gbp(sign * 20),
            rule: "standard v3 credit from 0: 200".into(),
        }
    };
    vec![row(false, ProductClass::Credit), row(true, ProductClass::Bundle)]
}

impl View for OwnerStatement {
    const TEMPLATE: &'static str = "agent/owner_statement.html";

    fn samples() -> Vec<OwnerStatement> {
        let page = OwnerStatement {
            counter: CounterFrame::sample(),
            month: "2026-11".into(),
            months: vec!["2026-11".into(), "2026-10".into()],
            sales: 2,
            value: sample::gbp(0),
            commission: sample::gbp(0),
            rows: statement_rows(),
            next: Some("tu_1".into()),
            zone: sample::ZONE.into(),
        };
        vec![OwnerStatement { rows: Vec::new(), next: None, ..page.clone() }, page]
    }
}

impl View for StatementCsv {
    const TEMPLATE: &'static str = "agent/statement.csv";

    fn samples() -> Vec<StatementCsv> {
        let zone = sample::ZONE.to_owned();
        vec![
            StatementCsv { rows: statement_rows(), cut_at: None, zone: zone.clone() },
            StatementCsv { rows: statement_rows(), cut_at: Some(10_000), zone },
        ]
    }
}
