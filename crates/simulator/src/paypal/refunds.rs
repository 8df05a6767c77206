//! Refunds of a capture, whole or in part, and what becomes of them later (document `payments_payment_v2`).
//! Start reading at [`create`]. The account that paid decides how the refund goes.

use rusqlite::params;
use serde_json::{Value, json};

use super::accounts::{self, Outcome};
use super::amounts::Money;
use super::events::{self, Name};
use super::refusal::{Issue, Refusal};
use super::{Done, amount_of, captures, link, orders, stamp};
use crate::books::{Books, Kind, Later};
use crate::ids;
use crate::json::{public, text};

/// How long a pending refund takes to end by itself.
const SETTLES_AFTER_MS: i64 = 10_000;

/// `POST /v2/payments/captures/{id}/refund`
pub fn create(books: &mut Books<'_>, capture_id: &str, body: &Value) -> Result<Done, Refusal> {
    let mut capture = captures::find(books, capture_id)?;
    for (field, most) in [("invoice_id", 127), ("custom_id", 127), ("note_to_payer", 255)] {
        orders::length(body, field, "", most)?;
    }
    let amount = refundable(books, &capture, &body["amount"])?;
    let invoice = text(body, "invoice_id");
    if !invoice.is_empty() {
        let taken = books.execute(
            "insert or ignore into paypal_invoice (id, subject) values (?1, ?2)",
            params![format!("refund {invoice}"), capture_id],
        )?;
        if taken == 0 {
            return Err(Refusal::because(Issue::REFUND_DUPLICATE_INVOICE_ID));
        }
    }
    let (status, later) = way(books, &mut capture);
    let id = ids::capitals(17);
    let now = stamp(books.now_ms);
    let own = format!("{}/v2/payments/refunds/{id}", books.base_url);
    let up = format!("{}/v2/payments/captures/{capture_id}", books.base_url);
    let total = amount.with(refunded(books, capture_id)? + amount.minor);
    let mut refund = json!({
        "id": id, "amount": amount.json(), "status": status, "create_time": now, "update_time": now,
        "payer": capture["payee"],
        "seller_payable_breakdown": {
            "gross_amount": amount.json(), "paypal_fee": amount.with(0).json(), "net_amount": amount.json(),
            "total_refunded_amount": total.json() },
        "links": [link(&own, "self", "GET"), link(&up, "up", "GET")],
        "_sim": { "capture": capture_id },
    });
    if status == "PENDING" {
        refund["status_details"] = json!({ "reason": "ECHECK" });
    }
    let fallback =
        |field: &str| if body[field].is_null() { capture[field].clone() } else { body[field].clone() };
    for (field, value) in [
        ("invoice_id", fallback("invoice_id")),
        ("custom_id", fallback("custom_id")),
        ("note_to_payer", body["note_to_payer"].clone()),
    ] {
        if !value.is_null() {
            refund[field] = value;
        }
    }
    books.insert(Kind::PaypalRefund, &refund, Some(capture_id))?;
    if let Some(later) = later {
        books.schedule(books.now_ms + SETTLES_AFTER_MS, later, &id)?;
    }
    mark(books, &mut capture)?;
    announce(books, &refund)?;
    Ok(Done { status: 201, body: shown(&refund) })
}

/// PayPal itself takes a whole capture back, as it does after a dispute or a returned eCheck: nobody asked.
pub fn reverse(books: &mut Books<'_>, capture_id: &str) -> Result<Value, Refusal> {
    let mut capture = captures::find(books, capture_id)?;
    let amount = refundable(books, &capture, &Value::Null)?;
    let (id, now) = (ids::capitals(17), stamp(books.now_ms));
    let own = format!("{}/v2/payments/refunds/{id}", books.base_url);
    let up = format!("{}/v2/payments/captures/{capture_id}", books.base_url);
    let refund = json!({
        "id": id, "amount": amount.json(), "status": "COMPLETED", "create_time": now, "update_time": now,
        "invoice_id": capture["invoice_id"], "note_to_payer": "Payment reversed",
        "links": [link(&own, "self", "GET"), link(&up, "up", "GET")],
        "_sim": { "capture": capture_id },
    });
    books.insert(Kind::PaypalRefund, &refund, Some(capture_id))?;
    mark(books, &mut capture)?;
    events::emit(books, Name::CaptureReversed, &shown(&refund))?;
    Ok(shown(&refund))
}

/// A payer complains about a capture, and PayPal opens a dispute (document `customer_disputes_v1`, `dispute`). No money
/// moves yet.
pub fn dispute(books: &mut Books<'_>, capture_id: &str) -> Result<Value, Refusal> {
    let capture = captures::find(books, capture_id)?;
    let now = stamp(books.now_ms);
    let dispute = json!({
        "dispute_id": format!("PP-D-{}", ids::capitals(6)), "create_time": now, "update_time": now,
        "reason": "UNAUTHORISED", "status": "OPEN", "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_amount": amount_of(&capture)?.json(),
        "disputed_transactions": [
            { "seller_transaction_id": capture_id, "invoice_number": capture["invoice_id"] },
        ],
    });
    events::emit(books, Name::DisputeCreated, &dispute)?;
    Ok(dispute)
}

