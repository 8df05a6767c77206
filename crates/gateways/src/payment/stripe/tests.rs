//! Requests as Stripe gets them, settings, and answers from a broken world.

use super::*;
use bytes::Bytes;
use domain::id::{AttemptId, PaymentId, TopUpId};
use domain::money::Money;
use domain::payment::Order;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn stripe() -> Stripe {
    let secrets = vec![Secret::new("whsec_1")];
    let key = Secret::new("sk_test_secret");
    Stripe::new(StripeConfig::new("http://localhost:4010", key, secrets, None).unwrap())
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

fn fields(call: &HttpCall) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(call.body.as_bytes()).into_owned().collect()
}

#[test]
fn a_page_is_asked_for_with_our_ids_on_both_objects() {
    let call = stripe().create_page(&request()).unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v1/checkout/sessions"));
    assert_eq!(call.header("idempotency-key"), Some("op_1"));
    assert_eq!(call.header("authorization"), Some("Bearer sk_test_secret"));
    assert_eq!(call.header("stripe-version"), Some(API_VERSION));
    let fields = fields(&call);
    for (name, value) in [
        ("mode", "payment"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "gbp"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Credit £10"),
        ("adaptive_pricing[enabled]", "false"),
        ("client_reference_id", "tu_1"),
        ("metadata[attempt]", "att_1"),
        ("metadata[payment]", "pay_1"),
        ("metadata[top_up]", "tu_1"),
        ("payment_intent_data[metadata][attempt]", "att_1"),
        ("payment_intent_data[metadata][payment]", "pay_1"),
        ("payment_intent_data[metadata][top_up]", "tu_1"),
        ("payment_intent_data[description]", "Credit £10"),
        ("payment_method_options[card][request_three_d_secure]", "automatic"),
        ("success_url", "https://shop.example/t/1?back=1"),
        ("cancel_url", "https://shop.example/t/1"),
        ("customer_email", "ann@example.com"),
        ("locale", "zh"),
        ("expires_at", "1763830000"),
        ("expand[]", "payment_intent.latest_charge"),
    ] {
        assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(fields.len(), 21);
    assert_eq!(stripe().create_page(&request()).unwrap(), call, "the same key must carry the same bytes");
}

#[test]
fn an_amount_that_stripe_cannot_take_is_never_sent() {
    let wrong = PageRequest { amount: Money::new(5124, "KWD".parse().unwrap()), ..request() };
    assert_eq!(stripe().create_page(&wrong).unwrap_err().code, "amount_not_payable");
}

#[test]
fn a_refund_is_asked_for_with_our_id_and_the_exact_amount() {
    let call = stripe()
        .create_refund(&RefundRequest {
            operation: OperationId::stored("op_2"),
            refund: RefundId::stored("rf_1"),
            payment: PaymentId::stored("pay_1"),
            attempt: AttemptId::stored("att_1"),
            money_ref: "pi_1".into(),
            amount: Money::new(5, "ISK".parse().unwrap()),
        })
        .unwrap();
    assert_eq!((call.path.as_str(), call.header("idempotency-key")), ("/v1/refunds", Some("op_2")));
    let fields = fields(&call);
    for (name, value) in [
        ("payment_intent", "pi_1"),
        ("amount", "500"),
        ("metadata[refund]", "rf_1"),
        ("metadata[attempt]", "att_1"),
    ] {
        assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[test]
fn look_ups_name_their_object_and_carry_no_key() {
    let s = stripe();
    for (call, path) in [
        (s.fetch_page("cs_1"), "/v1/checkout/sessions/cs_1?expand%5B%5D=payment_intent.latest_charge"),
        (s.fetch_money("pi_1"), "/v1/payment_intents/pi_1?expand%5B%5D=latest_charge"),
        (s.fetch_refund("re_1"), "/v1/refunds/re_1"),
        (s.list_refunds(None, "pi_1").unwrap(), "/v1/refunds?payment_intent=pi_1&limit=100"),
    ] {
        assert_eq!((call.method.as_str(), call.path.as_str()), ("GET", path));
        assert_eq!(call.header("idempotency-key"), None);
    }
    let call = s.expire_page(&OperationId::stored("op_3"), "cs_1").unwrap();
    assert_eq!(
        (call.path.as_str(), call.header("idempotency-key")),
        ("/v1/checkout/sessions/cs_1/expire", Some("op_3"))
    );
}

#[test]
fn keys_never_show_and_live_keys_go_nowhere_else() {
    let new = |url: &str, key: &str, secret: &str| {
        StripeConfig::new(url, Secret::new(key), vec![Secret::new(secret)], None)
    };
    for key in ["sk_live_1", "rk_live_1"] {
        assert!(new(LIVE_BASE_URL, key, "whsec_1").unwrap().live());
        assert_eq!(
            new("http://localhost:4010", key, "whsec_1").unwrap_err(),
            StripeConfigError::LiveKeyElsewhere
        );
    }
    for key in ["sk_test_1", "rk_test_1"] {
        assert!(!new("http://localhost:4010", key, "whsec_1").unwrap().live());
    }
    assert_eq!(new(LIVE_BASE_URL, "pk_live_1", "whsec_1").unwrap_err(), StripeConfigError::KeyKind);
    assert_eq!(new(LIVE_BASE_URL, "sk_test_1", "").unwrap_err(), StripeConfigError::NoWebhookSecret);
    let shown = format!("{:?} {:?}", stripe().config, stripe().create_page(&request()).unwrap());
    assert!(
        !shown.contains("secret\"") && !shown.contains("sk_test_secret") && !shown.contains("ann@"),
        "{shown}"
    );
}

/// Valid JSON that is almost, but not quite, what we expect.
fn near_miss() -> impl Strategy<Value = Vec<u8>> {
    let kind =
        prop::sample::select(vec!["checkout.session", "payment_intent", "refund", "list", "event", "charge"]);
    let word =
        prop::sample::select(vec!["\"open\"", "\"paid\"", "\"succeeded\"", "null", "-1", "[]", "{}", "1e99"]);
    (kind, prop::collection::vec(word, 8)).prop_map(|(kind, w)| {
        format!(
            r#"{{"object":"{kind}","id":"x","status":{},"payment_status":{},"amount_total":{},"amount_received":{},
               "currency":{},"payment_intent":{},"metadata":{},"data":{}}}"#,
            w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]
        )
        .into_bytes()
    })
}

proptest! {
    #[test]
    fn no_answer_makes_a_parser_panic(
        status in 100_u16..600,
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), near_miss()],
    ) {
        let s = stripe();
        let answer = HttpAnswer { status, body: Bytes::from(body) };
        let created = s.parse_create_page(&answer);
        prop_assert!(status == 200 || status < 300 || !matches!(created, CallOutcome::Accepted(_)));
        let _ = (s.parse_fetch_page(&answer), s.parse_fetch_money(&answer), s.parse_expire_page(&answer));
        let _ = (s.parse_create_refund(&answer), s.parse_fetch_refund(&answer));
        let _ = s.parse_list_refunds(&answer, &RefundId::stored("rf_1"), Money::new(1000, "GBP".parse().unwrap()));
    }

    #[test]
    fn no_webhook_makes_the_check_panic_or_is_believed(
        raw in prop::collection::vec(any::<u8>(), 0..200),
        header in prop_oneof![".*", "t=[0-9]{0,20},v1=[0-9a-f]{0,70}"],
        now in any::<i64>(),
    ) {
        let verdict = webhook::verify(&stripe().config, &raw, &header, UnixMs(now));
        let forged = matches!(verdict, crate::payment::WebhookVerdict::Forged { .. });
        prop_assert!(forged);
    }

    /// Signed, so that arbitrary bytes get past the signature and reach the parser of events.
    #[test]
    fn no_signed_content_makes_the_check_panic(
        raw in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), near_miss()],
    ) {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"whsec_1");
        let tag = aws_lc_rs::hmac::sign(&key, &[b"5.".as_slice(), &raw].concat());
        let header = format!("t=5,v1={}", hex::encode(tag));
        let _ = webhook::verify(&stripe().config, &raw, &header, UnixMs(5_000));
    }
}
