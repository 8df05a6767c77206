//! What is stuck, found by indexes: orders beyond their answer time, money that contradicts its order, refunds and
//! calls without an answer, and work that was given up. Nothing is judged here; `flows::care::stuck` does that.

use crate::db::{Row, Tx};
use crate::outbox::Topic;
use crate::values;
use anyhow::Result;
use domain::id::{AttemptId, OperationId, RefundId, StaffId, TopUpId, WorkId};
use domain::money::Money;
use domain::payment::OperationKind;
use domain::refund::RefundState;
use domain::time::UnixMs;
use domain::top_up::TopUpState;

/// An order whose answer is owed since some time, or that people look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateOrder {
    pub id: TopUpId,
    pub code: String,
    pub state: TopUpState,
    pub total: Money,
    pub state_at: UnixMs,
    pub answer_by_at: UnixMs,
    /// Did another amount come than was asked for?
    pub contradicted: bool,
    /// Where its newest refund is.
    pub refund: Option<RefundState>,
    /// Was the host network asked?
    pub network: bool,
    /// Was it paid and kept back because it looks like abuse?
    pub held: bool,
}

const LATE: &str = "select t.id, t.code, t.state, t.total_minor, t.currency, t.state_at, t.answer_by_at, \
     (select count(*) from payment p join attempt a on a.payment_id = p.id where p.order_id = t.id \
     and a.state = 'review'), \
     (select r.state from refund r where r.top_up_id = t.id order by r.id desc limit 1), \
     (select count(*) from top_up_event e where e.top_up_id = t.id and e.state = 'pending_network'), \
     (select count(*) from risk_event k where k.top_up_id = t.id and k.kind in ('over_cap', 'testing', 'structuring') \
     and not exists (select 1 from risk_event l where l.top_up_id = t.id and l.kind = 'released')) \
     from top_up t";

fn read_late(row: &Row<'_>) -> Result<LateOrder> {
    Ok(LateOrder {
        id: TopUpId::stored(row.text(0)?),
        code: row.text(1)?,
        state: row.word(2, TopUpState::parse)?,
        total: Money::new(row.int(3)?, row.text(4)?.parse()?),
        state_at: UnixMs(row.int(5)?),
        answer_by_at: UnixMs(row.int(6)?),
        contradicted: row.int(7)? > 0,
        refund: row.opt_text(8)?.as_deref().and_then(RefundState::parse),
        network: row.int(9)? > 0,
        held: row.int(10)? > 0,
    })
}

/// Orders whose answer was owed by `now`, and all in review, the most urgent first.
pub fn late_orders(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> Result<Vec<LateOrder>> {
    let sql = format!(
        "{LATE} where t.answer_by_at is not null and (t.answer_by_at <= ?1 or t.state = 'review') \
         order by t.answer_by_at limit ?2"
    );
    tx.query(&sql, &values![now, limit], read_late)
}

/// One order whose answer is owed, late or not.
pub fn find_order(tx: &mut Tx<'_>, id: &TopUpId) -> Result<Option<LateOrder>> {
    let sql = format!("{LATE} where t.id = ?1 and t.answer_by_at is not null");
    tx.query_first(&sql, &values![id.as_str()], read_late)
}

/// Captured money that contradicts its order and that nothing gives back yet, though nobody looks at the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    pub attempt: AttemptId,
    pub top_up: TopUpId,
    pub code: String,
    pub amount: Money,
    pub at: UnixMs,
}

pub fn contradictions(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Contradiction>> {
    tx.query(
        "select a.id, t.id, t.code, a.captured_minor, a.captured_currency, a.state_at from attempt a \
         join payment p on p.id = a.payment_id join top_up t on t.id = p.order_id \
         where a.state = 'review' and a.captured_minor is not null and t.state <> 'review' and not exists \
         (select 1 from refund r where r.attempt_id = a.id and r.state <> 'failed') order by a.state_at limit ?1",
        &values![limit],
        |row| {
            Ok(Contradiction {
                attempt: AttemptId::stored(row.text(0)?),
                top_up: TopUpId::stored(row.text(1)?),
                code: row.text(2)?,
                amount: Money::new(row.int(3)?, row.text(4)?.parse()?),
                at: UnixMs(row.int(5)?),
            })
        },
    )
}

/// A refund that waits for the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRefund {
    pub id: RefundId,
    pub code: String,
    pub state: RefundState,
    pub amount: Money,
    pub created_at: UnixMs,
}

/// Refunds made before `before` of which the provider has not said what became, oldest first.
pub fn open_refunds(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<Vec<OpenRefund>> {
    tx.query(
        "select r.id, t.code, r.state, r.amount_minor, r.currency, r.created_at from refund r \
         join top_up t on t.id = r.top_up_id \
         where r.state in ('requested', 'pending', 'unknown') and r.created_at < ?1 order by r.created_at limit ?2",
        &values![before, limit],
        |row| {
            Ok(OpenRefund {
                id: RefundId::stored(row.text(0)?),
                code: row.text(1)?,
                state: row.word(2, RefundState::parse)?,
                amount: Money::new(row.int(3)?, row.text(4)?.parse()?),
                created_at: UnixMs(row.int(5)?),
            })
        },
    )
}

/// A call whose outcome is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCall {
    pub id: OperationId,
    pub kind: OperationKind,
    /// The attempt or the refund that it is about.
    pub subject: String,
    pub code: Option<String>,
    pub created_at: UnixMs,
}

