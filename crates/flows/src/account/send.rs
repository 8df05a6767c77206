//! Sending security codes and messages about the safety of an account. Each is a row in the outbox first; the process
//! that wrote it sends it beside the request, a worker sends what is left. A code that lapsed is not sent any more.

use super::sealed_for;
use crate::error::Result;
use crate::work::{self, Done};
use crate::world::World;
use anyhow::Context;
use domain::account::ContactKind;
use domain::id::{MessageId, SecurityCodeId, SecurityNoticeId};
use domain::links;
use domain::notice::{MessageState, NoticeChannel};
use domain::security_code::VALID_MS;
use domain::time::{MINUTE_MS, SECOND_MS, UnixMs};
use gateways::messaging::{Email, EmailOutcome, Sms, SmsOutcome};
use render::view::{
    EmailFrame, EmailText, SecurityCodeEmail, SecurityCodeSms, SecurityNoticeEmail, SecurityNoticeSms,
};
use std::sync::Arc;
use store::account::notice::{self, SecurityNotice};
use store::account::security_code::{self, SecurityCode};
use store::keyring::Purpose;
use store::outbox::Work;

/// Sends now, beside the request that waits for nothing.
pub(crate) fn start(world: &Arc<World>, work: impl IntoIterator<Item = Work>) {
    for work in work {
        let world = world.clone();
        tokio::spawn(async move { work::run_now(&world, &work).await });
    }
}

/// What became of handing a message over.
enum Handed {
    Taken,
    Refused,
    Later(String),
}

/// The work behind a security code.
pub async fn code(world: &World, work: &Work) -> Result<Done> {
    let id = SecurityCodeId::stored(work.subject.as_str());
    let wanted = id.clone();
    let found = world.db.read(move |tx| security_code::find(tx, &wanted)).await?;
    // It was erased with its account, or is long over.
    let Some(code) = found else { return Ok(Done::Finished) };
    let Some((digits, to)) = to_send(world, &code)? else {
        return Ok(Done::Finished);
    };
    let written = Message { id: message_id(id.as_str()), channel: code.channel, to, at: code.created_at };
    let handed = written
        .hand_over(world, || code_text(world, &code, &digits), || code_mail(world, &code, &digits))
        .await?;
    let (state, done) = match handed {
        Handed::Taken => (MessageState::Sent, Done::Finished),
        Handed::Refused => (MessageState::Failed, Done::Finished),
        Handed::Later(why) => {
            let next = world.now().plus_ms(SECOND_MS << work.attempts.clamp(0, 6));
            if next < code.expires_at {
                (MessageState::Queued, Done::At(next))
            } else {
                tracing::warn!(why, "a security code was not sent while it was valid");
                (MessageState::Dead, Done::Finished)
            }
        }
    };
    world.db.write(move |tx| security_code::tried(tx, &id, state)).await?;
    count(code.channel, state);
    Ok(done)
}

/// Counts what became of a message.
fn count(channel: NoticeChannel, state: MessageState) {
    metrics::counter!("recarga_messages_total", "channel" => channel.as_str(), "state" => state.as_str())
        .increment(1);
}

/// The digits and where they go, while both are known and worth sending.
fn to_send(world: &World, code: &SecurityCode) -> Result<Option<(String, String)>> {
    let waits = code.state == MessageState::Queued && code.used_at.is_none() && world.now() < code.expires_at;
    let (Some(digits), Some(target), true) = (&code.code_sealed, &code.target_sealed, waits) else {
        return Ok(None);
    };
    let digits = world.keyring.open_sealed(Purpose::SecurityCode, digits)?;
    Ok(Some((digits, world.keyring.open_sealed(sealed_for(code.kind), target)?)))
}

fn minutes() -> u16 {
    u16::try_from(VALID_MS / MINUTE_MS).unwrap_or(u16::MAX)
}

fn code_text(world: &World, code: &SecurityCode, digits: &str) -> String {
    let view = SecurityCodeSms {
        brand: world.settings.brand.clone(),
        digits: digits.to_owned(),
        purpose: code.purpose,
        minutes: minutes(),
    };
    world.renderer.text(code.locale, &view)
}

fn code_mail(world: &World, code: &SecurityCode, digits: &str) -> EmailText {
    let view = SecurityCodeEmail { digits: digits.to_owned(), purpose: code.purpose, minutes: minutes() };
    world.renderer.email(code.locale, &frame(world), &view)
}

fn frame(world: &World) -> EmailFrame {
    EmailFrame {
        brand: world.settings.brand.clone(),
        home_url: links::home(&world.settings.public_url),
        support: world.settings.support.clone(),
        demo: world.settings.demo,
    }
}

