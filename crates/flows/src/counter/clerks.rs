//! Clerks, as their owner manages them: added with a one-time code that lets them choose a PIN, given another role,
//! given a new code, suspended. The first owner of an agent is invited by staff, with a device to be paired at once.

use super::journal::{self, Note};
use super::pin::{self, Who};
use super::session::{self, Opened};
use super::{At, CLERK, PAIRING, hashes, new_code};
use crate::error::Result;
use crate::office::second_factor;
use crate::tries;
use crate::world::{StepContext, World};
use domain::clerk::{self, Clerk, ClerkRole, ClerkState, PinUnfit, SessionEnd};
use domain::counter_code::{self, CLERK_MS, OWNER_MS};
use domain::counter_journal::JournalEvent;
use domain::device::{Device, Pairing};
use domain::id::{AgentId, ClerkId, PlaceId};
use domain::locale::Locale;
use domain::outlet::OutletState;
use domain::time::UnixMs;
use store::Tx;
use store::clerk::LIST_MAX;
use store::keyring::Purpose;

/// Codes that may be tried for one clerk in a quarter of an hour.
const CODES_PER_CLERK: i64 = 10;

/// Why an owner's wish about clerks was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClerkRefusal {
    #[error("a name is 1 to 60 characters")]
    NameUnreadable,
    #[error("no clerk of this agent")]
    Unknown,
    #[error("nobody does this to themselves")]
    Oneself,
    #[error("this is the last owner: add another one first")]
    LastOwner,
    #[error("the agent has as many clerks as it may have")]
    Full,
}

/// Who is to be added.
#[derive(Debug, Clone)]
pub struct NewClerk<'a> {
    pub name: &'a str,
    pub role: ClerkRole,
    pub locale: Locale,
    /// Where a clerk or supervisor works; an owner works everywhere.
    pub place: PlaceId,
}

/// A clerk with a one-time code, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    pub clerk: Clerk,
    pub code: String,
    pub expires_at: UnixMs,
}

struct Code<'a> {
    hash: &'a str,
    expires_at: UnixMs,
}

fn insert(
    tx: &mut Tx<'_>,
    context: &StepContext,
    agent: &AgentId,
    new: &(String, ClerkRole, Locale, PlaceId),
    code: &Code<'_>,
) -> anyhow::Result<std::result::Result<Clerk, ClerkRefusal>> {
    if store::clerk::count(tx, agent, LIST_MAX)? >= LIST_MAX {
        return Ok(Err(ClerkRefusal::Full));
    }
    let (name, role, locale, place) = new;
    let clerk = Clerk {
        id: ClerkId::new(context.ids.as_ref(), context.now),
        agent: agent.clone(),
        place: (*role != ClerkRole::Owner).then(|| place.clone()),
        number: store::clerk::next_number(tx, agent)?,
        name: name.clone(),
        role: *role,
        locale: *locale,
        state: ClerkState::Active,
        created_at: context.now,
    };
    store::clerk::insert(tx, &clerk)?;
    store::clerk::insert_code(tx, &clerk.id, code.hash, context.now, code.expires_at)?;
    Ok(Ok(clerk))
}

/// Adds a clerk to the owner's agent.
pub async fn add(
    world: &World,
    by: &At,
    new: &NewClerk<'_>,
) -> Result<std::result::Result<Coded, ClerkRefusal>> {
    let Some(name) = clerk::name(new.name) else { return Ok(Err(ClerkRefusal::NameUnreadable)) };
    let (code, hash) = new_code(world, CLERK);
    let (context, by) = (world.step(), by.clone());
    let expires_at = context.now.plus_ms(CLERK_MS);
    let new = (name, new.role, new.locale, new.place.clone());
    let added = world.db.write(move |tx| {
        let added = insert(tx, &context, by.agent(), &new, &Code { hash: &hash, expires_at })?;
        if let Ok(clerk) = &added {
            let note = Note::of(&by, JournalEvent::ClerkAdded).about(clerk.id.as_str());
            journal::write(tx, &context, &note)?;
        }
        Ok(added)
    });
    Ok(added.await?.map(|clerk| Coded { clerk, code, expires_at }))
}

