//! The outbox: work that is due, committed with the change that makes it due. Claimed by state and time,
//! never by position; of one topic and subject the lowest row goes first.
//!
//! A claim moves `available_at` ahead by the lease and raises `epoch`; only the holder of the epoch may
//! finish the row. When the holder dies, the row becomes due again by itself.

use crate::db::{Engine, Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::id::{Ids, WorkId};
use domain::states;
use domain::time::{SECOND_MS, UnixMs};

/// How long a claim lasts. Longer than all calls to a foreign system that one piece of work makes may take together.
pub const LEASE_MS: i64 = 90 * SECOND_MS;

states! {
    /// What there is to do.
    Topic {
        /// Call a provider; the subject is an operation.
        Operation = "operation",
        /// Ask a provider how an attempt stands.
        PollAttempt = "poll_attempt",
        /// Ask a provider how a refund stands.
        PollRefund = "poll_refund",
        /// Ask the host network to give a credit, or what became of it; the subject is its operation.
        NetworkCredit = "network_credit",
        /// Fetch what a stored webhook points at; the subject is an inbox row.
        Webhook = "webhook",
        /// A top-up changed: tell people; the detail is the new state.
        TopUpChanged = "top_up_changed",
        /// An answer about a top-up was owed some time ago: tell people if it still is.
        Late = "late",
        /// Send a message.
        Message = "message",
        /// Tell a customer that staff answered; the subject is a case, the detail the place of the answer.
        SupportAnswer = "support_answer",
        /// A delivery receipt that came before its message was written down; the detail is the state.
        Receipt = "receipt",
        /// Send a security code; the subject is the code's row.
        SecurityCode = "security_code",
        /// Tell a subscriber about the safety of the account.
        SecurityNotice = "security_notice",
        /// Write down a campaign's messages for the next readers; the subject is the campaign.
        Campaign = "campaign",
        /// Send a campaign's message to one reader.
        CampaignMessage = "campaign_message",
        /// Warn an agent that an outlet's float is low; the subject is the outlet, the detail the mail's id.
        FloatLow = "float_low",
        /// A counter was refused by a cap that holds across counters: people look. The subject is the outlet.
        CapReached = "cap_reached",
        /// Tell somebody who wrote STOP that it is so; the subject is the contact.
        StopReply = "stop_reply",
        /// Print what is next at a device's printer; the subject is the device, the detail the job. One printer's jobs
        /// go one by one.
        Print = "print",
        /// Ask a market's fiscal device for a signature; the subject is the top-up, the detail the signature. The one of
        /// a sale comes before the one of its reversal.
        Fiscal = "fiscal",
    }
}

/// A claimed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub id: WorkId,
    pub topic: Topic,
    pub subject: String,
    pub detail: Option<String>,
    /// How many times it was tried, this one included.
    pub attempts: i64,
    /// How many times in a row a fault of ours kept it from being tried.
    pub faults: i64,
    pub epoch: i64,
}

/// New work: due at `available_at`.
#[derive(Debug, Clone)]
pub struct NewWork {
    pub topic: Topic,
    pub subject: String,
    pub detail: Option<String>,
    pub available_at: UnixMs,
}

impl NewWork {
    pub fn due(topic: Topic, subject: impl Into<String>, available_at: UnixMs) -> NewWork {
        NewWork { topic, subject: subject.into(), detail: None, available_at }
    }
}

pub fn push(tx: &mut Tx<'_>, work: NewWork, ids: &dyn Ids, now: UnixMs) -> Result<()> {
    push_all(tx, &[work], ids, now)
}

