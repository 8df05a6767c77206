//! `recarga admin catalogue import` and `recarga admin lines import`: a file is applied whole, or its faults
//! are listed and nothing changes (exit 2).

use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use domain::catalogue::Fault;
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, clap::Subcommand)]
pub enum CatalogueCommand {
    /// Make a TOML file the current catalogue
    Import(Args),
}

#[derive(Debug, clap::Subcommand)]
pub enum LinesCommand {
    /// Take a CSV of msisdn,status,locale into the register
    Import(Args),
}

#[derive(Debug, clap::Args)]
pub struct Args {
    file: PathBuf,
    #[command(flatten)]
    source: Source,
}

pub fn catalogue(command: &CatalogueCommand) -> Result<()> {
    let CatalogueCommand::Import(args) = command;
    let text = read(&args.file)?;
    wiring::administer(&args.source, async |world| {
        let imported = flows::catalogue::import(world, &text).await?.map_err(|f| refuse(&args.file, &f))?;
        println!(
            "markets {}, offers {}, new versions {}",
            imported.markets, imported.offers, imported.new_versions
        );
        Ok(())
    })
}

pub fn lines(command: &LinesCommand) -> Result<()> {
    let LinesCommand::Import(args) = command;
    let text = read(&args.file)?;
    wiring::administer(&args.source, async |world| {
        // The file goes in as one transaction: there is no half to show, only that it goes on.
        let progress = ProgressBar::new_spinner();
        progress.set_message(format!("{} lines", text.lines().count().saturating_sub(1)));
        progress.enable_steady_tick(Duration::from_millis(100));
        let imported = flows::lines::import(world, &text).await;
        progress.finish_and_clear();
        let imported = imported?.map_err(|faults| refuse(&args.file, &faults))?;
        println!("added {}, changed {}, unchanged {}", imported.added, imported.changed, imported.unchanged);
        Ok(())
    })
}

pub(super) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| Stop::wrong(format!("{}: {e}", path.display())))
}

/// Lists the faults on stderr and sums up.
pub(super) fn refuse(path: &Path, faults: &[Fault]) -> Stop {
    for fault in faults {
        eprintln!("{}:{}: {}", path.display(), fault.line, fault.reason);
    }
    Stop::wrong(format!("{}: {} faults, nothing was imported", path.display(), faults.len()))
}
