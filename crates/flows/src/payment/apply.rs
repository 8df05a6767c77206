//! The one door for evidence: re-read under lock, check the transition, post, write the outbox and the event,
//! in one transaction. The same evidence again, or older evidence, changes nothing.

use super::{Source, capture, poll, refund};
use crate::top_up::{advance, announce_refund, credit};
use crate::world::StepContext;
use anyhow::{Context, Result};
use domain::actor::Actor;
use domain::id::AttemptId;
use domain::ledger::Posting;
use domain::ledger::book::{self, Captured, RefundStep};
use domain::money::Money;
use domain::notice::NoticeKind;
use domain::payment::{AttemptState, Evidence, Finding, PaymentEvent, PaymentState};
use domain::top_up::{TopUp, TopUpEvent};
use store::Tx;
use store::attempt::Attempt;
use store::payment::{Event, Payment};

/// The provider's name as actors and accounts carry it.
pub type Provider = &'static str;

/// Applies evidence about an attempt. Returns the attempt as it is now.
pub fn apply(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    id: &AttemptId,
    evidence: &Evidence,
    source: Source,
) -> Result<Attempt> {
    let payment = store::attempt::load(tx, id)?.payment;
    let payment = store::payment::lock(tx, &payment)?;
    let attempt = store::attempt::load(tx, id)?;
    // A look that nobody asked for and that told nothing changes nothing.
    let told_nothing = source == Source::Poll && matches!(evidence.finding, Finding::Unknown { .. });
    let next = attempt.state.on(&evidence.finding, payment.amount).filter(|_| !told_nothing);
    let mut known = with_names(&attempt, evidence);
    if let Some(state) = next {
        known.state = state;
        known.state_at = context.now;
    }
    if let (Some(_), Finding::Captured { amount }) = (next, &evidence.finding) {
        known.captured = Some(*amount);
    }
    if known != attempt {
        store::attempt::update(tx, attempt.state, &known)?;
    }
    if next.is_some() || source == Source::Webhook {
        let event = Event {
            payment: &payment.id,
            attempt: id,
            source: source.as_str(),
            finding: serde_json::to_string(&redacted(&evidence.finding))?,
            from: attempt.state,
            to: known.state,
        };
        store::payment::insert_event(tx, &event, context.ids.as_ref(), context.now)?;
    }
    if let Some(refunded) = evidence.refunded {
        refund::compare(tx, context, &known, refunded)?;
    }
    if next.is_some() {
        let top_up = store::top_up::load(tx, &payment.top_up)?;
        Door { context, provider, payment, attempt: known.clone(), top_up }
            .consequences(tx, attempt.state)?;
    }
    Ok(known)
}

/// The attempt with every name and detail that the evidence adds.
fn with_names(attempt: &Attempt, evidence: &Evidence) -> Attempt {
    let mut known = attempt.clone();
    known.page_ref = known.page_ref.or_else(|| evidence.page_ref.clone());
    known.money_ref = evidence.money_ref.clone().or(known.money_ref);
    known.card = evidence.card.clone().or(known.card);
    known.last_decline = evidence.last_decline.clone().or(known.last_decline);
    if let Finding::ActionNeeded { url: Some(url) } = &evidence.finding {
        known.url = Some(url.clone());
    }
    known
}

/// Payment page addresses let anybody pay or see the order: the history does not keep them.
fn redacted(finding: &Finding) -> Finding {
    match finding {
        Finding::ActionNeeded { .. } => Finding::ActionNeeded { url: None },
        other => other.clone(),
    }
}

/// Closes the order of an attempt that was declined for good and that nobody tried again.
pub(crate) fn close_declined(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    id: &AttemptId,
) -> Result<()> {
    let payment = store::attempt::load(tx, id)?.payment;
    let payment = store::payment::lock(tx, &payment)?;
    let attempt = store::attempt::load(tx, id)?;
    if attempt.state != AttemptState::Declined {
        return Ok(());
    }
    let top_up = store::top_up::load(tx, &payment.top_up)?;
    Door { context, provider, payment, attempt, top_up }.closed(tx)
}

struct Door<'a> {
    context: &'a StepContext,
    provider: Provider,
    payment: Payment,
    attempt: Attempt,
    top_up: TopUp,
}

