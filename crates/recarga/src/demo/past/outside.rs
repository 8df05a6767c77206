//! What people do at the payment page and in the simulated world, through the simulator's control API
//! (docs/simulator.md): the demo's past is in its books as well.

use anyhow::{Context, Result, bail, ensure};
use domain::time::UnixMs;
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

const CODE_LOOKS_MAX: usize = 250;
const CODE_LOOK_PAUSE: Duration = Duration::from_millis(20);

/// The simulator, as somebody outside steers it.
#[derive(Clone)]
pub struct Outside {
    client: Client,
    url: String,
}

impl Outside {
    pub fn new(url: &str) -> Result<Outside> {
        let client = Client::builder().no_proxy().build().context("a client for the simulator")?;
        Ok(Outside { client, url: url.to_owned() })
    }

    async fn control(&self, path: &str, body: &Value) -> Result<Value> {
        let sent = self.client.post(format!("{}/control/{path}", self.url)).json(body).send().await;
        let answer = sent.with_context(|| format!("the simulator's control API: {path}"))?;
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Its clock goes on from here; `None` is the system's.
    pub async fn set_clock(&self, now: Option<UnixMs>) -> Result<()> {
        self.control("clock", &json!({ "now": now.map(UnixMs::rfc3339) })).await.map(drop)
    }

    /// Nobody is there yet to hear of events.
    pub async fn hold_webhooks(&self) -> Result<()> {
        self.control("webhooks/pause", &json!({})).await.map(drop)
    }

    /// Events of the past are dropped; from here on they are sent.
    pub async fn resume_webhooks(&self) -> Result<()> {
        self.control("webhooks/forget", &json!({})).await?;
        self.control("webhooks/resume", &json!({})).await.map(drop)
    }

    /// Somebody types a card into the payment page, and agrees where their bank asks.
    pub async fn pay(&self, page: &str, card: &str) -> Result<()> {
        self.control(&format!("sessions/{page}/pay"), &json!({ "card": card })).await.map(drop)
    }

    /// Somebody agrees to pay with their PayPal account.
    pub async fn approve(&self, order: &str) -> Result<()> {
        let account = json!({ "account": "pays@payer.example" });
        self.control(&format!("paypal/orders/{order}/approve"), &account).await.map(drop)
    }

    /// The newest security code that came to a number or an address, as soon as it is there.
    pub async fn code_at(&self, to: &str) -> Result<String> {
        for _ in 0..CODE_LOOKS_MAX {
            let url = url::Url::parse_with_params(&format!("{}/inbox.json", self.url), [("to", to)])?;
            let answer = self.client.get(url).send().await?.error_for_status()?;
            let messages: Vec<Value> = serde_json::from_str(&answer.text().await?)?;
            let newest = messages.first().and_then(|m| m["text"].as_str()).unwrap_or("");
            if let Some(code) = newest.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6) {
                return Ok(code.to_owned());
            }
            tokio::time::sleep(CODE_LOOK_PAUSE).await;
        }
        bail!("no code came")
    }
}
