//! The hosted payment page, the 3-D Secure page and the wallet's (approval.rs): plain HTML that works without JavaScript, marked as a
//! demo. Start reading at [`routes`]; [`pay`] is shared with the control API, so that paying without a
//! browser is the same payment.

mod approval;
pub mod money;
mod reader;
pub mod words;

use axum::Router;
use axum::extract::{ConnectInfo, Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use minijinja::{Environment, Value as View, context};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::books::Kind;
use crate::cards::{self, CARDS, Card, Outcome};
use crate::clock;
use crate::faults::{self, Twist};
use crate::json::{number, text};
use crate::listener::Wire;
use crate::stripe::confirm::{self, Shown};
use crate::stripe::errors::ApiError;
use crate::stripe::run_due;
use crate::world::Shared;
use words::Language;

const STYLE: &str = include_str!("../../templates/simulator.css");

/// The pages.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/pay/{session}", get(show).post(submit))
        .route("/challenge/{intent}", get(show_challenge).post(submit_challenge))
        .route("/checkoutnow/{order}", get(approval::show).post(approval::submit))
        .route("/readers", get(reader::list))
        .route("/reader/{id}", get(reader::show).post(reader::press))
        .route(
            "/simulator.css",
            get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }),
        )
}

/// Fills in a template of the crate.
pub fn render(name: &'static str, status: StatusCode, form_action: Option<&str>, view: View) -> Response {
    let mut templates = Environment::new();
    let added = [
        ("base.html", include_str!("../../templates/base.html")),
        ("pay.html", include_str!("../../templates/pay.html")),
        ("approve.html", include_str!("../../templates/approve.html")),
        ("challenge.html", include_str!("../../templates/challenge.html")),
        ("printer.html", include_str!("../../templates/printer.html")),
        ("notice.html", include_str!("../../templates/notice.html")),
        ("reader.html", include_str!("../../templates/reader.html")),
        ("readers.html", include_str!("../../templates/readers.html")),
        ("inbox.html", include_str!("../../templates/inbox.html")),
        ("use.html", include_str!("../../templates/use.html")),
        ("write.html", include_str!("../../templates/write.html")),
    ]
    .into_iter()
    .try_for_each(|(name, source)| templates.add_template(name, source));
    let page = added.and_then(|()| templates.get_template(name)).and_then(|template| template.render(view));
    match page {
        Ok(page) => {
            let mut response = (status, page).into_response();
            let policy = format!(
                "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self' {}; base-uri 'none'; \
                 frame-ancestors 'none'",
                form_action.unwrap_or_default()
            );
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("simulator page: {error}")).into_response(),
    }
}

fn language(session: &Value, headers: &HeaderMap) -> Language {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Language::of(text(session, "locale"), accepted)
}

fn notice(language: Language, status: StatusCode, title: &str, more: &str, back: &str) -> Response {
    let words = language.words();
    let title = words.get_attr(title).unwrap_or_default();
    // Whoever loses the answer in the middle of paying is told what to do now.
    let hint =
        if more == "lost_more" { words.get_attr("lost_hint").unwrap_or_default() } else { View::from("") };
    let more = words.get_attr(more).unwrap_or_default();
    let view = context! { lang => language.tag(), w => words, title, more, hint, back };
    render("notice.html", status, None, view)
}

fn unknown(headers: &HeaderMap) -> Response {
    notice(language(&Value::Null, headers), StatusCode::NOT_FOUND, "unknown_title", "", "")
}

fn find(world: &Shared, kind: Kind, id: &str) -> Option<Value> {
    world
        .write(|books| {
            run_due(books)?;
            books.find(kind, id)
        })
        .ok()
        .flatten()
}

/// `GET /pay/{session}`
async fn show(State(world): State<Shared>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match find(&world, Kind::Session, &id) {
        Some(session) => session_page(&session, language(&session, &headers), StatusCode::OK, ""),
        None => unknown(&headers),
    }
}

fn session_page(session: &Value, language: Language, status: StatusCode, problem: &str) -> Response {
    match text(session, "status") {
        "complete" => notice(language, StatusCode::OK, "paid_title", "", &success_url(session)),
        "expired" => {
            notice(language, StatusCode::GONE, "expired_title", "expired_more", text(session, "cancel_url"))
        }
        _ => pay_page(session, language, status, problem),
    }
}

