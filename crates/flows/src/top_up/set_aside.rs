//! What was set aside for an order that ends without credit goes back to where it came from: a promotion's bonus to its
//! budget, and the cash part of a sale at a counter to its float.

use crate::promotion;
use anyhow::{Context, Result};
use domain::actor::Actor;
use domain::ledger::{Posting, book};
use domain::money::Money;
use domain::top_up::{Channel, Settlement, TopUp};
use store::{Tx, ledger};

/// Returns what the caller posts with whatever else ends the order; nothing where nothing is set aside any more.
pub(crate) fn release(tx: &mut Tx<'_>, top_up: &TopUp, actor: Actor) -> Result<Vec<Posting>> {
    let mut postings: Vec<Posting> = promotion::release(tx, top_up, actor.clone())?.into_iter().collect();
    if let Some(cash) = cash_aside(tx, top_up)? {
        let float = top_up.partner.as_ref().context("a sale at a counter without its float")?;
        postings.push(book::float_return(&top_up.id, &top_up.market, float, cash, actor));
    }
    Ok(postings)
}

/// What of a float waits for the card of a sale at a counter.
fn cash_aside(tx: &mut Tx<'_>, top_up: &TopUp) -> Result<Option<Money>> {
    let by_card = top_up.channel == Channel::Agent && top_up.settlement == Settlement::Captured;
    if !by_card || top_up.credited_at.is_some() {
        return Ok(None);
    }
    let posted = ledger::postings_about(tx, &[top_up.id.as_str()])?;
    let applied = |purpose: &str| {
        posted.iter().find(|p| p.outcome == "applied" && p.key == format!("{} {purpose}", top_up.id))
    };
    if applied("sale_return").is_some() {
        return Ok(None);
    }
    let aside: i64 = applied("sale").map_or(0, |sale| sale.legs.iter().map(|leg| leg.amount).sum());
    Ok((aside > 0).then(|| Money::new(aside, top_up.prices.total.currency)))
}
