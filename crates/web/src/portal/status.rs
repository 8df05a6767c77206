//! The status page: what works now, judged by what was written down lately. [`facts`] reads, [`judge`] decides.
//! It needs no database to say that the database does not answer.
//!
//! Facts are those of all processes on this database: what `store::recent` finds.

use super::html;
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use domain::network_credit::NetworkCreditState;
use domain::notice::{MessageState, NoticeChannel};
use domain::payment::{OperationKind, OperationState};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use flows::world::Circuit;
use render::view::{Health, Service, ServiceLine, Status};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Tx, recent};
use tokio::time::timeout;

/// A database that takes longer does not answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// How many of the newest calls and messages are looked at.
const LOOK_BACK: i64 = 200;
/// A success is news for so long, a failure for so long.
const SUCCESS_MS: i64 = DAY_MS;
const FAILURE_MS: i64 = HOUR_MS;
/// Work is done within moments; what is due for longer waits for somebody.
const WORK_LATE_MS: i64 = MINUTE_MS;

pub async fn page(State(site): State<Site>, reader: Reader) -> Response {
    let now = site.world.now();
    let zone = site.world.catalogue().markets.first().map(|market| market.seller.time_zone.clone());
    let lines = lines(&site, now).await;
    html(&site, &reader, &Status::of(now, zone.as_deref().unwrap_or("UTC"), lines))
}

async fn lines(site: &Site, now: UnixMs) -> Vec<ServiceLine> {
    let selling = matches!(timeout(ANSWER_WITHIN, site.world.can_sell()).await, Ok(Ok(())));
    let read = timeout(ANSWER_WITHIN, site.world.db.read(move |tx| facts(tx, now))).await;
    let facts = match read {
        Ok(Ok(facts)) => Some(facts),
        Ok(Err(error)) => {
            tracing::error!(%error, "the status could not be read");
            None
        }
        Err(_) => None,
    };
    let world = &site.world;
    let providers = world.payments.names().collect();
    let network = world.network.as_ref().map(|network| network.circuit());
    let set_up = SetUp { providers, network, sms: world.sms.is_some(), email: world.email.is_some() };
    let mut lines = judge(now, selling, facts.as_ref(), &set_up);
    let offered = world.payment_methods();
    let off = |line: &&mut ServiceLine| line.provider.as_deref().is_some_and(|name| !offered.contains(&name));
    lines.iter_mut().filter(off).for_each(|line| line.health = Health::Paused);
    lines
}

/// What the operator has set up; the rest cannot be disturbed.
struct SetUp<'a> {
    providers: Vec<&'a str>,
    /// The host network's circuit, as this process sees it.
    network: Option<Circuit>,
    sms: bool,
    email: bool,
}

/// When something last went right, and when it last went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    succeeded_at: Option<UnixMs>,
    failed_at: Option<UnixMs>,
}

#[derive(Debug, Default)]
struct Facts {
    /// By provider.
    payments: BTreeMap<String, Seen>,
    network: Seen,
    /// By channel.
    messages: BTreeMap<&'static str, Seen>,
    /// Since when the oldest work is due.
    due_since: Option<UnixMs>,
}

fn facts(tx: &mut Tx<'_>, now: UnixMs) -> anyhow::Result<Facts> {
    Ok(Facts {
        payments: calls(recent::calls(tx, LOOK_BACK)?),
        network: credits(&recent::credits(tx, LOOK_BACK)?),
        messages: messages(&recent::messages(tx, LOOK_BACK)?),
        due_since: recent::due_since(tx, now)?,
    })
}

fn calls(newest: Vec<recent::Call>) -> BTreeMap<String, Seen> {
    let mut all: BTreeMap<String, Seen> = BTreeMap::new();
    for call in newest {
        let seen = all.entry(call.provider).or_default();
        match call.state {
            OperationState::Done => seen.succeeded(call.answered_at),
            OperationState::Unknown => seen.failed(call.answered_at),
            // A page that is refused cannot be paid on. What else is refused says nothing about the provider.
            OperationState::Refused if call.kind == OperationKind::CreatePage => {
                seen.failed(call.answered_at)
            }
            OperationState::Refused | OperationState::Prepared => {}
        }
    }
    all
}