/// What stands before a card's own words where the merchant asks for 3-D Secure and the card alone would not.
fn challenge_first(session: &Value, card: &Card, language: Language) -> &'static str {
    let asked = text(&session["payment_method_options"]["card"], "request_three_d_secure");
    if matches!(asked, "any" | "challenge") && !matches!(card.outcome, Outcome::Challenged { .. }) {
        language.pick("After 3-D Secure: ", "3-D Secure 验证后：")
    } else {
        ""
    }
}

fn pay_page(session: &Value, language: Language, status: StatusCode, problem: &str) -> Response {
    let cards: Vec<View> = CARDS
        .iter()
        .map(|card| {
            let own = language.pick(card.english, card.chinese);
            let does = format!("{}{own}", challenge_first(session, card, language));
            context! { number => card.number, grouped => card.grouped(), does }
        })
        .collect();
    let items = session["_sim"]["line_items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let items: Vec<View> = items
        .iter()
        .map(|item| {
            let amount = money::shown(number(item, "amount_total"), text(item, "currency"));
            context! { name => text(item, "description"), quantity => number(item, "quantity"), amount }
        })
        .collect();
    let view = context! {
        lang => language.tag(), w => language.words(), problem, cards, items,
        amount => money::shown(number(session, "amount_total"), text(session, "currency")),
        cancel_url => text(session, "cancel_url"), action => format!("/pay/{}", text(session, "id")),
    };
    render("pay.html", status, origin(&success_url(session)).as_deref(), view)
}

/// Where the payer goes after paying (docs.stripe.com: the placeholder is replaced by the session's id).
pub fn success_url(session: &Value) -> String {
    text(session, "success_url").replace("{CHECKOUT_SESSION_ID}", text(session, "id"))
}

/// `form-action` must list the merchant: browsers check the redirect after the form too.
fn origin(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.origin().ascii_serialization())
}

#[derive(Deserialize)]
struct Paying {
    #[serde(default)]
    pick: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    expiry: String,
    #[serde(default)]
    cvc: String,
}

impl Paying {
    fn card(&self, now_ms: i64) -> Result<&'static Card, &'static str> {
        if !self.pick.is_empty() {
            return cards::by_number(&self.pick).ok_or("bad_number");
        }
        let card = cards::by_number(&self.number).ok_or("bad_number")?;
        if !self.expiry_is_fine(now_ms) {
            return Err("bad_expiry");
        }
        let cvc = self.cvc.trim();
        let fine = (3..=4).contains(&cvc.len()) && cvc.bytes().all(|byte| byte.is_ascii_digit());
        if fine { Ok(card) } else { Err("bad_cvc") }
    }

    fn expiry_is_fine(&self, now_ms: i64) -> bool {
        let Some((month, year)) = self.expiry.split_once('/') else { return false };
        let (Ok(month), Ok(year)) = (month.trim().parse::<u16>(), year.trim().parse::<u16>()) else {
            return false;
        };
        let this = clock::rfc3339(now_ms);
        let this_month = format!("{}{}", &this[2..4], &this[5..7]);
        (1..=12).contains(&month) && year < 100 && format!("{year:02}{month:02}") >= this_month
    }
}

/// `POST /pay/{session}`
async fn submit(
    State(world): State<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(paying): Form<Paying>,
) -> Response {
    let Some(session) = find(&world, Kind::Session, &id) else { return unknown(&headers) };
    let language = language(&session, &headers);
    let card = match paying.card(clock::now_ms()) {
        Ok(card) => card,
        Err(problem) => {
            let problem = language.word(problem);
            return session_page(&session, language, StatusCode::UNPROCESSABLE_ENTITY, &problem);
        }
    };
    let answering = world.clone();
    pay(&world, &wire, &id, card, move |shown| answer(&answering, language, &session, shown)).await
}

