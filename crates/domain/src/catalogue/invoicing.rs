//! The part of a market that says how its invoices are written.

use crate::invoice::{Asked, Invoicing};
use crate::money::{Currency, Money};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InvoiceText {
    series: String,
    simplified_series: String,
    credit_note_series: String,
    simplified_up_to_minor: Option<i64>,
    buyer_tax_id: Asked,
    buyer_address: Asked,
}

/// 1 to 12 of A-Z, 0-9 and -, so that a number can be read out and typed.
fn is_series(text: &str) -> bool {
    (1..=12).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
}

impl InvoiceText {
    /// `taken` takes a series and says whether it was free: two kinds or markets never number in one.
    pub(super) fn check(&self, taken: &mut impl FnMut(&str) -> bool, mut report: impl FnMut(String)) {
        for series in [&self.series, &self.simplified_series, &self.credit_note_series] {
            if !is_series(series) {
                report(format!("invoice series {series:?} must be 1 to 12 of A-Z, 0-9 and -"));
            }
            if !taken(series) {
                report(format!("invoice series {series:?} is used twice: its numbers would be doubled"));
            }
        }
        if self.simplified_up_to_minor.is_some_and(|most| most < 0) {
            report("simplified_up_to_minor is below zero".into());
        }
    }

    pub(super) fn invoicing(self, currency: Currency) -> Invoicing {
        Invoicing {
            series: self.series,
            simplified_series: self.simplified_series,
            credit_note_series: self.credit_note_series,
            simplified_up_to: self.simplified_up_to_minor.map(|minor| Money::new(minor, currency)),
            buyer_tax_id: self.buyer_tax_id,
            buyer_address: self.buyer_address,
        }
    }
}
