//! The till: opening a shift, cash in and out, the blind count, and the report.

use super::sale::{CounterWord, RecentSale, ShiftShown};
use super::{CounterClerk, CounterFrame, CounterProblem};
use crate::view::{View, sample};
use domain::clerk::ClerkRole;
use domain::fiscal::{FiscalCounts, FiscalState};
use domain::money::{BasisPoints, Money};
use domain::tender::TenderKind;
use domain::till::{CashReason, Closing, Figures};
use domain::time::UnixMs;
use serde::Serialize;

/// Cash that a customer has to get back.
#[derive(Debug, Clone, Serialize)]
pub struct OwedRow {
    pub code: String,
    pub amount: Money,
    pub since: UnixMs,
}

/// A shift of the outlet in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ShiftRow {
    pub id: String,
    /// The number of its report, once it is closed.
    pub number: Option<i64>,
    pub clerk: Option<String>,
    pub device: Option<String>,
    pub opened_at: UnixMs,
    pub closed_at: Option<UnixMs>,
    pub difference: Option<Money>,
    pub forced: bool,
}

/// The fiscal device of the outlet's market, as far as our books tell.
#[derive(Debug, Clone, Serialize)]
pub struct FiscalShown {
    /// Its serial number, once it has signed something here.
    pub serial: Option<String>,
    pub waiting: i64,
    pub refused: i64,
    /// What it has not signed, by the codes of the receipts.
    pub unsigned: Vec<(String, FiscalState)>,
}

impl FiscalShown {
    pub(super) fn sample() -> FiscalShown {
        FiscalShown {
            serial: Some("FD-<0001>".into()),
            waiting: 1,
            refused: 1,
            unsigned: vec![
                (sample::CODE.into(), FiscalState::Waiting),
                (sample::CODE.into(), FiscalState::Refused),
            ],
        }
    }
}

/// The till of this device.
#[derive(Debug, Clone, Serialize)]
pub struct CounterTill {
    pub counter: CounterFrame,
    pub stage: ShiftShown,
    pub zone: String,
    /// The open shift, for its report.
    pub shift: Option<String>,
    pub opened_at: Option<UnixMs>,
    /// What is counted: coins and notes, the largest first.
    pub denominations: Vec<Money>,
    /// Zero of the till's currency, for the symbol.
    pub zero: Money,
    /// With what a shift that was handed over begins.
    pub start: Option<Money>,
    /// Drawn for one movement of cash.
    pub key: String,
    pub owed: Vec<OwedRow>,
    /// Sales of the shift whose end nobody knows yet.
    pub pending: Vec<RecentSale>,
    /// What was counted, and what there should be; told only after the count.
    pub counted: Option<(Money, Money)>,
    pub difference: Option<Money>,
    /// May throw a count away and close others' shifts.
    pub supervises: bool,
    /// Who may go on with what was counted.
    pub next: Vec<CounterClerk>,
    pub past: Vec<ShiftRow>,
    pub fiscal: Option<FiscalShown>,
    pub problem: Option<CounterProblem>,
}

/// Figures of a shift as a report shows them.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresShown {
    pub sales: i64,
    pub total: Money,
    pub taken: Vec<(TenderKind, i64, Money)>,
    pub returned: Vec<(TenderKind, i64, Money)>,
    /// Rate, total and the tax in it.
    pub taxes: Vec<(BasisPoints, Money, Money)>,
    pub start: Money,
    pub paid_in: Money,
    pub paid_out: Money,
    pub commission: Money,
    pub expected: Money,
}

impl FiguresShown {
    pub fn of(figures: &Figures) -> FiguresShown {
        let money = |minor: i64| Money::new(minor, figures.currency);
        let rows = |sums: &std::collections::BTreeMap<TenderKind, (i64, i64)>| {
            sums.iter().map(|(kind, (minor, number))| (*kind, *number, money(*minor))).collect()
        };
        let taxes = figures.taxes.iter();
        FiguresShown {
            sales: figures.sales,
            total: figures.total(),
            taken: rows(&figures.taken),
            returned: rows(&figures.returned),
            taxes: taxes.map(|(rate, (all, tax))| (BasisPoints(*rate), money(*all), money(*tax))).collect(),
            start: money(figures.start_minor),
            paid_in: money(figures.paid_in_minor),
            paid_out: money(figures.paid_out_minor),
            commission: money(figures.commission_minor),
            expected: figures.expected(),
        }
    }
}

/// Cash that moved besides sales.
#[derive(Debug, Clone, Serialize)]
pub struct MovementRow {
    pub why: CashReason,
    pub amount: Money,
    pub note: Option<String>,
    pub at: UnixMs,
}

/// The report of a shift: X while it is open, Z once it is closed.
#[derive(Debug, Clone, Serialize)]
pub struct CounterReport {
    pub counter: CounterFrame,
    pub zone: String,
    pub shift: String,
    /// The number of a Z report.
    pub number: Option<i64>,
    pub clerk: Option<String>,
    pub device: Option<String>,
    pub opened_at: UnixMs,
    pub closed: Option<(UnixMs, Closing)>,
    pub reason: Option<String>,
    pub figures: FiguresShown,
    pub counted: Option<Money>,
    pub difference: Option<Money>,
    pub pieces: Vec<(Money, i64)>,
    pub movements: Vec<MovementRow>,
    pub pending: Vec<RecentSale>,
    /// A supervisor may close it without a count.
    pub forceable: bool,
    /// Where the signatures of the fiscal device stand, where the market has one.
    pub fiscal: Option<FiscalCounts>,
    pub problem: Option<CounterProblem>,
}

