//! A promotion: a bonus on top of an offer, for a while, so often per line, and out of a budget.
//!
//! Start reading at [`Promotion::applies`], then [`best`]: an order gets one promotion, the one with the largest
//! bonus. What an order was promised travels with it as [`Bonus`]; that the budget holds is the ledger's business
//! ([`crate::ledger::bonus`]).

mod text;

pub(crate) use text::{Place, PromotionText, read_promotion};

use crate::id::PromotionVersionId;
use crate::locale::Locale;
use crate::money::{BasisPoints, Money};
use crate::offer::Allowance;
use crate::time::{DAY_MS, UnixMs};
use crate::unit::Unit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a promotion gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gives {
    /// A share of the value, rounded down to the minor unit, and never more than `max`.
    Percent { rate: BasisPoints, max: Money },
    /// The same money for every order.
    Fixed { bonus: Money },
    /// Data, calls or messages, in a bucket of their own.
    Allowance { allowance: Allowance },
}

/// One version of a promotion. A version that was written never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// The operator's own id, the same in all versions.
    pub id: String,
    pub version_id: PromotionVersionId,
    pub version: i64,
    pub market: String,
    pub name: BTreeMap<Locale, String>,
    /// One or two sentences for people.
    pub text: BTreeMap<Locale, String>,
    /// Ids of the offers that it applies to.
    pub offers: Vec<String>,
    pub gives: Gives,
    pub starts_at: UnixMs,
    /// The first moment in which it is over.
    pub ends_at: UnixMs,
    /// In which its dates are written (IANA).
    pub time_zone: String,
    /// How often one line can have it, ever.
    pub uses_per_line: u32,
    /// What may be given in all, in the bonus's own unit: minor units, octets, seconds, messages.
    pub budget: i64,
    /// How long a bonus lasts in a bucket of its own; without, it is plain credit.
    pub bonus_valid_for_days: Option<u32>,
    /// Position in lists.
    pub position: i64,
}

/// What one order gets from a promotion. It is stored with the order and kept, whatever becomes of the promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bonus {
    /// The promotion's id.
    pub promotion: String,
    pub version: PromotionVersionId,
    pub name: BTreeMap<Locale, String>,
    pub unit: Unit,
    pub amount: i64,
    /// Its own bucket ends after so many days; `None` is plain credit.
    pub valid_for_days: Option<u32>,
    pub uses_per_line: u32,
}

/// An order as a promotion looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub market: &'a str,
    pub offer: &'a str,
    pub value: Money,
    /// How often the line had this promotion, orders on their way included.
    pub uses: i64,
    /// What its budget can still give.
    pub left: i64,
    pub now: UnixMs,
}

/// Why an order gets no bonus from a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    NotYet,
    Ended,
    OtherMarket,
    OtherOffer,
    /// The balance of the line is kept by its network, where no bonus of ours can be given.
    KeptByNetwork,
    /// The line had it as often as it can.
    UsedUp,
    /// The bonus would be less than the smallest unit.
    TooSmall,
    /// What is left of the budget does not cover the bonus. Nobody gets a part of one.
    BudgetSpent,
}

impl WhyNot {
    /// As machines read it.
    pub fn word(self) -> &'static str {
        match self {
            WhyNot::NotYet => "not_yet",
            WhyNot::Ended => "ended",
            WhyNot::OtherMarket => "other_market",
            WhyNot::OtherOffer => "other_offer",
            WhyNot::KeptByNetwork => "kept_by_network",
            WhyNot::UsedUp => "used_up",
            WhyNot::TooSmall => "too_small",
            WhyNot::BudgetSpent => "budget_spent",
        }
    }
}

impl Promotion {
    /// The bonus on a value, as an order is promised it.
    pub fn bonus(&self, value: Money) -> Bonus {
        Bonus {
            promotion: self.id.clone(),
            version: self.version_id.clone(),
            name: self.name.clone(),
            unit: self.unit(),
            amount: self.bonus_on(value),
            valid_for_days: self.bonus_valid_for_days,
            uses_per_line: self.uses_per_line,
        }
    }

