//! `recarga ledger verify`: recomputes the whole ledger in one snapshot and changes nothing. Exit 0 when all
//! of it is true, 1 when something is not, 2 when it could not be read.

use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::stop::{Result, Stop};
use crate::wiring;
use store::ledger::{self, Report};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Recompute every balance, hold, bucket and hash, and name what is not true
    Verify(Args),
}

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Command) -> Result<()> {
    let Command::Verify(args) = command;
    let settings = Settings::load(&args.source, None)?;
    crate::logging::start(&settings.log)?;
    let report = verify(&Place::of(&settings)).map_err(|stop| match stop {
        // Not read is not the same as untrue.
        Stop::Failed(error) => Stop::wrong(format!("the ledger could not be verified: {error:#}")),
        Stop::Wrong(_) | Stop::Said => stop,
    })?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(anyhow::Error::from)?);
    } else {
        println!("{}", summary(&report));
    }
    if report.lies.is_empty() { Ok(()) } else { Err(Stop::Said) }
}

/// Verifies the ledger at a place.
pub fn verify(place: &Place) -> Result<Report> {
    let db = place.open()?;
    Ok(wiring::runtime(1)?.block_on(db.read(ledger::verify))?)
}

fn summary(report: &Report) -> String {
    let Report { postings, transfers, accounts, captured, credited, lies } = report;
    let mut text = format!(
        "postings {postings}, transfers {transfers}, accounts {accounts}, captured payments {captured}, \
         credited top-ups {credited}"
    );
    for lie in lies {
        text.push_str(&format!("\nLIE [{}] {}", lie.check, lie.what));
    }
    text.push_str(if lies.is_empty() { "\neverything adds up" } else { "\nTHE LEDGER IS NOT TRUE" });
    text
}
