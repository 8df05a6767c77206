//! PayPal's part of the control API: approving without a browser, settling what is pending, tokens that expire,
//! where events go. Start reading at [`routes`]; docs/simulator.md has each call with curl.

use axum::extract::{ConnectInfo, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::approval::{self, Shown};
use super::refusal::Refusal;
use super::{PaypalWebhook, accounts, captures, kept, oauth, orders, refunds};
use crate::books::Books;
use crate::control::{Sent, answered, body, refusal};
use crate::listener::Wire;
use crate::stripe::run_due;
use crate::world::Shared;

/// The calls.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/control/paypal/orders/{id}/approve", post(approve))
        .route("/control/paypal/orders/{id}/end", post(end_order))
        .route("/control/paypal/captures/{id}/settle", post(settle_capture))
        .route("/control/paypal/captures/{id}/reverse", post(reverse_capture))
        .route("/control/paypal/captures/{id}/dispute", post(dispute_capture))
        .route("/control/paypal/refunds/{id}/settle", post(settle_refund))
        .route("/control/paypal/tokens/expire", post(expire_tokens))
        .route("/control/paypal/webhook-target", post(set_target))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approve {
    account: String,
}

async fn approve(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(id): Path<String>,
    sent: Sent<Approve>,
) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let Some(account) = accounts::by_address(&asked.account) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            "account: not one of the test accounts; see docs/simulator.md",
        );
    };
    approval::approve_under_fault(&world, &wire, &id, account, |shown| match shown {
        Shown::Return(redirect) => Json(json!({ "shown": "return", "redirect": redirect })).into_response(),
        Shown::Lost => Json(json!({ "shown": "lost" })).into_response(),
        Shown::Refused(status, said) => {
            refusal(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &said)
        }
    })
    .await
}

/// Runs work in the books and answers as the control API does.
fn work(world: &Shared, act: impl FnOnce(&mut Books<'_>) -> Result<Value, Refusal>) -> Response {
    let done = world.write(|books| {
        run_due(books)?;
        kept(act(books))
    });
    match done {
        Ok(Ok(body)) => Json(body).into_response(),
        Ok(Err(refused)) => {
            let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            refusal(status, &refused.said())
        }
        Err(trouble) => answered(Err(trouble)),
    }
}

/// The order ends as if its time had come.
async fn end_order(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    work(&world, |books| orders::end(books, &id).map(|()| json!({ "ended": id })))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Completed,
    Failed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    outcome: Outcome,
}

async fn settle_capture(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Settle>) -> Response {
    match body(sent) {
        Ok(asked) => {
            work(&world, |books| captures::settle(books, &id, matches!(asked.outcome, Outcome::Completed)))
        }
        Err(response) => *response,
    }
}

/// PayPal takes a completed capture back.
async fn reverse_capture(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    work(&world, |books| refunds::reverse(books, &id))
}

/// The payer complains about a capture.
async fn dispute_capture(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    work(&world, |books| refunds::dispute(books, &id))
}

async fn settle_refund(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Settle>) -> Response {
    match body(sent) {
        Ok(asked) => {
            work(&world, |books| refunds::settle(books, &id, matches!(asked.outcome, Outcome::Completed)))
        }
        Err(response) => *response,
    }
}

async fn expire_tokens(State(world): State<Shared>) -> Response {
    answered(world.write(|books| oauth::expire_all(books).map(|()| json!({ "expired": true }))))
}

async fn set_target(State(world): State<Shared>, sent: Sent<PaypalWebhook>) -> Response {
    let webhook = match body(sent) {
        Ok(webhook) => webhook,
        Err(response) => return *response,
    };
    if let Err(error) = webhook.check() {
        return refusal(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let url = webhook.url.clone();
    world.webhook_settings(|settings| settings.paypal = Some(webhook));
    world.wake.notify_one();
    Json(json!({ "target": url })).into_response()
}
