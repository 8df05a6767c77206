//! The clock and the ids of a past that is made up: each order is played in a time of its own, so that its steps stand
//! seconds apart in the history although they are played side by side.

use domain::id::{Ids, ulid};
use domain::time::{Clock, UnixMs};
use std::future::Future;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

tokio::task_local! {
    static AT: AtomicI64;
}

/// Tells the time of the task that asks, and the day's end to whoever has no time of their own.
#[derive(Debug, Default)]
pub struct PastClock {
    day: AtomicI64,
}

impl PastClock {
    /// What time it is outside of [`at`].
    pub fn set(&self, now: UnixMs) {
        self.day.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for PastClock {
    fn now(&self) -> UnixMs {
        UnixMs(
            AT.try_with(|at| at.load(Ordering::SeqCst)).unwrap_or_else(|_| self.day.load(Ordering::SeqCst)),
        )
    }
}

/// Runs something as if it began at `start`.
pub async fn at<T>(start: UnixMs, work: impl Future<Output = T>) -> T {
    AT.scope(AtomicI64::new(start.0), work).await
}

/// Time passes for the task that calls.
pub fn pass(ms: i64) {
    // Outside of `at` there is no time of one's own to pass.
    let _ = AT.try_with(|at| at.fetch_add(ms, Ordering::SeqCst));
}

/// Ids of any moment: those of one millisecond rise, and earlier ones can be made after later ones.
#[derive(Debug, Default)]
pub struct PastIds {
    made: AtomicU64,
}

/// The random part of a ULID has 80 bits: a count of 40 and chance of 40.
const CHANCE_BITS: u32 = 40;

impl Ids for PastIds {
    fn next(&self, now: UnixMs) -> String {
        let count = u128::from(self.made.fetch_add(1, Ordering::SeqCst)) & ((1 << CHANCE_BITS) - 1);
        let chance = u128::from_le_bytes(self.random()) & ((1 << CHANCE_BITS) - 1);
        ulid(now, (count << CHANCE_BITS) | chance)
    }

    fn random(&self) -> [u8; 16] {
        super::SystemIds::default().random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_task_has_its_own_time_and_everybody_else_the_days() {
        let clock = PastClock::default();
        clock.set(UnixMs(90));
        let seen = at(UnixMs(10), async {
            pass(5);
            clock.now()
        })
        .await;
        assert_eq!((seen, clock.now()), (UnixMs(15), UnixMs(90)));
    }

    #[test]
    fn ids_of_one_moment_rise_and_earlier_moments_sort_before() {
        let ids = PastIds::default();
        let (first, second, earlier) = (ids.next(UnixMs(20)), ids.next(UnixMs(20)), ids.next(UnixMs(10)));
        assert!(earlier < first && first < second);
    }
}