/// Pays under the fault set for `POST /pay/{id}`, and shows the outcome as the caller wants it.
pub async fn pay(
    world: &Shared,
    wire: &Wire,
    session_id: &str,
    card: &'static Card,
    answer: impl FnOnce(Result<Shown, ApiError>) -> Response + Send + 'static,
) -> Response {
    let fault = world.faults.take("POST", &format!("/pay/{session_id}"));
    let paying = world.clone();
    let session_id = session_id.to_owned();
    faults::inject(world, wire, fault, move |twist| {
        let pay_with = |outcome: Outcome| {
            paying.write(|books| {
                run_due(books)?;
                confirm::pay_session(books, &session_id, card, outcome)
            })
        };
        answer(match twist {
            Twist::Plain => pay_with(card.outcome),
            Twist::UnknownStatus => pay_with(Outcome::UnknownStatus),
            Twist::WrongAmount => pay_with(Outcome::OtherAmount),
            Twist::FailBefore => Err(ApiError::scripted()),
            Twist::FailAfter => pay_with(card.outcome).and(Err(ApiError::scripted())),
            Twist::TooMany => Err(ApiError::too_many()),
        })
    })
    .await
}

fn answer(world: &Shared, language: Language, session: &Value, shown: Result<Shown, ApiError>) -> Response {
    match shown {
        Ok(Shown::Return) => Redirect::to(&success_url(session)).into_response(),
        Ok(Shown::Challenge(intent)) => Redirect::to(&format!("/challenge/{intent}")).into_response(),
        Ok(Shown::Declined(error)) => {
            let problem = declined(language, &error);
            let session = find(world, Kind::Session, text(session, "id")).unwrap_or_else(|| session.clone());
            session_page(&session, language, StatusCode::PAYMENT_REQUIRED, &problem)
        }
        Ok(Shown::Lost) => notice(language, StatusCode::GATEWAY_TIMEOUT, "lost_title", "lost_more", ""),
        Err(error) if error.status == 400 => {
            // No longer open: paid or expired in the meantime, perhaps in another tab.
            let session = find(world, Kind::Session, text(session, "id")).unwrap_or_else(|| session.clone());
            session_page(&session, language, StatusCode::CONFLICT, &error.message)
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            notice(language, status, "error_title", "lost_more", "")
        }
    }
}

fn declined(language: Language, error: &ApiError) -> String {
    let code = error.more.get("decline_code").and_then(Value::as_str).or(error.code).unwrap_or_default();
    language.decline(code, &error.message)
}

/// `GET /challenge/{intent}`
async fn show_challenge(State(world): State<Shared>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(intent) = find(&world, Kind::Intent, &id) else { return unknown(&headers) };
    let session = session_of(&world, &intent);
    let language = language(&session, &headers);
    if text(&intent, "status") != "requires_action" {
        return notice(language, StatusCode::OK, "paid_title", "", &back_of(&session, &intent));
    }
    let view = context! {
        lang => language.tag(), w => language.words(), action => format!("/challenge/{id}"),
        amount => money::shown(number(&intent, "amount"), text(&intent, "currency")),
    };
    render("challenge.html", StatusCode::OK, origin(&back_of(&session, &intent)).as_deref(), view)
}

fn session_of(world: &Shared, intent: &Value) -> Value {
    find(world, Kind::Session, text(&intent["_sim"], "session")).unwrap_or(Value::Null)
}

fn back_of(session: &Value, intent: &Value) -> String {
    if session.is_null() { text(&intent["_sim"], "return_url").to_owned() } else { success_url(session) }
}

#[derive(Deserialize)]
struct Challenge {
    decision: String,
}

/// `POST /challenge/{intent}`
async fn submit_challenge(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(challenge): Form<Challenge>,
) -> Response {
    let Some(intent) = find(&world, Kind::Intent, &id) else { return unknown(&headers) };
    let session = session_of(&world, &intent);
    let language = language(&session, &headers);
    let approved = challenge.decision == "approve";
    let shown = world.write(|books| confirm::answer_challenge(books, &id, approved));
    if !session.is_null() {
        return answer(&world, language, &session, shown);
    }
    match back_of(&session, &intent) {
        back if back.is_empty() => notice(language, StatusCode::OK, "paid_title", "", ""),
        back => Redirect::to(&back).into_response(),
    }
}
