//! Signatures by a certificate made for the test, under a root made for the test, and PayPal's own word.

use super::*;
use crate::payment::paypal::certificate::SIGNER_NAMES;
use crate::payment::paypal::config::{DEFAULT_CERT_HOSTS, SANDBOX_BASE_URL};
use crate::secret::Secret;
use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SigningKey};
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Ten seconds after [`TIME`].
const NOW: UnixMs = UnixMs(1_763_830_010_000);
const TIME: &str = "2025-11-22T16:46:40Z";
const CERT_URL: &str =
    "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-df8cd2d5";

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// The keys of a little world: making them takes a while.
struct Keys {
    root: Issuer,
    other_root: Issuer,
    signer: KeyPair,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let root = || {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    Keys { root: root(), other_root: root(), signer: KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap() }
});

fn config_at(base_url: &str, hosts: &[&str]) -> PayPalConfig {
    let hosts = hosts.iter().map(|h| (*h).to_owned()).collect();
    let mut config = PayPalConfig::new(base_url, "client", Secret::new("s"), "WH1", hosts).unwrap();
    let root: &'static CertificateDer<'static> = Box::leak(Box::new(KEYS.root.der().clone()));
    config.anchors = Box::leak(Box::new([webpki::anchor_from_trusted_cert(root).unwrap()]));
    config
}

fn config() -> PayPalConfig {
    config_at(SANDBOX_BASE_URL, DEFAULT_CERT_HOSTS)
}

/// The signer's certificate for `name`, made by `issuer`, as PayPal would serve it.
fn certificate(name: &str, issuer: &Issuer) -> String {
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.signed_by(&KEYS.signer, issuer).unwrap().pem()
}

fn genuine() -> String {
    certificate(SIGNER_NAMES[1], &KEYS.root)
}

fn event(resource_type: &str, resource: Value) -> String {
    json!({"id": "WH-58D329510W468432D-8HN650336L201105X", "event_version": "1.0",
        "create_time": "2025-11-22T16:46:39.000Z", "resource_type": resource_type,
        "event_type": "CHECKOUT.ORDER.APPROVED", "summary": "An order has been approved by buyer",
        "resource": resource, "links": [], "resource_version": "2.0"})
    .to_string()
}

fn approved() -> String {
    event(
        "checkout-order",
        json!({"id": "5O190127TN364715T", "status": "APPROVED", "intent": "CAPTURE",
        "purchase_units": [{"reference_id": "default", "invoice_id": "att_1", "custom_id": "tu_1"}]}),
    )
}

fn signature(raw: &str) -> String {
    let text = signed_text("69cd13f0-d67a-11e5-baa3-778b53f4ae55", TIME, "WH1", raw.as_bytes());
    STANDARD.encode(KEYS.signer.sign(text.as_bytes()).unwrap())
}

