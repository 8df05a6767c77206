//! Usage: what a line used, as whoever measured it reports it, and from where it is taken.
//!
//! [`take`] decides: allowances before credit, the soonest to end first, all of it or nothing.

use crate::bucket::{Remaining, spend};
use crate::id::{BucketId, LineId, UsageId};
use crate::money::{BasisPoints, Money};
use crate::time::UnixMs;
use crate::unit::Unit;

/// A record as it is stored. What it took stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub id: UsageId,
    /// Who measured, and its own word for this record: unique for ever.
    pub record: String,
    pub line: LineId,
    pub unit: Unit,
    pub amount: i64,
    /// When it was used, as it was reported.
    pub used_at: UnixMs,
    pub recorded_at: UnixMs,
    /// What was there, when it did not cover the amount and nothing was taken.
    pub short_of: Option<i64>,
}

/// From where a part of a use is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Bucket(BucketId),
    /// The money on the line.
    Credit,
}

/// Takes `amount` out of the buckets that are valid now, then out of the line's credit (money only). When all of it
/// does not cover the amount nothing is taken, and the answer is what there is.
pub fn take(buckets: &[Remaining], credit: i64, amount: i64, now: UnixMs) -> Result<Vec<(Source, i64)>, i64> {
    let there = |r: &Remaining| if r.bucket.is_valid(now) { r.amount.max(0) } else { 0 };
    let in_buckets = buckets.iter().map(there).fold(0, i64::saturating_add);
    let (from_buckets, credit) = (amount.min(in_buckets), credit.max(0));
    let from_credit = amount - from_buckets;
    if from_credit > credit {
        return Err(in_buckets.saturating_add(credit));
    }
    let taken = spend(buckets, from_buckets, now).ok_or(in_buckets)?;
    let taken = taken.into_iter().map(|(bucket, amount)| (Source::Bucket(bucket), amount));
    Ok(taken.chain((from_credit > 0).then_some((Source::Credit, from_credit))).collect())
}

/// What of a use falls under tax now: so much of the credit that was used, and the tax in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxAtUse {
    pub taxable: i64,
    pub rate: BasisPoints,
    pub tax: i64,
}

/// A line's credit before a use: all of it, the part whose tax falls due at its use, and what fell due so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxableCredit {
    pub credit: i64,
    pub taxable: i64,
    pub taxed: i64,
}

/// The tax that falls due when `used` of a line's credit is used (Directive 2006/112/EC, Article 30b). Credit that owes
/// none, because nobody paid for it or its tax was due at its sale, is used first: so what was sold untaxed and is
/// still whole can be taken back whole. The tax is that of everything the line used so far, less what fell due before:
/// however small the uses, the fractions of their tax add up.
pub fn tax_at_use(used: Money, before: TaxableCredit, rate: BasisPoints) -> Option<TaxAtUse> {
    let owes_none = before.credit - before.taxable;
    let taxable = (used.minor - owes_none.max(0)).min(before.taxable).min(used.minor);
    if taxable <= 0 {
        return None;
    }
    let tax_in = |minor: i64| Money::new(minor, used.currency).tax_included(rate).minor;
    let tax = tax_in(before.taxed.saturating_add(taxable)) - tax_in(before.taxed);
    Some(TaxAtUse { taxable, rate, tax })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket::Bucket;
    use crate::id::TopUpId;

    fn remaining(name: &str, amount: i64, expires_at: i64) -> Remaining {
        let bucket = Bucket {
            id: BucketId::stored(name),
            line: LineId::stored("line_1"),
            unit: Unit::Octets,
            granted: 1_000,
            valid_from_at: UnixMs(0),
            expires_at: UnixMs(expires_at),
            priority: 0,
            source: TopUpId::stored("tu_1"),
            zone: None,
            family: "data".into(),
            valid_for_days: 30,
            started_at: Some(UnixMs(0)),
        };
        Remaining { bucket, amount, held: 0 }
    }

    fn due(used: i64, credit: i64, taxable: i64, taxed: i64) -> Option<(i64, i64)> {
        let used = Money::new(used, "GBP".parse().unwrap());
        let due = tax_at_use(used, TaxableCredit { credit, taxable, taxed }, BasisPoints(2000));
        due.map(|due| (due.taxable, due.tax))
    }

    #[test]
    fn what_owes_no_tax_is_used_first_and_the_rest_owes_it() {
        assert_eq!(due(150, 2_200, 2_000, 0), None, "a bonus of 200 covers it");
        assert_eq!(due(350, 2_200, 2_000, 0), Some((150, 25)));
        assert_eq!(due(600, 600, 0, 0), None, "taxed when it was sold");
        assert_eq!(due(600, 600, 600, 0), Some((600, 100)));
        // More was reversed than owed it: nothing is taxed twice.
        assert_eq!(due(5, 15, -5, 20), None);
        assert_eq!(due(10, 15, 20, 0), Some((10, 2)));
    }

    #[test]
    fn the_tax_of_many_small_uses_is_the_tax_of_their_sum() {
        let mut left = 1_000;
        let mut taxes = 0;
        while left > 0 {
            let (taxable, tax) = due(1, left, left, 1_000 - left).unwrap();
            assert_eq!(taxable, 1);
            (left, taxes) = (left - 1, taxes + tax);
        }
        assert_eq!(taxes, 167);
    }

    fn bucket(name: &str, amount: i64) -> (Source, i64) {
        (Source::Bucket(BucketId::stored(name)), amount)
    }

    #[test]
    fn allowances_are_taken_before_credit_and_the_soonest_to_end_first() {
        let buckets = [remaining("late", 50, 300), remaining("soon", 50, 200)];
        assert_eq!(take(&buckets, 0, 70, UnixMs(1)), Ok(vec![bucket("soon", 50), bucket("late", 20)]));
        let with_credit = vec![bucket("soon", 50), bucket("late", 50), (Source::Credit, 10)];
        assert_eq!(take(&buckets, 10, 110, UnixMs(1)), Ok(with_credit));
    }

    #[test]
    fn what_is_not_covered_takes_nothing_and_says_what_is_there() {
        let buckets = [remaining("ended", 50, 100), remaining("good", 50, 200)];
        assert_eq!(take(&buckets, 0, 51, UnixMs(100)), Err(50));
        assert_eq!(take(&buckets, 7, 58, UnixMs(100)), Err(57));
        // More is held than there is: nothing can be taken, and nothing is owed.
        assert_eq!(take(&[remaining("held", -5, 200)], -1, 1, UnixMs(1)), Err(0));
    }
}
