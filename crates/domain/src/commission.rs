//! Commission: what an agent earns with a sale. A plan has versions; a version has rules by class of product and, in
//! each, tiers by what the agent has sold this month.
//!
//! [`commission`] rounds half away from zero to the minor unit, once per sale, and says by which rule it came.

use crate::money::{Currency, Money};
use crate::offer::Benefit;
use crate::states;
use serde::{Deserialize, Serialize};

states! {
    /// Classes of products that earn differently.
    ProductClass {
        Credit = "credit",
        Bundle = "bundle",
    }
}

impl ProductClass {
    pub fn of(benefit: &Benefit) -> ProductClass {
        match benefit {
            Benefit::Credit => ProductClass::Credit,
            Benefit::Bundle { .. } => ProductClass::Bundle,
        }
    }
}

/// From this much sold in the month on, a sale earns so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Minor units, of all classes together, before the sale.
    pub from_minor: i64,
    /// Hundredths of a percent of the sale's value.
    pub basis_points: u16,
}

/// What one class of products earns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub class: ProductClass,
    /// Rising; the first begins at 0.
    pub tiers: Vec<Tier>,
}

/// One version of a plan. It never changes once it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommissionPlan {
    pub id: String,
    pub version: i64,
    pub currency: Currency,
    pub rules: Vec<Rule>,
}

states! {
    /// What is wrong with a plan.
    PlanFault {
        /// The id is not 1 to 40 lower-case letters, digits, `-` and `_`.
        Id = "id",
        /// A class has two rules.
        TwoRules = "two_rules",
        /// A rule has no tier, or its first does not begin at 0, or they do not rise, or there are too many.
        Tiers = "tiers",
        /// More than the sale itself.
        TooMuch = "too_much",
    }
}

/// Tiers of one rule.
const TIERS_MAX: usize = 20;

impl CommissionPlan {
    /// Is the plan one that can stand?
    pub fn check(&self) -> Result<(), PlanFault> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if !(1..=40).contains(&self.id.len()) || !self.id.chars().all(fits) {
            return Err(PlanFault::Id);
        }
        for (n, rule) in self.rules.iter().enumerate() {
            if self.rules[..n].iter().any(|earlier| earlier.class == rule.class) {
                return Err(PlanFault::TwoRules);
            }
            let rising = rule.tiers.windows(2).all(|pair| pair[0].from_minor < pair[1].from_minor);
            let first = rule.tiers.first().is_some_and(|tier| tier.from_minor == 0);
            if !first || !rising || rule.tiers.len() > TIERS_MAX {
                return Err(PlanFault::Tiers);
            }
            if rule.tiers.iter().any(|tier| tier.basis_points > 10_000) {
                return Err(PlanFault::TooMuch);
            }
        }
        Ok(())
    }

    /// How a version is named in statements: `standard v3`.
    pub fn name(&self) -> String {
        format!("{} v{}", self.id, self.version)
    }
}

/// What a sale of `value` earns, when the agent has sold `volume_so_far` in the month before it, and the rule by which
/// it does, as `standard v3 credit from 100000: 250`. `None` when the plan says nothing of the class, or counts another
/// currency.
pub fn commission(
    plan: &CommissionPlan,
    class: ProductClass,
    value: Money,
    volume_so_far: Money,
) -> Option<(Money, String)> {
    if value.currency != plan.currency || volume_so_far.currency != plan.currency {
        return None;
    }
    let rule = plan.rules.iter().find(|rule| rule.class == class)?;
    let first = rule.tiers.first()?;
    let tier = rule.tiers.iter().rev().find(|tier| tier.from_minor <= volume_so_far.minor).unwrap_or(first);
    let minor = share(value.minor, tier.basis_points)?;
    let by = format!("{} {class} from {}: {}", plan.name(), tier.from_minor, tier.basis_points);
    Some((Money::new(minor, value.currency), by))
}

