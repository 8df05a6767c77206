//! A bucket: an allowance on a line with validity, zone and source, kept as a ledger account of its own.
//!
//! [`spend`] says which buckets a use takes from, [`Bucket::on_first_use`] when a waiting one begins, and [`grant`]
//! what a purchase adds and what becomes of the rest that the line still has.

use crate::id::{BucketId, Ids, LineId, TopUpId};
use crate::offer::{Benefit, Expiry, Offer, Starts};
use crate::time::{DAY_MS, UnixMs};
use crate::unit::Unit;

/// A bucket as it is stored; what remains is its account's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub id: BucketId,
    pub line: LineId,
    pub unit: Unit,
    /// All that was put in, what moved from an older bucket included.
    pub granted: i64,
    pub valid_from_at: UnixMs,
    /// When it ends; while it waits for its first use, when it lapses.
    pub expires_at: UnixMs,
    /// Lower is spent first among buckets that end together.
    pub priority: i64,
    /// The top-up that granted it.
    pub source: TopUpId,
    /// The zone of the catalogue in which it can be used; `None` where nothing is said about it.
    pub zone: Option<String>,
    /// Offers of one family share what becomes of the rest.
    pub family: String,
    /// How long it lasts once it has started.
    pub valid_for_days: u32,
    /// When its validity began; `None` while it waits for its first use.
    pub started_at: Option<UnixMs>,
}

impl Bucket {
    /// Does its validity begin with its first use, and was it not used yet?
    pub fn waits(&self) -> bool {
        self.started_at.is_none()
    }

    /// When it lapses if nobody uses it; `None` once it has started.
    pub fn lapses_at(&self) -> Option<UnixMs> {
        self.waits().then_some(self.expires_at)
    }

    /// The bucket as its first use at `now` makes it. `None` when it has started already or can't be used any more.
    pub fn on_first_use(&self, now: UnixMs) -> Option<Bucket> {
        let usable = self.waits() && self.is_valid(now);
        usable.then(|| Bucket {
            started_at: Some(now),
            expires_at: now.plus_ms(i64::from(self.valid_for_days) * DAY_MS),
            ..self.clone()
        })
    }

    pub fn is_valid(&self, now: UnixMs) -> bool {
        self.valid_from_at <= now && now < self.expires_at
    }
}

/// A bucket with what can still be spent from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    pub bucket: Bucket,
    pub amount: i64,
    /// What is set aside in it until something is decided.
    pub held: i64,
}

/// Takes `amount` out of the valid buckets: started ones before those that wait for their first use, then the
/// soonest to end (then priority, then id). `None` when they do not cover it; nothing is taken then.
pub fn spend(buckets: &[Remaining], amount: i64, now: UnixMs) -> Option<Vec<(BucketId, i64)>> {
    let mut valid: Vec<&Remaining> = buckets.iter().filter(|r| r.bucket.is_valid(now)).collect();
    valid.sort_by_key(|r| (r.bucket.waits(), r.bucket.expires_at, r.bucket.priority, r.bucket.id.clone()));
    let mut missing = amount;
    let mut taken = Vec::new();
    for remaining in valid {
        let take = missing.min(remaining.amount);
        if take > 0 {
            taken.push((remaining.bucket.id.clone(), take));
            missing -= take;
        }
    }
    (missing == 0).then_some(taken)
}

/// What is left in one bucket and goes on in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub from: BucketId,
    pub to: BucketId,
    pub unit: Unit,
    /// May be nothing: then the old bucket only gave its end.
    pub amount: i64,
}

/// What a purchase does to the buckets of its line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Granting {
    /// The new buckets, each with what it is granted anew.
    pub buckets: Vec<(Bucket, i64)>,
    pub moves: Vec<Move>,
}

/// For which line and by which top-up.
#[derive(Debug, Clone, Copy)]
pub struct Purchase<'a> {
    pub line: &'a LineId,
    pub source: &'a TopUpId,
    pub now: UnixMs,
}

/// The buckets that an offer grants now, and what moves into them. `present` is what the line has.
pub fn grant(offer: &Offer, present: &[Remaining], purchase: Purchase<'_>, ids: &dyn Ids) -> Granting {
    let Benefit::Bundle { allowances, valid_for_days } = &offer.benefit else { return Granting::default() };
    let now = purchase.now;
    let mut granting = Granting::default();
    for allowance in allowances {
        let id = BucketId::new(ids, now);
        let affected = affected(offer, allowance.unit, present, now);
        let moved: i64 = affected.iter().map(|r| r.amount).sum();
        let move_of = |r: &&Remaining| Move {
            from: r.bucket.id.clone(),
            to: id.clone(),
            unit: r.bucket.unit,
            amount: r.amount,
        };
        granting.moves.extend(affected.iter().map(move_of));
        let bucket = Bucket {
            line: purchase.line.clone(),
            unit: allowance.unit,
            granted: allowance.amount.saturating_add(moved),
            valid_from_at: now,
            expires_at: match offer.starts {
                Starts::Purchase => end(offer.expiry, *valid_for_days, &affected, now),
                Starts::FirstUse { within_days } => now.plus_ms(i64::from(within_days) * DAY_MS),
            },
            priority: 0,
            source: purchase.source.clone(),
            zone: offer.zone.as_ref().map(|zone| zone.id.clone()),
            family: offer.family.clone(),
            valid_for_days: *valid_for_days,
            started_at: (offer.starts == Starts::Purchase).then_some(now),
            id,
        };
        granting.buckets.push((bucket, allowance.amount));
    }
    granting
}

/// The line's buckets whose rest moves when the offer is bought: started, not ended, of its family, unit and zone. One
/// that is held whole, because its sale is being taken back, gives no time to another one.
pub fn affected<'a>(offer: &Offer, unit: Unit, present: &'a [Remaining], now: UnixMs) -> Vec<&'a Remaining> {
    let zone = offer.zone.as_ref().map(|zone| zone.id.as_str());
    // A purchase that was decided first can carry the later clock, so when a bucket began is not asked.
    let shares = |r: &&Remaining| {
        let b = &r.bucket;
        let same = b.family == offer.family && b.unit == unit && b.zone.as_deref() == zone;
        let taken_back = r.amount == 0 && r.held > 0;
        same && !taken_back && !b.waits() && now < b.expires_at
    };
    match offer.expiry {
        Expiry::NewBucket => Vec::new(),
        Expiry::Extend | Expiry::LatestOf | Expiry::Restart => present.iter().filter(shares).collect(),
    }
}

/// When a bucket that is granted now ends, given the ones whose rest moves into it.
pub fn end(expiry: Expiry, valid_for_days: u32, affected: &[&Remaining], now: UnixMs) -> UnixMs {
    let days = i64::from(valid_for_days) * DAY_MS;
    let from_now = now.plus_ms(days);
    let old = affected.iter().map(|r| r.bucket.expires_at).max();
    match (expiry, old) {
        (Expiry::Extend, Some(old)) => old.max(now).plus_ms(days),
        (Expiry::LatestOf, Some(old)) => old.max(from_now),
        (Expiry::NewBucket | Expiry::Restart, _) | (Expiry::Extend | Expiry::LatestOf, None) => from_now,
    }
}

#[cfg(test)]
mod tests;