/// How long to wait after each try that brought no answer.
const PAUSES_MS: [i64; 6] =
    [10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS, 240 * MINUTE_MS];

/// The work behind a message about the safety of an account.
pub async fn notice(world: &World, work: &Work) -> Result<Done> {
    let id = SecurityNoticeId::stored(work.subject.as_str());
    let wanted = id.clone();
    let notice = world.db.read(move |tx| notice::load(tx, &wanted)).await?;
    let (MessageState::Queued, Some(target)) = (notice.state, &notice.target_sealed) else {
        return Ok(Done::Finished);
    };
    let kind = match notice.channel {
        NoticeChannel::Sms => ContactKind::Phone,
        NoticeChannel::Email => ContactKind::Email,
    };
    let written = Message {
        id: message_id(id.as_str()),
        channel: notice.channel,
        to: world.keyring.open_sealed(sealed_for(kind), target)?,
        at: notice.created_at,
    };
    let zone = zone(world).await?;
    let handed = written
        .hand_over(world, || notice_text(world, &notice, &zone), || notice_mail(world, &notice, &zone))
        .await?;
    let (state, done) = match handed {
        Handed::Taken => (MessageState::Sent, Done::Finished),
        Handed::Refused => (MessageState::Failed, Done::Finished),
        Handed::Later(why) => {
            let tries = usize::try_from(work.attempts - 1).unwrap_or(0);
            match PAUSES_MS.get(tries) {
                Some(pause) => (MessageState::Queued, Done::At(world.now().plus_ms(*pause))),
                None => (MessageState::Dead, Done::GivenUp(why)),
            }
        }
    };
    let now = world.now();
    world.db.write(move |tx| notice::tried(tx, &id, state, now)).await?;
    count(notice.channel, state);
    Ok(done)
}

/// The time zone in which a time that belongs to no order is told.
async fn zone(world: &World) -> Result<String> {
    let catalogue = world.fresh_catalogue().await?;
    Ok(catalogue.markets.first().map_or_else(|| "UTC".to_owned(), |market| market.seller.time_zone.clone()))
}

fn notice_text(world: &World, notice: &SecurityNotice, zone: &str) -> String {
    let view = SecurityNoticeSms {
        brand: world.settings.brand.clone(),
        kind: notice.kind,
        detail: notice.detail.clone(),
        at: notice.created_at,
        zone: zone.to_owned(),
    };
    world.renderer.text(notice.locale, &view)
}

fn notice_mail(world: &World, notice: &SecurityNotice, zone: &str) -> EmailText {
    let view = SecurityNoticeEmail {
        kind: notice.kind,
        detail: notice.detail.clone(),
        at: notice.created_at,
        zone: zone.to_owned(),
        sign_in_url: links::sign_in(&world.settings.public_url),
        account_url: links::account(&world.settings.public_url),
    };
    world.renderer.email(notice.locale, &frame(world), &view)
}

/// The same name at every try, so that a message that is handed over twice can be recognised as one.
fn message_id(id: &str) -> MessageId {
    let ulid = id.split_once('_').map_or(id, |(_, ulid)| ulid);
    MessageId::stored(format!("{}_{ulid}", MessageId::PREFIX))
}

/// A message that is ready but for its words.
struct Message {
    id: MessageId,
    channel: NoticeChannel,
    to: String,
    at: UnixMs,
}

impl Message {
    async fn hand_over(
        self,
        world: &World,
        text: impl FnOnce() -> String,
        mail: impl FnOnce() -> EmailText,
    ) -> Result<Handed> {
        Ok(match self.channel {
            NoticeChannel::Sms => {
                let gateway = world.sms.as_ref().context("no SMS centre is set up")?;
                match gateway.send(&Sms { id: self.id, to: self.to, text: text() }).await {
                    SmsOutcome::Accepted { .. } => Handed::Taken,
                    SmsOutcome::Refused { .. } => Handed::Refused,
                    SmsOutcome::NotTaken { why } | SmsOutcome::Unknown { why } => Handed::Later(why),
                }
            }
            NoticeChannel::Email => {
                let gateway = world.email.as_ref().context("no mail server is set up")?;
                let EmailText { subject, text, html } = mail();
                let email =
                    Email { id: self.id, to: self.to, subject, text, html, at: self.at, unsubscribe: None };
                match gateway.send(&email).await {
                    EmailOutcome::Accepted { .. } => Handed::Taken,
                    EmailOutcome::Refused { .. } => Handed::Refused,
                    EmailOutcome::TryLater { why } | EmailOutcome::Unknown { why } => Handed::Later(why),
                }
            }
        })
    }
}
