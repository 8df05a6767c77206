//! The gateway with PayPal's connector against a listener that is run by hand: access tokens, and the proof
//! behind a webhook.

use bytes::Bytes;
use domain::id::OperationId;
use domain::payment::Finding;
use domain::time::UnixMs;
use gateways::Secret;
use gateways::payment::http::Timeouts;
use gateways::payment::paypal::{PayPal, PayPalConfig};
use gateways::payment::{CallOutcome, PaymentGateway, Webhook, WebhookVerdict};
use http::{HeaderMap, HeaderName, HeaderValue};
use rcgen::{CertificateParams, KeyPair, SigningKey};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came: its first line, the whole head, and the body.
#[derive(Clone, Debug)]
struct Request {
    line: String,
    head: String,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.to_ascii_lowercase().starts_with(&format!("{name}: "));
        self.head.lines().find(named).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    }
}

async fn read_request(stream: &mut TcpStream) -> Request {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    let head = String::from_utf8(head).expect("an ASCII head");
    let line = head.lines().next().expect("a first line").to_owned();
    let mut request = Request { line, head, body: String::new() };
    let length = request.header("content-length").map_or(0, |l| l.parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("the whole body");
    request.body = String::from_utf8(body).expect("text");
    request
}

/// PayPal as a test wants it: answers by `reply`, and remembers what was asked.
struct Party {
    url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Party {
    async fn new(reply: impl Fn(&Request, usize) -> (u16, String) + Send + 'static) -> Party {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let request = read_request(&mut stream).await;
                let same = |r: &&Request| r.line == request.line;
                let before = seen.lock().expect("no poison").iter().filter(same).count();
                let (status, body) = reply(&request, before);
                seen.lock().expect("no poison").push(request);
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                // A client that has given up is no trouble of the server's.
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            }
        });
        Party { url, asked }
    }

    fn gateway(&self) -> PaymentGateway {
        let hosts = vec!["127.0.0.1".to_owned()];
        let config = PayPalConfig::new(&self.url, "client", Secret::new("secret"), "WH1", hosts);
        let paypal = PayPal::new(config.expect("good settings"));
        PaymentGateway::new(Arc::new(paypal), Timeouts::default()).expect("a gateway")
    }

    fn asked(&self, line: &str) -> Vec<Request> {
        let asked = self.asked.lock().expect("no poison");
        asked.iter().filter(|r| r.line.starts_with(line)).cloned().collect()
    }
}

const SIGN_IN: &str = "POST /v1/oauth2/token";
const CAPTURE: &str = "POST /v2/checkout/orders/5O1/capture";

