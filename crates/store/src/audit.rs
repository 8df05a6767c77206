//! The audit's rows: appended, never changed. Each writer numbers its own without gaps, and each hash covers the one
//! before, so that an edit in the database shows. Start reading at [`append`] and [`verify`].

use crate::db::{Row, Tx, Value};
use crate::ledger::sha256;
use crate::values;
use anyhow::{Context, Result};
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::{StaffId, TopUpId};
use domain::time::UnixMs;

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub writer: String,
    pub n: i64,
    pub at: UnixMs,
    /// As `Actor` writes itself.
    pub actor: String,
    pub staff: Option<StaffId>,
    pub action: AuditAction,
    pub kind: SubjectKind,
    pub subject: String,
    pub line: Option<String>,
    pub reason: Option<String>,
    pub detail: Option<String>,
    hash: String,
}

/// Appends an entry. The writer's row is locked from here to the end of the step: call it after the ledger, and once.
pub fn append(tx: &mut Tx<'_>, writer: &str, now: UnixMs, entry: &Entry) -> Result<()> {
    tx.execute(
        "insert into audit_writer (id, last_n, head) values (?1, 0, '') on conflict do nothing",
        &values![writer],
    )?;
    let (n, head) = tx
        .query_first(
            "update audit_writer set last_n = last_n + 1 where id = ?1 returning last_n, head",
            &values![writer],
            |row| Ok((row.int(0)?, row.text(1)?)),
        )?
        .context("the audit has no writer")?;
    let staff = match &entry.actor {
        Actor::Staff(staff) => Some(staff.clone()),
        _ => None,
    };
    let row = Recorded {
        writer: writer.to_owned(),
        n,
        at: now,
        actor: entry.actor.to_string(),
        staff,
        action: entry.action,
        kind: entry.kind,
        subject: entry.subject.clone(),
        line: entry.line.as_ref().map(|line| line.as_str().to_owned()),
        reason: entry.reason.clone(),
        detail: entry.detail.clone(),
        hash: String::new(),
    };
    let hash = row.hash_after(&head)?;
    tx.execute_one(
        "insert into audit (writer, n, at, actor, staff_id, action, subject_kind, subject_id, line_id, reason, detail, \
         hash) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &values![
            &row.writer,
            n,
            now,
            &row.actor,
            row.staff.as_ref().map(StaffId::as_str),
            row.action.as_str(),
            row.kind.as_str(),
            &row.subject,
            row.line.as_deref(),
            row.reason.as_deref(),
            row.detail.as_deref(),
            &hash
        ],
    )?;
    tx.execute_one("update audit_writer set head = ?2 where id = ?1", &values![writer, &hash])
}

impl Recorded {
    fn hash_after(&self, previous: &str) -> Result<String> {
        let staff = self.staff.as_ref().map(StaffId::as_str);
        let parts = (
            (previous, &self.writer, self.n, self.at.0, &self.actor, staff),
            (self.action.as_str(), self.kind.as_str(), &self.subject, &self.line, &self.reason, &self.detail),
        );
        Ok(sha256(&serde_json::to_string(&parts)?))
    }
}

const COLUMNS: &str =
    "writer, n, at, actor, staff_id, action, subject_kind, subject_id, line_id, reason, detail, hash";

fn read(row: &Row<'_>) -> Result<Recorded> {
    Ok(Recorded {
        writer: row.text(0)?,
        n: row.int(1)?,
        at: UnixMs(row.int(2)?),
        actor: row.text(3)?,
        staff: row.opt_text(4)?.map(StaffId::stored),
        action: row.word(5, AuditAction::parse)?,
        kind: row.word(6, SubjectKind::parse)?,
        subject: row.text(7)?,
        line: row.opt_text(8)?,
        reason: row.opt_text(9)?,
        detail: row.opt_text(10)?,
        hash: row.text(11)?,
    })
}

/// What the audit page asks for, newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub staff: Option<StaffId>,
    pub action: Option<AuditAction>,
    pub from: Option<UnixMs>,
    /// Only what is older: the time, writer and number of the last row that was shown.
    pub before: Option<(UnixMs, String, i64)>,
}

/// A page of the audit. One text for each index, so that none scans.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, limit: i64) -> Result<Vec<Recorded>> {
    let by = match (&filter.staff, filter.action) {
        (Some(_), Some(_)) => "staff_id = ?1 and action = ?2",
        (Some(_), None) => "staff_id = ?1 and cast(?2 as text) is null",
        (None, Some(_)) => "cast(?1 as text) is null and action = ?2",
        (None, None) => "cast(?1 as text) is null and cast(?2 as text) is null",
    };
    let (at, writer, n) = filter.before.clone().unwrap_or((UnixMs(i64::MAX), String::new(), 0));
    let sql = format!(
        "select {COLUMNS} from audit where {by} and at >= ?3 and (at, writer, n) < (?4, ?5, ?6) \
         order by at desc, writer desc, n desc limit ?7"
    );
    let from = filter.from.unwrap_or(UnixMs(0));
    let staff = filter.staff.as_ref().map(StaffId::as_str);
    let values = values![staff, filter.action.map(AuditAction::as_str), from, at, writer, n, limit];
    tx.query(&sql, &values, read)
}

