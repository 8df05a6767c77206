//! Buckets: the rows beside their ledger accounts.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::bucket::{Bucket, Remaining};
use domain::id::{BucketId, LineId, TopUpId};
use domain::time::UnixMs;

pub fn insert_all(tx: &mut Tx<'_>, buckets: &[&Bucket]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = buckets
        .iter()
        .map(|b| {
            values![
                b.id.as_str(),
                b.line.as_str(),
                b.unit.as_str(),
                b.granted,
                b.valid_from_at,
                b.expires_at,
                b.priority,
                b.source.as_str(),
                b.zone.as_deref(),
                &b.family,
                i64::from(b.valid_for_days),
                b.started_at
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into bucket (id, line_id, unit, granted, valid_from_at, expires_at, priority, top_up_id, zone, \
         family, valid_for_days, started_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &rows,
    )?;
    Ok(())
}

const REMAINING: &str = "select b.id, b.line_id, b.unit, b.granted, b.valid_from_at, b.expires_at, b.priority, \
     b.top_up_id, b.zone, b.family, b.valid_for_days, b.started_at, a.credits_posted - a.debits_posted - a.debits_pending, \
     a.debits_pending \
     from bucket b join account a on a.id = 'bucket:' || b.id || ':' || b.unit";

fn read(row: &Row<'_>) -> Result<Remaining> {
    let bucket = Bucket {
        id: BucketId::stored(row.text(0)?),
        line: LineId::stored(row.text(1)?),
        unit: row.text(2)?.parse()?,
        granted: row.int(3)?,
        valid_from_at: UnixMs(row.int(4)?),
        expires_at: UnixMs(row.int(5)?),
        priority: row.int(6)?,
        source: TopUpId::stored(row.text(7)?),
        zone: row.opt_text(8)?,
        family: row.text(9)?,
        valid_for_days: u32::try_from(row.int(10)?)?,
        started_at: row.opt_int(11)?.map(UnixMs),
    };
    Ok(Remaining { bucket, amount: row.int(12)?, held: row.int(13)? })
}

/// Nobody has more buckets at a time.
const BUCKETS_MAX: i64 = 500;

/// The buckets of a line that have not ended and whose rest is still theirs, soonest to end first.
pub fn list_valid(tx: &mut Tx<'_>, line: &LineId, now: UnixMs) -> Result<Vec<Remaining>> {
    let sql = format!(
        "{REMAINING} where b.line_id = ?1 and b.expires_at > ?2 and b.closed_at is null \
         order by b.expires_at, b.priority, b.id limit ?3"
    );
    tx.query(&sql, &values![line.as_str(), now, BUCKETS_MAX], read)
}

/// A bucket, whatever became of it.
pub fn find(tx: &mut Tx<'_>, id: &BucketId) -> Result<Option<Bucket>> {
    let found = tx.query_first(&format!("{REMAINING} where b.id = ?1"), &values![id.as_str()], read)?;
    Ok(found.map(|remaining| remaining.bucket))
}

/// The buckets of a line that ended, the last to end first.
pub fn list_past(tx: &mut Tx<'_>, line: &LineId, now: UnixMs, limit: i64) -> Result<Vec<Bucket>> {
    let sql = format!(
        "{REMAINING} where b.line_id = ?1 and b.expires_at <= ?2 order by b.expires_at desc limit ?3"
    );
    let found = tx.query(&sql, &values![line.as_str(), now, limit], read)?;
    Ok(found.into_iter().map(|remaining| remaining.bucket).collect())
}

/// Buckets that ended and are not closed yet.
pub fn list_ended(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> Result<Vec<Remaining>> {
    let sql = format!(
        "{REMAINING} where b.closed_at is null and b.expires_at <= ?1 order by b.expires_at, b.id limit ?2"
    );
    tx.query(&sql, &values![now, limit], read)
}

/// Closes a bucket; says whether it was still open. Whoever closed it ends what it still holds.
pub fn close(tx: &mut Tx<'_>, id: &BucketId, now: UnixMs) -> Result<bool> {
    let closed = tx.execute(
        "update bucket set closed_at = ?2 where id = ?1 and closed_at is null",
        &values![id.as_str(), now],
    )?;
    Ok(closed == 1)
}

/// Opens a bucket again that ended while a reversal held what it has; it ends so much later as it was held.
pub fn reopen(tx: &mut Tx<'_>, id: &BucketId, held_ms: i64) -> Result<()> {
    tx.execute_one(
        "update bucket set closed_at = null, expires_at = expires_at + ?2 where id = ?1",
        &values![id.as_str(), held_ms],
    )
}

/// Takes the lock of a line's buckets: whoever decides what becomes of a rest asks for it first, so that two
/// purchases of one line follow each other. SQLite has one writer anyway; on PostgreSQL the update that changes
/// nothing takes the row's lock. It is taken before any account's.
pub fn lock_line(tx: &mut Tx<'_>, line: &LineId) -> Result<()> {
    tx.execute_one("update line set status = status where id = ?1", &values![line.as_str()])
}

/// Writes that a waiting bucket started (`domain::bucket::Bucket::on_first_use`); says whether it was still waiting.
pub fn start(tx: &mut Tx<'_>, started: &Bucket) -> Result<bool> {
    let written = tx.execute(
        "update bucket set started_at = ?2, expires_at = ?3 \
         where id = ?1 and started_at is null and closed_at is null",
        &values![started.id.as_str(), started.started_at, started.expires_at],
    )?;
    Ok(written == 1)
}

/// Closes buckets whose rest moved. One of which something is held stays open until that is decided.
pub fn close_moved(tx: &mut Tx<'_>, ids: &[&BucketId], now: UnixMs) -> Result<()> {
    for id in ids {
        tx.execute(
            "update bucket set closed_at = ?2 where id = ?1 and closed_at is null and not exists \
             (select 1 from account a where a.id = 'bucket:' || bucket.id || ':' || bucket.unit \
             and a.credits_posted <> a.debits_posted)",
            &values![id.as_str(), now],
        )?;
    }
    Ok(())
}

/// The buckets that a top-up granted, whatever became of them.
pub fn list_of_top_up(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<Remaining>> {
    let sql = format!("{REMAINING} where b.top_up_id = ?1 order by b.id limit ?2");
    tx.query(&sql, &values![top_up.as_str(), BUCKETS_MAX], read)
}
