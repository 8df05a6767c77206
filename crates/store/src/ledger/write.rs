//! Recording postings: load the touched accounts, decide each posting in order by the pure rule, write the
//! results. One call is one batch; refusals undo only themselves and stay refused under their key.

use crate::db::{Engine, Tx, Value};
use crate::values;
use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest;
use domain::ledger::{
    Account, AccountId, Accounts, Outcome, Phase, Posting, PostingKey, Refused, Totals, decide,
};
use domain::time::UnixMs;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Records postings in order and says what became of each. `writer` numbers them without gaps.
pub fn record(tx: &mut Tx<'_>, writer: &str, now: UnixMs, postings: &[Posting]) -> Result<Vec<Outcome>> {
    let keys: Vec<String> = postings.iter().map(|p| key_text(&p.key)).collect();
    let mut known = earlier(tx, &keys)?;
    let fresh: Vec<&Posting> =
        postings.iter().zip(&keys).filter(|(_, key)| !known.contains_key(*key)).map(|(p, _)| p).collect();
    let mut accounts = lock_accounts(tx, &fresh)?;
    let before = accounts.clone();
    let mut holds = open_holds(tx, &fresh)?;
    let mut outcomes = Vec::with_capacity(postings.len());
    let mut rows = Rows::default();
    for (posting, key) in postings.iter().zip(&keys) {
        let hash = sha256(&posting.canonical());
        if let Some(earlier) = known.get(key) {
            outcomes.push(earlier.answer(&hash));
            continue;
        }
        let decided = decide_with_hold(&mut accounts, &mut holds, posting);
        rows.push(posting, key, &hash, decided.err());
        known.insert(key.clone(), Earlier { request_hash: hash, refused: decided.err() });
        outcomes.push(decided.map_or_else(Outcome::Refused, |()| Outcome::Applied));
    }
    if !rows.postings.is_empty() {
        write_accounts(tx, &before, &accounts)?;
        write_rows(tx, writer, now, rows)?;
    }
    Ok(outcomes)
}

/// Sets how far an account may fall, opening it where it is not open yet.
pub fn set_floor(tx: &mut Tx<'_>, id: &AccountId, floor: i64) -> Result<()> {
    open_missing(tx, &[id.as_str()])?;
    let account = super::account(tx, id)?.context("the account is missing")?;
    let available = account.available();
    ensure!(available >= floor, "{id} has {available}: its floor cannot be {floor}");
    tx.execute_one("update account set floor = ?2 where id = ?1", &values![id.as_str(), floor])
}

/// The key as it is stored: subject and purpose.
pub(super) fn key_text(key: &PostingKey) -> String {
    format!("{} {}", key.subject, key.purpose)
}

