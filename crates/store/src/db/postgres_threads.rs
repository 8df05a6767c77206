//! PostgreSQL's threads: each owns a synchronous connection and never lets it near an async thread.

use super::job::Job;
use super::tx::{Engine, Session, Tx};
use super::{DbError, Options};
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Select};
use postgres::error::SqlState;
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How often a step is run again after a deadlock or a lost connection.
const TRIES_MAX: usize = 5;
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);

pub(crate) fn start(
    url: &str,
    options: &Options,
    writes: &Receiver<Box<dyn Job>>,
    reads: &Receiver<Box<dyn Job>>,
) -> Result<()> {
    for n in 0..options.threads.max(1) {
        let mut connection = Connection { url: url.to_owned(), session: Some(connect(url)?) };
        let (writes, reads) = (writes.clone(), reads.clone());
        thread::Builder::new()
            .name(format!("db-{n}"))
            .spawn(move || serve(&mut connection, &writes, &reads))
            .context("starting a database thread")?;
    }
    Ok(())
}

/// Opens a session. TLS is used when the server offers it, by the system's trust in public authorities.
pub(crate) fn connect(url: &str) -> Result<Session> {
    let mut config = postgres::Config::from_str(url).context("reading the database URL")?;
    config.application_name("recarga").connect_timeout(Duration::from_secs(5));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        .with_no_client_auth();
    let mut client = config
        .connect(tokio_postgres_rustls::MakeRustlsConnect::new(tls))
        .context("connecting to the database")?;
    client.batch_execute("set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '30s'")?;
    Ok(Session { client, statements: HashMap::new() })
}

struct Connection {
    url: String,
    session: Option<Session>,
}

impl Connection {
    fn session(&mut self) -> Result<&mut Session> {
        if self.session.as_ref().is_none_or(|s| s.client.is_closed()) {
            self.session = Some(connect(&self.url)?);
        }
        self.session.as_mut().context("no session")
    }
}

fn serve(connection: &mut Connection, writes: &Receiver<Box<dyn Job>>, reads: &Receiver<Box<dyn Job>>) {
    let mut select = Select::new();
    let write = select.recv(writes);
    select.recv(reads);
    loop {
        let ready = select.select();
        let is_write = ready.index() == write;
        let Ok(mut job) = ready.recv(if is_write { writes } else { reads }) else { return };
        let begin = if is_write { "begin" } else { "begin isolation level repeatable read read only" };
        let outcome = run(connection, job.as_mut(), begin, is_write);
        job.settle(outcome);
    }
}

/// One step is one transaction. Deadlocks and lost connections before the commit are run again: the step
/// is re-runnable. A connection lost at the commit is `Unknown`.
fn run(connection: &mut Connection, job: &mut dyn Job, begin: &str, write: bool) -> Result<(), DbError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(connection, job, begin, write) {
            Ok(()) => return Ok(()),
            Err(Stopped::AtCommit(error)) => return Err(DbError::Unknown(error)),
            Err(Stopped::Before(error)) if tries < TRIES_MAX && is_passing(connection, &error) => {
                tracing::warn!(error = %format!("{error:#}"), "step is run again");
                thread::sleep(
                    RECONNECT_PAUSE.min(Duration::from_millis(5) * u32::try_from(tries).unwrap_or(1)),
                );
            }
            Err(Stopped::Before(error)) => return Err(DbError::Failed(error)),
        }
    }
}

enum Stopped {
    Before(anyhow::Error),
    AtCommit(anyhow::Error),
}

fn attempt(connection: &mut Connection, job: &mut dyn Job, begin: &str, write: bool) -> Result<(), Stopped> {
    let session = connection.session().map_err(Stopped::Before)?;
    session.client.batch_execute(begin).map_err(|e| Stopped::Before(e.into()))?;
    let outcome = job.run(&mut Tx { engine: Engine::Postgres(session) });
    if let Err(error) = outcome {
        // A connection that cannot roll back is dropped: an aborted transaction must not be reused.
        if session.client.batch_execute("rollback").is_err() {
            connection.session = None;
        }
        return Err(Stopped::Before(error));
    }
    if write {
        crate::fail::point("db.before_commit");
    }
    if let Err(error) = session.client.batch_execute("commit") {
        let told = error.code().is_some();
        connection.session = None;
        let error = anyhow::Error::from(error).context("commit");
        return Err(if told { Stopped::Before(error) } else { Stopped::AtCommit(error) });
    }
    if write {
        crate::fail::point("db.after_commit");
    }
    Ok(())
}

fn is_passing(connection: &Connection, error: &anyhow::Error) -> bool {
    let code =
        error.chain().find_map(|e| e.downcast_ref::<postgres::Error>()).and_then(|e| e.code().cloned());
    // Whoever lost a race for a key finds the winner's row when the step is run again.
    let retried = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::UNIQUE_VIOLATION,
    ];
    match code {
        Some(code) => retried.contains(&code),
        None => connection.session.as_ref().is_none_or(|s| s.client.is_closed()),
    }
}
