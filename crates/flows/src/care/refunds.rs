//! Refunds by two people: one asks, another one decides, and in the moment of approval the refund begins, whole and
//! in one transaction. Start reading at [`ask`] and [`approve`].
//!
//! Nobody decides what they asked for themselves. Two who approve at once begin one refund: the payment is locked,
//! and what one attempt brought goes back at most once, whoever asks (`money`).

use super::money::{self, AtNetwork, Books, Source};
use super::{Colleague, audit, cleaned};
use crate::error::Result;
use crate::payment::refund;
use crate::top_up::{advance, announce_refund, network, reverse, set_aside};
use crate::world::{StepContext, World};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::{AttemptId, PaymentId, RefundId, RefundRequestId, TopUpId};
use domain::ledger::book::{self, RefundStep};
use domain::money::Money;
use domain::notice::NoticeKind;
use domain::payment::PaymentEvent;
use domain::refund::{RefundReason, RefundState};
use domain::refund_request::{RefundRequestReason, RefundRequestState, RefundSource};
use domain::refusal::Refusal;
use domain::risk::{Limit, Switch};
use domain::staff::Role;
use domain::time::DAY_MS;
use domain::top_up::{TopUp, TopUpEvent, TopUpState};
use store::Tx;
use store::refund::Refund;
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

type Outcome<T> = std::result::Result<T, Refused>;

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
    let wanted = |source: &Source| ask.attempt.as_ref().is_none_or(|attempt| *attempt == source.attempt);
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
    if store::report::is_disputed(tx, &source.attempt)? {
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
    let provider = match provider_of(world, id).await? {
        Some(provider) => provider,
        None => return Ok(Err(Refused::Unknown)),
    };
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let approved = world.db.write(move |tx| {
        let (payment, request) = match locked(tx, &id)? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        if request.asked_by == by.id {
            return Ok(Err(Refused::SamePerson));
        }
        let approval = Approval { context: &context, by: &by, request: &request, provider };
        let refund = match approval.begin(tx, &payment)? {
            Ok(refund) => refund,
            Err(refused) => return Ok(Err(refused)),
        };
        let decision = Some(Decision { by: by.id.clone(), at: context.now, note: text.clone() });
        let next = RefundRequest {
            state: RefundRequestState::Approved,
            decision,
            refund: Some(refund),
            state_at: context.now,
            ..request.clone()
        };
        stored::update(tx, request.state, &next)?;
        written(tx, &context, &by, AuditAction::RefundApproved, &next)?;
        Ok(Ok(next))
    });
    let approved = approved.await?;
    world.wake();
    Ok(approved)
}

/// The provider that has the money of a request.
async fn provider_of(world: &World, id: &RefundRequestId) -> Result<Option<&'static str>> {
    let id = id.clone();
    let name = world.db.read(move |tx| match stored::find(tx, &id)? {
        Some(request) => store::attempt::provider(tx, &request.attempt).map(Some),
        None => Ok(None),
    });
    Ok(match name.await? {
        Some(name) => Some(world.payments.of(&name)?.name()),
        None => None,
    })
}

/// The request and its payment, kept from others until the step ends; refused when it is decided. Everything that
/// moves this money locks the payment first.
fn locked(tx: &mut Tx<'_>, id: &RefundRequestId) -> anyhow::Result<Outcome<(PaymentId, RefundRequest)>> {
    let Some(request) = stored::find(tx, id)? else { return Ok(Err(Refused::Unknown)) };
    let payment = store::attempt::load(tx, &request.attempt)?.payment;
    store::payment::lock(tx, &payment)?;
    let request = stored::lock(tx, id)?;
    Ok(match request.state {
        RefundRequestState::Asked => Ok((payment, request)),
        RefundRequestState::Approved
        | RefundRequestState::Declined
        | RefundRequestState::Withdrawn
        | RefundRequestState::Done
        | RefundRequestState::Failed => Err(Refused::AlreadyDecided),
    })
}

/// An approval on its way.
struct Approval<'a> {
    context: &'a StepContext,
    by: &'a Colleague,
    request: &'a RefundRequest,
    provider: &'static str,
}

