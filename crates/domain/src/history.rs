//! History: in which groups people look for their orders, how far back, and what ids stand at a moment.

use crate::id::ulid;
use crate::states;
use crate::time::{DAY_MS, UnixMs};
use crate::top_up::TopUpState as S;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

/// Older orders are in the archive: people ask for them.
pub const SHOWN_FOR_MS: i64 = 2 * 365 * DAY_MS;

states! {
    /// Orders as people look for them.
    OrderGroup {
        /// Something still happens.
        UnderWay = "under_way",
        Arrived = "arrived",
        /// The money went back, or is on its way.
        Returned = "returned",
        Cancelled = "cancelled",
    }
}

impl OrderGroup {
    /// The states in which an order belongs to this group.
    pub fn states(self) -> &'static [S] {
        match self {
            OrderGroup::UnderWay => {
                &[S::AwaitingPayment, S::CheckingPayment, S::Paid, S::PendingNetwork, S::Review]
            }
            OrderGroup::Arrived => &[S::Credited],
            OrderGroup::Returned => &[S::Refunding, S::Refunded, S::Reversed],
            OrderGroup::Cancelled => &[S::Cancelled],
        }
    }
}

/// The part of an id after its prefix: it sorts by time, whatever the id names.
pub fn key_of(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, key)| key)
}

/// The smallest key that an object made at this moment can have.
pub fn first_key(at: UnixMs) -> String {
    ulid(at, 0)
}

/// A key after every other.
pub const LAST_KEY: &str = "~";

fn instant(zoned: &Zoned) -> UnixMs {
    UnixMs(zoned.timestamp().as_millisecond())
}

/// The first moment of a month, written `2026-11`, and of the one after it, as clocks show them there.
pub fn month(text: &str, zone: &str) -> Option<(UnixMs, UnixMs)> {
    let (year, month) = text.split_once('-').filter(|(year, month)| (year.len(), month.len()) == (4, 2))?;
    let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let begins = first.to_zoned(zone.clone()).ok()?;
    let ends = first.checked_add(1.month()).ok()?.to_zoned(zone).ok()?;
    Some((instant(&begins), instant(&ends)))
}

/// The last months as they are written, the running one first.
pub fn months(now: UnixMs, zone: &str, count: usize) -> Vec<String> {
    let today = now.timestamp().to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)).date();
    let back = (0_i32..).map_while(|n| today.first_of_month().checked_sub(n.months()).ok());
    back.take(count).map(|month| month.strftime("%Y-%m").to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_where_its_people_are() {
        let hong_kong = month("2026-11", "Asia/Hong_Kong").unwrap();
        assert_eq!(hong_kong.0.rfc3339(), "2026-10-31T16:00:00Z");
        assert_eq!(hong_kong.1.rfc3339(), "2026-11-30T16:00:00Z");
        for wrong in ["2026-13", "2026", "26-1", "2026-1", "abcd-ef", "2026-11-01"] {
            assert_eq!(month(wrong, "UTC"), None, "{wrong}");
        }
        let listed = months(UnixMs(1_768_478_400_000), "Europe/London", 3);
        assert_eq!(listed, ["2026-01", "2025-12", "2025-11"]);
    }

    #[test]
    fn every_state_is_in_one_group() {
        for state in S::ALL {
            let groups = OrderGroup::ALL.iter().filter(|group| group.states().contains(state));
            assert_eq!(groups.count(), 1, "{state}");
        }
    }

    #[test]
    fn keys_sort_by_time_whatever_the_id_names() {
        let at = UnixMs(1_795_364_100_000);
        let made = format!("tu_{}", ulid(at, 77));
        assert!(first_key(at).as_str() <= key_of(&made) && key_of(&made) < first_key(at.plus_ms(1)).as_str());
        assert!(key_of(&made) < LAST_KEY);
    }
}
