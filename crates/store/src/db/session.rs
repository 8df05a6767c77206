//! One PostgreSQL connection, driven on its own thread: prepared statements by the text in which they were
//! asked for, and rows that wait to be inserted with the next thing that is asked. Start at [`Session::queue`].
//!
//! Round trips are what a short transaction costs. So `begin`, the rows of inserts, and `commit` travel together with
//! the next thing that is waited for, and everything that is to be inserted is one statement. The server runs
//! what it gets in order; when something fails, the transaction is aborted and everything after it fails, `commit`
//! included (it then rolls back).

use anyhow::{Context, Result, anyhow};
use futures_util::future::{OptionFuture, join, join_all};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, Statement};

/// More kinds of rows than this are sent before more is queued.
const QUEUED_MAX: usize = 16;

pub(crate) type Parameters<'a> = [&'a (dyn ToSql + Sync)];

/// A connection with what it has prepared and what it has still to send.
pub(crate) struct Session {
    // Dropped before the runtime that drives it.
    client: Client,
    statements: HashMap<String, Statement>,
    /// How a transaction begins that has sent nothing yet.
    begin: Option<&'static str>,
    rows: Vec<Rows>,
    /// A statement of this transaction failed: it cannot be committed any more.
    aborted: bool,
    runtime: Runtime,
}

/// Rows that are to be inserted by one text.
pub(crate) struct Rows {
    /// The text for one row, with its parameters' types.
    pub sql: String,
    pub types: Vec<Type>,
    pub columns: Vec<Column>,
}

/// One parameter of many rows.
pub(crate) enum Column {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

impl Column {
    fn as_parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Column::Ints(values) => values,
            Column::Texts(values) => values,
        }
    }
}

/// What is known of a transaction that did not end well.
pub(crate) enum Uncommitted {
    /// Nothing of it stands.
    Before(anyhow::Error),
    /// The connection broke when `commit` was on its way.
    AtCommit(anyhow::Error),
}

