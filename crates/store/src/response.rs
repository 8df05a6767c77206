//! The outcome of every request that moves money, under the key that its sender gave it, for ever. Bodies name
//! numbers and payment pages: they are stored sealed, and purged in time.

use crate::db::{Each, Row, Tx, Value};
use crate::keyring::{Keyring, Purpose};
use crate::values;
use anyhow::Result;
use domain::time::UnixMs;
use std::sync::Arc;

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Scope and key: `pt_…/key` for partners, `portal/key` on the portal, `dev_…/key` at a counter.
    pub id: String,
    pub request_hash: String,
    /// The object that the request made, if it made one.
    pub subject: Option<String>,
    /// The answer, once there is one; `None` while the request is in flight.
    pub answer: Option<Answer>,
    pub created_at: UnixMs,
}

/// What was answered: a status as the channel counts it, and the body (gone after its time).
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: i64,
    sealed: Option<String>,
    /// The body as this process made it a moment ago: it need not be opened to be sent.
    fresh: Option<Arc<str>>,
}

impl Answer {
    /// A new answer. A body that cannot be sealed is answered and not kept.
    pub fn new(keyring: &Keyring, status: i64, body: &str) -> Answer {
        let sealed = keyring.seal(Purpose::Response, body);
        if let Err(error) = &sealed {
            tracing::error!(error = %format!("{error:#}"), "the body of an answer could not be sealed");
        }
        Answer { status, sealed: sealed.ok(), fresh: Some(body.into()) }
    }

    /// The body as it was answered first, byte for byte; `None` once it is purged.
    pub fn body(&self, keyring: &Keyring) -> Result<Option<String>> {
        if let Some(fresh) = &self.fresh {
            return Ok(Some(fresh.to_string()));
        }
        self.sealed.as_deref().map(|sealed| keyring.open_sealed(Purpose::Response, sealed)).transpose()
    }
}

/// Bodies hold personal data and are never shown.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

fn read(row: &Row<'_>) -> Result<Response> {
    let done = row.text(2)? == "done";
    let (status, sealed) = (row.opt_int(4)?, row.opt_text(5)?);
    Ok(Response {
        id: row.text(0)?,
        request_hash: row.text(1)?,
        subject: row.opt_text(3)?,
        answer: status.filter(|_| done).map(|status| Answer { status, sealed, fresh: None }),
        created_at: UnixMs(row.int(6)?),
    })
}

const SELECT: &str =
    "select id, request_hash, state, subject, status, body, created_at from response where id = ?1";

pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Response>> {
    tx.query_first(SELECT, &values![id], read)
}

/// What stands under each of these keys.
pub fn each<'k>(ids: &'k [&'k str]) -> Each<'k, Response> {
    Each { sql: SELECT, keys: ids, read }
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
                r.answer.as_ref().and_then(|a| a.sealed.as_deref()),
                r.created_at
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
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
        &values![id, answer.status, answer.sealed.as_deref()],
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
