//! Notices: telling people what became of their top-up. One message per top-up and kind, and one per refund,
//! however often the news arrives.

use crate::error::Result;
use crate::lines;
use crate::work::Done;
use crate::world::World;
use anyhow::Context;
use domain::id::{MessageId, RefundId, TopUpId};
use domain::money::Money;
use domain::notice::{MessageState, NoticeChannel, NoticeKind};
use domain::offer::Benefit;
use domain::time::SECOND_MS;
use domain::top_up::{TopUp, TopUpState};
use gateways::messaging::{DeliveryReceipt, DeliveryState, Sms, SmsOutcome};
use render::view::{CreditedSms, RefundStartedSms, SurplusReturningSms};
use store::message::{self, Message};
use store::outbox::{self, NewWork, Topic, Work};

/// After so many tries without an answer a message is dead and people look at it.
const TRIES_MAX: i64 = 8;

/// The work behind every change of a top-up: decides who is told what.
pub async fn announce(world: &World, work: &Work) -> Result<Done> {
    let detail = work.detail.as_deref().context("a change without its state")?;
    let told = match detail.split_once(' ') {
        Some((kind, refund)) => {
            let kind = NoticeKind::parse(kind).context("an unknown notice about a refund")?;
            Some((kind, Some(RefundId::stored(refund))))
        }
        None => {
            let state = TopUpState::parse(detail).context("a change to an unknown state")?;
            kind_for(state).map(|kind| (kind, None))
        }
    };
    let Some((kind, refund)) = told.filter(|_| world.sms.is_some()) else { return Ok(Done::Finished) };
    let (context, id) = (world.step(), TopUpId::stored(work.subject.as_str()));
    world
        .db
        .write(move |tx| {
            let top_up = store::top_up::load(tx, &id)?;
            let line = store::line::load(tx, &top_up.line)?;
            let message = Message {
                id: MessageId::new(context.ids.as_ref(), context.now),
                top_up: top_up.id,
                channel: NoticeChannel::Sms,
                kind,
                refund: refund.clone(),
                locale: line.locale.unwrap_or(top_up.locale),
                line: line.id,
                state: MessageState::Queued,
                created_at: context.now,
            };
            if message::insert(tx, &message)? {
                let send = NewWork::due(Topic::Message, message.id.as_str(), context.now);
                outbox::push(tx, send, context.ids.as_ref(), context.now)?;
            }
            Ok(())
        })
        .await?;
    world.work_waiting.notify_one();
    Ok(Done::Finished)
}

fn kind_for(state: TopUpState) -> Option<NoticeKind> {
    match state {
        TopUpState::Credited => Some(NoticeKind::Credited),
        // Money that goes back is told per refund, by whoever starts it.
        TopUpState::Refunding
        | TopUpState::AwaitingPayment
        | TopUpState::CheckingPayment
        | TopUpState::Paid
        | TopUpState::PendingNetwork
        | TopUpState::Refunded
        | TopUpState::Reversed
        | TopUpState::Cancelled
        | TopUpState::Review => None,
    }
}

/// Sends one message, or tries again later.
pub async fn send(world: &World, work: &Work) -> Result<Done> {
    let gateway = world.sms.as_ref().context("no SMS centre is set up")?;
    let id = MessageId::stored(work.subject.as_str());
    let (message, top_up, line) = {
        let id = id.clone();
        world
            .db
            .read(move |tx| {
                let message = message::load(tx, &id)?;
                let top_up = store::top_up::load(tx, &message.top_up)?;
                let line = store::line::load(tx, &message.line)?;
                Ok((message, top_up, line))
            })
            .await?
    };
    if message.state != MessageState::Queued {
        return Ok(Done::Finished);
    }
    let text = text(world, &message, &top_up, &line.last4).await?;
    let to = lines::msisdn(world, &line)?.digits().to_owned();
    let outcome = gateway.send(&Sms { id: id.clone(), to, text }).await;
    store::fail::point("message.after_send");
    let now = world.now();
    let (state, reference, error, done) = match outcome {
        SmsOutcome::Accepted { message_ids } => {
            (MessageState::Sent, message_ids.last().cloned(), None, Done::Finished)
        }
        SmsOutcome::Refused { code } => (MessageState::Failed, None, Some(code), Done::Finished),
        SmsOutcome::Unknown { why } if work.attempts >= TRIES_MAX => {
            (MessageState::Dead, None, Some(why.clone()), Done::GivenUp(why))
        }
        SmsOutcome::Unknown { why } => {
            let pause = SECOND_MS << work.attempts.clamp(0, 12);
            (MessageState::Queued, None, Some(why), Done::At(now.plus_ms(pause)))
        }
    };
    world
        .db
        .write(move |tx| {
            message::tried(tx, &id, state, reference.as_deref(), error.as_deref(), now)?;
            // The receipt can overtake the answer: then it waits here.
            let Some(reference) = &reference else { return Ok(()) };
            let early = outbox::take(tx, Topic::Receipt, reference)?;
            if let Some(state) = early.as_deref().and_then(MessageState::parse) {
                message::receipt(tx, reference, state, now)?;
            }
            Ok(())
        })
        .await?;
    metrics::counter!("recarga_messages_total", "state" => state.as_str()).increment(1);
    Ok(done)
}

