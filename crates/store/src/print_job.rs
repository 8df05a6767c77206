//! Print jobs: one row per document and printer, with the sealed document until it is done or too old. Jobs of one
//! subject are counted, so that no two papers of one receipt are both the first.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{DeviceId, PrintJobId};
use domain::print_job::{PrintJobState, PrinterTrouble};
use domain::time::UnixMs;

/// A job as it is stored, without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintJob {
    pub id: PrintJobId,
    /// What the paper is about, such as a top-up's id.
    pub subject: String,
    pub device: DeviceId,
    /// The printer's address when the job was written down.
    pub printer: String,
    /// Counts the subject's jobs from 1.
    pub nth: i64,
    /// 0 for the first paper of the subject; from 1 on the paper says COPY.
    pub copy: i64,
    pub state: PrintJobState,
    /// What keeps it from being printed, or kept it.
    pub trouble: Option<PrinterTrouble>,
    /// The same in words for people who mend it.
    pub detail: Option<String>,
    /// How often it was handed over.
    pub tries: i64,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
    /// The printer said that its roll ends soon.
    pub near_end: bool,
}

const COLUMNS: &str = "id, subject, device_id, printer, copy, state, trouble, detail, tries, created_at, state_at, \
                       near_end, nth";

fn read(row: &Row<'_>) -> Result<PrintJob> {
    let trouble = row.opt_text(6)?;
    let trouble = trouble.map(|word| PrinterTrouble::parse(&word).with_context(|| format!("trouble {word}")));
    Ok(PrintJob {
        id: PrintJobId::stored(row.text(0)?),
        subject: row.text(1)?,
        device: DeviceId::stored(row.text(2)?),
        printer: row.text(3)?,
        copy: row.int(4)?,
        state: row.word(5, PrintJobState::parse)?,
        trouble: trouble.transpose()?,
        detail: row.opt_text(7)?,
        tries: row.int(8)?,
        created_at: UnixMs(row.int(9)?),
        state_at: UnixMs(row.int(10)?),
        near_end: row.int(11)? != 0,
        nth: row.int(12)?,
    })
}

/// Writes a new job down; false where somebody else has just taken its number.
pub fn insert(tx: &mut Tx<'_>, job: &PrintJob, body_sealed: &str) -> Result<bool> {
    let new = tx.execute(
        "insert into print_job (id, subject, device_id, printer, copy, state, tries, created_at, state_at, near_end, \
         body_sealed, nth) values (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?7, 0, ?8, ?9) on conflict do nothing",
        &values![
            job.id.as_str(),
            &job.subject,
            job.device.as_str(),
            &job.printer,
            job.copy,
            job.state.as_str(),
            job.created_at,
            body_sealed,
            job.nth
        ],
    )?;
    Ok(new == 1)
}

/// How many jobs a subject has, and how many of them left paper or still may.
pub fn count(tx: &mut Tx<'_>, subject: &str) -> Result<(i64, i64)> {
    let sql = "select cast(coalesce(max(nth), 0) as bigint), cast(coalesce(sum(case when state in ('refused', 'cancelled', \
               'expired') then 0 else 1 end), 0) as bigint) from print_job where subject = ?1";
    let found = tx.query_first(sql, &values![subject], |row| Ok((row.int(0)?, row.int(1)?)))?;
    Ok(found.unwrap_or((0, 0)))
}

pub fn load(tx: &mut Tx<'_>, id: &PrintJobId) -> Result<Option<PrintJob>> {
    tx.query_first(&format!("select {COLUMNS} from print_job where id = ?1"), &values![id.as_str()], read)
}

/// The last job of a subject.
pub fn last(tx: &mut Tx<'_>, subject: &str) -> Result<Option<PrintJob>> {
    let sql = format!("select {COLUMNS} from print_job where subject = ?1 order by nth desc limit 1");
    tx.query_first(&sql, &values![subject], read)
}

/// The job's sealed document, unless it is gone.
pub fn load_body(tx: &mut Tx<'_>, id: &PrintJobId) -> Result<Option<String>> {
    let sql = "select body_sealed from print_job where id = ?1";
    Ok(tx.query_first(sql, &values![id.as_str()], |row| row.opt_text(0))?.flatten())
}

/// The open jobs of a device, in the order in which they are printed.
pub fn list_open(tx: &mut Tx<'_>, device: &DeviceId, limit: i64) -> Result<Vec<PrintJob>> {
    let sql = format!(
        "select {COLUMNS} from print_job where device_id = ?1 and state in ('queued', 'waiting', 'sending') \
         order by id limit ?2"
    );
    tx.query(&sql, &values![device.as_str(), limit], read)
}

/// The newest jobs of a device.
pub fn list_recent(tx: &mut Tx<'_>, device: &DeviceId, limit: i64) -> Result<Vec<PrintJob>> {
    let sql = format!("select {COLUMNS} from print_job where device_id = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![device.as_str(), limit], read)
}

/// Moves a job from a state that it must still be in; false where it is in another one.
pub fn advance(tx: &mut Tx<'_>, job: &PrintJob, from: PrintJobState) -> Result<bool> {
    // What came to its end needs no document: a copy brings its own.
    let keeps = job.state.is_open();
    let moved = tx.execute(
        "update print_job set state = ?3, trouble = ?4, detail = ?5, tries = ?6, state_at = ?7, near_end = ?8, \
         body_sealed = case when cast(?9 as bigint) = 1 then body_sealed end where id = ?1 and state = ?2",
        &values![
            job.id.as_str(),
            from.as_str(),
            job.state.as_str(),
            job.trouble.map(PrinterTrouble::as_str),
            job.detail.as_deref(),
            job.tries,
            job.state_at,
            i64::from(job.near_end),
            i64::from(keeps)
        ],
    )?;
    Ok(moved == 1)
}

/// Deletes jobs older than `before`, the oldest first, and says of which subject each was and where it stood.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<Vec<(String, PrintJobState)>> {
    let sql = "select id, subject, state from print_job where created_at < ?1 order by created_at limit ?2";
    let old = tx.query(sql, &values![before, limit], |row| {
        Ok((row.text(0)?, row.text(1)?, row.word(2, PrintJobState::parse)?))
    })?;
    let mut gone = Vec::new();
    for (id, subject, state) in old {
        // Another process may sweep at the same time: who deletes the row counts it.
        if tx.execute("delete from print_job where id = ?1", &values![id.as_str()])? == 1 {
            gone.push((subject, state));
        }
    }
    Ok(gone)
}

/// Takes out documents of jobs older than `before`, the oldest first; the rows stay for now.
pub fn purge_bodies(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<()> {
    tx.execute(
        "update print_job set body_sealed = null where id in (select id from print_job \
         where body_sealed is not null and created_at < ?1 order by created_at limit ?2)",
        &values![before, limit],
    )
    .map(|_| ())
}
