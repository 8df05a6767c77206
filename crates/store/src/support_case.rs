//! Support cases and their messages. What was written stands sealed; a case is found by its code.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{CaseId, MessageId, StaffId, SubscriberId, TopUpId};
use domain::locale::Locale;
use domain::support_case::{CaseAuthor, CaseCause, CaseNotice, CaseState};
use domain::time::UnixMs;

/// A case as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportCase {
    pub id: CaseId,
    pub code: String,
    pub top_up: Option<TopUpId>,
    pub subscriber: Option<SubscriberId>,
    pub cause: CaseCause,
    pub state: CaseState,
    /// The language in which its customer reads.
    pub locale: Locale,
    /// Where a guest wants to be told of the answer.
    pub contact_sealed: Option<String>,
    pub assigned_to: Option<StaffId>,
    /// Until when staff answers, while it is its turn.
    pub answer_by_at: Option<UnixMs>,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
    /// What the customer thinks of how it went: 1 to 5.
    pub rating: Option<i64>,
}

/// A message of a case as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseMessage {
    pub case: CaseId,
    /// Counts from 1.
    pub n: i64,
    pub author: CaseAuthor,
    pub staff: Option<StaffId>,
    pub body_sealed: String,
    pub at: UnixMs,
    pub notice: CaseNotice,
    /// The mail or text message that tells of it.
    pub notice_id: Option<MessageId>,
}

const COLUMNS: &str = "id, code, top_up_id, subscriber_id, cause, state, locale, contact_sealed, assigned_to, \
     answer_by_at, created_at, state_at, rating";

fn read(row: &Row<'_>) -> Result<SupportCase> {
    Ok(SupportCase {
        id: CaseId::stored(row.text(0)?),
        code: row.text(1)?,
        top_up: row.opt_text(2)?.map(TopUpId::stored),
        subscriber: row.opt_text(3)?.map(SubscriberId::stored),
        cause: row.word(4, CaseCause::parse)?,
        state: row.word(5, CaseState::parse)?,
        locale: row.word(6, Locale::parse)?,
        contact_sealed: row.opt_text(7)?,
        assigned_to: row.opt_text(8)?.map(StaffId::stored),
        answer_by_at: row.opt_int(9)?.map(UnixMs),
        created_at: UnixMs(row.int(10)?),
        state_at: UnixMs(row.int(11)?),
        rating: row.opt_int(12)?,
    })
}

/// Stores the case unless the form under this key opened one already; says whether it is new.
pub fn insert(tx: &mut Tx<'_>, c: &SupportCase, key: &str) -> Result<bool> {
    let new = tx.execute(
        "insert into support_case (id, code, key, top_up_id, subscriber_id, cause, state, locale, contact_sealed, \
         assigned_to, answer_by_at, created_at, state_at, rating) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
         ?11, ?12, ?13, ?14) on conflict (key) do nothing",
        &values![
            c.id.as_str(),
            &c.code,
            key,
            c.top_up.as_ref().map(TopUpId::as_str),
            c.subscriber.as_ref().map(SubscriberId::as_str),
            c.cause.as_str(),
            c.state.as_str(),
            c.locale.as_str(),
            c.contact_sealed.as_deref(),
            c.assigned_to.as_ref().map(StaffId::as_str),
            c.answer_by_at,
            c.created_at,
            c.state_at,
            c.rating
        ],
    )?;
    Ok(new == 1)
}

pub fn find_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<SupportCase>> {
    tx.query_first(&format!("select {COLUMNS} from support_case where key = ?1"), &values![key], read)
}

pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<SupportCase>> {
    tx.query_first(&format!("select {COLUMNS} from support_case where code = ?1"), &values![code], read)
}

pub fn find(tx: &mut Tx<'_>, id: &CaseId) -> Result<Option<SupportCase>> {
    tx.query_first(&format!("select {COLUMNS} from support_case where id = ?1"), &values![id.as_str()], read)
}

pub fn load(tx: &mut Tx<'_>, id: &CaseId) -> Result<SupportCase> {
    find(tx, id)?.with_context(|| format!("case {id} is missing"))
}

/// Loads a case and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, id: &CaseId) -> Result<SupportCase> {
    tx.execute_one("update support_case set state = state where id = ?1", &values![id.as_str()])?;
    load(tx, id)
}

