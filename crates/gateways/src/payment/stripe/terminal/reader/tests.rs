//! Requests as Stripe gets them, and every word that a reader says of itself.

use super::*;
use crate::payment::HttpAnswer;
use crate::payment::stripe::{StripeConfig, wire};
use crate::secret::Secret;
use domain::id::{AttemptId, PaymentId, TopUpId};
use domain::money::Money;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn stripe() -> Stripe {
    let (key, secrets) = (Secret::new("sk_test_secret"), vec![Secret::new("whsec_1")]);
    Stripe::new(StripeConfig::new("http://localhost:4010", key, secrets, None).unwrap())
}

fn attempt() -> ReaderTry {
    ReaderTry {
        operation: OperationId::stored("op_1"),
        top_up: TopUpId::stored("tu_1"),
        payment: PaymentId::stored("pay_1"),
        attempt: AttemptId::stored("att_1"),
        amount: Money::new(1000, "GBP".parse().unwrap()),
        reader: "tmr_1".into(),
        description: "Credit £10".into(),
        money_ref: None,
    }
}

fn fields(call: &HttpCall) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(call.body.as_bytes()).into_owned().collect()
}

#[test]
fn an_intent_carries_our_ids_and_the_same_try_makes_the_same_bytes() {
    let call = stripe().create_intent(&attempt()).unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v1/payment_intents"));
    assert_eq!(call.header("idempotency-key"), Some("op_1"));
    let fields = fields(&call);
    for (name, value) in [
        ("amount", "1000"),
        ("currency", "gbp"),
        ("payment_method_types[]", "card_present"),
        ("capture_method", "automatic"),
        ("description", "Credit £10"),
        ("metadata[attempt]", "att_1"),
        ("metadata[payment]", "pay_1"),
        ("metadata[top_up]", "tu_1"),
    ] {
        assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(fields.len(), 8);
    assert_eq!(stripe().create_intent(&attempt()).unwrap(), call);
    let wrong = ReaderTry { amount: Money::new(5124, "KWD".parse().unwrap()), ..attempt() };
    assert_eq!(stripe().create_intent(&wrong).unwrap_err().code, "amount_not_payable");
}

#[test]
fn each_call_about_a_reader_has_a_key_of_its_own() {
    let process = stripe().process_intent(&attempt(), "pi_1");
    assert_eq!(process.path, "/v1/terminal/readers/tmr_1/process_payment_intent");
    assert_eq!(process.header("idempotency-key"), Some("op_1-reader"));
    assert_eq!(fields(&process).get("payment_intent").map(String::as_str), Some("pi_1"));
    let clear = stripe().cancel_action(&OperationId::stored("op_2"), "tmr_1");
    assert_eq!(clear.path, "/v1/terminal/readers/tmr_1/cancel_action");
    assert_eq!(clear.header("idempotency-key"), Some("op_2-reader"));
    let cancel = stripe().cancel_intent("op_2", "pi_1");
    assert_eq!(cancel.path, "/v1/payment_intents/pi_1/cancel");
    assert_eq!(cancel.header("idempotency-key"), Some("op_2"));
}

fn reader(status: &str, action: Value) -> Reader {
    let body = json!({"id": "tmr_1", "object": "terminal.reader", "label": "Till 1", "status": status,
                      "action": action})
    .to_string();
    let answer = HttpAnswer { status: 200, body: body.into() };
    wire::read(&answer, "terminal.reader").looked_up().unwrap()
}

fn action(status: &str, intent: &str) -> Value {
    json!({"status": status, "type": "process_payment_intent", "failure_code": null,
           "process_payment_intent": {"payment_intent": intent}})
}

#[test]
fn what_a_reader_is_doing_is_read_from_its_action() {
    let another = |intent: &str| Doing::Another { intent: intent.to_owned() };
    let failed = json!({"status": "failed", "failure_code": "card_declined",
                        "process_payment_intent": {"payment_intent": {"id": "pi_1", "object": "payment_intent"}}});
    for (action, expected, shown) in [
        (Value::Null, Doing::Nothing, OnReader::Absent),
        (action("in_progress", "pi_1"), Doing::Ours, OnReader::UnderWay),
        (action("succeeded", "pi_1"), Doing::OursDone, OnReader::UnderWay),
        (
            failed,
            Doing::OursFailed { code: "card_declined".into() },
            OnReader::Failed { code: "card_declined".into() },
        ),
        (action("in_progress", "pi_2"), another("pi_2"), OnReader::Absent),
        (action("succeeded", "pi_2"), Doing::Nothing, OnReader::Absent),
        (action("failed", "pi_2"), Doing::Nothing, OnReader::Absent),
        (action("dancing", "pi_1"), another("pi_1"), OnReader::Absent),
        (json!({"status": "in_progress", "type": "set_reader_display"}), another(""), OnReader::Absent),
    ] {
        assert_eq!(doing(&reader("online", action.clone()), "pi_1"), expected, "{action}");
        assert_eq!(shows(&reader("online", action.clone()), "pi_1"), shown, "{action}");
        assert_eq!(shows(&reader("offline", action), "pi_1"), OnReader::Offline);
    }
    let busy = state(&reader("online", action("in_progress", "pi_2")));
    assert_eq!((busy.online, busy.busy_with.as_deref(), busy.label.as_str()), (true, Some("pi_2"), "Till 1"));
    assert_eq!(state(&reader("offline", action("failed", "pi_2"))).busy_with, None);
}
