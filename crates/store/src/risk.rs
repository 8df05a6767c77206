//! Risk: what the operator set, how often marks were used, and what was noticed about orders.
//!
//! Counters are rows that are locked before they are compared, in the order of their keys, so that two orders at one
//! moment cannot both be the last one. Marks are keyed hashes; start at [`room`].

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::{Context, Result};
use domain::id::TopUpId;
use domain::risk::{Mark, RiskKind, Setting};
use domain::time::UnixMs;

/// Everything that was set. There are as many rows as settings; one that this program does not know is skipped.
pub fn settings(tx: &mut Tx<'_>) -> Result<Vec<Setting>> {
    let rows = tx.query("select key, value from risk_setting order by key limit 1000", &[], |row| {
        Ok(Setting::parse(&row.text(0)?, row.int(1)?))
    })?;
    Ok(rows.into_iter().filter_map(std::result::Result::ok).collect())
}

/// A setting as somebody left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub setting: Setting,
    pub by: String,
    pub at: UnixMs,
}

/// The same with who changed each, and when.
pub fn changes(tx: &mut Tx<'_>) -> Result<Vec<Changed>> {
    let sql = "select key, value, changed_by, changed_at from risk_setting order by key limit 1000";
    let rows = tx.query(sql, &[], |row| {
        let setting = Setting::parse(&row.text(0)?, row.int(1)?).ok();
        let (by, at) = (row.text(2)?, UnixMs(row.int(3)?));
        Ok(setting.map(|setting| Changed { setting, by, at }))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// Sets a value.
pub fn set(tx: &mut Tx<'_>, setting: &Setting, by: &str, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into risk_setting (key, value, changed_by, changed_at) values (?1, ?2, ?3, ?4) \
         on conflict (key) do update set value = excluded.value, changed_by = excluded.changed_by, \
         changed_at = excluded.changed_at",
        &values![setting.key(), setting.value(), by, now],
    )
}

/// Something that is counted against a cap in a running window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    pub key: String,
    pub window_ms: i64,
    /// How much is added.
    pub add: i64,
    /// How much there may be with it.
    pub most: i64,
}

/// A cap that has no room left, until its window ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Full {
    pub key: String,
    pub until: UnixMs,
}

/// Is there room for all of it? `None`, or of the caps without room that one whose window ends last. The rows are
/// locked until the step ends, so that what [`add_all`] adds fits.
pub fn room(tx: &mut Tx<'_>, counts: &[Count], now: UnixMs) -> Result<Option<Full>> {
    let mut sorted: Vec<&Count> = counts.iter().collect();
    sorted.sort();
    let mut full: Option<Full> = None;
    for count in sorted {
        let (already, until) = lock(tx, count, now)?;
        if already.saturating_add(count.add) > count.most && full.as_ref().is_none_or(|f| f.until < until) {
            full = Some(Full { key: count.key.clone(), until });
        }
    }
    Ok(full)
}

/// Counts what there is room for, or what counts whether there is or not. Its rows are there since [`room`].
pub fn add_all(tx: &mut Tx<'_>, counts: &[Count]) -> Result<()> {
    for count in counts {
        let add = values![count.key.as_str(), count.add];
        tx.execute_one("update risk_count set count = count + ?2 where key = ?1", &add)?;
    }
    Ok(())
}

/// The count of the running window and its end; nobody else changes it until the step ends.
fn lock(tx: &mut Tx<'_>, count: &Count, now: UnixMs) -> Result<(i64, UnixMs)> {
    let ends = now.plus_ms(count.window_ms);
    let found = tx.query_first(
        "insert into risk_count (key, window_at, ends_at, count) values (?1, ?2, ?3, 0) \
         on conflict (key) do update set \
         count = case when risk_count.ends_at > ?2 then risk_count.count else 0 end, \
         window_at = case when risk_count.ends_at > ?2 then risk_count.window_at else ?2 end, \
         ends_at = case when risk_count.ends_at > ?2 then risk_count.ends_at else ?3 end \
         returning count, ends_at",
        &values![count.key.as_str(), now, ends],
        |row| Ok((row.int(0)?, UnixMs(row.int(1)?))),
    )?;
    found.context("a count without a row")
}

/// What is counted under a key now, and until when.
pub fn peek(tx: &mut Tx<'_>, key: &str, now: UnixMs) -> Result<(i64, UnixMs)> {
    let found = tx.query_first(
        "select count, ends_at from risk_count where key = ?1 and ends_at > ?2",
        &values![key, now],
        |row| Ok((row.int(0)?, UnixMs(row.int(1)?))),
    )?;
    Ok(found.unwrap_or((0, now)))
}

