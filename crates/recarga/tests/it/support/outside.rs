//! The world outside as a test steers it: the simulator's control API and, where the provider's own side is asked,
//! its own API.

use super::api::{Answer, client};
use super::wait::eventually;
use reqwest::Client;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The provider's key, the webhook secret and the SMS centre's login in tests.
pub const STRIPE_KEY: &str = "sk_test_journeys";
pub const WEBHOOK_SECRET: &str = "whsec_journeys";
pub const PAYPAL: (&str, &str, &str) = ("simulator-journeys", "paypal-journeys", "WHJOURNEYS");
pub const SMPP: (&str, &str) = ("recarga", "pw-smpp1");

/// The page on which a buyer pays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session(pub String);

impl Session {
    /// The session in the address of its page.
    pub fn of_page(url: &str) -> Session {
        let (_, id) = url.split_once("/pay/").unwrap_or_else(|| panic!("{url} is no payment page"));
        Session(id.to_owned())
    }
}

/// A simulator that runs.
pub struct Outside {
    running: simulator::Running,
    client: Client,
    pub url: String,
    pub smpp: SocketAddr,
    pub smtp: SocketAddr,
    pub printer: SocketAddr,
}

impl Outside {
    /// Starts it. Webhooks go to `webhooks` once they are resumed; until then a test delivers them itself.
    pub async fn start(webhooks: &str) -> Outside {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let target =
            simulator::WebhookTarget { url: format!("{webhooks}/stripe"), secret: WEBHOOK_SECRET.into() };
        let paypal = simulator::PaypalAccount {
            client_id: PAYPAL.0.into(),
            client_secret: PAYPAL.1.into(),
            webhook: Some(simulator::PaypalWebhook {
                url: format!("{webhooks}/paypal"),
                webhook_id: PAYPAL.2.into(),
            }),
        };
        let config = simulator::Config {
            http_listen: any,
            smpp_listen: any,
            data: None,
            public_base_url: None,
            api_key: STRIPE_KEY.into(),
            webhook: Some(target),
            smpp_system_id: SMPP.0.into(),
            smpp_password: SMPP.1.into(),
        };
        let running = simulator::start_with_paypal(config, paypal).await.expect("the simulator starts");
        let (url, smpp) = (format!("http://{}", running.http_addr), running.smpp_addr);
        let smtp = running.listen_smtp(any).await.expect("the mail server starts");
        let printer = running.listen_printer(any).await.expect("the printer starts");
        let outside = Outside { running, client: client(), url, smpp, smtp, printer };
        outside.control("webhooks/pause", &json!({})).await;
        outside
    }

    /// Where its pages are, as it says in their addresses.
    pub fn page_origin(&self) -> &str {
        &self.running.base_url
    }

    /// A control call that must work.
    pub async fn control(&self, path: &str, body: &Value) -> Value {
        let answer = self.try_control(path, body).await;
        assert_eq!(answer.status, 200, "control/{path}: {}", answer.text);
        answer.json
    }

    pub async fn try_control(&self, path: &str, body: &Value) -> Answer {
        let call = self.client.post(format!("{}/control/{path}", self.url)).json(body);
        Answer::of(call.send().await.expect("the simulator answers")).await
    }

