//! What people do at a simulated reader: hold a card to it, type the PIN, pull the card, press cancel, trip over its
//! cable. Start reading at [`insert`]; the page, the control API and Stripe's test helper all end here.

use serde_json::{Value, json};

use super::Stage;
use super::cards::{self, AtReader, ReaderCard};
use crate::books::{Books, Kind, Later};
use crate::cards::Decline;
use crate::ids;
use crate::json::{number, text};
use crate::stripe::confirm;
use crate::stripe::errors::ApiError;

/// How long a slow bank takes.
const BANK_TAKES_MS: i64 = 20_000;

type Done = Result<Value, ApiError>;

/// The reader, if it is at one of these stages and switched on.
fn at(books: &Books<'_>, id: &str, stages: &[Stage]) -> Result<Value, ApiError> {
    let reader = books.get(Kind::Reader, id)?;
    if text(&reader, "status") == "online" && stages.contains(&Stage::of(&reader)) {
        return Ok(reader);
    }
    let message = format!(
        "The reader cannot do that now: it is {} and its stage is {}.",
        text(&reader, "status"),
        Stage::of(&reader).word()
    );
    Err(ApiError::state(None, message))
}

/// A card is held to the reader.
pub fn insert(books: &mut Books<'_>, id: &str, held: &'static ReaderCard) -> Done {
    let mut reader = at(books, id, &[Stage::Card])?;
    reader["_sim"]["card"] = json!(held.card.number);
    match held.does {
        AtReader::AsksPin => stage(books, reader, Stage::Pin),
        AtReader::Removed => fail(books, reader, "card_removed", "The card was removed too early."),
        AtReader::Approved
        | AtReader::Declined(_)
        | AtReader::ByAmount
        | AtReader::Slow
        | AtReader::LineLost { .. }
        | AtReader::PowerLost { .. } => ask_bank(books, reader, held),
    }
}

/// The PIN is right, or the bank that takes its time says yes.
pub fn approve(books: &mut Books<'_>, id: &str) -> Done {
    let reader = at(books, id, &[Stage::Pin, Stage::Bank])?;
    let Some(mut intent) = wanted(books, &reader)? else { return withdrawn(books, reader) };
    let held = card_in(&reader);
    take(books, &mut intent, held)?;
    succeed(books, reader)
}

/// The PIN is wrong, or the bank says no.
pub fn decline(books: &mut Books<'_>, id: &str) -> Done {
    let reader = at(books, id, &[Stage::Pin, Stage::Bank])?;
    let decline = if Stage::of(&reader) == Stage::Pin { cards::WRONG_PIN } else { cards::refusal() };
    let Some(intent) = wanted(books, &reader)? else { return withdrawn(books, reader) };
    refuse(books, reader, intent, &decline)
}

/// The card is pulled out before the bank was asked.
pub fn remove(books: &mut Books<'_>, id: &str) -> Done {
    let reader = at(books, id, &[Stage::Card, Stage::Pin])?;
    fail(books, reader, "card_removed", "The card was removed too early.")
}

/// The customer presses the red key.
pub fn cancel(books: &mut Books<'_>, id: &str) -> Done {
    let reader = at(books, id, &[Stage::Card, Stage::Pin])?;
    fail(books, reader, "customer_canceled", "The customer canceled the payment.")
}

/// Nobody holds a card to it and the reader gives up.
pub fn time_out(books: &mut Books<'_>, id: &str) -> Done {
    let reader = at(books, id, &[Stage::Card, Stage::Pin])?;
    fail(books, reader, "reader_timeout", "The reader timed out waiting for a card.")
}

/// The line drops while the bank answers: the reader says that it failed, whether or not money was taken
/// (docs.stripe.com/terminal/payments/collect-card-payment, `connection_error`).
pub fn lose_line(books: &mut Books<'_>, id: &str, taken: bool) -> Done {
    let reader = at(books, id, &[Stage::Card, Stage::Pin, Stage::Bank])?;
    take_if(books, &reader, taken)?;
    fail(books, reader, "connection_error", "The reader lost its connection.")
}

