//! `recarga admin places`: the operator's file of shops and kiosks, and their photos.

use super::import::{read, refuse};
use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use indicatif::ProgressBar;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Subcommand)]
pub enum PlacesCommand {
    /// Take a CSV of shops and kiosks into the register (docs/places.md names its columns)
    Import(ImportArgs),
    /// Give a shop or kiosk its photo: a JPEG, PNG or WebP of at most 1 MiB
    Photo(PhotoArgs),
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    file: PathBuf,
    /// The file is everything: what it does not name has ended
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, clap::Args)]
pub struct PhotoArgs {
    /// The number on the sticker
    number: String,
    file: PathBuf,
    #[command(flatten)]
    source: Source,
}

pub fn run(command: &PlacesCommand) -> Result<()> {
    match command {
        PlacesCommand::Import(args) => import(args),
        PlacesCommand::Photo(args) => photo(args),
    }
}

fn import(args: &ImportArgs) -> Result<()> {
    let text = read(&args.file)?;
    wiring::administer(&args.source, async |world| {
        // The file goes in as one transaction: there is no half to show, only that it goes on.
        let progress = ProgressBar::new_spinner();
        progress.set_message(format!("{} places", text.lines().count().saturating_sub(1)));
        progress.enable_steady_tick(Duration::from_millis(100));
        let imported = flows::places::import::import(world, &text, args.replace).await;
        progress.finish_and_clear();
        let imported = imported?.map_err(|faults| refuse(&args.file, &faults))?;
        println!(
            "added {}, changed {}, unchanged {}, ended {}",
            imported.added, imported.changed, imported.unchanged, imported.ended
        );
        Ok(())
    })
}

fn photo(args: &PhotoArgs) -> Result<()> {
    let bytes =
        std::fs::read(&args.file).map_err(|e| Stop::wrong(format!("{}: {e}", args.file.display())))?;
    wiring::administer(&args.source, async |world| {
        let set = flows::places::photo::set(world, &args.number, &bytes).await?;
        set.map_err(|unfit| Stop::wrong(format!("{}: {unfit}", args.number)))
    })
}
