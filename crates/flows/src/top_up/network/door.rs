//! The one door for what is known of a credit at the host network: a [`Word`] comes in, and order, money and messages
//! follow in one transaction. Start at [`apply_credit`].

use super::super::{advance, announce_refund, set_aside};
use super::LATE_LOOKS_MS;
use crate::counter::card;
use crate::payment::apply::Provider;
use crate::payment::refund;
use crate::world::StepContext;
use anyhow::{Context, ensure};
use domain::actor::Actor;
use domain::id::{AttemptId, OperationId, TopUpId};
use domain::ledger::agents;
use domain::ledger::book::{self, Payer, RefundStep, Sale};
use domain::network_credit::{NetworkCreditEvent as Event, NetworkCreditState as State};
use domain::notice::NoticeKind;
use domain::refund::{RefundReason, RefundState};
use domain::top_up::{TopUp, TopUpEvent, TopUpState};
use gateways::charging::{CreditOutcome, Refusal};
use store::network_credit::NetworkCredit;
use store::outbox::{self, NewWork, Topic};
use store::payment::Payment;
use store::{Tx, report};

/// What is known of a credit after one call, or one decision of ours.
#[derive(Debug, Clone)]
pub enum Word {
    /// The network's.
    Said(CreditOutcome),
    /// It was never sent, and is not: the line cannot take it any more.
    NeverSent(RefundReason),
    /// The network never received it, says its promise, after so many sendings; there is no time to send it again.
    NeverReceived { sends: i64 },
    /// The network confirms in writing that the line has it; somebody of the staff says so.
    Confirmed { by: Actor },
    /// The network denies in writing that it gave it or ever will; somebody of the staff says so.
    Denied { by: Actor },
}

impl Word {
    /// What it does; `None` when the call did not leave.
    fn event(&self) -> Option<Event> {
        match self {
            Word::Said(CreditOutcome::Done { .. }) | Word::Confirmed { .. } => Some(Event::Done),
            Word::Said(CreditOutcome::Refused { .. }) | Word::NeverSent(_) => Some(Event::Refused),
            Word::Said(CreditOutcome::InProgress) => Some(Event::InProgress),
            // It may still be sent again: only what is never sent again is given up.
            Word::Said(CreditOutcome::Unknown { .. } | CreditOutcome::NotReceived) => Some(Event::Unknown),
            Word::Said(CreditOutcome::Unavailable { .. }) => None,
            Word::NeverReceived { .. } => Some(Event::Abandoned),
            Word::Denied { .. } => Some(Event::Denied),
        }
    }

    fn network_ref(&self) -> Option<String> {
        match self {
            Word::Said(CreditOutcome::Done { network_ref, .. }) => Some(network_ref.clone()),
            Word::Said(_)
            | Word::NeverSent(_)
            | Word::NeverReceived { .. }
            | Word::Confirmed { .. }
            | Word::Denied { .. } => None,
        }
    }

    /// Why it is not given, as it is written down.
    fn refusal(&self) -> Option<String> {
        match self {
            Word::Said(CreditOutcome::Refused { reason }) => Some(reason.as_str().to_owned()),
            Word::NeverSent(reason) => Some(reason.as_str().to_owned()),
            Word::NeverReceived { .. } => Some("never received".to_owned()),
            Word::Denied { .. } => Some("denied in writing".to_owned()),
            Word::Said(_) | Word::Confirmed { .. } => None,
        }
    }

    /// What was heard, as the order's story keeps it.
    fn trace(&self) -> String {
        match self {
            Word::Said(CreditOutcome::Done { network_ref, .. }) => format!("given as {network_ref}"),
            Word::Said(CreditOutcome::Refused { reason }) => format!("refused: {}", reason.as_str()),
            Word::Said(CreditOutcome::InProgress) => "in progress".to_owned(),
            Word::Said(CreditOutcome::NotReceived) | Word::NeverReceived { .. } => "not received".to_owned(),
            Word::Said(CreditOutcome::Unknown { why }) => format!("no answer: {why}"),
            Word::Said(CreditOutcome::Unavailable { why }) => format!("not sent: {why}"),
            Word::NeverSent(reason) => format!("not sent: {}", reason.as_str()),
            Word::Confirmed { .. } => "given, in writing".to_owned(),
            Word::Denied { .. } => "denied, in writing".to_owned(),
        }
    }

    /// Why the money goes back, as its buyer is told.
    fn reason(&self) -> RefundReason {
        match self {
            Word::Said(CreditOutcome::Refused { reason }) => told(reason),
            Word::NeverSent(reason) => *reason,
            Word::Denied { .. } => RefundReason::NetworkRefused,
            Word::Said(_) | Word::NeverReceived { .. } | Word::Confirmed { .. } => {
                RefundReason::NetworkAbandoned
            }
        }
    }
}