fn headers(raw: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("paypal-transmission-id", "69cd13f0-d67a-11e5-baa3-778b53f4ae55"),
        ("paypal-transmission-time", TIME),
        ("paypal-transmission-sig", &signature(raw)),
        ("paypal-cert-url", CERT_URL),
        ("paypal-auth-algo", "SHA256withRSA"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn step(config: &PayPalConfig, headers: &HeaderMap, raw: &str, learnt: Learnt<'_>) -> WebhookStep {
    judge(config, &Webhook { headers, raw: raw.as_bytes() }, learnt, NOW)
}

fn with_document(raw: &str, document: &str) -> WebhookStep {
    step(&config(), &headers(raw), raw, Learnt::Document(Ok(document.as_bytes())))
}

fn forged_because(step: &WebhookStep, expected: &str) {
    assert!(
        matches!(step, WebhookStep::Judged(WebhookVerdict::Forged { why }) if why == expected),
        "{expected}: {step:?}"
    );
}

fn asked(step: &WebhookStep) -> Value {
    match step {
        WebhookStep::Ask(call) => {
            assert_eq!(call.path, "/v1/notifications/verify-webhook-signature");
            serde_json::from_str(&call.body).unwrap()
        }
        other => panic!("PayPal is not asked: {other:?}"),
    }
}

#[test]
fn a_signature_by_paypals_certificate_is_believed() {
    let raw = approved();
    assert_eq!(
        step(&config(), &headers(&raw), &raw, Learnt::Nothing),
        WebhookStep::Fetch(CERT_URL.to_owned())
    );
    let WebhookStep::Judged(WebhookVerdict::Genuine { event_id, kind, live, account, objects }) =
        with_document(&raw, &genuine())
    else {
        panic!("not believed");
    };
    assert_eq!(event_id, "WH-58D329510W468432D-8HN650336L201105X");
    assert_eq!((kind.as_str(), live, account), ("CHECKOUT.ORDER.APPROVED", false, None));
    let page = ObjectRef::Page { page_ref: "5O190127TN364715T".into(), attempt: Some("att_1".into()) };
    assert_eq!(objects, [page]);
}

#[test]
fn one_other_byte_or_another_webhook_id_is_forged() {
    let raw = approved();
    let document = Learnt::Document(Ok(genuine().into_bytes().leak()));
    let signed = headers(&raw);
    for altered in [raw.replace("5O19", "5O18"), format!("{raw} ")] {
        forged_because(&step(&config(), &signed, &altered, document), "the signature does not fit");
    }
    let mut elsewhere = config();
    elsewhere.webhook_id = "WH2".to_owned();
    forged_because(&step(&elsewhere, &signed, &raw, document), "the signature does not fit");
}

#[test]
fn headers_that_cannot_be_right_are_forged_before_anything_is_fetched() {
    let raw = approved();
    for (name, value, why) in [
        ("paypal-transmission-id", "", "a signature header is missing"),
        ("paypal-transmission-sig", "", "a signature header is missing"),
        ("paypal-auth-algo", "SHA1withRSA", "an algorithm that PayPal does not use"),
        ("paypal-cert-url", "https://evil.example/CERT-1", "the certificate's address is not allowed"),
        (
            "paypal-cert-url",
            "http://api.sandbox.paypal.com/CERT-1",
            "the certificate's address is not allowed",
        ),
        ("paypal-transmission-time", "yesterday", "the stamp is not a time"),
        ("paypal-transmission-time", "2025-11-18T16:46:40Z", "the stamp is too old"),
        ("paypal-transmission-time", "2025-11-22T16:52:11Z", "the stamp is in the future"),
    ] {
        let mut headers = headers(&raw);
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        forged_because(&step(&config(), &headers, &raw, Learnt::Nothing), why);
    }
    let mut headers = headers(&raw);
    headers.insert(HeaderName::from_static("paypal-transmission-sig"), HeaderValue::from_static("%%%"));
    let document = genuine();
    forged_because(
        &step(&config(), &headers, &raw, Learnt::Document(Ok(document.as_bytes()))),
        "the signature is not base64",
    );
}

#[test]
fn a_certificate_that_nobody_vouches_for_leaves_the_word_to_paypal() {
    let raw = approved();
    let own = CertificateParams::new(vec![SIGNER_NAMES[1].to_owned()]).unwrap();
    for document in [
        certificate(SIGNER_NAMES[1], &KEYS.other_root),
        certificate("evil.example", &KEYS.root),
        own.self_signed(&KEYS.signer).unwrap().pem(),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
        "<html>".to_owned(),
        String::new(),
    ] {
        let question = asked(&with_document(&raw, &document));
        assert_eq!(question["webhook_id"], "WH1");
        assert_eq!(question["transmission_sig"], Value::from(signature(&raw)));
        assert_eq!(question["cert_url"], CERT_URL);
    }
    let unreachable = step(&config(), &headers(&raw), &raw, Learnt::Document(Err("timed out")));
    asked(&unreachable);
    let WebhookStep::Ask(call) = unreachable else { panic!("PayPal is not asked") };
    assert!(call.body.contains(&raw), "the event goes back byte for byte");
}

#[test]
fn paypals_own_word_decides_and_silence_decides_nothing() {
    let raw = approved();
    let answer = |status: u16, body: &str| HttpAnswer { status, body: Bytes::from(body.to_owned()) };
    let judged = |learnt: Learnt<'_>| match step(&config(), &headers(&raw), &raw, learnt) {
        WebhookStep::Judged(verdict) => verdict,
        other => panic!("{other:?}"),
    };
    let success = answer(200, r#"{"verification_status":"SUCCESS"}"#);
    assert!(matches!(judged(Learnt::Answer(Ok(&success))), WebhookVerdict::Genuine { .. }));
    let failure = answer(200, r#"{"verification_status":"FAILURE"}"#);
    assert!(matches!(judged(Learnt::Answer(Ok(&failure))), WebhookVerdict::Forged { .. }));
    for answer in [answer(200, r#"{"verification_status":"MAYBE"}"#), answer(200, ""), answer(503, "")] {
        assert!(
            matches!(judged(Learnt::Answer(Ok(&answer))), WebhookVerdict::Undecided { .. }),
            "{answer:?}"
        );
    }
    assert!(matches!(judged(Learnt::Answer(Err("timed out"))), WebhookVerdict::Undecided { .. }));
}

#[test]
fn a_simulator_on_this_machine_signs_with_whatever_it_serves() {
    let own = CertificateParams::new(vec!["simulator".to_owned()]).unwrap();
    let document = own.self_signed(&KEYS.signer).unwrap().pem();
    let raw = approved();
    let mut headers = headers(&raw);
    let url = HeaderValue::from_static("http://127.0.0.1:4020/certs/1");
    headers.insert(HeaderName::from_static("paypal-cert-url"), url);
    let here = config_at("http://127.0.0.1:4020", &["127.0.0.1"]);
    let learnt = Learnt::Document(Ok(document.as_bytes()));
    let step = step(&here, &headers, &raw, learnt);
    assert!(matches!(step, WebhookStep::Judged(WebhookVerdict::Genuine { .. })), "{step:?}");
}

/// Shapes from PayPal's list of event names and their published samples.
#[test]
fn every_event_names_what_to_fetch() {
    let page = |attempt: Option<&str>| ObjectRef::Page {
        page_ref: "5O1".to_owned(),
        attempt: attempt.map(str::to_owned),
    };
    let order = json!({"related_ids": {"order_id": "5O1"}});
    let money = |id: &str| ObjectRef::Money { money_ref: id.to_owned(), attempt: Some("att_1".to_owned()) };
    let refund = ObjectRef::Refund { refund_ref: "1JU".into(), refund: Some("rf_1".into()) };
    for (kind, resource, expected) in [
        (
            "capture",
            json!({"id": "3C6", "invoice_id": "att_1", "supplementary_data": order}),
            vec![page(Some("att_1"))],
        ),
        ("capture", json!({"id": "3C6", "invoice_id": "att_1"}), vec![money("3C6")]),
        ("refund", json!({"id": "1JU", "invoice_id": "rf_1"}), vec![refund.clone()]),
        (
            "refund",
            json!({"id": "1JU", "invoice_id": "rf_1", "links": [
                {"rel": "self", "href": "https://api-m.paypal.com/v2/payments/refunds/1JU"},
                {"rel": "up", "href": "https://api-m.paypal.com/v2/payments/captures/3C6"}]}),
            vec![refund, ObjectRef::Money { money_ref: "3C6".into(), attempt: None }],
        ),
        ("payment-approval", json!({"order_id": "5O1"}), vec![page(None)]),
        (
            "dispute",
            json!({"dispute_id": "PP-D-1", "disputed_transactions": [
                {"seller_transaction_id": "3C6", "invoice_number": "att_1"}, {"buyer_transaction_id": "x"}]}),
            vec![money("3C6")],
        ),
        ("plan", json!({"id": "P-1"}), vec![]),
        ("checkout-order", json!({}), vec![]),
    ] {
        let raw = event(kind, resource);
        match with_document(&raw, &genuine()) {
            WebhookStep::Judged(WebhookVerdict::Genuine { objects, .. }) => {
                assert_eq!(objects, expected, "{kind}")
            }
            other => panic!("{kind}: {other:?}"),
        }
    }
}

/// CRC-32 as ISO 3309 defines it, bit by bit, to hold against the crate that is used.
fn crc32_by_hand(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// `printf '{}' | python3 -c 'import sys,zlib; print(zlib.crc32(sys.stdin.buffer.read()))'`
#[test]
fn the_signed_text_holds_the_checksum_in_decimal() {
    assert_eq!(signed_text("id", TIME, "WH1", b"{}"), "id|2025-11-22T16:46:40Z|WH1|2745614147");
    assert_eq!(signed_text("id", TIME, "WH1", b""), "id|2025-11-22T16:46:40Z|WH1|0");
}

proptest! {
    #[test]
    fn the_signed_text_is_the_four_parts_whatever_the_body(raw in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = signed_text("a-b", TIME, "WH1", &raw);
        let parts: Vec<&str> = text.split('|').collect();
        prop_assert_eq!(&parts[..3], &["a-b", TIME, "WH1"]);
        prop_assert_eq!(parts[3].parse::<u32>().ok(), Some(crc32_by_hand(&raw)));
        prop_assert_eq!(parts.len(), 4);
    }

    /// A change within 32 bits in a row never goes unseen by the checksum.
    #[test]
    fn any_single_other_byte_makes_another_text(
        raw in prop::collection::vec(any::<u8>(), 1..100), at in any::<prop::sample::Index>(), flip in 1_u8..=255,
    ) {
        let mut altered = raw.clone();
        altered[at.index(raw.len())] ^= flip;
        prop_assert_ne!(signed_text("a", TIME, "W", &raw), signed_text("a", TIME, "W", &altered));
    }

    #[test]
    fn no_webhook_makes_the_check_panic_or_is_believed(
        raw in prop::collection::vec(any::<u8>(), 0..200),
        document in prop::collection::vec(any::<u8>(), 0..200),
        time in prop_oneof![Just(TIME.to_owned()), ".{0,40}"],
        now in prop_oneof![Just(NOW.0), any::<i64>()],
    ) {
        let mut headers = headers("");
        if let Ok(time) = HeaderValue::from_str(&time) {
            headers.insert(HeaderName::from_static("paypal-transmission-time"), time);
        }
        let webhook = Webhook { headers: &headers, raw: &raw };
        for learnt in [Learnt::Nothing, Learnt::Document(Ok(&document)), Learnt::Document(Err("x"))] {
            let step = judge(&config(), &webhook, learnt, UnixMs(now));
            let believed = matches!(step, WebhookStep::Judged(WebhookVerdict::Genuine { .. }));
            prop_assert!(!believed);
        }
    }
}
