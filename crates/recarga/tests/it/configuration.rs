//! Settings: each one that cannot be right is one line and exit 2; two servers on one folder; lost keys.

use crate::support::house::in_house;
use crate::support::program::{Done, command, run};
use crate::support::registry::{NUMBER, TEN};
use std::path::Path;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_lost_keyring_is_not_replaced
    the_ledger_is_verified_by_command
}

const STRIPE: &str = "[payments.stripe]\nsecret_key = \"sk_test_x\"\nwebhook_secrets = [\"whsec_x\"]\n";
const SMPP: &str =
    "[sms.smpp]\naddress = \"localhost:2775\"\nsystem_id = \"x\"\npassword = \"y\"\nsource = \"Us\"\n";

/// Settings that cannot be right, and what the line about them says.
const WRONG: &[(&str, &str)] = &[
    ("[server]\nlisten = \"8080\"", "listen"),
    ("[server]\nlisten = \"example.com:80\"", "IP:PORT"),
    ("[server]\nworkers = 0", "server.workers"),
    ("[server]\nworkers = \"many\"", "workers"),
    ("[server]\npublic_url = \"topup.example.com\"", "server.public_url"),
    ("[server]\npublic_url = \"https://user@example.com\"", "server.public_url"),
    ("[server]\ncolour = \"red\"", "colour"),
    ("colour = \"red\"", "colour"),
    ("[database]\nurl = \"mysql://localhost/x\"", "database.url"),
    ("[database]\ndata = \"\"", "database.data"),
    ("[database]\nbatch_max = 0", "database.batch_max"),
    ("[database]\nqueue_max = 0", "database.queue_max"),
    ("[database]\nthreads = 1000", "database.threads"),
    ("[portal]\nbrand = \" \"", "portal.brand"),
    ("[portal]\ndefault_locale = \"tlh\"", "locale"),
    ("[orders]\nanswer_within_minutes = 0", "orders.answer_within_minutes"),
    ("[orders]\nquote_ttl_minutes = 100000", "orders.quote_ttl_minutes"),
    ("[log]\nfilter = \"flows=loud\"", "log.filter"),
    ("[log]\nformat = \"xml\"", "format"),
    ("simulator_url = \"http://localhost:1\"", "simulator_url"),
    (
        "[payments.stripe]\nsecret_key = \"pk_test_x\"\nwebhook_secrets = [\"whsec_x\"]",
        "payments.stripe.secret_key",
    ),
    ("[payments.stripe]\nsecret_key = \"sk_test_x\"", "payments.stripe.webhook_secrets"),
    ("not toml", "expected"),
];

async fn check(folder: &Path, text: &str) -> Done {
    let file = folder.join("recarga.toml");
    std::fs::write(&file, text).expect("written");
    run(["config", "check", "--config", &file.display().to_string()]).await
}

fn on_a_runtime(story: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(story);
}

#[test]
fn a_setting_that_cannot_be_right_is_one_line_and_exit_2() {
    let folder = tempfile::tempdir().expect("a folder");
    on_a_runtime(async {
        for (text, words) in WRONG {
            let done = check(folder.path(), text).await;
            assert_eq!((done.code, done.stderr.lines().count()), (Some(2), 1), "{text}: {done:?}");
            assert!(done.stderr.contains(words), "{text}: {}", done.stderr);
        }
        for (base, more, words) in [
            (STRIPE, "base_url = \"nowhere\"", "payments.stripe.base_url"),
            (STRIPE, "page_origin = \"https://pay.example.com/x\"", "payments.stripe.page_origin"),
            (STRIPE, "three_d_secure = \"sometimes\"", "three_d_secure"),
        ] {
            check(folder.path(), &format!("{base}{more}")).await.refused(words);
        }
        for minutes in [5, 100_000] {
            let ttl = format!("[payments]\npage_ttl_minutes = {minutes}\n{STRIPE}");
            check(folder.path(), &ttl).await.refused("payments.page_ttl_minutes");
        }
        let live = STRIPE.replace("sk_test_x", "sk_live_x");
        check(folder.path(), &format!("{live}base_url = \"http://localhost:1\"")).await.refused("secret_key");
        check(folder.path(), &format!("demo = true\n{live}")).await.refused("must not be used in a demo");
        for (from, to, words) in [
            ("localhost:2775", "localhost", "sms.smpp.address"),
            ("system_id = \"x\"", "system_id = \"\"", "sms.smpp.system_id"),
            ("password = \"y\"", "password = \"far too long\"", "sms.smpp.password"),
            ("source = \"Us\"", "source = \"A name that is too long\"", "sms.smpp.source"),
        ] {
            let done = check(folder.path(), &SMPP.replace(from, to)).await;
            done.refused(words);
            assert!(!done.stderr.contains("far too long"), "a secret is not repeated");
        }
    });
}

