//! The settings: a TOML file, then `RECARGA_*` from the environment, then flags. The later wins.
//!
//! Start reading at [`Settings`]; `check` says what cannot be right, `redact` prints without secrets, and
//! `settings/example.toml` explains every key. The environment is read here and nowhere else.

mod check;
mod contact;
mod fiscal;
mod mail;
mod network;
mod redact;
#[cfg(test)]
mod tests;

use crate::stop::{Result, Stop};
use config::{Config, Environment, File, FileFormat};
use contact::{OfficialSettings, SupportSettings};
use domain::locale::Locale;
use fiscal::FiscalSettings;
use gateways::Secret;
use gateways::payment::paypal;
use gateways::payment::stripe::{LIVE_BASE_URL, ThreeDSecure};
use mail::MailSettings;
use network::NetworkSettings;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A commented file with every key.
pub const EXAMPLE: &str = include_str!("settings/example.toml");

/// Everything that the operator sets.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Is the world outside simulated? Then every page says so, and live keys are refused.
    pub demo: bool,
    /// Where people find the simulator's phone and mailbox, in a demo.
    pub simulator_url: Option<String>,
    pub server: Server,
    pub database: DatabaseSettings,
    pub portal: Portal,
    pub support: SupportSettings,
    pub official: OfficialSettings,
    pub payments: Payments,
    pub sms: SmsSettings,
    pub mail: Option<MailSettings>,
    pub network: Option<NetworkSettings>,
    /// The fiscal devices, by market.
    pub fiscal: BTreeMap<String, FiscalSettings>,
    pub orders: Orders,
    pub accounts: Accounts,
    pub paper: Paper,
    pub log: Log,
}

/// How people and machines reach us.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    #[serde(deserialize_with = "check::address")]
    pub listen: SocketAddr,
    /// The portal's address from outside; `http://localhost:PORT` when none.
    pub public_url: Option<String>,
    /// Runtime threads; 1 is a runtime of one thread.
    pub workers: usize,
    /// Believe `X-Forwarded-For` of whoever connects?
    pub trusted_proxies: bool,
}

impl Default for Server {
    fn default() -> Server {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Server { listen, public_url: None, workers: 2, trusted_proxies: false }
    }
}

impl Server {
    /// The portal's address, without a slash at the end.
    pub fn public_url(&self) -> String {
        let own = || format!("http://localhost:{}", self.listen.port());
        self.public_url.as_deref().map_or_else(own, |url| url.trim_end_matches('/').to_owned())
    }
}

/// Which database, and its limits; a limit that is not set is the engine's own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// PostgreSQL; SQLite in `data` when none.
    #[serde(serialize_with = "redact::url")]
    pub url: Option<String>,
    /// The folder of `recarga.db` and `keyring.json`.
    pub data: PathBuf,
    pub batch_max: Option<usize>,
    pub queue_max: Option<usize>,
    pub threads: Option<usize>,
}

impl Default for DatabaseSettings {
    fn default() -> DatabaseSettings {
        DatabaseSettings { url: None, data: "data".into(), batch_max: None, queue_max: None, threads: None }
    }
}

/// What people see.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Portal {
    pub brand: String,
    /// For visitors whose browser names no language that we speak.
    #[serde(deserialize_with = "check::word")]
    pub default_locale: Locale,
}

impl Default for Portal {
    fn default() -> Portal {
        Portal { brand: "Recarga".into(), default_locale: Locale::En }
    }
}

/// Payment providers, in the order in which buyers are offered them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payments {
    /// How long a hosted page stays open.
    pub page_ttl_minutes: i64,
    pub stripe: Option<StripeSettings>,
    pub paypal: Option<PayPalSettings>,
}

impl Default for Payments {
    fn default() -> Payments {
        Payments { page_ttl_minutes: 35, stripe: None, paypal: None }
    }
}

/// Stripe's hosted pages.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StripeSettings {
    #[serde(default = "live_base_url")]
    pub base_url: String,
    #[serde(serialize_with = "redact::secret")]
    pub secret_key: Secret,
    /// Old and new one side by side while one is rotated. In the environment separated by commas.
    #[serde(default, deserialize_with = "check::secrets", serialize_with = "redact::secrets")]
    pub webhook_secrets: Vec<Secret>,
    pub account: Option<String>,
    #[serde(default, deserialize_with = "check::word", serialize_with = "redact::three_d_secure")]
    pub three_d_secure: ThreeDSecure,
    /// Where hosted pages are, if the account has an address of its own for them.
    pub page_origin: Option<String>,
}

fn live_base_url() -> String {
    LIVE_BASE_URL.to_owned()
}

/// PayPal's approval pages.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PayPalSettings {
    #[serde(default = "live_paypal_url")]
    pub base_url: String,
    pub client_id: String,
    #[serde(serialize_with = "redact::secret")]
    pub client_secret: Secret,
    pub webhook_id: String,
    /// The hosts from which its signing certificates may come.
    #[serde(default = "paypal_cert_hosts")]
    pub cert_hosts: Vec<String>,
}

fn live_paypal_url() -> String {
    paypal::LIVE_BASE_URL.to_owned()
}

fn paypal_cert_hosts() -> Vec<String> {
    paypal::DEFAULT_CERT_HOSTS.iter().map(|host| (*host).to_owned()).collect()
}

