//! Sessions: found by their secret, opened by a code, ended by their owner.

use super::{Who, secret};
use crate::error::Result;
use crate::world::World;
use domain::account::ContactKind;
use domain::id::{SessionId, SubscriberId};
use domain::locale::Locale;
use domain::time::{MINUTE_MS, UnixMs};
use store::Tx;
use store::account::contact;
use store::account::session::{self, LASTS_MS, Session};
use store::keyring::Purpose;

/// How long it takes until a use is written down again.
const SEEN_EVERY_MS: i64 = 5 * MINUTE_MS;
/// As many characters as a secret has; whatever is longer is none.
const SECRET_LENGTH: usize = 64;

/// The session of a secret while it lasts, and the language of its subscriber. Using it lets it last longer.
pub async fn find(world: &World, secret: &str) -> Result<Option<(Session, Locale)>> {
    if secret.len() != SECRET_LENGTH {
        return Ok(None);
    }
    let (hashes, now) = (world.keyring.hashes(Purpose::Session, secret), world.now());
    let found = world.db.read(move |tx| session::find(tx, &hashes, now)).await?;
    if let Some((session, _)) = &found
        && now.0 - session.seen_at.0 >= SEEN_EVERY_MS
    {
        let id = session.id.clone();
        world.db.write(move |tx| session::seen(tx, &id, now)).await?;
    }
    Ok(found)
}

/// A session that is about to be opened.
#[derive(Clone)]
pub(crate) struct Opening {
    /// For the browser, once.
    pub secret: String,
    secret_hash: String,
    id: SessionId,
    device: String,
    now: UnixMs,
}

impl Opening {
    pub fn new(world: &World, device: &str) -> Opening {
        let (secret, now) = (secret(world), world.now());
        let secret_hash = world.keyring.hash(Purpose::Session, &secret);
        Opening {
            secret,
            secret_hash,
            id: SessionId::new(world.ids.as_ref(), now),
            device: device.to_owned(),
            now,
        }
    }

    /// Opens it: a code was right just now.
    pub fn open(&self, tx: &mut Tx<'_>, subscriber: &SubscriberId) -> anyhow::Result<()> {
        let opened = Session {
            id: self.id.clone(),
            subscriber: subscriber.clone(),
            device: self.device.clone(),
            created_at: self.now,
            seen_at: self.now,
            proved_at: self.now,
            expires_at: self.now.plus_ms(LASTS_MS),
        };
        session::insert(tx, &opened, &self.secret_hash)
    }
}

/// A session of the account with this address, for a door of the demo. `None` where this is not the demo, or nobody
/// has the address.
pub async fn demo_door(world: &World, address: &str) -> Result<Option<String>> {
    if !world.settings.demo {
        return Ok(None);
    }
    let hashes = world.keyring.hashes(Purpose::Email, &domain::account::normal_email(address));
    let opening = Opening::new(world, "demo");
    let secret = opening.secret.clone();
    let opened = world.db.write(move |tx| {
        let Some(owner) = contact::find(tx, ContactKind::Email, &hashes)? else { return Ok(false) };
        opening.open(tx, &owner.subscriber).map(|()| true)
    });
    Ok(opened.await?.then_some(secret))
}

/// Ends the session of a secret, whoever asks.
pub async fn sign_out(world: &World, secret: &str) -> Result<()> {
    if let Some((session, _)) = find(world, secret).await? {
        let now = world.now();
        world.db.write(move |tx| session::end(tx, &session.subscriber, &session.id, now)).await?;
    }
    Ok(())
}

/// Ends one of one's own sessions; says whether it was running.
pub async fn end(world: &World, who: &Who, id: &SessionId) -> Result<bool> {
    let (subscriber, id, now) = (who.subscriber.clone(), id.clone(), world.now());
    Ok(world.db.write(move |tx| session::end(tx, &subscriber, &id, now)).await?)
}

/// Ends all of one's own sessions, this one too.
pub async fn end_all(world: &World, who: &Who) -> Result<u64> {
    let (subscriber, now) = (who.subscriber.clone(), world.now());
    Ok(world.db.write(move |tx| session::end_all(tx, &subscriber, now)).await?)
}
