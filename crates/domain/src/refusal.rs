//! Business refusals: what a person or partner can act on. Each has a stable code.

use crate::counter::CounterRefusal;
use crate::money::{Currency, Money};
use crate::msisdn::NotAnMsisdn;
use crate::offer::AmountRefused;
use crate::risk::Mark;
use crate::time::UnixMs;

/// Why something was not done. Nothing was moved when one of these is answered.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Refusal {
    #[error("{}", unusable(*.0))]
    NumberInvalid(#[from] NotAnMsisdn),
    #[error("the number does not belong to this operator")]
    LineUnknown,
    #[error("the line cannot be topped up: it is barred")]
    LineBarred,
    #[error("the line cannot be topped up: it was closed")]
    LineClosed,
    #[error("the line cannot be topped up: its number moved to another operator")]
    LinePortedOut,
    /// Its balance is kept by a host network, and none is set up here: nobody could give what is paid.
    #[error("the line cannot be topped up: the network that keeps its balance is not connected")]
    NetworkNotConnected,
    #[error("the offer does not exist or is not sold here")]
    OfferUnknown,
    #[error("the offer is sold from {} on", .from.rfc3339())]
    OfferNotYet { from: UnixMs },
    #[error("the offer was sold until {}", .until.rfc3339())]
    OfferEnded { until: UnixMs },
    #[error("the amount does not fit the offer: {0}")]
    AmountRefused(AmountRefused),
    #[error("the amount is not in the line's currency")]
    CurrencyMismatch,
    /// The partner has never paid in this currency and has no credit line in it. No float is exchanged.
    #[error("you have no float in {0}, the currency of this line, and no other float is exchanged")]
    NoFloatIn(Currency),
    #[error("the price changed: it is now {}", in_words(*.now))]
    PriceChanged { now: Money },
    /// The total is what it was, and the bonus that the buyer was shown is not to be had any more.
    #[error(
        "the bonus of the promotion is not the one that was shown any more: its budget, its time or the line's uses \
         are over; the total is still {}",
        in_words(*.total)
    )]
    BonusChanged { total: Money },
    #[error("the quote is unknown or lapsed")]
    QuoteLapsed,
    #[error("the float does not cover the total")]
    FloatInsufficient,
    #[error("this tender is not offered here")]
    TenderNotOffered,
    #[error("the same idempotency key was used with another body")]
    KeyReused,
    #[error("a request with this idempotency key is still in flight")]
    KeyInFlight,
    #[error("the e-mail address cannot be read")]
    EmailInvalid,
    #[error("the order can no longer be paid or changed")]
    OrderClosed,
    #[error("too many top-ups with one {mark} in a day; again from {}", until.rfc3339())]
    TooManyTopUps { mark: Mark, until: UnixMs },
    #[error("too many payments were tried and declined; again from {}", until.rfc3339())]
    TooManyTries { until: UnixMs },
    /// Credit that was used is not taken back.
    #[error("the credit was used: {left} of {given} is left ({unit}, in its smallest part)")]
    CreditSpent { left: i64, given: i64, unit: String },
    #[error("the time in which this top-up could be reversed is over")]
    TooLateToReverse,
    #[error(
        "it cannot be taken back: the host network has it, or it carried over the rest of an earlier bundle"
    )]
    NotReversible,
    /// Something at the counter, where it is sold over one.
    #[error(transparent)]
    Counter(#[from] CounterRefusal),
}