impl Approval<'_> {
    /// Begins the refund; refused when the money is not where it was when it was asked for.
    fn begin(&self, tx: &mut Tx<'_>, payment: &PaymentId) -> anyhow::Result<Outcome<RefundId>> {
        let request = self.request;
        if store::report::is_disputed(tx, &request.attempt)? {
            return Ok(Err(Refused::Disputed));
        }
        let top_up = store::top_up::load(tx, &request.top_up)?;
        let network = money::at_network(tx, &top_up)?;
        let books = Books::of(tx, payment)?;
        let sources = money::of(&books, &top_up, network);
        let asked = Source { kind: request.source, attempt: request.attempt.clone(), amount: request.amount };
        if !sources.contains(&asked) {
            return Ok(Err(match network {
                AtNetwork::Nothing => Refused::Changed,
                AtNetwork::Undecided => Refused::NetworkUndecided,
                AtNetwork::Given => Refused::NetworkGave,
            }));
        }
        if request.source == RefundSource::Undecided {
            network::deny(tx, self.context, &top_up.id)?;
        }
        if request.source == RefundSource::Credited {
            return self.take_back(tx, top_up);
        }
        self.give_back(tx, &books, top_up).map(Ok)
    }

    /// Delivered money: the credit is held first, and refused when it was spent.
    fn take_back(&self, tx: &mut Tx<'_>, top_up: TopUp) -> anyhow::Result<Outcome<RefundId>> {
        let begun = reverse::request(tx, self.context, self.provider, top_up, self.by.actor())?;
        Ok(begun.map_err(|refusal| match refusal {
            Refusal::CreditSpent { .. } | Refusal::NotReversible => Refused::Spent,
            _ => Refused::Changed,
        }))
    }

    /// Money that was not delivered goes back as it came.
    fn give_back(&self, tx: &mut Tx<'_>, books: &Books, top_up: TopUp) -> anyhow::Result<RefundId> {
        let (context, request, provider) = (self.context, self.request, self.provider);
        let attempt = store::attempt::load(tx, &request.attempt)?;
        let made = refund::of(context, provider, &books.payment, &attempt, self.reason(books));
        let made = Refund { amount: request.amount, ..made };
        let mut postings = Vec::with_capacity(3);
        if request.source == RefundSource::Suspense && !is_settled(books, request) {
            let actor = self.by.actor();
            postings.push(book::settle(&attempt.id, &top_up.market, request.amount, actor));
        }
        postings.push(refund::posting(&made, provider, &top_up.market, RefundStep::Hold));
        if request.source != RefundSource::Surplus && top_up.credited_at.is_none() {
            postings.extend(set_aside::release(tx, &top_up, self.by.actor())?);
        }
        // From here on the right money would be too much as well.
        if let Some(closed) = books.payment.state.on(PaymentEvent::GivenBack) {
            store::payment::update(tx, &books.payment, closed, None)?;
        }
        context.record(tx, &postings)?;
        refund::start(tx, context, &made)?;
        let version = top_up.version;
        let actor = self.by.actor().to_string();
        let beside = refund::is_beside(tx, &books.payment, &request.attempt)?;
        let now =
            if beside { top_up } else { advance(tx, context, top_up, TopUpEvent::RefundStarted, &actor)? };
        let stays = beside || (now.version == version && now.state != TopUpState::Refunding);
        let kind = if stays { NoticeKind::SurplusReturning } else { NoticeKind::RefundStarted };
        announce_refund(tx, context, &made, kind)?;
        Ok(made.id)
    }

    /// Why the buyer is told that it goes back: an earlier refund of the same money told it already.
    fn reason(&self, books: &Books) -> RefundReason {
        let earlier = books.refunds.iter().rev().find(|refund| refund.attempt == self.request.attempt);
        match (earlier, self.request.source) {
            (Some(earlier), _) => earlier.reason,
            (None, RefundSource::Suspense) => RefundReason::OtherAmount,
            (None, RefundSource::Undecided) => RefundReason::NetworkRefused,
            (None, RefundSource::Surplus | RefundSource::Undelivered | RefundSource::Credited) => {
                RefundReason::ByHand
            }
        }
    }
}

/// Did the money leave suspense for an earlier refund that failed? Then it waits with the rest.
fn is_settled(books: &Books, request: &RefundRequest) -> bool {
    let failed = |refund: &Refund| refund.attempt == request.attempt && refund.state == RefundState::Failed;
    books.refunds.iter().any(failed)
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
            Ok((_, request)) => request,
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
