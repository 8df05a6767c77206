//! The lines of an account: added by a code to the line itself, named, and taken out.

use super::code::{Attempt, Held, Sent, Wanted, request};
use super::register::own_line;
use super::{Answer, Asker, Who, hash};
use crate::error::Result;
use crate::world::World;
use domain::account::{AccountRefusal, ContactKind};
use domain::id::LineId;
use domain::msisdn::Msisdn;
use domain::security_code::CodePurpose;
use std::sync::Arc;
use store::account::subscriber_line::{self, LINES_MAX};
use store::keyring::Purpose;

/// A label is not longer than this.
pub const LABEL_CHARS_MAX: usize = 30;

/// Sends a code to a line of ours.
pub async fn ask(world: &Arc<World>, asker: &Asker, who: &Who, typed: &str, country: &str) -> Answer<Sent> {
    let number = match Msisdn::parse(typed, Some(country)) {
        Ok(number) => number,
        Err(why) => return Ok(Err(AccountRefusal::NumberInvalid(why))),
    };
    if let Some(until) = crate::tries::of_numbers(world, &asker.address).await? {
        return Ok(Err(AccountRefusal::NotBefore(until)));
    }
    let hashes = world.keyring.hashes(Purpose::Msisdn, number.digits());
    let subscriber = who.subscriber.clone();
    let found = world.db.read(move |tx| {
        let full = subscriber_line::list(tx, &subscriber)?.len();
        Ok((own_line(tx, &hashes)?, i64::try_from(full)? >= LINES_MAX))
    });
    match found.await? {
        (None, _) => return Ok(Err(AccountRefusal::LineUnknown)),
        (Some(_), true) => return Ok(Err(AccountRefusal::LinesFull)),
        (Some(_), false) => {}
    }
    let value = number.digits().to_owned();
    let wanted = Wanted {
        purpose: CodePurpose::AddLine,
        kind: ContactKind::Phone,
        target_hash: hash(world, ContactKind::Phone, &value),
        target_sealed: Some(world.keyring.seal(Purpose::Msisdn, &value)?),
        value,
        subscriber: Some(who.subscriber.clone()),
        deliver: true,
    };
    request(world, asker, wanted).await
}

/// The line is proved: it is in the account.
pub async fn prove(world: &World, asker: &Asker, who: &Who, held: &Held, typed: &str) -> Answer<LineId> {
    let Some(attempt) = Attempt::of(world, asker, held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let Some(code) = super::code::held(world, held).await? else { return Ok(Err(AccountRefusal::CodeOver)) };
    let Some(sealed) = code.target_sealed else { return Ok(Err(AccountRefusal::CodeOver)) };
    let digits = world.keyring.open_sealed(Purpose::Msisdn, &sealed)?;
    let hashes = world.keyring.hashes(Purpose::Msisdn, &digits);
    let (subscriber, now) = (who.subscriber.clone(), world.now());
    let added = world.db.write(move |tx| {
        if let Err(refusal) = attempt.check(tx, Some(&subscriber), now)? {
            return Ok(Err(refusal));
        }
        let Some(line) = own_line(tx, &hashes)? else { return Ok(Err(AccountRefusal::LineUnknown)) };
        subscriber_line::add(tx, &subscriber, &line, now)?;
        Ok(Ok(line))
    });
    Ok(added.await?)
}

/// Names a line; says whether it is in the account.
pub async fn name(world: &World, who: &Who, line: &LineId, label: &str) -> Result<bool> {
    let label: String = label.trim().chars().filter(|c| !c.is_control()).take(LABEL_CHARS_MAX).collect();
    let (subscriber, line) = (who.subscriber.clone(), line.clone());
    Ok(world.db.write(move |tx| subscriber_line::set_label(tx, &subscriber, &line, &label)).await?)
}

/// Takes a line out of the account; the line itself and its credit stay as they are.
pub async fn remove(world: &World, who: &Who, line: &LineId) -> Result<bool> {
    let (subscriber, line, now) = (who.subscriber.clone(), line.clone(), world.now());
    Ok(world.db.write(move |tx| subscriber_line::remove(tx, &subscriber, &line, now)).await?)
}
