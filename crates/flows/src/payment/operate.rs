//! Operations: the calls that change something at a provider. Each was committed before it is sent, and is
//! sent again under the same key until there is an answer.

use super::{Source, apply, capture, poll, refund_call, terminal};
use crate::agents::float_card;
use crate::error::Result;
use crate::work::Done;
use crate::world::World;
use anyhow::Context;
use domain::id::{AttemptId, OperationId, RefundId, TopUpId};
use domain::locale::Locale;
use domain::payment::{
    AttemptState, Evidence, Finding, OperationAnswer, OperationKind, OperationState, Order, PageRequest,
};
use domain::top_up::Channel;
use gateways::payment::{CallOutcome, Capture, PaymentGateway};
use store::attempt::Attempt;
use store::operation::Operation;
use store::outbox::Work;
use store::payment::Payment;
use store::top_up;

/// Runs the operation that the work names, if it is still to be run.
pub async fn run(world: &World, work: &Work) -> Result<Done> {
    let id = OperationId::stored(work.subject.as_str());
    let operation = world.db.read(move |tx| store::operation::load(tx, &id)).await?;
    if matches!(operation.state, OperationState::Done | OperationState::Refused) {
        return Ok(Done::Finished);
    }
    let gateway = gateway_of(world, &operation).await?;
    if let Some(done) = terminal::run(world, gateway, &operation, work).await? {
        return Ok(done);
    }
    match operation.kind {
        OperationKind::CreatePage => create_page(world, gateway, &operation, work).await,
        OperationKind::CapturePage => capture::run(world, gateway, &operation).await,
        OperationKind::ExpirePage => expire_page(world, gateway, &operation).await,
        OperationKind::CreateRefund => refund_call::create(world, gateway, &operation).await,
    }
}

/// The provider to which an operation goes.
async fn gateway_of<'w>(world: &'w World, operation: &Operation) -> Result<&'w PaymentGateway> {
    match operation.kind {
        OperationKind::CreatePage | OperationKind::CapturePage | OperationKind::ExpirePage => {
            poll::provider_of(world, &AttemptId::stored(operation.subject.as_str())).await
        }
        OperationKind::CreateRefund => {
            let id = RefundId::stored(operation.subject.as_str());
            let refund = world.db.read(move |tx| store::refund::load(tx, &id)).await?;
            Ok(world.payments.of(&refund.provider)?)
        }
    }
}

/// Is the provider's memory of our key still to be trusted?
pub(crate) fn key_lives(world: &World, gateway: &PaymentGateway, operation: &Operation) -> bool {
    let ttl = gateway.capabilities().key_ttl_ms(operation.kind);
    operation.first_sent_at.is_none_or(|sent| world.now().0 - sent.0 < ttl)
}

pub(crate) async fn mark_sent(world: &World, operation: &Operation) -> Result<()> {
    let (id, now) = (operation.id.clone(), world.now());
    world.db.write(move |tx| store::operation::mark_sent(tx, &id, now)).await?;
    store::fail::point("operation.before_send");
    Ok(())
}

