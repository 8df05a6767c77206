//! The sweep: deadlines that passed, buckets that ended, and what need not be kept. Each piece is small and
//! can be repeated.

use crate::error::Result;
use crate::top_up::advance;
use crate::world::World;
use domain::actor::Actor;
use domain::ledger::book;
use domain::time::DAY_MS;
use domain::top_up::TopUpEvent;
use store::{bucket, inbox, ledger, quote, response, throttle};

const LIMIT: i64 = 200;
const INBOX_DAYS: i64 = 90;
const BODY_DAYS: i64 = 90;

pub async fn sweep(world: &World) -> Result<()> {
    overdue(world).await?;
    ended_buckets(world).await?;
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

/// What an ended bucket still holds is breakage. Nobody could spend it since it ended.
async fn ended_buckets(world: &World) -> Result<()> {
    let context = world.step();
    world
        .db
        .write(move |tx| {
            for ended in bucket::list_ended(tx, context.now, LIMIT)? {
                if ended.amount > 0 {
                    let posting = book::expire(&ended.bucket.id, ended.bucket.unit, ended.amount);
                    let outcome = ledger::record(tx, &context.writer, context.now, &[posting])?.pop();
                    anyhow::ensure!(
                        outcome.as_ref().is_some_and(domain::ledger::Outcome::stands),
                        "bucket {} could not be ended: {outcome:?}",
                        ended.bucket.id
                    );
                }
                bucket::close(tx, &ended.bucket.id, context.now)?;
            }
            Ok(())
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
            Ok(())
        })
        .await?;
    Ok(())
}
