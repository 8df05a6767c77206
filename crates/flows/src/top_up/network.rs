//! A credit that the host network gives, because it keeps the line's balance: asked for under one request id for ever,
//! and believed only in the network's own words.
//!
//! [`start`] writes the request beside the money that pays for it; [`run`] is the work behind it: it writes down that it
//! sends, sends, and asks what became of it with growing pauses. Every word goes through one door, [`apply_credit`]:
//! done credits the order, refused gives its money back, everything else leaves both as they are. What the network
//! never received is sent again while there is time, and afterwards never.

use super::{advance, announce_refund};
use crate::error::Result;
use crate::lines;
use crate::payment::apply::Provider;
use crate::payment::refund;
use crate::promotion;
use crate::work::Done;
use crate::world::{StepContext, World};
use anyhow::{Context, ensure};
use domain::actor::Actor;
use domain::id::{AttemptId, OperationId};
use domain::ledger::book::{self, Payer, RefundStep, Sale};
use domain::line::{Line, LineStatus};
use domain::network_credit::{NetworkCreditEvent as Event, NetworkCreditState as State, NetworkGrant};
use domain::notice::NoticeKind;
use domain::offer::{Benefit, Expiry, Offer, Starts};
use domain::refund::{RefundReason, RefundState};
use domain::time::{DAY_MS, HOUR_MS, SECOND_MS, UnixMs};
use domain::top_up::{TopUp, TopUpEvent, TopUpState};
use gateways::charging::{ChargingSystem, CreditOutcome, CreditRequest, Grant, Refusal, Sent};
use store::network_credit::NetworkCredit;
use store::outbox::{self, NewWork, Topic, Work};
use store::payment::Payment;
use store::{Tx, fail, report};

/// Can the network give what an offer promises? It knows money, and allowances that begin at once and end after days:
/// nothing that waits for its first use, is bound to a zone, or goes on from an older one.
pub fn carries(offer: &Offer) -> bool {
    match offer.benefit {
        Benefit::Credit => true,
        Benefit::Bundle { .. } => {
            offer.starts == Starts::Purchase && offer.expiry == Expiry::NewBucket && offer.zone.is_none()
        }
    }
}

/// The request that gives a top-up at the network, not yet written down.
pub(crate) fn prepare(context: &StepContext, top_up: &TopUp, offer: &Offer) -> anyhow::Result<NetworkCredit> {
    let grant = match &offer.benefit {
        Benefit::Credit => NetworkGrant::Credit { money: top_up.credit()? },
        Benefit::Bundle { allowances, valid_for_days } => {
            NetworkGrant::Bundle { allowances: allowances.clone(), valid_for_days: *valid_for_days }
        }
    };
    Ok(NetworkCredit {
        operation: OperationId::new(context.ids.as_ref(), context.now),
        top_up: top_up.id.clone(),
        network: context.network.to_owned(),
        grant,
        currency: top_up.prices.total.currency,
        state: State::Prepared,
        first_sent_at: None,
        last_sent_at: None,
        sends: 0,
        network_ref: None,
        refusal: None,
        created_at: context.now,
        state_at: context.now,
    })
}

/// The work that a written request needs.
pub(crate) fn asking(credit: &NetworkCredit) -> NewWork {
    NewWork::due(Topic::NetworkCredit, credit.operation.as_str(), credit.created_at)
}

/// Writes a request and its work, in the transaction that makes its money ours.
pub(crate) fn start(tx: &mut Tx<'_>, context: &StepContext, credit: &NetworkCredit) -> anyhow::Result<()> {
    store::network_credit::insert_all(tx, &[credit])?;
    outbox::push(tx, asking(credit), context.ids.as_ref(), context.now)
}

/// What is known of a credit after one call, or one decision of ours.
#[derive(Debug, Clone)]
pub(crate) enum Word {
    /// The network's.
    Said(CreditOutcome),
    /// It was never sent, and is not: the line cannot take it any more.
    NeverSent(RefundReason),
    /// The network never received it, says its promise, after so many sendings; there is no time to send it again.
    NeverReceived { sends: i64 },
}

