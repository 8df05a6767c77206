//! How the engine finds rows, for tests: every query that runs in [`scans`] is explained first, and those that read a
//! whole table are named. Only in debug builds, on the thread of the step.

use super::tx::{Engine, Tx};
use super::value::Value;
use anyhow::Result;
use std::cell::RefCell;

thread_local! {
    /// What was found so far, while plans are looked at.
    static FOUND: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Runs `step` and names each query in it whose plan reads a whole table, with the line of the plan that says so.
pub fn scans(tx: &mut Tx<'_>, step: impl FnOnce(&mut Tx<'_>) -> Result<()>) -> Result<Vec<String>> {
    if let Engine::Postgres(_) = tx.engine {
        // An empty table is always scanned; where it is forbidden, a scan says that there is no index to use.
        tx.execute("set local enable_seqscan = off", &[])?;
    }
    FOUND.with_borrow_mut(|found| *found = Some(Vec::new()));
    let done = step(tx);
    let found = FOUND.with_borrow_mut(Option::take).unwrap_or_default();
    done.map(|()| found)
}

/// Looks at the plan of a query, while somebody wants to know.
pub(super) fn look(tx: &mut Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<()> {
    // Taken out meanwhile: the query that explains is not explained.
    let Some(mut found) = FOUND.with_borrow_mut(Option::take) else { return Ok(()) };
    let (explain, column) = match tx.engine {
        Engine::Sqlite(_) => (format!("explain query plan {sql}"), 3),
        Engine::Postgres(_) => (format!("explain {sql}"), 0),
    };
    let looked = if sql.trim_start().starts_with("select") {
        tx.query(&explain, values, |row| row.text(column))
    } else {
        Ok(Vec::new())
    };
    for line in looked? {
        let scan = line.starts_with("SCAN ") && !line.contains("CONSTANT ROW") && !is_of_few(tx, &line)?;
        if scan || line.contains("Seq Scan") {
            found.push(format!("{}: {sql}", line.trim()));
        }
    }
    FOUND.with_borrow_mut(|place| *place = Some(found));
    Ok(())
}

/// Does the line read an index that holds only the few rows of its condition?
fn is_of_few(tx: &mut Tx<'_>, line: &str) -> Result<bool> {
    let Some((_, index)) = line.split_once(" INDEX ") else { return Ok(false) };
    let named = "select 1 from sqlite_schema where type = 'index' and name = ?1 and sql like '% where %'";
    Ok(tx.query_first(named, &[Value::Text(index.trim().into())], |_| Ok(()))?.is_some())
}
