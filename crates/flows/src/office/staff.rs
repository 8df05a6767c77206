//! Who works in the office: members are added on the command line and come in by a one-time token, which sets their
//! passphrase and their second factor.

use super::audit::record;
use super::second_factor;
use super::session::{self, Opened};
use crate::error::Result;
use crate::tries;
use crate::world::World;
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::StaffId;
use domain::staff::{self, Role, Staff, StaffState};
use domain::time::{HOUR_MS, UnixMs};
use store::keyring::Purpose;

/// How long a one-time token can be used.
pub const TOKEN_MS: i64 = 24 * HOUR_MS;
/// Wrong tokens from one place in a quarter of an hour.
const TOKENS_PER_PLACE: i64 = 10;
/// Wrong codes for one token.
const CODES_PER_TOKEN: i64 = 10;

/// Why staff was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StaffRefusal {
    #[error("a login is 2 to 64 letters, digits and .-_@+")]
    LoginUnreadable,
    #[error("this login is taken")]
    LoginTaken,
    #[error("a name is 1 to 80 characters")]
    NameUnreadable,
    #[error("there is no such member of staff")]
    Unknown,
    #[error("nobody does this to themselves")]
    Oneself,
    #[error("this is the last supervisor: add another one first")]
    LastSupervisor,
}

fn token_text(token: &str) -> String {
    format!("token {token}")
}

fn new_token(world: &World) -> (String, String) {
    let token = format!("{}{}", hex::encode(world.ids.random()), hex::encode(world.ids.random()));
    let hash = world.keyring.hash(Purpose::Staff, &token_text(&token));
    (token, hash)
}

