//! Checkout: a top-up that is paid on a provider's hosted page. The order and the call to make the page are
//! committed first; the call is run at once, and again by the worker if it has no answer.

use super::quote::Quote;
use super::sell::Facts;
use crate::error::{Error, Result};
use crate::payment::{Source, operate};
use crate::promotion;
use crate::request::RequestKey;
use crate::risk::{self, Origin};
use crate::world::World;
use anyhow::Context;
use aws_lc_rs::digest;
use domain::account::normal_email;
use domain::actor::Actor;
use domain::id::{AttemptId, OperationId, PartnerId, PaymentId, SubscriberId, TopUpId};
use domain::locale::Locale;
use domain::payment::{AttemptState, Evidence, Finding, OperationKind, OperationState, Order, PaymentState};
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Channel, Settlement, TopUp, TopUpState};
use store::attempt::Attempt;
use store::keyring::Purpose;
use store::operation::Operation;
use store::outbox::{self, Topic, Work};
use store::payment::Payment;
use store::response::{self, Response};

/// What a buyer agreed to pay on a hosted page.
pub struct Checkout {
    pub key: RequestKey,
    pub actor: Actor,
    pub partner: Option<PartnerId>,
    /// The account whose order it is.
    pub subscriber: Option<SubscriberId>,
    pub channel: Channel,
    pub quote: Quote,
    /// Was the buyer shown what a promotion gives? Then an order is begun with it or not at all.
    pub bonus_shown: bool,
    pub locale: Locale,
    pub email: Option<String>,
    pub reference: Option<String>,
    /// At which provider it is paid; `None` is the first that is offered.
    pub provider: Option<String>,
    /// Where the payer goes afterwards; `None` is our own order page.
    pub return_url: Option<String>,
    /// Where it was ordered from, for the caps across orders.
    pub origin: Origin,
}

/// An order that waits for its payment.
#[derive(Debug, Clone)]
pub struct Begun {
    pub top_up: TopUp,
    /// The hosted page; `None` while the provider has not answered, or when nothing is to be paid any more.
    pub url: Option<String>,
    /// Has the provider said anything about the page?
    pub settled: bool,
}

/// The code that an order under this key gets, so that its buyer can read it before anything is sent.
pub fn code_of(key: &RequestKey, at: UnixMs) -> String {
    let digest = digest::digest(&digest::SHA256, format!("code {}", key.id).as_bytes());
    let mut random = [0; 16];
    random.copy_from_slice(&digest.as_ref()[..16]);
    domain::code::code(at, random)
}

/// The order that was begun under a key.
#[derive(Debug, Clone)]
pub struct Earlier {
    pub top_up: TopUp,
    /// Was it begun with the same request?
    pub same: bool,
}

/// The order that was begun under this key, if there is one.
pub async fn earlier(world: &World, key: &RequestKey) -> Result<Option<Earlier>> {
    let key = key.clone();
    let found = world.db.read(move |tx| {
        let Some(earlier) = response::find(tx, &key.id)? else { return Ok(None) };
        let Some(id) = earlier.subject else { return Ok(None) };
        let top_up = store::top_up::load(tx, &TopUpId::stored(id))?;
        Ok(Some(Earlier { top_up, same: earlier.request_hash == key.request_hash }))
    });
    Ok(found.await?)
}

/// Begins the order, or returns the one that this key began.
pub async fn begin(world: &World, checkout: Checkout) -> Result<Begun> {
    begin_with(world, checkout, None).await
}

