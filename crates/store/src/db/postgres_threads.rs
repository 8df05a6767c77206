//! PostgreSQL's threads: each owns a synchronous connection and never lets it near an async thread.

use super::job::Job;
use super::session::{Session, Uncommitted};
use super::tx::{Engine, Tx};
use super::{DbError, Options, plan};
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Select};
use std::thread;
use std::time::Duration;
use tokio_postgres::error::SqlState;

/// How often a step is run again after a deadlock or a lost connection.
const TRIES_MAX: usize = 5;
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);

/// Starts the connections: the first serves batches of the hot queue alone, the others everything else.
pub(crate) fn start(
    url: &str,
    options: &Options,
    [writes, hot]: [Receiver<Box<dyn Job>>; 2],
    reads: &Receiver<Box<dyn Job>>,
) -> Result<()> {
    let mut connection = Connection::open(url, HOT)?;
    spawn("db-hot", move || {
        while let Ok(job) = hot.recv() {
            run_and_settle(&mut connection, job, WRITING);
        }
    })?;
    for n in 1..options.threads.max(2) {
        let mut connection = Connection::open(url, "")?;
        let (writes, reads, watch) = (writes.clone(), reads.clone(), options.watch.clone());
        spawn(&format!("db-{n}"), move || {
            plan::watch_here(watch);
            serve(&mut connection, &writes, &reads);
        })?;
    }
    Ok(())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(|_| ()).context("starting a database thread")
}

/// The hot queue reads by keys alone: planning it anew for each batch costs more than running it, and a plan that was
/// made while a table was small must not read all of it later.
const HOT: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off";

struct Connection {
    url: String,
    /// What is said to each session first.
    greeting: &'static str,
    session: Option<Session>,
}

impl Connection {
    fn open(url: &str, greeting: &'static str) -> Result<Connection> {
        let mut connection = Connection { url: url.to_owned(), greeting, session: None };
        connection.session()?;
        Ok(connection)
    }

    fn session(&mut self) -> Result<&mut Session> {
        if self.session.as_ref().is_none_or(|s| s.is_closed()) {
            let mut session = Session::connect(&self.url)?;
            session.batch(self.greeting)?;
            self.session = Some(session);
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
        let Ok(job) = ready.recv(if is_write { writes } else { reads }) else { return };
        run_and_settle(connection, job, if is_write { WRITING } else { READING });
    }
}

/// How a transaction begins, and whether it writes.
type Mode = (&'static str, bool);
const WRITING: Mode = ("begin", true);
const READING: Mode = ("begin isolation level repeatable read read only", false);

fn run_and_settle(connection: &mut Connection, mut job: Box<dyn Job>, mode: Mode) {
    let outcome = run(connection, job.as_mut(), mode);
    job.settle(outcome);
}

/// One step is one transaction. Deadlocks and lost connections before the commit are run again: the step
/// is re-runnable. A connection lost at the commit is `Unknown`.
fn run(connection: &mut Connection, job: &mut dyn Job, mode: Mode) -> Result<(), DbError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(connection, job, mode) {
            Ok(()) => return Ok(()),
            Err(Uncommitted::AtCommit(error)) => return Err(DbError::Unknown(error)),
            Err(Uncommitted::Before(error)) if tries < TRIES_MAX && is_passing(connection, &error) => {
                tracing::warn!(error = %format!("{error:#}"), "step is run again");
                thread::sleep(
                    RECONNECT_PAUSE.min(Duration::from_millis(5) * u32::try_from(tries).unwrap_or(1)),
                );
            }
            // Nothing was applied, and what stood in the way may be gone in a moment.
            Err(Uncommitted::Before(error)) if is_contention(connection, &error) => {
                tracing::error!(error = %format!("{error:#}"), "step was given up");
                return Err(DbError::Busy);
            }
            Err(Uncommitted::Before(error)) => return Err(DbError::Failed(error)),
        }
    }
}

fn attempt(connection: &mut Connection, job: &mut dyn Job, (begin, write): Mode) -> Result<(), Uncommitted> {
    let session = connection.session().map_err(Uncommitted::Before)?;
    session.begin(begin);
    let outcome = job.run(&mut Tx { engine: Engine::Postgres(session) });
    let ended = outcome.map_err(Uncommitted::Before).and_then(|()| {
        if write {
            crate::fail::point("db.before_commit");
        }
        session.commit()
    });
    match ended {
        Ok(()) => {}
        Err(Uncommitted::Before(error)) => {
            // A connection that cannot roll back is dropped: an aborted transaction must not be reused.
            if session.rollback().is_err() {
                connection.session = None;
            }
            return Err(Uncommitted::Before(error));
        }
        Err(Uncommitted::AtCommit(error)) => {
            connection.session = None;
            return Err(Uncommitted::AtCommit(error));
        }
    }
    if write {
        crate::fail::point("db.after_commit");
    }
    Ok(())
}

fn is_passing(connection: &Connection, error: &anyhow::Error) -> bool {
    // Whoever lost a race for a key finds the winner's row when the step is run again.
    code_of(error) == Some(SqlState::UNIQUE_VIOLATION) || is_contention(connection, error)
}

/// Did others, or a lost connection, stand in the way?
fn is_contention(connection: &Connection, error: &anyhow::Error) -> bool {
    let passing =
        [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::LOCK_NOT_AVAILABLE];
    match code_of(error) {
        Some(code) => passing.contains(&code),
        None => connection.session.as_ref().is_none_or(Session::is_closed),
    }
}

fn code_of(error: &anyhow::Error) -> Option<SqlState> {
    error.chain().find_map(|e| e.downcast_ref::<tokio_postgres::Error>()).and_then(|e| e.code().cloned())
}
