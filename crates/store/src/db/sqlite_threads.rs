//! SQLite's threads: one writer with group commit, a few readers, one that moves the log into the file.

use super::job::Job;
use super::tx::{Engine, Tx};
use super::{DbError, Options, plan};
use anyhow::{Context, Result, ensure};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// SQLite 3.7.0 to 3.51.2 can corrupt a log that two connections write and reset at one moment.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(200);
/// When the log has this many pages the writer moves the rest itself and begins the log anew. The pages that
/// are then written in place cost half of what pages at the end of a growing file cost.
const LOG_PAGES: u32 = 4_000;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) fn start(
    path: &Path,
    options: &Options,
    writes: Receiver<Box<dyn Job>>,
    reads: Receiver<Box<dyn Job>>,
) -> Result<()> {
    ensure!(
        rusqlite::version_number() >= SQLITE_VERSION_MIN,
        "SQLite {} has a bug that can corrupt the database; 3.51.3 or newer is needed",
        rusqlite::version()
    );
    let connection = open_writer(path)?;
    if !options.durable {
        connection.pragma_update(None, "synchronous", "normal")?;
    }
    let (batch_max, watch) = (options.batch_max, options.watch.clone());
    let (alive, writer_alive) = crossbeam_channel::bounded::<()>(0);
    spawn("db-writer", move || {
        let _alive = alive;
        plan::watch_here(watch);
        while let Ok(first) = writes.recv() {
            let mut batch = vec![first];
            batch.extend(writes.try_iter().take(batch_max.saturating_sub(1)));
            commit_together(&connection, batch);
        }
    })?;
    for n in 0..options.threads.max(1) {
        let connection = open_reader(path)?;
        let (reads, watch) = (reads.clone(), options.watch.clone());
        spawn(&format!("db-reader-{n}"), move || {
            plan::watch_here(watch);
            while let Ok(mut job) = reads.recv() {
                let outcome = read_once(&connection, job.as_mut());
                job.settle(outcome.map_err(DbError::Failed));
            }
        })?;
    }
    start_checkpoints(path, writer_alive)
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(|_| ()).context("starting a database thread")
}

/// Opens the file for writing with every answer durable (`synchronous = full`).
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
         pragma cache_size = -65536; pragma temp_store = memory; \
         pragma mmap_size = 0; pragma journal_size_limit = 67108864;",
    )?;
    prepare_once(&connection)?;
    Ok(connection)
}

/// Statements are prepared once and kept. Without the planner's guarantee those whose plan a bound value could change
/// are prepared anew each time they run, which costs more than most of them do.
fn prepare_once(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("pragma query_only = on; pragma cache_size = -16384; pragma mmap_size = 0;")?;
    prepare_once(&connection)?;
    Ok(connection)
}

/// Moves the log into the file beside the answer path, so that commits do not wait for it. Ends with the
/// writer, whose end closes `writer_alive`.
fn start_checkpoints(path: &Path, writer_alive: Receiver<()>) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch("pragma synchronous = full; pragma wal_autocheckpoint = 0;")?;
    spawn("db-checkpoint", move || {
        while let Err(RecvTimeoutError::Timeout) = writer_alive.recv_timeout(CHECKPOINT_EVERY) {
            let _ = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
        }
    })
}

/// Runs each step in a savepoint, commits once, then answers everyone.
fn commit_together(connection: &Connection, mut batch: Vec<Box<dyn Job>>) {
    metrics::histogram!("recarga_db_commit_steps").record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
    if let Err(error) = connection.execute_batch("begin immediate") {
        let busy = is_busy(&error);
        for job in batch {
            job.settle(Err(if busy {
                DbError::Busy
            } else {
                DbError::Failed(anyhow::anyhow!("begin: {error}"))
            }));
        }
        return;
    }
    let alone = batch.len() == 1;
    let mut failures: Vec<Option<anyhow::Error>> = Vec::with_capacity(batch.len());
    for job in &mut batch {
        failures.push(run_in_savepoint(connection, job.as_mut(), alone).err());
    }
    crate::fail::point("db.before_commit");
    if let Err(error) = connection.execute_batch("commit") {
        abandon(connection, batch, error);
        return;
    }
    crate::fail::point("db.after_commit");
    for (job, failure) in batch.into_iter().zip(failures) {
        job.settle(failure.map_or(Ok(()), |error| Err(DbError::Failed(error))));
    }
}

fn run_in_savepoint(connection: &Connection, job: &mut dyn Job, alone: bool) -> Result<()> {
    if !alone {
        connection.prepare_cached("savepoint step")?.execute([])?;
    }
    let mut tx = Tx { engine: Engine::Sqlite(connection) };
    let outcome = job.run(&mut tx);
    if outcome.is_err() {
        // Undone alone, the transaction begins again so that the commit below stays true.
        let undo = if alone { "rollback; begin immediate" } else { "rollback to step; release step" };
        connection.execute_batch(undo)?;
    } else if !alone {
        connection.prepare_cached("release step")?.execute([])?;
    }
    outcome
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The commit failed. A full disk undid it; after any other fault of the disk nobody knows what it holds,
/// so the process ends and recovery decides.
fn abandon(connection: &Connection, batch: Vec<Box<dyn Job>>, error: rusqlite::Error) {
    tracing::error!(%error, "commit failed");
    let busy = is_busy(&error);
    if !busy && error.sqlite_error_code() != Some(ErrorCode::DiskFull) {
        std::process::abort();
    }
    let _ = connection.execute_batch("rollback");
    for job in batch {
        let failed = if busy { DbError::Busy } else { DbError::Failed(anyhow::anyhow!("commit: {error}")) };
        job.settle(Err(failed));
    }
}

fn read_once(connection: &Connection, job: &mut dyn Job) -> Result<()> {
    connection.prepare_cached("begin")?.execute([])?;
    let mut tx = Tx { engine: Engine::Sqlite(connection) };
    let outcome = job.run(&mut tx);
    connection.prepare_cached("rollback")?.execute([])?;
    outcome
}