    async fn look(&self, path: &str) -> Value {
        let call = self.client.get(format!("{}{path}", self.url)).bearer_auth(STRIPE_KEY);
        let answer = Answer::of(call.send().await.expect("the simulator answers")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    }

    /// Somebody pays with a card; says what the payer is shown.
    pub async fn pay(&self, session: &Session, card: &str) -> String {
        let shown = self.control(&format!("sessions/{}/pay", session.0), &json!({ "card": card })).await;
        shown["shown"].as_str().expect("what is shown").to_owned()
    }

    /// Somebody agrees on PayPal's page, with the account that plays this part.
    pub async fn approve(&self, order: &Session, part: &str) {
        let account = json!({ "account": format!("{part}@payer.example") });
        self.control(&format!("paypal/orders/{}/approve", order.0), &account).await;
    }

    /// PayPal's events of a kind, newest first.
    pub async fn paypal_events(&self, kind: &str) -> Vec<Value> {
        let listed = self.paypal(&format!("/v1/notifications/webhooks-events?event_type={kind}")).await;
        listed["events"].as_array().expect("a list").clone()
    }

    /// A call to PayPal's own API.
    async fn paypal(&self, path: &str) -> Value {
        let token = self.client.post(format!("{}/v1/oauth2/token", self.url));
        let token = token.basic_auth(PAYPAL.0, Some(PAYPAL.1)).form(&[("grant_type", "client_credentials")]);
        let token = Answer::of(token.send().await.expect("the simulator answers")).await.json;
        let token = token["access_token"].as_str().expect("a token").to_owned();
        let call = self.client.get(format!("{}{path}", self.url)).bearer_auth(token);
        let answer = Answer::of(call.send().await.expect("the simulator answers")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    }

    /// PayPal's own call, as its dashboard would make it.
    pub async fn paypal_post(&self, path: &str, body: &Value) -> Value {
        let token = self.client.post(format!("{}/v1/oauth2/token", self.url));
        let token = token.basic_auth(PAYPAL.0, Some(PAYPAL.1)).form(&[("grant_type", "client_credentials")]);
        let token = Answer::of(token.send().await.expect("the simulator answers")).await.json;
        let call = self.client.post(format!("{}{path}", self.url)).json(body);
        let call = call.bearer_auth(token["access_token"].as_str().expect("a token"));
        let answer = Answer::of(call.send().await.expect("the simulator answers")).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
        answer.json
    }

    /// Every capture that PayPal ever made.
    pub async fn captures(&self) -> Vec<Value> {
        self.books().await["paypal"]["captures"].as_array().expect("a list").clone()
    }

    pub async fn settle_capture(&self, capture: &str, outcome: &str) {
        self.control(&format!("paypal/captures/{capture}/settle"), &json!({ "outcome": outcome })).await;
    }

    pub async fn fault(&self, on: &str, what: &str, times: u32) {
        self.control("faults", &json!({ "on": on, "do": what, "times": times })).await;
    }

    pub async fn no_faults(&self) {
        let call = self.client.delete(format!("{}/control/faults", self.url)).send().await;
        assert!(call.expect("the simulator answers").status().is_success());
    }

    pub async fn settle(&self, session: &Session, outcome: &str) {
        self.control(&format!("sessions/{}/settle", session.0), &json!({ "outcome": outcome })).await;
    }

    pub async fn settle_refund(&self, refund: &str, outcome: &str) {
        self.control(&format!("refunds/{refund}/settle"), &json!({ "outcome": outcome })).await;
    }

    /// What the provider says about money.
    pub async fn books(&self) -> Value {
        self.look("/control/books").await
    }

    /// What the host network says that it gave.
    pub async fn network_books(&self) -> Value {
        self.look("/control/network/books").await
    }

    /// What the fiscal device has signed, with what it was told.
    pub async fn signed(&self) -> Vec<Value> {
        self.look("/control/fiscal").await["transactions"].as_array().expect("a list").clone()
    }

    /// Every payment page that the provider ever made.
    pub async fn sessions(&self) -> Vec<Value> {
        self.look("/v1/checkout/sessions?limit=100").await["data"].as_array().expect("a list").clone()
    }

    pub async fn session(&self, session: &Session) -> Value {
        self.look(&format!("/v1/checkout/sessions/{}", session.0)).await
    }

    /// Every refund that the provider ever made.
    pub async fn refunds(&self) -> Vec<Value> {
        self.look("/v1/refunds?limit=100").await["data"].as_array().expect("a list").clone()
    }

    /// The provider's own call, as its dashboard would make it.
    pub async fn call(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let call = self.client.post(format!("{}{path}", self.url)).bearer_auth(STRIPE_KEY).form(form);
        let answer = Answer::of(call.send().await.expect("the simulator answers")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    }

    /// A new card reader.
    pub async fn reader(&self) -> String {
        let made = self.call("/v1/terminal/readers", &[("registration_code", "simulated-wpe")]).await;
        made["id"].as_str().expect("a reader").to_owned()
    }

    /// Somebody does something at a reader.
    pub async fn at_reader(&self, reader: &str, deed: Value) {
        self.control(&format!("readers/{reader}"), &deed).await;
    }

    /// The page lapses at the provider.
    pub async fn expire(&self, session: &Session) {
        self.call(&format!("/v1/checkout/sessions/{}/expire", session.0), &[]).await;
    }

    /// The events of a kind, newest first.
    pub async fn events(&self, kind: &str) -> Vec<Value> {
        self.look(&format!("/v1/events?limit=100&type={kind}")).await["data"]
            .as_array()
            .expect("a list")
            .clone()
    }

    /// The newest event of a kind.
    pub async fn event(&self, kind: &str) -> String {
        let newest = self.events(kind).await.into_iter().next().unwrap_or_else(|| panic!("no {kind}"));
        newest["id"].as_str().expect("an id").to_owned()
    }

    /// Sends an event so many times at once, and says what each was answered.
    pub async fn deliver(&self, event: &str, times: u32, disguise: &str) -> Vec<u64> {
        let wanted = json!({ "event": event, "times": times, "disguise": disguise });
        let sent = self.control("webhooks/deliver", &wanted).await;
        let sent = sent["sent"].as_array().expect("what was sent");
        sent.iter().map(|one| one["status"].as_u64().expect("a status")).collect()
    }

    pub async fn resume_webhooks(&self) {
        self.control("webhooks/resume", &json!({})).await;
    }

    /// The text messages on the phone of this number, or the mails to this address, newest first.
    pub async fn inbox(&self, number: &str) -> Vec<Value> {
        self.look(&format!("/inbox.json?to={number}")).await.as_array().expect("a list").clone()
    }

    /// Waits for a message to this number, or a mail to this address.
    pub async fn message(&self, number: &str) -> Value {
        eventually("a message", async || self.inbox(number).await.into_iter().next()).await
    }
}