/// A request without an answer counts from when it was last sent.
fn credits(newest: &[recent::Credit]) -> Seen {
    let mut seen = Seen::default();
    for credit in newest {
        match credit.state {
            NetworkCreditState::Done | NetworkCreditState::InProgress => seen.succeeded(credit.state_at),
            // A refusal was answered, unless it was ours.
            NetworkCreditState::Refused if credit.sent_at.is_some() => seen.succeeded(credit.state_at),
            NetworkCreditState::Unknown => seen.failed(credit.sent_at.unwrap_or(credit.state_at)),
            NetworkCreditState::Abandoned | NetworkCreditState::Denied => seen.failed(credit.state_at),
            NetworkCreditState::Prepared
            | NetworkCreditState::Sent
            | NetworkCreditState::Refused
            | NetworkCreditState::Contradicted => {}
        }
    }
    seen
}

/// A message that was tried and not taken counts from when it was written.
fn messages(newest: &[recent::Message]) -> BTreeMap<&'static str, Seen> {
    let mut all: BTreeMap<&'static str, Seen> = BTreeMap::new();
    for message in newest {
        let seen = all.entry(message.channel.as_str()).or_default();
        if let Some(at) = message.sent_at {
            seen.succeeded(at);
        }
        match message.state {
            MessageState::Queued if message.tried => seen.failed(message.created_at),
            MessageState::Dead => seen.failed(message.created_at),
            // A message that is refused was answered: number or address are to blame.
            MessageState::Queued
            | MessageState::Sent
            | MessageState::Delivered
            | MessageState::Failed
            | MessageState::Outdated => {}
        }
    }
    all
}

impl Seen {
    fn succeeded(&mut self, at: UnixMs) {
        self.succeeded_at = self.succeeded_at.max(Some(at));
    }

    fn failed(&mut self, at: UnixMs) {
        self.failed_at = self.failed_at.max(Some(at));
    }

    fn line(self, service: Service, now: UnixMs) -> ServiceLine {
        let within = |at: Option<UnixMs>, ms| at.is_some_and(|at| now.0 - at.0 <= ms);
        let failed_at = self.failed_at.filter(|at| self.succeeded_at.is_none_or(|good| *at > good));
        let health = match failed_at {
            Some(_) if within(failed_at, FAILURE_MS) => Health::Disturbed,
            Some(_) => Health::Quiet,
            None if within(self.succeeded_at, SUCCESS_MS) => Health::Working,
            None => Health::Quiet,
        };
        ServiceLine { succeeded_at: self.succeeded_at, failed_at, ..ServiceLine::new(service, health) }
    }
}

/// What the page says about each part, from what was seen. Without facts it guesses nothing.
fn judge(now: UnixMs, selling: bool, facts: Option<&Facts>, set_up: &SetUp<'_>) -> Vec<ServiceLine> {
    let portal = if selling { Health::Working } else { Health::Disturbed };
    let mut lines = vec![ServiceLine::new(Service::Portal, portal)];
    if set_up.providers.is_empty() {
        lines.push(ServiceLine::new(Service::Payment, Health::Absent));
    }
    for name in &set_up.providers {
        let seen = facts.map(|facts| facts.payments.get(*name).copied().unwrap_or_default());
        let line = told(seen, Service::Payment, now);
        lines.push(ServiceLine { provider: Some((*name).to_owned()), ..line });
    }
    if let Some(circuit) = set_up.network {
        let line = told(facts.map(|facts| facts.network), Service::Network, now);
        // Nothing is sent while the circuit is open: it was just seen to be down.
        let down = circuit == Circuit::Open && line.health != Health::Unknown;
        lines.push(if down { ServiceLine { health: Health::Disturbed, ..line } } else { line });
    }
    lines.push(match facts {
        None => ServiceLine::new(Service::Work, Health::Unknown),
        Some(facts) => match facts.due_since.filter(|since| now.0 - since.0 > WORK_LATE_MS) {
            None => ServiceLine::new(Service::Work, Health::Working),
            late => ServiceLine { waiting_since: late, ..ServiceLine::new(Service::Work, Health::Disturbed) },
        },
    });
    for (service, channel, offered) in
        [(Service::Sms, NoticeChannel::Sms, set_up.sms), (Service::Email, NoticeChannel::Email, set_up.email)]
    {
        let seen = facts.map(|facts| facts.messages.get(channel.as_str()).copied().unwrap_or_default());
        let absent = || ServiceLine::new(service, Health::Absent);
        lines.push(if offered { told(seen, service, now) } else { absent() });
    }
    lines
}

