//! The overview of the office and its lists: figures of today beside a week ago, orders, work that was given up.

use super::OfficeFrame;
use crate::view::{Age, View, sample};
use domain::money::Money;
use domain::time::UnixMs;
use domain::top_up::{Channel, TopUpState};
use serde::Serialize;

/// Orders of a day so far.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OfficeDay {
    pub made: i64,
    pub credited: i64,
    /// Credited of made, in tenths of a percent; `None` when none was made.
    pub share: Option<i64>,
}

impl OfficeDay {
    pub fn of(made: i64, credited: i64) -> OfficeDay {
        OfficeDay { made, credited, share: (made > 0).then(|| credited * 1_000 / made) }
    }
}

/// The overview.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeOverview {
    pub office: OfficeFrame,
    pub at: UnixMs,
    pub zone: String,
    pub today: OfficeDay,
    pub week_ago: OfficeDay,
    /// Milliseconds from order to credit.
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub stuck: i64,
    pub refunds: i64,
    pub dead: i64,
    /// Counts stop here.
    pub count_max: i64,
    /// What waits for people, the words being `office-people-<what>`.
    pub people: Vec<OfficePeople>,
}

/// One thing that waits for people.
#[derive(Debug, Clone, Serialize)]
pub struct OfficePeople {
    /// `cases`, `requests`, `stuck`, `refunds` or `dead`.
    pub what: &'static str,
    pub href: &'static str,
    pub count: i64,
    /// Since when the oldest waits.
    pub oldest: Option<Age>,
    /// Is one of them late?
    pub late: bool,
}

impl OfficePeople {
    /// Everything that can wait for people.
    pub const ALL: [(&'static str, &'static str); 5] = [
        ("cases", "/office/cases"),
        ("requests", "/office/refunds"),
        ("stuck", "/office/stuck"),
        ("refunds", "/office/open-refunds"),
        ("dead", "/office/dead"),
    ];
}

impl View for OfficeOverview {
    const TEMPLATE: &'static str = "office/overview.html";

    fn samples() -> Vec<OfficeOverview> {
        let busy = OfficeOverview {
            office: OfficeFrame { section: super::OfficeSection::Overview, ..OfficeFrame::sample() },
            at: sample::AT,
            zone: sample::ZONE.into(),
            today: OfficeDay::of(412, 398),
            week_ago: OfficeDay::of(377, 371),
            p50: Some(8_400),
            p95: Some(61_000),
            stuck: 3,
            refunds: 12,
            dead: 1_000,
            count_max: 1_000,
            people: OfficePeople::ALL.map(|(what, href)| people(what, href, 3)).into(),
        };
        let nothing = OfficeDay::of(0, 0);
        let quiet = OfficeOverview {
            today: nothing,
            week_ago: nothing,
            p50: None,
            p95: None,
            stuck: 0,
            refunds: 0,
            dead: 0,
            people: OfficePeople::ALL.map(|(what, href)| people(what, href, 0)).into(),
            ..busy.clone()
        };
        vec![busy, quiet]
    }
}

fn people(what: &'static str, href: &'static str, count: i64) -> OfficePeople {
    let oldest = (count > 0).then(|| Age::of(sample::AT, sample::AT.plus_ms(7_200_000)));
    OfficePeople { what, href, count, oldest, late: what == "cases" && count > 0 }
}

/// An order in a list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeRow {
    pub code: String,
    pub state: TopUpState,
    pub channel: Channel,
    /// Of the number.
    pub last4: String,
    pub total: Money,
    pub at: UnixMs,
    pub zone: String,
}

impl OfficeRow {
    pub(super) fn samples() -> Vec<OfficeRow> {
        let of = |state: &TopUpState| OfficeRow {
            code: sample::CODE.into(),
            state: *state,
            channel: Channel::Online,
            last4: "3456".into(),
            total: sample::gbp(1_030),
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        TopUpState::ALL.iter().map(of).collect()
    }
}

/// Which orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeListed {
    Today,
    Refunds,
}

/// A list of orders.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeOrders {
    pub office: OfficeFrame,
    pub listed: OfficeListed,
    pub rows: Vec<OfficeRow>,
    /// Only those in this state, where one was chosen.
    pub state: Option<TopUpState>,
    pub states: Vec<TopUpState>,
    /// Where older ones are.
    pub older: Option<String>,
}

impl View for OfficeOrders {
    const TEMPLATE: &'static str = "office/orders.html";

    fn samples() -> Vec<OfficeOrders> {
        let of = |listed, rows: Vec<OfficeRow>, state| OfficeOrders {
            office: OfficeFrame::sample(),
            listed,
            older: (!rows.is_empty()).then(|| "/office/orders?before=tu_01".to_owned()),
            rows,
            state,
            states: TopUpState::ALL.to_vec(),
        };
        vec![
            of(OfficeListed::Today, OfficeRow::samples(), Some(TopUpState::Review)),
            of(OfficeListed::Today, Vec::new(), None),
            of(OfficeListed::Refunds, OfficeRow::samples(), None),
        ]
    }
}

/// Work that was given up.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeDeadRow {
    /// The topic's own word.
    pub topic: String,
    pub subject: String,
    pub tries: i64,
    pub error: Option<String>,
    pub at: Option<UnixMs>,
}

/// The list of it.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeDead {
    pub office: OfficeFrame,
    pub zone: String,
    pub rows: Vec<OfficeDeadRow>,
}

impl View for OfficeDead {
    const TEMPLATE: &'static str = "office/dead.html";

    fn samples() -> Vec<OfficeDead> {
        let row = OfficeDeadRow {
            topic: "message".into(),
            subject: "msg_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            tries: 12,
            error: Some("the SMS centre did not answer".into()),
            at: Some(sample::AT),
        };
        let of = |rows| OfficeDead { office: OfficeFrame::sample(), zone: sample::ZONE.into(), rows };
        vec![of(vec![row]), of(Vec::new())]
    }
}
