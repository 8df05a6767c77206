//! Reading balances: a snapshot of one account with what is held.

use super::write::{key_text, read_account};
use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::ledger::{Account, AccountId, PostingKey};
use domain::time::UnixMs;

/// A balance as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Posted, on the account's normal side.
    pub posted: i64,
    /// Posted less what is held.
    pub available: i64,
}

/// The account, if anything ever touched it.
pub fn account(tx: &mut Tx<'_>, id: &AccountId) -> Result<Option<Account>> {
    tx.query_first(
        "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted from account where id = ?1",
        &values![id.as_str()],
        read_account,
    )
}

/// The balance of an account; one that nothing touched has nothing.
pub fn balance(tx: &mut Tx<'_>, id: &AccountId) -> Result<Balance> {
    let account = account(tx, id)?.unwrap_or_else(|| Account::opened(id.clone()));
    Ok(Balance { posted: account.balance(), available: account.available() })
}

/// The stored outcome of a posting key: `applied` or the word of its refusal.
pub fn outcome_of(tx: &mut Tx<'_>, key: &PostingKey) -> Result<Option<String>> {
    tx.query_first("select outcome from posting where key = ?1", &values![key_text(key)], |row| row.text(0))
}

/// The accounts whose id begins with `prefix`, for example all floats of a partner.
pub fn accounts_with_prefix(tx: &mut Tx<'_>, prefix: &str) -> Result<Vec<Account>> {
    // The first text that no longer has the prefix: a range scan of the primary key on both engines.
    let end = format!("{prefix}\u{10ffff}");
    tx.query(
        "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted from account \
         where id >= ?1 and id < ?2 order by id limit 1000",
        &values![prefix, end],
        read_account,
    )
}

/// A posting as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Subject and purpose.
    pub key: String,
    pub actor: String,
    /// `applied`, or why it was refused.
    pub outcome: String,
    pub at: UnixMs,
    pub legs: Vec<Leg>,
}

/// One transfer of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: i64,
    pub reason: String,
    pub phase: String,
}

/// The postings about each of these subjects, oldest first.
pub fn postings_about(tx: &mut Tx<'_>, subjects: &[&str]) -> Result<Vec<Posted>> {
    let mut posted = Vec::new();
    for subject in subjects {
        // A key is the subject, a space and the purpose; `!` comes after the space.
        let rows = tx.query(
            "select key, actor, outcome, recorded_at, writer, n from posting where key >= ?1 and key < ?2 \
             order by key limit 50",
            &values![format!("{subject} "), format!("{subject}!")],
            |row| {
                let (key, actor, outcome) = (row.text(0)?, row.text(1)?, row.text(2)?);
                let posted = Posted { key, actor, outcome, at: UnixMs(row.int(3)?), legs: Vec::new() };
                Ok((posted, row.text(4)?, row.int(5)?))
            },
        )?;
        for (posting, writer, n) in rows {
            posted.push(Posted { legs: legs(tx, &writer, n)?, ..posting });
        }
    }
    posted.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
    Ok(posted)
}

fn legs(tx: &mut Tx<'_>, writer: &str, n: i64) -> Result<Vec<Leg>> {
    tx.query(
        "select debit, credit, amount, reason, phase from transfer where writer = ?1 and n = ?2 order by leg limit 100",
        &values![writer, n],
        |row| {
            let (debit, credit) = (AccountId::stored(row.text(0)?), AccountId::stored(row.text(1)?));
            Ok(Leg { debit, credit, amount: row.int(2)?, reason: row.text(3)?, phase: row.text(4)? })
        },
    )
}
