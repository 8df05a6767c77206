//! The stuck list as staff sees it: what is stuck, what would be done about it, and what came of it.

use domain::money::Money;
use domain::stuck::{Mend, Mended, StuckCause};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use serde::Serialize;

use crate::view::{OfficeFrame, OfficeProblem, OfficeSection, View, sample};

/// How long something has been as it is, in its largest unit. The words are `stuck-age-<unit>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Age {
    pub unit: &'static str,
    pub count: i64,
}

impl Age {
    pub fn of(since: UnixMs, now: UnixMs) -> Age {
        let ms = (now.0 - since.0).max(0);
        let (unit, one) = match ms {
            DAY_MS.. => ("days", DAY_MS),
            HOUR_MS.. => ("hours", HOUR_MS),
            _ => ("minutes", MINUTE_MS),
        };
        Age { unit, count: ms / one }
    }
}

/// One thing that is stuck.
#[derive(Debug, Clone, Serialize)]
pub struct StuckRow {
    /// As forms name it.
    pub key: String,
    pub cause: StuckCause,
    pub since: UnixMs,
    pub age: Age,
    pub answer_by: Option<UnixMs>,
    pub late: bool,
    pub order: Option<String>,
    pub amount: Option<Money>,
    pub detail: String,
    /// The key of the word for it, where there is one.
    pub word: Option<String>,
    /// When it is tried again by itself.
    pub next_at: Option<UnixMs>,
    pub may: Vec<Mend>,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeStuck {
    pub office: OfficeFrame,
    pub rows: Vec<StuckRow>,
    /// The actions of the rows, for the choice above them.
    pub mends: Vec<Mend>,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

/// What would be done, before it is done.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeStuckPreview {
    pub office: OfficeFrame,
    pub what: Mend,
    /// Those for which it is possible.
    pub rows: Vec<StuckRow>,
    /// Those that are left out.
    pub left_out: Vec<StuckRow>,
    /// How many are not stuck any more.
    pub gone: i64,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

/// What came of it, each by itself.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeStuckDone {
    pub office: OfficeFrame,
    pub what: Mend,
    pub rows: Vec<DoneRow>,
}

/// What came of one.
#[derive(Debug, Clone, Serialize)]
pub struct DoneRow {
    pub key: String,
    pub order: Option<String>,
    pub cause: Option<StuckCause>,
    pub mended: Mended,
}

fn frame() -> OfficeFrame {
    OfficeFrame { section: OfficeSection::Stuck, ..OfficeFrame::sample() }
}

fn row(cause: StuckCause, may: &[Mend]) -> StuckRow {
    StuckRow {
        key: "order:tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        cause,
        since: sample::AT,
        age: Age::of(sample::AT, sample::AT.plus_ms(50 * HOUR_MS)),
        answer_by: Some(sample::AT),
        late: true,
        order: Some(sample::CODE.into()),
        amount: Some(sample::gbp(1030)),
        detail: "operation: <no answer>".into(),
        word: None,
        next_at: Some(sample::AT),
        may: may.to_vec(),
    }
}

fn rows() -> Vec<StuckRow> {
    let mut rows: Vec<StuckRow> = StuckCause::ALL.iter().map(|cause| row(*cause, Mend::ALL)).collect();
    let plain = row(StuckCause::Report, &[Mend::SeeTo]);
    rows.push(StuckRow {
        order: None,
        amount: None,
        answer_by: None,
        next_at: None,
        late: false,
        age: Age { unit: "minutes", count: 1 },
        ..plain.clone()
    });
    rows.push(StuckRow { late: false, age: Age { unit: "hours", count: 1 }, may: Vec::new(), ..plain });
    rows
}

impl View for OfficeStuck {
    const TEMPLATE: &'static str = "office/stuck.html";

    fn samples() -> Vec<OfficeStuck> {
        let list = OfficeStuck {
            office: frame(),
            rows: rows(),
            mends: Mend::ALL.to_vec(),
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples =
            vec![OfficeStuck { rows: Vec::new(), mends: Vec::new(), ..list.clone() }, list.clone()];
        samples.extend(
            ["nothing_chosen", "action_missing"]
                .map(|code| OfficeStuck { problem: Some(OfficeProblem::of(code)), ..list.clone() }),
        );
        samples
    }
}

impl View for OfficeStuckPreview {
    const TEMPLATE: &'static str = "office/stuck_preview.html";

    fn samples() -> Vec<OfficeStuckPreview> {
        let preview = |what: &Mend| OfficeStuckPreview {
            office: frame(),
            what: *what,
            rows: rows(),
            left_out: rows(),
            gone: 2,
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples: Vec<OfficeStuckPreview> = Mend::ALL.iter().map(preview).collect();
        samples.push(OfficeStuckPreview {
            rows: Vec::new(),
            left_out: Vec::new(),
            gone: 1,
            ..preview(&Mend::Ask)
        });
        samples.push(OfficeStuckPreview {
            problem: Some(OfficeProblem::at("note_missing", "note")),
            gone: 0,
            ..preview(&Mend::SeeTo)
        });
        samples
    }
}

impl View for OfficeStuckDone {
    const TEMPLATE: &'static str = "office/stuck_done.html";

    fn samples() -> Vec<OfficeStuckDone> {
        let done = |mended: &Mended| DoneRow {
            key: "work:wk_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            order: (*mended != Mended::NotStuck).then(|| sample::CODE.into()),
            cause: (*mended != Mended::NotStuck).then_some(StuckCause::CallUnanswered),
            mended: *mended,
        };
        Mend::ALL
            .iter()
            .map(|what| OfficeStuckDone {
                office: frame(),
                what: *what,
                rows: Mended::ALL.iter().map(done).collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let age = |ms| Age::of(UnixMs(0), UnixMs(ms));
        assert_eq!(age(90 * MINUTE_MS), Age { unit: "hours", count: 1 });
        assert_eq!(age(59 * MINUTE_MS), Age { unit: "minutes", count: 59 });
        assert_eq!(age(3 * DAY_MS + HOUR_MS), Age { unit: "days", count: 3 });
        assert_eq!(age(-5), Age { unit: "minutes", count: 0 });
    }
}
