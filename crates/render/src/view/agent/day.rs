//! The business day of an outlet: what stands in its way, its report, and the report as a table.

use super::sale::{CounterWord, RecentSale};
use super::till::{FiguresShown, FiscalShown, OwedRow, ShiftRow};
use super::{CounterFrame, CounterProblem};
use crate::view::{View, sample};
use domain::business_day::Share;
use domain::money::Money;
use domain::time::UnixMs;
use serde::Serialize;

/// A closed day in a list.
#[derive(Debug, Clone, Serialize)]
pub struct DayRow {
    pub number: i64,
    pub closed_at: UnixMs,
    pub sales: i64,
    pub total: Money,
}

/// Closing the day: pending sales first, then open shifts, then cash that customers have to get back.
#[derive(Debug, Clone, Serialize)]
pub struct CounterDay {
    pub counter: CounterFrame,
    pub zone: String,
    pub pending: Vec<RecentSale>,
    pub open: Vec<ShiftRow>,
    pub owed: Vec<OwedRow>,
    /// Closed shifts that the day would take.
    pub closed: usize,
    /// Nothing stands in its way.
    pub clear: bool,
    pub past: Vec<DayRow>,
    pub fiscal: Option<FiscalShown>,
    pub problem: Option<CounterProblem>,
}

/// What one clerk or one device took, gave back, and what stands.
#[derive(Debug, Clone, Serialize)]
pub struct ShareRow {
    pub name: Option<String>,
    pub sales: i64,
    pub taken: Money,
    pub returned: Money,
}

impl ShareRow {
    pub fn of(name: Option<String>, share: Share, zero: Money) -> ShareRow {
        let money = |minor| Money::new(minor, zero.currency);
        ShareRow {
            name,
            sales: share.sales,
            taken: money(share.taken_minor),
            returned: money(share.returned_minor),
        }
    }
}

/// One of the day's shifts.
#[derive(Debug, Clone, Serialize)]
pub struct DayShiftRow {
    pub id: String,
    pub number: i64,
    pub clerk: Option<String>,
    pub total: Money,
    pub expected: Money,
    /// Nothing where it was closed without a count.
    pub counted: Option<Money>,
    pub difference: Option<Money>,
    pub reason: Option<String>,
}

/// What the report of a day says.
#[derive(Debug, Clone, Serialize)]
pub struct DayFacts {
    pub zone: String,
    pub number: i64,
    pub from: UnixMs,
    pub closed_at: UnixMs,
    pub closed_by: Option<String>,
    pub figures: FiguresShown,
    pub fees: Money,
    pub clerks: Vec<ShareRow>,
    pub devices: Vec<ShareRow>,
    pub shifts: Vec<DayShiftRow>,
    pub first: Option<String>,
    pub last: Option<String>,
    /// What customers had still to get back.
    pub owed: (i64, Money),
}

/// The report of a day.
#[derive(Debug, Clone, Serialize)]
pub struct CounterDayReport {
    pub counter: CounterFrame,
    pub day: DayFacts,
}

/// The same as a table.
#[derive(Debug, Clone, Serialize)]
pub struct DayCsv {
    pub day: DayFacts,
}

fn day() -> DayFacts {
    let share = Share { sales: 5, taken_minor: 5_000, returned_minor: 1_000 };
    let row = |name: &str| ShareRow::of(Some(name.to_owned()), share, sample::gbp(0));
    DayFacts {
        zone: sample::ZONE.into(),
        number: 12,
        from: sample::AT,
        closed_at: sample::AT,
        closed_by: Some("Li <Na>".into()),
        figures: FiguresShown::of(&super::till::figures()),
        fees: sample::gbp(30),
        clerks: vec![row("Ana"), ShareRow { name: None, ..row("") }],
        devices: vec![row("Counter 1")],
        shifts: vec![
            DayShiftRow {
                id: "shf_01JD2M9Q0000000000000000AA".into(),
                number: 7,
                clerk: Some("Ana".into()),
                total: sample::gbp(4_000),
                expected: sample::gbp(9_000),
                counted: Some(sample::gbp(8_950)),
                difference: Some(sample::gbp(-50)),
                reason: Some("A coin <rolled> away".into()),
            },
            DayShiftRow {
                id: "shf_01JD2M9Q0000000000000000AB".into(),
                number: 8,
                clerk: None,
                total: sample::gbp(0),
                expected: sample::gbp(0),
                counted: None,
                difference: None,
                reason: Some("The device died".into()),
            },
        ],
        first: Some(sample::CODE.into()),
        last: Some(sample::CODE.into()),
        owed: (1, sample::gbp(1_000)),
    }
}

impl View for CounterDay {
    const TEMPLATE: &'static str = "agent/day.html";

    fn samples() -> Vec<CounterDay> {
        let clear = CounterDay {
            counter: CounterFrame::sample(),
            zone: sample::ZONE.into(),
            pending: Vec::new(),
            open: Vec::new(),
            owed: Vec::new(),
            closed: 2,
            clear: true,
            past: vec![DayRow { number: 12, closed_at: sample::AT, sales: 5, total: sample::gbp(4_000) }],
            fiscal: None,
            problem: None,
        };
        let sale = RecentSale {
            code: sample::CODE.into(),
            offer_name: "Credit <10>".into(),
            last4: "3456".into(),
            total: sample::gbp(1_000),
            word: CounterWord::Pending,
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        let open = ShiftRow {
            id: "shf_01JD2M9Q0000000000000000AA".into(),
            number: None,
            clerk: Some("Li <Na>".into()),
            device: Some("Counter 1".into()),
            opened_at: sample::AT,
            closed_at: None,
            difference: None,
            forced: false,
        };
        let held = CounterDay {
            pending: vec![sale],
            open: vec![open],
            owed: vec![OwedRow { code: sample::CODE.into(), amount: sample::gbp(1_000), since: sample::AT }],
            clear: false,
            fiscal: Some(FiscalShown::sample()),
            ..clear.clone()
        };
        let nothing = CounterDay { closed: 0, clear: false, past: Vec::new(), ..clear.clone() };
        let problems = ["day_pending", "day_shifts_open", "day_nothing", "till_supervisor", "till_training"];
        let refused =
            problems.map(|code| CounterDay { problem: Some(CounterProblem::of(code)), ..held.clone() });
        refused.into_iter().chain([clear, held, nothing]).collect()
    }
}

impl View for CounterDayReport {
    const TEMPLATE: &'static str = "agent/day_report.html";

    fn samples() -> Vec<CounterDayReport> {
        let quiet = DayFacts { first: None, last: None, owed: (0, sample::gbp(0)), ..day() };
        [day(), quiet].map(|day| CounterDayReport { counter: CounterFrame::sample(), day }).into()
    }
}

impl View for DayCsv {
    const TEMPLATE: &'static str = "agent/day.csv";

    fn samples() -> Vec<DayCsv> {
        vec![DayCsv { day: day() }]
    }
}
