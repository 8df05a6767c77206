//! Money as text. Digits and grouping come from ICU; the symbols are CLDR's for English outside the United
//! States (en-001) and Chinese (zh), and stand before the amount in both. A letter next to a digit is kept apart
//! by a no-break space (CLDR `currencySpacing`).

use domain::locale::Locale;
use domain::money::{Currency, Money};
use icu_decimal::input::Decimal;

use super::Formats;

const NO_BREAK_SPACE: char = '\u{a0}';

/// Symbols by currency: (code, English, Chinese). A currency that is not listed is written by its code.
const SYMBOLS: &[(&str, &str, &str)] = &[
    ("AUD", "A$", "AU$"),
    ("BRL", "R$", "R$"),
    ("CAD", "CA$", "CA$"),
    ("CNY", "CN\u{a5}", "\u{a5}"),
    ("EUR", "\u{20ac}", "\u{20ac}"),
    ("GBP", "\u{a3}", "\u{a3}"),
    ("HKD", "HK$", "HK$"),
    ("ILS", "\u{20aa}", "\u{20aa}"),
    ("INR", "\u{20b9}", "\u{20b9}"),
    ("JPY", "JP\u{a5}", "JP\u{a5}"),
    ("KRW", "\u{20a9}", "\u{ffe6}"),
    ("MXN", "MX$", "MX$"),
    ("NZD", "NZ$", "NZ$"),
    ("PHP", "\u{20b1}", "\u{20b1}"),
    ("TWD", "NT$", "NT$"),
    ("USD", "US$", "US$"),
    ("VND", "\u{20ab}", "\u{20ab}"),
];

impl Formats {
    /// An amount with its symbol, or its code where there is none.
    pub fn money(&self, money: Money) -> String {
        self.with_symbol(self.symbol(money.currency), money)
    }

    /// The symbol of a currency, or its code where there is none.
    pub fn symbol(&self, currency: Currency) -> &'static str {
        let code = currency.code();
        SYMBOLS.iter().find(|(of, ..)| *of == code).map_or(code, |(_, en, zh)| match self.locale {
            Locale::En => en,
            Locale::ZhCn => zh,
        })
    }

    /// An amount with its three letters, for alphabets that lack the symbol.
    pub fn money_by_code(&self, money: Money) -> String {
        self.with_symbol(money.currency.code(), money)
    }

    /// A rate in hundredths of a percent.
    pub fn rate(&self, basis_points: u16) -> String {
        let mut rate = Decimal::from(basis_points);
        rate.multiply_pow10(-2);
        rate.absolute.trim_end();
        format!("{}%", self.number.format(&rate))
    }

    fn with_symbol(&self, symbol: &str, money: Money) -> String {
        let minus = if money.minor < 0 { "-" } else { "" };
        let mut amount = Decimal::from(money.minor.unsigned_abs());
        amount.multiply_pow10(-exponent(money.currency));
        let amount = self.number.format(&amount);
        let letter = symbol.chars().next_back().is_some_and(char::is_alphabetic);
        if letter {
            format!("{minus}{symbol}{NO_BREAK_SPACE}{amount}")
        } else {
            format!("{minus}{symbol}{amount}")
        }
    }

    pub(super) fn count(&self, count: i64) -> String {
        self.number.format(&Decimal::from(count)).to_string()
    }

    pub(super) fn tenths(&self, tenths: i64) -> String {
        let mut number = Decimal::from(tenths);
        number.multiply_pow10(-1);
        number.absolute.trim_end();
        self.number.format(&number).to_string()
    }
}

fn exponent(currency: Currency) -> i16 {
    i16::try_from(currency.exponent()).expect("ISO 4217 exponents are at most 4")
}

/// The bare number for a form field: `10.50`, or `10` where nothing follows the point.
pub fn decimal(money: Money) -> String {
    let mut amount = Decimal::from(money.minor);
    amount.multiply_pow10(-exponent(money.currency));
    amount.absolute.trim_end_if_integer();
    amount.to_string()
}

/// The bare number for a table, with all its places: `10.00`.
pub fn decimal_places(money: Money) -> String {
    let mut amount = Decimal::from(money.minor);
    amount.multiply_pow10(-exponent(money.currency));
    amount.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap())
    }

    #[test]
    fn amounts_are_written_as_each_language_writes_them() {
        let en = Formats::of(Locale::En).unwrap();
        let zh = Formats::of(Locale::ZhCn).unwrap();
        for (money, english, chinese) in [
            (of(1000, "GBP"), "\u{a3}10.00", "\u{a3}10.00"),
            (of(1000, "EUR"), "\u{20ac}10.00", "\u{20ac}10.00"),
            (of(1000, "HKD"), "HK$10.00", "HK$10.00"),
            (of(1000, "PLN"), "PLN\u{a0}10.00", "PLN\u{a0}10.00"),
            (of(1000, "CNY"), "CN\u{a5}10.00", "\u{a5}10.00"),
            (of(1000, "JPY"), "JP\u{a5}1,000", "JP\u{a5}1,000"),
            (of(1000, "USD"), "US$10.00", "US$10.00"),
            (of(1000, "KWD"), "KWD\u{a0}1.000", "KWD\u{a0}1.000"),
            (of(123_456_789, "GBP"), "\u{a3}1,234,567.89", "\u{a3}1,234,567.89"),
            (of(-30, "GBP"), "-\u{a3}0.30", "-\u{a3}0.30"),
            (of(i64::MIN, "GBP"), "-\u{a3}92,233,720,368,547,758.08", "-\u{a3}92,233,720,368,547,758.08"),
        ] {
            assert_eq!(en.money(money), english);
            assert_eq!(zh.money(money), chinese);
        }
    }

    #[test]
    fn a_form_field_gets_the_bare_number() {
        for (money, expected) in
            [(of(1000, "GBP"), "10"), (of(1050, "GBP"), "10.50"), (of(1000, "JPY"), "1000")]
        {
            assert_eq!(decimal(money), expected);
        }
    }

    #[test]
    fn rates_lose_their_idle_zeros() {
        let en = Formats::of(Locale::En).unwrap();
        for (rate, expected) in [(2000, "20%"), (550, "5.5%"), (0, "0%")] {
            assert_eq!(en.rate(rate), expected);
        }
    }
}
