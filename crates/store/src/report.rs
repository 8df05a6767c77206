//! Reports: what people must see and no work of ours will mend. They stand among what was given up in the
//! outbox, each once.

use crate::db::Tx;
use crate::outbox::{self, Topic};
use crate::values;
use anyhow::Result;
use domain::id::{AttemptId, Ids, StaffId};
use domain::time::UnixMs;

/// The payer's bank or the provider is asked for the money back.
pub const DISPUTED: &str = "the payer disputes the payment at the provider";
/// How a report begins that says what went back without us.
pub const WENT_BACK: &str = "refunded at the provider:";

/// Does a report say that money of this attempt was taken back, or may be, and has nobody of the staff seen to it?
/// Until then nothing more of it is returned: it could go back twice.
pub fn is_disputed(tx: &mut Tx<'_>, attempt: &AttemptId) -> Result<bool> {
    let sql = "select 1 from outbox o where o.topic = ?1 and o.subject = ?2 and o.state = 'dead' \
               and (o.last_error = ?3 or o.last_error like ?4) \
               and not exists (select 1 from seen_to s where s.work_id = o.id) limit 1";
    let went_back = format!("{WENT_BACK}%");
    let about = values![Topic::PollAttempt.as_str(), attempt.as_str(), DISPUTED, went_back.as_str()];
    Ok(tx.query_first(sql, &about, |_| Ok(()))?.is_some())
}

/// A report about the money of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub what: String,
    pub at: UnixMs,
    /// Who has seen to it, and what they wrote.
    pub seen: Option<(StaffId, String)>,
}

/// Is it one that keeps everybody from returning the money?
pub fn withholds(topic: Topic, what: &str) -> bool {
    topic == Topic::PollAttempt && (what == DISPUTED || what.starts_with(WENT_BACK))
}

/// The reports about the money of an attempt, oldest first.
pub fn list(tx: &mut Tx<'_>, attempt: &AttemptId, limit: i64) -> Result<Vec<Report>> {
    let sql = "select o.last_error, o.available_at, s.staff_id, s.note from outbox o \
               left join seen_to s on s.work_id = o.id \
               where o.topic = ?1 and o.subject = ?2 and o.state = 'dead' and o.attempts = 0 order by o.id limit ?3";
    tx.query(sql, &values![Topic::PollAttempt.as_str(), attempt.as_str(), limit], |row| {
        let staff = row.opt_text(2)?.map(StaffId::stored);
        Ok(Report {
            what: row.opt_text(0)?.unwrap_or_default(),
            at: UnixMs(row.int(1)?),
            seen: staff.zip(row.opt_text(3)?),
        })
    })
}

/// Leaves a report of a dispute, unless one stands that nobody has seen to: a second dispute is told as well.
pub fn disputed(tx: &mut Tx<'_>, attempt: &AttemptId, ids: &dyn Ids, now: UnixMs) -> Result<()> {
    if is_disputed(tx, attempt)? {
        return Ok(());
    }
    outbox::report(tx, Topic::PollAttempt, attempt.as_str(), DISPUTED, ids, now)
}

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