/// What was done to a subject, oldest first; the newest ones when there are more.
pub fn of_subject(tx: &mut Tx<'_>, kind: SubjectKind, subject: &str, limit: i64) -> Result<Vec<Recorded>> {
    let sql = format!(
        "select {COLUMNS} from audit where subject_kind = ?1 and subject_id = ?2 order by at desc limit ?3"
    );
    let mut rows = tx.query(&sql, &values![kind.as_str(), subject, limit], read)?;
    rows.reverse();
    Ok(rows)
}

/// Everything that was done about an order, its refunds and questions, newest first; only what fits the filter.
pub fn of_order(tx: &mut Tx<'_>, order: &TopUpId, filter: &Filter, limit: i64) -> Result<Vec<Recorded>> {
    let mut rows = of_subject(tx, SubjectKind::TopUp, order.as_str(), limit)?;
    for (kind, sql) in [
        (SubjectKind::Refund, "select id from refund where top_up_id = ?1 limit ?2"),
        (SubjectKind::Refund, "select id from refund_request where top_up_id = ?1 limit ?2"),
        (SubjectKind::Case, "select id from support_case where top_up_id = ?1 limit ?2"),
    ] {
        for id in tx.query(sql, &values![order.as_str(), limit], |row| row.text(0))? {
            rows.extend(of_subject(tx, kind, &id, limit)?);
        }
    }
    let upper = filter.before.clone().unwrap_or((UnixMs(i64::MAX), String::new(), 0));
    rows.retain(|row| {
        (filter.staff.is_none() || row.staff == filter.staff)
            && filter.action.is_none_or(|action| row.action == action)
            && filter.from.is_none_or(|from| row.at >= from)
            && (row.at, row.writer.clone(), row.n) < upper
    });
    rows.sort_by(|a, b| (b.at, &b.writer, b.n).cmp(&(a.at, &a.writer, a.n)));
    rows.truncate(usize::try_from(limit)?);
    Ok(rows)
}

/// Of so many of a subscriber's questions looks are told, the newest.
const CASES_MAX: i64 = 50;

/// Who looked at a subscriber's record, at one of their questions, or at one of these lines and its orders, newest
/// first.
pub fn list_looks(tx: &mut Tx<'_>, subscriber: &str, lines: &[&str], limit: i64) -> Result<Vec<Recorded>> {
    let sql = format!(
        "select {COLUMNS} from audit where subject_kind = 'subscriber' and subject_id = ?1 \
         and action in ('looked', 'revealed') order by at desc limit ?2"
    );
    let mut looks = tx.query(&sql, &values![subscriber, limit], read)?;
    for line in lines {
        let sql = format!(
            "select {COLUMNS} from audit where line_id = ?1 and action in ('looked', 'revealed') \
             order by at desc limit ?2"
        );
        looks.extend(tx.query(&sql, &[Value::from(*line), Value::from(limit)], read)?);
    }
    let cases = "select id from support_case where subscriber_id = ?1 order by id desc limit ?2";
    for case in tx.query(cases, &values![subscriber, CASES_MAX], |row| row.text(0))? {
        let seen = of_subject(tx, SubjectKind::Case, &case, limit)?;
        let look = |row: &Recorded| matches!(row.action, AuditAction::Looked | AuditAction::FileOpened);
        looks.extend(seen.into_iter().filter(look));
    }
    looks.sort_by(|a, b| (b.at, &b.writer, b.n).cmp(&(a.at, &a.writer, a.n)));
    looks.dedup_by(|a, b| a.writer == b.writer && a.n == b.n);
    looks.truncate(usize::try_from(limit)?);
    Ok(looks)
}

/// What a look through the whole audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    /// What is not true, in words.
    pub lies: Vec<String>,
}

/// How many rows are in memory at once.
const SLICE: i64 = 1_000;

/// Recomputes every hash, and looks for gaps and missing ends.
pub fn verify(tx: &mut Tx<'_>) -> Result<Verified> {
    let heads = tx.query("select id, last_n, head from audit_writer order by id", &[], |row| {
        Ok((row.text(0)?, row.int(1)?, row.text(2)?))
    })?;
    let mut verified = Verified::default();
    for (writer, last_n, head) in heads {
        let (n, hash) = verify_writer(tx, &writer, &mut verified)?;
        if n != last_n || hash != head {
            verified.lies.push(format!("the entries of {writer} end at {n}, and its head says {last_n}"));
        }
    }
    let strangers = tx.query(
        "select writer from audit where n = 1 and writer not in (select id from audit_writer) limit 10",
        &[],
        |row| row.text(0),
    )?;
    verified.lies.extend(strangers.into_iter().map(|w| format!("the entries of {w} have no head")));
    Ok(verified)
}

fn verify_writer(tx: &mut Tx<'_>, writer: &str, verified: &mut Verified) -> Result<(i64, String)> {
    let (mut n, mut hash) = (0, String::new());
    let sql = format!("select {COLUMNS} from audit where writer = ?1 and n > ?2 order by n limit ?3");
    loop {
        let rows = tx.query(&sql, &values![writer, n, SLICE], read)?;
        let Some(last) = rows.last() else { return Ok((n, hash)) };
        let end = last.n;
        for row in rows {
            verified.entries += 1;
            if row.n != n + 1 {
                verified.lies.push(format!("{writer} has no entry {}", n + 1));
            }
            if row.hash_after(&hash)? != row.hash {
                verified.lies.push(format!("entry {} of {writer} was changed, or one before it", row.n));
            }
            (n, hash) = (row.n, row.hash);
        }
        n = end;
    }
}
