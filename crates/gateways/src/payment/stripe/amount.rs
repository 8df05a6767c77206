//! Amounts between ISO 4217 minor units (ours) and Stripe's units. They differ for three currencies.
//!
//! Source: docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies", "Special cases".

use crate::payment::Unsendable;
use domain::money::{Currency, Money};
use std::cmp::Ordering;

/// Decimal digits of Stripe's unit; `None` for a currency that its table does not settle.
fn stripe_exponent(currency: Currency) -> Option<u32> {
    match currency.code() {
        // Special cases: no decimals any more, but still written with two, always 00.
        "ISK" | "UGX" => Some(2),
        // Zero-decimal. ISO gives the ariary two digits, Stripe none.
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => Some(0),
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => Some(3),
        _ if currency.exponent() == 2 => Some(2),
        _ => None,
    }
}

/// Our amount in Stripe's unit with Stripe's lower-case code, or why Stripe cannot take it.
pub(super) fn to_stripe(money: Money) -> Result<(i64, String), Unsendable> {
    let refuse = |detail: &str| Unsendable {
        code: "amount_not_payable",
        detail: format!("{} {}: {detail}", money.minor, money.currency),
    };
    let exponent = stripe_exponent(money.currency).ok_or_else(|| refuse("currency not supported"))?;
    let amount = rescale(money.minor, money.currency.exponent(), exponent)
        .ok_or_else(|| refuse("not a whole number of the provider's units"))?;
    if amount <= 0 {
        return Err(refuse("not above zero"));
    }
    if exponent == 3 && amount % 10 != 0 {
        return Err(refuse("the last of three decimals must be 0"));
    }
    Ok((amount, money.currency.code().to_ascii_lowercase()))
}

/// Stripe's amount as ours, or why it cannot be read. Nothing is ever rounded.
pub(super) fn from_stripe(amount: i64, code: &str) -> Result<Money, String> {
    let currency: Currency =
        code.to_ascii_uppercase().parse().map_err(|_| "a currency that we do not know".to_owned())?;
    let exponent =
        stripe_exponent(currency).ok_or_else(|| format!("{currency} is not in the provider's table"))?;
    let minor = rescale(amount, exponent, currency.exponent())
        .ok_or_else(|| format!("{amount} is not a whole number of minor units of {currency}"))?;
    Ok(Money::new(minor, currency))
}

/// The same amount with another number of decimals; `None` when digits would be lost.
fn rescale(amount: i64, from: u32, to: u32) -> Option<i64> {
    match from.cmp(&to) {
        Ordering::Equal => Some(amount),
        Ordering::Less => amount.checked_mul(10_i64.checked_pow(to - from)?),
        Ordering::Greater => {
            let factor = 10_i64.checked_pow(from - to)?;
            (amount % factor == 0).then_some(amount / factor)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_the_providers_units_as_its_table_says() {
        for (minor, code, amount) in [
            (1000, "GBP", 1000),
            (999, "EUR", 999),
            (5000, "HKD", 5000),
            (500, "JPY", 500),
            (500, "VND", 500),
            (500, "XOF", 500),
            (5, "ISK", 500),
            (5, "UGX", 500),
            (1000, "HUF", 1000),
            (1000, "TWD", 1000),
            (500, "MGA", 5),
            (5120, "KWD", 5120),
        ] {
            let money = Money::new(minor, code.parse().unwrap());
            assert_eq!(to_stripe(money), Ok((amount, code.to_lowercase())), "{minor} {code}");
            assert_eq!(from_stripe(amount, &code.to_lowercase()), Ok(money), "{minor} {code} back");
        }
    }

    #[test]
    fn amounts_that_would_have_to_be_rounded_are_refused() {
        for (minor, code) in
            [(5124, "KWD"), (501, "MGA"), (0, "GBP"), (-1, "GBP"), (1000, "IQD"), (i64::MAX, "ISK")]
        {
            assert!(to_stripe(Money::new(minor, code.parse().unwrap())).is_err(), "{minor} {code}");
        }
        for (amount, code) in [(550, "isk"), (1, "ugx"), (1, "???"), (1, ""), (i64::MAX, "mga")] {
            assert!(from_stripe(amount, code).is_err(), "{amount} {code}");
        }
    }

    #[test]
    fn every_exponent_of_iso_4217_that_differs_is_listed() {
        for code in
            ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XPF"]
        {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(Some(currency.exponent()), stripe_exponent(currency), "{code}");
        }
    }
}
