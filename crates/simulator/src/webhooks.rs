//! Webhooks: signing, sending, retrying; how a card's or an account's misbehave is in misdelivery.rs.
//! Start reading at [`run`], the task that sends what is due; [`signature`] is Stripe's header
//! (docs.stripe.com/webhooks: HMAC-SHA256 of `{t}.{body}`, one `v1` per secret), paypal/signing.rs has PayPal's.

use std::time::Duration;

use aws_lc_rs::hmac;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::books::{Books, Kind};
use crate::clock;
use crate::json::{number, text};
use crate::paypal::{PaypalWebhook, signing};
use crate::stripe;
use crate::stripe::errors::ApiError;
use crate::world::Shared;

/// Stripe retries up to three days.
const GIVE_UP_AFTER_MS: i64 = 3 * 24 * 3600 * 1000;
const LONGEST_PAUSE_MS: i64 = 60_000;
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
/// How many are sent at once.
const AT_ONCE: i64 = 32;
/// How many lines the log keeps.
const MOST_ATTEMPTS: i64 = 10_000;
/// The secret of the forger, who does not know the true one.
const FORGERS_SECRET: &str = "whsec_forged";

/// Where Stripe's webhooks go and the secret they are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookTarget {
    /// An http address on this machine.
    pub url: String,
    /// `whsec_...`
    pub secret: String,
}

/// The settings that the control API can change while running.
#[derive(Default)]
pub struct Settings {
    /// Where Stripe's events go; none: events are written but not sent.
    pub target: Option<WebhookTarget>,
    /// Where PayPal's events go.
    pub paypal: Option<PaypalWebhook>,
    /// Further secrets that sign as well, during a rotation.
    pub also: Vec<String>,
    /// Nothing is sent while paused.
    pub paused: bool,
}

impl Settings {
    /// Where this event goes.
    pub fn url_of(&self, event: &str) -> Option<String> {
        if is_paypal(event) {
            self.paypal.as_ref().map(|webhook| webhook.url.clone())
        } else {
            self.target.as_ref().map(|target| target.url.clone())
        }
    }
}

/// PayPal's events begin with `WH-`, Stripe's with `evt_`.
fn is_paypal(event: &str) -> bool {
    event.starts_with("WH-")
}

/// Only this machine may be called: the simulator talks to nobody else.
pub fn check_url(url: &str) -> anyhow::Result<()> {
    let parsed = Url::parse(url).map_err(|error| anyhow::anyhow!("webhook address {url}: {error}"))?;
    let local = match parsed.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    anyhow::ensure!(
        local && parsed.scheme() == "http",
        "webhook address {url}: must be http:// on this machine (localhost, 127.0.0.1 or [::1])"
    );
    Ok(())
}

/// The `Stripe-Signature` header.
pub fn signature<'s>(secrets: impl IntoIterator<Item = &'s str>, at: i64, body: &str) -> String {
    let mut header = format!("t={at}");
    for secret in secrets {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
        header.push_str(",v1=");
        header.push_str(&hex::encode(tag));
    }
    header
}

/// How a delivery is dressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disguise {
    /// The true event, truly signed.
    True,
    /// Another body under the signature of the true one.
    AlteredBody,
    /// Another body signed with a secret that is not ours.
    WrongSecret,
}

impl Disguise {
    /// As the books keep it.
    pub fn name(self) -> &'static str {
        match self {
            Disguise::True => "true",
            Disguise::AlteredBody => "altered_body",
            Disguise::WrongSecret => "wrong_secret",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "altered_body" => Disguise::AlteredBody,
            "wrong_secret" => Disguise::WrongSecret,
            _ => Disguise::True,
        }
    }
}

/// One delivery, ready to go out.
pub struct Outgoing {
    delivery: Option<i64>,
    event: String,
    kind: String,
    body: String,
    true_body: String,
    disguise: Disguise,
    attempts: u32,
}

