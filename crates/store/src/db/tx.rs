//! A transaction as a step sees it: one SQL text for both engines, parameters written `?1`.

use super::session::{Rows, Session, columns};
use super::value::{Row, Value};
use anyhow::{Context, Result, ensure};
use tokio_postgres::types::ToSql;

/// A running transaction. Statements are prepared once per connection.
pub struct Tx<'c> {
    pub(crate) engine: Engine<'c>,
}

pub(crate) enum Engine<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut Session),
}

/// A query for the rows of many keys: `sql` compares one column with `= ?1` and has no other parameter.
pub struct Each<'k, T> {
    pub sql: &'static str,
    pub keys: &'k [&'k str],
    pub read: fn(&Row<'_>) -> Result<T>,
}

/// SQLite numbers `$n` by first appearance, so texts say `?n`, which PostgreSQL reads as `$n`.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

impl Tx<'_> {
    /// Runs a statement and says how many rows it changed.
    pub fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement =
                    connection.prepare_cached(sql).with_context(|| format!("preparing {sql}"))?;
                let changed = statement.execute(rusqlite::params_from_iter(values))?;
                Ok(u64::try_from(changed)?)
            }
            Engine::Postgres(session) => {
                let statement = session.prepare(sql, numbered)?;
                let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
                session.execute(&statement, &values)
            }
        }
    }

    /// Runs a statement that must change exactly one row.
    pub fn execute_one(&mut self, sql: &str, values: &[Value<'_>]) -> Result<()> {
        let changed = self.execute(sql, values)?;
        ensure!(changed == 1, "{changed} rows changed where one was meant: {sql}");
        Ok(())
    }

    /// Runs a query and reads every row.
    pub fn query<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        if cfg!(debug_assertions) {
            super::plan::look(self, sql, values)?;
        }
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement =
                    connection.prepare_cached(sql).with_context(|| format!("preparing {sql}"))?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    all.push(read(&Row::Sqlite(row))?);
                }
                Ok(all)
            }
            Engine::Postgres(session) => {
                let statement = session.prepare(sql, numbered)?;
                let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
                let rows = session.query(&statement, &values)?;
                rows.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
        }
    }

    /// Runs a query and reads its first row, if it has one.
    pub fn query_first<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, values, read)?.into_iter().next())
    }

    /// Reads the rows of many keys. `sql` compares one column with `= ?1` and has no other parameter.
    /// SQLite runs it once per key, PostgreSQL once for all.
    pub fn query_each<T>(
        &mut self,
        sql: &str,
        keys: &[&str],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        if cfg!(debug_assertions) {
            super::plan::look(self, sql, &[Value::from(keys[0])])?;
        }
        if let Engine::Postgres(session) = &mut self.engine {
            let statement = each(session, sql)?;
            let rows = session.query(&statement, &[&keys])?;
            return rows.iter().map(|row| read(&Row::Postgres(row))).collect();
        }
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            all.extend(self.query(sql, &[Value::from(*key)], &mut read)?);
        }
        Ok(all)
    }

    /// The same rows, kept from others until the step ends; PostgreSQL locks them in the order of their ids, SQLite has one
    /// writer anyway.
    pub fn query_each_held<T>(
        &mut self,
        sql: &str,
        keys: &[&str],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        match self.engine {
            Engine::Sqlite(_) => self.query_each(sql, keys, read),
            Engine::Postgres(_) => self.query_each(&format!("{sql} order by id for update"), keys, read),
        }
    }

    /// Reads the rows of two sets of keys; PostgreSQL answers both in one round trip.
    pub fn query_both<A, B>(&mut self, first: Each<'_, A>, second: Each<'_, B>) -> Result<(Vec<A>, Vec<B>)> {
        if let Engine::Postgres(session) = &mut self.engine {
            let statements = (each(session, first.sql)?, each(session, second.sql)?);
            let (a, b) =
                session.query_both((&statements.0, &[&first.keys]), (&statements.1, &[&second.keys]))?;
            let a = a.iter().map(|row| (first.read)(&Row::Postgres(row))).collect::<Result<_>>()?;
            let b = b.iter().map(|row| (second.read)(&Row::Postgres(row))).collect::<Result<_>>()?;
            return Ok((a, b));
        }
        Ok((
            self.query_each(first.sql, first.keys, first.read)?,
            self.query_each(second.sql, second.keys, second.read)?,
        ))
    }

    /// Inserts many rows with one text: `insert into t (a, b) values (?1, ?2)`, perhaps with `on conflict do
    /// nothing` or `do update`. Every row stands, or the step fails. SQLite loops a prepared row; PostgreSQL gets
    /// all rows as arrays in one statement, so that one prepared statement serves every number of rows, and
    /// sends it with the next query or the commit: a row that is refused fails the step there.
    pub fn insert_all(&mut self, sql: &str, rows: &[Vec<Value<'_>>]) -> Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement =
                    connection.prepare_cached(sql).with_context(|| format!("preparing {sql}"))?;
                for row in rows {
                    statement.execute(rusqlite::params_from_iter(row))?;
                }
                Ok(())
            }
            Engine::Postgres(session) => {
                let types = session.prepare(sql, numbered)?.params().to_vec();
                ensure!(types.len() == first.len(), "{} values for {sql}", first.len());
                let columns = columns(&types, rows.iter());
                session.queue(Rows { sql: sql.to_owned(), types, columns })
            }
        }
    }
}

/// The statement for many keys at once.
fn each(session: &mut Session, sql: &str) -> Result<tokio_postgres::Statement> {
    session.prepare(&format!("each {sql}"), |_| sql.replace("= ?1", "= any($1::text[])"))
}
