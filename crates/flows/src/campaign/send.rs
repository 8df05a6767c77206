//! Sending a campaign. [`feed`] writes down the messages of the next readers, so many at a time and each with the
//! moment from which it may go; [`message`] sends one of them.
//!
//! Nobody gets a campaign twice: there is one message per campaign and reader, and a message is taken in a step of its
//! own before it is handed over. A process that dies in between leaves it taken, and whoever finds it so calls it
//! unclear and does not send it again. What was certainly not taken is tried again.

use super::hand_over::{self, Handed};
use super::readers::{self, Reader};
use crate::error::Result;
use crate::work::Done;
use crate::world::{StepContext, World};
use domain::account::ContactKind;
use domain::campaign::{CampaignState, MessageState};
use domain::id::{CampaignId, MessageId};
use domain::notice::NoticeChannel;
use domain::risk::{Limit, Switch};
use domain::time::{DAY_MS, MINUTE_MS, SECOND_MS, UnixMs};
use store::Tx;
use store::account::{consent, contact, contact::Contact};
use store::campaign::{self, Agreed, Campaign, Message, Outcome};
use store::outbox::{self, NewWork, Topic, Work};

/// Readers of one round, and the pause between two rounds: fifty messages in a second at most.
const ROUND: i64 = 100;
const PAUSE_MS: i64 = 2 * SECOND_MS;
const APART_MS: i64 = PAUSE_MS / ROUND;
/// Those who wait for the morning are spread over so many places, so that the morning is no flood.
const MORNING_PLACES: i64 = 30_000;
const WEEK_MS: i64 = 7 * DAY_MS;
/// How long to wait after each try that took nothing.
const PAUSES_MS: [i64; 6] =
    [30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, 180 * MINUTE_MS];

/// The work behind a campaign that was approved: the next readers, until there are no more, and then its end.
pub async fn feed(world: &World, work: &Work) -> Result<Done> {
    let id = CampaignId::stored(work.subject.as_str());
    let wanted = id.clone();
    let found = world.db.read(move |tx| campaign::find(tx, &wanted)).await?;
    let Some(campaign) = found.filter(|campaign| campaign.state == CampaignState::Approved) else {
        return Ok(Done::Finished);
    };
    let now = world.now();
    if now >= campaign.plan.ends_at {
        super::decide::end_queued(world, &id, MessageState::Lapsed).await?;
        return close(world, campaign).await;
    }
    let soon = now.plus_ms(MINUTE_MS).min(campaign.plan.ends_at);
    if !crate::risk::limits(world).await?.on(Switch::Marketing) {
        return Ok(Done::At(soon));
    }
    let (markets, after) = (campaign.plan.markets.clone(), campaign.fed_to.clone());
    let agreed = world.db.read(move |tx| campaign::readers_after(tx, &markets, &after, ROUND)).await?;
    if agreed.is_empty() {
        let open = world.db.read(move |tx| campaign::has_open(tx, &id)).await?;
        return if open { Ok(Done::At(soon)) } else { close(world, campaign).await };
    }
    write_down(world, &campaign, &agreed).await?;
    store::fail::point("campaign.after_feed");
    Ok(Done::At(now.plus_ms(PAUSE_MS)))
}

async fn close(world: &World, campaign: Campaign) -> Result<Done> {
    let now = world.now();
    let closed = world.db.write(move |tx| {
        // Somebody may have stopped it meanwhile.
        let Some(found) = campaign::lock(tx, &campaign.id)? else { return Ok(()) };
        if found.state != CampaignState::Approved {
            return Ok(());
        }
        let done = Campaign { state: CampaignState::Done, state_at: now, ..found };
        campaign::update(tx, CampaignState::Approved, &done)
    });
    closed.await?;
    Ok(Done::Finished)
}

/// Writes down the messages of these readers with the work to send them, in one step, once.
async fn write_down(world: &World, campaign: &Campaign, agreed: &[Agreed]) -> Result<()> {
    let catalogue = world.fresh_catalogue().await?;
    let context = world.step();
    let mut planned: Vec<(Message, UnixMs)> = Vec::with_capacity(agreed.len());
    for (place, one) in (0_i64..).zip(agreed) {
        let reader = readers::reader(world, &catalogue, &campaign.plan, one, context.now)?;
        let Some(Reader { channel, locale, open_at }) = reader else { continue };
        let message = Message {
            id: MessageId::new(context.ids.as_ref(), context.now),
            campaign: campaign.id.clone(),
            subscriber: one.subscriber.clone(),
            channel,
            locale,
            state: MessageState::Queued,
            created_at: context.now,
        };
        let places = if open_at > context.now { campaign.fed + place } else { place };
        planned.push((message, open_at.plus_ms(places % MORNING_PLACES * APART_MS)));
    }
    let (id, from) = (campaign.id.clone(), campaign.fed_to.clone());
    let to = agreed.last().map_or_else(String::new, |last| last.subscriber.to_string());
    let written = world.db.write(move |tx| {
        let messages: Vec<Message> = planned.iter().map(|(message, _)| message.clone()).collect();
        let count = i64::try_from(messages.len())?;
        // Another worker was faster: these readers have their messages.
        if !campaign::feed(tx, &id, &from, &to, count)? {
            return Ok(());
        }
        let new = campaign::insert_messages(tx, &messages)?;
        let due = |(message, at): &(Message, UnixMs)| {
            let new = new.iter().any(|new| new.id == message.id);
            new.then(|| NewWork::due(Topic::CampaignMessage, message.id.as_str(), *at))
        };
        let work: Vec<NewWork> = planned.iter().filter_map(due).collect();
        outbox::push_all(tx, &work, context.ids.as_ref(), context.now)
    });
    Ok(written.await?)
}

