//! A slice of Stripe's HTTP API: form-encoded requests, JSON answers, Stripe's errors, idempotency keys.
//! Start reading at [`serve`]: authentication, the call, the fault set for it, idempotency, the operation.

pub mod confirm;
pub mod errors;
mod events;
mod expand;
mod form;
mod idempotency;
mod lists;
pub mod payment_intents;
pub mod refunds;
pub mod sessions;
pub mod terminal;

use std::sync::PoisonError;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};

use crate::books::{API_VERSION, Books, Kind, Later};
use crate::faults::{self, Do, Twist};
use crate::ids;
use crate::listener::Wire;
use crate::paypal;
use crate::world::Shared;
use errors::ApiError;
use form::Form;

/// The largest request body.
const MOST_BODY: usize = 64 * 1024;
/// The largest amount (docs.stripe.com/currencies: eight digits).
const MOST_MINOR: i64 = 99_999_999;

/// One call, understood.
struct Call {
    method: Method,
    path: String,
    form: Form,
    request_id: String,
    key: Option<String>,
}

/// The operations of this slice.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Operation {
    CreateSession,
    ListSessions,
    GetSession(String),
    SessionItems(String),
    ExpireSession(String),
    CreateIntent,
    ListIntents,
    GetIntent(String),
    ConfirmIntent(String),
    CancelIntent(String),
    CreateRefund,
    ListRefunds,
    GetRefund(String),
    ListEvents,
    GetEvent(String),
    GetCharge(String),
    GetAccount,
    Terminal(terminal::Operation),
}

impl Operation {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        let id = |at: usize| segments[at].to_owned();
        let post = method == Method::POST;
        if !post && method != Method::GET {
            return None;
        }
        Some(match (post, segments.as_slice()) {
            (true, ["checkout", "sessions"]) => Self::CreateSession,
            (false, ["checkout", "sessions"]) => Self::ListSessions,
            (false, ["checkout", "sessions", _]) => Self::GetSession(id(2)),
            (false, ["checkout", "sessions", _, "line_items"]) => Self::SessionItems(id(2)),
            (true, ["checkout", "sessions", _, "expire"]) => Self::ExpireSession(id(2)),
            (true, ["payment_intents"]) => Self::CreateIntent,
            (false, ["payment_intents"]) => Self::ListIntents,
            (false, ["payment_intents", _]) => Self::GetIntent(id(1)),
            (true, ["payment_intents", _, "confirm"]) => Self::ConfirmIntent(id(1)),
            (true, ["payment_intents", _, "cancel"]) => Self::CancelIntent(id(1)),
            (true, ["refunds"]) => Self::CreateRefund,
            (false, ["refunds"]) => Self::ListRefunds,
            (false, ["refunds", _]) => Self::GetRefund(id(1)),
            (false, ["events"]) => Self::ListEvents,
            (false, ["events", _]) => Self::GetEvent(id(1)),
            (false, ["charges", _]) => Self::GetCharge(id(1)),
            (false, ["account"]) => Self::GetAccount,
            (_, rest) => return terminal::Operation::of(post, rest).map(Self::Terminal),
        })
    }

    fn run(&self, books: &mut Books<'_>, form: &Form) -> Result<Value, ApiError> {
        let answer = match self {
            Self::CreateSession => sessions::create(books, form),
            Self::ListSessions => sessions::list(books, form),
            Self::GetSession(id) => form.allow(&[]).and_then(|()| books.get(Kind::Session, id)),
            Self::SessionItems(id) => {
                form.allow(lists::PAGING).and_then(|()| sessions::line_items_of(books, id))
            }
            Self::ExpireSession(id) => form.allow(&[]).and_then(|()| sessions::expire(books, id)),
            Self::CreateIntent => payment_intents::create(books, form),
            Self::ListIntents => payment_intents::list(books, form),
            Self::GetIntent(id) => form.allow(&["client_secret"]).and_then(|()| books.get(Kind::Intent, id)),
            Self::ConfirmIntent(id) => payment_intents::confirm(books, id, form),
            Self::CancelIntent(id) => payment_intents::cancel(books, id, form),
            Self::CreateRefund => refunds::create(books, form),
            Self::ListRefunds => refunds::list(books, form),
            Self::GetRefund(id) => form.allow(&[]).and_then(|()| books.get(Kind::Refund, id)),
            Self::ListEvents => events::list(books, form),
            Self::GetEvent(id) => form.allow(&[]).and_then(|()| events::get(books, id)),
            Self::GetCharge(id) => form.allow(&[]).and_then(|()| books.get(Kind::Charge, id)),
            Self::GetAccount => form.allow(&[]).map(|()| account()),
            Self::Terminal(operation) => operation.run(books, form),
        }?;
        expand::expand(books, answer, &form.list("expand"))
    }
}

