//! Whose PIN it is: each try is counted before it is compared, so that many at once are many tries, and the lock after
//! wrong ones grows. A supervisor's PIN lets somebody else do once what that one may not do alone.

use super::At;
use super::journal::{self, Note};
use crate::error::Result;
use crate::office::second_factor;
use crate::world::World;
use domain::clerk::{self, Clerk};
use domain::counter_journal::JournalEvent;
use domain::device::Device;
use domain::id::ClerkId;
use domain::time::UnixMs;
use store::Tx;

/// Whom somebody says to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Chosen from the names.
    Chosen(ClerkId),
    /// By the short number.
    Number(i64),
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    Right(Box<Clerk>),
    /// Nobody who works here, or not their PIN; which of both is not told.
    Wrong,
    /// No PIN was chosen yet: a one-time code is needed first.
    NoPin(Box<Clerk>),
    /// Too many wrong tries: not before this time.
    Locked(Box<Clerk>, UnixMs),
}

/// Somebody who works at the outlet of a device.
pub(super) fn find(tx: &mut Tx<'_>, device: &Device, who: &Who) -> anyhow::Result<Option<Clerk>> {
    let found = match who {
        Who::Chosen(id) => store::clerk::find(tx, id)?,
        Who::Number(number) => store::clerk::find_by_number(tx, &device.agent, *number)?,
    };
    Ok(found.filter(|clerk| clerk.works_at(&device.agent, &device.place)))
}

enum Counted {
    Nobody,
    Locked(Clerk, UnixMs),
    Compare(Clerk, Option<String>),
}

fn count(tx: &mut Tx<'_>, device: &Device, who: &Who, now: UnixMs) -> anyhow::Result<Counted> {
    let Some(clerk) = find(tx, device, who)? else { return Ok(Counted::Nobody) };
    let Some(pin) = store::clerk::count_try(tx, &clerk.id, now)? else {
        let until = store::clerk::pin(tx, &clerk.id)?.and_then(|pin| pin.locked_until);
        return Ok(Counted::Locked(clerk, until.unwrap_or(now)));
    };
    if pin.hash.is_none() {
        store::clerk::forget_tries(tx, &clerk.id)?;
    } else if let Some(lock) = clerk::lock_after(pin.tries) {
        store::clerk::lock_until(tx, &clerk.id, now.plus_ms(lock))?;
    }
    Ok(Counted::Compare(clerk, pin.hash))
}

/// Compares a PIN; what is wrong is written down. What is right is not: that is up to whoever asked.
pub(super) async fn check(world: &World, device: &Device, who: &Who, typed: &str) -> Result<Tried> {
    let (at, sought, now) = (device.clone(), who.clone(), world.now());
    let counted = world.db.write(move |tx| count(tx, &at, &sought, now)).await?;
    let (clerk, hash) = match counted {
        Counted::Locked(clerk, until) => return Ok(Tried::Locked(Box::new(clerk), until)),
        Counted::Compare(clerk, None) => return Ok(Tried::NoPin(Box::new(clerk))),
        Counted::Compare(clerk, hash) => (Some(clerk), hash),
        Counted::Nobody => (None, None),
    };
    let pin = clerk::typed_pin(typed);
    let right = second_factor::fits(pin.as_deref().unwrap_or(""), hash).await?;
    let Some(clerk) = clerk else { return Ok(Tried::Wrong) };
    let (context, device, tried) = (world.step(), device.clone(), clerk.id.clone());
    let done = world.db.write(move |tx| {
        if right {
            return store::clerk::forget_tries(tx, &tried);
        }
        let note = Note::at(&device.place, JournalEvent::PinWrong).on(&device.id).by(&tried);
        journal::write(tx, &context, &note)
    });
    done.await?;
    Ok(if right { Tried::Right(Box::new(clerk)) } else { Tried::Wrong })
}

/// What a supervisor's PIN came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// By this supervisor, for this once.
    Given(Box<Clerk>),
    Wrong,
    Locked(UnixMs),
    /// Somebody who may not, or the one who asks.
    NotASupervisor,
}

/// Asks a supervisor of the outlet for this once. `acting` is whoever wants it: nobody approves their own.
pub async fn approve(
    world: &World,
    device: &Device,
    acting: Option<&ClerkId>,
    supervisor: &Who,
    typed: &str,
) -> Result<Approval> {
    Ok(match check(world, device, supervisor, typed).await? {
        Tried::Right(clerk) if clerk.supervises() && acting != Some(&clerk.id) => Approval::Given(clerk),
        Tried::Right(_) => Approval::NotASupervisor,
        Tried::Wrong | Tried::NoPin(_) => Approval::Wrong,
        Tried::Locked(_, until) => Approval::Locked(until),
    })
}

/// The same for somebody at work, such as a clerk who takes back a sale above a limit.
pub async fn approve_at(world: &World, at: &At, supervisor: &Who, typed: &str) -> Result<Approval> {
    approve(world, &at.device, Some(&at.clerk.id), supervisor, typed).await
}
