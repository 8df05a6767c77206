//! `recarga config check` prints the settings as they are in effect, without secrets; `recarga config example`
//! prints a commented file with every key.

use crate::settings::{EXAMPLE, Settings, Source};
use crate::stop::Result;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check the settings and print what is in effect, without secrets
    Check(Args),
    /// Print a commented settings file
    Example,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
}

pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Check(args) => print!("{}", Settings::load(&args.source, None)?.shown()?),
        Command::Example => print!("{EXAMPLE}"),
    }
    Ok(())
}
