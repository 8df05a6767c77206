//! The first page after unlocking, with what can be done here and its keys; the page of an error at the counter, and the
//! one that the browser keeps for when there is no connection.

use super::CounterFrame;
use crate::view::{ErrorKind, View};
use serde::Serialize;

/// The first page after unlocking.
#[derive(Debug, Clone, Serialize)]
pub struct CounterHome {
    pub counter: CounterFrame,
}

impl View for CounterHome {
    const TEMPLATE: &'static str = "agent/home.html";

    fn samples() -> Vec<CounterHome> {
        let plain = CounterFrame::sample();
        let clerk = plain
            .clerk
            .clone()
            .map(|clerk| super::CounterClerk { role: domain::clerk::ClerkRole::Clerk, ..clerk });
        let bare = CounterFrame { outlet: None, float: None, cash: None, commission: None, ..plain.clone() };
        let training = CounterFrame { training: true, clerk, ..plain.clone() };
        [plain, bare, training].map(|counter| CounterHome { counter }).into()
    }
}

/// Something went wrong at the counter.
#[derive(Debug, Clone, Serialize)]
pub struct CounterError {
    pub counter: CounterFrame,
    pub kind: ErrorKind,
}

impl View for CounterError {
    const TEMPLATE: &'static str = "agent/error.html";

    fn samples() -> Vec<CounterError> {
        let of = |kind: &ErrorKind| CounterError { counter: CounterFrame::bare(), kind: *kind };
        ErrorKind::ALL.iter().map(of).collect()
    }
}

/// No page can be had.
#[derive(Debug, Clone, Serialize)]
pub struct CounterOffline {
    pub counter: CounterFrame,
}

impl View for CounterOffline {
    const TEMPLATE: &'static str = "agent/offline.html";

    fn samples() -> Vec<CounterOffline> {
        vec![CounterOffline { counter: CounterFrame::bare() }]
    }
}
