//! How often something was printed: every print but the first says that it is a copy.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::time::UnixMs;

/// How often a subject was printed.
pub fn of(tx: &mut Tx<'_>, subject: &str) -> Result<i64> {
    let sql = "select prints from print_count where subject = ?1";
    Ok(tx.query_first(sql, &values![subject], |row| row.int(0))?.unwrap_or(0))
}

/// Counts one more print of a subject (the id of a top-up or an invoice) and says the how-manieth it is.
pub fn count(tx: &mut Tx<'_>, subject: &str, now: UnixMs) -> Result<i64> {
    let counted = tx.query_first(
        "insert into print_count (subject, prints, last_at) values (?1, 1, ?2) on conflict (subject) do update set \
         prints = print_count.prints + 1, last_at = ?2 returning prints",
        &values![subject, now],
        |row| row.int(0),
    )?;
    counted.context("a print was not counted")
}
