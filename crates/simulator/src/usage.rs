//! The network's charging front: uses up what is on a line and reports it to the merchant's API, as a network would.
//! On the phone's page each number has buttons for it; `POST /control/use` does the same for programs.
//! Start reading at [`report`].

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use http::{HeaderMap, StatusCode, header};
use minijinja::{Value as View, context};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::control::{Sent, body, refusal};
use crate::hosted_page::{self, words::Language};
use crate::ids;
use crate::webhooks::check_url;
use crate::world::Shared;

/// Where usage is reported to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageTarget {
    /// Where the merchant's API is, without a final slash.
    pub url: String,
    /// A key of that API which may report usage.
    pub key: String,
}

/// The buttons: a name, the unit (`credit` is the line's currency) and how much.
const BUTTONS: &[(&str, &str, i64, &str, &str)] = &[
    ("data", "octets", 500_000_000, "500 MB", "500 MB"),
    ("call", "seconds", 600, "10 min", "10 分钟"),
    ("sms", "messages", 5, "5 messages", "5 条短信"),
    ("credit", "credit", 100, "1.00", "1.00"),
];

/// The page and the call of the buttons.
pub fn routes() -> Router<Shared> {
    Router::new().route("/use", get(page).post(pressed))
}

/// The calls of the control API.
pub fn control_routes() -> Router<Shared> {
    Router::new().route("/control/use", post(used)).route("/control/usage-target", post(set_target))
}

/// Sets where usage goes; only to this machine.
pub fn set(world: &Shared, target: UsageTarget) -> anyhow::Result<()> {
    check_url(&target.url)?;
    let url = target.url.trim_end_matches('/').to_owned();
    *place(world) = Some(UsageTarget { url, ..target });
    Ok(())
}

fn place(world: &Shared) -> std::sync::MutexGuard<'_, Option<UsageTarget>> {
    world.usage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn set_target(State(world): State<Shared>, sent: Sent<UsageTarget>) -> Response {
    let target = match body(sent) {
        Ok(target) => target,
        Err(response) => return *response,
    };
    match set(&world, target) {
        Ok(()) => Json(json!({ "set": true })).into_response(),
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    msisdn: String,
    /// `octets`, `seconds`, `messages` or `credit`.
    unit: String,
    amount: i64,
    /// The record's own word; a new one when it is left out.
    id: Option<String>,
    /// When it was used, RFC 3339; now when it is left out.
    at: Option<String>,
}

/// What the merchant said to a report.
struct Said {
    status: u16,
    body: Value,
}

/// Reports a use, and gives what the merchant answered; why not, when it could not be asked.
async fn report(world: &Shared, wanted: &Use) -> Result<Said, String> {
    let target = place(world).clone().ok_or("nobody was named to whom usage is reported")?;
    let digits: String = wanted.msisdn.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Err("msisdn: a number is needed".to_owned());
    }
    let line = format!("{}/v1/lines/{digits}", target.url);
    let unit = if wanted.unit == "credit" {
        let found = ask(world.http.get(&line).bearer_auth(&target.key)).await?;
        match found.body["currency"].as_str() {
            Some(currency) => currency.to_owned(),
            None => return Ok(found),
        }
    } else {
        wanted.unit.clone()
    };
    let id = wanted.id.clone().unwrap_or_else(|| ids::random("front-", 20));
    let at = wanted.at.clone().unwrap_or_else(|| clock::rfc3339(clock::now_ms()));
    let record = json!({ "id": id, "unit": unit, "amount": wanted.amount, "at": at });
    let call = world.http.post(format!("{line}/usage")).bearer_auth(&target.key);
    let call = call.header("idempotency-key", &id).header(header::CONTENT_TYPE, "application/json");
    ask(call.body(record.to_string())).await
}

