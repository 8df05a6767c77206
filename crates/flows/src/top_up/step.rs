//! The one way a top-up changes its state: the next version, its event, and the work to tell people, in the
//! transaction of the change.

use crate::world::StepContext;
use anyhow::Result;
use domain::notice::NoticeKind;
use domain::top_up::{TopUp, TopUpEvent, TopUpState};
use store::Tx;
use store::outbox::{self, NewWork, Topic};
use store::refund::Refund;

/// Applies an event. Returns the top-up as it is now; an event that changes nothing writes nothing.
pub fn advance(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: TopUp,
    event: TopUpEvent,
    actor: &str,
) -> Result<TopUp> {
    let Some(mut next) = top_up.on(event, context.now) else { return Ok(top_up) };
    // From here on the buyer is owed an answer by a time.
    let owed =
        matches!(next.state, TopUpState::CheckingPayment | TopUpState::Paid | TopUpState::PendingNetwork);
    if owed && next.answer_by_at.is_none() {
        next.answer_by_at = Some(context.now.plus_ms(context.answer_within_ms));
    }
    if next.state == TopUpState::Review {
        next.answer_by_at = Some(context.now.plus_ms(domain::time::DAY_MS));
    }
    store::top_up::update(tx, &next, actor)?;
    if matches!(next.state, TopUpState::Refunded | TopUpState::Reversed) {
        crate::invoice::sale_taken_back(tx, context, &next.id)?;
        crate::counter::card::not_stood(tx, context, &next)?;
        crate::fiscal::taken_back(tx, context, &next)?;
    }
    if next.state == TopUpState::Credited {
        crate::fiscal::sold(tx, context, &next)?;
    }
    outbox::push(tx, announcement(&next, context), context.ids.as_ref(), context.now)?;
    Ok(next)
}

/// Puts the work to tell about a refund into the outbox: each is told, however many its order has. The notice and
/// the refund stand in it instead of a state.
pub fn announce_refund(
    tx: &mut Tx<'_>,
    context: &StepContext,
    refund: &Refund,
    kind: NoticeKind,
) -> Result<()> {
    let work = NewWork {
        topic: Topic::TopUpChanged,
        subject: refund.top_up.to_string(),
        detail: Some(format!("{kind} {}", refund.id)),
        available_at: context.now,
    };
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

pub(crate) fn announcement(top_up: &TopUp, context: &StepContext) -> NewWork {
    NewWork {
        topic: Topic::TopUpChanged,
        subject: top_up.id.to_string(),
        detail: Some(top_up.state.as_str().to_owned()),
        available_at: context.now,
    }
}
