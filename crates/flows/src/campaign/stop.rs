//! How people end marketing without signing in: a word such as STOP as answer to a text message, and the button or the
//! link of a mail. Both only withdraw; consent comes back in the account alone.
//!
//! Hearing the same word again changes nothing, and it is answered once a day per contact at most, so that two machines
//! that answer each other fall silent. Other words, and numbers that are nobody's contact, get no answer.

use crate::error::Result;
use crate::office::audit;
use crate::work::Done;
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::account::{ConsentSource, ContactKind};
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::campaign::{MessageState, folded};
use domain::id::{ContactId, MessageId, SubscriberId};
use domain::links;
use domain::msisdn::Msisdn;
use domain::notice::NoticeChannel;
use domain::time::{DAY_MS, SECOND_MS};
use gateways::messaging::{Heard, Inbound, Sms, SmsOutcome};
use render::view::MarketingEndedSms;
use std::sync::Arc;
use store::Tx;
use store::account::{consent, contact, subscriber};
use store::campaign;
use store::keyring::Purpose;
use store::outbox::{self, NewWork, Topic, Work};
use tokio::sync::mpsc;

/// Tries to hand an answer over that was not taken.
const TRIES_MAX: i64 = 8;

/// Takes what people write until the SMS centre is gone. Each message is acknowledged once its effect is stored; one
/// that could not be stored stays with the SMS centre.
pub async fn listen(world: Arc<World>, mut listens: mpsc::Receiver<Heard>) {
    while let Some(heard) = listens.recv().await {
        match hear(&world, &heard.message).await {
            Ok(()) => heard.taken(),
            Err(error) => tracing::error!(error = %error.chain(), "an inbound message was not written down"),
        }
    }
}

/// Somebody wrote to us: a word that ends marketing does so, for everybody whose contact phone it is.
pub async fn hear(world: &World, inbound: &Inbound) -> Result<()> {
    let Ok(number) = Msisdn::parse_e164(&inbound.from) else { return Ok(()) };
    let word = folded(&inbound.text);
    if !world.renderer.ends_marketing(&word) {
        metrics::counter!("recarga_inbound_total", "word" => "other").increment(1);
        return Ok(());
    }
    metrics::counter!("recarga_inbound_total", "word" => "stop").increment(1);
    let hashes = world.keyring.hashes(Purpose::Msisdn, number.digits());
    let context = world.step();
    let answers = world.db.write(move |tx| {
        let mut ended = Vec::new();
        let mut answers = false;
        for hash in &hashes {
            let Some(found) = contact::find(tx, ContactKind::Phone, std::slice::from_ref(hash))? else {
                continue;
            };
            if withdraw(tx, &context, &found.subscriber, NoticeChannel::Sms, ConsentSource::Reply)? {
                ended.push(found.subscriber.clone());
            }
            let since = context.now.plus_ms(-DAY_MS);
            if campaign::stop_reply(tx, &found.id, &found.subscriber, context.now, since)? {
                let work = NewWork::due(Topic::StopReply, found.id.as_str(), context.now);
                outbox::push(tx, work, context.ids.as_ref(), context.now)?;
                answers = true;
            }
        }
        for subscriber in &ended {
            note(tx, &context, subscriber, "reply")?;
        }
        Ok(answers)
    });
    if answers.await? {
        world.messages_waiting.notify_one();
    }
    Ok(())
}

fn withdraw(
    tx: &mut Tx<'_>,
    context: &StepContext,
    subscriber: &SubscriberId,
    channel: NoticeChannel,
    source: ConsentSource,
) -> anyhow::Result<bool> {
    consent::withdraw(tx, subscriber, channel, source, context.now)
}

/// The audit keeps who ended it and how; a step writes it last.
fn note(tx: &mut Tx<'_>, context: &StepContext, subscriber: &SubscriberId, how: &str) -> anyhow::Result<()> {
    let (action, kind) = (AuditAction::ConsentWithdrawn, SubjectKind::Subscriber);
    let entry = Entry::of(Actor::System, action, kind, subscriber.as_str());
    audit::record(tx, context, &entry.with(serde_json::json!({ "by": how }).to_string()))
}

