//! The clock of a town: the world's own time, which the simulator keeps too, and what a test adds to it.

use domain::time::{Clock, UnixMs};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, moved by as much as a test said.
#[derive(Default)]
pub struct TownClock {
    ahead_ms: AtomicI64,
}

impl TownClock {
    /// Time passes.
    pub fn pass(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// The clock agrees with the simulator's again.
    pub fn set_right(&self) {
        self.ahead_ms.store(0, Ordering::SeqCst);
    }
}

impl Clock for TownClock {
    fn now(&self) -> UnixMs {
        real_now().plus_ms(self.ahead_ms.load(Ordering::SeqCst))
    }
}

/// The time that the simulator keeps.
#[expect(clippy::disallowed_methods, reason = "the simulator keeps the system's time, and so do its judges")]
pub fn real_now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the system's clock is set");
    UnixMs(i64::try_from(since.as_millis()).expect("milliseconds fit"))
}
