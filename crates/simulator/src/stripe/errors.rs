//! Refusals in Stripe's envelope (docs.stripe.com/api/errors).
//! Start reading at [`ApiError`].

use serde_json::{Map, Value, json};

use crate::books::Kind;
use crate::cards::Decline;

/// A refusal, with what is needed to answer it and to decide whether it is remembered.
#[derive(Debug)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `error.type`
    pub kind: &'static str,
    /// `error.code`
    pub code: Option<&'static str>,
    /// `error.message`
    pub message: String,
    /// `error.param`
    pub param: Option<String>,
    /// Further fields of the envelope, such as `payment_intent`.
    pub more: Map<String, Value>,
    /// Whether the answer is kept under the idempotency key. Stripe keeps what happened once execution
    /// began, not what failed validation (docs.stripe.com/api/idempotent_requests).
    pub kept: bool,
}

impl ApiError {
    fn new(status: u16, kind: &'static str, code: Option<&'static str>, message: String) -> Self {
        ApiError { status, kind, code, message, param: None, more: Map::new(), kept: false }
    }

    fn about(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// A parameter that is wrong; found before execution.
    pub fn parameter(param: &str, code: Option<&'static str>, message: String) -> Self {
        Self::new(400, "invalid_request_error", code, message).about(param)
    }

    /// A parameter that is not there.
    pub fn missing(param: &str) -> Self {
        Self::parameter(param, Some("parameter_missing"), format!("Missing required param: {param}."))
    }

    /// A parameter that Stripe (or this slice of it) does not have.
    pub fn unknown_parameter(param: &str) -> Self {
        Self::parameter(param, Some("parameter_unknown"), format!("Received unknown parameter: {param}"))
    }

    /// A request that this object's state does not allow; found during execution.
    pub fn state(code: Option<&'static str>, message: String) -> Self {
        ApiError { kept: true, ..Self::new(400, "invalid_request_error", code, message) }
    }

    /// As [`ApiError::state`], naming the parameter.
    pub fn state_of(param: &str, code: Option<&'static str>, message: String) -> Self {
        Self::state(code, message).about(param)
    }

    /// An id that is not known.
    pub fn no_such(kind: Kind, id: &str) -> Self {
        let (noun, param) = match kind {
            Kind::Session => ("checkout.session", "session"),
            Kind::Intent => ("payment_intent", "intent"),
            Kind::Charge => ("charge", "charge"),
            Kind::Refund => ("refund", "refund"),
            Kind::Event => ("event", "id"),
            Kind::Location => ("terminal.location", "location"),
            Kind::Reader => ("terminal.reader", "reader"),
            Kind::PaypalOrder | Kind::PaypalCapture | Kind::PaypalRefund | Kind::PaypalEvent => {
                (kind.name(), "id")
            }
        };
        let message = format!("No such {noun}: '{id}'");
        Self::new(404, "invalid_request_error", Some("resource_missing"), message).about(param)
    }

    /// A path that is not part of this slice.
    pub fn no_route(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::new(404, "invalid_request_error", None, message)
    }

    /// No key, or another key.
    pub fn unauthorized(message: &str) -> Self {
        Self::new(401, "invalid_request_error", None, message.to_owned())
    }

    /// The same key with other parameters.
    pub fn key_reused(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    /// The same key while the first request is still running.
    pub fn key_in_use() -> Self {
        let message = "There is currently another in-progress request using this Idempotent Key. Please try \
                       again later.";
        Self::new(409, "idempotency_error", Some("idempotency_key_in_use"), message.to_owned())
    }

    /// The scripted 429.
    pub fn too_many() -> Self {
        let message = "Request rate limit exceeded.".to_owned();
        Self::new(429, "invalid_request_error", Some("rate_limit"), message)
    }

    /// The scripted 500; it is kept, as Stripe keeps it.
    pub fn scripted() -> Self {
        let message = "An unknown error occurred (asked for by a simulator fault).".to_owned();
        ApiError { kept: true, ..Self::new(500, "api_error", None, message) }
    }

    /// Trouble of the simulator itself.
    pub fn internal(message: &str) -> Self {
        Self::new(500, "api_error", Some("simulator"), message.to_owned())
    }

    /// Whether this is trouble of the simulator itself.
    pub fn is_internal(&self) -> bool {
        self.code == Some("simulator")
    }

    /// A declined card.
    pub fn card(decline: &Decline, charge: Option<&str>) -> Self {
        let mut error = Self::new(402, "card_error", Some(decline.code), decline.message.to_owned());
        error.kept = true;
        if let Some(code) = decline.decline_code {
            error.more.insert("decline_code".to_owned(), json!(code));
        }
        if let Some(charge) = charge {
            error.more.insert("charge".to_owned(), json!(charge));
        }
        error
    }

    /// The answer's body.
    pub fn body(&self) -> Value {
        let mut error = self.more.clone();
        error.insert("type".to_owned(), json!(self.kind));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            error.insert("code".to_owned(), json!(code));
            error.insert("doc_url".to_owned(), json!(format!("https://stripe.com/docs/error-codes/{code}")));
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        json!({ "error": error })
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        ApiError::internal(&format!("the simulator's books: {error}"))
    }
}
