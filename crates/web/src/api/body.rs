//! Reading requests: JSON bodies, queries, path parameters and the idempotency key, each with an error that
//! says what to do.

use super::codes::Code;
use crate::failure::Problem;
use axum::extract::FromRequestParts;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::refusal::Refusal;
use http::HeaderMap;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::error::Error;

/// Reads a JSON body. Unknown fields are refused: a mistyped one must not be taken for a missing one. Lists are
/// refused everywhere, because serde would fill a struct from one by position and no field of ours is a list.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, raw: &[u8]) -> Result<T, Problem> {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::of(Code::BodyNotJson));
    }
    let invalid = |reason: String| Problem::saying(Code::BodyInvalid, reason);
    let value: Value =
        serde_json::from_slice(raw).map_err(|error| invalid(format!("the body is not JSON: {error}")))?;
    let Value::Object(fields) = &value else {
        return Err(invalid("the body must be a JSON object".into()));
    };
    if let Some(path) = fields.iter().find_map(|(name, value)| list_in(name, value)) {
        return Err(invalid(format!("{path}: a list is not accepted here")));
    }
    if let Some(path) = fields.iter().find_map(|(name, value)| unseen_in(name, value)) {
        return Err(invalid(format!("{path}: control characters are not accepted")));
    }
    match axum::Json::from_bytes(raw) {
        Ok(axum::Json(read)) => Ok(read),
        Err(error) => Err(invalid(innermost(&error))),
    }
}

/// Where a list stands, if one does.
fn list_in(path: &str, value: &Value) -> Option<String> {
    match value {
        Value::Array(_) => Some(path.to_owned()),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| list_in(&format!("{path}.{name}"), value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Where a text has a character that nobody sees: a control character, or one that turns the direction of what
/// follows (Unicode Standard Annex 9, explicit directional formatting).
fn unseen_in(path: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.chars().any(is_unseen).then(|| path.to_owned()),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| unseen_in(&format!("{path}.{name}"), value))
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The field and what is wrong with it, without what axum says around them.
fn innermost(error: &dyn Error) -> String {
    // axum's rejection holds axum's error, and that one the parser's, which names the field.
    let parsers = error.source().and_then(Error::source).unwrap_or(error);
    parsers.to_string()
}

/// The number in a path, query or body, in E.164 with or without `+`. Separators that people write are dropped;
/// nothing is added to the digits, so that no country is guessed.
pub fn msisdn(text: &str) -> Result<Msisdn, Refusal> {
    let digits = text.replace([' ', '\u{a0}', '-', '.', '(', ')'], "");
    Ok(Msisdn::parse_e164(&digits)?)
}

const KEY_BYTES_MAX: usize = 255;

/// The `Idempotency-Key` header, needed on every POST that moves money.
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyKey, Problem> {
        let mut sent = parts.headers.get_all("idempotency-key").iter();
        let Some(value) = sent.next() else { return Err(Problem::of(Code::IdempotencyKeyMissing)) };
        let text = value.to_str().unwrap_or("").trim();
        let fits = (1..=KEY_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        // Of two keys nobody can say which one will be sent again.
        if !fits || sent.next().is_some() {
            return Err(Problem::of(Code::IdempotencyKeyInvalid));
        }
        Ok(IdempotencyKey(text.to_owned()))
    }
}

/// A query string that names only what the call knows.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Problem> {
        let named = parts.uri.query().unwrap_or("");
        if url::form_urlencoded::parse(named.as_bytes()).any(|(_, value)| value.chars().any(is_unseen)) {
            let detail = "the query has control characters, which are not accepted";
            return Err(Problem::saying(Code::QueryInvalid, detail));
        }
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Query(query))
            .map_err(|error| {
                let detail = format!("the query cannot be read: {}", innermost(&error));
                Problem::saying(Code::QueryInvalid, detail)
            })
    }
}

/// The query of a call that takes none: a parameter that does nothing must not look as if it did.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// The language that the caller asks for, English otherwise.
pub fn language(headers: &HeaderMap) -> Locale {
    let accepted = headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.and_then(Locale::negotiate).unwrap_or(Locale::En)
}
