//! How the engine finds rows, for tests: while somebody watches, every query is explained before it runs, and those
//! that read a whole table are named. Only in debug builds. [`scans`] watches one step, a [`Watch`] in
//! [`Options`](super::Options) a whole database.

use super::tx::{Engine, Tx};
use super::value::Value;
use anyhow::Result;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

thread_local! {
    /// Who watches the queries of this thread.
    static HERE: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Sees the queries of the threads that it was given to, from [`Watch::begin`] to [`Watch::end`].
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<Mutex<Option<Seen>>>);

#[derive(Debug, Default)]
struct Seen {
    queries: HashSet<String>,
    scans: BTreeSet<String>,
}

impl Watch {
    fn with<T>(&self, look: impl FnOnce(&mut Option<Seen>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn begin(&self) {
        self.with(|seen| *seen = Some(Seen::default()));
    }

    /// How many different queries ran, and those whose plan reads a whole table, with the line that says so.
    pub fn end(&self) -> (usize, Vec<String>) {
        let seen = self.with(Option::take).unwrap_or_default();
        (seen.queries.len(), seen.scans.into_iter().collect())
    }

    /// Is somebody watching who has not seen this query yet?
    fn is_new(&self, sql: &str) -> bool {
        self.with(|seen| seen.as_mut().is_some_and(|seen| seen.queries.insert(sql.to_owned())))
    }
}

/// From now on somebody may watch the queries of this thread.
pub(super) fn watch_here(watch: Option<Watch>) {
    HERE.with_borrow_mut(|here| *here = watch);
}

/// Runs `step` and names each query in it whose plan reads a whole table, with the line of the plan that says so.
pub fn scans(tx: &mut Tx<'_>, step: impl FnOnce(&mut Tx<'_>) -> Result<()>) -> Result<Vec<String>> {
    let watch = Watch::default();
    watch.begin();
    let before = HERE.replace(Some(watch.clone()));
    let done = step(tx);
    HERE.set(before);
    done.map(|()| watch.end().1)
}

/// Looks at the plan of a query, while somebody wants to know.
pub(super) fn look(tx: &mut Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<()> {
    // Taken out meanwhile: the query that explains is not explained.
    let Some(watch) = HERE.take() else { return Ok(()) };
    let is_new = sql.trim_start().starts_with("select") && watch.is_new(sql);
    let found = if is_new { explained(tx, sql, values) } else { Ok(Vec::new()) };
    HERE.set(Some(watch.clone()));
    let found = found?;
    watch.with(|seen| seen.iter_mut().for_each(|seen| seen.scans.extend(found.iter().cloned())));
    Ok(())
}

fn explained(tx: &mut Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<Vec<String>> {
    let (explain, column) = match tx.engine {
        Engine::Sqlite(_) => (format!("explain query plan {sql}"), 3),
        Engine::Postgres(_) => {
            // An empty table is always scanned; where it is forbidden, a scan says that there is no index to use.
            tx.execute("set local enable_seqscan = off", &[])?;
            (format!("explain {sql}"), 0)
        }
    };
    let lines = tx.query(&explain, values, |row| row.text(column))?;
    // What is read of a query inside the query is what that one found; how it did is in lines of its own.
    let inner = |line: &str| {
        let mut inside =
            lines.iter().filter_map(|l| l.strip_prefix("CO-ROUTINE ").or(l.strip_prefix("MATERIALIZE ")));
        inside.any(|name| line.strip_prefix("SCAN ") == Some(name))
    };
    let mut found = Vec::new();
    for line in &lines {
        let whole = line.starts_with("SCAN ") && !line.contains("CONSTANT ROW") && !inner(line);
        let scan = whole && !is_of_few(tx, line)? && !stops(sql, line);
        if scan || line.contains("Seq Scan") {
            found.push(format!("{}: {sql}", line.trim()));
        }
    }
    Ok(found)
}

/// Does the line read an index that holds only the few rows of its condition?
fn is_of_few(tx: &mut Tx<'_>, line: &str) -> Result<bool> {
    let Some((_, index)) = line.split_once(" INDEX ") else { return Ok(false) };
    let named = "select 1 from sqlite_schema where type = 'index' and name = ?1 and sql like '% where %'";
    Ok(tx.query_first(named, &[Value::Text(index.trim().into())], |_| Ok(()))?.is_some())
}

/// Does the line walk along an index in its order, with nothing left out, until a limit ends it?
fn stops(sql: &str, line: &str) -> bool {
    let Some(table) =
        line.strip_prefix("SCAN ").and_then(|rest| rest.split_once(" USING ")).map(|(table, _)| table)
    else {
        return false;
    };
    let Some((_, rest)) = sql.split_once(&format!(" from {table} order by ")) else { return false };
    rest.split(')').next().is_some_and(|order| order.contains(" limit ") && !order.contains(" where "))
}