/// The network's reason in our words.
fn told(reason: &Refusal) -> RefundReason {
    match reason {
        Refusal::NumberUnknown => RefundReason::NumberUnknown,
        Refusal::Barred => RefundReason::LineBarred,
        Refusal::Closed => RefundReason::LineClosed,
        Refusal::BalanceLimit => RefundReason::BalanceLimit,
        Refusal::CurrencyMismatch | Refusal::GrantUnsupported | Refusal::Other(_) => {
            RefundReason::NetworkRefused
        }
    }
}

/// The one door for what is known of a credit: re-read under lock, check the transition, post, move the order and
/// write what follows, in one transaction. The same word again changes nothing.
pub fn apply_credit(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Option<Provider>,
    id: &OperationId,
    word: &Word,
) -> anyhow::Result<State> {
    let top_up = store::network_credit::load(tx, id)?.top_up;
    // Whatever moves the money of an order locks its payment first.
    let payment = match store::payment::find_by_top_up(tx, &top_up)? {
        Some(payment) => Some(store::payment::lock(tx, &payment.id)?),
        None => None,
    };
    let credit = store::network_credit::lock(tx, id)?;
    let top_up = store::top_up::load(tx, &top_up)?;
    let actor = match word {
        Word::Confirmed { by } | Word::Denied { by } => by.clone(),
        Word::Said(_) | Word::NeverSent(_) | Word::NeverReceived { .. } => Actor::Provider(context.network),
    };
    Door { context, provider, payment, credit, top_up, actor }.take(tx, word)
}

/// The network denies in writing that it gave the credit of a paid order: it is never sent again, and whoever asks moves
/// the money, whose payment they have locked.
pub(crate) fn deny(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUpId) -> anyhow::Result<()> {
    let credit = store::network_credit::find_by_top_up(tx, top_up)?.context("the network was never asked")?;
    let credit = store::network_credit::lock(tx, &credit.operation)?;
    let state = credit.state.on(Event::Denied).context("the network has said what became of it")?;
    let next = NetworkCredit {
        state,
        refusal: Some("denied in writing".to_owned()),
        state_at: context.now,
        ..credit.clone()
    };
    store::network_credit::update(tx, &credit, &next, "denied, in writing")?;
    look_later(tx, context, &credit.operation)
}

/// Looks at it twice more, for the network may be wrong.
fn look_later(tx: &mut Tx<'_>, context: &StepContext, operation: &OperationId) -> anyhow::Result<()> {
    let operation = operation.as_str();
    if outbox::has_open(tx, Topic::NetworkCredit, operation)? {
        return Ok(());
    }
    let work = NewWork::due(Topic::NetworkCredit, operation, context.now.plus_ms(LATE_LOOKS_MS[0]));
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

struct Door<'a> {
    context: &'a StepContext,
    provider: Option<Provider>,
    payment: Option<Payment>,
    credit: NetworkCredit,
    top_up: TopUp,
    /// Whose word it is.
    actor: Actor,
}