/// Everything that is known about a message before it is taken.
struct Known {
    message: Message,
    campaign: Campaign,
    contacts: Vec<Contact>,
    market: Option<String>,
}

fn known(tx: &mut Tx<'_>, id: &MessageId) -> anyhow::Result<Option<Known>> {
    let Some(message) = campaign::find_message(tx, id)? else { return Ok(None) };
    let Some(campaign) = campaign::find(tx, &message.campaign)? else { return Ok(None) };
    let contacts = contact::list(tx, &message.subscriber)?;
    let lines = store::account::subscriber_line::list(tx, &message.subscriber)?;
    let mut market = None;
    for own in &lines {
        let country = store::line::load(tx, &own.line)?.market;
        let wanted = campaign.plan.markets.contains(&country);
        if market.is_none() || wanted {
            market = Some(country);
        }
    }
    Ok(Some(Known { message, campaign, contacts, market }))
}

impl Known {
    fn contact(&self) -> Option<&Contact> {
        let kind = match self.message.channel {
            NoticeChannel::Sms => ContactKind::Phone,
            NoticeChannel::Email => ContactKind::Email,
        };
        self.contacts.iter().find(|contact| contact.kind == kind)
    }

    /// From when on the reader may be written to.
    async fn day(&self, world: &World) -> Result<UnixMs> {
        let phone = self.contacts.iter().find(|contact| contact.kind == ContactKind::Phone);
        let phone = readers::phone(world, phone.map(|contact| contact.value_sealed.as_str()))?;
        let catalogue = world.fresh_catalogue().await?;
        Ok(readers::day_for(&catalogue, phone.as_ref(), self.market.as_deref(), world.now()))
    }
}

/// What is to be done with a message.
enum Verdict {
    /// It was taken: it is handed over now, by nobody else.
    Send,
    /// Not before this time.
    Wait(UnixMs),
    Over,
}

/// The work behind one message.
pub async fn message(world: &World, work: &Work) -> Result<Done> {
    let id = MessageId::stored(work.subject.as_str());
    let wanted = id.clone();
    let Some(known) = world.db.read(move |tx| known(tx, &wanted)).await? else { return Ok(Done::Finished) };
    let on = crate::risk::limits(world).await?.on(Switch::Marketing);
    let open_at = if on { known.day(world).await? } else { world.now().plus_ms(MINUTE_MS) };
    let (context, sealed) = (world.step(), known.contact().map(|contact| contact.value_sealed.clone()));
    let (message, plan) = (known.message.clone(), known.campaign.plan.clone());
    let verdict = world.db.write(move |tx| take(tx, &context, &message, sealed.as_deref(), open_at)).await?;
    match verdict {
        Verdict::Over => return Ok(Done::Finished),
        Verdict::Wait(at) => return Ok(Done::At(at)),
        Verdict::Send => {}
    }
    store::fail::point("campaign.after_take");
    let market = known.market.clone().or_else(|| plan.markets.first().cloned());
    let sealed = known.contact().map(|contact| contact.value_sealed.as_str()).unwrap_or_default();
    // A fault of ours before the hand-over must not look as if it had been handed over.
    let handed = match hand_over::hand_over(world, &known.message, &plan, sealed, market.as_deref()).await {
        Ok(handed) => handed,
        Err(error) => Handed::NotTaken(error.chain()),
    };
    store::fail::point("campaign.after_send");
    written(world, work, &known.message, handed).await
}

