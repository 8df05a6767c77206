//! What lines used: one row per record, under the word of whoever measured it, and what it took from which account.
//! The same amounts stand in the ledger; these rows find them by line and account.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::id::{LineId, UsageId};
use domain::ledger::AccountId;
use domain::time::UnixMs;
use domain::usage::{TaxAtUse, Usage};

/// What one record took from one account.
pub type Part = (AccountId, i64);

/// Writes a record down, unless its word was used before; says whether it was written.
pub fn insert(tx: &mut Tx<'_>, u: &Usage) -> Result<bool> {
    let written = tx.execute(
        "insert into usage_record (id, record, line_id, unit, amount, used_at, recorded_at, short_of) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing",
        &values![
            u.id.as_str(),
            &u.record,
            u.line.as_str(),
            u.unit.as_str(),
            u.amount,
            u.used_at,
            u.recorded_at,
            u.short_of
        ],
    )?;
    Ok(written == 1)
}

pub fn insert_parts(tx: &mut Tx<'_>, id: &UsageId, parts: &[Part]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = parts
        .iter()
        .map(|(account, amount)| values![account.as_str(), id.as_str(), *amount].to_vec())
        .collect();
    tx.insert_all("insert into usage_part (account, usage_id, amount) values (?1, ?2, ?3)", &rows)
}

/// Writes down what of a use fell under tax.
pub fn insert_tax(tx: &mut Tx<'_>, id: &UsageId, due: TaxAtUse) -> Result<()> {
    tx.execute_one(
        "insert into usage_tax (usage_id, taxable, rate_bps, tax) values (?1, ?2, ?3, ?4)",
        &values![id.as_str(), due.taxable, i64::from(due.rate.0), due.tax],
    )
}

fn read(row: &Row<'_>) -> Result<Usage> {
    Ok(Usage {
        id: UsageId::stored(row.text(0)?),
        record: row.text(1)?,
        line: LineId::stored(row.text(2)?),
        unit: row.text(3)?.parse()?,
        amount: row.int(4)?,
        used_at: UnixMs(row.int(5)?),
        recorded_at: UnixMs(row.int(6)?),
        short_of: row.opt_int(7)?,
    })
}

/// The record that stands under a word, with what it took.
pub fn find(tx: &mut Tx<'_>, record: &str) -> Result<Option<(Usage, Vec<Part>)>> {
    let found = tx.query_first(
        "select id, record, line_id, unit, amount, used_at, recorded_at, short_of from usage_record \
         where record = ?1",
        &values![record],
        read,
    )?;
    let Some(usage) = found else { return Ok(None) };
    let parts = tx.query(
        "select account, amount from usage_part where usage_id = ?1 order by account limit 1000",
        &values![usage.id.as_str()],
        |row| Ok((AccountId::stored(row.text(0)?), row.int(1)?)),
    )?;
    Ok(Some((usage, parts)))
}

/// One use as the history of an account tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub id: UsageId,
    pub amount: i64,
    pub used_at: UnixMs,
}

/// What was taken from an account, newest first; only what comes before this id.
pub fn list_of_account(tx: &mut Tx<'_>, account: &AccountId, before: &str, limit: i64) -> Result<Vec<Used>> {
    tx.query(
        "select p.usage_id, p.amount, u.used_at from usage_part p join usage_record u on u.id = p.usage_id \
         where p.account = ?1 and p.usage_id < ?2 order by p.usage_id desc limit ?3",
        &values![account.as_str(), before, limit],
        |row| {
            Ok(Used { id: UsageId::stored(row.text(0)?), amount: row.int(1)?, used_at: UnixMs(row.int(2)?) })
        },
    )
}
