//! Two hundred sellers at once, and the program dies in the commit that they share: a batch is there whole or not at
//! all, nobody was told what is not so, and the retries end in exactly two hundred sales.

use crate::support::api::Answer;
use crate::support::house::{House, in_house};
use crate::support::registry::{FLOAT_MINOR, NUMBER, TEN};
use std::collections::BTreeSet;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    killed_before_a_group_commit_none_of_the_batch_is_there
    killed_after_a_group_commit_all_of_the_batch_is_there
}

const SELLERS: usize = 200;

/// Everybody sells at once; gives the keys of those who were told that it was done.
async fn everybody_sells(house: &House) -> BTreeSet<String> {
    let selling = (0..SELLERS).map(|n| {
        let (api, key) = (house.api.clone(), format!("seller-{n:03}"));
        tokio::spawn(async move {
            let body = crate::support::api::float_sale(NUMBER, TEN);
            match api.try_post("/v1/top-ups", Some(&key), &body).await {
                Ok(response) => {
                    let answer = Answer::of(response).await;
                    assert_eq!(
                        (answer.status, answer.text_of("state")),
                        (201, "credited"),
                        "{}",
                        answer.text
                    );
                    Some(key)
                }
                Err(_) => None,
            }
        })
    });
    let mut told = BTreeSet::new();
    for sold in selling.collect::<Vec<_>>() {
        told.extend(sold.await.expect("sold or not"));
    }
    told
}

/// The keys of the sales that are there.
async fn there(house: &House) -> BTreeSet<String> {
    let sql = "select r.id from response r join top_up t on t.id = r.subject where r.state = 'done'";
    let ids: Vec<String> = house.read(move |tx| tx.query(sql, &[], |row| row.text(0))).await;
    ids.iter().map(|id| id.split_once('/').expect("scope/key").1.to_owned()).collect()
}

/// Sales, answers, postings and buckets of work are one and the same set.
async fn everything_is_whole(house: &House, sales: usize) {
    let sales = i64::try_from(sales).expect("a small number");
    for sql in [
        "select count(*) from top_up",
        "select count(*) from response",
        "select count(*) from posting where key like 'tu_% credit'",
        "select count(*) from outbox where topic = 'top_up_changed'",
    ] {
        assert_eq!(house.count(sql).await, sales, "{sql}");
    }
}

async fn two_hundred_and_a_death(house: &House, failpoint: &str) {
    let server = house.counter(failpoint).await;
    let told = everybody_sells(house).await;
    server.dies().await;
    let kept = there(house).await;
    assert!(told.is_subset(&kept), "told and not there: {:?}", told.difference(&kept));
    assert!(told.len() < SELLERS, "it died in between");
    everything_is_whole(house, kept.len()).await;
    let server = house.counter("").await;
    let told = everybody_sells(house).await;
    assert_eq!(told.len(), SELLERS);
    everything_is_whole(house, SELLERS).await;
    let all = i64::try_from(SELLERS).expect("a small number") * 1_000;
    assert_eq!(house.api.balance(NUMBER).await, all);
    assert_eq!(house.api.float("GBP").await, FLOAT_MINOR - all);
    server.stop().await;
}

mod checks {
    use super::*;

    pub fn killed_before_a_group_commit_none_of_the_batch_is_there(engine: Engine) {
        in_house(engine, async |house| two_hundred_and_a_death(house, "db.before_commit=kill:2").await);
    }

    pub fn killed_after_a_group_commit_all_of_the_batch_is_there(engine: Engine) {
        in_house(engine, async |house| two_hundred_and_a_death(house, "db.after_commit=kill:2").await);
    }
}
