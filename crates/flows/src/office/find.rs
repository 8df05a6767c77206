//! The search of the office: one field for an order code, a number, an e-mail address, a question's code, a refund's or
//! a partner's reference, or any id of ours, of a provider or of the host network. Numbers and addresses are found by their keyed hashes.

use crate::error::Result;
use crate::world::World;
use domain::account::{ContactKind, normal_email};
use domain::id::{CaseId, LineId, SubscriberId};
use domain::line::Line;
use domain::msisdn::Msisdn;
use store::account::contact;
use store::keyring::Purpose;
use store::search::{self, Listed};

/// How many orders a search shows.
const ORDERS_MAX: i64 = 50;

/// What was found.
#[derive(Debug, Clone)]
pub enum Found {
    /// One order, by its code.
    Order(String),
    Line(LineId),
    Subscriber(SubscriberId),
    /// A question of a customer, by its code.
    Case(String),
    Several(Results),
    /// The last digits of a number alone: too many people share them.
    DigitsAlone,
    Nothing,
}

/// Several things, masked.
#[derive(Debug, Clone, Default)]
pub struct Results {
    pub lines: Vec<Line>,
    pub subscribers: Vec<SubscriberId>,
    pub orders: Vec<Listed>,
}

impl Results {
    /// One thing is shown at once.
    fn found(self) -> Found {
        match (self.lines.as_slice(), self.subscribers.as_slice(), self.orders.as_slice()) {
            ([], [], []) => Found::Nothing,
            ([line], [], []) => Found::Line(line.id.clone()),
            ([], [subscriber], []) => Found::Subscriber(subscriber.clone()),
            ([], [], [order]) => Found::Order(order.code.clone()),
            _ => Found::Several(self),
        }
    }
}

/// May what was typed stand in an address? Order codes and ids may; numbers and e-mail addresses may not.
pub fn may_be_in_address(typed: &str) -> bool {
    let typed = typed.trim();
    let id = typed.contains('_') && typed.chars().all(|c| c.is_ascii_alphanumeric() || "_-/".contains(c));
    !typed.contains('@')
        && (id || domain::code::parse(typed).is_some_and(|code| code == typed.to_uppercase()))
}

/// Looks for what was typed.
pub async fn search(world: &World, typed: &str) -> Result<Found> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Found::Nothing);
    }
    if let Some(code) = domain::code::parse(typed) {
        let wanted = code.clone();
        let order = world.db.read(move |tx| store::top_up::find_by_code(tx, &wanted)).await?;
        if order.is_some() {
            return Ok(Found::Order(code));
        }
    }
    if let Some(code) = domain::support_case::parse_case_code(typed) {
        let wanted = code.clone();
        let case = world.db.read(move |tx| store::support_case::find_by_code(tx, &wanted)).await?;
        return Ok(if case.is_some() { Found::Case(code) } else { Found::Nothing });
    }
    if typed.contains('@') {
        return with_email(world, typed).await;
    }
    if let Some(end) = crate::notice::end_of_reference(typed) {
        let code = world.db.read(move |tx| search::code_of_refund(tx, &end)).await?;
        if let Some(code) = code {
            return Ok(Found::Order(code));
        }
    }
    let found = by_id(world, typed).await?;
    if !matches!(found, Found::Nothing) {
        return Ok(found);
    }
    let found = number(world, typed).await?;
    if !matches!(found, Found::Nothing) {
        return Ok(found);
    }
    let reference = typed.to_owned();
    let orders = world.db.read(move |tx| search::of_reference(tx, &reference, ORDERS_MAX)).await?;
    let found = Results { orders, ..Results::default() }.found();
    Ok(if matches!(found, Found::Nothing) && is_end(typed) { Found::DigitsAlone } else { found })
}

/// Could it be the end of a number?
fn is_end(typed: &str) -> bool {
    (2..=4).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_digit())
}

