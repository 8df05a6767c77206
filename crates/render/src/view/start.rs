//! The first page: which number is topped up.

use serde::Serialize;

use super::{LineChoice, PromotionShown, View};
use crate::problem::Problem;
use domain::refusal::Refusal;

/// One country in the list beside the number.
#[derive(Debug, Clone, Serialize)]
pub struct Country {
    /// ISO 3166-1 alpha-2; its name comes in the reader's language.
    pub code: String,
    /// Calling code without `+`.
    pub dial: String,
}

/// The number form.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    pub countries: Vec<Country>,
    /// The selected country.
    pub country: String,
    /// What was typed, echoed after a problem.
    pub msisdn: String,
    pub problem: Option<Problem>,
    /// How many orders this browser has.
    pub own_orders: usize,
    /// The offer that a promotion led to; it is chosen already.
    pub offer: Option<String>,
    /// One promotion that runs in the reader's country.
    pub promotion: Option<PromotionShown>,
    /// The reader's own lines that can be topped up.
    pub own_lines: Vec<LineChoice>,
}

impl View for Start {
    const TEMPLATE: &'static str = "portal/start.html";

    fn samples() -> Vec<Start> {
        let countries: Vec<Country> = [("GB", "44"), ("HK", "852"), ("PL", "48"), ("XK", "383")]
            .map(|(code, dial)| Country { code: code.into(), dial: dial.into() })
            .into();
        let (country, msisdn) = ("GB".into(), String::new());
        let clean = Start {
            countries,
            country,
            msisdn,
            problem: None,
            own_orders: 0,
            offer: None,
            promotion: None,
            own_lines: Vec::new(),
        };
        let refused = |refusal: Refusal| Start {
            msisdn: "07400 12345 \"6\" <b>".into(),
            problem: Some(Problem::refused(&refusal)),
            ..clean.clone()
        };
        vec![
            clean.clone(),
            Start { own_orders: 2, ..clean.clone() },
            Start {
                own_lines: vec![LineChoice {
                    id: "line_1".into(),
                    label: "Mine".into(),
                    last4: "3456".into(),
                    chosen: false,
                }],
                ..clean.clone()
            },
            Start { promotion: Some(super::promotions::samples().remove(0)), ..clean.clone() },
            Start { offer: Some("gb-credit-20".into()), ..clean.clone() },
            refused(Refusal::LineUnknown),
            refused(Refusal::LinePortedOut),
        ]
    }
}
