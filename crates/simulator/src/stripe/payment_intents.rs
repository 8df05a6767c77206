//! PaymentIntents: create, retrieve, list, confirm, cancel (docs.stripe.com/api/payment_intents).
//! Start reading at [`create`]; what a confirmation does is in confirm.rs.

use serde_json::{Value, json};

use super::confirm::{self, Shown};
use super::errors::ApiError;
use super::form::Form;
use super::lists;
use crate::books::{Books, Kind};
use crate::cards::{self, Card};
use crate::ids;
use crate::json::{as_map, number, text};

const CREATE: &[&str] = &[
    "amount",
    "currency",
    "confirm",
    "payment_method",
    "payment_method_types[*]",
    "automatic_payment_methods[enabled]",
    "automatic_payment_methods[allow_redirects]",
    "capture_method",
    "description",
    "metadata[*]",
    "off_session",
    "receipt_email",
    "return_url",
    "statement_descriptor",
    "statement_descriptor_suffix",
];

/// What a new PaymentIntent starts with.
pub struct New {
    /// In minor units.
    pub amount: i64,
    /// Lower case.
    pub currency: String,
    /// The merchant's metadata.
    pub metadata: Value,
    /// Optional texts: description, receipt_email, statement_descriptor, statement_descriptor_suffix.
    pub texts: Value,
    /// The Checkout Session that it belongs to.
    pub session: Option<String>,
    /// `card`, or `card_present` for a card at a reader.
    pub method: &'static str,
}

/// Writes a new PaymentIntent and its event.
pub fn insert(books: &mut Books<'_>, new: New) -> Result<Value, ApiError> {
    let id = ids::random("pi_3", 23);
    let intent = json!({
        "id": id, "object": "payment_intent", "amount": new.amount, "amount_capturable": 0,
        "amount_details": { "tip": {} }, "amount_received": 0, "application": null,
        "application_fee_amount": null, "automatic_payment_methods": null, "canceled_at": null,
        "cancellation_reason": null, "capture_method": "automatic_async",
        "client_secret": format!("{id}_secret_{}", ids::random("", 25)), "confirmation_method": "automatic",
        "created": books.now(), "currency": new.currency, "customer": null,
        "description": new.texts["description"], "last_payment_error": null, "latest_charge": null,
        "livemode": false, "metadata": new.metadata, "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null, "payment_method_options": {},
        "payment_method_types": [new.method], "processing": null, "receipt_email": new.texts["receipt_email"],
        "review": null, "setup_future_usage": null, "shipping": null, "source": null,
        "statement_descriptor": new.texts["statement_descriptor"],
        "statement_descriptor_suffix": new.texts["statement_descriptor_suffix"],
        "status": "requires_payment_method", "transfer_data": null, "transfer_group": null,
        "_sim": { "session": new.session },
    });
    books.insert(Kind::Intent, &intent, new.session.as_deref())?;
    books.emit("payment_intent.created", &intent)?;
    Ok(intent)
}

/// `POST /v1/payment_intents`
pub fn create(books: &mut Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(CREATE)?;
    let amount = form.integer("amount")?.ok_or_else(|| ApiError::missing("amount"))?;
    let currency = super::check_currency("currency", form.required("currency")?)?;
    super::check_amount("amount", amount, &currency)?;
    if let Some(method) = form.text("capture_method").filter(|method| !method.starts_with("automatic")) {
        let message = format!("Invalid capture_method: {method}; the simulator captures automatically.");
        return Err(ApiError::parameter("capture_method", None, message));
    }
    let method = method_of(form)?;
    let card = card_of(form)?;
    let confirmed = form.boolean("confirm")? == Some(true);
    form.boolean("off_session")?;
    if confirmed && card.is_none() {
        return Err(no_method());
    }
    let metadata = as_map(form.metadata("metadata")?);
    let texts = json!({
        "description": form.text("description"), "receipt_email": form.text("receipt_email"),
        "statement_descriptor": form.text("statement_descriptor"),
        "statement_descriptor_suffix": form.text("statement_descriptor_suffix"),
    });
    let mut intent = insert(books, New { amount, currency, metadata, texts, session: None, method })?;
    if let Some(card) = card {
        intent["payment_method"] = json!(ids::random("pm_1", 23));
        intent["status"] = json!("requires_confirmation");
        intent["_sim"]["card"] = json!(card.number);
        books.update(&intent)?;
    }
    match card {
        Some(card) if confirmed => run(books, intent, card, form.text("return_url")),
        Some(_) | None => Ok(intent),
    }
}

/// Cards that are typed, or cards at a reader: not both on one intent.
fn method_of(form: &Form) -> Result<&'static str, ApiError> {
    let given = form.list("payment_method_types");
    match given.as_slice() {
        [] | ["card"] => Ok("card"),
        ["card_present"] => Ok("card_present"),
        _ => {
            let message = format!("The payment method types {given:?} are invalid: card, or card_present.");
            Err(ApiError::parameter("payment_method_types", None, message))
        }
    }
}

