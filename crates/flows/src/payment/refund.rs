//! Refunds: captured money goes back to the payer, once, under a hold that nothing but the provider's word
//! releases.

use super::apply::Provider;
use super::poll;
use crate::top_up::advance;
use crate::world::StepContext;
use anyhow::Result;
use domain::actor::Actor;
use domain::id::{OperationId, RefundId};
use domain::ledger::book::{self, RefundStep};
use domain::payment::{OperationKind, OperationState};
use domain::refund::{RefundEvidence, RefundFinding, RefundState};
use domain::top_up::TopUpEvent;
use store::attempt::Attempt;
use store::operation::Operation;
use store::outbox::{self, NewWork, Topic};
use store::payment::Payment;
use store::refund::Refund;
use store::{Tx, ledger};

/// Starts to give back what an attempt brought: refund, hold, call and work in the caller's transaction.
pub(crate) fn start(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    payment: &Payment,
    attempt: &Attempt,
    reason: &str,
) -> Result<()> {
    let refund = Refund {
        id: RefundId::new(context.ids.as_ref(), context.now),
        top_up: payment.top_up.clone(),
        payment: payment.id.clone(),
        attempt: attempt.id.clone(),
        provider: provider.to_owned(),
        amount: payment.amount,
        state: RefundState::Requested,
        refund_ref: None,
        reason: reason.to_owned(),
        created_at: context.now,
        state_at: context.now,
    };
    store::refund::insert(tx, &refund)?;
    post(tx, context, provider, &refund, RefundStep::Hold)?;
    let operation = Operation {
        id: OperationId::new(context.ids.as_ref(), context.now),
        kind: OperationKind::CreateRefund,
        subject: refund.id.to_string(),
        state: OperationState::Prepared,
        created_at: context.now,
        first_sent_at: None,
    };
    store::operation::insert(tx, &operation)?;
    let work = NewWork::due(Topic::Operation, operation.id.as_str(), context.now);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

fn post(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    refund: &Refund,
    step: RefundStep,
) -> Result<()> {
    let market = store::top_up::load(tx, &refund.top_up)?.market;
    let posting = book::refund(&refund.id, provider, &market, refund.amount, step);
    let outcome = ledger::record(tx, &context.writer, context.now, &[posting])?.pop();
    let stands = outcome.as_ref().is_some_and(domain::ledger::Outcome::stands);
    anyhow::ensure!(stands, "{step:?} of {} was not recorded: {outcome:?}", refund.id);
    Ok(())
}

/// Applies what the provider says about a refund.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    id: &RefundId,
    evidence: &RefundEvidence,
) -> Result<()> {
    let payment = store::refund::load(tx, id)?.payment;
    store::payment::lock(tx, &payment)?;
    let refund = store::refund::load(tx, id)?;
    let finding = believable(&refund, evidence);
    let mut known = refund.clone();
    known.refund_ref = known.refund_ref.or_else(|| evidence.refund_ref.clone());
    let next = refund.state.on(&finding);
    if let Some(state) = next {
        known.state = state;
        known.state_at = context.now;
    }
    if known != refund {
        store::refund::update(tx, refund.state, &known)?;
    }
    let Some(state) = next else { return Ok(()) };
    let event = match state {
        RefundState::Succeeded => {
            post(tx, context, provider, &known, RefundStep::Post)?;
            TopUpEvent::RefundSucceeded
        }
        RefundState::Failed => {
            let bounced = refund.state == RefundState::Succeeded;
            post(tx, context, provider, &known, if bounced { RefundStep::Bounce } else { RefundStep::Void })?;
            tracing::error!(refund = %id, "a refund failed: people must decide how the money goes back");
            TopUpEvent::ReviewOpened
        }
        RefundState::Requested | RefundState::Pending | RefundState::Unknown => {
            return watch(tx, context, &known);
        }
    };
    let top_up = store::top_up::load(tx, &refund.top_up)?;
    let before = top_up.version;
    let now = advance(tx, context, top_up, event, &Actor::Provider(provider).to_string())?;
    if state == RefundState::Failed && now.version == before {
        // The order itself stays as it is: people find the refund among what was given up.
        outbox::report(
            tx,
            Topic::PollRefund,
            id.as_str(),
            "the refund failed",
            context.ids.as_ref(),
            context.now,
        )?;
    }
    Ok(())
}

/// A refund of another amount than ours is not believed; it stays unknown until people look.
fn believable(refund: &Refund, evidence: &RefundEvidence) -> RefundFinding {
    match evidence.amount {
        Some(amount) if amount != refund.amount => {
            tracing::error!(refund = %refund.id, "the provider names another refund amount than ours");
            RefundFinding::Unknown { why: "another amount".into() }
        }
        Some(_) | None => evidence.finding.clone(),
    }
}

fn watch(tx: &mut Tx<'_>, context: &StepContext, refund: &Refund) -> Result<()> {
    if outbox::has_open(tx, Topic::PollRefund, refund.id.as_str())? {
        return Ok(());
    }
    let due = poll::next_look(0, context.now).unwrap_or(context.now);
    let work = NewWork::due(Topic::PollRefund, refund.id.as_str(), due);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}
