//! Abuse held back: caps across orders by what tells one hand from another, and the pattern of thieves who try cards.
//!
//! Before paying, [`admit`] counts an order and refuses it in words; once the provider tells the card, [`at_capture`]
//! sends money over a cap to people, and [`declined`] remembers what was tried. Money that came is never refused:
//! people decide within a day, and the buyer is told. Values are [`domain::risk::Limits`], read anew every few seconds.

use crate::error::Result;
use crate::office::audit;
use crate::payment::apply::{self, NotReleased};
use crate::top_up::held;
use crate::tries;
use crate::world::{StepContext, World};
use aws_lc_rs::digest;
use domain::account::counted_email;
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::{PartnerId, TopUpId};
use domain::money::Money;
use domain::refusal::Refusal;
use domain::risk::{Limit, Limits, Mark, RiskKind, Setting};
use domain::time::{DAY_MS, HOUR_MS, SECOND_MS, UnixMs};
use domain::top_up::{Channel, TopUp, TopUpState};
use gateways::payment::PaymentGateway;
use std::sync::{Arc, PoisonError};
use store::keyring::Purpose;
use store::risk::{self as stored, Count, RiskEvent};
use store::{Db, Tx};

/// Another process may change a setting: what is in memory is read anew after this long.
const FRESH_FOR_MS: i64 = 5 * SECOND_MS;
/// Marks are forgotten after this long.
const MARKS_DAYS: i64 = 30;

/// Limits in memory.
pub(crate) struct Loaded {
    limits: Arc<Limits>,
    at: UnixMs,
}

pub(crate) async fn load(db: &Db, now: UnixMs) -> Result<Loaded> {
    let settings = db.read(stored::settings).await?;
    Ok(Loaded { limits: Arc::new(Limits::new(settings)), at: now })
}

impl World {
    /// The limits as they are in memory.
    pub(crate) fn known_limits(&self) -> Arc<Limits> {
        self.limits.read().unwrap_or_else(PoisonError::into_inner).limits.clone()
    }

    /// The payment providers that are not switched off, in the order in which buyers are offered them.
    pub fn payment_methods(&self) -> Vec<&'static str> {
        let limits = self.known_limits();
        self.payments.names().filter(|name| limits.sells_by(name)).collect()
    }

    fn keep_limits(&self, loaded: Loaded) -> Arc<Limits> {
        let limits = loaded.limits.clone();
        *self.limits.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        limits
    }
}

/// The limits of now.
pub async fn limits(world: &World) -> Result<Arc<Limits>> {
    let (now, at) = (world.now(), world.limits.read().unwrap_or_else(PoisonError::into_inner).at);
    if now.0 - at.0 < FRESH_FOR_MS {
        return Ok(world.known_limits());
    }
    Ok(world.keep_limits(load(&world.db, now).await?))
}

/// Sets a value, with who did and why in the audit. A value out of its bounds changes nothing and is `false`.
pub async fn set(world: &World, setting: Setting, actor: Actor, reason: &str) -> Result<bool> {
    if Setting::parse(&setting.key(), setting.value()).is_err() {
        return Ok(false);
    }
    let (context, reason) = (world.step(), reason.to_owned());
    let written = world.db.write(move |tx| {
        let key = setting.key();
        let before = stored::settings(tx)?.into_iter().find(|known| known.key() == key);
        stored::set(tx, &setting, &actor.to_string(), context.now)?;
        let detail = serde_json::json!({ "before": before.map(|b| b.value()), "after": setting.value() });
        let entry = Entry::of(actor.clone(), AuditAction::SettingChanged, SubjectKind::Setting, key);
        audit::record(tx, &context, &entry.because(&reason).with(detail.to_string()))
    });
    written.await?;
    world.keep_limits(load(&world.db, world.now()).await?);
    Ok(true)
}

/// Where an order comes from, as far as the web knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The network address.
    pub address: Option<String>,
    /// The secret of the browser's device cookie.
    pub device: Option<String>,
}

