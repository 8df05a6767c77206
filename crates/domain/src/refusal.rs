//! Business refusals: what a person or partner can act on. Each has a stable code.

use crate::money::{Currency, Money};
use crate::msisdn::NotAnMsisdn;
use crate::offer::AmountRefused;

/// Why something was not done. Nothing was moved when one of these is answered.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
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
    #[error("the offer does not exist or is not sold here")]
    OfferUnknown,
    #[error("the amount does not fit the offer: {0}")]
    AmountRefused(AmountRefused),
    #[error("the amount is not in the line's currency")]
    CurrencyMismatch,
    /// The partner has never paid in this currency and has no credit line in it. No float is exchanged.
    #[error("you have no float in {0}, the currency of this line, and no other float is exchanged")]
    NoFloatIn(Currency),
    #[error("the price changed: it is now {}", in_words(*.now))]
    PriceChanged { now: Money },
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
            Refusal::OfferUnknown => "offer_unknown",
            Refusal::AmountRefused(AmountRefused::Currency)
            | Refusal::CurrencyMismatch
            | Refusal::NoFloatIn(_) => "currency_mismatch",
            Refusal::AmountRefused(_) => "amount_invalid",
            Refusal::PriceChanged { .. } => "price_changed",
            Refusal::QuoteLapsed => "quote_lapsed",
            Refusal::FloatInsufficient => "float_insufficient",
            Refusal::TenderNotOffered => "tender_not_offered",
            Refusal::KeyReused => "idempotency_key_reused",
            Refusal::KeyInFlight => "idempotency_key_in_flight",
            Refusal::EmailInvalid => "email_invalid",
            Refusal::OrderClosed => "order_closed",
        }
    }

    /// One of each that can be said about an order, for references; amounts are those of `example`.
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
            Refusal::OfferUnknown,
            Refusal::CurrencyMismatch,
            Refusal::NoFloatIn(example.currency),
            Refusal::PriceChanged { now: example },
            Refusal::QuoteLapsed,
            Refusal::FloatInsufficient,
            Refusal::TenderNotOffered,
            Refusal::KeyReused,
            Refusal::KeyInFlight,
            Refusal::EmailInvalid,
            Refusal::OrderClosed,
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
        assert_eq!(codes.len(), 17, "{codes:?}");
    }
}
