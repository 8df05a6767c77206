//! How long pages take in a grown installation: so many lines and orders on SQLite, then every page a few hundred times
//! over one connection. What is measured is the whole answer as its reader gets it on the same machine.
//!
//! Start reading at [`run`]. The orders are float sales of the last year, made by the real flow; telling about them is
//! left out, because nobody is there to hear it.

use super::make_folder;
use crate::clock::past::{PastClock, PastIds, at};
use crate::demo::probe;
use crate::place::Place;
use crate::settings::{DatabaseSettings, Settings};
use crate::stop::Result;
use crate::wiring::{self, Senses};
use crate::{child, clock};
use anyhow::{Context, anyhow, ensure};
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::partner::{Caller, Scope};
use domain::staff::Role;
use domain::time::{Clock as _, DAY_MS, UnixMs};
use flows::World;
use flows::top_up::sell::{self, RequestKey, SaleRequest, Sold, Wanted};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use store::response::Answer;
use tokio::task::JoinSet;

const CATALOGUE: &str = include_str!("../../demo/catalogue.toml");
const FLOAT_MINOR: i64 = 1_000_000_000_000_000;
const SELLERS: usize = 128;
/// The first line's share: somebody with a long history.
const FIRST_LINE_EVERY: usize = 1_000;
const LOGIN: &str = "bench";

/// What to measure.
pub struct Plan {
    pub lines: usize,
    pub orders: usize,
    /// How often each page is asked for.
    pub times: usize,
    pub data: PathBuf,
}

/// One page's figures, in microseconds.
#[derive(Debug, Serialize)]
pub struct Page {
    pub p50_us: u64,
    pub p99_us: u64,
    pub bytes: usize,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub lines: usize,
    pub orders: usize,
    pub filled_in_s: u64,
    pub database_mb: u64,
    pub pages: BTreeMap<String, Page>,
    pub slowest_p99_us: u64,
}

/// Fills a database, asks for every page, and removes the database.
pub fn run(plan: &Plan) -> Result<Figures> {
    let folder = make_folder(&plan.data)?;
    let figures = measure(plan, &folder);
    std::fs::remove_dir_all(&folder)?;
    figures
}

fn measure(plan: &Plan, folder: &Path) -> Result<Figures> {
    let settings = Settings {
        demo: true,
        database: DatabaseSettings { data: folder.to_owned(), ..DatabaseSettings::default() },
        ..Settings::default()
    };
    let place = Place::of(&settings);
    place.migrate()?;
    let db = place.open()?;
    let begun = Instant::now();
    let doors = wiring::runtime(2)?.block_on(async {
        let clock = Arc::new(PastClock::default());
        let now = clock::SystemClock.now();
        clock.set(now);
        let senses = Senses { clock, ids: Arc::new(PastIds::default()) };
        let wired = wiring::whole_world_with(&settings, &place, db, senses).await?;
        fill(&wired.world, plan, now).await
    })?;
    forget_messages(folder)?;
    let filled_in_s = begun.elapsed().as_secs();
    let database_mb = std::fs::metadata(folder.join("recarga.db"))?.len() / (1024 * 1024);
    let pages = wiring::runtime(1)?.block_on(look(plan, folder, &doors))?;
    let slowest_p99_us = pages.values().map(|page| page.p99_us).max().unwrap_or(0);
    Ok(Figures { lines: plan.lines, orders: plan.orders, filled_in_s, database_mb, pages, slowest_p99_us })
}

/// Nobody is told about these orders.
fn forget_messages(folder: &Path) -> Result<()> {
    let db = rusqlite::Connection::open(folder.join("recarga.db")).context("the bench's database")?;
    db.execute_batch("delete from outbox; pragma optimize; pragma wal_checkpoint(truncate);")
        .context("leaving out the messages")?;
    Ok(())
}

/// What the pages need to be asked for.
struct Doors {
    office: String,
    order: String,
}

fn number(n: usize) -> String {
    format!("+447400{n:06}")
}

async fn fill(world: &Arc<World>, plan: &Plan, now: UnixMs) -> Result<Doors> {
    let refused = |what: &str| anyhow!("the bench's own {what} were refused");
    let catalogue = crate::demo::dated_catalogue(CATALOGUE, now);
    flows::catalogue::import(world, &catalogue).await?.map_err(|_| refused("offers"))?;
    let lines = (0..plan.lines).map(|n| number(n) + ",active,\n");
    let register: String = std::iter::once("msisdn,status,locale\n".to_owned()).chain(lines).collect();
    flows::lines::import(world, &register).await?.map_err(|_| refused("lines"))?;
    let partner = flows::partners::create(world, "Bench").await?;
    let float = Money::new(FLOAT_MINOR, "GBP".parse().context("pounds")?);
    flows::partners::deposit(world, &partner, "bench", float).await?;
    let (_, key) = flows::partners::create_key(world, &partner, Scope::ALL.to_vec()).await?;
    let caller = flows::partners::authenticate(world, &key).await?.context("the bench's key")?;
    let order = sell_all(world, plan, &caller, now).await?;
    let phrase = hex::encode(world.ids.random());
    flows::office::staff::seat_in_demo(world, LOGIN, "Bench", Role::Supervisor, &phrase, "JBSWY3DPEHPK3PXP")
        .await?;
    let opened = flows::office::session::demo_door(world, LOGIN).await?.context("the office's door")?;
    Ok(Doors { office: opened.secret, order })
}

