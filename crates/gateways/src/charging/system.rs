//! The door to one charging system: its connector, run over HTTP, behind a circuit breaker and a limit on calls
//! at once. Start at [`ChargingSystem::credit`].

use super::breaker::{Breaker, BreakerSettings, Circuit, Health, Pass};
use super::promise::{MaySend, Promises, Sent, Travel};
use super::{BalanceOutcome, Connector, CreditOutcome, CreditRequest, HolderOutcome, StatusAnswer};
use crate::payment::http::{HttpDriver, HttpSetup, Timeouts};
use crate::payment::{HttpAnswer, HttpCall, Transport};
use domain::identity::HolderName;
use domain::msisdn::Msisdn;
use domain::time::{Clock, UnixMs};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How hard we press the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub timeouts: Timeouts,
    /// At most so many calls are under way; the next waits for its turn.
    pub calls_at_once: usize,
    /// How long a call waits for its turn. Shorter than `leaves_within`.
    pub waits: Duration,
    /// A credit leaves so soon after it was written down, or not at all.
    pub leaves_within: Duration,
    pub breaker: BreakerSettings,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            timeouts: Timeouts::default(),
            calls_at_once: 16,
            waits: Duration::from_secs(2),
            leaves_within: Duration::from_secs(5),
            breaker: BreakerSettings::default(),
        }
    }
}

impl Limits {
    fn travel(&self) -> Travel {
        let ms = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
        Travel { leaves_within_ms: ms(self.leaves_within), takes_ms: ms(self.timeouts.total) }
    }
}

/// One network, ready to be called.
#[derive(Clone)]
pub struct ChargingSystem {
    connector: Arc<dyn Connector>,
    driver: HttpDriver,
    breaker: Arc<Mutex<Breaker>>,
    places: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

/// How far a call got.
enum Reached {
    Answered(HttpAnswer),
    Lost(String),
    NotSent(String),
}

impl ChargingSystem {
    pub fn new(
        connector: Arc<dyn Connector>,
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> Result<ChargingSystem, HttpSetup> {
        let driver = HttpDriver::new(connector.base_url(), limits.timeouts)?;
        let breaker = Arc::new(Mutex::new(Breaker::new(limits.breaker)));
        let places = Arc::new(Semaphore::new(limits.calls_at_once.max(1)));
        Ok(ChargingSystem { connector, driver, breaker, places, clock, limits })
    }

    pub fn name(&self) -> &'static str {
        self.connector.name()
    }

    pub fn promises(&self) -> Promises {
        self.connector.promises()
    }

    /// Are calls going out? For metrics and readiness.
    pub fn circuit(&self) -> Circuit {
        self.with_breaker(|breaker| breaker.circuit())
    }

    /// When it is worth trying again, while nothing is sent.
    pub fn opens_at(&self) -> Option<UnixMs> {
        let now = self.clock.now();
        self.with_breaker(|breaker| breaker.opens_at(now))
    }

    /// Waits for a turn and asks the breaker. Without leave nothing was sent and nothing needs to be written down.
    pub async fn leave(&self, msisdn: &Msisdn) -> Result<Leave<'_>, NoLeave> {
        let turn = tokio::time::timeout(self.limits.waits, self.places.acquire()).await;
        let Ok(Ok(place)) = turn else { return Err(NoLeave::Busy) };
        let mut hasher = DefaultHasher::new();
        msisdn.hash(&mut hasher);
        let now = self.clock.now();
        let pass = self.with_breaker(|breaker| breaker.admit(now)).map_err(|_| NoLeave::Down)?;
        let pass = HeldPass { system: self, pass: Some(pass), number: hasher.finish() };
        Ok(Leave { _place: place, pass })
    }

    /// Give the credit, or learn what became of it: the same request may be sent as often as needed.
    ///
    /// `sent` was committed after `leave` was given and before this call, with `last_at` for this very sending. A
    /// request that was written down too long ago is not sent (`Unavailable`); one that the network may have forgotten
    /// is not either (`Unknown`: ask for its status).
    pub async fn credit(&self, leave: Leave<'_>, request: &CreditRequest, sent: Sent) -> CreditOutcome {
        match self.promises().may_send(sent, self.clock.now(), self.limits.travel()) {
            MaySend::Yes => {}
            MaySend::Stale => {
                let why = "written down too long ago: write it down again".to_owned();
                return CreditOutcome::Unavailable { why };
            }
            MaySend::TooOld => {
                let why = "the network may have forgotten it: never sent again".to_owned();
                return CreditOutcome::Unknown { why };
            }
        }
        match self.run(leave, "credit", self.connector.credit(request)).await {
            Reached::Answered(answer) => self.connector.parse_credit(request, &answer),
            Reached::Lost(why) => CreditOutcome::Unknown { why },
            Reached::NotSent(why) => CreditOutcome::Unavailable { why },
        }
    }

