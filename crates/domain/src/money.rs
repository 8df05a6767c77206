//! Money: exact minor units with their currency. Nothing here ever touches a float.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency, written as its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

/// The text is not an ISO 4217 alphabetic code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an ISO 4217 currency code")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// The three upper-case letters, for example `GBP`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits the minor unit has (ISO 4217): 2 for GBP, 0 for JPY.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        iso_currency::Currency::from_code(text).map(Currency).ok_or_else(|| UnknownCurrency(text.to_owned()))
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An exact amount in minor units (pence, cents) of one currency. May be negative only as a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    #[serde(rename = "amount_minor")]
    pub minor: i64,
    pub currency: Currency,
}

/// Why two amounts could not be combined.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoneyError {
    #[error("{0} and {1} cannot be combined")]
    MixedCurrencies(Currency, Currency),
    #[error("the amount does not fit")]
    Overflow,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum, refused when the currencies differ or the amount overflows.
    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference, refused when the currencies differ or the amount overflows.
    pub fn minus(self, other: Money) -> Result<Money, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Money, with: fn(i64, i64) -> Option<i64>) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        let minor = with(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, currency: self.currency })
    }

    /// Reads an amount in major units as people type it: digits, perhaps `.` or `,` and at most as many
    /// decimals as the currency has. No sign, no grouping.
    pub fn parse_decimal(text: &str, currency: Currency) -> Option<Money> {
        let (whole, fraction) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), ""));
        let exponent = usize::try_from(currency.exponent()).ok()?;
        let digits_only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits_only(whole) || !digits_only(fraction) || fraction.len() > exponent {
            return None;
        }
        let minor = format!("{whole}{fraction:0<exponent$}").parse().ok()?;
        Some(Money { minor, currency })
    }

    /// The tax contained in this gross amount at `rate`, rounded half up to the minor unit.
    pub fn tax_included(self, rate: BasisPoints) -> Money {
        let gross = i128::from(self.minor);
        let rate = i128::from(rate.0);
        let divisor = 10_000 + rate;
        let tax = (2 * gross * rate + divisor) / (2 * divisor);
        Money { minor: i64::try_from(tax).unwrap_or(i64::MAX), currency: self.currency }
    }
}

/// A rate in hundredths of a percent: 2000 is 20 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    #[test]
    fn mixed_currencies_are_refused() {
        let eur = Money::new(1, "EUR".parse().unwrap());
        assert!(matches!(gbp(1).plus(eur), Err(MoneyError::MixedCurrencies(..))));
    }

    #[test]
    fn overflow_is_refused() {
        assert_eq!(gbp(i64::MAX).plus(gbp(1)), Err(MoneyError::Overflow));
    }

    #[test]
    fn tax_is_taken_out_of_the_gross_amount_and_rounded_half_up() {
        for (gross, rate, tax) in
            [(1000, 2000, 167), (1200, 2000, 200), (1000, 0, 0), (1, 2000, 0), (3, 2000, 1)]
        {
            assert_eq!(gbp(gross).tax_included(BasisPoints(rate)), gbp(tax), "{gross} at {rate}");
        }
    }

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        for (text, minor) in
            [("10", Some(1000)), ("10.5", Some(1050)), (" 0,05 ", Some(5)), ("007.00", Some(700))]
        {
            assert_eq!(Money::parse_decimal(text, "GBP".parse().unwrap()).map(|m| m.minor), minor, "{text}");
        }
        for text in ["", ".", ".5", "-1", "1e3", "1.234", "1,000.00", "\u{ff11}", "99999999999999999999"] {
            assert_eq!(Money::parse_decimal(text, "GBP".parse().unwrap()), None, "{text}");
        }
        assert_eq!(Money::parse_decimal("500", "JPY".parse().unwrap()).map(|m| m.minor), Some(500));
    }

    #[test]
    fn exponents_come_from_the_currency() {
        assert_eq!("JPY".parse::<Currency>().unwrap().exponent(), 0);
        assert_eq!("HKD".parse::<Currency>().unwrap().exponent(), 2);
    }
}
