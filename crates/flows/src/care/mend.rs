//! What may be done about something that is stuck: ask now, send again under the same key, hand a message over again,
//! let through what was kept back, book what the host network says in writing, or say that it was seen to. Each can be
//! repeated and does nothing where nothing is stuck any more.

use super::money::{self, AtNetwork};
use super::stuck::{Key, cause_of, may};
use super::{Colleague, audit};
use crate::error::Result;
use crate::payment::apply::NotReleased;
use crate::payment::{Source, poll};
use crate::top_up::network::{self, Word};
use crate::work;
use crate::world::{StepContext, World};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::{MessageId, OperationId, RefundId, TopUpId, WorkId};
use domain::network_credit::NetworkCreditState as State;
use domain::payment::{AttemptState, OperationState};
use domain::refund::RefundState;
use domain::staff::Role;
use domain::stuck::{Mend, Mended, StuckCause};
use store::Tx;
use store::outbox::{self, Topic, Work};

/// Does one thing about one piece, and says what came of it. `note` is why, for the audit.
pub async fn mend(world: &World, by: &Colleague, key: &Key, what: Mend, note: &str) -> Result<Mended> {
    if !allowed(world, key).await?.contains(&what) {
        return Ok(if exists(world, key).await? { Mended::NotPossible } else { Mended::NotStuck });
    }
    match what {
        Mend::Release => return release(world, by, key, note).await,
        Mend::BookGiven | Mend::BookDenied => return in_writing(world, by, key, what, note).await,
        Mend::Ask | Mend::SendAgain | Mend::Resend | Mend::SeeTo => {}
    }
    if let (Mend::SeeTo, Key::Work(id)) = (what, key)
        && by.role != Role::Supervisor
        && withholds(world, id).await?
    {
        return Ok(Mended::ForSupervisors);
    }
    written_down(world, by, key, what, note).await?;
    match key {
        Key::Order(id) => ask_order(world, id).await,
        Key::Refund(id) => ask_refund(world, id).await,
        Key::Call(id) => send_again(world, id).await,
        Key::Work(id) if what == Mend::SeeTo => see_to(world, by, id, note).await,
        Key::Work(id) => reopen(world, id).await,
        Key::Money(_) => Ok(Mended::NotPossible),
    }
}

/// What may be done about it as it is now; nothing when it is not stuck any more.
pub async fn allowed(world: &World, key: &Key) -> Result<Vec<Mend>> {
    if !exists(world, key).await? {
        return Ok(Vec::new());
    }
    let cause = match key {
        Key::Work(id) => {
            let id = id.clone();
            let row = world.db.read(move |tx| store::stuck::find_given_up(tx, &id)).await?;
            row.as_ref().map_or(StuckCause::WorkGivenUp, cause_of)
        }
        Key::Order(id) => {
            let id = id.clone();
            world.db.read(move |tx| cause_of_order(tx, &id)).await?
        }
        // What may be done about the others does not hang on why.
        Key::Money(_) | Key::Refund(_) | Key::Call(_) => StuckCause::CallUnanswered,
    };
    Ok(may(key, cause).to_vec())
}

/// Why an order waits, as far as what may be done hangs on it.
fn cause_of_order(tx: &mut Tx<'_>, id: &TopUpId) -> anyhow::Result<StuckCause> {
    if crate::risk::is_held(tx, id)? {
        return Ok(StuckCause::Held);
    }
    let order = store::top_up::load(tx, id)?;
    Ok(match money::at_network(tx, &order)? {
        AtNetwork::Undecided | AtNetwork::Given => StuckCause::NetworkUnanswered,
        AtNetwork::Nothing => StuckCause::PaymentUnanswered,
    })
}