/// Looks once more whether a message may be sent, and takes it. The reader is locked: of two messages at one moment
/// the second one sees the first one under the weekly limit.
fn take(
    tx: &mut Tx<'_>,
    context: &StepContext,
    message: &Message,
    sealed: Option<&str>,
    open_at: UnixMs,
) -> anyhow::Result<Verdict> {
    campaign::lock_reader(tx, &message.subscriber)?;
    let Some(Message { state, .. }) = campaign::find_message(tx, &message.id)? else {
        return Ok(Verdict::Over);
    };
    match state {
        MessageState::Queued => {}
        // Whoever took it died, or has not come back within the lease.
        MessageState::Sending => return settled(tx, message, MessageState::Unclear),
        MessageState::Sent
        | MessageState::Delivered
        | MessageState::Failed
        | MessageState::Unclear
        | MessageState::Dead
        | MessageState::Withdrawn
        | MessageState::Capped
        | MessageState::Lapsed
        | MessageState::Stopped => return Ok(Verdict::Over),
    }
    let Some(campaign) = campaign::find(tx, &message.campaign)? else { return Ok(Verdict::Over) };
    if campaign.state == CampaignState::Stopped {
        return settled(tx, message, MessageState::Stopped);
    }
    if context.now >= campaign.plan.ends_at || campaign.state != CampaignState::Approved {
        return settled(tx, message, MessageState::Lapsed);
    }
    let reached = contact_is(tx, message, sealed)?;
    if !reached || !consent::is_given(tx, &message.subscriber, message.channel)? {
        return settled(tx, message, MessageState::Withdrawn);
    }
    let room_at = room_at(tx, context, message)?;
    let at = room_at.map_or(open_at, |room| room.max(open_at));
    if at >= campaign.plan.ends_at {
        let capped = room_at.is_some_and(|room| room >= campaign.plan.ends_at);
        return settled(tx, message, if capped { MessageState::Capped } else { MessageState::Lapsed });
    }
    if at > context.now {
        return Ok(Verdict::Wait(at));
    }
    let taken = campaign::take(tx, &message.id, context.now)?;
    Ok(if taken { Verdict::Send } else { Verdict::Over })
}

fn settled(tx: &mut Tx<'_>, message: &Message, state: MessageState) -> anyhow::Result<Verdict> {
    campaign::settle(tx, &message.id, state, &Outcome::default())?;
    Ok(Verdict::Over)
}

/// Is the contact still the one that the message was prepared for?
fn contact_is(tx: &mut Tx<'_>, message: &Message, sealed: Option<&str>) -> anyhow::Result<bool> {
    let contacts = contact::list(tx, &message.subscriber)?;
    Ok(sealed.is_some() && contacts.iter().any(|contact| Some(contact.value_sealed.as_str()) == sealed))
}

/// When there is room for one more message to this reader; nothing when there is now.
fn room_at(tx: &mut Tx<'_>, context: &StepContext, message: &Message) -> anyhow::Result<Option<UnixMs>> {
    let most = context.limits.of(Limit::MarketingPerWeek);
    if most <= 0 {
        return Ok(Some(UnixMs(i64::MAX)));
    }
    let since = context.now.plus_ms(-WEEK_MS);
    let handed = campaign::handed_since(tx, &message.subscriber, since, most)?;
    let full = i64::try_from(handed.len())? >= most;
    Ok(handed.last().filter(|_| full).map(|oldest| oldest.plus_ms(WEEK_MS)))
}

/// Writes down what became of handing a message over.
async fn written(world: &World, work: &Work, message: &Message, handed: Handed) -> Result<Done> {
    let (state, outcome, done) = match handed {
        Handed::Taken(reference) => {
            (MessageState::Sent, Outcome { reference, ..Outcome::default() }, Done::Finished)
        }
        Handed::Refused(code) => {
            (MessageState::Failed, Outcome { error: Some(code), ..Outcome::default() }, Done::Finished)
        }
        Handed::Unclear(why) => {
            (MessageState::Unclear, Outcome { error: Some(why), ..Outcome::default() }, Done::Finished)
        }
        Handed::NotTaken(why) => {
            let tries = usize::try_from(work.attempts - 1).unwrap_or(0);
            let outcome = Outcome { error: Some(why.clone()), untold: true, ..Outcome::default() };
            match PAUSES_MS.get(tries) {
                Some(pause) => (MessageState::Queued, outcome, Done::At(world.now().plus_ms(*pause))),
                None => (MessageState::Dead, outcome, Done::GivenUp(why)),
            }
        }
    };
    let (id, now, sms) = (message.id.clone(), world.now(), message.channel == NoticeChannel::Sms);
    world
        .db
        .write(move |tx| {
            campaign::settle(tx, &id, state, &outcome)?;
            // The receipt of a text message can overtake the answer: then it waits here.
            let Some(reference) = outcome.reference.as_ref().filter(|_| sms) else { return Ok(()) };
            let early = outbox::take(tx, Topic::Receipt, reference)?;
            if let Some(early) = early {
                let delivered = early == domain::notice::MessageState::Delivered.as_str();
                campaign::receipt(tx, reference, delivered, now)?;
            }
            Ok(())
        })
        .await?;
    let channel = message.channel.as_str();
    metrics::counter!("recarga_marketing_total", "channel" => channel, "state" => state.as_str())
        .increment(1);
    Ok(done)
}
