//! Devices: paired by a one-time code with the public half of their key, known again by that key, revoked at once; and
//! what must be so that a signed request is taken.

use super::journal::{self, Note};
use super::session;
use super::{At, DEVICE, PAIRING, hashes, new_code, new_secret};
use crate::error::Result;
use crate::tries;
use crate::world::World;
use domain::clerk::SessionEnd;
use domain::counter_code::{self, PAIRING_MS};
use domain::counter_journal::JournalEvent;
use domain::device::{self, Device, Pairing, SKEW_MS};
use domain::id::{DeviceId, PlaceId};
use domain::time::{MINUTE_MS, UnixMs};
use store::clerk_session::ClerkSession;

/// Codes that may be tried from one address in a quarter of an hour.
const CODES_PER_PLACE: i64 = 20;
/// How exactly it is remembered when a device was seen last.
const SEEN_MS: i64 = MINUTE_MS;
/// Devices of one agent.
const DEVICES_MAX: usize = 200;

/// A pairing code, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingCode {
    pub code: String,
    pub name: String,
    pub expires_at: UnixMs,
}

/// Why an owner's wish about devices was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceRefusal {
    NameUnreadable,
    /// No device of this agent.
    Unknown,
    /// The device in one's own hands.
    Oneself,
    /// As many as an agent may have.
    Full,
}

/// Makes a code that pairs one device at an outlet of the owner's agent.
pub async fn make_code(
    world: &World,
    by: &At,
    place: &PlaceId,
    name: &str,
) -> Result<std::result::Result<PairingCode, DeviceRefusal>> {
    let Some(name) = device::name(name) else { return Ok(Err(DeviceRefusal::NameUnreadable)) };
    let (code, hash) = new_code(world, PAIRING);
    let context = world.step();
    let expires_at = context.now.plus_ms(PAIRING_MS);
    let pairing = Pairing { agent: by.agent().clone(), place: place.clone(), name, expires_at };
    let (by, stored) = (by.clone(), pairing.clone());
    let made = world.db.write(move |tx| {
        let standing = store::device::list(tx, by.agent())?;
        if standing.iter().filter(|device| device.revoked_at.is_none()).count() >= DEVICES_MAX {
            return Ok(Err(DeviceRefusal::Full));
        }
        store::pairing::insert(tx, &stored, &hash, context.now)?;
        let note = Note { place: stored.place.clone(), ..Note::of(&by, JournalEvent::PairingMade) };
        journal::write(tx, &context, &note)?;
        Ok(Ok(()))
    });
    Ok(made.await?.map(|()| PairingCode { code, name: pairing.name, expires_at }))
}

/// A device that was just paired, or known again. The secret goes into its cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    pub device: Device,
    pub secret: String,
}

/// What became of pairing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pair {
    Done(Box<Paired>),
    /// No code, or used, or lapsed.
    CodeWrong,
    /// Not a key, or one that some device has already.
    KeyUnfit,
    /// Too many codes from here: not before this time.
    Locked(UnixMs),
}

/// Pairs a device. That the sender has the private half of the key was proved by the request's signature.
pub async fn pair(world: &World, code: &str, public_key: &str, words: &str, address: &str) -> Result<Pair> {
    let Some(public_key) = device::public_key(public_key) else { return Ok(Pair::KeyUnfit) };
    let key = format!("pairing-from/{}", tries::place(address));
    if let Some(until) = tries::count(world, vec![(key.clone(), CODES_PER_PLACE)]).await? {
        return Ok(Pair::Locked(until));
    }
    let Some(code) = counter_code::parse(code) else { return Ok(Pair::CodeWrong) };
    let codes = hashes(world, PAIRING, &code);
    let (secret, hash) = new_secret(world, DEVICE);
    let (context, words) = (world.step(), words.chars().take(device::NAME_MAX).collect::<String>());
    let done = world.db.write(move |tx| {
        if store::device::has_key(tx, &public_key)? {
            return Ok(Err(Pair::KeyUnfit));
        }
        let now = context.now;
        let Some(pairing) = store::pairing::take(tx, &codes, now)? else { return Ok(Err(Pair::CodeWrong)) };
        let device = Device {
            id: DeviceId::new(context.ids.as_ref(), now),
            agent: pairing.agent,
            place: pairing.place,
            name: if pairing.name.is_empty() { words.clone() } else { pairing.name },
            public_key: public_key.clone(),
            printer: None,
            reader: None,
            paired_at: now,
            revoked_at: None,
            last_seen_at: now,
        };
        store::device::insert(tx, &device, &hash)?;
        store::throttle::forget(tx, &key)?;
        let note = Note::at(&device.place, JournalEvent::DevicePaired).on(&device.id);
        journal::write(tx, &context, &note.about(device.id.as_str()))?;
        Ok(Ok(device))
    });
    Ok(match done.await? {
        Ok(device) => Pair::Done(Box::new(Paired { device, secret })),
        Err(refused) => refused,
    })
}