/// Is it still something that nobody knows the end of?
async fn exists(world: &World, key: &Key) -> Result<bool> {
    let key = key.clone();
    let found = world.db.read(move |tx| {
        Ok(match &key {
            Key::Order(id) => store::top_up::find(tx, id)?.is_some_and(|t| t.answer_by_at.is_some()),
            Key::Money(id) => store::attempt::find(tx, id)?.is_some_and(|a| a.state == AttemptState::Review),
            Key::Refund(id) => store::refund::find(tx, id)?.is_some_and(|r| !r.state.is_final()),
            Key::Call(id) => is_open(store::operation::load(tx, id)?.state),
            Key::Work(id) => store::stuck::find_given_up(tx, id)?.is_some(),
        })
    });
    Ok(found.await?)
}

fn is_open(state: OperationState) -> bool {
    match state {
        OperationState::Prepared | OperationState::Unknown => true,
        OperationState::Done | OperationState::Refused => false,
    }
}

/// Writes it down, under its order where it is about one: there people look for it.
async fn written_down(world: &World, by: &Colleague, key: &Key, what: Mend, note: &str) -> Result<()> {
    let action = match what {
        Mend::Ask => AuditAction::AskedProvider,
        Mend::SendAgain | Mend::Resend => AuditAction::SentAgain,
        Mend::SeeTo => AuditAction::SeenTo,
        Mend::Release => AuditAction::Released,
        Mend::BookGiven => AuditAction::NetworkConfirmed,
        Mend::BookDenied => AuditAction::NetworkDenied,
    };
    let (by, key, note, context) = (by.clone(), key.clone(), note.to_owned(), world.step());
    let written = world.db.write(move |tx| {
        let entry = match (&key, order(tx, &key)?) {
            (Key::Refund(_), _) => by.entry(action, SubjectKind::Refund, key.subject()),
            (_, Some(order)) => {
                let detail = serde_json::json!({ "about": key.subject() });
                by.entry(action, SubjectKind::TopUp, order.as_str()).with(detail.to_string())
            }
            (_, None) => by.entry(action, SubjectKind::Work, key.subject()),
        };
        audit(tx, &context, &entry.because(&note))
    });
    Ok(written.await?)
}

/// The order that something stuck is about.
fn order(tx: &mut Tx<'_>, key: &Key) -> anyhow::Result<Option<TopUpId>> {
    let code = match key {
        Key::Order(id) => return Ok(Some(id.clone())),
        Key::Money(id) => store::stuck::order_of(tx, id.as_str())?,
        Key::Refund(id) => store::stuck::order_of(tx, id.as_str())?,
        Key::Call(id) => store::stuck::order_of(tx, id.as_str())?,
        Key::Work(id) => match store::stuck::find_given_up(tx, id)? {
            Some(row) => store::stuck::order_of(tx, &row.subject)?,
            None => None,
        },
    };
    Ok(match code {
        Some(code) => store::top_up::find_by_code(tx, &code)?.map(|order| order.id),
        None => None,
    })
}

/// Asks the provider about every payment and refund of an order of which it has not said the last word.
async fn ask_order(world: &World, id: &TopUpId) -> Result<Mended> {
    let before = look(world, id).await?;
    for attempt in before.attempts.iter().filter(|a| a.state.is_open()) {
        poll::look(world, &attempt.id, Source::Look).await?;
    }
    for refund in before.refunds.iter().filter(|r| !r.state.is_final()) {
        ask_refund(world, &refund.id).await?;
    }
    ask_network(world, id).await?;
    let after = look(world, id).await?;
    Ok(if before == after { Mended::Unchanged } else { Mended::Moved })
}

/// Does what is next about an order's credit at the host network, unless somebody does it right now.
async fn ask_network(world: &World, id: &TopUpId) -> Result<()> {
    let (id, now) = (id.clone(), world.now());
    let claimed = world.db.write(move |tx| {
        let Some(credit) = store::network_credit::find_by_top_up(tx, &id)? else { return Ok(None) };
        outbox::claim_now(tx, Topic::NetworkCredit, credit.operation.as_str(), now)
    });
    if let Some(work) = claimed.await? {
        work::run_now(world, &work).await;
    }
    Ok(())
}

