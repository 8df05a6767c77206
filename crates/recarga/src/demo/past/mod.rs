//! The demo's past: some three thousand orders of ninety days, bought through the real flows from the simulated
//! providers, each at a time of its own. Start reading at [`write`]; `plan` says who bought what.
//!
//! It is written before the first server starts, day by day: the orders of a day side by side, and beside them the work
//! that the day before left.

mod campaigns;
mod care;
mod orders;
mod outside;
mod people;
mod plan;
mod shop;
mod states;

use super::PARTNER;
use crate::clock::past::{PastClock, PastIds, at};
use crate::place::Place;
use crate::settings::Settings;
use crate::stop::Result;
use crate::wiring::{self, Senses};
use anyhow::{Context, anyhow};
use domain::id::{SubscriberId, made_at};
use domain::partner::Caller;
use domain::time::{Clock as _, DAY_MS, HOUR_MS, SECOND_MS, UnixMs};
use flows::World;
use outside::Outside;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use store::Db;
use store::outbox::{self, Lane};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// Orders of one day that are under way at once.
const SIDE_BY_SIDE: usize = 48;
const CLAIM: i64 = 64;

/// Everybody who takes part.
pub(super) struct Past {
    world: Arc<World>,
    clock: Arc<PastClock>,
    outside: Outside,
    caller: Caller,
    /// Lin's account, once it is there.
    lin: OnceLock<SubscriberId>,
    /// Sales that share a transaction share its time: here each has its own.
    selling: Mutex<()>,
}

/// Writes the past of so many days into a database without orders, and says how many orders it has then.
pub async fn write(settings: &Settings, simulator: &str, db: Db, api_key: &str, days: u32) -> Result<usize> {
    let now = crate::clock::SystemClock.now();
    let clock = Arc::new(PastClock::default());
    clock.set(now.plus_ms(-i64::from(days) * DAY_MS));
    let senses = Senses { clock: clock.clone(), ids: Arc::new(PastIds::default()) };
    let wired = wiring::whole_world_with(settings, &Place::of(settings), db, senses).await?;
    let caller = flows::partners::authenticate(&wired.world, api_key).await?;
    let caller = caller.with_context(|| format!("{PARTNER} has no key that works"))?;
    let past = Arc::new(Past {
        world: wired.world,
        clock,
        outside: Outside::new(simulator)?,
        caller,
        lin: OnceLock::new(),
        selling: Mutex::default(),
    });
    past.outside.hold_webhooks().await?;
    let imported = flows::lines::import(&past.world, &plan::register()).await?;
    imported.map_err(|faults| anyhow!("the past's lines are wrong: {faults:?}"))?;
    let lin = people::register(&past).await?;
    past.lin.get_or_init(|| lin);
    let count = past.days(now, days).await?;
    past.clock.set(now);
    states::make(&past, now).await?;
    care::make(&past, now).await?;
    shop::make(&past, now).await?;
    campaigns::make(&past, now).await?;
    past.outside.set_clock(None).await?;
    past.work(now.plus_ms(-HOUR_MS), now).await?;
    past.outside.resume_webhooks().await?;
    Ok(count)
}

/// The last second of the day that began then.
fn end_of(begins: UnixMs) -> UnixMs {
    begins.plus_ms(DAY_MS - SECOND_MS)
}

impl Past {
    /// Every day, and how many orders there were. What a day leaves is done while the next one is lived.
    async fn days(self: &Arc<Self>, now: UnixMs, days: u32) -> Result<usize> {
        let mut count = 0;
        let mut yesterday = None;
        for (ago, mut day) in (1..=i64::from(days)).rev().zip(plan::days(now, days)) {
            let begins = now.plus_ms(-ago * DAY_MS);
            day.extend(people::orders(begins, ago));
            count += day.len();
            self.clock.set(begins);
            self.outside.set_clock(Some(begins)).await?;
            let (past, left) = (self.clone(), yesterday.replace(begins));
            let closing = tokio::spawn(async move {
                match left {
                    Some(left) => past.close(left).await,
                    None => Ok(()),
                }
            });
            self.live(day).await?;
            // A shorter past has no bundle that could be used.
            if i64::from(days) >= people::BUNDLE_DAYS_AGO {
                people::uses(self, begins, ago).await?;
            }
            closing.await.context("the work of a day of the past")??;
        }
        if let Some(last) = yesterday {
            self.outside.set_clock(Some(end_of(last))).await?;
            self.close(last).await?;
        }
        Ok(count)
    }

    /// The orders of one day.
    async fn live(self: &Arc<Self>, day: Vec<plan::Planned>) -> Result<()> {
        let mut waiting = day.into_iter();
        let mut running = JoinSet::new();
        for planned in waiting.by_ref().take(SIDE_BY_SIDE) {
            running.spawn(orders::play(self.clone(), planned));
        }
        while let Some(played) = running.join_next().await {
            played.context("an order of the past")??;
            if let Some(planned) = waiting.next() {
                running.spawn(orders::play(self.clone(), planned));
            }
        }
        Ok(())
    }

    /// The work that a day left, when everybody outside knows that it is over.
    async fn close(self: &Arc<Self>, begins: UnixMs) -> Result<()> {
        let ends = end_of(begins);
        self.work(begins, ends).await?;
        at(ends, flows::sweep::sweep(&self.world)).await?;
        Ok(self.work(begins, ends).await?)
    }

    /// Runs what the day left: a row first a moment after it was written, and again, when it comes back, after
    /// pauses that double.
    async fn work(self: &Arc<Self>, begins: UnixMs, ends: UnixMs) -> anyhow::Result<()> {
        let mut tried: HashMap<String, (UnixMs, i64)> = HashMap::new();
        loop {
            let claimed = self.world.db.write(move |tx| outbox::claim(tx, ends, CLAIM, Lane::All)).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            let mut running = JoinSet::new();
            for work in claimed {
                let first = || (made_at(work.id.as_str()).unwrap_or(ends).max(begins), SECOND_MS / 2);
                let (last, pause) = tried.get(work.id.as_str()).copied().unwrap_or_else(first);
                let start = last.plus_ms(pause).min(ends);
                tried.insert(work.id.to_string(), (start, (pause * 2).max(30 * SECOND_MS)));
                let world = self.world.clone();
                running.spawn(at(start, async move { flows::work::run_now(&world, &work).await }));
            }
            while running.join_next().await.is_some() {}
        }
    }
}
