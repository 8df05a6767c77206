//! Tables of what sessions and intents mean. The objects are shaped after Stripe's published reference.

use super::*;
use bytes::Bytes;
use domain::money::Money;
use domain::payment::Card;
use serde_json::{Value, json};

const URL: &str = "https://checkout.stripe.com/c/pay/cs_test_1";

fn answer(status: u16, body: &Value) -> HttpAnswer {
    HttpAnswer { status, body: Bytes::from(body.to_string()) }
}

fn session(status: &str, paid: &str, intent: Value) -> Value {
    let url = if status == "open" { json!(URL) } else { Value::Null };
    json!({"id": "cs_test_1", "object": "checkout.session", "mode": "payment", "livemode": false,
           "status": status, "payment_status": paid, "amount_total": 1000, "currency": "gbp", "url": url,
           "client_reference_id": "tu_1", "customer": null, "expires_at": 1_763_830_000,
           "metadata": {"attempt": "att_1"}, "payment_intent": intent})
}

fn intent(status: &str, received: i64, error: Value) -> Value {
    let charge = json!({"id": "ch_1", "object": "charge",
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}}});
    json!({"id": "pi_1", "object": "payment_intent", "status": status, "amount": 1000,
           "amount_received": received, "currency": "gbp", "last_payment_error": error,
           "latest_charge": if received > 0 { charge } else { Value::Null }})
}

fn decline() -> Value {
    json!({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
           "message": "Your card has insufficient funds."})
}

fn gbp(minor: i64) -> Finding {
    Finding::Captured { amount: Money::new(minor, "GBP".parse().unwrap()) }
}

fn page(body: &Value) -> Evidence {
    match read_page(&answer(200, body)) {
        CallOutcome::Accepted(evidence) => evidence,
        other => panic!("not accepted: {other:?}"),
    }
}

fn kind(finding: &Finding) -> &'static str {
    match finding {
        Finding::ActionNeeded { .. } => "action",
        Finding::Processing => "processing",
        Finding::Approved => "approved",
        Finding::Authorized => "authorized",
        Finding::Captured { .. } => "captured",
        Finding::Declined { .. } => "declined",
        Finding::Cancelled => "cancelled",
        Finding::Expired => "expired",
        Finding::Unknown { .. } => "unknown",
    }
}

#[test]
fn every_session_without_its_intent_means_what_the_table_says() {
    for (status, paid, expected) in [
        ("open", "unpaid", "action"),
        ("open", "paid", "unknown"),
        ("open", "no_payment_required", "unknown"),
        ("complete", "paid", "captured"),
        ("complete", "unpaid", "processing"),
        ("complete", "no_payment_required", "unknown"),
        ("complete", "settled", "unknown"),
        ("expired", "unpaid", "expired"),
        ("expired", "paid", "unknown"),
        ("paused", "unpaid", "unknown"),
    ] {
        for intent in [Value::Null, json!("pi_1")] {
            let found = page(&session(status, paid, intent));
            assert_eq!(kind(&found.finding), expected, "{status} {paid}");
            assert_eq!(found.page_ref.as_deref(), Some("cs_test_1"));
        }
    }
}

#[test]
fn every_session_with_its_intent_means_what_the_table_says() {
    let table = "
        intent                   open-unpaid complete-paid complete-unpaid expired-unpaid
        succeeded                captured    captured      captured        captured
        processing               action      unknown       processing      processing
        requires_payment_method  action      unknown       processing      expired
        requires_confirmation    action      unknown       processing      expired
        requires_action          action      unknown       processing      expired
        requires_capture         authorized  authorized    authorized      authorized
        canceled                 action      unknown       cancelled       expired
        teleported               action      unknown       unknown         unknown";
    let columns = [("open", "unpaid"), ("complete", "paid"), ("complete", "unpaid"), ("expired", "unpaid")];
    for line in table.lines().skip(2) {
        let words: Vec<&str> = line.split_whitespace().collect();
        for ((status, paid), expected) in columns.iter().zip(&words[1..]) {
            let received = if words[0] == "succeeded" { 1000 } else { 0 };
            let found = page(&session(status, paid, intent(words[0], received, Value::Null)));
            assert_eq!(&kind(&found.finding), expected, "{status} {paid} with {}", words[0]);
            assert_eq!(found.money_ref.as_deref(), Some("pi_1"));
        }
    }
}

