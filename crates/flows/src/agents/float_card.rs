//! An agent fills its float by card: on a hosted page like any payment, and the provider's word decides. Whatever was
//! taken is in the float, also late and also where it was not what was asked for: a float is the agent's own money, so
//! nothing has to be delivered and nothing goes back by itself.

use super::float::{asked, same};
use super::{By, Outcome, Owner, Refused, is_key};
use crate::error::Result;
use crate::payment::apply::Provider;
use crate::payment::operate::{self, OnPage};
use crate::payment::{capture, poll};
use crate::top_up::checkout::insert_attempt;
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::actor::Actor;
use domain::agent::{Agent, AgentState};
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::float_request::{FloatRequest, FloatRequestKind, FloatRequestState};
use domain::id::{FloatRequestId, PaymentId};
use domain::ledger::agents;
use domain::links;
use domain::money::Money;
use domain::payment::{AttemptState, Order, PaymentEvent, PaymentState};
use domain::risk::Limit;
use domain::time::DAY_MS;
use store::attempt::Attempt;
use store::float_request::{self as stored, Inserted};
use store::outbox::{Topic, Work};
use store::payment::Payment;
use store::{Tx, report};

/// What an owner wants to pay in.
#[derive(Debug, Clone)]
pub struct CardFill {
    /// The key of the form: the same one again begins nothing.
    pub key: String,
    pub amount: Money,
}

/// Begins a payment by card into the agent's own float, and has its page made.
pub async fn begin(world: &World, owner: &Owner, wanted: CardFill) -> Result<Outcome<FloatRequest>> {
    let unfit = match &wanted {
        CardFill { key, .. } if !is_key(key) => Some(Refused::KeyReused),
        _ if owner.training => Some(Refused::Training),
        CardFill { amount, .. } if amount.minor <= 0 => Some(Refused::AmountUnfit),
        _ => None,
    };
    if let Some(refused) = unfit {
        return Ok(Err(refused));
    }
    let Some(provider) = world.payments.by_card().map(|gateway| gateway.name()) else {
        return Ok(Err(Refused::NoCards));
    };
    crate::risk::limits(world).await?;
    let (context, owner) = (world.step(), owner.clone());
    let begun = world.db.write(move |tx| place(tx, &context, &owner, &wanted, provider)).await?;
    match begun {
        Ok((request, work)) => {
            let order = Order::Float(request.id.clone());
            let work = match work {
                Some(work) => Some(work),
                None => operate::claim_create(world, &order).await?,
            };
            if let Some(work) = work {
                crate::work::run_now(world, &work).await;
            }
            Ok(Ok(request))
        }
        Err(refused) => Ok(Err(refused)),
    }
}

type Placed = Outcome<(FloatRequest, Option<Work>)>;

fn place(
    tx: &mut Tx<'_>,
    context: &StepContext,
    owner: &Owner,
    wanted: &CardFill,
    provider: Provider,
) -> anyhow::Result<Placed> {
    // One after the other, so that two at once do not pass the day's limit together.
    let Some(agent) = store::agent::lock(tx, &owner.agent)? else { return Ok(Err(Refused::Unknown)) };
    if let Some(earlier) = stored::find_by_key(tx, &wanted.key)? {
        return Ok(same(earlier, &wanted.amount, &agent.partner, None).map(|request| (request, None)));
    }
    if let Some(refused) = refused(tx, context, &agent, wanted.amount)? {
        return Ok(Err(refused));
    }
    let by = By::Owner(owner.clone());
    let request =
        asked(context, &by, (FloatRequestKind::Card, agent.id.clone()), &agent.partner, wanted.amount, "");
    match stored::insert(tx, &request, &wanted.key, None)? {
        Inserted::New => {}
        Inserted::Again(_) | Inserted::ReferenceUsed => anyhow::bail!("the key was free a moment ago"),
    }
    let payment = Payment {
        id: PaymentId::new(context.ids.as_ref(), context.now),
        order: Order::Float(request.id.clone()),
        provider: provider.to_owned(),
        state: PaymentState::Open,
        amount: request.amount,
        captured_by: None,
        created_at: context.now,
    };
    store::payment::insert(tx, &payment)?;
    let work = insert_attempt(tx, context, &payment.id, None)?;
    written(tx, context, by.actor(), AuditAction::FloatAsked, &request)?;
    Ok(Ok((request, Some(work))))
}

