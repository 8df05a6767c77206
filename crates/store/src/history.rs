//! Everything that is written down about one order, read in one snapshot, for people who must find out what became
//! of a payment. Start reading at [`of_order`]. Bodies, addresses and numbers are not read.

use crate::attempt::{self, Attempt};
use crate::audit;
use crate::db::Tx;
use crate::inbox;
use crate::ledger;
use crate::line;
use crate::network_credit::{self, NetworkCredit};
use crate::outbox::Topic;
use crate::payment::{self, Payment};
use crate::refund::{self, Refund};
use crate::refund_request::{self, RefundRequest};
use crate::risk::{self, RiskEvent};
use crate::support_case::{self, CaseMessage, SupportCase};
use crate::trace::{self, Trace};
use crate::values;
use anyhow::Result;
use domain::audit::SubjectKind;
use domain::id::{AttemptId, OperationId, PaymentId, RefundId, TopUpId, WorkId};
use domain::line::Line;
use domain::notice::{MessageState, NoticeChannel, NoticeKind};
use domain::payment::{AttemptState, Finding, OperationKind, OperationState};
use domain::risk::RiskKind;
use domain::time::UnixMs;
use domain::top_up::{TopUp, TopUpState};

/// More of one kind than this is not shown.
const MOST: i64 = 200;

/// What is known of one order.
#[derive(Debug, Clone)]
pub struct History {
    pub top_up: TopUp,
    pub line: Line,
    pub changes: Vec<Change>,
    pub payment: Option<Payment>,
    pub attempts: Vec<Attempt>,
    pub calls: Vec<Call>,
    pub news: Vec<News>,
    pub refunds: Vec<Refund>,
    /// What the host network was asked for.
    pub network: Option<NetworkCredit>,
    pub postings: Vec<ledger::Posted>,
    pub messages: Vec<Told>,
    pub received: Vec<inbox::Received>,
    /// Work that waits or was given up.
    pub work: Vec<Waiting>,
    pub audit: Vec<audit::Recorded>,
    /// What happened to calls, refunds, messages and the credit at the network besides what their rows keep.
    pub traces: Vec<Trace>,
    /// What was noticed about it that looks like abuse.
    pub noticed: Vec<RiskEvent>,
    /// Refunds that people asked for.
    pub requests: Vec<RefundRequest>,
    /// Questions about the order, with what was written; the texts stay sealed.
    pub cases: Vec<(SupportCase, Vec<CaseMessage>)>,
}

/// A change of the order's state.
#[derive(Debug, Clone)]
pub struct Change {
    pub state: TopUpState,
    pub at: UnixMs,
    pub actor: String,
}

/// A call to a provider.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: OperationId,
    pub kind: OperationKind,
    /// The attempt or refund that it serves.
    pub subject: String,
    pub state: OperationState,
    pub created_at: UnixMs,
    pub first_sent_at: Option<UnixMs>,
    pub answered_at: Option<UnixMs>,
    pub detail: Option<String>,
}

/// What was found out about an attempt.
#[derive(Debug, Clone)]
pub struct News {
    pub attempt: AttemptId,
    /// `answer`, `webhook`, `poll` or `look`.
    pub source: String,
    pub finding: Option<Finding>,
    pub from: AttemptState,
    pub to: AttemptState,
    pub at: UnixMs,
}

/// A message to the customer.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    pub channel: NoticeChannel,
    pub kind: NoticeKind,
    pub state: MessageState,
    pub tries: i64,
    pub created_at: UnixMs,
    pub sent_at: Option<UnixMs>,
    pub delivered_at: Option<UnixMs>,
    pub error: Option<String>,
}

/// Work in the outbox.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: WorkId,
    pub topic: Topic,
    pub subject: String,
    /// Was it given up?
    pub dead: bool,
    pub next_at: UnixMs,
    pub tries: i64,
    pub error: Option<String>,
}