/// Calls made before `before` that were sent and not answered, oldest first.
pub fn unknown_calls(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<Vec<UnknownCall>> {
    tx.query(
        "select o.id, o.kind, o.subject, o.created_at, t.code from operation o \
         left join attempt a on a.id = o.subject left join payment p on p.id = a.payment_id \
         left join refund r on r.id = o.subject left join top_up t on t.id = coalesce(p.order_id, r.top_up_id) \
         where o.state = 'unknown' and o.created_at < ?1 order by o.created_at limit ?2",
        &values![before, limit],
        |row| {
            Ok(UnknownCall {
                id: OperationId::stored(row.text(0)?),
                kind: row.word(1, OperationKind::parse)?,
                subject: row.text(2)?,
                created_at: UnixMs(row.int(3)?),
                code: row.opt_text(4)?,
            })
        },
    )
}

/// A row of the outbox that was given up, or a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    pub id: WorkId,
    pub topic: Topic,
    pub subject: String,
    /// Was it tried? A report never was.
    pub attempts: i64,
    pub since: UnixMs,
    pub last_error: String,
}

const GIVEN_UP: &str = "id, topic, subject, attempts, available_at, last_error";

fn read_given_up(row: &Row<'_>) -> Result<GivenUp> {
    Ok(GivenUp {
        id: WorkId::stored(row.text(0)?),
        topic: row.word(1, Topic::parse)?,
        subject: row.text(2)?,
        attempts: row.int(3)?,
        since: UnixMs(row.int(4)?),
        last_error: row.opt_text(5)?.unwrap_or_default(),
    })
}

/// Given-up work and reports that nobody has seen to.
pub fn given_up(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<GivenUp>> {
    let sql = format!(
        "select {GIVEN_UP} from outbox o where o.state = 'dead' and not exists \
         (select 1 from seen_to s where s.work_id = o.id) order by topic, subject limit ?1"
    );
    tx.query(&sql, &values![limit], read_given_up)
}

/// One of them, as long as it is dead.
pub fn find_given_up(tx: &mut Tx<'_>, id: &WorkId) -> Result<Option<GivenUp>> {
    let sql = format!("select {GIVEN_UP} from outbox where id = ?1 and state = 'dead'");
    tx.query_first(&sql, &values![id.as_str()], read_given_up)
}

/// The order that a row of the outbox is about, where it is about one.
pub fn order_of(tx: &mut Tx<'_>, subject: &str) -> Result<Option<String>> {
    let kind = subject.split('_').next().unwrap_or_default();
    let sql = match kind {
        "tu" => "select code from top_up where id = ?1",
        "att" => {
            "select t.code from attempt a join payment p on p.id = a.payment_id \
             join top_up t on t.id = p.order_id where a.id = ?1"
        }
        "rf" => "select t.code from refund r join top_up t on t.id = r.top_up_id where r.id = ?1",
        "msg" => "select t.code from message m join top_up t on t.id = m.top_up_id where m.id = ?1",
        "op" => {
            "select t.code from operation o left join attempt a on a.id = o.subject \
             left join payment p on p.id = a.payment_id left join refund r on r.id = o.subject \
             join top_up t on t.id = coalesce(p.order_id, r.top_up_id) where o.id = ?1"
        }
        _ => return Ok(None),
    };
    let found = tx.query_first(sql, &values![subject], |row| row.text(0))?;
    if found.is_some() || kind != "op" {
        return Ok(found);
    }
    let at_the_network = "select t.code from network_credit n join top_up t on t.id = n.top_up_id \
                          where n.operation_id = ?1";
    tx.query_first(at_the_network, &values![subject], |row| row.text(0))
}

/// Somebody has seen to a row that was given up; says whether nobody had before.
pub fn see_to(tx: &mut Tx<'_>, id: &WorkId, staff: &StaffId, note: &str, now: UnixMs) -> Result<bool> {
    let new = tx.execute(
        "insert into seen_to (work_id, staff_id, note, at) values (?1, ?2, ?3, ?4) on conflict do nothing",
        &values![id.as_str(), staff.as_str(), note, now],
    )?;
    Ok(new == 1)
}

/// When work about something is done next by itself; `None` when nothing is due. `subject`: an order, or whatever
/// else work can be about.
pub fn next_try(tx: &mut Tx<'_>, subject: &str) -> Result<Option<UnixMs>> {
    let mut subjects = vec![subject.to_owned()];
    if subject.starts_with("tu_") {
        for sql in [
            "select a.id from payment p join attempt a on a.payment_id = p.id where p.order_id = ?1 limit ?2",
            "select id from refund where top_up_id = ?1 limit ?2",
            "select operation_id from network_credit where top_up_id = ?1 limit ?2",
        ] {
            subjects.extend(tx.query(sql, &values![subject, OF_ONE_ORDER], |row| row.text(0))?);
        }
    }
    let served = subjects.clone();
    for subject in &served {
        let sql = "select id from operation where subject = ?1 and state in ('prepared', 'unknown') limit ?2";
        subjects.extend(tx.query(sql, &values![subject, OF_ONE_ORDER], |row| row.text(0))?);
    }
    let mut next: Option<i64> = None;
    for subject in &subjects {
        for topic in [Topic::Operation, Topic::NetworkCredit, Topic::PollAttempt, Topic::PollRefund] {
            let sql =
                "select min(available_at) from outbox where topic = ?1 and subject = ?2 and state = 'open'";
            let due = tx.query_first(sql, &values![topic.as_str(), subject], |row| row.opt_int(0))?;
            next = next.into_iter().chain(due.flatten()).min();
        }
    }
    Ok(next.map(UnixMs))
}

/// So many attempts, refunds and calls of one order are looked at.
const OF_ONE_ORDER: i64 = 20;
