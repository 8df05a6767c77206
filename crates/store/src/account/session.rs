//! Sessions: devices that are signed in. The secret is in the browser; here is its keyed hash.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::id::{SessionId, SubscriberId};
use domain::locale::Locale;
use domain::time::{DAY_MS, UnixMs};

/// How long a session lasts after it was used last.
pub const LASTS_MS: i64 = 30 * DAY_MS;

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub subscriber: SubscriberId,
    pub device: String,
    pub created_at: UnixMs,
    pub seen_at: UnixMs,
    /// When a security code was last right in it.
    pub proved_at: UnixMs,
    pub expires_at: UnixMs,
}

fn read(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: SessionId::stored(row.text(0)?),
        subscriber: SubscriberId::stored(row.text(1)?),
        device: row.text(2)?,
        created_at: UnixMs(row.int(3)?),
        seen_at: UnixMs(row.int(4)?),
        proved_at: UnixMs(row.int(5)?),
        expires_at: UnixMs(row.int(6)?),
    })
}

pub fn insert(tx: &mut Tx<'_>, s: &Session, secret_hash: &str) -> Result<()> {
    tx.execute_one(
        "insert into session (id, subscriber_id, secret_hash, device, created_at, seen_at, proved_at, expires_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &values![
            s.id.as_str(),
            s.subscriber.as_str(),
            secret_hash,
            &s.device,
            s.created_at,
            s.seen_at,
            s.proved_at,
            s.expires_at
        ],
    )
}

/// The session of a secret while it lasts, with the language of its subscriber. `hashes`: one per key of the keyring.
pub fn find(tx: &mut Tx<'_>, hashes: &[String], now: UnixMs) -> Result<Option<(Session, Locale)>> {
    let sql = "select s.id, s.subscriber_id, s.device, s.created_at, s.seen_at, s.proved_at, s.expires_at, p.locale \
               from session s join subscriber p on p.id = s.subscriber_id where s.secret_hash = ?1 \
               and s.ended_at is null and s.expires_at > ?2 and p.state = 'active'";
    for hash in hashes {
        let found =
            tx.query_first(sql, &values![hash, now], |row| Ok((read(row)?, row.word(7, Locale::parse)?)))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The sessions of a subscriber that last, the one used last first.
pub fn list(tx: &mut Tx<'_>, subscriber: &SubscriberId, now: UnixMs) -> Result<Vec<Session>> {
    tx.query(
        "select id, subscriber_id, device, created_at, seen_at, proved_at, expires_at from session \
         where subscriber_id = ?1 and ended_at is null and expires_at > ?2 order by seen_at desc, id limit 50",
        &values![subscriber.as_str(), now],
        read,
    )
}

/// It was used: it lasts as long again from here on.
pub fn seen(tx: &mut Tx<'_>, id: &SessionId, now: UnixMs) -> Result<()> {
    let sql = "update session set seen_at = ?2, expires_at = ?3 where id = ?1 and ended_at is null";
    tx.execute(sql, &values![id.as_str(), now, now.plus_ms(LASTS_MS)]).map(|_| ())
}

/// A security code was right in it.
pub fn proved(tx: &mut Tx<'_>, id: &SessionId, now: UnixMs) -> Result<()> {
    let sql = "update session set proved_at = ?2 where id = ?1 and ended_at is null";
    tx.execute(sql, &values![id.as_str(), now]).map(|_| ())
}

/// Ends one session of a subscriber; says whether it was running.
pub fn end(tx: &mut Tx<'_>, subscriber: &SubscriberId, id: &SessionId, now: UnixMs) -> Result<bool> {
    let sql = "update session set ended_at = ?3 where id = ?1 and subscriber_id = ?2 and ended_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), subscriber.as_str(), now])? == 1)
}

/// Ends every session of a subscriber and says how many there were.
pub fn end_all(tx: &mut Tx<'_>, subscriber: &SubscriberId, now: UnixMs) -> Result<u64> {
    let sql = "update session set ended_at = ?2 where subscriber_id = ?1 and ended_at is null";
    tx.execute(sql, &values![subscriber.as_str(), now])
}

/// What ended long ago is forgotten.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from session where id in (select id from session where expires_at < ?1 order by expires_at limit ?2)",
        &values![before, limit],
    )
}
