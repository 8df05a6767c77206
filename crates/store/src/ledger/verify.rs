//! `recarga ledger verify`: recomputes everything from what is immutable and names the first lies it finds.
//! Reads one snapshot; changes nothing.

use super::write::{chained, read_account, sha256};
use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::ledger::{Account, AccountId, Phase, Totals};
use std::collections::{BTreeMap, HashMap};

/// One thing that is not true.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lie {
    /// Which check found it.
    pub check: &'static str,
    pub what: String,
}

/// What was looked at and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub postings: u64,
    pub transfers: u64,
    pub accounts: u64,
    pub captured: u64,
    pub credited: u64,
    pub lies: Vec<Lie>,
}

/// More lies than this are not listed; one is enough to stop.
const LIES_MAX: usize = 100;

impl Report {
    pub(super) fn lie(&mut self, check: &'static str, what: impl Into<String>) {
        if self.lies.len() < LIES_MAX {
            self.lies.push(Lie { check, what: what.into() });
        }
    }
}

/// Checks everything in the snapshot of `tx`.
pub fn verify(tx: &mut Tx<'_>) -> Result<Report> {
    let mut report = Report::default();
    let totals = check_postings(tx, &mut report)?;
    check_accounts(tx, totals, &mut report)?;
    check_holds(tx, &mut report)?;
    check_buckets(tx, &mut report)?;
    check_captures(tx, &mut report)?;
    check_credits(tx, &mut report)?;
    check_refunds(tx, &mut report)?;
    check_undelivered(tx, &mut report)?;
    super::verify_clearing::check(tx, &mut report)?;
    super::verify_commission::check(tx, &mut report)?;
    super::verify_network::check(tx, &mut report)?;
    super::verify_promotions::check(tx, &mut report)?;
    super::verify_reversals::check(tx, &mut report)?;
    super::verify_usage::check(tx, &mut report)?;
    Ok(report)
}

struct PostingRow {
    key: String,
    writer: String,
    n: i64,
    request_hash: String,
    outcome: String,
    actor: String,
    recorded_at: i64,
    hash: String,
}

struct TransferRow {
    debit: String,
    credit: String,
    amount: i64,
    reason: String,
    phase: String,
}

/// Positions without gaps, the hash chain, and the content of every posting. Returns the totals that the
/// transfers add up to.
fn check_postings(tx: &mut Tx<'_>, report: &mut Report) -> Result<BTreeMap<AccountId, Totals>> {
    let mut totals = BTreeMap::new();
    let resolved: HashMap<String, String> = tx
        .query("select resolved_by, key from hold where resolved_by is not null", &[], |row| {
            Ok((row.text(0)?, row.text(1)?))
        })?
        .into_iter()
        .collect();
    let writers = tx.query("select id, last_n, head from writer order by id", &[], |row| {
        Ok((row.text(0)?, row.int(1)?, row.text(2)?))
    })?;
    let mut numbered = 0;
    for (writer, last_n, head) in writers {
        let mut previous = String::new();
        let mut n = 0;
        while n < last_n {
            let page = page(tx, &writer, n)?;
            if page.is_empty() {
                report.lie(
                    "positions",
                    format!("writer {writer}: positions after {n} of {last_n} are missing"),
                );
                break;
            }
            for (posting, transfers) in page {
                n += 1;
                if posting.n != n {
                    report
                        .lie("positions", format!("writer {writer}: {} stands where {n} belongs", posting.n));
                    n = posting.n;
                }
                check_posting(&posting, &transfers, &previous, resolved.get(&posting.key), report);
                previous.clone_from(&posting.hash);
                add_up(&mut totals, &posting, &transfers, report);
                report.postings += 1;
                report.transfers += u64::try_from(transfers.len())?;
            }
        }
        if previous != head {
            report.lie("hash chain", format!("writer {writer}: the head is not the last posting's hash"));
        }
        numbered += last_n;
    }
    let stored = tx.query_first("select count(*) from posting", &[], |row| row.int(0))?.unwrap_or(0);
    if stored != numbered {
        report.lie("positions", format!("{stored} postings are stored, the writers numbered {numbered}"));
    }
    Ok(totals)
}

