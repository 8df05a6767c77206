//! Who is at a device now: unlocking with a PIN, the lock after two minutes, the lock key, taking over, and the door a
//! supervisor opens for somebody whom wrong tries locked out.

use super::journal::{self, Note};
use super::pin::{self, Approval, Tried, Who};
use super::{At, DEVICE, UNLOCKING, hashes, new_secret};
use crate::error::Result;
use crate::office::reveal::{REASON_MAX, REASON_MIN, scrubbed};
use crate::world::{StepContext, World};
use domain::clerk::{Clerk, IDLE_MS, LASTS_MS, SessionEnd};
use domain::counter_journal::JournalEvent;
use domain::device::Device;
use domain::id::ClerkSessionId;
use domain::time::{SECOND_MS, UnixMs};
use store::Tx;
use store::clerk_session::ClerkSession;

/// How exactly it is remembered when somebody did something last.
const SEEN_MS: i64 = 5 * SECOND_MS;

/// What a browser's cookies stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No device of ours.
    Unpaired,
    Revoked(Box<Device>),
    /// Nobody is at it. `lapsed`: because nobody did anything for too long.
    Locked {
        device: Box<Device>,
        lapsed: bool,
    },
    /// Somebody works at it.
    Open(Box<At>),
}

/// Looks who is at a device, by the secrets of its cookies.
pub async fn standing(world: &World, device: Option<&str>, unlocking: Option<&str>) -> Result<Standing> {
    let Some(device) = device else { return Ok(Standing::Unpaired) };
    let device = hashes(world, DEVICE, device);
    let unlocking = unlocking.map(|secret| hashes(world, UNLOCKING, secret)).unwrap_or_default();
    let now = world.now();
    Ok(world.db.read(move |tx| look(tx, &device, &unlocking, now)).await?)
}

fn look(tx: &mut Tx<'_>, device: &[String], unlocking: &[String], now: UnixMs) -> anyhow::Result<Standing> {
    let device: Vec<&str> = device.iter().map(String::as_str).collect();
    let unlocking: Vec<&str> = unlocking.iter().map(String::as_str).collect();
    let (devices, sessions) = tx.query_both(
        store::device::each_by_secret(&device),
        store::clerk_session::each_by_secret(&unlocking),
    )?;
    let Some((device, float)) = devices.into_iter().next() else { return Ok(Standing::Unpaired) };
    let device = Box::new(device);
    if device.revoked_at.is_some() {
        return Ok(Standing::Revoked(device));
    }
    let found = sessions.into_iter().find(|(session, _)| session.device == device.id);
    let Some((session, clerk)) = found else { return Ok(Standing::Locked { device, lapsed: false }) };
    if session.ended.is_some() {
        let lapsed = session.ended.is_some_and(|(_, by)| by == SessionEnd::Idle);
        return Ok(Standing::Locked { device, lapsed });
    }
    if has_lapsed(&session, now) {
        return Ok(Standing::Locked { device, lapsed: true });
    }
    if !clerk.works_at(&device.agent, &device.place) {
        return Ok(Standing::Locked { device, lapsed: false });
    }
    Ok(Standing::Open(Box::new(At { device: *device, clerk, session, float })))
}

fn has_lapsed(session: &ClerkSession, now: UnixMs) -> bool {
    now >= session.last_used_at.plus_ms(IDLE_MS) || now >= session.started_at.plus_ms(LASTS_MS)
}

/// Is it time to note again that somebody does something?
pub(super) fn is_due(session: &ClerkSession, now: UnixMs) -> bool {
    now >= session.last_used_at.plus_ms(SEEN_MS)
}

/// Notes that somebody looked at a page.
pub async fn touch(world: &World, at: &At) -> Result<()> {
    let now = world.now();
    if !is_due(&at.session, now) {
        return Ok(());
    }
    let id = at.session.id.clone();
    Ok(world.db.write(move |tx| store::clerk_session::touch(tx, &id, now)).await?)
}

/// An unlocking that was just made. The secret goes to the browser and is stored as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub clerk: Clerk,
    pub session: ClerkSession,
    pub secret: String,
}

/// What became of unlocking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlock {
    In(Box<Opened>),
    Wrong,
    /// No PIN was chosen yet.
    NoPin(Box<Clerk>),
    /// Not before this time, or with a supervisor.
    Locked(Box<Clerk>, UnixMs),
}

