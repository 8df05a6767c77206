//! Refunds by two people: one asks, another one decides, and in the moment of approval the refund begins, whole and
//! in one transaction. Start reading at [`ask`] and [`approve`].
//!
//! Nobody decides what they asked for themselves. Two who approve at once begin one refund: the payment is locked,
//! and what one attempt brought goes back at most once, whoever asks (`money`).

use super::by_provider::ByProvider;
use super::money::{self, AtNetwork, Source};
use super::{Colleague, audit, cleaned, from_float};
use crate::error::Result;
use crate::payment::apply::Provider;
use crate::world::{StepContext, World};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::{AttemptId, RefundId, RefundRequestId, TopUpId};
use domain::money::Money;
use domain::refund_request::{RefundRequestReason, RefundRequestState, RefundSource};
use domain::risk::{Limit, Switch};
use domain::staff::Role;
use domain::time::DAY_MS;
use store::Tx;
use store::refund_request::{self as stored, Decision, RefundRequest};

/// How long a note may be, in characters.
pub const NOTE_MAX: usize = 500;

/// Why nothing was asked for or decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no such order or request.
    Unknown,
    /// There is no captured money of it that could go back.
    NothingToReturn,
    /// The host network may still turn the money into credit.
    NetworkUndecided,
    /// The host network says that the line has the credit.
    NetworkGave,
    /// The host network has nothing to do with this money, or not any more.
    NetworkDecided,
    /// The order has an open request.
    AlreadyAsked,
    AlreadyDecided,
    /// Whoever asked does not decide.
    SamePerson,
    /// Only the one who asked takes it back.
    NotTheirs,
    NotSupervisor,
    NoteMissing,
    NoteTooLong,
    /// More than a clerk may ask for at once.
    OverLimit,
    /// More than a clerk may ask for in a day.
    OverDay,
    /// Refunds by staff are switched off.
    SwitchedOff,
    /// The money is not where it was when it was asked for.
    Changed,
    /// The credit was spent meanwhile.
    Spent,
    /// A report says that the provider or the payer's bank takes the money back, and nobody has seen to it.
    Disputed,
}

impl Refused {
    /// The word that its text is found by.
    pub fn code(self) -> &'static str {
        match self {
            Refused::Unknown => "unknown",
            Refused::NothingToReturn => "nothing_to_return",
            Refused::NetworkUndecided => "network_undecided",
            Refused::NetworkGave => "network_gave",
            Refused::NetworkDecided => "network_decided",
            Refused::AlreadyAsked => "already_asked",
            Refused::AlreadyDecided => "already_decided",
            Refused::SamePerson => "same_person",
            Refused::NotTheirs => "not_theirs",
            Refused::NotSupervisor => "not_supervisor",
            Refused::NoteMissing => "note_missing",
            Refused::NoteTooLong => "note_too_long",
            Refused::OverLimit => "over_limit",
            Refused::OverDay => "over_day",
            Refused::SwitchedOff => "switched_off",
            Refused::Changed => "changed",
            Refused::Spent => "spent",
            Refused::Disputed => "disputed",
        }
    }
}

pub(super) type Outcome<T> = std::result::Result<T, Refused>;

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub top_up: TopUpId,
    /// Which money, where the order has several; else the first.
    pub attempt: Option<AttemptId>,
    pub reason: RefundRequestReason,
    pub note: String,
}

fn note(text: &str) -> Outcome<String> {
    let note = cleaned(text);
    match note.chars().count() {
        0 => Err(Refused::NoteMissing),
        1..=NOTE_MAX => Ok(note),
        _ => Err(Refused::NoteTooLong),
    }
}

/// What a clerk may ask for, in minor units of a currency.
#[derive(Clone, Copy)]
struct Caps {
    at_once: i64,
    in_a_day: i64,
}

