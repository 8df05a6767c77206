//! What a flow works with: the database, the keyring, clock and ids, the gateways, and the settings.

use crate::catalogue::Loaded;
use crate::payment::providers::Providers;
use crate::top_up::sell;
use domain::id::Ids;
use domain::ledger::{Posting, PostingKey};
use domain::time::{Clock, MINUTE_MS, UnixMs};
use gateways::messaging::SmsGateway;
use render::Renderer;
use std::collections::HashMap;
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
    /// How long a hosted payment page stays open.
    pub page_ttl_ms: i64,
    /// How long a buyer waits for an answer before people look at the order.
    pub answer_within_ms: i64,
    /// How long a quoted price is promised.
    pub quote_ttl_ms: i64,
    /// Is this the demo, with a simulated outside world?
    pub demo: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            public_url: "http://localhost:8080".into(),
            brand: "Recarga".into(),
            page_ttl_ms: 35 * MINUTE_MS,
            answer_within_ms: 15 * MINUTE_MS,
            quote_ttl_ms: 5 * MINUTE_MS,
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
    pub sms: Option<Arc<dyn SmsGateway>>,
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
    pub sms: Option<Arc<dyn SmsGateway>>,
    pub settings: Settings,
    /// Wakes the worker when something became due.
    pub work_waiting: Notify,
    pub(crate) catalogue: RwLock<Arc<Loaded>>,
    pub(crate) sales: Hot<sell::Command, sell::Sold>,
    /// When each open attempt was last looked up because somebody was looking.
    pub(crate) looked_up: Mutex<HashMap<String, UnixMs>>,
}

impl World {
    /// Puts the world together and reads the catalogue. Must be called on a tokio runtime.
    pub async fn new(parts: Parts) -> crate::error::Result<World> {
        let step = sell::step(parts.db.options().writer.clone(), parts.ids.clone());
        let sales = Hot::new(parts.db.clone(), step);
        let catalogue = crate::catalogue::load(&parts.db, parts.clock.now()).await?;
        Ok(World {
            sales,
            catalogue: RwLock::new(Arc::new(catalogue)),
            db: parts.db,
            keyring: parts.keyring,
            clock: parts.clock,
            ids: parts.ids,
            renderer: parts.renderer,
            payments: parts.payments,
            sms: parts.sms,
            settings: parts.settings,
            work_waiting: Notify::new(),
            looked_up: Mutex::new(HashMap::new()),
        })
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
        }
    }

    /// Is everything there that a sale needs?
    pub async fn can_sell(&self) -> std::result::Result<(), &'static str> {
        if self.catalogue().markets.is_empty() {
            return Err("no catalogue was imported");
        }
        self.db
            .read(|tx| tx.query_first("select 1 from market", &[], |_| Ok(())))
            .await
            .map_err(|_| "the database does not answer")?;
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
}
