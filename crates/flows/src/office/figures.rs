//! The figures of the overview: today so far beside the same weekday a week ago, up to the same time of day. They are
//! counted at most every few seconds per process, however many people look.

use crate::error::Result;
use crate::world::World;
use domain::time::{DAY_MS, SECOND_MS, UnixMs};
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex};
use store::figures::{Open, Orders};

/// How old figures may be that are shown again.
const FRESH_FOR_MS: i64 = 10 * SECOND_MS;
const WEEK_MS: i64 = 7 * DAY_MS;

/// What the overview shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub at: UnixMs,
    /// When the day began, in the market's zone.
    pub day_began: UnixMs,
    pub today: Orders,
    pub week_ago: Orders,
    /// From order to credit, of the last 24 hours, in milliseconds: the median, and what 95 of 100 stay under.
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub open: Open,
}

/// The newest figures of a process.
#[derive(Default)]
pub struct Cache(Mutex<Option<Arc<Figures>>>);

impl Cache {
    fn newest(&self) -> Option<Arc<Figures>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The figures, counted anew when they are too old. `zone`: where the day begins.
    pub async fn figures(&self, world: &World, zone: &str) -> Result<Arc<Figures>> {
        let now = world.now();
        let fresh = |figures: &Arc<Figures>| now.0 - figures.at.0 < FRESH_FOR_MS && now.0 >= figures.at.0;
        if let Some(known) = self.newest().filter(fresh) {
            return Ok(known);
        }
        let counted = Arc::new(count(world, now, zone).await?);
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(counted.clone());
        Ok(counted)
    }
}

/// When the day of `at` began in a zone.
pub fn day_start(at: UnixMs, zone: &str) -> UnixMs {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let start = at.timestamp().to_zoned(zone).start_of_day();
    start.map_or(at, |start| UnixMs(start.timestamp().as_millisecond()))
}

async fn count(world: &World, now: UnixMs, zone: &str) -> Result<Figures> {
    let day_began = day_start(now, zone);
    let week_ago = day_start(now.plus_ms(-WEEK_MS), zone);
    let counted = world.db.read(move |tx| {
        let today = store::figures::orders(tx, day_began, now.plus_ms(1))?;
        let then = store::figures::orders(tx, week_ago, now.plus_ms(1 - WEEK_MS))?;
        let times = store::figures::times_to_credit(tx, now.plus_ms(-DAY_MS), now.plus_ms(1))?;
        let open = store::figures::open(tx, now)?;
        Ok((today, then, times, open))
    });
    let (today, then, times, open) = counted.await?;
    let at =
        |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied();
    Ok(Figures { at: now, day_began, today, week_ago: then, p50: at(50), p95: at(95), open })
}
