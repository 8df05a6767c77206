//! The people at a reader, by control API: `POST /control/readers/{id}` with what they do.
//! Start reading at [`Deed`]; docs/simulator.md has each with curl.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stage, cards, customer};
use crate::books::{Books, Kind};
use crate::control::{Sent, answered, body, refusal};
use crate::json::{public, text};
use crate::stripe::errors::ApiError;
use crate::stripe::form::Form;
use crate::stripe::{lists, run_due};
use crate::world::Shared;

/// What somebody does at a reader.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Deed {
    /// Holds a card to it.
    Insert { card: String },
    /// Types the right PIN, or is the bank and says yes.
    Approve,
    /// Types a wrong PIN, or is the bank and says no.
    Decline,
    /// Pulls the card out.
    Remove,
    /// Presses the red key.
    Cancel,
    /// Does nothing until the reader gives up.
    TimeOut,
    /// Pulls the network cable while the bank answers.
    LoseLine { taken: bool },
    /// Pulls the power cable.
    LosePower {
        #[serde(default)]
        taken: bool,
    },
    /// Switches it on again.
    PowerOn,
    /// Lets it begin or end an update.
    Update { begins: bool },
    /// The next command to it times out at the provider, and reached the reader all the same or did not.
    NextTimesOut { received: bool },
}

/// The calls.
pub fn routes() -> Router<Shared> {
    Router::new().route("/control/readers", get(list)).route("/control/readers/{id}", post(act))
}

/// The newest hundred readers.
pub fn readers(books: &Books<'_>) -> Result<Value, ApiError> {
    lists::page(books, Kind::Reader, &Form::parse(b"limit=100")?, "", |_| true)
}

async fn list(State(world): State<Shared>) -> Response {
    answered(world.write(|books| {
        run_due(books)?;
        let page = readers(books)?;
        let rows = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let rows: Vec<Value> = rows
            .iter()
            .map(|r| json!({ "id": r["id"], "label": r["label"], "status": r["status"], "stage": Stage::of(r).word() }))
            .collect();
        Ok(json!({ "readers": rows }))
    }))
}

async fn act(State(world): State<Shared>, Path(id): Path<String>, sent: Sent<Deed>) -> Response {
    let deed = match body(sent) {
        Ok(deed) => deed,
        Err(response) => return *response,
    };
    if let Deed::Insert { card } = &deed
        && cards::by_number(card).is_none()
    {
        return refusal(
            StatusCode::BAD_REQUEST,
            "card: not one of a reader's test cards; see docs/simulator.md",
        );
    }
    answered(world.write(|books| {
        run_due(books)?;
        let reader = do_it(books, &id, &deed)?;
        let mut shown = public(&reader);
        shown["stage"] = json!(text(&reader["_sim"], "stage"));
        Ok(shown)
    }))
}

/// Does it.
pub fn do_it(books: &mut Books<'_>, id: &str, deed: &Deed) -> Result<Value, ApiError> {
    match deed {
        Deed::Insert { card } => {
            let held = cards::by_number(card).ok_or_else(|| {
                ApiError::parameter("card", None, "This is not one of the test cards.".to_owned())
            })?;
            customer::insert(books, id, held)
        }
        Deed::Approve => customer::approve(books, id),
        Deed::Decline => customer::decline(books, id),
        Deed::Remove => customer::remove(books, id),
        Deed::Cancel => customer::cancel(books, id),
        Deed::TimeOut => customer::time_out(books, id),
        Deed::LoseLine { taken } => customer::lose_line(books, id, *taken),
        Deed::LosePower { taken } => customer::lose_power(books, id, *taken),
        Deed::PowerOn => customer::power_on(books, id),
        Deed::Update { begins } => customer::update(books, id, *begins),
        Deed::NextTimesOut { received } => {
            let mut reader = books.get(Kind::Reader, id)?;
            reader["_sim"]["next"] = json!(if *received { "timeout_received" } else { "timeout_lost" });
            books.update(&reader)?;
            Ok(reader)
        }
    }
}
