//! The receipt of a sale at a counter by e-mail: the address is asked for at the counter, sealed like every other, and
//! from then on gets all news of this sale.

use super::At;
use crate::error::Result;
use crate::top_up::announcement;
use crate::world::World;
use crate::{proof, tries};
use domain::account::normal_email;
use domain::time::UnixMs;
use domain::top_up::{TopUp, TopUpState};
use store::keyring::Purpose;
use store::outbox;

/// Receipts that one clerk sends in a quarter of an hour.
const PER_CLERK: i64 = 40;

/// What became of the wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailed {
    /// It is on its way.
    Queued,
    /// Not an address.
    Unreadable,
    /// This sale's receipt goes to an address already.
    Before,
    /// There is no receipt, or no mail server.
    Nothing,
    /// Too many: not before this time.
    Locked(UnixMs),
}

/// Sends the receipt of a sale that stands.
pub async fn send(world: &World, at: &At, top_up: &TopUp, address: &str) -> Result<Mailed> {
    let Ok(Some(address)) = proof::email(address) else { return Ok(Mailed::Unreadable) };
    if top_up.state != TopUpState::Credited || world.email.is_none() || at.training() {
        return Ok(Mailed::Nothing);
    }
    let key = format!("counter-mail/{}", at.clerk.id);
    if let Some(until) = tries::count(world, vec![(key, PER_CLERK)]).await? {
        return Ok(Mailed::Locked(until));
    }
    let sealed = world.keyring.seal(Purpose::Email, &address)?;
    let hash = world.keyring.hash(Purpose::Email, &normal_email(&address));
    let (context, id) = (world.step(), top_up.id.clone());
    let queued = world.db.write(move |tx| {
        if !store::top_up::set_email(tx, &id, &sealed, &hash)? {
            return Ok(Mailed::Before);
        }
        let top_up = store::top_up::load(tx, &id)?;
        outbox::push(tx, announcement(&top_up, &context), context.ids.as_ref(), context.now)?;
        Ok(Mailed::Queued)
    });
    let queued = queued.await?;
    world.wake();
    Ok(queued)
}
