//! A simulated card reader as its customer sees it: the amount, and a button for everything one can do there.
//! Start reading at [`show`]; what a button does is in stripe/terminal/customer.rs.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use minijinja::{Value as View, context};
use serde::Deserialize;
use serde_json::Value;

use super::words::Language;
use super::{find, language, money, render, unknown};
use crate::books::Kind;
use crate::json::{number, text};
use crate::stripe::run_due;
use crate::stripe::terminal::Stage;
use crate::stripe::terminal::cards::READER_CARDS;
use crate::stripe::terminal::control::{self, Deed};
use crate::world::Shared;

/// `GET /readers`: all readers, newest first.
pub async fn list(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let language = language(&Value::Null, &headers);
    let found = world.write(|books| control::readers(books)).unwrap_or(Value::Null);
    let readers = found["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let readers: Vec<View> = readers
        .iter()
        .map(|r| context! { href => format!("/reader/{}", text(r, "id")), label => text(r, "label") })
        .collect();
    let view = context! { lang => language.tag(), w => language.words(), readers };
    render("readers.html", StatusCode::OK, None, view)
}

/// `GET /reader/{id}`
pub async fn show(State(world): State<Shared>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    page(&world, &id, &headers, StatusCode::OK, "")
}

fn page(world: &Shared, id: &str, headers: &HeaderMap, status: StatusCode, problem: &str) -> Response {
    let Some(reader) = find(world, Kind::Reader, id) else { return unknown(headers) };
    let intent = text(&reader["action"]["process_payment_intent"], "payment_intent");
    let intent = find(world, Kind::Intent, intent).unwrap_or(Value::Null);
    let language = language(&Value::Null, headers);
    let cards: Vec<View> = READER_CARDS
        .iter()
        .map(|held| {
            let does = language.pick(held.card.english, held.card.chinese);
            context! { number => held.card.number, grouped => held.card.grouped(), does }
        })
        .collect();
    let amount = match Stage::of(&reader) {
        Stage::Card | Stage::Pin | Stage::Bank => {
            money::shown(number(&intent, "amount"), text(&intent, "currency"))
        }
        Stage::Idle | Stage::Updating => String::new(),
    };
    let view = context! {
        lang => language.tag(), w => language.words(), problem, cards, amount, label => text(&reader, "label"),
        about => text(&intent, "description"), shows => language.word(screen(&reader)),
        stage => Stage::of(&reader).word(), online => text(&reader, "status") == "online",
        action => format!("/reader/{id}"),
    };
    render("reader.html", status, None, view)
}

/// What its screen says.
fn screen(reader: &Value) -> &'static str {
    if text(reader, "status") != "online" {
        return "reader_off";
    }
    match (Stage::of(reader), text(&reader["action"], "status")) {
        (Stage::Card, _) => "reader_card",
        (Stage::Pin, _) => "reader_pin",
        (Stage::Bank, _) => "reader_bank",
        (Stage::Updating, _) => "reader_updating",
        (Stage::Idle, "succeeded") => "reader_approved",
        (Stage::Idle, "failed") => "reader_failed",
        (Stage::Idle, _) => "reader_idle",
    }
}

#[derive(Deserialize)]
pub struct Pressed {
    #[serde(default)]
    card: String,
    #[serde(default)]
    press: String,
}

impl Pressed {
    fn deed(&self) -> Option<Deed> {
        Some(match self.press.as_str() {
            "" if !self.card.is_empty() => Deed::Insert { card: self.card.clone() },
            "approve" => Deed::Approve,
            "decline" => Deed::Decline,
            "remove" => Deed::Remove,
            "cancel" => Deed::Cancel,
            "power_off" => Deed::LosePower { taken: false },
            "power_on" => Deed::PowerOn,
            _ => return None,
        })
    }
}

/// `POST /reader/{id}`
pub async fn press(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(pressed): Form<Pressed>,
) -> Response {
    let Some(deed) = pressed.deed() else {
        let problem = Language::word(language(&Value::Null, &headers), "bad_number");
        return page(&world, &id, &headers, StatusCode::UNPROCESSABLE_ENTITY, &problem);
    };
    let done = world.write(|books| {
        run_due(books)?;
        control::do_it(books, &id, &deed)
    });
    match done {
        Ok(_) => Redirect::to(&format!("/reader/{id}")).into_response(),
        Err(error) if error.status == 404 => unknown(&headers),
        Err(error) => page(&world, &id, &headers, StatusCode::CONFLICT, &error.message),
    }
}
