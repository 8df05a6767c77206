//! Migrations: forward only, one number and meaning per step in both folders.

use crate::db::Database;
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use std::path::Path;

/// Number, name, SQLite text, PostgreSQL text.
pub const STEPS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "first",
        include_str!("../migrations/sqlite/0001_first.sql"),
        include_str!("../migrations/postgres/0001_first.sql"),
    ),
    (
        2,
        "accounts",
        include_str!("../migrations/sqlite/0002_accounts.sql"),
        include_str!("../migrations/postgres/0002_accounts.sql"),
    ),
    (
        3,
        "promotions",
        include_str!("../migrations/sqlite/0003_promotions.sql"),
        include_str!("../migrations/postgres/0003_promotions.sql"),
    ),
    (
        4,
        "network",
        include_str!("../migrations/sqlite/0004_network.sql"),
        include_str!("../migrations/postgres/0004_network.sql"),
    ),
    (
        5,
        "office",
        include_str!("../migrations/sqlite/0005_office.sql"),
        include_str!("../migrations/postgres/0005_office.sql"),
    ),
    (
        6,
        "care",
        include_str!("../migrations/sqlite/0006_care.sql"),
        include_str!("../migrations/postgres/0006_care.sql"),
    ),
    (
        7,
        "risk",
        include_str!("../migrations/sqlite/0007_risk.sql"),
        include_str!("../migrations/postgres/0007_risk.sql"),
    ),
    (
        8,
        "usage",
        include_str!("../migrations/sqlite/0008_usage.sql"),
        include_str!("../migrations/postgres/0008_usage.sql"),
    ),
    (
        9,
        "campaign",
        include_str!("../migrations/sqlite/0009_campaign.sql"),
        include_str!("../migrations/postgres/0009_campaign.sql"),
    ),
    (
        10,
        "places",
        include_str!("../migrations/sqlite/0010_places.sql"),
        include_str!("../migrations/postgres/0010_places.sql"),
    ),
    (
        11,
        "agents",
        include_str!("../migrations/sqlite/0011_agents.sql"),
        include_str!("../migrations/postgres/0011_agents.sql"),
    ),
    (
        12,
        "counter",
        include_str!("../migrations/sqlite/0012_counter.sql"),
        include_str!("../migrations/postgres/0012_counter.sql"),
    ),
    (
        13,
        "till",
        include_str!("../migrations/sqlite/0013_till.sql"),
        include_str!("../migrations/postgres/0013_till.sql"),
    ),
    (
        14,
        "proofs",
        include_str!("../migrations/sqlite/0014_proofs.sql"),
        include_str!("../migrations/postgres/0014_proofs.sql"),
    ),
    (
        15,
        "id_checks",
        include_str!("../migrations/sqlite/0015_id_checks.sql"),
        include_str!("../migrations/postgres/0015_id_checks.sql"),
    ),
    (
        16,
        "float",
        include_str!("../migrations/sqlite/0016_float.sql"),
        include_str!("../migrations/postgres/0016_float.sql"),
    ),
    (
        17,
        "print",
        include_str!("../migrations/sqlite/0017_print.sql"),
        include_str!("../migrations/postgres/0017_print.sql"),
    ),
    (
        18,
        "terminal",
        include_str!("../migrations/sqlite/0018_terminal.sql"),
        include_str!("../migrations/postgres/0018_terminal.sql"),
    ),
    (
        19,
        "fiscal",
        include_str!("../migrations/sqlite/0019_fiscal.sql"),
        include_str!("../migrations/postgres/0019_fiscal.sql"),
    ),
];

/// Keeps two processes from migrating at one moment (PostgreSQL advisory lock; any fixed number serves).
const LOCK: i64 = 7_232_741_201;

/// Brings the schema up to date and says how many steps were taken. Refuses a schema newer than this program.
pub fn up(database: &Database) -> Result<usize> {
    match database {
        Database::Sqlite(path) => up_sqlite(path),
        Database::Postgres(url) => up_postgres(url),
    }
}

fn up_sqlite(path: &Path) -> Result<usize> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let mut connection = Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table if not exists migration (number integer primary key, name text not null) strict;",
    )?;
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done: i64 = tx.query_row("select coalesce(max(number), 0) from migration", [], |row| row.get(0))?;
    let mut taken = 0;
    for (number, name, sqlite, _) in pending(done)? {
        tx.execute_batch(sqlite).with_context(|| format!("migration {number} {name}"))?;
        tx.execute("insert into migration (number, name) values (?1, ?2)", (number, name))?;
        taken += 1;
    }
    tx.commit()?;
    Ok(taken)
}

fn up_postgres(url: &str) -> Result<usize> {
    let mut session = crate::db::connect_postgres(url)?;
    session.batch(&format!(
        "select pg_advisory_lock({LOCK}); \
         create table if not exists migration (number bigint primary key, name text collate \"C\" not null)"
    ))?;
    let newest = session.prepare("select coalesce(max(number), 0) from migration", str::to_owned)?;
    let done: i64 = session.query(&newest, &[])?.first().context("no answer")?.try_get(0)?;
    let mut taken = 0;
    for (number, name, _, postgres) in pending(done)? {
        // One text without parameters is one transaction (PostgreSQL, §55.2.2.1).
        let noted = format!("insert into migration (number, name) values ({number}, '{name}')");
        session
            .batch(&format!("begin; {postgres}; {noted}; commit"))
            .with_context(|| format!("migration {number} {name}"))?;
        taken += 1;
    }
    session.batch(&format!("select pg_advisory_unlock({LOCK})"))?;
    Ok(taken)
}

type Step = (i64, &'static str, &'static str, &'static str);

fn pending(done: i64) -> Result<impl Iterator<Item = Step>> {
    let newest = STEPS.last().map_or(0, |step| step.0);
    ensure!(
        done <= newest,
        "the database has migration {done}; this program knows {newest}: use a newer program"
    );
    Ok(STEPS.iter().copied().filter(move |step| step.0 > done))
}
