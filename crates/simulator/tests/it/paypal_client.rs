//! A merchant's client for PayPal's slice, and the payer beside it. Every answer is held against PayPal's published
//! documents (tests/specs). Start reading at [`Merchant::start`].

use std::sync::LazyLock;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};
use simulator::{Config, PaypalAccount, PaypalWebhook};

use crate::outside::{Answer, Outside, config};

pub const CLIENT: (&str, &str) = ("simulator-client", "simulator-secret");
pub const WEBHOOK_ID: &str = "8PT597110X687430LKGECATA";
pub const RETURN_URL: &str = "http://localhost:8080/return?order=tu_1";

pub struct Merchant {
    pub outside: Outside,
    token: String,
}

/// The schema of one answer: method, path with `{...}`, status, validator.
type Judged = (Method, String, String, Validator);

static DOCUMENTS: LazyLock<Vec<Judged>> = LazyLock::new(|| {
    [
        include_str!("../specs/paypal-checkout_orders_v2.json"),
        include_str!("../specs/paypal-payments_payment_v2.json"),
        include_str!("../specs/paypal-notifications_webhooks_v1.json"),
    ]
    .iter()
    .flat_map(|text| answers(&serde_json::from_str(text).unwrap()))
    .collect()
});

fn answers(document: &Value) -> Vec<Judged> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let schema = json!({ "allOf": [answer["schema"]], "components": document["components"] });
                let validator = jsonschema::draft4::new(&schema).unwrap();
                found.push((method.clone(), path.clone(), status.clone(), validator));
            }
        }
    }
    found
}

fn fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (wanted, given): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted.iter().zip(given).all(|(want, have)| want.starts_with('{') || *want == have)
}

/// Holds one answer against the documents: what they say of this status, else of any refusal.
pub fn judge(method: &Method, path: &str, answer: &Answer) {
    let status = answer.status.to_string();
    let of = |status: &str| {
        DOCUMENTS.iter().find(|(m, pattern, s, _)| m == method && fits(pattern, path) && s == status)
    };
    let Some((.., validator)) = of(&status).or_else(|| of("default")) else { return };
    let errors: Vec<String> = validator
        .iter_errors(&answer.body)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{method} {path} {status}: {}\n{}", answer.text, errors.join("\n"));
}

impl Merchant {
    pub async fn start() -> Self {
        Self::with(config(), None).await
    }

    /// With events that go there.
    pub async fn told_at(url: &str) -> Self {
        Self::with(config(), Some(url)).await
    }

    pub async fn with(config: Config, webhook: Option<&str>) -> Self {
        let webhook =
            webhook.map(|url| PaypalWebhook { url: url.to_owned(), webhook_id: WEBHOOK_ID.to_owned() });
        let account =
            PaypalAccount { client_id: CLIENT.0.to_owned(), client_secret: CLIENT.1.to_owned(), webhook };
        let running = simulator::start_with_paypal(config, account).await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = format!("http://{}", running.http_addr);
        let mut merchant = Merchant { outside: Outside { running, http, base }, token: String::new() };
        merchant.token = merchant.token(CLIENT).await.body["access_token"].as_str().unwrap().to_owned();
        merchant
    }

    pub async fn token(&self, client: (&str, &str)) -> Answer {
        let pair = STANDARD.encode(format!("{}:{}", client.0, client.1));
        let request = self
            .outside
            .http
            .post(format!("{}/v1/oauth2/token", self.outside.base))
            .header("authorization", format!("Basic {pair}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        self.outside.send(request).await.unwrap()
    }

    pub fn request(&self, method: &Method, path: &str) -> reqwest::RequestBuilder {
        self.outside
            .http
            .request(method.clone(), format!("{}{path}", self.outside.base))
            .bearer_auth(&self.token)
            .header("prefer", "return=representation")
    }

    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.outside.send(self.request(&Method::GET, path)).await.unwrap();
        judge(&Method::GET, path, &answer);
        answer
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let answer = self.outside.send(self.posting(path, key, body)).await.unwrap();
        judge(&Method::POST, path, &answer);
        answer
    }

    pub fn posting(&self, path: &str, key: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.request(&Method::POST, path).header("content-type", "application/json");
        let request = if key.is_empty() { request } else { request.header("paypal-request-id", key) };
        request.body(body.to_string())
    }

    pub async fn raw(&self, path: &str, body: Bytes) -> Answer {
        let request = self.request(&Method::POST, path).header("content-type", "application/json").body(body);
        self.outside.send(request).await.unwrap()
    }

    /// A new order over GBP 10.00 with an invoice number.
    pub async fn order(&self, invoice: &str) -> String {
        let made = self.post("/v2/checkout/orders", invoice, &order(invoice)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.body["id"].as_str().unwrap().to_owned()
    }

    pub async fn approve(&self, order: &str, account: &str) -> Answer {
        self.outside.control(&format!("paypal/orders/{order}/approve"), json!({ "account": account })).await
    }

    pub async fn capture(&self, order: &str) -> Answer {
        let path = format!("/v2/checkout/orders/{order}/capture");
        self.post(&path, &format!("capture {order}"), &json!({})).await
    }

    /// An order that an account approved and that was captured, with its capture.
    pub async fn paid(&self, account: &str) -> (String, Value) {
        let order = self.order(&format!("pay_{account}")).await;
        assert_eq!(self.approve(&order, account).await.status, 200);
        let captured = self.capture(&order).await;
        assert_eq!(captured.status, 201, "{}", captured.text);
        (order, captured.body["purchase_units"][0]["payments"]["captures"][0].clone())
    }

    pub async fn books(&self) -> Value {
        self.outside.get("/control/books").await.body["paypal"]["by_currency"]["gbp"].clone()
    }
}

pub fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

pub fn issue(answer: &Answer) -> &str {
    answer.body["details"][0]["issue"].as_str().unwrap_or_default()
}

pub fn order(invoice: &str) -> Value {
    json!({
        "intent": "CAPTURE",
        "purchase_units": [{
            "amount": { "currency_code": "GBP", "value": "10.00" }, "description": "Top-up of GBP 10",
            "custom_id": "tu_1", "invoice_id": invoice }],
        "payment_source": { "paypal": { "experience_context": {
            "return_url": RETURN_URL, "cancel_url": "http://localhost:8080/cancelled", "locale": "en-GB",
            "brand_name": "Recarga", "user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING" } } },
    })
}
