//! Top-ups as partners see them: found again, listed in pages, replayed, and seen by nobody else.

use crate::support::api::{float_sale, hosted_sale};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN, open_partner};
use crate::support::town::in_town;
use domain::time::{HOUR_MS, UnixMs};
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_sale_from_the_float_says_everything_about_itself
    top_ups_are_found_by_reference_state_and_time
    a_long_list_comes_in_pages_without_gaps_or_repeats
    a_hosted_top_up_gives_its_payment_page_and_replays
    a_hosted_top_up_without_an_answer_is_in_flight_and_then_has_one
    partners_see_nothing_of_each_other
    the_answer_that_was_lost_is_found_by_its_key
    a_tender_that_is_not_offered_stays_refused
    lines_that_cannot_be_topped_up_are_refused_with_their_reason
}

mod checks {
    use super::*;

    pub fn a_sale_from_the_float_says_everything_about_itself(engine: Engine) {
        in_town(engine, async |town| {
            let mut body = float_sale(NUMBER, "gb-credit-5");
            body["reference"] = json!("till 7 / 42");
            let sold = town.api.post("/v1/top-ups", Some("k"), &body).await;
            assert_eq!((sold.status, sold.content_type()), (201, "application/json"));
            assert!(sold.text_of("id").starts_with("tu_"));
            for (field, value) in [
                ("state", json!("credited")),
                ("msisdn", json!(NUMBER)),
                ("offer_id", json!("gb-credit-5")),
                ("tender", json!("float")),
                ("reference", json!("till 7 / 42")),
                ("payment_url", Value::Null),
                ("credited_at", sold.json["created_at"].clone()),
            ] {
                assert_eq!(sold.json[field], value, "{field}");
            }
            assert_eq!(sold.json["price_lines"]["total"]["amount_minor"], 530);
            let code = sold.json["receipt"]["code"].as_str().unwrap();
            assert_eq!(sold.json["receipt"]["url"], format!("{}/o/{code}/receipt", town.url));
            let id = sold.text_of("id");
            assert_eq!(town.api.get(&format!("/v1/top-ups/{id}")).await.json, sold.json);
            for nobody in ["tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V", "nonsense"] {
                town.api.get(&format!("/v1/top-ups/{nobody}")).await.is_problem(404, "top_up_unknown");
            }
        });
    }

    pub fn top_ups_are_found_by_reference_state_and_time(engine: Engine) {
        in_town(engine, async |town| {
            let mut ids = Vec::new();
            for (n, reference) in ["a", "b", "b"].into_iter().enumerate() {
                let mut body = if n == 2 { hosted_sale(NUMBER, TEN) } else { float_sale(NUMBER, TEN) };
                body["reference"] = json!(reference);
                let made = town.api.post("/v1/top-ups", Some(&format!("k{n}")), &body).await;
                ids.push(made.text_of("id").to_owned());
                town.clock.pass(HOUR_MS);
            }
            let list = async |query: &str| -> Vec<String> {
                let page = town.api.get(&format!("/v1/top-ups{query}")).await;
                assert_eq!(page.status, 200, "{query}: {}", page.text);
                let items = page.json["items"].as_array().unwrap();
                items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
            };
            let of = |wanted: &[usize]| wanted.iter().map(|n| ids[*n].clone()).collect::<Vec<_>>();
            assert_eq!(list("").await, of(&[2, 1, 0]), "newest first");
            assert_eq!(list("?reference=b").await, of(&[2, 1]));
            assert_eq!(list("?reference=b&state=credited").await, of(&[1]));
            assert_eq!(list("?state=awaiting_payment").await, of(&[2]));
            assert_eq!(list("?reference=none").await, of(&[]));
            let now = domain::time::Clock::now(town.clock.as_ref());
            let ago = |hours: i64| UnixMs(now.0 - hours * HOUR_MS - HOUR_MS / 2).rfc3339();
            assert_eq!(list(&format!("?from={}", ago(2))).await, of(&[2, 1]));
            assert_eq!(list(&format!("?from={}&to={}", ago(2), ago(1))).await, of(&[1]));
            for wrong in
                ["?from=yesterday", "?state=happy", "?cursor=x", "?limit=0", "?limit=101", "?colour=red"]
            {
                town.api.get(&format!("/v1/top-ups{wrong}")).await.is_problem(400, "query_invalid");
            }
        });
    }

    pub fn a_long_list_comes_in_pages_without_gaps_or_repeats(engine: Engine) {
        in_town(engine, async |town| {
            let mut made = Vec::new();
            for n in 0..7 {
                made.push(town.api.sell(&format!("k{n}"), NUMBER, TEN).await.text_of("id").to_owned());
            }
            made.reverse();
            let (mut listed, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = town.api.get(&format!("/v1/top-ups?limit=3{cursor}")).await.json;
                let items = page["items"].as_array().unwrap();
                listed.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                assert_eq!(items.len(), 3);
                cursor = format!("&cursor={next}");
                // What is sold meanwhile is newer than every page that is still to come.
                let _ = town.api.sell(&format!("meanwhile {next}"), NUMBER, TEN).await;
            }
            assert_eq!(listed, made);
        });
    }

