//! The demo: a fictional operator, a simulated world outside, and a parent process that keeps the server
//! alive. Start reading at [`prepare`] and [`run`]; `supervise` is the parent's loop.

mod announce;
mod dates;
mod numbers;
mod past;
pub mod probe;
pub mod secrets;
mod supervise;

pub use numbers::LIN;
pub use supervise::run;

use crate::place::{Place, lock_file};
use crate::settings::{DatabaseSettings, Portal, Settings};
use crate::stop::{Result, Stop};
use crate::wiring;
use anyhow::{Context, anyhow, bail};
use domain::actor::Actor;
use domain::catalogue::Fault;
use domain::ledger::Outcome;
use domain::money::Money;
use domain::partner::Scope;
use domain::risk::{Limit, Mark, Setting};
use flows::{World, partners};
use secrets::{Secrets, StaffSecrets};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use tokio::net::TcpSocket;

/// The fictional operator.
const BRAND: &str = "Luma Mobile";
const CATALOGUE: &str = include_str!("../demo/catalogue.toml");
const LINES: &str = include_str!("../demo/lines.csv");
const PLACES: &str = include_str!("../demo/places.csv");
/// The partner that has the API key, and what it paid in, once.
const PARTNER: &str = "Demo Partner";
const FLOAT_MINOR: i64 = 10_000_000;
const FLOATS: &[(&str, &str)] = &[("GBP", "demo float GBP"), ("EUR", "demo float EUR")];

/// What the caller wants.
pub struct Plan {
    pub listen: SocketAddr,
    pub data: PathBuf,
    /// Days of past that a demo without orders is given.
    pub past_days: u32,
    /// For the first server only.
    pub failpoints: Option<String>,
    pub stop_with_stdin: bool,
    /// What the server logs, as in the setting `log.filter`.
    pub log: String,
}

/// A demo that is ready to be started.
pub struct Prepared {
    plan: Plan,
    /// Where the server listens, also after it was started again.
    address: SocketAddr,
    secrets: Secrets,
    api_key: String,
    /// One demo per folder.
    _lock: File,
    /// Bound and not listening: until its server listens, and while one is started again, nobody else gets the port.
    _port: TcpSocket,
}

/// Fills the demo's database as far as it is not full already. Not on a runtime.
pub fn prepare(plan: Plan) -> Result<Prepared> {
    std::fs::create_dir_all(&plan.data)
        .map_err(|e| Stop::wrong(format!("--data: {}: {e}", plan.data.display())))?;
    let lock = lock_file(&plan.data.join("demo.lock"))?;
    announce::withdraw(&plan.data)?;
    supervise::remove_unfinished(&plan.data)?;
    let mut secrets = Secrets::open_or_make(&plan.data)?;
    let settings = settings(&plan.data);
    // No server may run on this file while it is filled; ours takes the lock afterwards.
    let server_lock = Place::of(&settings).lock()?;
    let api_key = wiring::administer_with(&settings, async |world| fill(world, &secrets).await)?;
    drop(server_lock);
    if secrets.api_key.as_ref() != Some(&api_key) {
        secrets.api_key = Some(api_key.clone());
        secrets.write(&plan.data)?;
    }
    let (address, port) = choose_port(plan.listen)?;
    Ok(Prepared { plan, address, secrets, api_key, _lock: lock, _port: port })
}

/// What filling the database needs; the server gets a file with more.
fn settings(data: &Path) -> Settings {
    Settings {
        demo: true,
        database: DatabaseSettings { data: data.to_owned(), ..DatabaseSettings::default() },
        portal: Portal { brand: BRAND.to_owned(), ..Portal::default() },
        ..Settings::default()
    }
}

/// Catalogue, lines, a partner with money, and a key that works. Doing it again changes nothing.
async fn fill(world: &World, secrets: &Secrets) -> Result<String> {
    flows::catalogue::import(world, &dates::moved(CATALOGUE, world.now()))
        .await?
        .map_err(|f| broken("catalogue.toml", &f))?;
    flows::lines::import(world, LINES).await?.map_err(|f| broken("lines.csv", &f))?;
    flows::places::import::import(world, PLACES, false).await?.map_err(|f| broken("places.csv", &f))?;
    one_card_for_everybody(world).await?;
    for StaffSecrets { login, name, role, passphrase, totp } in &secrets.staff {
        flows::office::staff::seat_in_demo(world, login, name, *role, passphrase, totp).await?;
    }
    let partner = partners::create(world, PARTNER).await?;
    for (currency, reference) in FLOATS {
        let currency = currency.parse().context("the demo's currency")?;
        match partners::deposit(world, &partner, reference, Money::new(FLOAT_MINOR, currency)).await? {
            Outcome::Applied | Outcome::AppliedBefore => {}
            refused @ (Outcome::Refused(_) | Outcome::Conflict) => {
                return Err(anyhow!("the demo's float was not booked: {refused:?}").into());
            }
        }
    }
    if let Some(key) = &secrets.api_key
        && partners::authenticate(world, key).await?.is_some()
    {
        return Ok(key.clone());
    }
    let (_, key) = partners::create_key(world, &partner, Scope::ALL.to_vec()).await?;
    Ok(key)
}

/// In the demo everybody pays with the same few test cards, from the same computer, for the same numbers.
async fn one_card_for_everybody(world: &World) -> Result<()> {
    for mark in Mark::ALL.iter().copied() {
        for signed_in in [false, true] {
            for limit in [Limit::orders(mark, signed_in), Limit::money(mark, signed_in)] {
                let setting = Setting::Limit(limit, limit.greatest());
                flows::risk::set(world, setting, Actor::System, "test cards and numbers are shared").await?;
            }
        }
    }
    Ok(())
}

fn broken(file: &str, faults: &[Fault]) -> Stop {
    let listed: Vec<String> = faults.iter().map(|f| format!("{file}:{}: {}", f.line, f.reason)).collect();
    anyhow!("the demo's own data is broken: {}", listed.join("; ")).into()
}

/// The port is chosen once and kept, so that a server that is started again is found where it was.
fn choose_port(listen: SocketAddr) -> Result<(SocketAddr, TcpSocket)> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // The server binds the same port in the same manner.
    socket.set_reuseaddr(true)?;
    socket.bind(listen).map_err(|e| {
        let port = listen.port();
        Stop::wrong(format!("--listen: {listen}: {e}; end what uses port {port}, or name another one"))
    })?;
    Ok((socket.local_addr()?, socket))
}

/// The preferred port when it is free, else any.
fn port_near(address: SocketAddr) -> SocketAddr {
    let wanted = SocketAddr::from(([127, 0, 0, 1], address.port().checked_add(1).unwrap_or(0)));
    TcpListener::bind(wanted)
        .and_then(|bound| bound.local_addr())
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// Writes a file that only its owner reads, whole or not at all.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let Some(name) = path.file_name() else { bail!("{} is no file", path.display()) };
    let beside = path.with_file_name(format!(".{}.new", name.to_string_lossy()));
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&beside, path).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests;