/// The same for an order whose code its buyer was shown already.
pub async fn begin_with(world: &World, checkout: Checkout, code: Option<String>) -> Result<Begun> {
    let chosen = world.payments.choose(checkout.provider.as_deref());
    let provider = chosen.ok_or(Refusal::TenderNotOffered)?.name();
    let email_sealed =
        checkout.email.as_deref().map(|e| world.keyring.seal(Purpose::Email, e)).transpose()?;
    let email_hash = checkout.email.as_deref().map(|e| world.keyring.hash(Purpose::Email, &normal_email(e)));
    let limits = risk::limits(world).await?;
    if !limits.sells_by(provider) {
        return Err(Refusal::TenderNotOffered.into());
    }
    let context = world.step();
    let id = TopUpId::new(world.ids.as_ref(), context.now);
    let (email, origin) = (checkout.email.clone(), checkout.origin.clone());
    let Checkout {
        key,
        actor,
        partner,
        channel,
        quote,
        locale,
        reference,
        return_url,
        subscriber,
        bonus_shown,
        ..
    } = checkout;
    let facts = Facts { id, quote, channel, settlement: Settlement::Captured, locale, reference };
    let state = TopUpState::AwaitingPayment;
    let top_up = facts.into_top_up(world.ids.as_ref(), context.now, state, partner, &actor);
    let code = code.unwrap_or_else(|| top_up.code.clone());
    let top_up = TopUp { code, email_sealed, email_hash, subscriber, ..top_up };
    let hand = risk::hand(world, &top_up, email.as_deref(), &origin);
    let (id, work) = world
        .db
        .write(move |tx| {
            if let Some(earlier) = response::find(tx, &key.id)? {
                let same = earlier.request_hash == key.request_hash;
                return Ok(if same { Ok((earlier.subject, None)) } else { Err(Refusal::KeyReused) });
            }
            // First of all: an order over a cap, or whose bonus was shown and is not to be had any more, was never
            // begun.
            let admitted = match hand.admit(tx, &context)? {
                Ok(admitted) => admitted,
                Err(refusal) => return begun_meanwhile(tx, &key, refusal),
            };
            let mut top_up = top_up.clone();
            if let Err(refusal) = promotion::promise(tx, &context, &top_up, actor.clone())? {
                // It may have been begun by an equal request that we waited for.
                let earlier = response::find(tx, &key.id)?.filter(|e| e.request_hash == key.request_hash);
                if earlier.is_some() || bonus_shown {
                    return Ok(earlier.map(|earlier| (earlier.subject, None)).ok_or(refusal));
                }
                top_up.promotion = None;
            }
            admitted.count(tx)?;
            store::risk::insert_marks(tx, &top_up.id, &hand.marks, context.now)?;
            let work = insert_order(tx, &context, &key, (&top_up, provider), return_url.clone())?;
            Ok(Ok((Some(top_up.id.to_string()), Some(work))))
        })
        .await??;
    store::fail::point("checkout.after_commit");
    // The key stands with a refusal of another request: asking again gets it.
    let id = TopUpId::stored(id.ok_or(Refusal::KeyInFlight)?);
    // From here on the order exists: a full queue no longer means that nothing was done.
    run_and_show(world, &id, work).await.map_err(|error| match error {
        Error::Busy => Error::Unknown(anyhow::anyhow!("the order was begun, and the database is busy")),
        other => other,
    })
}

/// Writes a new order with its payment, under its key, and the call for its page.
fn insert_order(
    tx: &mut store::Tx<'_>,
    context: &crate::world::StepContext,
    key: &RequestKey,
    (top_up, provider): (&TopUp, &str),
    return_url: Option<String>,
) -> anyhow::Result<Work> {
    let row = Response {
        id: key.id.clone(),
        request_hash: key.request_hash.clone(),
        subject: Some(top_up.id.to_string()),
        answer: None,
        created_at: context.now,
    };
    response::insert_all(tx, &[&row])?;
    store::top_up::insert_all(tx, &[top_up])?;
    let payment = Payment {
        id: PaymentId::new(context.ids.as_ref(), context.now),
        order: Order::TopUp(top_up.id.clone()),
        provider: provider.to_owned(),
        state: PaymentState::Open,
        amount: top_up.prices.total,
        captured_by: None,
        created_at: context.now,
    };
    store::payment::insert(tx, &payment)?;
    insert_attempt(tx, context, &payment.id, return_url)
}

