//! `recarga bench top-ups`: how many durable top-ups this machine does, beside what its disk, SQLite and HTTP
//! alone do in the same minute. Prints JSON. What it measures is in `bench`.

use crate::bench::{self, Plan};
use crate::logging;
use crate::settings::Log;
use crate::signals::stop_asked;
use crate::stop::{Result, Stop};
use crate::wiring;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Sell top-ups from a float over HTTP, and compare
    TopUps(Args),
    /// Sell at counters beside top-ups of a partner, and compare
    Counter(Args),
    /// Ask for every page of a grown installation
    Pages(PagesArgs),
    /// Find shops among many
    Places(PlacesArgs),
    /// Set receipts as PDF files and as pictures for printers
    Paper(PaperArgs),
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many clients ask at once
    #[arg(long, default_value = "64", value_name = "N")]
    clients: NonZeroUsize,
    /// How long each part of a round takes
    #[arg(long, default_value = "2", value_name = "S", value_parser = seconds)]
    seconds: Duration,
    /// How many rounds; figures are medians over them
    #[arg(long, default_value = "5", value_name = "R")]
    rounds: NonZeroUsize,
    /// Runtime threads of the servers
    #[arg(long, default_value = "2", value_name = "N")]
    workers: NonZeroUsize,
    /// Measure in a folder inside this one (its disk is what is measured); it is removed afterwards
    #[arg(long, default_value = ".", value_name = "DIR")]
    data: PathBuf,
    /// Measure on this empty PostgreSQL instead of SQLite
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct PagesArgs {
    /// How many lines there are
    #[arg(long, default_value = "100000", value_name = "N")]
    lines: NonZeroUsize,
    /// How many orders there are
    #[arg(long, default_value = "1000000", value_name = "N")]
    orders: NonZeroUsize,
    /// How often each page is asked for
    #[arg(long, default_value = "300", value_name = "N")]
    times: NonZeroUsize,
    /// Measure in a folder inside this one; it is removed afterwards
    #[arg(long, default_value = ".", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct PlacesArgs {
    /// How many places there are
    #[arg(long, default_value = "100000", value_name = "N")]
    places: NonZeroUsize,
    /// How often each kind of search is done
    #[arg(long, default_value = "300", value_name = "N")]
    times: NonZeroUsize,
    /// Measure in a folder inside this one; it is removed afterwards
    #[arg(long, default_value = ".", value_name = "DIR")]
    data: PathBuf,
    /// Measure on this empty PostgreSQL as well as on SQLite
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct PaperArgs {
    /// How often each kind of paper is set
    #[arg(long, default_value = "200", value_name = "N")]
    times: NonZeroUsize,
    /// The folder of fonts
    #[arg(long, default_value = "/usr/share/fonts", value_name = "DIR")]
    fonts: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct EchoArgs {
    #[arg(long, default_value = "2")]
    workers: NonZeroUsize,
    #[arg(long)]
    stop_with_stdin: bool,
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if (0.1..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("not between 0.1 and 3600".to_owned())
    }
}

pub fn run(command: &Command) -> Result<()> {
    logging::start(&Log { filter: "warn".into(), ..Log::default() })?;
    match command {
        Command::TopUps(args) => top_ups(args),
        Command::Counter(args) => counter(args),
        Command::Pages(args) => pages(args),
        Command::Places(args) => places(args),
        Command::Paper(args) => paper(args),
    }
}

fn pages(args: &PagesArgs) -> Result<()> {
    let figures = bench::pages::run(&bench::pages::Plan {
        lines: args.lines.get(),
        orders: args.orders.get(),
        times: args.times.get(),
        data: args.data.clone(),
    })?;
    println!("{}", serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?);
    Ok(())
}

fn places(args: &PlacesArgs) -> Result<()> {
    let figures = bench::places::run(&bench::places::Plan {
        places: args.places.get(),
        times: args.times.get(),
        data: args.data.clone(),
        database: args.database.clone(),
    })?;
    println!("{}", serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?);
    Ok(())
}

fn paper(args: &PaperArgs) -> Result<()> {
    let plan = bench::paper::Plan { times: args.times.get(), fonts: args.fonts.clone() };
    let figures = bench::paper::run(&plan)?;
    println!("{}", serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?);
    Ok(())
}

impl Args {
    fn plan(&self) -> Plan {
        Plan {
            clients: self.clients.get(),
            part: self.seconds,
            rounds: self.rounds.get(),
            workers: self.workers.get(),
            data: self.data.clone(),
            database: self.database.clone(),
        }
    }
}

fn counter(args: &Args) -> Result<()> {
    let figures = bench::counter::run(&args.plan())?;
    println!("{}", serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?);
    for fault in figures.warning().into_iter().chain(figures.faults()) {
        eprintln!("recarga: {fault}");
    }
    if figures.faults().is_empty() { Ok(()) } else { Err(Stop::Said) }
}

fn top_ups(args: &Args) -> Result<()> {
    let figures = bench::run(&args.plan())?;
    println!("{}", serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?);
    for fault in figures.warning().into_iter().chain(figures.faults()) {
        eprintln!("recarga: {fault}");
    }
    if figures.faults().is_empty() { Ok(()) } else { Err(Stop::Said) }
}

/// The server that `bench` compares with.
pub fn echo(args: &EchoArgs) -> Result<()> {
    wiring::runtime(args.workers.get())?.block_on(async {
        let address = bench::echo::start().await?;
        println!("{address}");
        stop_asked(args.stop_with_stdin)?.await;
        Ok(())
    })
}
