//! The host network in journeys: what it is told to do, and what must hold at their ends, by its own books.

use super::buyer::{Order, text};
use super::registry::TEN;
use super::town::Town;
use domain::time::MINUTE_MS;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::Tx;

pub const PAYS: &str = "4242424242424242";
pub const CREDITS: &str = "POST /network/v1/credits";
pub const STATUS: &str = "GET /network/v1/credits/{id}";

/// What a number does at the network from now on.
pub async fn plan(town: &Town, number: &str, what: &str) {
    let plan = json!({ "msisdn": number, "do": what, "ms": 3_600_000 });
    town.outside.control("network/plans", &plan).await;
}

pub async fn network_fault(town: &Town, on: &str, what: &str) {
    town.outside.fault(on, what, 1_000).await;
}

/// An order that was paid and whose request went to the network; says what its page shows.
pub async fn paid(town: &Town, number: &str) -> (Order, String) {
    let order = town.buyer().order(number, TEN).await;
    assert_eq!(town.outside.pay(&order.session, PAYS).await, "return");
    let shown = town.look(&order).await;
    (order, shown)
}

/// What the network says that it gave, by top-up.
pub fn given(books: &Value) -> BTreeMap<String, usize> {
    let mut given = BTreeMap::new();
    for entry in books["entries"].as_array().expect("entries") {
        *given.entry(entry["top_up"].as_str().expect("a top-up").to_owned()).or_default() += 1;
    }
    given
}

pub type Ends = Vec<(String, bool, bool)>;

/// Every top-up at the network: was it credited, and did or does its money go back?
pub fn ends(tx: &mut Tx<'_>) -> anyhow::Result<Ends> {
    let sql = "select t.id, t.credited_at, (select count(*) from refund r where r.top_up_id = t.id \
               and r.state <> 'failed') + (select count(*) from posting p where p.key = t.id || ' sale_return') \
               from network_credit n join top_up t on t.id = n.top_up_id";
    tx.query(sql, &[], |row| Ok((row.text(0)?, row.opt_int(1)?.is_some(), row.int(2)? > 0)))
}

pub fn check_ends(ends: Ends, given: &BTreeMap<String, usize>) {
    for (id, credited, back) in ends {
        let given = given.get(&id).copied().unwrap_or(0);
        assert!(given <= 1, "{id} was given {given} times");
        assert!(!(credited && back), "{id} was credited and refunded");
        assert!(!(given == 1 && back), "{id} was given by the network and refunded");
        assert!(!credited || given == 1, "{id} was credited and the network did not give it");
    }
}

/// Never both, never twice, never out of nothing, says the other side.
pub async fn never_both(town: &Town) {
    let given = given(&town.outside.network_books().await);
    check_ends(town.read(ends).await, &given);
}

pub async fn network_gave(town: &Town) -> usize {
    given(&town.outside.network_books().await).values().sum()
}

/// What we owe the network.
pub async fn owed(town: &Town) -> i64 {
    town.count(
        "select cast(coalesce(sum(credits_posted - debits_posted), 0) as bigint) from account \
         where id like 'network_clearing:%'",
    )
    .await
}

/// The id of the only request.
pub async fn the_request(town: &Town) -> String {
    town.read(|tx| {
        let found = tx.query_first("select operation_id from network_credit", &[], |row| row.text(0))?;
        found.ok_or_else(|| anyhow::anyhow!("no request"))
    })
    .await
}

pub async fn network_settles(town: &Town, outcome: &str) {
    let id = the_request(town).await;
    town.outside.control(&format!("network/credits/{id}/settle"), &json!({ "outcome": outcome })).await;
}

/// Credited for good: one credit there, one here, and nothing goes back.
pub async fn stays_credited(town: &Town, order: &Order) {
    for _ in 0..3 {
        town.pass(MINUTE_MS).await;
        assert_eq!(town.look(order).await, "credited");
    }
    assert_eq!((network_gave(town).await, owed(town).await), (1, 1_000));
    assert_eq!(town.outside.refunds().await.len(), 0);
    never_both(town).await;
}

/// Refunded for good: nothing there, one refund.
pub async fn stays_refunded(town: &Town, order: &Order, reason: &'static str) {
    for _ in 0..3 {
        town.pass(MINUTE_MS).await;
        assert_eq!(town.look(order).await, "refunded");
    }
    assert_eq!((network_gave(town).await, owed(town).await), (0, 0));
    assert_eq!(town.outside.refunds().await.len(), 1);
    let found = town.read(|tx| tx.query("select reason from refund", &[], |row| row.text(0))).await;
    assert_eq!(found, [reason]);
    never_both(town).await;
}

pub async fn why(order: &Order) -> String {
    text(&order.page().await.text, "[data-testid=refund-reason]")
}
