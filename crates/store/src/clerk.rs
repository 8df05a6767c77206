//! Clerks: who works at a counter, their PINs as hashes, wrong tries, and the one-time codes that let them choose one.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::clerk::{Clerk, ClerkRole, ClerkState, FIRST_NUMBER};
use domain::id::{AgentId, ClerkId, PlaceId};
use domain::locale::Locale;
use domain::time::UnixMs;

/// How many clerks a list shows.
pub const LIST_MAX: i64 = 200;

/// What a try at a PIN is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Nothing was chosen yet, or it was taken away.
    pub hash: Option<String>,
    /// Wrong ones in a row.
    pub tries: i64,
    pub locked_until: Option<UnixMs>,
}

const COLUMNS: &str = "id, agent_id, place_id, number, name, role, locale, state, created_at";

fn read(row: &Row<'_>) -> Result<Clerk> {
    read_from(row, 0)
}

/// Reads a clerk whose columns begin at `first`.
pub(crate) fn read_from(row: &Row<'_>, first: usize) -> Result<Clerk> {
    Ok(Clerk {
        id: ClerkId::stored(row.text(first)?),
        agent: AgentId::stored(row.text(first + 1)?),
        place: row.opt_text(first + 2)?.map(PlaceId::stored),
        number: row.int(first + 3)?,
        name: row.text(first + 4)?,
        role: row.word(first + 5, ClerkRole::parse)?,
        locale: row.word(first + 6, Locale::parse)?,
        state: row.word(first + 7, ClerkState::parse)?,
        created_at: UnixMs(row.int(first + 8)?),
    })
}

/// The number that the next clerk of an agent gets.
pub fn next_number(tx: &mut Tx<'_>, agent: &AgentId) -> Result<i64> {
    let sql = "select number from clerk where agent_id = ?1 order by number desc limit 1";
    let last = tx.query_first(sql, &values![agent.as_str()], |row| row.int(0))?;
    Ok(last.map_or(FIRST_NUMBER, |last| last + 1))
}

