//! The servers that are measured: children of the same program on databases of their own, one with group
//! commit and one with a commit per top-up. On PostgreSQL both share the database.

use super::Plan;
use crate::child::{self, Running};
use crate::demo::probe;
use crate::place::Place;
use crate::settings::{DatabaseSettings, Settings};
use crate::stop::{Result, Stop};
use crate::wiring;
use anyhow::{Context, ensure};
use domain::money::Money;
use domain::partner::Scope;
use flows::{World, partners};
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use store::ledger::Report;

const CATALOGUE: &str = include_str!("../../demo/catalogue.toml");
const OFFER: &str = "gb-credit-10";
const LINES: usize = 5_000;
/// Numbers are this far apart, spread over the range.
const APART: usize = 199;
pub const FLOAT_MINOR: i64 = 1_000_000_000_000_000;
const READY_WITHIN: Duration = Duration::from_secs(30);

/// One database with a partner, its key and a file of settings per server.
pub struct Ground {
    place: Place,
    pub api_key: String,
}

/// Everything that is served.
pub struct Targets {
    /// One on PostgreSQL; on SQLite one per server.
    pub grounds: Vec<Ground>,
    group: PathBuf,
    single: PathBuf,
    pub bodies: Arc<Vec<String>>,
}

impl Targets {
    /// Makes schema, catalogue, lines, partner, float and key. Not on a runtime.
    pub fn prepare(plan: &Plan, folder: &Path) -> Result<Targets> {
        let numbers = numbers();
        let grounds = match &plan.database {
            Some(_) => vec![Ground::prepare(plan, &folder.join("both"), &numbers)?],
            None => vec![
                Ground::prepare(plan, &folder.join("group"), &numbers)?,
                Ground::prepare(plan, &folder.join("single"), &numbers)?,
            ],
        };
        let bodies = Arc::new(bodies(&numbers));
        let (group, single) = (folder.join("group.toml"), folder.join("single.toml"));
        let targets = Targets { grounds, group, single, bodies };
        write_config(plan, targets.of_group(), None, &targets.group)?;
        write_config(plan, targets.of_single(), Some(1), &targets.single)?;
        Ok(targets)
    }

    pub fn of_group(&self) -> &Ground {
        &self.grounds[0]
    }

    pub fn of_single(&self) -> &Ground {
        &self.grounds[self.grounds.len() - 1]
    }

    /// The server with group commit, ready to sell.
    pub async fn start_group(&self) -> anyhow::Result<(Running, SocketAddr)> {
        start(&self.group).await
    }

    /// The server with a commit per top-up, ready to sell.
    pub async fn start_single(&self) -> anyhow::Result<(Running, SocketAddr)> {
        start(&self.single).await
    }

    /// Recomputes every ledger. Not on a runtime.
    pub fn verify(&self) -> Result<Vec<Report>> {
        self.grounds.iter().map(Ground::verify).collect()
    }
}

/// The lines that are topped up.
pub fn numbers() -> Vec<String> {
    (0..LINES).map(|n| format!("+447400{:06}", n * APART)).collect()
}

/// What a partner asks for each of them.
pub fn bodies(numbers: &[String]) -> Vec<String> {
    let body = |number: &String| {
        format!(r#"{{"msisdn":"{number}","offer_id":"{OFFER}","tender":{{"type":"float"}}}}"#)
    };
    numbers.iter().map(body).collect()
}

impl Ground {
    fn prepare(plan: &Plan, data: &Path, numbers: &[String]) -> Result<Ground> {
        Ok(Ground::prepare_with(plan, data, numbers, async |_| Ok(()))?.0)
    }

    /// The same with more than a partner.
    pub fn prepare_with<T>(
        plan: &Plan,
        data: &Path,
        numbers: &[String],
        more: impl AsyncFnOnce(&World) -> anyhow::Result<T>,
    ) -> Result<(Ground, T)> {
        let database = DatabaseSettings {
            url: plan.database.clone(),
            data: data.to_owned(),
            ..DatabaseSettings::default()
        };
        let settings = Settings { database, ..Settings::default() };
        settings.check().map_err(|what| Stop::wrong(format!("--database: {what}")))?;
        let place = Place::of(&settings);
        refuse_used(&place)?;
        let (api_key, more) = wiring::administer_with(&settings, async |world| {
            Ok((fill(world, numbers).await?, more(world).await?))
        })?;
        Ok((Ground { place, api_key }, more))
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Recomputes its ledger. Not on a runtime.
    pub fn verify(&self) -> Result<Report> {
        crate::command::ledger::verify(&self.place)
    }
}

/// A database in which somebody sells already is no place for a bench.
fn refuse_used(place: &Place) -> Result<()> {
    place.migrate()?;
    let db = place.open()?;
    let read = db.read(|tx| tx.query_first("select 1 from market", &[], |_| Ok(())));
    if wiring::runtime(1)?.block_on(read)?.is_some() {
        return Err(Stop::wrong("--database: is in use already; the bench needs an empty database"));
    }
    Ok(())
}

async fn fill(world: &World, numbers: &[String]) -> Result<String> {
    let refused = |what: &str| anyhow::anyhow!("the bench's own {what} were refused");
    flows::catalogue::import(world, CATALOGUE).await?.map_err(|_| refused("offers"))?;
    let csv: String = std::iter::once("msisdn,status,locale")
        .chain(numbers.iter().map(String::as_str))
        .flat_map(|line| [line, "\n"])
        .collect();
    flows::lines::import(world, &csv).await?.map_err(|_| refused("lines"))?;
    let partner = partners::create(world, "Bench").await?;
    let float = Money::new(FLOAT_MINOR, "GBP".parse().context("pounds")?);
    partners::deposit(world, &partner, "bench", float).await?;
    Ok(partners::create_key(world, &partner, Scope::ALL.to_vec()).await?.1)
}

pub fn write_config(plan: &Plan, ground: &Ground, batch_max: Option<usize>, path: &Path) -> Result<()> {
    let mut database = toml::Table::new();
    let data = ground.place.folder.to_str().ok_or_else(|| Stop::wrong("--data: is not UTF-8"))?;
    database.insert("data".into(), data.into());
    if let Some(url) = &plan.database {
        database.insert("url".into(), url.as_str().into());
    }
    if let Some(batch_max) = batch_max {
        database.insert("batch_max".into(), i64::try_from(batch_max).unwrap_or(1).into());
    }
    let text =
        format!("[server]\nworkers = {}\n[log]\nfilter = \"warn\"\n[database]\n{database}", plan.workers);
    Ok(std::fs::write(path, text)?)
}

/// A server on such a file, ready to sell.
pub async fn start(config: &Path) -> anyhow::Result<(Running, SocketAddr)> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let args: [OsString; 7] = [
        "serve".into(),
        "--no-work".into(),
        "--stop-with-stdin".into(),
        "--listen".into(),
        address.to_string().into(),
        "--config".into(),
        config.into(),
    ];
    let mut server = child::start(args, &[], Stdio::null())?;
    tokio::select! {
        ended = server.ended() => anyhow::bail!("the measured server ended at once: {}", ended?),
        ready = tokio::time::timeout(READY_WITHIN, probe::ready(address)) => {
            ensure!(ready.is_ok(), "the measured server cannot sell");
        }
    }
    Ok((server, address))
}
