//! The demo's parent: starts the simulator and the server, starts the server again when it dies, and ends
//! both when it is told to stop. When the parent itself dies, its children see their input end and stop.

use super::announce::{self, Children};
use super::secrets::{PAYPAL_CLIENT_ID, PAYPAL_WEBHOOK_ID, SMPP_SYSTEM_ID};
use super::{BRAND, Prepared, past, port_near, probe, write_private};
use crate::child::{self, Running};
use crate::command::simulator::Addresses;
use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::signals::stop_asked;
use crate::stop::Result;
use anyhow::{Context, anyhow, ensure};
use simulator::NETWORK_KEY;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::time::sleep;

/// Whom to ask and what is genuine at the fictional operator. The number is kept free for fiction (Ofcom, numbers
/// for drama); the host can belong to nobody (RFC 2606).
const CONTACT: &str = "[support]\nemail = \"help@luma.example\"\nphone = \"+44 20 7946 0018\"\n\
    [official]\nmail_domain = \"luma.example\"\ncard_statement = \"LUMA MOBILE\"\n\
    community = [\"\u{5fae}\u{4fe1} WeChat: luma-mobile\"]\n";

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Runs the demo until it is told to stop.
pub async fn run(demo: Prepared) -> Result<()> {
    let mut stop = pin!(stop_asked(demo.plan.stop_with_stdin)?);
    let (mut simulator, addresses) = start_simulator(&demo).await?;
    write_config(&demo, &addresses)?;
    write_past(&demo, &addresses).await?;
    let mut server = start_server(&demo, demo.plan.failpoints.as_deref())?;
    let (mut pause, mut is_ready, mut was_ready) = (PAUSE_MIN, false, false);
    let ended = loop {
        tokio::select! {
            biased;
            _ = &mut stop => break Ok(()),
            status = simulator.ended() => break Err(anyhow!("the simulator ended: {}", status?)),
            status = server.ended() => {
                let status = status?;
                if !was_ready && gave_up(status) {
                    break Err(anyhow!("the server gave up before it was ready; its reason stands above"));
                }
                tracing::warn!(%status, pause_ms = pause.as_millis(), "the server ended and is started again");
                tokio::select! {
                    _ = &mut stop => break Ok(()),
                    () = sleep(pause) => {}
                }
                (pause, is_ready) = ((pause * 2).min(PAUSE_MAX), false);
                server = start_server(&demo, None)?;
            }
            () = probe::ready(demo.address), if !is_ready => {
                let children = Children {
                    server: server.pid,
                    simulator: simulator.pid,
                    simulator_url: &addresses.base_url,
                    printer: addresses.printer,
                };
                announce::to_programs(&demo, &children)?;
                if !was_ready {
                    announce::to_people(&demo, &children);
                }
                (pause, is_ready, was_ready) = (PAUSE_MIN, true, true);
            }
        }
    };
    announce::withdraw(&demo.plan.data)?;
    server.stop().await?;
    simulator.stop().await?;
    Ok(ended?)
}

/// Did the server itself decide to end? A killed one has no exit code.
fn gave_up(status: ExitStatus) -> bool {
    status.code().is_some()
}

impl Prepared {
    /// How a browser on this machine reaches the portal.
    pub(super) fn base_url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    fn config_path(&self) -> PathBuf {
        self.plan.data.join("demo.toml")
    }
}

async fn start_simulator(demo: &Prepared) -> anyhow::Result<(Running, Addresses)> {
    let webhooks = format!("http://{}/webhooks", probe::reachable(demo.address));
    let args: [OsString; 14] = [
        "simulator".into(),
        "--listen".into(),
        port_near(demo.address).to_string().into(),
        "--smpp-listen".into(),
        "127.0.0.1:0".into(),
        "--smtp-listen".into(),
        "127.0.0.1:0".into(),
        "--printer-listen".into(),
        "127.0.0.1:0".into(),
        "--webhooks".into(),
        webhooks.into(),
        "--stop-with-stdin".into(),
        "--data".into(),
        demo.plan.data.clone().into(),
    ];
    let mut simulator = child::start(args, &[], Stdio::piped())?;
    let line = simulator.first_line().await.context("starting the simulator")?;
    let addresses = serde_json::from_str(&line).context("reading the simulator's addresses")?;
    Ok((simulator, addresses))
}

/// Where travellers of the demo come from: at every hour it is day for some of them, so that marketing can be tried.
const CONTACT_COUNTRIES: &str = r#"["CN", "GB", "ES", "FR", "DE", "HK", "MX"]"#;