type Placed = std::result::Result<(Option<String>, Option<Work>), Refusal>;

/// What is refused may have been begun by an equal request that we waited for: then it stands.
fn begun_meanwhile(tx: &mut store::Tx<'_>, key: &RequestKey, refusal: Refusal) -> anyhow::Result<Placed> {
    let earlier = response::find(tx, &key.id)?.filter(|e| e.request_hash == key.request_hash);
    Ok(earlier.map(|earlier| (earlier.subject, None)).ok_or(refusal))
}

/// Inserts a new current attempt with the operation that makes its page, born claimed by the caller.
pub(crate) fn insert_attempt(
    tx: &mut store::Tx<'_>,
    context: &crate::world::StepContext,
    payment: &PaymentId,
    return_url: Option<String>,
) -> anyhow::Result<Work> {
    let attempt = Attempt {
        id: AttemptId::new(context.ids.as_ref(), context.now),
        payment: payment.clone(),
        state: AttemptState::Created,
        page_ref: None,
        money_ref: None,
        url: None,
        card: None,
        last_decline: None,
        expires_at: context.now.plus_ms(context.page_ttl_ms),
        return_url,
        created_at: context.now,
        state_at: context.now,
        captured: None,
    };
    store::attempt::insert_current(tx, &attempt)?;
    let operation = Operation {
        id: OperationId::new(context.ids.as_ref(), context.now),
        kind: OperationKind::CreatePage,
        subject: attempt.id.to_string(),
        state: OperationState::Prepared,
        created_at: context.now,
        first_sent_at: None,
    };
    store::operation::insert(tx, &operation)?;
    outbox::push_claimed(tx, Topic::Operation, operation.id.as_str(), context.ids.as_ref(), context.now)
}

/// The same request again: runs the call for its page now if it has no answer yet.
pub async fn resume(world: &World, id: &TopUpId) -> Result<Begun> {
    let work = operate::claim_create(world, &Order::TopUp(id.clone())).await?;
    run_and_show(world, id, work).await
}

/// Runs the page's operation when it is ours to run, waits for whoever runs it otherwise, and says where
/// the order stands.
async fn run_and_show(world: &World, id: &TopUpId, work: Option<Work>) -> Result<Begun> {
    let ours = work.is_some();
    if let Some(work) = work {
        crate::work::run_now(world, &work).await;
    }
    let mut begun = show(world, id).await?;
    // A double click: the first request is making the page right now.
    for _ in 0..WAITS_MAX {
        if ours || begun.url.is_some() || begun.settled {
            break;
        }
        tokio::time::sleep(WAIT).await;
        begun = show(world, id).await?;
    }
    Ok(begun)
}

const WAIT: std::time::Duration = std::time::Duration::from_millis(100);
const WAITS_MAX: usize = 50;

async fn show(world: &World, id: &TopUpId) -> Result<Begun> {
    let id = id.clone();
    let (top_up, attempt) = world
        .db
        .read(move |tx| {
            let top_up = store::top_up::load(tx, &id)?;
            let payment = store::payment::find_by_top_up(tx, &id)?.context("no payment")?;
            let attempt = store::attempt::list(tx, &payment.id)?.into_iter().next();
            Ok((top_up, attempt))
        })
        .await?;
    let settled = attempt.as_ref().is_some_and(|a| a.state != AttemptState::Created);
    let url = attempt.filter(|a| a.state == AttemptState::RequiresAction).and_then(|a| a.url);
    Ok(Begun { top_up, url, settled })
}

