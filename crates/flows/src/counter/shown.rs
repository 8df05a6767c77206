//! What the counter's pages show: the outlet's purse, and sales that were made here.

use super::At;
use crate::agents::selling::Today;
use crate::error::Result;
use crate::world::World;
use domain::ledger::book;
use domain::money::{Currency, Money};
use domain::msisdn::Msisdn;
use domain::offer::{Offer, Pricing};
use domain::till::Shift;
use domain::top_up::TopUp;
use store::keyring::Purpose;
use store::tender::Taken;

/// What an outlet has to sell with, what its till should hold, and what it earned today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purse {
    /// What the outlet is called.
    pub outlet: String,
    /// Country of the market.
    pub market: String,
    pub currency: Currency,
    /// IANA.
    pub time_zone: String,
    /// What the float still allows, its credit line included.
    pub float: Money,
    /// The open shift of this device with the cash that should be in its till.
    pub shift: Option<(Shift, Money)>,
    pub commission_today: Money,
    /// How many customers have to get cash back.
    pub owed: usize,
}

/// The purse of the counter's outlet; `None` when the outlet is not there any more.
pub async fn purse(world: &World, at: &At) -> Result<Option<Purse>> {
    let (context, at) = (world.step(), at.clone());
    let read = world.db.read(move |tx| {
        let found = store::outlet::find(tx, at.place())?;
        let Some(outlet) = found.filter(|outlet| outlet.agent == *at.agent()) else { return Ok(None) };
        let standing = store::outlet::standing(tx, &[at.place().as_str()])?.pop();
        let Some(currency) = standing.map(|standing| standing.terms.credit_line.currency) else {
            return Ok(None);
        };
        let zero = Money::zero(currency);
        let account = store::ledger::account(tx, &book::float(&outlet.partner, zero))?;
        let float = account.map_or(0, |account| account.available() - account.floor.unwrap_or(0));
        let open = store::shift::find_open(tx, &at.device.id)?;
        let shift = match open {
            Some(open) => {
                let expected = crate::till::figures_of(tx, &open)?.expected();
                Some((open, expected))
            }
            None => None,
        };
        let today = Today::of(&context, &outlet.facts.time_zone);
        let key = store::sold::key(at.place().as_str(), &today.day);
        let commission_today = store::sold::sums(tx, &[&key])?.pop().map_or(zero, |sum| sum.commission);
        let owed = store::tender::list_owed(tx, at.place(), OWED_MAX)?.len();
        Ok(Some(Purse {
            outlet: outlet.facts.name,
            market: outlet.market,
            currency,
            time_zone: outlet.facts.time_zone,
            float: Money::new(float, currency),
            shift,
            commission_today,
            owed,
        }))
    });
    Ok(read.await?)
}

const OWED_MAX: i64 = 99;

/// A sale of this outlet as its counter shows it.
#[derive(Debug, Clone)]
pub struct SoldHere {
    pub top_up: TopUp,
    pub offer: Offer,
    pub tenders: Vec<Taken>,
    pub last4: String,
    /// Cash that the customer must still get back.
    pub owed: bool,
}

/// The sale of a code, if it was made at this outlet.
pub async fn find(world: &World, at: &At, code: &str) -> Result<Option<SoldHere>> {
    let (at, code) = (at.clone(), code.to_owned());
    let read = world.db.read(move |tx| {
        let Some(top_up) = store::top_up::find_by_code(tx, &code)? else { return Ok(None) };
        let tenders = store::tender::of_sale(tx, &top_up.id)?;
        if tenders.first().is_none_or(|first| first.place != *at.place()) {
            return Ok(None);
        }
        let offer = store::offer::load_version(tx, &top_up.offer_version)?;
        let last4 = store::line::load(tx, &top_up.line)?.last4;
        let owed = store::tender::find_owed(tx, &top_up.id)?.is_some();
        Ok(Some(SoldHere { top_up, offer, tenders, last4, owed }))
    });
    Ok(read.await?)
}

/// The last sales of the device's open shift, the newest first.
pub async fn recent(world: &World, at: &At, limit: i64) -> Result<Vec<SoldHere>> {
    let at = at.clone();
    let read = world.db.read(move |tx| {
        let Some(open) = store::shift::find_open(tx, &at.device.id)? else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for top_up in store::tender::sales(tx, &open.id, "~", limit)? {
            let offer = store::offer::load_version(tx, &top_up.offer_version)?;
            let last4 = store::line::load(tx, &top_up.line)?.last4;
            all.push(SoldHere { top_up, offer, tenders: Vec::new(), last4, owed: false });
        }
        Ok(all)
    });
    Ok(read.await?)
}

/// The number and the choice of a sale of this outlet, to sell the same again.
pub async fn again(world: &World, at: &At, code: &str) -> Result<Option<(Msisdn, String, Option<Money>)>> {
    let Some(found) = find(world, at, code).await? else { return Ok(None) };
    let line = found.top_up.line.clone();
    let line = world.db.read(move |tx| store::line::load(tx, &line)).await?;
    let digits = world.keyring.open_sealed(Purpose::Msisdn, &line.msisdn_sealed)?;
    let Ok(msisdn) = Msisdn::parse_e164(&digits) else { return Ok(None) };
    let named = matches!(found.offer.pricing, Pricing::Range { .. });
    Ok(Some((msisdn, found.top_up.offer, named.then_some(found.top_up.prices.value))))
}
