//! Recording postings: load the touched accounts, decide each posting in order by the pure rule, write the
//! results. One call is one batch; refusals undo only themselves and stay refused under their key.

use crate::db::{Each, Engine, Tx, Value};
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
    let known = earlier(tx, &keys)?;
    record_unless(tx, (writer, now), postings, known)
}

/// The same for subjects whose ids were made just now: their keys cannot stand yet and are not looked up. One
/// that does stand fails the step.
pub fn record_new(tx: &mut Tx<'_>, writer: &str, now: UnixMs, postings: &[Posting]) -> Result<Vec<Outcome>> {
    record_unless(tx, (writer, now), postings, HashMap::new())
}

fn record_unless(
    tx: &mut Tx<'_>,
    (writer, now): (&str, UnixMs),
    postings: &[Posting],
    mut known: HashMap<String, Earlier>,
) -> Result<Vec<Outcome>> {
    let fresh: Vec<&Posting> = postings.iter().filter(|p| !known.contains_key(&key_text(&p.key))).collect();
    if fresh.is_empty() {
        return Ok(postings
            .iter()
            .map(|p| known[&key_text(&p.key)].answer(&sha256(&p.canonical())))
            .collect());
    }
    let (mut accounts, position) = lock(tx, writer, &fresh)?;
    let before = accounts.clone();
    let mut holds = open_holds(tx, &fresh)?;
    let mut outcomes = Vec::with_capacity(postings.len());
    let mut rows = Rows::default();
    for posting in postings {
        let (key, hash) = (key_text(&posting.key), sha256(&posting.canonical()));
        if let Some(earlier) = known.get(&key) {
            outcomes.push(earlier.answer(&hash));
            continue;
        }
        let decided = decide_with_hold(&mut accounts, &mut holds, posting);
        rows.push(posting, &key, &hash, decided.err());
        known.insert(key, Earlier { request_hash: hash, refused: decided.err() });
        outcomes.push(decided.map_or_else(Outcome::Refused, |()| Outcome::Applied));
    }
    write_accounts(tx, &before, &accounts)?;
    write_rows(tx, writer, now, position, rows)?;
    Ok(outcomes)
}

/// What these accounts hold, locked in the order of their ids until the step ends, for a step that decides by it what
/// it records. They must be buckets of a line whose lock the step has (`store::bucket::lock_line`): nobody else takes
/// two of them in another order. A purchase and a use that meet here all the same are run again by the database.
pub fn lock_accounts(tx: &mut Tx<'_>, ids: &BTreeSet<AccountId>) -> Result<Accounts> {
    let ids: Vec<&str> = ids.iter().map(AccountId::as_str).collect();
    let sql = if matches!(tx.engine, Engine::Postgres(_)) { ACCOUNTS_LOCKED } else { ACCOUNTS };
    let accounts = tx.query_each(sql, &ids, read_account)?;
    Ok(accounts.into_iter().map(|account| (account.id.clone(), account)).collect())
}

/// Sets how far an account may fall, opening it where it is not open yet.
pub fn set_floor(tx: &mut Tx<'_>, id: &AccountId, floor: i64) -> Result<()> {
    open(tx, &[id.as_str()])?;
    let sql = if matches!(tx.engine, Engine::Postgres(_)) { ACCOUNTS_LOCKED } else { ACCOUNTS };
    let account =
        tx.query_each(sql, &[id.as_str()], read_account)?.pop().context("the account is missing")?;
    let available = account.available();
    ensure!(available >= floor, "{id} has {available}: its floor cannot be {floor}");
    tx.execute_one("update account set floor = ?2 where id = ?1", &values![id.as_str(), floor])
}

/// The key as it is stored: subject and purpose.
pub(super) fn key_text(key: &PostingKey) -> String {
    format!("{} {}", key.subject, key.purpose)
}