/// The buyer asks for another page because the last one could not be made or was declined for good. The
/// earlier attempt stays watched: should it bring money all the same, that money goes back.
pub async fn retry(world: &World, id: &TopUpId) -> Result<Begun> {
    let (context, top_up_id) = (world.step(), id.clone());
    let work = world
        .db
        .write(move |tx| {
            let payment = store::payment::find_by_top_up(tx, &top_up_id)?.context("no payment")?;
            let payment = store::payment::lock(tx, &payment.id)?;
            let top_up = store::top_up::load(tx, &top_up_id)?;
            if payment.state != PaymentState::Open || top_up.state != TopUpState::AwaitingPayment {
                return Ok(Err(Refusal::OrderClosed));
            }
            let current = store::attempt::list(tx, &payment.id)?.into_iter().next().context("no attempt")?;
            if current.state.is_open() {
                return Ok(Ok(None));
            }
            insert_attempt(tx, &context, &payment.id, current.return_url).map(|work| Ok(Some(work)))
        })
        .await??;
    let work = match work {
        Some(work) => Some(work),
        None => operate::claim_create(world, &Order::TopUp(id.clone())).await?,
    };
    run_and_show(world, id, work).await
}

/// Closes an order for which the provider refused to make a page, when nobody is there to try again.
pub async fn abandon(world: &World, id: &TopUpId) -> Result<Begun> {
    let top_up_id = id.clone();
    let current = world.db.read(move |tx| {
        let payment = store::payment::find_by_top_up(tx, &top_up_id)?.context("no payment")?;
        let current = store::attempt::list(tx, &payment.id)?.into_iter().next().context("no attempt")?;
        Ok((payment.provider, current.id))
    });
    let (provider, current) = current.await?;
    let (context, provider) = (world.step(), world.payments.of(&provider)?.name());
    let closed =
        move |tx: &mut store::Tx<'_>| crate::payment::apply::close_declined(tx, &context, provider, &current);
    world.db.write(closed).await?;
    show(world, id).await
}

/// Closes an order at its buyer's wish: the provider is asked to close the page, and only its word closes the order.
/// After a payment that was declined for good, or where the provider never told of a page, there is nothing to ask:
/// nobody holds the address of that page, and money that comes all the same goes back once.
pub async fn cancel(world: &World, id: &TopUpId) -> Result<()> {
    let (context, top_up_id) = (world.step(), id.clone());
    let loaded = id.clone();
    let payment = world.db.read(move |tx| store::payment::find_by_top_up(tx, &loaded)).await?;
    // What was paid from a float is done.
    let Some(payment) = payment else { return Ok(()) };
    let provider = world.payments.of(&payment.provider)?.name();
    let work = world
        .db
        .write(move |tx| {
            let payment = store::payment::find_by_top_up(tx, &top_up_id)?.context("no payment")?;
            let payment = store::payment::lock(tx, &payment.id)?;
            let current = store::attempt::list(tx, &payment.id)?.into_iter().next().context("no attempt")?;
            if current.state == AttemptState::Declined {
                crate::payment::apply::close_declined(tx, &context, provider, &current.id)?;
                return Ok(None);
            }
            if current.state == AttemptState::Created && payment.state == PaymentState::Open {
                let called_off = Evidence { finding: Finding::Cancelled, ..Evidence::unknown("") };
                crate::payment::apply::apply(
                    tx,
                    &context,
                    provider,
                    &current.id,
                    &called_off,
                    Source::Answer,
                )?;
                return Ok(None);
            }
            let open_page = current.state == AttemptState::RequiresAction && current.page_ref.is_some();
            if payment.state != PaymentState::Open || !open_page {
                return Ok(None);
            }
            let operation = Operation {
                id: OperationId::new(context.ids.as_ref(), context.now),
                kind: OperationKind::ExpirePage,
                subject: current.id.to_string(),
                state: OperationState::Prepared,
                created_at: context.now,
                first_sent_at: None,
            };
            store::operation::insert(tx, &operation)?;
            outbox::push_claimed(
                tx,
                Topic::Operation,
                operation.id.as_str(),
                context.ids.as_ref(),
                context.now,
            )
            .map(Some)
        })
        .await?;
    if let Some(work) = work {
        crate::work::run_now(world, &work).await;
    }
    Ok(())
}