/// The cases about an order, newest first.
pub fn list_by_top_up(tx: &mut Tx<'_>, top_up: &TopUpId, limit: i64) -> Result<Vec<SupportCase>> {
    let sql = format!("select {COLUMNS} from support_case where top_up_id = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![top_up.as_str(), limit], read)
}

/// The cases of a subscriber, newest first.
pub fn list_by_subscriber(tx: &mut Tx<'_>, of: &SubscriberId, limit: i64) -> Result<Vec<SupportCase>> {
    let sql =
        format!("select {COLUMNS} from support_case where subscriber_id = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![of.as_str(), limit], read)
}

/// Which cases staff looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Desk {
    /// Those whose answer is owed, the most urgent first.
    Open,
    /// The same, of which nobody takes care yet.
    Unassigned,
    /// Those of one person that are not closed, the one that changed last first.
    Of(StaffId),
    /// Those in a state, the one that changed last first.
    In(CaseState),
}

/// A page of cases.
pub fn list(tx: &mut Tx<'_>, desk: &Desk, limit: i64) -> Result<Vec<SupportCase>> {
    let (condition, value) = match desk {
        Desk::Open => ("state = 'open' and cast(?1 as text) is null order by answer_by_at, id", None),
        Desk::Unassigned => (
            "state = 'open' and assigned_to is null and cast(?1 as text) is null order by answer_by_at, id",
            None,
        ),
        Desk::Of(staff) => (
            "assigned_to = ?1 and assigned_to is not null and state <> 'closed' order by state_at desc, id desc",
            Some(staff.as_str()),
        ),
        Desk::In(state) => ("state = ?1 order by state_at desc, id desc", Some(state.as_str())),
    };
    let sql = format!("select {COLUMNS} from support_case where {condition} limit ?2");
    tx.query(&sql, &values![value, limit], read)
}

/// How many answers are owed, and how many of them since before `now`, both counted to `limit` at most.
pub fn count_open(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> Result<(i64, i64)> {
    let sql = "select answer_by_at from support_case where state = 'open' order by answer_by_at limit ?1";
    let owed = tx.query(sql, &values![limit], |row| row.opt_int(0))?;
    let late = owed.iter().filter(|by| by.is_some_and(|by| by <= now.0)).count();
    Ok((i64::try_from(owed.len())?, i64::try_from(late)?))
}

/// Writes whose turn it is now, and who takes care; refused when the case is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: CaseState, c: &SupportCase) -> Result<()> {
    tx.execute_one(
        "update support_case set state = ?3, assigned_to = ?4, answer_by_at = ?5, state_at = ?6, rating = ?7 \
         where id = ?1 and state = ?2",
        &values![
            c.id.as_str(),
            from.as_str(),
            c.state.as_str(),
            c.assigned_to.as_ref().map(StaffId::as_str),
            c.answer_by_at,
            c.state_at,
            c.rating
        ],
    )
}

const MESSAGE_COLUMNS: &str = "case_id, n, author, staff_id, body_sealed, at, notice, notice_id";

fn read_message(row: &Row<'_>) -> Result<CaseMessage> {
    Ok(CaseMessage {
        case: CaseId::stored(row.text(0)?),
        n: row.int(1)?,
        author: row.word(2, CaseAuthor::parse)?,
        staff: row.opt_text(3)?.map(StaffId::stored),
        body_sealed: row.text(4)?,
        at: UnixMs(row.int(5)?),
        notice: row.word(6, CaseNotice::parse)?,
        notice_id: row.opt_text(7)?.map(MessageId::stored),
    })
}

/// Stores the message unless the form under this key sent one already; says whether it is new.
pub fn insert_message(tx: &mut Tx<'_>, m: &CaseMessage, key: &str) -> Result<bool> {
    let new = tx.execute(
        "insert into case_message (case_id, n, key, author, staff_id, body_sealed, at, notice, notice_id) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict (case_id, key) do nothing",
        &values![
            m.case.as_str(),
            m.n,
            key,
            m.author.as_str(),
            m.staff.as_ref().map(StaffId::as_str),
            &m.body_sealed,
            m.at,
            m.notice.as_str(),
            m.notice_id.as_ref().map(MessageId::as_str)
        ],
    )?;
    Ok(new == 1)
}

/// Was a message under this key sent already?
pub fn has_message(tx: &mut Tx<'_>, case: &CaseId, key: &str) -> Result<bool> {
    let sql = "select 1 from case_message where case_id = ?1 and key = ?2";
    Ok(tx.query_first(sql, &values![case.as_str(), key], |_| Ok(()))?.is_some())
}

/// The messages of a case, oldest first.
pub fn list_messages(tx: &mut Tx<'_>, case: &CaseId, limit: i64) -> Result<Vec<CaseMessage>> {
    let sql = format!("select {MESSAGE_COLUMNS} from case_message where case_id = ?1 order by n limit ?2");
    tx.query(&sql, &values![case.as_str(), limit], read_message)
}

/// How many messages a case has.
pub fn count_messages(tx: &mut Tx<'_>, case: &CaseId) -> Result<i64> {
    let sql = "select coalesce(max(n), 0) from case_message where case_id = ?1";
    Ok(tx.query_first(sql, &values![case.as_str()], |row| row.int(0))?.unwrap_or(0))
}

pub fn find_message(tx: &mut Tx<'_>, case: &CaseId, n: i64) -> Result<Option<CaseMessage>> {
    let sql = format!("select {MESSAGE_COLUMNS} from case_message where case_id = ?1 and n = ?2");
    tx.query_first(&sql, &values![case.as_str(), n], read_message)
}

/// Writes down what became of the news of an answer.
pub fn noticed(tx: &mut Tx<'_>, case: &CaseId, n: i64, notice: CaseNotice) -> Result<()> {
    tx.execute_one(
        "update case_message set notice = ?3 where case_id = ?1 and n = ?2",
        &values![case.as_str(), n, notice.as_str()],
    )
}