/// Reads all of it.
pub fn of_order(tx: &mut Tx<'_>, top_up: TopUp) -> Result<History> {
    let line = line::load(tx, &top_up.line)?;
    let payment = payment::find_by_top_up(tx, &top_up.id)?;
    let attempts = match &payment {
        Some(payment) => attempt::list(tx, &payment.id)?,
        None => Vec::new(),
    };
    let news = match &payment {
        Some(payment) => news(tx, &payment.id)?,
        None => Vec::new(),
    };
    let refunds = refund::list(tx, &top_up.id)?;
    let messages = messages(tx, &top_up.id)?;
    let served: Vec<&str> = attempts
        .iter()
        .map(|attempt| attempt.id.as_str())
        .chain(refunds.iter().map(|refund| refund.id.as_str()))
        .collect();
    let calls = calls(tx, &served)?;
    let mut about = served.clone();
    about.push(top_up.id.as_str());
    let postings = ledger::postings_about(tx, &about)?;
    let received = inbox::list_naming(tx, &names(&attempts, &refunds))?;
    let network = network_credit::find_by_top_up(tx, &top_up.id)?;
    let mut subjects = about.clone();
    subjects.extend(network.iter().map(|credit| credit.operation.as_str()));
    subjects.extend(calls.iter().map(|call| call.id.as_str()));
    subjects.extend(messages.iter().map(|message| message.id.as_str()));
    subjects.extend(received.iter().map(|message| message.id.as_str()));
    let work = work(tx, &subjects)?;
    let traces = trace::list(tx, &subjects)?;
    let noticed = risk::list_events(tx, &top_up.id)?;
    let requests = refund_request::list_by_top_up(tx, &top_up.id, MOST)?;
    let cases = cases(tx, &top_up.id)?;
    let mut audit = audit::of_subject(tx, SubjectKind::TopUp, top_up.id.as_str(), MOST)?;
    for refund in &refunds {
        audit.extend(audit::of_subject(tx, SubjectKind::Refund, refund.id.as_str(), MOST)?);
    }
    for (case, _) in &cases {
        audit.extend(audit::of_subject(tx, SubjectKind::Case, case.id.as_str(), MOST)?);
    }
    let changes = changes(tx, &top_up.id)?;
    let (attempts, refunds) = (attempts.clone(), refunds.clone());
    Ok(History {
        top_up,
        line,
        changes,
        payment,
        attempts,
        calls,
        news,
        refunds,
        network,
        postings,
        messages,
        received,
        work,
        audit,
        traces,
        noticed,
        requests,
        cases,
    })
}

/// So many questions about one order are shown.
const CASES: i64 = 20;

fn cases(tx: &mut Tx<'_>, id: &TopUpId) -> Result<Vec<(SupportCase, Vec<CaseMessage>)>> {
    let mut all = Vec::new();
    for case in support_case::list_by_top_up(tx, id, CASES)? {
        let said = support_case::list_messages(tx, &case.id, MOST)?;
        all.push((case, said));
    }
    Ok(all)
}

/// The names by which a webhook can point at something of the order.
fn names<'a>(attempts: &'a [Attempt], refunds: &'a [Refund]) -> Vec<&'a str> {
    let of_attempts = attempts
        .iter()
        .flat_map(|a| [Some(a.id.as_str()), a.page_ref.as_deref(), a.money_ref.as_deref()])
        .flatten();
    let of_refunds = refunds.iter().flat_map(|r| [Some(r.id.as_str()), r.refund_ref.as_deref()]).flatten();
    of_attempts.chain(of_refunds).collect()
}

fn changes(tx: &mut Tx<'_>, id: &TopUpId) -> Result<Vec<Change>> {
    let sql = "select state, at, actor from top_up_event where top_up_id = ?1 order by version limit ?2";
    tx.query(sql, &values![id.as_str(), MOST], |row| {
        let state = row.word(0, TopUpState::parse)?;
        Ok(Change { state, at: UnixMs(row.int(1)?), actor: row.text(2)? })
    })
}

fn news(tx: &mut Tx<'_>, id: &PaymentId) -> Result<Vec<News>> {
    tx.query(
        "select attempt_id, source, finding, from_state, to_state, at from payment_event where payment_id = ?1 \
         order by id limit ?2",
        &values![id.as_str(), MOST],
        |row| {
            Ok(News {
                attempt: AttemptId::stored(row.text(0)?),
                source: row.text(1)?,
                finding: serde_json::from_str(&row.text(2)?).ok(),
                from: row.word(3, AttemptState::parse)?,
                to: row.word(4, AttemptState::parse)?,
                at: UnixMs(row.int(5)?),
            })
        },
    )
}