impl Word {
    /// What it does; `None` when the call did not leave.
    fn event(&self) -> Option<Event> {
        match self {
            Word::Said(CreditOutcome::Done { .. }) => Some(Event::Done),
            Word::Said(CreditOutcome::Refused { .. }) | Word::NeverSent(_) => Some(Event::Refused),
            Word::Said(CreditOutcome::InProgress) => Some(Event::InProgress),
            // It may still be sent again: only what is never sent again is given up.
            Word::Said(CreditOutcome::Unknown { .. } | CreditOutcome::NotReceived) => Some(Event::Unknown),
            Word::Said(CreditOutcome::Unavailable { .. }) => None,
            Word::NeverReceived { .. } => Some(Event::Abandoned),
        }
    }

    fn network_ref(&self) -> Option<String> {
        match self {
            Word::Said(CreditOutcome::Done { network_ref, .. }) => Some(network_ref.clone()),
            Word::Said(_) | Word::NeverSent(_) | Word::NeverReceived { .. } => None,
        }
    }

    /// Why it is not given, as it is written down.
    fn refusal(&self) -> Option<String> {
        match self {
            Word::Said(CreditOutcome::Refused { reason }) => Some(reason.as_str().to_owned()),
            Word::NeverSent(reason) => Some(reason.as_str().to_owned()),
            Word::NeverReceived { .. } => Some("never received".to_owned()),
            Word::Said(_) => None,
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
        }
    }