pub fn insert(tx: &mut Tx<'_>, c: &Clerk) -> Result<()> {
    tx.execute_one(
        "insert into clerk (id, agent_id, place_id, number, name, role, locale, state, tries, created_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)",
        &values![
            c.id.as_str(),
            c.agent.as_str(),
            c.place.as_ref().map(PlaceId::as_str),
            c.number,
            &c.name,
            c.role.as_str(),
            c.locale.as_str(),
            c.state.as_str(),
            c.created_at
        ],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &ClerkId) -> Result<Option<Clerk>> {
    tx.query_first(&format!("select {COLUMNS} from clerk where id = ?1"), &values![id.as_str()], read)
}

pub fn load(tx: &mut Tx<'_>, id: &ClerkId) -> Result<Clerk> {
    find(tx, id)?.with_context(|| format!("clerk {id} is missing"))
}

pub fn find_by_number(tx: &mut Tx<'_>, agent: &AgentId, number: i64) -> Result<Option<Clerk>> {
    let sql = format!("select {COLUMNS} from clerk where agent_id = ?1 and number = ?2");
    tx.query_first(&sql, &values![agent.as_str(), number], read)
}

/// Everybody of an agent by number.
pub fn list(tx: &mut Tx<'_>, agent: &AgentId) -> Result<Vec<Clerk>> {
    let sql = format!("select {COLUMNS} from clerk where agent_id = ?1 order by number limit {LIST_MAX}");
    tx.query(&sql, &values![agent.as_str()], read)
}

/// How many clerks an agent has, up to `most`.
pub fn count(tx: &mut Tx<'_>, agent: &AgentId, most: i64) -> Result<i64> {
    let sql = "select count(*) from (select 1 from clerk where agent_id = ?1 limit ?2) as counted";
    Ok(tx.query_first(sql, &values![agent.as_str(), most], |row| row.int(0))?.unwrap_or(0))
}

/// Is there an active owner besides this one? All of them are kept from changing until the step ends.
pub fn has_other_owner(tx: &mut Tx<'_>, agent: &AgentId, id: &ClerkId) -> Result<bool> {
    let sql = "update clerk set state = state where agent_id = ?1 and role = 'owner' and state = 'active' returning id";
    let all = tx.query(sql, &values![agent.as_str()], |row| row.text(0))?;
    Ok(all.iter().any(|other| other != id.as_str()))
}

pub fn set_state(tx: &mut Tx<'_>, id: &ClerkId, state: ClerkState) -> Result<()> {
    tx.execute_one("update clerk set state = ?2 where id = ?1", &values![id.as_str(), state.as_str()])
}

pub fn set_role(tx: &mut Tx<'_>, id: &ClerkId, role: ClerkRole, place: Option<&PlaceId>) -> Result<()> {
    let values = values![id.as_str(), role.as_str(), place.map(PlaceId::as_str)];
    tx.execute_one("update clerk set role = ?2, place_id = cast(?3 as text) where id = ?1", &values)
}

/// What tries at somebody's PIN stand at.
pub fn pin(tx: &mut Tx<'_>, id: &ClerkId) -> Result<Option<Pin>> {
    let sql = "select pin_hash, tries, locked_until from clerk where id = ?1";
    tx.query_first(sql, &values![id.as_str()], read_pin)
}

fn read_pin(row: &Row<'_>) -> Result<Pin> {
    Ok(Pin { hash: row.opt_text(0)?, tries: row.int(1)?, locked_until: row.opt_int(2)?.map(UnixMs) })
}

/// Counts a try before the PIN is compared, unless somebody is locked out; gives what it stands at afterwards.
pub fn count_try(tx: &mut Tx<'_>, id: &ClerkId, now: UnixMs) -> Result<Option<Pin>> {
    let sql = "update clerk set tries = tries + 1 where id = ?1 and (locked_until is null or locked_until <= ?2) \
               returning pin_hash, tries, locked_until";
    tx.query_first(sql, &values![id.as_str(), now], read_pin)
}

pub fn lock_until(tx: &mut Tx<'_>, id: &ClerkId, until: UnixMs) -> Result<()> {
    tx.execute_one("update clerk set locked_until = ?2 where id = ?1", &values![id.as_str(), until])
}

/// The PIN was right: wrong ones before are forgotten.
pub fn forget_tries(tx: &mut Tx<'_>, id: &ClerkId) -> Result<()> {
    tx.execute_one("update clerk set tries = 0, locked_until = null where id = ?1", &values![id.as_str()])
}

/// Sets a PIN, or takes it away.
pub fn set_pin(tx: &mut Tx<'_>, id: &ClerkId, hash: Option<&str>) -> Result<()> {
    tx.execute_one(
        "update clerk set pin_hash = cast(?2 as text), tries = 0, locked_until = null where id = ?1",
        &values![id.as_str(), hash],
    )
}

/// A new one-time code takes the place of all earlier ones.
pub fn insert_code(
    tx: &mut Tx<'_>,
    clerk: &ClerkId,
    hash: &str,
    now: UnixMs,
    expires_at: UnixMs,
) -> Result<()> {
    void_codes(tx, clerk, now)?;
    tx.execute_one(
        "insert into clerk_code (code_hash, clerk_id, created_at, expires_at) values (?1, ?2, ?3, ?4)",
        &values![hash, clerk.as_str(), now, expires_at],
    )
}

/// Makes every open code of a clerk worthless.
pub fn void_codes(tx: &mut Tx<'_>, clerk: &ClerkId, now: UnixMs) -> Result<()> {
    let sql = "update clerk_code set used_at = ?2 where clerk_id = ?1 and used_at is null";
    tx.execute(sql, &values![clerk.as_str(), now]).map(|_| ())
}

/// Uses somebody's code; says whether it could still be used.
pub fn use_code(tx: &mut Tx<'_>, clerk: &ClerkId, hashes: &[String], now: UnixMs) -> Result<bool> {
    for hash in hashes {
        let sql = "update clerk_code set used_at = ?3 where code_hash = ?1 and clerk_id = ?2 and used_at is null \
                   and expires_at > ?3";
        if tx.execute(sql, &values![hash, clerk.as_str(), now])? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes codes that lapsed long ago.
pub fn purge_codes(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from clerk_code where code_hash in (select code_hash from clerk_code where expires_at < ?1 \
         order by expires_at limit ?2)",
        &values![before, limit],
    )
}
