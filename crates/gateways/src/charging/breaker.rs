//! A circuit breaker: when too many calls fail in a window nothing is sent for a while, then one call tries.
//!
//! One number that is never answered is that number's trouble, not the network's: its failures count once, and the
//! circuit stays closed while most calls are answered.
//!
//! A pure state machine over injected time. Start at [`Breaker::admit`]; every [`Pass`] it gives comes back to
//! [`Breaker::report`]. What a late call says about an earlier state of the circuit is not listened to.

use domain::time::UnixMs;
use std::collections::{HashSet, VecDeque};

/// When the circuit opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures about so many numbers within the window open it, if they are half of all calls or more; at least 1.
    pub failures: usize,
    pub window_ms: i64,
    /// How long nothing is sent before one call tries.
    pub open_for_ms: i64,
}

impl Default for BreakerSettings {
    fn default() -> BreakerSettings {
        BreakerSettings { failures: 5, window_ms: 30_000, open_for_ms: 10_000 }
    }
}

/// What the breaker does with calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// All go out.
    Closed,
    /// None does.
    Open,
    /// One does, and decides.
    HalfOpen,
}

/// What a call says about the health of the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Well,
    Ill,
    /// The call was given up before it could tell.
    Unsaid,
}

/// The leave to make one call.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "report what became of the call"]
pub struct Pass(u64);

/// No leave: the circuit is open, or another call is trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shut;

/// Of so many of the latest calls the outcome is kept.
const CALLS_MAX: usize = 1_000;

/// A call that was made.
#[derive(Debug)]
struct Call {
    at: UnixMs,
    /// The number that it failed about; `None` when it was answered.
    failed: Option<u64>,
}

#[derive(Debug)]
enum State {
    /// The latest calls, oldest first.
    Closed(VecDeque<Call>),
    Open {
        since: UnixMs,
    },
    HalfOpen {
        trying: bool,
    },
}

/// The circuit breaker of one network.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    state: State,
    /// Rises with every change of the circuit; a pass of an earlier one no longer counts.
    turn: u64,
}

impl Breaker {
    pub fn new(settings: BreakerSettings) -> Breaker {
        Breaker { settings, state: State::Closed(VecDeque::new()), turn: 0 }
    }

    pub fn circuit(&self) -> Circuit {
        match self.state {
            State::Closed(_) => Circuit::Closed,
            State::Open { .. } => Circuit::Open,
            State::HalfOpen { .. } => Circuit::HalfOpen,
        }
    }

    /// May a call go out now?
    pub fn admit(&mut self, now: UnixMs) -> Result<Pass, Shut> {
        match &mut self.state {
            State::Closed(_) => Ok(Pass(self.turn)),
            State::Open { since } => {
                // A clock that was set back must not keep the circuit open for longer.
                if *since <= now && now < since.plus_ms(self.settings.open_for_ms) {
                    return Err(Shut);
                }
                self.turn_to(State::HalfOpen { trying: true });
                Ok(Pass(self.turn))
            }
            State::HalfOpen { trying: true } => Err(Shut),
            State::HalfOpen { trying } => {
                *trying = true;
                Ok(Pass(self.turn))
            }
        }
    }

    /// When it is worth asking for a pass again, while the circuit is not closed.
    pub fn opens_at(&self, now: UnixMs) -> Option<UnixMs> {
        match self.state {
            State::Closed(_) => None,
            State::Open { since } => Some(since.min(now).plus_ms(self.settings.open_for_ms).max(now)),
            State::HalfOpen { .. } => Some(now),
        }
    }

    /// What became of a call about `number` that had a pass. True when this has just opened the circuit.
    pub fn report(&mut self, pass: Pass, number: u64, health: Health, now: UnixMs) -> bool {
        if pass.0 != self.turn {
            return false;
        }
        match (&mut self.state, health) {
            (State::Closed(calls), Health::Well | Health::Ill) => {
                let from = now.plus_ms(-self.settings.window_ms);
                calls.push_back(Call { at: now, failed: (health == Health::Ill).then_some(number) });
                calls.retain(|call| from < call.at && call.at <= now);
                if calls.len() > CALLS_MAX {
                    calls.pop_front();
                }
                let failed: Vec<u64> = calls.iter().filter_map(|call| call.failed).collect();
                let numbers = failed.iter().collect::<HashSet<_>>().len();
                if numbers < self.settings.failures || failed.len() * 2 < calls.len() {
                    return false;
                }
                self.turn_to(State::Open { since: now });
                true
            }
            (State::HalfOpen { .. }, Health::Ill) => {
                self.turn_to(State::Open { since: now });
                true
            }
            (State::HalfOpen { .. }, Health::Well) => {
                self.turn_to(State::Closed(VecDeque::new()));
                false
            }
            (State::HalfOpen { trying }, Health::Unsaid) => {
                *trying = false;
                false
            }
            (State::Closed(_), Health::Unsaid) | (State::Open { .. }, _) => false,
        }
    }

    fn turn_to(&mut self, state: State) {
        self.state = state;
        self.turn += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Circuit::{Closed, HalfOpen, Open};
    use Health::{Ill, Unsaid, Well};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A call about a number that begins and ends at one moment; `None` when it had no pass.
    fn call_about(breaker: &mut Breaker, number: u64, at: i64, health: Health) -> Option<Circuit> {
        let pass = breaker.admit(UnixMs(at)).ok()?;
        breaker.report(pass, number, health, UnixMs(at));
        Some(breaker.circuit())
    }

    /// Every call is about another number.
    fn call(breaker: &mut Breaker, at: i64, health: Health) -> Option<Circuit> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        call_about(breaker, NUMBERS.fetch_add(1, Ordering::Relaxed), at, health)
    }

