//! Webhooks: signing, sending, retrying, and the ways in which a card's webhooks misbehave.
//! Start reading at [`run`], the task that sends what is due; [`signature`] is the header
//! (docs.stripe.com/webhooks: HMAC-SHA256 of `{t}.{body}`, one `v1` per secret).

use std::time::Duration;

use aws_lc_rs::hmac;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::books::{Books, Kind, number, text};
use crate::clock;
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

/// Where webhooks go and the secret they are signed with.
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
    /// Where events go; none: events are written but not sent.
    pub target: Option<WebhookTarget>,
    /// Further secrets that sign as well, during a rotation.
    pub also: Vec<String>,
    /// Nothing is sent while paused.
    pub paused: bool,
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
    fn name(self) -> &'static str {
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

/// Puts off every delivery of the work in hand.
pub fn postpone(books: &mut Books<'_>, by_ms: i64) -> Result<(), ApiError> {
    for (delivery, _) in &books.deliveries {
        books.tx.execute(
            "update delivery set next_at = ?2 where id = ?1",
            params![delivery, books.now_ms + by_ms],
        )?;
    }
    Ok(())
}

fn completed(books: &Books<'_>) -> Option<i64> {
    let of_kind = |(_, kind): &&(i64, &str)| *kind == "checkout.session.completed";
    books.deliveries.iter().find(of_kind).map(|(delivery, _)| *delivery)
}

fn event_of(books: &Books<'_>, delivery: i64) -> Result<String, ApiError> {
    let event =
        books
            .tx
            .query_row("select event_id from delivery where id = ?1", params![delivery], |row| row.get(0))?;
    Ok(event)
}

/// `checkout.session.completed` goes out five times at once.
pub fn send_five_times(books: &mut Books<'_>) -> Result<(), ApiError> {
    let Some(delivery) = completed(books) else { return Ok(()) };
    let event = event_of(books, delivery)?;
    for _ in 0..4 {
        books.add_delivery(&event, Disguise::True.name(), books.now_ms)?;
    }
    Ok(())
}

/// Two forged copies of `checkout.session.completed` go out as well.
pub fn add_forgeries(books: &mut Books<'_>) -> Result<(), ApiError> {
    let Some(delivery) = completed(books) else { return Ok(()) };
    let event = event_of(books, delivery)?;
    for disguise in [Disguise::AlteredBody, Disguise::WrongSecret] {
        books.add_delivery(&event, disguise.name(), books.now_ms)?;
    }
    Ok(())
}

/// Everything else waits until `checkout.session.completed` has been tried.
pub fn send_completed_first(books: &mut Books<'_>) -> Result<(), ApiError> {
    let Some(first) = completed(books) else { return Ok(()) };
    for (delivery, _) in books.deliveries.iter().filter(|(delivery, _)| *delivery != first) {
        books.tx.execute("update delivery set after = ?2 where id = ?1", params![delivery, first])?;
    }
    Ok(())
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
        let (batch, next_at) = match world.write_quietly(|books| {
            stripe::run_due(books)?;
            let paused = world.webhook_settings(|settings| settings.paused || settings.target.is_none());
            let batch = if paused { Vec::new() } else { claim(books)? };
            Ok((batch, next_moment(books, paused)?))
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
        let pause = if busy { 0 } else { next_at.map_or(1_000, |at| (at - clock::now_ms()).clamp(1, 1_000)) };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(u64::try_from(pause).unwrap_or(1_000))) => {}
            () = world.wake.notified() => {}
            () = world.shutdown.cancelled() => return,
        }
    }
}

const READY: &str = "state = 'pending' and (after is null or exists (
  select 1 from delivery first where first.id = delivery.after and (first.attempts > 0 or first.state = 'delivered')))";