/// What came of sending one.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Where it went.
    pub url: String,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Sent {
    fn accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends what is due, settles what is due, sleeps until the next; ends when the simulator stops.
pub async fn run(world: Shared) {
    loop {
        let (batch, next_in) = match world.write_quietly(|books| {
            stripe::run_due(books)?;
            let open = world.webhook_settings(|settings| Open::of(settings));
            let due = books.query_row("select min(at) from due", [], |row| row.get(0))?;
            // While nothing goes out, nobody looks through what waits: it can be very much.
            let (batch, send) = if open.stripe || open.paypal {
                (claim(books, open)?, next_to_send(books, open)?)
            } else {
                (Vec::new(), None)
            };
            let next: Option<i64> = [due, send].into_iter().flatten().min();
            // By the clock of the books, which a past can be played in.
            Ok((batch, next.map(|at| at - books.now_ms)))
        }) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(message = error.message, "the simulator cannot read its books");
                (Vec::new(), None)
            }
        };
        let busy = !batch.is_empty();
        for outgoing in batch {
            let world = world.clone();
            world.tasks.clone().spawn(async move { send_and_note(&world, outgoing).await });
        }
        let pause = if busy { 0 } else { next_in.unwrap_or(1_000).clamp(1, 1_000) };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(u64::try_from(pause).unwrap_or(1_000))) => {}
            () = world.wake.notified() => {}
            () = world.shutdown.cancelled() => return,
        }
    }
}

/// Whose events go out now.
#[derive(Clone, Copy)]
struct Open {
    stripe: bool,
    paypal: bool,
}

impl Open {
    fn of(settings: &Settings) -> Self {
        let running = !settings.paused;
        Open { stripe: running && settings.target.is_some(), paypal: running && settings.paypal.is_some() }
    }
}

/// With whether Stripe's go out as the first parameter, PayPal's as the second.
const READY: &str = "state = 'pending' and case when event_id like 'WH-%' then ?2 else ?1 end and (after is null or exists (
  select 1 from delivery first where first.id = delivery.after and (first.attempts > 0 or first.state = 'delivered')))";

fn claim(books: &Books<'_>, open: Open) -> Result<Vec<Outgoing>, ApiError> {
    let sql = format!(
        "select delivery.id, event_id, disguise, attempts from delivery
         where {READY} and next_at <= ?3 order by next_at, delivery.id limit ?4"
    );
    let mut statement = books.tx.prepare_cached(&sql)?;
    let rows = statement.query_map(params![open.stripe, open.paypal, books.now_ms, AT_ONCE], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, u32>(3)?))
    })?;
    let mut batch = Vec::new();
    for row in rows {
        let (delivery, event, disguise, attempts) = row?;
        books.execute("update delivery set state = 'sending' where id = ?1", params![delivery])?;
        let outgoing = dress(books, &event, Disguise::of(&disguise))?;
        batch.push(Outgoing { delivery: Some(delivery), attempts, ..outgoing });
    }
    Ok(batch)
}

fn next_to_send(books: &Books<'_>, open: Open) -> Result<Option<i64>, ApiError> {
    let sql = format!("select min(next_at) from delivery where {READY}");
    Ok(books.query_row(&sql, params![open.stripe, open.paypal], |row| row.get(0))?)
}

/// The bytes of an event in a disguise.
pub fn dress(books: &Books<'_>, event: &str, disguise: Disguise) -> Result<Outgoing, ApiError> {
    let paypal = is_paypal(event);
    let mut body = books.get(if paypal { Kind::PaypalEvent } else { Kind::Event }, event)?;
    let kind = text(&body, if paypal { "event_type" } else { "type" }).to_owned();
    let true_body = body.to_string();
    match disguise {
        Disguise::True => {}
        Disguise::AlteredBody | Disguise::WrongSecret if paypal => {
            let amount = &mut body["resource"]["amount"]["value"];
            let inflated = format!("9{}", amount.as_str().unwrap_or("99.00"));
            *amount = json!(inflated);
            body["resource"]["custom_id"] = json!("forged");
        }
        Disguise::AlteredBody | Disguise::WrongSecret => {
            let object = &mut body["data"]["object"];
            for field in ["amount", "amount_total", "amount_subtotal", "amount_received"] {
                let amount = number(object, field);
                if amount > 0 {
                    object[field] = json!(amount.saturating_mul(100));
                }
            }
            object["metadata"]["forged"] = json!("true");
        }
    }
    Ok(Outgoing {
        delivery: None,
        event: event.to_owned(),
        kind,
        body: body.to_string(),
        true_body,
        disguise,
        attempts: 0,
    })
}

