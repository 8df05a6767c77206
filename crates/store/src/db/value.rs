//! Values that go into a statement and rows that come out, the same for both engines: text and integers.

use anyhow::{Context, Result};
use std::borrow::Cow;

/// A parameter. Columns are text and bigint, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
}

impl Value<'_> {
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Null | Value::Text(_) => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(value) => Some(value.as_ref()),
            Value::Null | Value::Int(_) => None,
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Value::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Value::Text(Cow::Borrowed(value))
    }
}

impl From<domain::time::UnixMs> for Value<'_> {
    fn from(value: domain::time::UnixMs) -> Self {
        Value::Int(value.0)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Parameters of one statement: `values![id, amount, None::<i64>]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

impl tokio_postgres::types::ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &tokio_postgres::types::Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(tokio_postgres::types::IsNull::Yes),
            Value::Int(value) => tokio_postgres::types::ToSql::to_sql(value, ty, out),
            Value::Text(value) => tokio_postgres::types::ToSql::to_sql(&value.as_ref(), ty, out),
        }
    }

    fn accepts(ty: &tokio_postgres::types::Type) -> bool {
        <i64 as tokio_postgres::types::ToSql>::accepts(ty)
            || <&str as tokio_postgres::types::ToSql>::accepts(ty)
    }

    fn to_sql_checked(
        &self,
        ty: &tokio_postgres::types::Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let fits = match self {
            Value::Null => true,
            Value::Int(_) => <i64 as tokio_postgres::types::ToSql>::accepts(ty),
            Value::Text(_) => <&str as tokio_postgres::types::ToSql>::accepts(ty),
        };
        if fits {
            tokio_postgres::types::ToSql::to_sql(self, ty, out)
        } else {
            Err(format!("{self:?} is no {ty}").into())
        }
    }
}

/// A row that a query returned. Columns are counted from 0.
pub enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    pub fn opt_text(&self, column: usize) -> Result<Option<String>> {
        match self {
            Row::Sqlite(row) => row.get(column).with_context(|| format!("column {column}")),
            Row::Postgres(row) => row.try_get(column).with_context(|| format!("column {column}")),
        }
    }

    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        match self {
            Row::Sqlite(row) => row.get(column).with_context(|| format!("column {column}")),
            Row::Postgres(row) => row.try_get(column).with_context(|| format!("column {column}")),
        }
    }

    pub fn text(&self, column: usize) -> Result<String> {
        self.opt_text(column)?.with_context(|| format!("column {column} is null"))
    }

    pub fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.with_context(|| format!("column {column} is null"))
    }

    /// A stored word of a closed list, for example a state.
    pub fn word<T>(&self, column: usize, parse: fn(&str) -> Option<T>) -> Result<T> {
        let word = self.text(column)?;
        parse(&word).with_context(|| format!("column {column} holds the unknown word {word:?}"))
    }
}
