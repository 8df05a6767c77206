//! The money sentence: what every channel says first about a top-up. The words stand in `states.ftl` and are
//! binding; this file only puts the values in.

use domain::money::Money;
use domain::time::UnixMs;
use domain::top_up::{TopUp, TopUpState};
use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};

use crate::format::Formats;

/// What a money sentence needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentenceValues {
    pub state: TopUpState,
    /// The credit that arrived or was taken back; in all other states what the buyer pays or gets back.
    pub amount: Money,
    /// The name of the bundle, where it was one: it arrives in place of the amount.
    pub bundle: Option<String>,
    /// Until when the buyer gets an answer.
    pub answer_by: Option<UnixMs>,
    /// The reference of the refund.
    pub reference: Option<String>,
    /// When the money went back.
    pub returned_at: Option<UnixMs>,
    /// The payment provider that is asked, where it is not the payer's bank.
    pub provider: Option<String>,
    /// The market's time zone (IANA).
    pub zone: String,
}

impl SentenceValues {
    /// The values of a top-up as it stands. `bundle` is the bundle's name, `None` for credit.
    pub fn of(top_up: &TopUp, bundle: Option<&str>, reference: Option<&str>, zone: &str) -> SentenceValues {
        let prices = &top_up.prices;
        let arrived = matches!(top_up.state, TopUpState::Credited | TopUpState::Reversed);
        let credit = if bundle.is_none() { top_up.credit().unwrap_or(prices.value) } else { prices.value };
        SentenceValues {
            state: top_up.state,
            amount: if arrived { credit } else { prices.total },
            bundle: bundle.map(str::to_owned),
            answer_by: top_up.answer_by_at,
            reference: reference.map(str::to_owned),
            returned_at: (top_up.state == TopUpState::Refunded).then_some(top_up.state_at),
            provider: None,
            zone: zone.to_owned(),
        }
    }
}

/// The key of the sentence and its values. Where a value is not known yet, the sentence leaves that clause out
/// and promises nothing.
pub(crate) fn parts(values: &SentenceValues, formats: &Formats) -> (&'static str, FluentArgs<'static>) {
    let mut args = FluentArgs::new();
    let arrived = values.bundle.clone().unwrap_or_else(|| formats.money(values.amount));
    let paid = formats.money(values.amount);
    if let Some(at) = values.answer_by {
        args.set("time", formats.moment(at, &values.zone));
    }
    if let Some(reference) = &values.reference {
        args.set("ref", reference.clone());
    }
    if let Some(at) = values.returned_at {
        args.set("date", formats.date(at, &values.zone));
    }
    let key = match values.state {
        TopUpState::AwaitingPayment => "sentence-awaiting_payment",
        TopUpState::CheckingPayment => {
            args.set("provider", values.provider.clone().unwrap_or_else(|| "bank".to_owned()));
            "sentence-checking_payment"
        }
        TopUpState::Paid => "sentence-paid",
        TopUpState::PendingNetwork if values.answer_by.is_none() => "sentence-pending_network-open",
        TopUpState::PendingNetwork => "sentence-pending_network",
        TopUpState::Credited => {
            args.set("amount", arrived);
            "sentence-credited"
        }
        TopUpState::Refunding => {
            args.set("amount", paid);
            if values.reference.is_some() { "sentence-refunding" } else { "sentence-refunding-open" }
        }
        TopUpState::Refunded => {
            args.set("amount", paid);
            if values.returned_at.is_some() { "sentence-refunded" } else { "sentence-refunded-open" }
        }
        TopUpState::Reversed => {
            args.set("amount", arrived);
            if values.reference.is_some() { "sentence-reversed" } else { "sentence-reversed-open" }
        }
        TopUpState::Cancelled => "sentence-cancelled",
        TopUpState::Review if values.answer_by.is_none() => "sentence-review-open",
        TopUpState::Review => "sentence-review",
    };
    (key, args)
}
