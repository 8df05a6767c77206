//! A slice of PayPal's HTTP API: OAuth2 tokens, Orders v2, Payments v2, webhook events, in the shape of the
//! documents that PayPal publishes (tests/specs). Start reading at [`serve`]: the token, the call, the fault set for
//! it, `PayPal-Request-Id`, the operation; the order's life is in orders.rs, approval.rs and captures.rs.

pub mod accounts;
mod amounts;
pub mod approval;
mod captures;
mod control;
mod events;
mod oauth;
mod orders;
mod refunds;
mod refusal;
mod repetition;
mod report;
pub mod signing;

use std::sync::PoisonError;

use anyhow::ensure;
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::books::{Books, Later};
use crate::faults::{self, Do, Twist};
use crate::json::text;
use crate::listener::Wire;
use crate::stripe::confirm::UNHEARD_OF;
use crate::stripe::errors::ApiError;
use crate::stripe::run_due;
use crate::webhooks;
use crate::world::Shared;
pub use control::routes as control_routes;
use refusal::{Issue, Refusal, debug_id};
pub use report::{report, statement};

/// The largest request body.
const MOST_BODY: usize = 64 * 1024;

/// The merchant's PayPal app, as its developer page shows it.
#[derive(Clone, Debug)]
pub struct PaypalAccount {
    /// Must contain `simulator`, which no real client id does.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: String,
    /// Where events are sent; can be set later by the control API.
    pub webhook: Option<PaypalWebhook>,
}

impl Default for PaypalAccount {
    fn default() -> Self {
        PaypalAccount {
            client_id: "simulator-client".to_owned(),
            client_secret: "simulator-secret".to_owned(),
            webhook: None,
        }
    }
}

impl PaypalAccount {
    /// Live ids look like sandbox ids, so only what cannot be either is taken.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.client_id.contains("simulator") && !self.client_secret.is_empty(),
            "the simulator takes no real PayPal client: use a client id that contains \"simulator\", and a secret"
        );
        self.webhook.as_ref().map_or(Ok(()), PaypalWebhook::check)
    }
}

/// Where PayPal's events go, and the id that signs with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaypalWebhook {
    /// An http address on this machine.
    pub url: String,
    /// Letters and digits, at most 50 (`webhook_id` of the webhooks document).
    pub webhook_id: String,
}

impl PaypalWebhook {
    fn check(&self) -> anyhow::Result<()> {
        let fine = (1..=50).contains(&self.webhook_id.len())
            && self.webhook_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        ensure!(fine, "webhook_id: 1 to 50 letters and digits");
        webhooks::check_url(&self.url)
    }
}

/// The API; the approval page is in `hosted_page`.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/oauth2/token", post(oauth::token))
        .route("/v1/notifications/certs/{name}", get(signing::certificate))
        .route("/elsewhere/certs/{name}", get(signing::forged_certificate))
        .route("/v1/notifications/{*rest}", any(serve))
        .route("/v2/{*rest}", any(serve))
}

/// One call, understood.
struct Call {
    method: Method,
    path: String,
    query: String,
    body: Bytes,
    /// `Prefer: return=representation`
    full: bool,
    key: Option<String>,
    debug_id: String,
}

/// The operations of this slice.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Operation {
    CreateOrder,
    GetOrder(String),
    CaptureOrder(String),
    GetCapture(String),
    RefundCapture(String),
    GetRefund(String),
    VerifySignature,
    ListEvents,
    GetEvent(String),
}

/// What an operation answers.
struct Done {
    status: u16,
    body: Value,
}

impl Done {
    fn ok(body: Value) -> Self {
        Done { status: 200, body }
    }
}

impl Operation {
    fn of(method: &Method, path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let post = method == Method::POST;
        if !post && method != Method::GET {
            return None;
        }
        Some(match (post, segments.as_slice()) {
            (true, ["v2", "checkout", "orders"]) => Self::CreateOrder,
            (false, ["v2", "checkout", "orders", id]) => Self::GetOrder((*id).to_owned()),
            (true, ["v2", "checkout", "orders", id, "capture"]) => Self::CaptureOrder((*id).to_owned()),
            (false, ["v2", "payments", "captures", id]) => Self::GetCapture((*id).to_owned()),
            (true, ["v2", "payments", "captures", id, "refund"]) => Self::RefundCapture((*id).to_owned()),
            (false, ["v2", "payments", "refunds", id]) => Self::GetRefund((*id).to_owned()),
            (true, ["v1", "notifications", "verify-webhook-signature"]) => Self::VerifySignature,
            (false, ["v1", "notifications", "webhooks-events"]) => Self::ListEvents,
            (false, ["v1", "notifications", "webhooks-events", id]) => Self::GetEvent((*id).to_owned()),
            (_, _) => return None,
        })
    }