pub(crate) fn sha256(text: &str) -> String {
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

const ACCOUNTS: &str = "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted from account where id = ?1";
/// Rows are locked in one order by everybody: accounts by their ids, then the writer.
const ACCOUNTS_LOCKED: &str = "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted \
     from account where id = ?1 order by id for update";
const WRITER: &str = "select last_n, head from writer where id = ?1";
const WRITER_LOCKED: &str = "select last_n, head from writer where id = ?1 for update";

/// The last position and hash of a writer.
type Position = (i64, String);

/// Loads every account that the postings touch, and the writer's position; on PostgreSQL their rows are locked.
fn lock(tx: &mut Tx<'_>, writer: &str, postings: &[&Posting]) -> Result<(Accounts, Position)> {
    let ids: BTreeSet<&str> = postings
        .iter()
        .flat_map(|p| &p.transfers)
        .flat_map(|t| [t.debit.as_str(), t.credit.as_str()])
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let locks = matches!(tx.engine, Engine::Postgres(_));
    let (accounts_sql, writer_sql) =
        if locks { (ACCOUNTS_LOCKED, WRITER_LOCKED) } else { (ACCOUNTS, WRITER) };
    let accounts = Each { sql: accounts_sql, keys: &ids, read: read_account };
    let position = Each { sql: writer_sql, keys: &[writer], read: read_position };
    let (accounts, position) = tx.query_both(accounts, position)?;
    let mut accounts: Accounts = accounts.into_iter().map(|account| (account.id.clone(), account)).collect();
    if locks && accounts.len() < ids.len() {
        // A row that is not there cannot be locked: it is made first, in the same order.
        let missing: Vec<&str> =
            ids.into_iter().filter(|id| !accounts.contains_key(&AccountId::stored(*id))).collect();
        open(tx, &missing)?;
        let opened = tx.query_each(ACCOUNTS_LOCKED, &missing, read_account)?;
        accounts.extend(opened.into_iter().map(|account| (account.id.clone(), account)));
    }
    let position = match position.into_iter().next() {
        Some(position) => position,
        None => first_position(tx, writer, writer_sql)?,
    };
    Ok((accounts, position))
}

fn read_position(row: &crate::db::Row<'_>) -> Result<Position> {
    Ok((row.int(0)?, row.text(1)?))
}

fn first_position(tx: &mut Tx<'_>, writer: &str, sql: &str) -> Result<Position> {
    let row = values![writer, 0, ""].to_vec();
    tx.insert_all(
        "insert into writer (id, last_n, head) values (?1, ?2, ?3) on conflict do nothing",
        &[row],
    )?;
    tx.query_first(sql, &values![writer], read_position)?.context("the writer's row is missing")
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

fn open(tx: &mut Tx<'_>, ids: &[&str]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> =
        ids.iter().map(|id| account_row(&Account::opened(AccountId::stored(*id)))).collect();
    tx.insert_all(
        "insert into account (id, floor, debits_pending, credits_pending, debits_posted, credits_posted) \
         values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
        &rows,
    )
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
    let rows: Vec<Vec<Value<'_>>> = changed.map(|(_, account)| account_row(account)).collect();
    tx.insert_all(
        "insert into account (id, floor, debits_pending, credits_pending, debits_posted, credits_posted) \
         values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (id) do update set debits_pending = excluded.debits_pending, \
         credits_pending = excluded.credits_pending, debits_posted = excluded.debits_posted, \
         credits_posted = excluded.credits_posted",
        &rows,
    )
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

fn write_rows(tx: &mut Tx<'_>, writer: &str, now: UnixMs, position: Position, rows: Rows) -> Result<()> {
    let (mut n, mut head) = position;
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
    tx.insert_all(
        "insert into posting (key, writer, n, request_hash, outcome, actor, recorded_at, hash) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &postings,
    )?;
    tx.insert_all(
        "insert into transfer (writer, n, leg, debit, credit, amount, reason, phase) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &transfers,
    )?;
    let opened: Vec<_> = rows.opened_holds.iter().map(|key| values![key].to_vec()).collect();
    tx.insert_all("insert into hold (key, state) values (?1, 'open')", &opened)?;
    for (hold, state, by) in &rows.resolved_holds {
        tx.execute_one(
            "update hold set state = ?2, resolved_by = ?3 where key = ?1 and state = 'open'",
            &values![hold, *state, by],
        )?;
    }
    tx.insert_all(
        "insert into writer (id, last_n, head) values (?1, ?2, ?3) \
         on conflict (id) do update set last_n = excluded.last_n, head = excluded.head",
        &[values![writer, n, head].to_vec()],
    )
}
