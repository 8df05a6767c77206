//! A transaction as a step sees it: one SQL text for both engines, parameters written `?1`.

use super::value::{Row, Value};
use anyhow::{Context, Result, ensure};
use std::collections::HashMap;

/// A running transaction. Statements are prepared once per connection.
pub struct Tx<'c> {
    pub(crate) engine: Engine<'c>,
}

pub(crate) enum Engine<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut Session),
}

/// A PostgreSQL connection with its prepared statements, by the text in which they were asked for.
pub(crate) struct Session {
    pub client: postgres::Client,
    pub statements: HashMap<String, postgres::Statement>,
}

impl Session {
    fn prepare(&mut self, sql: &str, rewrite: impl FnOnce(&str) -> String) -> Result<postgres::Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let text = rewrite(sql);
        let statement = self.client.prepare(&text).with_context(|| format!("preparing {text}"))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
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
                let values: Vec<&(dyn postgres::types::ToSql + Sync)> =
                    values.iter().map(|v| v as _).collect();
                Ok(session.client.execute(&statement, &values)?)
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
                let values: Vec<&(dyn postgres::types::ToSql + Sync)> =
                    values.iter().map(|v| v as _).collect();
                let rows = session.client.query(&statement, &values)?;
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
        if let Engine::Postgres(session) = &mut self.engine {
            let key = format!("each {sql}");
            let statement = session.prepare(&key, |_| sql.replace("= ?1", "= any($1::text[])"))?;
            let rows = session.client.query(&statement, &[&keys])?;
            return rows.iter().map(|row| read(&Row::Postgres(row))).collect();
        }
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            all.extend(self.query(sql, &[Value::from(*key)], &mut read)?);
        }
        Ok(all)
    }

    /// Writes many rows with one text: `insert into t (a, b) values (?1, ?2)`, perhaps with `on conflict do
    /// nothing`, or `update t set a = ?2 where id = ?1`. SQLite loops a prepared row; PostgreSQL gets all
    /// rows as arrays in one statement, so that one prepared statement serves every number of rows.
    pub fn write_all(&mut self, sql: &str, rows: &[Vec<Value<'_>>]) -> Result<u64> {
        let Some(first) = rows.first() else { return Ok(0) };
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement =
                    connection.prepare_cached(sql).with_context(|| format!("preparing {sql}"))?;
                let mut changed = 0;
                for row in rows {
                    changed += statement.execute(rusqlite::params_from_iter(row))?;
                }
                Ok(u64::try_from(changed)?)
            }
            Engine::Postgres(session) => {
                let types = session.prepare(sql, numbered)?.params().to_vec();
                ensure!(types.len() == first.len(), "{} values for {sql}", first.len());
                let key = format!("all {sql}");
                let statement = session.prepare(&key, |_| over_arrays(sql, &types))?;
                let columns: Vec<Column<'_>> =
                    types.iter().enumerate().map(|(n, ty)| column(rows, n, ty)).collect();
                let values: Vec<&(dyn postgres::types::ToSql + Sync)> =
                    columns.iter().map(Column::as_parameter).collect();
                Ok(session.client.execute(&statement, &values)?)
            }
        }
    }
}

/// The same statement over `unnest`ed arrays, one array per parameter.
fn over_arrays(sql: &str, types: &[postgres::types::Type]) -> String {
    let arrays: Vec<String> =
        types.iter().enumerate().map(|(n, ty)| format!("${}::{}[]", n + 1, ty.name())).collect();
    let names: Vec<String> = (1..=types.len()).map(|n| format!("p{n}")).collect();
    let from = format!("from unnest({}) as v({})", arrays.join(", "), names.join(", "));
    let mut text = String::new();
    let mut rest = sql;
    while let Some(at) = rest.find('?') {
        text.push_str(&rest[..at]);
        text.push_str("v.p");
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    if let Some(start) = text.find(" values (") {
        let end = text[start..].find(')').map_or(text.len(), |n| start + n);
        let listed = text[start + " values (".len()..end].to_owned();
        let tail = text[(end + 1).min(text.len())..].to_owned();
        format!("{} select {listed} {from}{tail}", &text[..start])
    } else {
        text.replacen(" where ", &format!(" {from} where "), 1)
    }
}

enum Column<'a> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
}

impl Column<'_> {
    fn as_parameter(&self) -> &(dyn postgres::types::ToSql + Sync) {
        match self {
            Column::Ints(values) => values,
            Column::Texts(values) => values,
        }
    }
}

fn column<'a>(rows: &'a [Vec<Value<'a>>], n: usize, ty: &postgres::types::Type) -> Column<'a> {
    if *ty == postgres::types::Type::INT8 {
        Column::Ints(
            rows.iter()
                .map(|row| match &row[n] {
                    Value::Int(value) => Some(*value),
                    Value::Null | Value::Text(_) => None,
                })
                .collect(),
        )
    } else {
        Column::Texts(
            rows.iter()
                .map(|row| match &row[n] {
                    Value::Text(value) => Some(value.as_ref()),
                    Value::Null | Value::Int(_) => None,
                })
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postgres::types::Type;

    #[test]
    fn an_insert_and_an_update_are_rewritten_over_arrays() {
        let types = [Type::TEXT, Type::INT8];
        assert_eq!(
            over_arrays("insert into t (a, b) values (?1, ?2) on conflict do nothing", &types),
            "insert into t (a, b) select v.p1, v.p2 from unnest($1::text[], $2::int8[]) as v(p1, p2) on conflict do nothing"
        );
        assert_eq!(
            over_arrays("update t set b = ?2 where a = ?1", &types),
            "update t set b = v.p2 from unnest($1::text[], $2::int8[]) as v(p1, p2) where a = v.p1"
        );
    }
}
