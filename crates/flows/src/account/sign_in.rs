//! Signing in: a code to a contact. A number or an address that nobody registered answers like one that somebody did.

use super::code::{Attempt, Held, Sent, Wanted, request};
use super::notice::{News, places, tell};
use super::session::Opening;
use super::{Answer, Asker, hash, sealed_for, send};
use crate::error::Result;
use crate::world::World;
use domain::account::{AccountRefusal, ContactKind, SecurityNoticeKind};
use domain::id::SubscriberId;
use domain::line::LineStatus;
use domain::locale::Locale;
use domain::msisdn::{Msisdn, NotAnMsisdn};
use domain::security_code::CodePurpose;
use std::sync::Arc;
use store::Tx;
use store::account::contact::{self, Contact};
use store::account::subscriber;

/// What was typed, as it may be meant: one kind, the likeliest value first.
struct Meant {
    kind: ContactKind,
    values: Vec<String>,
}

/// Reads a number or an address. A number without a calling code may be one of each country that is served.
async fn read(world: &World, asker: &Asker, typed: &str) -> Answer<Meant> {
    if typed.contains('@') {
        return Ok(match crate::proof::email(typed) {
            Ok(Some(address)) => {
                let values = vec![domain::account::normal_email(&address)];
                Ok(Meant { kind: ContactKind::Email, values })
            }
            Ok(None) | Err(_) => Err(AccountRefusal::EmailInvalid),
        });
    }
    let catalogue = world.fresh_catalogue().await?;
    let own = catalogue.markets.iter().map(|market| market.country.as_str());
    let served = world.settings.contact_countries.iter().map(String::as_str);
    let mut numbers: Vec<String> = Vec::new();
    let mut worst = NotAnMsisdn::Unreadable;
    let countries = asker.country.as_deref().into_iter().chain(own).chain(served).map(Some);
    let international = format!("+{}", typed.trim().trim_start_matches('+'));
    let spellings = countries.map(|country| (typed, country)).chain([(international.as_str(), None)]);
    for (text, country) in spellings {
        match Msisdn::parse(text, country) {
            Ok(number) if numbers.iter().all(|known| known != number.digits()) => {
                numbers.push(number.digits().to_owned());
            }
            Ok(_) | Err(NotAnMsisdn::Unreadable) => {}
            Err(other) => worst = other,
        }
    }
    Ok(match (numbers.is_empty(), worst) {
        (false, _) => Ok(Meant { kind: ContactKind::Phone, values: numbers }),
        (true, NotAnMsisdn::Unreadable) => Err(AccountRefusal::ContactUnreadable),
        (true, worst) => Err(AccountRefusal::NumberInvalid(worst)),
    })
}

/// May a code be sent to a contact that was proved once? Not when its line was closed since: the number may be
/// somebody else's by now.
pub(crate) fn is_still_theirs(tx: &mut Tx<'_>, contact: &Contact) -> anyhow::Result<bool> {
    match &contact.line {
        Some(line) => Ok(store::line::load(tx, line)?.status != LineStatus::Closed),
        None => Ok(true),
    }
}