pub(super) fn sha256(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// A posting that stands under its key already.
struct Earlier {
    request_hash: String,
    refused: Option<Refused>,
}

impl Earlier {
    fn answer(&self, request_hash: &str) -> Outcome {
        if self.request_hash != request_hash {
            return Outcome::Conflict;
        }
        self.refused.map_or(Outcome::AppliedBefore, Outcome::Refused)
    }
}

fn earlier(tx: &mut Tx<'_>, keys: &[String]) -> Result<HashMap<String, Earlier>> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found =
        tx.query_each("select key, request_hash, outcome from posting where key = ?1", &keys, |row| {
            let outcome = row.text(2)?;
            let refused = if outcome == "applied" {
                None
            } else {
                Some(Refused::parse(&outcome).with_context(|| format!("unknown outcome {outcome:?}"))?)
            };
            Ok((row.text(0)?, Earlier { request_hash: row.text(1)?, refused }))
        })?;
    Ok(found.into_iter().collect())
}

/// Loads every account that the postings touch; on PostgreSQL their rows are locked in id order.
fn lock_accounts(tx: &mut Tx<'_>, postings: &[&Posting]) -> Result<Accounts> {
    let ids: BTreeSet<&str> = postings
        .iter()
        .flat_map(|p| &p.transfers)
        .flat_map(|t| [t.debit.as_str(), t.credit.as_str()])
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let sql = match tx.engine {
        Engine::Sqlite(_) => {
            "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted from account where id = ?1"
        }
        Engine::Postgres(_) => {
            // A row that is not there cannot be locked: it is made first, in the same order.
            open_missing(tx, &ids)?;
            "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted from account \
             where id = ?1 order by id for update"
        }
    };
    let accounts = tx.query_each(sql, &ids, read_account)?;
    Ok(accounts.into_iter().map(|account| (account.id.clone(), account)).collect())
}

pub(super) fn read_account(row: &crate::db::Row<'_>) -> Result<Account> {
    let totals = Totals {
        debits_pending: row.int(2)?,
        credits_pending: row.int(3)?,
        debits_posted: row.int(4)?,
        credits_posted: row.int(5)?,
    };
    Ok(Account { id: AccountId::stored(row.text(0)?), floor: row.opt_int(1)?, totals })
}

fn open_missing(tx: &mut Tx<'_>, ids: &[&str]) -> Result<()> {
    let there: BTreeSet<String> =
        tx.query_each("select id from account where id = ?1", ids, |row| row.text(0))?.into_iter().collect();
    let rows: Vec<Vec<Value<'_>>> = ids
        .iter()
        .filter(|id| !there.contains(**id))
        .map(|id| account_row(&Account::opened(AccountId::stored(*id))))
        .collect();
    tx.write_all(
        "insert into account (id, floor, debits_pending, credits_pending, debits_posted, credits_posted) \
         values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
        &rows,
    )?;
    Ok(())
}

fn account_row<'a>(account: &Account) -> Vec<Value<'a>> {
    let t = &account.totals;
    values![
        account.id.to_string(),
        account.floor,
        t.debits_pending,
        t.credits_pending,
        t.debits_posted,
        t.credits_posted
    ]
    .to_vec()
}

fn open_holds(tx: &mut Tx<'_>, postings: &[&Posting]) -> Result<BTreeMap<String, HoldState>> {
    let keys: Vec<String> = postings.iter().filter_map(|p| p.resolves.as_ref()).map(key_text).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found =
        tx.query_each("select key from hold where key = ?1 and state = 'open'", &keys, |row| row.text(0))?;
    Ok(found.into_iter().map(|key| (key, HoldState::Open)).collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HoldState {
    Open,
    Resolved,
}

fn decide_with_hold(
    accounts: &mut Accounts,
    holds: &mut BTreeMap<String, HoldState>,
    posting: &Posting,
) -> Result<(), Refused> {
    let hold = posting.resolves.as_ref().map(key_text);
    if let Some(hold) = &hold
        && holds.get(hold) != Some(&HoldState::Open)
    {
        return Err(Refused::HoldNotOpen);
    }
    decide(accounts, posting)?;
    if let Some(hold) = hold {
        holds.insert(hold, HoldState::Resolved);
    }
    if posting.transfers.iter().any(|t| t.phase == Phase::Pending) {
        holds.insert(key_text(&posting.key), HoldState::Open);
    }
    Ok(())
}

fn write_accounts(tx: &mut Tx<'_>, before: &Accounts, after: &Accounts) -> Result<()> {
    let changed = after.iter().filter(|(id, account)| before.get(*id) != Some(account));
    let (updated, opened): (Vec<_>, Vec<_>) = changed.partition(|(id, _)| before.contains_key(*id));
    let rows = |accounts: Vec<(&AccountId, &Account)>| -> Vec<Vec<Value<'static>>> {
        accounts.into_iter().map(|(_, account)| account_row(account)).collect()
    };
    let updates: Vec<Vec<Value<'_>>> = rows(updated)
        .into_iter()
        .map(|mut row| {
            row.remove(1);
            row
        })
        .collect();
    let meant = u64::try_from(updates.len())?;
    let written = tx.write_all(
        "update account set debits_pending = ?2, credits_pending = ?3, debits_posted = ?4, credits_posted = ?5 \
         where id = ?1",
        &updates,
    )?;
    ensure!(written == meant, "{written} of {meant} accounts were written");
    tx.write_all(
        "insert into account (id, floor, debits_pending, credits_pending, debits_posted, credits_posted) \
         values (?1, ?2, ?3, ?4, ?5, ?6)",
        &rows(opened),
    )?;
    Ok(())
}

/// What a batch writes besides the accounts.
#[derive(Default)]
struct Rows {
    postings: Vec<PostingRow>,
    opened_holds: Vec<String>,
    resolved_holds: Vec<(String, &'static str, String)>,
}

struct PostingRow {
    key: String,
    request_hash: String,
    outcome: &'static str,
    actor: String,
    transfers: Vec<domain::ledger::Transfer>,
}

impl Rows {
    fn push(&mut self, posting: &Posting, key: &str, hash: &str, refused: Option<Refused>) {
        let applied = refused.is_none();
        self.postings.push(PostingRow {
            key: key.to_owned(),
            request_hash: hash.to_owned(),
            outcome: refused.map_or("applied", Refused::as_str),
            actor: posting.actor.to_string(),
            // A refusal is recorded without its transfers: nothing moved.
            transfers: if applied { posting.transfers.clone() } else { Vec::new() },
        });
        if !applied {
            return;
        }
        if posting.transfers.iter().any(|t| t.phase == Phase::Pending) {
            self.opened_holds.push(key.to_owned());
        }
        if let Some(hold) = &posting.resolves {
            let voided = posting.transfers.iter().any(|t| t.phase == Phase::VoidPending);
            let state = if voided { "voided" } else { "posted" };
            self.resolved_holds.push((key_text(hold), state, key.to_owned()));
        }
    }
}

/// The hash that chains a posting to the one before it.
pub(super) fn chained(
    previous: &str,
    n: i64,
    key: &str,
    request_hash: &str,
    outcome: &str,
    rest: (&str, i64),
) -> String {
    let (actor, recorded_at) = rest;
    sha256(&format!("{previous}\n{n}\n{key}\n{request_hash}\n{outcome}\n{actor}\n{recorded_at}"))
}

fn write_rows(tx: &mut Tx<'_>, writer: &str, now: UnixMs, rows: Rows) -> Result<()> {
    let (mut n, mut head) = position(tx, writer)?;
    let mut postings = Vec::with_capacity(rows.postings.len());
    let mut transfers = Vec::with_capacity(rows.postings.len() * 3);
    for row in &rows.postings {
        n += 1;
        head = chained(&head, n, &row.key, &row.request_hash, row.outcome, (&row.actor, now.0));
        let (key, hash) = (row.key.as_str(), row.request_hash.as_str());
        postings
            .push(values![key, writer, n, hash, row.outcome, row.actor.as_str(), now, head.clone()].to_vec());
        for (leg, t) in (0i64..).zip(&row.transfers) {
            let (debit, credit) = (t.debit.as_str(), t.credit.as_str());
            transfers.push(
                values![writer, n, leg, debit, credit, t.amount, t.reason.as_str(), t.phase.as_str()]
                    .to_vec(),
            );
        }
    }
    tx.write_all(
        "insert into posting (key, writer, n, request_hash, outcome, actor, recorded_at, hash) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &postings,
    )?;
    tx.write_all(
        "insert into transfer (writer, n, leg, debit, credit, amount, reason, phase) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &transfers,
    )?;
    let opened: Vec<_> = rows.opened_holds.iter().map(|key| values![key].to_vec()).collect();
    tx.write_all("insert into hold (key, state) values (?1, 'open')", &opened)?;
    for (hold, state, by) in &rows.resolved_holds {
        tx.execute_one(
            "update hold set state = ?2, resolved_by = ?3 where key = ?1 and state = 'open'",
            &values![hold, *state, by],
        )?;
    }
    tx.execute_one("update writer set last_n = ?2, head = ?3 where id = ?1", &values![writer, n, head])
}

/// The last position and hash of this writer. Its row is locked after the accounts, always in this order.
fn position(tx: &mut Tx<'_>, writer: &str) -> Result<(i64, String)> {
    let sql = match tx.engine {
        Engine::Sqlite(_) => "select last_n, head from writer where id = ?1",
        Engine::Postgres(_) => "select last_n, head from writer where id = ?1 for update",
    };
    if let Some(found) = tx.query_first(sql, &values![writer], |row| Ok((row.int(0)?, row.text(1)?)))? {
        return Ok(found);
    }
    tx.execute(
        "insert into writer (id, last_n, head) values (?1, 0, '') on conflict do nothing",
        &values![writer],
    )?;
    tx.query_first(sql, &values![writer], |row| Ok((row.int(0)?, row.text(1)?)))?
        .context("the writer's row is missing")
}