/// Knows a device again that lost its cookie, or never got the answer to its pairing: its key is still its own.
pub async fn know_again(world: &World, public_key: &str) -> Result<Option<Paired>> {
    let Some(public_key) = device::public_key(public_key) else { return Ok(None) };
    let (secret, hash) = new_secret(world, DEVICE);
    let found = world.db.write(move |tx| {
        let Some(device) = store::device::find_by_key(tx, &public_key)? else { return Ok(None) };
        if device.revoked_at.is_some() {
            return Ok(None);
        }
        store::device::set_secret(tx, &device.id, &hash)?;
        Ok(Some(device))
    });
    Ok(found.await?.map(|device| Paired { device, secret }))
}

/// What made a signed request unlike every other.
#[derive(Debug, Clone)]
pub struct Signed {
    pub nonce: String,
    pub created: UnixMs,
}

/// Takes a request whose signature was right; says whether it came for the first time. `session` was used by it. `None`
/// is of a request that needs no nonce, because it is done once by a key of its own.
pub async fn admit(
    world: &World,
    device: &Device,
    signed: Option<Signed>,
    session: Option<&ClerkSession>,
) -> Result<bool> {
    let now = world.now();
    let used = session.filter(|session| session::is_due(session, now)).map(|session| session.id.clone());
    let seen = now >= device.last_seen_at.plus_ms(SEEN_MS);
    if signed.is_none() && used.is_none() && !seen {
        return Ok(true);
    }
    let id = device.id.clone();
    let done = world.db.write(move |tx| {
        if let Some(Signed { nonce, created }) = &signed {
            // A request may be sent again as long as its time would be taken, to either side of ours.
            let remembered_from = UnixMs(now.0.max(created.0));
            if !store::device::take_nonce(tx, &id, nonce, remembered_from)? {
                return Ok(false);
            }
        }
        if seen {
            store::device::seen(tx, &id, now)?;
        }
        if let Some(session) = &used {
            store::clerk_session::touch(tx, session, now)?;
        }
        Ok(true)
    });
    Ok(done.await?)
}

/// Revokes a device of the owner's agent: from the next request on it is none of ours.
pub async fn revoke(
    world: &World,
    by: &At,
    id: &DeviceId,
) -> Result<std::result::Result<Device, DeviceRefusal>> {
    if by.device.id == *id {
        return Ok(Err(DeviceRefusal::Oneself));
    }
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let done = world.db.write(move |tx| {
        let found = store::device::find(tx, &id)?.filter(|device| device.agent == *by.agent());
        let Some(device) = found else { return Ok(Err(DeviceRefusal::Unknown)) };
        if store::device::revoke(tx, &id, context.now)? {
            session::close(tx, &context, &device, SessionEnd::Revoked)?;
            let note = Note::of(&by, JournalEvent::DeviceRevoked).about(device.id.as_str());
            journal::write(tx, &context, &Note { place: device.place.clone(), ..note })?;
        }
        Ok(Ok(device))
    });
    Ok(done.await?)
}

/// The devices of the owner's agent, the newest first.
pub async fn list(world: &World, by: &At) -> Result<Vec<Device>> {
    let agent = by.agent().clone();
    Ok(world.db.read(move |tx| store::device::list(tx, &agent)).await?)
}

/// How long what [`admit`] took is remembered: twice as long as its time would be taken.
pub(crate) const NONCE_MS: i64 = 2 * SKEW_MS;