/// Adds a member; the one-time token is returned once and stored as a hash.
pub async fn add(
    world: &World,
    by: Actor,
    login: &str,
    name: &str,
    role: Role,
) -> Result<std::result::Result<(StaffId, String), StaffRefusal>> {
    let Some(login) = staff::login(login) else { return Ok(Err(StaffRefusal::LoginUnreadable)) };
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 80 {
        return Ok(Err(StaffRefusal::NameUnreadable));
    }
    let (token, hash) = new_token(world);
    let context = world.step();
    let added = world.db.write(move |tx| {
        if store::staff::find_by_login(tx, &login)?.is_some() {
            return Ok(None);
        }
        let now = context.now;
        let id = StaffId::new(context.ids.as_ref(), now);
        let (login, name) = (login.clone(), name.clone());
        let member = Staff { id: id.clone(), login, name, role, state: StaffState::Invited, created_at: now };
        store::staff::insert(tx, &member)?;
        store::staff::insert_token(tx, &id, &hash, now, now.plus_ms(TOKEN_MS))?;
        let detail = format!(r#"{{"role":"{role}"}}"#);
        let entry = Entry::of(by.clone(), AuditAction::StaffAdded, SubjectKind::Staff, id.as_str());
        record(tx, &context, &entry.with(detail))?;
        Ok(Some(id))
    });
    Ok(added.await?.map(|id| (id, token)).ok_or(StaffRefusal::LoginTaken))
}

/// Everybody by login.
pub async fn list(world: &World) -> Result<Vec<Staff>> {
    Ok(world.db.read(store::staff::list).await?)
}

/// The member of a login.
pub async fn find(world: &World, login: &str) -> Result<Option<Staff>> {
    let Some(login) = staff::login(login) else { return Ok(None) };
    let found = world.db.read(move |tx| store::staff::find_by_login(tx, &login)).await?;
    Ok(found.map(|(member, _)| member))
}

fn is_oneself(by: &Actor, id: &StaffId) -> bool {
    matches!(by, Actor::Staff(staff) if staff == id)
}

/// Shuts a member out: sessions end, tokens are worthless.
pub async fn disable(
    world: &World,
    by: Actor,
    id: &StaffId,
) -> Result<std::result::Result<(), StaffRefusal>> {
    if is_oneself(&by, id) {
        return Ok(Err(StaffRefusal::Oneself));
    }
    let (context, id) = (world.step(), id.clone());
    let done = world.db.write(move |tx| {
        let Some(member) = store::staff::find(tx, &id)? else { return Ok(Err(StaffRefusal::Unknown)) };
        let leads = member.role == Role::Supervisor && member.state == StaffState::Active;
        if leads && !store::staff::has_other_supervisor(tx, &id)? {
            return Ok(Err(StaffRefusal::LastSupervisor));
        }
        store::staff::set_state(tx, &id, StaffState::Disabled)?;
        store::staff::forget_secrets(tx, &id)?;
        store::staff::void_tokens(tx, &id, context.now)?;
        store::staff::end_sessions(tx, &id, context.now)?;
        let detail = format!(r#"{{"before":"{}","after":"disabled"}}"#, member.state);
        let entry = Entry::of(by.clone(), AuditAction::StaffDisabled, SubjectKind::Staff, id.as_str());
        record(tx, &context, &entry.with(detail))?;
        Ok(Ok(()))
    });
    Ok(done.await?)
}

/// Takes passphrase, second factor and sessions away and gives a new one-time token. A disabled member comes back.
pub async fn reset(
    world: &World,
    by: Actor,
    id: &StaffId,
) -> Result<std::result::Result<String, StaffRefusal>> {
    if is_oneself(&by, id) {
        return Ok(Err(StaffRefusal::Oneself));
    }
    let (token, hash) = new_token(world);
    let (context, id) = (world.step(), id.clone());
    let done = world.db.write(move |tx| {
        let Some(member) = store::staff::find(tx, &id)? else { return Ok(Err(StaffRefusal::Unknown)) };
        store::staff::set_state(tx, &id, StaffState::Invited)?;
        store::staff::forget_secrets(tx, &id)?;
        store::staff::end_sessions(tx, &id, context.now)?;
        store::staff::insert_token(tx, &id, &hash, context.now, context.now.plus_ms(TOKEN_MS))?;
        let detail = format!(r#"{{"before":"{}","after":"invited"}}"#, member.state);
        let entry = Entry::of(by.clone(), AuditAction::StaffReset, SubjectKind::Staff, id.as_str());
        record(tx, &context, &entry.with(detail))?;
        Ok(Ok(()))
    });
    Ok(done.await?.map(|()| token))
}

/// What became of a one-time token.
#[derive(Debug, Clone)]
pub enum Invitation {
    /// It can be used by this member.
    Open(Staff),
    Wrong,
    /// Too many wrong ones from here: not before this time.
    Locked(UnixMs),
}

/// Looks whose token this is, without using it.
pub async fn invitation(world: &World, token: &str, address: &str) -> Result<Invitation> {
    let key = format!("staff-token-from/{}", tries::place(address));
    if let Some(until) = tries::count(world, vec![(key.clone(), TOKENS_PER_PLACE)]).await? {
        return Ok(Invitation::Locked(until));
    }
    let hashes = world.keyring.hashes(Purpose::Staff, &token_text(token.trim()));
    let now = world.now();
    let found = world.db.write(move |tx| {
        let Some(id) = store::staff::find_token(tx, &hashes, now)? else { return Ok(None) };
        store::throttle::forget(tx, &key)?;
        Ok(store::staff::find(tx, &id)?.filter(|member| member.state == StaffState::Invited))
    });
    Ok(found.await?.map_or(Invitation::Wrong, Invitation::Open))
}

/// What a new member sets.
pub struct Joining<'a> {
    pub token: &'a str,
    /// Of the second factor, base 32.
    pub secret: &'a str,
    pub passphrase: &'a str,
    /// A code of the second factor, which proves that it is set up.
    pub code: &'a str,
    pub device: &'a str,
}

/// What became of a first sign-in.
#[derive(Debug)]
pub enum Joined {
    In(Box<Opened>),
    /// The token was used, replaced or lapsed meanwhile.
    TokenGone,
    PassphraseUnfit,
    CodeWrong,
    Locked(UnixMs),
}

/// Uses a token: sets passphrase and second factor, and signs in.
pub async fn join(world: &World, joining: &Joining<'_>) -> Result<Joined> {
    let hashes = world.keyring.hashes(Purpose::Staff, &token_text(joining.token));
    let (lookup, now) = (hashes.clone(), world.now());
    let found = world.db.read(move |tx| {
        let Some(id) = store::staff::find_token(tx, &lookup, now)? else { return Ok(None) };
        Ok(store::staff::find(tx, &id)?.filter(|member| member.state == StaffState::Invited))
    });
    let Some(member) = found.await? else { return Ok(Joined::TokenGone) };
    if !staff::passphrase_fits(joining.passphrase, &member.login) {
        return Ok(Joined::PassphraseUnfit);
    }
    let key = format!("staff-join/{}", member.id);
    if let Some(until) = tries::count(world, vec![(key, CODES_PER_TOKEN)]).await? {
        return Ok(Joined::Locked(until));
    }
    let Some(step) = second_factor::step_of(joining.secret, joining.code, now)? else {
        return Ok(Joined::CodeWrong);
    };
    let phrase_hash = second_factor::hash(world, joining.passphrase).await?;
    let totp_sealed = world.keyring.seal(Purpose::Staff, joining.secret)?;
    let opening = session::opening(world, &member.id, joining.device);
    let context = world.step();
    let (session, secret_hash, id) = (opening.session.clone(), opening.hash.clone(), member.id.clone());
    let done = world.db.write(move |tx| {
        if !store::staff::use_token(tx, &hashes, context.now)? {
            return Ok(false);
        }
        store::staff::set_secrets(tx, &id, &phrase_hash, &totp_sealed, step)?;
        store::staff::insert_session(tx, &session, &secret_hash)?;
        let actor = Actor::Staff(id.clone());
        record(tx, &context, &Entry::of(actor, AuditAction::Joined, SubjectKind::Staff, id.as_str()))?;
        Ok(true)
    });
    let member = Staff { state: StaffState::Active, ..member };
    Ok(if done.await? { Joined::In(Box::new(opening.opened(member))) } else { Joined::TokenGone })
}

/// Makes a member of the demo who can sign in with known secrets; one that is there keeps what it has. Only in the
/// demo: anywhere else it is refused.
pub async fn seat_in_demo(
    world: &World,
    login: &str,
    name: &str,
    role: Role,
    passphrase: &str,
    totp_secret: &str,
) -> Result<StaffId> {
    if !world.settings.demo {
        return Err(anyhow::anyhow!("known secrets are for the demo alone").into());
    }
    if let Some(member) = find(world, login).await? {
        return Ok(member.id);
    }
    let added = add(world, Actor::System, login, name, role).await?;
    let (id, _) = added.map_err(|refusal| anyhow::anyhow!("the demo's staff: {refusal}"))?;
    let phrase_hash = second_factor::hash(world, passphrase).await?;
    let totp_sealed = world.keyring.seal(Purpose::Staff, totp_secret)?;
    let (staff, now) = (id.clone(), world.now());
    world
        .db
        .write(move |tx| {
            store::staff::void_tokens(tx, &staff, now)?;
            store::staff::set_secrets(tx, &staff, &phrase_hash, &totp_sealed, 0)
        })
        .await?;
    Ok(id)
}
