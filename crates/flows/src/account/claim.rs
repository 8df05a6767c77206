//! A slip joins an account: whoever has proved the number that it is for may keep it among the own orders. It is never
//! taken from an account that has it.

use super::{Asker, Who};
use crate::error::Result;
use crate::office::audit;
use crate::tries::{self, place};
use crate::world::World;
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::TopUpId;
use domain::time::UnixMs;
use store::account::subscriber_line;

/// Tries from one account and from one place in a quarter of an hour.
const TRIES: i64 = 10;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The order is in the account now, or was before.
    Own(TopUpId),
    /// No receipt of ours has the code.
    Unknown,
    /// Its number was not proved in this account.
    NumberUnproved,
    /// It belongs to another account.
    Elsewhere,
    /// Too many tries: not before this time.
    NotBefore(UnixMs),
}

/// Adds the order of a receipt to the account of whoever proved its number.
pub async fn claim(world: &World, asker: &Asker, who: &Who, code: &str) -> Result<Claimed> {
    let keys = [format!("claim-of/{}", who.subscriber), format!("claim-from/{}", place(&asker.address))];
    let counted = keys.iter().map(|key| (key.clone(), TRIES)).collect();
    if let Some(until) = tries::count(world, counted).await? {
        return Ok(Claimed::NotBefore(until));
    }
    let (who, code, context) = (who.clone(), code.to_owned(), world.step());
    let claimed = world.db.write(move |tx| {
        let Some(order) = store::top_up::find_by_code(tx, &code)? else { return Ok(Claimed::Unknown) };
        if order.subscriber.as_ref() == Some(&who.subscriber) {
            return Ok(Claimed::Own(order.id));
        }
        if !subscriber_line::has(tx, &who.subscriber, &order.line)? {
            return Ok(Claimed::NumberUnproved);
        }
        if !store::top_up::claim(tx, &order.id, &who.subscriber)? {
            return Ok(Claimed::Elsewhere);
        }
        let actor = Actor::Subscriber(who.subscriber.clone());
        let entry = Entry::of(actor, AuditAction::ReceiptClaimed, SubjectKind::TopUp, order.id.as_str());
        audit::record(tx, &context, &entry.about(&order.line))?;
        Ok(Claimed::Own(order.id))
    });
    let claimed = claimed.await?;
    if matches!(claimed, Claimed::Own(_)) {
        tries::give_back(world, keys.into()).await?;
    }
    Ok(claimed)
}
