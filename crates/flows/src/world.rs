//! What a flow works with: the database, the keyring, clock and ids, the gateways, and the settings.

use crate::balance::Told;
use crate::catalogue::Loaded;
use crate::payment::providers::Providers;
use crate::request::Reply;
use crate::risk;
use crate::top_up::sell;
use domain::id::{Ids, LineId};
use domain::ledger::{Posting, PostingKey};
use domain::risk::Limits;
use domain::time::{Clock, HOUR_MS, MINUTE_MS, UnixMs};
use gateways::charging::ChargingSystem;
pub use gateways::charging::Circuit;
use gateways::fiscal::FiscalDevices;
use gateways::messaging::{EmailGateway, SmsGateway};
use gateways::printing::{NetworkPrinter, Printer};
use render::Renderer;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, RwLock};
use store::hot::Hot;
use store::keyring::Keyring;
use store::{Db, Tx, ledger};
use tokio::sync::Notify;

/// Limits and addresses that the operator sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the portal is reached from outside, without a slash at the end.
    pub public_url: String,
    /// The operator's name as people know it.
    pub brand: String,
    /// Whom people ask, in one word: an address or a number.
    pub support: Option<String>,
    /// How long a hosted payment page stays open.
    pub page_ttl_ms: i64,
    /// How long a buyer waits for an answer before people look at the order.
    pub answer_within_ms: i64,
    /// Until when a customer who writes to support is answered.
    pub support_answer_within_ms: i64,
    /// For how long a partner can take back a sale from its float.
    pub reverse_within_ms: i64,
    /// How long a quoted price is promised.
    pub quote_ttl_ms: i64,
    /// Countries (ISO 3166-1 alpha-2) to whose numbers security codes are sent, beside those of the markets.
    pub contact_countries: Vec<String>,
    /// Is this the demo, with a simulated outside world?
    pub demo: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            public_url: "http://localhost:8080".into(),
            brand: "Recarga".into(),
            support: None,
            page_ttl_ms: 35 * MINUTE_MS,
            answer_within_ms: 15 * MINUTE_MS,
            support_answer_within_ms: 24 * HOUR_MS,
            reverse_within_ms: 30 * MINUTE_MS,
            quote_ttl_ms: 5 * MINUTE_MS,
            contact_countries: ["CN", "GB", "ES", "FR", "DE", "HK"].map(str::to_owned).into(),
            demo: false,
        }
    }
}

/// The parts that the program puts together.
pub struct Parts {
    pub db: Db,
    pub keyring: Keyring,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub renderer: Renderer,
    pub payments: Providers,
    /// Who keeps the balance of lines whose balance is not ours.
    pub network: Option<ChargingSystem>,
    pub sms: Option<Arc<dyn SmsGateway>>,
    pub email: Option<Arc<dyn EmailGateway>>,
    /// The fiscal devices, by market.
    pub fiscal: FiscalDevices,
    pub settings: Settings,
}

/// Everything a flow needs. Shared by all requests and workers of a process.
pub struct World {
    pub db: Db,
    pub keyring: Keyring,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub renderer: Renderer,
    pub payments: Providers,
    pub network: Option<ChargingSystem>,
    pub sms: Option<Arc<dyn SmsGateway>>,
    pub email: Option<Arc<dyn EmailGateway>>,
    pub(crate) fiscal: Arc<FiscalDevices>,
    pub settings: Settings,
    /// Wakes the worker when something became due.
    pub(crate) work_waiting: Notify,
    /// Wakes the worker that asks the host network.
    pub(crate) network_waiting: Notify,
    /// Wakes the worker that sends messages.
    pub messages_waiting: Notify,
    /// Wakes the worker that prints.
    pub(crate) paper_waiting: Notify,
    /// Wakes the worker that asks fiscal devices.
    pub(crate) fiscal_waiting: Notify,
    pub(crate) printer: Arc<dyn Printer>,
    pub(crate) catalogue: RwLock<Arc<Loaded>>,
    pub(crate) limits: RwLock<risk::Loaded>,
    pub(crate) sales: Hot<sell::Command, Reply>,
    /// Lines about whose credits the host network is being asked: one call each, so that a number that is never
    /// answered holds up nobody else's.
    pub(crate) asking: Mutex<HashSet<LineId>>,
    /// What the host network last said of each line.
    pub(crate) told_by_network: Mutex<HashMap<LineId, Told>>,
    /// When each open attempt was last looked up because somebody was looking.
    pub(crate) looked_up: Mutex<HashMap<String, UnixMs>>,
}

