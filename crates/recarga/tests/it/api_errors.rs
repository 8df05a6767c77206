//! What the API says when it does not do what was asked: always a problem with a code, in words that need no
//! knowledge of our code, and nothing has moved.

use crate::support::api::{Answer, float_sale};
use crate::support::registry::{CATALOGUE, GERMAN_NUMBER, NUMBER, TEN, open_partner};
use crate::support::town::{Town, in_town};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_body_is_objects_at_every_level_and_a_list_moves_no_money
    what_is_wrong_with_a_body_is_named_without_internals
    a_changed_price_is_told_in_words_and_as_money
    every_error_is_a_problem_for_machines_and_a_page_for_people
    a_refused_key_is_told_how_to_authenticate
    a_partner_without_a_float_in_the_currency_is_told_so
    a_number_is_read_with_the_separators_that_people_write
    parameters_that_a_call_does_not_know_are_refused_by_name
    an_idempotency_key_that_cannot_be_kept_is_refused
    asking_what_an_address_takes_changes_nothing
}

/// Sends a body as it is written.
async fn post_text(town: &Town, path: &str, key: &str, body: impl Into<String>) -> Answer {
    let request = town.api.request(Method::POST, path).header("content-type", "application/json");
    let request = request.header("Idempotency-Key", key).body(body.into());
    Answer::of(request.send().await.expect("an answer")).await
}

async fn nothing_moved(town: &Town) {
    assert_eq!(town.count("select count(*) from top_up").await, 0);
    assert_eq!(town.api.float("GBP").await, 1_000_000);
}

mod checks {
    use super::*;

    pub fn a_body_is_objects_at_every_level_and_a_list_moves_no_money(engine: Engine) {
        in_town(engine, async |town| {
            let with = |field: &str, value: Value| {
                let mut body = float_sale(NUMBER, TEN);
                body[field] = value;
                body
            };
            for (body, place) in [
                (json!([NUMBER, TEN, null, null, null, { "type": "float" }, null, null]), "the body"),
                (json!([float_sale(NUMBER, TEN)]), "the body"),
                (json!(null), "the body"),
                (json!(1), "the body"),
                (json!("x"), "the body"),
                (with("tender", json!(["float"])), "tender"),
                (with("tender", json!(["float", {}])), "tender"),
                (with("expected_total", json!([1_000, "GBP"])), "expected_total"),
                (with("reference", json!(["a"])), "reference"),
                (
                    with("tender", json!({ "type": "hosted", "return_url": ["https://x.example"] })),
                    "tender.r",
                ),
            ] {
                let answer = town.api.post("/v1/top-ups", Some("k"), &body).await;
                answer.is_problem(400, "body_invalid");
                assert!(answer.text_of("detail").starts_with(place), "{}", answer.text);
            }
            let amount = json!({ "msisdn": NUMBER, "offer_id": "gb-any", "amount": [1_000, "GBP"] });
            for body in [amount, json!([NUMBER, TEN, null, null])] {
                town.api.post("/v1/quotes", None, &body).await.is_problem(400, "body_invalid");
            }
            nothing_moved(town).await;
            assert_eq!(town.count("select count(*) from response").await, 0, "the key is still free");
        });
    }

