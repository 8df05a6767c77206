//! Tables of what orders and captures mean. The objects are shaped after PayPal's published examples.

use super::*;
use bytes::Bytes;
use serde_json::{Value, json};

const PAGE: &str = "https://www.paypal.com/checkoutnow?token=5O190127TN364715T";

fn answer(status: u16, body: &Value) -> HttpAnswer {
    HttpAnswer { status, body: Bytes::from(body.to_string()) }
}

fn order(status: &str, captures: &[Value]) -> Value {
    let links = json!([
        {"href": "https://api-m.paypal.com/v2/checkout/orders/5O190127TN364715T", "rel": "self", "method": "GET"},
        {"href": PAGE, "rel": "payer-action", "method": "GET"}]);
    json!({"id": "5O190127TN364715T", "status": status, "intent": "CAPTURE", "links": links,
        "payment_source": {"paypal": {"email_address": "customer@example.com"}},
        "purchase_units": [{"reference_id": "default", "invoice_id": "att_1", "custom_id": "tu_1",
            "amount": {"currency_code": "USD", "value": "100.00"},
            "payments": {"captures": captures}}]})
}

fn capture(id: &str, status: Value, value: &str, reason: Value) -> Value {
    json!({"id": id, "status": status, "status_details": {"reason": reason},
        "amount": {"currency_code": "USD", "value": value}, "final_capture": true, "invoice_id": "att_1",
        "seller_protection": {"status": "ELIGIBLE"},
        "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}},
        "create_time": "2018-04-01T21:20:49Z", "update_time": "2018-04-01T21:20:49Z"})
}

fn usd(minor: i64) -> Finding {
    Finding::Captured { amount: Money::new(minor, "USD".parse().unwrap()) }
}

fn declined(code: &str) -> Finding {
    Finding::Declined { code: code.to_owned() }
}

