//! Security codes: asked for, counted, sent, and tried.
//!
//! A code is bound to its purpose and to a word that only the browser that asked for it keeps. Whether anybody is
//! behind a number or an address is not told: for nobody a code is made, counted and tried like any other, and it
//! is sent to nobody. It is sent beside the request, so that nobody learns it from the time that an answer takes.

use super::limits::{Cap, Limits, PAUSE, WRONG, limits};
use super::{Answer, Asker, secret, send, shown};
use crate::error::Result;
use crate::tries::place;
use crate::world::World;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use domain::account::{AccountRefusal, ContactKind};
use domain::id::{SecurityCodeId, SubscriberId};
use domain::msisdn::Msisdn;
use domain::notice::{MessageState, NoticeChannel};
use domain::security_code::{self as rules, CodePurpose, Try};
use domain::time::UnixMs;
use std::sync::Arc;
use store::Tx;
use store::account::security_code::{self, SecurityCode};
use store::keyring::Purpose;
use store::outbox::{self, Topic};
use store::throttle;

/// What the browser keeps about a code that it waits for.
#[derive(Debug, Clone)]
pub struct Held {
    pub id: SecurityCodeId,
    /// The word that only this browser has.
    pub binding: String,
    pub purpose: CodePurpose,
}

/// A code is on its way, or would be if anybody were there.
#[derive(Debug, Clone)]
pub struct Sent {
    pub held: Held,
    pub channel: NoticeChannel,
    /// What may be shown of where it went.
    pub shown: String,
    pub resend_at: UnixMs,
    pub expires_at: UnixMs,
}

/// A code that is wanted.
pub(crate) struct Wanted {
    pub purpose: CodePurpose,
    pub kind: ContactKind,
    /// The number's digits or the address; empty where it is not known to whoever asks.
    pub value: String,
    pub target_hash: String,
    pub target_sealed: Option<String>,
    pub subscriber: Option<SubscriberId>,
    pub deliver: bool,
}

/// The keys under which a code is counted.
#[derive(Clone)]
struct Keys {
    target: String,
    place: String,
    wrong: String,
    /// Where it is a text message: the beginning of the number.
    prefix: Option<String>,
}

const TEXTS: &str = "code-texts";

impl Keys {
    fn of(wanted: &Wanted, asker: &Asker) -> Keys {
        let (target, place) = (&wanted.target_hash, place(&asker.address));
        let number = (wanted.kind == ContactKind::Phone && !wanted.value.is_empty())
            .then(|| Msisdn::stored(wanted.value.as_str()));
        Keys {
            target: format!("code-to/{target}"),
            place: format!("code-from/{place}"),
            wrong: wrong_key(target, &place),
            prefix: number.map(|number| format!("code-prefix/{}", number.prefix())),
        }
    }

    /// Counts one more code that is asked for; a reason where it is one too many. What only costs us money is looked
    /// at for everybody alike, and counted for codes that are really sent.
    fn count(
        &self,
        tx: &mut Tx<'_>,
        kind: ContactKind,
        limits: &Limits,
        now: UnixMs,
    ) -> anyhow::Result<Option<AccountRefusal>> {
        if kind == ContactKind::Phone {
            if is_full(tx, TEXTS, limits.texts, now)?.is_some() {
                return Ok(Some(AccountRefusal::TextsPaused));
            }
            if let Some(until) = full_prefix(tx, self.prefix.as_deref(), limits, now)? {
                return Ok(Some(AccountRefusal::NotBefore(until)));
            }
        }
        if let Some(until) = is_full(tx, &self.wrong, WRONG, now)? {
            return Ok(Some(AccountRefusal::CodeLocked(until)));
        }
        let pause = format!("{}/pause", self.target);
        for (key, cap) in
            [(&self.place, limits.per_place), (&pause, PAUSE), (&self.target, limits.per_target)]
        {
            let (count, ends) = throttle::count(tx, key, cap.window_ms, now)?;
            if count > cap.most {
                return Ok(Some(AccountRefusal::NotBefore(ends)));
            }
        }
        Ok(None)
    }

    /// Counts one that is really sent; a reason where it is one too many. [`Keys::count`] looked already, but several
    /// at one moment see the same room: the row that is counted here is locked until the step ends.
    fn count_sent(
        &self,
        tx: &mut Tx<'_>,
        kind: ContactKind,
        limits: &Limits,
        now: UnixMs,
    ) -> anyhow::Result<Option<AccountRefusal>> {
        if kind != ContactKind::Phone {
            return Ok(None);
        }
        if let Some(prefix) = &self.prefix {
            let (count, ends) = throttle::count(tx, prefix, limits.per_prefix.window_ms, now)?;
            if count > limits.per_prefix.most {
                return Ok(Some(AccountRefusal::NotBefore(ends)));
            }
        }
        let (count, _) = throttle::count(tx, TEXTS, limits.texts.window_ms, now)?;
        Ok((count > limits.texts.most).then_some(AccountRefusal::TextsPaused))
    }
}

