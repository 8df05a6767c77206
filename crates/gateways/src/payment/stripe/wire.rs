//! Stripe's objects as far as we read them, and what a status code means.
//!
//! Sources: docs.stripe.com/api (objects, "Errors", "Idempotent requests"), docs.stripe.com/error-low-level.
//! Words (`status` and the like) stay text here: what they mean is decided where they are mapped.

use crate::payment::{CallOutcome, HttpAnswer};
use domain::payment::Card;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

pub(super) type Metadata = BTreeMap<String, String>;

/// A Checkout Session.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub id: String,
    pub status: Option<String>,
    pub payment_status: Option<String>,
    pub amount_total: Option<i64>,
    pub currency: Option<String>,
    pub url: Option<String>,
    pub payment_intent: Option<Expandable<Intent>>,
}

/// A PaymentIntent.
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub id: String,
    pub status: Option<String>,
    pub amount_received: Option<i64>,
    pub currency: Option<String>,
    pub last_payment_error: Option<ApiError>,
    pub latest_charge: Option<Expandable<Charge>>,
    pub metadata: Option<Metadata>,
    pub payment_method_types: Option<Vec<String>>,
}

/// A Charge, for the card that a receipt shows and for what went back.
#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub amount_refunded: Option<i64>,
    pub currency: Option<String>,
    pub payment_method_details: Option<MethodDetails>,
}

/// A card that was typed, or one that was at a reader.
#[derive(Debug, Deserialize)]
pub(super) struct MethodDetails {
    card: Option<CardDetails>,
    card_present: Option<CardDetails>,
}

