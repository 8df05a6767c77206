//! The lock key, the sign that somebody is still there, and the time by which a device sets its clock.

use super::session::{UNLOCK, close};
use super::{AtCounter, bare_frame, page as show};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use flows::counter::session;
use http::StatusCode;
use render::view::{CounterMessage, CounterNote, CounterOffline};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Why {
    #[serde(default)]
    idle: String,
    next: Option<String>,
}

/// Locks the device. What is locked already stays so.
pub async fn lock(
    State(site): State<Site>,
    at: Result<AtCounter, Response>,
    jar: CookieJar,
    Form(why): Form<Why>,
) -> Result<Response, Failure> {
    let idle = !why.idle.is_empty();
    if let Ok(at) = at {
        session::lock(&site.world, &at, idle).await?;
    }
    let mut pairs = vec![("next", super::session::landing(why.next.as_deref()))];
    if idle {
        pairs.push(("lapsed", "1".into()));
    }
    let leads = format!("{UNLOCK}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default());
    Ok((close(jar), Redirect::to(&leads)).into_response())
}

/// Somebody types or touches: the guard has written it down.
pub async fn here(_: AtCounter) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// What the browser shows where no page can be had: kept by its worker, for nobody in particular.
pub async fn offline(State(site): State<Site>, reader: Reader) -> Response {
    show(&site, &reader, &CounterOffline { counter: bare_frame() })
}

/// Where a payer comes back to who filled a float by card: on whatever device, paired or not. What became of the payment
/// is told at the counter alone.
pub async fn back(State(site): State<Site>, reader: Reader) -> Response {
    show(&site, &reader, &CounterMessage { counter: bare_frame(), note: CounterNote::Back })
}

/// What time it is, for whoever cannot sign yet because the own clock is off.
pub async fn time(State(site): State<Site>) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "now": site.world.now().0 }))
}
