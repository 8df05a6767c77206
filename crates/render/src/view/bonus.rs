//! What a promotion gives to one order: a line of its price, wherever prices stand.

use domain::locale::Locale;
use domain::money::Money;
use domain::offer::Allowance;
use domain::promotion::Bonus;
use serde::Serialize;

/// A bonus with the name of its promotion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BonusShown {
    pub name: String,
    pub money: Option<Money>,
    /// What is given, where it is no money.
    pub allowance: Option<Allowance>,
    /// How long it lasts, where it has an end of its own.
    pub days: Option<u32>,
}

impl BonusShown {
    /// The bonus in the reader's language.
    pub fn of(bonus: &Bonus, locale: Locale) -> BonusShown {
        BonusShown {
            name: bonus.name_in(locale).to_owned(),
            money: bonus.money(),
            allowance: bonus.allowance(),
            days: bonus.valid_for_days,
        }
    }
}
