//! Time as a value: unix milliseconds, and the clock that the program passes in.

use serde::{Deserialize, Serialize};

/// An instant as milliseconds since 1970-01-01T00:00:00Z. Columns that hold one end in `_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub i64);

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

impl UnixMs {
    /// This instant moved by `ms`, kept inside what an i64 holds.
    pub fn plus_ms(self, ms: i64) -> UnixMs {
        UnixMs(self.0.saturating_add(ms))
    }

    /// RFC 3339 in UTC, for machines.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// Reads an RFC 3339 time.
    pub fn parse_rfc3339(text: &str) -> Option<UnixMs> {
        text.parse::<jiff::Timestamp>().ok().map(|at| UnixMs(at.as_millisecond()))
    }

    /// The same instant for calendar work; instants outside jiff's range become its nearest end.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

/// Where the time comes from. The program passes the system's clock, tests pass one they can move.
pub trait Clock: Send + Sync {
    fn now(&self) -> UnixMs;
}
