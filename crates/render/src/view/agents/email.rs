//! The mail that warns an agent of a low float at one of its outlets.

use domain::money::Money;
use serde::Serialize;

use crate::view::EmailView;
use crate::view::sample;

/// Less is left than the owner said.
#[derive(Debug, Clone, Serialize)]
pub struct FloatLowEmail {
    pub outlet: String,
    pub number: String,
    pub left: Money,
    pub low: Money,
    /// Where the float is filled.
    pub url: String,
}

impl EmailView for FloatLowEmail {
    const TEXT: &'static str = "email/float_low/text.txt";
    const PAGE: &'static str = "email/float_low/page.html";

    fn samples() -> Vec<FloatLowEmail> {
        vec![FloatLowEmail {
            outlet: "Sol Electronics".into(),
            number: "100001".into(),
            left: sample::gbp(1250),
            low: sample::gbp(5000),
            url: "https://luma.example/agent/owner/float".into(),
        }]
    }
}
