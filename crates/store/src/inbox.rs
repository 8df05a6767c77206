//! The inbox: what foreign systems sent us, stored raw before it is believed. A row says whether it was
//! applied; that it is there never means that it was done.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::payment::ObjectRef;
use domain::time::UnixMs;

/// Stores a message once; says whether it is new. `id` is source and event id.
pub fn insert(
    tx: &mut Tx<'_>,
    id: &str,
    kind: &str,
    objects: &[ObjectRef],
    body: &str,
    now: UnixMs,
) -> Result<bool> {
    let objects = serde_json::to_string(objects)?;
    let new = tx.execute(
        "insert into inbox (id, kind, objects, body, state, received_at) values (?1, ?2, ?3, ?4, 'new', ?5) \
         on conflict do nothing",
        &values![id, kind, objects, body, now],
    )?;
    Ok(new == 1)
}

/// What a stored message points at, unless it was applied already.
pub fn find_open(tx: &mut Tx<'_>, id: &str) -> Result<Option<Vec<ObjectRef>>> {
    tx.query_first("select objects from inbox where id = ?1 and state = 'new'", &values![id], |row| {
        Ok(serde_json::from_str(&row.text(0)?)?)
    })
}

/// `applied` when something of ours was fetched, `ignored` when nothing of ours was named. The body, which
/// can hold personal data, is not kept any longer.
pub fn close(tx: &mut Tx<'_>, id: &str, state: &str, now: UnixMs) -> Result<()> {
    tx.execute(
        "update inbox set state = ?2, applied_at = ?3, body = '' where id = ?1 and state = 'new'",
        &values![id, state, now],
    )
    .map(|_| ())
}

/// Removes messages received before `before`, at most `limit`.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from inbox where id in (select id from inbox where received_at < ?1 and state <> 'new' \
         order by received_at limit ?2)",
        &values![before, limit],
    )
}
