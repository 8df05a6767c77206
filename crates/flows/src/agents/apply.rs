//! A business applies to become an agent, on the public form: who it is, how it is reached, and documents. Nothing is
//! sold before two of the staff agreed ([`super::decide`]).

use super::documents::{self, Document};
use super::{Outcome, Refused, is_key};
use crate::error::Result;
use crate::world::World;
use domain::agent::{Agent, AgentKind, AgentState, Contact, Terms};
use domain::id::{AgentId, PartnerId};
use domain::locale::Locale;
use domain::money::Money;
use store::agent::{self as stored, Application};
use store::keyring::Purpose;

/// Characters of a business's name, and of each fact of the contact.
pub const NAME_MAX: usize = 120;
const FACT_MAX: usize = 200;
/// Applications from one network in a quarter of an hour, the same form again among them.
const APPLICATIONS: i64 = 10;

/// What the form says.
#[derive(Debug, Clone)]
pub struct Applying {
    /// The form's own key.
    pub key: String,
    pub name: String,
    /// Country of the market.
    pub market: String,
    pub kind: AgentKind,
    pub contact: Contact,
    pub documents: Vec<Document>,
    pub locale: Locale,
    /// Where the request comes from, to count by.
    pub address: String,
}

/// The time zone of a market.
pub(super) fn zone(world: &World, market: &str) -> String {
    let catalogue = world.catalogue();
    catalogue.market(market).map_or_else(|| "UTC".to_owned(), |market| market.seller.time_zone.clone())
}

fn fact(text: &str) -> String {
    let seen = |c: &char| !c.is_control();
    text.trim().chars().filter(seen).take(FACT_MAX).collect()
}

fn name(text: &str) -> Outcome<String> {
    let name: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    if (2..=NAME_MAX).contains(&name.chars().count()) { Ok(name) } else { Err(Refused::Name) }
}

fn contact(contact: &Contact) -> Outcome<Contact> {
    let read = Contact {
        person: fact(&contact.person),
        email: fact(&contact.email),
        phone: fact(&contact.phone),
        address: fact(&contact.address),
        registration_number: fact(&contact.registration_number),
    };
    if read.person.is_empty() || read.address.is_empty() || read.registration_number.is_empty() {
        return Err(Refused::ContactMissing);
    }
    let (local, domain) = read.email.rsplit_once('@').ok_or(Refused::EmailUnfit)?;
    if local.is_empty() || !domain.contains('.') || read.email.contains(char::is_whitespace) {
        return Err(Refused::EmailUnfit);
    }
    let digits = read.phone.chars().filter(char::is_ascii_digit).count();
    if !(7..=15).contains(&digits) {
        return Err(Refused::PhoneUnfit);
    }
    Ok(read)
}

/// Takes an application. The same form sent twice applies once and gives the first answer.
pub async fn apply(world: &World, applying: Applying) -> Result<Outcome<AgentId>> {
    let catalogue = world.fresh_catalogue().await?;
    let read = || -> Outcome<(String, Contact, Money, String)> {
        if !is_key(&applying.key) {
            return Err(Refused::KeyReused);
        }
        let market = catalogue.market(&applying.market).ok_or(Refused::MarketUnknown)?;
        let zero = Money::zero(market.currency);
        Ok((name(&applying.name)?, contact(&applying.contact)?, zero, market.seller.time_zone.clone()))
    };
    let (name, contact, zero, zone) = match read() {
        Ok(read) => read,
        Err(refused) => return Ok(Err(refused)),
    };
    let place = crate::tries::place(&applying.address);
    if crate::tries::count(world, vec![(format!("agent-from/{place}"), APPLICATIONS)]).await?.is_some() {
        return Ok(Err(Refused::TooOften));
    }
    let context = world.step();
    let mut sealed = Vec::with_capacity(applying.documents.len());
    for document in &applying.documents {
        match documents::taken(&world.keyring, document, &zone, context.now)? {
            Ok(document) => sealed.push(document),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    let contact = serde_json::to_string(&contact).map_err(anyhow::Error::from)?;
    let contact_sealed = world.keyring.seal(Purpose::Agent, &contact)?;
    let with = Application { key: applying.key, contact_sealed, locale: applying.locale };
    let agent = Agent {
        id: AgentId::new(context.ids.as_ref(), context.now),
        kind: applying.kind,
        parent: None,
        partner: PartnerId::new(context.ids.as_ref(), context.now),
        market: applying.market,
        name,
        state: AgentState::Applied,
        reason: None,
        terms: Terms::plain(zero),
        created_at: context.now,
        state_at: context.now,
    };
    let applied = world.db.write(move |tx| {
        if let Some(earlier) = stored::find_by_key(tx, &with.key)? {
            return Ok(Ok(earlier.id));
        }
        anyhow::ensure!(stored::insert(tx, &agent, &with)?, "the application was sent twice at once");
        Ok(documents::store(tx, &context, &agent.id, &sealed)?.map(|()| agent.id.clone()))
    });
    Ok(applied.await?)
}

/// How an agent is reached, for staff who may see it.
pub async fn contact_of(world: &World, id: &AgentId) -> Result<Option<(Contact, Locale)>> {
    let id = id.clone();
    let Some((sealed, locale)) = world.db.read(move |tx| stored::contact(tx, &id)).await? else {
        return Ok(None);
    };
    let text = world.keyring.open_sealed(Purpose::Agent, &sealed)?;
    let contact = serde_json::from_str(&text).map_err(anyhow::Error::from)?;
    Ok(Some((contact, locale)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_that_nobody_can_reach_is_refused() {
        let right = Contact {
            person: "Ana Sol".into(),
            email: "ana@sol.example".into(),
            phone: "+44 20 7946 0000".into(),
            address: "1 High Street, London".into(),
            registration_number: "01234567".into(),
        };
        assert_eq!(contact(&right), Ok(right.clone()));
        let with = |change: fn(&mut Contact)| {
            let mut other = right.clone();
            change(&mut other);
            contact(&other).err()
        };
        assert_eq!(with(|c| c.email = "ana".into()), Some(Refused::EmailUnfit));
        assert_eq!(with(|c| c.email = "a b@c.example".into()), Some(Refused::EmailUnfit));
        assert_eq!(with(|c| c.phone = "none".into()), Some(Refused::PhoneUnfit));
        assert_eq!(with(|c| c.person = "  ".into()), Some(Refused::ContactMissing));
    }
}
