//! Requests as PayPal gets them, and answers from a broken world.

use super::*;
use crate::secret::Secret;
use bytes::Bytes;
use domain::id::{AttemptId, PaymentId, TopUpId};
use domain::money::Money;
use domain::payment::Order;
use proptest::prelude::*;
use serde_json::Value;

fn paypal() -> PayPal {
    let hosts = vec!["127.0.0.1".to_owned()];
    let config =
        PayPalConfig::new("http://127.0.0.1:4020", "client", Secret::new("very-secret"), "WH1", hosts);
    PayPal::new(config.unwrap())
}

fn request() -> PageRequest {
    PageRequest {
        operation: OperationId::stored("op_1"),
        order: Order::TopUp(TopUpId::stored("tu_1")),
        payment: PaymentId::stored("pay_1"),
        attempt: AttemptId::stored("att_1"),
        amount: Money::new(1000, "GBP".parse().unwrap()),
        description: "Credit £10".into(),
        email: Some("ann@example.com".into()),
        locale: Locale::ZhCn,
        guest: false,
        return_url: "https://shop.example/t/1?back=1".into(),
        cancel_url: "https://shop.example/t/1".into(),
        expires_at: UnixMs(1_763_830_000_999),
    }
}

fn body(call: &HttpCall) -> Value {
    serde_json::from_str(&call.body).unwrap()
}

#[test]
fn an_order_is_asked_for_with_our_ids_and_the_exact_amount() {
    let call = paypal().create_page(&request()).unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v2/checkout/orders"));
    assert_eq!(call.header("paypal-request-id"), Some("op_1"));
    assert_eq!(call.header("prefer"), Some("return=representation"));
    assert_eq!(call.header("authorization"), None, "the token is put on by the gateway");
    assert_eq!(
        body(&call),
        json!({
            "intent": "CAPTURE",
            "purchase_units": [{
                "invoice_id": "att_1", "custom_id": "tu_1", "description": "Credit £10",
                "amount": {"currency_code": "GBP", "value": "10.00"}}],
            "payment_source": {"paypal": {"experience_context": {
                "return_url": "https://shop.example/t/1?back=1", "cancel_url": "https://shop.example/t/1",
                "locale": "zh-CN", "user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING",
                "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED"}}}})
    );
    assert_eq!(paypal().create_page(&request()).unwrap(), call, "the same key must carry the same bytes");
    let english = paypal().create_page(&PageRequest { locale: Locale::En, ..request() }).unwrap();
    let locale = &body(&english)["payment_source"]["paypal"]["experience_context"]["locale"];
    assert_eq!(locale, "en-GB");
}

#[test]
fn a_long_description_is_cut_at_a_letter() {
    let long = PageRequest { description: "充".repeat(60), ..request() };
    let call = paypal().create_page(&long).unwrap();
    assert_eq!(body(&call)["purchase_units"][0]["description"], "充".repeat(42));
}

#[test]
fn an_amount_that_paypal_cannot_take_is_never_sent() {
    let wrong = PageRequest { amount: Money::new(5124, "KWD".parse().unwrap()), ..request() };
    assert_eq!(paypal().create_page(&wrong).unwrap_err().code, "amount_not_payable");
}

#[test]
fn an_order_is_captured_under_the_operations_id_and_ended_by_silence() {
    let operation = OperationId::stored("op_2");
    let call = paypal().capture_page(&operation, "5O190127TN364715T").unwrap();
    assert_eq!(
        (call.method.as_str(), call.path.as_str(), call.header("paypal-request-id"), call.body.as_str()),
        ("POST", "/v2/checkout/orders/5O190127TN364715T/capture", Some("op_2"), "{}")
    );
    assert_eq!(call.header("prefer"), Some("return=representation"));
    assert_eq!(paypal().expire_page(&operation, "5O190127TN364715T").unwrap_err().code, "closed_by_us");
    assert_eq!(paypal().capabilities().capture, Capture::ByUs);
}

