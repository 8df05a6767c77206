//! The status page: what works now, from what was seen lately. It shows times of real events and no percentages.

use domain::time::UnixMs;
use serde::Serialize;

use super::{View, sample};

/// A part of the service that people notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Choosing and ordering here.
    Portal,
    /// The provider's page.
    Payment,
    /// Who gives credit to the lines whose balance is not ours.
    Network,
    /// Credit and refunds that are on their way.
    Work,
    /// Text messages.
    Sms,
    /// Receipts and news by e-mail.
    Email,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It was seen to work.
    Working,
    /// It was last seen to fail.
    Disturbed,
    /// Nobody needed it lately, so nothing is known.
    Quiet,
    /// It is not set up.
    Absent,
    /// It cannot be told at the moment.
    Unknown,
    /// The operator switched it off.
    Paused,
}

/// One part on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceLine {
    pub service: Service,
    /// Which provider, where it is one of several.
    pub provider: Option<String>,
    pub health: Health,
    pub succeeded_at: Option<UnixMs>,
    /// Only where it is newer than the last success.
    pub failed_at: Option<UnixMs>,
    /// Since when the oldest work is due.
    pub waiting_since: Option<UnixMs>,
}

impl ServiceLine {
    pub fn new(service: Service, health: Health) -> ServiceLine {
        ServiceLine {
            service,
            provider: None,
            health,
            succeeded_at: None,
            failed_at: None,
            waiting_since: None,
        }
    }
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    pub checked_at: UnixMs,
    /// In which time zone times are told (IANA).
    pub zone: String,
    pub lines: Vec<ServiceLine>,
    /// Is any part disturbed?
    pub trouble: bool,
}

impl Status {
    pub fn of(checked_at: UnixMs, zone: &str, lines: Vec<ServiceLine>) -> Status {
        let trouble = lines.iter().any(|line| matches!(line.health, Health::Disturbed | Health::Paused));
        Status { checked_at, zone: zone.to_owned(), lines, trouble }
    }
}

impl View for Status {
    const TEMPLATE: &'static str = "portal/status.html";

    fn samples() -> Vec<Status> {
        let earlier = |minutes: i64| Some(sample::AT.plus_ms(-minutes * 60_000));
        let page = |lines| Status::of(sample::AT, sample::ZONE, lines);
        let line = ServiceLine::new;
        let paid = |health| ServiceLine { provider: Some("stripe".into()), ..line(Service::Payment, health) };
        vec![
            page(vec![
                line(Service::Portal, Health::Working),
                ServiceLine { succeeded_at: earlier(3), ..paid(Health::Working) },
                line(Service::Network, Health::Working),
                line(Service::Work, Health::Working),
                ServiceLine { succeeded_at: earlier(2), ..line(Service::Sms, Health::Working) },
            ]),
            page(vec![
                line(Service::Portal, Health::Working),
                ServiceLine { succeeded_at: earlier(90), failed_at: earlier(2), ..paid(Health::Disturbed) },
                ServiceLine { failed_at: earlier(3), ..line(Service::Network, Health::Disturbed) },
                ServiceLine { waiting_since: earlier(7), ..line(Service::Work, Health::Disturbed) },
                ServiceLine { failed_at: earlier(4), ..line(Service::Sms, Health::Disturbed) },
            ]),
            page(vec![
                line(Service::Portal, Health::Disturbed),
                paid(Health::Unknown),
                line(Service::Work, Health::Unknown),
                line(Service::Sms, Health::Absent),
            ]),
            page(vec![line(Service::Portal, Health::Working), paid(Health::Paused)]),
            page(vec![
                line(Service::Portal, Health::Working),
                ServiceLine { succeeded_at: earlier(4_000), ..paid(Health::Quiet) },
                ServiceLine { provider: Some("other".into()), ..paid(Health::Quiet) },
                line(Service::Sms, Health::Quiet),
                ServiceLine { failed_at: earlier(9), ..line(Service::Email, Health::Disturbed) },
            ]),
        ]
    }
}