/// The work behind an answer to STOP: it is sent once, and not again when nobody knows whether it was.
pub async fn confirm(world: &World, work: &Work) -> Result<Done> {
    let id = ContactId::stored(work.subject.as_str());
    let wanted = id.clone();
    let found = world.db.write(move |tx| {
        let Some(reply) = campaign::find_stop_reply(tx, &wanted)? else { return Ok(None) };
        if !campaign::confirm(tx, &wanted, MessageState::Queued, MessageState::Sending)? {
            return Ok(None);
        }
        let contacts = contact::list(tx, &reply.subscriber)?;
        let own = contacts.into_iter().find(|contact| contact.id == wanted);
        Ok(own.zip(subscriber::find(tx, &reply.subscriber)?))
    });
    // Sent already, or the contact is not theirs any more.
    let Some((contact, subscriber)) = found.await? else { return Ok(Done::Finished) };
    let gateway = world.sms.as_ref().context("no SMS centre is set up")?;
    let view = MarketingEndedSms { brand: world.settings.brand.clone() };
    let sms = Sms {
        id: MessageId::new(world.ids.as_ref(), world.now()),
        to: world.keyring.open_sealed(Purpose::Msisdn, &contact.value_sealed)?,
        text: world.renderer.text(subscriber.locale, &view),
    };
    let (state, done) = match gateway.send(&sms).await {
        SmsOutcome::Accepted { .. } => (MessageState::Sent, Done::Finished),
        SmsOutcome::Refused { .. } => (MessageState::Failed, Done::Finished),
        SmsOutcome::Unknown { .. } => (MessageState::Unclear, Done::Finished),
        SmsOutcome::NotTaken { .. } if work.attempts < TRIES_MAX => {
            let pause = SECOND_MS << work.attempts.clamp(0, 8);
            (MessageState::Queued, Done::At(world.now().plus_ms(pause)))
        }
        SmsOutcome::NotTaken { why } => (MessageState::Dead, Done::GivenUp(why)),
    };
    world.db.write(move |tx| campaign::confirm(tx, &id, MessageState::Sending, state)).await?;
    Ok(done)
}

/// The address at which one reader ends marketing mails. The token is sealed: nobody can make one up.
pub(super) fn unsubscribe_url(world: &World, message: &MessageId) -> Result<String> {
    let token = world.keyring.seal(Purpose::Unsubscribe, message.as_str())?;
    Ok(links::unsubscribe(&world.settings.public_url, &token))
}

/// What a token of a mail stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub subscriber: SubscriberId,
    pub channel: NoticeChannel,
    /// The address or number, masked; nothing once it is not theirs any more.
    pub shown: Option<String>,
    /// Is it ended already?
    pub ended: bool,
}

/// Reads a token; nothing for one that is none of ours, or whose account is gone.
pub async fn find(world: &World, token: &str) -> Result<Option<Ending>> {
    let Ok(id) = world.keyring.open_sealed(Purpose::Unsubscribe, token) else { return Ok(None) };
    let id = MessageId::stored(id);
    let found = world.db.read(move |tx| {
        let Some(message) = campaign::find_message(tx, &id)? else { return Ok(None) };
        let contacts = contact::list(tx, &message.subscriber)?;
        let own = contacts.into_iter().find(|contact| contact.kind.channel() == message.channel);
        let ended = !consent::is_given(tx, &message.subscriber, message.channel)?;
        let shown = own.map(|contact| contact.shown);
        Ok(Some(Ending { subscriber: message.subscriber, channel: message.channel, shown, ended }))
    });
    Ok(found.await?)
}

/// Ends marketing on the channel of a token. Doing it again changes nothing.
pub async fn end(world: &World, token: &str) -> Result<Option<Ending>> {
    let Some(found) = find(world, token).await? else { return Ok(None) };
    let (context, ending) = (world.step(), found.clone());
    let ended = world.db.write(move |tx| {
        if withdraw(tx, &context, &ending.subscriber, ending.channel, ConsentSource::Mail)? {
            note(tx, &context, &ending.subscriber, "mail")?;
        }
        Ok(())
    });
    ended.await?;
    Ok(Some(Ending { ended: true, ..found }))
}