impl MethodDetails {
    fn any_card(&self) -> Option<&CardDetails> {
        self.card.as_ref().or(self.card_present.as_ref())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CardDetails {
    pub brand: Option<String>,
    pub last4: Option<String>,
    /// The same for the same card number in our account (docs.stripe.com/api/payment_methods/object).
    pub fingerprint: Option<String>,
}

/// A card reader (docs.stripe.com/api/terminal/readers/object).
#[derive(Debug, Deserialize)]
pub(super) struct Reader {
    pub label: Option<String>,
    pub status: Option<String>,
    pub action: Option<Action>,
}

/// What a reader was told to do last.
#[derive(Debug, Deserialize)]
pub(super) struct Action {
    pub status: Option<String>,
    pub failure_code: Option<String>,
    pub process_payment_intent: Option<Processing>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Processing {
    pub payment_intent: Option<Expandable<Intent>>,
}

/// A Refund.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub id: String,
    pub status: Option<String>,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub failure_reason: Option<String>,
    pub metadata: Option<Metadata>,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub data: Vec<T>,
    pub has_more: Option<bool>,
}

/// The error object; its message may repeat an e-mail address and is not read.
#[derive(Debug, Deserialize)]
pub(super) struct ApiError {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub param: Option<String>,
    /// The charge that failed, if it came to one.
    pub charge: Option<String>,
    /// What was tried (docs.stripe.com/api/errors, `payment_method`).
    pub payment_method: Option<Expandable<MethodDetails>>,
}

impl ApiError {
    /// The most exact word that Stripe gives for a decline or an error.
    pub(super) fn word(&self) -> String {
        let words = [&self.decline_code, &self.code, &self.kind];
        words.into_iter().flatten().next().map_or_else(|| "unspecified".to_owned(), |w| word(w))
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ApiError,
}

/// A field that holds an id, or the object itself when it was asked for with `expand[]`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Object(Box<T>),
}

impl<T> Expandable<T> {
    pub(super) fn object(&self) -> Option<&T> {
        match self {
            Expandable::Id(_) => None,
            Expandable::Object(object) => Some(object),
        }
    }
}

impl Expandable<Intent> {
    pub(super) fn id(&self) -> &str {
        match self {
            Expandable::Id(id) => id,
            Expandable::Object(intent) => &intent.id,
        }
    }
}

impl Intent {
    pub(super) fn card(&self) -> Option<Card> {
        let charge = self.latest_charge.as_ref()?.object()?;
        let card = charge.payment_method_details.as_ref()?.any_card()?;
        Some(Card { brand: card.brand.clone()?, last4: card.last4.clone()? })
    }

    /// The card of the last try: that of the decline, where there was one since.
    pub(super) fn instrument(&self) -> Option<String> {
        let tried =
            self.last_payment_error.as_ref().and_then(|e| e.payment_method.as_ref()?.object()?.any_card());
        let charge = self.latest_charge.as_ref().and_then(Expandable::object);
        let charged = charge.and_then(|c| c.payment_method_details.as_ref()?.any_card());
        tried.or(charged)?.fingerprint.as_deref().map(word)
    }

    pub(super) fn declined_try(&self) -> Option<String> {
        let error = self.last_payment_error.as_ref()?;
        Some(error.charge.as_deref().map_or_else(|| format!("{} {}", self.id, error.word()), word))
    }

    /// Is it for a card at a reader?
    pub(super) fn is_card_present(&self) -> bool {
        self.payment_method_types.iter().flatten().any(|kind| kind == "card_present")
    }

    /// Our id of the attempt that it was made for.
    pub(super) fn attempt(&self) -> Option<&str> {
        self.metadata.as_ref()?.get("attempt").map(String::as_str)
    }

    pub(super) fn last_decline(&self) -> Option<String> {
        self.last_payment_error.as_ref().map(ApiError::word)
    }
}

/// Reads an answer that should hold an object of this kind (its `object` field).
///
/// Only 400 and 402 with Stripe's error object are a refusal. 401 and 403 are our own misconfiguration and
/// 404 may be one (a key of the other mode), so none of them says what became of the object; 409 and 429 ask
/// for the same key later; a 500 is replayed under its key and proves nothing.
pub(super) fn read<T: DeserializeOwned>(answer: &HttpAnswer, kind: &str) -> CallOutcome<T> {
    match answer.status {
        200..=299 => match object(&answer.body, kind) {
            Ok(object) => CallOutcome::Accepted(object),
            Err(why) => CallOutcome::Unknown { why: alarm(why) },
        },
        status @ (400 | 402) => match serde_json::from_slice::<ErrorBody>(&answer.body) {
            Ok(body) => refused(status, &body.error),
            Err(_) => CallOutcome::Unknown { why: alarm(format!("status {status} without an error object")) },
        },
        status @ (401 | 403) => {
            tracing::error!(provider = super::NAME, status, "the provider does not accept our key");
            CallOutcome::Unknown { why: format!("our key was not accepted (status {status})") }
        }
        404 => CallOutcome::Unknown { why: "absent: the provider does not know the object".to_owned() },
        status @ (408 | 409 | 425 | 429) => {
            CallOutcome::Unknown { why: format!("the provider is busy (status {status}), same key later") }
        }
        status => CallOutcome::Unknown { why: format!("status {status}") },
    }
}

fn refused<T>(status: u16, error: &ApiError) -> CallOutcome<T> {
    let kind = error.kind.as_deref().map_or_else(|| "no type".to_owned(), word);
    let code = if kind == IDEMPOTENCY_ERROR { kind.clone() } else { error.word() };
    let param = error.param.as_deref().map_or_else(String::new, word);
    // A reader that is switched off or busy is everyday life in a shop.
    if kind != "card_error" && !code.starts_with("terminal_reader_") {
        tracing::error!(
            provider = super::NAME,
            status,
            kind,
            code,
            param,
            "the provider refused our request"
        );
    }
    let detail = if param.is_empty() { kind } else { format!("{kind}, parameter {param}") };
    CallOutcome::Refused { code, detail }
}

/// The same key came with other parameters: a bug of ours.
pub(super) const IDEMPOTENCY_ERROR: &str = "idempotency_error";

fn object<T: DeserializeOwned>(body: &[u8], kind: &str) -> Result<T, String> {
    let value: serde_json::Value =
        serde_json::from_slice(body).map_err(|_| "the answer is not JSON".to_owned())?;
    match value.get("object").and_then(serde_json::Value::as_str) {
        Some(found) if found == kind => {
            serde_json::from_value(value).map_err(|_| format!("the {kind} lacks a field that it must have"))
        }
        Some(found) => Err(format!("a {} where a {kind} should be", word(found))),
        None => Err("the answer is not an object of the API".to_owned()),
    }
}

/// A provider's word, fit for a log and a column: short, and nothing but word characters.
pub(super) fn word(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    text.chars().filter(fits).take(60).collect()
}

/// Warns people that the provider said something that we do not understand.
pub(super) fn alarm(why: String) -> String {
    tracing::warn!(provider = super::NAME, why, "an answer that we do not understand");
    why
}