/// The next postings of a writer after position `after`, each with its transfers.
fn page(tx: &mut Tx<'_>, writer: &str, after: i64) -> Result<Vec<(PostingRow, Vec<TransferRow>)>> {
    let postings = tx.query(
        "select key, writer, n, request_hash, outcome, actor, recorded_at, hash from posting \
         where writer = ?1 and n > ?2 order by n limit 1000",
        &values![writer, after],
        |row| {
            Ok(PostingRow {
                key: row.text(0)?,
                writer: row.text(1)?,
                n: row.int(2)?,
                request_hash: row.text(3)?,
                outcome: row.text(4)?,
                actor: row.text(5)?,
                recorded_at: row.int(6)?,
                hash: row.text(7)?,
            })
        },
    )?;
    let Some(last) = postings.last().map(|p| p.n) else { return Ok(Vec::new()) };
    let mut legs: BTreeMap<i64, Vec<TransferRow>> = BTreeMap::new();
    tx.query(
        "select n, debit, credit, amount, reason, phase from transfer \
         where writer = ?1 and n > ?2 and n <= ?3 order by n, leg",
        &values![writer, after, last],
        |row| {
            let (debit, credit, amount) = (row.text(1)?, row.text(2)?, row.int(3)?);
            let transfer = TransferRow { debit, credit, amount, reason: row.text(4)?, phase: row.text(5)? };
            legs.entry(row.int(0)?).or_default().push(transfer);
            Ok(())
        },
    )?;
    Ok(postings
        .into_iter()
        .map(|p| {
            let own = legs.remove(&p.n).unwrap_or_default();
            (p, own)
        })
        .collect())
}

fn check_posting(
    posting: &PostingRow,
    transfers: &[TransferRow],
    previous: &str,
    resolves: Option<&String>,
    report: &mut Report,
) {
    let PostingRow { key, n, request_hash, outcome, actor, recorded_at, hash, .. } = posting;
    if *hash != chained(previous, *n, key, request_hash, outcome, (actor, *recorded_at)) {
        report.lie("hash chain", format!("posting {key} does not follow the one before it"));
    }
    if outcome != "applied" {
        if !transfers.is_empty() {
            report.lie("refusals", format!("posting {key} was refused and has transfers"));
        }
        return;
    }
    let mut text = key.clone();
    for t in transfers {
        text.push_str(&format!("\n{} {} {} {} {}", t.debit, t.credit, t.amount, t.reason, t.phase));
    }
    if let Some(hold) = resolves {
        text.push_str(&format!("\nresolves {hold}"));
    }
    if *request_hash != sha256(&text) {
        report.lie("transfers", format!("posting {key} (writer {}, {n}) was altered", posting.writer));
    }
}

fn add_up(
    totals: &mut BTreeMap<AccountId, Totals>,
    posting: &PostingRow,
    transfers: &[TransferRow],
    report: &mut Report,
) {
    for t in transfers {
        let (pending, posted) = match Phase::parse(&t.phase) {
            Some(Phase::Posted) => (0, t.amount),
            Some(Phase::Pending) => (t.amount, 0),
            Some(Phase::PostPending) => (-t.amount, t.amount),
            Some(Phase::VoidPending) => (-t.amount, 0),
            None => {
                report.lie("transfers", format!("posting {}: unknown phase {:?}", posting.key, t.phase));
                (0, 0)
            }
        };
        let debit = totals.entry(AccountId::stored(t.debit.as_str())).or_default();
        debit.debits_pending += pending;
        debit.debits_posted += posted;
        let credit = totals.entry(AccountId::stored(t.credit.as_str())).or_default();
        credit.credits_pending += pending;
        credit.credits_posted += posted;
    }
}

