//! The demo's past: made by the real flows, in both books, and not made twice.

use crate::support::api::client;
use crate::support::program::{Server, command, run};
use crate::support::wait::{eventually, eventually_within};
use domain::top_up::TopUpState;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

const DAYS: &str = "29";

fn begin(folder: &Path, days: &str) -> Server {
    let data = folder.display().to_string();
    let demo = ["demo", "--listen", "127.0.0.1:0", "--past", days, "--data", &data].map(str::to_owned);
    Server::start(command(demo), &folder.with_extension("log"))
}

async fn start(folder: &Path, days: &str) -> (Server, Value) {
    let mut parent = begin(folder, days);
    // Unoptimized, and beside other tests.
    let told = eventually_within(Duration::from_secs(240), "demo.json", async || {
        parent.lives();
        serde_json::from_str(&std::fs::read_to_string(folder.join("demo.json")).ok()?).ok()
    })
    .await;
    (parent, told)
}

fn read<T: rusqlite::types::FromSql>(folder: &Path, sql: &str) -> Vec<T> {
    let db = rusqlite::Connection::open(folder.join("recarga.db")).expect("the demo's database");
    let mut statement = db.prepare(sql).expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("values")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_has_a_past_in_every_state_and_both_books_agree_about_it() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("demo");
    let (parent, told) = start(&folder, DAYS).await;
    let orders = read::<i64>(&folder, "select count(*) from top_up")[0];
    assert!(orders > 800, "{orders} orders in {DAYS} days");
    let states: BTreeSet<String> = read(&folder, "select distinct state from top_up").into_iter().collect();
    // The network of a slow line may have answered; then nothing else is `pending_network` but the silent one.
    for state in TopUpState::ALL.iter().filter(|state| **state != TopUpState::Paid) {
        assert!(states.contains(state.as_str()), "no order is {state}: {states:?}");
    }
    agree(&folder, &told).await;
    let left = read::<i64>(&folder, LEFT);
    assert_eq!(left, [1_200_000_004], "what Lin has left of 5 GB");
    parent.stop().await;
    run(["ledger", "verify", "--data", &folder.display().to_string()]).await.worked();
    let (parent, _) = start(&folder, DAYS).await;
    let again = read::<i64>(&folder, "select count(*) from top_up")[0];
    assert_eq!(again, orders, "the past is made once");
    parent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_was_cut_off_is_begun_anew() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("demo");
    let parent = begin(&folder, "3");
    let mark = folder.join("past.unfinished");
    let some = async || {
        let begun = mark.exists() && read::<i64>(&folder, "select count(*) from top_up")[0] > 5;
        begun.then_some(())
    };
    eventually_within(Duration::from_secs(60), "the first orders", some).await;
    parent.kill().await;
    assert!(mark.exists(), "it was cut off in the middle");
    let (parent, told) = start(&folder, "3").await;
    assert!(!mark.exists());
    assert!(read::<i64>(&folder, "select count(*) from support_case")[0] > 0, "its last part is there");
    agree(&folder, &told).await;
    parent.stop().await;
    run(["ledger", "verify", "--data", &folder.display().to_string()]).await.worked();
}

/// What is left of the one bundle of data that somebody used and that ends in about three days.
const LEFT: &str = "select a.credits_posted - a.debits_posted from bucket b join account a \
    on a.id = 'bucket:' || b.id || ':octets' where b.granted = 5000000000 and a.debits_posted > 0 \
    and b.closed_at is null";

/// What the provider says it took is what our ledger has from it.
async fn agree(folder: &Path, told: &Value) {
    let url =
        format!("{}/control/books", told["simulator"].as_str().expect("a simulator").trim_end_matches('/'));
    let books: Value =
        eventually("the simulator's books", async || client().get(&url).send().await.ok()?.json().await.ok())
            .await;
    let theirs: i64 = books["by_currency"]
        .as_object()
        .expect("currencies")
        .values()
        .map(|sums| sums["captured_minor"].as_i64().unwrap_or(0))
        .sum();
    let ours = read::<i64>(
        folder,
        "select cast(coalesce(sum(debits_posted), 0) as integer) from account where id like 'clearing:stripe:%'",
    )[0];
    assert_eq!(ours, theirs, "captured by cards, in minor units of all currencies");
}
