//! Attempts on a card reader, beside those on a hosted page: the same states, evidence and operations. Start reading
//! at [`start`].
//!
//! A payment has one open attempt and a reader serves one: while the outcome of either is not known, nothing else
//! begins. A lost answer is looked for, begun again under its key, or cancelled for good, and never charged anew.

use super::operate::{key_lives, mark_sent, settle, unanswered};
use super::{Source, apply, poll};
use crate::error::Result;
use crate::work::Done;
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::id::{AttemptId, OperationId};
use domain::payment::{AttemptState, Evidence, Finding, OperationAnswer, OperationKind, OperationState};
use gateways::payment::terminal::{CardTerminal, OnReader, ReaderLook, ReaderTry};
use gateways::payment::{CallOutcome, PaymentGateway};
use store::Tx;
use store::attempt::Attempt;
use store::operation::Operation;
use store::outbox::{self, NewWork, Topic, Work};
use store::payment::Payment;
use store::reader_attempt::{self, ReaderAttempt};

/// Where and for what a card is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The terminal's own name of the reader.
    pub reader: String,
    /// One line for the customer's statement.
    pub description: String,
    /// After so long without a card the attempt is cancelled.
    pub patience_ms: i64,
}

/// Why no attempt began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotStarted {
    /// The payment has an attempt whose outcome is open: wait for it or cancel it.
    UnderWay(AttemptId),
    /// Another payment is on the reader.
    ReaderTaken,
}

/// Begins on a reader, within the caller's transaction, which holds the payment's lock: the attempt, its hold on the
/// reader, and the call, born claimed by the caller.
pub fn start(
    tx: &mut Tx<'_>,
    context: &StepContext,
    payment: &Payment,
    at: &At,
) -> anyhow::Result<std::result::Result<(AttemptId, Work), NotStarted>> {
    let before = store::attempt::list(tx, &payment.id)?;
    if let Some(open) = before.into_iter().find(|attempt| attempt.state.is_open()) {
        return Ok(Err(NotStarted::UnderWay(open.id)));
    }
    let attempt = Attempt {
        id: AttemptId::new(context.ids.as_ref(), context.now),
        payment: payment.id.clone(),
        state: AttemptState::Created,
        page_ref: None,
        money_ref: None,
        url: None,
        card: None,
        last_decline: None,
        expires_at: context.now.plus_ms(at.patience_ms),
        return_url: None,
        created_at: context.now,
        state_at: context.now,
        captured: None,
    };
    let on = ReaderAttempt {
        attempt: attempt.id.clone(),
        reader: at.reader.clone(),
        description: at.description.clone(),
    };
    if !reader_attempt::take(tx, &on)? {
        return Ok(Err(NotStarted::ReaderTaken));
    }
    store::attempt::insert_current(tx, &attempt)?;
    let operation = insert_operation(tx, context, &attempt.id, OperationKind::CreatePage)?;
    let work =
        outbox::push_claimed(tx, Topic::Operation, operation.as_str(), context.ids.as_ref(), context.now)?;
    Ok(Ok((attempt.id, work)))
}

fn insert_operation(
    tx: &mut Tx<'_>,
    context: &StepContext,
    attempt: &AttemptId,
    kind: OperationKind,
) -> anyhow::Result<OperationId> {
    let operation = Operation {
        id: OperationId::new(context.ids.as_ref(), context.now),
        kind,
        subject: attempt.to_string(),
        state: OperationState::Prepared,
        created_at: context.now,
        first_sent_at: None,
    };
    store::operation::insert(tx, &operation)?;
    Ok(operation.id)
}

/// Prepares the call that ends an open attempt on a reader: the clerk cancels, the card was declined, or nobody came.
/// Again after one that came while the bank was asked: what the bank says then may leave it open.
pub fn prepare_cancel(tx: &mut Tx<'_>, context: &StepContext, id: &AttemptId) -> anyhow::Result<()> {
    let attempt = store::attempt::load(tx, id)?;
    let asked = store::operation::is_open(tx, id.as_str(), OperationKind::ExpirePage)?;
    if asked || !attempt.state.is_open() || reader_attempt::find(tx, id)?.is_none() {
        return Ok(());
    }
    let operation = insert_operation(tx, context, id, OperationKind::ExpirePage)?;
    let work = NewWork::due(Topic::Operation, operation.as_str(), context.now);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

/// One attempt on a reader with everything that a call about it needs.
struct Held<'a> {
    world: &'a World,
    gateway: &'a PaymentGateway,
    terminal: &'a dyn CardTerminal,
    attempt: Attempt,
    sent: ReaderTry,
}

/// The attempt, if it is on a reader.
async fn held<'a>(world: &'a World, gateway: &'a PaymentGateway, id: &AttemptId) -> Result<Option<Held<'a>>> {
    let subject = id.clone();
    let read = world.db.read(move |tx| {
        let Some(on) = reader_attempt::find(tx, &subject)? else { return Ok(None) };
        let attempt = store::attempt::load(tx, &subject)?;
        let payment = store::payment::load(tx, &attempt.payment)?;
        let begun = store::operation::first(tx, subject.as_str(), OperationKind::CreatePage)?;
        Ok(Some((on, attempt, payment, begun.context("an attempt on a reader without its operation")?)))
    });
    let Some((on, attempt, payment, operation)) = read.await? else { return Ok(None) };
    let terminal = gateway.terminal().context("the provider has no card terminals")?;
    let sent = ReaderTry {
        operation,
        top_up: payment.top_up()?.clone(),
        payment: payment.id,
        attempt: on.attempt,
        amount: payment.amount,
        reader: on.reader,
        description: on.description,
        money_ref: attempt.money_ref.clone(),
    };
    Ok(Some(Held { world, gateway, terminal, attempt, sent }))
}

