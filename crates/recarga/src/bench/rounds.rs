//! The rounds: every part once per round, one after the other, so that what is compared was measured within
//! seconds of each other.

use super::Plan;
use super::bare::Bare;
use super::disk;
use super::figures::Latencies;
use super::load::{self, Load, Target};
use super::machine;
use super::target::Targets;
use crate::child;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

/// Before anything is measured each server is used for this long.
const WARM_UP: Duration = Duration::from_millis(500);
const PARTS: usize = 7;
/// How many transfers the bare loop puts into one commit where it shares them.
const SHARED: u64 = 64;

/// One round's figures.
pub struct Round {
    pub disk: Latencies,
    pub bare_1: f64,
    pub bare_64: f64,
    pub echo: f64,
    pub group: Load,
    pub group_1: Load,
    pub single: Load,
}

/// All rounds, and what was acknowledged in all, warm-up included.
#[derive(Default)]
pub struct Measured {
    pub rounds: Vec<Round>,
    pub by_group: u64,
    pub by_single: u64,
    pub errors: u64,
    pub first_error: Option<String>,
    pub busy_by_others: f64,
}

/// The servers that are asked.
struct Asked {
    echo: Arc<Target>,
    group: Arc<Target>,
    single: Arc<Target>,
}

/// Runs all rounds against servers that it starts and stops.
pub async fn measure(plan: &Plan, targets: &Targets, folder: &Path) -> Result<Measured> {
    let mut bare = Bare::prepare(folder)?;
    let workers = plan.workers.to_string();
    let args = ["bench-echo", "--stop-with-stdin", "--workers", workers.as_str()];
    let mut echo = child::start(args, &[], Stdio::piped())?;
    let echo_address = echo.first_line().await?.trim().parse().context("reading the echo's address")?;
    let (group, group_address) = targets.start_group().await?;
    let (single, single_address) = targets.start_single().await?;
    let bodies = &targets.bodies;
    let asked = Asked {
        echo: Target::new(echo_address, &targets.of_group().api_key, bodies.clone()),
        group: Target::new(group_address, &targets.of_group().api_key, bodies.clone()),
        single: Target::new(single_address, &targets.of_single().api_key, bodies.clone()),
    };
    let mut measured = Measured::default();
    let warm_up = load::run(&asked.group, plan.clients, WARM_UP).await?;
    measured.by_group += measured.count(&warm_up);
    let warm_up = load::run(&asked.single, plan.clients, WARM_UP).await?;
    measured.by_single += measured.count(&warm_up);
    let children = [echo.pid, group.pid, single.pid];
    let server_of_ours = plan.database.is_some().then_some("postgres");
    let before = machine::sample(&children, server_of_ours)?;
    let progress = progress(plan);
    for _ in 0..plan.rounds {
        let round = round(plan, &asked, &mut bare, folder, &progress).await?;
        measured.by_group += measured.count(&round.group) + measured.count(&round.group_1);
        measured.by_single += measured.count(&round.single);
        measured.rounds.push(round);
    }
    let after = machine::sample(&children, server_of_ours)?;
    measured.busy_by_others = machine::share_of_others(&before, &after);
    progress.finish_and_clear();
    for child in [group, single, echo] {
        child.stop().await?;
    }
    bare.check()?;
    Ok(measured)
}

async fn round(
    plan: &Plan,
    asked: &Asked,
    bare: &mut Bare,
    folder: &Path,
    progress: &ProgressBar,
) -> Result<Round> {
    let part = |name: &'static str| {
        progress.set_message(name);
        progress.inc(1);
        plan.part
    };
    // The disk's and SQLite's own parts block this thread, which has nothing else to do meanwhile.
    Ok(Round {
        disk: disk::measure(folder, part("fdatasync"))?,
        bare_1: bare.measure(1, part("bare SQLite, 1 per commit"))?,
        bare_64: bare.measure(SHARED, part("bare SQLite, 64 per commit"))?,
        echo: load::run(&asked.echo, plan.clients, part("echo")).await?.per_second,
        group: load::run(&asked.group, plan.clients, part("top-ups")).await?,
        group_1: load::run(&asked.group, 1, part("top-ups, 1 client")).await?,
        single: load::run(&asked.single, plan.clients, part("top-ups, 1 per commit")).await?,
    })
}

impl Measured {
    /// Adds up the errors and gives back what was acknowledged.
    fn count(&mut self, load: &Load) -> u64 {
        self.errors += load.errors;
        if self.first_error.is_none() {
            self.first_error.clone_from(&load.first_error);
        }
        load.acknowledged
    }
}

fn progress(plan: &Plan) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    let bar = ProgressBar::new(u64::try_from(plan.rounds * PARTS).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
