//! What people look back on: their orders, the orders to their lines, and what the ledger moved on one account.
//! Every list is a range of an index that ends at a limit; ids sort by time, so a range of time is a range of ids.

use crate::db::Tx;
use crate::top_up::{COLUMNS, read};
use crate::values;
use anyhow::Result;
use domain::history::OrderGroup;
use domain::id::{LineId, SubscriberId, TopUpId};
use domain::ledger::{AccountId, Phase, PostingKey, Reason};
use domain::time::UnixMs;
use domain::top_up::TopUp;

/// A range of time as keys of ids, and which group of states.
#[derive(Debug, Clone)]
pub struct Range {
    /// From this key on.
    pub from: String,
    /// Only before this key.
    pub before: String,
    pub group: Option<OrderGroup>,
}

impl Range {
    fn ids(&self) -> (String, String) {
        (format!("{}_{}", TopUpId::PREFIX, self.from), format!("{}_{}", TopUpId::PREFIX, self.before))
    }

    /// The words of the wanted states between commas.
    fn states(&self) -> Option<String> {
        let words = |group: OrderGroup| group.states().iter().map(|s| format!("{s},")).collect::<String>();
        self.group.map(|group| format!(",{}", words(group)))
    }
}

/// Orders of a subscriber, perhaps of one line only, newest first.
pub fn list_of_subscriber(
    tx: &mut Tx<'_>,
    subscriber: &SubscriberId,
    line: Option<&LineId>,
    range: &Range,
    limit: i64,
) -> Result<Vec<TopUp>> {
    let sql = format!(
        "select {COLUMNS} from top_up where subscriber_id = ?1 and id >= ?2 and id < ?3 \
         and (cast(?4 as text) is null or line_id = ?4) \
         and (cast(?5 as text) is null or ?5 like '%,' || state || ',%') order by id desc limit ?6"
    );
    let (from, before) = range.ids();
    let line = line.map(LineId::as_str);
    tx.query(&sql, &values![subscriber.as_str(), from, before, line, range.states(), limit], read)
}

/// Orders that a line was credited with, whoever bought them, newest first.
pub fn list_credited(tx: &mut Tx<'_>, line: &LineId, range: &Range, limit: i64) -> Result<Vec<TopUp>> {
    let sql = format!(
        "select {COLUMNS} from top_up where line_id = ?1 and id >= ?2 and id < ?3 and credited_at is not null \
         and (cast(?4 as text) is null or ?4 like '%,' || state || ',%') order by id desc limit ?5"
    );
    let (from, before) = range.ids();
    tx.query(&sql, &values![line.as_str(), from, before, range.states(), limit], read)
}

/// The next orders that a line was credited with after this one, oldest first.
pub fn list_credited_after(
    tx: &mut Tx<'_>,
    line: &LineId,
    after: &TopUpId,
    limit: i64,
) -> Result<Vec<TopUpId>> {
    tx.query(
        "select id from top_up where line_id = ?1 and id > ?2 and credited_at is not null order by id limit ?3",
        &values![line.as_str(), after.as_str(), limit],
        |row| Ok(TopUpId::stored(row.text(0)?)),
    )
}

/// What a posting did to one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What the posting is about.
    pub subject: String,
    /// On a line's accounts: what came is positive, what went negative.
    pub amount: i64,
    pub reason: Reason,
    pub at: UnixMs,
}

/// What these postings did to an account, where they stand. Holds move nothing yet.
pub fn moved(tx: &mut Tx<'_>, keys: &[PostingKey], account: &AccountId) -> Result<Vec<Moved>> {
    let keys: Vec<String> = keys.iter().map(|key| format!("{} {}", key.subject, key.purpose)).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let sql = "select p.key, t.debit, t.credit, t.amount, t.reason, t.phase, p.recorded_at from posting p \
               join transfer t on t.writer = p.writer and t.n = p.n where p.key = ?1";
    let rows = tx.query_each(sql, &keys, |row| {
        let sign = match (row.text(1)? == account.as_str(), row.text(2)? == account.as_str()) {
            (true, false) => -1,
            (false, true) => 1,
            (true, true) | (false, false) => 0,
        };
        let stands = match row.word(5, Phase::parse)? {
            Phase::Posted | Phase::PostPending => sign,
            Phase::Pending | Phase::VoidPending => 0,
        };
        let subject =
            row.text(0)?.rsplit_once(' ').map_or_else(String::new, |(subject, _)| subject.to_owned());
        let (amount, reason) = (stands * row.int(3)?, row.word(4, Reason::parse)?);
        Ok(Moved { subject, amount, reason, at: UnixMs(row.int(6)?) })
    })?;
    Ok(rows.into_iter().filter(|moved| moved.amount != 0).collect())
}
