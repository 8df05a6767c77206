//! A slip joins the account: the form for its code, and what became of it.

use serde::Serialize;

use crate::problem::{PageProblem, Problem};
use crate::view::{View, sample};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimPage {
    /// What was typed.
    pub code: String,
    /// The order that is in the account now.
    pub done: Option<String>,
    /// Must its number be proved first?
    pub unproved: bool,
    pub problem: Option<Problem>,
}

impl View for ClaimPage {
    const TEMPLATE: &'static str = "me/claim.html";

    fn samples() -> Vec<ClaimPage> {
        let of = |problem: Option<Problem>| ClaimPage {
            code: sample::CODE.into(),
            done: None,
            unproved: false,
            problem,
        };
        let locked = PageProblem::ProofLocked { until: sample::AT, zone: sample::ZONE.into() };
        vec![
            of(None),
            of(Some(Problem::page(PageProblem::CodeUnreadable))),
            of(Some(Problem::page(PageProblem::ClaimUnknown))),
            of(Some(Problem::page(PageProblem::ClaimElsewhere))),
            of(Some(Problem::page(locked))),
            ClaimPage { unproved: true, ..of(None) },
            ClaimPage { done: Some(sample::CODE.into()), ..of(None) },
        ]
    }
}