/// Running totals equal the transfers, floors hold, and every unit sums to zero.
fn check_accounts(
    tx: &mut Tx<'_>,
    mut totals: BTreeMap<AccountId, Totals>,
    report: &mut Report,
) -> Result<()> {
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let accounts: Vec<Account> = tx.query(
            "select id, floor, debits_pending, credits_pending, debits_posted, credits_posted from account \
             where id > ?1 order by id limit 1000",
            &values![after.as_str()],
            read_account,
        )?;
        let Some(last) = accounts.last() else { break };
        after = last.id.to_string();
        for account in accounts {
            report.accounts += 1;
            let own = account.totals;
            let recomputed = totals.remove(&account.id).unwrap_or_default();
            if own != recomputed {
                report.lie("totals", format!("{}: stored {own:?}, transfers say {recomputed:?}", account.id));
            }
            if account.floor.is_some_and(|floor| account.available() < floor) {
                report.lie("floors", format!("{}: {} is below its floor", account.id, account.available()));
            }
            *sums.entry(account.id.unit().to_owned()).or_default() +=
                i128::from(own.debits_posted) - i128::from(own.credits_posted);
        }
    }
    for id in totals.keys() {
        report.lie("totals", format!("{id} has transfers and no account"));
    }
    for (unit, sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
        report.lie("sum zero", format!("{unit} sums to {sum}"));
    }
    Ok(())
}

/// Every listed row is a lie of the named check. Keys are taken apart, never put together, on the side that is
/// looked up, so that each look-up finds its index.
pub(super) fn none_of(
    tx: &mut Tx<'_>,
    report: &mut Report,
    check: &'static str,
    says: &str,
    sql: &str,
) -> Result<()> {
    for id in tx.query(sql, &[], |row| row.text(0))? {
        report.lie(check, format!("{id} {says}"));
    }
    Ok(())
}

fn check_holds(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        "holds",
        "is a hold without its posting",
        "select h.key from hold h left join posting p on p.key = h.key and p.outcome = 'applied' where p.key is null",
    )?;
    none_of(
        tx,
        report,
        "holds",
        "is resolved by a posting that is not there",
        "select h.key from hold h left join posting p on p.key = h.resolved_by and p.outcome = 'applied' \
         where h.state <> 'open' and p.key is null",
    )
}

fn check_buckets(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        "buckets",
        "was not granted what it says",
        "select b.id from bucket b left join account a on a.id = 'bucket:' || b.id || ':' || b.unit \
         where a.id is null or a.credits_posted <> b.granted",
    )?;
    none_of(
        tx,
        report,
        "buckets",
        "is an account without a bucket",
        "select a.id from account a where a.id like 'bucket:%' and not exists \
         (select 1 from bucket b where b.id = substr(a.id, 8, 30) and a.id = 'bucket:' || b.id || ':' || b.unit)",
    )
}

/// Captured attempts and capture postings are the same set, with the same amounts.
fn check_captures(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let captured =
        tx.query_first("select count(*) from attempt where state in ('captured', 'review')", &[], |row| {
            row.int(0)
        })?;
    report.captured = u64::try_from(captured.unwrap_or(0))?;
    none_of(
        tx,
        report,
        "captures",
        "is captured and not in the ledger with its amount",
        "select a.id from attempt a left join posting p on p.key = a.id || ' capture' and p.outcome = 'applied' \
         left join transfer t on t.writer = p.writer and t.n = p.n and t.leg = 0 \
         where a.state in ('captured', 'review') and (t.amount is null or t.amount <> a.captured_minor)",
    )?;
    none_of(
        tx,
        report,
        "captures",
        "is in the ledger and its attempt is not captured",
        "select p.key from posting p where p.key like 'att_% capture' and p.outcome = 'applied' and not exists \
         (select 1 from attempt a where a.id = substr(p.key, 1, length(p.key) - 8) and a.state in ('captured', 'review'))",
    )
}

/// Credited top-ups and credit postings are the same set.
fn check_credits(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let credited =
        tx.query_first("select count(*) from top_up where credited_at is not null", &[], |row| row.int(0))?;
    report.credited = u64::try_from(credited.unwrap_or(0))?;
    none_of(
        tx,
        report,
        "credits",
        "says credited and has no credit posting",
        "select t.id from top_up t left join posting p on p.key = t.id || ' credit' and p.outcome = 'applied' \
         where t.credited_at is not null and p.key is null",
    )?;
    none_of(
        tx,
        report,
        "credits",
        "has a credit posting and does not say credited",
        "select p.key from posting p where p.key like 'tu_% credit' and p.outcome = 'applied' and not exists \
         (select 1 from top_up t where t.id = substr(p.key, 1, length(p.key) - 7) and t.credited_at is not null)",
    )?;
    none_of(
        tx,
        report,
        "credits",
        "was credited and nobody paid for it",
        "select t.id from top_up t where t.credited_at is not null \
         and not exists (select 1 from payment p where p.order_id = t.id and p.state = 'captured') \
         and not exists (select 1 from posting s where s.key = t.id || ' sale' and s.outcome = 'applied') \
         and not exists (select 1 from posting c join transfer f on f.writer = c.writer and f.n = c.n \
         where c.key = t.id || ' credit' and c.outcome = 'applied' and f.debit like 'float:%')",
    )
}

