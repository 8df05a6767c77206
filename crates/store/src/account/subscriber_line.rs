//! The lines of a subscriber: each was proved by a code to the line itself. One line can be in several accounts, as a
//! family shares one.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::id::{LineId, SubscriberId};
use domain::line::LineStatus;
use domain::time::UnixMs;

/// A line in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLine {
    pub line: LineId,
    /// What its owner calls it; may be empty.
    pub label: String,
    pub last4: String,
    pub market: String,
    pub status: LineStatus,
    pub added_at: UnixMs,
}

/// Nobody has more lines in one account.
pub const LINES_MAX: i64 = 20;

/// Adds a line, or adds it again.
pub fn add(tx: &mut Tx<'_>, subscriber: &SubscriberId, line: &LineId, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into subscriber_line (subscriber_id, line_id, label, added_at) values (?1, ?2, '', ?3) \
         on conflict (subscriber_id, line_id) do update set removed_at = null",
        &values![subscriber.as_str(), line.as_str(), now],
    )
}

/// The lines of an account, the first one first.
pub fn list(tx: &mut Tx<'_>, subscriber: &SubscriberId) -> Result<Vec<OwnLine>> {
    tx.query(
        "select s.line_id, s.label, l.last4, l.market, l.status, s.added_at from subscriber_line s \
         join line l on l.id = s.line_id where s.subscriber_id = ?1 and s.removed_at is null \
         order by s.added_at, s.line_id limit ?2",
        &values![subscriber.as_str(), LINES_MAX],
        |row| {
            Ok(OwnLine {
                line: LineId::stored(row.text(0)?),
                label: row.text(1)?,
                last4: row.text(2)?,
                market: row.text(3)?,
                status: row.word(4, LineStatus::parse)?,
                added_at: UnixMs(row.int(5)?),
            })
        },
    )
}

/// Is the line in this account?
pub fn has(tx: &mut Tx<'_>, subscriber: &SubscriberId, line: &LineId) -> Result<bool> {
    let sql =
        "select 1 from subscriber_line where subscriber_id = ?1 and line_id = ?2 and removed_at is null";
    Ok(tx.query_first(sql, &values![subscriber.as_str(), line.as_str()], |_| Ok(()))?.is_some())
}

/// Names a line; says whether it is in the account.
pub fn set_label(tx: &mut Tx<'_>, subscriber: &SubscriberId, line: &LineId, label: &str) -> Result<bool> {
    let sql = "update subscriber_line set label = ?3 where subscriber_id = ?1 and line_id = ?2 \
               and removed_at is null";
    Ok(tx.execute(sql, &values![subscriber.as_str(), line.as_str(), label])? == 1)
}

/// Takes a line out of the account.
pub fn remove(tx: &mut Tx<'_>, subscriber: &SubscriberId, line: &LineId, now: UnixMs) -> Result<bool> {
    let sql = "update subscriber_line set removed_at = ?3, label = '' where subscriber_id = ?1 and line_id = ?2 \
               and removed_at is null";
    Ok(tx.execute(sql, &values![subscriber.as_str(), line.as_str(), now])? == 1)
}
