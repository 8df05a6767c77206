//! Prices that were promised: a quote is kept although the price changed, an expected total is checked, and no
//! promise is another partner's.

use crate::support::registry::{CATALOGUE, GERMAN_NUMBER, NUMBER, TEN, open_partner};
use crate::support::town::{Town, in_town};
use domain::time::MINUTE_MS;
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_expected_total_that_no_longer_holds_is_refused_and_moves_nothing
    a_quoted_price_is_kept_after_the_price_has_changed
    a_quote_lapses_with_its_time
    a_quote_holds_for_its_partner_line_and_offer_only
    a_sale_in_a_currency_that_the_partner_has_not_is_refused
    an_amount_in_another_currency_is_refused
    a_withdrawn_offer_is_not_sold
}

/// £10 of credit costs £11 from now on.
async fn dearer(town: &Town) {
    let changed = CATALOGUE.replacen("value_minor = 1000", "value_minor = 1100", 1);
    assert_eq!(town.import_catalogue(&changed).await.new_versions, 1);
}

async fn quoted(town: &Town) -> String {
    let quote = town.api.post("/v1/quotes", None, &json!({ "msisdn": NUMBER, "offer_id": TEN })).await;
    assert_eq!(quote.status, 201, "{}", quote.text);
    quote.text_of("quote_id").to_owned()
}

fn sale(more: Value) -> Value {
    let mut body = json!({ "msisdn": NUMBER, "offer_id": TEN, "tender": { "type": "float" } });
    for (field, value) in more.as_object().expect("fields") {
        body[field] = value.clone();
    }
    body
}

fn expecting(minor: i64) -> Value {
    sale(json!({ "expected_total": { "amount_minor": minor, "currency": "GBP" } }))
}

mod checks {
    use super::*;

    pub fn an_expected_total_that_no_longer_holds_is_refused_and_moves_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let post = async |key: &str, body: Value| town.api.post("/v1/top-ups", Some(key), &body).await;
            assert_eq!(post("1", expecting(1_000)).await.status, 201);
            dearer(town).await;
            post("2", expecting(1_000)).await.is_problem(409, "price_changed");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            post("2", expecting(1_000)).await.is_problem(409, "price_changed");
            assert_eq!(post("3", expecting(1_100)).await.status, 201);
            assert_eq!(town.api.balance(NUMBER).await, 2_100);
        });
    }

    pub fn a_quoted_price_is_kept_after_the_price_has_changed(engine: Engine) {
        in_town(engine, async |town| {
            let quote = quoted(town).await;
            dearer(town).await;
            let body = sale(json!({ "quote_id": quote }));
            let kept = town.api.post("/v1/top-ups", Some("k"), &body).await;
            assert_eq!(
                (kept.status, &kept.json["price_lines"]["total"]["amount_minor"]),
                (201, &json!(1_000))
            );
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let new = town.api.sell("new", NUMBER, TEN).await;
            assert_eq!(new.json["price_lines"]["total"]["amount_minor"], 1_100);
        });
    }

    pub fn a_quote_lapses_with_its_time(engine: Engine) {
        in_town(engine, async |town| {
            let body = sale(json!({ "quote_id": quoted(town).await }));
            town.pass(5 * MINUTE_MS).await;
            town.api.post("/v1/top-ups", Some("k"), &body).await.is_problem(409, "quote_lapsed");
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn a_quote_holds_for_its_partner_line_and_offer_only(engine: Engine) {
        in_town(engine, async |town| {
            let quote = quoted(town).await;
            let other = open_partner(&town.world, "Other Shop", 10_000).await;
            let body = sale(json!({ "quote_id": quote }));
            let theirs = town.api.with_key(&other.key).post("/v1/top-ups", Some("k"), &body).await;
            theirs.is_problem(409, "quote_lapsed");
            for (n, elsewhere) in [json!({ "msisdn": "447400123457" }), json!({ "offer_id": "gb-credit-5" })]
                .into_iter()
                .enumerate()
            {
                let mut body = sale(elsewhere);
                body["quote_id"] = json!(quote);
                let answer = town.api.post("/v1/top-ups", Some(&format!("k{n}")), &body).await;
                answer.is_problem(409, "quote_lapsed");
            }
            assert_eq!(town.count("select count(*) from top_up").await, 0);
        });
    }

    pub fn a_sale_in_a_currency_that_the_partner_has_not_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            let british = open_partner(&town.world, "British Shop", 10_000).await;
            let api = town.api.with_key(&british.key);
            api.sell("k", GERMAN_NUMBER, "de-credit-10").await.is_problem(409, "currency_mismatch");
            assert_eq!(api.float("GBP").await, 10_000);
            assert_eq!(town.api.sell("k", GERMAN_NUMBER, "de-credit-10").await.status, 201);
            assert_eq!(
                (town.api.balance(GERMAN_NUMBER).await, town.api.float("GBP").await),
                (1_000, 1_000_000)
            );
        });
    }

    pub fn an_amount_in_another_currency_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            for (n, currency) in ["EUR", "XYZ", "gbp"].into_iter().enumerate() {
                let amount = json!({ "amount_minor": 1_000, "currency": currency });
                let body = sale(json!({ "offer_id": "gb-any", "amount": amount }));
                let answer = town.api.post("/v1/top-ups", Some(&format!("k{n}")), &body).await;
                answer.is_problem(409, "currency_mismatch");
            }
            assert_eq!(town.count("select count(*) from top_up").await, 0);
        });
    }

    pub fn a_withdrawn_offer_is_not_sold(engine: Engine) {
        in_town(engine, async |town| {
            town.import_catalogue(&CATALOGUE.replace("gb-credit-10", "gb-credit-ten")).await;
            town.api.sell("k", NUMBER, TEN).await.is_problem(422, "offer_unknown");
            assert_eq!(town.api.sell("new", NUMBER, "gb-credit-ten").await.status, 201);
        });
    }
}