/// Sells all orders over the last year, many at once, and answers with the code of the last one.
async fn sell_all(world: &Arc<World>, plan: &Plan, caller: &Caller, now: UnixMs) -> Result<String> {
    let next = Arc::new(AtomicUsize::new(0));
    let step_ms = 365 * DAY_MS / i64::try_from(plan.orders.max(1)).unwrap_or(i64::MAX);
    let (orders, lines) = (plan.orders, plan.lines);
    let mut running = JoinSet::new();
    for _ in 0..SELLERS {
        let (world, caller, next) = (world.clone(), caller.clone(), next.clone());
        running.spawn(async move {
            let mut last = String::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= orders {
                    return anyhow::Ok((n, last));
                }
                let ago = step_ms * i64::try_from(orders - n)?;
                let line = if n % FIRST_LINE_EVERY == 0 { 0 } else { n % lines };
                last = at(now.plus_ms(-ago), sell_one(&world, &caller, &number(line))).await?;
            }
        });
    }
    let mut newest = (0, String::new());
    while let Some(sold) = running.join_next().await {
        newest = newest.max(sold.context("a seller")??);
    }
    Ok(newest.1)
}

async fn sell_one(world: &Arc<World>, caller: &Caller, number: &str) -> anyhow::Result<String> {
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
    let keyring = world.clone();
    let request = SaleRequest {
        key: RequestKey::of_partner(&caller.partner, &key, key.as_bytes()),
        caller: caller.clone(),
        wanted: Ok(wanted),
        answering: Arc::new(move |sold| match sold {
            Ok(top_up) => Answer::new(&keyring.keyring, 201, &top_up.code),
            Err(refusal) => Answer::new(&keyring.keyring, 422, &refusal.to_string()),
        }),
    };
    match sell::sell(world, request).await? {
        Sold::Answered(answer) if answer.status == 201 => {
            answer.body(&world.keyring)?.context("an answer without its body")
        }
        other => anyhow::bail!("a sale was not made: {other:?}"),
    }
}

/// Every page that anybody or the staff can open, as paths; personal ones are the office's.
fn paths(doors: &Doors) -> Vec<String> {
    let fixed = [
        "/",
        "/promotions",
        "/help",
        "/verify",
        "/status",
        "/o",
        "/support",
        "/sign-in",
        "/register",
        "/docs",
        "/office",
        "/office/stuck",
        "/office/cases",
        "/office/refunds",
        "/office/limits",
        "/office/catalogue",
        "/office/promotions",
        "/office/staff",
        "/office/audit",
    ];
    let order = &doors.order;
    let found = [format!("/office/search?q={order}"), format!("/office/orders/{order}")];
    fixed.iter().map(ToString::to_string).chain(found).collect()
}

async fn look(plan: &Plan, folder: &Path, doors: &Doors) -> Result<BTreeMap<String, Page>> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let config = folder.join("pages.toml");
    let data = toml::Value::from(folder.to_str().context("a folder in UTF-8")?);
    std::fs::write(&config, format!("demo = true\n[log]\nfilter = \"warn\"\n[database]\ndata = {data}\n"))?;
    let args: [OsString; 7] = [
        "serve".into(),
        "--no-work".into(),
        "--stop-with-stdin".into(),
        "--listen".into(),
        address.to_string().into(),
        "--config".into(),
        config.into(),
    ];
    let server = child::start(args, &[], Stdio::null())?;
    probe::ready(address).await;
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.build().context("a reader")?;
    let mut pages = BTreeMap::new();
    for path in paths(doors) {
        let shown = path.split('?').next().unwrap_or(&path).replace(&doors.order, "CODE");
        let page = ask(&client, &format!("http://{address}{path}"), &doors.office, plan.times).await?;
        pages.insert(shown, page);
    }
    server.stop().await?;
    Ok(pages)
}

async fn ask(client: &reqwest::Client, url: &str, office: &str, times: usize) -> Result<Page> {
    let mut took = Vec::with_capacity(times);
    let mut bytes = 0;
    // The first one is not counted: it fills caches that stay full.
    for n in 0..=times {
        let begun = Instant::now();
        let answer = client.get(url).header("cookie", format!("office={office}")).send().await;
        let answer = answer.with_context(|| url.to_owned())?;
        let status = answer.status();
        bytes = answer.bytes().await.with_context(|| url.to_owned())?.len();
        if n > 0 {
            took.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        ensure_shown(url, status.as_u16())?;
    }
    took.sort_unstable();
    let at = |hundredths: usize| {
        took.get((took.len() * hundredths / 100).min(took.len() - 1)).copied().unwrap_or(0)
    };
    Ok(Page { p50_us: at(50), p99_us: at(99), bytes })
}

fn ensure_shown(url: &str, status: u16) -> anyhow::Result<()> {
    ensure!(status == 200 || status == 303, "{url} answered {status}");
    Ok(())
}