#[test]
fn the_environment_wins_over_the_file_and_flags_win_over_both() {
    let folder = tempfile::tempdir().expect("a folder");
    on_a_runtime(async {
        let file = folder.path().join("recarga.toml");
        std::fs::write(
            &file,
            format!("[portal]\nbrand = \"File\"\n[database]\ndata = \"file\"\n{STRIPE}{SMPP}"),
        )
        .expect("written");
        let mut check =
            command(["config", "check", "--config", &file.display().to_string(), "--data", "flag"]);
        check.env("RECARGA_PORTAL__BRAND", "Environment").env("RECARGA_DATABASE__DATA", "environment");
        let done = Done::of(check.output().await.expect("run")).worked();
        assert!(done.stdout.contains("brand = \"Environment\"") && done.stdout.contains("data = \"flag\""));
        for secret in ["sk_test_x", "whsec_x", "\"y\""] {
            assert!(!done.stdout.contains(secret), "{secret} is shown: {}", done.stdout);
        }
        let mut wrong = command(["config", "check"]);
        wrong.env("RECARGA_PORTAL__COLOUR", "red");
        Done::of(wrong.output().await.expect("run")).refused("colour");
    });
}

#[test]
fn the_example_is_right_as_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    on_a_runtime(async {
        let example = run(["config", "example"]).await.worked().stdout;
        check(folder.path(), &example).await.worked();
    });
}

#[test]
fn a_second_server_on_one_folder_gives_way() {
    in_house(Engine::Sqlite, async |house| {
        let server = house.serve().await;
        let folder = house.folder.display().to_string();
        let second = run(["serve", "--data", &folder, "--listen", "127.0.0.1:0"]).await;
        assert_eq!(second.code, Some(2), "{second:?}");
        assert!(second.stderr.contains("recarga.lock is taken"), "{}", second.stderr);
        run(["work", "--data", &folder]).await.refused("work");
        assert_eq!(house.api.sell("k", NUMBER, TEN).await.status, 201, "the first goes on");
        server.stop().await;
        let server = house.serve().await;
        server.kill().await;
        house.serve().await.stop().await;
    });
}

#[test]
fn a_port_that_is_taken_is_one_line() {
    on_a_runtime(async {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("an address").to_string();
        let mut serve =
            command(["serve", "--listen", &address, "--data", &folder.path().display().to_string()]);
        serve.env("RECARGA_LOG__FILTER", "error");
        Done::of(serve.output().await.expect("run")).refused("server.listen");
    });
}

mod checks {
    use super::*;

    pub fn a_lost_keyring_is_not_replaced(engine: Engine) {
        in_house(engine, async |house| {
            let keyring = house.folder.join("keyring.json");
            let aside = house.folder.join("aside.json");
            std::fs::rename(&keyring, &aside).unwrap();
            let done = run(["admin", "partner", "create", "--name", "X"]
                .map(str::to_owned)
                .into_iter()
                .chain(house.place()));
            let done = done.await;
            assert_eq!(done.code, Some(2), "{done:?}");
            assert!(done.stderr.contains("there is no keyring") && !keyring.exists(), "{done:?}");
            std::fs::rename(&aside, &keyring).unwrap();
        });
    }

    pub fn the_ledger_is_verified_by_command(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.serve().await;
            assert_eq!(house.api.sell("k", NUMBER, TEN).await.status, 201);
            let verify =
                async || run(["ledger", "verify"].map(str::to_owned).into_iter().chain(house.place())).await;
            let beside = verify().await.worked();
            assert!(beside.stdout.contains("everything adds up"), "beside a running server: {beside:?}");
            server.stop().await;
            let nowhere = run(["ledger", "verify", "--data", "/no/such/folder"]).await;
            nowhere.refused("there is no database");
        });
    }
}