/// A part of an amount, rounded half away from zero.
fn share(minor: i64, basis_points: u16) -> Option<i64> {
    let product = i128::from(minor) * i128::from(basis_points);
    let rounded = (product.abs() + 5_000) / 10_000;
    i64::try_from(rounded * product.signum()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    fn tier(from_minor: i64, basis_points: u16) -> Tier {
        Tier { from_minor, basis_points }
    }

    fn plan() -> CommissionPlan {
        let credit = Rule {
            class: ProductClass::Credit,
            tiers: vec![tier(0, 200), tier(100_000, 250), tier(500_000, 300)],
        };
        let bundle = Rule { class: ProductClass::Bundle, tiers: vec![tier(0, 500)] };
        CommissionPlan {
            id: "standard".into(),
            version: 3,
            currency: "GBP".parse().unwrap(),
            rules: vec![credit, bundle],
        }
    }

    #[test]
    fn the_tier_is_that_of_what_was_sold_before_the_sale() {
        for (volume, minor, by) in [
            (0, 20, "standard v3 credit from 0: 200"),
            (99_999, 20, "standard v3 credit from 0: 200"),
            (100_000, 25, "standard v3 credit from 100000: 250"),
            (900_000, 30, "standard v3 credit from 500000: 300"),
            // More was taken back than sold.
            (-5, 20, "standard v3 credit from 0: 200"),
        ] {
            let earned = commission(&plan(), ProductClass::Credit, gbp(1000), gbp(volume));
            assert_eq!(earned, Some((gbp(minor), by.to_owned())), "{volume}");
        }
    }

    #[test]
    fn half_a_minor_unit_is_rounded_away_from_zero() {
        for (value, bps, earned) in [(50, 100, 1), (49, 100, 0), (-50, 100, -1), (-49, 100, 0), (150, 100, 2)]
        {
            assert_eq!(share(value, bps), Some(earned), "{value} at {bps}");
        }
    }

    #[test]
    fn another_currency_and_a_class_without_a_rule_earn_nothing() {
        let euro = Money::new(1000, "EUR".parse().unwrap());
        assert_eq!(commission(&plan(), ProductClass::Credit, euro, gbp(0)), None);
        let mut only_bundles = plan();
        only_bundles.rules.remove(0);
        assert_eq!(commission(&only_bundles, ProductClass::Credit, gbp(1000), gbp(0)), None);
    }

    #[test]
    fn a_plan_that_cannot_be_read_one_way_only_is_refused() {
        assert_eq!(plan().check(), Ok(()));
        let with = |change: fn(&mut CommissionPlan)| {
            let mut plan = plan();
            change(&mut plan);
            plan.check()
        };
        assert_eq!(with(|p| p.id = "No Spaces".into()), Err(PlanFault::Id));
        assert_eq!(with(|p| p.rules[1].class = ProductClass::Credit), Err(PlanFault::TwoRules));
        assert_eq!(with(|p| p.rules[0].tiers[1].from_minor = 0), Err(PlanFault::Tiers));
        assert_eq!(with(|p| p.rules[0].tiers.clear()), Err(PlanFault::Tiers));
        assert_eq!(with(|p| p.rules[0].tiers[0].basis_points = 10_001), Err(PlanFault::TooMuch));
    }

    proptest! {
        #[test]
        fn a_sale_never_earns_more_than_half_a_unit_off_and_its_opposite_takes_it_back(
            value in -1_000_000_000_i64..1_000_000_000, bps in 0_u16..=10_000
        ) {
            let earned = share(value, bps).unwrap();
            let exact = i128::from(value) * i128::from(bps);
            prop_assert!((i128::from(earned) * 10_000 - exact).abs() <= 5_000);
            prop_assert!(earned.abs() <= value.abs());
            prop_assert_eq!(share(-value, bps), Some(-earned));
        }

        #[test]
        fn more_volume_picks_a_tier_that_is_not_lower(a in 0_i64..1_000_000, b in 0_i64..1_000_000) {
            let (less, more) = (a.min(b), a.max(b));
            let of = |volume| commission(&plan(), ProductClass::Credit, gbp(10_000), gbp(volume)).unwrap().0.minor;
            prop_assert!(of(less) <= of(more));
        }
    }
}
