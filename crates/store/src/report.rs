//! Reports: what people must see and no work of ours will mend. They stand among what was given up in the
//! outbox, each once.

use crate::db::Tx;
use crate::outbox::{self, Topic};
use crate::values;
use anyhow::Result;
use domain::id::Ids;
use domain::time::UnixMs;

/// Leaves a report unless the same one stands already; says whether it is new.
pub fn once(
    tx: &mut Tx<'_>,
    topic: Topic,
    subject: &str,
    what: &str,
    ids: &dyn Ids,
    now: UnixMs,
) -> Result<bool> {
    let sql = "select 1 from outbox where topic = ?1 and subject = ?2 and state = 'dead' and last_error = ?3";
    if tx.query_first(sql, &values![topic.as_str(), subject, what], |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    outbox::report(tx, topic, subject, what, ids, now)?;
    Ok(true)
}
