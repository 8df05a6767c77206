//! Registering: an address, proved by a code; then a phone, proved by a code. What was filled in waits a day under the
//! proved address, so that it can be finished on another device after proving the address there.

use super::code::{Attempt, Held, Sent, Wanted, request};
use super::notice::{News, tell};
use super::session::Opening;
use super::sign_in::{Entered, number};
use super::{Answer, Asker, hash, send, shown};
use crate::error::Result;
use crate::world::{StepContext, World};
use domain::account::{
    AccountRefusal, ConsentSource, ConsentState, ConsentTopic, ContactKind, SecurityNoticeKind,
    SubscriberState,
};
use domain::id::{ContactId, LineId, RegistrationId, SubscriberId};
use domain::line::LineStatus;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::security_code::CodePurpose;
use domain::time::HOUR_MS;
use std::sync::Arc;
use store::account::consent::{self, Consent};
use store::account::contact::{self, Contact};
use store::account::registration::{self, LASTS_MS, Registration};
use store::account::subscriber::{self, Subscriber};
use store::account::subscriber_line;
use store::keyring::Purpose;
use store::{Tx, throttle};

/// A name is not longer than this.
pub const NAME_CHARS_MAX: usize = 80;

/// The registration that began, and the code that is on its way.
#[derive(Debug, Clone)]
pub struct Begun {
    pub registration: RegistrationId,
    pub sent: Sent,
}

