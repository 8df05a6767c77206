//! Outlets as they are stored, and what a sale at one asks of it, its agent and its distributor in one query.

use super::agent;
use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::agent::{AgentState, SaleLimits, Terms};
use domain::id::{AgentId, PartnerId, PlaceId};
use domain::money::Money;
use domain::outlet::{Outlet, OutletState};
use domain::time::UnixMs;

const COLUMNS: &str = "place_id, agent_id, partner_id, market, state, reason, limits, currency, low_float_minor, \
     facts, created_at, state_at";

fn read(row: &Row<'_>) -> Result<Outlet> {
    let currency = row.text(7)?.parse()?;
    Ok(Outlet {
        place: PlaceId::stored(row.text(0)?),
        agent: AgentId::stored(row.text(1)?),
        partner: PartnerId::stored(row.text(2)?),
        market: row.text(3)?,
        state: row.word(4, OutletState::parse)?,
        reason: row.opt_text(5)?,
        limits: limits(&row.text(6)?)?,
        low_float: row.opt_int(8)?.map(|minor| Money::new(minor, currency)),
        facts: serde_json::from_str(&row.text(9)?).context("reading an outlet's facts")?,
        created_at: UnixMs(row.int(10)?),
        state_at: UnixMs(row.int(11)?),
    })
}

fn limits(text: &str) -> Result<SaleLimits> {
    serde_json::from_str(text).context("reading an outlet's limits")
}

/// What became of a new outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    New,
    /// The form was sent before.
    Again,
    /// Another outlet has the number.
    NumberTaken,
}

/// Stores a proposed outlet. `key` is the form that it came with; `currency` that of its market.
pub fn insert(tx: &mut Tx<'_>, outlet: &Outlet, key: &str, currency: &str) -> Result<Inserted> {
    let new = tx.execute(
        "insert into outlet (place_id, key, agent_id, partner_id, market, number, state, reason, limits, currency, \
         low_float_minor, facts, created_at, state_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) on conflict do nothing",
        &values![
            outlet.place.as_str(),
            key,
            outlet.agent.as_str(),
            outlet.partner.as_str(),
            &outlet.market,
            &outlet.facts.number,
            outlet.state.as_str(),
            outlet.reason.as_deref(),
            serde_json::to_string(&outlet.limits)?,
            currency,
            outlet.low_float.map(|low| low.minor),
            serde_json::to_string(&outlet.facts)?,
            outlet.created_at,
            outlet.state_at
        ],
    )?;
    if new == 1 {
        return Ok(Inserted::New);
    }
    let again = find_by_key(tx, key)?.is_some();
    Ok(if again { Inserted::Again } else { Inserted::NumberTaken })
}

pub fn find(tx: &mut Tx<'_>, place: &PlaceId) -> Result<Option<Outlet>> {
    let sql = format!("select {COLUMNS} from outlet where place_id = ?1");
    tx.query_first(&sql, &values![place.as_str()], read)
}

/// The outlet that came with a form.
pub fn find_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<Outlet>> {
    let sql = format!("select {COLUMNS} from outlet where key = ?1");
    tx.query_first(&sql, &values![key], read)
}

/// Whose float it is; `None` where the partner is no outlet.
pub fn find_by_partner(tx: &mut Tx<'_>, partner: &PartnerId) -> Result<Option<Outlet>> {
    let sql = format!("select {COLUMNS} from outlet where partner_id = ?1");
    tx.query_first(&sql, &values![partner.as_str()], read)
}

/// Of these numbers those of outlets that were approved at some time: what the public sees of them follows the outlet.
pub fn decided(tx: &mut Tx<'_>, numbers: &[&str]) -> Result<Vec<String>> {
    let sql = "select number from outlet where number = ?1 and state in ('open', 'suspended', 'closed')";
    tx.query_each(sql, numbers, |row| row.text(0))
}

/// Loads an outlet and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, place: &PlaceId) -> Result<Option<Outlet>> {
    tx.execute("update outlet set state = state where place_id = ?1", &values![place.as_str()])?;
    find(tx, place)
}

/// The outlets of an agent from the one after `after` on, the oldest first.
pub fn list(tx: &mut Tx<'_>, agent: &AgentId, after: &str, limit: i64) -> Result<Vec<Outlet>> {
    let sql = format!(
        "select {COLUMNS} from outlet where agent_id = ?1 and place_id > ?2 order by place_id limit ?3"
    );
    tx.query(&sql, &values![agent.as_str(), after, limit], read)
}

/// Outlets in a state, the oldest first.
pub fn list_in(tx: &mut Tx<'_>, state: OutletState, limit: i64) -> Result<Vec<Outlet>> {
    let sql = format!("select {COLUMNS} from outlet where state = ?1 order by place_id limit ?2");
    tx.query(&sql, &values![state.as_str(), limit], read)
}

/// How many outlets an agent has or had.
pub fn count(tx: &mut Tx<'_>, agent: &AgentId) -> Result<i64> {
    let sql = "select count(*) from outlet where agent_id = ?1";
    Ok(tx.query_first(sql, &values![agent.as_str()], |row| row.int(0))?.unwrap_or(0))
}

