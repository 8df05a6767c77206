//! The outside world in a box: a slice of Stripe's API and of PayPal's, with their pages and webhooks, and an
//! SMS centre with a phone. A separate party: it shares no code with the product and is reached over the real
//! protocols only. Start reading at [`start`]; docs/simulator.md says what it plays.

#![recursion_limit = "256"] // the provider's objects are long json! literals

mod books;
mod cards;
mod clock;
mod control;
mod faults;
mod fiscal;
mod hosted_page;
mod ids;
mod inbox;
mod json;
mod later;
mod listener;
mod mailbox;
mod misdelivery;
mod network;
mod paypal;
mod printer;
mod smsc;
mod smtp;
mod stripe;
mod usage;
mod webhooks;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use books::Shelf;
pub use fiscal::FISCAL_KEY;
use listener::{CuttableListener, Wire};
pub use network::NETWORK_KEY;
pub use paypal::{PaypalAccount, PaypalWebhook};
pub use usage::UsageTarget;
pub use webhooks::WebhookTarget;
use world::{Shared, World};

/// The largest body of a page or control request.
const MOST_BODY: usize = 64 * 1024;

/// What the simulator needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the API, the pages and the control API listen; loopback only, port 0 for any.
    pub http_listen: SocketAddr,
    /// Where the SMS centre listens; loopback only, port 0 for any.
    pub smpp_listen: SocketAddr,
    /// The folder of `simulator.db`; none keeps the books in memory.
    pub data: Option<PathBuf>,
    /// How browsers reach the pages; `http://localhost:PORT` when none.
    pub public_base_url: Option<String>,
    /// The key API calls must carry, as Bearer token or Basic user.
    pub api_key: String,
    /// Where events are sent; can be set later by the control API.
    pub webhook: Option<WebhookTarget>,
    /// SMPP system id.
    pub smpp_system_id: String,
    /// SMPP password.
    pub smpp_password: String,
}

/// A simulator that runs.
pub struct Running {
    /// Where HTTP listens.
    pub http_addr: SocketAddr,
    /// Where SMPP listens.
    pub smpp_addr: SocketAddr,
    /// Without a final slash.
    pub base_url: String,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    world: Shared,
}

impl Running {
    /// Also plays a mail server there, on loopback only, port 0 for any; says where it listens.
    pub async fn listen_smtp(&self, listen: SocketAddr) -> anyhow::Result<SocketAddr> {
        ensure!(
            listen.ip().is_loopback(),
            "smtp address {listen}: the simulator listens on this machine only"
        );
        let smtp = TcpListener::bind(listen).await.with_context(|| format!("smtp {listen}"))?;
        let address = smtp.local_addr()?;
        self.tasks.spawn(smtp::run(self.world.clone(), smtp));
        Ok(address)
    }

    /// Also plays a receipt printer there, on loopback only, port 0 for any; says where it listens.
    pub async fn listen_printer(&self, listen: SocketAddr) -> anyhow::Result<SocketAddr> {
        ensure!(
            listen.ip().is_loopback(),
            "printer address {listen}: the simulator listens on this machine only"
        );
        let printer = TcpListener::bind(listen).await.with_context(|| format!("printer {listen}"))?;
        let address = printer.local_addr()?;
        self.tasks.spawn(printer::run(self.world.clone(), printer));
        Ok(address)
    }

    /// Also plays the network's charging front, which reports there what lines used; on this machine only.
    pub fn report_usage_to(&self, target: UsageTarget) -> anyhow::Result<()> {
        usage::set(&self.world, target)
    }

