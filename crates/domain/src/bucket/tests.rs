//! What is spent first, when a bucket begins, and what becomes of the rest under each policy.

use super::*;
use crate::id::OfferVersionId;
use crate::money::Money;
use crate::offer::{Allowance, Pricing, VoucherType};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

const NOW: UnixMs = UnixMs(1_000 * DAY_MS);

fn day(n: i64) -> UnixMs {
    NOW.plus_ms(n * DAY_MS)
}

fn remaining(n: u32, amount: i64, expires_at: UnixMs) -> Remaining {
    let bucket = Bucket {
        id: BucketId::stored(format!("bkt_{n:03}")),
        line: LineId::stored("line_1"),
        unit: Unit::Octets,
        granted: amount,
        valid_from_at: UnixMs(0),
        expires_at,
        priority: 0,
        source: TopUpId::stored("tu_1"),
        zone: None,
        family: "monthly".into(),
        valid_for_days: 30,
        started_at: Some(UnixMs(0)),
    };
    Remaining { bucket, amount, held: 0 }
}

fn offer(expiry: Expiry) -> Offer {
    let allowances = vec![Allowance { unit: Unit::Octets, amount: 500 }];
    Offer {
        id: "monthly-5".into(),
        version_id: OfferVersionId::stored("ov_1"),
        version: 1,
        market: "GB".into(),
        name: std::collections::BTreeMap::new(),
        benefit: Benefit::Bundle { allowances, valid_for_days: 30 },
        pricing: Pricing::Fixed { value: Money::new(1000, "GBP".parse().unwrap()) },
        bonus_minor: 0,
        fee_minor: 0,
        taxes: Vec::new(),
        voucher_type: VoucherType::SinglePurpose,
        family: "monthly".into(),
        starts: Starts::Purchase,
        expiry,
        zone: None,
        on_sale_from: None,
        on_sale_until: None,
        channels: Vec::new(),
        position: 0,
    }
}

struct Counted(AtomicU32);

