//! Sending one message, on whichever channel it travels: what is still to be sent is handed over outside of any
//! transaction, and what became of it is written down.

use super::{email, sms};
use crate::error::Result;
use crate::work::Done;
use crate::world::World;
use domain::id::MessageId;
use domain::notice::{MessageState, NoticeChannel};
use domain::time::UnixMs;
use store::message;
use store::outbox::{self, Topic, Work};

/// What became of one try.
pub(super) struct Tried {
    pub state: MessageState,
    /// What the other side calls the message.
    pub reference: Option<String>,
    pub error: Option<String>,
    pub done: Done,
}

impl Tried {
    /// It was taken.
    pub fn sent(reference: Option<String>) -> Tried {
        Tried { state: MessageState::Sent, reference, error: None, done: Done::Finished }
    }

    /// It never will be taken.
    pub fn refused(code: String) -> Tried {
        Tried { state: MessageState::Failed, reference: None, error: Some(code), done: Done::Finished }
    }

    /// It was not taken, or nobody knows: again at `next`, or never when there is no next time.
    pub fn unanswered(why: String, next: Option<UnixMs>) -> Tried {
        let (state, done) = match next {
            Some(at) => (MessageState::Queued, Done::At(at)),
            None => (MessageState::Dead, Done::GivenUp(why.clone())),
        };
        Tried { state, reference: None, error: Some(why), done }
    }

    /// What it says is no longer so.
    pub fn outdated() -> Tried {
        Tried { state: MessageState::Outdated, reference: None, error: None, done: Done::Finished }
    }
}

/// Sends one message, or tries again later.
pub async fn send(world: &World, work: &Work) -> Result<Done> {
    let id = MessageId::stored(work.subject.as_str());
    let (message, top_up) = {
        let id = id.clone();
        world
            .db
            .read(move |tx| {
                let message = message::load(tx, &id)?;
                let top_up = store::top_up::load(tx, &message.top_up)?;
                Ok((message, top_up))
            })
            .await?
    };
    if message.state != MessageState::Queued {
        return Ok(Done::Finished);
    }
    let channel = message.channel;
    let tried = match channel {
        NoticeChannel::Sms => sms::send(world, work, &message, &top_up).await?,
        NoticeChannel::Email => email::send(world, work, &message, top_up).await?,
    };
    store::fail::point("message.after_send");
    let Tried { state, reference, error, done } = tried;
    let now = world.now();
    world
        .db
        .write(move |tx| {
            message::tried(tx, &id, state, reference.as_deref(), error.as_deref(), now)?;
            // The receipt of a text message can overtake the answer: then it waits here.
            let Some(reference) = reference.as_ref().filter(|_| channel == NoticeChannel::Sms) else {
                return Ok(());
            };
            let early = outbox::take(tx, Topic::Receipt, reference)?;
            if let Some(state) = early.as_deref().and_then(MessageState::parse) {
                message::receipt(tx, reference, state, now)?;
            }
            Ok(())
        })
        .await?;
    count(channel, state);
    Ok(done)
}

/// Counts what became of a message.
pub(super) fn count(channel: NoticeChannel, state: MessageState) {
    metrics::counter!("recarga_messages_total", "channel" => channel.as_str(), "state" => state.as_str())
        .increment(1);
}
