//! A town: flows, web and database in this process, the simulator beside it. Time is moved by [`Town::pass`], work
//! that is due runs when [`Town::work`] says so, webhooks come when a test delivers or resumes them.
//! Start reading at [`in_town`].

use super::api::Api;
use super::books::{books_agree, ledger_is_true};
use super::buyer::{Buyer, Order};
use super::clock::TownClock;
use super::outside::{Outside, PAYPAL, SMPP, STRIPE_KEY, WEBHOOK_SECRET};
use super::registry::{NUMBER, Partner, TEN, furnish};
use domain::locale::Locale;
use domain::top_up::TopUp;
use flows::World;
use flows::payment::providers::Providers;
use flows::world::Parts;
use gateways::Secret;
use gateways::charging::host_network::{HostNetwork, HostNetworkConfig};
use gateways::charging::{BreakerSettings, ChargingSystem, Limits};
use gateways::fiscal::FiscalDevices;
use gateways::fiscal::signer::Signer;
use gateways::messaging::smpp::{SmppConfig, SmppGateway, Source};
use gateways::messaging::smtp::{Security, SmtpConfig, SmtpGateway};
use gateways::messaging::{EmailGateway, SmsGateway};
use gateways::payment::paypal::{PayPal, PayPalConfig};
use gateways::payment::stripe::terminal::StripeTerminal;
use gateways::payment::stripe::{Stripe, StripeConfig};
use gateways::payment::{PaymentGateway, http::Timeouts};
use render::view::{Official, Support};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::db::Options;
use store::keyring::Keyring;
use store::outbox::Lane;
use store::{Db, Tx};
use testkit::{CountingIds, Engine, Fresh};
use tokio::net::TcpListener;

/// What is particular about a town.
#[derive(Clone)]
pub struct Plan {
    pub brand: String,
    /// What /help and /verify tell of the operator.
    pub support: Support,
    pub official: Official,
    /// Another SMS centre than the simulator's.
    pub sms_centre: Option<SocketAddr>,
    /// Is there a network for the lines whose balance is not ours?
    pub network: bool,
    /// Does the market have a fiscal device?
    pub fiscal: bool,
    /// Are the books compared with the provider's at the end? Not when a test invented evidence itself.
    pub compare_books: bool,
    /// How long a payment provider may take to answer.
    pub answer_within: Duration,
    /// Somebody who sees how the database finds rows.
    pub watch: Option<store::db::plan::Watch>,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            brand: "Prueba".into(),
            support: Support::default(),
            official: Official::default(),
            sms_centre: None,
            network: true,
            fiscal: false,
            compare_books: true,
            answer_within: Duration::from_millis(1_500),
            watch: None,
        }
    }
}

/// Everything that a journey needs.
pub struct Town {
    pub world: Arc<World>,
    pub clock: Arc<TownClock>,
    pub outside: Outside,
    pub url: String,
    pub partner: Partner,
    pub api: Api,
}

/// Runs a journey in a town of its own and audits the books afterwards.
pub fn in_town(engine: Engine, journey: impl AsyncFnOnce(&Town)) {
    in_town_with(engine, Plan::default(), journey);
}

