//! Inbound events: is the signature genuine, is the event about us, and what should be fetched.
//!
//! Source: docs.stripe.com/webhooks ("Verify webhook signatures manually"): header `t=…,v1=…[,v1=…]`,
//! HMAC-SHA256 over `{t}.{raw body}`. Stripe's libraries reject only old stamps; we reject future ones too.

use super::StripeConfig;
use super::refund::REFUND_KEY;
use super::wire::{Metadata, alarm};
use crate::payment::WebhookVerdict;
use crate::secret::Secret;
use aws_lc_rs::hmac;
use domain::payment::ObjectRef;
use domain::time::{SECOND_MS, UnixMs};
use serde::Deserialize;

/// How far a stamp may be from our clock, either way.
const TOLERANCE_MS: i64 = 300 * SECOND_MS;

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    livemode: bool,
    account: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Hint,
}

/// What we read of the object inside an event: its kind, its name, and our id in its metadata.
#[derive(Deserialize)]
struct Hint {
    id: Option<String>,
    object: Option<String>,
    payment_intent: Option<serde_json::Value>,
    /// What a card reader was told to do.
    action: Option<serde_json::Value>,
    metadata: Option<Metadata>,
}

pub(super) fn verify(config: &StripeConfig, raw: &[u8], header: &str, now: UnixMs) -> WebhookVerdict {
    let forged = |why: &str| WebhookVerdict::Forged { why: why.to_owned() };
    let Some((stamp, signatures)) = parse_header(header) else {
        return forged("the signature header cannot be read");
    };
    if !config.webhook_secrets.iter().any(|secret| signed_with(secret, stamp, raw, &signatures)) {
        return forged("no signature fits");
    }
    let Some(stamped) = stamp.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(SECOND_MS)) else {
        return forged("the stamp is not a time");
    };
    if now.0.saturating_sub(stamped) > TOLERANCE_MS {
        return forged("the stamp is too old");
    }
    if stamped.saturating_sub(now.0) > TOLERANCE_MS {
        return forged("the stamp is in the future");
    }
    match serde_json::from_slice::<Event>(raw) {
        Ok(event) => addressed(config, event),
        Err(_) => forged(&alarm("signed, but not an event that we can read".to_owned())),
    }
}

fn addressed(config: &StripeConfig, event: Event) -> WebhookVerdict {
    if event.livemode != config.live {
        return WebhookVerdict::NotForUs { why: format!("livemode is {}", event.livemode) };
    }
    // Events of our own account carry no account, those of connected accounts do.
    if event.account.is_some() && event.account != config.account {
        return WebhookVerdict::NotForUs { why: "another account".to_owned() };
    }
    WebhookVerdict::Genuine {
        objects: event.data.object.refs(),
        event_id: event.id,
        kind: event.kind,
        live: event.livemode,
        account: event.account,
    }
}

impl Hint {
    /// What to fetch. An event about anything else names nothing.
    fn refs(self) -> Vec<ObjectRef> {
        let ours = |key: &str| self.metadata.as_ref().and_then(|m| m.get(key)).cloned();
        let found = match self.object.as_deref() {
            Some("checkout.session") => {
                self.id.clone().map(|page_ref| ObjectRef::Page { page_ref, attempt: ours("attempt") })
            }
            Some("payment_intent") => {
                self.id.clone().map(|money_ref| ObjectRef::Money { money_ref, attempt: ours("attempt") })
            }
            Some("refund") => {
                self.id.clone().map(|refund_ref| ObjectRef::Refund { refund_ref, refund: ours(REFUND_KEY) })
            }
            // Both name the intent behind them; the intent is what we can fetch.
            Some("charge" | "dispute") => {
                let intent = self.payment_intent.as_ref().and_then(serde_json::Value::as_str);
                intent.map(|i| ObjectRef::Money { money_ref: i.to_owned(), attempt: ours("attempt") })
            }
            // A reader names the intent that it was told to process.
            Some("terminal.reader") => {
                let intent = self.action.as_ref().map(|a| &a["process_payment_intent"]["payment_intent"]);
                let intent = intent.and_then(serde_json::Value::as_str);
                intent.map(|i| ObjectRef::Money { money_ref: i.to_owned(), attempt: None })
            }
            Some(_) | None => None,
        };
        found.into_iter().collect()
    }
}

/// The stamp and all `v1` signatures; other schemes are ignored, as Stripe asks.
fn parse_header(header: &str) -> Option<(&str, Vec<Vec<u8>>)> {
    let mut stamp = None;
    let mut signatures = Vec::new();
    for pair in header.split(',') {
        match pair.trim().split_once('=')? {
            ("t", value) => stamp = Some(value),
            ("v1", value) => signatures.extend(hex::decode(value)),
            _ => {}
        }
    }
    Some((stamp?, signatures))
}

fn signed_with(secret: &Secret, stamp: &str, raw: &[u8], signatures: &[Vec<u8>]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let signed = [stamp.as_bytes(), b".", raw].concat();
    signatures.iter().any(|tag| hmac::verify(&key, &signed, tag).is_ok())
}

#[cfg(test)]
mod tests;