pub fn push_all(tx: &mut Tx<'_>, work: &[NewWork], ids: &dyn Ids, now: UnixMs) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = work
        .iter()
        .map(|w| {
            values![
                WorkId::new(ids, now).to_string(),
                w.topic.as_str(),
                &w.subject,
                w.detail.as_deref(),
                w.available_at
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into outbox (id, topic, subject, detail, state, available_at, attempts, faults, epoch) \
         values (?1, ?2, ?3, ?4, 'open', ?5, 0, 0, 0)",
        &rows,
    )?;
    Ok(())
}

/// Pushes a row that the caller itself runs now: it is born claimed.
pub fn push_claimed(
    tx: &mut Tx<'_>,
    topic: Topic,
    subject: &str,
    ids: &dyn Ids,
    now: UnixMs,
) -> Result<Work> {
    let id = WorkId::new(ids, now);
    tx.execute_one(
        "insert into outbox (id, topic, subject, state, available_at, attempts, faults, epoch) \
         values (?1, ?2, ?3, 'open', ?4, 1, 0, 1)",
        &values![id.as_str(), topic.as_str(), subject, now.plus_ms(LEASE_MS)],
    )?;
    Ok(Work { id, topic, subject: subject.to_owned(), detail: None, attempts: 1, faults: 0, epoch: 1 })
}

/// Which work somebody looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    All,
    Messages,
    /// Messages that nobody waits for.
    Marketing,
    /// Everything that is no message.
    ButMessages,
    /// Credits that the host network gives.
    Network,
    /// Slips for printers.
    Paper,
    /// Signatures of fiscal devices.
    Fiscal,
    /// Everything else that is no message.
    Money,
}

impl Lane {
    fn topics(self) -> &'static str {
        match self {
            Lane::All => "",
            Lane::Messages => {
                " and o.topic in ('message', 'support_answer', 'security_code', 'security_notice', 'stop_reply', 'float_low')"
            }
            Lane::Marketing => " and o.topic = 'campaign_message'",
            Lane::ButMessages => {
                " and o.topic not in ('message', 'support_answer', 'security_code', 'security_notice', \
                 'stop_reply', 'float_low', 'campaign_message')"
            }
            Lane::Network => " and o.topic = 'network_credit'",
            Lane::Paper => " and o.topic = 'print'",
            Lane::Fiscal => " and o.topic = 'fiscal'",
            Lane::Money => {
                " and o.topic not in ('message', 'support_answer', 'security_code', 'security_notice', \
                 'stop_reply', 'float_low', 'campaign_message', 'network_credit', 'print', \
                 'fiscal')"
            }
        }
    }
}

fn due(lane: Lane) -> String {
    format!(
        "select o.id from outbox o where o.state = 'open' and o.available_at <= ?1{} and not exists \
         (select 1 from outbox e where e.state = 'open' and e.topic = o.topic and e.subject = o.subject and e.id < o.id) \
         order by o.available_at limit ?2",
        lane.topics()
    )
}

fn read(row: &Row<'_>) -> Result<Work> {
    Ok(Work {
        id: WorkId::stored(row.text(0)?),
        topic: row.word(1, Topic::parse)?,
        subject: row.text(2)?,
        detail: row.opt_text(3)?,
        attempts: row.int(4)?,
        faults: row.int(5)?,
        epoch: row.int(6)?,
    })
}

/// Claims at most `limit` rows that are due.
pub fn claim(tx: &mut Tx<'_>, now: UnixMs, limit: i64, lane: Lane) -> Result<Vec<Work>> {
    let due = due(lane);
    let lock = match tx.engine {
        Engine::Sqlite(_) => "",
        Engine::Postgres(_) => " for update skip locked",
    };
    let sql = format!(
        "update outbox set available_at = ?3, attempts = attempts + 1, epoch = epoch + 1, last_error = null where id in ({due}{lock}) \
         returning id, topic, subject, detail, attempts, faults, epoch"
    );
    let mut claimed = tx.query(&sql, &values![now, limit, now.plus_ms(LEASE_MS)], read)?;
    claimed.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(claimed)
}

/// Claims the open row of one topic and subject although it is not due yet, unless somebody holds it. A row
/// that waits for its next try is not held; one whose lease runs is. Asking early is no step on the ladder.
pub fn claim_now(tx: &mut Tx<'_>, topic: Topic, subject: &str, now: UnixMs) -> Result<Option<Work>> {
    tx.query_first(
        "update outbox set available_at = ?4, epoch = epoch + 1, last_error = null \
         where topic = ?1 and subject = ?2 and state = 'open' and (available_at <= ?3 or last_error is not null) \
         returning id, topic, subject, detail, attempts, faults, epoch",
        &values![topic.as_str(), subject, now, now.plus_ms(LEASE_MS)],
        read,
    )
}

/// Makes every claimed row due again.
pub fn reclaim(tx: &mut Tx<'_>, now: UnixMs) -> Result<()> {
    tx.execute(
        "update outbox set available_at = ?1 where state = 'open' and available_at > ?1 and attempts > 0 \
         and last_error is null",
        &values![now],
    )
    .map(|_| ())
}

/// Is anything due? A cheap look before a claim.
pub fn is_due(tx: &mut Tx<'_>, now: UnixMs, lane: Lane) -> Result<bool> {
    let topics = lane.topics();
    let sql =
        format!("select 1 from outbox o where o.state = 'open' and o.available_at <= ?1{topics} limit 1");
    Ok(tx.query_first(&sql, &values![now], |_| Ok(()))?.is_some())
}

