//! `recarga admin`: catalogue, lines, partners, keys and the keyring. What a script wants is on stdout, what a
//! person wants to know besides is on stderr.

mod counter;
mod import;
mod partner;
mod places;
mod staff;

use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::stop::{Result, Stop};
use store::keyring::Keyring;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The catalogue: markets and offers
    #[command(subcommand)]
    Catalogue(import::CatalogueCommand),
    /// The register of lines
    #[command(subcommand)]
    Lines(import::LinesCommand),
    /// Partners and their floats
    #[command(subcommand)]
    Partner(partner::PartnerCommand),
    /// A partner's API keys
    #[command(subcommand)]
    ApiKey(partner::ApiKeyCommand),
    /// How an owner of an agent comes to a counter
    #[command(subcommand)]
    Counter(counter::CounterCommand),
    /// Shops and kiosks, as the public may see them
    #[command(subcommand)]
    Places(places::PlacesCommand),
    /// Who may come into the office
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// What staff did, saw and changed
    #[command(subcommand)]
    Audit(staff::AuditCommand),
    /// The keyring, under which numbers and keys are sealed
    #[command(subcommand)]
    Keyring(KeyringCommand),
}

#[derive(Debug, clap::Subcommand)]
pub enum KeyringCommand {
    /// Add a new key and use it from the next start on; old keys stay, to read what they sealed
    Rotate(RotateArgs),
}

#[derive(Debug, clap::Args)]
pub struct RotateArgs {
    #[command(flatten)]
    source: Source,
}

pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Catalogue(command) => import::catalogue(command),
        Command::Lines(command) => import::lines(command),
        Command::Partner(command) => partner::partner(command),
        Command::ApiKey(command) => partner::api_key(command),
        Command::Counter(command) => counter::run(command),
        Command::Places(command) => places::run(command),
        Command::Staff(command) => staff::staff(command),
        Command::Audit(command) => staff::audit(command),
        Command::Keyring(KeyringCommand::Rotate(args)) => rotate(args),
    }
}

fn rotate(args: &RotateArgs) -> Result<()> {
    let path = Place::of(&Settings::load(&args.source, None)?).keyring_path();
    if !path.exists() {
        return Err(Stop::wrong(format!("there is no keyring at {}", path.display())));
    }
    println!("{}", Keyring::rotate(&path)?);
    eprintln!(
        "{} has a new current key. Start every server and worker anew before the next import of lines.",
        path.display()
    );
    Ok(())
}
