//! Captures by our own call, for providers where the payer's approval moves no money (`Capture::ByUs`).
//!
//! An attempt gets at most one capture, ever: [`prepare`] makes it and [`close_uncaptured`] rules it out, both
//! under the payment's lock. An attempt that has none can be closed by us, and the buyer was not charged.

use super::apply::{self, Provider};
use super::{Source, operate};
use crate::error::Result;
use crate::work::Done;
use crate::world::{StepContext, World};
use domain::id::{AttemptId, OperationId};
use domain::payment::{
    AttemptState, Evidence, Finding, OperationAnswer, OperationKind, OperationState, PaymentState,
};
use gateways::payment::{CallOutcome, PaymentGateway};
use store::Tx;
use store::attempt::Attempt;
use store::operation::Operation;
use store::outbox::{self, NewWork, Topic};

/// Prepares the one capture of an approved attempt; the caller holds the payment's lock.
pub(crate) fn prepare(tx: &mut Tx<'_>, context: &StepContext, attempt: &Attempt) -> anyhow::Result<()> {
    if store::operation::exists(tx, attempt.id.as_str(), OperationKind::CapturePage)? {
        return Ok(());
    }
    let operation = Operation {
        id: OperationId::new(context.ids.as_ref(), context.now),
        kind: OperationKind::CapturePage,
        subject: attempt.id.to_string(),
        state: OperationState::Prepared,
        created_at: context.now,
        first_sent_at: None,
    };
    store::operation::insert(tx, &operation)?;
    let work = NewWork::due(Topic::Operation, operation.id.as_str(), context.now);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

/// Closes an open attempt that was never captured. Tells whether it did.
pub(crate) fn close_uncaptured(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    id: &AttemptId,
    finding: Finding,
) -> anyhow::Result<bool> {
    let payment = store::attempt::load(tx, id)?.payment;
    store::payment::lock(tx, &payment)?;
    let attempt = store::attempt::load(tx, id)?;
    let closable = attempt.state.is_open() && attempt.state != AttemptState::Created;
    if !closable || store::operation::exists(tx, id.as_str(), OperationKind::CapturePage)? {
        return Ok(false);
    }
    let evidence = Evidence { finding, ..Evidence::unknown("") };
    apply::apply(tx, context, provider, id, &evidence, Source::Answer)?;
    Ok(true)
}

/// Runs the capture of an attempt.
pub(crate) async fn run(world: &World, gateway: &PaymentGateway, operation: &Operation) -> Result<Done> {
    let id = AttemptId::stored(operation.subject.as_str());
    let (attempt, payment) = operate::load_attempt(world, &id).await?;
    let wanted = payment.state == PaymentState::Open || operation.first_sent_at.is_some();
    let Some(page_ref) = attempt.page_ref.filter(|_| attempt.state.is_open()) else {
        return operate::settle(world, gateway, operation, OperationAnswer::Accepted, "settled before", None)
            .await;
    };
    if !wanted {
        let never = Evidence { finding: Finding::Cancelled, ..Evidence::unknown("") };
        let (answer, detail) = (OperationAnswer::Refused, "never sent");
        return operate::settle(world, gateway, operation, answer, detail, Some(never)).await;
    }
    // Never under a key that the provider may have forgotten: what became of the first call is its word.
    if !operate::key_lives(world, gateway, operation) {
        let evidence = gateway.fetch_page(&page_ref).await;
        return match evidence.finding {
            Finding::Captured { .. }
            | Finding::Processing
            | Finding::Declined { .. }
            | Finding::Cancelled => {
                operate::settle(world, gateway, operation, OperationAnswer::Accepted, "", Some(evidence))
                    .await
            }
            Finding::ActionNeeded { .. }
            | Finding::Approved
            | Finding::Authorized
            | Finding::Expired
            | Finding::Unknown { .. } => operate::unanswered(world, operation, "the key has lapsed").await,
        };
    }
    operate::mark_sent(world, operation).await?;
    let outcome = gateway.capture_page(&operation.id, &page_ref).await;
    store::fail::point("operation.after_answer");
    match outcome {
        CallOutcome::Accepted(evidence) => {
            operate::settle(world, gateway, operation, OperationAnswer::Accepted, "", Some(evidence)).await
        }
        CallOutcome::Refused { code, .. } => {
            let refused =
                Evidence { finding: Finding::Declined { code: code.clone() }, ..Evidence::unknown("") };
            operate::settle(world, gateway, operation, OperationAnswer::Refused, &code, Some(refused)).await
        }
        // It may have happened, now or before: the order tells.
        CallOutcome::Unknown { why } => {
            let evidence = gateway.fetch_page(&page_ref).await;
            let (context, provider) = (world.step(), gateway.name());
            let applied = world.db.write(move |tx| {
                apply::apply(tx, &context, provider, &id, &evidence, Source::Poll).map(|_| ())
            });
            applied.await?;
            operate::unanswered(world, operation, &why).await
        }
    }
}
