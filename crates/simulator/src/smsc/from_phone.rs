//! What somebody writes on the phone: a deliver_sm to whoever is bound, in the coding that a phone would choose, and
//! again until it is acknowledged. The phone's page and the control API press the same button.
//! Start reading at [`write`].

use std::sync::PoisonError;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use http::{HeaderMap, StatusCode, header};
use minijinja::{Value as View, context};
use rusmpp::Pdu;
use rusmpp::pdus::DeliverSm;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, Npi, Ton};
use serde::Deserialize;
use serde_json::json;

use super::text::Coding;
use crate::control::{Sent, body, refusal};
use crate::hosted_page::{self, words::Language};
use crate::world::Shared;

/// How often the same can be delivered by one call.
const MOST_TIMES: u32 = 1_000;

/// What a text message from a phone has for its esm_class: no receipt and no acknowledgement (SMPP 3.4 §5.2.12).
const TEXT_MESSAGE: u8 = 0;

/// The page on which any text is written, and its buttons.
pub fn routes() -> Router<Shared> {
    Router::new().route("/write", get(page).post(pressed))
}

/// The call of the control API.
pub fn control_routes() -> Router<Shared> {
    Router::new().route("/control/sms", post(told))
}

/// The deliver_sm of a text; why not, when no short message carries it.
fn pdu(from: &str, text: &str) -> Result<Pdu, &'static str> {
    let digits: String = from.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() || digits.len() > 15 {
        return Err("from: a phone number is needed");
    }
    let (coding, octets) = Coding::encode(text);
    if text.trim().is_empty() || !coding.fits(0, octets.len()) {
        return Err("text: between one character and what one short message carries");
    }
    let coding = match coding {
        Coding::Gsm7 => DataCoding::McSpecific,
        Coding::Ucs2 => DataCoding::Ucs2,
    };
    let message = DeliverSm::builder()
        .source_addr_ton(Ton::International)
        .source_addr_npi(Npi::Isdn)
        .source_addr(COctetString::from_string(digits).map_err(|_| "from: a phone number is needed")?)
        .esm_class(EsmClass::from(TEXT_MESSAGE))
        .data_coding(coding)
        .short_message(OctetString::from_vec(octets).map_err(|_| "text: too long")?)
        .build();
    Ok(message.into())
}

/// Somebody writes a text, so many times; it waits while nobody is bound.
fn write(world: &Shared, from: &str, text: &str, times: u32) -> Result<(), &'static str> {
    let pdu = pdu(from, text)?;
    let mut bound = world.bound.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..times {
        bound.send(0, pdu.clone());
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: String,
    text: String,
    times: Option<u32>,
}

/// `POST /control/sms`
async fn told(State(world): State<Shared>, sent: Sent<Written>) -> Response {
    let written = match body(sent) {
        Ok(written) => written,
        Err(response) => return *response,
    };
    let times = written.times.unwrap_or(1).min(MOST_TIMES);
    match write(&world, &written.from, &written.text, times) {
        Ok(()) => Json(json!({ "written": times })).into_response(),
        Err(reason) => refusal(StatusCode::BAD_REQUEST, reason),
    }
}

#[derive(Deserialize)]
struct Pressed {
    from: String,
    text: String,
}

/// A button or the form: the page to which it leads says what was written.
async fn pressed(State(world): State<Shared>, Form(form): Form<Pressed>) -> Response {
    match write(&world, &form.from, &form.text, 1) {
        Ok(()) => {
            let wrote = serde_urlencoded::to_string([("wrote", form.text.as_str())]).unwrap_or_default();
            Redirect::to(&format!("/?{wrote}#wrote")).into_response()
        }
        Err(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
    }
}

fn of(query: Option<&str>, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query?).ok()?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// What the phone's page says about the text that was just written.
pub fn word(query: Option<&str>, language: Language) -> Option<String> {
    let wrote = of(query, "wrote")?;
    Some(format!("{} {wrote}", language.pick("Sent:", "已发送：")))
}

/// The words of the buttons and the form.
pub fn words(language: Language) -> View {
    context! {
        title => language.pick("Write a text message", "写短信"),
        number => language.pick("From (number with country code)", "发件号码（带国家代码）"),
        text => language.pick("Text", "内容"),
        send => language.pick("Send", "发送"),
        reply => language.pick("Reply", "回复"),
        back => language.pick("Back to the phone", "返回手机短信"),
        stop => language.pick("STOP", "退订"),
    }
}

/// `GET /write?from=`: the phone's own page renews itself and would forget what is typed.
async fn page(State(world): State<Shared>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = Language::of("auto", accepted.unwrap_or_default());
    let view = context! {
        lang => language.tag(), w => language.words(), words => words(language),
        from => of(query.as_deref(), "from").unwrap_or_default(), tour => world.tour(),
    };
    hosted_page::render("write.html", StatusCode::OK, None, view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_travels_in_the_coding_that_a_phone_would_choose() {
        for (text, coding, octets) in [
            ("STOP", DataCoding::McSpecific, b"STOP".to_vec()),
            ("退订", DataCoding::Ucs2, vec![0x90, 0x00, 0x8b, 0xa2]),
        ] {
            let Ok(Pdu::DeliverSm(message)) = pdu("+44 7400 123456", text) else { panic!("{text}") };
            assert_eq!(message.source_addr.as_str(), "447400123456");
            assert_eq!((message.data_coding, message.short_message().as_ref()), (coding, octets.as_slice()));
        }
        assert!(pdu("Luma", "STOP").is_err() && pdu("447400123456", " ").is_err());
        assert!(pdu("447400123456", &"x".repeat(161)).is_err());
    }
}