impl Door<'_> {
    fn take(self, tx: &mut Tx<'_>, word: &Word) -> anyhow::Result<State> {
        let now = self.credit.state;
        // Somebody else has sent it meanwhile: only the network knows what became of it.
        if matches!(word, Word::NeverSent(_)) && self.credit.sends > 0 {
            return Ok(now);
        }
        // It was sent again since the network said that it never received it.
        if matches!(word, Word::NeverReceived { sends } if *sends != self.credit.sends) {
            return Ok(now);
        }
        let Some(state) = self.next(tx, word)? else {
            if now != State::Done {
                store::network_credit::heard(tx, &self.credit.operation, &word.trace(), self.context.now)?;
            }
            if now.is_open() {
                self.waits(tx)?;
            }
            return Ok(now);
        };
        let next = NetworkCredit {
            state,
            network_ref: word.network_ref().or_else(|| self.credit.network_ref.clone()),
            refusal: word.refusal().or_else(|| self.credit.refusal.clone()),
            state_at: self.context.now,
            ..self.credit.clone()
        };
        store::network_credit::update(tx, &self.credit, &next, &word.trace())?;
        match state {
            State::Done => self.given(tx)?,
            State::Refused | State::Abandoned => self.give_back(tx, word.reason())?,
            State::Denied => {
                look_later(tx, self.context, &self.credit.operation)?;
                self.give_back(tx, word.reason())?;
            }
            State::Contradicted => self.contradicted(tx)?,
            State::Prepared | State::Sent | State::InProgress | State::Unknown => self.waits(tx)?,
        }
        Ok(state)
    }

    /// Where the word leads. A credit contradicts its order only while the order's money is back or on its way; else it
    /// is given, late as it may be. What contradicted it is given when people say so and the money never went back.
    fn next(&self, tx: &mut Tx<'_>, word: &Word) -> anyhow::Result<Option<State>> {
        let (now, event) = (self.credit.state, word.event());
        let next = event.and_then(|event| now.on(event));
        let settles =
            next == Some(State::Done) || (next == Some(State::Contradicted) && event == Some(Event::Done));
        let resolves = now == State::Contradicted && matches!(word, Word::Confirmed { .. });
        if !settles && !resolves {
            return Ok(next);
        }
        Ok(match (self.is_back(tx)?, resolves) {
            (false, _) => Some(State::Done),
            (true, false) => Some(State::Contradicted),
            (true, true) => None,
        })
    }

    fn actor(&self) -> Actor {
        self.actor.clone()
    }

    fn advance(&self, tx: &mut Tx<'_>, event: TopUpEvent) -> anyhow::Result<TopUp> {
        advance(tx, self.context, self.top_up.clone(), event, &self.actor().to_string())
    }

    /// The buyer is told that the network has the word.
    fn waits(&self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        self.advance(tx, TopUpEvent::NetworkAsked).map(|_| ())
    }

    /// The attempt that brought the order's money.
    fn paid_by(&self) -> Option<&AttemptId> {
        self.payment.as_ref().and_then(|payment| payment.captured_by.as_ref())
    }

    /// Did the money go back, or is it on its way?
    fn is_back(&self, tx: &mut Tx<'_>) -> anyhow::Result<bool> {
        let Some(paid_by) = self.paid_by() else { return Ok(self.top_up.state == TopUpState::Refunded) };
        let refunds = store::refund::list(tx, &self.top_up.id)?;
        Ok(refunds.iter().any(|r| r.attempt == *paid_by && r.state != RefundState::Failed))
    }

    /// The line has it: now it is credited here.
    fn given(&self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        let top_up = &self.top_up;
        let offer = store::offer::load_version(tx, &top_up.offer_version)?;
        let sale = Sale {
            top_up: &top_up.id,
            market: &top_up.market,
            line: &top_up.line,
            prices: &top_up.prices,
            benefit: &offer.benefit,
            grants: &[],
            payer: Payer::Captured,
            network: Some(&self.credit.network),
        };
        let earned = card::earned(tx, self.context, top_up)?;
        let credit = book::credit(&sale, self.actor())?;
        let credit = match &earned {
            Some(earned) => agents::with_commission(credit, &top_up.market, &earned.partner, earned.amount),
            None => credit,
        };
        self.context.record(tx, &[credit])?;
        if let Some(earned) = &earned {
            card::book(tx, self.context, &top_up.id, earned)?;
        }
        let now = self.advance(tx, TopUpEvent::CreditGiven)?;
        ensure!(now.state == TopUpState::Credited, "{} cannot be credited as it is", now.id);
        Ok(())
    }

    /// The line does not have it and never will: its money goes back.
    fn give_back(&self, tx: &mut Tx<'_>, reason: RefundReason) -> anyhow::Result<()> {
        if self.is_back(tx)? {
            return Ok(());
        }
        let (top_up, context) = (&self.top_up, self.context);
        let Some(payment) = &self.payment else { return self.back_to_float(tx) };
        let paid_by = self.paid_by().context("the network was asked for an order that nobody paid")?;
        let provider = self.provider.context("nobody knows who has the money")?;
        // Somebody takes this money back already, or may: people decide what is left to return.
        if report::is_disputed(tx, paid_by)? {
            return self.advance(tx, TopUpEvent::ReviewOpened).map(|_| ());
        }
        let attempt = store::attempt::load(tx, paid_by)?;
        let refund = refund::of(context, provider, payment, &attempt, reason)?;
        let mut postings = vec![refund::posting(&refund, provider, &top_up.market, RefundStep::Hold)];
        postings.extend(set_aside::release(tx, top_up, self.actor())?);
        context.record(tx, &postings)?;
        refund::start(tx, context, &refund)?;
        self.advance(tx, TopUpEvent::RefundStarted)?;
        announce_refund(tx, context, &refund, NoticeKind::RefundStarted)
    }

    fn back_to_float(&self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        let top_up = &self.top_up;
        let partner = top_up.partner.as_ref().context("neither a payment nor a partner")?;
        let total = top_up.prices.total;
        let back = book::float_return(&top_up.id, &top_up.market, partner, total, self.actor());
        let back = crate::counter::undo::not_given(tx, self.context, back, top_up)?;
        self.context.record(tx, &[back])?;
        self.advance(tx, TopUpEvent::RefundSucceeded).map(|_| ())
    }

    /// The line has it, and its money went back: nothing is booked that nobody decided, and nothing is lost.
    fn contradicted(&self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        let (ids, now) = (self.context.ids.as_ref(), self.context.now);
        let what = "the network gave what was refused or given up, and its money went back";
        report::once(tx, Topic::NetworkCredit, self.credit.operation.as_str(), what, ids, now)?;
        tracing::error!(operation = %self.credit.operation, "{what}");
        self.advance(tx, TopUpEvent::ReviewOpened).map(|_| ())
    }
}
