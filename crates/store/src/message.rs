//! Messages to people: one row per top-up, kind and channel, so that none is sent for two reasons. A message about
//! money that goes back names its refund, so that each refund is told once; one about a state that can come again
//! names the version of the top-up, so that each time is told once.

use crate::db::Tx;
use crate::trace;
use crate::values;
use anyhow::{Context, Result};
use domain::id::{LineId, MessageId, RefundId, TopUpId};
use domain::locale::Locale;
use domain::notice::{MessageState, NoticeChannel, NoticeKind};
use domain::time::UnixMs;

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub top_up: TopUpId,
    pub channel: NoticeChannel,
    pub kind: NoticeKind,
    /// The refund that it tells of.
    pub refund: Option<RefundId>,
    /// The version of the top-up that it tells of; 0 where its kind happens once.
    pub version: i64,
    pub locale: Locale,
    pub line: LineId,
    pub state: MessageState,
    pub created_at: UnixMs,
}

/// Stores the message unless the top-up has one of this kind (and refund, and version) already; says whether it is
/// new.
pub fn insert(tx: &mut Tx<'_>, m: &Message) -> Result<bool> {
    let new = tx.execute(
        "insert into message (id, top_up_id, channel, kind, refund_id, version, locale, line_id, state, attempts, \
         created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10) on conflict do nothing",
        &values![
            m.id.as_str(),
            m.top_up.as_str(),
            m.channel.as_str(),
            m.kind.as_str(),
            // Empty and not null: two nulls would not be equal to the unique index.
            m.refund.as_ref().map_or("", RefundId::as_str),
            m.version,
            m.locale.as_str(),
            m.line.as_str(),
            m.state.as_str(),
            m.created_at
        ],
    )?;
    Ok(new == 1)
}

pub fn load(tx: &mut Tx<'_>, id: &MessageId) -> Result<Message> {
    tx.query_first(
        "select id, top_up_id, channel, kind, locale, line_id, state, created_at, refund_id, version from message \
         where id = ?1",
        &values![id.as_str()],
        |row| {
            let refund = row.text(8)?;
            Ok(Message {
                id: MessageId::stored(row.text(0)?),
                top_up: TopUpId::stored(row.text(1)?),
                channel: row.word(2, NoticeChannel::parse)?,
                kind: row.word(3, NoticeKind::parse)?,
                refund: (!refund.is_empty()).then(|| RefundId::stored(refund)),
                version: row.int(9)?,
                locale: row.word(4, Locale::parse)?,
                line: LineId::stored(row.text(5)?),
                state: row.word(6, MessageState::parse)?,
                created_at: UnixMs(row.int(7)?),
            })
        },
    )?
    .with_context(|| format!("message {id} is missing"))
}

/// Writes down what became of a try to send it; a try that did not send it leaves a trace.
pub fn tried(
    tx: &mut Tx<'_>,
    id: &MessageId,
    state: MessageState,
    provider_ref: Option<&str>,
    error: Option<&str>,
    now: UnixMs,
) -> Result<()> {
    let sent_at = (state == MessageState::Sent).then_some(now);
    if sent_at.is_none() {
        trace::append(tx, id.as_str(), state.as_str(), error, now)?;
    }
    tx.execute_one(
        "update message set state = ?2, attempts = attempts + 1, provider_ref = coalesce(?3, provider_ref), \
         last_error = ?4, sent_at = coalesce(sent_at, ?5) where id = ?1 and state <> 'delivered'",
        &values![id.as_str(), state.as_str(), provider_ref, error, sent_at],
    )
}

/// A delivery receipt of the SMS centre arrived for its id; says whether it is one of ours.
pub fn receipt(tx: &mut Tx<'_>, provider_ref: &str, state: MessageState, now: UnixMs) -> Result<bool> {
    let delivered_at = (state == MessageState::Delivered).then_some(now);
    let changed = tx.execute(
        "update message set state = ?2, delivered_at = ?3 where provider_ref = ?1 and channel = 'sms' \
         and state <> 'delivered'",
        &values![provider_ref, state.as_str(), delivered_at],
    )?;
    Ok(changed > 0)
}

/// Which kind was told last about this top-up on this channel.
pub fn newest(tx: &mut Tx<'_>, top_up: &TopUpId, channel: NoticeChannel) -> Result<Option<NoticeKind>> {
    tx.query_first(
        "select kind from message where top_up_id = ?1 and channel = ?2 order by id desc limit 1",
        &values![top_up.as_str(), channel.as_str()],
        |row| row.word(0, NoticeKind::parse),
    )
}

/// Where the message of this kind stands, about this refund where it is about one.
pub fn find_about(
    tx: &mut Tx<'_>,
    top_up: &TopUpId,
    channel: NoticeChannel,
    kind: NoticeKind,
    refund: Option<&RefundId>,
) -> Result<Option<MessageState>> {
    tx.query_first(
        "select state from message where top_up_id = ?1 and kind = ?2 and channel = ?3 and refund_id = ?4",
        &values![top_up.as_str(), kind.as_str(), channel.as_str(), refund.map_or("", RefundId::as_str)],
        |row| row.word(0, MessageState::parse),
    )
}

/// A message that was given up may be handed over again; says whether it was given up.
pub fn requeue(tx: &mut Tx<'_>, id: &MessageId) -> Result<bool> {
    let sql = "update message set state = 'queued' where id = ?1 and state = 'dead'";
    Ok(tx.execute(sql, &values![id.as_str()])? == 1)
}
