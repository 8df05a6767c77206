//! Figures of the office's overview: counted over a range of the orders' own key, or of a small index.

use crate::db::{Tx, Value};
use crate::values;
use anyhow::Result;
use domain::id::ulid;
use domain::time::UnixMs;

/// Orders of some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Orders {
    pub made: i64,
    pub credited: i64,
}

/// The id that an order made at this moment has at least.
pub fn first_id(at: UnixMs) -> String {
    format!("tu_{}", ulid(at, 0))
}

/// Orders made from `from` on and before `to`.
pub fn orders(tx: &mut Tx<'_>, from: UnixMs, to: UnixMs) -> Result<Orders> {
    let counted = tx.query_first(
        "select count(*), cast(coalesce(sum(case when credited_at is null then 0 else 1 end), 0) as bigint) \
         from top_up where id >= ?1 and id < ?2",
        &values![first_id(from), first_id(to)],
        |row| Ok(Orders { made: row.int(0)?, credited: row.int(1)? }),
    )?;
    Ok(counted.unwrap_or_default())
}

/// How long each order whose money a provider captured took from when it was made to its credit, shortest first: at
/// most the newest 20,000.
pub fn times_to_credit(tx: &mut Tx<'_>, from: UnixMs, to: UnixMs) -> Result<Vec<i64>> {
    let mut times = tx.query(
        "select credited_at - created_at from top_up where id >= ?1 and id < ?2 and credited_at is not null \
         and settlement = 'captured' order by id desc limit 20000",
        &values![first_id(from), first_id(to)],
        |row| row.int(0),
    )?;
    times.sort_unstable();
    Ok(times)
}

/// More than this is told as "more than".
pub const COUNT_MAX: i64 = 1_000;

/// What people should look at, each counted up to [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Orders beyond their answer time, and those in review.
    pub stuck: i64,
    pub refunds: i64,
    pub dead: i64,
}

pub fn open(tx: &mut Tx<'_>, now: UnixMs) -> Result<Open> {
    let mut count = |sql: &str, values: &[Value<'_>]| -> Result<i64> {
        Ok(i64::try_from(tx.query(sql, values, |_| Ok(()))?.len())?)
    };
    let stuck = count(
        "select 1 from top_up where answer_by_at is not null and (answer_by_at <= ?1 or state = 'review') limit ?2",
        &values![now, COUNT_MAX],
    )?;
    let refunds = count(
        "select 1 from refund where state in ('requested', 'pending', 'unknown') limit ?1",
        &values![COUNT_MAX],
    )?;
    let dead = count(
        "select 1 from outbox o where o.state = 'dead' and not exists \
         (select 1 from seen_to s where s.work_id = o.id) limit ?1",
        &values![COUNT_MAX],
    )?;
    Ok(Open { stuck, refunds, dead })
}
