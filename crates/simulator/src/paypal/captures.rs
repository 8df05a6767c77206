//! Captures: the moment the money moves (`POST /v2/checkout/orders/{id}/capture`), and how a pending one ends.
//! Start reading at [`capture`]; the account that approved decides.

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::accounts::{self, Outcome};
use super::amounts::Money;
use super::events::{self, Name};
use super::refusal::{Issue, Refusal};
use super::{Done, amount_of, link, orders, stamp};
use crate::books::{Books, Kind, Later};
use crate::cards::FailingReads;
use crate::faults::{Do, Fault};
use crate::ids;
use crate::json::{number, public, text};
use crate::misdelivery;
use crate::stripe::confirm::UNHEARD_OF;

/// How long a pending capture takes to end by itself.
const SETTLES_AFTER_MS: i64 = 20_000;

/// `POST /v2/checkout/orders/{id}/capture`
pub fn capture(books: &mut Books<'_>, id: &str) -> Result<Done, Refusal> {
    let mut order = orders::find(books, id)?;
    match text(&order, "status") {
        "APPROVED" => {}
        "COMPLETED" => return Err(Refusal::because(Issue::ORDER_ALREADY_CAPTURED)),
        _ => {
            let page = orders::page(books.base_url, &order);
            return Err(Refusal::because(Issue::ORDER_NOT_APPROVED).with_link(page));
        }
    }
    let account = accounts::by_address(text(&order["_sim"], "acts_as"))
        .ok_or_else(|| Refusal::internal("an approved order without its account"))?;
    refuse_before(books, &mut order, account.outcome)?;
    let invoice = text(&order["purchase_units"][0], "invoice_id").to_owned();
    if !invoice.is_empty() && !reserve_invoice(books, &invoice, id)? {
        return Err(Refusal::because(Issue::DUPLICATE_INVOICE_ID));
    }
    let asked = amount_of(&order["purchase_units"][0])?;
    take(books, &mut order, &asked, account.outcome)?;
    Ok(Done { status: 201, body: orders::shown(books, &order)? })
}

/// The outcomes in which this call moves no money.
fn refuse_before(books: &mut Books<'_>, order: &mut Value, outcome: Outcome) -> Result<(), Refusal> {
    let mut page = orders::page(books.base_url, order);
    page["rel"] = json!("redirect");
    match outcome {
        Outcome::InstrumentDeclined => {
            // The order stays approved; the payer may come back and choose another account.
            order["_sim"]["choose_again"] = json!(true);
            books.update(order)?;
            Err(Refusal::because(Issue::INSTRUMENT_DECLINED).with_link(page))
        }
        Outcome::AsksForAction if order["_sim"]["asked_for_action"].is_null() => {
            order["_sim"]["asked_for_action"] = json!(true);
            order["status"] = json!("PAYER_ACTION_REQUIRED");
            books.update(order)?;
            Err(Refusal::because(Issue::PAYER_ACTION_REQUIRED).with_link(page))
        }
        Outcome::NothingTakenAnswerLost if order["_sim"]["answer_was_lost"].is_null() => {
            order["_sim"]["answer_was_lost"] = json!(true);
            books.update(order)?;
            books.answer_lost = true;
            Err(Refusal::scripted())
        }
        _ => Ok(()),
    }
}

/// An invoice is paid once: false when another order has it already.
fn reserve_invoice(books: &Books<'_>, invoice: &str, order: &str) -> Result<bool, Refusal> {
    books.execute(
        "insert or ignore into paypal_invoice (id, subject) values (?1, ?2)",
        params![invoice, order],
    )?;
    let holder: Option<String> = books
        .query_row("select subject from paypal_invoice where id = ?1", params![invoice], |row| row.get(0))
        .optional()?;
    Ok(holder.as_deref() == Some(order))
}

fn release_invoice(books: &Books<'_>, order: &str) -> Result<(), Refusal> {
    books.execute("delete from paypal_invoice where subject = ?1", params![order])?;
    Ok(())
}

fn take(books: &mut Books<'_>, order: &mut Value, asked: &Money, outcome: Outcome) -> Result<(), Refusal> {
    match outcome {
        Outcome::CaptureDeclined => {
            insert(books, order, asked, "DECLINED")?;
            release_invoice(books, text(order, "id"))
        }
        Outcome::Pending { completes } => {
            let capture = insert(books, order, asked, "PENDING")?;
            let later = if completes { Later::PaypalCaptureCompletes } else { Later::PaypalCaptureDenied };
            books.schedule(books.now_ms + SETTLES_AFTER_MS, later, text(&capture, "id"))?;
            Ok(())
        }
        Outcome::UnknownStatus => insert(books, order, asked, &UNHEARD_OF.to_ascii_uppercase()).map(|_| ()),
        Outcome::OtherAmount => {
            let less = asked.with(asked.minor - (asked.minor / 2).min(100));
            insert(books, order, &less, "COMPLETED").map(|_| ())
        }
        Outcome::TakenAnswerLost { reads } => {
            let capture = insert(books, order, asked, "COMPLETED")?;
            script_reads(books, text(order, "id"), text(&capture, "id"), reads);
            books.answer_lost = true;
            Ok(misdelivery::postpone(books, 600_000)?)
        }
        Outcome::WebhookLate => {
            insert(books, order, asked, "COMPLETED")?;
            Ok(misdelivery::postpone(books, 30_000)?)
        }
        Outcome::WebhookFiveTimes => {
            insert(books, order, asked, "COMPLETED")?;
            Ok(misdelivery::send_five_times(books)?)
        }
        Outcome::WebhookForged => {
            insert(books, order, asked, "COMPLETED")?;
            Ok(misdelivery::add_forgeries(books)?)
        }
        Outcome::WebhooksReversed => {
            let capture = insert(books, order, asked, "COMPLETED")?;
            let mut passing = public(&capture);
            passing["status"] = json!("PENDING");
            passing["status_details"] = json!({ "reason": "OTHER" });
            events::emit(books, Name::CapturePending, &passing)?;
            Ok(misdelivery::send_after_completed(books, number(&order["_sim"], "held_delivery"))?)
        }
        Outcome::Pays
        | Outcome::InstrumentDeclined
        | Outcome::AsksForAction
        | Outcome::NeverReturns
        | Outcome::NothingTakenAnswerLost
        | Outcome::RefundPending { completes: _ }
        | Outcome::RefundStaysPending
        | Outcome::RefundAnswerLost => insert(books, order, asked, "COMPLETED").map(|_| ()),
    }
}

