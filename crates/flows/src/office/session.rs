//! Who is in the office: sign-in by login, passphrase and a code that is taken once; sessions that end after 12 hours,
//! or after half an hour without a page. Wrong tries are counted per login and place, so that nobody locks a
//! colleague out from elsewhere at once.

use super::audit::record;
use super::second_factor;
use crate::error::Result;
use crate::tries;
use crate::world::World;
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::{StaffId, StaffSessionId};
use domain::staff::{Staff, StaffState};
use domain::time::{HOUR_MS, MINUTE_MS, UnixMs};
use store::keyring::Purpose;
use store::staff::Session;

/// How long a session lasts at most, and without a page.
pub const LASTS_MS: i64 = 12 * HOUR_MS;
pub const IDLE_MS: i64 = 30 * MINUTE_MS;
/// How exactly the last page is remembered.
const SEEN_MS: i64 = MINUTE_MS;

/// In a quarter of an hour: for one login from one place, for one login from anywhere, and from one place.
const TRIES_PER_LOGIN: i64 = 5;
const TRIES_PER_LOGIN_EVERYWHERE: i64 = 30;
const TRIES_PER_PLACE: i64 = 60;

/// A session that was just opened. The secret goes to the browser and is stored as a hash.
#[derive(Debug)]
pub struct Opened {
    pub staff: Staff,
    pub session: Session,
    pub secret: String,
}

/// A session that is about to be stored.
pub(super) struct Opening {
    pub session: Session,
    pub hash: String,
    secret: String,
}

impl Opening {
    pub fn opened(self, staff: Staff) -> Opened {
        Opened { staff, session: self.session, secret: self.secret }
    }
}

fn secret_text(secret: &str) -> String {
    format!("session {secret}")
}

pub(super) fn opening(world: &World, staff: &StaffId, device: &str) -> Opening {
    let now = world.now();
    let secret = format!("{}{}", hex::encode(world.ids.random()), hex::encode(world.ids.random()));
    let session = Session {
        id: StaffSessionId::new(world.ids.as_ref(), now),
        staff: staff.clone(),
        device: device.chars().take(80).collect(),
        created_at: now,
        seen_at: now,
        expires_at: now.plus_ms(LASTS_MS),
        ended_at: None,
    };
    Opening { session, hash: world.keyring.hash(Purpose::Staff, &secret_text(&secret)), secret }
}

/// What is typed to sign in.
pub struct Typed<'a> {
    pub login: &'a str,
    pub passphrase: &'a str,
    pub code: &'a str,
    /// Where the request comes from.
    pub address: &'a str,
    pub device: &'a str,
}

/// What became of it.
#[derive(Debug)]
pub enum SignIn {
    In(Box<Opened>),
    /// One of the three is wrong; which one is not told.
    Wrong,
    /// Too many tries: not before this time.
    Locked(UnixMs),
}

/// Signs in.
pub async fn sign_in(world: &World, typed: &Typed<'_>) -> Result<SignIn> {
    let login = domain::staff::login(typed.login);
    let place = tries::place(typed.address);
    let named = world.keyring.hash(Purpose::Staff, &format!("tries {}", login.as_deref().unwrap_or("")));
    let here = format!("staff-sign-in/{named}/{place}");
    let keys =
        vec![(here.clone(), TRIES_PER_LOGIN), (format!("staff-sign-in-from/{place}"), TRIES_PER_PLACE)];
    if let Some(until) = tries::count(world, keys).await? {
        return Ok(SignIn::Locked(until));
    }
    let everywhere = format!("staff-sign-in/{named}");
    let anywhere = vec![(everywhere.clone(), TRIES_PER_LOGIN_EVERYWHERE)];
    if let Some(until) = tries::count(world, anywhere).await? {
        return Ok(SignIn::Locked(until));
    }
    let found = match login {
        Some(login) => world.db.read(move |tx| store::staff::find_by_login(tx, &login)).await?,
        None => None,
    };
    let (member, secrets) = found.unzip();
    let member = member.filter(|member| member.state == StaffState::Active);
    let phrase_hash = secrets.as_ref().and_then(|secrets| secrets.phrase_hash.clone());
    let phrase_fits = second_factor::fits(typed.passphrase, phrase_hash).await?;
    let Some(member) = member else { return Ok(SignIn::Wrong) };
    let sealed = secrets.and_then(|secrets| secrets.totp_sealed).filter(|_| phrase_fits);
    let step = match sealed {
        Some(sealed) => {
            let secret = world.keyring.open_sealed(Purpose::Staff, &sealed)?;
            second_factor::step_of(&secret, typed.code, world.now())?
        }
        None => None,
    };
    enter(world, member, step, typed.device, vec![here, everywhere]).await
}