/// Asks that money of an order goes back. Nothing moves before somebody else agrees.
pub async fn ask(world: &World, by: &Colleague, ask: Ask) -> Result<Outcome<RefundRequest>> {
    let note = match note(&ask.note) {
        Ok(note) => note,
        Err(refused) => return Ok(Err(refused)),
    };
    let limits = crate::risk::limits(world).await?;
    if !limits.on(Switch::RefundsByStaff) {
        return Ok(Err(Refused::SwitchedOff));
    }
    let caps =
        Caps { at_once: limits.of(Limit::ClerkRefund), in_a_day: limits.of(Limit::ClerkRefundsPerDay) };
    let caps = (by.role == Role::Clerk).then_some(caps);
    let (context, by) = (world.step(), by.clone());
    let asked = world.db.write(move |tx| {
        let source = match source(tx, &ask)? {
            Ok(source) => source,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(refused) = over(tx, &by, source.amount, caps, &context)? {
            return Ok(Err(refused));
        }
        let request = RefundRequest {
            id: RefundRequestId::new(context.ids.as_ref(), context.now),
            top_up: ask.top_up.clone(),
            attempt: source.attempt,
            source: source.kind,
            amount: source.amount,
            reason: ask.reason,
            note: note.clone(),
            state: RefundRequestState::Asked,
            asked_by: by.id.clone(),
            asked_at: context.now,
            decision: None,
            refund: None,
            state_at: context.now,
        };
        if !stored::insert(tx, &request)? {
            return Ok(Err(Refused::AlreadyAsked));
        }
        written(tx, &context, &by, AuditAction::RefundAsked, &request)?;
        Ok(Ok(request))
    });
    Ok(asked.await?)
}

/// The money that is asked for.
fn source(tx: &mut Tx<'_>, ask: &Ask) -> anyhow::Result<Outcome<Source>> {
    let Some(top_up) = store::top_up::find(tx, &ask.top_up)? else { return Ok(Err(Refused::Unknown)) };
    let sources = money::sources(tx, &top_up)?;
    let wanted = |source: &Source| ask.attempt.is_none() || ask.attempt == source.attempt;
    let Some(source) = sources.into_iter().find(wanted) else {
        return Ok(Err(match money::at_network(tx, &top_up)? {
            AtNetwork::Nothing => Refused::NothingToReturn,
            AtNetwork::Undecided => Refused::NetworkUndecided,
            AtNetwork::Given => Refused::NetworkGave,
        }));
    };
    // Only the network's word in writing frees this money, and it frees no other.
    let denied = ask.reason == RefundRequestReason::NetworkDenies;
    match (source.kind == RefundSource::Undecided, denied) {
        (true, false) => return Ok(Err(Refused::NetworkUndecided)),
        (false, true) => return Ok(Err(Refused::NetworkDecided)),
        (true, true) | (false, false) => {}
    }
    if let Some(attempt) = &source.attempt
        && store::report::is_disputed(tx, attempt)?
    {
        return Ok(Err(Refused::Disputed));
    }
    Ok(Ok(source))
}

/// Is it more than a clerk may ask for?
fn over(
    tx: &mut Tx<'_>,
    by: &Colleague,
    amount: Money,
    caps: Option<Caps>,
    context: &StepContext,
) -> anyhow::Result<Option<Refused>> {
    let Some(caps) = caps else { return Ok(None) };
    let unit = 10_i64.pow(amount.currency.exponent());
    if amount.minor > caps.at_once.saturating_mul(unit) {
        return Ok(Some(Refused::OverLimit));
    }
    let since = context.now.plus_ms(-DAY_MS);
    let asked = stored::asked_since(tx, &by.id, amount.currency.code(), since)?;
    let day = asked.saturating_add(amount.minor) > caps.in_a_day.saturating_mul(unit);
    Ok(day.then_some(Refused::OverDay))
}

fn written(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &Colleague,
    action: AuditAction,
    request: &RefundRequest,
) -> anyhow::Result<()> {
    let detail = serde_json::json!({
        "top_up": request.top_up.as_str(),
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency.code(),
        "source": request.source,
        "reason": request.reason,
        "state": request.state,
        "refund": request.refund.as_ref().map(RefundId::as_str),
    });
    let why = request.decision.as_ref().map_or(&request.note, |decision| &decision.note);
    let entry = by.entry(action, SubjectKind::Refund, request.id.as_str());
    audit(tx, context, &entry.because(why).with(detail.to_string()))
}

/// A second person agrees: the refund begins in the same transaction.
pub async fn approve(
    world: &World,
    by: &Colleague,
    id: &RefundRequestId,
    text: &str,
) -> Result<Outcome<RefundRequest>> {
    if by.role != Role::Supervisor {
        return Ok(Err(Refused::NotSupervisor));
    }
    if !crate::risk::limits(world).await?.on(Switch::RefundsByStaff) {
        return Ok(Err(Refused::SwitchedOff));
    }
    let text = cleaned(text);
    if text.chars().count() > NOTE_MAX {
        return Ok(Err(Refused::NoteTooLong));
    }
    let provider = provider_of(world, id).await?;
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let approved = world.db.write(move |tx| {
        let request = match locked(tx, &id)? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        if request.asked_by == by.id {
            return Ok(Err(Refused::SamePerson));
        }
        let approval = Approval { context: &context, by: &by, request: &request, provider };
        let refund = match approval.begin(tx)? {
            Ok(refund) => refund,
            Err(refused) => return Ok(Err(refused)),
        };
        // A float has its money again in this very step; a provider says later what became of it.
        let state = if refund.is_some() { RefundRequestState::Approved } else { RefundRequestState::Done };
        let decision = Some(Decision { by: by.id.clone(), at: context.now, note: text.clone() });
        let next = RefundRequest { state, decision, refund, state_at: context.now, ..request.clone() };
        stored::update(tx, request.state, &next)?;
        written(tx, &context, &by, AuditAction::RefundApproved, &next)?;
        Ok(Ok(next))
    });
    let approved = approved.await?;
    world.wake();
    Ok(approved)
}

/// The provider that has the money of a request, unless a float paid.
async fn provider_of(world: &World, id: &RefundRequestId) -> Result<Option<Provider>> {
    let id = id.clone();
    let name = world.db.read(move |tx| {
        let attempt = stored::find(tx, &id)?.and_then(|request| request.attempt);
        attempt.map(|attempt| store::attempt::provider(tx, &attempt)).transpose()
    });
    Ok(match name.await? {
        Some(name) => Some(world.payments.of(&name)?.name()),
        None => None,
    })
}

/// The request, kept from others until the step ends with the payment that brought its money; refused when it is decided.
/// Everything that moves this money locks the payment first.
fn locked(tx: &mut Tx<'_>, id: &RefundRequestId) -> anyhow::Result<Outcome<RefundRequest>> {
    let Some(request) = stored::find(tx, id)? else { return Ok(Err(Refused::Unknown)) };
    if let Some(attempt) = &request.attempt {
        let payment = store::attempt::load(tx, attempt)?.payment;
        store::payment::lock(tx, &payment)?;
    }
    let request = stored::lock(tx, id)?;
    Ok(match request.state {
        RefundRequestState::Asked => Ok(request),
        RefundRequestState::Approved
        | RefundRequestState::Declined
        | RefundRequestState::Withdrawn
        | RefundRequestState::Done
        | RefundRequestState::Failed => Err(Refused::AlreadyDecided),
    })
}

/// An approval on its way.
pub(super) struct Approval<'a> {
    pub context: &'a StepContext,
    pub by: &'a Colleague,
    pub request: &'a RefundRequest,
    /// Who has the money, unless a float paid.
    provider: Option<Provider>,
}

