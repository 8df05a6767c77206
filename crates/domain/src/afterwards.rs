//! What a number will have after a purchase: said before paying, in page, interface, message and receipt.
//!
//! Who may see the balance is told what will be there; everybody else only what is added and what the offer itself
//! says about its end, so that nobody learns from it what the number has now. Start reading at [`Afterwards::of`].

use crate::bucket::{Remaining, affected, end};
use crate::money::Money;
use crate::offer::{Benefit, Expiry, Offer, Starts, Zone};
use crate::price::PriceLines;
use crate::promotion::Bonus;
use crate::time::{DAY_MS, UnixMs};
use crate::unit::Unit;
use serde::{Deserialize, Serialize};

/// What the reader may know about the line.
#[derive(Debug, Clone, Copy)]
pub enum Known<'a> {
    /// Nothing: whoever only knows the number.
    Nothing,
    /// Its credit and its buckets.
    Balance { credit: Money, buckets: &'a [Remaining] },
}

/// What will be on the line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Afterwards {
    pub credit: Option<CreditAfter>,
    /// One per bucket that is granted.
    pub allowances: Vec<AllowanceAfter>,
}

/// Credit has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditAfter {
    pub added: Money,
    /// All the credit of the line then, for who may know it.
    pub balance: Option<Money>,
}

/// An allowance, or credit with an end of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceAfter {
    pub unit: Unit,
    pub added: i64,
    /// With what moves into its bucket, for who may know it.
    pub amount: Option<i64>,
    /// What the line has of this unit in this zone besides, each with its own end, for who may know it.
    pub besides: Option<i64>,
    pub zone: Option<Zone>,
    pub ends: Ends,
}

/// When an allowance ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ends {
    /// At this moment.
    At { at: UnixMs },
    /// Not before this moment; so many days after what the line may still have of it.
    Adds { days: u32, at_least: UnixMs },
    /// Not before this moment; later, if what the line may still have of it ends later.
    AtLeast { at_least: UnixMs },
    /// So many days after the first use, which must come before `by`.
    FirstUse { days: u32, by: UnixMs },
}

impl Afterwards {
    /// What `offer` at `prices` makes of a line now.
    pub fn of(
        offer: &Offer,
        prices: &PriceLines,
        promotion: Option<&Bonus>,
        known: Known<'_>,
        now: UnixMs,
    ) -> Afterwards {
        let mut afterwards = Afterwards::default();
        match &offer.benefit {
            Benefit::Credit => afterwards.add_credit(prices.credit().unwrap_or(prices.value), known),
            Benefit::Bundle { allowances, valid_for_days } => {
                let of = |a: &crate::offer::Allowance| {
                    allowance(offer, a.unit, (a.amount, *valid_for_days), known, now)
                };
                afterwards.allowances.extend(allowances.iter().map(of));
            }
        }
        if let Some(bonus) = promotion {
            afterwards.add_bonus(bonus, known, now);
        }
        afterwards
    }

    fn add_credit(&mut self, added: Money, known: Known<'_>) {
        let before = self.credit.take();
        let added = before.as_ref().map_or(Ok(added), |before| before.added.plus(added)).unwrap_or(added);
        let balance = match known {
            Known::Nothing => None,
            Known::Balance { credit, .. } => credit.plus(added).ok(),
        };
        self.credit = Some(CreditAfter { added, balance });
    }

    /// A bonus is plain credit, or a bucket of its own that nothing moves into.
    fn add_bonus(&mut self, bonus: &Bonus, known: Known<'_>, now: UnixMs) {
        match (bonus.money(), bonus.ends(now)) {
            (Some(money), None) => self.add_credit(money, known),
            (Some(_) | None, Some(at)) => self.allowances.push(AllowanceAfter {
                unit: bonus.unit,
                added: bonus.amount,
                amount: matches!(known, Known::Balance { .. }).then_some(bonus.amount),
                besides: None,
                zone: None,
                ends: Ends::At { at },
            }),
            (None, None) => {}
        }
    }
}

fn allowance(
    offer: &Offer,
    unit: Unit,
    (added, days): (i64, u32),
    known: Known<'_>,
    now: UnixMs,
) -> AllowanceAfter {
    let blank = AllowanceAfter {
        unit,
        added,
        amount: None,
        besides: None,
        zone: offer.zone.clone(),
        ends: Ends::At { at: now },
    };
    let from_now = now.plus_ms(i64::from(days) * DAY_MS);
    if let Starts::FirstUse { within_days } = offer.starts {
        let by = now.plus_ms(i64::from(within_days) * DAY_MS);
        let after = AllowanceAfter { ends: Ends::FirstUse { days, by }, ..blank };
        return match known {
            Known::Nothing => after,
            Known::Balance { buckets, .. } => AllowanceAfter {
                amount: Some(added),
                besides: besides(offer, unit, &[], buckets, now),
                ..after
            },
        };
    }
    match known {
        Known::Nothing => {
            let ends = match offer.expiry {
                Expiry::NewBucket | Expiry::Restart => Ends::At { at: from_now },
                Expiry::Extend => Ends::Adds { days, at_least: from_now },
                Expiry::LatestOf => Ends::AtLeast { at_least: from_now },
            };
            AllowanceAfter { ends, ..blank }
        }
        Known::Balance { buckets, .. } => {
            let moved = affected(offer, unit, buckets, now);
            let rest: i64 = moved.iter().map(|r| r.amount).sum();
            AllowanceAfter {
                amount: Some(added.saturating_add(rest)),
                besides: besides(offer, unit, &moved, buckets, now),
                ends: Ends::At { at: end(offer.expiry, days, &moved, now) },
                ..blank
            }
        }
    }
}

/// What the line has of the unit in the zone and keeps with its own end.
fn besides(
    offer: &Offer,
    unit: Unit,
    moved: &[&Remaining],
    buckets: &[Remaining],
    now: UnixMs,
) -> Option<i64> {
    let zone = offer.zone.as_ref().map(|zone| zone.id.as_str());
    let stays = |r: &&Remaining| {
        r.bucket.unit == unit
            && r.bucket.zone.as_deref() == zone
            && r.bucket.is_valid(now)
            && !moved.iter().any(|m| m.bucket.id == r.bucket.id)
    };
    let sum: i64 = buckets.iter().filter(stays).map(|r| r.amount).sum();
    (sum > 0).then_some(sum)
}
