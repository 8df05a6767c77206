//! Polls: asking a provider how an attempt or a refund stands. A poll that learns nothing changes nothing,
//! and time alone never closes anything.

use super::{Source, apply, capture, refund, terminal};
use crate::error::Result;
use crate::work::Done;
use crate::world::{StepContext, World};
use domain::id::{AttemptId, RefundId, TopUpId};
use domain::payment::{AttemptState, Evidence, Finding, Order};
use domain::refund::RefundEvidence;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};
use gateways::payment::{Capture, PaymentGateway};
use store::Tx;
use store::attempt::Attempt;
use store::outbox::{self, NewWork, Topic, Work};

/// How long to wait before each look at an open attempt; the last one repeats, for a month.
const LADDER_MS: [i64; 7] =
    [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS];
/// After so many looks nobody expects an answer any more; people decide.
const LOOKS_MAX: i64 = 36;

/// When to look again after `looks` looks.
pub(crate) fn next_look(looks: i64, now: UnixMs) -> Option<UnixMs> {
    if looks >= LOOKS_MAX {
        return None;
    }
    let step = usize::try_from(looks).unwrap_or(0).min(LADDER_MS.len() - 1);
    Some(now.plus_ms(LADDER_MS[step]))
}

/// Makes sure that an open attempt is looked at, whatever becomes of webhooks and browsers.
pub(crate) fn watch(tx: &mut Tx<'_>, context: &StepContext, attempt: &Attempt) -> anyhow::Result<()> {
    if outbox::has_open(tx, Topic::PollAttempt, attempt.id.as_str())? {
        return Ok(());
    }
    let due = next_look(0, context.now).unwrap_or(context.now);
    let work = NewWork::due(Topic::PollAttempt, attempt.id.as_str(), due);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

/// When a closed page is looked at once more: its money can still come, and no webhook may tell.
const LATE_LOOKS_MS: [i64; 2] = [HOUR_MS, DAY_MS];

/// The next look at an attempt that the provider closed. One that was declined for good is also looked at after the
/// time that a page lasts, to close its order.
fn later_look(attempt: &Attempt, page_ttl_ms: i64, now: UnixMs) -> Option<UnixMs> {
    // Nobody ever held the address of a page that the provider never told of.
    let told = attempt.page_ref.is_some() || attempt.money_ref.is_some();
    let declined = (attempt.state == AttemptState::Declined).then_some(page_ttl_ms);
    let late = LATE_LOOKS_MS.into_iter().filter(|_| told);
    declined.into_iter().chain(late).map(|ms| attempt.state_at.plus_ms(ms)).filter(|at| *at > now).min()
}

/// Makes sure that a closed attempt is looked at later, in place of the looks at an open one, whose next step may be
/// a day away.
pub(crate) fn watch_closed(tx: &mut Tx<'_>, context: &StepContext, attempt: &Attempt) -> anyhow::Result<()> {
    outbox::take(tx, Topic::PollAttempt, attempt.id.as_str())?;
    let Some(due) = later_look(attempt, context.page_ttl_ms, context.now) else { return Ok(()) };
    let work = NewWork::due(Topic::PollAttempt, attempt.id.as_str(), due);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

/// The work behind [`watch`]: looks, applies, and comes back while the attempt is open.
pub async fn attempt(world: &World, work: &Work) -> Result<Done> {
    let id = AttemptId::stored(work.subject.as_str());
    let attempt = look(world, &id, Source::Poll).await?;
    if attempt.state == AttemptState::Declined
        && world.now() >= attempt.state_at.plus_ms(world.settings.page_ttl_ms)
    {
        let provider = provider_of(world, &id).await?.name();
        let (context, declined) = (world.step(), id.clone());
        world.db.write(move |tx| apply::close_declined(tx, &context, provider, &declined)).await?;
    }
    if attempt.state.is_open() && world.now() >= attempt.expires_at {
        terminal::give_up(world, &id).await?;
        let gateway = provider_of(world, &id).await?;
        // A page that its provider never closes by itself has outlived its time.
        if gateway.capabilities().capture == Capture::ByUs {
            let (context, provider) = (world.step(), gateway.name());
            let close = move |tx: &mut Tx<'_>| {
                capture::close_uncaptured(tx, &context, provider, &id, Finding::Expired)
            };
            if world.db.write(close).await? {
                return Ok(Done::Finished);
            }
        }
    }
    match attempt.state {
        AttemptState::Captured | AttemptState::Review => return Ok(Done::Finished),
        AttemptState::Declined | AttemptState::Cancelled | AttemptState::Expired => {
            let next = later_look(&attempt, world.settings.page_ttl_ms, world.now());
            return Ok(next.map_or(Done::Finished, Done::At));
        }
        AttemptState::Created
        | AttemptState::RequiresAction
        | AttemptState::Approved
        | AttemptState::Processing
        | AttemptState::Unknown
        | AttemptState::Authorized => {}
    }
    match next_look(work.attempts, world.now()) {
        Some(at) => Ok(Done::At(at)),
        None => Ok(Done::GivenUp("no answer for a month".into())),
    }
}

/// Looks soon at the money of an attempt again, although it is captured: something else than we know may have gone back.
pub(crate) fn look_again(tx: &mut Tx<'_>, context: &StepContext, attempt: &AttemptId) -> anyhow::Result<()> {
    // Beside a look that is under way: that one may not see what was just written.
    let work = NewWork::due(Topic::PollAttempt, attempt.as_str(), context.now);
    outbox::push(tx, work, context.ids.as_ref(), context.now)
}

/// Fetches an attempt from the provider and applies what it says. Returns it as it is now.
pub(crate) async fn look(world: &World, id: &AttemptId, source: Source) -> Result<Attempt> {
    let (attempt, provider) = {
        let id = id.clone();
        let read =
            move |tx: &mut Tx<'_>| Ok((store::attempt::load(tx, &id)?, store::attempt::provider(tx, &id)?));
        world.db.read(read).await?
    };
    let gateway = world.payments.of(&provider)?;
    let told = match fetch(gateway, &attempt).await {
        Some(evidence) => Some(evidence),
        None => terminal::enquire(world, gateway, &attempt).await?,
    };
    let Some(evidence) = told else { return Ok(attempt) };
    let (context, provider, id) = (world.step(), gateway.name(), id.clone());
    let applied = world.db.write(move |tx| apply::apply(tx, &context, provider, &id, &evidence, source));
    let applied = applied.await?;
    world.wake();
    Ok(applied)
}

/// The provider at which an attempt was made.
pub(crate) async fn provider_of<'w>(world: &'w World, id: &AttemptId) -> Result<&'w PaymentGateway> {
    let id = id.clone();
    let provider = world.db.read(move |tx| store::attempt::provider(tx, &id)).await?;
    Ok(world.payments.of(&provider)?)
}