/// An order on its way to be counted: hashed marks, and what it is worth.
#[derive(Debug, Clone)]
pub(crate) struct Hand {
    pub marks: Vec<(Mark, String)>,
    pub signed_in: bool,
    pub total: Money,
}

/// The hashed marks of an order. What a partner orders is counted by its own: its buyers share its address, and what
/// they do says nothing about the portal.
pub(crate) fn hand(world: &World, top_up: &TopUp, email: Option<&str>, origin: &Origin) -> Hand {
    let of = top_up.partner.as_ref().map(PartnerId::as_str).unwrap_or_default();
    let mark =
        |kind: Mark, value: &str| (kind, world.keyring.hash(Purpose::Risk, &format!("{kind} {of} {value}")));
    let mut marks = vec![mark(Mark::Line, top_up.line.as_str())];
    marks.extend(email.map(|email| mark(Mark::Email, &counted_email(email))));
    if top_up.partner.is_none() {
        marks.extend(origin.address.as_deref().map(|address| mark(Mark::Place, &tries::place(address))));
        marks.extend(origin.device.as_deref().map(|device| mark(Mark::Device, device)));
    }
    Hand { marks, signed_in: top_up.subscriber.is_some(), total: top_up.prices.total }
}

/// An order that may be begun, with what is counted when it is.
pub(crate) struct Admitted(Vec<Count>);

impl Hand {
    /// May this order be begun? Its rows are locked until the step ends; nothing is counted before [`Admitted::count`].
    pub fn admit(
        &self,
        tx: &mut Tx<'_>,
        context: &StepContext,
    ) -> anyhow::Result<std::result::Result<Admitted, Refusal>> {
        for (kind, mark) in &self.marks {
            if let Some((until, pattern)) = tried(tx, context, *kind, mark)? {
                metrics::counter!("recarga_risk_total", "what" => "refused", "by" => pattern).increment(1);
                return Ok(Err(Refusal::TooManyTries { until }));
            }
        }
        let counts: Vec<Count> =
            self.marks.iter().flat_map(|(kind, mark)| self.counts(&context.limits, *kind, mark)).collect();
        let Some(full) = stored::room(tx, &counts, context.now)? else { return Ok(Ok(Admitted(counts))) };
        let kind = full.key.split('/').nth(1).and_then(Mark::parse).unwrap_or(Mark::Place);
        metrics::counter!("recarga_risk_total", "what" => "refused", "by" => kind.as_str()).increment(1);
        Ok(Err(Refusal::TooManyTopUps { mark: kind, until: full.until }))
    }

    fn counts(&self, limits: &Limits, kind: Mark, mark: &str) -> Vec<Count> {
        let Money { minor, currency } = self.total;
        let unit = 10_i64.pow(currency.exponent());
        let key = |what: &str| format!("{what}/{kind}/{mark}");
        let in_a_day = |key: String, add: i64, most: i64| Count { key, window_ms: DAY_MS, add, most };
        let money = limits.of(Limit::money(kind, self.signed_in)).saturating_mul(unit);
        let mut counts = vec![
            in_a_day(key("orders"), 1, limits.of(Limit::orders(kind, self.signed_in))),
            in_a_day(format!("{}/{currency}", key("money")), minor, money),
        ];
        if minor <= limits.of(Limit::SmallOrder).saturating_mul(unit)
            && let Some(small) = Limit::small_orders(kind)
        {
            counts.push(Count { key: key("small"), window_ms: HOUR_MS, add: 1, most: limits.of(small) });
        }
        counts
    }
}

impl Admitted {
    /// Counts the order, in the step that writes it.
    pub fn count(&self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        stored::add_all(tx, &self.0)
    }
}

