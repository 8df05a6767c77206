//! `recarga migrate`: brings the schema up to date, also of a database that is not there yet.

use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::stop::Result;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
}

pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.source, None)?;
    crate::logging::start(&settings.log)?;
    match Place::of(&settings).migrate()? {
        0 => println!("the schema was up to date"),
        steps => println!("the schema is up to date; migrations run: {steps}"),
    }
    Ok(())
}
