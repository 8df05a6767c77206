//! The journal of a counter: what happened, by whom, and what was shown in full.

use super::{CounterFrame, CounterProblem};
use crate::view::{View, sample};
use domain::counter_journal::JournalEvent;
use domain::money::Money;
use domain::time::UnixMs;
use serde::Serialize;

/// One event.
#[derive(Debug, Clone, Serialize)]
pub struct JournalRow {
    pub id: String,
    pub at: UnixMs,
    pub what: JournalEvent,
    /// The names of the clerk and of the device.
    pub clerk: Option<String>,
    pub device: Option<String>,
    /// The code of a top-up, or the name of whom or what it was done to.
    pub subject: Option<String>,
    pub last_four: Option<String>,
    pub amount: Option<Money>,
    pub reason: Option<String>,
    /// Is it about a number that can be shown in full?
    pub reveals: bool,
}

/// The journal, perhaps searched.
#[derive(Debug, Clone, Serialize)]
pub struct CounterJournal {
    pub counter: CounterFrame,
    pub zone: String,
    /// What was looked for, as it was typed.
    pub typed: String,
    pub rows: Vec<JournalRow>,
    /// The address of older entries.
    pub older: Option<String>,
    /// The id of an entry and the number it is about, shown once.
    pub revealed: Option<(String, String)>,
    pub problem: Option<CounterProblem>,
}

impl View for CounterJournal {
    const TEMPLATE: &'static str = "agent/journal.html";

    fn samples() -> Vec<CounterJournal> {
        let row = |what: JournalEvent| JournalRow {
            id: format!(
                "01JD9Z3K7Q8W4M5N6P7R8S9T{:02}",
                JournalEvent::ALL.iter().position(|one| *one == what).unwrap_or(0)
            ),
            at: sample::AT,
            what,
            clerk: Some("Li Na".into()),
            device: Some("Counter 1".into()),
            subject: None,
            last_four: None,
            amount: None,
            reason: None,
            reveals: false,
        };
        let sold = JournalRow {
            subject: Some(sample::CODE.into()),
            last_four: Some("3456".into()),
            amount: Some(sample::gbp(1000)),
            reveals: true,
            ..row(JournalEvent::Sold)
        };
        let silent = JournalRow {
            clerk: None,
            device: None,
            reason: Some("New <glasses>".into()),
            ..row(JournalEvent::Overridden)
        };
        let all: Vec<JournalRow> = JournalEvent::ALL.iter().map(|what| row(*what)).chain([silent]).collect();
        let plain = CounterJournal {
            counter: CounterFrame::sample(),
            zone: sample::ZONE.into(),
            typed: String::new(),
            rows: all,
            older: Some("/agent/journal?before=01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()),
            revealed: None,
            problem: None,
        };
        let revealed = Some((sold.id.clone(), sample::NUMBER.to_owned()));
        let locked = CounterProblem::locked("reveals_locked", sample::AT, sample::ZONE.into());
        let problems = [CounterProblem::of("reason_unfit"), CounterProblem::of("nothing_to_reveal"), locked];
        let with =
            |problem| CounterJournal { rows: vec![sold.clone()], problem: Some(problem), ..plain.clone() };
        let mut samples: Vec<CounterJournal> = problems.map(with).into();
        samples.push(CounterJournal {
            rows: vec![sold.clone()],
            revealed,
            typed: "3456".into(),
            ..plain.clone()
        });
        let unreadable = Some(CounterProblem::at("search_unreadable", "q"));
        samples.push(CounterJournal { rows: Vec::new(), older: None, problem: unreadable, ..plain.clone() });
        samples.push(plain);
        samples
    }
}
