//! The balance of a line at a counter: only for whoever has its phone in the hand. A code goes to the number as a text
//! message, the customer says it to the clerk, and the balance is told once, to this clerk at this device.
//!
//! What waits for the code is a sealed word in the page's form: nothing of it is in an address, and at another device or
//! for another clerk it opens nothing. Codes are counted as the portal counts them ([`crate::account::code`]).

use super::At;
use super::journal::{self, Note};
use crate::account::code::{self, Attempt, Held, Wanted};
use crate::account::{Answer, Asker, hash};
use crate::balance::{self, LineBalance};
use crate::error::Result;
use crate::tries;
use crate::world::World;
use domain::account::{AccountRefusal, ContactKind};
use domain::counter_journal::JournalEvent;
use domain::id::SecurityCodeId;
use domain::line::LineStatus;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::security_code::CodePurpose;
use domain::time::UnixMs;
use std::sync::Arc;
use store::keyring::Purpose;

/// Codes that one clerk may have sent in a quarter of an hour.
const PER_CLERK: i64 = 10;

/// A code is on its way to the customer.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// For the form that comes back with the code.
    pub word: String,
    /// What may be shown of the number.
    pub shown: String,
    pub expires_at: UnixMs,
}

/// Sends a code to a number of ours. `locale`: in which it is written where the line has no language.
pub async fn ask(world: &Arc<World>, at: &At, typed: &str, locale: Locale) -> Answer<Waiting> {
    // The page says why before it comes to this: whoever learns sends nobody a message.
    if at.training() {
        return Ok(Err(AccountRefusal::TextsPaused));
    }
    let country = super::shown::purse(world, at).await?.map(|purse| purse.market);
    let number = match Msisdn::parse(typed, country.as_deref()) {
        Ok(number) => number,
        Err(why) => return Ok(Err(AccountRefusal::NumberInvalid(why))),
    };
    let key = format!("counter-balance/{}", at.clerk.id);
    if let Some(until) = tries::count(world, vec![(key, PER_CLERK)]).await? {
        return Ok(Err(AccountRefusal::NotBefore(until)));
    }
    let hashes = world.keyring.hashes(Purpose::Msisdn, number.digits());
    let found = world.db.read(move |tx| store::line::find(tx, &hashes)).await?;
    let own = found.filter(|line| is_theirs(line.status));
    let Some(line) = own else { return Ok(Err(AccountRefusal::LineUnknown)) };
    let value = number.digits().to_owned();
    let wanted = Wanted {
        purpose: CodePurpose::ShowBalance,
        kind: ContactKind::Phone,
        target_hash: hash(world, ContactKind::Phone, &value),
        target_sealed: Some(world.keyring.seal(Purpose::Msisdn, &value)?),
        value,
        subscriber: None,
        deliver: true,
    };
    let asker = asker(at, line.locale.unwrap_or(locale));
    let sent = match code::request(world, &asker, wanted).await? {
        Ok(sent) => sent,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (context, by) = (world.step(), at.clone());
    let writing = world.db.write(move |tx| {
        let note = Note::of(&by, JournalEvent::BalanceAsked);
        journal::write(tx, &context, &Note { last_four: Some(line.last4.clone()), ..note })
    });
    writing.await?;
    let word = sealed(world, at, &sent.held)?;
    Ok(Ok(Waiting { word, shown: sent.shown, expires_at: sent.expires_at }))
}

/// The code was right: what is on the line now. A right code tells it once.
pub async fn show(world: &World, at: &At, word: &str, typed: &str) -> Answer<LineBalance> {
    let Some(held) = opened(world, at, word) else { return Ok(Err(AccountRefusal::CodeOver)) };
    let asker = asker(at, Locale::En);
    let Some(attempt) = Attempt::of(world, &asker, &held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let Some(sealed) = code::held(world, &held).await?.and_then(|code| code.target_sealed) else {
        return Ok(Err(AccountRefusal::CodeOver));
    };
    let digits = world.keyring.open_sealed(Purpose::Msisdn, &sealed)?;
    let hashes = world.keyring.hashes(Purpose::Msisdn, &digits);
    let (context, by) = (world.step(), at.clone());
    let proved = world.db.write(move |tx| {
        if let Err(refusal) = attempt.check(tx, None, context.now)? {
            return Ok(Err(refusal));
        }
        let line = store::line::find(tx, &hashes)?.filter(|line| is_theirs(line.status));
        let Some(line) = line else { return Ok(Err(AccountRefusal::LineUnknown)) };
        let note = Note::of(&by, JournalEvent::BalanceShown);
        journal::write(tx, &context, &Note { last_four: Some(line.last4.clone()), ..note })?;
        Ok(Ok(line))
    });
    match proved.await? {
        Ok(line) => Ok(Ok(balance::balance(world, line).await?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Is the line still its owner's? A number that was given back may ring in another hand.
fn is_theirs(status: LineStatus) -> bool {
    match status {
        LineStatus::Active | LineStatus::Barred => true,
        LineStatus::Closed | LineStatus::PortedOut => false,
    }
}

/// Codes and wrong tries are counted by the device, wherever its requests come from.
fn asker(at: &At, locale: Locale) -> Asker {
    Asker { address: at.device.id.to_string(), locale, country: None, device: at.device.name.clone() }
}

fn sealed(world: &World, at: &At, held: &Held) -> Result<String> {
    let plain = format!("{} {} {} {}", at.device.id, at.session.id, held.id, held.binding);
    Ok(world.keyring.seal(Purpose::Counter, &plain)?)
}

fn opened(world: &World, at: &At, word: &str) -> Option<Held> {
    let plain = world.keyring.open_sealed(Purpose::Counter, word).ok()?;
    let [device, session, id, binding] = plain.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let here = device == at.device.id.as_str() && session == at.session.id.as_str();
    let held = Held {
        id: SecurityCodeId::stored(id),
        binding: binding.to_owned(),
        purpose: CodePurpose::ShowBalance,
    };
    here.then_some(held)
}