fn account() -> Value {
    json!({
        "id": "acct_sim", "object": "account", "business_type": "company", "charges_enabled": true,
        "country": "GB", "default_currency": "gbp", "details_submitted": true, "email": null, "metadata": {},
        "payouts_enabled": true, "type": "standard",
        "settings": { "dashboard": { "display_name": "Simulator: no real money moves", "timezone": "Etc/UTC" } },
    })
}

/// `ANY /v1/*`
pub async fn serve(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let request_id = ids::random("req_", 14);
    let refused = |error: &ApiError, key: Option<&str>| render(error.status, &error.body(), &request_id, key);
    let (parts, body) = request.into_parts();
    if let Err(error) = authorised(&parts.headers, &world.api_key) {
        return refused(&error, None);
    }
    let key =
        parts.headers.get("idempotency-key").map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
    let path = parts.uri.path().trim_end_matches('/').to_owned();
    let raw = if parts.method == Method::GET {
        parts.uri.query().unwrap_or_default().as_bytes().to_vec()
    } else {
        match to_bytes(body, MOST_BODY).await {
            Ok(bytes) => bytes.to_vec(),
            Err(_) => {
                let message = format!("The request body is broken or longer than {MOST_BODY} bytes.");
                return refused(&ApiError::parameter("", None, message), None);
            }
        }
    };
    let Some(operation) = Operation::of(&parts.method, &path) else {
        return refused(&ApiError::no_route(parts.method.as_str(), &path), None);
    };
    let form = match Form::parse(&raw) {
        Ok(form) => form,
        Err(error) => return refused(&error, None),
    };
    let key = key.filter(|_| parts.method == Method::POST);
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 255) {
        let message = "Idempotency keys have 1 to 255 characters.".to_owned();
        return refused(&ApiError::parameter("Idempotency-Key", None, message), None);
    }
    run_call(&world, &wire, operation, Call { method: parts.method, path, form, request_id, key }).await
}

async fn run_call(world: &Shared, wire: &Wire, operation: Operation, call: Call) -> Response {
    let key_in_use =
        |key: &String| world.in_flight.lock().unwrap_or_else(PoisonError::into_inner).contains(key);
    if call.key.as_ref().is_some_and(key_in_use) {
        let error = ApiError::key_in_use();
        return render(error.status, &error.body(), &call.request_id, call.key.as_deref());
    }
    let fault = world.faults.take(call.method.as_str(), &call.path);
    let held_key = call.key.clone().filter(|_| fault == Some(Do::HangUntilReleased));
    if let Some(key) = &held_key {
        world.in_flight.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
    }
    let acting = world.clone();
    let (lost, was_lost) = tokio::sync::oneshot::channel();
    let response = faults::inject(world, wire, fault, move |twist| {
        let (response, answer_lost) = execute(&acting, &operation, &call, twist);
        if let Some(key) = &held_key {
            acting.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        }
        // Nobody listens when the fault has taken the answer already.
        let _ = lost.send(answer_lost);
        response
    })
    .await;
    if was_lost.await.unwrap_or(false) { faults::withhold(world, wire).await } else { response }
}

/// Runs the operation in one transaction with its idempotency record; says whether the card that paid asks
/// that the answer be lost.
fn execute(world: &Shared, operation: &Operation, call: &Call, twist: Twist) -> (Response, bool) {
    if twist == Twist::TooMany {
        // Before the idempotency layer: nothing is remembered.
        let error = ApiError::too_many();
        return (render(error.status, &error.body(), &call.request_id, call.key.as_deref()), false);
    }
    let mut answer_lost = false;
    let done = world.write(|books| {
        run_due(books)?;
        books.request = Some((call.request_id.clone(), call.key.clone()));
        let fingerprint = format!("{} {} {}", call.method, call.path, call.form.fingerprint());
        let answer =
            idempotency::once(books, call.key.as_deref(), &fingerprint, &call.request_id, |books| {
                if twist == Twist::FailBefore {
                    return Err(ApiError::scripted());
                }
                let ran = operation.run(books, &call.form);
                if twist == Twist::FailAfter { ran.and(Err(ApiError::scripted())) } else { ran }
            })?;
        answer_lost = books.answer_lost;
        Ok(answer)
    });
    let response = match done {
        Ok(answer) => {
            let body = twisted(lists::shown(&answer.body), twist);
            let mut response = render(answer.status, &body, &call.request_id, call.key.as_deref());
            if let Some(first) = answer.first_request {
                let headers = response.headers_mut();
                headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
                insert(headers, "original-request", &first);
            }
            response
        }
        Err(error) => render(error.status, &error.body(), &call.request_id, call.key.as_deref()),
    };
    (response, answer_lost)
}

