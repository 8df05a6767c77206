//! Reading requests: JSON bodies, queries, path parameters and the idempotency key, each with an error that
//! says what to do.

use crate::failure::Problem;
use axum::extract::FromRequestParts;
use domain::msisdn::Msisdn;
use domain::refusal::Refusal;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

/// Reads a JSON body. Unknown fields are refused: a mistyped one must not be taken for a missing one.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, raw: &[u8]) -> Result<T, Problem> {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "send the body as Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body_not_json", detail));
    }
    serde_json::from_slice(raw).map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "body_invalid", format!("the body cannot be read: {error}"))
    })
}

/// The number in a path, query or body.
pub fn msisdn(text: &str) -> Result<Msisdn, Problem> {
    Msisdn::parse_e164(text.trim()).map_err(|e| Problem::refused(&Refusal::from(e)))
}

const KEY_BYTES_MAX: usize = 255;

/// The `Idempotency-Key` header, needed on every POST that moves money.
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyKey, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            let detail =
                "send an Idempotency-Key that you stored before sending, and the same one when you retry";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_missing", detail));
        };
        let text = value.to_str().unwrap_or("").trim();
        let fits = (1..=KEY_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if !fits {
            let detail = "an Idempotency-Key is 1 to 255 printable ASCII characters";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_invalid", detail));
        }
        Ok(IdempotencyKey(text.to_owned()))
    }
}

/// A query string that names only what the call knows.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Query(query))
            .map_err(|error| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "query_invalid",
                    format!("the query cannot be read: {error}"),
                )
            })
    }
}
