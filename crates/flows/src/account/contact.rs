//! Changing a contact: a fresh proof of who asks, a code to the new one, and a message to the old one.

use super::code::{Attempt, Held, Sent, Wanted, request};
use super::notice::{News, places, tell};
use super::register::own_line;
use super::sign_in::number;
use super::{Answer, Asker, Who, hash, sealed_for, send, shown};
use crate::world::{StepContext, World};
use domain::account::{AccountRefusal, ContactKind, SecurityNoticeKind};
use domain::id::ContactId;
use domain::security_code::CodePurpose;
use std::sync::Arc;
use store::Tx;
use store::account::contact::{self, Contact};
use store::account::security_code::SecurityCode;
use store::account::subscriber;

/// The new contact as it was typed.
#[derive(Debug, Clone)]
pub enum Typed {
    Email(String),
    Phone { number: String, country: String },
}

async fn read(world: &World, typed: &Typed) -> Answer<(ContactKind, String)> {
    Ok(match typed {
        Typed::Email(text) => match crate::proof::email(text) {
            Ok(Some(address)) => Ok((ContactKind::Email, domain::account::normal_email(&address))),
            Ok(None) | Err(_) => Err(AccountRefusal::EmailInvalid),
        },
        Typed::Phone { number: text, country } => {
            number(world, text, country).await?.map(|number| (ContactKind::Phone, number.digits().to_owned()))
        }
    })
}

/// Sends a code to the new contact. Whether it is somebody else's is told to whoever proves to hold it.
pub async fn ask(world: &Arc<World>, asker: &Asker, who: &Who, typed: &Typed) -> Answer<Sent> {
    if !who.is_fresh(world.now()) {
        return Ok(Err(AccountRefusal::ProofNeeded));
    }
    let (kind, value) = match read(world, typed).await? {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let hashes = world.keyring.hashes(sealed_for(kind), &value);
    let owner = world.db.read(move |tx| contact::find(tx, kind, &hashes)).await?;
    if owner.is_some_and(|owner| owner.subscriber == who.subscriber) {
        return Ok(Err(AccountRefusal::ContactSame));
    }
    let wanted = Wanted {
        purpose: CodePurpose::ChangeContact,
        kind,
        target_hash: hash(world, kind, &value),
        target_sealed: Some(world.keyring.seal(sealed_for(kind), &value)?),
        value,
        subscriber: Some(who.subscriber.clone()),
        deliver: true,
    };
    request(world, asker, wanted).await
}

/// The new contact is proved: it takes the old one's place, and every contact is told, the old one too.
pub async fn prove(
    world: &Arc<World>,
    asker: &Asker,
    who: &Who,
    held: &Held,
    typed: &str,
) -> Answer<ContactKind> {
    if !who.is_fresh(world.now()) {
        return Ok(Err(AccountRefusal::ProofNeeded));
    }
    let Some(attempt) = Attempt::of(world, asker, held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let Some(code) = super::code::held(world, held).await? else { return Ok(Err(AccountRefusal::CodeOver)) };
    let Some(sealed) = code.target_sealed else { return Ok(Err(AccountRefusal::CodeOver)) };
    let value = world.keyring.open_sealed(sealed_for(code.kind), &sealed)?;
    let new = New {
        hashes: world.keyring.hashes(sealed_for(code.kind), &value),
        shown: shown(code.kind, &value),
        sealed,
    };
    let (who, context) = (who.clone(), world.step());
    let changed = world.db.write(move |tx| match attempt.check(tx, Some(&who.subscriber), context.now)? {
        Ok(code) => change(tx, &context, &who, &code, &new),
        Err(refusal) => Ok(Err(refusal)),
    });
    Ok(match changed.await? {
        Ok(work) => {
            send::start(world, work);
            Ok(code.kind)
        }
        Err(refusal) => Err(refusal),
    })
}

/// The new contact.
struct New {
    hashes: Vec<String>,
    shown: String,
    sealed: String,
}

fn change(
    tx: &mut Tx<'_>,
    context: &StepContext,
    who: &Who,
    code: &SecurityCode,
    new: &New,
) -> anyhow::Result<std::result::Result<Vec<store::outbox::Work>, AccountRefusal>> {
    if contact::find(tx, code.kind, &new.hashes)?.is_some() {
        return Ok(Err(AccountRefusal::ContactTaken));
    }
    let Some(person) = subscriber::find(tx, &who.subscriber)? else {
        return Ok(Err(AccountRefusal::CodeOver));
    };
    let before = contact::list(tx, &who.subscriber)?;
    for old in before.iter().filter(|old| old.kind == code.kind) {
        contact::remove(tx, &old.id, context.now)?;
    }
    let line = if code.kind == ContactKind::Phone { own_line(tx, &new.hashes)? } else { None };
    let added = Contact {
        id: ContactId::new(context.ids.as_ref(), context.now),
        subscriber: who.subscriber.clone(),
        kind: code.kind,
        value_hash: code.target_hash.clone(),
        value_sealed: new.sealed.clone(),
        shown: new.shown.clone(),
        line,
        verified_at: context.now,
    };
    anyhow::ensure!(contact::insert(tx, &added)?, "a contact became somebody else's at the same moment");
    let mut told = before;
    told.push(added);
    let kind = SecurityNoticeKind::ContactChanged;
    let news = News { subscriber: &who.subscriber, kind, detail: &new.shown, locale: person.locale };
    tell(tx, context, &news, &places(&told)).map(Ok)
}
