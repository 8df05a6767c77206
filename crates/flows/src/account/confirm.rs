//! Confirming that it is still the same person, before something sensitive is done: a code to a contact of one's own.

use super::code::{Attempt, Held, Sent, request};
use super::sign_in::{is_still_theirs, to_contact};
use super::{Answer, Asker, Who};
use crate::world::World;
use domain::account::{AccountRefusal, ContactKind};
use domain::security_code::CodePurpose;
use std::sync::Arc;
use store::account::contact;
use store::account::session;

/// Sends a code to one's own contact of this kind.
pub async fn ask(world: &Arc<World>, asker: &Asker, who: &Who, kind: ContactKind) -> Answer<Sent> {
    let subscriber = who.subscriber.clone();
    let found = world.db.read(move |tx| {
        let contact = contact::list(tx, &subscriber)?.into_iter().find(|contact| contact.kind == kind);
        let Some(contact) = contact else { return Ok(None) };
        Ok(is_still_theirs(tx, &contact)?.then_some(contact))
    });
    let Some(contact) = found.await? else { return Ok(Err(AccountRefusal::CodeOver)) };
    let shown = contact.shown.clone();
    let sent = request(world, asker, to_contact(CodePurpose::Confirm, contact)).await?;
    Ok(sent.map(|sent| Sent { shown, ..sent }))
}

/// The code was right: what is sensitive may be done for a while.
pub async fn prove(world: &World, asker: &Asker, who: &Who, held: &Held, typed: &str) -> Answer<()> {
    let Some(attempt) = Attempt::of(world, asker, held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let (who, now) = (who.clone(), world.now());
    let proved = world.db.write(move |tx| match attempt.check(tx, Some(&who.subscriber), now)? {
        Ok(_) => session::proved(tx, &who.session, now).map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    });
    Ok(proved.await?)
}
