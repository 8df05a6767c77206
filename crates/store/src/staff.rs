//! Staff: who works in the office, their one-time tokens and their sessions. Secrets stand hashed or sealed.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{StaffId, StaffSessionId};
use domain::staff::{Role, Staff, StaffState};
use domain::time::UnixMs;

/// What a sign-in is checked against.
#[derive(Debug, Clone)]
pub struct Secrets {
    pub phrase_hash: Option<String>,
    pub totp_sealed: Option<String>,
}

/// One sign-in as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: StaffSessionId,
    pub staff: StaffId,
    pub device: String,
    pub created_at: UnixMs,
    pub seen_at: UnixMs,
    pub expires_at: UnixMs,
    pub ended_at: Option<UnixMs>,
}

/// How many members of staff and sessions a list shows.
pub const LIST_MAX: i64 = 200;

const COLUMNS: &str = "id, login, name, role, state, created_at";

fn read(row: &Row<'_>) -> Result<Staff> {
    Ok(Staff {
        id: StaffId::stored(row.text(0)?),
        login: row.text(1)?,
        name: row.text(2)?,
        role: row.word(3, Role::parse)?,
        state: row.word(4, StaffState::parse)?,
        created_at: UnixMs(row.int(5)?),
    })
}

pub fn insert(tx: &mut Tx<'_>, s: &Staff) -> Result<()> {
    tx.execute_one(
        "insert into staff (id, login, name, role, state, totp_step, created_at) values (?1, ?2, ?3, ?4, ?5, 0, ?6)",
        &values![s.id.as_str(), &s.login, &s.name, s.role.as_str(), s.state.as_str(), s.created_at],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &StaffId) -> Result<Option<Staff>> {
    tx.query_first(&format!("select {COLUMNS} from staff where id = ?1"), &values![id.as_str()], read)
}

pub fn load(tx: &mut Tx<'_>, id: &StaffId) -> Result<Staff> {
    find(tx, id)?.with_context(|| format!("staff {id} is missing"))
}

pub fn find_by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<(Staff, Secrets)>> {
    tx.query_first(
        &format!("select {COLUMNS}, phrase_hash, totp_sealed from staff where login = ?1"),
        &values![login],
        |row| {
            let secrets = Secrets { phrase_hash: row.opt_text(6)?, totp_sealed: row.opt_text(7)? };
            Ok((read(row)?, secrets))
        },
    )
}

/// Everybody by login.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Staff>> {
    tx.query(&format!("select {COLUMNS} from staff order by login limit {LIST_MAX}"), &[], read)
}

pub fn set_state(tx: &mut Tx<'_>, id: &StaffId, state: StaffState) -> Result<()> {
    tx.execute_one("update staff set state = ?2 where id = ?1", &values![id.as_str(), state.as_str()])
}

/// Is there an active supervisor besides this member? All of them are kept from changing until the step ends.
pub fn has_other_supervisor(tx: &mut Tx<'_>, id: &StaffId) -> Result<bool> {
    let sql = "update staff set state = state where role = 'supervisor' and state = 'active' returning id";
    let all = tx.query(sql, &[], |row| row.text(0))?;
    Ok(all.iter().any(|other| other != id.as_str()))
}

/// Takes the passphrase and the second factor away.
pub fn forget_secrets(tx: &mut Tx<'_>, id: &StaffId) -> Result<()> {
    tx.execute_one(
        "update staff set phrase_hash = null, totp_sealed = null where id = ?1",
        &values![id.as_str()],
    )
}

/// Sets both, and makes the member active.
pub fn set_secrets(
    tx: &mut Tx<'_>,
    id: &StaffId,
    phrase_hash: &str,
    totp_sealed: &str,
    step: i64,
) -> Result<()> {
    tx.execute_one(
        "update staff set phrase_hash = ?2, totp_sealed = ?3, totp_step = ?4, state = 'active' where id = ?1",
        &values![id.as_str(), phrase_hash, totp_sealed, step],
    )
}

/// Accepts the code of a step once; says whether it was new.
pub fn accept_step(tx: &mut Tx<'_>, id: &StaffId, step: i64) -> Result<bool> {
    let sql = "update staff set totp_step = ?2 where id = ?1 and totp_step < ?2";
    Ok(tx.execute(sql, &values![id.as_str(), step])? == 1)
}

