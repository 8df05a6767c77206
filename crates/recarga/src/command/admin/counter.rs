//! `recarga admin counter`: how the first owner of an agent comes to a counter.

use crate::settings::Source;
use crate::stop::{Result, Stop};
use crate::wiring;
use domain::id::{AgentId, PlaceId};
use domain::locale::Locale;
use domain::outlet::{Outlet, OutletState};
use flows::World;
use flows::counter::clerks;

#[derive(Debug, clap::Subcommand)]
pub enum CounterCommand {
    /// Invite an owner of an agent and print the one-time code that pairs a device and sets the PIN
    InviteOwner {
        /// The number of the shop where the first device will stand, as `shops` lists it
        #[arg(long, required_unless_present = "agent")]
        shop: Option<String>,
        /// The agent, ag_…, instead of a shop
        #[arg(long, requires = "place", conflicts_with = "shop")]
        agent: Option<String>,
        /// Its outlet, plc_…
        #[arg(long, requires = "agent")]
        place: Option<String>,
        /// What colleagues read
        #[arg(long)]
        name: String,
        /// The owner's language
        #[arg(long, default_value = "zh-CN", value_parser = locale)]
        locale: Locale,
        #[command(flatten)]
        source: Source,
    },
    /// List the shops that may sell: number, name and agent, a tab between
    Shops {
        #[command(flatten)]
        source: Source,
    },
}

/// Shops that are listed.
const SHOPS_MAX: i64 = 1_000;

fn locale(text: &str) -> std::result::Result<Locale, String> {
    let known = Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
    Locale::parse(text).ok_or_else(|| format!("known languages are {known}"))
}

pub fn run(command: &CounterCommand) -> Result<()> {
    match command {
        CounterCommand::InviteOwner { shop, agent, place, name, locale, source } => {
            let ids = agent.as_deref().zip(place.as_deref());
            let at = match (shop, ids) {
                (Some(number), _) => At::Shop(number.clone()),
                (None, Some((agent, place))) => At::Ids(
                    AgentId::parse(agent).map_err(|error| Stop::wrong(format!("--agent: {error}")))?,
                    PlaceId::parse(place).map_err(|error| Stop::wrong(format!("--place: {error}")))?,
                ),
                (None, None) => return Err(Stop::wrong("name the shop with --shop NUMBER")),
            };
            invite(source, at, name, *locale)
        }
        CounterCommand::Shops { source } => wiring::administer(source, async |world| {
            for outlet in open_shops(world).await? {
                println!("{}\t{}\t{}", outlet.facts.number, outlet.facts.name, outlet.agent);
            }
            Ok(())
        }),
    }
}

/// Where the owner's first device will stand.
enum At {
    Shop(String),
    Ids(AgentId, PlaceId),
}

async fn open_shops(world: &World) -> anyhow::Result<Vec<Outlet>> {
    let read = world.db.read(|tx| store::outlet::list_in(tx, OutletState::Open, SHOPS_MAX));
    Ok(read.await?)
}

fn invite(source: &Source, at: At, name: &str, locale: Locale) -> Result<()> {
    wiring::administer(source, async |world| {
        let (agent, place) = match &at {
            At::Ids(agent, place) => (agent.clone(), place.clone()),
            At::Shop(number) => {
                let found = open_shops(world).await?.into_iter().find(|shop| shop.facts.number == *number);
                let shop = found
                    .ok_or_else(|| Stop::wrong(format!("no shop that may sell has the number {number}")))?;
                (shop.agent, shop.place)
            }
        };
        let invited = clerks::invite_owner(world, &agent, &place, name, locale).await?;
        let invited = invited.map_err(|refusal| Stop::wrong(refusal.to_string()))?;
        let number = invited.clerk.number;
        eprintln!("{} was invited as clerk number {number}.", invited.clerk.id);
        eprintln!("One-time code, shown only this once, good for 7 days. It pairs a device at");
        eprintln!("{}/agent/pair and then lets the owner choose a PIN.", world.settings.public_url);
        println!("{} {number}", invited.code);
        Ok(())
    })
}