/// Unlocks a device. Whoever worked at it until now is out.
pub async fn unlock(
    world: &World,
    device: &Device,
    who: &Who,
    typed: &str,
    training: bool,
) -> Result<Unlock> {
    Ok(match pin::check(world, device, who, typed).await? {
        Tried::Right(clerk) => {
            let note = Note::at(&device.place, JournalEvent::Unlocked).on(&device.id).by(&clerk.id);
            Unlock::In(Box::new(open(world, device, *clerk, training, note).await?))
        }
        Tried::Wrong => Unlock::Wrong,
        Tried::NoPin(clerk) => Unlock::NoPin(clerk),
        Tried::Locked(clerk, until) => Unlock::Locked(clerk, until),
    })
}

pub(super) async fn open(
    world: &World,
    device: &Device,
    clerk: Clerk,
    training: bool,
    note: Note,
) -> Result<Opened> {
    let (secret, hash) = new_secret(world, UNLOCKING);
    let context = world.step();
    let now = context.now;
    let session = ClerkSession {
        id: ClerkSessionId::new(world.ids.as_ref(), now),
        device: device.id.clone(),
        clerk: clerk.id.clone(),
        training,
        started_at: now,
        last_used_at: now,
        ended: None,
    };
    let (device, stored) = (device.clone(), session.clone());
    let done = world.db.write(move |tx| {
        close(tx, &context, &device, SessionEnd::TakenOver)?;
        store::clerk_session::insert(tx, &stored, &hash)?;
        journal::write(tx, &context, &note)
    });
    done.await?;
    Ok(Opened { clerk, session, secret })
}

/// Ends what is open at a device and writes it down. An unlocking that lapsed meanwhile ended then, not now.
pub(super) fn close(
    tx: &mut Tx<'_>,
    context: &StepContext,
    device: &Device,
    by: SessionEnd,
) -> anyhow::Result<()> {
    let Some(session) = store::clerk_session::find_open(tx, &device.id)? else { return Ok(()) };
    let by =
        if has_lapsed(&session, context.now) && by != SessionEnd::Revoked { SessionEnd::Idle } else { by };
    store::clerk_session::end(tx, &session.id, context.now, by)?;
    let note =
        Note::at(&device.place, JournalEvent::Locked).on(&device.id).by(&session.clerk).about(by.as_str());
    journal::write(tx, context, &note)
}

/// Locks a device: with the key, or because its page saw nobody for two minutes.
pub async fn lock(world: &World, at: &At, idle: bool) -> Result<()> {
    let by = if idle { SessionEnd::Idle } else { SessionEnd::Locked };
    let (context, device) = (world.step(), at.device.clone());
    Ok(world.db.write(move |tx| close(tx, &context, &device, by)).await?)
}

/// What became of a supervisor's help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Override {
    In(Box<Opened>),
    /// The clerk is nobody who works here, or is not locked out.
    NotLocked,
    ReasonUnfit,
    Wrong,
    NotASupervisor,
    Locked(UnixMs),
}

/// A supervisor lets a clerk in, once and with a reason, whom wrong tries locked out. The lock stays.
pub async fn override_lock(
    world: &World,
    device: &Device,
    locked_out: &Who,
    supervisor: &Who,
    typed: &str,
    reason: &str,
) -> Result<Override> {
    let reason = scrubbed(reason);
    if !(REASON_MIN..=REASON_MAX).contains(&reason.chars().count()) {
        return Ok(Override::ReasonUnfit);
    }
    let (at, sought, now) = (device.clone(), locked_out.clone(), world.now());
    let found = world.db.read(move |tx| {
        let Some(clerk) = pin::find(tx, &at, &sought)? else { return Ok(None) };
        let until = store::clerk::pin(tx, &clerk.id)?.and_then(|pin| pin.locked_until);
        Ok(until.filter(|until| now < *until).map(|_| clerk))
    });
    let Some(clerk) = found.await? else { return Ok(Override::NotLocked) };
    let by = match pin::approve(world, device, Some(&clerk.id), supervisor, typed).await? {
        Approval::Given(supervisor) => supervisor,
        Approval::Wrong => return Ok(Override::Wrong),
        Approval::NotASupervisor => return Ok(Override::NotASupervisor),
        Approval::Locked(until) => return Ok(Override::Locked(until)),
    };
    let note = Note::at(&device.place, JournalEvent::Overridden).on(&device.id).by(&by.id);
    let note = note.about(clerk.id.as_str()).because(&reason);
    Ok(Override::In(Box::new(open(world, device, clerk, false, note).await?)))
}
