//! The owner's screens: clerks and devices.

use super::{CounterFrame, CounterProblem};
use crate::view::{View, sample};
use domain::clerk::{ClerkRole, ClerkState};
use domain::device::PrinterSetting;
use domain::slip::PaperWidth;
use domain::time::UnixMs;
use serde::Serialize;

/// One clerk.
#[derive(Debug, Clone, Serialize)]
pub struct ClerkRow {
    pub id: String,
    pub number: i64,
    pub name: String,
    pub role: ClerkRole,
    pub state: ClerkState,
    /// Nobody changes the own row.
    pub oneself: bool,
}

/// A one-time code for a clerk, shown once.
#[derive(Debug, Clone, Serialize)]
pub struct NewCode {
    pub name: String,
    pub number: i64,
    pub code: String,
    pub until: UnixMs,
}

/// The clerks of an agent.
#[derive(Debug, Clone, Serialize)]
pub struct CounterClerks {
    pub counter: CounterFrame,
    pub zone: String,
    pub rows: Vec<ClerkRow>,
    /// What was typed into the form for one more.
    pub name: String,
    pub code: Option<NewCode>,
    /// What was done: `role`, `suspend` or `back`.
    pub done: Option<&'static str>,
    pub problem: Option<CounterProblem>,
}

/// One device.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceRowShown {
    pub id: String,
    pub name: String,
    pub paired_at: UnixMs,
    pub last_seen_at: UnixMs,
    pub revoked_at: Option<UnixMs>,
    /// The one in hand.
    pub oneself: bool,
    /// The terminal's own name of its card reader; empty where it has none.
    pub reader: String,
    pub printer: Option<PrinterSetting>,
}

/// A pairing code, shown once.
#[derive(Debug, Clone, Serialize)]
pub struct PairingShown {
    pub name: String,
    pub code: String,
    pub until: UnixMs,
    /// The address of the pairing page, and the same with the code as a QR code: one path, and its width in modules.
    pub address: String,
    pub qr: String,
    pub qr_size: usize,
}

/// The devices of an agent.
#[derive(Debug, Clone, Serialize)]
pub struct CounterDevices {
    pub counter: CounterFrame,
    pub zone: String,
    pub rows: Vec<DeviceRowShown>,
    pub name: String,
    pub pairing: Option<PairingShown>,
    /// The name of a device that was revoked.
    pub revoked: Option<String>,
    /// Is there a provider with card terminals?
    pub takes_cards: bool,
    /// The name of a device whose card reader was set.
    pub reader_of: Option<String>,
    /// The name of a device whose printer was set, and of one that a test was sent to.
    pub printer_of: Option<String>,
    pub tested: Option<String>,
    pub problem: Option<CounterProblem>,
}

impl View for CounterClerks {
    const TEMPLATE: &'static str = "agent/owner_clerks.html";

    fn samples() -> Vec<CounterClerks> {
        let row = |number, name: &str, role, state| ClerkRow {
            id: format!("clk_{number}"),
            number,
            name: name.into(),
            role,
            state,
            oneself: number == 11,
        };
        let plain = CounterClerks {
            counter: CounterFrame::sample(),
            zone: sample::ZONE.into(),
            rows: vec![
                row(11, "Li Na", ClerkRole::Owner, ClerkState::Active),
                row(12, "Ana <Reyes>", ClerkRole::Supervisor, ClerkState::Active),
                row(13, "Ben Osei", ClerkRole::Clerk, ClerkState::Suspended),
            ],
            name: String::new(),
            code: None,
            done: None,
            problem: None,
        };
        let code =
            NewCode { name: "Ben Osei".into(), number: 13, code: "7K2M-9QXT".into(), until: sample::AT };
        let problems = [
            CounterProblem::at("name_unreadable", "name"),
            CounterProblem::of("clerk_unknown"),
            CounterProblem::of("oneself"),
            CounterProblem::of("last_owner"),
            CounterProblem::of("clerks_full"),
        ];
        let mut samples: Vec<CounterClerks> =
            problems.map(|problem| CounterClerks { problem: Some(problem), ..plain.clone() }).into();
        let done = ["role", "suspend", "back"];
        samples.extend(done.map(|done| CounterClerks { done: Some(done), ..plain.clone() }));
        samples.push(CounterClerks { code: Some(code), ..plain.clone() });
        samples.push(plain);
        samples
    }
}

impl View for CounterDevices {
    const TEMPLATE: &'static str = "agent/owner_devices.html";

    fn samples() -> Vec<CounterDevices> {
        let row = |name: &str, revoked_at| DeviceRowShown {
            id: format!("dev_{name}"),
            name: name.into(),
            paired_at: sample::AT,
            last_seen_at: sample::AT,
            revoked_at,
            oneself: name == "1",
            reader: if name == "1" { "tmr_1".into() } else { String::new() },
            printer: (name == "1")
                .then(|| PrinterSetting { address: "192.168.1.50:9100".into(), width: PaperWidth::Mm58 }),
        };
        let plain = CounterDevices {
            counter: CounterFrame::sample(),
            zone: sample::ZONE.into(),
            rows: vec![row("1", None), row("2", None), row("3", Some(sample::AT))],
            name: String::new(),
            pairing: None,
            revoked: None,
            takes_cards: true,
            reader_of: None,
            printer_of: None,
            tested: None,
            problem: None,
        };
        let pairing = PairingShown {
            name: "Counter 2".into(),
            code: "7K2M-9QXT".into(),
            until: sample::AT,
            address: "https://luma.example/agent/pair".into(),
            qr: "M4 4h1v1h-1z".into(),
            qr_size: 41,
        };
        let problems = [
            CounterProblem::at("device_name_unreadable", "name"),
            CounterProblem::of("device_unknown"),
            CounterProblem::of("device_oneself"),
            CounterProblem::of("devices_full"),
            CounterProblem::of("reader_unknown"),
            CounterProblem::of("printer_unfit"),
            CounterProblem::of("no_printer"),
            CounterProblem::of("no_letters"),
            CounterProblem::of("printer_full"),
        ];
        let mut samples: Vec<CounterDevices> =
            problems.map(|problem| CounterDevices { problem: Some(problem), ..plain.clone() }).into();
        samples.push(CounterDevices { pairing: Some(pairing), ..plain.clone() });
        samples.push(CounterDevices { revoked: Some("Counter <3>".into()), ..plain.clone() });
        samples.push(CounterDevices { reader_of: Some("Counter <2>".into()), ..plain.clone() });
        samples.push(CounterDevices { takes_cards: false, ..plain.clone() });
        samples.push(CounterDevices { printer_of: Some("Counter <2>".into()), ..plain.clone() });
        samples.push(CounterDevices { tested: Some("Counter <2>".into()), ..plain.clone() });
        samples.push(plain);
        samples
    }
}
