//! Several processes on one PostgreSQL: two servers share keys and floats, a worker does what they leave behind,
//! and nobody waits for another in a circle.

use crate::support::api::Api;
use crate::support::house::in_house;
use crate::support::outside::Session;
use crate::support::registry::{FLOAT_MINOR, NUMBER, TEN};
use crate::support::town::in_town;
use crate::support::wait::until;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Tx;
use testkit::Engine;
use tokio::sync::Notify;

/// Asks both servers in turn, all at once; gives the different answers that came.
async fn both_at_once<F: Future<Output = (u16, String)> + Send + 'static>(
    servers: &[Api; 2],
    ask: impl Fn(Api, usize) -> F,
) -> BTreeSet<(u16, String)> {
    let asking: Vec<_> = (0..20).map(|n| tokio::spawn(ask(servers[n % 2].clone(), n))).collect();
    let mut answers = BTreeSet::new();
    for asked in asking {
        answers.insert(asked.await.expect("answered"));
    }
    answers
}

#[test]
fn one_key_at_two_servers_is_one_sale_and_one_page() {
    in_house(Engine::Postgres, async |house| {
        let first = house.counter("").await;
        let (second, url) = house.counter_beside().await;
        let servers = [house.api.clone(), Api::new(&url, &house.partner.key)];
        let sold = both_at_once(&servers, |api, _| async move {
            let answer = api.sell("one", NUMBER, TEN).await;
            (answer.status, answer.text)
        })
        .await;
        assert!(sold.len() == 1 && sold.iter().all(|(status, _)| *status == 201), "{sold:?}");
        let hosted = both_at_once(&servers, |api, _| async move {
            let answer = api.host("page", NUMBER, TEN).await;
            (answer.status, answer.text)
        })
        .await;
        assert!(hosted.len() == 1 && hosted.iter().all(|(status, _)| *status == 201), "{hosted:?}");
        assert_eq!(house.outside.sessions().await.len(), 1);
        let many = both_at_once(&servers, |api, n| async move {
            (api.sell(&format!("many-{n}"), NUMBER, TEN).await.status, String::new())
        })
        .await;
        assert_eq!(many, BTreeSet::from([(201, String::new())]));
        assert_eq!(house.api.float("GBP").await, FLOAT_MINOR - 21_000);
        assert_eq!(house.api.balance(NUMBER).await, 21_000);
        first.stop().await;
        second.stop().await;
    });
}

#[test]
fn a_worker_does_what_servers_leave_behind() {
    in_house(Engine::Postgres, async |house| {
        let server = house.counter("").await;
        let worker = house.worker();
        let made = house.api.host("k", NUMBER, TEN).await;
        house.outside.pay(&Session::of_page(made.text_of("payment_url")), "4242424242424242").await;
        house.outside.resume_webhooks().await;
        until("the credit", async || house.api.balance(NUMBER).await == 1_000).await;
        house.outside.message(NUMBER).await;
        worker.stop().await;
        server.stop().await;
    });
}

/// Waits inside a step until another connection waits for a lock.
fn somebody_waits(tx: &mut Tx<'_>) -> anyhow::Result<()> {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() \
                   and wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(4);
    while tx.query_first(waiting, &[], |row| row.int(0))? == Some(0) {
        anyhow::ensure!(Instant::now() < deadline, "nobody waits for the lock");
        std::thread::sleep(Duration::from_millis(5));
        tx.execute("select pg_stat_clear_snapshot()", &[])?;
    }
    Ok(())
}

/// A sale locks the accounts that it touches, then the writer's row. A capture that held the writer's row while it
/// waits for an account would wait with it in a circle.
#[test]
fn a_capture_that_waits_for_an_account_keeps_no_sale_from_the_writers_row() {
    in_town(Engine::Postgres, async |town| {
        assert_eq!(town.api.sell("opens the accounts", NUMBER, TEN).await.status, 201);
        let order = town.order().await;
        town.outside.pay(&order.session, "4242424242424242").await;
        let (locked, world) = (Arc::new(Notify::new()), town.world.clone());
        let tell = locked.clone();
        let sale = tokio::spawn(async move {
            let step = move |tx: &mut Tx<'_>| {
                let tax = "select id from account where id = 'tax_due:GB:GBP' for update";
                anyhow::ensure!(tx.query(tax, &[], |_| Ok(()))?.len() == 1, "no such account");
                tell.notify_one();
                somebody_waits(tx)?;
                let writer = "select id from writer where id = 'town' for update skip locked";
                Ok(tx.query_first(writer, &[], |_| Ok(()))?.is_some())
            };
            world.db.write(step).await.expect("the step runs")
        });
        locked.notified().await;
        assert_eq!(town.look(&order).await, "credited");
        assert!(sale.await.expect("it ends"), "the writer's row was held by somebody who waits");
    });
}