/// Ways to send text messages.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmsSettings {
    pub smpp: Option<SmppSettings>,
}

/// An SMS centre.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SmppSettings {
    pub address: String,
    pub system_id: String,
    #[serde(serialize_with = "redact::secret")]
    pub password: Secret,
    /// A name, `+` and a number, or a short code.
    pub source: String,
}

/// Promises to buyers.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Orders {
    pub answer_within_minutes: i64,
    pub quote_ttl_minutes: i64,
    /// For how long a partner can take back a sale from its float; 0 is never.
    pub reverse_within_minutes: i64,
}

impl Default for Orders {
    fn default() -> Orders {
        Orders { answer_within_minutes: 15, quote_ttl_minutes: 5, reverse_within_minutes: 30 }
    }
}

/// Accounts of subscribers.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Countries to whose numbers security codes are sent, beside those of the markets.
    pub contact_countries: Vec<String>,
}

impl Default for Accounts {
    fn default() -> Accounts {
        Accounts { contact_countries: flows::Settings::default().contact_countries }
    }
}

/// Receipts as PDF and as printed images.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// The folder of fonts.
    pub fonts: PathBuf,
}

impl Default for Paper {
    fn default() -> Paper {
        Paper { fonts: "/usr/share/fonts".into() }
    }
}

/// The log on stderr.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    #[serde(deserialize_with = "check::word")]
    pub format: LogFormat,
    /// As of tracing-subscriber: `info`, or `warn,flows=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Log {
        // PostgreSQL's notices say what every start says.
        Log { format: LogFormat::Text, filter: "info,postgres=warn".into() }
    }
}

/// One line per event, for people or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Where the settings come from: flags that every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Source {
    /// Settings in TOML; `recarga config example` explains them
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the keyring, and of the SQLite database unless --database is given
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL, as postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

impl Settings {
    /// Reads and checks everything; what is wrong is one line that names the key.
    pub fn load(source: &Source, listen: Option<SocketAddr>) -> Result<Settings> {
        Settings::read(source, environment()).map_err(Stop::Wrong).and_then(|mut settings| {
            settings.server.listen = listen.unwrap_or(settings.server.listen);
            settings.check().map_err(Stop::Wrong)?;
            Ok(settings)
        })
    }

    fn read(source: &Source, environment: HashMap<String, String>) -> std::result::Result<Settings, String> {
        let mut builder = Config::builder();
        let mut place = String::new();
        if let Some(path) = &source.config {
            let shown = path.display();
            let text = std::fs::read_to_string(path).map_err(|e| format!("{shown}: {e}"))?;
            // Parsed here first: the reader below would repeat the faulty line, and with it perhaps a secret.
            if let Err(error) = toml::from_str::<toml::Table>(&text) {
                return Err(format!("{shown}:{}: {}", check::line_of(&text, &error), error.message()));
            }
            builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
            place = format!("{shown}: ");
        }
        let variables = Environment::with_prefix("RECARGA")
            .prefix_separator("_")
            .separator("__")
            .ignore_empty(true)
            .source(Some(environment));
        let mut settings: Settings = builder
            .add_source(variables)
            .build()
            .and_then(Config::try_deserialize)
            .map_err(|error| format!("{place}{}", check::key_first(&error)))?;
        if let Some(folder) = &source.data {
            // The folder alone means the database in it, whatever the file says.
            settings.database.url = None;
            settings.database.data.clone_from(folder);
        }
        if source.database.is_some() {
            settings.database.url.clone_from(&source.database);
        }
        Ok(settings)
    }

    /// The settings as TOML, without secrets.
    pub fn shown(&self) -> anyhow::Result<String> {
        Ok(toml::to_string_pretty(self)?)
    }
}

/// Names in the environment that look like settings and are not: failpoints, and what tests are told.
const NOT_SETTINGS: &[&str] = &["RECARGA_FAILPOINTS", "RECARGA_BIN"];
const OF_TESTS: &str = "RECARGA_TEST_";

fn environment() -> HashMap<String, String> {
    let ours = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let name = name.into_string().ok()?;
        let is_setting = name.starts_with("RECARGA_")
            && !NOT_SETTINGS.contains(&name.as_str())
            && !name.starts_with(OF_TESTS);
        is_setting.then(|| (name, value.to_string_lossy().into_owned()))
    };
    std::env::vars_os().filter_map(ours).collect()
}

/// The failpoints that somebody asked for in the environment (see `store::fail`).
pub fn failpoints() -> Option<String> {
    std::env::var_os("RECARGA_FAILPOINTS").map(|value| value.to_string_lossy().into_owned())
}

/// The name of a variable that holds a key which moves real money, if there is one.
pub fn live_key_in_environment() -> Option<String> {
    let is_live = |value: &str| value.starts_with("sk_live_") || value.starts_with("rk_live_");
    std::env::vars_os()
        .find(|(_, value)| is_live(&value.to_string_lossy()))
        .map(|(name, _)| name.to_string_lossy().into_owned())
}

/// The variables that a child of the demo must not see: it has settings of its own.
pub fn names_in_environment() -> Vec<String> {
    environment().into_keys().chain(["RECARGA_FAILPOINTS".to_owned()]).collect()
}
