//! Inbound events: is the signature genuine, is the event about us, and what should be fetched.
//!
//! Sources: developer.paypal.com/api/rest/webhooks/rest ("Self-verification"): SHA256withRSA over
//! [`signed_text`]; Webhooks v1 `verify-webhook-signature.post`, which decides where the certificate cannot.

use super::NAME;
use super::certificate::{self, ALGORITHM, Proof};
use super::config::{CertPlace, PayPalConfig};
use super::wire::{Link, Supplementary, alarm, word};
use crate::payment::{HttpAnswer, HttpCall, Learnt, Webhook, WebhookStep, WebhookVerdict};
use ::http::{Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::payment::ObjectRef;
use domain::time::{DAY_MS, MINUTE_MS, UnixMs};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// PayPal tries for 3 days, 25 times; a message that is much older is a replay.
const OLDEST_MS: i64 = 4 * DAY_MS;
/// How far a stamp may be ahead of our clock.
const AHEAD_MS: i64 = 5 * MINUTE_MS;
/// The longest header that Webhooks v1 allows (`verify_webhook_signature`).
const HEADER_MAX: usize = 500;

/// The headers of a transmission.
struct Transmission<'a> {
    id: &'a str,
    time: &'a str,
    signature: &'a str,
    cert_url: &'a str,
}

/// What PayPal signs: the checksum stands for the body, byte for byte.
fn signed_text(transmission_id: &str, time: &str, webhook_id: &str, raw: &[u8]) -> String {
    format!("{transmission_id}|{time}|{webhook_id}|{}", crc32fast::hash(raw))
}

/// One step on the way to a verdict: first the headers, then the certificate, then PayPal's own word.
pub(super) fn judge(
    config: &PayPalConfig,
    webhook: &Webhook<'_>,
    learnt: Learnt<'_>,
    now: UnixMs,
) -> WebhookStep {
    let judged = |verdict| WebhookStep::Judged(verdict);
    let (sent, place) = match read_headers(config, webhook, now) {
        Ok(sent) => sent,
        Err(why) => return judged(forged(why)),
    };
    match learnt {
        Learnt::Nothing => WebhookStep::Fetch(sent.cert_url.to_owned()),
        Learnt::Document(Ok(document)) => {
            let Ok(signature) = STANDARD.decode(sent.signature) else {
                return judged(forged("the signature is not base64"));
            };
            let text = signed_text(sent.id, sent.time, &config.webhook_id, webhook.raw);
            match certificate::check(config, place, document, (text.as_bytes(), &signature), now) {
                Proof::Signed => judged(read_event(config, webhook.raw)),
                Proof::NotSigned => judged(forged("the signature does not fit")),
                Proof::Unproven(why) => ask(config, webhook.raw, &sent, &why),
            }
        }
        Learnt::Document(Err(why)) => ask(config, webhook.raw, &sent, why),
        Learnt::Answer(Ok(answer)) => judged(answered(config, webhook.raw, answer)),
        Learnt::Answer(Err(why)) => judged(WebhookVerdict::Undecided { why: why.to_owned() }),
    }
}

fn forged(why: &str) -> WebhookVerdict {
    WebhookVerdict::Forged { why: why.to_owned() }
}

fn read_headers<'a>(
    config: &PayPalConfig,
    webhook: &'a Webhook<'_>,
    now: UnixMs,
) -> Result<(Transmission<'a>, CertPlace), &'static str> {
    let get = |name: &str| {
        let value = webhook.header(name);
        if value.is_empty() || value.len() > HEADER_MAX {
            Err("a signature header is missing")
        } else {
            Ok(value)
        }
    };
    let sent = Transmission {
        id: get("paypal-transmission-id")?,
        time: get("paypal-transmission-time")?,
        signature: get("paypal-transmission-sig")?,
        cert_url: get("paypal-cert-url")?,
    };
    if get("paypal-auth-algo")? != ALGORITHM {
        return Err("an algorithm that PayPal does not use");
    }
    let place = config.cert_place(sent.cert_url).ok_or("the certificate's address is not allowed")?;
    let stamped = UnixMs::parse_rfc3339(sent.time).ok_or("the stamp is not a time")?;
    if now.0.saturating_sub(stamped.0) > OLDEST_MS {
        return Err("the stamp is too old");
    }
    if stamped.0.saturating_sub(now.0) > AHEAD_MS {
        return Err("the stamp is in the future");
    }
    Ok((sent, place))
}

/// Webhooks v1, `verify_webhook_signature`. The event goes back as it came: PayPal signed those bytes.
#[derive(Serialize)]
struct Question<'a> {
    auth_algo: &'a str,
    cert_url: &'a str,
    transmission_id: &'a str,
    transmission_sig: &'a str,
    transmission_time: &'a str,
    webhook_id: &'a str,
    webhook_event: &'a RawValue,
}