/// Stands in the folder while the past is being written.
const UNFINISHED: &str = "past.unfinished";
/// What a demo makes in its folder; nothing else is removed.
const MADE: [&str; 7] = [
    "recarga.db",
    "recarga.db-wal",
    "recarga.db-shm",
    "simulator/simulator.db",
    "simulator/simulator.db-wal",
    "simulator/simulator.db-shm",
    "keyring.json",
];

/// Removes a demo whose past was cut off, so that it is begun anew.
pub(super) fn remove_unfinished(data: &Path) -> Result<()> {
    if !data.join(UNFINISHED).exists() {
        return Ok(());
    }
    tracing::warn!("the past was cut off while it was written: the demo begins anew");
    for name in MADE.iter().copied().chain([UNFINISHED]) {
        match std::fs::remove_file(data.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(anyhow::Error::from(error).context(format!("removing {name}")).into());
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Gives a new demo its past, before there is a server.
async fn write_past(demo: &Prepared, simulator: &Addresses) -> Result<()> {
    let source = Source { config: Some(demo.config_path()), data: None, database: None };
    let settings = Settings::load(&source, None)?;
    let place = Place::of(&settings);
    let _server_lock = place.lock()?;
    let days = demo.plan.past_days;
    if days == 0 || place.open()?.read(store::top_up::any).await.map_err(anyhow::Error::from)? {
        return Ok(());
    }
    // Cut off in the middle it would stay half for ever: the next start begins anew.
    let mark = demo.plan.data.join(UNFINISHED);
    std::fs::write(&mark, "").context("marking the past as unfinished")?;
    tracing::info!(days, "writing the demo's past; what goes wrong in it goes wrong on purpose");
    let db = place.open_quickly()?;
    let written = past::write(&settings, &simulator.base_url, db, &demo.api_key, days).await?;
    place.to_disk()?;
    std::fs::remove_file(&mark).context("marking the past as finished")?;
    tracing::info!(orders = written, days, "the demo was given its past");
    Ok(())
}

fn start_server(demo: &Prepared, failpoints: Option<&str>) -> anyhow::Result<Running> {
    let args: [OsString; 4] =
        ["serve".into(), "--stop-with-stdin".into(), "--config".into(), demo.config_path().into()];
    let armed: Vec<(&str, &str)> = failpoints.into_iter().map(|f| ("RECARGA_FAILPOINTS", f)).collect();
    child::start(args, &armed, Stdio::null())
}

/// The server's settings. They hold secrets: the file is its owner's.
fn write_config(demo: &Prepared, simulator: &Addresses) -> anyhow::Result<()> {
    let data = demo.plan.data.to_str().context("--data: the folder's name is not UTF-8")?;
    let quoted = |text: &str| toml::Value::from(text).to_string();
    ensure!(simulator.http.ip().is_loopback(), "the simulator listens on {}", simulator.http);
    let secrets = &demo.secrets;
    let text = format!(
        "# Written by `recarga demo` at every start.\ndemo = true\nsimulator_url = {}\n\
         [server]\nlisten = \"{}\"\npublic_url = {}\n\
         [database]\ndata = {}\n\
         [portal]\nbrand = {}\n{CONTACT}[accounts]\ncontact_countries = {CONTACT_COUNTRIES}\n\
         [payments.stripe]\nbase_url = \"http://{}\"\nsecret_key = {}\nwebhook_secrets = [{}]\n\
         [payments.paypal]\nbase_url = \"http://{}\"\nclient_id = {}\nclient_secret = {}\nwebhook_id = {}\n\
         cert_hosts = [\"localhost\"]\n\
         [sms.smpp]\naddress = \"{}\"\nsystem_id = {}\npassword = {}\nsource = \"Luma\"\n\
         [mail]\nhost = \"{}\"\nport = {}\nsecurity = \"plain\"\nfrom = \"receipts@luma.example\"\n\
         [network]\nbase_url = \"http://{}/network\"\nkey = {}\n\
         [log]\nfilter = {}\n",
        quoted(&simulator.base_url),
        demo.address,
        quoted(&demo.base_url()),
        quoted(data),
        quoted(BRAND),
        simulator.http,
        quoted(&secrets.stripe_key),
        quoted(&secrets.webhook_secret),
        simulator.http,
        quoted(PAYPAL_CLIENT_ID),
        quoted(&secrets.paypal_secret),
        quoted(PAYPAL_WEBHOOK_ID),
        simulator.smpp,
        quoted(SMPP_SYSTEM_ID),
        quoted(&secrets.smpp_password),
        simulator.smtp.ip(),
        simulator.smtp.port(),
        simulator.http,
        quoted(NETWORK_KEY),
        quoted(&demo.plan.log),
    );
    write_private(&demo.config_path(), &text)
}