fn token(number: usize) -> (u16, String) {
    (200, format!(r#"{{"access_token":"t{number}","token_type":"Bearer","expires_in":32400}}"#))
}

fn captured() -> (u16, String) {
    let capture = r#"{"id":"3C6","status":"COMPLETED","amount":{"currency_code":"GBP","value":"10.00"}}"#;
    let units = format!(r#"[{{"payments":{{"captures":[{capture}]}}}}]"#);
    (201, format!(r#"{{"id":"5O1","status":"COMPLETED","purchase_units":{units}}}"#))
}

#[tokio::test]
async fn one_sign_in_serves_many_calls() {
    let party = Party::new(|request, before| match request.line.starts_with(SIGN_IN) {
        true => token(before),
        false => captured(),
    })
    .await;
    let gateway = party.gateway();
    let (first, second) = tokio::join!(gateway.fetch_page("5O1"), gateway.fetch_page("5O1"));
    assert!(matches!(first.finding, Finding::Captured { .. }), "{first:?}");
    assert_eq!(first, second);
    assert_eq!(party.asked(SIGN_IN).len(), 1);
    for call in party.asked("GET") {
        assert_eq!(call.header("authorization"), Some("Bearer t0"));
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_call_keeps_its_key() {
    let party = Party::new(|request, before| {
        if request.line.starts_with(SIGN_IN) {
            return token(before);
        }
        match request.header("authorization") {
            Some("Bearer t1") => captured(),
            _ => (401, r#"{"error":"invalid_token"}"#.to_owned()),
        }
    })
    .await;
    let outcome = party.gateway().capture_page(&OperationId::stored("op_1"), "5O1").await;
    assert!(matches!(outcome, CallOutcome::Accepted(_)), "{outcome:?}");
    let calls = party.asked(CAPTURE);
    let keys: Vec<_> = calls.iter().map(|c| c.header("paypal-request-id")).collect();
    assert_eq!(keys, [Some("op_1"), Some("op_1")]);
    assert_eq!(party.asked(SIGN_IN).len(), 2);
}

#[tokio::test]
async fn who_is_never_let_in_learns_nothing_and_stops_after_two_tries() {
    let party = Party::new(|request, before| match request.line.starts_with(SIGN_IN) {
        true => token(before),
        false => (401, String::new()),
    })
    .await;
    let outcome = party.gateway().capture_page(&OperationId::stored("op_1"), "5O1").await;
    assert!(matches!(outcome, CallOutcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(party.asked(CAPTURE).len(), 2);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let party = Party::new(|_, _| (503, String::new())).await;
    match party.gateway().capture_page(&OperationId::stored("op_1"), "5O1").await {
        CallOutcome::Unknown { why } => assert_eq!(why, "not sent, no access token: status 503"),
        other => panic!("{other:?}"),
    }
    assert!(party.asked(CAPTURE).is_empty());
}

#[tokio::test]
async fn a_capture_that_fails_inside_paypal_is_unknown() {
    let party = Party::new(|request, before| match request.line.starts_with(SIGN_IN) {
        true => token(before),
        false => (500, r#"{"name":"INTERNAL_SERVER_ERROR"}"#.to_owned()),
    })
    .await;
    let outcome = party.gateway().capture_page(&OperationId::stored("op_1"), "5O1").await;
    assert_eq!(outcome, CallOutcome::Unknown { why: "status 500".into() });
    assert_eq!(party.asked(CAPTURE).len(), 1, "the caller decides about another try");
}

const TIME: &str = "2025-11-22T16:46:40Z";
const NOW: UnixMs = UnixMs(1_763_830_010_000);
const BODY: &str = r#"{"id":"WH-1","event_type":"CHECKOUT.ORDER.APPROVED","resource_type":"checkout-order","resource":{"id":"5O1"}}"#;

/// A webhook's headers, signed by `signer`; the checksum is that of [`BODY`].
fn signed(party: &Party, signer: &KeyPair) -> HeaderMap {
    let checksum = checksum_of_body();
    let signature = signer.sign(format!("tx-1|{TIME}|WH1|{checksum}").as_bytes()).expect("a signature");
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("paypal-transmission-id", "tx-1".to_owned()),
        ("paypal-transmission-time", TIME.to_owned()),
        ("paypal-transmission-sig", base64(&signature)),
        ("paypal-cert-url", format!("{}/v1/notifications/certs/CERT-1", party.url)),
        ("paypal-auth-algo", "SHA256withRSA".to_owned()),
    ] {
        let value = HeaderValue::from_str(&value).expect("a header's text");
        headers.insert(HeaderName::from_static(name), value);
    }
    headers
}

/// CRC-32 (ISO 3309), bit by bit.
fn checksum_of_body() -> u32 {
    !BODY.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn signer() -> (KeyPair, String) {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
    let params = CertificateParams::new(vec!["simulator".to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("a certificate");
    (key, certificate.pem())
}

#[tokio::test]
async fn the_certificate_behind_webhooks_is_read_once() {
    let (key, pem) = signer();
    let party = Party::new(move |_, _| (200, pem.clone())).await;
    let (gateway, headers) = (party.gateway(), signed(&party, &key));
    let raw = Bytes::from_static(BODY.as_bytes());
    for _ in 0..2 {
        let verdict = gateway.verify_webhook(&Webhook { headers: &headers, raw: &raw }, NOW).await;
        assert!(matches!(verdict, WebhookVerdict::Genuine { .. }), "{verdict:?}");
    }
    let read = party.asked("GET");
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].header("authorization"), None, "our keys do not go to an address from outside");
    assert!(party.asked("POST").is_empty());
}

#[tokio::test]
async fn without_the_certificate_paypal_is_asked_and_its_silence_decides_nothing() {
    const QUESTION: &str = "POST /v1/notifications/verify-webhook-signature";
    let party = Party::new(|request, before| match (request.line.starts_with(SIGN_IN), before) {
        (true, _) => token(before),
        (false, _) if !request.line.starts_with(QUESTION) => (404, String::new()),
        (false, 0) => (500, String::new()),
        (false, _) => (200, r#"{"verification_status":"SUCCESS"}"#.to_owned()),
    })
    .await;
    let (key, _) = signer();
    let (gateway, headers) = (party.gateway(), signed(&party, &key));
    let webhook = Webhook { headers: &headers, raw: BODY.as_bytes() };
    let verdict = gateway.verify_webhook(&webhook, NOW).await;
    assert!(matches!(verdict, WebhookVerdict::Undecided { .. }), "{verdict:?}");
    let verdict = gateway.verify_webhook(&webhook, NOW).await;
    assert!(matches!(verdict, WebhookVerdict::Genuine { .. }), "{verdict:?}");
    let questions = party.asked(QUESTION);
    assert_eq!(questions.len(), 2);
    assert_eq!(questions[0].header("authorization"), Some("Bearer t0"));
    assert!(questions[0].body.ends_with(&format!(r#""webhook_event":{BODY}}}"#)), "{}", questions[0].body);
}
