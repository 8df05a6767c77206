//! Stripe Terminal, server-driven (docs.stripe.com/api/terminal): locations, readers, and the calls that hand a
//! PaymentIntent to a reader. Start reading at [`process`]; what people do at the reader is in customer.rs.

pub mod cards;
pub mod control;
pub mod customer;

use serde_json::{Value, json};

use super::errors::ApiError;
use super::form::Form;
use super::lists;
use super::payment_intents;
use crate::books::{Books, Kind};
use crate::ids;
use crate::json::{as_map, text};
pub use customer::hears_when_due;

/// The calls of this slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    CreateLocation,
    ListLocations,
    GetLocation(String),
    CreateReader,
    ListReaders,
    GetReader(String),
    Process(String),
    CancelAction(String),
    Present(String),
}

impl Operation {
    /// The call behind the segments of a path after `/v1/`.
    pub fn of(post: bool, segments: &[&str]) -> Option<Operation> {
        let id = |id: &str| id.to_owned();
        Some(match (post, segments) {
            (true, ["terminal", "locations"]) => Self::CreateLocation,
            (false, ["terminal", "locations"]) => Self::ListLocations,
            (false, ["terminal", "locations", location]) => Self::GetLocation(id(location)),
            (true, ["terminal", "readers"]) => Self::CreateReader,
            (false, ["terminal", "readers"]) => Self::ListReaders,
            (false, ["terminal", "readers", reader]) => Self::GetReader(id(reader)),
            (true, ["terminal", "readers", reader, "process_payment_intent"]) => Self::Process(id(reader)),
            (true, ["terminal", "readers", reader, "cancel_action"]) => Self::CancelAction(id(reader)),
            (true, ["test_helpers", "terminal", "readers", reader, "present_payment_method"]) => {
                Self::Present(id(reader))
            }
            (_, _) => return None,
        })
    }

    /// Runs the call.
    pub fn run(&self, books: &mut Books<'_>, form: &Form) -> Result<Value, ApiError> {
        match self {
            Self::CreateLocation => create_location(books, form),
            Self::ListLocations => {
                form.allow(lists::PAGING)?;
                lists::page(books, Kind::Location, form, "/v1/terminal/locations", |_| true)
            }
            Self::GetLocation(id) => form.allow(&[]).and_then(|()| books.get(Kind::Location, id)),
            Self::CreateReader => create_reader(books, form),
            Self::ListReaders => list_readers(books, form),
            Self::GetReader(id) => form.allow(&[]).and_then(|()| books.get(Kind::Reader, id)),
            Self::Process(id) => process(books, id, form),
            Self::CancelAction(id) => form.allow(&[]).and_then(|()| cancel_action(books, id)),
            Self::Present(id) => present(books, id, form),
        }
    }
}

const ADDRESS: [&str; 6] = ["line1", "line2", "city", "country", "postal_code", "state"];

fn create_location(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    let patterns: Vec<String> = ADDRESS.iter().map(|field| format!("address[{field}]")).collect();
    let mut allowed: Vec<&str> = patterns.iter().map(String::as_str).collect();
    allowed.extend(["display_name", "metadata[*]"]);
    form.allow(&allowed)?;
    form.required("address[line1]")?;
    form.required("address[country]")?;
    let address: serde_json::Map<String, Value> = ADDRESS
        .iter()
        .map(|field| ((*field).to_owned(), json!(form.text(&format!("address[{field}]")))))
        .collect();
    let location = json!({
        "id": ids::random("tml_", 14), "object": "terminal.location", "address": address,
        "created": books.now(), "display_name": form.required("display_name")?, "livemode": false,
        "metadata": as_map(form.metadata("metadata")?),
    });
    books.insert(Kind::Location, &location, None)?;
    Ok(location)
}

fn create_reader(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(&["registration_code", "label", "location", "metadata[*]"])?;
    let device = match form.required("registration_code")? {
        "simulated-wpe" => "simulated_wisepos_e",
        "simulated-s700" => "simulated_stripe_s700",
        _ => {
            let message =
                "The registration code is invalid; the simulator has simulated-wpe and simulated-s700.";
            return Err(ApiError::parameter("registration_code", None, message.to_owned()));
        }
    };
    let location = form.text("location").map(|id| books.get(Kind::Location, id)).transpose()?;
    let serial = format!("{}-{}", form.required("registration_code")?, ids::random("", 8));
    let reader = json!({
        "id": ids::random("tmr_", 14), "object": "terminal.reader", "action": null, "created": books.now(),
        "device_sw_version": "", "device_type": device, "ip_address": "0.0.0.0",
        "label": form.text("label").unwrap_or(&serial), "livemode": false,
        "location": location.map_or(Value::Null, |location| location["id"].clone()),
        "metadata": as_map(form.metadata("metadata")?), "serial_number": serial, "status": "online",
        "_sim": { "stage": Stage::Idle.word() },
    });
    books.insert(Kind::Reader, &reader, None)?;
    Ok(reader)
}

fn list_readers(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(&[lists::PAGING, &["location", "device_type", "status", "serial_number"]].concat())?;
    let wanted = ["location", "device_type", "status", "serial_number"];
    lists::page(books, Kind::Reader, form, "/v1/terminal/readers", |reader| {
        wanted.iter().all(|field| form.text(field).is_none_or(|value| text(reader, field) == value))
    })
}