impl World {
    /// Puts the world together and reads the catalogue. Must be called on a tokio runtime.
    pub async fn new(parts: Parts) -> crate::error::Result<World> {
        let step = sell::step(parts.db.options().writer.clone(), parts.ids.clone());
        let sales = Hot::new(parts.db.clone(), step);
        let catalogue = crate::catalogue::load(&parts.db, parts.clock.now()).await?;
        let limits = risk::load(&parts.db, parts.clock.now()).await?;
        Ok(World {
            sales,
            catalogue: RwLock::new(Arc::new(catalogue)),
            limits: RwLock::new(limits),
            db: parts.db,
            keyring: parts.keyring,
            clock: parts.clock,
            ids: parts.ids,
            renderer: parts.renderer,
            payments: parts.payments,
            network: parts.network,
            asking: Mutex::new(HashSet::new()),
            told_by_network: Mutex::new(HashMap::new()),
            sms: parts.sms,
            email: parts.email,
            fiscal: Arc::new(parts.fiscal),
            settings: parts.settings,
            work_waiting: Notify::new(),
            network_waiting: Notify::new(),
            messages_waiting: Notify::new(),
            paper_waiting: Notify::new(),
            fiscal_waiting: Notify::new(),
            printer: Arc::new(NetworkPrinter::default()),
            looked_up: Mutex::new(HashMap::new()),
        })
    }

    /// Something became due that is no message.
    pub fn wake(&self) {
        self.work_waiting.notify_one();
        self.network_waiting.notify_one();
        self.fiscal_waiting.notify_one();
    }

    pub fn now(&self) -> UnixMs {
        self.clock.now()
    }

    /// What a step needs of the world, cheap to move into it.
    pub fn step(&self) -> StepContext {
        StepContext {
            ids: self.ids.clone(),
            writer: self.db.options().writer.clone().into(),
            now: self.now(),
            answer_within_ms: self.settings.answer_within_ms,
            page_ttl_ms: self.settings.page_ttl_ms,
            limits: self.known_limits(),
            network: self.network.as_ref().map_or(NO_NETWORK, ChargingSystem::name),
            has_network: self.network.is_some(),
            fiscal: self.fiscal.clone(),
        }
    }

    /// Is everything there that a sale needs?
    pub async fn can_sell(&self) -> std::result::Result<(), &'static str> {
        if self.catalogue().markets.is_empty() {
            return Err("no catalogue was imported");
        }
        self.db.read(store::market::any).await.map_err(|_| "the database does not answer")?;
        Ok(())
    }

    /// Recomputes the whole ledger (see `store::ledger::verify`).
    pub async fn verify_ledger(&self) -> crate::error::Result<ledger::Report> {
        Ok(self.db.read(ledger::verify).await?)
    }
}

impl StepContext {
    /// Records what must stand, all of it in one call. A step calls this once: on PostgreSQL the ledger locks the
    /// touched accounts and then the writer's row, and whoever did so in turns could wait in a circle with a sale.
    pub(crate) fn record(&self, tx: &mut Tx<'_>, postings: &[Posting]) -> anyhow::Result<()> {
        if postings.is_empty() {
            return Ok(());
        }
        let outcomes = ledger::record(tx, &self.writer, self.now, postings)?;
        for (posting, outcome) in postings.iter().zip(outcomes) {
            let PostingKey { subject, purpose } = &posting.key;
            anyhow::ensure!(outcome.stands(), "{subject} {purpose} was not recorded: {outcome:?}");
        }
        Ok(())
    }
}

/// What steps need besides their transaction.
#[derive(Clone)]
pub struct StepContext {
    pub ids: Arc<dyn Ids>,
    pub writer: Arc<str>,
    pub now: UnixMs,
    pub answer_within_ms: i64,
    pub page_ttl_ms: i64,
    /// How much may be ordered and tried, as it was read last.
    pub limits: Arc<Limits>,
    /// The network that lines belong to whose balance is not ours.
    pub network: &'static str,
    /// Is one set up?
    pub has_network: bool,
    /// Which markets have a fiscal device. A step asks none.
    pub fiscal: Arc<FiscalDevices>,
}

/// Under this name credits wait for a network that is not set up yet.
const NO_NETWORK: &str = "host_network";
