//! Float: money into a hierarchy of agents and inside it. A bank transfer is stated with its proof and decided by
//! staff; a move goes from parent to child or back. Start reading at [`state_transfer`], [`move_float`] and [`agree`].
//!
//! A form's key is written first and is unique: the same request twice is one. A move that one person may make alone
//! is in the ledger when the answer comes; one above the threshold waits for somebody else.

pub use super::node::{Node, direction};
use super::{By, Outcome, Owner, Refused, documents, is_key, note, optional_note, payout};
use crate::care::files::Sent;
use crate::error::Result;
use crate::office::audit;
use crate::world::{StepContext, World};
use domain::agent::AgentState;
use domain::audit::{AuditAction, SubjectKind};
use domain::float_request::{self, FloatRequest, FloatRequestKind, FloatRequestState};
use domain::id::{AgentId, FloatRequestId, PartnerId};
use domain::ledger::{Outcome as Recorded, Posting, agents};
use domain::money::Money;
use domain::risk::Limit;
use domain::time::DAY_MS;
use store::float_request::{self as stored, Inserted, Proof};
use store::keyring::Purpose;
use store::{Tx, ledger};

/// A move as its form says it.
#[derive(Debug, Clone)]
pub struct Move {
    /// The form's own key.
    pub key: String,
    pub from: PartnerId,
    pub to: PartnerId,
    pub amount: Money,
    pub note: String,
}

/// A bank transfer as the owner states it.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The form's own key.
    pub key: String,
    pub amount: Money,
    /// As the bank's statement shows it.
    pub reference: String,
    pub note: String,
    pub proof: Sent,
}

/// Is the amount above what one person may do alone?
fn is_much(context: &StepContext, amount: Money) -> bool {
    let unit = 10_i64.pow(amount.currency.exponent());
    amount.minor > context.limits.of(Limit::FloatAlone).saturating_mul(unit)
}

fn is_over_day(
    tx: &mut Tx<'_>,
    context: &StepContext,
    from: &PartnerId,
    amount: Money,
) -> anyhow::Result<bool> {
    let unit = 10_i64.pow(amount.currency.exponent());
    let since = context.now.plus_ms(-DAY_MS);
    let moved = stored::moved_since(tx, from, amount.currency.code(), since)?;
    let most = context.limits.of(Limit::FloatMovedPerDay).saturating_mul(unit);
    Ok(moved.saturating_add(amount.minor) > most)
}

/// Moves float, or asks for it where it is much. The same form sent twice moves once.
pub async fn move_float(world: &World, by: &By, wanted: Move) -> Result<Outcome<FloatRequest>> {
    if !is_key(&wanted.key) {
        return Ok(Err(Refused::KeyReused));
    }
    if wanted.amount.minor <= 0 {
        return Ok(Err(Refused::AmountUnfit));
    }
    if by.is_training() {
        return Ok(Err(Refused::Training));
    }
    let text = match optional_note(&wanted.note) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    crate::risk::limits(world).await?;
    let (context, by) = (world.step(), by.clone());
    let moved = world.db.write(move |tx| {
        if let Some(earlier) = stored::find_by_key(tx, &wanted.key)? {
            return Ok(same(earlier, &wanted.amount, &wanted.to, Some(&wanted.from)));
        }
        let (kind, agent) = match line(tx, &by, &wanted)? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        // One move after the other, so that two at once do not pass the day's limit together.
        store::agent::lock(tx, &agent)?;
        if is_over_day(tx, &context, &wanted.from, wanted.amount)? {
            return Ok(Err(Refused::OverDay));
        }
        let request = FloatRequest {
            from: Some(wanted.from.clone()),
            ..asked(&context, &by, (kind, agent), &wanted.to, wanted.amount, &text)
        };
        match stored::insert(tx, &request, &wanted.key, None)? {
            Inserted::New => {}
            Inserted::Again(earlier) => {
                return Ok(same(*earlier, &wanted.amount, &wanted.to, Some(&wanted.from)));
            }
            Inserted::ReferenceUsed => anyhow::bail!("a move has no reference"),
        }
        asked_or_done(tx, &context, &by, request, &text)
    });
    Ok(moved.await?)
}

