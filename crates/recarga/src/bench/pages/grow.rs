//! Growing the demo's installation: so many lines and float sales of the last year, made by the real flow. Telling about
//! them is left out, because nobody is there to hear it.

use super::Plan;
use crate::clock::{
    self,
    past::{PastClock, PastIds, at},
};
use crate::demo::LIN;
use crate::place::Place;
use crate::settings::{DatabaseSettings, Settings};
use crate::stop::Result;
use crate::wiring::{self, Senses};
use anyhow::{Context, anyhow};
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::partner::{Caller, Scope};
use domain::time::{Clock as _, DAY_MS, UnixMs};
use flows::World;
use flows::request::{self, Reply, RequestKey};
use flows::top_up::sell::{self, SaleRequest, Wanted};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

const FLOAT_MINOR: i64 = 1_000_000_000_000_000;
const SELLERS: usize = 128;
/// Lin's share: somebody with a long history.
const LIN_EVERY: usize = 1_000;

/// Adds lines and orders to the database in this folder.
pub fn grow(plan: &Plan, folder: &Path) -> Result<()> {
    let settings = Settings {
        demo: true,
        database: DatabaseSettings { data: folder.to_owned(), ..DatabaseSettings::default() },
        ..Settings::default()
    };
    let place = Place::of(&settings);
    let _server_lock = place.lock()?;
    let db = place.open()?;
    wiring::runtime(2)?.block_on(async {
        let clock = Arc::new(PastClock::default());
        let now = clock::SystemClock.now();
        clock.set(now);
        let senses = Senses { clock, ids: Arc::new(PastIds::default()) };
        let wired = wiring::whole_world_with(&settings, &place, db, senses).await?;
        fill(&wired.world, plan, now).await
    })?;
    forget_messages(folder)
}

/// Nobody is told about these orders.
fn forget_messages(folder: &Path) -> Result<()> {
    let db = rusqlite::Connection::open(folder.join("recarga.db")).context("the bench's database")?;
    db.execute_batch("delete from outbox; pragma optimize; pragma wal_checkpoint(truncate);")
        .context("leaving out the messages")?;
    Ok(())
}

fn number(n: usize) -> String {
    format!("+447400{n:06}")
}

async fn fill(world: &Arc<World>, plan: &Plan, now: UnixMs) -> Result<()> {
    let refused = |what: &str| anyhow!("the bench's own {what} were refused");
    let lines = (0..plan.lines).map(|n| number(n) + ",active,\n");
    let register: String = std::iter::once("msisdn,status,locale\n".to_owned()).chain(lines).collect();
    flows::lines::import(world, &register).await?.map_err(|_| refused("lines"))?;
    let partner = flows::partners::create(world, "Bench").await?;
    let float = Money::new(FLOAT_MINOR, "GBP".parse().context("pounds")?);
    flows::partners::deposit(world, &partner, "bench", float).await?;
    let (_, key) = flows::partners::create_key(world, &partner, Scope::ALL.to_vec()).await?;
    let caller = flows::partners::authenticate(world, &key).await?.context("the bench's key")?;
    sell_all(world, plan, &caller, now).await
}

/// Sells all orders over the last year, many at once.
async fn sell_all(world: &Arc<World>, plan: &Plan, caller: &Caller, now: UnixMs) -> Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let step_ms = 365 * DAY_MS / i64::try_from(plan.orders.max(1)).unwrap_or(i64::MAX);
    let (orders, lines) = (plan.orders, plan.lines);
    let mut running = JoinSet::new();
    for _ in 0..SELLERS {
        let (world, caller, next) = (world.clone(), caller.clone(), next.clone());
        running.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= orders {
                    return anyhow::Ok(());
                }
                let ago = step_ms * i64::try_from(orders - n)?;
                let line = if n % LIN_EVERY == 0 { LIN.to_owned() } else { number(n % lines) };
                at(now.plus_ms(-ago), sell_one(&world, &caller, &line)).await?;
            }
        });
    }
    while let Some(sold) = running.join_next().await {
        sold.context("a seller")??;
    }
    Ok(())
}

async fn sell_one(world: &Arc<World>, caller: &Caller, number: &str) -> anyhow::Result<()> {
    let wanted = Wanted {
        msisdn: Msisdn::parse_e164(number)?,
        offer: "gb-credit-10".into(),
        amount: None,
        quote: None,
        expected_total: None,
        expected_bonus: None,
        reference: None,
        locale: None,
    };
    let key = world.ids.next(world.now());
    let sale = SaleRequest {
        key: RequestKey::of(caller.partner.as_str(), &key, key.as_bytes()),
        seller: caller.seller(),
        counter: None,
        wanted: Ok(wanted),
        answering: request::plainly(world),
    };
    match sell::sell(world, sale).await? {
        Reply::Answered(answer) if matches!(request::outcome(world, &answer)?, Some(Ok(_))) => Ok(()),
        other => anyhow::bail!("a sale was not made: {other:?}"),
    }
}
