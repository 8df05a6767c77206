//! An offer: what can be bought, in versions that never change once sold.

use crate::id::OfferVersionId;
use crate::locale::Locale;
use crate::money::{BasisPoints, Money, MoneyError};
use crate::price::PriceLines;
use crate::top_up::Channel;
use crate::unit::Unit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One allowance of a bundle: so many octets, seconds or messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    pub unit: Unit,
    pub amount: i64,
}

/// What the buyer gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Benefit {
    /// Money on the line.
    Credit,
    /// Allowances, each in a bucket that ends after so many days.
    Bundle { allowances: Vec<Allowance>, valid_for_days: u32 },
}

/// What it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Pricing {
    Fixed {
        value: Money,
    },
    /// The buyer names the amount, in steps.
    Range {
        min: Money,
        max: Money,
        step_minor: i64,
    },
}

/// One version of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The operator's own id of the offer, the same in all versions.
    pub id: String,
    pub version_id: OfferVersionId,
    pub version: i64,
    pub market: String,
    pub name: BTreeMap<Locale, String>,
    pub benefit: Benefit,
    pub pricing: Pricing,
    pub bonus_minor: i64,
    pub fee_minor: i64,
    pub tax_rate: BasisPoints,
    pub channels: Vec<Channel>,
    /// Position in lists.
    pub position: i64,
}

/// Why an amount does not fit an offer.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum AmountRefused {
    #[error("this offer needs an amount")]
    Missing,
    #[error("this offer has a fixed price")]
    Fixed,
    #[error("the amount is outside the offer's range or between its steps")]
    OutOfRange,
    #[error("the amount is in another currency than the offer")]
    Currency,
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Offer {
    /// The offer's name in a language; English where a language is missing.
    pub fn name_in(&self, locale: Locale) -> &str {
        self.name.get(&locale).or_else(|| self.name.get(&Locale::En)).map_or(self.id.as_str(), String::as_str)
    }

    /// The price lines for `amount` (needed only where the buyer names it).
    pub fn price(&self, amount: Option<Money>) -> Result<PriceLines, AmountRefused> {
        let value = match (&self.pricing, amount) {
            (Pricing::Fixed { value }, None) => *value,
            (Pricing::Fixed { value }, Some(amount)) if amount == *value => *value,
            (Pricing::Fixed { .. }, Some(_)) => return Err(AmountRefused::Fixed),
            (Pricing::Range { .. }, None) => return Err(AmountRefused::Missing),
            (Pricing::Range { min, max, step_minor }, Some(amount)) => {
                if amount.currency != min.currency {
                    return Err(AmountRefused::Currency);
                }
                let inside = (min.minor..=max.minor).contains(&amount.minor);
                if !inside || (amount.minor - min.minor) % step_minor.max(&1) != 0 {
                    return Err(AmountRefused::OutOfRange);
                }
                amount
            }
        };
        let bonus = Money::new(self.bonus_minor, value.currency);
        let fee = Money::new(self.fee_minor, value.currency);
        Ok(PriceLines::of(value, bonus, fee, self.tax_rate)?)
    }

    pub fn sold_in(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ulid;
    use crate::time::UnixMs;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    fn offer(pricing: Pricing) -> Offer {
        Offer {
            id: "gb-credit".into(),
            version_id: OfferVersionId::stored(format!("ov_{}", ulid(UnixMs(1), 1))),
            version: 1,
            market: "GB".into(),
            name: BTreeMap::new(),
            benefit: Benefit::Credit,
            pricing,
            bonus_minor: 100,
            fee_minor: 30,
            tax_rate: BasisPoints(2000),
            channels: vec![Channel::Online],
            position: 1,
        }
    }

    #[test]
    fn the_total_is_value_and_fee_and_the_bonus_is_not_paid() {
        let lines = offer(Pricing::Fixed { value: gbp(1000) }).price(None).unwrap();
        assert_eq!((lines.total, lines.bonus, lines.tax), (gbp(1030), gbp(100), gbp(172)));
        assert_eq!(lines.credit().unwrap(), gbp(1100));
    }

    #[test]
    fn an_amount_between_the_steps_or_outside_the_range_is_refused() {
        let offer = offer(Pricing::Range { min: gbp(500), max: gbp(5000), step_minor: 100 });
        for (amount, expected) in [
            (None, Err(AmountRefused::Missing)),
            (Some(gbp(400)), Err(AmountRefused::OutOfRange)),
            (Some(gbp(5100)), Err(AmountRefused::OutOfRange)),
            (Some(gbp(550)), Err(AmountRefused::OutOfRange)),
            (Some(Money::new(600, "EUR".parse().unwrap())), Err(AmountRefused::Currency)),
            (Some(gbp(600)), Ok(gbp(630))),
        ] {
            assert_eq!(offer.price(amount).map(|lines| lines.total), expected, "{amount:?}");
        }
    }

    #[test]
    fn another_amount_than_the_fixed_one_is_refused() {
        let offer = offer(Pricing::Fixed { value: gbp(1000) });
        assert_eq!(offer.price(Some(gbp(999))), Err(AmountRefused::Fixed));
        assert!(offer.price(Some(gbp(1000))).is_ok());
    }
}
