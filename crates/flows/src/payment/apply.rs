//! The one door for evidence: re-read under lock, check the transition, post, write the outbox and the event,
//! in one transaction. The same evidence again, or older evidence, changes nothing.

use super::{Source, capture, poll, refund};
use crate::agents::float_card;
use crate::counter::card;
use crate::risk;
use crate::top_up::{advance, announce_refund, credit, set_aside};
use crate::world::StepContext;
use anyhow::{Context, Result};
use domain::actor::Actor;
use domain::id::{AttemptId, TopUpId};
use domain::ledger::Posting;
use domain::ledger::book::{self, Captured, RefundStep};
use domain::money::Money;
use domain::notice::NoticeKind;
use domain::payment::{AttemptState, Evidence, Finding, PaymentEvent, PaymentState};
use domain::refund::{RefundReason, RefundState};
use domain::top_up::{TopUp, TopUpEvent, TopUpState};
use store::attempt::Attempt;
use store::outbox::Topic;
use store::payment::{Event, Payment};
use store::{Tx, report};

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
    if let (Some(_), Finding::Declined { code }) = (next, &evidence.finding) {
        known.last_decline = Some(code.clone());
    }
    if known != attempt {
        store::attempt::update(tx, attempt.state, &known)?;
    }
    if next.is_some() && !known.state.is_open() {
        store::reader_attempt::release(tx, id)?;
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
    if let Finding::Captured { amount } = evidence.finding {
        compare_captured(tx, context, &attempt, amount)?;
    }
    if let Some(refunded) = evidence.refunded {
        refund::compare(tx, context, &known, refunded)?;
    }
    let Some(top_up) = payment.order.top_up().cloned() else {
        if next.is_some() {
            float_card::learnt(tx, context, provider, &payment, &known)?;
        }
        return Ok(known);
    };
    let instrument = evidence.instrument.clone();
    let declined = (next == Some(AttemptState::Declined)).then(|| id.to_string());
    if let Some(try_ref) = evidence.declined_try.clone().or(declined) {
        let top_up = store::top_up::load(tx, &top_up)?;
        risk::declined(tx, context, provider, &top_up, &try_ref, instrument.as_deref())?;
    }
    if next.is_some() {
        let top_up = store::top_up::load(tx, &top_up)?;
        Door { context, provider, payment, attempt: known.clone(), top_up, instrument }
            .consequences(tx, attempt.state)?;
    }
    Ok(known)
}

/// Brings it to people when the provider names another captured amount than it did before: one of the two is wrong, and
/// what was booked stays until they have looked.
fn compare_captured(tx: &mut Tx<'_>, context: &StepContext, before: &Attempt, now: Money) -> Result<()> {
    let Some(booked) = before.captured.filter(|booked| *booked != now) else { return Ok(()) };
    let (ids, currency) = (context.ids.as_ref(), now.currency.code());
    let what = format!(
        "captured at the provider: {} {currency} minor, booked: {} {}",
        now.minor,
        booked.minor,
        booked.currency.code()
    );
    if report::once(tx, Topic::PollAttempt, before.id.as_str(), &what, ids, context.now)? {
        tracing::error!(attempt = %before.id, "the provider names another captured amount than before");
    }
    Ok(())
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
    let Some(top_up) = payment.order.top_up().cloned() else {
        return float_card::closed(tx, context, provider, &payment, &attempt);
    };
    let top_up = store::top_up::load(tx, &top_up)?;
    Door { context, provider, payment, attempt, top_up, instrument: None }.closed(tx)
}

/// Why a paid order that waited for people was not delivered.
pub enum NotReleased {
    /// It does not wait for that, or not any more.
    NotWaiting,
    /// Its payer's bank or its provider takes the money back, and nobody has seen to that.
    Disputed,
}