/// The power goes: the reader is silent and its action stays as it was (the same page, "Missing webhooks").
pub fn lose_power(books: &mut Books<'_>, id: &str, taken: bool) -> Done {
    let mut reader = books.get(Kind::Reader, id)?;
    take_if(books, &reader, taken)?;
    reader["status"] = json!("offline");
    stage(books, reader, Stage::Idle)
}

/// The power is back. An action that was under way still says so, until somebody cancels it.
pub fn power_on(books: &mut Books<'_>, id: &str) -> Done {
    let mut reader = books.get(Kind::Reader, id)?;
    reader["status"] = json!("online");
    stage(books, reader, Stage::Idle)
}

/// The reader begins or ends something of its own.
pub fn update(books: &mut Books<'_>, id: &str, begins: bool) -> Done {
    let (from, to) = if begins { (Stage::Idle, Stage::Updating) } else { (Stage::Updating, Stage::Idle) };
    let reader = at(books, id, &[from])?;
    stage(books, reader, to)
}

/// The bank answers a reader that waits, if it still waits.
pub fn hears_when_due(books: &mut Books<'_>, id: &str) -> Result<(), ApiError> {
    approve(books, id).map(|_| ())
}

fn stage(books: &Books<'_>, mut reader: Value, stage: Stage) -> Done {
    reader["_sim"]["stage"] = json!(stage.word());
    books.update(&reader)?;
    Ok(reader)
}

fn card_in(reader: &Value) -> &'static ReaderCard {
    cards::by_number(text(&reader["_sim"], "card")).unwrap_or_else(cards::plain)
}

fn intent_of(books: &Books<'_>, reader: &Value) -> Result<Option<Value>, ApiError> {
    books.find(Kind::Intent, text(&reader["action"]["process_payment_intent"], "payment_intent"))
}

/// The intent under way, unless it was cancelled or paid meanwhile.
fn wanted(books: &Books<'_>, reader: &Value) -> Result<Option<Value>, ApiError> {
    let open = |intent: &Value| matches!(text(intent, "status"), "requires_payment_method" | "processing");
    Ok(intent_of(books, reader)?.filter(open))
}

fn withdrawn(books: &mut Books<'_>, reader: Value) -> Done {
    fail(books, reader, "payment_intent_unexpected_state", "The payment was canceled.")
}

fn take_if(books: &mut Books<'_>, reader: &Value, taken: bool) -> Result<(), ApiError> {
    match wanted(books, reader)? {
        Some(mut intent) if taken => take(books, &mut intent, card_in(reader)),
        Some(mut intent) if text(&intent, "status") == "processing" => {
            intent["status"] = json!("requires_payment_method");
            books.update(&intent)
        }
        Some(_) | None => Ok(()),
    }
}

fn ask_bank(books: &mut Books<'_>, reader: Value, held: &'static ReaderCard) -> Done {
    let Some(mut intent) = wanted(books, &reader)? else { return withdrawn(books, reader) };
    match held.does {
        AtReader::Declined(decline) => refuse(books, reader, intent, &decline),
        AtReader::ByAmount => match cards::by_amount(number(&intent, "amount")) {
            Some(decline) => refuse(books, reader, intent, &decline),
            None => {
                take(books, &mut intent, held)?;
                succeed(books, reader)
            }
        },
        AtReader::Slow => {
            intent["status"] = json!("processing");
            books.update(&intent)?;
            books.emit("payment_intent.processing", &intent)?;
            books.schedule(books.now_ms + BANK_TAKES_MS, Later::ReaderHears, text(&reader, "id"))?;
            stage(books, reader, Stage::Bank)
        }
        AtReader::LineLost { taken } => {
            take_if(books, &reader, taken)?;
            fail(books, reader, "connection_error", "The reader lost its connection.")
        }
        AtReader::PowerLost { taken } => {
            let id = text(&reader, "id").to_owned();
            books.update(&reader)?;
            lose_power(books, &id, taken)
        }
        AtReader::Approved | AtReader::AsksPin | AtReader::Removed => {
            take(books, &mut intent, held)?;
            succeed(books, reader)
        }
    }
}