/// Does a mark show how thieves try cards: many declines, or many cards? Until when it is held back, and which it is.
fn tried(
    tx: &mut Tx<'_>,
    context: &StepContext,
    kind: Mark,
    mark: &str,
) -> anyhow::Result<Option<(UnixMs, &'static str)>> {
    let limits = &context.limits;
    let (declines, until) = stored::peek(tx, &format!("declines/{kind}/{mark}"), context.now)?;
    if declines > limits.of(Limit::declines(kind)) {
        return Ok(Some((until, "declines")));
    }
    let Some(cards) = Limit::cards(kind) else { return Ok(None) };
    let since = context.now.plus_ms(-DAY_MS);
    let (count, oldest) = stored::count_cards(tx, mark, since)?;
    Ok((count > limits.of(cards)).then(|| (oldest.plus_ms(DAY_MS), "cards")))
}

/// How a card or payer account is told from others: by the hash of the provider's own name for it, which is random
/// and means nothing elsewhere. What a partner's buyers pay with is counted by its own.
fn card_mark(provider: &str, top_up: &TopUp, instrument: &str) -> String {
    let of = top_up.partner.as_ref().map(PartnerId::as_str).unwrap_or_default();
    let digest = digest::digest(&digest::SHA256, format!("{provider} {of} {instrument}").as_bytes());
    hex::encode(&digest.as_ref()[..16])
}

/// A try to pay an order was declined. The same one again changes nothing.
pub(crate) fn declined(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: &str,
    top_up: &TopUp,
    try_ref: &str,
    instrument: Option<&str>,
) -> anyhow::Result<()> {
    let event = RiskEvent {
        kind: RiskKind::Declined,
        subject: try_ref.to_owned(),
        detail: provider.to_owned(),
        at: context.now,
    };
    if !stored::insert_event(tx, &top_up.id, &event)? {
        return Ok(());
    }
    metrics::counter!("recarga_risk_total", "what" => "declined", "by" => provider.to_owned()).increment(1);
    let card = instrument.map(|instrument| card_mark(provider, top_up, instrument));
    let mut marks = stored::marks(tx, &top_up.id)?;
    marks.retain(|(kind, _)| *kind != Mark::Card);
    for (_, mark) in &marks {
        if let Some(card) = &card {
            stored::insert_card(tx, mark, card, context.now)?;
        }
    }
    marks.extend(card.map(|card| (Mark::Card, card)));
    let count = |(kind, mark): &(Mark, String)| Count {
        key: format!("declines/{kind}/{mark}"),
        window_ms: HOUR_MS,
        add: 1,
        most: i64::MAX,
    };
    let counts: Vec<Count> = marks.iter().map(count).collect();
    stored::room(tx, &counts, context.now)?;
    stored::add_all(tx, &counts)
}

/// The money of an order came. `Some`: it waits for people, because its card is over a cap or its marks show how
/// thieves try cards. The card of an order is counted once, here.
pub(crate) fn at_capture(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: &str,
    top_up: &TopUp,
    instrument: Option<&str>,
) -> anyhow::Result<Option<RiskKind>> {
    let mut marks = stored::marks(tx, &top_up.id)?;
    marks.retain(|(kind, _)| *kind != Mark::Card);
    let card = instrument.map(|instrument| card_mark(provider, top_up, instrument));
    let mut over = None;
    if let Some(card) = &card {
        stored::set_card(tx, &top_up.id, card, context.now)?;
        for (_, mark) in &marks {
            stored::insert_card(tx, mark, card, context.now)?;
        }
        let hand =
            Hand { marks: Vec::new(), signed_in: top_up.subscriber.is_some(), total: top_up.prices.total };
        let counts = hand.counts(&context.limits, Mark::Card, card);
        over = stored::room(tx, &counts, context.now)?
            .map(|full| full.key.split('/').next().unwrap_or("orders").to_owned());
        // What was paid counts, whatever becomes of it: the next one is over the cap as well.
        stored::add_all(tx, &counts)?;
        marks.push((Mark::Card, card.clone()));
    }
    let noticed = match over {
        Some(what) => Some((RiskKind::OverCap, format!("{what}_per_card"))),
        None => pattern(tx, context, &marks)?.map(|what| (RiskKind::Testing, what)),
    };
    let Some((kind, detail)) = noticed else { return structured(tx, top_up) };
    let event = RiskEvent { kind, subject: String::new(), detail, at: context.now };
    stored::insert_event(tx, &top_up.id, &event)?;
    metrics::counter!("recarga_risk_total", "what" => "held", "by" => kind.as_str()).increment(1);
    tracing::warn!(top_up = %top_up.id, what = %kind, "a paid order waits for people");
    Ok(Some(kind))
}