/// What is known of an order.
#[derive(PartialEq)]
struct Known {
    version: i64,
    attempts: Vec<store::attempt::Attempt>,
    refunds: Vec<store::refund::Refund>,
}

async fn look(world: &World, id: &TopUpId) -> Result<Known> {
    let id = id.clone();
    let read = world.db.read(move |tx| {
        let version = store::top_up::load(tx, &id)?.version;
        let attempts = match store::payment::find_by_top_up(tx, &id)? {
            Some(payment) => store::attempt::list(tx, &payment.id)?,
            None => Vec::new(),
        };
        Ok(Known { version, attempts, refunds: store::refund::list(tx, &id)? })
    });
    Ok(read.await?)
}

/// Asks about a refund, or sends it under its own key when the provider has not answered the call yet.
async fn ask_refund(world: &World, id: &RefundId) -> Result<Mended> {
    let subject = id.clone();
    let call = world.db.read(move |tx| store::operation::find_open(tx, subject.as_str())).await?;
    let before = refund_state(world, id).await?;
    match call {
        Some(call) => {
            send_again(world, &call).await?;
        }
        None => {
            let (subject, context) = (id.clone(), world.step());
            let claimed = world.db.write(move |tx| {
                if outbox::has_open(tx, Topic::PollRefund, subject.as_str())? {
                    return outbox::claim_now(tx, Topic::PollRefund, subject.as_str(), context.now);
                }
                let ids = context.ids.as_ref();
                outbox::push_claimed(tx, Topic::PollRefund, subject.as_str(), ids, context.now).map(Some)
            });
            let Some(work) = claimed.await? else { return Ok(Mended::Held) };
            work::run_now(world, &work).await;
        }
    }
    let after = refund_state(world, id).await?;
    Ok(if before == after { Mended::Unchanged } else { Mended::Moved })
}

async fn refund_state(world: &World, id: &RefundId) -> Result<RefundState> {
    let id = id.clone();
    Ok(world.db.read(move |tx| Ok(store::refund::load(tx, &id)?.state)).await?)
}

/// Sends a call again under its own key: the provider answers the first one or has done nothing.
async fn send_again(world: &World, id: &OperationId) -> Result<Mended> {
    let (subject, context) = (id.clone(), world.step());
    let claimed = world.db.write(move |tx| claim_call(tx, &subject, &context)).await?;
    let Some(work) = claimed else { return Ok(Mended::Held) };
    work::run_now(world, &work).await;
    let id = id.clone();
    let state = world.db.read(move |tx| Ok(store::operation::load(tx, &id)?.state)).await?;
    Ok(if is_open(state) { Mended::Waiting } else { Mended::Sent })
}

/// The work of a call, claimed; opened again where it was given up.
fn claim_call(tx: &mut Tx<'_>, id: &OperationId, context: &StepContext) -> anyhow::Result<Option<Work>> {
    if !outbox::has_open(tx, Topic::Operation, id.as_str())? {
        match outbox::find_dead(tx, Topic::Operation, id.as_str())? {
            Some(dead) => {
                outbox::reopen(tx, &dead, context.now)?;
            }
            None => {
                let ids = context.ids.as_ref();
                return outbox::push_claimed(tx, Topic::Operation, id.as_str(), ids, context.now).map(Some);
            }
        }
    }
    outbox::claim_now(tx, Topic::Operation, id.as_str(), context.now)
}

