//! `recarga admin counter`: how the first owner of an agent comes to a counter.

use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use domain::id::{AgentId, PlaceId};
use domain::locale::Locale;
use flows::counter::clerks;

#[derive(Debug, clap::Subcommand)]
pub enum CounterCommand {
    /// Invite an owner of an agent and print the one-time code that pairs a device and sets the PIN
    InviteOwner {
        /// The agent, ag_…
        #[arg(long)]
        agent: String,
        /// The outlet where the first device will stand, plc_…
        #[arg(long)]
        place: String,
        /// What colleagues read
        #[arg(long)]
        name: String,
        /// The owner's language
        #[arg(long, default_value = "zh-CN", value_parser = locale)]
        locale: Locale,
        #[command(flatten)]
        source: Source,
    },
}

fn locale(text: &str) -> std::result::Result<Locale, String> {
    let known = Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
    Locale::parse(text).ok_or_else(|| format!("known languages are {known}"))
}

pub fn run(command: &CounterCommand) -> Result<()> {
    let CounterCommand::InviteOwner { agent, place, name, locale, source } = command;
    let agent = AgentId::parse(agent).map_err(|error| Stop::wrong(format!("--agent: {error}")))?;
    let place = PlaceId::parse(place).map_err(|error| Stop::wrong(format!("--place: {error}")))?;
    wiring::administer(source, async |world| {
        let invited = clerks::invite_owner(world, &agent, &place, name, *locale).await?;
        let invited = invited.map_err(|refusal| Stop::wrong(refusal.to_string()))?;
        let number = invited.clerk.number;
        eprintln!("{} was invited as clerk number {number}.", invited.clerk.id);
        eprintln!("One-time code, shown only this once, good for 7 days. It pairs a device at");
        eprintln!("{}/agent/pair and then lets the owner choose a PIN.", world.settings.public_url);
        println!("{}", invited.code);
        Ok(())
    })
}