fn is_full(tx: &mut Tx<'_>, key: &str, cap: Cap, now: UnixMs) -> anyhow::Result<Option<UnixMs>> {
    let (count, ends) = throttle::peek(tx, key, cap.window_ms, now)?;
    Ok((count >= cap.most).then_some(ends))
}

fn full_prefix(
    tx: &mut Tx<'_>,
    prefix: Option<&str>,
    limits: &Limits,
    now: UnixMs,
) -> anyhow::Result<Option<UnixMs>> {
    match prefix {
        Some(prefix) => is_full(tx, prefix, limits.per_prefix, now),
        None => Ok(None),
    }
}

fn wrong_key(target: &str, place: &str) -> String {
    format!("code-wrong/{target}/{place}")
}

/// Why no codes can be sent to such a contact now, if that is so.
fn paused(world: &World, kind: ContactKind, limits: &Limits) -> Option<AccountRefusal> {
    match kind {
        ContactKind::Phone => (!limits.texts_on).then_some(AccountRefusal::TextsPaused),
        ContactKind::Email => world.email.is_none().then_some(AccountRefusal::MailPaused),
    }
}

/// May a code be sent to this number at all? To our own numbers and those of the countries that are served.
pub(crate) async fn is_served(world: &World, number: &Msisdn) -> Result<bool> {
    let catalogue = world.fresh_catalogue().await?;
    if catalogue.market_of(number).is_some() {
        return Ok(true);
    }
    let own = catalogue.markets.iter().map(|market| market.country.as_str());
    Ok(number.is_of(world.settings.contact_countries.iter().map(String::as_str).chain(own)))
}

/// The text that is hashed: the same digits of another code, purpose or browser are something else.
fn hashed(id: &SecurityCodeId, purpose: CodePurpose, binding: &str, digits: &str) -> String {
    format!("{id} {purpose} {binding} {digits}")
}

/// Makes a code and sends it, unless it is one too many.
pub(crate) async fn request(world: &Arc<World>, asker: &Asker, wanted: Wanted) -> Answer<Sent> {
    let limits = limits(world).await?;
    if let Some(refusal) = paused(world, wanted.kind, &limits) {
        return Ok(Err(refusal));
    }
    let (now, keys) = (world.now(), Keys::of(&wanted, asker));
    let (row, binding) = draft(world, asker, &wanted, now)?;
    let held = Held { id: row.id.clone(), binding, purpose: wanted.purpose };
    let (channel, expires_at) = (row.channel, row.expires_at);
    let (ids, kind) = (world.ids.clone(), wanted.kind);
    let asked = world.db.write(move |tx| {
        if let Some(refusal) = keys.count(tx, kind, &limits, now)? {
            return Ok(Err(refusal));
        }
        if row.deliver
            && let Some(refusal) = keys.count_sent(tx, kind, &limits, now)?
        {
            return Ok(Err(refusal));
        }
        security_code::insert(tx, &row)?;
        if !row.deliver {
            return Ok(Ok(None));
        }
        outbox::push_claimed(tx, Topic::SecurityCode, row.id.as_str(), ids.as_ref(), now)
            .map(|work| Ok(Some(work)))
    });
    let work = match asked.await? {
        Ok(work) => work,
        Err(refusal) => return Ok(Err(refusal)),
    };
    send::start(world, work);
    let shown = if wanted.value.is_empty() { String::new() } else { shown(wanted.kind, &wanted.value) };
    Ok(Ok(Sent { held, channel, shown, resend_at: now.plus_ms(rules::RESEND_MS), expires_at }))
}

/// The code's row, and the word for the browser.
fn draft(
    world: &World,
    asker: &Asker,
    wanted: &Wanted,
    now: UnixMs,
) -> anyhow::Result<(SecurityCode, String)> {
    let id = SecurityCodeId::new(world.ids.as_ref(), now);
    let binding = secret(world);
    let digits = rules::draw(|| world.ids.random());
    let code_hash =
        world.keyring.hash(Purpose::SecurityCode, &hashed(&id, wanted.purpose, &binding, &digits));
    let row = SecurityCode {
        purpose: wanted.purpose,
        binding: world.keyring.hash(Purpose::SecurityCode, &binding),
        subscriber: wanted.subscriber.clone(),
        kind: wanted.kind,
        target_hash: wanted.target_hash.clone(),
        target_sealed: wanted.target_sealed.clone(),
        channel: wanted.kind.channel(),
        code_hash,
        code_sealed: Some(world.keyring.seal(Purpose::SecurityCode, &digits)?),
        deliver: wanted.deliver,
        state: MessageState::Queued,
        locale: asker.locale,
        tries: 0,
        created_at: now,
        expires_at: now.plus_ms(rules::VALID_MS),
        used_at: None,
        id,
    };
    Ok((row, binding))
}

