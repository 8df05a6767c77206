//! Counters per key and window, so that limits hold across processes and restarts.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::time::UnixMs;

/// Counts one more try in the running window and returns how many there are in it and when it ends.
pub fn count(tx: &mut Tx<'_>, key: &str, window_ms: i64, now: UnixMs) -> Result<(i64, UnixMs)> {
    let found = tx.query_first(
        "insert into throttle (key, window_at, count) values (?1, ?2, 1) on conflict (key) do update set \
         count = case when throttle.window_at > ?3 then throttle.count + 1 else 1 end, \
         window_at = case when throttle.window_at > ?3 then throttle.window_at else ?2 end \
         returning count, window_at",
        &values![key, now, now.plus_ms(-window_ms)],
        |row| Ok((row.int(0)?, UnixMs(row.int(1)?).plus_ms(window_ms))),
    )?;
    Ok(found.unwrap_or((1, now.plus_ms(window_ms))))
}

/// How many tries there are in the running window and when it ends, without counting one.
pub fn peek(tx: &mut Tx<'_>, key: &str, window_ms: i64, now: UnixMs) -> Result<(i64, UnixMs)> {
    let found = tx.query_first(
        "select count, window_at from throttle where key = ?1 and window_at > ?2",
        &values![key, now.plus_ms(-window_ms)],
        |row| Ok((row.int(0)?, UnixMs(row.int(1)?).plus_ms(window_ms))),
    )?;
    Ok(found.unwrap_or((0, now)))
}

/// Takes one counted try back, because it was right and only wrong ones count.
pub fn give_back(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    tx.execute("update throttle set count = count - 1 where key = ?1 and count > 0", &values![key])
        .map(|_| ())
}

/// Forgets the tries under a key, because the last one was right.
pub fn forget(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    tx.execute("delete from throttle where key = ?1", &values![key]).map(|_| ())
}

pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from throttle where key in (select key from throttle where window_at < ?1 limit ?2)",
        &values![before, limit],
    )
}