/// `POST /v1/payment_intents/{id}/confirm`
pub fn confirm(books: &mut Books<'_>, id: &str, form: &Form) -> Result<Value, ApiError> {
    form.allow(&["payment_method", "return_url", "off_session"])?;
    let mut intent = books.get(Kind::Intent, id)?;
    let status = text(&intent, "status");
    if !matches!(status, "requires_payment_method" | "requires_confirmation" | "requires_action") {
        let message = match status {
            "succeeded" => {
                "You cannot confirm this PaymentIntent because it has already succeeded after being \
                            previously confirmed."
                    .to_owned()
            }
            other => format!("You cannot confirm this PaymentIntent because it has a status of {other}."),
        };
        return Err(ApiError::state(Some("payment_intent_unexpected_state"), message));
    }
    if intent["_sim"]["session"].is_string() {
        let message = "You cannot confirm this PaymentIntent because it belongs to a Checkout Session.";
        return Err(ApiError::state(Some("payment_intent_unexpected_state"), message.to_owned()));
    }
    if is_card_present(&intent) {
        let message = "A PaymentIntent for a card at a reader is confirmed by the reader.";
        return Err(ApiError::state(Some("payment_intent_unexpected_state"), message.to_owned()));
    }
    let given = card_of(form)?;
    if given.is_some() || intent["payment_method"].is_null() {
        intent["payment_method"] = json!(ids::random("pm_1", 23));
    }
    let card = given.or_else(|| cards::by_number(text(&intent["_sim"], "card"))).ok_or_else(no_method)?;
    run(books, intent, card, form.text("return_url"))
}

fn no_method() -> ApiError {
    let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
    ApiError::parameter("payment_method", Some("payment_intent_unexpected_state"), message.to_owned())
}

fn card_of(form: &Form) -> Result<Option<&'static Card>, ApiError> {
    let Some(token) = form.text("payment_method") else { return Ok(None) };
    let unknown = || {
        let message = format!("No such PaymentMethod: '{token}'");
        ApiError::parameter("payment_method", Some("resource_missing"), message)
    };
    cards::by_token(token).map(Some).ok_or_else(unknown)
}

fn run(
    books: &mut Books<'_>,
    mut intent: Value,
    card: &'static Card,
    return_url: Option<&str>,
) -> Result<Value, ApiError> {
    intent["_sim"]["return_url"] = json!(return_url);
    let id = text(&intent, "id").to_owned();
    match confirm::confirm(books, intent, card, card.outcome)? {
        Shown::Return | Shown::Challenge(_) => books.get(Kind::Intent, &id),
        Shown::Lost => {
            books.answer_lost = true;
            books.get(Kind::Intent, &id)
        }
        Shown::Declined(mut error) => {
            error
                .more
                .insert("payment_intent".to_owned(), crate::json::public(&books.get(Kind::Intent, &id)?));
            Err(error)
        }
    }
}

/// `POST /v1/payment_intents/{id}/cancel`
pub fn cancel(books: &mut Books<'_>, id: &str, form: &Form) -> Result<Value, ApiError> {
    form.allow(&["cancellation_reason"])?;
    let mut intent = books.get(Kind::Intent, id)?;
    let unexpected = |message: String| ApiError::state(Some("payment_intent_unexpected_state"), message);
    if intent["_sim"]["session"].is_string() {
        let message = "You cannot cancel this PaymentIntent because it belongs to a Checkout Session; expire the \
                       session instead.";
        return Err(unexpected(message.to_owned()));
    }
    let status = text(&intent, "status");
    if !matches!(status, "requires_payment_method" | "requires_confirmation" | "requires_action") {
        return Err(unexpected(format!(
            "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with \
             one of the following statuses may be canceled: requires_payment_method, requires_capture, \
             requires_confirmation, requires_action, processing."
        )));
    }
    let reason = form.text("cancellation_reason").unwrap_or("requested_by_customer").to_owned();
    mark_canceled(books, &mut intent, &reason)?;
    Ok(intent)
}

/// Cancels an intent that was never paid; any other is left alone.
pub fn mark_canceled(books: &mut Books<'_>, intent: &mut Value, reason: &str) -> Result<(), ApiError> {
    if matches!(text(intent, "status"), "succeeded" | "processing" | "canceled") {
        return Ok(());
    }
    intent["status"] = json!("canceled");
    intent["canceled_at"] = json!(books.now());
    intent["cancellation_reason"] = json!(reason);
    intent["next_action"] = Value::Null;
    books.update(intent)?;
    books.emit("payment_intent.canceled", intent)?;
    Ok(())
}

/// `GET /v1/payment_intents`
pub fn list(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(lists::PAGING)?;
    lists::page(books, Kind::Intent, form, "/v1/payment_intents", |_| true)
}

/// Whether it waits for a card at a reader.
pub fn is_card_present(intent: &Value) -> bool {
    intent["payment_method_types"][0] == "card_present"
}

/// What a PaymentIntent has been refunded, succeeded refunds only.
pub fn refunded(books: &Books<'_>, intent_id: &str) -> Result<i64, ApiError> {
    let refunds = books.children(Kind::Refund, intent_id)?;
    let succeeded = refunds.iter().filter(|refund| text(refund, "status") == "succeeded");
    Ok(succeeded.map(|refund| number(refund, "amount")).sum())
}