/// Opens the session when the code's step was not used before; what is refused is written down too.
async fn enter(
    world: &World,
    member: Staff,
    step: Option<i64>,
    device: &str,
    counted: Vec<String>,
) -> Result<SignIn> {
    let opening = opening(world, &member.id, device);
    let (session, hash, id) = (opening.session.clone(), opening.hash.clone(), member.id.clone());
    let context = world.step();
    let done = world.db.write(move |tx| {
        let right = match step {
            Some(step) => store::staff::accept_step(tx, &id, step)?,
            None => false,
        };
        if right {
            store::staff::insert_session(tx, &session, &hash)?;
            for key in &counted {
                store::throttle::forget(tx, key)?;
            }
        }
        let action = if right { AuditAction::SignedIn } else { AuditAction::SignInRefused };
        let actor = Actor::Staff(id.clone());
        record(tx, &context, &Entry::of(actor, action, SubjectKind::Staff, id.as_str()))?;
        Ok(right)
    });
    Ok(if done.await? { SignIn::In(Box::new(opening.opened(member))) } else { SignIn::Wrong })
}

/// Why somebody is not in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out {
    /// There is no such session, or it was ended.
    Unknown,
    /// It lasted too long, or too long without a page.
    Lapsed,
}

/// Who has this session's secret.
pub async fn find(world: &World, secret: &str) -> Result<std::result::Result<(Staff, Session), Out>> {
    let hashes = world.keyring.hashes(Purpose::Staff, &secret_text(secret));
    let found = world.db.read(move |tx| {
        let Some(session) = store::staff::find_session(tx, &hashes)? else { return Ok(None) };
        Ok(store::staff::find(tx, &session.staff)?.map(|member| (member, session)))
    });
    let now = world.now();
    let Some((member, session)) = found.await? else { return Ok(Err(Out::Unknown)) };
    if session.ended_at.is_some() || member.state != StaffState::Active {
        return Ok(Err(Out::Unknown));
    }
    if now >= session.expires_at || now >= session.seen_at.plus_ms(IDLE_MS) {
        return Ok(Err(Out::Lapsed));
    }
    if now >= session.seen_at.plus_ms(SEEN_MS) {
        let id = session.id.clone();
        world.db.write(move |tx| store::staff::touch_session(tx, &id, now)).await?;
    }
    Ok(Ok((member, session)))
}

/// Ends one's own session.
pub async fn sign_out(world: &World, session: &Session) -> Result<()> {
    let (context, session) = (world.step(), session.clone());
    let done = world.db.write(move |tx| {
        store::staff::end_session(tx, &session.id, context.now)?;
        let actor = Actor::Staff(session.staff.clone());
        let subject = session.staff.as_str();
        record(tx, &context, &Entry::of(actor, AuditAction::SignedOut, SubjectKind::Staff, subject))
    });
    Ok(done.await?)
}

/// Ends every session of a member.
pub async fn end_all(world: &World, by: &StaffId, staff: &StaffId) -> Result<u64> {
    let (context, by, staff) = (world.step(), by.clone(), staff.clone());
    let done = world.db.write(move |tx| {
        let ended = store::staff::end_sessions(tx, &staff, context.now)?;
        let actor = Actor::Staff(by.clone());
        let entry = Entry::of(actor, AuditAction::SessionsEnded, SubjectKind::Staff, staff.as_str());
        record(tx, &context, &entry.with(format!(r#"{{"sessions":{ended}}}"#)))?;
        Ok(ended)
    });
    Ok(done.await?)
}

/// A session for a door of the demo, without signing in. `None` where this is not the demo, or nobody has the login.
pub async fn demo_door(world: &World, login: &str) -> Result<Option<Opened>> {
    if !world.settings.demo {
        return Ok(None);
    }
    let Some(member) = super::staff::find(world, login).await? else { return Ok(None) };
    let opening = opening(world, &member.id, "demo");
    let (session, hash, id) = (opening.session.clone(), opening.hash.clone(), member.id.clone());
    let context = world.step();
    world
        .db
        .write(move |tx| {
            store::staff::insert_session(tx, &session, &hash)?;
            let actor = Actor::Staff(id.clone());
            record(tx, &context, &Entry::of(actor, AuditAction::SignedIn, SubjectKind::Staff, id.as_str()))
        })
        .await?;
    Ok(Some(opening.opened(member)))
}