/// The charge with what is known of a card that was there (docs.stripe.com/api/charges/object, `card_present`).
fn charge(books: &Books<'_>, intent: &Value, held: &ReaderCard, status: &str, captured: i64) -> Done {
    let mut charge = confirm::insert_charge(books, intent, &held.card, status, captured)?;
    let card = &held.card;
    let pin = held.does == AtReader::AsksPin;
    charge["payment_method_details"] = json!({ "type": "card_present", "card_present": {
        "amount_authorized": captured, "brand": card.brand, "last4": card.last4(), "exp_month": 12, "exp_year": 2034,
        "country": "GB", "emv_auth_data": "8A023030", "fingerprint": card.fingerprint(), "funding": "credit",
        "generated_card": null, "network": card.brand, "overcapture_supported": false,
        "read_method": if pin { "contact_emv" } else { "contactless_emv" },
        "receipt": {
            "account_type": "credit", "application_cryptogram": "DE1C2D3E4F5A6B7C",
            "application_preferred_name": "VISA CREDIT", "authorization_code": "123456",
            "authorization_response_code": "3030", "dedicated_file_name": "A0000000031010",
            "cardholder_verification_method": if pin { "online_pin" } else { "approval" },
            "terminal_verification_results": "0000000000", "transaction_status_information": "0000",
        },
    } });
    books.update(&charge)?;
    Ok(charge)
}

fn take(books: &mut Books<'_>, intent: &mut Value, held: &ReaderCard) -> Result<(), ApiError> {
    let amount = number(intent, "amount");
    intent["payment_method"] = json!(ids::random("pm_1", 23));
    let charge = charge(books, intent, held, "succeeded", amount)?;
    intent["status"] = json!("succeeded");
    intent["amount_received"] = json!(amount);
    intent["latest_charge"] = charge["id"].clone();
    intent["last_payment_error"] = Value::Null;
    books.update(intent)?;
    books.emit("payment_intent.succeeded", intent)?;
    books.emit("charge.succeeded", &charge)?;
    Ok(())
}

fn succeed(books: &mut Books<'_>, mut reader: Value) -> Done {
    reader["action"]["status"] = json!("succeeded");
    reader["_sim"]["stage"] = json!(Stage::Idle.word());
    books.update(&reader)?;
    books.emit("terminal.reader.action_succeeded", &reader)?;
    Ok(reader)
}

fn refuse(books: &mut Books<'_>, reader: Value, mut intent: Value, decline: &Decline) -> Done {
    let held = card_in(&reader);
    let mut charge = charge(books, &intent, held, "failed", 0)?;
    let error = ApiError::card(decline, Some(text(&charge, "id")));
    charge["failure_code"] = json!(decline.code);
    charge["failure_message"] = json!(decline.message);
    charge["outcome"] = json!({ "type": "issuer_declined", "reason": decline.decline_code });
    books.update(&charge)?;
    intent["status"] = json!("requires_payment_method");
    intent["last_payment_error"] = error.body()["error"].clone();
    intent["last_payment_error"]["payment_method"] = json!({
        "id": ids::random("pm_1", 23), "object": "payment_method", "type": "card_present",
        "card_present": charge["payment_method_details"]["card_present"],
    });
    intent["latest_charge"] = charge["id"].clone();
    books.update(&intent)?;
    books.emit("charge.failed", &charge)?;
    books.emit("payment_intent.payment_failed", &intent)?;
    fail(books, reader, decline.code, decline.message)
}

fn fail(books: &mut Books<'_>, mut reader: Value, code: &str, message: &str) -> Done {
    reader["action"]["status"] = json!("failed");
    reader["action"]["failure_code"] = json!(code);
    reader["action"]["failure_message"] = json!(message);
    reader["_sim"]["stage"] = json!(Stage::Idle.word());
    books.update(&reader)?;
    books.emit("terminal.reader.action_failed", &reader)?;
    Ok(reader)
}