    fn breaker() -> Breaker {
        Breaker::new(BreakerSettings { failures: 3, window_ms: 100, open_for_ms: 50 })
    }

    #[test]
    fn the_circuit_follows_its_table() {
        for (what, steps) in [
            ("it stays closed while all is well", vec![(0, Well, Some(Closed)), (1, Well, Some(Closed))]),
            (
                "too many failures in the window open it",
                vec![(0, Ill, Some(Closed)), (50, Ill, Some(Closed)), (99, Ill, Some(Open))],
            ),
            (
                "failures outside the window no longer count",
                vec![(0, Ill, Some(Closed)), (50, Ill, Some(Closed)), (100, Ill, Some(Closed))],
            ),
            (
                "a success between failures forgives none of them",
                vec![
                    (0, Ill, Some(Closed)),
                    (1, Ill, Some(Closed)),
                    (2, Well, Some(Closed)),
                    (3, Ill, Some(Open)),
                ],
            ),
            (
                "open, it sends nothing until its time is over, and a call that is well closes it",
                vec![
                    (0, Ill, Some(Closed)),
                    (0, Ill, Some(Closed)),
                    (0, Ill, Some(Open)),
                    (49, Well, None),
                    (50, Well, Some(Closed)),
                    // It starts anew: one failure is one failure.
                    (51, Ill, Some(Closed)),
                ],
            ),
            (
                "a try that fails opens it again for the whole time",
                vec![
                    (0, Ill, Some(Closed)),
                    (0, Ill, Some(Closed)),
                    (0, Ill, Some(Open)),
                    (50, Ill, Some(Open)),
                    (99, Well, None),
                    (100, Well, Some(Closed)),
                ],
            ),
            (
                "a try that is given up leaves room for the next",
                vec![
                    (0, Ill, Some(Closed)),
                    (0, Ill, Some(Closed)),
                    (0, Ill, Some(Open)),
                    (50, Unsaid, Some(HalfOpen)),
                    (51, Well, Some(Closed)),
                ],
            ),
            (
                "a clock set back does not keep it open",
                vec![
                    (1_000, Ill, Some(Closed)),
                    (1_000, Ill, Some(Closed)),
                    (1_000, Ill, Some(Open)),
                    (10, Well, Some(Closed)),
                ],
            ),
        ] {
            let mut breaker = breaker();
            for (at, health, expected) in steps {
                assert_eq!(call(&mut breaker, at, health), expected, "{what}, at {at}");
            }
        }
    }

    #[test]
    fn one_silent_number_does_not_open_the_circuit() {
        let mut breaker = breaker();
        for at in 0..50 {
            assert_eq!(call_about(&mut breaker, 7, at, Ill), Some(Closed));
        }
    }

    #[test]
    fn a_few_silent_numbers_among_many_that_are_answered_do_not_open_the_circuit() {
        let mut breaker = breaker();
        for at in 0..50 {
            call(&mut breaker, at, Well);
            assert_eq!(call_about(&mut breaker, u64::try_from(at % 5).unwrap(), at, Ill), Some(Closed));
            call(&mut breaker, at, Well);
        }
    }

    #[test]
    fn a_shut_circuit_says_when_it_is_worth_coming_back() {
        let mut breaker = breaker();
        assert_eq!(breaker.opens_at(UnixMs(0)), None);
        for _ in 0..3 {
            call(&mut breaker, 0, Ill);
        }
        assert_eq!(breaker.opens_at(UnixMs(10)), Some(UnixMs(50)));
        let _trying = breaker.admit(UnixMs(60)).unwrap();
        assert_eq!(breaker.opens_at(UnixMs(61)), Some(UnixMs(61)));
    }

    #[test]
    fn half_open_lets_one_call_through_at_a_time() {
        let mut breaker = breaker();
        for _ in 0..3 {
            call(&mut breaker, 0, Ill);
        }
        let trying = breaker.admit(UnixMs(50)).unwrap();
        assert_eq!(breaker.admit(UnixMs(50)), Err(Shut));
        assert_eq!(breaker.admit(UnixMs(5_000)), Err(Shut));
        breaker.report(trying, 1, Well, UnixMs(5_000));
        assert_eq!(breaker.circuit(), Closed);
    }

    #[test]
    fn a_late_answer_of_an_earlier_turn_decides_nothing() {
        let mut breaker = breaker();
        let (slow_well, slow_ill) = (breaker.admit(UnixMs(0)).unwrap(), breaker.admit(UnixMs(0)).unwrap());
        for _ in 0..3 {
            call(&mut breaker, 0, Ill);
        }
        let trying = breaker.admit(UnixMs(60)).unwrap();
        breaker.report(slow_well, 1, Well, UnixMs(61));
        assert_eq!(breaker.circuit(), HalfOpen);
        breaker.report(slow_ill, 1, Ill, UnixMs(61));
        assert_eq!(breaker.circuit(), HalfOpen);
        assert!(breaker.report(trying, 1, Ill, UnixMs(62)));
        assert_eq!(breaker.circuit(), Open);
    }
}
