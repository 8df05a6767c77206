//! Webhooks: a hint to fetch, never the truth. Verified, stored raw, answered, then the object that it names
//! is fetched from the provider and applied through the one door.

use super::{Source, apply, poll, refund};
use crate::error::Result;
use crate::work::Done;
use crate::world::World;
use domain::id::{AttemptId, RefundId};
use domain::payment::ObjectRef;
use domain::time::DAY_MS;
use gateways::payment::{Capture, PaymentGateway, Webhook, WebhookVerdict};
use store::attempt::Attempt;
use store::inbox;
use store::outbox::{self, NewWork, Topic, Work};

/// What the door answers to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Stored, now or before.
    Stored,
    /// Genuine and not about us: nothing to do, and no reason to send it again.
    NotForUs,
    /// Not from the provider.
    Forged,
    /// Its proof could not be had just now: it has to be sent again.
    Undecided,
}

/// Verifies and stores a webhook of a provider. It is applied by the worker, which is woken.
pub async fn receive(
    world: &World,
    gateway: &PaymentGateway,
    raw: &[u8],
    headers: &http::HeaderMap,
) -> Result<Received> {
    let (event_id, kind, objects) = match gateway.verify_webhook(&Webhook { headers, raw }, world.now()).await
    {
        WebhookVerdict::Genuine { event_id, kind, objects, .. } => (event_id, kind, objects),
        WebhookVerdict::NotForUs { why } => {
            tracing::warn!(%why, "webhook is not for us");
            return Ok(Received::NotForUs);
        }
        WebhookVerdict::Forged { why } => {
            tracing::warn!(%why, "webhook refused");
            return Ok(Received::Forged);
        }
        WebhookVerdict::Undecided { why } => {
            tracing::warn!(%why, "webhook cannot be judged now");
            return Ok(Received::Undecided);
        }
    };
    let id = format!("{}/{event_id}", gateway.name());
    let (body, context) = (String::from_utf8_lossy(raw).into_owned(), world.step());
    world
        .db
        .write(move |tx| {
            if inbox::insert(tx, &id, &kind, &objects, &body, context.now)? {
                let work = NewWork::due(Topic::Webhook, id.as_str(), context.now);
                outbox::push(tx, work, context.ids.as_ref(), context.now)?;
            }
            Ok(())
        })
        .await?;
    store::fail::point("webhook.after_commit");
    world.wake();
    Ok(Received::Stored)
}

/// For how long a webhook about an object that we do not know yet waits for it.
const PARKED_FOR_MS: i64 = 3 * DAY_MS;
const PARKED_PAUSES_MS: [i64; 5] = [1_000, 5_000, 30_000, 600_000, 3_600_000];

/// The work behind [`receive`]: fetches what the webhook points at and applies it.
pub async fn process(world: &World, work: &Work) -> Result<Done> {
    let id = work.subject.clone();
    let provider = id.split('/').next().unwrap_or_default();
    let gateway = world.payments.of(provider)?;
    let Some(objects) = world.db.read(move |tx| inbox::find_open(tx, &id)).await? else {
        return Ok(Done::Finished);
    };
    let id = work.subject.clone();
    let kind = world.db.read(move |tx| inbox::kind(tx, &id)).await?.unwrap_or_default();
    let mut ours = false;
    for object in &objects {
        match handle(world, gateway, object, &kind).await? {
            Handled::Applied => ours = true,
            Handled::NotOurs => {}
            Handled::NotYet => return park(world, work).await,
            // The hint is all we have: it stays until the provider tells what became of its object.
            Handled::Unanswered => {
                return Ok(match poll::next_look(work.attempts - 1, world.now()) {
                    Some(at) => Done::At(at),
                    None => Done::GivenUp("the provider never told".into()),
                });
            }
        }
    }
    close(world, work, if ours { "applied" } else { "ignored" }).await
}

async fn close(world: &World, work: &Work, state: &'static str) -> Result<Done> {
    let (id, now) = (work.subject.clone(), world.now());
    world.db.write(move |tx| inbox::close(tx, &id, state, now)).await?;
    Ok(Done::Finished)
}

async fn park(world: &World, work: &Work) -> Result<Done> {
    let step = usize::try_from(work.attempts - 1).unwrap_or(0);
    let pause = PARKED_PAUSES_MS.get(step).copied().unwrap_or(3_600_000);
    if work.attempts > PARKED_FOR_MS / 3_600_000 {
        tracing::error!(webhook = %work.subject, "a webhook names an object of ours that never appeared");
        return close(world, work, "ignored").await;
    }
    Ok(Done::At(world.now().plus_ms(pause)))
}

enum Handled {
    Applied,
    /// It names nothing of ours.
    NotOurs,
    /// It names something of ours that is not committed yet.
    NotYet,
    /// The provider did not tell how the object stands.
    Unanswered,
}

