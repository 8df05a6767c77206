//! Idempotency keys as Stripe's API v1 has them (docs.stripe.com/api/idempotent_requests): the same key and
//! parameters replay status and body, even of a 500; other parameters are refused; what failed validation
//! is not kept. Start reading at [`once`].

use serde_json::Value;

use super::errors::ApiError;
use super::lists;
use crate::books::{Books, Remembered};

/// An answer, fresh or replayed.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Value,
    /// The `Request-Id` of the first request when this is a replay.
    pub first_request: Option<String>,
}

/// Runs `act` unless its answer is remembered, and remembers the answer in the same transaction.
pub fn once(
    books: &mut Books<'_>,
    key: Option<&str>,
    fingerprint: &str,
    request_id: &str,
    act: impl FnOnce(&mut Books<'_>) -> Result<Value, ApiError>,
) -> Result<Answer, ApiError> {
    if let Some(key) = key
        && let Some(kept) = books.remembered(key)?
    {
        if kept.fingerprint != fingerprint {
            return Err(ApiError::key_reused(key));
        }
        let body = serde_json::from_str(&kept.body)
            .map_err(|error| ApiError::internal(&format!("stored answer: {error}")))?;
        return Ok(Answer { status: kept.status, body, first_request: Some(kept.request_id) });
    }
    let (status, body, kept) = match act(books) {
        Ok(body) => (200, lists::shown(&body), true),
        Err(error) if error.is_internal() => return Err(error),
        Err(error) => (error.status, error.body(), error.kept),
    };
    if let Some(key) = key.filter(|_| kept) {
        let answer = Remembered {
            fingerprint: fingerprint.to_owned(),
            request_id: request_id.to_owned(),
            status,
            body: body.to_string(),
        };
        books.remember(key, &answer)?;
    }
    Ok(Answer { status, body, first_request: None })
}