#[test]
fn every_intent_means_what_the_table_says() {
    for (status, expected) in [
        ("succeeded", "captured"),
        ("processing", "processing"),
        ("requires_payment_method", "action"),
        ("requires_confirmation", "action"),
        ("requires_action", "action"),
        ("requires_capture", "authorized"),
        ("canceled", "cancelled"),
        ("teleported", "unknown"),
    ] {
        let outcome = read_money(&answer(200, &intent(status, 1000, Value::Null)));
        let CallOutcome::Accepted(found) = outcome else { panic!("{status} was not accepted") };
        assert_eq!(kind(&found.finding), expected, "{status}");
        assert_eq!((found.page_ref, found.money_ref.as_deref()), (None, Some("pi_1")));
    }
}

#[test]
fn the_amount_is_what_the_intent_received_and_the_card_is_shown() {
    let found = page(&session("complete", "paid", intent("succeeded", 900, Value::Null)));
    assert_eq!(found.finding, gbp(900));
    assert_eq!(found.card, Some(Card { brand: "visa".into(), last4: "4242".into() }));
    assert_eq!(page(&session("complete", "paid", json!("pi_1"))).finding, gbp(1000));
}

#[test]
fn a_decline_leaves_an_open_page_open_and_ends_a_completed_one() {
    let open = page(&session("open", "unpaid", intent("requires_payment_method", 0, decline())));
    assert_eq!(open.finding, Finding::ActionNeeded { url: Some(URL.into()) });
    assert_eq!(open.last_decline.as_deref(), Some("insufficient_funds"));
    let done = page(&session("complete", "unpaid", intent("requires_payment_method", 0, decline())));
    assert_eq!(done.finding, Finding::Declined { code: "insufficient_funds".into() });
    assert_eq!(done.last_decline, None);
}

#[test]
fn money_that_cannot_be_read_exactly_is_unknown() {
    for (field, value) in [
        ("currency", json!("zzz")),
        ("currency", Value::Null),
        ("amount_received", Value::Null),
        ("status", Value::Null),
    ] {
        let mut body = intent("succeeded", 1000, Value::Null);
        body[field] = value;
        let CallOutcome::Accepted(found) = read_money(&answer(200, &body)) else { panic!("{field}") };
        assert_eq!(kind(&found.finding), "unknown", "{field}");
    }
    let mut body = session("complete", "paid", Value::Null);
    body["amount_total"] = Value::Null;
    assert_eq!(kind(&page(&body).finding), "unknown");
}

#[test]
fn every_status_code_means_what_the_table_says() {
    let error = |kind: &str, code: Value, decline: Value| {
        json!({"error": {"type": kind, "code": code, "decline_code": decline, "param": "email",
                         "message": "Invalid email address: ann@example.com"}})
    };
    let invalid = error("invalid_request_error", json!("parameter_invalid"), Value::Null);
    for (status, body, expected) in [
        (400, invalid.clone(), Some("parameter_invalid")),
        (400, error("idempotency_error", Value::Null, Value::Null), Some("idempotency_error")),
        (402, error("card_error", json!("card_declined"), json!("stolen_card")), Some("stolen_card")),
        (400, json!({"message": "from a proxy"}), None),
        (401, invalid.clone(), None),
        (403, invalid.clone(), None),
        (404, error("invalid_request_error", json!("resource_missing"), Value::Null), None),
        (409, error("idempotency_error", json!("idempotency_key_in_use"), Value::Null), None),
        (429, error("invalid_request_error", json!("lock_timeout"), Value::Null), None),
        (301, json!({}), None),
        (418, invalid.clone(), None),
        (500, error("api_error", Value::Null, Value::Null), None),
        (503, json!({}), None),
        (200, json!({"object": "payment_intent", "id": "pi_1"}), None),
        (200, json!({"object": "checkout.session"}), None),
        (200, json!("text"), None),
    ] {
        let answer = answer(status, &body);
        match (read_page(&answer), expected) {
            (CallOutcome::Refused { code, detail }, Some(expected)) => {
                assert_eq!(code, expected, "{status} {body}");
                assert!(!detail.contains("ann@example.com"), "{detail}");
            }
            (CallOutcome::Unknown { .. }, None) => {}
            (outcome, _) => panic!("{status} {body}: {outcome:?}"),
        }
    }
}

#[test]
fn what_went_back_of_the_charge_is_told_and_a_charge_that_says_nothing_tells_nothing() {
    let mut paid = intent("succeeded", 1000, Value::Null);
    assert_eq!(page(&session("complete", "paid", paid.clone())).refunded, None);
    paid["latest_charge"]["amount_refunded"] = json!(300);
    paid["latest_charge"]["currency"] = json!("gbp");
    let found = page(&session("complete", "paid", paid));
    assert_eq!(found.refunded, Some(Money::new(300, "GBP".parse().unwrap())));
    assert_eq!(found.finding, gbp(1000), "a refund takes nothing back from what was captured");
}