    /// What the network says about the request now. `NotReceived` only where its promises make that certain;
    /// from then on the request must not be sent again.
    pub async fn status(&self, request: &CreditRequest, sent: Sent) -> CreditOutcome {
        let leave = match self.leave(request.msisdn()).await {
            Ok(leave) => leave,
            Err(no) => return CreditOutcome::Unavailable { why: no.to_string() },
        };
        let asked_at = self.clock.now();
        let answer = match self.run(leave, "status", self.connector.status(request)).await {
            Reached::Answered(answer) => answer,
            Reached::Lost(why) => return CreditOutcome::Unknown { why },
            Reached::NotSent(why) => return CreditOutcome::Unavailable { why },
        };
        match self.connector.parse_status(request, &answer) {
            StatusAnswer::Found(outcome) => outcome,
            StatusAnswer::NotFound => {
                match self.promises().not_found_is_final(sent, asked_at, self.limits.travel()) {
                    true => CreditOutcome::NotReceived,
                    false => CreditOutcome::Unknown {
                        why: "the network does not know it, which proves nothing at this time".to_owned(),
                    },
                }
            }
        }
    }

    /// What the line has at the network.
    pub async fn balance(&self, msisdn: &Msisdn) -> BalanceOutcome {
        let leave = match self.leave(msisdn).await {
            Ok(leave) => leave,
            Err(no) => return BalanceOutcome::Unavailable { why: no.to_string() },
        };
        match self.run(leave, "balance", self.connector.balance(msisdn)).await {
            Reached::Answered(answer) => self.connector.parse_balance(msisdn, &answer),
            Reached::Lost(why) => BalanceOutcome::Unknown { why },
            Reached::NotSent(why) => BalanceOutcome::Unavailable { why },
        }
    }

    /// Whether the line is on somebody's name and, with a name, whether on this one. It moves nothing.
    pub async fn holder(&self, msisdn: &Msisdn, name: Option<&HolderName>) -> HolderOutcome {
        let leave = match self.leave(msisdn).await {
            Ok(leave) => leave,
            Err(no) => return HolderOutcome::NotKnown { why: no.to_string() },
        };
        match self.run(leave, "holder", self.connector.holder(msisdn, name)).await {
            Reached::Answered(answer) => self.connector.parse_holder(msisdn, &answer),
            Reached::Lost(why) | Reached::NotSent(why) => HolderOutcome::NotKnown { why },
        }
    }

    async fn run(&self, leave: Leave<'_>, what: &'static str, call: HttpCall) -> Reached {
        let network = self.connector.name();
        match self.driver.run(call).await {
            Transport::Answered(answer) => {
                tracing::debug!(network, what, status = answer.status, "network answered");
                let well = self.connector.is_well(&answer);
                leave.pass.report(if well { Health::Well } else { Health::Ill });
                Reached::Answered(answer)
            }
            Transport::NotSent(why) => {
                tracing::warn!(network, what, why, "call was not sent");
                leave.pass.report(Health::Ill);
                Reached::NotSent(format!("not sent: {why}"))
            }
            Transport::Lost(why) => {
                tracing::warn!(network, what, why, "answer was lost");
                leave.pass.report(Health::Ill);
                Reached::Lost(format!("answer lost: {why}"))
            }
        }
    }

    fn with_breaker<T>(&self, with: impl FnOnce(&mut Breaker) -> T) -> T {
        with(&mut self.breaker.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Leave for one call: a place among those under way, and the breaker's pass.
pub struct Leave<'a> {
    _place: SemaphorePermit<'a>,
    pass: HeldPass<'a>,
}

/// Why nothing can be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoLeave {
    #[error("too many calls to the network at once")]
    Busy,
    #[error("the network is down: nothing is sent for a while")]
    Down,
}

/// A pass that goes back to the breaker even when the call is dropped half way.
struct HeldPass<'a> {
    system: &'a ChargingSystem,
    pass: Option<Pass>,
    /// Whom the call is about.
    number: u64,
}

impl HeldPass<'_> {
    fn report(mut self, health: Health) {
        self.give_back(health);
    }

    fn give_back(&mut self, health: Health) {
        let Some(pass) = self.pass.take() else { return };
        let now = self.system.clock.now();
        if self.system.with_breaker(|breaker| breaker.report(pass, self.number, health, now)) {
            tracing::error!(network = self.system.name(), "the network is down: nothing is sent for a while");
        }
    }
}

impl Drop for HeldPass<'_> {
    fn drop(&mut self) {
        self.give_back(Health::Unsaid);
    }
}