async fn ask(call: reqwest::RequestBuilder) -> Result<Said, String> {
    let answer = call.timeout(std::time::Duration::from_secs(10)).send().await;
    let answer = answer.map_err(|error| format!("the merchant does not answer: {}", error.without_url()))?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap_or_default();
    Ok(Said { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}

/// `POST /control/use`
async fn used(State(world): State<Shared>, sent: Sent<Use>) -> Response {
    let wanted = match body(sent) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    match report(&world, &wanted).await {
        Ok(said) => Json(json!({ "status": said.status, "answer": said.body })).into_response(),
        Err(reason) => refusal(StatusCode::BAD_GATEWAY, &reason),
    }
}

#[derive(Deserialize)]
struct Pressed {
    msisdn: String,
    what: String,
}

/// A button on the page: the word about it stands on the page to which it leads.
async fn pressed(State(world): State<Shared>, Form(form): Form<Pressed>) -> Response {
    let Some((_, unit, amount, ..)) = BUTTONS.iter().find(|(name, ..)| *name == form.what) else {
        return (StatusCode::BAD_REQUEST, "what: data, call, sms or credit").into_response();
    };
    let wanted = Use { msisdn: form.msisdn, unit: (*unit).to_owned(), amount: *amount, id: None, at: None };
    let said = match report(&world, &wanted).await {
        Ok(said) if said.status == 201 => format!("done={}", form.what),
        Ok(said) => {
            let code = said.body["code"].as_str().unwrap_or("unreadable");
            let left = said.body["available"].as_i64();
            let left = left.map(|left| format!("&left={left}")).unwrap_or_default();
            format!("refused={}{left}", code.replace(|c: char| c != '_' && !c.is_ascii_alphanumeric(), ""))
        }
        Err(_) => "refused=no_answer".to_owned(),
    };
    Redirect::to(&format!("/?{said}#use")).into_response()
}

/// What the page says about the last button, from the address.
pub fn word(query: Option<&str>, language: Language) -> Option<View> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query?).ok()?;
    let of = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if let Some(done) = of("done") {
        let (.., english, chinese) = BUTTONS.iter().find(|(name, ..)| *name == done)?;
        let said = format!("{} {}", language.pick("Used:", "已使用："), language.pick(english, chinese));
        return Some(context! { ok => true, text => said });
    }
    let text = match of("refused")? {
        "usage_not_covered" => {
            let refused =
                language.pick("Refused: there is not that much. Left: ", "被拒绝：余量不足。剩余：");
            format!("{refused}{}", of("left").unwrap_or("0"))
        }
        "line_unknown" => {
            language.pick("Refused: not a line of this operator.", "被拒绝：不是本运营商的号码。").into()
        }
        "no_answer" => language.pick("No answer from the merchant.", "商户没有应答。").into(),
        other => format!("{}{other}", language.pick("Refused: ", "被拒绝：")),
    };
    Some(context! { ok => false, text })
}

/// The words and buttons of the forms; nothing where nobody is told of usage.
pub fn buttons(world: &Shared, language: Language) -> Option<View> {
    place(world).as_ref()?;
    let buttons = BUTTONS.iter();
    let buttons: Vec<View> = buttons
        .map(|(name, _, _, english, chinese)| context! { name => *name, text => language.pick(english, chinese) })
        .collect();
    Some(context! {
        title => language.pick("Use up a line", "消耗号码的额度"),
        lead => language.pick("As the network would report it.", "如同网络上报用量。"),
        use_ => language.pick("Use", "使用"),
        number => language.pick("Number with country code", "带国家代码的号码"),
        other => language.pick("Use up another number", "消耗其他号码的额度"),
        back => language.pick("Back to the phone", "返回手机短信"),
        buttons,
    })
}

/// `GET /use`: for any number. The phone's own page renews itself and would forget what is typed.
async fn page(State(world): State<Shared>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = Language::of("auto", accepted.unwrap_or_default());
    let view = context! {
        lang => language.tag(), w => language.words(), usage => buttons(&world, language),
        word => word(query.as_deref(), language), tour => world.tour(),
    };
    hosted_page::render("use.html", StatusCode::OK, None, view)
}