pub(super) fn figures() -> Figures {
    let mut figures = Figures::empty(sample::gbp(0).currency);
    figures.sales = 5;
    figures.taken.insert(TenderKind::Cash, (4_000, 4));
    figures.taken.insert(TenderKind::Card, (1_000, 1));
    figures.returned.insert(TenderKind::Cash, (1_000, 1));
    figures.taxes.insert(2_000, (4_000, 667));
    figures.start_minor = 5_000;
    figures.paid_in_minor = 2_000;
    figures.paid_out_minor = -1_000;
    figures.commission_minor = 100;
    figures
}

fn pending() -> RecentSale {
    RecentSale {
        code: sample::CODE.into(),
        offer_name: "Credit <10>".into(),
        last4: "3456".into(),
        total: sample::gbp(1_000),
        word: CounterWord::Pending,
        at: sample::AT,
        zone: sample::ZONE.into(),
    }
}

/// What can be wrong at a till.
const PROBLEMS: [&str; 12] = [
    "till_no_shift",
    "till_shift_open",
    "till_counted",
    "till_not_counted",
    "till_amount",
    "till_not_in_till",
    "till_reason_missing",
    "till_supervisor",
    "till_next_clerk",
    "till_nothing_owed",
    "till_too_many",
    "till_training",
];

impl View for CounterTill {
    const TEMPLATE: &'static str = "agent/till.html";

    fn samples() -> Vec<CounterTill> {
        let zero = sample::gbp(0);
        let row = |forced| ShiftRow {
            id: "shf_01JD2M9Q0000000000000000AA".into(),
            number: Some(7),
            clerk: Some("Li <Na>".into()),
            device: Some("Counter 1".into()),
            opened_at: sample::AT,
            closed_at: Some(sample::AT),
            difference: Some(sample::gbp(-50)),
            forced,
        };
        let open = ShiftRow { number: None, closed_at: None, difference: None, ..row(false) };
        let plain = CounterTill {
            counter: CounterFrame::sample(),
            stage: ShiftShown::Open,
            zone: sample::ZONE.into(),
            shift: Some("shf_01JD2M9Q0000000000000000AA".into()),
            opened_at: Some(sample::AT),
            denominations: domain::till::denominations(zero.currency)
                .into_iter()
                .map(|minor| Money::new(minor, zero.currency))
                .collect(),
            zero,
            start: None,
            key: "01JD2M9Q0000000000000000AA".into(),
            owed: vec![OwedRow { code: sample::CODE.into(), amount: sample::gbp(1_000), since: sample::AT }],
            pending: vec![pending()],
            counted: None,
            difference: None,
            supervises: true,
            next: vec![CounterClerk { name: "Ana".into(), role: ClerkRole::Clerk, number: 13 }],
            past: vec![open, row(false), row(true)],
            fiscal: None,
            problem: None,
        };
        let counted = CounterTill {
            stage: ShiftShown::Counted,
            counted: Some((sample::gbp(5_950), sample::gbp(6_000))),
            difference: Some(sample::gbp(-50)),
            problem: Some(CounterProblem::at("till_reason_missing", "reason")),
            ..plain.clone()
        };
        let even = CounterTill {
            counted: Some((sample::gbp(6_000), sample::gbp(6_000))),
            difference: None,
            supervises: false,
            fiscal: Some(FiscalShown::sample()),
            problem: None,
            ..counted.clone()
        };
        let closed = CounterTill {
            stage: ShiftShown::Closed,
            shift: None,
            opened_at: None,
            start: Some(sample::gbp(6_000)),
            owed: Vec::new(),
            pending: Vec::new(),
            fiscal: Some(FiscalShown { serial: None, unsigned: Vec::new(), ..FiscalShown::sample() }),
            ..plain.clone()
        };
        let problems = PROBLEMS;
        let refused =
            problems.map(|code| CounterTill { problem: Some(CounterProblem::of(code)), ..plain.clone() });
        refused.into_iter().chain([plain.clone(), counted, even, closed]).collect()
    }
}

impl View for CounterReport {
    const TEMPLATE: &'static str = "agent/report.html";

    fn samples() -> Vec<CounterReport> {
        let z = CounterReport {
            counter: CounterFrame::sample(),
            zone: sample::ZONE.into(),
            shift: "shf_01JD2M9Q0000000000000000AA".into(),
            number: Some(7),
            clerk: Some("Li <Na>".into()),
            device: Some("Counter 1".into()),
            opened_at: sample::AT,
            closed: Some((sample::AT, Closing::Counted)),
            reason: Some("A coin <rolled> away".into()),
            figures: FiguresShown::of(&figures()),
            counted: Some(sample::gbp(8_950)),
            difference: Some(sample::gbp(-50)),
            pieces: vec![(sample::gbp(2_000), 4), (sample::gbp(50), 19)],
            movements: vec![
                MovementRow {
                    why: CashReason::Start,
                    amount: sample::gbp(5_000),
                    note: None,
                    at: sample::AT,
                },
                MovementRow {
                    why: CashReason::PaidOut,
                    amount: sample::gbp(-1_000),
                    note: Some("Paper <rolls>".into()),
                    at: sample::AT,
                },
            ],
            pending: vec![pending()],
            forceable: false,
            fiscal: Some(FiscalCounts { signed: 3, waiting: 1, refused: 1 }),
            problem: None,
        };
        let closed = |how| CounterReport { closed: Some((sample::AT, how)), ..z.clone() };
        let x = CounterReport {
            number: None,
            closed: None,
            reason: None,
            counted: None,
            difference: None,
            pieces: Vec::new(),
            forceable: true,
            fiscal: None,
            ..z.clone()
        };
        Closing::ALL.iter().map(|how| closed(*how)).chain([x]).collect()
    }
}