/// Was it noticed at its counter, before the card was asked for, that large sums are split?
fn structured(tx: &mut Tx<'_>, top_up: &TopUp) -> anyhow::Result<Option<RiskKind>> {
    if top_up.channel != Channel::Agent {
        return Ok(None);
    }
    let noticed = stored::list_events(tx, &top_up.id)?.into_iter().map(|event| event.kind);
    Ok(noticed.into_iter().find(|kind| *kind == RiskKind::Structuring))
}

fn pattern(
    tx: &mut Tx<'_>,
    context: &StepContext,
    marks: &[(Mark, String)],
) -> anyhow::Result<Option<String>> {
    for (kind, mark) in marks {
        if let Some((_, what)) = tried(tx, context, *kind, mark)? {
            return Ok(Some(format!("{what}_per_{kind}")));
        }
    }
    Ok(None)
}

/// Does an order wait for people because of what was noticed when it was paid?
pub(crate) fn is_held(tx: &mut Tx<'_>, top_up: &TopUpId) -> anyhow::Result<bool> {
    let events = stored::list_events(tx, top_up)?;
    Ok(events.iter().any(|event| event.kind.holds())
        && !events.iter().any(|event| event.kind == RiskKind::Released))
}

/// Notes that people let an order through.
pub(crate) fn released(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUpId,
    actor: &Actor,
) -> anyhow::Result<()> {
    let (subject, detail) = (String::new(), actor.to_string());
    let event = RiskEvent { kind: RiskKind::Released, subject, detail, at: context.now };
    stored::insert_event(tx, top_up, &event).map(|_| ())
}

/// Lets a paid order through that waits for people, with who did and why in the audit; or says why not. Should it not
/// be let through, its money goes back by a refund that two people agree on.
pub async fn release(
    world: &World,
    top_up: &TopUpId,
    actor: Actor,
    reason: &str,
) -> Result<std::result::Result<(), NotReleased>> {
    let id = top_up.clone();
    let payment = world.db.read(move |tx| store::payment::find_by_top_up(tx, &id)).await?;
    let provider = payment.map(|payment| world.payments.of(&payment.provider).map(PaymentGateway::name));
    let provider = provider.transpose()?;
    let (context, id, reason) = (world.step(), top_up.clone(), reason.to_owned());
    let released = world.db.write(move |tx| {
        let released = match provider {
            Some(provider) => apply::release(tx, &context, provider, &id, actor.clone())?,
            None => held::release(tx, &context, &id, actor.clone())?,
        };
        let now = match released {
            Ok(now) => now,
            Err(why) => return Ok(Err(why)),
        };
        let entry = Entry::of(actor.clone(), AuditAction::Released, SubjectKind::TopUp, id.as_str());
        let detail = serde_json::json!({ "before": TopUpState::Review, "after": now.state });
        let entry = entry.about(&now.line).because(&reason).with(detail.to_string());
        audit::record(tx, &context, &entry)?;
        Ok(Ok(()))
    });
    let released = released.await?;
    world.wake();
    Ok(released)
}

/// What was noticed about an order, for those who work on it.
pub async fn events(world: &World, top_up: &TopUpId) -> Result<Vec<RiskEvent>> {
    let id = top_up.clone();
    Ok(world.db.read(move |tx| stored::list_events(tx, &id)).await?)
}

/// Forgets what need not be kept, and reads the limits anew.
pub(crate) async fn sweep(world: &World, most: i64) -> Result<()> {
    limits(world).await?;
    let now = world.now();
    let before = now.plus_ms(-MARKS_DAYS * DAY_MS);
    Ok(world.db.write(move |tx| stored::purge(tx, now, before, most)).await?)
}