fn check_refunds(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        "refunds",
        "and its hold disagree",
        "select r.id from refund r left join hold h on h.key = r.id || ' refund_hold' where h.key is null \
         or (r.state in ('requested', 'pending', 'unknown') and h.state <> 'open') \
         or (r.state = 'succeeded' and h.state <> 'posted') or (r.state = 'failed' and h.state = 'open')",
    )?;
    none_of(
        tx,
        report,
        "refunds",
        "returns more than was captured",
        "select r.id from refund r join attempt a on a.id = r.attempt_id \
         where a.captured_minor is null or r.amount_minor > a.captured_minor",
    )
}

/// Money that contradicts its order and that people decided to give back is undelivered like any other.
const SETTLED: &str = "select t.market, a.captured_currency, cast(sum(a.captured_minor) as bigint) from attempt a \
     join payment p on p.id = a.payment_id join top_up t on t.id = p.order_id \
     join posting s on s.key = a.id || ' settle' and s.outcome = 'applied' \
     where a.state = 'review' group by t.market, a.captured_currency";

/// Money of floats that was set aside for orders that are not credited, and that is not in its float again.
const SET_ASIDE: &str = "select t.market, t.currency, cast(sum(l.amount) as bigint) from posting s \
     join transfer l on l.writer = s.writer and l.n = s.n join top_up t on t.id = substr(s.key, 1, length(s.key) - 5) \
     left join posting r on r.key = t.id || ' sale_return' and r.outcome = 'applied' \
     where s.key like 'tu_% sale' and s.outcome = 'applied' and l.credit like 'undelivered:%' and t.credited_at is null and r.key is null \
     group by t.market, t.currency";

/// Undelivered money is what was captured less what was credited or returned, per market and currency.
fn check_undelivered(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    let parts = [
        (
            1,
            "select t.market, a.captured_currency, cast(sum(a.captured_minor) as bigint) from attempt a \
             join payment p on p.id = a.payment_id join top_up t on t.id = p.order_id \
             where a.state = 'captured' group by t.market, a.captured_currency",
        ),
        (
            -1,
            "select t.market, p.currency, cast(sum(p.amount_minor) as bigint) from top_up t \
              join payment p on p.order_id = t.id where t.credited_at is not null group by t.market, p.currency",
        ),
        (
            -1,
            "select t.market, r.currency, cast(sum(r.amount_minor) as bigint) from refund r \
              join top_up t on t.id = r.top_up_id where r.state = 'succeeded' \
              and r.reason <> 'taken_back' group by t.market, r.currency",
        ),
    ];
    for (sign, sql) in parts.into_iter().chain([(1, SETTLED), (1, SET_ASIDE)]) {
        for (account, amount) in tx.query(sql, &[], |row| {
            Ok((format!("undelivered:{}:{}", row.text(0)?, row.text(1)?), row.int(2)?))
        })? {
            *expected.entry(account).or_default() += sign * amount;
        }
    }
    let stored: BTreeMap<String, i64> = tx
        .query(
            "select id, credits_posted - debits_posted from account where id like 'undelivered:%'",
            &[],
            |row| Ok((row.text(0)?, row.int(1)?)),
        )?
        .into_iter()
        .collect();
    for account in expected.keys().chain(stored.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (wanted, found) =
            (expected.get(account).copied().unwrap_or(0), stored.get(account).copied().unwrap_or(0));
        if wanted != found {
            report.lie("undelivered", format!("{account} holds {found}, orders say {wanted}"));
        }
    }
    Ok(())
}
