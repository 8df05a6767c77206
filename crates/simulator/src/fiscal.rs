//! A fiscal device: signs what a till tells it, once per key, with its own transaction number and counter. Start reading
//! at [`serve`]; docs/fiscal.md states the protocol, docs/simulator.md the control calls.

use aws_lc_rs::hmac;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::books::Books;
use crate::clock::rfc3339;
use crate::control::{Sent, answered, body};
use crate::faults::{self, Twist};
use crate::listener::Wire;
use crate::stripe::confirm::UNHEARD_OF;
use crate::stripe::errors::ApiError;
use crate::world::Shared;

/// The key that calls must carry as Bearer token.
pub const FISCAL_KEY: &str = "fiscal-simulator";
/// The device's serial number.
const SERIAL: &str = "SIM-FD-0001";
/// The largest request body.
const MOST_BODY: usize = 16 * 1024;

/// What the device keeps. The one row of `fiscal_condition`: why it refuses, while it does.
pub const SCHEMA: &str = "
create table if not exists fiscal_transaction (
  number integer primary key autoincrement, key text not null unique, asked text not null, answer text not null)
  strict;
create table if not exists fiscal_condition (id integer primary key check (id = 1), refuses text not null) strict;
";

/// Empties all of it.
pub const RESET: &str = "delete from fiscal_transaction; delete from fiscal_condition;";

/// The interface.
pub fn routes() -> Router<Shared> {
    Router::new().route("/fiscal/v1/{*rest}", any(serve))
}

/// Its part of the control API.
pub fn control_routes() -> Router<Shared> {
    Router::new().route("/control/fiscal", get(show).post(set))
}

struct Reply(u16, Value);

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply(status, json!({ "error": { "code": code, "message": message } }))
}

