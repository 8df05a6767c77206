//! What the account page shows, and the small changes that subscribers make there.

use super::{Who, register};
use crate::error::Result;
use crate::world::World;
use anyhow::Context;
use domain::account::{ConsentSource, ConsentState, ConsentTopic};
use domain::audit::AuditAction;
use domain::id::{StaffId, SubscriberId};
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::staff::Role;
use domain::time::{HOUR_MS, UnixMs};
use store::account::consent::{self, Consent};
use store::account::contact::{self, Contact};
use store::account::session::{self, Session};
use store::account::subscriber::{self, Subscriber};
use store::account::subscriber_line::{self, OwnLine};
use store::keyring::Purpose;
use store::{Tx, audit};

/// Everything about an account but its orders.
#[derive(Debug, Clone)]
pub struct Own {
    pub subscriber: Subscriber,
    pub name: Option<String>,
    pub contacts: Vec<Contact>,
    pub lines: Vec<OwnLine>,
    pub sessions: Vec<Session>,
    pub consents: Vec<Consent>,
    /// Who of the staff looked at it, newest first.
    pub looks: Vec<Look>,
}

/// Looks that somebody of the staff took within one hour at one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The newest of them.
    pub at: UnixMs,
    /// How many there were.
    pub count: usize,
    /// Who: what they are, and the first letters of their name.
    pub role: Option<Role>,
    pub initials: String,
    /// Was a number or an address shown in full?
    pub revealed: bool,
    /// Why, in their words; the newest.
    pub reason: Option<String>,
    /// The end of the number that it was about; the account itself where there is none.
    pub last4: Option<String>,
    /// Who it was, and in which hour: what is one line for its reader.
    by: (Option<StaffId>, i64),
}

/// As many looks as the page shows, and as many as are read for them.
const LOOKS_MAX: usize = 50;
const LOOKS_READ: i64 = 400;

/// The looks at an account and at its lines, from when each line was added; what one person saw within one hour is
/// one line.
fn looks(tx: &mut Tx<'_>, id: &SubscriberId, lines: &[OwnLine]) -> anyhow::Result<Vec<Look>> {
    let ids: Vec<&str> = lines.iter().map(|line| line.line.as_str()).collect();
    let seen = audit::list_looks(tx, id.as_str(), &ids, LOOKS_READ)?;
    let own =
        |seen: &audit::Recorded| lines.iter().find(|line| seen.line.as_deref() == Some(line.line.as_str()));
    let mut folded: Vec<Look> = Vec::new();
    for seen in seen.iter().filter(|seen| own(seen).is_none_or(|line| seen.at >= line.added_at)) {
        let look = Look {
            at: seen.at,
            count: 1,
            role: None,
            initials: String::new(),
            revealed: seen.action == AuditAction::Revealed,
            reason: seen.reason.clone(),
            last4: own(seen).map(|line| line.last4.clone()),
            by: (seen.staff.clone(), seen.at.0.div_euclid(HOUR_MS)),
        };
        let same = |known: &&mut Look| {
            (&known.by, known.revealed, &known.last4) == (&look.by, look.revealed, &look.last4)
        };
        match folded.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => folded.push(look),
        }
    }
    folded.truncate(LOOKS_MAX);
    for look in &mut folded {
        let Some(id) = &look.by.0 else { continue };
        let Some(member) = store::staff::find(tx, id)? else { continue };
        (look.role, look.initials) = (Some(member.role), initials(&member.name));
    }
    Ok(folded)
}

/// The first letters of the first and the last word of a name.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = words.last().filter(|_| words.len() > 1);
    words.first().into_iter().chain(last).filter_map(|word| word.chars().next()).collect()
}

/// Reads an account for its owner.
pub async fn own(world: &World, who: &Who) -> Result<Own> {
    let (id, now) = (who.subscriber.clone(), world.now());
    let read = world.db.read(move |tx| {
        let lines = subscriber_line::list(tx, &id)?;
        Ok(Own {
            subscriber: subscriber::find(tx, &id)?.context("a session of nobody")?,
            name: None,
            contacts: contact::list(tx, &id)?,
            looks: looks(tx, &id, &lines)?,
            lines,
            sessions: session::list(tx, &id, now)?,
            consents: consent::list(tx, &id)?,
        })
    });
    let own = read.await?;
    let sealed = own.subscriber.name_sealed.as_deref();
    let name = sealed.map(|sealed| world.keyring.open_sealed(Purpose::Name, sealed)).transpose()?;
    Ok(Own { name, ..own })
}

/// The language in which the account is written to.
pub async fn set_locale(world: &World, who: &Who, locale: Locale) -> Result<bool> {
    let id = who.subscriber.clone();
    Ok(world.db.write(move |tx| subscriber::set_locale(tx, &id, locale)).await?)
}

/// What the account is called; nothing when it is empty.
pub async fn set_name(world: &World, who: &Who, name: &str) -> Result<bool> {
    let sealed = register::name_of(name).map(|name| world.keyring.seal(Purpose::Name, &name)).transpose()?;
    let id = who.subscriber.clone();
    Ok(world.db.write(move |tx| subscriber::set_name(tx, &id, sealed.as_deref())).await?)
}

/// Agrees to marketing on these channels, and to no other.
pub async fn set_marketing(world: &World, who: &Who, given: &[NoticeChannel]) -> Result<()> {
    let (id, now, given) = (who.subscriber.clone(), world.now(), given.to_vec());
    let set = world.db.write(move |tx| {
        for channel in NoticeChannel::ALL {
            let state = if given.contains(channel) { ConsentState::Given } else { ConsentState::Withdrawn };
            let said = Consent {
                topic: ConsentTopic::Marketing,
                channel: *channel,
                state,
                changed_at: now,
                source: ConsentSource::Account,
            };
            consent::set(tx, &id, &said)?;
        }
        Ok(())
    });
    Ok(set.await?)
}
