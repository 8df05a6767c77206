//! Notices: telling people what became of their top-up. One message per top-up, kind, refund and channel, however
//! often the news arrives; a state that comes again is told again.
//!
//! Start reading at [`announce`], which decides who is told what. `send` hands a message over and writes down what
//! became of it, `sms` and `email` know their channel, `receipts` is what the SMS centre says later.

mod email;
mod receipts;
mod send;
mod sms;

pub use receipts::{delivered, receipt};
pub use send::send;
pub use sms::arrived;

use crate::error::Result;
use crate::work::Done;
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::id::{MessageId, RefundId, TopUpId};
use domain::notice::{MessageState, NoticeChannel, NoticeKind};
use domain::top_up::{TopUp, TopUpState};
use store::Tx;
use store::message::{self, Message};
use store::outbox::{self, NewWork, Topic, Work};

/// What happened.
enum News {
    /// The order came into a state.
    State(TopUpState),
    /// Something became of one of its refunds.
    Refund(NoticeKind, RefundId),
}

impl News {
    fn of(detail: &str) -> anyhow::Result<News> {
        Ok(match detail.split_once(' ') {
            Some((kind, refund)) => {
                let kind = NoticeKind::parse(kind).context("an unknown notice about a refund")?;
                News::Refund(kind, RefundId::stored(refund))
            }
            None => News::State(TopUpState::parse(detail).context("a change to an unknown state")?),
        })
    }
}

/// What is to be told.
struct Notice {
    kind: NoticeKind,
    refund: Option<RefundId>,
}

impl Notice {
    fn of(kind: NoticeKind) -> Notice {
        Notice { kind, refund: None }
    }

    fn about(kind: NoticeKind, refund: &RefundId) -> Notice {
        Notice { kind, refund: Some(refund.clone()) }
    }
}

/// The work behind every change of a top-up: decides who is told what.
pub async fn announce(world: &World, work: &Work) -> Result<Done> {
    let news = News::of(work.detail.as_deref().context("a change without its state")?)?;
    let by_sms = world.sms.is_some() && sms::may_tell(&news);
    let by_email = world.email.is_some();
    if !by_sms && !by_email {
        return Ok(Done::Finished);
    }
    let (context, id) = (world.step(), TopUpId::stored(work.subject.as_str()));
    world
        .db
        .write(move |tx| {
            let top_up = store::top_up::load(tx, &id)?;
            if by_sms && let Some(notice) = sms::told(tx, &top_up, &news)? {
                queue(tx, &context, &top_up, NoticeChannel::Sms, notice)?;
            }
            if by_email && let Some(notice) = email::told(tx, &context, &top_up, &news)? {
                queue(tx, &context, &top_up, NoticeChannel::Email, notice)?;
            }
            Ok(())
        })
        .await?;
    world.messages_waiting.notify_one();
    Ok(Done::Finished)
}

/// The work behind an answer that was owed some time ago: tells of it if it still is.
pub async fn late(world: &World, work: &Work) -> Result<Done> {
    if world.email.is_none() {
        return Ok(Done::Finished);
    }
    let (context, id) = (world.step(), TopUpId::stored(work.subject.as_str()));
    world
        .db
        .write(move |tx| {
            let top_up = store::top_up::load(tx, &id)?;
            if email::is_late(&top_up, context.now) {
                queue(tx, &context, &top_up, NoticeChannel::Email, Notice::of(NoticeKind::Late))?;
            }
            Ok(())
        })
        .await?;
    world.messages_waiting.notify_one();
    Ok(Done::Finished)
}

/// Writes the message and the work to send it, unless it was written already.
fn queue(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    channel: NoticeChannel,
    notice: Notice,
) -> anyhow::Result<()> {
    let locale = match channel {
        NoticeChannel::Sms => store::line::load(tx, &top_up.line)?.locale.unwrap_or(top_up.locale),
        NoticeChannel::Email => top_up.locale,
    };
    let message = Message {
        id: MessageId::new(context.ids.as_ref(), context.now),
        top_up: top_up.id.clone(),
        channel,
        kind: notice.kind,
        refund: notice.refund,
        version: if notice.kind.tells_of_a_state() { top_up.version } else { 0 },
        locale,
        line: top_up.line.clone(),
        state: MessageState::Queued,
        created_at: context.now,
    };
    if message::insert(tx, &message)? {
        let send = NewWork::due(Topic::Message, message.id.as_str(), context.now);
        outbox::push(tx, send, context.ids.as_ref(), context.now)?;
    }
    Ok(())
}

/// What people quote when they ask about a refund: the end of its id.
pub fn short_reference(id: &str) -> String {
    let tail = id.len().saturating_sub(REFERENCE_LETTERS);
    format!("{REFERENCE}{}", &id[tail..])
}

const REFERENCE: &str = "RF-";
const REFERENCE_LETTERS: usize = 8;

/// The end of a refund's id in what somebody typed as its reference.
pub fn end_of_reference(typed: &str) -> Option<String> {
    let typed = typed.trim().to_uppercase();
    let end = typed.strip_prefix(REFERENCE)?;
    let fits = end.len() == REFERENCE_LETTERS && end.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| end.to_owned())
}