    /// The name in a language; English where a language is missing.
    pub fn name_in(&self, locale: Locale) -> &str {
        in_language(&self.name, locale).unwrap_or(&self.id)
    }

    /// What it says about itself, in a language.
    pub fn text_in(&self, locale: Locale) -> &str {
        in_language(&self.text, locale).unwrap_or("")
    }

    /// What its bonus counts.
    pub fn unit(&self) -> Unit {
        match &self.gives {
            Gives::Percent { max: money, .. } | Gives::Fixed { bonus: money } => Unit::Money(money.currency),
            Gives::Allowance { allowance } => allowance.unit,
        }
    }

    pub fn has_ended(&self, now: UnixMs) -> bool {
        self.ends_at <= now
    }

    /// The bonus on a value, whether or not there is one to be had.
    pub fn bonus_on(&self, value: Money) -> i64 {
        match &self.gives {
            Gives::Percent { rate, max } => {
                let share = i128::from(value.minor) * i128::from(rate.0) / 10_000;
                i64::try_from(share).unwrap_or(i64::MAX).clamp(0, max.minor)
            }
            Gives::Fixed { bonus } => bonus.minor,
            Gives::Allowance { allowance } => allowance.amount,
        }
    }

    /// What an order gets, or why it gets nothing.
    pub fn applies(&self, to: &Situation<'_>) -> Result<Bonus, WhyNot> {
        if self.market != to.market {
            return Err(WhyNot::OtherMarket);
        }
        if !self.offers.iter().any(|offer| offer == to.offer) {
            return Err(WhyNot::OtherOffer);
        }
        if to.now < self.starts_at {
            return Err(WhyNot::NotYet);
        }
        if self.has_ended(to.now) {
            return Err(WhyNot::Ended);
        }
        if to.uses >= i64::from(self.uses_per_line) {
            return Err(WhyNot::UsedUp);
        }
        let bonus = self.bonus(to.value);
        if bonus.amount == 0 {
            return Err(WhyNot::TooSmall);
        }
        if bonus.amount > to.left {
            return Err(WhyNot::BudgetSpent);
        }
        Ok(bonus)
    }
}

fn in_language(texts: &BTreeMap<Locale, String>, locale: Locale) -> Option<&str> {
    texts.get(&locale).or_else(|| texts.get(&Locale::En)).map(String::as_str)
}

impl Bonus {
    /// The promotion's name in a language.
    pub fn name_in(&self, locale: Locale) -> &str {
        in_language(&self.name, locale).unwrap_or(&self.promotion)
    }

    /// The bonus as money, where it is money.
    pub fn money(&self) -> Option<Money> {
        match self.unit {
            Unit::Money(currency) => Some(Money::new(self.amount, currency)),
            Unit::Octets | Unit::Seconds | Unit::Messages => None,
        }
    }

    /// The bonus as an allowance, where it is one.
    pub fn allowance(&self) -> Option<Allowance> {
        match self.unit {
            Unit::Money(_) => None,
            unit @ (Unit::Octets | Unit::Seconds | Unit::Messages) => {
                Some(Allowance { unit, amount: self.amount })
            }
        }
    }

    /// When a bonus that arrives now ends; plain credit does not.
    pub fn ends(&self, now: UnixMs) -> Option<UnixMs> {
        self.valid_for_days.map(|days| now.plus_ms(i64::from(days) * DAY_MS))
    }
}

/// The one bonus that an order gets: the largest, money before allowances (they cannot be compared), and of equal
/// ones the promotion whose id comes first.
pub fn best(bonuses: impl IntoIterator<Item = Bonus>) -> Option<Bonus> {
    bonuses.into_iter().min_by_key(|bonus| {
        (bonus.money().is_none(), std::cmp::Reverse(bonus.amount), bonus.promotion.clone())
    })
}

#[cfg(test)]
mod tests;
