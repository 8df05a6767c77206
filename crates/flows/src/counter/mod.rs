//! The counter of an outlet: which devices stand there, who works at them, and what is written down of it.
//!
//! Start reading at [`session`] (who is at a device now), then [`devices`] (how one is paired and what a signed request
//! must be), [`clerks`] (what an owner does with people), [`sale`], [`undo`] and [`journal`].

pub mod balance;
pub mod card;
pub mod clerks;
pub mod devices;
pub mod journal;
pub mod mail;
pub mod paper;
pub mod pin;
pub mod reader;
pub mod sale;
pub mod session;
pub mod shown;
pub mod training;
pub mod undo;

use crate::world::World;
use domain::actor::Actor;
use domain::clerk::Clerk;
use domain::device::Device;
use domain::id::{AgentId, PartnerId, PlaceId};
use domain::time::{DAY_MS, UnixMs};
use store::Tx;
use store::clerk_session::ClerkSession;
use store::keyring::Purpose;

/// Who works at which device: what a flow of the counter is told about the one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    pub device: Device,
    pub clerk: Clerk,
    pub session: ClerkSession,
    /// Whose float sales here are paid from; `None` where there is no outlet any more.
    pub float: Option<PartnerId>,
}

impl At {
    /// The outlet.
    pub fn place(&self) -> &PlaceId {
        &self.device.place
    }

    /// Whose outlet it is.
    pub fn agent(&self) -> &AgentId {
        &self.device.agent
    }

    /// Who is written down for what is done here.
    pub fn actor(&self) -> Actor {
        Actor::Clerk { clerk: self.clerk.id.clone(), device: self.device.id.clone() }
    }

    /// Does nothing of it touch the ledger?
    pub fn training(&self) -> bool {
        self.session.training
    }
}

/// A secret for a cookie, with the hash that is stored. `kind` keeps secrets of one kind from serving as another's.
fn new_secret(world: &World, kind: &str) -> (String, String) {
    let secret = format!("{}{}", hex::encode(world.ids.random()), hex::encode(world.ids.random()));
    let hash = world.keyring.hash(Purpose::Counter, &format!("{kind} {secret}"));
    (secret, hash)
}

/// The hashes under which a secret may be stored.
fn hashes(world: &World, kind: &str, secret: &str) -> Vec<String> {
    world.keyring.hashes(Purpose::Counter, &format!("{kind} {secret}"))
}

/// A one-time code, with the hash that is stored.
fn new_code(world: &World, kind: &str) -> (String, String) {
    let code = domain::counter_code::draw(world.ids.random());
    let hash = world.keyring.hash(Purpose::Counter, &format!("{kind} {code}"));
    (code, hash)
}

/// Removes what need not be kept.
pub(crate) fn purge(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> anyhow::Result<()> {
    store::device::purge_nonces(tx, now.plus_ms(-devices::NONCE_MS), NONCES)?;
    store::pairing::purge(tx, now.plus_ms(-DAY_MS), limit)?;
    store::clerk::purge_codes(tx, now.plus_ms(-DAY_MS), limit)?;
    store::id_check::purge(tx, now.plus_ms(-UNSOLD_LOOK_DAYS * DAY_MS), limit)?;
    store::clerk_session::purge(tx, now.plus_ms(-SESSION_DAYS * DAY_MS), limit)?;
    Ok(())
}

/// Each signed request leaves one, so that they are removed in larger pieces than anything else.
const NONCES: i64 = 5_000;
/// How long a look at a document is kept that served no sale; one that did stays with it.
const UNSOLD_LOOK_DAYS: i64 = 30;
/// How long it is known who unlocked what, beside the journal.
const SESSION_DAYS: i64 = 90;

const DEVICE: &str = "device";
const UNLOCKING: &str = "unlocking";
const PAIRING: &str = "pairing";
const CLERK: &str = "clerk";
