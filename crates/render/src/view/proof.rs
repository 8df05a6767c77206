//! The doors to an order: its code, and the proof that the visitor may see it.

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
}

impl View for OrderProof {
    const TEMPLATE: &'static str = "portal/order_proof.html";

    fn samples() -> Vec<OrderProof> {
        let locked = PageProblem::ProofLocked { until: sample::AT, zone: sample::ZONE.into() };
        [None, Some(PageProblem::ProofWrong), Some(locked)]
            .map(|problem| OrderProof { code: sample::CODE.into(), problem: problem.map(Problem::page) })
            .into()
    }
}

impl View for OrderLookup {
    const TEMPLATE: &'static str = "portal/order_lookup.html";

    fn samples() -> Vec<OrderLookup> {
        vec![
            OrderLookup { code: String::new(), problem: None },
            OrderLookup {
                code: "7K2M9-\"><i>".into(),
                problem: Some(Problem::page(PageProblem::CodeUnreadable)),
            },
        ]
    }
}