impl Door<'_> {
    fn consequences(self, tx: &mut Tx<'_>, from: AttemptState) -> Result<()> {
        match self.attempt.state {
            AttemptState::Created => Ok(()),
            AttemptState::RequiresAction => {
                poll::watch(tx, self.context, &self.attempt)?;
                if from == AttemptState::Unknown { self.awaited(tx) } else { Ok(()) }
            }
            // The buyer agreed: the money is taken only while the order wants it.
            AttemptState::Approved => {
                poll::watch(tx, self.context, &self.attempt)?;
                if self.is_wanted() {
                    capture::prepare(tx, self.context, &self.attempt)?;
                    self.advance(tx, TopUpEvent::PaymentUnknown)?;
                }
                Ok(())
            }
            AttemptState::Processing | AttemptState::Unknown | AttemptState::Authorized => {
                poll::watch(tx, self.context, &self.attempt)?;
                if self.is_wanted() {
                    self.advance(tx, TopUpEvent::PaymentUnknown)?;
                }
                Ok(())
            }
            AttemptState::Captured => self.captured(tx),
            AttemptState::Review => self.contradicted(tx),
            // The buyer may ask for another page; an order that is left alone is closed in time.
            AttemptState::Declined => {
                poll::watch_closed(tx, self.context, &self.attempt)?;
                self.awaited(tx)
            }
            AttemptState::Cancelled | AttemptState::Expired => {
                poll::watch_closed(tx, self.context, &self.attempt)?;
                self.closed(tx)
            }
        }
    }

    /// Nothing was paid and the buyer may act: an order that was being checked waits again, also after it went to
    /// people for want of an answer. One that people look at for its money stays with them.
    fn awaited(&self, tx: &mut Tx<'_>) -> Result<()> {
        let others = store::attempt::list(tx, &self.payment.id)?;
        let underway = others.iter().any(|a| a.id != self.attempt.id && a.state.may_have_paid());
        if self.is_wanted() && !underway {
            self.advance(tx, TopUpEvent::PaymentAwaited)?;
        }
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        self.payment.state == PaymentState::Open
    }

    fn advance(&self, tx: &mut Tx<'_>, event: TopUpEvent) -> Result<TopUp> {
        let actor = Actor::Provider(self.provider).to_string();
        advance(tx, self.context, self.top_up.clone(), event, &actor)
    }

    fn capture(&self, amount: Money, what: Captured) -> Posting {
        book::capture(&self.attempt.id, self.provider, &self.top_up.market, amount, what)
    }

    /// The asked money is ours: deliver, or give it back when the order is paid or closed, or when the
    /// credit is known to be refused.
    fn captured(self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(paid) = self.payment.state.on(PaymentEvent::Captured) else {
            let closed = self.payment.state == PaymentState::Closed;
            let reason = if closed { "order_closed" } else { "already_paid" };
            return self.give_back(tx, Captured::Surplus, reason);
        };
        store::payment::update(tx, &self.payment, paid, Some(&self.attempt.id))?;
        let actor = Actor::Provider(self.provider);
        let Some(credit) = credit::of_captured(tx, self.context, &self.top_up, actor)? else {
            return self.give_back(tx, Captured::AsAsked, "credit_refused");
        };
        let capture = self.capture(self.payment.amount, Captured::AsAsked);
        self.context.record(tx, &[capture, credit.posting])?;
        store::bucket::insert_all(tx, &credit.buckets.iter().collect::<Vec<_>>())?;
        self.advance(tx, TopUpEvent::CreditGiven).map(|_| ())
    }

    /// Captures what is given back at once, and tells its buyer.
    fn give_back(self, tx: &mut Tx<'_>, what: Captured, reason: &str) -> Result<()> {
        let refund = refund::of(self.context, self.provider, &self.payment, &self.attempt, reason);
        let hold = refund::posting(&refund, self.provider, &self.top_up.market, RefundStep::Hold);
        self.context.record(tx, &[self.capture(self.payment.amount, what), hold])?;
        refund::start(tx, self.context, &refund)?;
        let now = self.advance(tx, TopUpEvent::RefundStarted)?;
        // Where the order stays as it is, its buyer still has to know that this money goes back.
        let stays = now.version == self.top_up.version;
        let kind = if stays { NoticeKind::SurplusReturning } else { NoticeKind::RefundStarted };
        announce_refund(tx, self.context, &refund, kind)
    }

    /// Another amount or currency than asked: into suspense, and people look.
    fn contradicted(self, tx: &mut Tx<'_>) -> Result<()> {
        let amount = self.attempt.captured.context("captured without an amount")?;
        self.context.record(tx, &[self.capture(amount, Captured::Contradiction)])?;
        if let Some(state) = self.payment.state.on(PaymentEvent::Contradicted) {
            store::payment::update(tx, &self.payment, state, None)?;
        }
        tracing::error!(attempt = %self.attempt.id, "captured money contradicts its order");
        self.advance(tx, TopUpEvent::ReviewOpened).map(|_| ())
    }

    /// Nobody paid or will pay on this page: without another open one the order is closed.
    fn closed(self, tx: &mut Tx<'_>) -> Result<()> {
        let others = store::attempt::list(tx, &self.payment.id)?;
        let open = others.iter().any(|a| a.id != self.attempt.id && a.state.is_open());
        let Some(closed) = self.payment.state.on(PaymentEvent::Closed).filter(|_| !open) else {
            return Ok(());
        };
        store::payment::update(tx, &self.payment, closed, None)?;
        self.advance(tx, TopUpEvent::PaymentClosed).map(|_| ())
    }
}
