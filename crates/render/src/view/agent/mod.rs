//! Views of the counter. Each has a [`CounterFrame`] named `counter` for the frame around it.

mod balance;
mod day;
mod doors;
mod home;
mod journal;
mod owner;
mod paper;
mod sale;
mod till;
mod training;

pub use balance::{BalanceStep, CounterBalance};
pub use day::{CounterDay, CounterDayReport, DayCsv, DayFacts, DayRow, DayShiftRow, ShareRow};
pub use doors::{CounterFirstPin, CounterMessage, CounterNote, CounterOverride, CounterPair, CounterUnlock};
pub use home::{CounterError, CounterHome, CounterOffline};
pub use journal::{CounterJournal, JournalRow};
pub use owner::{ClerkRow, CounterClerks, CounterDevices, DeviceRowShown, NewCode, PairingShown};

pub use paper::{CounterDisplay, CounterSlip, PaperShown};
pub use sale::{
    CardAsked, CounterNothing, CounterOffers, CounterPay, CounterSale, CounterSold, CounterWord, OnReader,
    RecentSale, ShiftShown, TenderShown,
};
pub use till::{CounterReport, CounterTill, FiguresShown, FiscalShown, MovementRow, OwedRow, ShiftRow};
pub use training::CounterTrained;

use domain::clerk::ClerkRole;
use domain::money::Money;
use domain::time::UnixMs;
use serde::Serialize;

/// Somebody who works at a counter, as others see them.
#[derive(Debug, Clone, Serialize)]
pub struct CounterClerk {
    pub name: String,
    pub role: ClerkRole,
    /// What they type instead of choosing their name.
    pub number: i64,
}

/// The frame around a page of the counter.
#[derive(Debug, Clone, Serialize)]
pub struct CounterFrame {
    /// What the outlet is called.
    pub outlet: Option<String>,
    /// What the device is called; nothing on a browser that is not paired.
    pub device: Option<String>,
    /// Nobody before the unlocking.
    pub clerk: Option<CounterClerk>,
    /// What can be sold for, what should lie in the drawer, and what was earned today: each where it is known.
    pub float: Option<Money>,
    pub cash: Option<Money>,
    pub commission: Option<Money>,
    /// Nothing of what is done touches the ledger.
    pub training: bool,
    /// After how many seconds without anything the device locks; nothing where nobody is at work.
    pub idle_s: Option<i64>,
    pub css_url: String,
    pub js_urls: Vec<String>,
}

impl CounterFrame {
    /// A frame for samples and tests.
    pub fn sample() -> CounterFrame {
        CounterFrame {
            outlet: Some("Luma Mobile, Camden Market".into()),
            device: Some("Counter 1".into()),
            clerk: Some(CounterClerk { name: "Li Na".into(), role: ClerkRole::Owner, number: 11 }),
            float: Some(crate::view::sample::gbp(123_450)),
            cash: Some(crate::view::sample::gbp(20_000)),
            commission: Some(crate::view::sample::gbp(815)),
            training: false,
            idle_s: Some(120),
            css_url: "/assets/agent.css".into(),
            js_urls: vec!["/assets/agent.js".into()],
        }
    }

    /// At a paired device, before the unlocking.
    pub fn locked() -> CounterFrame {
        let (clerk, float, cash, commission, idle_s) = (None, None, None, None, None);
        CounterFrame { clerk, float, cash, commission, idle_s, ..CounterFrame::sample() }
    }

    /// On a browser that is not paired.
    pub fn bare() -> CounterFrame {
        CounterFrame { outlet: None, device: None, ..CounterFrame::locked() }
    }
}

/// What is wrong with a form of the counter. The words are `counter-problem-<code>`.
#[derive(Debug, Clone, Serialize)]
pub struct CounterProblem {
    pub code: &'static str,
    /// The id of the field that the summary leads to.
    pub field: Option<&'static str>,
    /// Until when nothing more is accepted, and in which time zone to say so.
    pub until: Option<(UnixMs, String)>,
}

impl CounterProblem {
    pub fn at(code: &'static str, field: &'static str) -> CounterProblem {
        CounterProblem { code, field: Some(field), until: None }
    }

    pub fn of(code: &'static str) -> CounterProblem {
        CounterProblem { code, field: None, until: None }
    }

    /// Too many tries.
    pub fn locked(code: &'static str, until: UnixMs, zone: String) -> CounterProblem {
        CounterProblem { code, field: None, until: Some((until, zone)) }
    }
}
