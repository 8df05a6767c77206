//! What happens when somebody pays: the same for the payment page, the control API and the PaymentIntents
//! API. Start reading at [`pay_session`] and [`confirm`]; the card's outcome decides.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::payment_intents;
use crate::books::{Books, Kind, Later};
use crate::cards::{self, Card, Decline, FailingReads, Outcome};
use crate::faults::{Do, Fault};
use crate::ids;
use crate::json::{number, public, text};
use crate::misdelivery;

/// How long an asynchronous payment takes to settle by itself.
const SETTLES_AFTER_MS: i64 = 20_000;
/// The status that nobody has heard of.
pub const UNHEARD_OF: &str = "some_new_status";

/// What the payer is shown.
pub enum Shown {
    /// Paid or accepted: back to the merchant.
    Return,
    /// The 3-D Secure page of this PaymentIntent.
    Challenge(String),
    /// Declined: the form again, with the reason.
    Declined(ApiError),
    /// A gateway error; money may or may not have been taken.
    Lost,
}

/// Pays an open session with a card.
pub fn pay_session(
    books: &mut Books<'_>,
    session_id: &str,
    card: &'static Card,
    outcome: Outcome,
) -> Result<Shown, ApiError> {
    let mut session = books.get(Kind::Session, session_id)?;
    let status = text(&session, "status");
    if status != "open" {
        let message = format!("This Checkout Session is no longer open; its status is {status}.");
        return Err(ApiError::state(None, message));
    }
    if outcome == Outcome::NothingTakenAnswerLost {
        return Ok(Shown::Lost);
    }
    let intent = match books.find(Kind::Intent, text(&session, "payment_intent"))? {
        Some(intent) => intent,
        None => {
            let new = payment_intents::New {
                amount: number(&session, "amount_total"),
                currency: text(&session, "currency").to_owned(),
                metadata: session["_sim"]["intent"]["metadata"].clone(),
                texts: session["_sim"]["intent"].clone(),
                session: Some(session_id.to_owned()),
                method: "card",
            };
            let intent = payment_intents::insert(books, new)?;
            session["payment_intent"] = intent["id"].clone();
            books.update(&session)?;
            books.set_parent(session_id, text(&intent, "id"))?;
            intent
        }
    };
    // Asked for by the merchant (docs.stripe.com/api/checkout/sessions/create, `request_three_d_secure`): the bank
    // makes sure who pays, whatever the card does then.
    let asked = text(&session["payment_method_options"]["card"], "request_three_d_secure");
    if matches!(asked, "any" | "challenge") && outcome == card.outcome {
        return challenged(books, tried_with(intent, card));
    }
    confirm(books, intent, card, outcome)
}

/// The intent with the card that is tried now.
fn tried_with(mut intent: Value, card: &Card) -> Value {
    intent["last_payment_error"] = Value::Null;
    intent["_sim"]["card"] = json!(card.number);
    if intent["payment_method"].is_null() {
        intent["payment_method"] = json!(ids::random("pm_1", 23));
    }
    intent
}

/// Confirms a PaymentIntent with a card.
pub fn confirm(
    books: &mut Books<'_>,
    intent: Value,
    card: &'static Card,
    outcome: Outcome,
) -> Result<Shown, ApiError> {
    let intent = tried_with(intent, card);
    match outcome {
        Outcome::Declined(decline) => {
            let charge = insert_charge(books, &intent, card, "failed", 0)?;
            declined(books, intent, &decline, Some(charge))
        }
        Outcome::Challenged { then_declined: _ } => challenged(books, intent),
        Outcome::NothingTakenAnswerLost => Ok(Shown::Lost),
        Outcome::OtherAmount => {
            let asked = number(&intent, "amount");
            captured(books, intent, card, asked - (asked / 2).min(100))?;
            Ok(Shown::Return)
        }
        Outcome::UnknownStatus => {
            processing(books, intent, card, UNHEARD_OF)?;
            Ok(Shown::Return)
        }
        Outcome::SettlesLater { succeeds } => {
            let later = if succeeds { Later::PaymentSucceeds } else { Later::PaymentFails };
            books.schedule(books.now_ms + SETTLES_AFTER_MS, later, text(&intent, "id"))?;
            processing(books, intent, card, "unpaid")?;
            Ok(Shown::Return)
        }
        Outcome::TakenAnswerLost { reads } => {
            script_reads(books, &intent, reads);
            let amount = number(&intent, "amount");
            captured(books, intent, card, amount)?;
            misdelivery::postpone(books, 600_000)?;
            Ok(Shown::Lost)
        }
        Outcome::WebhookLate => all_of_it(books, intent, card, |books| misdelivery::postpone(books, 30_000)),
        Outcome::WebhookFiveTimes => all_of_it(books, intent, card, misdelivery::send_five_times),
        Outcome::WebhookForged => all_of_it(books, intent, card, misdelivery::add_forgeries),
        Outcome::WebhooksReversed => {
            let mut passing = intent.clone();
            passing["status"] = json!("processing");
            books.emit("payment_intent.processing", &passing)?;
            all_of_it(books, intent, card, misdelivery::send_completed_first)
        }
        Outcome::Succeeds
        | Outcome::RefundFailsLater
        | Outcome::RefundSucceedsLater
        | Outcome::RefundStaysPending
        | Outcome::RefundAnswerLost => all_of_it(books, intent, card, |_| Ok(())),
    }
}