/// The news by which a payer takes money back through their bank or PayPal (Stripe and PayPal, lists of events).
const DISPUTE_OPENED: [&str; 2] = ["charge.dispute.created", "CUSTOMER.DISPUTE.CREATED"];

async fn handle(world: &World, gateway: &PaymentGateway, object: &ObjectRef, kind: &str) -> Result<Handled> {
    match object {
        ObjectRef::Refund { refund_ref, refund } => {
            return about_refund(world, gateway, refund_ref, refund.as_deref()).await;
        }
        ObjectRef::Page { .. } | ObjectRef::Money { .. } => {}
    }
    let attempt = match find_attempt(world, object).await? {
        Found::Attempt(attempt) => attempt,
        Found::Named => return Ok(Handled::NotYet),
        // A dispute names nothing but the money, whose id we may not have learnt yet: it waits for that.
        Found::Nothing if DISPUTE_OPENED.contains(&kind) => return Ok(Handled::NotYet),
        Found::Nothing => return Ok(Handled::NotOurs),
    };
    let evidence = match (object, &attempt.page_ref) {
        (ObjectRef::Page { page_ref, .. }, _) => gateway.fetch_page(page_ref).await,
        // Where we capture ourselves, only the page names what went back of a capture.
        (ObjectRef::Money { .. }, Some(page)) if gateway.capabilities().capture == Capture::ByUs => {
            gateway.fetch_page(page).await
        }
        (ObjectRef::Money { money_ref, .. }, _) => gateway.fetch_money(money_ref).await,
        (ObjectRef::Refund { .. }, _) => return Ok(Handled::NotOurs),
    };
    // What went back is an answer too, and is compared with our own refunds.
    let unknown = matches!(evidence.finding, domain::payment::Finding::Unknown { .. });
    let unanswered = unknown && evidence.refunded.is_none();
    let (context, provider, id) = (world.step(), gateway.name(), attempt.id.clone());
    let (payment, disputed) = (attempt.payment.clone(), DISPUTE_OPENED.contains(&kind));
    let applied = world.db.write(move |tx| {
        // First the report: what is learnt with it must not begin to return the same money.
        if disputed {
            store::payment::lock(tx, &payment)?;
            store::report::disputed(tx, &id, context.ids.as_ref(), context.now)?;
        }
        apply::apply(tx, &context, provider, &id, &evidence, Source::Webhook)?;
        Ok(())
    });
    applied.await?;
    if unanswered {
        return Ok(Handled::Unanswered);
    }
    Ok(Handled::Applied)
}

enum Found {
    Attempt(Box<Attempt>),
    /// An id of ours that is not in the database.
    Named,
    Nothing,
}

async fn find_attempt(world: &World, object: &ObjectRef) -> Result<Found> {
    let (page_ref, money_ref, named) = match object.clone() {
        ObjectRef::Page { page_ref, attempt } => (Some(page_ref), None, attempt),
        ObjectRef::Money { money_ref, attempt } => (None, Some(money_ref), attempt),
        ObjectRef::Refund { .. } => return Ok(Found::Nothing),
    };
    let named = named.and_then(|id| AttemptId::parse(&id).ok());
    let found = world.db.read(move |tx| {
        if let Some(id) = &named {
            let found = store::attempt::find(tx, id)?.map(Box::new);
            return Ok(found.map_or(Found::Named, Found::Attempt));
        }
        let by_page = page_ref.as_deref().map(|r| store::attempt::find_by_page(tx, r)).transpose()?.flatten();
        let by_money =
            money_ref.as_deref().map(|r| store::attempt::find_by_money(tx, r)).transpose()?.flatten();
        Ok(by_page.or(by_money).map_or(Found::Nothing, |a| Found::Attempt(Box::new(a))))
    });
    Ok(found.await?)
}

async fn about_refund(
    world: &World,
    gateway: &PaymentGateway,
    refund_ref: &str,
    named: Option<&str>,
) -> Result<Handled> {
    let named = named.and_then(|id| RefundId::parse(id).ok());
    let (by_ref, by_name) = (refund_ref.to_owned(), named.clone());
    let known = world
        .db
        .read(move |tx| {
            let found = by_name.as_ref().map(|id| store::refund::find(tx, id)).transpose()?.flatten();
            Ok(match found {
                Some(found) => Some(found),
                None => store::refund::find_by_ref(tx, &by_ref)?,
            })
        })
        .await?;
    let Some(known) = known else {
        return Ok(if named.is_some() { Handled::NotYet } else { Handled::NotOurs });
    };
    let evidence = gateway.fetch_refund(refund_ref).await;
    let (context, provider) = (world.step(), gateway.name());
    let unanswered = matches!(evidence.finding, domain::refund::RefundFinding::Unknown { .. });
    world.db.write(move |tx| refund::apply(tx, &context, provider, &known.id, &evidence)).await?;
    Ok(if unanswered { Handled::Unanswered } else { Handled::Applied })
}
