//! A fresh, migrated database that goes away with its handle.

use postgres::NoTls;
use std::sync::atomic::{AtomicU32, Ordering};
use store::Database;
use tempfile::TempDir;

/// Which engine a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database of one test's own.
pub struct Fresh {
    pub database: Database,
    /// A folder for everything else the test needs; SQLite's file lies in it.
    pub folder: TempDir,
    /// The PostgreSQL database to drop at the end: URL of the server, name.
    drop: Option<(String, String)>,
}

impl Fresh {
    /// Makes the database and brings its schema up to date.
    ///
    /// # Panics
    /// When the engine is not there: a test that cannot run has failed.
    pub fn new(engine: Engine) -> Fresh {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fresh = match engine {
            Engine::Sqlite => {
                let database = Database::Sqlite(folder.path().join("recarga.db"));
                Fresh { database, folder, drop: None }
            }
            Engine::Postgres => {
                let server = server();
                let name = unique();
                admin(&server, &format!("create database {name}"));
                let url = with_name(&server, &name);
                Fresh { database: Database::Postgres(url), folder, drop: Some((server, name)) }
            }
        };
        store::migrate::up(&fresh.database).expect("the migrations run");
        fresh
    }

    /// The engine's flag for the `recarga` command: `--data DIR` or `--database URL`.
    pub fn flags(&self) -> [String; 2] {
        match &self.database {
            Database::Sqlite(_) => ["--data".into(), self.folder.path().display().to_string()],
            Database::Postgres(url) => ["--database".into(), url.clone()],
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.drop {
            admin(server, &format!("drop database if exists {name} with (force)"));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the test runner says where PostgreSQL is")]
fn server() -> String {
    std::env::var("RECARGA_TEST_POSTGRES").expect(
        "RECARGA_TEST_POSTGRES is not set: run the tests with `make test`, or under `scripts/with-postgres`",
    )
}

fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("recarga_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst))
}

fn with_name(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, String::new()), |(b, q)| (b, format!("?{q}")));
    let start = base.find("://").map_or(0, |at| at + 3);
    let host_end = base[start..].find('/').map_or(base.len(), |at| start + at);
    format!("{}/{name}{query}", &base[..host_end])
}

fn admin(server: &str, sql: &str) {
    let mut client = postgres::Client::connect(server, NoTls).expect("PostgreSQL answers");
    client.batch_execute(sql).expect("PostgreSQL does as told");
}
