//! A bucket: an allowance on a line with validity and source, kept as a ledger account of its own.

use crate::id::{BucketId, LineId, TopUpId};
use crate::time::UnixMs;
use crate::unit::Unit;

/// A bucket as it is stored; what remains is its account's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub id: BucketId,
    pub line: LineId,
    pub unit: Unit,
    pub granted: i64,
    pub valid_from_at: UnixMs,
    pub expires_at: UnixMs,
    /// Lower is spent first among buckets that end together.
    pub priority: i64,
    /// The top-up that granted it.
    pub source: TopUpId,
}

/// A bucket with what can still be spent from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    pub bucket: Bucket,
    pub amount: i64,
}

/// Takes `amount` out of the valid buckets, soonest to expire first (then priority, then id).
/// `None` when they do not cover it; nothing is taken then.
pub fn spend(buckets: &[Remaining], amount: i64, now: UnixMs) -> Option<Vec<(BucketId, i64)>> {
    let mut valid: Vec<&Remaining> =
        buckets.iter().filter(|r| r.bucket.valid_from_at <= now && now < r.bucket.expires_at).collect();
    valid.sort_by_key(|r| (r.bucket.expires_at, r.bucket.priority, r.bucket.id.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn remaining(n: u32, amount: i64, expires_at: i64) -> Remaining {
        let bucket = Bucket {
            id: BucketId::stored(format!("bkt_{n:03}")),
            line: LineId::stored("line_1"),
            unit: Unit::Octets,
            granted: amount,
            valid_from_at: UnixMs(0),
            expires_at: UnixMs(expires_at),
            priority: 0,
            source: TopUpId::stored("tu_1"),
        };
        Remaining { bucket, amount }
    }

    #[test]
    fn the_bucket_that_ends_first_is_spent_first_and_an_ended_one_never() {
        let buckets = [remaining(1, 50, 300), remaining(2, 50, 200), remaining(3, 50, 100)];
        let taken = spend(&buckets, 70, UnixMs(100)).unwrap();
        assert_eq!(taken, [(BucketId::stored("bkt_002"), 50), (BucketId::stored("bkt_001"), 20)]);
        assert_eq!(spend(&buckets, 101, UnixMs(100)), None);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_exactly_what_was_asked(amounts in prop::collection::vec(0i64..1000, 0..8), ask in 0i64..5000) {
            let buckets: Vec<Remaining> =
                (0u32..).zip(&amounts).map(|(n, a)| remaining(n, *a, 1000 + i64::from(n))).collect();
            match spend(&buckets, ask, UnixMs(1)) {
                Some(taken) => prop_assert_eq!(taken.iter().map(|(_, a)| a).sum::<i64>(), ask),
                None => prop_assert!(amounts.iter().sum::<i64>() < ask),
            }
        }
    }
}
