//! The host network's connector alone: what it sends, and what every kind of answer means.

use super::*;
use crate::charging::{Balance, BalanceBucket, Grant, Refusal};
use bytes::Bytes;
use domain::id::{OperationId, TopUpId};
use domain::money::Money;
use domain::offer::Allowance;
use domain::time::UnixMs;
use domain::unit::Unit;
use proptest::prelude::*;
use serde_json::{Value, json};

const KEY: &str = "key-that-never-shows";

fn network() -> HostNetwork {
    let promises = HostNetworkConfig::USUAL_PROMISES;
    HostNetwork::new(HostNetworkConfig::new("http://localhost:1/net/", Secret::new(KEY), promises).unwrap())
}

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().unwrap())
}

fn request_of(grant: Grant) -> Result<CreditRequest, &'static str> {
    let msisdn = Msisdn::stored("447400123456");
    CreditRequest::new(OperationId::stored("op_1"), TopUpId::stored("tu_1"), msisdn, grant)
        .map_err(|no| no.code)
}

fn request() -> CreditRequest {
    request_of(Grant::Credit(gbp(2_200))).unwrap()
}

fn bundle() -> Grant {
    let allowances = vec![
        Allowance { unit: Unit::Octets, amount: 5_000_000_000 },
        Allowance { unit: Unit::Seconds, amount: 6_000 },
    ];
    Grant::Bundle { allowances, valid_for_days: 30 }
}

fn answer(status: u16, body: impl Into<String>) -> HttpAnswer {
    HttpAnswer { status, body: Bytes::from(body.into()) }
}

