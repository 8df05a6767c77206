//! A host network: keeps subscribers' balances and gives credits, once per request id. Start reading at [`serve`]:
//! the key, the call, the fault set for it, the work in one transaction, what the number asks of the answer.
//!
//! credits.rs is a credit's life, plan.rs what the numbers do, subscribers.rs the balances.

mod control;
mod credits;
mod holders;
mod plan;
mod subscribers;

use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use crate::books::Books;
use crate::faults::{self, Twist};
use crate::listener::Wire;
use crate::stripe::confirm::UNHEARD_OF;
use crate::stripe::errors::ApiError;
use crate::world::Shared;
pub use control::routes as control_routes;

/// The key that calls must carry as Bearer token.
pub const NETWORK_KEY: &str = "network-simulator";

/// The largest request body.
const MOST_BODY: usize = 16 * 1024;

/// What the network keeps.
pub const SCHEMA: &str = "
create table if not exists network_subscriber (
  msisdn text primary key, currency text not null, credit_minor integer not null, status text not null) strict;
create table if not exists network_bucket (
  id integer primary key autoincrement, msisdn text not null, unit text not null, granted integer not null,
  ends_at integer not null, network_ref text not null) strict;
create index if not exists network_bucket_of on network_bucket (msisdn, id);
create table if not exists network_request (
  id text primary key, asked text not null, answer text not null, at integer not null,
  settles_at integer, settles_as text, seen_from_at integer not null, shy integer not null) strict;
create index if not exists network_request_due on network_request (settles_at) where settles_at is not null;
create table if not exists network_entry (
  network_ref text primary key, request_id text not null, top_up text not null, msisdn text not null,
  given text not null, at integer not null) strict;
create table if not exists network_missed (request_id text primary key) strict;
create table if not exists network_plan (msisdn text primary key, plan text not null) strict;
create table if not exists network_holder (msisdn text primary key, name text not null) strict;
create table if not exists network_down (id integer primary key check (id = 1), until_at integer not null) strict;
";

/// Empties all of it.
pub const RESET: &str = "
delete from network_subscriber; delete from network_bucket; delete from network_request;
delete from network_entry; delete from network_missed; delete from network_plan; delete from network_down;
delete from network_holder;
";

/// The interface.
pub fn routes() -> Router<Shared> {
    Router::new().route("/network/v1/{*rest}", any(serve))
}

/// How an answer is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Manner {
    #[default]
    AtOnce,
    /// After so many milliseconds.
    After(u64),
    /// Not at all.
    Never,
}

/// What is said, and how.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: Value,
    manner: Manner,
}

impl Reply {
    fn of(status: u16, body: Value) -> Self {
        Reply { status, body, manner: Manner::AtOnce }
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        Reply::of(status, json!({ "error": { "code": code, "message": message } }))
    }

    fn given(self, manner: Manner) -> Self {
        Reply { manner, ..self }
    }
}

/// The operations.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Operation {
    Credit,
    Status(String),
    Balance,
    Holder,
}

impl Operation {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.trim_start_matches("/network/v1/").split('/').collect();
        match (method, segments.as_slice()) {
            (&Method::POST, ["credits"]) => Some(Operation::Credit),
            (&Method::GET, ["credits", id]) => Some(Operation::Status((*id).to_owned())),
            (&Method::POST, ["balance"]) => Some(Operation::Balance),
            (&Method::POST, ["holder"]) => Some(Operation::Holder),
            (_, _) => None,
        }
    }

    fn run(&self, books: &Books<'_>, body: &[u8]) -> Result<Reply, ApiError> {
        credits::settle_due(books)?;
        match self {
            Operation::Credit => match credits::read(body) {
                Ok(asked) => credits::credit(books, &asked),
                Err(why) => Ok(Reply::error(400, "invalid_request", &why)),
            },
            Operation::Status(id) => credits::status(books, id),
            Operation::Balance => subscribers::balance(books, body),
            Operation::Holder => holders::holder(books, body),
        }
    }
}

/// `ANY /network/v1/*`
async fn serve(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    match world.write_quietly(|books| is_down(books)) {
        Ok(false) => {}
        Ok(true) => {
            wire.cut();
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Err(trouble) => return render(&internal(&trouble)),
    }
    if !authorised(&parts.headers) {
        return render(&Reply::error(401, "unauthorized", "Authorization: Bearer and the key are needed"));
    }
    let path = parts.uri.path().trim_end_matches('/').to_owned();
    let Some(operation) = Operation::of(&parts.method, &path) else {
        return render(&Reply::error(404, "no_such_call", "no such method and path"));
    };
    let Ok(body) = to_bytes(body, MOST_BODY).await else {
        return render(&Reply::error(413, "too_large", "the body is broken or too large"));
    };
    let fault = world.faults.take(parts.method.as_str(), &path);
    let acting = world.clone();
    let (told, manner) = tokio::sync::oneshot::channel();
    let response = faults::inject(&world, &wire, fault, move |twist| {
        let reply = execute(&acting, &operation, &body, twist);
        // Nobody listens when the fault has taken the answer already.
        let _ = told.send(reply.manner);
        render(&reply)
    })
    .await;
    match manner.await.unwrap_or_default() {
        Manner::AtOnce => response,
        Manner::After(ms) => {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(ms)) => {}
                () = world.shutdown.cancelled() => {}
            }
            response
        }
        Manner::Never => faults::withhold(&world, &wire).await,
    }
}

fn execute(world: &Shared, operation: &Operation, body: &Bytes, twist: Twist) -> Reply {
    match twist {
        Twist::TooMany => return Reply::error(429, "too_many", "too many calls"),
        Twist::FailBefore => return Reply::error(500, "scripted", "scripted fault"),
        Twist::Plain | Twist::FailAfter | Twist::UnknownStatus | Twist::WrongAmount => {}
    }
    let reply = match world.write_quietly(|books| operation.run(books, body)) {
        Ok(reply) => reply,
        Err(trouble) => internal(&trouble),
    };
    if twist == Twist::FailAfter {
        Reply::error(500, "scripted", "scripted fault")
    } else {
        twisted(reply, twist)
    }
}

fn internal(trouble: &ApiError) -> Reply {
    Reply::error(500, "internal", &trouble.message)
}

fn twisted(mut reply: Reply, twist: Twist) -> Reply {
    if twist == Twist::UnknownStatus && reply.body["status"].is_string() {
        reply.body["status"] = json!(UNHEARD_OF);
    }
    if twist == Twist::WrongAmount
        && let Some(amount) = reply.body["grant"]["amount_minor"].as_i64()
    {
        reply.body["grant"]["amount_minor"] = json!(amount + 1);
    }
    reply
}

fn authorised(headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bearer ")) == Some(NETWORK_KEY)
}

fn is_down(books: &Books<'_>) -> Result<bool, ApiError> {
    let until =
        books.query_row("select until_at from network_down", [], |row| row.get::<_, i64>(0)).optional()?;
    Ok(until.is_some_and(|until| books.now_ms < until))
}

fn render(reply: &Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
