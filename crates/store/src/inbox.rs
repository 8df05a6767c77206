//! The inbox: what foreign systems sent us, stored raw before it is believed. A row says whether it was
//! applied; that it is there never means that it was done.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::payment::ObjectRef;
use domain::time::UnixMs;

/// Stores a message once, and counts how often it came; says whether it is new. `id` is source and event id.
pub fn insert(
    tx: &mut Tx<'_>,
    id: &str,
    kind: &str,
    objects: &[ObjectRef],
    body: &str,
    now: UnixMs,
) -> Result<bool> {
    let refs = refs(objects);
    let objects = serde_json::to_string(objects)?;
    let times = tx.query_first(
        "insert into inbox (id, kind, objects, body, state, received_at) values (?1, ?2, ?3, ?4, 'new', ?5) \
         on conflict (id) do update set times = inbox.times + 1 returning times",
        &values![id, kind, objects, body, now],
        |row| row.int(0),
    )?;
    let new = times == Some(1);
    if new {
        let rows: Vec<Vec<Value<'_>>> = refs.iter().map(|of| values![of, id].to_vec()).collect();
        let sql = "insert into inbox_object (object_ref, inbox_id) values (?1, ?2) on conflict do nothing";
        tx.insert_all(sql, &rows)?;
    }
    Ok(new)
}

/// Every name by which the objects can be looked up: the provider's and ours.
fn refs(objects: &[ObjectRef]) -> Vec<String> {
    let names = objects.iter().flat_map(|object| match object {
        ObjectRef::Page { page_ref, attempt } => [Some(page_ref.clone()), attempt.clone()],
        ObjectRef::Money { money_ref, attempt } => [Some(money_ref.clone()), attempt.clone()],
        ObjectRef::Refund { refund_ref, refund } => [Some(refund_ref.clone()), refund.clone()],
    });
    let mut refs: Vec<String> = names.flatten().collect();
    refs.sort();
    refs.dedup();
    refs
}

/// A stored message as staff sees it; its body is never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Source and event id.
    pub id: String,
    pub kind: String,
    pub state: String,
    pub received_at: UnixMs,
    pub applied_at: Option<UnixMs>,
    /// How often the provider sent it.
    pub times: i64,
}

fn read_received(row: &Row<'_>) -> Result<Received> {
    Ok(Received {
        id: row.text(0)?,
        kind: row.text(1)?,
        state: row.text(2)?,
        received_at: UnixMs(row.int(3)?),
        applied_at: row.opt_int(4)?.map(UnixMs),
        times: row.int(5)?,
    })
}

/// The messages that name one of these objects, by the provider's names or ours, oldest first.
pub fn list_naming(tx: &mut Tx<'_>, refs: &[&str]) -> Result<Vec<Received>> {
    let sql = "select i.id, i.kind, i.state, i.received_at, i.applied_at, i.times from inbox_object o \
               join inbox i on i.id = o.inbox_id where o.object_ref = ?1";
    let mut received = tx.query_each(sql, refs, read_received)?;
    received.sort_by(|a, b| (a.received_at, &a.id).cmp(&(b.received_at, &b.id)));
    received.dedup();
    Ok(received)
}

/// The names in a stored message, found by its event id.
pub fn names_in(tx: &mut Tx<'_>, id: &str) -> Result<Vec<String>> {
    let sql = "select object_ref from inbox_object where inbox_id = ?1 order by object_ref limit 20";
    tx.query(sql, &values![id], |row| row.text(0))
}

/// What a stored message is about, in its sender's word.
pub fn kind(tx: &mut Tx<'_>, id: &str) -> Result<Option<String>> {
    tx.query_first("select kind from inbox where id = ?1", &values![id], |row| row.text(0))
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
        "delete from inbox_object where inbox_id in (select id from inbox where received_at < ?1 \
         and state <> 'new' order by received_at limit ?2)",
        &values![before, limit],
    )?;
    tx.execute(
        "delete from inbox where id in (select id from inbox where received_at < ?1 and state <> 'new' \
         order by received_at limit ?2)",
        &values![before, limit],
    )
}