fn script_reads(books: &mut Books<'_>, order: &str, capture: &str, reads: FailingReads) {
    let what = match reads {
        FailingReads::Error => Do::Error500,
        FailingReads::Hang => Do::TimeoutBefore,
    };
    let of_order = format!("GET /v2/checkout/orders/{order}");
    let of_capture = format!("GET /v2/payments/captures/{capture}");
    for on in [of_order, of_capture] {
        books.faults.push(Fault { on, what, times: 2 });
    }
}

/// Writes the capture, completes the order and says so.
fn insert(books: &mut Books<'_>, order: &mut Value, amount: &Money, status: &str) -> Result<Value, Refusal> {
    let id = ids::capitals(17);
    let order_id = text(order, "id").to_owned();
    let unit = &order["purchase_units"][0];
    let now = stamp(books.now_ms);
    let own = format!("{}/v2/payments/captures/{id}", books.base_url);
    let up = format!("{}/v2/checkout/orders/{order_id}", books.base_url);
    let mut capture = json!({
        "id": id, "amount": amount.json(), "final_capture": true, "status": status,
        "seller_protection": { "status": "ELIGIBLE",
            "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"] },
        "payee": unit["payee"], "supplementary_data": { "related_ids": { "order_id": order_id } },
        "create_time": now, "update_time": now,
        "links": [link(&own, "self", "GET"), link(&format!("{own}/refund"), "refund", "POST"),
                  link(&up, "up", "GET")],
        "_sim": { "account": order["_sim"]["account"], "acts_as": order["_sim"]["acts_as"],
                  "order": order_id },
    });
    for field in ["invoice_id", "custom_id"] {
        if !unit[field].is_null() {
            capture[field] = unit[field].clone();
        }
    }
    with_details(&mut capture, amount);
    books.insert(Kind::PaypalCapture, &capture, Some(&order_id))?;
    order["status"] = json!("COMPLETED");
    order["update_time"] = json!(now);
    books.update(order)?;
    announce(books, &capture)?;
    Ok(capture)
}

/// What goes with the status: the fee when the money came, the reason while it has not.
fn with_details(capture: &mut Value, amount: &Money) {
    if let Some(fields) = capture.as_object_mut() {
        fields.remove("status_details");
        fields.remove("seller_receivable_breakdown");
    }
    match text(capture, "status") {
        "COMPLETED" => {
            // 2.9 % and thirty, the public price for small shops; what is asked here is only that it adds up.
            let fee = (amount.minor * 29 / 1_000 + 30).min(amount.minor);
            capture["seller_receivable_breakdown"] = json!({
                "gross_amount": amount.json(), "paypal_fee": amount.with(fee).json(),
                "net_amount": amount.with(amount.minor - fee).json(),
            });
        }
        "PENDING" => capture["status_details"] = json!({ "reason": "PENDING_REVIEW" }),
        _ => {}
    }
}

fn announce(books: &mut Books<'_>, capture: &Value) -> Result<(), Refusal> {
    let name = match text(capture, "status") {
        "COMPLETED" => Name::CaptureCompleted,
        "DECLINED" => Name::CaptureDenied,
        _ => Name::CapturePending,
    };
    events::emit(books, name, &public(capture))
}

/// `GET /v2/payments/captures/{id}`
pub fn get(books: &Books<'_>, id: &str) -> Result<Value, Refusal> {
    find(books, id).map(|capture| public(&capture))
}

/// The stored capture, or PayPal's 404.
pub fn find(books: &Books<'_>, id: &str) -> Result<Value, Refusal> {
    books.find(Kind::PaypalCapture, id)?.ok_or_else(Refusal::not_found)
}

/// A capture as its order shows it: without what only the Payments API adds.
pub fn within_order(capture: &Value) -> Value {
    let mut shown = public(capture);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("supplementary_data");
        fields.remove("payee");
    }
    shown
}

/// Settles a capture that is pending or of unknown status; any other is refused.
pub fn settle(books: &mut Books<'_>, id: &str, completes: bool) -> Result<Value, Refusal> {
    let mut capture = find(books, id)?;
    let open =
        text(&capture, "status") == "PENDING" || text(&capture, "status").eq_ignore_ascii_case(UNHEARD_OF);
    if !open {
        return Err(Refusal::because(Issue::ORDER_ALREADY_CAPTURED));
    }
    capture["status"] = json!(if completes { "COMPLETED" } else { "DECLINED" });
    capture["update_time"] = json!(stamp(books.now_ms));
    let amount = amount_of(&capture)?;
    with_details(&mut capture, &amount);
    books.update(&capture)?;
    if !completes {
        release_invoice(books, text(&capture["_sim"], "order"))?;
    }
    announce(books, &capture)?;
    Ok(public(&capture))
}
