//! Sales from a partner's float: one key is one sale, and no crowd of sellers spends what is not there.

use crate::support::api::{Api, float_sale};
use crate::support::registry::{NUMBER, TEN, deposit, open_partner};
use crate::support::town::in_town;
use serde_json::json;
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    twenty_equal_posts_at_once_make_one_top_up_and_get_equal_answers
    the_same_key_with_another_amount_is_refused_and_moves_nothing
    what_was_refused_for_funds_stays_refused_after_the_float_was_filled
    two_sellers_who_want_the_last_unit_get_it_once
    a_crowd_on_one_float_never_breaks_its_floor
    a_credit_line_lets_the_float_go_below_zero_and_no_further
    a_replay_is_the_first_answer_even_when_the_line_is_closed_by_now
}

/// Sells in parallel, each under its own key, and counts the answers by status.
async fn crowd(api: &Api, sellers: usize) -> BTreeMap<u16, usize> {
    let selling = (0..sellers).map(|n| {
        let api = api.clone();
        tokio::spawn(async move { api.sell(&format!("crowd-{n}"), NUMBER, TEN).await.status })
    });
    let mut answers = BTreeMap::new();
    for sold in selling.collect::<Vec<_>>() {
        *answers.entry(sold.await.expect("sold or refused")).or_default() += 1;
    }
    answers
}

mod checks {
    use super::*;

    pub fn twenty_equal_posts_at_once_make_one_top_up_and_get_equal_answers(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            let posting = (0..20).map(|_| {
                let api = town.api.clone();
                tokio::spawn(async move { api.sell("double", NUMBER, TEN).await })
            });
            let mut answers = Vec::new();
            for posted in posting.collect::<Vec<_>>() {
                answers.push(posted.await.unwrap());
            }
            for answer in &answers {
                assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
            }
            assert_eq!(answers.iter().filter(|answer| !answer.replayed()).count(), 1, "one is the first");
            assert_eq!(town.count("select count(*) from top_up").await, 1);
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(town.api.float("GBP").await, float - 1_000);
        });
    }

    pub fn the_same_key_with_another_amount_is_refused_and_moves_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let first = town.api.sell("k", NUMBER, TEN).await;
            assert_eq!(first.status, 201);
            let float = town.api.float("GBP").await;
            let other = json!({
                "msisdn": NUMBER, "offer_id": "gb-any", "tender": { "type": "float" },
                "amount": { "amount_minor": 2_000, "currency": "GBP" },
            });
            let answer = town.api.post("/v1/top-ups", Some("k"), &other).await;
            answer.is_problem(422, "idempotency_key_reused");
            assert_eq!((town.api.balance(NUMBER).await, town.api.float("GBP").await), (1_000, float));
            let again = town.api.sell("k", NUMBER, TEN).await;
            assert_eq!((again.status, again.replayed(), again.text), (201, true, first.text));
        });
    }

    pub fn what_was_refused_for_funds_stays_refused_after_the_float_was_filled(engine: Engine) {
        in_town(engine, async |town| {
            let poor = open_partner(&town.world, "Poor Shop", 500).await;
            let api = town.api.with_key(&poor.key);
            let refused = api.sell("early", NUMBER, TEN).await;
            refused.is_problem(409, "float_insufficient");
            deposit(&town.world, &poor, "second", 5_000, "GBP").await;
            let late = api.sell("early", NUMBER, TEN).await;
            late.is_problem(409, "float_insufficient");
            assert!(late.replayed());
            assert_eq!((api.float("GBP").await, town.api.balance(NUMBER).await), (5_500, 0));
            assert_eq!(api.sell("late", NUMBER, TEN).await.status, 201);
            assert_eq!((api.float("GBP").await, town.api.balance(NUMBER).await), (4_500, 1_000));
        });
    }

    pub fn two_sellers_who_want_the_last_unit_get_it_once(engine: Engine) {
        in_town(engine, async |town| {
            let last = open_partner(&town.world, "Last Shop", 1_000).await;
            let api = town.api.with_key(&last.key);
            assert_eq!(crowd(&api, 2).await, BTreeMap::from([(201, 1), (409, 1)]));
            assert_eq!((api.float("GBP").await, town.api.balance(NUMBER).await), (0, 1_000));
        });
    }

    pub fn a_crowd_on_one_float_never_breaks_its_floor(engine: Engine) {
        in_town(engine, async |town| {
            let busy = open_partner(&town.world, "Busy Shop", 25_999).await;
            let api = town.api.with_key(&busy.key);
            assert_eq!(crowd(&api, 60).await, BTreeMap::from([(201, 25), (409, 35)]));
            assert_eq!((api.float("GBP").await, town.api.balance(NUMBER).await), (999, 25_000));
        });
    }

    pub fn a_credit_line_lets_the_float_go_below_zero_and_no_further(engine: Engine) {
        in_town(engine, async |town| {
            let trusted = open_partner(&town.world, "Trusted Shop", 500).await;
            let limit = domain::money::Money::new(600, "GBP".parse().unwrap());
            flows::partners::set_credit_line(&town.world, &trusted.id, limit).await.unwrap();
            let api = town.api.with_key(&trusted.key);
            assert_eq!(crowd(&api, 2).await, BTreeMap::from([(201, 1), (409, 1)]));
            let float = api.get("/v1/float").await.json["items"][0].clone();
            let amounts = ["balance", "available", "credit_line"].map(|f| float[f]["amount_minor"].clone());
            assert_eq!(amounts, [json!(-500), json!(100), json!(600)]);
        });
    }

    pub fn a_replay_is_the_first_answer_even_when_the_line_is_closed_by_now(engine: Engine) {
        in_town(engine, async |town| {
            let first = town.api.sell("k", NUMBER, TEN).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.api.sell("new", NUMBER, TEN).await.is_problem(409, "line_closed");
            let again = town.api.post("/v1/top-ups", Some("k"), &float_sale(NUMBER, TEN)).await;
            assert_eq!((again.status, again.text), (201, first.text));
        });
    }
}
