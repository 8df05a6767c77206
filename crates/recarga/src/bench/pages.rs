//! How long pages take in a grown installation: the demo with a past, grown by so many lines and orders on SQLite, then
//! every page a few hundred times over one connection. What is measured is the whole answer as its reader gets it on
//! the same machine.
//!
//! Start reading at [`run`]; `grow` fills, `look` asks.

mod grow;
mod look;

use super::{machine, make_folder};
use crate::child::{self, Running};
use crate::stop::Result;
use crate::wiring;
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

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
    /// From the demo's start to its first answer, with the past that it gave itself meanwhile.
    pub first_start_ms: u64,
    pub filled_in_s: u64,
    pub database_mb: u64,
    pub pages: BTreeMap<String, Page>,
    pub slowest_p99_us: u64,
    /// The share of the machine that others used while the pages were asked for: above 0.1 the run tells little.
    pub machine_busy_by_others: f64,
}

/// Fills a database, asks for every page, and removes the database.
pub fn run(plan: &Plan) -> Result<Figures> {
    let folder = make_folder(&plan.data)?;
    let figures = measure(plan, &folder);
    std::fs::remove_dir_all(&folder)?;
    figures
}

fn measure(plan: &Plan, folder: &Path) -> Result<Figures> {
    let begun = Instant::now();
    let first_start_ms = wiring::runtime(1)?.block_on(async {
        let (demo, _) = start(folder).await?;
        let ready = millis(begun);
        demo.stop().await?;
        anyhow::Ok(ready)
    })?;
    let begun = Instant::now();
    grow::grow(plan, folder)?;
    let filled_in_s = begun.elapsed().as_secs();
    let database_mb = std::fs::metadata(folder.join("recarga.db"))?.len() / (1024 * 1024);
    // The server is not our child but the demo's: it is known by the name of the program.
    let program = std::env::current_exe()?;
    let program = program.file_name().and_then(|name| name.to_str());
    let (pages, machine_busy_by_others) = wiring::runtime(1)?.block_on(async {
        let (demo, base) = start(folder).await?;
        let before = machine::sample(&[], program)?;
        let pages = look::look(&base, plan.times).await;
        let after = machine::sample(&[], program)?;
        demo.stop().await?;
        pages.map(|pages| (pages, machine::share_of_others(&before, &after)))
    })?;
    let slowest_p99_us = pages.values().map(|page| page.p99_us).max().unwrap_or(0);
    let (lines, orders) = (plan.lines, plan.orders);
    Ok(Figures {
        lines,
        orders,
        first_start_ms,
        filled_in_s,
        database_mb,
        pages,
        slowest_p99_us,
        machine_busy_by_others,
    })
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// How long a demo may take until it says where it is.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(5);

#[derive(Deserialize)]
struct Addresses {
    base_url: String,
}

/// Starts the demo in this folder, and says where its portal is.
async fn start(folder: &Path) -> anyhow::Result<(Running, String)> {
    let args: [OsString; 6] = [
        "demo".into(),
        "--listen".into(),
        "127.0.0.1:0".into(),
        "--stop-with-stdin".into(),
        "--data".into(),
        folder.into(),
    ];
    let demo = child::start(args, &[], Stdio::null())?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Ok(text) = std::fs::read_to_string(folder.join("demo.json")) {
            let found: Addresses = serde_json::from_str(&text).context("the demo's addresses")?;
            return Ok((demo, found.base_url));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the demo was not ready in time")
}