    fn run(&self, world: &Shared, books: &mut Books<'_>, call: &Call) -> Result<Done, Refusal> {
        match self {
            Self::CreateOrder => repetition::once(books, call, repetition::ORDERS_MS, |books| {
                orders::create(books, &json_of(call)?, call.key.is_some())
            }),
            Self::CaptureOrder(id) => repetition::once(books, call, repetition::ORDERS_MS, |books| {
                json_of(call)?;
                captures::capture(books, id)
            }),
            Self::RefundCapture(id) => repetition::once(books, call, repetition::PAYMENTS_MS, |books| {
                refunds::create(books, id, &json_of(call)?)
            }),
            Self::GetOrder(id) => {
                orders::find(books, id).and_then(|order| orders::shown(books, &order)).map(Done::ok)
            }
            Self::GetCapture(id) => captures::get(books, id).map(Done::ok),
            Self::GetRefund(id) => refunds::get(books, id).map(Done::ok),
            Self::VerifySignature => signing::verify(world, books, &call.body).map(Done::ok),
            Self::ListEvents => events::list(books, &call.query).map(Done::ok),
            Self::GetEvent(id) => events::get(books, id).map(Done::ok),
        }
    }

    /// What a caller gets that did not ask for the representation.
    fn minimal(&self, full: Value) -> Value {
        let kept: &[&str] = match self {
            Self::CreateOrder => &["id", "status", "payment_source", "links"],
            Self::RefundCapture(_) => &["id", "status", "links"],
            Self::CaptureOrder(_) => &["id", "status", "payment_source", "payer", "links"],
            Self::GetOrder(_)
            | Self::GetCapture(_)
            | Self::GetRefund(_)
            | Self::VerifySignature
            | Self::ListEvents
            | Self::GetEvent(_) => return full,
        };
        let mut shown = json!({});
        for field in kept {
            if !full[*field].is_null() {
                shown[*field] = full[*field].clone();
            }
        }
        if matches!(self, Self::CaptureOrder(_)) {
            let unit = &full["purchase_units"][0];
            shown["purchase_units"] =
                json!([{ "reference_id": unit["reference_id"], "payments": unit["payments"] }]);
        }
        shown
    }
}

/// The body as JSON; an empty one counts as `{}`.
fn json_of(call: &Call) -> Result<Value, Refusal> {
    if call.body.is_empty() {
        return Ok(json!({}));
    }
    let body: Value =
        serde_json::from_slice(&call.body).map_err(|_| Refusal::because(Issue::MALFORMED_REQUEST_JSON))?;
    if body.is_object() { Ok(body) } else { Err(Refusal::because(Issue::MALFORMED_REQUEST_JSON)) }
}

/// `ANY /v2/*` and `/v1/notifications/*`
async fn serve(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let debug_id = debug_id();
    let refused = |refusal: &Refusal| render(refusal.status, &refusal.body(&debug_id), &debug_id);
    let (parts, body) = request.into_parts();
    match oauth::authorised(&world, &parts.headers) {
        Ok(true) => {}
        Ok(false) => return refused(&Refusal::unauthorised()),
        Err(trouble) => return refused(&trouble.into()),
    }
    let Ok(body) = to_bytes(body, MOST_BODY).await else {
        return refused(&Refusal::because(Issue::MALFORMED_REQUEST_JSON));
    };
    let path = parts.uri.path().trim_end_matches('/').to_owned();
    let Some(operation) = Operation::of(&parts.method, &path) else { return refused(&Refusal::not_found()) };
    let said = |name: &str| header_text(&parts.headers, name);
    if parts.method == Method::POST && !said("content-type").starts_with("application/json") {
        return refused(&Refusal::wrong_media_type());
    }
    let key = Some(said("paypal-request-id")).filter(|key| !key.is_empty());
    if key.as_ref().is_some_and(|key| key.len() > 108) {
        return refused(&Refusal::because(Issue::INVALID_STRING_LENGTH));
    }
    let full = said("prefer").contains("return=representation");
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let call = Call { method: parts.method, path, query, body, full, key, debug_id: debug_id.clone() };
    run_call(&world, &wire, operation, call).await
}

fn header_text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