/// Does everything whose time has come.
pub fn run_due(books: &mut Books<'_>) -> Result<(), ApiError> {
    for (what, subject) in books.take_due()? {
        let done = match what {
            Later::Expire => sessions::expire_when_due(books, &subject),
            Later::PaymentSucceeds => confirm::settle(books, &subject, true).map(|_| ()),
            Later::PaymentFails => confirm::settle(books, &subject, false).map(|_| ()),
            Later::RefundSucceeds => refunds::settle(books, &subject, true).map(|_| ()),
            Later::RefundFails => refunds::settle(books, &subject, false).map(|_| ()),
            Later::ReaderHears => terminal::hears_when_due(books, &subject),
            Later::PaypalOrderEnds
            | Later::PaypalCaptureCompletes
            | Later::PaypalCaptureDenied
            | Later::PaypalRefundCompletes
            | Later::PaypalRefundFails => paypal::settle_due(books, what, &subject),
        };
        match done {
            Err(error) if error.is_internal() => return Err(error),
            // The control API settled it earlier.
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn twisted(mut body: Value, twist: Twist) -> Value {
    match twist {
        Twist::UnknownStatus => {
            for field in ["status", "payment_status"] {
                if body[field].is_string() {
                    body[field] = json!(confirm::UNHEARD_OF);
                }
            }
        }
        Twist::WrongAmount => {
            for field in ["amount", "amount_total", "amount_received"] {
                if let Some(amount) = body[field].as_i64() {
                    body[field] = json!(amount + 1);
                }
            }
        }
        Twist::Plain | Twist::FailBefore | Twist::FailAfter | Twist::TooMany => {}
    }
    body
}

fn authorised(headers: &HeaderMap, key: &str) -> Result<(), ApiError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let presented = match given.split_once(' ') {
        Some(("Bearer", token)) => token.trim().to_owned(),
        Some(("Basic", encoded)) => base64::engine::general_purpose::STANDARD
            .decode(encoded.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(|pair| pair.split(':').next().unwrap_or_default().to_owned())
            .unwrap_or_default(),
        Some(_) | None => String::new(),
    };
    if presented == key {
        return Ok(());
    }
    if presented.is_empty() {
        return Err(ApiError::unauthorized(
            "You did not provide an API key. Provide it in the Authorization header, using Bearer auth.",
        ));
    }
    Err(ApiError::unauthorized("Invalid API Key provided."))
}

fn render(status: u16, body: &Value, request_id: &str, key: Option<&str>) -> Response {
    let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    insert(headers, "request-id", request_id);
    if let Some(key) = key {
        insert(headers, "idempotency-key", key);
    }
    response
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A three-letter currency, in lower case.
fn check_currency(param: &str, given: &str) -> Result<String, ApiError> {
    if given.len() == 3 && given.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(given.to_ascii_lowercase());
    }
    let message = format!("Invalid currency: {given}. A three-letter ISO code in lower case is needed.");
    Err(ApiError::parameter(param, None, message))
}

/// Stripe's smallest and largest charge (docs.stripe.com/currencies).
fn check_amount(param: &str, amount: i64, currency: &str) -> Result<(), ApiError> {
    let least = if currency == "gbp" { 30 } else { 50 };
    if amount < least {
        let message = format!("Amount must convert to at least {least} minor units of {currency}.");
        return Err(ApiError::parameter(param, Some("amount_too_small"), message));
    }
    if amount > MOST_MINOR { Err(too_large(param)) } else { Ok(()) }
}

fn too_large(param: &str) -> ApiError {
    let message = format!("Amount must be no more than {MOST_MINOR} minor units.");
    ApiError::parameter(param, Some("amount_too_large"), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart_by_method_and_depth() {
        let of = |method: Method, path: &str| Operation::of(&method, path);
        assert_eq!(of(Method::POST, "/v1/refunds"), Some(Operation::CreateRefund));
        assert_eq!(
            of(Method::GET, "/v1/checkout/sessions/cs_1"),
            Some(Operation::GetSession("cs_1".to_owned()))
        );
        assert_eq!(of(Method::DELETE, "/v1/refunds"), None);
        assert_eq!(of(Method::GET, "/v1/checkout/sessions/cs_1/expire"), None);
    }

    #[test]
    fn a_key_may_come_as_bearer_or_as_basic_user() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            authorised(&headers, "sk_test_1").map_err(|error| error.status)
        };
        assert_eq!(with("Bearer sk_test_1"), Ok(()));
        assert_eq!(with("Basic c2tfdGVzdF8xOg=="), Ok(()));
        assert_eq!(with("Bearer sk_test_2"), Err(401));
    }
}
