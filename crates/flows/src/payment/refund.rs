//! Refunds: captured money goes back to the payer, once, under a hold that nothing but the provider's word
//! releases.

use super::apply::Provider;
use super::poll;
use crate::top_up::{advance, announce_refund, reverse};
use crate::world::StepContext;
use anyhow::Result;
use domain::actor::Actor;
use domain::id::{AttemptId, OperationId, RefundId};
use domain::ledger::Posting;
use domain::ledger::book::{self, RefundStep};
use domain::money::Money;
use domain::notice::NoticeKind;
use domain::payment::{OperationKind, OperationState};
use domain::refund::{RefundEvidence, RefundFinding, RefundReason, RefundState};
use domain::refund_request::RefundRequestState;
use domain::time::{DAY_MS, UnixMs};
use domain::top_up::{TopUpEvent, TopUpState};
use store::attempt::Attempt;
use store::operation::Operation;
use store::outbox::{self, NewWork, Topic};
use store::payment::Payment;
use store::refund::Refund;
use store::{Tx, report};

/// The refund that gives back what an attempt brought.
pub(crate) fn of(
    context: &StepContext,
    provider: Provider,
    payment: &Payment,
    attempt: &Attempt,
    reason: RefundReason,
) -> Result<Refund> {
    Ok(Refund {
        id: RefundId::new(context.ids.as_ref(), context.now),
        top_up: payment.top_up()?.clone(),
        payment: payment.id.clone(),
        attempt: attempt.id.clone(),
        provider: provider.to_owned(),
        amount: payment.amount,
        state: RefundState::Requested,
        refund_ref: None,
        reason,
        created_at: context.now,
        state_at: context.now,
    })
}

/// Starts a refund whose hold is recorded: its row, its call and the work, in the caller's transaction.
pub(crate) fn start(tx: &mut Tx<'_>, context: &StepContext, refund: &Refund) -> Result<()> {
    store::refund::insert(tx, refund)?;
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
    if refund.reason == RefundReason::TakenBack {
        return reverse::step(tx, context, provider, refund, step);
    }
    let market = store::top_up::load(tx, &refund.top_up)?.market;
    context.record(tx, &[posting(refund, provider, &market, step)])
}

/// What a step of a refund posts.
pub(crate) fn posting(refund: &Refund, provider: Provider, market: &str, step: RefundStep) -> Posting {
    book::refund(&refund.id, provider, market, refund.amount, step)
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
    let payment = store::payment::lock(tx, &payment)?;
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
        store::refund::update(tx, refund.state, &known, finding.trouble())?;
    }
    if let Some(state) = next {
        store::refund_request::follow(tx, id, RefundRequestState::after(state), context.now)?;
    }
    let Some(state) = next else { return Ok(()) };
    let event = match state {
        RefundState::Succeeded => {
            post(tx, context, provider, &known, RefundStep::Post)?;
            announce_refund(tx, context, &known, NoticeKind::RefundReturned)?;
            if refund.reason == RefundReason::TakenBack {
                Some(TopUpEvent::CreditReversed)
            } else {
                after_success(tx, &known)?
            }
        }
        RefundState::Failed => {
            let bounced = refund.state == RefundState::Succeeded;
            post(tx, context, provider, &known, if bounced { RefundStep::Bounce } else { RefundStep::Void })?;
            tracing::error!(refund = %id, "a refund failed: people must decide how the money goes back");
            // It is compared with what went back by other hands only while no refund of ours may be that.
            poll::look_again(tx, context, &known.attempt)?;
            if refund.reason == RefundReason::TakenBack {
                // The value stays with its owner, so nothing is owed; people see that it was meant to go back.
                let ids = context.ids.as_ref();
                report::once(tx, Topic::PollRefund, id.as_str(), "the reversal failed", ids, context.now)?;
                announce_refund(tx, context, &known, NoticeKind::TakeBackFailed)?;
                Some(TopUpEvent::CreditRestored)
            } else if is_beside(tx, &payment, &known.attempt)? {
                // The order itself stays as it is, also while it is taken back.
                failed_beside(tx, context, &known)?;
                None
            } else {
                Some(TopUpEvent::ReviewOpened)
            }
        }
        RefundState::Requested | RefundState::Pending | RefundState::Unknown => {
            return watch(tx, context, &known);
        }
    };
    let Some(event) = event else { return Ok(()) };
    let top_up = store::top_up::load(tx, &refund.top_up)?;
    let before = top_up.version;
    let now = advance(tx, context, top_up, event, &Actor::Provider(provider).to_string())?;
    if state != RefundState::Failed {
        return Ok(());
    }
    if now.version == before {
        return failed_beside(tx, context, &known);
    }
    if event == TopUpEvent::ReviewOpened {
        announce_refund(tx, context, &known, NoticeKind::RefundFailed)?;
    }
    Ok(())
}

/// A refund failed and its order stays as it is: people find the refund by its report.
fn failed_beside(tx: &mut Tx<'_>, context: &StepContext, refund: &Refund) -> Result<()> {
    let ids = context.ids.as_ref();
    report::once(tx, Topic::PollRefund, refund.id.as_str(), "the refund failed", ids, context.now)?;
    announce_refund(tx, context, refund, NoticeKind::SurplusFailed)
}

