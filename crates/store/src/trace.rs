//! Traces: what happened to a call, a refund, a message or a credit at the network besides what its own row keeps.
//! Written in the step that changes the row, and only for what the row forgets: a first try that worked has none.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::time::UnixMs;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The id of what it happened to.
    pub subject: String,
    /// `sent`, `unanswered`, `heard`, or the state that was reached.
    pub what: String,
    pub detail: Option<String>,
    pub at: UnixMs,
}

/// More of one subject than this is not read.
const MOST: i64 = 200;

/// Appends one. The caller has locked the row of the subject; should two meet all the same, one is kept.
pub fn append(tx: &mut Tx<'_>, subject: &str, what: &str, detail: Option<&str>, at: UnixMs) -> Result<()> {
    tx.execute(
        "insert into trace (subject, n, what, detail, at) select cast(?1 as text), coalesce(max(n), 0) + 1, \
         cast(?2 as text), cast(?3 as text), cast(?4 as bigint) from trace where subject = ?1 on conflict do nothing",
        &values![subject, what, detail, at],
    )
    .map(|_| ())
}

/// The newest of these subjects, oldest first.
pub fn list(tx: &mut Tx<'_>, subjects: &[&str]) -> Result<Vec<Trace>> {
    let mut all = Vec::new();
    for subject in subjects {
        let sql = "select what, detail, at from trace where subject = ?1 order by n desc limit ?2";
        let mut rows = tx.query(sql, &values![*subject, MOST], |row| {
            Ok(Trace {
                subject: (*subject).to_owned(),
                what: row.text(0)?,
                detail: row.opt_text(1)?,
                at: UnixMs(row.int(2)?),
            })
        })?;
        rows.reverse();
        all.extend(rows);
    }
    Ok(all)
}