impl Refusal {
    /// The code that machines read; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NumberInvalid(NotAnMsisdn::Landline) => "number_landline",
            Refusal::NumberInvalid(NotAnMsisdn::Unreadable | NotAnMsisdn::Invalid) => "number_invalid",
            Refusal::LineUnknown => "line_unknown",
            Refusal::LineBarred => "line_barred",
            Refusal::LineClosed => "line_closed",
            Refusal::LinePortedOut => "line_ported_out",
            Refusal::NetworkNotConnected => "network_not_connected",
            Refusal::OfferUnknown => "offer_unknown",
            Refusal::OfferNotYet { .. } | Refusal::OfferEnded { .. } => "offer_not_on_sale",
            Refusal::AmountRefused(AmountRefused::Currency)
            | Refusal::CurrencyMismatch
            | Refusal::NoFloatIn(_) => "currency_mismatch",
            Refusal::AmountRefused(_) => "amount_invalid",
            Refusal::PriceChanged { .. } | Refusal::BonusChanged { .. } => "price_changed",
            Refusal::QuoteLapsed => "quote_lapsed",
            Refusal::FloatInsufficient => "float_insufficient",
            Refusal::TenderNotOffered => "tender_not_offered",
            Refusal::KeyReused => "idempotency_key_reused",
            Refusal::KeyInFlight => "idempotency_key_in_flight",
            Refusal::EmailInvalid => "email_invalid",
            Refusal::OrderClosed => "order_closed",
            Refusal::TooManyTopUps { .. } => "too_many_top_ups",
            Refusal::TooManyTries { .. } => "too_many_tries",
            Refusal::CreditSpent { .. } => "credit_spent",
            Refusal::TooLateToReverse => "too_late_to_reverse",
            Refusal::NotReversible => "not_reversible",
            Refusal::Counter(refusal) => refusal.code(),
        }
    }

    /// One of each that can be said about an order besides what is wrong at a counter
    /// ([`CounterRefusal::examples`]), for references; amounts are those of `example`.
    pub fn examples(example: Money) -> Vec<Refusal> {
        use AmountRefused::{Currency, Fixed, Missing, OutOfRange};
        let numbers = [NotAnMsisdn::Unreadable, NotAnMsisdn::Invalid, NotAnMsisdn::Landline];
        let amounts = [Missing, Fixed, OutOfRange, Currency];
        let numbers = numbers.into_iter().map(Refusal::NumberInvalid);
        let amounts = amounts.into_iter().map(Refusal::AmountRefused);
        let plain = [
            Refusal::LineUnknown,
            Refusal::LineBarred,
            Refusal::LineClosed,
            Refusal::LinePortedOut,
            Refusal::NetworkNotConnected,
            Refusal::OfferUnknown,
            Refusal::OfferNotYet { from: UnixMs(0) },
            Refusal::OfferEnded { until: UnixMs(0) },
            Refusal::CurrencyMismatch,
            Refusal::NoFloatIn(example.currency),
            Refusal::PriceChanged { now: example },
            Refusal::BonusChanged { total: example },
            Refusal::QuoteLapsed,
            Refusal::FloatInsufficient,
            Refusal::TenderNotOffered,
            Refusal::KeyReused,
            Refusal::KeyInFlight,
            Refusal::EmailInvalid,
            Refusal::OrderClosed,
            Refusal::TooManyTopUps { mark: Mark::Line, until: UnixMs(1_700_000_000_000) },
            Refusal::TooManyTries { until: UnixMs(1_700_000_000_000) },
            Refusal::CreditSpent { left: 250, given: 1000, unit: example.currency.to_string() },
            Refusal::TooLateToReverse,
            Refusal::NotReversible,
        ];
        numbers.chain(amounts).chain(plain).collect()
    }
}

/// What is wrong with a number, and how to write one.
fn unusable(why: NotAnMsisdn) -> &'static str {
    match why {
        NotAnMsisdn::Unreadable => {
            "this is no phone number: write it in E.164 with its country code, for example 447400123456"
        }
        NotAnMsisdn::Invalid => {
            "no number of its country is like this: write it in E.164 with its country code, for example \
             447400123456"
        }
        NotAnMsisdn::Landline => "this is a landline number: only mobile lines are topped up",
    }
}

/// An amount as developers read it, in whole units and the decimals of its currency: `GBP 10.00`.
fn in_words(money: Money) -> String {
    let Money { minor, currency } = money;
    let sign = if minor < 0 { "-" } else { "" };
    let unit = 10_u64.pow(currency.exponent());
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    match usize::try_from(currency.exponent()) {
        Ok(decimals @ 1..) => format!("{currency} {sign}{whole}.{rest:0decimals$}"),
        Ok(0) | Err(_) => format!("{currency} {sign}{whole}"),
    }
}

impl From<AmountRefused> for Refusal {
    fn from(refused: AmountRefused) -> Refusal {
        Refusal::AmountRefused(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn money(minor: i64, currency: &str) -> Money {
        Money::new(minor, currency.parse().unwrap())
    }

    #[test]
    fn a_changed_price_is_told_in_words() {
        for (now, said) in [
            (money(1000, "GBP"), "the price changed: it is now GBP 10.00"),
            (money(5, "GBP"), "the price changed: it is now GBP 0.05"),
            (money(500, "JPY"), "the price changed: it is now JPY 500"),
            (money(1234, "KWD"), "the price changed: it is now KWD 1.234"),
        ] {
            assert_eq!(Refusal::PriceChanged { now }.to_string(), said);
        }
    }

    #[test]
    fn no_refusal_tells_how_it_is_written_in_code() {
        for refusal in Refusal::examples(money(1000, "GBP")) {
            let said = refusal.to_string();
            assert!(!said.contains(['{', '}', '"']) && !said.contains("::"), "{said}");
        }
    }

    #[test]
    fn the_examples_have_every_code() {
        let codes: BTreeSet<&str> = Refusal::examples(money(1000, "GBP")).iter().map(Refusal::code).collect();
        // As many as `code` knows: a new one belongs into the examples and here.
        assert_eq!(codes.len(), 24, "{codes:?}");
    }
}