async fn run_call(world: &Shared, wire: &Wire, operation: Operation, call: Call) -> Response {
    let flight = call.key.as_ref().map(|key| format!("paypal {} {key}", call.path));
    let in_flight =
        |key: &String| world.in_flight.lock().unwrap_or_else(PoisonError::into_inner).contains(key);
    if flight.as_ref().is_some_and(in_flight) {
        let refusal = Refusal::because(Issue::PREVIOUS_REQUEST_IN_PROGRESS);
        return render(refusal.status, &refusal.body(&call.debug_id), &call.debug_id);
    }
    let fault = world.faults.take(call.method.as_str(), &call.path);
    let held_key = flight.filter(|_| fault == Some(Do::HangUntilReleased));
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

/// Runs the operation in one transaction with the record of its `PayPal-Request-Id`; says whether the account that
/// pays asks that the answer be lost.
fn execute(world: &Shared, operation: &Operation, call: &Call, twist: Twist) -> (Response, bool) {
    let mut answer_lost = false;
    let done = match twist {
        Twist::TooMany => Ok(Err(Refusal::too_many())),
        Twist::FailBefore => Ok(Err(Refusal::scripted())),
        Twist::Plain | Twist::FailAfter | Twist::UnknownStatus | Twist::WrongAmount => world.write(|books| {
            run_due(books)?;
            let done = operation.run(world, books, call);
            answer_lost = books.answer_lost;
            kept(done)
        }),
    };
    let done = done.unwrap_or_else(|trouble| Err(trouble.into()));
    let done = if twist == Twist::FailAfter { done.and(Err(Refusal::scripted())) } else { done };
    let response = match done {
        Ok(done) => {
            let body = if call.full { done.body } else { operation.minimal(done.body) };
            render(done.status, &twisted(body, twist), &call.debug_id)
        }
        Err(refusal) => render(refusal.status, &refusal.body(&call.debug_id), &call.debug_id),
    };
    (response, answer_lost)
}

/// A refusal keeps what was written; only trouble of the simulator itself undoes it.
fn kept<T>(done: Result<T, Refusal>) -> Result<Result<T, Refusal>, ApiError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(refusal) => refusal.into_trouble().map_or_else(|refusal| Ok(Err(refusal)), Err),
    }
}

/// What is due of PayPal's.
pub fn settle_due(books: &mut Books<'_>, what: Later, subject: &str) -> Result<(), ApiError> {
    let done = match what {
        Later::PaypalOrderEnds => orders::end_when_due(books, subject),
        Later::PaypalCaptureCompletes => captures::settle(books, subject, true).map(|_| ()),
        Later::PaypalCaptureDenied => captures::settle(books, subject, false).map(|_| ()),
        Later::PaypalRefundCompletes => refunds::settle(books, subject, true).map(|_| ()),
        Later::PaypalRefundFails => refunds::settle(books, subject, false).map(|_| ()),
        Later::Expire
        | Later::PaymentSucceeds
        | Later::PaymentFails
        | Later::RefundSucceeds
        | Later::RefundFails
        | Later::ReaderHears => Ok(()),
    };
    // A refusal means that the control API settled it earlier.
    kept(done).map(|_| ())
}

fn twisted(mut body: Value, twist: Twist) -> Value {
    twist_object(&mut body, twist);
    if let Some(captures) = body.pointer_mut("/purchase_units/0/payments/captures") {
        for capture in captures.as_array_mut().into_iter().flatten() {
            twist_object(capture, twist);
        }
    }
    body
}

fn twist_object(object: &mut Value, twist: Twist) {
    match twist {
        Twist::UnknownStatus if object["status"].is_string() => {
            object["status"] = json!(UNHEARD_OF.to_ascii_uppercase());
        }
        Twist::WrongAmount if object["amount"].is_object() => {
            if let Ok(amount) = amounts::Money::stored(&object["amount"]) {
                object["amount"] = amount.with(amount.minor + 1).json();
            }
        }
        Twist::UnknownStatus
        | Twist::WrongAmount
        | Twist::Plain
        | Twist::FailBefore
        | Twist::FailAfter
        | Twist::TooMany => {}
    }
}

fn render(status: u16, body: &Value, debug_id: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, no-cache, no-store"));
    if let Ok(id) = HeaderValue::from_str(debug_id) {
        headers.insert("paypal-debug-id", id);
    }
    response
}

/// A link of an answer.
fn link(href: &str, rel: &str, method: &str) -> Value {
    json!({ "href": href, "rel": rel, "method": method })
}

/// RFC 3339 to the second, as PayPal writes times.
fn stamp(ms: i64) -> String {
    crate::clock::rfc3339(ms - ms.rem_euclid(1_000))
}

/// The amount of a stored object.
fn amount_of(object: &Value) -> Result<amounts::Money, Refusal> {
    amounts::Money::stored(&object["amount"])
}

/// The id of an object that was just answered: what a repeated request is led to.
fn subject(body: &Value) -> String {
    text(body, "id").to_owned()
}