/// Begins with an address. One that has an account already is answered alike; its owner gets a quiet mail.
pub async fn begin(world: &Arc<World>, asker: &Asker, typed: &str) -> Answer<Begun> {
    let address = match crate::proof::email(typed) {
        Ok(Some(address)) => domain::account::normal_email(&address),
        Ok(None) | Err(_) => return Ok(Err(AccountRefusal::EmailInvalid)),
    };
    if !super::limits::limits(world).await?.accounts_on {
        return Ok(Err(AccountRefusal::RegistrationPaused));
    }
    let now = world.now();
    let row = Registration {
        id: RegistrationId::new(world.ids.as_ref(), now),
        email_hash: hash(world, ContactKind::Email, &address),
        email_sealed: Some(world.keyring.seal(Purpose::Email, &address)?),
        email_verified_at: None,
        phone_hash: None,
        phone_sealed: None,
        name_sealed: None,
        locale: asker.locale,
        consents: String::new(),
        created_at: now,
        expires_at: now.plus_ms(LASTS_MS),
        done_at: None,
    };
    let hashes = world.keyring.hashes(Purpose::Email, &address);
    let owner = world.db.read(move |tx| contact::find(tx, ContactKind::Email, &hashes)).await?;
    let wanted = Wanted {
        purpose: CodePurpose::RegisterEmail,
        kind: ContactKind::Email,
        value: address,
        target_hash: row.email_hash.clone(),
        target_sealed: row.email_sealed.clone(),
        subscriber: None,
        deliver: owner.is_none(),
    };
    let sent = match request(world, asker, wanted).await? {
        Ok(sent) => sent,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (id, context) = (row.id.clone(), world.step());
    let work = world.db.write(move |tx| {
        registration::insert(tx, &row)?;
        match &owner {
            Some(owner) => warn_owner(tx, &context, owner),
            None => Ok(Vec::new()),
        }
    });
    send::start(world, work.await?);
    Ok(Ok(Begun { registration: id, sent }))
}

/// Tells the owner of an address that somebody tried to register with it, once in an hour.
fn warn_owner(
    tx: &mut Tx<'_>,
    context: &StepContext,
    owner: &Contact,
) -> anyhow::Result<Vec<store::outbox::Work>> {
    let key = format!("address-in-use/{}", owner.subscriber);
    if throttle::count(tx, &key, HOUR_MS, context.now)?.0 > 1 {
        return Ok(Vec::new());
    }
    let Some(person) = subscriber::find(tx, &owner.subscriber)? else { return Ok(Vec::new()) };
    let kind = SecurityNoticeKind::AddressInUse;
    let news = News { subscriber: &owner.subscriber, kind, detail: "", locale: person.locale };
    tell(tx, context, &news, &[(owner.kind, owner.value_sealed.as_str())])
}

/// The address is proved. Answers the registration to go on with: an earlier one of the same address, with what was
/// filled in there, or this one.
pub async fn prove_email(
    world: &World,
    asker: &Asker,
    held: &Held,
    typed: &str,
    own: &RegistrationId,
) -> Answer<RegistrationId> {
    let Some(attempt) = Attempt::of(world, asker, held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let (own, now) = (own.clone(), world.now());
    let proved = world.db.write(move |tx| {
        if let Err(refusal) = attempt.check(tx, None, now)? {
            return Ok(Err(refusal));
        }
        let Some(begun) = registration::find(tx, &own, now)? else {
            return Ok(Err(AccountRefusal::RegistrationGone));
        };
        if let Some(earlier) = registration::find_proved(tx, std::slice::from_ref(&begun.email_hash), now)? {
            return Ok(Ok(earlier.id));
        }
        registration::prove(tx, &begun.id, now)?;
        Ok(Ok(begun.id))
    });
    Ok(proved.await?)
}

/// A registration as its owner sees it.
#[derive(Debug, Clone)]
pub struct Open {
    pub email: String,
    /// The number with its country code, where one was given.
    pub phone: Option<String>,
    pub name: Option<String>,
    pub locale: Locale,
    pub marketing: Vec<NoticeChannel>,
}

/// A registration whose address is proved and that can still be finished.
pub async fn open(world: &World, id: &RegistrationId) -> Result<Option<Open>> {
    let (id, now) = (id.clone(), world.now());
    let found = world.db.read(move |tx| registration::find(tx, &id, now)).await?;
    let Some(r) = found.filter(|r| r.email_verified_at.is_some()) else { return Ok(None) };
    let opened = |purpose, sealed: &Option<String>| {
        sealed.as_deref().map(|sealed| world.keyring.open_sealed(purpose, sealed)).transpose()
    };
    let phone = opened(Purpose::Msisdn, &r.phone_sealed)?;
    Ok(Some(Open {
        email: opened(Purpose::Email, &r.email_sealed)?.unwrap_or_default(),
        phone: phone.map(|digits| domain::msisdn::Msisdn::stored(digits).international()),
        name: opened(Purpose::Name, &r.name_sealed)?,
        locale: r.locale,
        marketing: channels(&r.consents),
    }))
}

fn channels(words: &str) -> Vec<NoticeChannel> {
    words.split(' ').filter_map(NoticeChannel::parse).collect()
}

/// The second half of the form.
#[derive(Debug, Clone)]
pub struct Details {
    pub number: String,
    pub country: String,
    pub name: String,
    pub locale: Locale,
    /// The channels for which marketing is agreed to.
    pub marketing: Vec<NoticeChannel>,
}

/// A name as it is kept: trimmed, and none when it is empty.
pub(crate) fn name_of(text: &str) -> Option<String> {
    let name: String = text.trim().chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    (!name.is_empty()).then_some(name)
}

/// Keeps the second half and sends a code to the phone.
pub async fn fill_in(
    world: &Arc<World>,
    asker: &Asker,
    id: &RegistrationId,
    details: &Details,
) -> Answer<Sent> {
    let number = match number(world, &details.number, &details.country).await? {
        Ok(number) => number,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let digits = number.digits().to_owned();
    let sealed = world.keyring.seal(Purpose::Msisdn, &digits)?;
    let phone_hash = hash(world, ContactKind::Phone, &digits);
    let name = name_of(&details.name).map(|name| world.keyring.seal(Purpose::Name, &name)).transpose()?;
    let words: Vec<&str> = details.marketing.iter().map(|channel| channel.as_str()).collect();
    let (words, locale) = (words.join(" "), details.locale);
    let (id, now) = (id.clone(), world.now());
    let (filled_hash, filled_sealed) = (phone_hash.clone(), sealed.clone());
    let filled = world.db.write(move |tx| {
        let Some(open) = registration::find(tx, &id, now)?.filter(|r| r.email_verified_at.is_some()) else {
            return Ok(false);
        };
        let filled = Registration {
            phone_hash: Some(filled_hash.clone()),
            phone_sealed: Some(filled_sealed.clone()),
            name_sealed: name.clone(),
            locale,
            consents: words.clone(),
            ..open
        };
        registration::fill_in(tx, &filled).map(|()| true)
    });
    if !filled.await? {
        return Ok(Err(AccountRefusal::RegistrationGone));
    }
    let wanted = Wanted {
        purpose: CodePurpose::RegisterPhone,
        kind: ContactKind::Phone,
        value: digits,
        target_hash: phone_hash,
        target_sealed: Some(sealed),
        subscriber: None,
        deliver: true,
    };
    request(world, asker, wanted).await
}

/// The phone is proved: the account is made, and this browser is signed in. A phone that is somebody's contact is told
/// to whoever holds it, and to nobody else.
pub async fn finish(
    world: &World,
    asker: &Asker,
    held: &Held,
    typed: &str,
    id: &RegistrationId,
) -> Answer<Entered> {
    let Some(attempt) = Attempt::of(world, asker, held, typed) else {
        return Ok(Err(AccountRefusal::CodeUnreadable));
    };
    let opening = Opening::new(world, &asker.device);
    let (secret, context, id) = (opening.secret.clone(), world.step(), id.clone());
    let Some(shown) = shown_contacts(world, &id).await? else {
        return Ok(Err(AccountRefusal::RegistrationGone));
    };
    let finished = world.db.write(move |tx| {
        let code = match attempt.check(tx, None, context.now)? {
            Ok(code) => code,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(open) = registration::find(tx, &id, context.now)? else {
            return Ok(Err(AccountRefusal::RegistrationGone));
        };
        // Another code may have been asked for with another number in between.
        if open.phone_hash.as_deref() != Some(code.target_hash.as_str()) {
            return Ok(Err(AccountRefusal::CodeOver));
        }
        make(tx, &context, &opening, &open, &shown)
    });
    Ok(finished.await?.map(|(subscriber, locale)| Entered { secret, subscriber, locale }))
}

/// What may be shown of both contacts, and the hashes of the number, to find its line.
#[derive(Clone)]
struct Shown {
    email: String,
    phone: String,
    number_hashes: Vec<String>,
    email_hashes: Vec<String>,
}

async fn shown_contacts(world: &World, id: &RegistrationId) -> Result<Option<Shown>> {
    let (id, now) = (id.clone(), world.now());
    let found = world.db.read(move |tx| registration::find(tx, &id, now)).await?;
    let Some(Registration { email_sealed: Some(email), phone_sealed: Some(phone), .. }) = found else {
        return Ok(None);
    };
    let email = world.keyring.open_sealed(Purpose::Email, &email)?;
    let phone = world.keyring.open_sealed(Purpose::Msisdn, &phone)?;
    Ok(Some(Shown {
        number_hashes: world.keyring.hashes(Purpose::Msisdn, &phone),
        email_hashes: world.keyring.hashes(Purpose::Email, &email),
        email: shown(ContactKind::Email, &email),
        phone: shown(ContactKind::Phone, &phone),
    }))
}

/// The line of ours that has this number now, unless it is its owner's no more.
pub(crate) fn own_line(tx: &mut Tx<'_>, hashes: &[String]) -> anyhow::Result<Option<LineId>> {
    let line = store::line::find(tx, hashes)?;
    Ok(line.filter(|line| matches!(line.status, LineStatus::Active | LineStatus::Barred)).map(|line| line.id))
}

fn make(
    tx: &mut Tx<'_>,
    context: &StepContext,
    opening: &Opening,
    open: &Registration,
    shown: &Shown,
) -> anyhow::Result<std::result::Result<(SubscriberId, Locale), AccountRefusal>> {
    let (ids, now) = (context.ids.as_ref(), context.now);
    let taken = contact::find(tx, ContactKind::Phone, &shown.number_hashes)?.is_some()
        || contact::find(tx, ContactKind::Email, &shown.email_hashes)?.is_some();
    if taken {
        return Ok(Err(AccountRefusal::ContactTaken));
    }
    let (Some(email), Some(phone_hash), Some(phone)) =
        (&open.email_sealed, &open.phone_hash, &open.phone_sealed)
    else {
        return Ok(Err(AccountRefusal::RegistrationGone));
    };
    let id = SubscriberId::new(ids, now);
    let line = own_line(tx, &shown.number_hashes)?;
    subscriber::insert(
        tx,
        &Subscriber {
            id: id.clone(),
            state: SubscriberState::Active,
            name_sealed: open.name_sealed.clone(),
            locale: open.locale,
            created_at: now,
        },
    )?;
    let both = [
        (ContactKind::Email, &open.email_hash, email, &shown.email, None),
        (ContactKind::Phone, phone_hash, phone, &shown.phone, line.clone()),
    ];
    for (kind, value_hash, value_sealed, shown, line) in both {
        let added = contact::insert(
            tx,
            &Contact {
                id: ContactId::new(ids, now),
                subscriber: id.clone(),
                kind,
                value_hash: value_hash.clone(),
                value_sealed: value_sealed.clone(),
                shown: shown.clone(),
                line,
                verified_at: now,
            },
        )?;
        anyhow::ensure!(added, "a contact became somebody else's at the same moment");
    }
    if let Some(line) = &line {
        subscriber_line::add(tx, &id, line, now)?;
    }
    agree(tx, &id, &open.consents, context)?;
    anyhow::ensure!(registration::finish(tx, &open.id, now)?, "a registration was finished twice");
    opening.open(tx, &id)?;
    Ok(Ok((id, open.locale)))
}

/// Writes down what was agreed to; what was not is written down too.
fn agree(tx: &mut Tx<'_>, id: &SubscriberId, words: &str, context: &StepContext) -> anyhow::Result<()> {
    let given = channels(words);
    for channel in NoticeChannel::ALL {
        let state = if given.contains(channel) { ConsentState::Given } else { ConsentState::Withdrawn };
        let said = Consent {
            topic: ConsentTopic::Marketing,
            channel: *channel,
            state,
            changed_at: context.now,
            source: ConsentSource::Registration,
        };
        consent::set(tx, id, &said)?;
    }
    Ok(())
}
