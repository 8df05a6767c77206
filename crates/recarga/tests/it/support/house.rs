//! A house: the real program as a process on a database of its own, with failpoints, killed and started again.
//! The simulator runs in the test and outlives it. Start reading at [`in_house`].

use super::api::Api;
use super::books::books_agree;
use super::buyer::Buyer;
use super::outside::{Outside, SMPP, STRIPE_KEY, WEBHOOK_SECRET};
use super::program::{Server, command, run};
use super::registry::{Partner, furnish};
use flows::World;
use flows::world::Parts;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use store::db::Options;
use store::keyring::Keyring;
use store::outbox::LEASE_MS;
use store::{Database, Db, Tx, values};
use testkit::{CountingIds, Engine, Fresh};

/// Everything that a journey with processes needs.
pub struct House {
    pub outside: Outside,
    pub partner: Partner,
    pub url: String,
    pub api: Api,
    pub folder: PathBuf,
    database: Database,
    db_flags: [String; 2],
}

/// Runs a journey with processes and audits the books afterwards, with `recarga ledger verify` and with the
/// provider's. The journey stops its last server.
pub fn in_house(engine: Engine, journey: impl AsyncFnOnce(&House)) {
    let fresh = Fresh::new(engine);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let house = House::build(&fresh).await;
        journey(&house).await;
        house.audit().await;
        super::logs::keep(&house.log());
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

impl House {
    async fn build(fresh: &Fresh) -> House {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let outside = Outside::start(&format!("{url}/webhooks")).await;
        let folder = fresh.folder.path().to_owned();
        let db = open(&fresh.database).await;
        let partner = furnish(&closed_world(db, &folder).await).await;
        let api = Api::new(&url, &partner.key);
        let (database, db_flags) = (fresh.database.clone(), fresh.flags());
        let house = House { outside, partner, url, api, folder, database, db_flags };
        house.write_config(port);
        house
    }

    fn write_config(&self, port: u16) {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{}\"\n\
             [payments.stripe]\nbase_url = \"{}\"\nsecret_key = \"{STRIPE_KEY}\"\n\
             webhook_secrets = [\"{WEBHOOK_SECRET}\"]\npage_origin = \"{}\"\n\
             [sms.smpp]\naddress = \"{}\"\nsystem_id = \"{}\"\npassword = \"{}\"\nsource = \"Prueba\"\n\
             [mail]\nhost = \"{}\"\nport = {}\nsecurity = \"plain\"\nfrom = \"receipts@prueba.example\"\n\
             [network]\nbase_url = \"{}/network\"\nkey = \"{}\"\nanswer_within_seconds = 2\n\
             [log]\nfilter = \"info,flows=debug,web=debug,gateways=debug,store=debug,recarga=debug\"\n",
            self.url,
            self.outside.url,
            self.outside.page_origin(),
            self.outside.smpp,
            SMPP.0,
            SMPP.1,
            self.outside.smtp.ip(),
            self.outside.smtp.port(),
            self.outside.url,
            simulator::NETWORK_KEY,
        );
        std::fs::write(self.config(), text).expect("the settings are written");
    }

    fn config(&self) -> PathBuf {
        self.folder.join("recarga.toml")
    }

    /// The flags that name this house's database and folder.
    pub fn place(&self) -> Vec<String> {
        let folder = self.folder.display().to_string();
        match &self.database {
            Database::Sqlite(_) => self.db_flags.to_vec(),
            Database::Postgres(_) => [["--data".into(), folder], self.db_flags.clone()].concat(),
        }
    }

    /// Starts the whole server: it answers, and does what is due.
    pub async fn serve(&self) -> Server {
        self.start("", &[]).await
    }

    /// Starts a server that only answers, and dies at a failpoint: nothing but requests passes the point.
    pub async fn counter(&self, failpoints: &str) -> Server {
        self.start(failpoints, &["--no-work"]).await
    }

    /// Starts the whole server; it dies at a failpoint of its own work, perhaps before it can answer.
    pub fn start_and_die(&self, failpoints: &str) -> Server {
        self.spawn(failpoints, &[])
    }

    async fn start(&self, failpoints: &str, flags: &[&str]) -> Server {
        self.spawn(failpoints, flags).ready(&self.url).await
    }

    fn spawn(&self, failpoints: &str, flags: &[&str]) -> Server {
        let config = ["serve".to_owned(), "--config".into(), self.config().display().to_string()];
        let flags = flags.iter().map(|flag| (*flag).to_owned());
        let mut command = command(config.into_iter().chain(self.place()).chain(flags));
        if !failpoints.is_empty() {
            command.env("RECARGA_FAILPOINTS", failpoints);
        }
        Server::start(command, &self.log())
    }

    /// Starts one more server on the same database, which only answers, and says where.
    pub async fn counter_beside(&self) -> (Server, String) {
        let address = format!("127.0.0.1:{}", free_port());
        let url = format!("http://{address}");
        (self.spawn("", &["--no-work", "--listen", &address]).ready(&url).await, url)
    }

    /// Starts a process that answers nobody and does what is due.
    pub fn worker(&self) -> Server {
        let config = ["work".to_owned(), "--config".into(), self.config().display().to_string()];
        Server::start(command(config.into_iter().chain(self.place())), &self.log())
    }

    /// Where all servers of this house write their log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("serve.log")
    }

    /// Takes a new register of lines, with the program.
    pub async fn import_lines(&self, csv: &str) {
        let file = self.folder.join("lines.csv");
        std::fs::write(&file, csv).expect("written");
        let import = ["admin", "lines", "import", &file.display().to_string()].map(str::to_owned);
        run(import.into_iter().chain(self.place())).await.worked();
    }

    /// Somebody new with a browser.
    pub fn buyer(&self) -> Buyer {
        Buyer::new(&self.url)
    }

    /// The claims of a process that died lapse: what takes half a minute passes at once. On SQLite the next server
    /// gives them back by itself.
    pub async fn claims_lapse(&self) {
        if let Database::Postgres(_) = self.database {
            let lapse = move |tx: &mut Tx<'_>| {
                let sql = "update outbox set available_at = available_at - ?1 where state = 'open'";
                tx.execute(sql, &values![LEASE_MS]).map(|_| ())
            };
            open(&self.database).await.write(lapse).await.expect("written");
        }
    }

    /// A world on this house's database, without anybody outside: to write beside whatever runs on it.
    pub async fn world(&self) -> World {
        closed_world(open(&self.database).await, &self.folder).await
    }

    /// Reads from the database, beside whatever runs on it.
    pub async fn read<T: Send + 'static>(
        &self,
        step: impl Fn(&mut Tx<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> T {
        open(&self.database).await.read(step).await.expect("read")
    }

    /// A count, by a query without parameters.
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.read(move |tx| tx.query_first(sql, &[], |row| row.int(0))).await.expect("a count")
    }

    async fn audit(&self) {
        let verify = ["ledger", "verify", "--json"].map(str::to_owned).into_iter().chain(self.place());
        let verified = run(verify).await.worked();
        let report: serde_json::Value = serde_json::from_str(&verified.stdout).expect("JSON");
        assert_eq!(report["lies"], serde_json::json!([]), "{report}");
        books_agree(&open(&self.database).await, &self.outside).await;
    }
}

/// Opens a database. PostgreSQL's client blocks, so not on a thread of the runtime.
pub async fn open(database: &Database) -> Db {
    let database = database.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let options = Options { threads: 1, ..Options::of(&database, "journey") };
        Db::open(&database, options).expect("the database opens")
    });
    opened.await.expect("opened")
}

/// A world without anybody outside, to furnish a database before the program sees it.
async fn closed_world(db: Db, folder: &std::path::Path) -> World {
    let parts = Parts {
        db,
        keyring: Keyring::open_or_make(&folder.join("keyring.json")).expect("a keyring"),
        clock: Arc::new(super::clock::TownClock::default()),
        ids: Arc::new(CountingIds::default()),
        renderer: render::Renderer::new().expect("templates"),
        payments: flows::payment::providers::Providers::default(),
        fiscal: gateways::fiscal::FiscalDevices::default(),
        network: None,
        sms: None,
        email: None,
        settings: flows::Settings::default(),
    };
    World::new(parts).await.expect("a world")
}

/// A port that nobody has, below those that the system gives to outgoing connections: the server must find it
/// free again after it was killed.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 10_000).expect("below 10,000");
    loop {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::SeqCst)) % 10_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