/// People let a paid order through that waited for them: it is delivered, or its money goes back where the line
/// cannot take it.
pub(crate) fn release(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    id: &TopUpId,
    actor: Actor,
) -> Result<std::result::Result<TopUp, NotReleased>> {
    let Some(payment) = store::payment::find_by_top_up(tx, id)? else {
        return Ok(Err(NotReleased::NotWaiting));
    };
    let payment = store::payment::lock(tx, &payment.id)?;
    let top_up = store::top_up::load(tx, id)?;
    let refunds = store::refund::list(tx, id)?;
    let (true, Some(paid_by)) = (top_up.state == TopUpState::Review, payment.captured_by.clone()) else {
        return Ok(Err(NotReleased::NotWaiting));
    };
    let refunded = refunds.iter().any(|r| r.attempt == paid_by && r.state != RefundState::Failed);
    if !risk::is_held(tx, id)? || top_up.credited_at.is_some() || refunded {
        return Ok(Err(NotReleased::NotWaiting));
    }
    if store::report::is_disputed(tx, &paid_by)? {
        return Ok(Err(NotReleased::Disputed));
    }
    let attempt = store::attempt::load(tx, &paid_by)?;
    risk::released(tx, context, id, &actor)?;
    let credit = credit::of_captured(tx, context, &top_up, actor.clone())?;
    let door = Door { context, provider, payment, attempt, top_up, instrument: None };
    match credit {
        Ok(delivery) => {
            let event = credit::deliver(tx, context, id, Vec::new(), delivery)?;
            advance(tx, context, door.top_up, event, &actor.to_string()).map(Ok)
        }
        Err(reason) => {
            let refund = refund::of(context, provider, &door.payment, &door.attempt, reason)?;
            let hold = refund::posting(&refund, provider, &door.top_up.market, RefundStep::Hold);
            let mut postings = vec![hold];
            postings.extend(door.released(tx)?);
            context.record(tx, &postings)?;
            refund::start(tx, context, &refund)?;
            let now = door.advance(tx, TopUpEvent::RefundStarted)?;
            announce_refund(tx, context, &refund, NoticeKind::RefundStarted)?;
            Ok(Ok(now))
        }
    }
}

struct Door<'a> {
    context: &'a StepContext,
    provider: Provider,
    payment: Payment,
    attempt: Attempt,
    top_up: TopUp,
    instrument: Option<String>,
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
                // At a counter another means of payment is another sale.
                let on_reader = store::reader_attempt::find(tx, &self.attempt.id)?.is_some();
                if on_reader { self.closed(tx) } else { self.awaited(tx) }
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
            let reason = if closed { RefundReason::OrderClosed } else { RefundReason::AlreadyPaid };
            return self.give_back(tx, Captured::Surplus, reason);
        };
        store::payment::update(tx, &self.payment, paid, Some(&self.attempt.id))?;
        let instrument = self.instrument.as_deref();
        if risk::at_capture(tx, self.context, self.provider, &self.top_up, instrument)?.is_some() {
            // The money is ours and nothing was delivered: people decide which of the two becomes of it.
            self.context.record(tx, &[self.capture(self.payment.amount, Captured::AsAsked)])?;
            card::paid(tx, &self.top_up)?;
            return self.advance(tx, TopUpEvent::ReviewOpened).map(|_| ());
        }
        let actor = Actor::Provider(self.provider);
        let delivery = match credit::of_captured(tx, self.context, &self.top_up, actor)? {
            Ok(delivery) => delivery,
            Err(reason) => return self.give_back(tx, Captured::AsAsked, reason),
        };
        let capture = self.capture(self.payment.amount, Captured::AsAsked);
        let event = credit::deliver(tx, self.context, &self.top_up.id, vec![capture], delivery)?;
        card::paid(tx, &self.top_up)?;
        self.advance(tx, event).map(|_| ())
    }

    /// Captures what is given back at once, and tells its buyer.
    fn give_back(self, tx: &mut Tx<'_>, what: Captured, reason: RefundReason) -> Result<()> {
        // Somebody takes this money back already, or may: it is booked, and people decide what is left to return.
        if store::report::is_disputed(tx, &self.attempt.id)? {
            self.context.record(tx, &[self.capture(self.payment.amount, what)])?;
            if refund::is_beside(tx, &self.payment, &self.attempt.id)? {
                return Ok(());
            }
            return self.advance(tx, TopUpEvent::ReviewOpened).map(|_| ());
        }
        let refund = refund::of(self.context, self.provider, &self.payment, &self.attempt, reason)?;
        let hold = refund::posting(&refund, self.provider, &self.top_up.market, RefundStep::Hold);
        let mut postings = vec![self.capture(self.payment.amount, what), hold];
        postings.extend(self.released(tx)?);
        self.context.record(tx, &postings)?;
        refund::start(tx, self.context, &refund)?;
        // An order that was paid and waits for people or for its network goes on: only what was too much goes back.
        let beside = refund::is_beside(tx, &self.payment, &self.attempt.id)?;
        let now = if beside { self.top_up.clone() } else { self.advance(tx, TopUpEvent::RefundStarted)? };
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
        let released = self.released(tx)?;
        self.context.record(tx, &released)?;
        self.advance(tx, TopUpEvent::PaymentClosed).map(|_| ())
    }

    /// What was set aside for the order, now that it ends without credit.
    fn released(&self, tx: &mut Tx<'_>) -> Result<Vec<Posting>> {
        set_aside::release(tx, &self.top_up, Actor::Provider(self.provider))
    }
}
