//! The sweep: deadlines that passed, buckets that ended, and what need not be kept. Each piece is small and
//! can be repeated.

use crate::error::Result;
use crate::payment::refund;
use crate::top_up::advance;
use crate::world::World;
use domain::actor::Actor;
use domain::bucket::Remaining;
use domain::ledger::book;
use domain::time::DAY_MS;
use domain::top_up::TopUpEvent;
use store::{account, bucket, inbox, quote, response, throttle};

const LIMIT: i64 = 200;
/// How long the staff list can show when somebody was last in.
const STAFF_SESSION_DAYS: i64 = 90;
const INBOX_DAYS: i64 = 90;
/// How long it is known who answered STOP, so that they are not answered too often.
const STOP_REPLY_DAYS: i64 = 30;
const BODY_DAYS: i64 = 90;

pub async fn sweep(world: &World) -> Result<()> {
    overdue(world).await?;
    unanswered_refunds(world).await?;
    ended_buckets(world).await?;
    crate::promotion::sweep(world).await?;
    crate::risk::sweep(world, LIMIT).await?;
    crate::agents::low::sweep(world).await?;
    purge(world).await
}

/// Orders whose answer is owed by now go to people. Money evidence that still comes wins.
async fn overdue(world: &World) -> Result<()> {
    let context = world.step();
    let moved = world
        .db
        .write(move |tx| {
            let overdue = store::top_up::list_overdue(tx, context.now, LIMIT)?;
            let count = overdue.len();
            for top_up in overdue {
                advance(tx, &context, top_up, TopUpEvent::ReviewOpened, &Actor::System.to_string())?;
            }
            Ok(count)
        })
        .await?;
    if moved > 0 {
        tracing::warn!(count = moved, "orders without an answer went to review");
    }
    Ok(())
}

/// Refunds that nobody answered for days go to people.
async fn unanswered_refunds(world: &World) -> Result<()> {
    let context = world.step();
    let now = context.now;
    if world.db.read(move |tx| refund::list_unanswered(tx, now, 1)).await?.is_empty() {
        return Ok(());
    }
    world.db.write(move |tx| refund::bring_unanswered(tx, &context, LIMIT)).await?;
    Ok(())
}

/// What an ended bucket still holds is breakage. Nobody could spend it since it ended.
async fn ended_buckets(world: &World) -> Result<()> {
    let context = world.step();
    world
        .db
        .write(move |tx| {
            let mut postings = Vec::new();
            for Remaining { bucket, amount, .. } in bucket::list_ended(tx, context.now, LIMIT)? {
                // Another process may sweep at the same time: who closes the bucket ends it.
                if bucket::close(tx, &bucket.id, context.now)? && amount > 0 {
                    postings.push(book::expire(&bucket.id, bucket.unit, amount));
                }
            }
            context.record(tx, &postings)
        })
        .await?;
    Ok(())
}

async fn purge(world: &World) -> Result<()> {
    let now = world.now();
    world
        .db
        .write(move |tx| {
            inbox::purge(tx, now.plus_ms(-INBOX_DAYS * DAY_MS), LIMIT)?;
            response::purge_bodies(tx, now.plus_ms(-BODY_DAYS * DAY_MS), LIMIT)?;
            quote::purge(tx, now.plus_ms(-DAY_MS), LIMIT)?;
            throttle::purge(tx, now.plus_ms(-DAY_MS), LIMIT)?;
            account::purge(tx, now, LIMIT)?;
            store::campaign::purge_replies(tx, now.plus_ms(-STOP_REPLY_DAYS * DAY_MS), LIMIT)?;
            crate::care::files::purge(tx, now, LIMIT)?;
            crate::counter::purge(tx, now, LIMIT)?;
            crate::print::purge(tx, now, LIMIT)?;
            store::staff::purge_sessions(tx, now.plus_ms(-STAFF_SESSION_DAYS * DAY_MS), LIMIT)?;
            Ok(())
        })
        .await?;
    Ok(())
}