/// Notes the marks of an order; the first one of a kind stays.
pub fn insert_marks(tx: &mut Tx<'_>, top_up: &TopUpId, marks: &[(Mark, String)], now: UnixMs) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = marks
        .iter()
        .map(|(kind, mark)| values![top_up.as_str(), kind.as_str(), mark.as_str(), now].to_vec())
        .collect();
    tx.insert_all(
        "insert into risk_mark (top_up_id, kind, mark, at) values (?1, ?2, ?3, ?4) on conflict do nothing",
        &rows,
    )
}

/// Notes the card that an order was paid with, instead of one that was tried before.
pub fn set_card(tx: &mut Tx<'_>, top_up: &TopUpId, mark: &str, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into risk_mark (top_up_id, kind, mark, at) values (?1, ?2, ?3, ?4) \
         on conflict (top_up_id, kind) do update set mark = excluded.mark, at = excluded.at",
        &values![top_up.as_str(), Mark::Card.as_str(), mark, now],
    )
}

/// The marks of an order.
pub fn marks(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<(Mark, String)>> {
    tx.query(
        "select kind, mark from risk_mark where top_up_id = ?1 order by kind",
        &values![top_up.as_str()],
        |row| Ok((row.word(0, Mark::parse)?, row.text(1)?)),
    )
}

/// Notes that a card was used or tried with a mark.
pub fn insert_card(tx: &mut Tx<'_>, mark: &str, card: &str, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into risk_card (mark, card, at) values (?1, ?2, ?3) \
         on conflict (mark, card) do update set at = excluded.at",
        &values![mark, card, now],
    )
}

/// How many different cards a mark has had since `since`, and when the oldest of them was used last.
pub fn count_cards(tx: &mut Tx<'_>, mark: &str, since: UnixMs) -> Result<(i64, UnixMs)> {
    let found = tx.query_first(
        "select count(*), coalesce(min(at), 0) from \
         (select at from risk_card where mark = ?1 and at > ?2 limit 100000) as recent",
        &values![mark, since],
        |row| Ok((row.int(0)?, UnixMs(row.int(1)?))),
    )?;
    Ok(found.unwrap_or((0, since)))
}

/// What was noticed about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskEvent {
    pub kind: RiskKind,
    /// What tells it from another one of its kind.
    pub subject: String,
    /// Which caps or patterns it was: their names, never a mark.
    pub detail: String,
    pub at: UnixMs,
}

/// Writes down what was noticed; says whether it is new.
pub fn insert_event(tx: &mut Tx<'_>, top_up: &TopUpId, event: &RiskEvent) -> Result<bool> {
    let inserted = tx.execute(
        "insert into risk_event (top_up_id, kind, subject, detail, at) values (?1, ?2, ?3, ?4, ?5) \
         on conflict do nothing",
        &values![
            top_up.as_str(),
            event.kind.as_str(),
            event.subject.as_str(),
            event.detail.as_str(),
            event.at
        ],
    )?;
    Ok(inserted == 1)
}

/// What was noticed about an order, oldest first.
pub fn list_events(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<RiskEvent>> {
    let sql =
        "select kind, subject, detail, at from risk_event where top_up_id = ?1 order by at, kind limit 200";
    tx.query(sql, &values![top_up.as_str()], read_event)
}

fn read_event(row: &Row<'_>) -> Result<RiskEvent> {
    let kind = row.word(0, RiskKind::parse)?;
    Ok(RiskEvent { kind, subject: row.text(1)?, detail: row.text(2)?, at: UnixMs(row.int(3)?) })
}

/// Forgets counts whose window is over, and marks older than `before`.
pub fn purge(tx: &mut Tx<'_>, now: UnixMs, before: UnixMs, limit: i64) -> Result<()> {
    tx.execute(
        "delete from risk_count where key in (select key from risk_count where ends_at < ?1 limit ?2)",
        &values![now, limit],
    )?;
    tx.execute(
        "delete from risk_mark where (top_up_id, kind) in \
         (select top_up_id, kind from risk_mark where at < ?1 limit ?2)",
        &values![before, limit],
    )?;
    tx.execute(
        "delete from risk_card where (mark, card) in (select mark, card from risk_card where at < ?1 limit ?2)",
        &values![before, limit],
    )?;
    Ok(())
}
