//! The doors to an order: its code, and the proof that the visitor may see it.

use domain::money::Money;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::{View, sample};
use crate::problem::{PageProblem, Problem};

/// Asks for the e-mail address or the last four digits. It never tells whether the order exists.
#[derive(Debug, Clone, Serialize)]
pub struct OrderProof {
    pub code: String,
    pub problem: Option<Problem>,
}

/// Asks for an order code.
#[derive(Debug, Clone, Serialize)]
pub struct OrderLookup {
    /// What was typed.
    pub code: String,
    pub problem: Option<Problem>,
    /// The orders of this browser, newest first.
    pub orders: Vec<OwnOrder>,
}

/// One order of this browser, in a list.
#[derive(Debug, Clone, Serialize)]
pub struct OwnOrder {
    pub code: String,
    pub state: TopUpState,
    /// What it costs.
    pub amount: Money,
    pub at: UnixMs,
    /// The market's time zone.
    pub zone: String,
}

impl View for OrderProof {
    const TEMPLATE: &'static str = "portal/order_proof.html";

    fn samples() -> Vec<OrderProof> {
        let locked = PageProblem::ProofLocked { until: sample::AT, zone: sample::ZONE.into() };
        [None, Some(PageProblem::ProofWrong), Some(locked), Some(PageProblem::CookiesRefused)]
            .map(|problem| OrderProof { code: sample::CODE.into(), problem: problem.map(Problem::page) })
            .into()
    }
}

impl View for OrderLookup {
    const TEMPLATE: &'static str = "portal/order_lookup.html";

    fn samples() -> Vec<OrderLookup> {
        let order = |state| OwnOrder {
            code: sample::CODE.into(),
            state,
            amount: sample::gbp(1030),
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        let code_unreadable = Some(Problem::page(PageProblem::CodeUnreadable));
        vec![
            OrderLookup { code: String::new(), problem: None, orders: Vec::new() },
            OrderLookup {
                code: String::new(),
                problem: None,
                orders: TopUpState::ALL.iter().map(|state| order(*state)).collect(),
            },
            OrderLookup {
                code: "7K2M9-\"><i>".into(),
                problem: code_unreadable,
                orders: vec![order(TopUpState::Credited)],
            },
        ]
    }
}