    /// Cancel it to stop the simulator.
    pub fn handle(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Waits until the handle is cancelled and every task has ended.
    pub async fn stopped(self) {
        self.shutdown.cancelled().await;
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Stops and waits for the end.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.stopped().await;
    }
}

impl Drop for Running {
    /// A simulator that nobody holds any more must not go on.
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn check(config: &Config) -> anyhow::Result<()> {
    for (name, address) in [("http", config.http_listen), ("smpp", config.smpp_listen)] {
        ensure!(
            address.ip().is_loopback(),
            "{name} address {address}: the simulator listens on this machine only (127.0.0.1 or [::1])"
        );
    }
    ensure!(!config.api_key.contains("_live_"), "the simulator refuses live keys: use a key with sk_test_");
    ensure!(!config.api_key.is_empty(), "the simulator needs an API key, such as sk_test_simulator");
    let plain =
        |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(
        plain(&config.smpp_system_id, 15) && plain(&config.smpp_password, 8),
        "SMPP 3.4 allows 15 plain characters for a system id and 8 for a password"
    );
    if let Some(target) = &config.webhook {
        webhooks::check_url(&target.url)?;
    }
    Ok(())
}

/// Starts the simulator; it runs until the handle of the answer is cancelled or the answer is dropped.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    start_with_paypal(config, PaypalAccount::default()).await
}

/// As [`start`], with a PayPal client of one's own and a place for its events.
pub async fn start_with_paypal(config: Config, paypal: PaypalAccount) -> anyhow::Result<Running> {
    check(&config)?;
    paypal.check()?;
    let http = TcpListener::bind(config.http_listen)
        .await
        .with_context(|| format!("http {}", config.http_listen))?;
    let smpp = TcpListener::bind(config.smpp_listen)
        .await
        .with_context(|| format!("smpp {}", config.smpp_listen))?;
    let http_addr = http.local_addr()?;
    let smpp_addr = smpp.local_addr()?;
    let base_url = config.public_base_url.unwrap_or_else(|| format!("http://localhost:{}", http_addr.port()));
    let base_url = base_url.trim_end_matches('/').to_owned();
    let shelf = Shelf::open(config.data.as_deref()).context("the simulator's books")?;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let shutdown = CancellationToken::new();
    let tasks = TaskTracker::new();
    let world: Shared = Arc::new(World {
        base_url: base_url.clone(),
        http_port: http_addr.port(),
        api_key: config.api_key,
        paypal_client: (paypal.client_id, paypal.client_secret),
        signer: Mutex::default(),
        smpp: (config.smpp_system_id, config.smpp_password),
        faults: faults::Faults::default(),
        in_flight: Mutex::default(),
        released: watch::Sender::new(0),
        webhooks: Mutex::new(webhooks::Settings {
            target: config.webhook,
            paypal: paypal.webhook,
            ..webhooks::Settings::default()
        }),
        usage: Mutex::default(),
        wake: Notify::new(),
        bound: Mutex::default(),
        printer: printer::Machine::default(),
        http: client,
        shutdown: shutdown.clone(),
        tasks: tasks.clone(),
        shelf: Mutex::new(shelf),
    });
    tasks.spawn(webhooks::run(world.clone()));
    tasks.spawn(smsc::run(world.clone(), smpp));
    tasks.spawn(serve(world.clone(), http));
    Ok(Running { http_addr, smpp_addr, base_url, shutdown, tasks, world })
}

async fn serve(world: Shared, listener: TcpListener) {
    let shutdown = world.shutdown.clone();
    let router = Router::new()
        .route("/v1/{*rest}", any(stripe::serve))
        .merge(paypal::routes())
        .merge(network::routes())
        .merge(fiscal::routes())
        .merge(hosted_page::routes())
        .merge(inbox::routes())
        .merge(usage::routes())
        .merge(smsc::from_phone::routes())
        .merge(mailbox::routes())
        .merge(printer::routes())
        .merge(control::routes())
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .with_state(world);
    let service = router.into_make_service_with_connect_info::<Wire>();
    let served = axum::serve(CuttableListener(listener), service)
        .with_graceful_shutdown(async move { shutdown.cancelled().await })
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the simulator's HTTP server ended");
    }
}
