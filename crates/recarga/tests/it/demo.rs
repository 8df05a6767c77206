//! `recarga demo`: ready at once, keeps its server alive, remembers, and ends what it started.

use crate::support::api::{Api, client};
use crate::support::outside::Session;
use crate::support::program::{Server, command, run};
use crate::support::wait::{eventually, until};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Starts the demo and waits until it says that it is ready.
async fn start(folder: &Path) -> (Server, Value) {
    start_with_past(folder, 0).await
}

/// The same with so many days of past.
async fn start_with_past(folder: &Path, days: u32) -> (Server, Value) {
    let (folder_name, days) = (folder.display().to_string(), days.to_string());
    let demo =
        ["demo", "--listen", "127.0.0.1:0", "--past", &days, "--data", &folder_name].map(str::to_owned);
    let parent = Server::start(command(demo), &folder.with_extension("log"));
    let told = eventually("demo.json", async || told(folder)).await;
    (parent, told)
}

/// What the demo tells programs, once it does.
fn told(folder: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(folder.join("demo.json")).ok()?).ok()
}

fn pid(told: &Value, field: &str) -> rustix::process::Pid {
    let raw = told[field].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a pid");
    rustix::process::Pid::from_raw(raw).expect("a pid")
}

fn runs(pid: rustix::process::Pid) -> bool {
    rustix::process::test_kill_process(pid).is_ok()
}

fn field<'a>(told: &'a Value, name: &str) -> &'a str {
    told[name].as_str().unwrap_or_else(|| panic!("{name} in {told}"))
}

/// Buys on the number that the demo names and pays in its world.
async fn buys(told: &Value, key: &str) {
    let api = Api::new(field(told, "base_url"), field(told, "api_key"));
    let number = field(told, "line").trim_start_matches('+').to_owned();
    let before = api.balance(&number).await;
    let made = api.host(key, &number, "gb-credit-10").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let session = Session::of_page(made.text_of("payment_url"));
    let pay = client().post(format!("{}/control/sessions/{}/pay", field(told, "simulator"), session.0));
    let paid = pay.json(&serde_json::json!({ "card": "4242 4242 4242 4242" })).send().await;
    assert!(paid.expect("the simulator answers").status().is_success());
    // The webhook of the simulated provider brings the credit; nobody looks at the order.
    until("the credit", async || api.balance(&number).await == before + 1_000).await;
    let inbox = format!("{}/inbox.json?to={number}", field(told, "simulator"));
    until("the text message", async || {
        let messages = client().get(&inbox).send().await.expect("an answer").json::<Value>().await;
        messages.expect("JSON").as_array().is_some_and(|messages| !messages.is_empty())
    })
    .await;
}

#[test]
fn the_demo_is_ready_survives_the_death_of_its_server_and_remembers() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("demo");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (parent, first) = start(&folder).await;
        buys(&first, "first").await;
        assert!(first["lines"].as_object().is_some_and(|lines| lines.len() > 10));
        let page = client().get(field(&first, "base_url")).send().await.expect("an answer");
        assert_eq!(page.status(), 200);
        let old = pid(&first, "pid");
        rustix::process::kill_process(old, rustix::process::Signal::KILL).expect("killed");
        let second =
            eventually("another server", async || told(&folder).filter(|t| pid(t, "pid") != old)).await;
        assert_eq!(
            (field(&second, "base_url"), field(&second, "simulator"), &second["simulator_pid"]),
            (field(&first, "base_url"), field(&first, "simulator"), &first["simulator_pid"]),
            "the world outside lived on, and everything is where it was"
        );
        buys(&second, "second").await;
        parent.stop().await;
        for child in [pid(&second, "pid"), pid(&second, "simulator_pid")] {
            until("the children to end", async || !runs(child)).await;
        }
        assert!(told(&folder).is_none(), "nobody is told of a demo that ended");
        warm_start(&folder, &first).await;
        run(["ledger", "verify", "--data", &folder.display().to_string()]).await.worked();
    });
}

/// A second start finds everything and is quick.
async fn warm_start(folder: &Path, first: &Value) {
    let began = Instant::now();
    let (parent, again) = start(folder).await;
    let took = began.elapsed();
    println!("a warm start took {took:?}");
    assert!(took < Duration::from_secs(5), "a warm start took {took:?}");
    assert_eq!(field(&again, "api_key"), field(first, "api_key"));
    buys(&again, "third").await;
    parent.stop().await;
}

#[test]
fn the_demo_refuses_a_live_key_and_a_second_demo_on_its_folder() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("demo");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let data = folder.display().to_string();
        let demo = || command(["demo", "--listen", "127.0.0.1:0", "--past", "0", "--data", &data]);
        let mut live = demo();
        live.env("SOME_KEY", "sk_live_secret");
        let done = crate::support::program::Done::of(live.output().await.expect("run"));
        done.refused("SOME_KEY");
        assert!(!done.stderr.contains("sk_live_secret"));
        let (parent, _) = start(&folder).await;
        let second = crate::support::program::Done::of(demo().output().await.expect("run"));
        assert_eq!(second.code, Some(2), "{second:?}");
        assert!(second.stderr.contains("is taken"), "{}", second.stderr);
        parent.stop().await;
    });
}
