//! The first page of the personal centre: one card for each line.

use domain::money::Money;
use domain::time::{DAY_MS, HOUR_MS, UnixMs};
use domain::unit::Unit;
use serde::Serialize;

use super::Quantity;
use crate::view::{View, sample};

/// Why a bucket deserves a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    UsedUp,
    EndsSoon,
    Low,
}

/// How long something still lasts: whole days, and hours on the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ends {
    pub at: UnixMs,
    pub days: Option<i64>,
    pub hours: i64,
}

impl Ends {
    pub fn of(at: UnixMs, now: UnixMs) -> Ends {
        let left = (at.0 - now.0).max(0);
        Ends { at, days: Some(left / DAY_MS).filter(|days| *days > 0), hours: left / HOUR_MS }
    }
}

/// One bucket as a bar with words.
#[derive(Debug, Clone, Serialize)]
pub struct BucketBar {
    pub id: String,
    /// What was bought, or the promotion that gave it, where the catalogue still tells.
    pub name: Option<String>,
    pub unit: Unit,
    pub left: Quantity,
    pub granted: Quantity,
    /// For the bar.
    pub left_amount: i64,
    pub granted_amount: i64,
    pub ends: Ends,
    /// Does its validity begin with its first use?
    pub waits: bool,
    /// The name of the zone in which it can be used.
    pub zone: Option<String>,
    pub alert: Option<Alert>,
    /// Is its history known here?
    pub traced: bool,
}

/// How well the balance is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Known {
    Now,
    /// The network does not answer; this is what it said then.
    Before {
        at: UnixMs,
    },
    /// The network has not said anything yet.
    Never,
}

/// What the last top-up was, to buy it again.
#[derive(Debug, Clone, Serialize)]
pub struct Repeat {
    pub offer_name: String,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub struct LineCard {
    pub id: String,
    /// What its owner calls it; may be empty.
    pub label: String,
    pub last4: String,
    /// The word of its status.
    pub status: String,
    pub can_top_up: bool,
    pub money: Money,
    pub known: Known,
    pub buckets: Vec<BucketBar>,
    pub repeat: Option<Repeat>,
    pub as_of: UnixMs,
    pub zone: String,
}

/// The personal centre.
#[derive(Debug, Clone, Serialize)]
pub struct Me {
    pub lines: Vec<LineCard>,
    pub as_of: UnixMs,
    /// The time zone in which the page says when it was true.
    pub zone: String,
    pub manifest_url: String,
}

pub(super) fn sample_line() -> LineCard {
    let gib = 1_000_000_000;
    let bar = |id: &str, unit, left: i64, granted: i64, days: i64| BucketBar {
        id: format!("bkt_{id}"),
        name: Some("Weekend".into()),
        unit,
        left: Quantity::of(unit, left),
        granted: Quantity::of(unit, granted),
        left_amount: left,
        granted_amount: granted,
        ends: Ends::of(sample::AT.plus_ms(days * DAY_MS + HOUR_MS), sample::AT),
        waits: false,
        zone: None,
        alert: None,
        traced: true,
    };
    let data = bar("1", Unit::Octets, 1_200_000_000, 5 * gib, 3);
    LineCard {
        id: "line_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        label: "Mine & yours".into(),
        last4: "3456".into(),
        status: "active".into(),
        can_top_up: true,
        money: sample::gbp(1250),
        known: Known::Now,
        buckets: vec![
            BucketBar { alert: Some(Alert::EndsSoon), zone: Some("Europe".into()), ..data.clone() },
            BucketBar { alert: Some(Alert::Low), ..bar("2", Unit::Seconds, 600, 30_000, 20) },
            BucketBar { alert: Some(Alert::UsedUp), ..bar("3", Unit::Messages, 0, 100, 0) },
            BucketBar { waits: true, ..bar("4", Unit::Octets, gib, gib, 60) },
            bar("5", Unit::Money(sample::gbp(0).currency), 200, 200, 9),
        ],
        repeat: Some(Repeat { offer_name: "Credit 10".into() }),
        as_of: sample::AT,
        zone: sample::ZONE.into(),
    }
}

impl View for Me {
    const TEMPLATE: &'static str = "me/centre.html";

    fn samples() -> Vec<Me> {
        let line = sample_line();
        let me = |lines: Vec<LineCard>| Me {
            lines,
            as_of: sample::AT,
            zone: sample::ZONE.into(),
            manifest_url: "/manifest.webmanifest".into(),
        };
        let bare = LineCard { label: String::new(), buckets: Vec::new(), repeat: None, ..line.clone() };
        vec![
            me(Vec::new()),
            me(vec![line, bare.clone()]),
            me(vec![
                LineCard { known: Known::Before { at: sample::AT }, ..bare.clone() },
                LineCard { known: Known::Never, ..bare.clone() },
                LineCard { status: "barred".into(), can_top_up: false, ..bare },
            ]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_told_in_hours() {
        let now = UnixMs(1_000);
        assert_eq!(Ends::of(now.plus_ms(3 * DAY_MS + 5), now).days, Some(3));
        let last = Ends::of(now.plus_ms(5 * HOUR_MS), now);
        assert_eq!((last.days, last.hours), (None, 5));
        assert_eq!(Ends::of(UnixMs(0), now).hours, 0);
    }
}
