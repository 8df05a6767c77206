//! The doors of the counter: pairing, unlocking, choosing a PIN, a supervisor's help, and why nothing was done.

use super::{CounterClerk, CounterFrame, CounterProblem};
use crate::view::{View, sample};
use domain::clerk::ClerkRole;
use serde::Serialize;

/// Pairs this browser.
#[derive(Debug, Clone, Serialize)]
pub struct CounterPair {
    pub counter: CounterFrame,
    pub problem: Option<CounterProblem>,
}

/// Who unlocks, and with which PIN.
#[derive(Debug, Clone, Serialize)]
pub struct CounterUnlock {
    pub counter: CounterFrame,
    /// Those who work here; none when there are too many for a screen.
    pub clerks: Vec<CounterClerk>,
    /// The number of the one who was chosen.
    pub chosen: Option<i64>,
    /// Where to go afterwards.
    pub next: String,
    /// It locked by itself.
    pub lapsed: bool,
    /// Something was sent that was not done, because it was locked.
    pub undone: bool,
    pub training: bool,
    pub problem: Option<CounterProblem>,
}

/// Chooses a PIN by a one-time code.
#[derive(Debug, Clone, Serialize)]
pub struct CounterFirstPin {
    pub counter: CounterFrame,
    /// Whose number it is.
    pub number: Option<i64>,
    pub problem: Option<CounterProblem>,
}

/// A supervisor lets somebody in.
#[derive(Debug, Clone, Serialize)]
pub struct CounterOverride {
    pub counter: CounterFrame,
    /// Who is locked out.
    pub number: Option<i64>,
    pub reason: String,
    pub problem: Option<CounterProblem>,
}

/// Why a page is not shown or a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterNote {
    /// The request was not signed: no script ran, or the browser lost its key.
    Unsigned,
    /// The signature is not this device's, or something was altered.
    Signature,
    /// The same request came before.
    Replayed,
    /// The device's clock is off.
    Clock,
    Revoked,
    /// The page is for owners.
    OwnersOnly,
    /// The page is of real sales, and somebody learns here.
    InTraining,
    /// Somebody comes back from a page where a card has paid, on whatever device.
    Back,
}

impl CounterNote {
    pub const ALL: [CounterNote; 8] = [
        CounterNote::Unsigned,
        CounterNote::Signature,
        CounterNote::Replayed,
        CounterNote::Clock,
        CounterNote::Revoked,
        CounterNote::OwnersOnly,
        CounterNote::InTraining,
        CounterNote::Back,
    ];

    /// The word for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            CounterNote::Unsigned => "unsigned",
            CounterNote::Signature => "signature",
            CounterNote::Replayed => "replayed",
            CounterNote::Clock => "clock",
            CounterNote::Revoked => "revoked",
            CounterNote::OwnersOnly => "owners_only",
            CounterNote::InTraining => "in_training",
            CounterNote::Back => "back",
        }
    }
}

/// A page that says so.
#[derive(Debug, Clone, Serialize)]
pub struct CounterMessage {
    pub counter: CounterFrame,
    pub note: CounterNote,
}

impl View for CounterPair {
    const TEMPLATE: &'static str = "agent/pair.html";

    fn samples() -> Vec<CounterPair> {
        let problems = [
            None,
            Some(CounterProblem::at("pairing_wrong", "code")),
            Some(CounterProblem::of("key_unfit")),
            Some(CounterProblem::locked("codes_locked", sample::AT, sample::ZONE.into())),
        ];
        problems.map(|problem| CounterPair { counter: CounterFrame::bare(), problem }).into()
    }
}

impl View for CounterUnlock {
    const TEMPLATE: &'static str = "agent/unlock.html";

    fn samples() -> Vec<CounterUnlock> {
        let clerk = |name: &str, role, number| CounterClerk { name: name.into(), role, number };
        let plain = CounterUnlock {
            counter: CounterFrame::locked(),
            clerks: vec![
                clerk("Li Na", ClerkRole::Owner, 11),
                clerk("Ana <b>Reyes</b>", ClerkRole::Supervisor, 12),
                clerk("Ben Osei", ClerkRole::Clerk, 13),
            ],
            chosen: None,
            next: "/agent".into(),
            lapsed: false,
            undone: false,
            training: false,
            problem: None,
        };
        let locked = CounterProblem::locked("pin_locked", sample::AT, sample::ZONE.into());
        vec![
            CounterUnlock { lapsed: true, undone: true, ..plain.clone() },
            CounterUnlock { clerks: Vec::new(), chosen: Some(13), training: true, ..plain.clone() },
            CounterUnlock {
                chosen: Some(12),
                problem: Some(CounterProblem::at("pin_wrong", "pin")),
                ..plain.clone()
            },
            CounterUnlock { chosen: Some(12), problem: Some(locked), ..plain.clone() },
            CounterUnlock { problem: Some(CounterProblem::at("nobody_chosen", "number")), ..plain.clone() },
            plain,
        ]
    }
}

impl View for CounterFirstPin {
    const TEMPLATE: &'static str = "agent/first_pin.html";

    fn samples() -> Vec<CounterFirstPin> {
        let problems = [
            None,
            Some(CounterProblem::at("clerk_code_wrong", "code")),
            Some(CounterProblem::at("pin_length", "pin")),
            Some(CounterProblem::at("pin_trivial", "pin")),
            Some(CounterProblem::at("pins_differ", "again")),
            Some(CounterProblem::locked("codes_locked", sample::AT, sample::ZONE.into())),
        ];
        let of = |problem| CounterFirstPin { counter: CounterFrame::locked(), number: Some(11), problem };
        problems.map(of).into()
    }
}

impl View for CounterOverride {
    const TEMPLATE: &'static str = "agent/override.html";

    fn samples() -> Vec<CounterOverride> {
        let problems = [
            None,
            Some(CounterProblem::at("supervisor_wrong", "pin")),
            Some(CounterProblem::at("not_a_supervisor", "supervisor")),
            Some(CounterProblem::at("reason_unfit", "reason")),
            Some(CounterProblem::of("not_locked")),
            Some(CounterProblem::locked("supervisor_locked", sample::AT, sample::ZONE.into())),
        ];
        let of = |problem| CounterOverride {
            counter: CounterFrame::locked(),
            number: Some(13),
            reason: "New glasses".into(),
            problem,
        };
        problems.map(of).into()
    }
}

impl View for CounterMessage {
    const TEMPLATE: &'static str = "agent/message.html";

    fn samples() -> Vec<CounterMessage> {
        CounterNote::ALL.map(|note| CounterMessage { counter: CounterFrame::bare(), note }).into()
    }
}