fn claim(books: &Books<'_>) -> Result<Vec<Outgoing>, ApiError> {
    let sql = format!(
        "select delivery.id, event_id, disguise, attempts from delivery
         where {READY} and next_at <= ?1 order by next_at, delivery.id limit ?2"
    );
    let mut statement = books.tx.prepare_cached(&sql)?;
    let rows = statement.query_map(params![books.now_ms, AT_ONCE], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, u32>(3)?))
    })?;
    let mut batch = Vec::new();
    for row in rows {
        let (delivery, event, disguise, attempts) = row?;
        books.tx.execute("update delivery set state = 'sending' where id = ?1", params![delivery])?;
        let outgoing = dress(books, &event, Disguise::of(&disguise))?;
        batch.push(Outgoing { delivery: Some(delivery), attempts, ..outgoing });
    }
    Ok(batch)
}

fn next_moment(books: &Books<'_>, paused: bool) -> Result<Option<i64>, ApiError> {
    let due: Option<i64> = books.tx.query_row("select min(at) from due", [], |row| row.get(0))?;
    if paused {
        return Ok(due);
    }
    let sql = format!("select min(next_at) from delivery where {READY}");
    let send: Option<i64> = books.tx.query_row(&sql, [], |row| row.get(0))?;
    Ok([due, send].into_iter().flatten().min())
}

/// The bytes of an event in a disguise.
pub fn dress(books: &Books<'_>, event: &str, disguise: Disguise) -> Result<Outgoing, ApiError> {
    let mut body = books.get(Kind::Event, event)?;
    let kind = text(&body, "type").to_owned();
    let true_body = body.to_string();
    match disguise {
        Disguise::True => {}
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
    let target = world.webhook_settings(|settings| settings.target.clone().map(|target| target.url));
    let Some(url) = target else {
        return note_unsent(world, &outgoing);
    };
    let sent = send(world, &outgoing, &url).await;
    note(world, &outgoing, &sent);
}

/// Sends one and waits for the answer; a task that calls it is stopped with the simulator.
pub async fn send(world: &Shared, outgoing: &Outgoing, url: &str) -> Sent {
    let at = clock::now_ms() / 1000;
    let secrets = world.webhook_settings(|settings| {
        let own = settings.target.iter().map(|target| target.secret.clone());
        own.chain(settings.also.iter().cloned()).collect::<Vec<_>>()
    });
    let secrets = secrets.iter().map(String::as_str);
    let (signature, body) = match outgoing.disguise {
        Disguise::True => (signature(secrets, at, &outgoing.body), outgoing.body.clone()),
        Disguise::AlteredBody => (signature(secrets, at, &outgoing.true_body), outgoing.body.clone()),
        Disguise::WrongSecret => (signature([FORGERS_SECRET], at, &outgoing.body), outgoing.body.clone()),
    };
    let request = world
        .http
        .post(url)
        .timeout(LONGEST_ANSWER)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (simulator: no real money moves)")
        .header("stripe-signature", signature)
        .body(body);
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

fn note_unsent(world: &Shared, outgoing: &Outgoing) {
    let put_back = world.write_quietly(|books| {
        books
            .tx
            .execute("update delivery set state = 'pending' where id = ?1", params![outgoing.delivery])?;
        Ok(())
    });
    report(put_back);
}

/// Writes the outcome into the log and decides when to try again.
pub fn note(world: &Shared, outgoing: &Outgoing, sent: &Sent) {
    let noted = world.write(|books| {
        books.tx.execute(
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
        books.tx.execute("delete from attempt where id <= ?1", params![newest - MOST_ATTEMPTS])?;
        let Some(delivery) = outgoing.delivery else { return Ok(()) };
        // A forgery is tried once; the true event until it is accepted, for three days.
        let pause = LONGEST_PAUSE_MS.min(1_000_i64 << outgoing.attempts.min(6));
        let state = match (sent.accepted(), outgoing.disguise) {
            (true, _) => "delivered",
            (false, Disguise::True) => "pending",
            (false, Disguise::AlteredBody | Disguise::WrongSecret) => "refused",
        };
        books.tx.execute(
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
        books.tx.execute(
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
        "select d.event_id, json_extract(o.body, '$.type'), d.disguise, d.state, d.attempts, d.next_at
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