async fn text(world: &World, message: &Message, top_up: &TopUp, last4: &str) -> Result<String> {
    let brand = world.settings.brand.clone();
    let (code, last4) = (top_up.code.clone(), last4.to_owned());
    match message.kind {
        NoticeKind::Credited => {
            let offer = crate::top_up::quote::version(world, &top_up.offer_version).await?;
            let bundle = match offer.benefit {
                Benefit::Credit => None,
                Benefit::Bundle { .. } => Some(offer.name_in(message.locale).to_owned()),
            };
            let credit = arrived(top_up)?;
            Ok(world.renderer.text(message.locale, &CreditedSms { brand, code, last4, credit, bundle }))
        }
        NoticeKind::RefundStarted => {
            let (amount, reference) = refund_told(world, message).await?;
            Ok(world
                .renderer
                .text(message.locale, &RefundStartedSms { brand, code, last4, amount, reference }))
        }
        NoticeKind::SurplusReturning => {
            let (amount, reference) = refund_told(world, message).await?;
            Ok(world.renderer.text(message.locale, &SurplusReturningSms { brand, code, amount, reference }))
        }
    }
}

/// The credit that arrives with a top-up of credit, bonus included.
pub fn arrived(top_up: &TopUp) -> Result<Money> {
    top_up.prices.credit().map_err(|e| anyhow::Error::from(e).into())
}

/// Amount and reference of the refund that a message tells of.
async fn refund_told(world: &World, message: &Message) -> Result<(Money, String)> {
    let id = message.refund.clone().context("a message about no refund")?;
    let refund = world.db.read(move |tx| store::refund::load(tx, &id)).await?;
    Ok((refund.amount, short_reference(refund.id.as_str())))
}

/// What people quote when they ask about a refund: the end of its id.
pub fn short_reference(id: &str) -> String {
    let tail = id.len().saturating_sub(8);
    format!("RF-{}", &id[tail..])
}

/// A delivery receipt from the message centre. One that overtakes the answer to its message waits for it.
pub async fn delivered(world: &World, receipt: DeliveryReceipt) -> Result<()> {
    let state = match receipt.state {
        DeliveryState::Delivered => MessageState::Delivered,
        DeliveryState::Undelivered { .. } => MessageState::Failed,
        DeliveryState::Other => return Ok(()),
    };
    let (id, context) = (receipt.message_id, world.step());
    world
        .db
        .write(move |tx| {
            if !message::receipt(tx, &id, state, context.now)? {
                let work = NewWork {
                    detail: Some(state.as_str().to_owned()),
                    ..NewWork::due(Topic::Receipt, id.as_str(), context.now)
                };
                outbox::push(tx, work, context.ids.as_ref(), context.now)?;
            }
            Ok(())
        })
        .await?;
    metrics::counter!("recarga_messages_total", "state" => state.as_str()).increment(1);
    Ok(())
}

/// How often a receipt that fits no message is tried again: it may be about somebody else's message.
const RECEIPT_TRIES_MAX: i64 = 6;

/// The work behind an early receipt.
pub async fn receipt(world: &World, work: &Work) -> Result<Done> {
    let state =
        work.detail.as_deref().and_then(MessageState::parse).context("a receipt without its state")?;
    let (id, now) = (work.subject.clone(), world.now());
    let fits = world.db.write(move |tx| message::receipt(tx, &id, state, now)).await?;
    if fits || work.attempts >= RECEIPT_TRIES_MAX {
        return Ok(Done::Finished);
    }
    Ok(Done::At(now.plus_ms(SECOND_MS << work.attempts)))
}
