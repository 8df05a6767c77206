//! OAuth 2 client credentials (developer.paypal.com/api/rest/authentication): a token for nine hours against the
//! client id and secret. Start reading at [`token`].

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use rusqlite::params;
use serde_json::{Value, json};

use super::refusal::{Refusal, debug_id};
use super::{header_text, render};
use crate::books::Books;
use crate::faults::{self, Twist};
use crate::ids;
use crate::listener::Wire;
use crate::stripe::errors::ApiError;
use crate::world::Shared;

/// How long a token is good for.
const LIFETIME_S: i64 = 9 * 3600;
const MOST_BODY: usize = 4 * 1024;

/// `POST /v1/oauth2/token`
pub async fn token(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BODY).await.unwrap_or_default();
    let form: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let wants_client = form.iter().any(|(key, value)| key == "grant_type" && value == "client_credentials");
    let known = is_client(&parts.headers, &world.paypal_client);
    let fault = world.faults.take("POST", "/v1/oauth2/token");
    let asked = world.clone();
    faults::inject(&world, &wire, fault, move |twist| {
        let debug = debug_id();
        let refused = |refusal: &Refusal| render(refusal.status, &refusal.body(&debug), &debug);
        match twist {
            Twist::FailBefore | Twist::FailAfter => return refused(&Refusal::scripted()),
            Twist::TooMany => return refused(&Refusal::too_many()),
            Twist::Plain | Twist::UnknownStatus | Twist::WrongAmount => {}
        }
        if !known {
            let body = json!({
                "error": "invalid_client", "error_description": "Client Authentication failed" });
            return render(401, &body, &debug);
        }
        if !wants_client {
            let body = json!({
                "error": "unsupported_grant_type", "error_description": "unsupported grant_type" });
            return render(400, &body, &debug);
        }
        match asked.write_quietly(issue) {
            Ok(token) => render(200, &token, &debug),
            Err(trouble) => refused(&trouble.into()),
        }
    })
    .await
}

fn is_client(headers: &HeaderMap, client: &(String, String)) -> bool {
    let given = header_text(headers, header::AUTHORIZATION.as_str());
    let Some(encoded) = given.strip_prefix("Basic ") else { return false };
    let pair = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    pair.is_some_and(|pair| pair.split_once(':') == Some((&client.0, &client.1)))
}

fn issue(books: &mut Books<'_>) -> Result<Value, ApiError> {
    let token = ids::random("A21AA", 92);
    books.execute("delete from paypal_token where expires_at <= ?1", params![books.now_ms])?;
    books.execute(
        "insert into paypal_token (token, expires_at) values (?1, ?2)",
        params![token, books.now_ms + LIFETIME_S * 1_000],
    )?;
    Ok(json!({
        "scope": "https://uri.paypal.com/services/payments/payment/authcapture \
                  https://uri.paypal.com/services/payments/refund https://uri.paypal.com/services/applications/webhooks",
        "access_token": token, "token_type": "Bearer", "app_id": "APP-SIMULATOR", "expires_in": LIFETIME_S,
        "nonce": ids::random("", 43),
    }))
}

/// Whether the call carries a token that is known and has not expired.
pub fn authorised(world: &Shared, headers: &HeaderMap) -> Result<bool, ApiError> {
    let given = header_text(headers, header::AUTHORIZATION.as_str());
    let Some(token) = given.strip_prefix("Bearer ") else { return Ok(false) };
    world.write_quietly(|books| {
        let known: i64 = books.query_row(
            "select count(*) from paypal_token where token = ?1 and expires_at > ?2",
            params![token.trim(), books.now_ms],
            |row| row.get(0),
        )?;
        Ok(known > 0)
    })
}

/// Every token that was issued expires now.
pub fn expire_all(books: &Books<'_>) -> Result<(), ApiError> {
    books.execute("delete from paypal_token", [])?;
    Ok(())
}