/// Invites the first owner of an agent, or one more when all lost their way in. The code pairs a device at the outlet
/// and then lets the owner choose a PIN. Whoever calls this writes down by whom.
pub async fn invite_owner(
    world: &World,
    agent: &AgentId,
    place: &PlaceId,
    name: &str,
    locale: Locale,
) -> Result<std::result::Result<Coded, ClerkRefusal>> {
    let Some(name) = clerk::name(name) else { return Ok(Err(ClerkRefusal::NameUnreadable)) };
    let (code, hash) = new_code(world, CLERK);
    let pairing_hash = world.keyring.hash(Purpose::Counter, &format!("{PAIRING} {code}"));
    let context = world.step();
    let expires_at = context.now.plus_ms(OWNER_MS);
    let (agent, place) = (agent.clone(), place.clone());
    let new = (name, ClerkRole::Owner, locale, place.clone());
    let invited = world.db.write(move |tx| {
        let added = insert(tx, &context, &agent, &new, &Code { hash: &hash, expires_at })?;
        if let Ok(clerk) = &added {
            let (agent, place) = (agent.clone(), place.clone());
            let note = Note::at(&place, JournalEvent::ClerkAdded).about(clerk.id.as_str());
            let pairing = Pairing { agent, place, name: String::new(), expires_at };
            store::pairing::insert(tx, &pairing, &pairing_hash, context.now)?;
            journal::write(tx, &context, &note)?;
        }
        Ok(added)
    });
    Ok(invited.await?.map(|clerk| Coded { clerk, code, expires_at }))
}

/// A code with which a visitor of the demo pairs a browser at a shop of it, as one more owner. `None` where this is not
/// the demo, no shop is open, or as many visitors came as an agent has room for.
pub async fn demo_door(world: &World, locale: Locale) -> Result<Option<String>> {
    if !world.settings.demo {
        return Ok(None);
    }
    let open = world.db.read(|tx| store::outlet::list_in(tx, OutletState::Open, 1)).await?.pop();
    let Some(shop) = open else { return Ok(None) };
    let invited = invite_owner(world, &shop.agent, &shop.place, "Demo", locale).await?;
    Ok(invited.ok().map(|invited| invited.code))
}

/// Everybody of the owner's agent by number.
pub async fn list(world: &World, agent: &AgentId) -> Result<Vec<Clerk>> {
    let agent = agent.clone();
    Ok(world.db.read(move |tx| store::clerk::list(tx, &agent)).await?)
}

/// Those who may unlock a device, by number.
pub async fn list_at(world: &World, device: &Device) -> Result<Vec<Clerk>> {
    let all = list(world, &device.agent).await?;
    Ok(all.into_iter().filter(|clerk| clerk.works_at(&device.agent, &device.place)).collect())
}

/// Somebody of the owner's agent, who is not the owner who asks.
fn other(tx: &mut Tx<'_>, by: &At, id: &ClerkId) -> anyhow::Result<std::result::Result<Clerk, ClerkRefusal>> {
    if by.clerk.id == *id {
        return Ok(Err(ClerkRefusal::Oneself));
    }
    let found = store::clerk::find(tx, id)?.filter(|clerk| clerk.agent == *by.agent());
    Ok(found.ok_or(ClerkRefusal::Unknown))
}

fn is_last_owner(tx: &mut Tx<'_>, clerk: &Clerk) -> anyhow::Result<bool> {
    let leads = clerk.role == ClerkRole::Owner && clerk.state == ClerkState::Active;
    Ok(leads && !store::clerk::has_other_owner(tx, &clerk.agent, &clerk.id)?)
}

