//! What a sale at a counter costs beside a partner's top-up: both are sold by one server from floats, block by block in
//! turn, so that neighbours in time are compared. Then a crowd sells from a float that suffices for a part of it.
//!
//! Start at [`run`]; the shop that sells is in `shop`, what a till sends in `till`. Floats of processors are fine here.

mod shop;
mod till;

use super::figures::{Latencies, median, tidy};
use super::load::{self, Load, Target};
use super::machine;
use super::target::{Ground, bodies, numbers, start, write_config};
use super::{Plan, make_folder};
use crate::stop::Result;
use crate::wiring;
use domain::money::Money;
use serde::Serialize;
use shop::Shop;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Before anything is measured each kind is sold for this long.
const WARM_UP: Duration = Duration::from_millis(500);
/// A sale at a counter may take so many times as long as a top-up.
pub const MOST: f64 = 1.2;
/// What the float of the crowd suffices for.
const CROWD_SALES: i64 = 1_000;
const PRICE_MINOR: i64 = 1_000;

/// The result of a run. Ratios are medians of each round's own.
#[derive(Debug, Serialize)]
pub struct Figures {
    engine: &'static str,
    build: &'static str,
    clients: usize,
    tills: usize,
    rounds: usize,
    seconds_per_part: f64,
    top_ups_per_s: f64,
    top_up_p50_us: f64,
    top_up_p99_us: f64,
    sales_per_s: f64,
    sale_p50_us: f64,
    sale_p99_us: f64,
    /// The time of one sale over that of one top-up, when many are sold at once.
    sale_over_top_up: f64,
    /// The same of the median answers of one client.
    sale_over_top_up_1: f64,
    crowd: Crowd,
    errors: u64,
    first_error: Option<String>,
    lies: Vec<String>,
    machine_busy_by_others: f64,
}

/// Many tills on one float that does not suffice.
#[derive(Debug, Serialize)]
struct Crowd {
    answers_per_s: f64,
    sold: u64,
    refused: u64,
    float_left_minor: i64,
    floor_minor: i64,
}

impl Figures {
    /// What must not be.
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> =
            self.lies.iter().map(|lie| format!("the ledger is not true: {lie}")).collect();
        let Crowd { sold, float_left_minor, floor_minor, .. } = &self.crowd;
        let paid = i64::try_from(*sold).unwrap_or(i64::MAX).saturating_mul(PRICE_MINOR);
        if *float_left_minor < *floor_minor || CROWD_SALES * PRICE_MINOR - paid != *float_left_minor {
            faults.push(format!("a crowd sold {sold} times and left {float_left_minor} on its float"));
        }
        if let Some(first) = &self.first_error {
            faults.push(format!(
                "{} requests were not answered as they should; the first: {first}",
                self.errors
            ));
        }
        faults
    }

    /// What the figures do not reach.
    pub fn warning(&self) -> Option<String> {
        if self.crowd.refused == 0 {
            return Some("the crowd had not enough time to use its float up: give --seconds more".into());
        }
        let worst = self.sale_over_top_up.max(self.sale_over_top_up_1);
        (worst > MOST)
            .then(|| format!("a sale at a counter takes {worst} times as long as a top-up, more than {MOST}"))
    }
}

/// Measures, then verifies the ledger that came of it.
pub fn run(plan: &Plan) -> Result<Figures> {
    let folder = make_folder(&plan.data)?;
    let figures = measure(plan, &folder);
    std::fs::remove_dir_all(&folder)?;
    figures
}

fn measure(plan: &Plan, folder: &Path) -> Result<Figures> {
    let numbers = numbers();
    let (ground, (shop, crowd)) =
        Ground::prepare_with(plan, &folder.join("both"), &numbers, async |world| {
            let pounds = |minor| anyhow::Ok(Money::new(minor, "GBP".parse()?));
            shop::lift_caps(world).await?;
            let shop = shop::open(world, pounds(super::target::FLOAT_MINOR)?).await?;
            Ok((shop, shop::open(world, pounds(CROWD_SALES * PRICE_MINOR)?).await?))
        })?;
    let config = folder.join("server.toml");
    write_config(plan, &ground, None, &config)?;
    let served = Served { ground: &ground, shop, crowd, numbers: Arc::new(numbers) };
    let mut figures = wiring::runtime(1)?.block_on(rounds(plan, &served, &config))?;
    let report = ground.verify()?;
    figures.lies = report.lies.iter().map(|lie| format!("[{}] {}", lie.check, lie.what)).collect();
    figures.crowd.float_left_minor = served.crowd.float_left(&ground)?;
    Ok(figures)
}