fn calls(tx: &mut Tx<'_>, subjects: &[&str]) -> Result<Vec<Call>> {
    let sql = "select id, kind, subject, state, created_at, first_sent_at, answered_at, detail from operation \
               where subject = ?1";
    let mut calls = tx.query_each(sql, subjects, |row| {
        Ok(Call {
            id: OperationId::stored(row.text(0)?),
            kind: row.word(1, OperationKind::parse)?,
            subject: row.text(2)?,
            state: row.word(3, OperationState::parse)?,
            created_at: UnixMs(row.int(4)?),
            first_sent_at: row.opt_int(5)?.map(UnixMs),
            answered_at: row.opt_int(6)?.map(UnixMs),
            detail: row.opt_text(7)?.filter(|detail| !detail.is_empty()),
        })
    })?;
    calls.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(calls)
}

fn messages(tx: &mut Tx<'_>, id: &TopUpId) -> Result<Vec<Told>> {
    tx.query(
        "select id, channel, kind, state, attempts, created_at, sent_at, delivered_at, last_error from message \
         where top_up_id = ?1 order by id limit ?2",
        &values![id.as_str(), MOST],
        |row| {
            Ok(Told {
                id: row.text(0)?,
                channel: row.word(1, NoticeChannel::parse)?,
                kind: row.word(2, NoticeKind::parse)?,
                state: row.word(3, MessageState::parse)?,
                tries: row.int(4)?,
                created_at: UnixMs(row.int(5)?),
                sent_at: row.opt_int(6)?.map(UnixMs),
                delivered_at: row.opt_int(7)?.map(UnixMs),
                error: row.opt_text(8)?,
            })
        },
    )
}

/// Which work can be about which subject, by the beginning of its id. What has none of these is in the inbox.
fn topics(subject: &str) -> &'static [Topic] {
    match subject.split_once('_').map(|(prefix, _)| prefix) {
        Some("op") => &[Topic::Operation, Topic::NetworkCredit],
        Some("att") => &[Topic::PollAttempt],
        Some("rf") => &[Topic::PollRefund],
        Some("tu") => &[Topic::TopUpChanged, Topic::Late],
        Some("msg") => &[Topic::Message],
        _ => &[Topic::Webhook],
    }
}

fn work(tx: &mut Tx<'_>, subjects: &[&str]) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for subject in subjects {
        for topic in topics(subject) {
            for state in ["open", "dead"] {
                // The state stands in the text, so that its partial index serves.
                let sql = format!(
                    "select id, available_at, attempts, last_error from outbox where topic = ?1 and subject = ?2 \
                     and state = '{state}' limit 10"
                );
                found.extend(tx.query(&sql, &values![topic.as_str(), *subject], |row| {
                    Ok(Waiting {
                        id: WorkId::stored(row.text(0)?),
                        topic: *topic,
                        subject: (*subject).to_owned(),
                        dead: state == "dead",
                        next_at: UnixMs(row.int(1)?),
                        tries: row.int(2)?,
                        error: row.opt_text(3)?,
                    })
                })?);
            }
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

impl History {
    /// Was it paid and kept back, and not let through since?
    pub fn is_held(&self) -> bool {
        let has = |what: fn(RiskKind) -> bool| self.noticed.iter().any(|event| what(event.kind));
        has(RiskKind::holds) && !has(|kind| kind == RiskKind::Released)
    }

    /// The refund of an id.
    pub fn refund(&self, id: &RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == *id)
    }

    /// The traces of a subject, oldest first.
    pub fn traces_of<'a>(&'a self, subject: &'a str) -> impl Iterator<Item = &'a Trace> {
        self.traces.iter().filter(move |trace| trace.subject == subject)
    }

    /// The work about a subject that is still tried.
    pub fn open_work(&self, subject: &str) -> Option<&Waiting> {
        self.work.iter().find(|work| work.subject == subject && !work.dead)
    }

    /// Work that was given up.
    pub fn dead_work(&self) -> impl Iterator<Item = &Waiting> {
        self.work.iter().filter(|work| work.dead)
    }
}
