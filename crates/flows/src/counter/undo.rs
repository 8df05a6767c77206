//! A sale of a counter that does not stand: a clerk takes it back while nothing of it was used, or the host network did
//! not give it. The float has its money again, the commission is taken back, and the customer gets back the cash: at
//! once from the open till, or, where nobody is there, as money that the outlet owes ([`crate::till::give_back`]).

use super::At;
use super::journal::{self, Note};
use crate::agents::commission;
use crate::agents::selling::Today;
use crate::error::Result;
use crate::payment::apply::Provider;
use crate::request::{self, Answering, Reply, RequestKey};
use crate::till::{self, TillRefusal};
use crate::top_up::reverse;
use crate::world::{StepContext, World};
use domain::clerk::Clerk;
use domain::counter::CounterRefusal;
use domain::counter_journal::JournalEvent;
use domain::id::{PartnerId, TopUpId};
use domain::ledger::Reason;
use domain::ledger::{Posting, Transfer, agents};
use domain::money::Money;
use domain::refusal::Refusal;
use domain::risk::Limit;
use domain::top_up::TopUp;
use gateways::payment::PaymentGateway;
use store::Tx;

/// A clerk wants a sale back.
pub struct Undo {
    pub key: RequestKey,
    pub at: At,
    pub top_up: TopUpId,
    pub reason: String,
    /// Who agreed to it, with an own PIN.
    pub supervisor: Option<Clerk>,
    pub answering: Answering,
}

/// Would this sale need a supervisor, if this clerk took it back?
pub async fn needs_supervisor(world: &World, at: &At, total: Money) -> Result<bool> {
    let most = crate::risk::limits(world).await?.of(Limit::CounterUndo);
    Ok(!at.clerk.supervises() && is_over(total, most))
}

fn is_over(total: Money, most_units: i64) -> bool {
    total.minor > most_units.saturating_mul(10_i64.pow(total.currency.exponent()))
}

/// Takes a sale back and says how it stands; the same request again gets the same answer.
pub async fn undo(world: &World, wanted: Undo) -> Result<Reply> {
    let (context, within_ms) = (world.step(), world.settings.reverse_within_ms);
    let wanted = std::sync::Arc::new(wanted);
    let most = crate::risk::limits(world).await?.of(Limit::CounterUndo);
    let provider = provider_of(world, &wanted.top_up).await?;
    let reply = world.db.write(move |tx| {
        request::once(tx, &wanted.key, context.now, |tx| {
            let taken = take(tx, &context, &wanted, (within_ms, most, provider))?;
            Ok((Some(wanted.top_up.to_string()), (wanted.answering)(taken.as_ref())))
        })
    });
    let reply = reply.await?;
    world.wake();
    Ok(reply)
}

/// Who has the money of a sale that a card paid.
async fn provider_of(world: &World, top_up: &TopUpId) -> Result<Option<Provider>> {
    let id = top_up.clone();
    let payment = world.db.read(move |tx| store::payment::find_by_top_up(tx, &id)).await?;
    Ok(payment.map(|payment| world.payments.of(&payment.provider).map(PaymentGateway::name)).transpose()?)
}

type Taken = std::result::Result<TopUp, Refusal>;

fn take(
    tx: &mut Tx<'_>,
    context: &StepContext,
    wanted: &Undo,
    (within_ms, most, provider): (i64, i64, Option<Provider>),
) -> anyhow::Result<Taken> {
    let Undo { at, top_up, reason, supervisor, .. } = wanted;
    let refused = |refusal: CounterRefusal| Ok(Err(Refusal::Counter(refusal)));
    let open = match till::taking(tx, at)? {
        Ok(open) => open,
        Err(TillRefusal::Counted) => return refused(CounterRefusal::ShiftCounted),
        Err(TillRefusal::Training) => return refused(CounterRefusal::Training),
        Err(_) => return refused(CounterRefusal::ShiftNotOpen),
    };
    let handed_over = store::tender::of_sale(tx, top_up)?;
    if handed_over.first().is_none_or(|first| first.place != *at.place()) {
        return refused(CounterRefusal::ElsewhereSold);
    }
    let agreed = at.clerk.supervises() || supervisor.as_ref().is_some_and(Clerk::supervises);
    let sold = store::top_up::load(tx, top_up)?;
    if !agreed && is_over(sold.prices.total, most) {
        return refused(CounterRefusal::SupervisorNeeded);
    }
    let now = context.now;
    let may = |sold: &TopUp| match sold.credited_at {
        Some(credited_at) if now > credited_at.plus_ms(within_ms) => Err(Refusal::TooLateToReverse),
        Some(_) => Ok(()),
        None => Err(Refusal::OrderClosed),
    };
    let back = match provider {
        // The card has its money back when its provider says so; the till and the commission follow that word.
        Some(provider) => match may(&sold) {
            Ok(()) => reverse::request(tx, context, provider, sold, at.actor())?
                .map(|_| store::top_up::load(tx, top_up))
                .map_or_else(|refusal| Ok(Err(refusal)), |now| now.map(Ok))?,
            Err(refusal) => Err(refusal),
        },
        None => reverse::take_from_float(tx, context, top_up, &may, &at.actor())?,
    };
    let back = match back {
        Ok(back) => back,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if provider.is_none() {
        commission_back(tx, context, &back)?;
        till::return_cash(tx, context, at, &open, top_up)?;
    }
    let note = Note::of(at, JournalEvent::Reversed).about(back.code.as_str()).because(reason);
    journal::write(tx, context, &Note { amount: Some(back.prices.total), ..note })?;
    Ok(Ok(back))
}

/// Writes that the commission of a sale goes back; says whose and how much.
fn commission_back(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
) -> anyhow::Result<Option<(PartnerId, Money)>> {
    let Some(partner) = &top_up.partner else { return Ok(None) };
    let Some(outlet) = store::outlet::find_by_partner(tx, partner)? else { return Ok(None) };
    let today = Today::of(context, &outlet.facts.time_zone);
    let clerk = store::tender::of_sale(tx, &top_up.id)?.into_iter().next().map(|first| first.clerk);
    let back = commission::take_back(tx, &top_up.id, clerk.as_ref(), &today, context.now)?;
    Ok(back.map(|back| (back.partner, Money::new(-back.amount.minor, back.amount.currency))))
}

/// Somebody who is not at the counter took a sale from a float back: its commission goes with it, and its outlet owes the
/// customer the cash.
pub(crate) fn without_clerk(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUp) -> anyhow::Result<()> {
    commission_back(tx, context, top_up)?;
    till::owe_back(tx, context, top_up)
}

/// A sale is not given, by its host network or after people looked at it: adds to the posting that returns its money to the float that its commission
/// goes back too, and notes the cash that the customer must get.
pub(crate) fn not_given(
    tx: &mut Tx<'_>,
    context: &StepContext,
    back: Posting,
    top_up: &TopUp,
) -> anyhow::Result<Posting> {
    let mut posting = back;
    if let Some((partner, earned)) = commission_back(tx, context, top_up)?
        && earned.minor > 0
    {
        let expense = agents::commission_expense(&top_up.market, earned);
        let due = agents::commission_due(&partner, earned);
        posting.transfers.push(Transfer::posted(due, expense, earned.minor, Reason::Commission));
    }
    till::owe_back(tx, context, top_up)?;
    Ok(posting)
}