fn refused(
    tx: &mut Tx<'_>,
    context: &StepContext,
    agent: &Agent,
    amount: Money,
) -> anyhow::Result<Option<Refused>> {
    if agent.state != AgentState::Approved {
        return Ok(Some(Refused::NotActive));
    }
    if amount.currency != agent.terms.credit_line.currency {
        return Ok(Some(Refused::AmountUnfit));
    }
    let since = context.now.plus_ms(-DAY_MS);
    let before = stored::by_card_since(tx, &agent.id, amount.currency.code(), since)?;
    let unit = 10_i64.pow(amount.currency.exponent());
    let most = context.limits.of(Limit::FloatByCardPerDay).saturating_mul(unit);
    Ok((before.saturating_add(amount.minor) > most).then_some(Refused::CardOverDay))
}

/// What is said on the page where the card pays.
pub(crate) async fn page(world: &World, id: &FloatRequestId) -> Result<OnPage> {
    let id = id.clone();
    let read = world.db.read(move |tx| {
        let request = stored::find(tx, &id)?.with_context(|| format!("{id} is missing"))?;
        store::agent::find(tx, &request.agent)?.with_context(|| format!("{} is missing", request.agent))
    });
    let agent = read.await?;
    let catalogue = world.fresh_catalogue().await?;
    let market = catalogue.markets.iter().find(|market| market.country == agent.market);
    let market = market.with_context(|| format!("{} is no market any more", agent.market))?;
    Ok(OnPage {
        description: format!("{} · {}", world.settings.brand, agent.name),
        email: None,
        locale: market.locale,
        guest: false,
        return_url: links::counter_back(&world.settings.public_url),
    })
}

/// Where a payment into a float stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByCard {
    /// The provider has not made its page yet.
    Preparing,
    /// The card can pay here.
    Open(String),
    /// The provider has not said yet whether the card has paid.
    Checking,
    /// So much is in the float.
    Paid(Money),
    /// Nothing was taken.
    Closed,
}

/// The owner's payment as it stands; asks the provider where that was not done a moment ago.
pub async fn look(
    world: &World,
    owner: &Owner,
    id: &FloatRequestId,
) -> Result<Option<(FloatRequest, ByCard)>> {
    let (agent, sought) = (owner.agent.clone(), id.clone());
    let ours = move |tx: &mut Tx<'_>| {
        let found = stored::find(tx, &sought)?;
        Ok(found.filter(|request| request.agent == agent && request.kind == FloatRequestKind::Card))
    };
    let Some(request) = world.db.read(ours.clone()).await? else { return Ok(None) };
    let order = Order::Float(request.id.clone());
    if request.state.is_open() {
        poll::refresh_order(world, order.clone()).await?;
    }
    let read = world.db.read(move |tx| {
        let request = ours(tx)?.context("a request that was there a moment ago")?;
        let payment = store::payment::find_by_order(tx, &order)?.context("no payment")?;
        let attempt = store::attempt::list(tx, &payment.id)?.into_iter().next().context("no attempt")?;
        Ok((request, attempt))
    });
    let (request, attempt) = read.await?;
    let stands = standing(&request, &attempt);
    Ok(Some((request, stands)))
}

fn standing(request: &FloatRequest, attempt: &Attempt) -> ByCard {
    match (request.state, attempt.state, &attempt.url) {
        (FloatRequestState::Done, ..) => ByCard::Paid(attempt.captured.unwrap_or(request.amount)),
        (FloatRequestState::Declined | FloatRequestState::Withdrawn, ..) => ByCard::Closed,
        (_, AttemptState::Created, _) => ByCard::Preparing,
        (_, AttemptState::RequiresAction, Some(url)) => ByCard::Open(url.clone()),
        (FloatRequestState::Asked | FloatRequestState::AgreedOnce, ..) => ByCard::Checking,
    }
}

