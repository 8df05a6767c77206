//! PayPal's webhooks: the signature by the certificate that the simulator serves, `verify-webhook-signature`, and
//! the accounts whose webhooks misbehave.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use crate::outside::{config, until};
use crate::paypal_client::{Merchant, WEBHOOK_ID, judge};

const COMPLETED: &str = "PAYMENT.CAPTURE.COMPLETED";
const APPROVED: &str = "CHECKOUT.ORDER.APPROVED";

#[derive(Clone)]
struct Received {
    headers: HeaderMap,
    body: Bytes,
    event: Value,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

#[derive(Clone)]
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/paypal", listener.local_addr().unwrap());
        let receiver = Receiver { url, got: Arc::default() };
        let router = Router::new().route("/webhooks/paypal", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn all(&self) -> Vec<Received> {
        self.got.lock().unwrap().clone()
    }

    fn of(&self, kind: &str) -> Vec<Received> {
        self.all().into_iter().filter(|one| one.event["event_type"] == kind).collect()
    }

    async fn wait_for(&self, kind: &str, count: usize) -> Vec<Received> {
        until(&format!("{count} of {kind}"), || async {
            let found = self.of(kind);
            (found.len() >= count).then_some(found)
        })
        .await
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let event = serde_json::from_slice(&body).unwrap();
    receiver.got.lock().unwrap().push(Received { headers, body, event });
    StatusCode::OK
}

/// CRC-32 bit by bit (ISO 3309), other code than the sender's.
fn checksum(body: &[u8]) -> u32 {
    !body.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// The public key inside the certificate: the last bit string that holds an RSA key, found by its DER frame.
fn public_key(pem: &str) -> Vec<u8> {
    let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(inner).unwrap();
    // AlgorithmIdentifier rsaEncryption, then BIT STRING (RFC 3279, section 2.3.1).
    let rsa = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82];
    let at = der.windows(rsa.len()).position(|window| window == rsa).unwrap() + rsa.len();
    let length = usize::from(der[at]) * 256 + usize::from(der[at + 1]);
    der[at + 3..at + 2 + length].to_vec()
}

/// Whether the certificate at the address in the headers signed this transmission.
async fn signed(merchant: &Merchant, received: &Received, webhook_id: &str) -> bool {
    let certificate = merchant.outside.http.get(received.header("paypal-cert-url"));
    let pem = merchant.outside.send(certificate).await.unwrap().text;
    let message = format!(
        "{}|{}|{webhook_id}|{}",
        received.header("paypal-transmission-id"),
        received.header("paypal-transmission-time"),
        checksum(&received.body)
    );
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key(&pem)).unwrap();
    let signature = STANDARD.decode(received.header("paypal-transmission-sig")).unwrap();
    key.verify_sig(message.as_bytes(), &signature).is_ok()
}

/// What PayPal says of a transmission.
async fn verified(merchant: &Merchant, received: &Received, webhook_id: &str) -> String {
    let head = json!({
        "auth_algo": received.header("paypal-auth-algo"), "cert_url": received.header("paypal-cert-url"),
        "transmission_id": received.header("paypal-transmission-id"),
        "transmission_sig": received.header("paypal-transmission-sig"),
        "transmission_time": received.header("paypal-transmission-time"), "webhook_id": webhook_id,
    })
    .to_string();
    let event = std::str::from_utf8(&received.body).unwrap();
    let body = format!("{},\"webhook_event\":{event}}}", head.trim_end_matches('}'));
    let path = "/v1/notifications/verify-webhook-signature";
    let answer = merchant.raw(path, body.into()).await;
    judge(&Method::POST, path, &answer);
    answer.body["verification_status"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_payment_sends_events_that_the_served_certificate_signed() {
    let receiver = Receiver::start().await;
    let merchant = Merchant::told_at(&receiver.url).await;
    let (order, capture) = merchant.paid("pays").await;
    let approved = receiver.wait_for(APPROVED, 1).await.remove(0);
    assert_eq!(approved.event["resource"]["id"], order);
    let completed = receiver.wait_for(COMPLETED, 1).await.remove(0);
    assert_eq!(completed.event["resource"]["id"], capture["id"]);
    assert_eq!(completed.event["resource"]["supplementary_data"]["related_ids"]["order_id"], order);
    assert_eq!(completed.header("paypal-auth-algo"), "SHA256withRSA");
    assert!(signed(&merchant, &completed, WEBHOOK_ID).await);
    assert!(!signed(&merchant, &completed, "ANOTHER").await);
    assert_eq!(verified(&merchant, &completed, WEBHOOK_ID).await, "SUCCESS");
    assert_eq!(verified(&merchant, &completed, "ANOTHER").await, "FAILURE");
    let refund = format!("/v2/payments/captures/{}/refund", capture["id"].as_str().unwrap());
    merchant.post(&refund, "r", &json!({})).await;
    assert!(signed(&merchant, &receiver.wait_for("PAYMENT.CAPTURE.REFUNDED", 1).await[0], WEBHOOK_ID).await);

    let event = completed.event["id"].as_str().unwrap();
    let read = merchant.get(&format!("/v1/notifications/webhooks-events/{event}")).await;
    assert_eq!(read.body, completed.event);
    let list =
        format!("/v1/notifications/webhooks-events?transaction_id={}", capture["id"].as_str().unwrap());
    assert_eq!(merchant.get(&list).await.body["events"][0]["id"], event);
}

#[tokio::test]
async fn forgeries_come_besides_the_true_event_and_do_not_verify() {
    let receiver = Receiver::start().await;
    let merchant = Merchant::told_at(&receiver.url).await;
    let (_, capture) = merchant.paid("forged").await;
    let three = receiver.wait_for(COMPLETED, 3).await;
    let mut good = Vec::new();
    let mut foreign = Vec::new();
    for one in &three {
        if verified(&merchant, one, WEBHOOK_ID).await == "SUCCESS" {
            good.push(one);
        } else {
            assert_ne!(one.event["resource"]["amount"]["value"], capture["amount"]["value"]);
            // A receiver that takes any certificate would believe this one.
            if signed(&merchant, one, WEBHOOK_ID).await {
                foreign.push(one);
            }
        }
    }
    assert_eq!((good.len(), foreign.len()), (1, 1));
    assert_eq!(good[0].event["resource"]["amount"], capture["amount"]);
    let host = |one: &Received| one.header("paypal-cert-url").split('/').nth(2).unwrap().to_owned();
    assert_ne!(host(good[0]), host(foreign[0]));
}

#[tokio::test]
async fn five_copies_arrive_of_one_event_each_with_its_own_transmission() {
    let receiver = Receiver::start().await;
    let merchant = Merchant::told_at(&receiver.url).await;
    merchant.paid("five").await;
    let copies = receiver.wait_for(COMPLETED, 5).await;
    let mut transmissions: Vec<&str> =
        copies.iter().map(|one| one.header("paypal-transmission-id")).collect();
    transmissions.sort_unstable();
    transmissions.dedup();
    assert_eq!(transmissions.len(), 5);
    assert!(copies.iter().all(|one| one.event["id"] == copies[0].event["id"]));
}

#[tokio::test]
async fn the_completed_event_overtakes_the_older_ones() {
    let receiver = Receiver::start().await;
    let merchant = Merchant::told_at(&receiver.url).await;
    merchant.paid("reordered").await;
    receiver.wait_for(APPROVED, 1).await;
    receiver.wait_for("PAYMENT.CAPTURE.PENDING", 1).await;
    assert_eq!(receiver.all()[0].event["event_type"], COMPLETED);
}

#[tokio::test]
async fn a_late_event_comes_when_asked_for_and_a_pending_capture_tells_its_end() {
    let receiver = Receiver::start().await;
    let merchant = Merchant::start().await;
    let target = json!({ "url": receiver.url, "webhook_id": WEBHOOK_ID });
    assert_eq!(merchant.outside.control("paypal/webhook-target", target).await.status, 200);
    merchant.paid("late").await;
    let listed =
        merchant.get(&format!("/v1/notifications/webhooks-events?event_type={COMPLETED}")).await.body;
    assert!(receiver.of(COMPLETED).is_empty());
    let event = &listed["events"][0]["id"];
    let sent = merchant.outside.control("webhooks/deliver", json!({ "event": event })).await;
    assert_eq!(sent.body["sent"][0]["status"], 200);
    assert_eq!(receiver.of(COMPLETED).len(), 1);
    for (account, outcome, kind) in
        [("pending", "completed", COMPLETED), ("pending-denied", "failed", "PAYMENT.CAPTURE.DENIED")]
    {
        let (_, capture) = merchant.paid(account).await;
        let path = format!("paypal/captures/{}/settle", capture["id"].as_str().unwrap());
        merchant.outside.control(&path, json!({ "outcome": outcome })).await;
        until(kind, || async {
            receiver.of(kind).iter().any(|one| one.event["resource"]["id"] == capture["id"]).then_some(())
        })
        .await;
    }
    receiver.wait_for("PAYMENT.CAPTURE.PENDING", 2).await;
    let elsewhere = json!({ "url": "http://example.com/hook", "webhook_id": WEBHOOK_ID });
    assert_eq!(merchant.outside.control("paypal/webhook-target", elsewhere).await.status, 400);
}

#[tokio::test]
async fn the_certificate_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut names = Vec::new();
    for account in ["pays", "late"] {
        let kept = simulator::Config { data: Some(folder.path().to_owned()), ..config() };
        let merchant = Merchant::with(kept, Some(&receiver.url)).await;
        merchant.paid(account).await;
        let kind = if account == "pays" { COMPLETED } else { APPROVED };
        let last = receiver.wait_for(kind, names.len() + 1).await.pop().unwrap();
        let path = last.header("paypal-cert-url").rsplit('/').next().unwrap().to_owned();
        assert!(signed(&merchant, &last, WEBHOOK_ID).await);
        names.push(path);
        merchant.outside.running.stop().await;
    }
    assert_eq!(names[0], names[1]);
}

#[tokio::test]
async fn a_client_id_that_could_be_real_is_refused() {
    let real = simulator::PaypalAccount {
        client_id: "AeA1QIZXiflr1".to_owned(),
        ..simulator::PaypalAccount::default()
    };
    assert!(simulator::start_with_paypal(config(), real).await.is_err());
}
