//! Amounts as PayPal writes them: a decimal text and a currency code. Nothing is ever rounded.
//!
//! Sources: Orders v2 `money`; developer.paypal.com/api/rest/reference/currency-codes (which currencies, and
//! which of them take no decimals).

use crate::payment::Unsendable;
use domain::money::{Currency, Money};
use serde::{Deserialize, Serialize};

/// PayPal's `money`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    currency_code: String,
    value: String,
}

/// Decimals that PayPal takes; `None` for a currency that it does not.
fn decimals(currency: Currency) -> Option<u32> {
    match currency.code() {
        "HUF" | "JPY" | "TWD" => Some(0),
        "AUD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "HKD" | "ILS" | "MXN"
        | "MYR" | "NOK" | "NZD" | "PHP" | "PLN" | "SEK" | "SGD" | "THB" | "USD" => Some(2),
        _ => None,
    }
}

impl Amount {
    /// Our amount in PayPal's writing, or why PayPal cannot take it.
    pub(super) fn asked(money: Money) -> Result<Amount, Unsendable> {
        let refuse = |detail: &str| Unsendable {
            code: "amount_not_payable",
            detail: format!("{} {}: {detail}", money.minor, money.currency),
        };
        let decimals = decimals(money.currency).ok_or_else(|| refuse("currency not supported"))?;
        if money.minor <= 0 {
            return Err(refuse("not above zero"));
        }
        let unit = 10_i64.pow(money.currency.exponent());
        let (whole, part) = (money.minor / unit, money.minor % unit);
        let value = match (decimals, part) {
            (0, 0) => whole.to_string(),
            (0, _) => return Err(refuse("the provider takes no decimals of it")),
            (_, _) => format!("{whole}.{part:02}"),
        };
        Ok(Amount { currency_code: money.currency.code().to_owned(), value })
    }

    /// PayPal's amount as ours, or why it cannot be read.
    pub(super) fn read(&self) -> Result<Money, String> {
        let currency: Currency =
            self.currency_code.parse().map_err(|_| "a currency that we do not know".to_owned())?;
        let minor = minor(&self.value, currency.exponent())
            .ok_or_else(|| format!("not a whole number of minor units of {currency}"))?;
        Ok(Money::new(minor, currency))
    }
}

/// A decimal text in minor units; `None` when it is no plain number or digits would be lost.
fn minor(value: &str, exponent: u32) -> Option<i64> {
    let exponent = usize::try_from(exponent).ok()?;
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let (kept, lost) = part.split_at(part.len().min(exponent));
    if lost.bytes().any(|b| b != b'0') {
        return None;
    }
    format!("{whole}{kept:0<exponent$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(value: &str, code: &str) -> Amount {
        Amount { currency_code: code.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn amounts_are_written_with_the_decimals_that_the_table_says() {
        for (minor, code, value) in [
            (1000, "GBP", "10.00"),
            (5, "EUR", "0.05"),
            (999_999, "CNY", "9999.99"),
            (500, "JPY", "500"),
            (50_000, "HUF", "500"),
            (50_000, "TWD", "500"),
        ] {
            let money = Money::new(minor, code.parse().unwrap());
            assert_eq!(Amount::asked(money), Ok(amount(value, code)), "{minor} {code}");
        }
        for (minor, code) in [(0, "GBP"), (-1, "GBP"), (50_001, "HUF"), (1000, "KWD"), (1000, "VND")] {
            assert!(Amount::asked(Money::new(minor, code.parse().unwrap())).is_err(), "{minor} {code}");
        }
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        for (value, code, minor) in [
            ("10.99", "USD", 1099),
            ("10", "USD", 1000),
            ("10.9", "USD", 1090),
            ("10.9900", "USD", 1099),
            ("500.00", "JPY", 500),
            ("1.250", "TND", 1250),
        ] {
            let money = Money::new(minor, code.parse().unwrap());
            assert_eq!(amount(value, code).read(), Ok(money), "{value} {code}");
        }
        for (value, code) in [
            ("10.991", "USD"),
            ("500.5", "JPY"),
            ("-1.00", "USD"),
            ("", "USD"),
            (".5", "USD"),
            ("1e3", "USD"),
            ("1,000.00", "USD"),
            ("99999999999999999999", "USD"),
            ("1.00", "usd"),
            ("1.00", "???"),
        ] {
            assert!(amount(value, code).read().is_err(), "{value} {code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_asked_for_reads_back_as_the_same_money(
            minor in 1_i64..=i64::MAX / 100,
            code in prop::sample::select(vec!["GBP", "JPY", "CNY", "HUF"]),
        ) {
            let money = Money::new(minor, code.parse().unwrap());
            if let Ok(asked) = Amount::asked(money) {
                prop_assert_eq!(asked.read(), Ok(money));
            }
        }
    }
}
