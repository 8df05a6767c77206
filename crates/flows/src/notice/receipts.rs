//! Delivery receipts: what the SMS centre says later about a text message that it took.

use super::send::count;
use crate::error::Result;
use crate::work::Done;
use crate::world::World;
use anyhow::Context;
use domain::notice::{MessageState, NoticeChannel};
use domain::time::{SECOND_MS, UnixMs};
use gateways::messaging::{DeliveryReceipt, DeliveryState};
use store::outbox::{self, NewWork, Topic, Work};
use store::{Tx, campaign, message};

/// A delivery receipt arrives. One that overtakes the answer to its message waits for it.
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
            if !known(tx, &id, state, context.now)? {
                let work = NewWork {
                    detail: Some(state.as_str().to_owned()),
                    ..NewWork::due(Topic::Receipt, id.as_str(), context.now)
                };
                outbox::push(tx, work, context.ids.as_ref(), context.now)?;
            }
            Ok(())
        })
        .await?;
    count(NoticeChannel::Sms, state);
    Ok(())
}

/// Is it about one of our messages, to a buyer or of a campaign?
fn known(tx: &mut Tx<'_>, id: &str, state: MessageState, now: UnixMs) -> anyhow::Result<bool> {
    let delivered = state == MessageState::Delivered;
    Ok(message::receipt(tx, id, state, now)? || campaign::receipt(tx, id, delivered, now)?)
}

/// How often a receipt that fits no message is tried again: it may be about somebody else's message.
const RECEIPT_TRIES_MAX: i64 = 6;

/// The work behind an early receipt.
pub async fn receipt(world: &World, work: &Work) -> Result<Done> {
    let state =
        work.detail.as_deref().and_then(MessageState::parse).context("a receipt without its state")?;
    let (id, now) = (work.subject.clone(), world.now());
    let fits = world.db.write(move |tx| known(tx, &id, state, now)).await?;
    if fits || work.attempts >= RECEIPT_TRIES_MAX {
        return Ok(Done::Finished);
    }
    Ok(Done::At(now.plus_ms(SECOND_MS << work.attempts)))
}
