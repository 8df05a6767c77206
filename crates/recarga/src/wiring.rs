//! Puts the parts together: runtime, database, keyring, gateways, and the world that flows work with.

use crate::clock::{SystemClock, SystemIds};
use crate::place::Place;
use crate::settings::{Settings, Source};
use crate::stop::{Result, Stop};
use anyhow::Context;
use domain::id::Ids;
use domain::time::{Clock, MINUTE_MS};
use flows::World;
use flows::payment::providers::Providers;
use flows::world::Parts;
use gateways::fiscal::FiscalDevices;
use gateways::messaging::smpp::SmppGateway;
use gateways::messaging::{DeliveryReceipt, EmailGateway, Heard, SmsGateway};
use std::sync::Arc;
use store::Db;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// Makes aws-lc-rs the one provider of cryptography for TLS.
pub fn install_tls() {
    // A second call finds it installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A runtime of so many threads; one thread is a runtime of its own kind and as fast on a small machine.
pub fn runtime(workers: usize) -> Result<Runtime> {
    let mut builder = match workers {
        0 | 1 => Builder::new_current_thread(),
        many => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(many);
            builder
        }
    };
    Ok(builder.enable_all().build().context("starting the runtime")?)
}

/// The world, and what the SMS centre says by itself.
pub struct Wired {
    pub world: Arc<World>,
    pub receipts: Option<mpsc::Receiver<DeliveryReceipt>>,
    /// What people write to us.
    pub heard: Option<mpsc::Receiver<Heard>>,
}

/// Where a world has its time and its randomness from.
pub struct Senses {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl Default for Senses {
    fn default() -> Senses {
        Senses { clock: Arc::new(SystemClock), ids: Arc::new(SystemIds::default()) }
    }
}

/// The whole product: with its payment providers, its SMS centre and its mail server.
pub async fn whole_world(settings: &Settings, place: &Place, db: Db) -> Result<Wired> {
    whole_world_with(settings, place, db, Senses::default()).await
}

/// The same in a time of its own.
pub async fn whole_world_with(settings: &Settings, place: &Place, db: Db, senses: Senses) -> Result<Wired> {
    let (sms, receipts, heard) = match &settings.sms.smpp {
        None => (None, None, None),
        Some(smpp) => {
            let config = smpp.config().map_err(Stop::Wrong)?;
            let (gateway, receipts, heard) =
                SmppGateway::start_hearing(config).map_err(|e| Stop::Wrong(format!("sms.smpp: {e}")))?;
            (Some(Arc::new(gateway) as Arc<dyn SmsGateway>), Some(receipts), Some(heard))
        }
    };
    let mut parts = parts(settings, place, db, senses).await?;
    parts.sms = sms;
    let mail = settings.mail_gateway().map_err(Stop::Wrong)?;
    parts.email = mail.map(|gateway| Arc::new(gateway) as Arc<dyn EmailGateway>);
    parts.payments = Providers::new(settings.payment_gateways().map_err(Stop::Wrong)?);
    parts.network = settings.charging_system(parts.clock.clone()).map_err(Stop::Wrong)?;
    parts.fiscal = settings.fiscal_devices().map_err(Stop::Wrong)?;
    Ok(Wired { world: Arc::new(World::new(parts).await?), receipts, heard })
}

/// A world without anybody outside, for the work of an administrator.
pub async fn closed_world(settings: &Settings, place: &Place, db: Db) -> Result<World> {
    Ok(World::new(parts(settings, place, db, Senses::default()).await?).await?)
}

async fn parts(settings: &Settings, place: &Place, db: Db, senses: Senses) -> Result<Parts> {
    Ok(Parts {
        keyring: place.keyring(&db).await?,
        db,
        clock: senses.clock,
        ids: senses.ids,
        renderer: render::Renderer::new()
            .context("reading templates and texts")?
            .with_press(render::Press::at(&settings.paper.fonts)),
        payments: Providers::default(),
        sms: None,
        email: None,
        network: None,
        fiscal: FiscalDevices::default(),
        settings: flows::Settings {
            public_url: settings.server.public_url(),
            brand: settings.portal.brand.clone(),
            support: settings.support.email.clone().or_else(|| settings.support.phone.clone()),
            page_ttl_ms: settings.payments.page_ttl_minutes * MINUTE_MS,
            answer_within_ms: settings.orders.answer_within_minutes * MINUTE_MS,
            support_answer_within_ms: settings.support.answer_within_hours * domain::time::HOUR_MS,
            reverse_within_ms: settings.orders.reverse_within_minutes * MINUTE_MS,
            quote_ttl_ms: settings.orders.quote_ttl_minutes * MINUTE_MS,
            contact_countries: settings.accounts.contact_countries.clone(),
            demo: settings.demo,
        },
    })
}

/// Runs an administrator's work on the database of the settings, with its schema up to date.
pub fn administer<T>(source: &Source, work: impl AsyncFnOnce(&World) -> Result<T>) -> Result<T> {
    let settings = Settings::load(source, None)?;
    crate::logging::start(&settings.log)?;
    administer_with(&settings, work)
}

/// The same with settings that are at hand.
pub fn administer_with<T>(settings: &Settings, work: impl AsyncFnOnce(&World) -> Result<T>) -> Result<T> {
    let place = Place::of(settings);
    place.migrate()?;
    let db = place.open()?;
    runtime(1)?.block_on(async {
        let world = closed_world(settings, &place, db).await?;
        work(&world).await
    })
}