/// Runs an operation if it is about an attempt on a reader.
pub(super) async fn run(
    world: &World,
    gateway: &PaymentGateway,
    operation: &Operation,
    work: &Work,
) -> Result<Option<Done>> {
    let id = AttemptId::stored(operation.subject.as_str());
    match operation.kind {
        OperationKind::CreatePage => match held(world, gateway, &id).await? {
            Some(held) => held.begin(operation, work).await.map(Some),
            None => Ok(None),
        },
        OperationKind::ExpirePage => match held(world, gateway, &id).await? {
            Some(held) => held.cancel(operation).await.map(Some),
            None => Ok(None),
        },
        OperationKind::CapturePage | OperationKind::CreateRefund => Ok(None),
    }
}

/// What the provider says of an attempt whose money it has not named to us; `None` for one on a hosted page.
pub(super) async fn enquire(
    world: &World,
    gateway: &PaymentGateway,
    attempt: &Attempt,
) -> Result<Option<Evidence>> {
    let Some(held) = held(world, gateway, &attempt.id).await? else { return Ok(None) };
    Ok(Some(held.terminal.look(&held.sent).await.evidence))
}

/// The clerk's screen asks: looks, applies what is learnt, and ends an attempt that the reader gave up, since nobody
/// can pay on it any more. Says what the customer sees.
pub async fn watch(world: &World, id: &AttemptId) -> Result<(Attempt, OnReader)> {
    let gateway = poll::provider_of(world, id).await?;
    let held = held(world, gateway, id).await?.context("an attempt on a hosted page has no reader")?;
    if !held.attempt.state.is_open() {
        return Ok((held.attempt, OnReader::Untold));
    }
    let ReaderLook { evidence, on_reader } = held.terminal.look(&held.sent).await;
    let over = matches!(on_reader, OnReader::Failed { .. });
    let (context, provider, id) = (world.step(), gateway.name(), id.clone());
    let applied = world.db.write(move |tx| {
        let now = apply::apply(tx, &context, provider, &id, &evidence, Source::Look)?;
        if over {
            prepare_cancel(tx, &context, &id)?;
        }
        Ok(now)
    });
    let applied = applied.await?;
    world.wake();
    Ok((applied, on_reader))
}

/// Nobody held a card to it in time.
pub(super) async fn give_up(world: &World, id: &AttemptId) -> Result<()> {
    let (context, id) = (world.step(), id.clone());
    world.db.write(move |tx| prepare_cancel(tx, &context, &id)).await?;
    Ok(())
}

impl Held<'_> {
    async fn settle(
        &self,
        operation: &Operation,
        answer: OperationAnswer,
        detail: &str,
        evidence: Option<Evidence>,
    ) -> Result<Done> {
        settle(self.world, self.gateway, operation, answer, detail, evidence).await
    }

    async fn begin(&self, operation: &Operation, work: &Work) -> Result<Done> {
        if self.attempt.state != AttemptState::Created {
            return self.settle(operation, OperationAnswer::Accepted, "begun before", None).await;
        }
        if !key_lives(self.world, self.gateway, operation) || self.world.now() >= self.attempt.expires_at {
            return self.lapse(operation).await;
        }
        mark_sent(self.world, operation).await?;
        let outcome = self.terminal.begin(&self.sent).await;
        store::fail::point("operation.after_answer");
        match outcome {
            CallOutcome::Accepted(evidence) => {
                self.settle(operation, OperationAnswer::Accepted, "", Some(evidence)).await
            }
            CallOutcome::Refused { code, .. } => {
                let finding = Finding::Declined { code: code.clone() };
                let refused = Evidence { finding, ..Evidence::unknown("") };
                self.settle(operation, OperationAnswer::Refused, &code, Some(refused)).await
            }
            CallOutcome::Unknown { why } => {
                let later = unanswered(self.world, operation, &why).await?;
                let next = poll::next_look(work.attempts - 1, self.world.now());
                let in_time = next.is_some_and(|at| at < self.attempt.expires_at);
                Ok(if in_time { later } else { Done::At(self.attempt.expires_at) })
            }
        }
    }

    /// It never began as far as we know: it is made impossible before the reader is given to the next one.
    async fn lapse(&self, operation: &Operation) -> Result<Done> {
        let key = OperationId::stored(format!("{}-lapsed", operation.id));
        match self.terminal.cancel(&key, &self.sent).await {
            CallOutcome::Accepted(evidence) => {
                self.settle(operation, OperationAnswer::Accepted, "lapsed unanswered", Some(evidence)).await
            }
            CallOutcome::Refused { code, .. } => {
                let evidence = self.terminal.look(&self.sent).await.evidence;
                self.settle(operation, OperationAnswer::Accepted, &code, Some(evidence)).await
            }
            CallOutcome::Unknown { why } => unanswered(self.world, operation, &why).await,
        }
    }

    async fn cancel(&self, operation: &Operation) -> Result<Done> {
        if !self.attempt.state.is_open() {
            return self.settle(operation, OperationAnswer::Accepted, "closed before", None).await;
        }
        mark_sent(self.world, operation).await?;
        match self.terminal.cancel(&operation.id, &self.sent).await {
            CallOutcome::Accepted(evidence) => {
                self.settle(operation, OperationAnswer::Accepted, "", Some(evidence)).await
            }
            // Too late: look what became of it.
            CallOutcome::Refused { code, .. } => {
                let evidence = self.terminal.look(&self.sent).await.evidence;
                self.settle(operation, OperationAnswer::Refused, &code, Some(evidence)).await
            }
            CallOutcome::Unknown { why } => unanswered(self.world, operation, &why).await,
        }
    }
}