/// Gives a clerk another role. Who is no owner any more works where the owner stands.
pub async fn change_role(
    world: &World,
    by: &At,
    id: &ClerkId,
    role: ClerkRole,
) -> Result<std::result::Result<(), ClerkRefusal>> {
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let done = world.db.write(move |tx| {
        let clerk = match other(tx, &by, &id)? {
            Ok(clerk) => clerk,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if role != ClerkRole::Owner && is_last_owner(tx, &clerk)? {
            return Ok(Err(ClerkRefusal::LastOwner));
        }
        let place = clerk.place.as_ref().unwrap_or(by.place());
        store::clerk::set_role(tx, &id, role, (role != ClerkRole::Owner).then_some(place))?;
        store::clerk_session::end_of(tx, &id, context.now, SessionEnd::Changed)?;
        let note = Note::of(&by, JournalEvent::ClerkChanged).about(id.as_str());
        journal::write(tx, &context, &note)?;
        Ok(Ok(()))
    });
    Ok(done.await?)
}

/// Takes a clerk's PIN away and gives a one-time code for another.
pub async fn reset_pin(
    world: &World,
    by: &At,
    id: &ClerkId,
) -> Result<std::result::Result<Coded, ClerkRefusal>> {
    let (code, hash) = new_code(world, CLERK);
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let expires_at = context.now.plus_ms(CLERK_MS);
    let done = world.db.write(move |tx| {
        let clerk = match other(tx, &by, &id)? {
            Ok(clerk) => clerk,
            Err(refusal) => return Ok(Err(refusal)),
        };
        store::clerk::set_pin(tx, &id, None)?;
        store::clerk::insert_code(tx, &id, &hash, context.now, expires_at)?;
        store::clerk_session::end_of(tx, &id, context.now, SessionEnd::Changed)?;
        journal::write(tx, &context, &Note::of(&by, JournalEvent::PinReset).about(id.as_str()))?;
        Ok(Ok(clerk))
    });
    Ok(done.await?.map(|clerk| Coded { clerk, code, expires_at }))
}

/// Suspends a clerk, or lets one back.
pub async fn set_state(
    world: &World,
    by: &At,
    id: &ClerkId,
    state: ClerkState,
) -> Result<std::result::Result<(), ClerkRefusal>> {
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let done = world.db.write(move |tx| {
        let clerk = match other(tx, &by, &id)? {
            Ok(clerk) => clerk,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let what = match state {
            ClerkState::Active => JournalEvent::ClerkBack,
            ClerkState::Suspended if is_last_owner(tx, &clerk)? => return Ok(Err(ClerkRefusal::LastOwner)),
            ClerkState::Suspended => JournalEvent::ClerkSuspended,
        };
        store::clerk::set_state(tx, &id, state)?;
        store::clerk_session::end_of(tx, &id, context.now, SessionEnd::Changed)?;
        journal::write(tx, &context, &Note::of(&by, what).about(id.as_str()))?;
        Ok(Ok(()))
    });
    Ok(done.await?)
}

/// What became of choosing a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinChoice {
    /// It is set, and the device is unlocked.
    In(Box<Opened>),
    /// Not this clerk's code, or used, or lapsed.
    CodeWrong,
    Unfit(PinUnfit),
    /// Too many codes: not before this time.
    Locked(UnixMs),
}

/// Lets a clerk choose a PIN by a one-time code, and unlocks the device.
pub async fn choose_pin(
    world: &World,
    device: &Device,
    who: &Who,
    code: &str,
    typed: &str,
) -> Result<PinChoice> {
    let (at, sought) = (device.clone(), who.clone());
    let found = world.db.read(move |tx| pin::find(tx, &at, &sought)).await?;
    let counted = match &found {
        Some(clerk) => format!("clerk-code/{}", clerk.id),
        None => format!("clerk-code-at/{}", device.id),
    };
    if let Some(until) = tries::count(world, vec![(counted.clone(), CODES_PER_CLERK)]).await? {
        return Ok(PinChoice::Locked(until));
    }
    let (Some(clerk), Some(code)) = (found, counter_code::parse(code)) else {
        return Ok(PinChoice::CodeWrong);
    };
    let pin = match clerk::new_pin(typed, clerk.number) {
        Ok(pin) => pin,
        Err(unfit) => return Ok(PinChoice::Unfit(unfit)),
    };
    let hash = second_factor::hash(world, &pin).await?;
    let (codes, id, now) = (hashes(world, CLERK, &code), clerk.id.clone(), world.now());
    let used = world.db.write(move |tx| {
        if !store::clerk::use_code(tx, &id, &codes, now)? {
            return Ok(false);
        }
        store::clerk::set_pin(tx, &id, Some(&hash))?;
        store::clerk_session::end_of(tx, &id, now, SessionEnd::Changed)?;
        store::throttle::forget(tx, &counted)?;
        Ok(true)
    });
    if !used.await? {
        return Ok(PinChoice::CodeWrong);
    }
    let note = Note::at(&device.place, JournalEvent::PinSet).on(&device.id).by(&clerk.id);
    Ok(PinChoice::In(Box::new(session::open(world, device, clerk, false, note).await?)))
}
