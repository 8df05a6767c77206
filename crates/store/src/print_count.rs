//! How often something was printed: every print but the first says that it is a copy.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::time::UnixMs;

/// How often a subject was printed. Until this step ends nobody else counts: its row is locked, also where it is new.
pub fn hold(tx: &mut Tx<'_>, subject: &str, now: UnixMs) -> Result<i64> {
    let counted = tx.query_first(
        "insert into print_count (subject, prints, last_at) values (?1, 0, ?2) on conflict (subject) do update set \
         prints = print_count.prints returning prints",
        &values![subject, now],
        |row| row.int(0),
    )?;
    counted.context("prints were not counted")
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
