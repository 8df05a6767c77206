//! The network's part of the control API: what a number does, subscribers, settling, forgetting, being down, and the
//! books. Start reading at [`routes`]; docs/simulator.md has each call with curl.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::credits;
use super::holders;
use super::plan::{self, Plan, What};
use super::subscribers::{self, Subscriber};
use crate::books::Books;
use crate::clock::rfc3339;
use crate::control::{Sent, answered, body, refusal};
use crate::json::number;
use crate::stripe::errors::ApiError;
use crate::world::Shared;

/// The longest while and the longest time down: an hour.
const MOST_MS: i64 = 3_600_000;

/// The calls.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/control/network/books", get(show_books))
        .route("/control/network/plans", post(set_plan))
        .route("/control/network/subscribers", post(set_subscriber))
        .route("/control/network/holders", post(set_holder))
        .route("/control/network/down", post(set_down))
        .route("/control/network/credits/{id}/settle", post(settle))
        .route("/control/network/credits/{id}/forget", post(forget))
}

fn wrong(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, message)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetPlan {
    msisdn: String,
    #[serde(rename = "do")]
    what: What,
    ms: Option<i64>,
}

async fn set_plan(State(world): State<Shared>, sent: Sent<SetPlan>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let ms = asked.ms.unwrap_or(3_000);
    if !subscribers::is_number(&asked.msisdn) || !(0..=MOST_MS).contains(&ms) {
        return wrong("msisdn: 5 to 15 digits; ms: 0 to 3600000");
    }
    let plan = Plan { what: asked.what, ms };
    answered(world.write(|books| {
        plan::set(books, &asked.msisdn, plan)?;
        Ok(json!({ "msisdn": asked.msisdn, "plan": plan }))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    Barred,
    Closed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetSubscriber {
    msisdn: String,
    currency: String,
    credit_minor: i64,
    status: Status,
}

async fn set_subscriber(State(world): State<Shared>, sent: Sent<SetSubscriber>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let three = asked.currency.len() == 3 && asked.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if !subscribers::is_number(&asked.msisdn) || !three {
        return wrong("msisdn: 5 to 15 digits; currency: three capital letters");
    }
    let status = match asked.status {
        Status::Active => "active",
        Status::Barred => "barred",
        Status::Closed => "closed",
    };
    let subscriber =
        Subscriber { currency: asked.currency, credit_minor: asked.credit_minor, status: status.to_owned() };
    answered(world.write(|books| {
        subscribers::put(books, &asked.msisdn, &subscriber)?;
        Ok(json!({ "msisdn": asked.msisdn, "status": status, "credit_minor": subscriber.credit_minor }))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetHolder {
    msisdn: String,
    /// Nobody's where it is left out.
    name: Option<String>,
}

async fn set_holder(State(world): State<Shared>, sent: Sent<SetHolder>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    if !subscribers::is_number(&asked.msisdn) || asked.name.as_ref().is_some_and(|name| name.len() > 200) {
        return wrong("msisdn: 5 to 15 digits; name: at most 200 bytes");
    }
    answered(world.write(|books| {
        holders::put(books, &asked.msisdn, asked.name.as_deref())?;
        Ok(json!({ "msisdn": asked.msisdn, "registered": asked.name.is_some() }))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Down {
    for_ms: i64,
}

/// Connections are cut for so long; 0 ends it.
async fn set_down(State(world): State<Shared>, sent: Sent<Down>) -> Response {
    let for_ms = match body(sent) {
        Ok(asked) => asked.for_ms,
        Err(response) => return *response,
    };
    if !(0..=MOST_MS).contains(&for_ms) {
        return wrong("for_ms: 0 to 3600000");
    }
    answered(world.write(|books| {
        books.execute(
            "insert into network_down (id, until_at) values (1, ?1)
             on conflict (id) do update set until_at = excluded.until_at",
            params![books.now_ms + for_ms],
        )?;
        Ok(json!({ "down_until": rfc3339(books.now_ms + for_ms) }))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Settled {
    Done,
    Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    outcome: Settled,
}

async fn settle(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Settle>) -> Response {
    let done = match body(sent) {
        Ok(asked) => matches!(asked.outcome, Settled::Done),
        Err(response) => return *response,
    };
    match world.write(|books| credits::settle(books, &id, done)) {
        Ok(Some(credit)) => answered(Ok(credit)),
        Ok(None) => refusal(StatusCode::CONFLICT, "no credit in progress with this request_id"),
        Err(trouble) => answered(Err(trouble)),
    }
}

async fn forget(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match world.write(|books| credits::forget(books, &id)) {
        Ok(true) => answered(Ok(json!({ "forgotten": id }))),
        Ok(false) => refusal(StatusCode::NOT_FOUND, "no credit with this request_id"),
        Err(trouble) => answered(Err(trouble)),
    }
}

async fn show_books(State(world): State<Shared>) -> Response {
    answered(world.write(|books| {
        credits::settle_due(books)?;
        report(books)
    }))
}

/// What the network has given: the other side of a reconciliation. A forgotten request's entry stays.
fn report(books: &Books<'_>) -> Result<Value, ApiError> {
    let mut statement = books.tx.prepare_cached(
        "select network_ref, request_id, top_up, msisdn, given, at from network_entry order by at, network_ref",
    )?;
    let rows = statement.query_map([], |row| {
        let given: String = row.get(4)?;
        Ok(json!({
            "network_ref": row.get::<_, String>(0)?, "request_id": row.get::<_, String>(1)?,
            "top_up": row.get::<_, String>(2)?, "msisdn": row.get::<_, String>(3)?,
            "grant": serde_json::from_str::<Value>(&given).unwrap_or_default(), "at": rfc3339(row.get(5)?),
        }))
    })?;
    let entries = rows.collect::<Result<Vec<_>, _>>()?;
    let mut given = Map::new();
    for entry in &entries {
        let grant = &entry["grant"];
        if let Some(currency) = grant["currency"].as_str() {
            let so_far = given.get(currency).and_then(Value::as_i64).unwrap_or(0);
            given.insert(currency.to_owned(), json!(so_far + number(grant, "amount_minor")));
        }
    }
    Ok(json!({ "given_minor": given, "entries": entries, "subscribers": everybody(books)? }))
}

fn everybody(books: &Books<'_>) -> Result<Vec<Value>, ApiError> {
    let mut statement = books.tx.prepare_cached(
        "select msisdn, currency, credit_minor, status from network_subscriber order by msisdn",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, i64>(2)?,
            row.get::<_, String>(3)?,
        ))
    })?;
    let found = rows.collect::<Result<Vec<_>, _>>()?;
    found
        .into_iter()
        .map(|(msisdn, currency, credit_minor, status)| {
            let buckets = subscribers::buckets(books, &msisdn)?;
            Ok(json!({
                "msisdn": msisdn, "currency": currency, "credit_minor": credit_minor, "status": status,
                "buckets": buckets,
            }))
        })
        .collect()
}
