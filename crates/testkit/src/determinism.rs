//! A clock that tests move and ids that count up, so that every run is the same.

use domain::id::{Ids, ulid};
use domain::time::{Clock, UnixMs};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A clock that stands still until a test moves it.
pub struct HandClock(AtomicI64);

impl HandClock {
    /// 2026-01-15 12:00 UTC, an ordinary Thursday.
    pub const START: UnixMs = UnixMs(1_768_478_400_000);

    #[expect(clippy::new_without_default, reason = "a clock is made on purpose")]
    pub fn new() -> HandClock {
        HandClock(AtomicI64::new(Self::START.0))
    }

    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
}

/// Ids and random bytes that count up.
#[derive(Default)]
pub struct CountingIds(AtomicU64);

impl Ids for CountingIds {
    fn next(&self, now: UnixMs) -> String {
        ulid(now, u128::from(self.0.fetch_add(1, Ordering::SeqCst)))
    }

    fn random(&self) -> [u8; 16] {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let mixed = (n + 1)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(u32::try_from(at * 5 % 64).unwrap_or(0));
            *byte = mixed.to_le_bytes()[at % 8];
        }
        bytes
    }
}
