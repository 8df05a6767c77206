//! A credit that the host network gives, because it keeps the line's balance: asked for under one request id for ever,
//! and believed only in the network's own words.
//!
//! [`start`] writes the request beside the money that pays for it; [`run`] is the work behind it: it writes down that it
//! sends, sends, and asks what became of it with growing pauses. Every word goes through one door, [`apply_credit`]:
//! done credits the order, refused gives its money back, everything else leaves both as they are. What the network
//! never received is sent again while there is time, and afterwards never.

mod door;

pub(crate) use self::door::deny;
pub use self::door::{Word, apply_credit};

use crate::error::Result;
use crate::lines;
use crate::payment::apply::Provider;
use crate::work::Done;
use crate::world::{StepContext, World};
use domain::id::{LineId, OperationId};
use domain::line::{Line, LineStatus};
use domain::network_credit::{NetworkCreditState as State, NetworkGrant};
use domain::offer::{Benefit, Expiry, Offer, Starts};
use domain::refund::RefundReason;
use domain::time::{DAY_MS, HOUR_MS, SECOND_MS, UnixMs};
use domain::top_up::TopUp;
use gateways::charging::{ChargingSystem, CreditOutcome, CreditRequest, Grant, Sent};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::PoisonError;
use store::network_credit::NetworkCredit;
use store::outbox::{self, NewWork, Topic, Work};
use store::{Tx, fail};

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

/// The shortest and the longest pause between two looks, and when nobody expects an answer any more.
const PAUSE_MIN_MS: i64 = 2 * SECOND_MS;
const PAUSE_MAX_MS: i64 = 6 * HOUR_MS;
const ASKED_FOR_MS: i64 = 31 * DAY_MS;
/// The longest pause of what did not leave, and how far such tries are spread.
const UNSENT_PAUSE_MAX_MS: i64 = 30 * SECOND_MS;
const APART_MS: u64 = 2_000;
/// When a credit that was given up is looked at once more.
const LATE_LOOKS_MS: [i64; 2] = [HOUR_MS, DAY_MS];
/// How long to wait for a network that is not set up.
const NOT_SET_UP_MS: i64 = 60 * SECOND_MS;

/// The pause grows with the age of the request: a quarter of it.
fn next_look(credit: &NetworkCredit, now: UnixMs) -> Option<UnixMs> {
    let age = now.0 - credit.created_at.0;
    (age < ASKED_FOR_MS).then(|| now.plus_ms((age / 4).clamp(PAUSE_MIN_MS, PAUSE_MAX_MS)))
}

/// What did not leave is tried again soon: when the network is worth asking, and not all at the same moment.
fn next_try(network: &ChargingSystem, credit: &NetworkCredit, now: UnixMs) -> Option<UnixMs> {
    let age = now.0 - credit.created_at.0;
    let mut hasher = DefaultHasher::new();
    credit.operation.as_str().hash(&mut hasher);
    let apart = i64::try_from(hasher.finish() % APART_MS).unwrap_or_default();
    let soon = now.plus_ms((age / 4).clamp(PAUSE_MIN_MS, UNSENT_PAUSE_MAX_MS));
    let at = network.opens_at().map_or(soon, |opens| soon.max(opens));
    (age < ASKED_FOR_MS).then(|| at.plus_ms(apart))
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
    if !state.is_open() && !state.is_given_up() {
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
    let given_up = || Done::GivenUp("the network has not answered for a month".to_owned());
    let Some(_turn) = Turn::of(world, &case.line.id) else {
        return Ok(next_try(network, &case.credit, world.now()).map_or_else(given_up, Done::At));
    };
    if state.is_given_up() {
        return look_late(world, network, &case, &request).await;
    }
    let word = match (state, unpayable(case.line.status)) {
        // It was never sent, so nobody but us decides.
        (State::Prepared, Some(reason)) => Some(Word::NeverSent(reason)),
        (_, Some(_) | None) => ask(world, network, &case, &request).await?,
    };
    let Some(word) = word else { return Ok(Done::Finished) };
    let left = !matches!(word, Word::Said(CreditOutcome::Unavailable { .. }));
    if settle(world, &case, word).await?.is_open() {
        let now = world.now();
        let next = if left { next_look(&case.credit, now) } else { next_try(network, &case.credit, now) };
        return Ok(next.map_or_else(given_up, Done::At));
    }
    let id = case.credit.operation.clone();
    let now = world.db.read(move |tx| store::network_credit::load(tx, &id)).await?;
    let late = late_look(&now, world.now()).filter(|_| now.state.is_given_up());
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

/// Sends it, after it was written down that it is sent; what may not leave now is not written down.
async fn send(
    world: &World,
    network: &ChargingSystem,
    credit: &NetworkCredit,
    request: &CreditRequest,
) -> Result<Option<Word>> {
    let leave = match network.leave(request.msisdn()).await {
        Ok(leave) => leave,
        Err(no) => return Ok(Some(Word::Said(CreditOutcome::Unavailable { why: no.to_string() }))),
    };
    let (id, now) = (credit.operation.clone(), world.now());
    let marked = world.db.write(move |tx| store::network_credit::mark_sent(tx, &id, now)).await?;
    let Some(sent) = marked.as_ref().and_then(sent) else { return Ok(None) };
    fail::point("network.before_send");
    let outcome = network.credit(leave, request, sent).await;
    fail::point("network.after_answer");
    Ok(Some(Word::Said(outcome)))
}

/// The only call about a line's credits that this process has under way, for as long as it is held.
struct Turn<'a> {
    world: &'a World,
    line: LineId,
}

impl Turn<'_> {
    fn of<'a>(world: &'a World, line: &LineId) -> Option<Turn<'a>> {
        let mut asking = world.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.insert(line.clone()).then(|| Turn { world, line: line.clone() })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.world.asking.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.line);
    }
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
