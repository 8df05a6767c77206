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
    let Command::TopUps(args) = command;
    logging::start(&Log { filter: "warn".into(), ..Log::default() })?;
    let figures = bench::run(&Plan {
        clients: args.clients.get(),
        part: args.seconds,
        rounds: args.rounds.get(),
        workers: args.workers.get(),
        data: args.data.clone(),
        database: args.database.clone(),
    })?;
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