async fn create_page(
    world: &World,
    gateway: &PaymentGateway,
    operation: &Operation,
    work: &Work,
) -> Result<Done> {
    let attempt_id = AttemptId::stored(operation.subject.as_str());
    let (attempt, payment) = load_attempt(world, &attempt_id).await?;
    if attempt.state != AttemptState::Created {
        return settle(world, gateway, operation, OperationAnswer::Accepted, "made before", None).await;
    }
    // Nobody ever held the address of this page, so nothing was or will be paid on it.
    if !key_lives(world, gateway, operation) || world.now() >= attempt.expires_at {
        let lapsed = Evidence { finding: Finding::Expired, ..Evidence::unknown("") };
        return settle(
            world,
            gateway,
            operation,
            OperationAnswer::Refused,
            "lapsed unanswered",
            Some(lapsed),
        )
        .await;
    }
    mark_sent(world, operation).await?;
    let request = page_request(world, operation, &attempt, payment).await?;
    let outcome = gateway.create_page(&request).await;
    store::fail::point("operation.after_answer");
    match outcome {
        CallOutcome::Accepted(evidence) => {
            settle(world, gateway, operation, OperationAnswer::Accepted, "", Some(evidence)).await
        }
        CallOutcome::Refused { code, detail } => {
            tracing::error!(%code, %detail, "the provider refused to make a payment page");
            let refused =
                Evidence { finding: Finding::Declined { code: code.clone() }, ..Evidence::unknown("") };
            settle(world, gateway, operation, OperationAnswer::Refused, &code, Some(refused)).await
        }
        CallOutcome::Unknown { why } => {
            let later = unanswered(world, operation, &why).await?;
            // A page that nobody holds lapses at its time, not at a later step of the ladder.
            let next = poll::next_look(work.attempts - 1, world.now());
            let in_time = next.is_some_and(|at| at < attempt.expires_at);
            Ok(if in_time { later } else { Done::At(attempt.expires_at) })
        }
    }
}

async fn page_request(
    world: &World,
    operation: &Operation,
    attempt: &Attempt,
    payment: Payment,
) -> Result<PageRequest> {
    let order = match &payment.order {
        Order::TopUp(id) => page_of_top_up(world, id).await?,
        Order::Float(id) => float_card::page(world, id).await?,
    };
    let back = attempt.return_url.clone().unwrap_or(order.return_url);
    Ok(PageRequest {
        operation: operation.id.clone(),
        order: payment.order,
        payment: payment.id,
        attempt: attempt.id.clone(),
        amount: payment.amount,
        description: order.description,
        email: order.email,
        locale: order.locale,
        guest: order.guest,
        return_url: back.clone(),
        cancel_url: back,
        expires_at: attempt.expires_at,
    })
}

/// What an order says of itself on the page where it is paid.
pub(crate) struct OnPage {
    pub description: String,
    pub email: Option<String>,
    pub locale: Locale,
    pub guest: bool,
    /// Where its payer comes back to.
    pub return_url: String,
}

async fn page_of_top_up(world: &World, id: &TopUpId) -> Result<OnPage> {
    let id = id.clone();
    let top_up = world.db.read(move |tx| top_up::load(tx, &id)).await?;
    let offer = crate::top_up::quote::version(world, &top_up.offer_version).await?;
    let email = top_up.email_sealed.as_deref();
    let email = email.map(|e| world.keyring.open_sealed(store::keyring::Purpose::Email, e)).transpose()?;
    let word = crate::proof::return_word(world, &top_up.code);
    Ok(OnPage {
        description: format!("{} · {} · {}", world.settings.brand, offer.name_in(top_up.locale), top_up.code),
        email,
        locale: top_up.locale,
        guest: top_up.channel == Channel::Online && top_up.subscriber.is_none(),
        return_url: domain::links::order_return(&world.settings.public_url, &top_up.code, &word),
    })
}

pub(crate) async fn load_attempt(world: &World, id: &AttemptId) -> Result<(Attempt, Payment)> {
    let id = id.clone();
    let loaded = world.db.read(move |tx| {
        let attempt = store::attempt::load(tx, &id)?;
        let payment = store::payment::load(tx, &attempt.payment)?;
        Ok((attempt, payment))
    });
    Ok(loaded.await?)
}

/// Writes the answer down and applies what it says, in one transaction.
pub(crate) async fn settle(
    world: &World,
    gateway: &PaymentGateway,
    operation: &Operation,
    answer: OperationAnswer,
    detail: &str,
    evidence: Option<Evidence>,
) -> Result<Done> {
    let (context, provider) = (world.step(), gateway.name());
    let (operation, detail) = (operation.clone(), detail.to_owned());
    world
        .db
        .write(move |tx| {
            let counted = finish(tx, &operation, answer, &detail, context.now)?;
            let attempt = AttemptId::stored(operation.subject.as_str());
            // What we conclude ourselves (lapsed, refused) never overrules what the provider said meanwhile.
            let concluded = operation.kind == OperationKind::CreatePage && answer == OperationAnswer::Refused;
            let stale =
                concluded && (!counted || store::attempt::load(tx, &attempt)?.state != AttemptState::Created);
            if let Some(evidence) = evidence.as_ref().filter(|_| !stale) {
                apply::apply(tx, &context, provider, &attempt, evidence, Source::Answer)?;
            }
            Ok(())
        })
        .await?;
    store::fail::point("operation.after_commit");
    Ok(Done::Finished)
}