/// A new request waits for somebody else where it has to; else it is done.
pub(super) fn asked_or_done(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &By,
    request: FloatRequest,
    text: &str,
) -> anyhow::Result<Outcome<FloatRequest>> {
    if float_request::deciders(request.kind, is_much(context, request.amount)) > 0 {
        written(tx, context, by, AuditAction::FloatAsked, &request, text)?;
        return Ok(Ok(request));
    }
    finish(tx, context, by, request, text)
}

/// Which way the move goes and which agent answers for it, when this person may make it. Whoever gives decides: nobody
/// takes from another's float.
fn line(tx: &mut Tx<'_>, by: &By, wanted: &Move) -> anyhow::Result<Outcome<(FloatRequestKind, AgentId)>> {
    let found = in_line(tx, &wanted.from, &wanted.to)?;
    Ok(found.and_then(|found| if by.acts_for(&found.1) { Ok(found) } else { Err(Refused::NotInLine) }))
}

/// The same whoever asks: is the one side the other's parent, and are both in order?
fn in_line(
    tx: &mut Tx<'_>,
    from: &PartnerId,
    to: &PartnerId,
) -> anyhow::Result<Outcome<(FloatRequestKind, AgentId)>> {
    let (Some(from), Some(to)) = (Node::of(tx, from)?, Node::of(tx, to)?) else {
        return Ok(Err(Refused::NotInLine));
    };
    let Some(kind) = direction(&from, &to) else { return Ok(Err(Refused::NotInLine)) };
    let active = match kind {
        FloatRequestKind::Down => from.is_active() && to.is_active(),
        FloatRequestKind::Up => to.takes_back(),
        FloatRequestKind::Bank | FloatRequestKind::Card | FloatRequestKind::Commission => false,
    };
    Ok(if active { Ok((kind, from.agent().clone())) } else { Err(Refused::NotActive) })
}

pub(super) fn asked(
    context: &StepContext,
    by: &By,
    (kind, agent): (FloatRequestKind, AgentId),
    to: &PartnerId,
    amount: Money,
    note: &str,
) -> FloatRequest {
    FloatRequest {
        id: FloatRequestId::new(context.ids.as_ref(), context.now),
        agent,
        kind,
        from: None,
        to: to.clone(),
        amount,
        reference: None,
        note: note.to_owned(),
        state: FloatRequestState::Asked,
        asked_by: by.person(),
        asked_at: context.now,
        first_by: None,
        first_at: None,
        decided_by: None,
        decided_at: None,
        decision_note: None,
        state_at: context.now,
    }
}

/// What came of a form that was sent before.
pub(super) fn same(
    earlier: FloatRequest,
    amount: &Money,
    to: &PartnerId,
    from: Option<&PartnerId>,
) -> Outcome<FloatRequest> {
    if earlier.amount != *amount || earlier.to != *to || earlier.from.as_ref() != from {
        return Err(Refused::KeyReused);
    }
    let short = earlier.decision_note.as_deref() == Some(Refused::FloatShort.as_str());
    if earlier.state == FloatRequestState::Declined && short { Err(Refused::FloatShort) } else { Ok(earlier) }
}

/// States a bank transfer to the agent's own float, with its proof. Staff decides.
pub async fn state_transfer(
    world: &World,
    owner: &Owner,
    transfer: Transfer,
) -> Result<Outcome<FloatRequest>> {
    if !is_key(&transfer.key) {
        return Ok(Err(Refused::KeyReused));
    }
    let Some(reference) = float_request::reference(&transfer.reference) else {
        return Ok(Err(Refused::ReferenceUnfit));
    };
    let read = || -> Outcome<_> {
        if owner.training {
            return Err(Refused::Training);
        }
        if transfer.amount.minor <= 0 {
            return Err(Refused::AmountUnfit);
        }
        if transfer.proof.bytes.is_empty() {
            return Err(Refused::ProofMissing);
        }
        Ok((optional_note(&transfer.note)?, documents::clean(&transfer.proof)?))
    };
    let (text, (kind, clean)) = match read() {
        Ok(read) => read,
        Err(refused) => return Ok(Err(refused)),
    };
    let proof = Proof { kind, sealed: world.keyring.seal_bytes(Purpose::Agent, &clean)? };
    let (context, by) = (world.step(), By::Owner(owner.clone()));
    let (id, key, amount) = (owner.agent.clone(), transfer.key, transfer.amount);
    let stated = world.db.write(move |tx| {
        let Some(agent) = store::agent::find(tx, &id)? else { return Ok(Err(Refused::Unknown)) };
        match agent.state {
            AgentState::Approved | AgentState::Suspended => {}
            AgentState::Applied | AgentState::Closed | AgentState::Refused => {
                return Ok(Err(Refused::NotActive));
            }
        }
        if amount.currency != agent.terms.credit_line.currency {
            return Ok(Err(Refused::AmountUnfit));
        }
        let request = FloatRequest {
            reference: Some(reference.clone()),
            ..asked(&context, &by, (FloatRequestKind::Bank, id.clone()), &agent.partner, amount, &text)
        };
        match stored::insert(tx, &request, &key, Some(&proof))? {
            Inserted::New => {}
            Inserted::Again(earlier) => return Ok(same(*earlier, &amount, &agent.partner, None)),
            Inserted::ReferenceUsed => return Ok(Err(Refused::ReferenceUsed)),
        }
        written(tx, &context, &by, AuditAction::FloatAsked, &request, &text)?;
        Ok(Ok(request))
    });
    Ok(stated.await?)
}