impl Ids for Counted {
    fn next(&self, now: UnixMs) -> String {
        crate::id::ulid(now, u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }

    fn random(&self) -> [u8; 16] {
        [0; 16]
    }
}

fn granted(offer: &Offer, present: &[Remaining]) -> Granting {
    let (line, source) = (LineId::stored("line_1"), TopUpId::stored("tu_2"));
    grant(offer, present, Purchase { line: &line, source: &source, now: NOW }, &Counted(AtomicU32::new(1)))
}

#[test]
fn the_bucket_that_ends_first_is_spent_first_and_an_ended_one_never() {
    let buckets = [remaining(1, 50, day(3)), remaining(2, 50, day(2)), remaining(3, 50, NOW)];
    let taken = spend(&buckets, 70, NOW).unwrap();
    assert_eq!(taken, [(BucketId::stored("bkt_002"), 50), (BucketId::stored("bkt_001"), 20)]);
    assert_eq!(spend(&buckets, 101, NOW), None);
}

#[test]
fn a_bucket_that_waits_is_spent_after_the_started_ones_even_if_it_lapses_sooner() {
    let mut waiting = remaining(1, 50, day(1));
    waiting.bucket.started_at = None;
    let taken = spend(&[waiting, remaining(2, 50, day(9))], 60, NOW).unwrap();
    assert_eq!(taken, [(BucketId::stored("bkt_002"), 50), (BucketId::stored("bkt_001"), 10)]);
}

#[test]
fn the_first_use_starts_a_waiting_bucket_once_and_not_after_it_lapsed() {
    let mut waiting = remaining(1, 50, day(90)).bucket;
    waiting.started_at = None;
    assert_eq!(waiting.lapses_at(), Some(day(90)));
    let started = waiting.on_first_use(day(89)).unwrap();
    assert_eq!((started.started_at, started.expires_at), (Some(day(89)), day(119)));
    assert_eq!((started.on_first_use(day(90)), started.lapses_at()), (None, None));
    assert_eq!(waiting.on_first_use(day(90)), None, "it has lapsed");
}

#[test]
fn each_policy_moves_the_rest_and_sets_the_end_as_it_says() {
    for (expiry, old_end, end, amount) in [
        (Expiry::NewBucket, 40, 30, 500),
        (Expiry::Extend, 10, 40, 620),
        (Expiry::Extend, 40, 70, 620),
        (Expiry::LatestOf, 10, 30, 620),
        (Expiry::LatestOf, 40, 40, 620),
        (Expiry::Restart, 10, 30, 620),
        (Expiry::Restart, 40, 30, 620),
    ] {
        let granting = granted(&offer(expiry), &[remaining(1, 120, day(old_end))]);
        let (bucket, anew) = &granting.buckets[0];
        assert_eq!((bucket.expires_at, bucket.granted, *anew), (day(end), amount, 500), "{expiry} {old_end}");
    }
}

#[test]
fn only_started_buckets_of_the_same_family_unit_and_zone_move() {
    let mut others = vec![remaining(1, 10, NOW)];
    for n in 2..=5 {
        others.push(remaining(n, 10, day(5)));
    }
    others[1].bucket.family = "weekend".into();
    others[2].bucket.unit = Unit::Seconds;
    others[3].bucket.zone = Some("eu".into());
    others[4].bucket.started_at = None;
    let granting = granted(&offer(Expiry::Extend), &others);
    assert_eq!((granting.moves.len(), granting.buckets[0].0.expires_at), (0, day(30)));
}

#[test]
fn a_bucket_that_is_being_taken_back_gives_no_time_and_one_that_is_used_up_does() {
    let used_up = remaining(1, 0, day(20));
    let taken_back = Remaining { held: 500, ..used_up.clone() };
    let end_with = |bucket| granted(&offer(Expiry::Extend), &[bucket]).buckets[0].0.expires_at;
    assert_eq!((end_with(taken_back), end_with(used_up)), (day(30), day(50)));
}

#[test]
fn a_purchase_with_the_earlier_clock_that_is_decided_later_extends_too() {
    let mut before = remaining(1, 120, day(30));
    before.bucket.valid_from_at = NOW.plus_ms(20);
    let (bucket, _) = granted(&offer(Expiry::Extend), &[before]).buckets.remove(0);
    assert_eq!((bucket.expires_at, bucket.granted), (day(60), 620));
}

#[test]
fn what_starts_at_first_use_waits_until_it_lapses() {
    let offer = Offer { starts: Starts::FirstUse { within_days: 90 }, ..offer(Expiry::NewBucket) };
    let (bucket, _) = granted(&offer, &[]).buckets.remove(0);
    assert_eq!((bucket.started_at, bucket.lapses_at()), (None, Some(day(90))));
}

proptest! {
    #[test]
    fn what_is_taken_is_exactly_what_was_asked(amounts in prop::collection::vec(0i64..1000, 0..8), ask in 0i64..5000) {
        let buckets: Vec<Remaining> =
            (0u32..).zip(&amounts).map(|(n, a)| remaining(n, *a, NOW.plus_ms(1 + i64::from(n)))).collect();
        match spend(&buckets, ask, NOW) {
            Some(taken) => prop_assert_eq!(taken.iter().map(|(_, a)| a).sum::<i64>(), ask),
            None => prop_assert!(amounts.iter().sum::<i64>() < ask),
        }
    }

    #[test]
    fn nothing_is_lost_or_made_when_a_rest_moves_and_no_end_comes_earlier_than_promised(
        present in prop::collection::vec((0i64..1000, -5i64..60), 0..6), policy in 0usize..4
    ) {
        let expiry = Expiry::ALL[policy];
        let present: Vec<Remaining> =
            (1u32..).zip(&present).map(|(n, (amount, end))| remaining(n, *amount, day(*end))).collect();
        let granting = granted(&offer(expiry), &present);
        let (bucket, anew) = &granting.buckets[0];
        let moved: i64 = granting.moves.iter().map(|m| m.amount).sum();
        prop_assert_eq!(bucket.granted, anew + moved);
        for moved in &granting.moves {
            let from = present.iter().find(|r| r.bucket.id == moved.from).unwrap();
            prop_assert_eq!(moved.amount, from.amount);
            prop_assert!(from.bucket.expires_at > NOW);
            if expiry != Expiry::Restart {
                prop_assert!(bucket.expires_at >= from.bucket.expires_at, "a rest ends earlier than before");
            }
        }
        prop_assert!(bucket.expires_at >= day(30));
        if expiry == Expiry::NewBucket {
            prop_assert!(granting.moves.is_empty());
        }
    }
}