impl Approval<'_> {
    /// Begins the refund; refused when the money is not where it was when it was asked for. What goes back to a float has
    /// gone back when this returns, and is no refund of a provider.
    fn begin(&self, tx: &mut Tx<'_>) -> anyhow::Result<Outcome<Option<RefundId>>> {
        let request = self.request;
        match (&request.attempt, self.provider) {
            (Some(attempt), Some(provider)) => {
                Ok(ByProvider { of: self, attempt, provider }.begin(tx)?.map(Some))
            }
            (None, _) => {
                let asked = Source { kind: request.source, attempt: None, amount: request.amount };
                let given = from_float::give_back(tx, self.context, (&request.top_up, &asked), self.by)?;
                Ok(given.map(|()| None))
            }
            (Some(_), None) => anyhow::bail!("nobody knows who has the money of {}", request.id),
        }
    }
}

/// A second person says no, and why.
pub async fn decline(
    world: &World,
    by: &Colleague,
    id: &RefundRequestId,
    text: &str,
) -> Result<Outcome<RefundRequest>> {
    if by.role != Role::Supervisor {
        return Ok(Err(Refused::NotSupervisor));
    }
    close(world, by, id, text, RefundRequestState::Declined).await
}

/// Whoever asked takes it back.
pub async fn withdraw(
    world: &World,
    by: &Colleague,
    id: &RefundRequestId,
    text: &str,
) -> Result<Outcome<RefundRequest>> {
    close(world, by, id, text, RefundRequestState::Withdrawn).await
}

async fn close(
    world: &World,
    by: &Colleague,
    id: &RefundRequestId,
    text: &str,
    state: RefundRequestState,
) -> Result<Outcome<RefundRequest>> {
    let text = match note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let withdrawn = state == RefundRequestState::Withdrawn;
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let closed = world.db.write(move |tx| {
        let request = match locked(tx, &id)? {
            Ok(request) => request,
            Err(refused) => return Ok(Err(refused)),
        };
        let own = request.asked_by == by.id;
        if own != withdrawn {
            return Ok(Err(if own { Refused::SamePerson } else { Refused::NotTheirs }));
        }
        let decision = Some(Decision { by: by.id.clone(), at: context.now, note: text.clone() });
        let next = RefundRequest { state, decision, state_at: context.now, ..request.clone() };
        stored::update(tx, request.state, &next)?;
        let action = if withdrawn { AuditAction::RefundWithdrawn } else { AuditAction::RefundDeclined };
        written(tx, &context, &by, action, &next)?;
        Ok(Ok(next))
    });
    Ok(closed.await?)
}