/// Somebody else agrees. With the last one who has to, the money is in the float.
pub async fn agree(world: &World, by: &By, id: &FloatRequestId, text: &str) -> Result<Outcome<FloatRequest>> {
    let text = match optional_note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    if by.is_training() {
        return Ok(Err(Refused::Training));
    }
    crate::risk::limits(world).await?;
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let agreed = world.db.write(move |tx| {
        let request = match open(tx, &by, &id)? {
            Ok(request) => request,
            Err(refused) => return Ok(Err(refused)),
        };
        let person = by.person();
        if request.asked_by == person || request.first_by.as_ref() == Some(&person) {
            return Ok(Err(Refused::SamePerson));
        }
        let needed = float_request::deciders(request.kind, is_much(&context, request.amount));
        if needed > 1 && request.state == FloatRequestState::Asked {
            let next = FloatRequest {
                state: FloatRequestState::AgreedOnce,
                first_by: Some(person),
                first_at: Some(context.now),
                state_at: context.now,
                ..request.clone()
            };
            stored::update(tx, request.state, &next)?;
            written(tx, &context, &by, AuditAction::FloatAgreed, &next, &text)?;
            return Ok(Ok(next));
        }
        finish(tx, &context, &by, request, &text)
    });
    Ok(agreed.await?)
}

/// The open request, kept from others, when this person may decide on it: money from outside is decided by
/// supervisors, a move also by somebody else of the agent that gives.
fn open(tx: &mut Tx<'_>, by: &By, id: &FloatRequestId) -> anyhow::Result<Outcome<FloatRequest>> {
    let Some(request) = stored::lock(tx, id)? else { return Ok(Err(Refused::Unknown)) };
    let may = match request.kind {
        FloatRequestKind::Bank | FloatRequestKind::Card | FloatRequestKind::Commission => by.is_supervisor(),
        FloatRequestKind::Down | FloatRequestKind::Up => match by {
            By::Staff(_) => by.is_supervisor(),
            By::Owner(_) => by.acts_for(&request.agent),
        },
    };
    if !may {
        return Ok(Err(match by {
            By::Staff(_) => Refused::NotSupervisor,
            By::Owner(_) => Refused::Unknown,
        }));
    }
    if request.kind == FloatRequestKind::Card {
        return Ok(Err(Refused::ByProvider));
    }
    Ok(if request.state.is_open() { Ok(request) } else { Err(Refused::AlreadyDecided) })
}