/// Sends a code to the number or address that was typed, if it is a contact of somebody.
pub async fn ask(world: &Arc<World>, asker: &Asker, typed: &str) -> Answer<Sent> {
    let meant = match read(world, asker, typed).await? {
        Ok(meant) => meant,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let purpose = sealed_for(meant.kind);
    let hashes: Vec<String> =
        meant.values.iter().flat_map(|value| world.keyring.hashes(purpose, value)).collect();
    let kind = meant.kind;
    let found = world.db.read(move |tx| {
        let Some(contact) = contact::find(tx, kind, &hashes)? else { return Ok(None) };
        Ok(is_still_theirs(tx, &contact)?.then_some(contact))
    });
    let found = found.await?;
    let value = meant.values.first().cloned().unwrap_or_default();
    let wanted = match found {
        Some(contact) => Wanted {
            value: world.keyring.open_sealed(purpose, &contact.value_sealed)?,
            ..to_contact(CodePurpose::SignIn, contact)
        },
        None => Wanted {
            purpose: CodePurpose::SignIn,
            kind,
            target_hash: hash(world, kind, &value),
            value,
            target_sealed: None,
            subscriber: None,
            deliver: false,
        },
    };
    request(world, asker, wanted).await
}

/// A code to a contact of an account; where it goes stays unknown to whoever asks.
pub(crate) fn to_contact(purpose: CodePurpose, contact: Contact) -> Wanted {
    Wanted {
        purpose,
        kind: contact.kind,
        value: String::new(),
        target_hash: contact.value_hash,
        target_sealed: Some(contact.value_sealed),
        subscriber: Some(contact.subscriber),
        deliver: true,
    }
}

/// Sends a code to the account's other contact: the phone is elsewhere, or the mail is. Where that goes is not shown.
pub async fn ask_other(world: &Arc<World>, asker: &Asker, held: &Held) -> Answer<Sent> {
    let Some(code) = super::code::held(world, held).await? else { return Ok(Err(AccountRefusal::CodeOver)) };
    let kind = code.kind.other();
    let found = match code.subscriber.clone() {
        Some(subscriber) => {
            let contacts = world.db.read(move |tx| contact::list(tx, &subscriber)).await?;
            contacts.into_iter().find(|contact| contact.kind == kind)
        }
        None => None,
    };
    let wanted = match found {
        Some(contact) => to_contact(CodePurpose::SignIn, contact),
        None => Wanted {
            purpose: CodePurpose::SignIn,
            kind,
            value: String::new(),
            target_hash: hash(world, kind, &format!("other of {}", code.target_hash)),
            target_sealed: None,
            subscriber: None,
            deliver: false,
        },
    };
    request(world, asker, wanted).await
}

/// Somebody is signed in.
#[derive(Clone)]
pub struct Entered {
    /// For the browser's cookie, once.
    pub secret: String,
    pub subscriber: SubscriberId,
    pub locale: Locale,
}

/// Signs in with the code. `known`: the accounts that this browser signed in to before; for any other the account is
/// told of a new device.
pub async fn enter(
    world: &Arc<World>,
    asker: &Asker,
    held: &Held,
    typed: &str,
    known: &[String],
) -> Answer<Entered> {
    let Some(attempt) = Attempt::of(world, asker, held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let opening = Opening::new(world, &asker.device);
    let (secret, context) = (opening.secret.clone(), world.step());
    let (device, known) = (asker.device.clone(), known.to_vec());
    let entered = world.db.write(move |tx| {
        let code = match attempt.check(tx, None, context.now)? {
            Ok(code) => code,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(id) = code.subscriber else { return Ok(Err(AccountRefusal::CodeOver)) };
        let Some(person) = subscriber::find(tx, &id)? else { return Ok(Err(AccountRefusal::CodeOver)) };
        opening.open(tx, &id)?;
        let mut work = Vec::new();
        if !known.iter().any(|known| known == id.as_str()) {
            let contacts = contact::list(tx, &id)?;
            let kind = SecurityNoticeKind::SignedIn;
            let news = News { subscriber: &id, kind, detail: &device, locale: person.locale };
            work = tell(tx, &context, &news, &places(&contacts))?;
        }
        Ok(Ok((id, person.locale, work)))
    });
    Ok(match entered.await? {
        Ok((subscriber, locale, work)) => {
            send::start(world, work);
            Ok(Entered { secret, subscriber, locale })
        }
        Err(refusal) => Err(refusal),
    })
}

/// Reads a phone number of a country.
pub(crate) async fn number(world: &World, typed: &str, country: &str) -> Answer<Msisdn> {
    let number = match Msisdn::parse(typed, Some(country)) {
        Ok(number) => number,
        Err(why) => return Ok(Err(AccountRefusal::NumberInvalid(why))),
    };
    let served: Result<bool> = super::code::is_served(world, &number).await;
    Ok(if served? { Ok(number) } else { Err(AccountRefusal::CountryNotServed) })
}
