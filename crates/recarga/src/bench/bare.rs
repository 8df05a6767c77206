//! What SQLite alone does: the four statements that any transfer needs, on one thread, every commit durable.
//!
//! A unique random key of 16 bytes, a debit that must be covered, a credit, and the transfer's row;
//! 1,000 dealers pay to 100,000 accounts; 200,000 keys are there before.

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use std::time::{Duration, Instant};

const DEALERS: u64 = 1_000;
const ACCOUNTS: u64 = 100_000;
const KEYS_BEFORE: u64 = 200_000;
const DEALER_BALANCE: i64 = 1_000_000_000_000;
const AMOUNT: i64 = 1_000;

/// The loop and its database.
pub struct Bare {
    connection: Connection,
    random: Random,
    done: i64,
}

impl Bare {
    pub fn prepare(folder: &Path) -> Result<Bare> {
        let mut connection = Connection::open(folder.join("bare.db"))?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536;
             pragma wal_autocheckpoint = 1000;
             create table bare_key (key blob primary key) without rowid, strict;
             create table bare_account (id integer primary key, balance integer not null) strict;
             create table bare_transfer
                 (id integer primary key, debit integer, credit integer, amount integer) strict;",
        )?;
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let tx = connection.transaction()?;
        {
            let mut account = tx.prepare("insert into bare_account (id, balance) values (?1, ?2)")?;
            for id in 1..=DEALERS + ACCOUNTS {
                account.execute((i64::try_from(id)?, if id <= DEALERS { DEALER_BALANCE } else { 0 }))?;
            }
            let mut key = tx.prepare("insert into bare_key (key) values (?1)")?;
            for _ in 0..KEYS_BEFORE {
                key.execute([random.key()])?;
            }
        }
        tx.commit()?;
        Ok(Bare { connection, random, done: 0 })
    }

    /// Transfers per second with so many per commit.
    pub fn measure(&mut self, per_commit: u64, part: Duration) -> Result<f64> {
        let (begun, mut done) = (Instant::now(), 0_u32);
        while begun.elapsed() < part {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut key = tx.prepare_cached("insert into bare_key (key) values (?1)")?;
                let mut debit = tx.prepare_cached(
                    "update bare_account set balance = balance - ?2 where id = ?1 and balance >= ?2",
                )?;
                let mut credit =
                    tx.prepare_cached("update bare_account set balance = balance + ?2 where id = ?1")?;
                let mut transfer = tx.prepare_cached(
                    "insert into bare_transfer (debit, credit, amount) values (?1, ?2, ?3)",
                )?;
                for _ in 0..per_commit {
                    let from = i64::try_from(1 + self.random.next() % DEALERS)?;
                    let to = i64::try_from(1 + DEALERS + self.random.next() % ACCOUNTS)?;
                    key.execute([self.random.key()])?;
                    ensure!(debit.execute((from, AMOUNT))? == 1, "a dealer of the bare loop ran dry");
                    credit.execute((to, AMOUNT))?;
                    transfer.execute((from, to, AMOUNT))?;
                    done += 1;
                }
            }
            tx.commit()?;
        }
        let took = begun.elapsed();
        self.done += i64::from(done);
        Ok(f64::from(done) / took.as_secs_f64())
    }

    /// Did the loop do what it counted?
    pub fn check(&self) -> Result<()> {
        let one = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let rows = one("select count(*) from bare_transfer").context("counting the bare loop's rows")?;
        let moved = one("select sum(balance) from bare_account where id > 1000")?;
        ensure!(rows == self.done && moved == self.done * AMOUNT, "the bare loop's balances do not add up");
        Ok(())
    }
}

/// SplitMix64: fast, and no two keys alike.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn key(&mut self) -> [u8; 16] {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.next().to_le_bytes());
        key[8..].copy_from_slice(&self.next().to_le_bytes());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bare_loop_moves_what_it_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut bare = Bare::prepare(folder.path()).unwrap();
        assert!(bare.measure(64, Duration::from_millis(20)).unwrap() > 0.0);
        assert!(bare.measure(1, Duration::from_millis(20)).unwrap() > 0.0);
        bare.check().unwrap();
    }
}
