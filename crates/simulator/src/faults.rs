//! Faults asked for by the control API: which call they hit, what they do, how often.
//! Start reading at [`Faults::take`]; [`inject`] is what carries one out around a handler.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::listener::Wire;
use crate::world::Shared;

/// The most faults that can be set at once.
pub const MOST_FAULTS: usize = 1_000;
/// A withheld answer is withheld at most so long; then the connection is cut.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// What happens instead of a plain answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Do {
    /// Nothing happens, no answer comes.
    TimeoutBefore,
    /// It happens, no answer comes.
    TimeoutAfter,
    /// Nothing happens, HTTP 500.
    #[serde(rename = "error_500")]
    Error500,
    /// It happens, HTTP 500.
    #[serde(rename = "error_500_after")]
    Error500After,
    /// Nothing happens, HTTP 429.
    #[serde(rename = "status_429")]
    Status429,
    /// It happens, and is answered, when `POST /control/release` comes.
    HangUntilReleased,
    /// Nothing happens, the socket closes at once.
    DropConnectionBefore,
    /// It happens, the socket closes at once.
    DropConnectionAfter,
    /// It happens; the answer carries a status nobody knows (on `POST /pay/{id}`: the payment does).
    UnknownStatus,
    /// It happens; the answer carries another amount (on `POST /pay/{id}`: another amount is taken).
    WrongAmount,
}

/// A fault and how often it still strikes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Method and path, such as `GET /v1/checkout/sessions/{id}`; `{...}` stands for one segment, a final
    /// `*` for any rest.
    pub on: String,
    /// What happens.
    #[serde(rename = "do")]
    pub what: Do,
    /// How often; once when left out.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// How a handler is to act; the part of a fault that only the handler itself can carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// As always.
    Plain,
    /// Do nothing, answer 500.
    FailBefore,
    /// Do it, answer 500.
    FailAfter,
    /// Do nothing, answer 429.
    TooMany,
    /// Show a status nobody knows.
    UnknownStatus,
    /// Show or take another amount.
    WrongAmount,
}

/// The faults that are set.
#[derive(Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds one; false when there are too many already.
    pub fn add(&self, fault: Fault) -> bool {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = faults.len() < MOST_FAULTS;
        if room {
            faults.push(fault);
        }
        room
    }

    /// Removes all.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Those still to strike.
    pub fn all(&self) -> Vec<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first fault set for this call, used up by one.
    pub fn take(&self, method: &str, path: &str) -> Option<Do> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = faults.iter().position(|fault| strikes(&fault.on, method, path))?;
        let what = faults[at].what;
        faults[at].times = faults[at].times.saturating_sub(1);
        if faults[at].times == 0 {
            faults.remove(at);
        }
        Some(what)
    }
}

fn strikes(on: &str, method: &str, path: &str) -> bool {
    let Some((wanted_method, pattern)) = on.split_once(' ') else { return false };
    if wanted_method != method {
        return false;
    }
    if let Some(start) = pattern.strip_suffix('*') {
        return path.starts_with(start);
    }
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        match segments.next() {
            Some(segment) if segment == wanted || wanted.starts_with('{') => {}
            Some(_) | None => return false,
        }
    }
    segments.next().is_none()
}

/// Runs `act` under a fault. `act` is synchronous: once begun it finishes, even if the client has gone.
pub async fn inject<F>(world: &Shared, wire: &Wire, fault: Option<Do>, act: F) -> Response
where
    F: FnOnce(Twist) -> Response + Send + 'static,
{
    match fault {
        None => act(Twist::Plain),
        Some(Do::Error500) => act(Twist::FailBefore),
        Some(Do::Error500After) => act(Twist::FailAfter),
        Some(Do::Status429) => act(Twist::TooMany),
        Some(Do::UnknownStatus) => act(Twist::UnknownStatus),
        Some(Do::WrongAmount) => act(Twist::WrongAmount),
        Some(Do::TimeoutBefore) => withhold(world, wire).await,
        Some(Do::TimeoutAfter) => {
            drop(act(Twist::Plain));
            withhold(world, wire).await
        }
        Some(Do::DropConnectionBefore) => hang_up(wire),
        Some(Do::DropConnectionAfter) => {
            drop(act(Twist::Plain));
            hang_up(wire)
        }
        Some(Do::HangUntilReleased) => hold(world, wire, act).await,
    }
}

/// Says nothing until the client gives up, a minute has passed or the simulator stops; then cuts the wire.
pub async fn withhold(world: &Shared, wire: &Wire) -> Response {
    tokio::select! {
        () = tokio::time::sleep(LONGEST_SILENCE) => {}
        () = world.shutdown.cancelled() => {}
    }
    hang_up(wire)
}

fn hang_up(wire: &Wire) -> Response {
    wire.cut();
    // Never sent: the wire is cut. The handler has to return something.
    http::StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// Waits for the release in a task of its own, so that the effect comes even when the client has gone.
async fn hold<F>(world: &Shared, wire: &Wire, act: F) -> Response
where
    F: FnOnce(Twist) -> Response + Send + 'static,
{
    let mut released = world.released.subscribe();
    let shutdown = world.shutdown.clone();
    let held = world.tasks.spawn(async move {
        tokio::select! {
            changed = released.changed() => changed.ok().map(|()| act(Twist::Plain)),
            () = shutdown.cancelled() => None,
        }
    });
    match held.await {
        Ok(Some(answer)) => answer,
        Ok(None) | Err(_) => hang_up(wire),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_its_own_call_as_often_as_asked() {
        let faults = Faults::default();
        let on = "GET /v1/checkout/sessions/{id}".to_owned();
        assert!(faults.add(Fault { on, what: Do::Error500, times: 2 }));
        assert_eq!(faults.take("POST", "/v1/checkout/sessions/cs_1"), None);
        assert_eq!(faults.take("GET", "/v1/checkout/sessions"), None);
        assert_eq!(faults.take("GET", "/v1/checkout/sessions/cs_1/line_items"), None);
        assert_eq!(faults.take("GET", "/v1/checkout/sessions/cs_1"), Some(Do::Error500));
        assert_eq!(faults.take("GET", "/v1/checkout/sessions/cs_2"), Some(Do::Error500));
        assert_eq!(faults.take("GET", "/v1/checkout/sessions/cs_2"), None);
    }

    #[test]
    fn a_star_stands_for_any_rest() {
        assert!(strikes("GET /v1/*", "GET", "/v1/refunds/re_1"));
        assert!(!strikes("GET /v1/*", "GET", "/control/books"));
    }
}