/// The work is done. Says whether the row was still ours.
pub fn finish(tx: &mut Tx<'_>, work: &Work) -> Result<bool> {
    Ok(tx
        .execute("delete from outbox where id = ?1 and epoch = ?2", &values![work.id.as_str(), work.epoch])?
        == 1)
}

/// The work is due again at `at`.
pub fn retry(tx: &mut Tx<'_>, work: &Work, at: UnixMs, error: &str) -> Result<()> {
    tx.execute(
        "update outbox set available_at = ?3, last_error = ?4, faults = 0 where id = ?1 and epoch = ?2",
        &values![work.id.as_str(), work.epoch, at, error],
    )
    .map(|_| ())
}

/// A fault of ours kept the work from being tried: it is due again at `at`, and the try does not count.
pub fn postpone(tx: &mut Tx<'_>, work: &Work, at: UnixMs, error: &str) -> Result<()> {
    tx.execute(
        "update outbox set available_at = ?3, last_error = ?4, faults = faults + 1, attempts = ?5 \
         where id = ?1 and epoch = ?2",
        &values![work.id.as_str(), work.epoch, at, error, work.attempts - 1],
    )
    .map(|_| ())
}

/// The work is given up; the row stays for people.
pub fn bury(tx: &mut Tx<'_>, work: &Work, error: &str) -> Result<()> {
    tx.execute(
        "update outbox set state = 'dead', last_error = ?3 where id = ?1 and epoch = ?2",
        &values![work.id.as_str(), work.epoch, error],
    )
    .map(|_| ())
}

/// How many rows are open, and how many are dead.
pub fn count(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    let of = "select coalesce(sum(case when state = 'open' then 1 else 0 end), 0), \
              coalesce(sum(case when state = 'dead' then 1 else 0 end), 0) from outbox";
    Ok(tx.query_first(of, &[], |row| Ok((row.int(0)?, row.int(1)?)))?.unwrap_or((0, 0)))
}

/// Is there open work of this topic and subject?
pub fn has_open(tx: &mut Tx<'_>, topic: Topic, subject: &str) -> Result<bool> {
    let sql = "select 1 from outbox where topic = ?1 and subject = ?2 and state = 'open' limit 1";
    Ok(tx.query_first(sql, &values![topic.as_str(), subject], |_| Ok(()))?.is_some())
}

/// Leaves a row for people: something that no work of ours will mend.
pub fn report(
    tx: &mut Tx<'_>,
    topic: Topic,
    subject: &str,
    what: &str,
    ids: &dyn Ids,
    now: UnixMs,
) -> Result<()> {
    tx.execute_one(
        "insert into outbox (id, topic, subject, state, available_at, attempts, faults, epoch, last_error) \
         values (?1, ?2, ?3, 'dead', ?4, 0, 0, 0, ?5)",
        &values![WorkId::new(ids, now).to_string(), topic.as_str(), subject, now, what],
    )
}

/// Takes the waiting row of one topic and subject out, whoever may hold it, and returns its detail.
pub fn take(tx: &mut Tx<'_>, topic: Topic, subject: &str) -> Result<Option<String>> {
    let taken = tx.query_first(
        "delete from outbox where topic = ?1 and subject = ?2 and state = 'open' returning detail",
        &values![topic.as_str(), subject],
        |row| row.opt_text(0),
    )?;
    Ok(taken.flatten())
}

/// Opens a row again that was given up: it is due at once and its ladder begins anew. Says whether it was still dead.
/// A report is no work and stays.
pub fn reopen(tx: &mut Tx<'_>, id: &WorkId, now: UnixMs) -> Result<bool> {
    let opened = tx.execute(
        "update outbox set state = 'open', available_at = ?2, attempts = 0, faults = 0, epoch = epoch + 1, \
         last_error = 'reopened' where id = ?1 and state = 'dead' and attempts > 0",
        &values![id.as_str(), now],
    )?;
    Ok(opened == 1)
}

/// The newest row of a topic and subject that was given up after tries.
pub fn find_dead(tx: &mut Tx<'_>, topic: Topic, subject: &str) -> Result<Option<WorkId>> {
    tx.query_first(
        "select id from outbox where topic = ?1 and subject = ?2 and state = 'dead' and attempts > 0 \
         order by id desc limit 1",
        &values![topic.as_str(), subject],
        |row| Ok(WorkId::stored(row.text(0)?)),
    )
}

/// Where a row stands; `None` when it is done.
pub fn state(tx: &mut Tx<'_>, id: &WorkId) -> Result<Option<String>> {
    tx.query_first("select state from outbox where id = ?1", &values![id.as_str()], |row| row.text(0))
}
