//! The outcome of every request that moves money, under the key that its sender gave it, for ever.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::time::UnixMs;

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Scope and key: `pt_…/key` for partners, `guest/key` on the portal.
    pub id: String,
    pub request_hash: String,
    /// The object that the request made, if it made one.
    pub subject: Option<String>,
    /// The answer, once there is one; `None` while the request is in flight.
    pub answer: Option<Answer>,
    pub created_at: UnixMs,
}

/// What was answered: a status as the channel counts it, and the body (gone after its time).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: i64,
    pub body: Option<String>,
}

fn read(row: &Row<'_>) -> Result<Response> {
    let done = row.text(2)? == "done";
    let (status, body) = (row.opt_int(4)?, row.opt_text(5)?);
    Ok(Response {
        id: row.text(0)?,
        request_hash: row.text(1)?,
        subject: row.opt_text(3)?,
        answer: status.filter(|_| done).map(|status| Answer { status, body }),
        created_at: UnixMs(row.int(6)?),
    })
}

const SELECT: &str =
    "select id, request_hash, state, subject, status, body, created_at from response where id = ?1";

pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Response>> {
    tx.query_first(SELECT, &values![id], read)
}

pub fn find_each(tx: &mut Tx<'_>, ids: &[&str]) -> Result<Vec<Response>> {
    tx.query_each(SELECT, ids, read)
}

pub fn insert_all(tx: &mut Tx<'_>, responses: &[&Response]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = responses
        .iter()
        .map(|r| {
            let state = if r.answer.is_some() { "done" } else { "in_flight" };
            values![
                &r.id,
                &r.request_hash,
                state,
                r.subject.as_deref(),
                r.answer.as_ref().map(|a| a.status),
                r.answer.as_ref().and_then(|a| a.body.as_deref()),
                r.created_at
            ]
            .to_vec()
        })
        .collect();
    tx.write_all(
        "insert into response (id, request_hash, state, subject, status, body, created_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &rows,
    )?;
    Ok(())
}

/// Writes the answer of a request that was in flight; the first answer stays.
pub fn answer(tx: &mut Tx<'_>, id: &str, answer: &Answer) -> Result<()> {
    tx.execute(
        "update response set state = 'done', status = ?2, body = ?3 where id = ?1 and state = 'in_flight'",
        &values![id, answer.status, answer.body.as_deref()],
    )
    .map(|_| ())
}

/// Forgets bodies older than `before`; keys and outcomes stay.
pub fn purge_bodies(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "update response set body = null where id in (select id from response where created_at < ?1 \
         and body is not null limit ?2)",
        &values![before, limit],
    )
}
