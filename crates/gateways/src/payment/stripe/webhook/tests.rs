//! Signature vectors and the three verdicts.

use super::*;
use serde_json::{Value, json};

const NOW: UnixMs = UnixMs(1_763_830_000_000);
const STAMP: i64 = 1_763_830_000;

fn config() -> StripeConfig {
    let secrets = vec![Secret::new("whsec_old"), Secret::new("whsec_new")];
    let key = Secret::new("sk_test_1");
    StripeConfig::new("http://localhost:4010", key, secrets, Some("acct_ours".into())).unwrap()
}

fn event(object: Value) -> String {
    json!({"id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": false,
           "created": STAMP, "api_version": "2025-09-30.clover", "data": {"object": object}})
    .to_string()
}

fn sign(secret: &str, stamp: i64, raw: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, format!("{stamp}.{raw}").as_bytes()))
}

fn verdict(raw: &str, header: &str) -> WebhookVerdict {
    verify(&config(), raw.as_bytes(), header, NOW)
}

fn forged_because(verdict: &WebhookVerdict, expected: &str) {
    assert!(matches!(verdict, WebhookVerdict::Forged { why } if why == expected), "{verdict:?}");
}

/// Made with `printf '1763830000.{}' | openssl dgst -sha256 -hmac whsec_old`.
#[test]
fn a_signature_made_by_another_tool_fits() {
    let tag = "76a62d05d22b577ff36189490db68675c37653df849f430b0f7e825a3050ecb5";
    assert_eq!(sign("whsec_old", STAMP, "{}"), tag);
    // The signature fits, so the verdict is about the content.
    forged_because(
        &verdict("{}", &format!("t={STAMP},v1={tag}")),
        "signed, but not an event that we can read",
    );
}

#[test]
fn old_and_new_secret_are_believed_while_one_is_rotated() {
    let raw = event(json!({"id": "cs_1", "object": "checkout.session", "metadata": {"attempt": "att_1"}}));
    for header in [
        format!("t={STAMP},v1={}", sign("whsec_old", STAMP, &raw)),
        format!("t={STAMP},v1={}", sign("whsec_new", STAMP, &raw)),
        format!("t={STAMP},v1={},v1={}", "00".repeat(32), sign("whsec_new", STAMP, &raw)),
        format!("t={STAMP}, v1={},v0=ignored", sign("whsec_new", STAMP, &raw)),
    ] {
        let WebhookVerdict::Genuine { event_id, kind, live, account, objects } = verdict(&raw, &header)
        else {
            panic!("not believed: {header}");
        };
        assert_eq!((event_id.as_str(), kind.as_str()), ("evt_1", "checkout.session.completed"));
        assert_eq!((live, account), (false, None));
        let page = ObjectRef::Page { page_ref: "cs_1".into(), attempt: Some("att_1".into()) };
        assert_eq!(objects, [page]);
    }
}

#[test]
fn an_altered_byte_another_secret_or_another_scheme_is_forged() {
    let raw = event(json!({"id": "cs_1", "object": "checkout.session"}));
    let good = sign("whsec_new", STAMP, &raw);
    for (body, header) in [
        (raw.replace("cs_1", "cs_2"), format!("t={STAMP},v1={good}")),
        (raw.clone(), format!("t={},v1={good}", STAMP + 1)),
        (raw.clone(), format!("t={STAMP},v1={}", sign("whsec_other", STAMP, &raw))),
        (raw.clone(), format!("t={STAMP},v0={good}")),
        (raw.clone(), format!("t={STAMP},v1={}", &good[..62])),
        (raw.clone(), format!("t={STAMP},v1=")),
        (raw.clone(), format!("t={STAMP}")),
    ] {
        forged_because(&verdict(&body, &header), "no signature fits");
    }
    for header in ["", "t", "v1=00", &good] {
        forged_because(&verdict(&raw, header), "the signature header cannot be read");
    }
}

#[test]
fn stamps_are_believed_up_to_five_minutes_either_way() {
    let raw = event(json!({"id": "cs_1", "object": "checkout.session"}));
    let at = |stamp: i64| verdict(&raw, &format!("t={stamp},v1={}", sign("whsec_new", stamp, &raw)));
    for offset in [-300, 0, 300] {
        assert!(matches!(at(STAMP + offset), WebhookVerdict::Genuine { .. }), "{offset}");
    }
    forged_because(&at(STAMP - 301), "the stamp is too old");
    forged_because(&at(STAMP + 301), "the stamp is in the future");
    forged_because(&at(i64::MAX), "the stamp is not a time");
}

#[test]
fn events_of_the_other_mode_or_account_are_not_for_us() {
    let mut live: Value = serde_json::from_str(&event(json!({"object": "refund"}))).unwrap();
    let mut other = live.clone();
    let mut ours = live.clone();
    live["livemode"] = json!(true);
    other["account"] = json!("acct_other");
    ours["account"] = json!("acct_ours");
    for (event, for_us) in [(live, false), (other, false), (ours, true)] {
        let raw = event.to_string();
        let verdict = verdict(&raw, &format!("t={STAMP},v1={}", sign("whsec_new", STAMP, &raw)));
        assert_eq!(matches!(verdict, WebhookVerdict::NotForUs { .. }), !for_us, "{verdict:?}");
        assert_eq!(matches!(verdict, WebhookVerdict::Genuine { .. }), for_us, "{verdict:?}");
    }
}

#[test]
fn each_kind_of_object_says_what_to_fetch() {
    let money = |attempt: Option<&str>| ObjectRef::Money {
        money_ref: "pi_1".into(),
        attempt: attempt.map(str::to_owned),
    };
    for (object, expected) in [
        (
            json!({"id": "pi_1", "object": "payment_intent", "metadata": {"attempt": "att_1"}}),
            vec![money(Some("att_1"))],
        ),
        (
            json!({"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": {}}),
            vec![money(None)],
        ),
        (json!({"id": "dp_1", "object": "dispute", "payment_intent": "pi_1"}), vec![money(None)]),
        (
            json!({"id": "re_1", "object": "refund", "payment_intent": "pi_1", "metadata": {"refund": "rf_1"}}),
            vec![ObjectRef::Refund { refund_ref: "re_1".into(), refund: Some("rf_1".into()) }],
        ),
        (json!({"id": "ch_2", "object": "charge", "payment_intent": null}), vec![]),
        (json!({"id": "cus_1", "object": "customer"}), vec![]),
        (json!({"object": "balance"}), vec![]),
    ] {
        let raw = event(object);
        let header = format!("t={STAMP},v1={}", sign("whsec_new", STAMP, &raw));
        let WebhookVerdict::Genuine { objects, .. } = verdict(&raw, &header) else { panic!("{raw}") };
        assert_eq!(objects, expected, "{raw}");
    }
}