    pub fn a_hosted_top_up_gives_its_payment_page_and_replays(engine: Engine) {
        in_town(engine, async |town| {
            let made = town.api.host("k", NUMBER, TEN).await;
            assert_eq!((made.status, made.text_of("state")), (201, "awaiting_payment"), "{}", made.text);
            let session = Session::of_page(made.text_of("payment_url"));
            assert_eq!(town.outside.session(&session).await["success_url"], "https://shop.example/done");
            let again = town.api.host("k", NUMBER, TEN).await;
            assert_eq!((again.status, again.replayed(), &again.text), (201, true, &made.text));
            let other = town.api.post("/v1/top-ups", Some("k"), &hosted_sale(NUMBER, "gb-credit-5")).await;
            other.is_problem(422, "idempotency_key_reused");
            let of_top_up = format!("/v1/top-ups/{}", made.text_of("id"));
            assert_eq!(town.api.get(&of_top_up).await.text_of("payment_url"), made.text_of("payment_url"));
            town.outside.pay(&session, "4242424242424242").await;
            town.clock.pass(3_000);
            let paid = town.api.get(&of_top_up).await;
            assert_eq!((paid.text_of("state"), &paid.json["payment_url"]), ("credited", &Value::Null));
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(town.api.float("GBP").await, 1_000_000, "the payer paid, not the partner");
        });
    }

    pub fn a_hosted_top_up_without_an_answer_is_in_flight_and_then_has_one(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_after", 1).await;
            let waiting = town.api.host("k", NUMBER, TEN).await;
            waiting.is_problem(409, "idempotency_key_in_flight");
            assert!(!waiting.header("retry-after").is_empty());
            town.api.get("/v1/responses/k").await.is_problem(409, "idempotency_key_in_flight");
            let made = town.api.host("k", NUMBER, TEN).await;
            assert_eq!((made.status, made.text_of("state")), (201, "awaiting_payment"), "{}", made.text);
            assert_eq!(town.outside.sessions().await.len(), 1);
            assert_eq!(town.api.get("/v1/responses/k").await.text, made.text);
        });
    }

    pub fn partners_see_nothing_of_each_other(engine: Engine) {
        in_town(engine, async |town| {
            let mine = town.api.sell("shared-key", NUMBER, TEN).await;
            let other = open_partner(&town.world, "Other Shop", 5_000).await;
            let api = town.api.with_key(&other.key);
            let id = mine.text_of("id");
            api.get(&format!("/v1/top-ups/{id}")).await.is_problem(404, "top_up_unknown");
            assert_eq!(api.get("/v1/top-ups").await.json["items"], json!([]));
            assert_eq!(api.get(&format!("/v1/top-ups?cursor={id}")).await.json["items"], json!([]));
            api.get("/v1/responses/shared-key").await.is_problem(404, "response_unknown");
            let theirs = api.sell("shared-key", NUMBER, TEN).await;
            assert_eq!((theirs.status, theirs.replayed()), (201, false), "a key is the partner's own");
            assert_ne!(theirs.text_of("id"), id);
            assert_eq!((api.float("GBP").await, town.api.float("GBP").await), (4_000, 999_000));
        });
    }

    pub fn the_answer_that_was_lost_is_found_by_its_key(engine: Engine) {
        in_town(engine, async |town| {
            town.api.get("/v1/responses/k").await.is_problem(404, "response_unknown");
            let sold = town.api.sell("k", NUMBER, TEN).await;
            let found = town.api.get("/v1/responses/k").await;
            assert_eq!((found.status, found.replayed(), &found.text), (201, true, &sold.text));
            let refused = town.api.sell("no", "447400100100", TEN).await;
            refused.is_problem(409, "line_barred");
            let found = town.api.get("/v1/responses/no").await;
            found.is_problem(409, "line_barred");
            assert!(found.replayed());
        });
    }

    pub fn a_tender_that_is_not_offered_stays_refused(engine: Engine) {
        in_town(engine, async |town| {
            let mut body = float_sale(NUMBER, TEN);
            body["tender"] = json!({ "type": "voucher", "code": "123" });
            for _ in 0..2 {
                town.api.post("/v1/top-ups", Some("k"), &body).await.is_problem(422, "tender_not_offered");
            }
        });
    }

    pub fn lines_that_cannot_be_topped_up_are_refused_with_their_reason(engine: Engine) {
        in_town(engine, async |town| {
            for (number, status, code) in [
                ("447400100100", 409, "line_barred"),
                ("447400100200", 409, "line_ported_out"),
                ("447400100300", 409, "line_closed"),
                ("447400999999", 404, "line_unknown"),
                ("12", 422, "number_invalid"),
                ("442079460000", 422, "number_landline"),
            ] {
                town.api.sell(&format!("float {number}"), number, TEN).await.is_problem(status, code);
                town.api.host(&format!("hosted {number}"), number, TEN).await.is_problem(status, code);
            }
            assert_eq!(town.count("select count(*) from top_up").await, 0);
        });
    }
}
