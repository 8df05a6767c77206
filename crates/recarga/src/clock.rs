//! The system's clock and its randomness: the only place in the product that reads them.

pub mod past;

use domain::id::{Ids, ulid};
use domain::time::{Clock, UnixMs};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    fn now(&self) -> UnixMs {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// ULIDs that rise within a process, also within one millisecond and when the clock steps back
/// (ULID specification, "Monotonicity").
#[derive(Debug, Default)]
pub struct SystemIds {
    /// Time and random part of the last id.
    last: Mutex<(i64, u128)>,
}

/// A ULID's random part has 80 bits; a fresh one leaves the top bit free, so that counting on never runs over.
const FRESH_BITS: u128 = (1 << 79) - 1;

impl Ids for SystemIds {
    fn next(&self, now: UnixMs) -> String {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = if now.0 > last.0 {
            (now.0, u128::from_le_bytes(self.random()) & FRESH_BITS)
        } else {
            (last.0, last.1 + 1)
        };
        ulid(UnixMs(last.0), last.1)
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source works");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    #[test]
    fn ids_of_one_millisecond_sort_in_the_order_of_their_making() {
        let ids = SystemIds::default();
        let made: Vec<String> =
            (0..10_000).map(|n| ids.next(UnixMs(1_768_478_400_000 + n / 5_000))).collect();
        let mut sorted = made.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(made, sorted);
    }

    #[test]
    fn ids_rise_when_the_clock_steps_back() {
        let ids = SystemIds::default();
        let before = ids.next(UnixMs(1_768_478_400_000));
        assert!(before < ids.next(UnixMs(1_768_478_390_000)));
    }

    #[test]
    fn threads_never_get_the_same_id() {
        let ids = Arc::new(SystemIds::default());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let ids = ids.clone();
                std::thread::spawn(move || {
                    (0..1_000).map(|_| ids.next(SystemClock.now())).collect::<Vec<_>>()
                })
            })
            .collect();
        let all: BTreeSet<String> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
        assert_eq!(all.len(), 4_000);
    }
}