pub fn in_town_with(engine: Engine, plan: Plan, journey: impl AsyncFnOnce(&Town)) {
    super::logs::of_this_process();
    let fresh = Fresh::new(engine);
    let options = Options { watch: plan.watch.clone(), ..Options::of(&fresh.database, "town") };
    let db = Db::open(&fresh.database, options).expect("the database opens");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let town = Town::build(&plan, db, fresh.folder.path()).await;
        journey(&town).await;
        if plan.compare_books {
            books_agree(&town.world.db, &town.outside).await;
        } else {
            ledger_is_true(&town.world.db).await;
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

impl Town {
    async fn build(plan: &Plan, db: Db, folder: &Path) -> Town {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let outside = Outside::start(&format!("{url}/webhooks")).await;
        let clock = Arc::new(TownClock::default());
        let sms_centre = plan.sms_centre.unwrap_or(outside.smpp);
        let source = Source::Name("Prueba".into());
        let smpp = SmppConfig {
            answer_within: Duration::from_millis(700),
            ..SmppConfig::new(sms_centre.to_string(), SMPP.0, Secret::new(SMPP.1), source)
        };
        let (sms, mut receipts, heard) = SmppGateway::start_hearing(smpp).expect("SMPP settings");
        let timeouts = Timeouts { connect: Duration::from_secs(1), total: plan.answer_within };
        let parts = Parts {
            db,
            keyring: Keyring::open_or_make(&folder.join("keyring.json")).expect("a keyring"),
            clock: clock.clone(),
            ids: Arc::new(CountingIds::default()),
            renderer: render::Renderer::new().expect("templates"),
            payments: Providers::new(vec![stripe(&outside.url, timeouts), paypal(&outside.url, timeouts)]),
            network: plan.network.then(|| network(&outside.url, clock.clone())),
            sms: Some(Arc::new(sms) as Arc<dyn SmsGateway>),
            email: Some(Arc::new(mail(outside.smtp, &plan.brand)) as Arc<dyn EmailGateway>),
            fiscal: if plan.fiscal { fiscal(&outside.url) } else { FiscalDevices::default() },
            settings: flows::Settings {
                public_url: url.clone(),
                brand: plan.brand.clone(),
                demo: true,
                ..flows::Settings::default()
            },
        };
        let world = Arc::new(World::new(parts).await.expect("a world"));
        let partner = furnish(&world).await;
        let receiving = world.clone();
        tokio::spawn(async move {
            while let Some(receipt) = receipts.recv().await {
                flows::notice::delivered(&receiving, receipt).await.expect("the receipt is booked");
            }
        });
        tokio::spawn(flows::campaign::stop::listen(world.clone(), heard));
        serve(listener, plan, &world, &outside);
        let api = Api::new(&url, &partner.key);
        Town { world, clock, outside, url, partner, api }
    }

    /// Runs what is due until nothing is.
    pub async fn work(&self) {
        while flows::work::run_due(&self.world, Lane::All).await.expect("work is claimed") > 0 {}
    }

    /// Time passes, and what became due is done: work, and the sweep.
    pub async fn pass(&self, ms: i64) {
        self.clock.pass(ms);
        self.work().await;
        flows::sweep::sweep(&self.world).await.expect("swept");
        self.work().await;
    }

    /// Somebody new with a browser.
    pub fn buyer(&self) -> Buyer {
        Buyer::new(&self.url)
    }

    /// A new order for £10 that waits on its payment page.
    pub async fn order(&self) -> Order {
        self.buyer().order(NUMBER, TEN).await
    }

    /// The buyer comes back from the payment page and looks; what is due is done first, as a worker would.
    pub async fn look(&self, order: &Order) -> String {
        // A look a moment after another one does not ask the provider again.
        self.clock.pass(2_100);
        order.comes_back().await;
        self.work().await;
        order.shown().await
    }

    /// The order as it is stored.
    pub async fn stored(&self, order: &Order) -> TopUp {
        let code = order.code.clone();
        let found = self.read(move |tx| store::top_up::find_by_code(tx, &code)).await;
        found.expect("the order is stored")
    }

    /// Reads from the database.
    pub async fn read<T: Send + 'static>(
        &self,
        step: impl Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> T {
        self.world.db.read(step).await.expect("read")
    }

    /// A count, by a query without parameters.
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.read(move |tx| tx.query_first(sql, &[], |row| row.int(0))).await.expect("a count")
    }

    /// Takes a new register of lines.
    pub async fn import_lines(&self, csv: &str) -> flows::lines::Imported {
        flows::lines::import(&self.world, csv).await.expect("imported").expect("the lines are right")
    }

    /// Takes a new catalogue.
    pub async fn import_catalogue(&self, toml: &str) -> flows::catalogue::Imported {
        flows::catalogue::import(&self.world, toml).await.expect("imported").expect("the catalogue is right")
    }
}

fn mail(server: SocketAddr, name: &str) -> SmtpGateway {
    let config = SmtpConfig {
        port: server.port(),
        security: Security::Plain,
        answer_within: Duration::from_secs(3),
        ..SmtpConfig::new(server.ip().to_string(), "receipts@prueba.example", name)
    };
    SmtpGateway::new(config).expect("a gateway")
}

fn paypal(base_url: &str, timeouts: Timeouts) -> PaymentGateway {
    let (id, secret, webhook_id) = PAYPAL;
    let hosts = vec!["localhost".to_owned()];
    let config =
        PayPalConfig::new(base_url, id, Secret::new(secret), webhook_id, hosts).expect("PayPal settings");
    PaymentGateway::new(Arc::new(PayPal::new(config)), timeouts).expect("a gateway")
}

/// The circuit opens after three failures in a row.
fn network(simulator: &str, clock: Arc<TownClock>) -> ChargingSystem {
    let url = format!("{simulator}/network");
    let promises = HostNetworkConfig::USUAL_PROMISES;
    let config = HostNetworkConfig::new(&url, Secret::new(simulator::NETWORK_KEY), promises);
    let connector = Arc::new(HostNetwork::new(config.expect("network settings")));
    let breaker = BreakerSettings { failures: 3, ..BreakerSettings::default() };
    let timeouts = Timeouts { connect: Duration::from_secs(1), total: Duration::from_millis(700) };
    let limits = Limits { timeouts, breaker, ..Limits::default() };
    ChargingSystem::new(connector, limits, clock).expect("a charging system")
}

fn fiscal(simulator: &str) -> FiscalDevices {
    let timeouts = Timeouts { connect: Duration::from_secs(1), total: Duration::from_millis(700) };
    let key = Secret::new(simulator::FISCAL_KEY);
    let signer = Signer::new(&format!("{simulator}/fiscal"), key, timeouts).expect("fiscal settings");
    let mut devices = FiscalDevices::default();
    devices.add("GB", Arc::new(signer));
    devices
}

fn stripe(base_url: &str, timeouts: Timeouts) -> PaymentGateway {
    let secrets = vec![Secret::new(WEBHOOK_SECRET)];
    let config =
        StripeConfig::new(base_url, Secret::new(STRIPE_KEY), secrets, None).expect("Stripe settings");
    let stripe = Arc::new(Stripe::new(config));
    let gateway = PaymentGateway::new(stripe.clone(), timeouts).expect("a gateway");
    let terminal = StripeTerminal::new(stripe, gateway.clone());
    gateway.with_terminal(Arc::new(terminal))
}

fn serve(listener: TcpListener, plan: &Plan, world: &Arc<World>, outside: &Outside) {
    let config = web::Config {
        payment_origins: vec![outside.page_origin().to_owned()],
        trusted_proxies: false,
        metrics: None,
        simulator_url: Some(outside.url.clone()),
        support: plan.support.clone(),
        official: plan.official.clone(),
        default_locale: Locale::En,
    };
    let router = web::router(world.clone(), config).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
}
