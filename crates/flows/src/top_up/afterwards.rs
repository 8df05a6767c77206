//! What a number will have after a purchase, for whoever reads it: before paying, and once it has arrived.
//!
//! A balance is its owner's business. Whoever only knows the number is told what is added and what the offer says
//! about its end; the balance goes into the answer only where the caller has checked that the reader may see it.

use super::quote::Quote;
use crate::error::Result;
use crate::world::World;
use domain::afterwards::{Afterwards, AllowanceAfter, Ends, Known};
use domain::bucket::Remaining;
use domain::id::SubscriberId;
use domain::ledger::book;
use domain::line::{Keeper, Line};
use domain::money::Money;
use domain::offer::Offer;
use domain::top_up::TopUp;
use render::AfterwardsValues;

/// May the reader see the balance of the line?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// The owner of the line, or a partner whose key has the scope for it.
    Balance,
    /// Whoever only knows the number.
    NoBalance,
}

/// What a signed-in reader may see of a line: the balance of those in the account, each of which was proved.
pub async fn seen_by(world: &World, subscriber: Option<&SubscriberId>, line: &Line) -> Result<Sees> {
    let Some(subscriber) = subscriber.cloned() else { return Ok(Sees::NoBalance) };
    let line = line.id.clone();
    let owns = world.db.read(move |tx| store::account::subscriber_line::has(tx, &subscriber, &line)).await?;
    Ok(if owns { Sees::Balance } else { Sees::NoBalance })
}

/// What the number will have when this is bought now.
pub async fn afterwards(world: &World, quote: &Quote, sees: Sees) -> Result<AfterwardsValues> {
    let Quote { line, market, offer, prices, promotion, .. } = quote;
    let (now, id, zero) = (world.now(), line.id.clone(), Money::zero(line.currency));
    let after = |known: Known<'_>| Afterwards::of(offer, prices, promotion.as_ref(), known, now);
    let after = match (sees, line.keeper) {
        // What a network keeps, the network alone knows.
        (Sees::NoBalance, _) | (Sees::Balance, Keeper::Network) => after(Known::Nothing),
        (Sees::Balance, Keeper::Ours) => {
            let read = world.db.read(move |tx| {
                let credit = store::ledger::balance(tx, &book::line_credit(&id, zero))?.available;
                Ok((credit, store::bucket::list_valid(tx, &id, now)?))
            });
            let (credit, buckets) = read.await?;
            after(Known::Balance { credit: Money::new(credit, zero.currency), buckets: &buckets })
        }
    };
    Ok(AfterwardsValues { after, time_zone: market.seller.time_zone.clone() })
}

/// What arrived with a credited top-up, as its receipt says it to whoever holds it.
pub(crate) fn given(top_up: &TopUp, offer: &Offer) -> Option<Afterwards> {
    let at = top_up.credited_at?;
    Some(Afterwards::of(offer, &top_up.prices, None, Known::Nothing, at))
}

/// What arrived with a credited top-up, exactly: for the line itself.
pub(crate) async fn arrived(world: &World, top_up: &TopUp) -> Result<Option<AfterwardsValues>> {
    let id = top_up.id.clone();
    let mut buckets = world.db.read(move |tx| store::bucket::list_of_top_up(tx, &id)).await?;
    // A promotion's bonus is told with its own end.
    buckets.retain(|Remaining { bucket, .. }| crate::promotion::of_family(&bucket.family).is_none());
    let catalogue = world.fresh_catalogue().await?;
    let Some(market) = catalogue.market(&top_up.market).filter(|_| !buckets.is_empty()) else {
        return Ok(None);
    };
    let allowance = |Remaining { bucket, .. }: &Remaining| AllowanceAfter {
        unit: bucket.unit,
        added: bucket.granted,
        amount: Some(bucket.granted),
        besides: None,
        zone: bucket.zone.as_deref().and_then(|zone| catalogue.zone(zone)).cloned(),
        ends: match bucket.lapses_at() {
            None => Ends::At { at: bucket.expires_at },
            Some(by) => Ends::FirstUse { days: bucket.valid_for_days, by },
        },
    };
    let after = Afterwards { credit: None, allowances: buckets.iter().map(allowance).collect() };
    Ok(Some(AfterwardsValues { after, time_zone: market.seller.time_zone.clone() }))
}
