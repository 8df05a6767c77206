//! An offer: what can be bought, in versions that never change once sold.

use crate::id::OfferVersionId;
use crate::locale::Locale;
use crate::money::{BasisPoints, Money, MoneyError};
use crate::price::{self, PriceLines, Tax};
use crate::states;
use crate::time::{DAY_MS, UnixMs};
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

/// When the validity of a bundle begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Starts {
    /// When it arrives on the line.
    Purchase,
    /// When it is first used. One that is not used within so many days lapses.
    FirstUse { within_days: u32 },
}

states! {
    /// What becomes of buckets of the same family, unit and zone that the line still has.
    Expiry {
        /// They stay as they are.
        NewBucket = "new_bucket",
        /// Their rest moves; it all ends so many days after the old end.
        Extend = "extend",
        /// Their rest moves; it all ends at the later of the old end and so many days from now.
        LatestOf = "latest_of",
        /// Their rest moves; it all ends so many days from now.
        Restart = "restart",
    }
}

states! {
    /// How credit is taxed (Directive 2006/112/EC, Articles 30a and 30b). A bundle is always taxed when it is sold.
    VoucherType {
        /// Place and rate are known when it is sold: taxed then.
        SinglePurpose = "single_purpose",
        /// What it buys, or where, is open: taxed when it is used.
        MultiPurpose = "multi_purpose",
    }
}

/// Where a bundle can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// The operator's own id.
    pub id: String,
    pub name: BTreeMap<Locale, String>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
}

impl Zone {
    /// The zone's name in a language; English where a language is missing.
    pub fn name_in(&self, locale: Locale) -> &str {
        self.name.get(&locale).or_else(|| self.name.get(&Locale::En)).map_or(self.id.as_str(), String::as_str)
    }
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
    pub taxes: Vec<Tax>,
    pub voucher_type: VoucherType,
    /// Offers of one family share what becomes of the rest.
    pub family: String,
    pub starts: Starts,
    pub expiry: Expiry,
    /// Where a bundle can be used; `None` where nothing is said about it.
    pub zone: Option<Zone>,
    /// The first moment in which it is sold.
    pub on_sale_from: Option<UnixMs>,
    /// The first moment in which it is not sold any more.
    pub on_sale_until: Option<UnixMs>,
    pub channels: Vec<Channel>,
    /// Position in lists.
    pub position: i64,
}

/// Whether an offer is sold at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSale {
    Now,
    /// From then on.
    From(UnixMs),
    /// Until then.
    Ended(UnixMs),
}

/// Why an amount does not fit an offer.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Does it give an allowance of this unit?
    pub fn gives(&self, unit: Unit) -> bool {
        match &self.benefit {
            Benefit::Credit => false,
            Benefit::Bundle { allowances, .. } => allowances.iter().any(|allowance| allowance.unit == unit),
        }
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
        let lines = PriceLines::of(value, bonus, fee, self.tax_rate())?;
        Ok(if self.taxed_later() { lines.without_tax_on_value() } else { lines })
    }

    /// Is what it sells taxed when it is used, and not when it is sold?
    pub fn taxed_later(&self) -> bool {
        self.benefit == Benefit::Credit
            && self.voucher_type == VoucherType::MultiPurpose
            && self.tax_rate().0 > 0
    }

    /// All its taxes together.
    pub fn tax_rate(&self) -> BasisPoints {
        price::tax_rate(&self.taxes)
    }

    /// Is it sold at this moment, was it, or will it be?
    pub fn on_sale(&self, now: UnixMs) -> OnSale {
        match (self.on_sale_from, self.on_sale_until) {
            (Some(from), _) if now < from => OnSale::From(from),
            (_, Some(until)) if until <= now => OnSale::Ended(until),
            (Some(_) | None, Some(_) | None) => OnSale::Now,
        }
    }

    /// When what arrives now ends, where that is known: not for credit, and not before the first use.
    pub fn ends(&self, now: UnixMs) -> Option<UnixMs> {
        match (&self.benefit, self.starts) {
            (Benefit::Bundle { valid_for_days, .. }, Starts::Purchase) => {
                Some(now.plus_ms(i64::from(*valid_for_days) * DAY_MS))
            }
            (Benefit::Bundle { .. }, Starts::FirstUse { .. }) | (Benefit::Credit, _) => None,
        }
    }

    pub fn sold_in(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ulid;

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
            taxes: vec![Tax { name: BTreeMap::new(), rate: BasisPoints(2000) }],
            voucher_type: VoucherType::SinglePurpose,
            family: "gb-credit".into(),
            starts: Starts::Purchase,
            expiry: Expiry::NewBucket,
            zone: None,
            on_sale_from: None,
            on_sale_until: None,
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
    fn credit_of_a_multi_purpose_voucher_is_taxed_when_it_is_used_and_its_fee_now() {
        let later = |fee_minor| Offer {
            voucher_type: VoucherType::MultiPurpose,
            fee_minor,
            ..offer(Pricing::Fixed { value: gbp(1000) })
        };
        let lines = later(30).price(None).unwrap();
        assert_eq!((lines.total, lines.tax, lines.tax_rate), (gbp(1030), gbp(5), BasisPoints(2000)));
        let lines = later(0).price(None).unwrap();
        assert_eq!((lines.total, lines.tax, lines.tax_rate), (gbp(1000), gbp(0), BasisPoints(0)));
        let allowances = vec![Allowance { unit: Unit::Octets, amount: 1 }];
        let bundle = Offer { benefit: Benefit::Bundle { allowances, valid_for_days: 1 }, ..later(0) };
        assert_eq!(bundle.price(None).unwrap().tax, gbp(167), "a bundle is taxed when it is sold");
    }

    #[test]
    fn an_offer_is_sold_from_its_first_moment_to_before_its_last() {
        let (from, until) = (UnixMs(100), UnixMs(200));
        let offer = Offer {
            on_sale_from: Some(from),
            on_sale_until: Some(until),
            ..offer(Pricing::Fixed { value: gbp(1000) })
        };
        for (now, expected) in
            [(99, OnSale::From(from)), (100, OnSale::Now), (199, OnSale::Now), (200, OnSale::Ended(until))]
        {
            assert_eq!(offer.on_sale(UnixMs(now)), expected, "{now}");
        }
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
