//! Usage: what a line used, as whoever measured it reports it, and from where it is taken.
//!
//! [`take`] decides: allowances before credit, the soonest to end first, all of it or nothing.

use crate::bucket::{Remaining, spend};
use crate::id::{BucketId, LineId, UsageId};
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
        Remaining { bucket, amount }
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