/// Writes what the public may know of an outlet.
pub fn set_facts(tx: &mut Tx<'_>, outlet: &Outlet) -> Result<()> {
    tx.execute_one(
        "update outlet set facts = ?2, number = ?3 where place_id = ?1",
        &values![outlet.place.as_str(), serde_json::to_string(&outlet.facts)?, &outlet.facts.number],
    )
}

/// Writes a new state with its reason; refused when the outlet is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: OutletState, outlet: &Outlet) -> Result<()> {
    tx.execute_one(
        "update outlet set state = ?3, reason = ?4, state_at = ?5 where place_id = ?1 and state = ?2",
        &values![
            outlet.place.as_str(),
            from.as_str(),
            outlet.state.as_str(),
            outlet.reason.as_deref(),
            outlet.state_at
        ],
    )
}

/// Writes new limits and from when on the owner is warned; a warning that was given is forgotten.
pub fn set_limits(tx: &mut Tx<'_>, outlet: &Outlet) -> Result<()> {
    tx.execute_one(
        "update outlet set limits = ?2, low_float_minor = ?3, low_at = null where place_id = ?1",
        &values![
            outlet.place.as_str(),
            serde_json::to_string(&outlet.limits)?,
            outlet.low_float.map(|low| low.minor)
        ],
    )
}

/// What a sale asks of an outlet and of those above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub outlet: Outlet,
    pub agent: AgentState,
    /// The state of the agent's distributor, where it has one.
    pub parent: Option<AgentState>,
    pub terms: Terms,
}

/// How the outlets of these places stand, each found by three primary keys; one round trip for all.
pub fn standing(tx: &mut Tx<'_>, places: &[&str]) -> Result<Vec<Standing>> {
    const SQL: &str = "select o.place_id, o.agent_id, o.partner_id, o.market, o.state, o.reason, o.limits, o.currency, \
         o.low_float_minor, o.facts, o.created_at, o.state_at, a.state, p.state, a.terms from outlet o \
         join agent a on a.id = o.agent_id left join agent p on p.id = a.parent_id where o.place_id = ?1";
    tx.query_each(SQL, places, |row| {
        let parent = match row.opt_text(13)? {
            Some(word) => Some(AgentState::parse(&word).context("an unknown state of an agent")?),
            None => None,
        };
        Ok(Standing {
            outlet: read(row)?,
            agent: row.word(12, AgentState::parse)?,
            parent,
            terms: agent::terms(&row.text(14)?)?,
        })
    })
}

/// An outlet whose float crossed its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossed {
    pub place: PlaceId,
    pub agent: AgentId,
    pub number: String,
    pub available: Money,
    pub low_float: Money,
    /// Is it low now, or was it filled?
    pub low: bool,
}

/// One step along the watched outlets: whose float crossed its line, and which outlet was the last one looked at.
pub type Walked = (Vec<Crossed>, Option<String>);

/// Of the watched outlets after `after`: those whose float is low and whose owner was not warned, and those that were
/// filled since. Reads at most `limit` outlets and says which was the last.
pub fn crossed(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Walked> {
    let sql = "select o.place_id, o.agent_id, o.number, o.currency, o.low_float_minor, o.low_at, o.state, \
               coalesce(a.credits_posted - a.debits_posted - a.debits_pending - coalesce(a.floor, 0), 0) \
               from (select * from outlet where low_float_minor is not null and place_id > ?1 \
               order by place_id limit ?2) o \
               left join account a on a.id = 'float:' || o.partner_id || ':' || o.currency order by o.place_id";
    let mut last = None;
    let mut found = Vec::new();
    let rows = tx.query(sql, &values![after, limit], |row| {
        let currency = row.text(3)?.parse()?;
        let crossed = Crossed {
            place: PlaceId::stored(row.text(0)?),
            agent: AgentId::stored(row.text(1)?),
            number: row.text(2)?,
            low_float: Money::new(row.int(4)?, currency),
            available: Money::new(row.int(7)?, currency),
            low: false,
        };
        Ok((crossed, row.opt_int(5)?.is_some(), row.word(6, OutletState::parse)?))
    })?;
    for (crossed, warned, state) in rows {
        last = Some(crossed.place.to_string());
        let low = state == OutletState::Open && crossed.available.minor < crossed.low_float.minor;
        if low != warned {
            found.push(Crossed { low, ..crossed });
        }
    }
    Ok((found, last))
}

/// Writes since when a float is low, or that it no longer is. Says whether that is news.
pub fn mark_low(tx: &mut Tx<'_>, place: &PlaceId, since: Option<UnixMs>) -> Result<bool> {
    let sql = match since {
        Some(_) => "update outlet set low_at = cast(?2 as bigint) where place_id = ?1 and low_at is null",
        None => "update outlet set low_at = cast(?2 as bigint) where place_id = ?1 and low_at is not null",
    };
    Ok(tx.execute(sql, &values![place.as_str(), since])? == 1)
}