async fn send_and_note(world: &Shared, outgoing: Outgoing) {
    let Some(url) = world.webhook_settings(|settings| settings.url_of(&outgoing.event)) else {
        return note_unsent(world, &outgoing);
    };
    let sent = send(world, &outgoing, &url).await;
    note(world, &outgoing, &sent);
}

/// Sends one and waits for the answer; a task that calls it is stopped with the simulator.
pub async fn send(world: &Shared, outgoing: &Outgoing, url: &str) -> Sent {
    let headers = if is_paypal(&outgoing.event) {
        signing::headers(world, outgoing.disguise, &outgoing.body, &outgoing.true_body)
    } else {
        Ok(stripe_headers(world, outgoing))
    };
    let headers = match headers {
        Ok(headers) => headers,
        Err(error) => return Sent { url: url.to_owned(), status: None, error: Some(error.to_string()) },
    };
    let unsigned = world.http.post(url).timeout(LONGEST_ANSWER).body(outgoing.body.clone());
    let request = headers.into_iter().fold(unsigned, |request, (name, value)| request.header(name, value));
    let answered = tokio::select! {
        answered = request.send() => answered,
        () = world.shutdown.cancelled() => {
            return Sent { url: url.to_owned(), status: None, error: Some("the simulator stops".to_owned()) };
        }
    };
    match answered {
        Ok(response) => Sent { url: url.to_owned(), status: Some(response.status().as_u16()), error: None },
        Err(error) => Sent { url: url.to_owned(), status: None, error: Some(error.to_string()) },
    }
}

fn stripe_headers(world: &Shared, outgoing: &Outgoing) -> Vec<(&'static str, String)> {
    let at = clock::now_ms() / 1000;
    let secrets = world.webhook_settings(|settings| {
        let own = settings.target.iter().map(|target| target.secret.clone());
        own.chain(settings.also.iter().cloned()).collect::<Vec<_>>()
    });
    let secrets = secrets.iter().map(String::as_str);
    let signature = match outgoing.disguise {
        Disguise::True => signature(secrets, at, &outgoing.body),
        Disguise::AlteredBody => signature(secrets, at, &outgoing.true_body),
        Disguise::WrongSecret => signature([FORGERS_SECRET], at, &outgoing.body),
    };
    vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("user-agent", "Stripe/1.0 (simulator: no real money moves)".to_owned()),
        ("stripe-signature", signature),
    ]
}

fn note_unsent(world: &Shared, outgoing: &Outgoing) {
    let put_back = world.write_quietly(|books| {
        books.execute("update delivery set state = 'pending' where id = ?1", params![outgoing.delivery])?;
        Ok(())
    });
    report(put_back);
}

