//! PayPal's decimal amounts and our whole numbers of the smallest unit
//! (developer.paypal.com/api/rest/reference/currency-codes). Start reading at [`Money::of`].

use serde_json::{Value, json};

use super::refusal::{Issue, Refusal};
use crate::hosted_page::money;

/// The currencies that PayPal takes.
const CURRENCIES: &[&str] = &[
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR",
    "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
];
/// Those without decimals.
const WHOLE: &[&str] = &["HUF", "JPY", "TWD"];
/// The most digits before the point (`MAX_VALUE_EXCEEDED` of the Orders document).
const MOST_DIGITS: usize = 15;

/// An amount in the smallest unit of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Three capital letters.
    pub currency: String,
    /// Pence, cents, yen.
    pub minor: i64,
}

impl Money {
    /// Reads `{"currency_code", "value"}` of a request; `field` is its JSON pointer.
    pub fn of(given: &Value, field: &str) -> Result<Self, Refusal> {
        let part = |name: &str| format!("{field}/{name}");
        let currency =
            given["currency_code"].as_str().ok_or_else(|| Refusal::missing(&part("currency_code")))?;
        let value = given["value"].as_str().ok_or_else(|| Refusal::missing(&part("value")))?;
        if !CURRENCIES.contains(&currency) {
            let issue =
                if currency.len() == 3 { Issue::INVALID_CURRENCY_CODE } else { Issue::INVALID_STRING_LENGTH };
            return Err(Refusal::about(issue, &part("currency_code"), currency));
        }
        let wrong = |issue: Issue| Refusal::about(issue, &part("value"), value);
        let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if value.starts_with('-') {
            return Err(wrong(Issue::CANNOT_BE_ZERO_OR_NEGATIVE));
        }
        if !digits(whole)
            || !digits(fraction)
            || (whole.is_empty() && fraction.is_empty())
            || value.ends_with('.')
        {
            return Err(wrong(Issue::INVALID_PARAMETER_SYNTAX));
        }
        let decimals = decimals(currency);
        if fraction.len() > decimals {
            return Err(wrong(Issue::DECIMAL_PRECISION));
        }
        if whole.trim_start_matches('0').len() > MOST_DIGITS {
            return Err(wrong(Issue::MAX_VALUE_EXCEEDED));
        }
        let minor: i64 = format!("{whole}{fraction:0<decimals$}")
            .parse()
            .map_err(|_| wrong(Issue::INVALID_PARAMETER_SYNTAX))?;
        Ok(Money { currency: currency.to_owned(), minor })
    }

    /// As [`Money::of`], refusing zero.
    pub fn above_zero(given: &Value, field: &str) -> Result<Self, Refusal> {
        let money = Self::of(given, field)?;
        if money.minor == 0 {
            let field = format!("{field}/value");
            return Err(Refusal::about(Issue::CANNOT_BE_ZERO_OR_NEGATIVE, &field, &money.value()));
        }
        Ok(money)
    }

    /// An amount of ours that is stored: it was checked when it came.
    pub fn stored(given: &Value) -> Result<Self, Refusal> {
        Self::of(given, "stored").map_err(|_| Refusal::internal("a stored amount cannot be read"))
    }

    /// Another amount in the same currency.
    pub fn with(&self, minor: i64) -> Self {
        Money { currency: self.currency.clone(), minor }
    }

    /// The decimal text.
    pub fn value(&self) -> String {
        if decimals(&self.currency) == 0 {
            return self.minor.to_string();
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        format!("{sign}{}.{:02}", minor / 100, minor % 100)
    }

    /// As PayPal writes it.
    pub fn json(&self) -> Value {
        json!({ "currency_code": self.currency, "value": self.value() })
    }

    /// As a page shows it.
    pub fn shown(&self) -> String {
        money::written(&self.currency, &self.value())
    }
}

fn decimals(currency: &str) -> usize {
    if WHOLE.contains(&currency) { 0 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(currency: &str, value: &str) -> Result<i64, Refusal> {
        Money::above_zero(&json!({ "currency_code": currency, "value": value }), "/amount").map(|m| m.minor)
    }

    #[test]
    fn decimals_become_the_smallest_unit_and_come_back() {
        for (currency, value, minor, back) in [
            ("GBP", "10.05", 1005, "10.05"),
            ("GBP", "10", 1000, "10.00"),
            ("GBP", "0.5", 50, "0.50"),
            ("USD", ".5", 50, "0.50"),
            ("JPY", "1005", 1005, "1005"),
        ] {
            assert_eq!(read(currency, value).unwrap(), minor, "{value}");
            assert_eq!(Money { currency: currency.to_owned(), minor }.value(), back);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (currency, value) in [
            ("GBP", "0.00"),
            ("GBP", "-1.00"),
            ("GBP", "1.005"),
            ("JPY", "1.5"),
            ("GBP", "1,00"),
            ("GBP", ""),
            ("GBP", "1."),
            ("GBP", "1000000000000000"),
            ("XXX", "1.00"),
        ] {
            assert!(read(currency, value).is_err(), "{currency} {value}");
        }
    }
}