/// What is served to whom.
struct Served<'a> {
    ground: &'a Ground,
    shop: Shop,
    crowd: Shop,
    numbers: Arc<Vec<String>>,
}

/// One round's figures.
struct Round {
    top_ups: Load,
    sales: Load,
    top_ups_1: Latencies,
    sales_1: Latencies,
}

async fn rounds(plan: &Plan, served: &Served<'_>, config: &Path) -> anyhow::Result<Figures> {
    let (server, address) = start(config).await?;
    let top_ups = Target::new(address, &served.ground.api_key, Arc::new(bodies(&served.numbers)));
    let sales = till::target(address, &served.shop.tills, served.numbers.clone());
    let crowd = till::target(address, &served.crowd.tills, served.numbers.clone());
    let mut all = Load::default();
    for target in [&top_ups, &sales] {
        all.add_errors(&load::run(target, plan.clients, WARM_UP).await?);
    }
    let ours = plan.database.is_some().then_some("postgres");
    let before = machine::sample(&[server.pid], ours)?;
    let mut rounds = Vec::with_capacity(plan.rounds);
    for _ in 0..plan.rounds {
        let round = Round {
            top_ups: load::run(&top_ups, plan.clients, plan.part).await?,
            sales: load::run(&sales, plan.clients, plan.part).await?,
            top_ups_1: load::run(&top_ups, 1, plan.part).await?.latencies,
            sales_1: load::run(&sales, 1, plan.part).await?.latencies,
        };
        all.add_errors(&round.top_ups);
        all.add_errors(&round.sales);
        rounds.push(round);
    }
    let after = machine::sample(&[server.pid], ours)?;
    let many = load::run(&crowd, plan.clients, plan.part).await?;
    all.add_errors(&many);
    server.stop().await?;
    let of = |of: &dyn Fn(&Round) -> f64| tidy(median(rounds.iter().map(of).collect()));
    let answers = f64::from(u32::try_from(many.acknowledged + many.refused)?);
    Ok(Figures {
        engine: if plan.database.is_some() { "postgresql" } else { "sqlite" },
        build: if cfg!(debug_assertions) { "debug" } else { "release" },
        clients: plan.clients,
        tills: served.shop.tills.len(),
        rounds: plan.rounds,
        seconds_per_part: plan.part.as_secs_f64(),
        top_ups_per_s: of(&|r| r.top_ups.per_second),
        top_up_p50_us: of(&|r| r.top_ups.latencies.p50_us),
        top_up_p99_us: of(&|r| r.top_ups.latencies.p99_us),
        sales_per_s: of(&|r| r.sales.per_second),
        sale_p50_us: of(&|r| r.sales.latencies.p50_us),
        sale_p99_us: of(&|r| r.sales.latencies.p99_us),
        sale_over_top_up: of(&|r| r.top_ups.per_second / r.sales.per_second.max(f64::MIN_POSITIVE)),
        sale_over_top_up_1: of(&|r| r.sales_1.p50_us / r.top_ups_1.p50_us.max(f64::MIN_POSITIVE)),
        crowd: Crowd {
            answers_per_s: tidy(answers / plan.part.as_secs_f64()),
            sold: many.acknowledged,
            refused: many.refused,
            float_left_minor: 0,
            floor_minor: 0,
        },
        errors: all.errors,
        first_error: all.first_error,
        lies: Vec::new(),
        machine_busy_by_others: tidy(machine::share_of_others(&before, &after)),
    })
}

impl Load {
    fn add_errors(&mut self, more: &Load) {
        self.errors += more.errors;
        if self.first_error.is_none() {
            self.first_error.clone_from(&more.first_error);
        }
    }
}
