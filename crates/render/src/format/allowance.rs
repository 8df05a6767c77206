//! Allowances as text. Data is counted in decimal units, as networks sell it: 1 GB is 1,000,000,000 bytes.

use domain::offer::Allowance;
use domain::unit::Unit;

use super::Formats;

const MEGA: i64 = 1_000_000;
const GIGA: i64 = 1_000_000_000;

impl Formats {
    /// The key of the text, the number that decides its plural, and the number as written.
    /// Parts that do not fill a tenth are cut off: nobody is promised more than there is.
    pub fn allowance(&self, allowance: &Allowance) -> (&'static str, i64, String) {
        let amount = allowance.amount;
        match allowance.unit {
            Unit::Octets if amount >= GIGA => {
                ("amount-gigabytes", amount / GIGA, self.tenths(amount / (GIGA / 10)))
            }
            Unit::Octets => ("amount-megabytes", amount / MEGA, self.count(amount / MEGA)),
            Unit::Seconds => ("amount-minutes", amount / 60, self.count(amount / 60)),
            Unit::Messages => ("amount-messages", amount, self.count(amount)),
            Unit::Money(currency) => {
                let money = domain::money::Money::new(amount, currency);
                ("amount-credit", amount, self.money(money))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::locale::Locale;

    use super::*;

    #[test]
    fn data_is_decimal_and_never_rounded_up() {
        let en = Formats::of(Locale::En).unwrap();
        for (unit, amount, key, shown) in [
            (Unit::Octets, 5 * GIGA, "amount-gigabytes", "5"),
            (Unit::Octets, 1_590_000_000, "amount-gigabytes", "1.5"),
            (Unit::Octets, 500 * MEGA, "amount-megabytes", "500"),
            (Unit::Octets, 999_999_999, "amount-megabytes", "999"),
            (Unit::Seconds, 60_059, "amount-minutes", "1,000"),
            (Unit::Messages, 1, "amount-messages", "1"),
        ] {
            let (found, _, written) = en.allowance(&Allowance { unit, amount });
            assert_eq!((found, written.as_str()), (key, shown), "{amount}");
        }
    }
}
