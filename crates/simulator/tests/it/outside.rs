//! A simulator on free ports, a small HTTP client for it, and a receiver of webhooks.
//! Start reading at [`Outside::start`].

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use simulator::{Config, Running, WebhookTarget};

pub const KEY: &str = "sk_test_simulator";
pub const SECRET: &str = "whsec_test";

pub struct Outside {
    pub running: Running,
    pub http: reqwest::Client,
    pub base: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

pub fn config() -> Config {
    Config {
        http_listen: "127.0.0.1:0".parse().unwrap(),
        smpp_listen: "127.0.0.1:0".parse().unwrap(),
        data: None,
        public_base_url: None,
        api_key: KEY.to_owned(),
        webhook: None,
        smpp_system_id: "recarga".to_owned(),
        smpp_password: "secret".to_owned(),
    }
}

impl Outside {
    pub async fn start() -> Self {
        Self::with(config()).await
    }

    pub async fn with_webhooks(receiver: &Receiver) -> Self {
        let webhook = Some(WebhookTarget { url: receiver.url.clone(), secret: SECRET.to_owned() });
        Self::with(Config { webhook, ..config() }).await
    }

    pub async fn with(config: Config) -> Self {
        let running = simulator::start(config).await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = format!("http://{}", running.http_addr);
        Outside { running, http, base }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, headers, body, text })
    }

    pub fn api_post(&self, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.base))
            .bearer_auth(KEY)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(form).unwrap())
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.api_post(path, form)).await.unwrap()
    }

    pub async fn post_with_key(&self, path: &str, key: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.api_post(path, form).header("idempotency-key", key)).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.base)).bearer_auth(KEY)).await.unwrap()
    }

    pub async fn control(&self, path: &str, body: Value) -> Answer {
        let request = self
            .http
            .post(format!("{}/control/{path}", self.base))
            .header("content-type", "application/json")
            .body(body.to_string());
        self.send(request).await.unwrap()
    }

    pub async fn fault(&self, on: &str, what: &str, times: u32) {
        let answer = self.control("faults", json!({ "on": on, "do": what, "times": times })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub async fn session(&self) -> Value {
        let answer = self.post("/v1/checkout/sessions", &SESSION).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    pub async fn pay(&self, session: &Value, card: &str) -> Value {
        let path = format!("sessions/{}/pay", session["id"].as_str().unwrap());
        let answer = self.control(&path, json!({ "card": card })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// A new session paid with a card, and its PaymentIntent's id.
    pub async fn paid(&self, card: &str) -> (Value, String) {
        let session = self.session().await;
        let paid = self.pay(&session, card).await;
        (session, paid["payment_intent"].as_str().unwrap_or_default().to_owned())
    }

    pub async fn fresh(&self, session: &Value) -> Value {
        self.get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap())).await.body
    }
}

pub const SESSION: [(&str, &str); 10] = [
    ("mode", "payment"),
    ("success_url", "http://localhost:8080/return?session={CHECKOUT_SESSION_ID}"),
    ("cancel_url", "http://localhost:8080/cancelled"),
    ("line_items[0][price_data][currency]", "gbp"),
    ("line_items[0][price_data][unit_amount]", "1000"),
    ("line_items[0][price_data][product_data][name]", "Top-up"),
    ("line_items[0][quantity]", "1"),
    ("metadata[order]", "tu_1"),
    ("payment_intent_data[metadata][order]", "tu_1"),
    ("locale", "en"),
];

/// Polls until the condition gives something; fails after ten seconds.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[derive(Clone)]
pub struct Received {
    pub signature: String,
    pub body: String,
    pub event: Value,
}

impl Received {
    pub fn kind(&self) -> &str {
        self.event["type"].as_str().unwrap()
    }
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    got: Arc<Mutex<Vec<Received>>>,
    refusals: Arc<Mutex<u32>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/stripe", listener.local_addr().unwrap());
        let receiver = Receiver { url, got: Arc::default(), refusals: Arc::default() };
        let router = Router::new().route("/webhooks/stripe", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    /// The next so many deliveries are answered with 500.
    pub fn refuse(&self, times: u32) {
        *self.refusals.lock().unwrap() = times;
    }

    pub fn all(&self) -> Vec<Received> {
        self.got.lock().unwrap().clone()
    }

    pub fn of(&self, kind: &str) -> Vec<Received> {
        self.all().into_iter().filter(|received| received.kind() == kind).collect()
    }

    pub async fn wait_for(&self, kind: &str, count: usize) -> Vec<Received> {
        until(&format!("{count} of {kind}"), || async {
            let found = self.of(kind);
            (found.len() >= count).then_some(found)
        })
        .await
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    let event = serde_json::from_str(&body).unwrap();
    receiver.got.lock().unwrap().push(Received { signature, body, event });
    let mut refusals = receiver.refusals.lock().unwrap();
    if *refusals > 0 {
        *refusals -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::OK
}

/// Whether one of the `v1` values is the HMAC of stamp and body, checked by other code than the sender's.
pub fn signed_by(received: &Received, secret: &str) -> bool {
    use aws_lc_rs::hmac;
    let mut stamp = "";
    let mut values = Vec::new();
    for part in received.signature.split(',') {
        match part.split_once('=').unwrap() {
            ("t", value) => stamp = value,
            ("v1", value) => values.push(hex::decode(value).unwrap()),
            other => panic!("{other:?}"),
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    signing.update(stamp.as_bytes());
    signing.update(b".");
    signing.update(received.body.as_bytes());
    let expected = signing.sign();
    values.iter().any(|value| value == expected.as_ref())
}
