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
                b.source.as_str()
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into bucket (id, line_id, unit, granted, valid_from_at, expires_at, priority, top_up_id) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &rows,
    )?;
    Ok(())
}

const REMAINING: &str = "select b.id, b.line_id, b.unit, b.granted, b.valid_from_at, b.expires_at, b.priority, \
     b.top_up_id, a.credits_posted - a.debits_posted - a.debits_pending \
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
    };
    Ok(Remaining { bucket, amount: row.int(8)? })
}

/// The buckets of a line that have not ended, soonest to end first.
pub fn list_valid(tx: &mut Tx<'_>, line: &LineId, now: UnixMs) -> Result<Vec<Remaining>> {
    let sql = format!(
        "{REMAINING} where b.line_id = ?1 and b.expires_at > ?2 order by b.expires_at, b.priority, b.id"
    );
    tx.query(&sql, &values![line.as_str(), now], read)
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
