//! `recarga admin`: catalogue, lines, partners, keys and the keyring. What a script wants is on stdout, what a
//! person wants to know besides is on stderr.

mod counter;
mod import;
mod invoices;
mod partner;
mod places;
mod staff;

use crate::clock::SystemClock;
use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::stop::{Result, Stop};
use domain::time::{Clock as _, HOUR_MS};
use std::path::PathBuf;
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
    /// Invoices and credit notes, number by number
    #[command(subcommand)]
    Invoices(invoices::InvoicesCommand),
    /// The keyring, under which numbers and keys are sealed
    #[command(subcommand)]
    Keyring(KeyringCommand),
}

#[derive(Debug, clap::Subcommand)]
pub enum KeyringCommand {
    /// Add a new key and use it from the next start on; old keys stay, to read what they sealed
    Rotate(RotateArgs),
    /// Add a key that signs receipts; until it takes over it is only published, so that everybody knows it in time
    RotateReceiptKey(RotateReceiptKeyArgs),
}

#[derive(Debug, clap::Args)]
pub struct RotateReceiptKeyArgs {
    /// In how many hours it takes over. Start every server and worker anew before that.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=8760))]
    in_hours: i64,
    #[command(flatten)]
    source: Source,
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
        Command::Invoices(command) => invoices::invoices(command),
        Command::Keyring(KeyringCommand::Rotate(args)) => rotate(args),
        Command::Keyring(KeyringCommand::RotateReceiptKey(args)) => rotate_receipt_key(args),
    }
}

fn keyring_of(source: &Source) -> Result<PathBuf> {
    let path = Place::of(&Settings::load(source, None)?).keyring_path();
    if path.exists() {
        Ok(path)
    } else {
        Err(Stop::wrong(format!("there is no keyring at {}", path.display())))
    }
}

fn rotate_receipt_key(args: &RotateReceiptKeyArgs) -> Result<()> {
    let path = keyring_of(&args.source)?;
    let from = SystemClock.now().plus_ms(args.in_hours * HOUR_MS);
    println!("{}", Keyring::rotate_receipt_key(&path, from)?);
    eprintln!(
        "{} has a new key for receipts. It takes over at {}: start every server and worker anew before that.",
        path.display(),
        from.rfc3339()
    );
    Ok(())
}

fn rotate(args: &RotateArgs) -> Result<()> {
    let path = keyring_of(&args.source)?;
    println!("{}", Keyring::rotate(&path)?);
    eprintln!(
        "{} has a new current key. Start every server and worker anew before the next import of lines.",
        path.display()
    );
    Ok(())
}
