//! Where everything lies: the database, the folder of the keyring, and the lock that keeps a second server
//! from one SQLite file.

use crate::clock::{SystemClock, SystemIds};
use crate::settings::Settings;
use crate::stop::{Result, Stop};
use anyhow::Context;
use domain::id::Ids;
use domain::time::Clock;
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::path::{Path, PathBuf};
use store::db::Options;
use store::keyring::Keyring;
use store::{Database, Db, migrate};

/// A database and the folder beside it.
#[derive(Debug, Clone)]
pub struct Place {
    pub database: Database,
    pub folder: PathBuf,
    options: Options,
}

impl Place {
    pub fn of(settings: &Settings) -> Place {
        let chosen = &settings.database;
        let folder = chosen.data.clone();
        let database = match &chosen.url {
            Some(url) => Database::Postgres(url.clone()),
            None => Database::Sqlite(folder.join("recarga.db")),
        };
        // On PostgreSQL several processes number their postings side by side: each start is a new writer.
        let writer = format!("w-{}", SystemIds::default().next(SystemClock.now()));
        let mut options = Options::of(&database, &writer);
        options.batch_max = chosen.batch_max.unwrap_or(options.batch_max);
        options.queue_max = chosen.queue_max.unwrap_or(options.queue_max);
        options.threads = chosen.threads.unwrap_or(options.threads);
        Place { database, folder, options }
    }

    pub fn keyring_path(&self) -> PathBuf {
        self.folder.join("keyring.json")
    }

    /// Makes sure that no other server runs on this SQLite file, as long as what is returned lives.
    /// Several servers may share a PostgreSQL.
    pub fn lock(&self) -> Result<Option<File>> {
        match &self.database {
            Database::Postgres(_) => Ok(None),
            Database::Sqlite(_) => {
                make_folder(&self.folder)?;
                lock_file(&self.folder.join("recarga.lock")).map(Some)
            }
        }
    }

    /// Brings the schema up to date, making the database if there is none, and says how many steps it took.
    pub fn migrate(&self) -> Result<usize> {
        if let Database::Sqlite(_) = self.database {
            make_folder(&self.folder)?;
        }
        Ok(migrate::up(&self.database).context("bringing the schema up to date")?)
    }

    /// Opens the database. Not on a runtime: PostgreSQL's client blocks.
    pub fn open(&self) -> Result<Db> {
        if let Database::Sqlite(path) = &self.database
            && !path.exists()
        {
            return Err(Stop::wrong(format!("there is no database at {}", path.display())));
        }
        Ok(Db::open(&self.database, self.options.clone()).context("opening the database")?)
    }

    /// Opens a SQLite database without waiting for the disk at each commit: for what is begun anew when it is cut off.
    /// [`Place::to_disk`] ends it.
    pub fn open_quickly(&self) -> Result<Db> {
        let options = Options { durable: false, ..self.options.clone() };
        Ok(Db::open(&self.database, options).context("opening the database")?)
    }

    /// Waits until everything that was committed is on the disk.
    pub fn to_disk(&self) -> Result<()> {
        let Database::Sqlite(path) = &self.database else { return Ok(()) };
        for end in ["-wal", ""] {
            let mut name = path.clone().into_os_string();
            name.push(end);
            match File::open(&name) {
                Ok(file) => file.sync_all().context("writing the database to the disk")?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(anyhow::Error::from(error).context("opening the database").into()),
            }
        }
        Ok(())
    }

    /// Opens the keyring; makes it when the database holds nothing yet that was sealed under a lost one.
    pub async fn keyring(&self, db: &Db) -> Result<Keyring> {
        let path = self.keyring_path();
        if !path.exists() {
            if db.read(store::line::any).await? {
                return Err(Stop::wrong(format!(
                    "there is no keyring at {} and the database holds numbers sealed under it: bring it back, \
                     or name its folder with --data or database.data",
                    path.display()
                )));
            }
            make_folder(&self.folder)?;
        }
        Ok(Keyring::open_or_make(&path)?)
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| Stop::wrong(format!("the folder {}: {e}", folder.display())))
}

/// Takes a lock file, or says who else has it. The lock goes with the process, however it ends.
pub fn lock_file(path: &Path) -> Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|e| Stop::wrong(format!("the lock file {}: {e}", path.display())))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        Stop::wrong(format!(
            "{} is taken: another recarga serves this folder; stop it first, or use PostgreSQL for several",
            path.display()
        ))
    })?;
    Ok(file)
}