fn page(body: &Value) -> Evidence {
    match read_page(&answer(200, body)) {
        CallOutcome::Accepted(evidence) => evidence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_order_status_without_a_capture_means_what_the_table_says() {
    let page_needed = Finding::ActionNeeded { url: Some(PAGE.to_owned()) };
    for (status, expected) in [
        ("CREATED", page_needed.clone()),
        ("PAYER_ACTION_REQUIRED", page_needed),
        ("APPROVED", Finding::Approved),
        ("VOIDED", Finding::Cancelled),
        ("COMPLETED", unknown("a completed order without a capture")),
        ("SAVED", unknown("order status \"SAVED\"")),
        ("MELTED\n<b>", unknown("order status \"MELTEDb\"")),
    ] {
        let evidence = page(&order(status, &[]));
        assert_eq!(evidence.finding, expected, "{status}");
        assert_eq!(evidence.page_ref.as_deref(), Some("5O190127TN364715T"));
        assert_eq!(evidence.money_ref, None);
    }
    assert_eq!(page(&json!({"id": "x"})).finding, unknown("an order without status"));
}

#[test]
fn the_short_answer_to_a_created_order_leads_to_the_payers_page() {
    let body = json!({"id": "5O190127TN364715T", "status": "CREATED", "links": [
        {"href": PAGE, "rel": "approve", "method": "GET"}]});
    assert_eq!(page(&body).finding, Finding::ActionNeeded { url: Some(PAGE.to_owned()) });
}

/// Whatever the order says besides, and whether the capture was fetched alone or with its order.
#[test]
fn every_capture_status_means_what_the_table_says() {
    for (status, reason, expected) in [
        (json!("COMPLETED"), Value::Null, usd(10000)),
        (json!("PENDING"), json!("ECHECK"), Finding::Processing),
        (json!("PENDING"), json!("PENDING_REVIEW"), Finding::Processing),
        (json!("DECLINED"), Value::Null, declined("DECLINED")),
        (json!("FAILED"), json!("OTHER"), declined("OTHER")),
        (json!("REFUNDED"), Value::Null, unknown("a capture that is REFUNDED, not by us")),
        (
            json!("PARTIALLY_REFUNDED"),
            Value::Null,
            unknown("a capture that is PARTIALLY_REFUNDED, not by us"),
        ),
        (json!("GILDED"), Value::Null, unknown("capture status \"GILDED\"")),
        (Value::Null, Value::Null, unknown("a capture without status")),
    ] {
        let capture = capture("3C679366HH908993F", status.clone(), "100.00", reason);
        for order_status in ["COMPLETED", "APPROVED", "VOIDED"] {
            let evidence = page(&order(order_status, std::slice::from_ref(&capture)));
            assert_eq!(evidence.finding, expected, "{order_status} with {status}");
            assert_eq!(evidence.money_ref.as_deref(), Some("3C679366HH908993F"));
        }
        match read_money(&answer(200, &capture)) {
            CallOutcome::Accepted(evidence) => {
                assert_eq!(evidence.finding, expected, "{status} alone");
                assert_eq!(evidence.money_ref.as_deref(), Some("3C679366HH908993F"));
                assert_eq!(evidence.page_ref.as_deref(), Some("5O190127TN364715T"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn of_several_captures_the_money_speaks_and_all_of_it_counts() {
    let failed = || capture("F", json!("DECLINED"), "100.00", Value::Null);
    let pending = || capture("P", json!("PENDING"), "100.00", Value::Null);
    let odd = || capture("O", json!("GILDED"), "100.00", Value::Null);
    let done = |id: &str| capture(id, json!("COMPLETED"), "100.00", Value::Null);
    for (captures, expected, money_ref) in [
        (vec![failed(), done("C"), pending()], usd(10000), "C"),
        (vec![failed(), pending()], Finding::Processing, "P"),
        (vec![pending(), odd(), failed()], unknown("capture status \"GILDED\""), "O"),
        (vec![done("C"), done("D")], usd(20000), "D"),
    ] {
        let evidence = page(&order("COMPLETED", &captures));
        assert_eq!(evidence.finding, expected);
        assert_eq!(evidence.money_ref.as_deref(), Some(money_ref));
    }
}

#[test]
fn money_that_cannot_be_read_is_never_taken_for_money() {
    for (amount, why) in [
        (
            json!({"currency_code": "USD", "value": "1.001"}),
            "captured, but: not a whole number of minor units of USD",
        ),
        (json!({"currency_code": "ZZZ", "value": "1.00"}), "captured, but: a currency that we do not know"),
        (Value::Null, "a completed capture without an amount"),
    ] {
        let mut capture = capture("C", json!("COMPLETED"), "1.00", Value::Null);
        capture["amount"] = amount;
        assert_eq!(page(&order("COMPLETED", &[capture])).finding, unknown(why));
    }
}

#[test]
fn money_that_we_gave_back_ourselves_was_captured_and_money_that_others_gave_back_is_for_people() {
    let refund = |id: &str| {
        json!({"id": "1JU", "status": "COMPLETED", "invoice_id": id, "custom_id": id,
        "amount": {"currency_code": "USD", "value": "100.00"}})
    };
    let ours = format!("rf_{}", domain::id::ulid(domain::time::UnixMs(1), 7));
    // A refund made by hand at PayPal repeats the names that the capture has.
    for (refunds, by_us) in [
        (vec![refund(&ours)], true),
        (vec![refund("att_1")], false),
        (vec![refund(&ours), refund("att_1")], false),
        (vec![], false),
    ] {
        for status in ["REFUNDED", "PARTIALLY_REFUNDED"] {
            let mut order = order("COMPLETED", &[capture("C", json!(status), "100.00", Value::Null)]);
            order["purchase_units"][0]["payments"]["refunds"] = Value::from(refunds.clone());
            let others = unknown(format!("a capture that is {status}, not by us"));
            assert_eq!(page(&order).finding, if by_us { usd(10000) } else { others }, "{refunds:?}");
        }
    }
}