/// Writes the outcome into the log and decides when to try again.
pub fn note(world: &Shared, outgoing: &Outgoing, sent: &Sent) {
    let noted = world.write(|books| {
        books.execute(
            "insert into attempt (event_id, type, disguise, url, at, status, error) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                outgoing.event,
                outgoing.kind,
                outgoing.disguise.name(),
                sent.url,
                books.now_ms,
                sent.status,
                sent.error
            ],
        )?;
        let newest = books.tx.last_insert_rowid();
        books.execute("delete from attempt where id <= ?1", params![newest - MOST_ATTEMPTS])?;
        let Some(delivery) = outgoing.delivery else { return Ok(()) };
        // A forgery is tried once; the true event until it is accepted, for three days.
        let pause = LONGEST_PAUSE_MS.min(1_000_i64 << outgoing.attempts.min(6));
        let state = match (sent.accepted(), outgoing.disguise) {
            (true, _) => "delivered",
            (false, Disguise::True) => "pending",
            (false, Disguise::AlteredBody | Disguise::WrongSecret) => "refused",
        };
        books.execute(
            "update delivery set attempts = attempts + 1, next_at = ?3,
               state = case when state = 'delivered' then state
                 when ?2 = 'pending' and created_at < ?4 then 'given_up' else ?2 end
             where id = ?1",
            params![delivery, state, books.now_ms + pause, books.now_ms - GIVE_UP_AFTER_MS],
        )?;
        Ok(())
    });
    report(noted);
}

/// An event delivered on request needs no further attempt.
pub fn mark_delivered(world: &Shared, event: &str) {
    report(world.write(|books| {
        books.execute(
            "update delivery set state = 'delivered', attempts = attempts + 1
             where event_id = ?1 and disguise = 'true' and state in ('pending', 'given_up')",
            params![event],
        )?;
        Ok(())
    }));
}

fn report(done: Result<(), ApiError>) {
    if let Err(error) = done {
        tracing::error!(message = error.message, "the simulator cannot write its delivery log");
    }
}

/// Whether a delivery request succeeded, for the control API.
pub fn all_accepted(sent: &[Sent]) -> bool {
    !sent.is_empty() && sent.iter().all(Sent::accepted)
}

/// The log of attempts, newest first, and what is still to be sent.
pub fn log(books: &Books<'_>) -> Result<Value, ApiError> {
    let mut attempts = books.tx.prepare_cached(
        "select event_id, type, disguise, url, at, status, error from attempt order by id desc limit 1000",
    )?;
    let attempts = attempts
        .query_map([], |row| {
            Ok(json!({
                "event": row.get::<_, String>(0)?, "type": row.get::<_, String>(1)?,
                "disguise": row.get::<_, String>(2)?, "url": row.get::<_, String>(3)?,
                "at": clock::rfc3339(row.get(4)?), "status": row.get::<_, Option<u16>>(5)?,
                "error": row.get::<_, Option<String>>(6)?,
            }))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut pending = books.tx.prepare_cached(
        "select d.event_id, coalesce(json_extract(o.body, '$.type'), json_extract(o.body, '$.event_type')), d.disguise, d.state, d.attempts, d.next_at
         from delivery d join object o on o.id = d.event_id
         where d.state in ('pending', 'sending', 'given_up') order by d.next_at, d.id limit 1000",
    )?;
    let pending = pending
        .query_map([], |row| {
            Ok(json!({
                "event": row.get::<_, String>(0)?, "type": row.get::<_, String>(1)?,
                "disguise": row.get::<_, String>(2)?, "state": row.get::<_, String>(3)?,
                "attempts": row.get::<_, i64>(4)?, "next_at": clock::rfc3339(row.get(5)?),
            }))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "attempts": attempts, "pending": pending }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_signs_the_stamp_and_the_body() {
        // Expected value made with: printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_a
        let header = signature(["whsec_a", "whsec_b"], 1_700_000_000, "{}");
        let first = "t=1700000000,v1=04339dc4f01d6541e8d3b7e4bd93cd2d4f680ccb28592270900b08e49cc09e57,v1=";
        assert!(header.starts_with(first), "{header}");
        assert_eq!(header.matches(",v1=").count(), 2);
        assert_eq!(header.len(), "t=1700000000".len() + 2 * (",v1=".len() + 64));
    }

    #[test]
    fn webhooks_go_to_this_machine_only() {
        assert!(check_url("http://127.0.0.1:8080/webhooks/stripe").is_ok());
        assert!(check_url("http://localhost:8080/webhooks/stripe").is_ok());
        assert!(check_url("http://example.com/hook").is_err());
        assert!(check_url("https://localhost/hook").is_err());
    }
}