/// An address, or an address with the last digits of the number: then only orders for such numbers.
async fn with_email(world: &World, typed: &str) -> Result<Found> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let address = words.iter().find(|word| word.contains('@')).copied().unwrap_or(typed);
    let Some(end) = words.iter().find(|word| is_end(word)).copied() else {
        return email(world, address).await;
    };
    Ok(match email(world, address).await? {
        Found::Several(found) => {
            let orders = found.orders.into_iter().filter(|order| order.last4.ends_with(end)).collect();
            Results { orders, ..Results::default() }.found()
        }
        other => other,
    })
}

async fn email(world: &World, typed: &str) -> Result<Found> {
    let hashes = world.keyring.hashes(Purpose::Email, &normal_email(typed));
    let found = world.db.read(move |tx| {
        let owner = contact::find(tx, ContactKind::Email, &hashes)?;
        let orders = search::of_email(tx, &hashes, ORDERS_MAX)?;
        let subscribers = owner.map(|contact| contact.subscriber).into_iter().collect();
        Ok(Results { lines: Vec::new(), subscribers, orders })
    });
    Ok(found.await?.found())
}

async fn by_id(world: &World, typed: &str) -> Result<Found> {
    let typed = typed.to_owned();
    let providers: Vec<&'static str> = world.payments.names().collect();
    let found = world.db.read(move |tx| {
        if let Ok(line) = LineId::parse(&typed) {
            return Ok(Found::Line(line));
        }
        if let Ok(subscriber) = SubscriberId::parse(&typed) {
            return Ok(Found::Subscriber(subscriber));
        }
        if let Some(code) = search::code_of(tx, &typed)? {
            return Ok(Found::Order(code));
        }
        if typed.starts_with("case_") {
            let case = store::support_case::find(tx, &CaseId::stored(typed.as_str()))?;
            return Ok(case.map_or(Found::Nothing, |case| Found::Case(case.code)));
        }
        // A provider's event names objects, by its own id or by ours of the stored message.
        let events = providers.iter().map(|provider| format!("{provider}/{typed}"));
        for event in events.chain(std::iter::once(typed.clone())) {
            for name in store::inbox::names_in(tx, &event)? {
                if let Some(code) = search::code_of(tx, &name)? {
                    return Ok(Found::Order(code));
                }
            }
        }
        Ok(Found::Nothing)
    });
    Ok(found.await?)
}

/// A number as it may be meant in each market, and with its country code.
async fn number(world: &World, typed: &str) -> Result<Found> {
    let catalogue = world.fresh_catalogue().await?;
    let countries = catalogue.markets.iter().map(|market| Some(market.country.as_str()));
    let mut hashes: Vec<String> = countries
        .chain(std::iter::once(None))
        .filter_map(|country| Msisdn::parse(typed, country).ok())
        .flat_map(|number| world.keyring.hashes(Purpose::Msisdn, number.digits()))
        .collect();
    // Without a plus, in the way the register writes it.
    if let Ok(number) = Msisdn::parse_e164(&typed.replace([' ', '-'], "")) {
        hashes.extend(world.keyring.hashes(Purpose::Msisdn, number.digits()));
    }
    hashes.sort();
    hashes.dedup();
    if hashes.is_empty() {
        return Ok(Found::Nothing);
    }
    let found = world.db.read(move |tx| {
        let lines = search::lines(tx, &hashes)?;
        let owner = contact::find(tx, ContactKind::Phone, &hashes)?;
        let subscribers = owner.map(|contact| contact.subscriber).into_iter().collect();
        Ok(Results { lines, subscribers, orders: Vec::new() })
    });
    Ok(found.await?.found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_never_stand_in_an_address() {
        for personal in
            ["+44 7400 123456", "447400123456", "ana@example.org", "07400123456", "ana_b@example.org"]
        {
            assert!(!may_be_in_address(personal), "{personal}");
        }
        assert!(may_be_in_address("pi_3MtwBwLkdIwHu7ix28a3tqPa") && may_be_in_address("stripe/evt_1"));
    }
}
