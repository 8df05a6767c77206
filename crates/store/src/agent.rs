//! Agents as they are stored, with who agreed to each. How they are reached is sealed.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::agent::{Agent, AgentKind, AgentState, Terms};
use domain::id::{AgentId, PartnerId, StaffId};
use domain::locale::Locale;
use domain::time::UnixMs;

const COLUMNS: &str =
    "id, kind, parent_id, partner_id, market, name, state, reason, terms, created_at, state_at";

fn read(row: &Row<'_>) -> Result<Agent> {
    Ok(Agent {
        id: AgentId::stored(row.text(0)?),
        kind: row.word(1, AgentKind::parse)?,
        parent: row.opt_text(2)?.map(AgentId::stored),
        partner: PartnerId::stored(row.text(3)?),
        market: row.text(4)?,
        name: row.text(5)?,
        state: row.word(6, AgentState::parse)?,
        reason: row.opt_text(7)?,
        terms: terms(&row.text(8)?)?,
        created_at: UnixMs(row.int(9)?),
        state_at: UnixMs(row.int(10)?),
    })
}

/// Reads terms as they are stored.
pub(crate) fn terms(text: &str) -> Result<Terms> {
    serde_json::from_str(text).context("reading an agent's terms")
}

/// What is stored of an application beside the agent.
#[derive(Debug, Clone)]
pub struct Application {
    /// The form that it came with.
    pub key: String,
    pub contact_sealed: String,
    pub locale: Locale,
}

/// Stores an application unless its form was sent before; says whether it is new.
pub fn insert(tx: &mut Tx<'_>, agent: &Agent, with: &Application) -> Result<bool> {
    let new = tx.execute(
        "insert into agent (id, key, kind, parent_id, partner_id, market, name, state, reason, terms, plan, \
         contact_sealed, locale, created_at, state_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) on conflict do nothing",
        &values![
            agent.id.as_str(),
            &with.key,
            agent.kind.as_str(),
            agent.parent.as_ref().map(AgentId::as_str),
            agent.partner.as_str(),
            &agent.market,
            &agent.name,
            agent.state.as_str(),
            agent.reason.as_deref(),
            serde_json::to_string(&agent.terms)?,
            agent.terms.plan.as_deref(),
            &with.contact_sealed,
            with.locale.as_str(),
            agent.created_at,
            agent.state_at
        ],
    )?;
    Ok(new == 1)
}

pub fn find(tx: &mut Tx<'_>, id: &AgentId) -> Result<Option<Agent>> {
    let sql = format!("select {COLUMNS} from agent where id = ?1");
    tx.query_first(&sql, &values![id.as_str()], read)
}

/// The agent that came with a form.
pub fn find_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<Agent>> {
    let sql = format!("select {COLUMNS} from agent where key = ?1");
    tx.query_first(&sql, &values![key], read)
}

/// Whose float it is; `None` where the partner is no agent.
pub fn find_by_partner(tx: &mut Tx<'_>, partner: &PartnerId) -> Result<Option<Agent>> {
    let sql = format!("select {COLUMNS} from agent where partner_id = ?1");
    tx.query_first(&sql, &values![partner.as_str()], read)
}

/// Loads an agent and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, id: &AgentId) -> Result<Option<Agent>> {
    tx.execute("update agent set state = state where id = ?1", &values![id.as_str()])?;
    find(tx, id)
}

/// How an agent is reached, sealed, and in which language.
pub fn contact(tx: &mut Tx<'_>, id: &AgentId) -> Result<Option<(String, Locale)>> {
    let sql = "select contact_sealed, locale from agent where id = ?1";
    tx.query_first(sql, &values![id.as_str()], |row| Ok((row.text(0)?, row.word(1, Locale::parse)?)))
}

/// Agents in a state from the one after `after` on, the oldest first.
pub fn list(tx: &mut Tx<'_>, state: AgentState, after: &str, limit: i64) -> Result<Vec<Agent>> {
    let sql = format!("select {COLUMNS} from agent where state = ?1 and id > ?2 order by id limit ?3");
    tx.query(&sql, &values![state.as_str(), after, limit], read)
}

/// The dealers under a distributor, the oldest first.
pub fn list_children(tx: &mut Tx<'_>, parent: &AgentId, limit: i64) -> Result<Vec<Agent>> {
    let sql = format!("select {COLUMNS} from agent where parent_id = ?1 order by id limit ?2");
    tx.query(&sql, &values![parent.as_str(), limit], read)
}

/// Writes a new state with its reason; refused when the agent is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: AgentState, agent: &Agent) -> Result<()> {
    tx.execute_one(
        "update agent set state = ?3, reason = ?4, state_at = ?5 where id = ?1 and state = ?2",
        &values![
            agent.id.as_str(),
            from.as_str(),
            agent.state.as_str(),
            agent.reason.as_deref(),
            agent.state_at
        ],
    )
}

/// Writes new terms and place in the hierarchy.
pub fn set_terms(tx: &mut Tx<'_>, agent: &Agent) -> Result<()> {
    tx.execute_one(
        "update agent set terms = ?2, plan = ?3, kind = ?4, parent_id = ?5 where id = ?1",
        &values![
            agent.id.as_str(),
            serde_json::to_string(&agent.terms)?,
            agent.terms.plan.as_deref(),
            agent.kind.as_str(),
            agent.parent.as_ref().map(AgentId::as_str)
        ],
    )
}

/// One of the staff who agreed to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub by: StaffId,
    pub note: String,
    pub at: UnixMs,
}

/// Stores that somebody agreed; says whether it is the first time.
pub fn insert_approval(tx: &mut Tx<'_>, agent: &AgentId, approval: &Approval) -> Result<bool> {
    let sql = "insert into agent_approval (agent_id, staff_id, note, at) values (?1, ?2, ?3, ?4) \
               on conflict do nothing";
    let values = values![agent.as_str(), approval.by.as_str(), &approval.note, approval.at];
    Ok(tx.execute(sql, &values)? == 1)
}

/// Who agreed, the first first.
pub fn list_approvals(tx: &mut Tx<'_>, agent: &AgentId) -> Result<Vec<Approval>> {
    let sql =
        "select staff_id, note, at from agent_approval where agent_id = ?1 order by at, staff_id limit 10";
    tx.query(sql, &values![agent.as_str()], |row| {
        Ok(Approval { by: StaffId::stored(row.text(0)?), note: row.text(1)?, at: UnixMs(row.int(2)?) })
    })
}

/// Takes back who agreed: what they agreed to has changed.
pub fn clear_approvals(tx: &mut Tx<'_>, agent: &AgentId) -> Result<()> {
    tx.execute("delete from agent_approval where agent_id = ?1", &values![agent.as_str()]).map(|_| ())
}