fn all_of_it(
    books: &mut Books<'_>,
    intent: Value,
    card: &Card,
    shape: impl FnOnce(&mut Books<'_>) -> Result<(), ApiError>,
) -> Result<Shown, ApiError> {
    let amount = number(&intent, "amount");
    captured(books, intent, card, amount)?;
    shape(books)?;
    Ok(Shown::Return)
}

fn script_reads(books: &mut Books<'_>, intent: &Value, reads: FailingReads) {
    let what = match reads {
        FailingReads::Error => Do::Error500,
        FailingReads::Hang => Do::TimeoutBefore,
    };
    let of_intent = format!("GET /v1/payment_intents/{}", text(intent, "id"));
    let session = intent["_sim"]["session"].as_str();
    let of_session = session.map(|id| format!("GET /v1/checkout/sessions/{id}"));
    for on in [Some(of_intent), of_session].into_iter().flatten() {
        books.faults.push(Fault { on, what, times: 2 });
    }
}

fn challenged(books: &mut Books<'_>, mut intent: Value) -> Result<Shown, ApiError> {
    let id = text(&intent, "id").to_owned();
    let url = format!("{}/challenge/{id}", books.base_url);
    intent["status"] = json!("requires_action");
    intent["next_action"] = json!({
        "type": "redirect_to_url",
        "redirect_to_url": { "url": url, "return_url": intent["_sim"]["return_url"] },
    });
    books.update(&intent)?;
    books.emit("payment_intent.requires_action", &intent)?;
    Ok(Shown::Challenge(id))
}

/// The payer's answer on the 3-D Secure page.
pub fn answer_challenge(books: &mut Books<'_>, intent_id: &str, approved: bool) -> Result<Shown, ApiError> {
    let mut intent = books.get(Kind::Intent, intent_id)?;
    if text(&intent, "status") != "requires_action" {
        let message = "This payment is not waiting for a confirmation.".to_owned();
        return Err(ApiError::state(Some("payment_intent_unexpected_state"), message));
    }
    intent["next_action"] = Value::Null;
    let card = cards::by_number(text(&intent["_sim"], "card"))
        .ok_or_else(|| ApiError::internal("a challenged payment without its card"))?;
    if !approved {
        return declined(books, intent, &cards::AUTHENTICATION_FAILED, None);
    }
    if card.outcome == (Outcome::Challenged { then_declined: true }) {
        let charge = insert_charge(books, &intent, card, "failed", 0)?;
        return declined(books, intent, &cards::DECLINED_AFTER_CHALLENGE, Some(charge));
    }
    if matches!(card.outcome, Outcome::Challenged { .. }) {
        return all_of_it(books, intent, card, |_| Ok(()));
    }
    confirm(books, intent, card, card.outcome)
}

fn declined(
    books: &mut Books<'_>,
    mut intent: Value,
    decline: &Decline,
    charge: Option<Value>,
) -> Result<Shown, ApiError> {
    let charge_id = charge.as_ref().map(|charge| text(charge, "id"));
    let error = ApiError::card(decline, charge_id);
    intent["status"] = json!("requires_payment_method");
    intent["last_payment_error"] = error.body()["error"].clone();
    if let Some(card) = cards::by_number(text(&intent["_sim"], "card")) {
        intent["last_payment_error"]["payment_method"] = json!({
            "id": intent["payment_method"], "object": "payment_method", "type": "card", "card": {
                "brand": card.brand, "last4": card.last4(), "exp_month": 12, "exp_year": 2034, "country": "GB",
                "funding": "credit", "fingerprint": card.fingerprint(),
            },
        });
    }
    intent["payment_method"] = Value::Null;
    if let Some(charge) = &charge {
        intent["latest_charge"] = charge["id"].clone();
    }
    books.update(&intent)?;
    if let Some(mut charge) = charge {
        charge["failure_code"] = json!(decline.code);
        charge["failure_message"] = json!(decline.message);
        charge["outcome"] = json!({ "type": "issuer_declined", "reason": decline.decline_code });
        books.update(&charge)?;
        books.emit("charge.failed", &charge)?;
    }
    books.emit("payment_intent.payment_failed", &intent)?;
    Ok(Shown::Declined(error))
}

/// Writes a charge in one of Stripe's three states.
pub(super) fn insert_charge(
    books: &Books<'_>,
    intent: &Value,
    card: &Card,
    status: &str,
    captured: i64,
) -> Result<Value, ApiError> {
    let paid = status == "succeeded";
    let charge = json!({
        "id": ids::random("ch_3", 23), "object": "charge", "amount": number(intent, "amount"),
        "amount_captured": captured, "amount_refunded": 0, "application": null, "balance_transaction": null,
        "billing_details": { "address": null, "email": null, "name": null, "phone": null },
        "calculated_statement_descriptor": "SIMULATOR", "captured": paid, "created": books.now(),
        "currency": intent["currency"], "customer": null, "description": intent["description"],
        "disputed": false, "failure_code": null, "failure_message": null, "fraud_details": {},
        "livemode": false, "metadata": intent["metadata"],
        "outcome": { "type": "authorized", "network_status": "approved_by_network", "reason": null },
        "paid": paid, "payment_intent": intent["id"], "payment_method": intent["payment_method"],
        "payment_method_details": { "type": "card", "card": {
            "brand": card.brand, "last4": card.last4(), "exp_month": 12, "exp_year": 2034, "country": "GB",
            "funding": "credit", "network": card.brand, "fingerprint": card.fingerprint(),
        } },
        "receipt_email": intent["receipt_email"], "receipt_url": null, "refunded": false, "review": null,
        "statement_descriptor": intent["statement_descriptor"], "status": status,
        "_sim": { "card": card.number },
    });
    books.insert(Kind::Charge, &charge, intent["id"].as_str())?;
    Ok(charge)
}

fn captured(books: &mut Books<'_>, mut intent: Value, card: &Card, amount: i64) -> Result<(), ApiError> {
    let charge = insert_charge(books, &intent, card, "succeeded", amount)?;
    intent["status"] = json!("succeeded");
    intent["amount_received"] = json!(amount);
    intent["latest_charge"] = charge["id"].clone();
    intent["next_action"] = Value::Null;
    books.update(&intent)?;
    books.emit("payment_intent.succeeded", &intent)?;
    books.emit("charge.succeeded", &charge)?;
    complete_session(books, &intent, "paid")
}

fn processing(
    books: &mut Books<'_>,
    mut intent: Value,
    card: &Card,
    payment_status: &str,
) -> Result<(), ApiError> {
    let charge = insert_charge(books, &intent, card, "pending", 0)?;
    intent["status"] = json!("processing");
    intent["latest_charge"] = charge["id"].clone();
    books.update(&intent)?;
    books.emit("charge.pending", &charge)?;
    books.emit("payment_intent.processing", &intent)?;
    complete_session(books, &intent, payment_status)
}

fn complete_session(books: &mut Books<'_>, intent: &Value, payment_status: &str) -> Result<(), ApiError> {
    let Some(mut session) = session_of(books, intent)? else { return Ok(()) };
    session["status"] = json!("complete");
    session["payment_status"] = json!(payment_status);
    session["url"] = Value::Null;
    session["customer_details"] = json!({
        "address": null, "email": session["customer_email"], "name": null, "phone": null,
        "tax_exempt": "none", "tax_ids": [],
    });
    books.update(&session)?;
    books.emit("checkout.session.completed", &session)?;
    Ok(())
}

fn session_of(books: &Books<'_>, intent: &Value) -> Result<Option<Value>, ApiError> {
    books.find(Kind::Session, text(&intent["_sim"], "session"))
}

/// Settles a payment that is processing; any other is refused.
pub fn settle(books: &mut Books<'_>, intent_id: &str, succeeds: bool) -> Result<Value, ApiError> {
    let mut intent = books.get(Kind::Intent, intent_id)?;
    if text(&intent, "status") != "processing" {
        let message = format!("The payment is not processing; its status is {}.", text(&intent, "status"));
        return Err(ApiError::state(Some("payment_intent_unexpected_state"), message));
    }
    let mut charge = books.get(Kind::Charge, text(&intent, "latest_charge"))?;
    if succeeds {
        let amount = intent["amount"].clone();
        charge["status"] = json!("succeeded");
        charge["paid"] = json!(true);
        charge["captured"] = json!(true);
        charge["amount_captured"] = amount.clone();
        intent["status"] = json!("succeeded");
        intent["amount_received"] = amount;
    } else {
        let error = ApiError::card(&cards::DECLINED_AFTER_CHALLENGE, Some(text(&charge, "id")));
        charge["status"] = json!("failed");
        charge["failure_code"] = json!(error.code);
        charge["failure_message"] = json!(error.message);
        intent["status"] = json!("requires_payment_method");
        intent["last_payment_error"] = error.body()["error"].clone();
    }
    books.update(&charge)?;
    books.update(&intent)?;
    if succeeds {
        books.emit("charge.succeeded", &charge)?;
        books.emit("payment_intent.succeeded", &intent)?;
    } else {
        books.emit("charge.failed", &charge)?;
        books.emit("payment_intent.payment_failed", &intent)?;
    }
    settle_session(books, &intent, succeeds)?;
    Ok(public(&intent))
}

fn settle_session(books: &mut Books<'_>, intent: &Value, succeeds: bool) -> Result<(), ApiError> {
    let Some(mut session) = session_of(books, intent)? else { return Ok(()) };
    let (payment_status, event) = if succeeds {
        ("paid", "checkout.session.async_payment_succeeded")
    } else {
        ("unpaid", "checkout.session.async_payment_failed")
    };
    session["payment_status"] = json!(payment_status);
    books.update(&session)?;
    books.emit(event, &session)?;
    Ok(())
}
