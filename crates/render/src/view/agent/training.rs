//! The end of a sale in training: what would have been sold, on a slip that is worth nothing.

use super::CounterFrame;
use super::sale::TenderShown;
use crate::view::{View, sample};
use domain::money::Money;
use domain::tender::Tender;
use domain::time::UnixMs;
use serde::Serialize;

/// What was pretended.
#[derive(Debug, Clone, Serialize)]
pub struct CounterTrained {
    pub counter: CounterFrame,
    pub offer_name: String,
    pub last4: String,
    pub total: Money,
    pub tenders: Vec<TenderShown>,
    pub at: UnixMs,
    pub zone: String,
}

impl View for CounterTrained {
    const TEMPLATE: &'static str = "agent/trained.html";

    fn samples() -> Vec<CounterTrained> {
        let cash = Tender::cash(sample::gbp(1_000), Some(sample::gbp(2_000)));
        vec![CounterTrained {
            counter: CounterFrame { training: true, ..CounterFrame::sample() },
            offer_name: "Credit <10>".into(),
            last4: "3456".into(),
            total: cash.amount,
            tenders: vec![TenderShown {
                kind: cash.kind,
                amount: cash.amount,
                given: cash.given,
                change: Some(cash.change()),
            }],
            at: sample::AT,
            zone: sample::ZONE.into(),
        }]
    }
}
