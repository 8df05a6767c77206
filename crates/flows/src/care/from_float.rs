//! Money that goes back to the float that paid, by two people of the staff: nobody outside is asked, so it has gone back
//! when the second one has agreed. What the customer paid at a counter, its outlet owes from then on.

use super::Colleague;
use super::money::Source;
use super::refunds::{Outcome, Refused};
use crate::counter::undo;
use crate::top_up::{held, reverse};
use crate::world::StepContext;
use anyhow::Result;
use domain::id::TopUpId;
use domain::refund_request::RefundSource;
use domain::refusal::Refusal;
use domain::top_up::{Settlement, TopUp, TopUpState};
use store::Tx;

/// What of a sale that no provider was paid for could go back.
pub(super) fn source(tx: &mut Tx<'_>, top_up: &TopUp) -> Result<Option<Source>> {
    if top_up.settlement != Settlement::Float {
        return Ok(None);
    }
    let kind = if top_up.state == TopUpState::Credited {
        RefundSource::Float
    } else if held::is_held(tx, top_up)? {
        RefundSource::FloatAside
    } else {
        return Ok(None);
    };
    Ok(Some(Source { kind, attempt: None, amount: top_up.prices.total }))
}

/// Gives it back; refused when the money is not where it was when it was asked for.
pub(super) fn give_back(
    tx: &mut Tx<'_>,
    context: &StepContext,
    (id, asked): (&TopUpId, &Source),
    by: &Colleague,
) -> Result<Outcome<()>> {
    let line = store::top_up::load(tx, id)?.line;
    store::bucket::lock_line(tx, &line)?;
    let top_up = store::top_up::load(tx, id)?;
    if source(tx, &top_up)?.as_ref() != Some(asked) {
        return Ok(Err(Refused::Changed));
    }
    if asked.kind == RefundSource::FloatAside {
        held::give_back(tx, context, top_up, by.actor())?;
        return Ok(Ok(()));
    }
    match reverse::take_from_float(tx, context, id, &|_| Ok(()), &by.actor())? {
        Ok(back) => {
            undo::without_clerk(tx, context, &back)?;
            Ok(Ok(()))
        }
        Err(Refusal::CreditSpent { .. } | Refusal::NotReversible) => Ok(Err(Refused::Spent)),
        Err(_) => Ok(Err(Refused::Changed)),
    }
}
