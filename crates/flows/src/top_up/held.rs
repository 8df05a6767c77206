//! A sale from a float that people look at before it is delivered: its money is set aside from the float, what it earned
//! is booked, and they let it through or give it back. Whoever decides holds the line's lock.

use super::{advance, credit, set_aside};
use crate::counter::undo;
use crate::payment::apply::NotReleased;
use crate::risk;
use crate::world::StepContext;
use anyhow::{Context, Result};
use domain::actor::Actor;
use domain::id::TopUpId;
use domain::ledger::book;
use domain::top_up::{Settlement, TopUp, TopUpEvent, TopUpState};
use store::Tx;

/// Does the sale wait for people, its money set aside?
pub(crate) fn is_held(tx: &mut Tx<'_>, top_up: &TopUp) -> Result<bool> {
    let waits = top_up.settlement == Settlement::Float && top_up.state == TopUpState::Review;
    Ok(waits && top_up.credited_at.is_none() && risk::is_held(tx, &top_up.id)?)
}

/// People let it through: it is delivered, or its money goes back where the line cannot take it.
pub(crate) fn release(
    tx: &mut Tx<'_>,
    context: &StepContext,
    id: &TopUpId,
    actor: Actor,
) -> Result<std::result::Result<TopUp, NotReleased>> {
    let line = store::top_up::load(tx, id)?.line;
    store::bucket::lock_line(tx, &line)?;
    let top_up = store::top_up::load(tx, id)?;
    if !is_held(tx, &top_up)? {
        return Ok(Err(NotReleased::NotWaiting));
    }
    risk::released(tx, context, id, &actor)?;
    match credit::of_captured(tx, context, &top_up, actor.clone())? {
        Ok(delivery) => {
            let event = credit::deliver(tx, context, id, Vec::new(), delivery)?;
            advance(tx, context, top_up, event, &actor.to_string()).map(Ok)
        }
        Err(_) => give_back(tx, context, top_up, actor).map(Ok),
    }
}

/// It is not delivered: the float has its money again, the commission is taken back, and its outlet owes the customer what
/// was paid.
pub(crate) fn give_back(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: TopUp,
    actor: Actor,
) -> Result<TopUp> {
    let float = top_up.partner.as_ref().context("a sale from a float without its seller")?;
    let total = top_up.prices.total;
    let back = book::float_return(&top_up.id, &top_up.market, float, total, actor.clone());
    let mut postings = vec![undo::not_given(tx, context, back, &top_up)?];
    postings.extend(set_aside::release(tx, &top_up, actor.clone())?);
    context.record(tx, &postings)?;
    advance(tx, context, top_up, TopUpEvent::RefundSucceeded, &actor.to_string())
}
