//! Accounts: registering, signing in by a code to a contact, and what subscribers do with what is theirs.
//!
//! Start reading at [`code`] (security codes and how many are sent), then [`sign_in`] and [`register`]. What is
//! sensitive asks for a code that was right a short while ago ([`Who::is_fresh`]). A flow answers an
//! [`AccountRefusal`] where a person can act on it.

pub mod claim;
pub mod code;
pub mod confirm;
pub mod contact;
pub mod erase;
pub mod export;
pub mod limits;
pub mod lines;
pub mod notice;
pub mod own;
pub mod register;
pub mod send;
pub mod session;
pub mod sign_in;

use crate::error::Result;
use crate::world::World;
use domain::account::{AccountRefusal, ContactKind};
use domain::id::{SessionId, SubscriberId};
use domain::locale::Locale;
use domain::time::{MINUTE_MS, UnixMs};
use store::keyring::Purpose;

/// What a flow of accounts answers: it was done, or a reason that a person can act on.
pub type Answer<T> = Result<std::result::Result<T, AccountRefusal>>;

/// Who asks from outside, signed in or not.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Where the request comes from.
    pub address: String,
    pub locale: Locale,
    /// The country that the reader's languages name, if one does.
    pub country: Option<String>,
    /// The device in a few words; may be empty.
    pub device: String,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Who {
    pub subscriber: SubscriberId,
    pub session: SessionId,
    /// When a security code was last right in this session.
    pub proved_at: UnixMs,
}

/// What is sensitive needs a code that is not older.
pub const FRESH_FOR_MS: i64 = 10 * MINUTE_MS;

impl Who {
    /// Was a code right a short while ago?
    pub fn is_fresh(&self, now: UnixMs) -> bool {
        now < self.proved_at.plus_ms(FRESH_FOR_MS)
    }
}

/// For what a contact is sealed and hashed.
pub(crate) fn sealed_for(kind: ContactKind) -> Purpose {
    match kind {
        ContactKind::Email => Purpose::Email,
        ContactKind::Phone => Purpose::Msisdn,
    }
}

/// The hash of a contact under the current key.
pub(crate) fn hash(world: &World, kind: ContactKind, value: &str) -> String {
    world.keyring.hash(sealed_for(kind), value)
}

/// What may be shown of a contact.
pub(crate) fn shown(kind: ContactKind, value: &str) -> String {
    match kind {
        ContactKind::Email => domain::account::masked_email(value),
        ContactKind::Phone => domain::account::masked_number(value),
    }
}

/// 256 random bits as text.
pub(crate) fn secret(world: &World) -> String {
    hex::encode([world.ids.random(), world.ids.random()].concat())
}