    /// Why the money goes back, as its buyer is told.
    fn reason(&self) -> RefundReason {
        match self {
            Word::Said(CreditOutcome::Refused { reason }) => told(reason),
            Word::NeverSent(reason) => *reason,
            Word::Said(_) | Word::NeverReceived { .. } => RefundReason::NetworkAbandoned,
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

/// The shortest and the longest pause between two looks, and when nobody expects an answer any more.
const PAUSE_MIN_MS: i64 = 2 * SECOND_MS;
const PAUSE_MAX_MS: i64 = 6 * HOUR_MS;
const ASKED_FOR_MS: i64 = 31 * DAY_MS;
/// When a credit that was given up is looked at once more.
const LATE_LOOKS_MS: [i64; 2] = [HOUR_MS, DAY_MS];
/// How long to wait for a network that is not set up.
const NOT_SET_UP_MS: i64 = 60 * SECOND_MS;

/// The pause grows with the age of the request: a quarter of it.
fn next_look(credit: &NetworkCredit, now: UnixMs) -> Option<UnixMs> {
    let age = now.0 - credit.created_at.0;
    (age < ASKED_FOR_MS).then(|| now.plus_ms((age / 4).clamp(PAUSE_MIN_MS, PAUSE_MAX_MS)))
}

fn late_look(credit: &NetworkCredit, now: UnixMs) -> Option<UnixMs> {
    LATE_LOOKS_MS.into_iter().map(|ms| credit.state_at.plus_ms(ms)).find(|at| *at > now)
}

/// A request with everything that sending it needs.
struct Case {
    credit: NetworkCredit,
    line: Line,
    /// Who has the money, unless it came from a float.
    provider: Option<Provider>,
}

/// The work behind a request: sends it, or asks what became of it, and comes back until the network has said the last
/// word.
pub async fn run(world: &World, work: &Work) -> Result<Done> {
    let case = load(world, OperationId::stored(work.subject.as_str())).await?;
    let state = case.credit.state;
    if !state.is_open() && state != State::Abandoned {
        return Ok(Done::Finished);
    }
    let Some(network) = &world.network else {
        let down = CreditOutcome::Unavailable { why: "no host network is set up".to_owned() };
        settle(world, &case, Word::Said(down)).await?;
        return Ok(Done::At(world.now().plus_ms(NOT_SET_UP_MS)));
    };
    let (name, kept_by) = (network.name(), &case.credit.network);
    if name != kept_by {
        return Err(anyhow::anyhow!("the credit is {kept_by}'s, and {name} is set up").into());
    }
    let request = request(world, &case)?;
    if state == State::Abandoned {
        return look_late(world, network, &case, &request).await;
    }
    let word = match (state, unpayable(case.line.status)) {
        // It was never sent, so nobody but us decides.
        (State::Prepared, Some(reason)) => Some(Word::NeverSent(reason)),
        (_, Some(_) | None) => ask(world, network, &case, &request).await?,
    };
    let Some(word) = word else { return Ok(Done::Finished) };
    if settle(world, &case, word).await?.is_open() {
        let given_up = || Done::GivenUp("the network has not answered for a month".to_owned());
        return Ok(next_look(&case.credit, world.now()).map_or_else(given_up, Done::At));
    }
    let id = case.credit.operation.clone();
    let now = world.db.read(move |tx| store::network_credit::load(tx, &id)).await?;
    let late = late_look(&now, world.now()).filter(|_| now.state == State::Abandoned);
    Ok(late.map_or(Done::Finished, Done::At))
}

async fn load(world: &World, id: OperationId) -> Result<Case> {
    let read = world.db.read(move |tx| {
        let credit = store::network_credit::load(tx, &id)?;
        let top_up = store::top_up::load(tx, &credit.top_up)?;
        let payment = store::payment::find_by_top_up(tx, &top_up.id)?;
        Ok((credit, store::line::load(tx, &top_up.line)?, payment.map(|payment| payment.provider)))
    });
    let (credit, line, provider) = read.await?;
    let provider = provider.map(|name| world.payments.of(&name).map(|gateway| gateway.name())).transpose()?;
    Ok(Case { credit, line, provider })
}

fn request(world: &World, case: &Case) -> Result<CreditRequest> {
    let grant = match &case.credit.grant {
        NetworkGrant::Credit { money } => Grant::Credit(*money),
        NetworkGrant::Bundle { allowances, valid_for_days } => {
            Grant::Bundle { allowances: allowances.clone(), valid_for_days: *valid_for_days }
        }
    };
    let msisdn = lines::msisdn(world, &case.line)?;
    let (operation, top_up) = (case.credit.operation.clone(), case.credit.top_up.clone());
    let request = CreditRequest::new(operation, top_up, msisdn, grant);
    Ok(request
        .map_err(|e| anyhow::anyhow!("the network cannot be asked for it: {}: {}", e.code, e.detail))?)
}

/// Why a line cannot take a credit any more.
fn unpayable(status: LineStatus) -> Option<RefundReason> {
    super::credit::refused(status)
}

fn sent(credit: &NetworkCredit) -> Option<Sent> {
    Some(Sent { first_at: credit.first_sent_at?, last_at: credit.last_sent_at? })
}

/// Learns what became of it, and sends it where that is safe. `None`: somebody else ended it meanwhile.
async fn ask(
    world: &World,
    network: &ChargingSystem,
    case: &Case,
    request: &CreditRequest,
) -> Result<Option<Word>> {
    let credit = &case.credit;
    let Some(sent) = sent(credit) else { return send(world, network, credit, request).await };
    let outcome = network.status(request, sent).await;
    let in_time = world.now() < credit.created_at.plus_ms(world.settings.answer_within_ms);
    match outcome {
        CreditOutcome::Unknown { .. } | CreditOutcome::NotReceived
            if in_time && credit.state.may_be_sent() =>
        {
            send(world, network, credit, request).await
        }
        CreditOutcome::NotReceived => Ok(Some(Word::NeverReceived { sends: credit.sends })),
        outcome @ (CreditOutcome::Done { .. }
        | CreditOutcome::Refused { .. }
        | CreditOutcome::InProgress
        | CreditOutcome::Unknown { .. }
        | CreditOutcome::Unavailable { .. }) => Ok(Some(Word::Said(outcome))),
    }
}

/// Sends it, after it was written down that it is sent.
async fn send(
    world: &World,
    network: &ChargingSystem,
    credit: &NetworkCredit,
    request: &CreditRequest,
) -> Result<Option<Word>> {
    let (id, now) = (credit.operation.clone(), world.now());
    let marked = world.db.write(move |tx| store::network_credit::mark_sent(tx, &id, now)).await?;
    let Some(sent) = marked.as_ref().and_then(sent) else { return Ok(None) };
    fail::point("network.before_send");
    let outcome = network.credit(request, sent).await;
    fail::point("network.after_answer");
    Ok(Some(Word::Said(outcome)))
}

/// Looks once more at what was given up: a network that has it after all is reported, never overlooked.
async fn look_late(
    world: &World,
    network: &ChargingSystem,
    case: &Case,
    request: &CreditRequest,
) -> Result<Done> {
    if let Some(sent) = sent(&case.credit) {
        let outcome = network.status(request, sent).await;
        settle(world, case, Word::Said(outcome)).await?;
    }
    Ok(late_look(&case.credit, world.now()).map_or(Done::Finished, Done::At))
}

/// Writes down what is known, with all that follows from it. Returns where the credit stands.
async fn settle(world: &World, case: &Case, word: Word) -> Result<State> {
    let (context, provider, id) = (world.step(), case.provider, case.credit.operation.clone());
    let state = world.db.write(move |tx| apply_credit(tx, &context, provider, &id, &word)).await?;
    fail::point("network.after_commit");
    world.wake();
    Ok(state)
}

/// The one door for what is known of a credit: re-read under lock, check the transition, post, move the order and
/// write what follows, in one transaction. The same word again changes nothing.
pub(crate) fn apply_credit(
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
    Door { context, provider, payment, credit, top_up }.take(tx, word)
}

struct Door<'a> {
    context: &'a StepContext,
    provider: Option<Provider>,
    payment: Option<Payment>,
    credit: NetworkCredit,
    top_up: TopUp,
}

impl Door<'_> {
    fn take(self, tx: &mut Tx<'_>, word: &Word) -> anyhow::Result<State> {
        let now = self.credit.state;
        // It was sent again since the network said that it never received it.
        if matches!(word, Word::NeverReceived { sends } if *sends != self.credit.sends) {
            return Ok(now);
        }
        let Some(state) = word.event().and_then(|event| now.on(event)) else {
            if now != State::Done {
                store::network_credit::heard(tx, &self.credit.operation, &word.trace(), self.context.now)?;
            }
            if now.is_open() {
                self.waits(tx)?;
            }
            return Ok(now);
        };
        let state = if state == State::Done && self.is_back(tx)? { State::Contradicted } else { state };
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
            State::Contradicted => self.contradicted(tx)?,
            State::Prepared | State::Sent | State::InProgress | State::Unknown => self.waits(tx)?,
        }
        Ok(state)
    }