/// What the provider says now; `None` when it was never told of this attempt as far as we know.
async fn fetch(gateway: &PaymentGateway, attempt: &Attempt) -> Option<Evidence> {
    match (&attempt.page_ref, &attempt.money_ref) {
        (Some(page), _) => Some(gateway.fetch_page(page).await),
        (None, Some(money)) => Some(gateway.fetch_money(money).await),
        (None, None) => None,
    }
}

/// Somebody is looking at the order: ask the provider, unless that was done a moment ago.
pub async fn refresh(world: &World, top_up: &TopUpId) -> Result<()> {
    refresh_order(world, Order::TopUp(top_up.clone())).await
}

/// The same for any order.
pub(crate) async fn refresh_order(world: &World, order: Order) -> Result<()> {
    let open = world
        .db
        .read(move |tx| {
            let Some(payment) = store::payment::find_by_order(tx, &order)? else { return Ok(Vec::new()) };
            store::attempt::list(tx, &payment.id)
        })
        .await?;
    for attempt in open.into_iter().filter(|a| a.state.is_open() && a.state != AttemptState::Created) {
        if may_look(world, attempt.id.as_str()) {
            look(world, &attempt.id, Source::Look).await?;
        }
    }
    Ok(())
}

const LOOK_PAUSE_MS: i64 = 2 * SECOND_MS;
/// More attempts than this are not remembered: a look too many does no harm.
const REMEMBERED_MAX: usize = 10_000;

fn may_look(world: &World, attempt: &str) -> bool {
    let now = world.now();
    let mut looked_up = world.looked_up.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if looked_up.get(attempt).is_some_and(|last| now.0 - last.0 < LOOK_PAUSE_MS) {
        return false;
    }
    if looked_up.len() >= REMEMBERED_MAX {
        looked_up.clear();
    }
    looked_up.insert(attempt.to_owned(), now);
    true
}

/// Looks at a refund that is not final.
pub async fn refund(world: &World, work: &Work) -> Result<Done> {
    let id = RefundId::stored(work.subject.as_str());
    let (known, attempt) = {
        let id = id.clone();
        world
            .db
            .read(move |tx| {
                let refund = store::refund::load(tx, &id)?;
                let attempt = store::attempt::load(tx, &refund.attempt)?;
                Ok((refund, attempt))
            })
            .await?
    };
    if known.state.is_final() {
        return Ok(Done::Finished);
    }
    let gateway = world.payments.of(&known.provider)?;
    let evidence = match (&known.refund_ref, &attempt.money_ref) {
        (Some(refund_ref), _) => gateway.fetch_refund(refund_ref).await,
        (None, Some(money_ref)) => {
            let found = gateway.find_refund(attempt.page_ref.as_deref(), money_ref, &id, known.amount).await;
            found.map_or_else(RefundEvidence::unknown, |found| {
                found.unwrap_or_else(|| RefundEvidence::unknown("absent: no refund carries our id"))
            })
        }
        (None, None) => return Ok(Done::GivenUp("the provider never told an id".into())),
    };
    let (context, provider) = (world.step(), gateway.name());
    world.db.write(move |tx| refund::apply(tx, &context, provider, &id, &evidence)).await?;
    match next_look(work.attempts, world.now()) {
        Some(at) => Ok(Done::At(at)),
        None => Ok(Done::GivenUp("no answer for a month".into())),
    }
}
