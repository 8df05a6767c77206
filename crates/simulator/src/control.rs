//! The control API: faults, paying without a browser, webhooks on demand, the books of the outside world.
//! JSON in and out, errors as `{"error": "..."}`; docs/simulator.md has each call with curl.
//! Start reading at [`routes`].

use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::books::{Books, Kind};
use crate::cards;
use crate::clock::rfc3339;
use crate::faults::{Fault, MOST_FAULTS};
use crate::hosted_page;
use crate::json::{number, text};
use crate::listener::Wire;
use crate::network;
use crate::paypal;
use crate::stripe::confirm::{self, Shown};
use crate::stripe::errors::ApiError;
use crate::stripe::{payment_intents, refunds, run_due};
use crate::usage;
use crate::webhooks::{self, Disguise, WebhookTarget};
use crate::world::Shared;

/// How often one event can be sent by one call.
const MOST_TIMES: u32 = 100;

/// The calls.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/control/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/control/release", get(held).post(release))
        .route("/control/sessions/{id}/pay", post(pay))
        .route("/control/sessions/{id}/settle", post(settle_session))
        .route("/control/payment_intents/{id}/challenge", post(challenge))
        .route("/control/refunds/{id}/settle", post(settle_refund))
        .route("/control/payment-intents/{id}/dispute", post(dispute_payment))
        .route("/control/webhooks", get(webhook_log))
        .route("/control/webhooks/pause", post(pause))
        .route("/control/webhooks/resume", post(resume))
        .route("/control/webhooks/deliver", post(deliver))
        .route("/control/webhook-secret", post(set_secret))
        .route("/control/webhook-target", post(set_target))
        .route("/control/books", get(show_books))
        .route("/control/reset", post(reset))
        .route("/control/clock", post(set_clock))
        .route("/control/webhooks/forget", post(forget))
        .merge(paypal::control_routes())
        .merge(network::control_routes())
        .merge(crate::fiscal::control_routes())
        .merge(usage::control_routes())
        .merge(crate::printer::control_routes())
        .merge(crate::smsc::from_phone::control_routes())
        .merge(crate::stripe::terminal::control::routes())
        .layer(middleware::from_fn(refuse_browsers))
}

/// A page on another site must not steer the simulator: browsers send `Origin` with every POST.
async fn refuse_browsers(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return refusal(
            StatusCode::FORBIDDEN,
            "the control API is not for browsers: no Origin header, please",
        );
    }
    next.run(request).await
}

/// An error as the control API says it.
pub fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

fn refused(error: &ApiError) -> Response {
    refusal(StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &error.message)
}

/// The outcome of work in the books.
pub fn answered(done: Result<Value, ApiError>) -> Response {
    match done {
        Ok(body) => Json(body).into_response(),
        Err(error) => refused(&error),
    }
}

/// A body as it came, or why it could not be read.
pub type Sent<T> = Result<Json<T>, JsonRejection>;

/// The body, or a clear 400.
pub fn body<T: DeserializeOwned>(sent: Sent<T>) -> Result<T, Box<Response>> {
    sent.map(|Json(body)| body)
        .map_err(|rejection| Box::new(refusal(StatusCode::BAD_REQUEST, &rejection.body_text())))
}

async fn list_faults(State(world): State<Shared>) -> Response {
    Json(json!({ "faults": world.faults.all() })).into_response()
}

async fn add_fault(State(world): State<Shared>, sent: Sent<Fault>) -> Response {
    let fault = match body(sent) {
        Ok(fault) => fault,
        Err(response) => return *response,
    };
    let call = fault.on.split_once(' ').is_some_and(|(method, path)| {
        matches!(method, "GET" | "POST") && path.starts_with('/') && fault.on.len() <= 300
    });
    if !call || fault.times == 0 {
        let message = "on: a method and a path are needed, such as \"POST /v1/refunds\"; times: at least 1";
        return refusal(StatusCode::BAD_REQUEST, message);
    }
    if !world.faults.add(fault) {
        return refusal(StatusCode::INSUFFICIENT_STORAGE, &format!("at most {MOST_FAULTS} faults at once"));
    }
    list_faults(State(world)).await
}

async fn clear_faults(State(world): State<Shared>) -> Response {
    world.faults.clear();
    list_faults(State(world)).await
}

/// How many requests `hang_until_released` is holding.
async fn held(State(world): State<Shared>) -> Response {
    Json(json!({ "held": world.released.receiver_count() })).into_response()
}