/// Posts a request that everybody who has to has agreed to, and writes down what became of it.
fn finish(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &By,
    request: FloatRequest,
    text: &str,
) -> anyhow::Result<Outcome<FloatRequest>> {
    // What was asked for may not be in line any more.
    if let Some(from) = &request.from
        && let Err(refused) = in_line(tx, from, &request.to)?
    {
        return Ok(Err(refused));
    }
    let posting = match request.kind {
        FloatRequestKind::Commission => match payout::posting(tx, &request, by)? {
            Ok(posting) => posting,
            Err(refused) => return Ok(Err(refused)),
        },
        FloatRequestKind::Bank | FloatRequestKind::Card | FloatRequestKind::Down | FloatRequestKind::Up => {
            posting(&request, by)?
        }
    };
    let outcome = ledger::record(tx, &context.writer, context.now, std::slice::from_ref(&posting))?.pop();
    let done = match outcome {
        Some(Recorded::Applied) => true,
        Some(Recorded::Refused(_)) => false,
        // The transfer was booked by hand under the bank's reference: it does not fill twice.
        Some(Recorded::AppliedBefore | Recorded::Conflict) => return Ok(Err(Refused::ReferenceUsed)),
        None => anyhow::bail!("the ledger gave no outcome"),
    };
    let (state, action, said) = if done {
        (FloatRequestState::Done, AuditAction::FloatDone, text)
    } else {
        (FloatRequestState::Declined, AuditAction::FloatDeclined, Refused::FloatShort.as_str())
    };
    let next = FloatRequest {
        state,
        decided_by: Some(by.person()),
        decided_at: Some(context.now),
        decision_note: Some(said.to_owned()),
        state_at: context.now,
        ..request.clone()
    };
    stored::update(tx, request.state, &next)?;
    written(tx, context, by, action, &next, said)?;
    Ok(if done { Ok(next) } else { Err(Refused::FloatShort) })
}

fn posting(request: &FloatRequest, by: &By) -> anyhow::Result<Posting> {
    match (&request.from, &request.reference) {
        (Some(from), _) => Ok(agents::float_move(&request.id, from, &request.to, request.amount, by.actor())),
        (None, Some(reference)) => {
            Ok(agents::bank_transfer(&request.to, reference, request.amount, by.actor()))
        }
        (None, None) => anyhow::bail!("{} says neither from where nor by which transfer", request.id),
    }
}

/// Somebody else says no, and why.
pub async fn decline(
    world: &World,
    by: &By,
    id: &FloatRequestId,
    text: &str,
) -> Result<Outcome<FloatRequest>> {
    close(world, by, id, text, FloatRequestState::Declined).await
}

/// Whoever asked takes it back.
pub async fn withdraw(
    world: &World,
    by: &By,
    id: &FloatRequestId,
    text: &str,
) -> Result<Outcome<FloatRequest>> {
    close(world, by, id, text, FloatRequestState::Withdrawn).await
}

async fn close(
    world: &World,
    by: &By,
    id: &FloatRequestId,
    text: &str,
    state: FloatRequestState,
) -> Result<Outcome<FloatRequest>> {
    let text = match note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let withdrawn = state == FloatRequestState::Withdrawn;
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let closed = world.db.write(move |tx| {
        let Some(request) = stored::lock(tx, &id)? else { return Ok(Err(Refused::Unknown)) };
        if request.kind == FloatRequestKind::Card {
            return Ok(Err(Refused::ByProvider));
        }
        let own = request.asked_by == by.person();
        if own != withdrawn {
            return Ok(Err(if own { Refused::SamePerson } else { Refused::NotTheirs }));
        }
        if !withdrawn && let Err(refused) = open(tx, &by, &id)? {
            return Ok(Err(refused));
        }
        if !request.state.is_open() {
            return Ok(Err(Refused::AlreadyDecided));
        }
        let next = FloatRequest {
            state,
            decided_by: Some(by.person()),
            decided_at: Some(context.now),
            decision_note: Some(text.clone()),
            state_at: context.now,
            ..request.clone()
        };
        stored::update(tx, request.state, &next)?;
        let action = if withdrawn { AuditAction::FloatWithdrawn } else { AuditAction::FloatDeclined };
        written(tx, &context, &by, action, &next, &text)?;
        Ok(Ok(next))
    });
    Ok(closed.await?)
}

fn written(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &By,
    action: AuditAction,
    request: &FloatRequest,
    text: &str,
) -> anyhow::Result<()> {
    let entry = by.entry(action, SubjectKind::Float, request.id.as_str());
    audit::record(tx, context, &entry.because(text).with(told_of(request).to_string()))
}

/// A request as the audit keeps it.
pub(super) fn told_of(request: &FloatRequest) -> serde_json::Value {
    serde_json::json!({
        "agent": request.agent,
        "kind": request.kind,
        "from": request.from,
        "to": request.to,
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency.code(),
        "state": request.state,
    })
}