/// The provider said something new of a payment into a float; its row is locked.
pub(crate) fn learnt(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    payment: &Payment,
    attempt: &Attempt,
) -> anyhow::Result<()> {
    match attempt.state {
        AttemptState::Created => Ok(()),
        AttemptState::RequiresAction
        | AttemptState::Processing
        | AttemptState::Unknown
        | AttemptState::Authorized => poll::watch(tx, context, attempt),
        AttemptState::Approved => {
            poll::watch(tx, context, attempt)?;
            if payment.state == PaymentState::Open { capture::prepare(tx, context, attempt) } else { Ok(()) }
        }
        AttemptState::Captured | AttemptState::Review => taken(tx, context, provider, payment, attempt),
        AttemptState::Declined | AttemptState::Cancelled | AttemptState::Expired => {
            poll::watch_closed(tx, context, attempt)?;
            closed(tx, context, provider, payment, attempt)
        }
    }
}

/// The card has paid: the money is in the float in the transaction in which we learn of it.
fn taken(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    payment: &Payment,
    attempt: &Attempt,
) -> anyhow::Result<()> {
    let amount = attempt.captured.context("captured without an amount")?;
    let request = request_of(tx, payment)?;
    context.record(tx, &[agents::card_payment(&attempt.id, provider, &request.to, amount)])?;
    if let Some(paid) = payment.state.on(PaymentEvent::Captured) {
        store::payment::update(tx, payment, paid, Some(&attempt.id))?;
    }
    if amount != payment.amount {
        let (minor, currency) = (amount.minor, amount.currency.code());
        let what =
            format!("a float was filled by {minor} {currency} minor, asked for was {}", payment.amount.minor);
        report::once(tx, Topic::PollAttempt, attempt.id.as_str(), &what, context.ids.as_ref(), context.now)?;
    }
    settle(tx, context, provider, &request, (FloatRequestState::Done, AuditAction::FloatDone))
}

/// Nobody paid or will pay on the page.
pub(crate) fn closed(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    payment: &Payment,
    attempt: &Attempt,
) -> anyhow::Result<()> {
    let Some(closed) = payment.state.on(PaymentEvent::Closed).filter(|_| !attempt.state.is_open()) else {
        return Ok(());
    };
    store::payment::update(tx, payment, closed, None)?;
    let request = request_of(tx, payment)?;
    settle(tx, context, provider, &request, (FloatRequestState::Declined, AuditAction::FloatDeclined))
}

fn request_of(tx: &mut Tx<'_>, payment: &Payment) -> anyhow::Result<FloatRequest> {
    let Order::Float(id) = &payment.order else { anyhow::bail!("{} fills no float", payment.id) };
    stored::lock(tx, id)?.with_context(|| format!("{id} is missing"))
}

/// Writes what became of the request. Money that comes after its page was closed is in the float all the same.
fn settle(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: Provider,
    request: &FloatRequest,
    (state, action): (FloatRequestState, AuditAction),
) -> anyhow::Result<()> {
    if request.state == state || request.state == FloatRequestState::Done {
        return Ok(());
    }
    let actor = Actor::Provider(provider);
    let next = FloatRequest {
        state,
        decided_by: Some(actor.to_string()),
        decided_at: Some(context.now),
        state_at: context.now,
        ..request.clone()
    };
    stored::update(tx, request.state, &next)?;
    written(tx, context, actor, action, &next)
}

fn written(
    tx: &mut Tx<'_>,
    context: &StepContext,
    actor: Actor,
    action: AuditAction,
    request: &FloatRequest,
) -> anyhow::Result<()> {
    let detail = super::float::told_of(request).to_string();
    let entry = Entry::of(actor, action, SubjectKind::Float, request.id.as_str());
    crate::office::audit::record(tx, context, &entry.with(detail))
}