fn told(seen: Option<Seen>, service: Service, now: UnixMs) -> ServiceLine {
    seen.map_or_else(|| ServiceLine::new(service, Health::Unknown), |seen| seen.line(service, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_795_364_100_000);

    fn ago(ms: i64) -> Option<UnixMs> {
        Some(NOW.plus_ms(-ms))
    }

    fn set_up() -> SetUp<'static> {
        SetUp { providers: vec!["stripe"], network: None, sms: true, email: true }
    }

    fn health(succeeded_at: Option<UnixMs>, failed_at: Option<UnixMs>) -> Health {
        Seen { succeeded_at, failed_at }.line(Service::Sms, NOW).health
    }

    #[test]
    fn the_newest_event_decides_and_what_is_old_decides_nothing() {
        assert_eq!(health(None, None), Health::Quiet);
        assert_eq!(health(ago(MINUTE_MS), None), Health::Working);
        assert_eq!(health(ago(MINUTE_MS), ago(2 * MINUTE_MS)), Health::Working);
        assert_eq!(health(ago(2 * MINUTE_MS), ago(MINUTE_MS)), Health::Disturbed);
        assert_eq!(health(None, ago(MINUTE_MS)), Health::Disturbed);
        assert_eq!(health(ago(3 * HOUR_MS), ago(2 * HOUR_MS)), Health::Quiet);
        assert_eq!(health(ago(2 * DAY_MS), None), Health::Quiet);
    }

    #[test]
    fn without_a_database_only_the_portal_is_called_disturbed() {
        let lines = judge(NOW, false, None, &set_up());
        let told: Vec<Health> = lines.iter().map(|line| line.health).collect();
        assert_eq!(told[0], Health::Disturbed);
        assert!(told.len() == 5 && told[1..].iter().all(|health| *health == Health::Unknown), "{told:?}");
    }

    #[test]
    fn what_is_not_set_up_is_not_called_broken() {
        let lines = judge(
            NOW,
            true,
            Some(&Facts::default()),
            &SetUp { providers: vec![], network: None, sms: false, email: false },
        );
        let told: Vec<Health> = lines.iter().map(|line| line.health).collect();
        let absent = Health::Absent;
        assert_eq!(told, [Health::Working, absent, Health::Working, absent, absent]);
    }

    #[test]
    fn a_network_that_was_just_found_down_is_called_disturbed_although_its_last_credit_succeeded() {
        let facts =
            Facts { network: Seen { succeeded_at: ago(MINUTE_MS), failed_at: None }, ..Facts::default() };
        for (circuit, health) in [(Circuit::Closed, Health::Working), (Circuit::Open, Health::Disturbed)] {
            let set_up = SetUp { network: Some(circuit), ..set_up() };
            let line = judge(NOW, true, Some(&facts), &set_up).remove(2);
            assert_eq!((line.service, line.health), (Service::Network, health));
        }
    }

    #[test]
    fn work_that_waits_for_more_than_a_moment_is_told_with_its_time() {
        let late = Facts { due_since: ago(2 * MINUTE_MS), ..Facts::default() };
        let work = judge(NOW, true, Some(&late), &set_up()).remove(2);
        assert_eq!((work.health, work.waiting_since), (Health::Disturbed, ago(2 * MINUTE_MS)));
        let fresh = Facts { due_since: ago(1_000), ..Facts::default() };
        let work = judge(NOW, true, Some(&fresh), &set_up()).remove(2);
        assert_eq!((work.health, work.waiting_since), (Health::Working, None));
    }
}