    pub fn what_is_wrong_with_a_body_is_named_without_internals(engine: Engine) {
        in_town(engine, async |town| {
            let tender = r#""tender": {"type": "float"}"#;
            let start = format!(r#""msisdn": "{NUMBER}", "offer_id": "{TEN}""#);
            for (body, named) in [
                (String::new(), "not JSON"),
                ("{".to_owned(), "not JSON"),
                (format!("{{{start}, {tender}}} more"), "not JSON"),
                (format!("{{{start}}}"), "`tender`"),
                (format!("{{{start}, {start}, {tender}}}"), "duplicate field `msisdn`"),
                (format!("{{{start}, {tender}, \"colour\": 1}}"), "`colour`"),
                (format!(r#"{{{start}, "tender": "float"}}"#), "tender: "),
                (format!(r#"{{{start}, "tender": {{"type": "cash"}}}}"#), "`cash`"),
                (format!(r#"{{{start}, "tender": {{"type": "float", "type": "float"}}}}"#), "tender: "),
                (format!(r#"{{{start}, {tender}, "expected_total": 1000}}"#), "expected_total: "),
                (
                    format!(
                        r#"{{{start}, {tender}, "expected_total": {{"amount_minor": 10.0, "currency": "GBP"}}}}"#
                    ),
                    "expected_total.amount_minor: must be a whole number",
                ),
                (format!(r#"{{{start}, {tender}, "reference": 7}}"#), "reference: "),
            ] {
                let answer = post_text(town, "/v1/top-ups", "k", body.as_str()).await;
                answer.is_problem(400, "body_invalid");
                let detail = answer.text_of("detail");
                assert!(detail.contains(named), "{body}: {detail}");
                for internal in
                    ["struct", "enum", "tuple", "TopUpRequest", "Shape", "i64", "target type", "::"]
                {
                    assert!(!detail.contains(internal), "{body}: {detail}");
                }
            }
            nothing_moved(town).await;
        });
    }

    pub fn a_changed_price_is_told_in_words_and_as_money(engine: Engine) {
        in_town(engine, async |town| {
            let mut body = float_sale(NUMBER, TEN);
            body["expected_total"] = json!({ "amount_minor": 900, "currency": "GBP" });
            let told = town.api.post("/v1/top-ups", Some("k"), &body).await;
            told.is_problem(409, "price_changed");
            assert_eq!(told.text_of("detail"), "the price changed: it is now GBP 10.00");
            assert_eq!(told.json["total"], json!({ "amount_minor": 1_000, "currency": "GBP" }));
            let again = town.api.get("/v1/responses/k").await;
            assert_eq!((again.status, &again.text), (409, &told.text), "it is told again as it was");
            let other = town.api.get("/v1/nothing").await.json;
            assert!(!other.as_object().unwrap().contains_key("total"), "{other}");
            body["tender"] = json!({ "type": "hosted", "return_url": "https://shop.example/done" });
            let hosted = town.api.post("/v1/top-ups", Some("h"), &body).await;
            hosted.is_problem(409, "price_changed");
            assert_eq!(hosted.json["total"], told.json["total"]);
        });
    }

    pub fn every_error_is_a_problem_for_machines_and_a_page_for_people(engine: Engine) {
        in_town(engine, async |town| {
            let large = "r".repeat(300 * 1024);
            let send = async |method: Method, path: &str, body: String| {
                let request = town.api.request(method, path).header("content-type", "application/json");
                Answer::of(request.body(body).send().await.unwrap()).await
            };
            for (method, path, body, status, code) in [
                (Method::GET, "/v1", "", 404, "not_found"),
                (Method::POST, "/v1/nothing", "", 404, "not_found"),
                (Method::GET, "/webhooks/nobody", "", 404, "not_found"),
                (Method::DELETE, "/v1/float", "", 405, "method_not_allowed"),
                (Method::PUT, "/v1/top-ups/tu_1", "", 405, "method_not_allowed"),
                (Method::OPTIONS, "/v1/top-ups", "", 405, "method_not_allowed"),
                (Method::GET, "/webhooks/stripe", "", 405, "method_not_allowed"),
                (Method::POST, "/openapi.json", "", 405, "method_not_allowed"),
                (Method::POST, "/v1/quotes", &large, 413, "body_too_large"),
                (Method::POST, "/webhooks/stripe", &large, 413, "body_too_large"),
                (Method::GET, "/v1/lines/%ff", "", 404, "not_found"),
                (Method::GET, "/v1/responses/%ff", "", 404, "not_found"),
            ] {
                let answer = send(method.clone(), path, body.to_owned()).await;
                answer.is_problem(status, code);
                assert!(answer.header("x-request-id").starts_with("req_"), "{method} {path}");
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.header("allow").is_empty(), status != 405, "{method} {path}");
            }
            for (method, path, body, status) in [
                (Method::GET, "/nothing", "", 404),
                (Method::GET, "/v10", "", 404),
                (Method::DELETE, "/top-up", "", 405),
                (Method::POST, "/docs", "", 405),
                (Method::POST, "/top-up", &large, 413),
            ] {
                let answer = send(method.clone(), path, body.to_owned()).await;
                assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
                assert!(answer.content_type().starts_with("text/html"), "{method} {path}");
                assert!(answer.text.contains("<main") && answer.text.contains("Prueba"), "{}", answer.text);
                assert!(!answer.header("content-security-policy").is_empty(), "{method} {path}");
                assert!(answer.text.contains(answer.header("x-request-id")), "the page quotes its id");
            }
            let ready = town.api.get("/readyz").await;
            assert_eq!((ready.status, ready.text.as_str()), (200, "ready\n"));
        });
    }

    pub fn a_refused_key_is_told_how_to_authenticate(engine: Engine) {
        in_town(engine, async |town| {
            let asks = async |key: &str| town.api.with_key(key).get("/v1/float").await;
            let missing = asks("").await;
            missing.is_problem(401, "key_missing");
            assert_eq!(missing.header("www-authenticate"), "Bearer realm=\"recarga\"");
            let wrong = asks("rk_wrong").await;
            wrong.is_problem(401, "key_invalid");
            assert_eq!(wrong.header("www-authenticate"), "Bearer realm=\"recarga\", error=\"invalid_token\"");
            let narrow = vec![domain::partner::Scope::LinesRead];
            let (_, key) = flows::partners::create_key(&town.world, &town.partner.id, narrow).await.unwrap();
            let narrow = asks(&key).await;
            narrow.is_problem(403, "scope_missing");
            assert_eq!(
                narrow.header("www-authenticate"),
                "Bearer realm=\"recarga\", error=\"insufficient_scope\", scope=\"float:read\""
            );
            assert!(asks(&town.partner.key).await.header("www-authenticate").is_empty());
        });
    }

    pub fn a_partner_without_a_float_in_the_currency_is_told_so(engine: Engine) {
        in_town(engine, async |town| {
            let british = open_partner(&town.world, "British Shop", 500).await;
            let api = town.api.with_key(&british.key);
            let none = api.sell("k", GERMAN_NUMBER, "de-credit-10").await;
            none.is_problem(409, "currency_mismatch");
            let said = "you have no float in EUR, the currency of this line, and no other float is exchanged";
            assert_eq!(none.text_of("detail"), said);
            api.sell("little", NUMBER, TEN).await.is_problem(409, "float_insufficient");
            assert_eq!(api.float("GBP").await, 500);
            let euro = json!({ "msisdn": NUMBER, "offer_id": "gb-any", "amount": { "amount_minor": 1_000, "currency": "EUR" } });
            let other = api.post("/v1/quotes", None, &euro).await;
            other.is_problem(409, "currency_mismatch");
            assert!(other.text_of("detail").contains("another currency"), "{}", other.text);
        });
    }

    pub fn a_number_is_read_with_the_separators_that_people_write(engine: Engine) {
        in_town(engine, async |town| {
            for (n, written) in [
                "+44 7400 123456",
                "44-7400-123-456",
                " +44 (7400) 123456 ",
                "44.7400.123456",
                "+44\u{a0}7400123456",
            ]
            .into_iter()
            .enumerate()
            {
                let sold = town.api.sell(&format!("k{n}"), written, TEN).await;
                assert_eq!((sold.status, sold.text_of("msisdn")), (201, NUMBER), "{written}: {}", sold.text);
            }
            for written in ["+44%207400%20123456", "44-7400-123456"] {
                let line = town.api.get(&format!("/v1/lines/{written}")).await;
                assert_eq!((line.status, line.text_of("msisdn")), (200, NUMBER), "{}", line.text);
                let balance = town.api.get(&format!("/v1/lines/{written}/balance")).await;
                assert_eq!(balance.json["money"]["amount_minor"], 5_000);
                assert_eq!(town.api.get(&format!("/v1/offers?msisdn={written}")).await.status, 200);
            }
            // Without its country code no number is guessed.
            for written in ["07400 123456", "07400123456", "7400/123456", "call me", ""] {
                let told = town.api.sell(&format!("no {written}"), written, TEN).await;
                told.is_problem(422, "number_invalid");
                assert!(told.text_of("detail").contains("for example 447400123456"), "{}", told.text);
            }
        });
    }

    pub fn parameters_that_a_call_does_not_know_are_refused_by_name(engine: Engine) {
        in_town(engine, async |town| {
            for path in [
                format!("/v1/lines/{NUMBER}"),
                format!("/v1/lines/{NUMBER}/balance"),
                format!("/v1/offers?msisdn={NUMBER}"),
                "/v1/float".into(),
                "/v1/top-ups".into(),
                "/v1/top-ups/tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
                "/v1/responses/k".into(),
            ] {
                let and = if path.contains('?') { '&' } else { '?' };
                let told = town.api.get(&format!("{path}{and}colour=red")).await;
                told.is_problem(400, "query_invalid");
                let detail = told.text_of("detail");
                assert!(detail.contains("`colour`") && !detail.contains("deserialize"), "{path}: {detail}");
            }
            let twice = town.api.get("/v1/top-ups?limit=1&limit=2").await;
            twice.is_problem(400, "query_invalid");
            let word = town.api.get("/v1/top-ups?limit=all").await;
            word.is_problem(400, "query_invalid");
            assert!(word.text_of("detail").contains("limit"), "{}", word.text);
            let sale = town.api.post("/v1/top-ups?dry_run=true", Some("k"), &float_sale(NUMBER, TEN)).await;
            sale.is_problem(400, "query_invalid");
            let quote = json!({ "msisdn": NUMBER, "offer_id": TEN });
            town.api.post("/v1/quotes?x=1", None, &quote).await.is_problem(400, "query_invalid");
            nothing_moved(town).await;
        });
    }

    pub fn an_idempotency_key_that_cannot_be_kept_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            let sell = async |keys: &[&[u8]]| {
                let request = town.api.request(Method::POST, "/v1/top-ups").json(&float_sale(NUMBER, TEN));
                let request = keys.iter().fold(request, |request, key| {
                    request.header("Idempotency-Key", HeaderValue::from_bytes(key).unwrap())
                });
                Answer::of(request.send().await.unwrap()).await
            };
            let long = [b'k'; 256];
            for keys in [&[&long[..]][..], &["schl\u{fc}ssel".as_bytes()], &[b"a\tb"], &[b"a", b"b"]] {
                let told = sell(keys).await;
                told.is_problem(400, "idempotency_key_invalid");
                assert!(told.text_of("detail").contains("1 to 255 printable ASCII"), "{}", told.text);
            }
            nothing_moved(town).await;
            let longest = [b'k'; 255];
            assert_eq!(sell(&[&longest[..]]).await.status, 201);
            assert!(sell(&[&longest[..]]).await.replayed());
        });
    }

    pub fn asking_what_an_address_takes_changes_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let dearer = CATALOGUE.replacen("value_minor = 1000", "value_minor = 1100", 1);
            assert_eq!(town.import_catalogue(&dearer).await.new_versions, 1);
            for path in ["/v1/float", "/v1/top-ups", "/v1/quotes", "/v1/responses/k"] {
                for method in [Method::HEAD, Method::OPTIONS] {
                    let request = town.api.request(method.clone(), path).header("Idempotency-Key", "k");
                    let answer = Answer::of(request.send().await.unwrap()).await;
                    assert!([200, 404, 405].contains(&answer.status), "{method} {path}: {}", answer.status);
                    assert!(method != Method::HEAD || answer.text.is_empty(), "{method} {path}");
                }
            }
            assert_eq!(town.count("select count(*) from quote").await, 0);
            assert_eq!(town.count("select count(*) from response").await, 0);
            nothing_moved(town).await;
        });
    }
}
