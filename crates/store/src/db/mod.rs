//! The door to the database. Steps are synchronous functions over a [`Tx`]; [`Db::write`] and [`Db::read`]
//! carry them to a database thread and answer after the commit is durable.
//!
//! A step is re-runnable (`Fn`): SQL and rules only, no call to anybody else, and short: at
//! most about 1,000 rows, but for imports that are applied whole or not at all. SQLite has
//! one writer thread that commits everything that is waiting at once (group commit, no timer) and a few
//! readers; PostgreSQL has a few threads with a connection each, and a step is a transaction of its own.

mod job;
pub mod plan;
mod postgres_threads;
mod session;
mod sqlite_threads;
mod tx;
mod value;

pub(crate) use tx::Engine;
pub use tx::{Each, Tx};
pub use value::{Row, Value};

pub(crate) use job::Job;
use job::StepJob;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

/// Which database: a SQLite file or a PostgreSQL URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl FromStr for Database {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Database::Postgres(text.to_owned()))
        } else if let Some(path) = text.strip_prefix("sqlite:") {
            Ok(Database::Sqlite(path.into()))
        } else {
            Err("a database is postgres://… or sqlite:PATH".into())
        }
    }
}

impl Database {
    /// The engine's name, for people and figures.
    pub fn engine(&self) -> &'static str {
        match self {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgresql",
        }
    }
}

/// Limits of the door.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many waiting steps one commit may take (SQLite) and how many commands the hot queue takes.
    pub batch_max: usize,
    /// How many steps may wait before the door answers [`DbError::Busy`].
    pub queue_max: usize,
    /// Reader threads (SQLite) or connections (PostgreSQL).
    pub threads: usize,
    /// Name under which this process numbers its postings.
    pub writer: String,
    /// Is a commit on the disk before it is answered (SQLite)? Only who can begin anew may go without.
    pub durable: bool,
    /// Sees how the engine finds rows, in tests.
    pub watch: Option<plan::Watch>,
}

impl Options {
    pub fn of(database: &Database, writer: &str) -> Options {
        let (threads, writer) = match database {
            Database::Sqlite(_) => (2, "main"),
            Database::Postgres(_) => (8, writer),
        };
        Options {
            batch_max: 256,
            queue_max: 4096,
            threads,
            writer: writer.to_owned(),
            durable: true,
            watch: None,
        }
    }
}

/// Why a step has no answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Too much is waiting: nothing was done, try again later.
    #[error("the database is busy")]
    Busy,
    /// The step was not applied.
    #[error("the step was not applied")]
    Failed(#[source] anyhow::Error),
    /// The connection broke at the commit: whether it was applied is found out by its natural key.
    #[error("the outcome of the commit is not known")]
    Unknown(#[source] anyhow::Error),
}

impl DbError {
    /// The same for another one who waits for the same transaction.
    pub(crate) fn again(&self) -> DbError {
        match self {
            DbError::Busy => DbError::Busy,
            DbError::Failed(error) => DbError::Failed(anyhow::anyhow!("{error:#}")),
            DbError::Unknown(error) => DbError::Unknown(anyhow::anyhow!("{error:#}")),
        }
    }
}

/// The database, shared by the whole process.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    options: Options,
    writes: crossbeam_channel::Sender<Box<dyn Job>>,
    /// Where batches of the hot queue wait: on PostgreSQL they have a connection of their own, which stays warm.
    hot: crossbeam_channel::Sender<Box<dyn Job>>,
    reads: crossbeam_channel::Sender<Box<dyn Job>>,
}

impl Db {
    /// Opens the database and starts its threads. The schema must be there (see [`crate::migrate`]).
    pub fn open(database: &Database, options: Options) -> anyhow::Result<Db> {
        let (writes, write_queue) = crossbeam_channel::bounded(options.queue_max);
        let (reads, read_queue) = crossbeam_channel::bounded(options.queue_max);
        let hot = match database {
            Database::Sqlite(path) => {
                sqlite_threads::start(path, &options, write_queue, read_queue)?;
                writes.clone()
            }
            Database::Postgres(url) => {
                let (hot, hot_queue) = crossbeam_channel::bounded(options.queue_max);
                postgres_threads::start(url, &options, [write_queue, hot_queue], &read_queue)?;
                hot
            }
        };
        let inner = Inner { database: database.clone(), options, writes, hot, reads };
        Ok(Db { inner: Arc::new(inner) })
    }

    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// How many writes are waiting now.
    pub fn waiting(&self) -> usize {
        self.inner.writes.len()
    }

    /// Runs a step that writes; answers after its commit is durable.
    pub async fn write<T: Send + 'static>(
        &self,
        step: impl Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        Self::run(&self.inner.writes, step).await
    }

    /// Hands a batch of the hot queue over, or gives it back when too much is waiting.
    pub(crate) fn enqueue_hot(&self, batch: Box<dyn Job>) -> Result<(), Box<dyn Job>> {
        self.inner.hot.try_send(batch).map_err(crossbeam_channel::TrySendError::into_inner)
    }

    /// Runs a step that only reads, in one snapshot.
    pub async fn read<T: Send + 'static>(
        &self,
        step: impl Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        Self::run(&self.inner.reads, step).await
    }

    async fn run<T: Send + 'static>(
        queue: &crossbeam_channel::Sender<Box<dyn Job>>,
        step: impl Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        let (job, answer) = StepJob::queued(step);
        queue.try_send(job).map_err(|_| DbError::Busy)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Unknown(anyhow::anyhow!("the database thread ended"))))
    }
}

/// A session of its own for migrations.
pub(crate) fn connect_postgres(url: &str) -> anyhow::Result<session::Session> {
    session::Session::connect(url)
}
