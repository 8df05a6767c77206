//! Price lines: what a buyer pays and gets, the same in page, API, receipt and ledger.

use crate::locale::Locale;
use crate::money::{BasisPoints, Money, MoneyError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One tax of a market: its name and rate. Several are each taken on the price without tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    pub name: BTreeMap<Locale, String>,
    pub rate: BasisPoints,
}

impl Tax {
    /// What it is called in a language; the English name where a language is missing.
    pub fn name_in(&self, locale: Locale) -> &str {
        self.name.get(&locale).or_else(|| self.name.get(&Locale::En)).map_or("", String::as_str)
    }
}

/// All taxes together.
pub fn tax_rate(taxes: &[Tax]) -> BasisPoints {
    BasisPoints(taxes.iter().fold(0, |sum: u16, tax| sum.saturating_add(tax.rate.0)))
}

/// One tax of a price, with its part of the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxLine<'a> {
    pub tax: &'a Tax,
    pub amount: Money,
}

/// The lines of one price, all in one currency. `total = value + fee`; tax is contained in the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceLines {
    /// Face value of the credit, or the price of the bundle.
    pub value: Money,
    /// Credit on top that the buyer does not pay.
    pub bonus: Money,
    pub fee: Money,
    /// Tax contained in `total`.
    pub tax: Money,
    pub tax_rate: BasisPoints,
    /// What the buyer pays.
    pub total: Money,
}

impl PriceLines {
    /// Adds up the lines.
    pub fn of(
        value: Money,
        bonus: Money,
        fee: Money,
        tax_rate: BasisPoints,
    ) -> Result<PriceLines, MoneyError> {
        let total = value.plus(fee)?;
        bonus.plus(total)?;
        Ok(PriceLines { value, bonus, fee, tax: total.tax_included(tax_rate), tax_rate, total })
    }

    /// The same where only the fee is taxed now, because the value is taxed when it is used.
    pub fn without_tax_on_value(self) -> PriceLines {
        let tax_rate = if self.fee.is_zero() { BasisPoints(0) } else { self.tax_rate };
        PriceLines { tax: self.fee.tax_included(tax_rate), tax_rate, ..self }
    }

    /// The tax, divided among `taxes` by their rates. Parts are rounded down to the minor unit; what is left over
    /// goes one by one to the largest remainders, and of equal ones to the first. So the lines add up to the tax.
    pub fn tax_lines<'a>(&self, taxes: &'a [Tax]) -> Vec<TaxLine<'a>> {
        let sum = i128::from(self.tax_rate.0);
        if sum == 0 || tax_rate(taxes) != self.tax_rate {
            return Vec::new();
        }
        let parts = taxes.iter().filter(|tax| tax.rate.0 > 0).map(|tax| {
            let exact = i128::from(self.tax.minor) * i128::from(tax.rate.0);
            (tax, exact / sum, exact % sum)
        });
        let parts: Vec<(&Tax, i128, i128)> = parts.collect();
        let mut missing = i128::from(self.tax.minor) - parts.iter().map(|(_, part, _)| part).sum::<i128>();
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.sort_by_key(|index| std::cmp::Reverse(parts[*index].2));
        let mut lines: Vec<i128> = parts.iter().map(|(_, part, _)| *part).collect();
        for index in by_remainder {
            let one = missing.min(1);
            lines[index] += one;
            missing -= one;
        }
        let line = |(tax, minor): (&'a Tax, i128)| TaxLine {
            tax,
            amount: Money::new(i64::try_from(minor).unwrap_or(i64::MAX), self.tax.currency),
        };
        parts.iter().map(|(tax, ..)| *tax).zip(lines).map(line).collect()
    }

    /// The credit that arrives on the line when this is a price of credit.
    pub fn credit(&self) -> Result<Money, MoneyError> {
        self.value.plus(self.bonus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(total: i64, rates: &[u16]) -> (PriceLines, Vec<Tax>) {
        let taxes: Vec<Tax> =
            rates.iter().map(|rate| Tax { name: BTreeMap::new(), rate: BasisPoints(*rate) }).collect();
        let gbp = |minor| Money::new(minor, "GBP".parse().unwrap());
        (PriceLines::of(gbp(total), gbp(0), gbp(0), tax_rate(&taxes)).unwrap(), taxes)
    }

    fn amounts(total: i64, rates: &[u16]) -> Vec<i64> {
        let (prices, taxes) = lines(total, rates);
        prices.tax_lines(&taxes).iter().map(|line| line.amount.minor).collect()
    }

    #[test]
    fn the_tax_is_divided_by_rates_and_what_is_left_over_goes_to_the_largest_remainder() {
        assert_eq!(amounts(1200, &[2000]), [200]);
        // 130 of tax at 5 % and 8 %: exactly 50 and 80.
        assert_eq!(amounts(1130, &[500, 800]), [50, 80]);
        // 115 at 5 % and 9.975 %: 38.39… and 76.60…, the second gets the one that is left.
        assert_eq!(amounts(883, &[500, 998]), [38, 77]);
        assert_eq!(amounts(1000, &[0]), [0i64; 0], "no line for no tax");
    }

    proptest! {
        #[test]
        fn the_tax_lines_add_up_to_the_tax(
            total in 1i64..100_000_000, rates in prop::collection::vec(0u16..3000, 0..5)
        ) {
            let (prices, taxes) = lines(total, &rates);
            let sum: i64 = prices.tax_lines(&taxes).iter().map(|line| line.amount.minor).sum();
            prop_assert_eq!(sum, prices.tax.minor);
            for line in prices.tax_lines(&taxes) {
                let exact = i128::from(prices.tax.minor) * i128::from(line.tax.rate.0);
                let off = (i128::from(line.amount.minor) * i128::from(prices.tax_rate.0) - exact).abs();
                prop_assert!(off < i128::from(prices.tax_rate.0), "a line is off by a whole unit");
            }
        }
    }
}
