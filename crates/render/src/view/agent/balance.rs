//! The balance of a customer's line at the counter: number, code, and for a short time what is on the line.

use super::CounterFrame;
use crate::problem::Problem;
use crate::view::{LineCard, Me, View, sample};
use domain::account::AccountRefusal;
use serde::Serialize;

/// How far the look-up is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum BalanceStep {
    Number {
        /// As it was typed.
        typed: String,
    },
    /// A code is on its way to the customer.
    Code {
        /// What waits for it, sealed.
        word: String,
        /// What may be shown of the number.
        shown: String,
    },
    Shown {
        line: Box<LineCard>,
        /// How long it stays.
        seconds: u16,
    },
}

/// Screen A9.
#[derive(Debug, Clone, Serialize)]
pub struct CounterBalance {
    pub counter: CounterFrame,
    pub step: BalanceStep,
    pub problem: Option<Problem>,
}

impl View for CounterBalance {
    const TEMPLATE: &'static str = "agent/balance.html";

    fn samples() -> Vec<CounterBalance> {
        let of = |step, problem: Option<Problem>| CounterBalance {
            counter: CounterFrame::sample(),
            step,
            problem,
        };
        let number = |typed: &str| BalanceStep::Number { typed: typed.into() };
        let code = || BalanceStep::Code { word: "v1.k1.AbC".into(), shown: "••• 3456".into() };
        let refused = |refusal, field| Some(Problem::account(refusal, field, sample::ZONE));
        let lines = Me::samples().into_iter().flat_map(|me| me.lines);
        let shown = lines.map(|line| of(BalanceStep::Shown { line: Box::new(line), seconds: 60 }, None));
        [
            of(number(""), None),
            of(number("07400 999999"), refused(AccountRefusal::LineUnknown, "msisdn")),
            of(number(""), refused(AccountRefusal::NotBefore(sample::AT), "msisdn")),
            of(number(""), refused(AccountRefusal::CodeOver, "code")),
            of(code(), None),
            of(code(), refused(AccountRefusal::CodeWrong { left: 3 }, "code")),
        ]
        .into_iter()
        .chain(shown)
        .collect()
    }
}