/// Does money of this attempt go back beside its order? Another attempt paid for the order, and what that one brought
/// was delivered or is still to be: whatever becomes of this money, the order goes its own way.
pub(crate) fn is_beside(tx: &mut Tx<'_>, payment: &Payment, attempt: &AttemptId) -> Result<bool> {
    let Some(paid_by) = payment.captured_by.as_ref().filter(|paid_by| *paid_by != attempt) else {
        return Ok(false);
    };
    if store::top_up::load(tx, payment.top_up()?)?.credited_at.is_some() {
        return Ok(true);
    }
    let refunds = store::refund::list(tx, payment.top_up()?)?;
    Ok(!refunds.iter().any(|r| r.attempt == *paid_by && r.state != RefundState::Failed))
}

/// What a refund that succeeded means for its order, whose refunds may be several: it is refunded when all of them
/// are done, and people look when none is open and one has failed. One that failed and was begun anew is not counted.
fn after_success(tx: &mut Tx<'_>, done: &Refund) -> Result<Option<TopUpEvent>> {
    let refunds = store::refund::list(tx, &done.top_up)?;
    // What paid for the order is still ours and not delivered: it waits for people, whatever else went back.
    let order = store::top_up::load(tx, &done.top_up)?;
    let paid_by = store::payment::load(tx, &done.payment)?.captured_by;
    let back =
        |paid: &AttemptId| refunds.iter().any(|r| r.attempt == *paid && r.state == RefundState::Succeeded);
    if order.credited_at.is_none() && paid_by.is_some_and(|paid| !back(&paid)) {
        return Ok(None);
    }
    let anew = |failed: &Refund| {
        refunds.iter().any(|r| r.attempt == failed.attempt && r.state != RefundState::Failed)
    };
    let others = refunds.iter().filter(|other| other.id != done.id);
    let mut others =
        others.filter(|other| other.state != RefundState::Failed || !anew(other)).map(|o| o.state);
    if others.clone().any(|state| !state.is_final()) {
        return Ok(None);
    }
    let failed = others.any(|state| state == RefundState::Failed);
    Ok(Some(if failed { TopUpEvent::ReviewOpened } else { TopUpEvent::RefundSucceeded }))
}

/// After so many days people look at a refund of which the provider has not said what became.
const ANSWERED_WITHIN_DAYS: i64 = 7;
const UNANSWERED: &str = "the refund has had no answer for a week";

/// Brings refunds without an answer to people, each once: a report, and the order goes to review unless it stands
/// whatever becomes of the refund. Nothing is sent again; an answer that still comes counts.
pub(crate) fn bring_unanswered(tx: &mut Tx<'_>, context: &StepContext, limit: i64) -> Result<usize> {
    let mut brought = 0;
    for id in list_unanswered(tx, context.now, limit)? {
        let payment = store::refund::load(tx, &id)?.payment;
        store::payment::lock(tx, &payment)?;
        let refund = store::refund::load(tx, &id)?;
        // Answered, or brought by another process, while we waited for the lock.
        let ids = context.ids.as_ref();
        if refund.state.is_final()
            || !report::once(tx, Topic::PollRefund, id.as_str(), UNANSWERED, ids, context.now)?
        {
            continue;
        }
        tracing::error!(refund = %id, "{UNANSWERED}: people must look at it");
        let top_up = store::top_up::load(tx, &refund.top_up)?;
        if top_up.state == TopUpState::Refunding {
            advance(tx, context, top_up, TopUpEvent::ReviewOpened, &Actor::System.to_string())?;
        }
        brought += 1;
    }
    Ok(brought)
}

/// Refunds that people must be told of by now.
pub(crate) fn list_unanswered(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> Result<Vec<RefundId>> {
    store::refund::list_unanswered(tx, now.plus_ms(-ANSWERED_WITHIN_DAYS * DAY_MS), UNANSWERED, limit)
}

/// Compares what the provider says went back of an attempt with our own refunds of it. More than ours was asked for
/// elsewhere, such as in the provider's dashboard: we book nothing that we do not understand, and people look.
pub(crate) fn compare(
    tx: &mut Tx<'_>,
    context: &StepContext,
    attempt: &Attempt,
    refunded: Money,
) -> Result<()> {
    let refunds = match store::payment::load(tx, &attempt.payment)?.order.top_up() {
        Some(top_up) => store::refund::list(tx, top_up)?,
        None => Vec::new(),
    };
    let standing = refunds.iter().filter(|r| r.attempt == attempt.id && r.state != RefundState::Failed);
    let ours: i64 = standing.filter(|r| r.amount.currency == refunded.currency).map(|r| r.amount.minor).sum();
    if refunded.minor <= ours {
        return Ok(());
    }
    let currency = refunded.currency.code();
    let what = format!("{} {} {currency} minor, of which ours: {ours}", report::WENT_BACK, refunded.minor);
    let ids = context.ids.as_ref();
    if report::once(tx, Topic::PollAttempt, attempt.id.as_str(), &what, ids, context.now)? {
        tracing::error!(attempt = %attempt.id, "the provider gave money back that we did not give back");
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