/// A new one-time token takes the place of all earlier ones.
pub fn insert_token(
    tx: &mut Tx<'_>,
    staff: &StaffId,
    hash: &str,
    now: UnixMs,
    expires_at: UnixMs,
) -> Result<()> {
    void_tokens(tx, staff, now)?;
    tx.execute_one(
        "insert into staff_token (token_hash, staff_id, created_at, expires_at) values (?1, ?2, ?3, ?4)",
        &values![hash, staff.as_str(), now, expires_at],
    )
}

/// Makes every open token of a member worthless.
pub fn void_tokens(tx: &mut Tx<'_>, staff: &StaffId, now: UnixMs) -> Result<()> {
    tx.execute(
        "update staff_token set used_at = ?2 where staff_id = ?1 and used_at is null",
        &values![staff.as_str(), now],
    )
    .map(|_| ())
}

/// Whose token this is, while it can be used.
pub fn find_token(tx: &mut Tx<'_>, hashes: &[String], now: UnixMs) -> Result<Option<StaffId>> {
    for hash in hashes {
        let found = tx.query_first(
            "select staff_id from staff_token where token_hash = ?1 and used_at is null and expires_at > ?2",
            &values![hash, now],
            |row| Ok(StaffId::stored(row.text(0)?)),
        )?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Uses a token; says whether it could still be used.
pub fn use_token(tx: &mut Tx<'_>, hashes: &[String], now: UnixMs) -> Result<bool> {
    for hash in hashes {
        let sql = "update staff_token set used_at = ?2 where token_hash = ?1 and used_at is null and expires_at > ?2";
        if tx.execute(sql, &values![hash, now])? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

pub fn insert_session(tx: &mut Tx<'_>, session: &Session, secret_hash: &str) -> Result<()> {
    tx.execute_one(
        "insert into staff_session (id, staff_id, secret_hash, device, created_at, seen_at, expires_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &values![
            session.id.as_str(),
            session.staff.as_str(),
            secret_hash,
            &session.device,
            session.created_at,
            session.seen_at,
            session.expires_at
        ],
    )
}

const SESSION: &str = "id, staff_id, device, created_at, seen_at, expires_at, ended_at";

fn read_session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: StaffSessionId::stored(row.text(0)?),
        staff: StaffId::stored(row.text(1)?),
        device: row.text(2)?,
        created_at: UnixMs(row.int(3)?),
        seen_at: UnixMs(row.int(4)?),
        expires_at: UnixMs(row.int(5)?),
        ended_at: row.opt_int(6)?.map(UnixMs),
    })
}

/// The session of a secret, whatever became of it.
pub fn find_session(tx: &mut Tx<'_>, hashes: &[String]) -> Result<Option<Session>> {
    for hash in hashes {
        let sql = format!("select {SESSION} from staff_session where secret_hash = ?1");
        let found = tx.query_first(&sql, &values![hash], read_session)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The newest sessions of a member.
pub fn list_sessions(tx: &mut Tx<'_>, staff: &StaffId, limit: i64) -> Result<Vec<Session>> {
    let sql =
        format!("select {SESSION} from staff_session where staff_id = ?1 order by created_at desc limit ?2");
    tx.query(&sql, &values![staff.as_str(), limit], read_session)
}

/// Notes that the session was used.
pub fn touch_session(tx: &mut Tx<'_>, id: &StaffSessionId, now: UnixMs) -> Result<()> {
    tx.execute(
        "update staff_session set seen_at = ?2 where id = ?1 and ended_at is null and seen_at < ?2",
        &values![id.as_str(), now],
    )
    .map(|_| ())
}

pub fn end_session(tx: &mut Tx<'_>, id: &StaffSessionId, now: UnixMs) -> Result<()> {
    tx.execute(
        "update staff_session set ended_at = ?2 where id = ?1 and ended_at is null",
        &values![id.as_str(), now],
    )
    .map(|_| ())
}

/// Ends every session of a member; says how many there were.
pub fn end_sessions(tx: &mut Tx<'_>, staff: &StaffId, now: UnixMs) -> Result<u64> {
    tx.execute(
        "update staff_session set ended_at = ?2 where staff_id = ?1 and ended_at is null",
        &values![staff.as_str(), now],
    )
}

/// Removes sessions that ended long ago.
pub fn purge_sessions(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from staff_session where id in (select id from staff_session where expires_at < ?1 \
         order by expires_at limit ?2)",
        &values![before, limit],
    )
}