    fn actor(&self) -> Actor {
        Actor::Provider(self.context.network)
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
        self.context.record(tx, &[book::credit(&sale, self.actor())?])?;
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
        let attempt = store::attempt::load(tx, paid_by)?;
        let refund = refund::of(context, provider, payment, &attempt, reason);
        let mut postings = vec![refund::posting(&refund, provider, &top_up.market, RefundStep::Hold)];
        postings.extend(promotion::release(tx, top_up, self.actor())?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::MINUTE_MS;

    fn aged(ms: i64) -> Option<i64> {
        let credit = NetworkCredit {
            operation: OperationId::stored("op_1"),
            top_up: domain::id::TopUpId::stored("tu_1"),
            network: "host_network".into(),
            grant: NetworkGrant::Bundle { allowances: Vec::new(), valid_for_days: 1 },
            currency: "GBP".parse().unwrap(),
            state: State::Unknown,
            first_sent_at: None,
            last_sent_at: None,
            sends: 1,
            network_ref: None,
            refusal: None,
            created_at: UnixMs(0),
            state_at: UnixMs(0),
        };
        next_look(&credit, UnixMs(ms)).map(|at| at.0 - ms)
    }

    #[test]
    fn the_network_is_asked_again_after_pauses_that_grow_and_for_a_month() {
        assert_eq!(aged(0), Some(2 * SECOND_MS));
        assert_eq!(aged(MINUTE_MS), Some(15 * SECOND_MS));
        assert_eq!(aged(HOUR_MS), Some(15 * MINUTE_MS));
        assert_eq!(aged(3 * DAY_MS), Some(6 * HOUR_MS));
        assert_eq!(aged(31 * DAY_MS), None);
    }
}