/// Opens work again that was given up, and does it.
async fn reopen(world: &World, id: &WorkId) -> Result<Mended> {
    let (wanted, context) = (id.clone(), world.step());
    let claimed = world.db.write(move |tx| {
        let Some(row) = store::stuck::find_given_up(tx, &wanted)? else { return Ok(Err(Mended::NotStuck)) };
        if row.topic == Topic::Message {
            store::message::requeue(tx, &MessageId::stored(row.subject.as_str()))?;
        }
        if row.topic == Topic::CampaignMessage {
            store::campaign::requeue(tx, &MessageId::stored(row.subject.as_str()))?;
        }
        if !outbox::reopen(tx, &wanted, context.now)? {
            return Ok(Err(Mended::NotPossible));
        }
        let claimed = outbox::claim_now(tx, row.topic, &row.subject, context.now)?;
        Ok(claimed.filter(|work| work.id == wanted).ok_or(Mended::Waiting))
    });
    let work = match claimed.await? {
        Ok(work) => work,
        Err(told) => return Ok(told),
    };
    work::run_now(world, &work).await;
    let id = id.clone();
    Ok(match world.db.read(move |tx| outbox::state(tx, &id)).await?.as_deref() {
        None => Mended::Sent,
        Some("dead") => Mended::GivenUpAgain,
        Some(_) => Mended::Waiting,
    })
}

/// Lets a paid order through that was kept back; the flow of that audits it.
async fn release(world: &World, by: &Colleague, key: &Key, note: &str) -> Result<Mended> {
    let Key::Order(id) = key else { return Ok(Mended::NotPossible) };
    if by.role != Role::Supervisor {
        return Ok(Mended::ForSupervisors);
    }
    Ok(match crate::risk::release(world, id, by.actor(), note).await? {
        Ok(()) => Mended::Released,
        Err(NotReleased::NotWaiting) => Mended::NotStuck,
        Err(NotReleased::Disputed) => Mended::Disputed,
    })
}

/// Books what the network says in writing, with the audit in the same step.
async fn in_writing(world: &World, by: &Colleague, key: &Key, what: Mend, note: &str) -> Result<Mended> {
    let Key::Order(id) = key else { return Ok(Mended::NotPossible) };
    if by.role != Role::Supervisor {
        return Ok(Mended::ForSupervisors);
    }
    let (context, by, id, note) = (world.step(), by.clone(), id.clone(), note.to_owned());
    let booked = world.db.write(move |tx| book_in_writing(tx, &context, &by, &id, what, &note)).await?;
    world.wake();
    Ok(booked)
}

fn book_in_writing(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &Colleague,
    id: &TopUpId,
    what: Mend,
    note: &str,
) -> anyhow::Result<Mended> {
    let Some(credit) = store::network_credit::find_by_top_up(tx, id)? else { return Ok(Mended::NotPossible) };
    let (action, word) = if what == Mend::BookGiven {
        (AuditAction::NetworkConfirmed, Word::Confirmed { by: by.actor() })
    } else if store::payment::find_by_top_up(tx, id)?.is_some() {
        return Ok(Mended::ByRefund);
    } else {
        (AuditAction::NetworkDenied, Word::Denied { by: by.actor() })
    };
    let state = network::apply_credit(tx, context, None, &credit.operation, &word)?;
    if state == credit.state {
        return Ok(Mended::NotPossible);
    }
    let entry = by.entry(action, SubjectKind::TopUp, id.as_str());
    audit(tx, context, &entry.because(note))?;
    Ok(match state {
        State::Done => Mended::Booked,
        State::Denied => Mended::BackInFloat,
        State::Prepared
        | State::Sent
        | State::InProgress
        | State::Unknown
        | State::Refused
        | State::Abandoned
        | State::Contradicted => Mended::Moved,
    })
}

/// Is it a report that keeps money from going back a second time? Then a clerk does not do away with it.
async fn withholds(world: &World, id: &WorkId) -> Result<bool> {
    let id = id.clone();
    let row = world.db.read(move |tx| store::stuck::find_given_up(tx, &id)).await?;
    Ok(row.is_some_and(|row| store::report::withholds(row.topic, &row.last_error)))
}

async fn see_to(world: &World, by: &Colleague, id: &WorkId, note: &str) -> Result<Mended> {
    let (id, staff, note, now) = (id.clone(), by.id.clone(), note.to_owned(), world.now());
    world.db.write(move |tx| store::stuck::see_to(tx, &id, &staff, &note, now)).await?;
    Ok(Mended::SeenTo)
}