fn render(Reply(status, body): &Reply) -> Response {
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn authorised(headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bearer ")) == Some(FISCAL_KEY)
}

/// `ANY /fiscal/v1/*`
async fn serve(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let fault = world.faults.take(parts.method.as_str(), &path);
    if !authorised(&parts.headers) {
        return render(&refusal(401, "unauthorized", "Authorization: Bearer and the key are needed"));
    }
    let Ok(body) = to_bytes(body, MOST_BODY).await else {
        return render(&refusal(413, "too_large", "the body is broken or too large"));
    };
    let (acting, method) = (world.clone(), parts.method);
    faults::inject(&world, &wire, fault, move |twist| {
        match twist {
            Twist::TooMany => return render(&refusal(429, "too_many", "too many calls")),
            Twist::FailBefore => return render(&refusal(500, "scripted", "scripted fault")),
            Twist::Plain | Twist::FailAfter | Twist::UnknownStatus | Twist::WrongAmount => {}
        }
        let done = acting.write_quietly(|books| run(books, (&method, &path), &body));
        let Reply(status, mut answer) =
            done.unwrap_or_else(|trouble| refusal(500, "internal", &trouble.message));
        match twist {
            Twist::FailAfter => return render(&refusal(500, "scripted", "scripted fault")),
            Twist::UnknownStatus if status == 200 => answer["status"] = json!(UNHEARD_OF),
            _ => {}
        }
        render(&Reply(status, answer))
    })
    .await
}

fn run(books: &Books<'_>, (method, path): (&Method, &str), body: &[u8]) -> Result<Reply, ApiError> {
    let segments: Vec<&str> = path.trim_start_matches("/fiscal/v1/").split('/').collect();
    match (method, segments.as_slice()) {
        (&Method::POST, ["transactions"]) => sign(books, body),
        (&Method::GET, ["transactions", key]) => Ok(match kept(books, key)? {
            Some((_, answer)) => Reply(200, answer),
            None => refusal(404, "transaction_not_found", "nothing was signed under this key"),
        }),
        (_, _) => Ok(refusal(404, "no_such_call", "no such method and path")),
    }
}

/// What was asked under a key, and the answer that it got.
fn kept(books: &Books<'_>, key: &str) -> Result<Option<(String, Value)>, ApiError> {
    let found = books
        .query_row("select asked, answer from fiscal_transaction where key = ?1", params![key], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    Ok(found.map(|(asked, answer)| (asked, serde_json::from_str(&answer).unwrap_or(Value::Null))))
}

/// `POST /fiscal/v1/transactions`
fn sign(books: &Books<'_>, body: &[u8]) -> Result<Reply, ApiError> {
    let asked: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let Some(key) = asked["key"].as_str().filter(|key| !key.is_empty()) else {
        return Ok(refusal(400, "invalid_request", "key: is missing"));
    };
    if let Some((before, answer)) = kept(books, key)? {
        let same = serde_json::from_str::<Value>(&before).is_ok_and(|before| before == asked);
        return Ok(match same {
            true => Reply(200, answer),
            false => refusal(409, "key_reused", "something else was signed under this key"),
        });
    }
    if let Some(why) = wrong(books, &asked)? {
        return Ok(refusal(422, "invalid_transaction", why));
    }
    let refuses = books
        .query_row("select refuses from fiscal_condition", [], |row| row.get::<_, String>(0))
        .optional()?;
    if let Some(code) = refuses {
        return Ok(refusal(422, &code, "the device does not sign"));
    }
    books.execute(
        "insert into fiscal_transaction (key, asked, answer) values (?1, ?2, '')",
        params![key, asked.to_string()],
    )?;
    let number =
        books.query_row("select number from fiscal_transaction where key = ?1", params![key], |row| {
            row.get::<_, i64>(0)
        })?;
    let at = rfc3339(books.now_ms);
    let signing = hmac::Key::new(hmac::HMAC_SHA256, SERIAL.as_bytes());
    let signature = hmac::sign(&signing, format!("{number};{at};{asked}").as_bytes());
    // Two signatures each, as where a transaction is started and finished.
    let answer = json!({
        "key": key, "status": "signed", "device": SERIAL, "transaction": number.to_string(), "counter": number * 2,
        "signature": STANDARD.encode(signature), "at": at, "text": format!("simulated device, transaction {number}"),
    });
    books.execute(
        "update fiscal_transaction set answer = ?2 where key = ?1",
        params![key, answer.to_string()],
    )?;
    Ok(Reply(200, answer))
}

/// What a device would not sign: lines or tenders that do not add up, or a reversal of what it never signed.
fn wrong(books: &Books<'_>, asked: &Value) -> Result<Option<&'static str>, ApiError> {
    let sum = |of: &str| {
        let rows = asked[of].as_array().map_or(&[] as &[Value], Vec::as_slice);
        rows.iter().map(|row| row["amount_minor"].as_i64().unwrap_or(0)).sum::<i64>()
    };
    let total = asked["total_minor"].as_i64();
    if total != Some(sum("lines")) || total != Some(sum("tenders")) {
        return Ok(Some("lines and tenders do not add up to total_minor"));
    }
    let known = match asked["reverses"].as_str() {
        Some(sale) => kept(books, sale)?.is_some(),
        None => asked["kind"] == "sale",
    };
    Ok((!known).then_some("a reversal names the key of a signed sale, and a sale none"))
}

/// Everything that was signed, with what was asked.
async fn show(State(world): State<Shared>) -> Response {
    answered(world.write_quietly(|books| {
        let mut rows =
            books.tx.prepare_cached("select asked, answer from fiscal_transaction order by number")?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
        let all: Vec<Value> = rows
            .query_map([], read)?
            .filter_map(Result::ok)
            .map(|(asked, answer)| json!({ "asked": parse(&asked), "answer": parse(&answer) }))
            .collect();
        Ok(json!({ "device": SERIAL, "transactions": all }))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    /// Refuses everything new with this code; signs again when none is given.
    refuses: Option<String>,
}

async fn set(State(world): State<Shared>, sent: Sent<Set>) -> Response {
    let asked = match body(sent) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    answered(world.write_quietly(|books| {
        books.execute("delete from fiscal_condition", [])?;
        if let Some(code) = &asked.refuses {
            books.execute("insert into fiscal_condition (id, refuses) values (1, ?1)", params![code])?;
        }
        Ok(Json(json!({ "refuses": asked.refuses })).0)
    }))
}
