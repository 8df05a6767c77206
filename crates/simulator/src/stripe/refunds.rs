//! Refunds: create, retrieve, list, and what becomes of them later (docs.stripe.com/api/refunds).
//! Start reading at [`create`]. The card that paid decides how the refund goes.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::form::Form;
use super::lists;
use crate::books::{Books, Kind, Later};
use crate::cards::{self, Outcome};
use crate::ids;
use crate::json::{as_map, number, text};

/// How long until a refund changes its mind by itself.
const SETTLES_AFTER_MS: i64 = 10_000;

/// `POST /v1/refunds`
pub fn create(books: &mut Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(&["payment_intent", "charge", "amount", "reason", "metadata[*]"])?;
    let asked = form.integer("amount")?;
    if asked.is_some_and(|amount| amount < 1) {
        let message = "This value must be greater than or equal to 1.".to_owned();
        return Err(ApiError::parameter("amount", Some("parameter_invalid_integer"), message));
    }
    if let Some(reason) = form.text("reason")
        && !matches!(reason, "duplicate" | "fraudulent" | "requested_by_customer")
    {
        let message =
            "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer".to_owned();
        return Err(ApiError::parameter("reason", None, message));
    }
    let metadata = as_map(form.metadata("metadata")?);
    let mut charge = charge_of(books, form)?;
    let left = number(&charge, "amount_captured") - number(&charge, "amount_refunded");
    let amount = refundable(&charge, asked, left)?;
    let card = cards::by_number(text(&charge["_sim"], "card"));
    let (status, later) = match card.map(|card| card.outcome) {
        Some(Outcome::RefundFailsLater) => ("succeeded", Some(Later::RefundFails)),
        Some(Outcome::RefundSucceedsLater) => ("pending", Some(Later::RefundSucceeds)),
        Some(Outcome::RefundStaysPending) => ("pending", None),
        Some(Outcome::RefundAnswerLost) => {
            // Only the first answer for this payment is lost: whoever asks again learns the truth.
            books.answer_lost = charge["_sim"]["refund_answer_lost"].is_null();
            charge["_sim"]["refund_answer_lost"] = json!(true);
            ("succeeded", None)
        }
        Some(_) | None => ("succeeded", None),
    };
    let refund = json!({
        "id": ids::random("re_3", 23), "object": "refund", "amount": amount, "balance_transaction": null,
        "charge": charge["id"], "created": books.now(), "currency": charge["currency"],
        "destination_details": { "type": "card", "card": {
            "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund" } },
        "metadata": metadata, "payment_intent": charge["payment_intent"], "reason": form.text("reason"),
        "receipt_number": null, "source_transfer_reversal": null, "status": status,
        "transfer_reversal": null,
    });
    books.insert(Kind::Refund, &refund, charge["payment_intent"].as_str())?;
    add_refunded(&mut charge, amount);
    books.update(&charge)?;
    books.emit("refund.created", &refund)?;
    books.emit("charge.refunded", &charge)?;
    if let Some(later) = later {
        books.schedule(books.now_ms + SETTLES_AFTER_MS, later, text(&refund, "id"))?;
    }
    Ok(refund)
}

fn charge_of(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    match (form.text("payment_intent"), form.text("charge")) {
        (Some(intent_id), _) => {
            let intent = books.get(Kind::Intent, intent_id)?;
            if text(&intent, "status") != "succeeded" {
                let message =
                    format!("This PaymentIntent ({intent_id}) does not have a successful charge to refund.");
                return Err(ApiError::state(None, message));
            }
            books.get(Kind::Charge, text(&intent, "latest_charge"))
        }
        (None, Some(charge_id)) => {
            let charge = books.get(Kind::Charge, charge_id)?;
            if text(&charge, "status") != "succeeded" {
                let message = format!("Charge {charge_id} was not successful and cannot be refunded.");
                return Err(ApiError::state_of("charge", None, message));
            }
            Ok(charge)
        }
        (None, None) => {
            let message = "One of the following params should be provided for this request: payment_intent or \
                           charge.";
            Err(ApiError::parameter("payment_intent", Some("parameter_missing"), message.to_owned()))
        }
    }
}

fn refundable(charge: &Value, asked: Option<i64>, left: i64) -> Result<i64, ApiError> {
    if left <= 0 {
        let message = format!("Charge {} has already been refunded.", text(charge, "id"));
        return Err(ApiError::state(Some("charge_already_refunded"), message));
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        let message = format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left}), in minor units of {}",
            text(charge, "currency")
        );
        return Err(ApiError::state_of("amount", None, message));
    }
    Ok(amount)
}

fn add_refunded(charge: &mut Value, amount: i64) {
    let refunded = number(charge, "amount_refunded") + amount;
    charge["amount_refunded"] = json!(refunded);
    charge["refunded"] = json!(refunded >= number(charge, "amount_captured"));
}

/// The payer's bank takes a payment back (docs.stripe.com/api/disputes/object): the merchant is told, and nothing else
/// changes here, as there is no balance.
pub fn dispute(books: &mut Books<'_>, intent_id: &str) -> Result<Value, ApiError> {
    let intent = books.get(Kind::Intent, intent_id)?;
    let dispute = json!({
        "id": ids::random("dp_", 24), "object": "dispute", "amount": intent["amount"], "currency": intent["currency"],
        "charge": intent["latest_charge"], "payment_intent": intent_id, "created": books.now_ms / 1_000,
        "reason": "fraudulent", "status": "needs_response", "livemode": false, "metadata": {},
        "is_charge_refundable": false,
    });
    books.emit("charge.dispute.created", &dispute)?;
    Ok(dispute)
}

/// A refund changes its mind: a pending one succeeds or fails, a succeeded one fails.
pub fn settle(books: &mut Books<'_>, refund_id: &str, succeeds: bool) -> Result<Value, ApiError> {
    let mut refund = books.get(Kind::Refund, refund_id)?;
    match (text(&refund, "status"), succeeds) {
        ("pending", _) | ("succeeded", false) => {}
        (status, _) => {
            let message = format!("The refund has a status of {status} and cannot be settled so.");
            return Err(ApiError::state(None, message));
        }
    }
    if succeeds {
        refund["status"] = json!("succeeded");
        books.update(&refund)?;
    } else {
        refund["status"] = json!("failed");
        refund["failure_reason"] = json!("expired_or_canceled_card");
        books.update(&refund)?;
        // The money came back to the merchant: the charge counts as not refunded again.
        let mut charge = books.get(Kind::Charge, text(&refund, "charge"))?;
        add_refunded(&mut charge, -number(&refund, "amount"));
        books.update(&charge)?;
        books.emit("refund.failed", &refund)?;
    }
    books.emit("refund.updated", &refund)?;
    Ok(refund)
}

/// `GET /v1/refunds`
pub fn list(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(&[lists::PAGING, &["payment_intent", "charge"]].concat())?;
    let intent = form.text("payment_intent");
    let charge = form.text("charge");
    lists::page(books, Kind::Refund, form, "/v1/refunds", |refund| {
        intent.is_none_or(|id| text(refund, "payment_intent") == id)
            && charge.is_none_or(|id| text(refund, "charge") == id)
    })
}
