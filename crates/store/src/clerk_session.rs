//! Unlockings: which clerk works at which device, since when, and why it was over. The secret stands hashed.

use crate::clerk;
use crate::db::{Each, Row, Tx};
use crate::values;
use anyhow::Result;
use domain::clerk::{Clerk, SessionEnd};
use domain::id::{ClerkId, ClerkSessionId, DeviceId};
use domain::time::UnixMs;

/// One unlocking as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClerkSession {
    pub id: ClerkSessionId,
    pub device: DeviceId,
    pub clerk: ClerkId,
    /// Nothing that is done touches the ledger.
    pub training: bool,
    pub started_at: UnixMs,
    pub last_used_at: UnixMs,
    pub ended: Option<(UnixMs, SessionEnd)>,
}

const COLUMNS: &str = "id, device_id, clerk_id, training, started_at, last_used_at, ended_at, ended_by";

fn read(row: &Row<'_>) -> Result<ClerkSession> {
    let by = row.opt_text(7)?.as_deref().and_then(SessionEnd::parse);
    Ok(ClerkSession {
        id: ClerkSessionId::stored(row.text(0)?),
        device: DeviceId::stored(row.text(1)?),
        clerk: ClerkId::stored(row.text(2)?),
        training: row.int(3)? == 1,
        started_at: UnixMs(row.int(4)?),
        last_used_at: UnixMs(row.int(5)?),
        ended: row.opt_int(6)?.map(UnixMs).zip(by),
    })
}

pub fn insert(tx: &mut Tx<'_>, s: &ClerkSession, secret_hash: &str) -> Result<()> {
    tx.execute_one(
        "insert into clerk_session (id, secret_hash, device_id, clerk_id, training, started_at, last_used_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &values![
            s.id.as_str(),
            secret_hash,
            s.device.as_str(),
            s.clerk.as_str(),
            i64::from(s.training),
            s.started_at,
            s.last_used_at
        ],
    )
}

/// The unlockings of secrets, whatever became of them, each with its clerk.
pub fn each_by_secret<'k>(hashes: &'k [&'k str]) -> Each<'k, (ClerkSession, Clerk)> {
    Each {
        sql: "select s.id, s.device_id, s.clerk_id, s.training, s.started_at, s.last_used_at, s.ended_at, s.ended_by, \
              c.id, c.agent_id, c.place_id, c.number, c.name, c.role, c.locale, c.state, c.created_at \
              from clerk_session s join clerk c on c.id = s.clerk_id where s.secret_hash = ?1",
        keys: hashes,
        read: |row| Ok((read(row)?, clerk::read_from(row, 8)?)),
    }
}

/// The unlocking that a device is under now.
pub fn find_open(tx: &mut Tx<'_>, device: &DeviceId) -> Result<Option<ClerkSession>> {
    let sql =
        format!("select {COLUMNS} from clerk_session where device_id = ?1 and ended_at is null limit 1");
    tx.query_first(&sql, &values![device.as_str()], read)
}

/// Notes that somebody did something.
pub fn touch(tx: &mut Tx<'_>, id: &ClerkSessionId, now: UnixMs) -> Result<()> {
    let sql =
        "update clerk_session set last_used_at = ?2 where id = ?1 and ended_at is null and last_used_at < ?2";
    tx.execute(sql, &values![id.as_str(), now]).map(|_| ())
}

/// Ends one; says whether it was open.
pub fn end(tx: &mut Tx<'_>, id: &ClerkSessionId, now: UnixMs, by: SessionEnd) -> Result<bool> {
    let sql = "update clerk_session set ended_at = ?2, ended_by = ?3 where id = ?1 and ended_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), now, by.as_str()])? == 1)
}

/// Ends what is open at a device; gives whose it was.
pub fn end_at(tx: &mut Tx<'_>, device: &DeviceId, now: UnixMs, by: SessionEnd) -> Result<Option<ClerkId>> {
    let sql = "update clerk_session set ended_at = ?2, ended_by = ?3 where device_id = ?1 and ended_at is null \
               returning clerk_id";
    let ended = tx.query(sql, &values![device.as_str(), now, by.as_str()], |row| row.text(0))?;
    Ok(ended.into_iter().next().map(ClerkId::stored))
}

/// Ends everything that is open of a clerk.
pub fn end_of(tx: &mut Tx<'_>, clerk: &ClerkId, now: UnixMs, by: SessionEnd) -> Result<()> {
    let sql =
        "update clerk_session set ended_at = ?2, ended_by = ?3 where clerk_id = ?1 and ended_at is null";
    tx.execute(sql, &values![clerk.as_str(), now, by.as_str()]).map(|_| ())
}

/// Removes what was used last long ago.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from clerk_session where id in (select id from clerk_session where last_used_at < ?1 \
         order by last_used_at limit ?2)",
        &values![before, limit],
    )
}
