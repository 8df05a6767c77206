//! One line: its balance, and the history of its money or of one bucket.

use domain::time::UnixMs;
use domain::unit::Unit;
use serde::Serialize;

use super::centre::{LineCard, sample_line};
use super::{BucketBar, Quantity};
use crate::view::{View, sample};

/// A bucket that ended, whose history can still be read.
#[derive(Debug, Clone, Serialize)]
pub struct PastBucket {
    pub id: String,
    pub granted: Quantity,
    pub ended_at: UnixMs,
}

/// One entry of a history.
#[derive(Debug, Clone, Serialize)]
pub struct LineEntry {
    /// `granted`, `bonus`, `moved_in`, `moved_out`, `used`, `ended` or `reversed`.
    pub what: &'static str,
    /// Without its sign.
    pub amount: Quantity,
    pub went: bool,
    pub at: UnixMs,
    /// The code of the order, where the reader ordered it.
    pub order: Option<String>,
}

/// The page of a line.
#[derive(Debug, Clone, Serialize)]
pub struct LinePage {
    pub line: LineCard,
    pub past: Vec<PastBucket>,
    /// When the line came into the account; the money's history begins there.
    pub added_at: UnixMs,
    /// Does its network keep the balance? Then only what was topped up here is known.
    pub kept_by_network: bool,
    /// The bucket whose history is shown; the money's when none.
    pub bucket: Option<String>,
    /// What that bucket was granted.
    pub granted: Option<Quantity>,
    pub entries: Vec<LineEntry>,
    /// The address of older entries.
    pub next_url: Option<String>,
}

impl View for LinePage {
    const TEMPLATE: &'static str = "me/line.html";

    fn samples() -> Vec<LinePage> {
        let pounds = Unit::Money(sample::gbp(0).currency);
        let entry = |what, unit, amount, went| LineEntry {
            what,
            amount: Quantity::of(unit, amount),
            went,
            at: sample::AT,
            order: None,
        };
        let line = sample_line();
        let first = line.buckets.first().map(|bar: &BucketBar| bar.id.clone());
        let money = LinePage {
            added_at: sample::AT,
            kept_by_network: false,
            line: line.clone(),
            past: Vec::new(),
            bucket: None,
            granted: None,
            entries: vec![
                entry("used", pounds, 100, true),
                entry("bonus", pounds, 100, false),
                LineEntry { order: Some(sample::CODE.into()), ..entry("granted", pounds, 1000, false) },
            ],
            next_url: Some("/me/lines/line_1?before=01JD&x=1".into()),
        };
        let bucket = LinePage {
            past: vec![PastBucket {
                id: "bkt_9".into(),
                granted: Quantity::of(Unit::Octets, 1_000_000_000),
                ended_at: sample::AT,
            }],
            bucket: first,
            granted: Some(Quantity::of(Unit::Octets, 5_000_000_000)),
            entries: ["ended", "moved_out", "reversed", "used", "moved_in", "granted"]
                .map(|what| entry(what, Unit::Octets, 500_000_000, what != "granted"))
                .into(),
            next_url: None,
            ..money.clone()
        };
        let empty = LinePage { entries: Vec::new(), next_url: None, ..money.clone() };
        vec![money, bucket, empty]
    }
}