#[test]
fn a_refund_is_asked_for_with_our_id_and_the_exact_amount() {
    let call = paypal()
        .create_refund(&RefundRequest {
            operation: OperationId::stored("op_3"),
            refund: RefundId::stored("rf_1"),
            payment: PaymentId::stored("pay_1"),
            attempt: AttemptId::stored("att_1"),
            money_ref: "2GG279541U471931P".into(),
            amount: Money::new(500, "JPY".parse().unwrap()),
        })
        .unwrap();
    assert_eq!(
        (call.path.as_str(), call.header("paypal-request-id")),
        ("/v2/payments/captures/2GG279541U471931P/refund", Some("op_3"))
    );
    assert_eq!(
        body(&call),
        json!({"amount": {"currency_code": "JPY", "value": "500"}, "invoice_id": "rf_1", "custom_id": "rf_1"})
    );
}

#[test]
fn look_ups_name_their_object_and_carry_no_key() {
    let p = paypal();
    for (call, path) in [
        (p.fetch_page("5O190127TN364715T"), "/v2/checkout/orders/5O190127TN364715T"),
        (p.fetch_money("2GG279541U471931P"), "/v2/payments/captures/2GG279541U471931P"),
        (p.fetch_refund("1JU08902781691411"), "/v2/payments/refunds/1JU08902781691411"),
        (p.list_refunds(Some("5O1"), "2GG").unwrap(), "/v2/checkout/orders/5O1"),
        (p.fetch_page("../../x?y=1 #"), "/v2/checkout/orders/%2E%2E%2F%2E%2E%2Fx%3Fy%3D1%20%23"),
    ] {
        assert_eq!((call.method.as_str(), call.path.as_str()), ("GET", path));
        assert_eq!(call.header("paypal-request-id"), None);
    }
    assert_eq!(p.list_refunds(None, "2GG").unwrap_err().code, "no_order");
}

#[test]
fn a_capture_that_is_refused_says_so_and_one_that_was_made_before_does_not() {
    let error = |issue: &str| HttpAnswer {
        status: 422,
        body: Bytes::from(json!({"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]}).to_string()),
    };
    let outcome = paypal().parse_capture_page(&error("INSTRUMENT_DECLINED"));
    assert!(
        matches!(&outcome, CallOutcome::Refused { code, .. } if code == "INSTRUMENT_DECLINED"),
        "{outcome:?}"
    );
    for issue in ["ORDER_ALREADY_CAPTURED", "DUPLICATE_INVOICE_ID"] {
        let outcome = paypal().parse_capture_page(&error(issue));
        assert!(matches!(outcome, CallOutcome::Unknown { .. }), "{issue}: {outcome:?}");
    }
}

#[test]
fn keys_never_show() {
    let shown = format!("{:?} {:?}", paypal().config, paypal().config.request());
    assert!(!shown.contains("very-secret") && !shown.contains("Basic"), "{shown}");
}

/// Valid JSON that is almost, but not quite, what we expect.
fn near_miss() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "\"COMPLETED\"",
        "\"APPROVED\"",
        "\"PENDING\"",
        "null",
        "-1",
        "[]",
        "{}",
        "1e99",
        "{\"currency_code\":\"USD\",\"value\":\"9e9\"}",
    ]);
    prop::collection::vec(word, 6).prop_map(|w| {
        let capture = format!(r#"{{"id":"c","status":{},"amount":{}}}"#, w[0], w[1]);
        format!(
            r#"{{"id":"x","status":{},"amount":{},"links":{},"purchase_units":[{{"payments":{{"captures":[{capture}],"refunds":{}}}}}]}}"#,
            w[2], w[3], w[4], w[5]
        )
        .into_bytes()
    })
}

proptest! {
    #[test]
    fn no_answer_makes_a_parser_panic_or_an_error_look_accepted(
        status in 100_u16..600,
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), near_miss()],
    ) {
        let p = paypal();
        let answer = HttpAnswer { status, body: Bytes::from(body) };
        for outcome in [p.parse_create_page(&answer), p.parse_capture_page(&answer), p.parse_expire_page(&answer)] {
            prop_assert!((200..300).contains(&status) || !matches!(outcome, CallOutcome::Accepted(_)));
        }
        let _ = (p.parse_fetch_page(&answer), p.parse_fetch_money(&answer));
        let _ = (p.parse_create_refund(&answer), p.parse_fetch_refund(&answer));
        let _ = p.parse_list_refunds(&answer, &RefundId::stored("rf_1"), Money::new(1000, "GBP".parse().unwrap()));
        let _ = p.config.read(&answer);
    }
}