fn ask(config: &PayPalConfig, raw: &[u8], sent: &Transmission<'_>, why: &str) -> WebhookStep {
    let Ok(webhook_event) = serde_json::from_slice::<&RawValue>(raw) else {
        return WebhookStep::Judged(forged("the body is not JSON"));
    };
    tracing::warn!(provider = NAME, why, "the certificate proves nothing, PayPal is asked itself");
    let question = Question {
        auth_algo: ALGORITHM,
        cert_url: sent.cert_url,
        transmission_id: sent.id,
        transmission_sig: sent.signature,
        transmission_time: sent.time,
        webhook_id: &config.webhook_id,
        webhook_event,
    };
    match serde_json::to_string(&question) {
        Ok(body) => WebhookStep::Ask(HttpCall {
            method: Method::POST,
            path: "/v1/notifications/verify-webhook-signature".to_owned(),
            headers: vec![(header::CONTENT_TYPE, "application/json".to_owned())],
            body,
        }),
        Err(_) => WebhookStep::Judged(forged("the body is not JSON")),
    }
}

/// Webhooks v1, `verify_webhook_signature_response`.
#[derive(Deserialize)]
struct Verified {
    verification_status: String,
}

fn answered(config: &PayPalConfig, raw: &[u8], answer: &HttpAnswer) -> WebhookVerdict {
    let undecided = |why: String| WebhookVerdict::Undecided { why };
    if answer.status != 200 {
        return undecided(format!("PayPal answered {} when asked about its signature", answer.status));
    }
    match serde_json::from_slice::<Verified>(&answer.body) {
        Ok(verified) => match verified.verification_status.as_str() {
            "SUCCESS" => read_event(config, raw),
            "FAILURE" => forged("PayPal says that the signature is not its own"),
            status => undecided(alarm(format!("verification status {:?}", word(status)))),
        },
        Err(_) => undecided(alarm("a verification answer that we cannot read".to_owned())),
    }
}

/// Webhooks v1, `event`.
#[derive(Deserialize)]
struct Event {
    id: String,
    event_type: String,
    resource_type: Option<String>,
    resource: Hint,
}

/// What we read of the resource inside an event: names only, ours and PayPal's.
#[derive(Deserialize)]
struct Hint {
    id: Option<String>,
    order_id: Option<String>,
    invoice_id: Option<String>,
    supplementary_data: Option<Supplementary>,
    #[serde(default)]
    purchase_units: Vec<HintedUnit>,
    #[serde(default)]
    disputed_transactions: Vec<Disputed>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct HintedUnit {
    invoice_id: Option<String>,
}

#[derive(Deserialize)]
struct Disputed {
    seller_transaction_id: Option<String>,
    invoice_number: Option<String>,
}

fn read_event(config: &PayPalConfig, raw: &[u8]) -> WebhookVerdict {
    match serde_json::from_slice::<Event>(raw) {
        Ok(event) => WebhookVerdict::Genuine {
            objects: event.resource.refs(event.resource_type.as_deref()),
            event_id: event.id,
            kind: event.event_type,
            // An event does not say; it was signed for our webhook id, which is of one kind.
            live: config.live(),
            account: None,
        },
        Err(_) => forged(&alarm("signed, but not an event that we can read".to_owned())),
    }
}

impl Hint {
    /// What to fetch. An event about anything else names nothing. A capture is looked at through its order,
    /// which knows all of its captures.
    fn refs(&self, kind: Option<&str>) -> Vec<ObjectRef> {
        let page = |page_ref: &str, attempt: Option<&String>| ObjectRef::Page {
            page_ref: page_ref.to_owned(),
            attempt: attempt.cloned(),
        };
        let named = self.purchase_units.iter().find_map(|unit| unit.invoice_id.as_ref());
        let order = self.supplementary_data.as_ref().and_then(Supplementary::order_id);
        let found = match (kind, &self.id) {
            (Some("checkout-order"), Some(id)) => Some(page(id, named)),
            (Some("capture"), Some(id)) => Some(match order {
                Some(order) => page(order, self.invoice_id.as_ref()),
                None => ObjectRef::Money { money_ref: id.clone(), attempt: self.invoice_id.clone() },
            }),
            (Some("refund"), Some(id)) => {
                let refund = ObjectRef::Refund { refund_ref: id.clone(), refund: self.invoice_id.clone() };
                // Somebody else may have given it back: its capture tells what is left.
                return std::iter::once(refund).chain(self.refunded_capture()).collect();
            }
            (Some("dispute"), _) => return self.disputed(),
            // An approval that was taken back names its order only.
            (Some(_) | None, _) => self.order_id.as_ref().map(|id| page(id, named)),
        };
        found.into_iter().collect()
    }

    /// The capture that a refund is of: its link `up` (Payments v2, `refund`, HATEOAS links).
    fn refunded_capture(&self) -> Option<ObjectRef> {
        let up = self.links.iter().find(|link| link.rel == "up")?;
        let id = up.href.split("/captures/").nth(1)?;
        let money_ref = word(id.split(['/', '?']).next()?);
        Some(ObjectRef::Money { money_ref, attempt: None })
    }

    fn disputed(&self) -> Vec<ObjectRef> {
        let money = |d: &Disputed| {
            let money_ref = d.seller_transaction_id.clone()?;
            Some(ObjectRef::Money { money_ref, attempt: d.invoice_number.clone() })
        };
        self.disputed_transactions.iter().filter_map(money).collect()
    }
}

#[cfg(test)]
mod tests;