impl Session {
    /// Opens a connection. TLS is used when the server offers it, by the system's trust in public authorities.
    pub fn connect(url: &str) -> Result<Session> {
        let mut config = tokio_postgres::Config::from_str(url).context("reading the database URL")?;
        config.application_name("recarga").connect_timeout(Duration::from_secs(5));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
            .with_no_client_auth();
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(async {
            let (client, connection) = config.connect(tls).await.context("connecting to the database")?;
            // Ends with the connection; what broke it shows at the next question.
            tokio::spawn(async move {
                let _ = connection.await;
            });
            anyhow::Ok(client)
        })?;
        let (statements, rows) = (HashMap::new(), Vec::new());
        let mut session = Session { client, statements, begin: None, rows, aborted: false, runtime };
        session.batch("set client_min_messages = warning; set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '30s'")?;
        Ok(session)
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs a text of statements without parameters, outside a transaction of [`Self::begin`].
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.runtime.block_on(self.client.batch_execute(sql))?)
    }

    /// Begins a transaction with the next thing that is sent.
    pub fn begin(&mut self, text: &'static str) {
        self.rows.clear();
        self.aborted = false;
        self.begin = Some(text);
    }

    /// The statement of this text, prepared once. `rewrite` makes PostgreSQL's text of it.
    pub fn prepare(&mut self, sql: &str, rewrite: impl FnOnce(&str) -> String) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let text = rewrite(sql);
        let statement = self.runtime.block_on(self.client.prepare(&text));
        let statement = statement.with_context(|| format!("preparing {text}"))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Leaves rows to be inserted before the next answer, at the latest by [`Self::commit`].
    pub fn queue(&mut self, rows: Rows) -> Result<()> {
        // One statement must not touch a row twice: the same text again goes into another one.
        if self.rows.len() >= QUEUED_MAX || self.rows.iter().any(|queued| queued.sql == rows.sql) {
            let queued = self.take_queued()?;
            let sent = self.runtime.block_on(send(&self.client, &queued));
            self.checked(sent)?;
        }
        self.rows.push(rows);
        Ok(())
    }

    pub fn execute(&mut self, statement: &Statement, values: &Parameters<'_>) -> Result<u64> {
        let queued = self.take_queued()?;
        let asked = join(send(&self.client, &queued), self.client.execute(statement, values));
        let (sent, changed) = self.runtime.block_on(asked);
        self.checked(sent)?;
        self.checked(changed)
    }

    pub fn query(&mut self, statement: &Statement, values: &Parameters<'_>) -> Result<Vec<Row>> {
        let queued = self.take_queued()?;
        let asked = join(send(&self.client, &queued), self.client.query(statement, values));
        let (sent, found) = self.runtime.block_on(asked);
        self.checked(sent)?;
        self.checked(found)
    }

    /// Two questions in one round trip.
    pub fn query_both(
        &mut self,
        first: (&Statement, &Parameters<'_>),
        second: (&Statement, &Parameters<'_>),
    ) -> Result<(Vec<Row>, Vec<Row>)> {
        let queued = self.take_queued()?;
        let both = join(self.client.query(first.0, first.1), self.client.query(second.0, second.1));
        let asked = join(send(&self.client, &queued), both);
        let (sent, (first, second)) = self.runtime.block_on(asked);
        self.checked(sent)?;
        Ok((self.checked(first)?, self.checked(second)?))
    }

    /// Sends what is queued and commits, in one round trip.
    pub fn commit(&mut self) -> Result<(), Uncommitted> {
        if self.aborted {
            return Err(Uncommitted::Before(anyhow!("a statement failed, and its step went on")));
        }
        let queued = self.take_queued().map_err(Uncommitted::Before)?;
        let ended = join(send(&self.client, &queued), self.client.batch_execute("commit"));
        let (sent, committed) = self.runtime.block_on(ended);
        // An error with a code comes from before the commit: the server rolls back. Without one the connection
        // broke while both were on their way.
        match sent.and(committed) {
            Ok(()) => Ok(()),
            Err(error) if undone(&error) => Err(Uncommitted::Before(error.into())),
            Err(error) => Err(Uncommitted::AtCommit(anyhow::Error::from(error).context("commit"))),
        }
    }

    /// Gives the transaction up. What was queued and never sent is forgotten.
    pub fn rollback(&mut self) -> Result<()> {
        self.begin = None;
        self.rows.clear();
        self.batch("rollback")
    }

    /// What is to be sent before the next thing: how the transaction begins, and all rows in one statement.
    fn take_queued(&mut self) -> Result<Queued> {
        let mut inserts = Vec::with_capacity(self.rows.len());
        for Rows { sql, types, columns } in std::mem::take(&mut self.rows) {
            let statement = self.prepare(&format!("all {sql}"), |_| over_arrays(&sql, &types))?;
            inserts.push(Insert { statement, columns });
        }
        Ok(Queued { begin: self.begin.take(), inserts })
    }

    fn checked<T>(&mut self, outcome: Result<T, Error>) -> Result<T> {
        self.aborted |= outcome.is_err();
        Ok(outcome?)
    }
}

/// What is sent before the next thing.
struct Queued {
    begin: Option<&'static str>,
    inserts: Vec<Insert>,
}

struct Insert {
    statement: Statement,
    columns: Vec<Column>,
}

/// Sends everything at once and waits for every answer; the first error is the cause of those after it.
async fn send(client: &Client, queued: &Queued) -> Result<(), Error> {
    let begin = OptionFuture::from(queued.begin.map(|text| client.batch_execute(text)));
    let inserts = join_all(queued.inserts.iter().map(async |Insert { statement, columns }| {
        let values: Vec<&(dyn ToSql + Sync)> = columns.iter().map(Column::as_parameter).collect();
        client.execute(statement, &values).await
    }));
    let (begun, inserted) = join(begin, inserts).await;
    begun.transpose()?;
    inserted.into_iter().try_for_each(|one| one.map(|_| ()))
}

/// The insert of one row, over `unnest`ed arrays: one array per parameter.
fn over_arrays(sql: &str, types: &[Type]) -> String {
    let arrays: Vec<String> =
        types.iter().enumerate().map(|(n, ty)| format!("${}::{}[]", n + 1, ty.name())).collect();
    let names: Vec<String> = (1..=types.len()).map(|n| format!("p{n}")).collect();
    let (head, rest) = sql.split_once(" values (").unwrap_or((sql, ")"));
    let (listed, tail) = rest.split_once(')').unwrap_or((rest, ""));
    let listed = listed.replace('?', "v.p");
    format!("{head} select {listed} from unnest({}) as v({}){tail}", arrays.join(", "), names.join(", "))
}

/// Does the error say that the transaction does not stand? The classes 08 (connection), 57 (operator
/// intervention) and 40003 leave it open (PostgreSQL, appendix A).
fn undone(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        let code = code.code();
        !(code.starts_with("08") || code.starts_with("57") || code == "40003")
    })
}

/// The parameters' values of many rows, column by column.
pub(crate) fn columns<'v>(
    types: &[Type],
    rows: impl Iterator<Item = &'v Vec<super::Value<'v>>> + Clone,
) -> Vec<Column> {
    let column = |(n, ty): (usize, &Type)| {
        if *ty == Type::INT8 {
            Column::Ints(rows.clone().map(|row| row[n].as_int()).collect())
        } else {
            Column::Texts(rows.clone().map(|row| row[n].as_text().map(str::to_owned)).collect())
        }
    };
    types.iter().enumerate().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insert_is_rewritten_over_arrays() {
        assert_eq!(
            over_arrays(
                "insert into t (a, b) values (?1, ?2) on conflict do nothing",
                &[Type::TEXT, Type::INT8]
            ),
            "insert into t (a, b) select v.p1, v.p2 from unnest($1::text[], $2::int8[]) as v(p1, p2) \
             on conflict do nothing"
        );
    }
}