/// How much is to be refunded, if it can be.
fn refundable(books: &Books<'_>, capture: &Value, asked: &Value) -> Result<Money, Refusal> {
    let captured = amount_of(capture)?;
    let asked = if asked.is_null() { None } else { Some(Money::above_zero(asked, "/amount")?) };
    match text(capture, "status") {
        "COMPLETED" | "PARTIALLY_REFUNDED" => {}
        "REFUNDED" => return Err(Refusal::because(Issue::CAPTURE_FULLY_REFUNDED)),
        "PENDING" => return Err(Refusal::because(Issue::PENDING_CAPTURE)),
        _ => return Err(Refusal::because(Issue::REFUND_NOT_ALLOWED)),
    }
    let left = captured.with(captured.minor - refunded(books, text(capture, "id"))?);
    let amount = asked.unwrap_or_else(|| left.clone());
    if amount.currency != captured.currency {
        return Err(Refusal::because(Issue::REFUND_CAPTURE_CURRENCY_MISMATCH));
    }
    if amount.minor > left.minor {
        return Err(Refusal::about(Issue::REFUND_AMOUNT_EXCEEDED, "/amount/value", &amount.value()));
    }
    Ok(amount)
}

/// The status of the new refund and what becomes of it by itself.
fn way(books: &mut Books<'_>, capture: &mut Value) -> (&'static str, Option<Later>) {
    let account = accounts::by_address(text(&capture["_sim"], "acts_as"));
    match account.map(|account| account.outcome) {
        Some(Outcome::RefundPending { completes: true }) => ("PENDING", Some(Later::PaypalRefundCompletes)),
        Some(Outcome::RefundPending { completes: false }) => ("PENDING", Some(Later::PaypalRefundFails)),
        Some(Outcome::RefundStaysPending) => ("PENDING", None),
        Some(Outcome::RefundAnswerLost) => {
            // Only the first answer for this payment is lost: whoever asks again learns the truth.
            books.answer_lost = capture["_sim"]["refund_answer_lost"].is_null();
            capture["_sim"]["refund_answer_lost"] = json!(true);
            ("COMPLETED", None)
        }
        Some(_) | None => ("COMPLETED", None),
    }
}

/// What was refunded of a capture, or is about to be, in the smallest unit.
pub fn refunded(books: &Books<'_>, capture_id: &str) -> Result<i64, Refusal> {
    sum(books, capture_id, &["COMPLETED", "PENDING"])
}

/// What has gone back for good.
pub fn gone_back(books: &Books<'_>, capture_id: &str) -> Result<i64, Refusal> {
    sum(books, capture_id, &["COMPLETED"])
}

fn sum(books: &Books<'_>, capture_id: &str, statuses: &[&str]) -> Result<i64, Refusal> {
    let mut total: i64 = 0;
    for refund in books.children(Kind::PaypalRefund, capture_id)? {
        if statuses.contains(&text(&refund, "status")) {
            total = total.saturating_add(amount_of(&refund)?.minor);
        }
    }
    Ok(total)
}

/// The capture's status follows its refunds.
fn mark(books: &Books<'_>, capture: &mut Value) -> Result<(), Refusal> {
    let total = refunded(books, text(capture, "id"))?;
    capture["status"] = json!(match total {
        0 => "COMPLETED",
        total if total >= amount_of(capture)?.minor => "REFUNDED",
        _ => "PARTIALLY_REFUNDED",
    });
    capture["update_time"] = json!(stamp(books.now_ms));
    books.update(capture)?;
    Ok(())
}

fn announce(books: &mut Books<'_>, refund: &Value) -> Result<(), Refusal> {
    let name = match text(refund, "status") {
        "COMPLETED" => Name::CaptureRefunded,
        "FAILED" => Name::RefundFailed,
        _ => Name::RefundPending,
    };
    events::emit(books, name, &shown(refund))
}

/// A refund as it is answered.
pub fn shown(refund: &Value) -> Value {
    public(refund)
}

/// `GET /v2/payments/refunds/{id}`
pub fn get(books: &Books<'_>, id: &str) -> Result<Value, Refusal> {
    let refund = books.find(Kind::PaypalRefund, id)?.ok_or_else(Refusal::not_found)?;
    Ok(shown(&refund))
}

/// Settles a pending refund; any other is refused.
pub fn settle(books: &mut Books<'_>, id: &str, completes: bool) -> Result<Value, Refusal> {
    let mut refund = books.find(Kind::PaypalRefund, id)?.ok_or_else(Refusal::not_found)?;
    if text(&refund, "status") != "PENDING" {
        return Err(Refusal::because(Issue::REFUND_NOT_ALLOWED));
    }
    refund["status"] = json!(if completes { "COMPLETED" } else { "FAILED" });
    refund["update_time"] = json!(stamp(books.now_ms));
    if let Some(fields) = refund.as_object_mut() {
        fields.remove("status_details");
    }
    books.update(&refund)?;
    let mut capture = captures::find(books, text(&refund["_sim"], "capture"))?;
    mark(books, &mut capture)?;
    announce(books, &refund)?;
    Ok(shown(&refund))
}