/// What the reader is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Idle,
    /// It shows the amount and waits for a card.
    Card,
    /// A card is in it and it waits for the PIN.
    Pin,
    /// The bank is asked.
    Bank,
    /// It does something of its own, such as an update.
    Updating,
}

impl Stage {
    const ALL: [Stage; 5] = [Stage::Idle, Stage::Card, Stage::Pin, Stage::Bank, Stage::Updating];

    /// How the books spell it.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Idle => "idle",
            Stage::Card => "card",
            Stage::Pin => "pin",
            Stage::Bank => "bank",
            Stage::Updating => "updating",
        }
    }

    /// The stage of a reader.
    pub fn of(reader: &Value) -> Stage {
        let word = text(&reader["_sim"], "stage");
        Stage::ALL.into_iter().find(|stage| stage.word() == word).unwrap_or(Stage::Idle)
    }
}

fn check_reachable(reader: &Value) -> Result<(), ApiError> {
    if text(reader, "status") == "online" {
        return Ok(());
    }
    let message = "Reader is currently offline, please ensure the reader is powered on and connected to the \
                   internet before retrying your request.";
    Err(ApiError::state(Some("terminal_reader_offline"), message.to_owned()))
}

fn busy() -> ApiError {
    let message = "Reader is currently busy processing another request, please reference the integration guide \
                   for handling this error.";
    ApiError::state(Some("terminal_reader_busy"), message.to_owned())
}

/// `POST /v1/terminal/readers/{id}/process_payment_intent`. A payment that no card was held to yet is replaced by the
/// new one; the intent that it was about stays as it was.
fn process(books: &mut Books<'_>, id: &str, form: &Form) -> Result<Value, ApiError> {
    let config = ["process_config[enable_customer_cancellation]", "process_config[skip_tipping]"];
    form.allow(&[["payment_intent"].as_slice(), &config].concat())?;
    let mut reader = books.get(Kind::Reader, id)?;
    let intent = books.get(Kind::Intent, form.required("payment_intent")?)?;
    let cancellable = form.boolean(config[0])? == Some(true);
    form.boolean(config[1])?;
    if !payment_intents::is_card_present(&intent) {
        let message =
            "Only PaymentIntents with the payment method type card_present can be processed by a reader.";
        return Err(ApiError::state_of(
            "payment_intent",
            Some("payment_intent_invalid_parameter"),
            message.to_owned(),
        ));
    }
    if text(&intent, "status") != "requires_payment_method" {
        let message = format!(
            "A PaymentIntent must be in the requires_payment_method state to be processed by a reader; this one is \
             {}.",
            text(&intent, "status")
        );
        return Err(ApiError::state(Some("intent_invalid_state"), message));
    }
    check_reachable(&reader)?;
    if matches!(Stage::of(&reader), Stage::Pin | Stage::Bank | Stage::Updating) {
        return Err(busy());
    }
    let command = reader["_sim"]["next"].as_str().map(str::to_owned);
    reader["_sim"]["next"] = Value::Null;
    if command.as_deref() != Some("timeout_lost") {
        reader["action"] = json!({
            "failure_code": null, "failure_message": null, "status": "in_progress", "type": "process_payment_intent",
            "process_payment_intent": { "payment_intent": intent["id"],
                "process_config": { "enable_customer_cancellation": cancellable } },
        });
        reader["_sim"]["stage"] = json!(Stage::Card.word());
    }
    books.update(&reader)?;
    if command.is_some() {
        let message = "There was a timeout when sending this command to the reader.";
        return Err(ApiError::state(Some("terminal_reader_timeout"), message.to_owned()));
    }
    Ok(reader)
}

/// `POST /v1/terminal/readers/{id}/cancel_action`; not while a card is in the reader.
fn cancel_action(books: &mut Books<'_>, id: &str) -> Result<Value, ApiError> {
    let mut reader = books.get(Kind::Reader, id)?;
    check_reachable(&reader)?;
    if matches!(Stage::of(&reader), Stage::Pin | Stage::Bank | Stage::Updating) {
        return Err(busy());
    }
    reader["action"] = Value::Null;
    reader["_sim"]["stage"] = json!(Stage::Idle.word());
    books.update(&reader)?;
    Ok(reader)
}

/// `POST /v1/test_helpers/terminal/readers/{id}/present_payment_method`: a card, and its right PIN.
fn present(books: &mut Books<'_>, id: &str, form: &Form) -> Result<Value, ApiError> {
    form.allow(&["type", "card_present[number]"])?;
    if let Some(other) = form.text("type").filter(|kind| *kind != "card_present") {
        let message = format!("Invalid type: must be card_present; not {other}.");
        return Err(ApiError::parameter("type", None, message));
    }
    let typed = form.text("card_present[number]").unwrap_or(cards::plain().card.number);
    let Some(card) = cards::by_number(typed) else {
        let message = "This is not one of the test cards of a simulated reader.".to_owned();
        return Err(ApiError::parameter("card_present[number]", Some("incorrect_number"), message));
    };
    customer::insert(books, id, card)?;
    if Stage::of(&books.get(Kind::Reader, id)?) == Stage::Pin {
        customer::approve(books, id)?;
    }
    books.get(Kind::Reader, id)
}
