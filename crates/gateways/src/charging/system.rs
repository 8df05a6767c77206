//! The door to one charging system: its connector, run over HTTP, behind a circuit breaker and a limit on calls
//! at once. Start at [`ChargingSystem::credit`].

use super::breaker::{Breaker, BreakerSettings, Circuit, Health, Pass};
use super::promise::{MaySend, Promises, Sent, Travel};
use super::{BalanceOutcome, Connector, CreditOutcome, CreditRequest, StatusAnswer};
use crate::payment::http::{HttpDriver, HttpSetup, Timeouts};
use crate::payment::{HttpAnswer, HttpCall, Transport};
use domain::msisdn::Msisdn;
use domain::time::{Clock, UnixMs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

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

    /// Give the credit, or learn what became of it: the same request may be sent as often as needed.
    ///
    /// `sent` was committed before this call, with `last_at` for this very sending. A request that was written
    /// down too long ago is not sent (`Unavailable`); one that the network may have forgotten is not either
    /// (`Unknown`: ask for its status).
    pub async fn credit(&self, request: &CreditRequest, sent: Sent) -> CreditOutcome {
        let travel = self.limits.travel();
        let promises = self.promises();
        // Looked at last of all, after waiting for a turn.
        let leaves = |now: UnixMs| match promises.may_send(sent, now, travel) {
            MaySend::Yes => Ok(()),
            MaySend::Stale => Err(CreditOutcome::Unavailable {
                why: "written down too long ago: write it down again".to_owned(),
            }),
            MaySend::TooOld => Err(CreditOutcome::Unknown {
                why: "the network may have forgotten it: never sent again".to_owned(),
            }),
        };
        match self.send("credit", self.connector.credit(request), leaves).await {
            Ok(Reached::Answered(answer)) => self.connector.parse_credit(request, &answer),
            Ok(Reached::Lost(why)) => CreditOutcome::Unknown { why },
            Ok(Reached::NotSent(why)) => CreditOutcome::Unavailable { why },
            Err(outcome) => outcome,
        }
    }

    /// What the network says about the request now. `NotReceived` only where its promises make that certain;
    /// from then on the request must not be sent again.
    pub async fn status(&self, request: &CreditRequest, sent: Sent) -> CreditOutcome {
        let mut asked_at = self.clock.now();
        let leaves = |now: UnixMs| {
            asked_at = now;
            Ok(())
        };
        let answer = match self.send("status", self.connector.status(request), leaves).await {
            Ok(Reached::Answered(answer)) => answer,
            Ok(Reached::Lost(why)) => return CreditOutcome::Unknown { why },
            Ok(Reached::NotSent(why)) => return CreditOutcome::Unavailable { why },
            Err(outcome) => return outcome,
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
        let call = self.connector.balance(msisdn);
        match self.send("balance", call, |_| Ok::<(), BalanceOutcome>(())).await {
            Ok(Reached::Answered(answer)) => self.connector.parse_balance(msisdn, &answer),
            Ok(Reached::Lost(why)) => BalanceOutcome::Unknown { why },
            Ok(Reached::NotSent(why)) => BalanceOutcome::Unavailable { why },
            Err(outcome) => outcome,
        }
    }

    /// Waits for a turn, asks the breaker, looks once more whether the call may leave, and sends it.
    async fn send<T>(
        &self,
        what: &'static str,
        call: HttpCall,
        may_leave: impl FnOnce(UnixMs) -> Result<(), T>,
    ) -> Result<Reached, T> {
        let network = self.connector.name();
        let turn = tokio::time::timeout(self.limits.waits, self.places.acquire()).await;
        let Ok(Ok(_place)) = turn else {
            return Ok(Reached::NotSent("too many calls to the network at once".to_owned()));
        };
        may_leave(self.clock.now())?;
        let Some(pass) = self.pass() else {
            return Ok(Reached::NotSent("the network is down: nothing is sent for a while".to_owned()));
        };
        let reached = match self.driver.run(call).await {
            Transport::Answered(answer) => {
                tracing::debug!(network, what, status = answer.status, "network answered");
                pass.report(if self.connector.is_well(&answer) { Health::Well } else { Health::Ill });
                Reached::Answered(answer)
            }
            Transport::NotSent(why) => {
                tracing::warn!(network, what, why, "call was not sent");
                pass.report(Health::Ill);
                Reached::NotSent(format!("not sent: {why}"))
            }
            Transport::Lost(why) => {
                tracing::warn!(network, what, why, "answer was lost");
                pass.report(Health::Ill);
                Reached::Lost(format!("answer lost: {why}"))
            }
        };
        Ok(reached)
    }

    fn pass(&self) -> Option<HeldPass<'_>> {
        let now = self.clock.now();
        let pass = self.with_breaker(|breaker| breaker.admit(now)).ok()?;
        Some(HeldPass { system: self, pass: Some(pass) })
    }

    fn with_breaker<T>(&self, with: impl FnOnce(&mut Breaker) -> T) -> T {
        with(&mut self.breaker.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A pass that goes back to the breaker even when the call is dropped half way.
struct HeldPass<'a> {
    system: &'a ChargingSystem,
    pass: Option<Pass>,
}

impl HeldPass<'_> {
    fn report(mut self, health: Health) {
        self.give_back(health);
    }

    fn give_back(&mut self, health: Health) {
        let Some(pass) = self.pass.take() else { return };
        let now = self.system.clock.now();
        if self.system.with_breaker(|breaker| breaker.report(pass, health, now)) {
            tracing::error!(network = self.system.name(), "the network is down: nothing is sent for a while");
        }
    }
}

impl Drop for HeldPass<'_> {
    fn drop(&mut self) {
        self.give_back(Health::Unsaid);
    }
}
