//! Lines: the only place where numbers stand, hashed to find them and sealed to read them.

use crate::db::{Each, Row, Tx, Value};
use crate::values;
use anyhow::{Context, Result};
use domain::id::LineId;
use domain::line::{Keeper, Line, LineStatus};
use domain::locale::Locale;
use domain::time::UnixMs;

const COLUMNS: &str = "id, market, currency, status, last4, msisdn_sealed, locale, balance_keeper";

fn read(row: &Row<'_>) -> Result<Line> {
    Ok(Line {
        id: LineId::stored(row.text(0)?),
        market: row.text(1)?,
        currency: row.text(2)?.parse()?,
        status: row.word(3, LineStatus::parse)?,
        last4: row.text(4)?,
        msisdn_sealed: row.text(5)?,
        locale: row.opt_text(6)?.as_deref().and_then(Locale::parse),
        keeper: row.word(7, Keeper::parse)?,
    })
}

/// Is there any line?
pub fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_first("select 1 from line limit 1", &[], |_| Ok(()))?.is_some())
}

/// Every line that has or had one of these numbers, beside the number's hash.
pub fn each<'k>(hashes: &'k [&'k str]) -> Each<'k, (String, Line)> {
    Each {
        sql: "select id, market, currency, status, last4, msisdn_sealed, locale, balance_keeper, \
              msisdn_hash from line \
              where msisdn_hash = ?1",
        keys: hashes,
        read: |row| Ok((row.text(8)?, read(row)?)),
    }
}

/// Of the lines of one number: the one that has it now, else the last one that had it.
pub fn current<'l>(lines: impl Iterator<Item = &'l Line>) -> Option<&'l Line> {
    lines.min_by_key(|line| (line.status == LineStatus::Closed, std::cmp::Reverse(&line.id)))
}

/// The line that has this number now, else the last one that had it. `hashes`: one per key of the keyring.
pub fn find(tx: &mut Tx<'_>, hashes: &[String]) -> Result<Option<Line>> {
    let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
    let Each { sql, keys, read } = each(&hashes);
    let lines = tx.query_each(sql, keys, read)?;
    Ok(current(lines.iter().map(|(_, line)| line)).cloned())
}

pub fn find_by_id(tx: &mut Tx<'_>, id: &LineId) -> Result<Option<Line>> {
    tx.query_first(&format!("select {COLUMNS} from line where id = ?1"), &values![id.as_str()], read)
}

pub fn load(tx: &mut Tx<'_>, id: &LineId) -> Result<Line> {
    tx.query_first(&format!("select {COLUMNS} from line where id = ?1"), &values![id.as_str()], read)?
        .with_context(|| format!("line {id} is missing"))
}

/// A new line and the hash of its number.
pub struct NewLine {
    pub line: Line,
    pub msisdn_hash: String,
}

pub fn insert_all(tx: &mut Tx<'_>, lines: &[NewLine], now: UnixMs) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = lines
        .iter()
        .map(|NewLine { line, msisdn_hash }| {
            values![
                line.id.as_str(),
                &line.market,
                line.currency.code(),
                line.status.as_str(),
                msisdn_hash,
                &line.msisdn_sealed,
                &line.last4,
                line.locale.map(Locale::as_str),
                now,
                now,
                line.keeper.as_str()
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into line (id, market, currency, status, msisdn_hash, msisdn_sealed, last4, locale, created_at, \
         updated_at, balance_keeper) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &rows,
    )?;
    Ok(())
}

/// Changes what the register says about a line; the line itself stays the same one.
pub fn update(
    tx: &mut Tx<'_>,
    id: &LineId,
    status: LineStatus,
    locale: Option<Locale>,
    now: UnixMs,
) -> Result<()> {
    tx.execute_one(
        "update line set status = ?2, locale = ?3, updated_at = ?4 where id = ?1",
        &values![id.as_str(), status.as_str(), locale.map(Locale::as_str), now],
    )
}