/// The answer to [`request`] with a status, and with fields changed or (null) left out.
fn told(status: &str, changed: Value) -> HttpAnswer {
    let mut body = json!({
        "request_id": "op_1", "top_up": "tu_1", "status": status, "network_ref": "HN7",
        "grant": { "kind": "credit", "amount_minor": 2200, "currency": "GBP" },
        "balance": { "amount_minor": 2700, "currency": "GBP" },
    });
    let fields = body.as_object_mut().unwrap();
    for (name, value) in changed.as_object().unwrap() {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    answer(200, body.to_string())
}

fn read(answer: &HttpAnswer) -> CreditOutcome {
    network().parse_credit(&request(), answer)
}

#[test]
fn a_credit_is_sent_as_documented_and_always_as_the_same_bytes() {
    let call = network().credit(&request());
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v1/credits"));
    assert_eq!(call.header("authorization"), Some("Bearer key-that-never-shows"));
    let grant = r#"{"kind":"credit","amount_minor":2200,"currency":"GBP"}"#;
    let ids = r#""request_id":"op_1","top_up":"tu_1","msisdn":"447400123456""#;
    assert_eq!(call.body, format!(r#"{{{ids},"grant":{grant}}}"#));
    assert_eq!(call.body, network().credit(&request()).body);
    assert!(!format!("{call:?} {:?}", network().config).contains(KEY));
}

#[test]
fn a_bundle_is_sent_in_octets_seconds_and_messages() {
    let call = network().credit(&request_of(bundle()).unwrap());
    let body: Value = serde_json::from_str(&call.body).unwrap();
    let allowances = json!([{"unit":"octets","amount":5_000_000_000_i64},{"unit":"seconds","amount":6000}]);
    assert_eq!(body["grant"], json!({"kind":"bundle","allowances":allowances,"valid_for_days":30}));
}

#[test]
fn a_number_stands_in_no_address() {
    let (net, request) = (network(), request());
    for call in [net.credit(&request), net.status(&request), net.balance(request.msisdn())] {
        assert!(!call.path.contains("7400123456"), "{}", call.path);
    }
    assert_eq!(net.status(&request).path, "/v1/credits/op_1");
}

#[test]
fn what_no_network_could_carry_out_cannot_even_be_asked() {
    let days = |allowances, valid_for_days| Grant::Bundle { allowances, valid_for_days };
    let money = Allowance { unit: Unit::Money("GBP".parse().unwrap()), amount: 1 };
    let octet = Allowance { unit: Unit::Octets, amount: 1 };
    for (grant, expected) in [
        (Grant::Credit(gbp(0)), Err("amount")),
        (Grant::Credit(gbp(-1)), Err("amount")),
        (days(vec![], 30), Err("bundle")),
        (days(vec![octet], 0), Err("bundle")),
        (days(vec![money], 30), Err("bundle")),
        (days(vec![Allowance { amount: 0, ..octet }], 30), Err("bundle")),
        (days(vec![octet], 30), Ok(())),
        (Grant::Credit(gbp(1)), Ok(())),
    ] {
        assert_eq!(request_of(grant.clone()).map(|_| ()), expected, "{grant:?}");
    }
    for id in ["", "op/1", "op 1", "op?1", &"x".repeat(65)] {
        let ids = (OperationId::stored(id), TopUpId::stored("tu_1"));
        assert!(
            CreditRequest::new(ids.0, ids.1, Msisdn::stored("44"), Grant::Credit(gbp(1))).is_err(),
            "{id}"
        );
    }
}

#[test]
fn only_the_networks_own_word_ends_a_credit() {
    let done = |balance| CreditOutcome::Done { network_ref: "HN7".into(), balance };
    let refused = |reason| CreditOutcome::Refused { reason };
    for (told, expected) in [
        (told("done", json!({})), done(Some(gbp(2_700)))),
        (told("done", json!({ "balance": null })), done(None)),
        (told("done", json!({ "balance": "much" })), done(None)),
        (told("done", json!({ "balance": { "amount_minor": 1, "currency": "EUR" } })), done(None)),
        (told("in_progress", json!({ "network_ref": null })), CreditOutcome::InProgress),
        (told("refused", json!({ "reason": "barred" })), refused(Refusal::Barred)),
        (told("refused", json!({ "reason": "number_unknown" })), refused(Refusal::NumberUnknown)),
        (told("refused", json!({ "reason": "too late!" })), refused(Refusal::Other("toolate".into()))),
        (told("refused", json!({})), refused(Refusal::Other("unspecified".into()))),
    ] {
        assert_eq!(read(&told), expected);
    }
}

#[test]
fn an_answer_that_is_not_exactly_about_our_request_is_unknown() {
    let other = json!({ "kind": "credit", "amount_minor": 2201, "currency": "GBP" });
    for told in [
        told("done", json!({ "request_id": "op_2" })),
        told("done", json!({ "top_up": "tu_2" })),
        told("done", json!({ "grant": other })),
        told("refused", json!({ "request_id": "op_2", "reason": "barred" })),
        told("done", json!({ "grant": null })),
        told("done", json!({ "network_ref": null })),
        told("done", json!({ "network_ref": "two words" })),
        told("some_new_status", json!({})),
        told("REFUSED", json!({})),
    ] {
        assert!(matches!(read(&told), CreditOutcome::Unknown { .. }), "{:?}", told.body);
    }
}

#[test]
fn an_error_never_counts_as_a_refusal_whatever_its_body_says() {
    let refusal = told("refused", json!({ "reason": "barred" })).body;
    let refusal = String::from_utf8(refusal.to_vec()).unwrap();
    for status in [300, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504] {
        for body in [refusal.as_str(), "", "<html>", r#"{"error":{"code":"refused"}}"#] {
            let outcome = read(&answer(status, body));
            assert!(matches!(outcome, CreditOutcome::Unknown { .. }), "{status} {body}: {outcome:?}");
        }
    }
    for body in ["", "<html>", "{}", "null", r#"{"status":"refused"}"#] {
        assert!(matches!(read(&answer(200, body)), CreditOutcome::Unknown { .. }), "{body}");
    }
}

#[test]
fn not_found_is_heard_only_in_the_networks_own_words() {
    let status = |answer: &HttpAnswer| network().parse_status(&request(), answer);
    let own = answer(404, r#"{"error":{"code":"credit_not_found"}}"#);
    assert_eq!(status(&own), StatusAnswer::NotFound);
    for other in [
        answer(404, ""),
        answer(404, "<html>not found</html>"),
        answer(404, r#"{"error":{"code":"no_such_path"}}"#),
        answer(410, r#"{"error":{"code":"credit_not_found"}}"#),
        answer(200, r#"{"error":{"code":"credit_not_found"}}"#),
    ] {
        let StatusAnswer::Found(CreditOutcome::Unknown { .. }) = status(&other) else {
            panic!("{}: {:?}", other.status, status(&other));
        };
    }
    let StatusAnswer::Found(CreditOutcome::Done { .. }) = status(&told("done", json!({}))) else {
        panic!("a credit that is done was not found");
    };
}

#[test]
fn a_balance_is_read_with_its_buckets_and_its_time() {
    let body = json!({
        "msisdn": "447400123456", "credit": { "amount_minor": 2700, "currency": "GBP" },
        "buckets": [{ "unit": "octets", "granted": 10, "remaining": 4, "valid_until": "1970-01-02T00:00:00Z" }],
        "as_of": "1970-01-01T00:00:01Z",
    });
    let read = |body: &Value, status| {
        network().parse_balance(&Msisdn::stored("447400123456"), &answer(status, body.to_string()))
    };
    let bucket =
        BalanceBucket { unit: Unit::Octets, granted: 10, remaining: 4, valid_until: UnixMs(86_400_000) };
    let balance = Balance { credit: gbp(2_700), buckets: vec![bucket], as_of: UnixMs(1_000) };
    assert_eq!(read(&body, 200), BalanceOutcome::Known(balance));
    let absent = json!({ "error": { "code": "number_unknown" } });
    assert_eq!(read(&absent, 404), BalanceOutcome::NumberUnknown);
    for (path, wrong) in [
        ("/msisdn", json!("447400123457")),
        ("/credit/currency", json!("pounds")),
        ("/buckets/0/unit", json!("GBP")),
        ("/buckets/0/remaining", json!(11)),
        ("/as_of", json!("yesterday")),
    ] {
        let mut changed = body.clone();
        *changed.pointer_mut(path).unwrap() = wrong;
        assert!(matches!(read(&changed, 200), BalanceOutcome::Unknown { .. }), "{path}");
    }
    assert!(matches!(read(&body, 503), BalanceOutcome::Unknown { .. }));
}

#[test]
fn a_network_is_well_when_it_answers_in_its_language_even_with_a_refusal() {
    for (status, body, well) in [
        (200, "{}", true),
        (404, r#"{"error":{"code":"credit_not_found"}}"#, true),
        (409, "{}", true),
        (401, "{}", true),
        (200, "<html>", false),
        (404, "", false),
        (429, "{}", false),
        (500, "{}", false),
        (503, "{}", false),
    ] {
        assert_eq!(network().is_well(&answer(status, body)), well, "{status} {body}");
    }
}

#[test]
fn the_key_goes_only_over_https_or_to_this_machine() {
    use HostNetworkConfigError as E;
    let new = |url: &str, key: &str, after, forgets_after_ms| {
        let promises = Promises { not_found_is_final_after_ms: after, forgets_after_ms };
        HostNetworkConfig::new(url, Secret::new(key), promises).map(|_| ())
    };
    for (url, expected) in [
        ("https://charging.operator.example/api", Ok(())),
        ("http://127.0.0.1:4010", Ok(())),
        ("http://[::1]:4010/network", Ok(())),
        ("http://localhost:4010", Ok(())),
        ("http://charging.operator.example", Err(E::PlainHttp)),
        ("http://localhost.operator.example", Err(E::PlainHttp)),
        ("http://10.0.0.1", Err(E::PlainHttp)),
        ("ftp://localhost", Err(E::PlainHttp)),
        ("https://operator.example/?a=1", Err(E::Address)),
        ("https://user@operator.example", Err(E::Address)),
        ("operator.example", Err(E::Address)),
    ] {
        assert_eq!(new(url, "k", Some(1), 2), expected, "{url}");
    }
    let url = "https://operator.example";
    for key in ["", "a key", "k\n"] {
        assert_eq!(new(url, key, Some(1), 2), Err(E::Key));
    }
    for (after, forgets) in [(Some(2), 2), (Some(-1), 2), (None, 0), (Some(0), 0)] {
        assert_eq!(new(url, "k", after, forgets), Err(E::Promises), "{after:?} {forgets}");
    }
    assert_eq!(new(url, "k", None, 1), Ok(()));
}

proptest! {
    #[test]
    fn no_answer_makes_a_parser_panic_or_ends_a_credit_by_accident(
        status in 100_u16..600,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "\\{\"request_id\":\"op_[12]\",\"top_up\":\"tu_1\",\"status\":\"(done|refused)\",\"grant\":(null|1|\\{\\})\\}"
                .prop_map(String::into_bytes),
        ],
    ) {
        let (net, request) = (network(), request());
        let answer = HttpAnswer { status, body: Bytes::from(body) };
        let outcome = net.parse_credit(&request, &answer);
        let unknown = matches!(outcome, CreditOutcome::Unknown { .. });
        prop_assert!(unknown, "{:?}", outcome);
        let _ = (net.parse_status(&request, &answer), net.is_well(&answer));
        let balance = net.parse_balance(request.msisdn(), &answer);
        let unknown = matches!(balance, BalanceOutcome::Unknown { .. });
        prop_assert!(unknown, "{:?}", balance);
    }
}
