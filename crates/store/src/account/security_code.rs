//! Security codes: their keyed hash, and the digits sealed for as long as it takes to send them.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::account::ContactKind;
use domain::id::{SecurityCodeId, SubscriberId};
use domain::locale::Locale;
use domain::notice::{MessageState, NoticeChannel};
use domain::security_code::{CodePurpose, Standing};
use domain::time::UnixMs;

/// A code as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityCode {
    pub id: SecurityCodeId,
    pub purpose: CodePurpose,
    /// The keyed hash of the word that the browser keeps.
    pub binding: String,
    /// Whose account it is about, where there is one.
    pub subscriber: Option<SubscriberId>,
    pub kind: ContactKind,
    pub target_hash: String,
    pub target_sealed: Option<String>,
    pub channel: NoticeChannel,
    pub code_hash: String,
    pub code_sealed: Option<String>,
    /// Is anybody behind the target?
    pub deliver: bool,
    pub state: MessageState,
    pub locale: Locale,
    pub tries: i64,
    pub created_at: UnixMs,
    pub expires_at: UnixMs,
    pub used_at: Option<UnixMs>,
}

impl SecurityCode {
    pub fn standing(&self) -> Standing {
        Standing { tries: self.tries, expires_at: self.expires_at, used: self.used_at.is_some() }
    }
}

pub fn insert(tx: &mut Tx<'_>, c: &SecurityCode) -> Result<()> {
    tx.execute_one(
        "insert into security_code (id, purpose, binding, subscriber_id, kind, target_hash, target_sealed, channel, \
         code_hash, code_sealed, deliver, state, locale, tries, created_at, expires_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15)",
        &values![
            c.id.as_str(),
            c.purpose.as_str(),
            &c.binding,
            c.subscriber.as_ref().map(SubscriberId::as_str),
            c.kind.as_str(),
            &c.target_hash,
            c.target_sealed.as_deref(),
            c.channel.as_str(),
            &c.code_hash,
            c.code_sealed.as_deref(),
            i64::from(c.deliver),
            c.state.as_str(),
            c.locale.as_str(),
            c.created_at,
            c.expires_at
        ],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &SecurityCodeId) -> Result<Option<SecurityCode>> {
    tx.query_first(
        "select id, purpose, binding, subscriber_id, kind, target_hash, target_sealed, channel, code_hash, \
         code_sealed, deliver, state, locale, tries, created_at, expires_at, used_at from security_code where id = ?1",
        &values![id.as_str()],
        |row| {
            Ok(SecurityCode {
                id: SecurityCodeId::stored(row.text(0)?),
                purpose: row.word(1, CodePurpose::parse)?,
                binding: row.text(2)?,
                subscriber: row.opt_text(3)?.map(SubscriberId::stored),
                kind: row.word(4, ContactKind::parse)?,
                target_hash: row.text(5)?,
                target_sealed: row.opt_text(6)?,
                channel: row.word(7, NoticeChannel::parse)?,
                code_hash: row.text(8)?,
                code_sealed: row.opt_text(9)?,
                deliver: row.int(10)? != 0,
                state: row.word(11, MessageState::parse)?,
                locale: row.word(12, Locale::parse)?,
                tries: row.int(13)?,
                created_at: UnixMs(row.int(14)?),
                expires_at: UnixMs(row.int(15)?),
                used_at: row.opt_int(16)?.map(UnixMs),
            })
        },
    )
}

pub fn load(tx: &mut Tx<'_>, id: &SecurityCodeId) -> Result<SecurityCode> {
    find(tx, id)?.with_context(|| format!("security code {id} is missing"))
}

/// Counts a try before its digits are compared, so that two at one moment are two. Says whether it is still open.
pub fn count_try(tx: &mut Tx<'_>, id: &SecurityCodeId, tries: i64) -> Result<bool> {
    let sql = "update security_code set tries = tries + 1 where id = ?1 and tries = ?2 and used_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), tries])? == 1)
}

/// The digits were right: the code is used, and where it went to is forgotten. Says whether it was still open.
pub fn spend(tx: &mut Tx<'_>, id: &SecurityCodeId, now: UnixMs) -> Result<bool> {
    let sql = "update security_code set used_at = ?2, target_sealed = null, code_sealed = null where id = ?1 \
               and used_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), now])? == 1)
}

/// What became of sending it. Once nothing is sent any more, the digits are forgotten.
pub fn tried(tx: &mut Tx<'_>, id: &SecurityCodeId, state: MessageState) -> Result<()> {
    let sql = match state {
        MessageState::Queued => "update security_code set state = ?2 where id = ?1",
        MessageState::Sent
        | MessageState::Delivered
        | MessageState::Failed
        | MessageState::Dead
        | MessageState::Outdated => "update security_code set state = ?2, code_sealed = null where id = ?1",
    };
    tx.execute(sql, &values![id.as_str(), state.as_str()]).map(|_| ())
}

/// Codes that ended are forgotten with everything about them.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from security_code where id in \
         (select id from security_code where expires_at < ?1 order by expires_at limit ?2)",
        &values![before, limit],
    )
}