/// The code that a browser waits for, if it is this browser's.
pub(crate) async fn held(world: &World, held: &Held) -> Result<Option<SecurityCode>> {
    let id = held.id.clone();
    let found = world.db.read(move |tx| security_code::find(tx, &id)).await?;
    let bindings = world.keyring.hashes(Purpose::SecurityCode, &held.binding);
    Ok(found.filter(|code| code.purpose == held.purpose && is_one_of(&bindings, &code.binding)))
}

/// Sends another code to where the last one went.
pub async fn again(world: &Arc<World>, asker: &Asker, held: &Held) -> Answer<Sent> {
    let Some(code) = self::held(world, held).await? else { return Ok(Err(AccountRefusal::CodeOver)) };
    if code.used_at.is_some() {
        return Ok(Err(AccountRefusal::CodeOver));
    }
    let sealed = code.target_sealed.as_deref();
    let value =
        sealed.map(|sealed| world.keyring.open_sealed(super::sealed_for(code.kind), sealed)).transpose()?;
    let wanted = Wanted {
        purpose: code.purpose,
        kind: code.kind,
        value: value.unwrap_or_default(),
        target_hash: code.target_hash,
        target_sealed: code.target_sealed,
        subscriber: code.subscriber,
        deliver: code.deliver,
    };
    request(world, asker, wanted).await
}

/// Digits that somebody typed, ready to be compared.
#[derive(Clone)]
pub(crate) struct Attempt {
    id: SecurityCodeId,
    purpose: CodePurpose,
    bindings: Vec<String>,
    codes: Vec<String>,
    place: String,
}

impl Attempt {
    /// `None` when it cannot be a code.
    pub fn of(world: &World, asker: &Asker, held: &Held, typed: &str) -> Option<Attempt> {
        let digits = rules::parse(typed)?;
        let text = hashed(&held.id, held.purpose, &held.binding, &digits);
        Some(Attempt {
            id: held.id.clone(),
            purpose: held.purpose,
            bindings: world.keyring.hashes(Purpose::SecurityCode, &held.binding),
            codes: world.keyring.hashes(Purpose::SecurityCode, &text),
            place: place(&asker.address),
        })
    }

    /// Compares, counts what is wrong, and spends the code when it is right. `subscriber`: whose code it must be, where
    /// somebody is signed in.
    pub fn check(
        &self,
        tx: &mut Tx<'_>,
        subscriber: Option<&SubscriberId>,
        now: UnixMs,
    ) -> anyhow::Result<std::result::Result<SecurityCode, AccountRefusal>> {
        let over = Ok(Err(AccountRefusal::CodeOver));
        let Some(code) = security_code::find(tx, &self.id)? else { return over };
        let theirs = subscriber.is_none() || code.subscriber.as_ref() == subscriber;
        if code.purpose != self.purpose || !theirs || !is_one_of(&self.bindings, &code.binding) {
            return over;
        }
        let wrong = wrong_key(&code.target_hash, &self.place);
        if let Some(until) = is_full(tx, &wrong, WRONG, now)? {
            return Ok(Err(AccountRefusal::CodeLocked(until)));
        }
        let Try::Compare { left } = code.standing().try_at(now) else { return over };
        if !security_code::count_try(tx, &code.id, code.tries)? {
            return over;
        }
        if is_one_of(&self.codes, &code.code_hash) && code.deliver {
            let spent = security_code::spend(tx, &code.id, now)?;
            return if spent { Ok(Ok(code)) } else { over };
        }
        let (count, ends) = throttle::count(tx, &wrong, WRONG.window_ms, now)?;
        let left = left.min(WRONG.most - count);
        Ok(Err(if left > 0 { AccountRefusal::CodeWrong { left } } else { AccountRefusal::CodeLocked(ends) }))
    }
}

/// Is the value one of these? Each comparison takes as long wherever they differ.
fn is_one_of(values: &[String], value: &str) -> bool {
    values.iter().any(|one| verify_slices_are_equal(one.as_bytes(), value.as_bytes()).is_ok())
}
