//! Messages about the safety of an account. Where one goes stands sealed in its row: an old contact is told of what
//! replaced it. Once it was sent, that is forgotten.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::account::SecurityNoticeKind;
use domain::id::{SecurityNoticeId, SubscriberId};
use domain::locale::Locale;
use domain::notice::{MessageState, NoticeChannel};
use domain::time::UnixMs;

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityNotice {
    pub id: SecurityNoticeId,
    pub subscriber: SubscriberId,
    pub kind: SecurityNoticeKind,
    pub channel: NoticeChannel,
    pub target_sealed: Option<String>,
    /// The device, or what may be shown of the new contact.
    pub detail: String,
    pub locale: Locale,
    pub state: MessageState,
    pub created_at: UnixMs,
}

pub fn insert(tx: &mut Tx<'_>, n: &SecurityNotice) -> Result<()> {
    tx.execute_one(
        "insert into security_notice (id, subscriber_id, kind, channel, target_sealed, detail, locale, state, \
         created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &values![
            n.id.as_str(),
            n.subscriber.as_str(),
            n.kind.as_str(),
            n.channel.as_str(),
            n.target_sealed.as_deref(),
            &n.detail,
            n.locale.as_str(),
            n.state.as_str(),
            n.created_at
        ],
    )
}

pub fn load(tx: &mut Tx<'_>, id: &SecurityNoticeId) -> Result<SecurityNotice> {
    tx.query_first(
        "select id, subscriber_id, kind, channel, target_sealed, detail, locale, state, created_at \
         from security_notice where id = ?1",
        &values![id.as_str()],
        |row| {
            Ok(SecurityNotice {
                id: SecurityNoticeId::stored(row.text(0)?),
                subscriber: SubscriberId::stored(row.text(1)?),
                kind: row.word(2, SecurityNoticeKind::parse)?,
                channel: row.word(3, NoticeChannel::parse)?,
                target_sealed: row.opt_text(4)?,
                detail: row.text(5)?,
                locale: row.word(6, Locale::parse)?,
                state: row.word(7, MessageState::parse)?,
                created_at: UnixMs(row.int(8)?),
            })
        },
    )?
    .with_context(|| format!("security notice {id} is missing"))
}

/// What became of sending it.
pub fn tried(tx: &mut Tx<'_>, id: &SecurityNoticeId, state: MessageState, now: UnixMs) -> Result<()> {
    let over = state != MessageState::Queued;
    let sent_at = (state == MessageState::Sent).then_some(now);
    let sql = if over {
        "update security_notice set state = ?2, sent_at = ?3, target_sealed = null where id = ?1"
    } else {
        "update security_notice set state = ?2, sent_at = ?3 where id = ?1"
    };
    tx.execute_one(sql, &values![id.as_str(), state.as_str(), sent_at])
}

pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from security_notice where id in \
         (select id from security_notice where created_at < ?1 order by created_at limit ?2)",
        &values![before, limit],
    )
}