pub(super) fn finish(
    tx: &mut store::Tx<'_>,
    operation: &Operation,
    answer: OperationAnswer,
    detail: &str,
    now: domain::time::UnixMs,
) -> anyhow::Result<bool> {
    // Somebody else may have run the same operation meanwhile: its answer stands.
    let current = store::operation::load(tx, &operation.id)?;
    let Some(state) = current.state.on(answer) else {
        if answer == OperationAnswer::Unknown && current.state == OperationState::Unknown {
            store::operation::unanswered(tx, &current.id, detail, now)?;
        }
        return Ok(false);
    };
    store::operation::update(tx, &current, state, detail, now)?;
    Ok(true)
}

pub(crate) async fn unanswered(world: &World, operation: &Operation, why: &str) -> Result<Done> {
    let (operation, why_text, now) = (operation.clone(), why.to_owned(), world.now());
    world
        .db
        .write(move |tx| finish(tx, &operation, OperationAnswer::Unknown, &why_text, now).map(|_| ()))
        .await?;
    Ok(Done::Later(why.to_owned()))
}

async fn expire_page(world: &World, gateway: &PaymentGateway, operation: &Operation) -> Result<Done> {
    let attempt_id = AttemptId::stored(operation.subject.as_str());
    let (attempt, ..) = load_attempt(world, &attempt_id).await?;
    let Some(page_ref) = attempt.page_ref.filter(|_| attempt.state.is_open()) else {
        return settle(world, gateway, operation, OperationAnswer::Accepted, "closed before", None).await;
    };
    if gateway.capabilities().capture == Capture::ByUs {
        let (context, provider) = (world.step(), gateway.name());
        let close = move |tx: &mut store::Tx<'_>| {
            capture::close_uncaptured(tx, &context, provider, &attempt_id, Finding::Cancelled)
        };
        let closed = world.db.write(close).await?;
        let detail = if closed { "closed by us" } else { "capture under way" };
        return settle(world, gateway, operation, OperationAnswer::Accepted, detail, None).await;
    }
    if !key_lives(world, gateway, operation) {
        return settle(world, gateway, operation, OperationAnswer::Refused, "lapsed unanswered", None).await;
    }
    mark_sent(world, operation).await?;
    match gateway.expire_page(&operation.id, &page_ref).await {
        CallOutcome::Accepted(evidence) => {
            settle(world, gateway, operation, OperationAnswer::Accepted, "", Some(evidence)).await
        }
        // It could not be closed because something happened on it: look what.
        CallOutcome::Refused { code, .. } => {
            let evidence = gateway.fetch_page(&page_ref).await;
            settle(world, gateway, operation, OperationAnswer::Refused, &code, Some(evidence)).await
        }
        CallOutcome::Unknown { why } => unanswered(world, operation, &why).await,
    }
}

/// Claims the unanswered call that makes the current page, so that the one who waits runs it now.
pub(crate) async fn claim_create(world: &World, order: &Order) -> Result<Option<Work>> {
    let (order, now) = (order.clone(), world.now());
    let work = world.db.write(move |tx| {
        let payment = store::payment::find_by_order(tx, &order)?.context("no payment")?;
        let current = store::attempt::list(tx, &payment.id)?.into_iter().next().context("no attempt")?;
        if current.state != AttemptState::Created {
            return Ok(None);
        }
        let Some(operation) = store::operation::find_open(tx, current.id.as_str())? else { return Ok(None) };
        store::outbox::claim_now(tx, store::outbox::Topic::Operation, operation.as_str(), now)
    });
    Ok(work.await?)
}
