//! Reading balances: a snapshot of one account with what is held.

use super::write::{key_text, read_account};
use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::ledger::{Account, AccountId, PostingKey};

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