async fn release(State(world): State<Shared>) -> Response {
    let held = world.released.receiver_count();
    world.release();
    Json(json!({ "released": held })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    card: String,
    /// Stop at a 3-D Secure page that the merchant asked for; without it the payer passes it.
    #[serde(default)]
    stop_at_challenge: bool,
}

async fn pay(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(id): Path<String>,
    sent: Sent<Pay>,
) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let Some(card) = cards::by_number(&asked.card) else {
        return refusal(StatusCode::BAD_REQUEST, "card: not one of the test cards; see docs/simulator.md");
    };
    let answering = world.clone();
    let session_id = id.clone();
    let passes = !asked.stop_at_challenge && !matches!(card.outcome, cards::Outcome::Challenged { .. });
    let answer = move |shown| {
        let shown = match shown {
            Ok(Shown::Challenge(intent)) if passes => {
                answering.write(|books| confirm::answer_challenge(books, &intent, true))
            }
            shown => shown,
        };
        outcome(&answering, &session_id, shown)
    };
    hosted_page::pay(&world, &wire, &id, card, answer).await
}

fn outcome(world: &Shared, session_id: &str, shown: Result<Shown, ApiError>) -> Response {
    let session = world.write(|books| books.get(Kind::Session, session_id)).unwrap_or(Value::Null);
    let body = match shown {
        Ok(Shown::Return) => json!({ "shown": "return", "redirect": hosted_page::success_url(&session) }),
        Ok(Shown::Challenge(intent)) => {
            json!({ "shown": "challenge", "url": format!("{}/challenge/{intent}", world.base_url) })
        }
        Ok(Shown::Declined(error)) => json!({ "shown": "declined", "error": error.body()["error"] }),
        Ok(Shown::Lost) => json!({ "shown": "lost" }),
        Err(error) => return refused(&error),
    };
    let mut body = body;
    body["payment_intent"] = session["payment_intent"].clone();
    Json(body).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Challenge {
    approve: bool,
}

async fn challenge(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Challenge>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let shown = world.write(|books| confirm::answer_challenge(books, &id, asked.approve));
    let session = world.write(|books| {
        let intent = books.get(Kind::Intent, &id)?;
        Ok(text(&intent["_sim"], "session").to_owned())
    });
    outcome(&world, &session.unwrap_or_default(), shown)
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Settled {
    Succeeded,
    Failed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    outcome: Settled,
}

async fn settle_session(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Settle>) -> Response {
    match body(sent) {
        Ok(asked) => answered(world.write(|books| {
            let session = books.get(Kind::Session, &id)?;
            let succeeds = matches!(asked.outcome, Settled::Succeeded);
            confirm::settle(books, text(&session, "payment_intent"), succeeds)
        })),
        Err(response) => *response,
    }
}

async fn settle_refund(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Settle>) -> Response {
    match body(sent) {
        Ok(asked) => answered(
            world.write(|books| refunds::settle(books, &id, matches!(asked.outcome, Settled::Succeeded))),
        ),
        Err(response) => *response,
    }
}

/// The payer's bank takes a payment back.
async fn dispute_payment(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    answered(world.write(|books| refunds::dispute(books, &id)))
}

async fn webhook_log(State(world): State<Shared>) -> Response {
    let (target, paused) = world.webhook_settings(|settings| {
        (settings.target.as_ref().map(|target| target.url.clone()), settings.paused)
    });
    answered(world.write(|books| {
        let mut log = webhooks::log(books)?;
        log["target"] = json!(target);
        log["paused"] = json!(paused);
        Ok(log)
    }))
}

async fn pause(State(world): State<Shared>) -> Response {
    world.webhook_settings(|settings| settings.paused = true);
    Json(json!({ "paused": true })).into_response()
}

async fn resume(State(world): State<Shared>) -> Response {
    world.webhook_settings(|settings| settings.paused = false);
    world.wake.notify_one();
    Json(json!({ "paused": false })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deliver {
    event: String,
    #[serde(default = "once")]
    times: u32,
    to: Option<String>,
    #[serde(default = "undisguised")]
    disguise: Disguise,
}

fn once() -> u32 {
    1
}

fn undisguised() -> Disguise {
    Disguise::True
}

/// Sends an event now, paused or not, so many times at once, and waits for the answers.
async fn deliver(State(world): State<Shared>, sent: Sent<Deliver>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    if !(1..=MOST_TIMES).contains(&asked.times) {
        return refusal(StatusCode::BAD_REQUEST, &format!("times: 1 to {MOST_TIMES}"));
    }
    let own = world.webhook_settings(|settings| settings.url_of(&asked.event));
    let Some(url) = asked.to.clone().or(own) else {
        return refusal(StatusCode::CONFLICT, "there is no webhook target; name one with \"to\"");
    };
    if let Err(error) = webhooks::check_url(&url) {
        return refusal(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let outgoing = match world.write(|books| webhooks::dress(books, &asked.event, asked.disguise)) {
        Ok(outgoing) => outgoing,
        Err(error) => return refused(&error),
    };
    let sending = (0..asked.times).map(|_| webhooks::send(&world, &outgoing, &url));
    let sent = futures_util::future::join_all(sending).await;
    for one in &sent {
        webhooks::note(&world, &outgoing, one);
    }
    if asked.to.is_none() && asked.disguise == Disguise::True && webhooks::all_accepted(&sent) {
        webhooks::mark_delivered(&world, &asked.event);
    }
    Json(json!({ "sent": sent })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    secret: String,
    #[serde(default)]
    also: Vec<String>,
}

async fn set_secret(State(world): State<Shared>, sent: Sent<Secrets>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let set = world.webhook_settings(|settings| {
        let target = settings.target.as_mut()?;
        target.secret = asked.secret;
        settings.also = asked.also;
        Some(1 + settings.also.len())
    });
    match set {
        Some(count) => Json(json!({ "secrets": count })).into_response(),
        None => refusal(
            StatusCode::CONFLICT,
            "there is no webhook target; set it with POST /control/webhook-target",
        ),
    }
}

async fn set_target(State(world): State<Shared>, sent: Sent<WebhookTarget>) -> Response {
    let target = match body(sent) {
        Ok(target) => target,
        Err(response) => return *response,
    };
    if let Err(error) = webhooks::check_url(&target.url) {
        return refusal(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let url = target.url.clone();
    world.webhook_settings(|settings| settings.target = Some(target));
    world.wake.notify_one();
    Json(json!({ "target": url })).into_response()
}

async fn show_books(State(world): State<Shared>) -> Response {
    answered(world.write(|books| {
        run_due(books)?;
        let mut found = report(books)?;
        found["paypal"] = paypal::report(books)?;
        Ok(found)
    }))
}

/// What the outside world says about money: the other side of a reconciliation.
fn report(books: &Books<'_>) -> Result<Value, ApiError> {
    let mut statement =
        books.tx.prepare_cached("select body from object where kind = 'payment_intent' order by seq")?;
    let bodies = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut currencies = serde_json::Map::new();
    let mut intents = Vec::with_capacity(bodies.len());
    for body in bodies {
        let intent: Value = serde_json::from_str(&body)
            .map_err(|error| ApiError::internal(&format!("stored object: {error}")))?;
        let refunded = payment_intents::refunded(books, text(&intent, "id"))?;
        let received = number(&intent, "amount_received");
        if received > 0 {
            let sums = currencies
                .entry(text(&intent, "currency"))
                .or_insert_with(|| json!({ "captured_minor": 0, "refunded_minor": 0, "payments": 0 }));
            sums["captured_minor"] = json!(number(sums, "captured_minor") + received);
            sums["refunded_minor"] = json!(number(sums, "refunded_minor") + refunded);
            sums["payments"] = json!(number(sums, "payments") + 1);
        }
        intents.push(json!({
            "id": intent["id"], "status": intent["status"], "amount_received": received,
            "amount_refunded": refunded, "currency": intent["currency"], "metadata": intent["metadata"],
            "session": intent["_sim"]["session"],
        }));
    }
    Ok(json!({ "by_currency": currencies, "payment_intents": intents }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    /// RFC 3339; none is the system's clock.
    now: Option<String>,
}

/// The outside world's clock goes on from this moment: for a past that is written after it happened.
async fn set_clock(State(world): State<Shared>, sent: Sent<SetClock>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let at = asked.now.as_deref().map(str::parse::<jiff::Timestamp>).transpose();
    let Ok(at) = at else {
        return refusal(StatusCode::BAD_REQUEST, "now: RFC 3339, such as 2026-01-02T03:04:05Z, or null");
    };
    let mut shelf = world.shelf.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    shelf.set_clock(at.map(jiff::Timestamp::as_millisecond));
    drop(shelf);
    answered(world.write(|books| Ok(json!({ "now": rfc3339(books.now_ms) }))))
}

/// Drops every delivery that was not made yet: nobody was there to hear of it.
async fn forget(State(world): State<Shared>) -> Response {
    answered(world.write(|books| {
        let forgotten = books.execute("delete from delivery where state = 'pending'", [])?;
        Ok(json!({ "forgotten": forgotten }))
    }))
}

/// Empties the books, the faults and the phone; held requests go on, webhooks are no longer paused.
async fn reset(State(world): State<Shared>) -> Response {
    world.faults.clear();
    world.webhook_settings(|settings| settings.paused = false);
    let done = world.write(|books| books.reset().map(|()| json!({ "reset": true })));
    world.release();
    answered(done)
}
