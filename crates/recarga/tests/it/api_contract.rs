//! The API's contract: keys and scopes, every call's answer, every error's shape, and the document that lists them.

use crate::support::api::{Answer, Api, client, float_sale};
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN, open_partner};
use crate::support::town::in_town;
use domain::partner::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_call_without_a_good_key_is_refused
    a_key_does_what_its_scopes_say_and_no_more
    a_revoked_key_is_refused_within_seconds
    a_line_is_found_by_its_number
    a_balance_shows_money_and_buckets
    offers_are_those_of_the_line_and_the_channel
    a_quote_says_the_whole_price
    what_cannot_be_read_is_refused_and_nothing_is_stored
    a_float_is_shown_per_currency
    the_document_lists_every_call_and_the_reference_shows_it
    probes_answer
}

/// Every call, with the scope that it needs.
const CALLS: &[(&str, &str, Scope)] = &[
    ("GET", "/v1/lines/{msisdn}", Scope::LinesRead),
    ("GET", "/v1/lines/{msisdn}/balance", Scope::LinesRead),
    ("POST", "/v1/lines/{msisdn}/usage", Scope::UsageWrite),
    ("GET", "/v1/locations", Scope::OffersRead),
    ("GET", "/v1/offers", Scope::OffersRead),
    ("POST", "/v1/quotes", Scope::OffersRead),
    ("POST", "/v1/top-ups", Scope::TopUpsWrite),
    ("GET", "/v1/top-ups", Scope::TopUpsRead),
    ("GET", "/v1/top-ups/{id}", Scope::TopUpsRead),
    ("POST", "/v1/top-ups/{id}/reverse", Scope::TopUpsWrite),
    ("GET", "/v1/float", Scope::FloatRead),
    ("GET", "/v1/responses/{idempotency_key}", Scope::TopUpsRead),
];

/// Every call that anybody makes without a key.
const OPEN_CALLS: &[(&str, &str)] = &[("GET", "/v1/receipts/{code}")];

/// Makes a call as its template says, with what it needs.
async fn call(api: &Api, method: &str, path: &str) -> Answer {
    let path = path.replace("{msisdn}", NUMBER).replace("{id}", "tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V");
    let path = path.replace("{idempotency_key}", "some-key");
    let path = if path == "/v1/offers" { format!("/v1/offers?msisdn={NUMBER}") } else { path };
    let path = if path == "/v1/locations" { "/v1/locations?q=London".to_owned() } else { path };
    if method == "GET" {
        return api.get(&path).await;
    }
    let body = match path.as_str() {
        path if path.ends_with("/usage") => {
            json!({ "id": "record-1", "unit": "octets", "amount": 1, "at": "2026-01-15T12:00:00Z" })
        }
        "/v1/quotes" => json!({ "msisdn": NUMBER, "offer_id": TEN }),
        _ => float_sale(NUMBER, TEN),
    };
    api.post(&path, Some("contract"), &body).await
}

fn money(minor: i64) -> Value {
    json!({ "amount_minor": minor, "currency": "GBP" })
}

mod checks {
    use super::*;

    pub fn a_call_without_a_good_key_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            for (method, path, _) in CALLS {
                call(&town.api.with_key(""), method, path).await.is_problem(401, "key_missing");
                call(&town.api.with_key("rk_wrong"), method, path).await.is_problem(401, "key_invalid");
            }
            let basic = town.api.with_key("").request(Method::GET, "/v1/float").basic_auth("x", Some("y"));
            Answer::of(basic.send().await.unwrap()).await.is_problem(401, "key_missing");
            assert_eq!(town.count("select count(*) from response").await, 0);
        });
    }

    pub fn a_key_does_what_its_scopes_say_and_no_more(engine: Engine) {
        in_town(engine, async |town| {
            for scope in Scope::ALL {
                let made = flows::partners::create_key(&town.world, &town.partner.id, vec![*scope]).await;
                let api = town.api.with_key(&made.unwrap().1);
                for (method, path, needed) in CALLS {
                    let answer = call(&api, method, path).await;
                    if needed == scope {
                        assert_ne!(answer.status, 403, "{scope}: {method} {path}");
                    } else {
                        answer.is_problem(403, "scope_missing");
                    }
                }
            }
        });
    }

    pub fn a_revoked_key_is_refused_within_seconds(engine: Engine) {
        in_town(engine, async |town| {
            let made = flows::partners::create_key(&town.world, &town.partner.id, Scope::ALL.to_vec()).await;
            let (id, key) = made.unwrap();
            let api = town.api.with_key(&key);
            assert_eq!(api.get("/v1/float").await.status, 200);
            assert!(flows::partners::revoke_key(&town.world, &id).await.unwrap());
            town.clock.pass(5_001);
            api.get("/v1/float").await.is_problem(401, "key_invalid");
            api.sell("k", NUMBER, TEN).await.is_problem(401, "key_invalid");
            assert_eq!(town.api.get("/v1/float").await.status, 200, "the other key still works");
        });
    }

    pub fn a_line_is_found_by_its_number(engine: Engine) {
        in_town(engine, async |town| {
            for written in [NUMBER.to_owned(), format!("+{NUMBER}"), format!("%2B{NUMBER}")] {
                let line = town.api.get(&format!("/v1/lines/{written}")).await;
                assert_eq!(line.status, 200, "{written}: {}", line.text);
                let expected = json!({
                    "msisdn": NUMBER, "operator": "Prueba", "country": "GB", "currency": "GBP",
                    "status": "active",
                });
                assert_eq!(line.json, expected);
            }
            for (number, status) in
                [("447400100100", "barred"), ("447400100200", "ported_out"), ("447400100300", "closed")]
            {
                assert_eq!(town.api.get(&format!("/v1/lines/{number}")).await.text_of("status"), status);
            }
            for unknown in ["447400999999", "447911123456"] {
                town.api.get(&format!("/v1/lines/{unknown}")).await.is_problem(404, "line_unknown");
            }
            town.api.get("/v1/lines/12345").await.is_problem(422, "number_invalid");
            town.api.get("/v1/lines/442079460000").await.is_problem(422, "number_landline");
        });
    }

    pub fn a_balance_shows_money_and_buckets(engine: Engine) {
        in_town(engine, async |town| {
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.api.sell("credit", NUMBER, "gb-credit-20").await.status, 201);
            assert_eq!(town.api.sell("bundle", NUMBER, "gb-traveller").await.status, 201);
            let balance = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await.json;
            assert_eq!(balance["money"], money(2_200), "the bonus is credit too");
            let buckets = balance["buckets"].as_array().unwrap();
            let data = buckets.iter().find(|b| b["unit"] == "octets").unwrap();
            let amount = json!(5_000_000_000_i64);
            assert_eq!((buckets.len(), &data["remaining"], &data["granted"]), (2, &amount, &amount));
            let until = domain::time::UnixMs::parse_rfc3339(data["valid_until"].as_str().unwrap()).unwrap();
            let from = domain::time::UnixMs::parse_rfc3339(data["valid_from"].as_str().unwrap()).unwrap();
            assert_eq!(until.0 - from.0, 30 * domain::time::DAY_MS);
            assert!(domain::time::UnixMs::parse_rfc3339(balance["as_of"].as_str().unwrap()).is_some());
            town.pass(31 * domain::time::DAY_MS).await;
            let balance = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await.json;
            assert_eq!((&balance["money"], &balance["buckets"]), (&money(2_200), &json!([])));
            town.api.get("/v1/lines/447400999999/balance").await.is_problem(404, "line_unknown");
        });
    }

    pub fn offers_are_those_of_the_line_and_the_channel(engine: Engine) {
        in_town(engine, async |town| {
            let offers = town.api.get(&format!("/v1/offers?msisdn={NUMBER}")).await.json;
            let listed = offers["items"].as_array().unwrap();
            let ids: Vec<&str> = listed.iter().map(|o| o["offer_id"].as_str().unwrap()).collect();
            assert_eq!(ids, [TEN, "gb-credit-5", "gb-credit-20", "gb-traveller", "gb-any"]);
            assert_eq!(offers["next_cursor"], Value::Null);
            assert_eq!(listed[0]["name"], json!({ "en": "£10.00 credit", "zh-CN": "£10.00 话费" }));
            assert_eq!(listed[0]["price_lines"]["total"], money(1_000));
            assert_eq!((&listed[0]["range"], &listed[4]["price_lines"]), (&Value::Null, &Value::Null));
            let range =
                json!({ "min": money(500), "max": money(10_000), "step": money(100), "fee": money(0) });
            assert_eq!(listed[4]["range"], range);
            assert_eq!(listed[3]["benefit"]["valid_for_days"], 30);
            let chinese = town.api.get(&format!("/v1/offers?msisdn={CHINESE_NUMBER}")).await;
            assert_eq!(chinese.json, offers);
            town.api.get("/v1/offers?msisdn=447400100100").await.is_problem(409, "line_barred");
            town.api.get("/v1/offers").await.is_problem(400, "query_invalid");
            let extra = town.api.get(&format!("/v1/offers?msisdn={NUMBER}&colour=red")).await;
            extra.is_problem(400, "query_invalid");
        });
    }

    pub fn a_quote_says_the_whole_price(engine: Engine) {
        in_town(engine, async |town| {
            let ask = async |body: Value| town.api.post("/v1/quotes", None, &body).await;
            let quote = ask(json!({ "msisdn": NUMBER, "offer_id": "gb-credit-5" })).await;
            assert_eq!(quote.status, 201, "{}", quote.text);
            let lines = json!({
                "value": money(500), "bonus": money(0), "fee": money(30), "total": money(530),
                "tax": money(88), "tax_rate_bps": 2_000,
            });
            assert_eq!((&quote.json["price_lines"], &quote.json["total"]), (&lines, &money(530)));
            assert_eq!(quote.json["valid_until"], Value::Null);
            assert!(quote.text_of("quote_id").starts_with("qt_") && !quote.text_of("expires_at").is_empty());
            let bonus = ask(json!({ "msisdn": NUMBER, "offer_id": "gb-credit-20" })).await;
            assert_eq!(bonus.json["bonus"], money(200));
            let any = json!({ "msisdn": NUMBER, "offer_id": "gb-any", "amount": money(1_500) });
            assert_eq!(ask(any).await.json["total"], money(1_500));
            for amount in [499, 550, 10_100, 0, -500] {
                let odd = json!({ "msisdn": NUMBER, "offer_id": "gb-any", "amount": money(amount) });
                ask(odd).await.is_problem(422, "amount_invalid");
            }
            ask(json!({ "msisdn": NUMBER, "offer_id": "gb-any" })).await.is_problem(422, "amount_invalid");
            for offer in ["gb-portal-only", "de-credit-10", "none"] {
                ask(json!({ "msisdn": NUMBER, "offer_id": offer })).await.is_problem(422, "offer_unknown");
            }
            let promo = json!({ "msisdn": NUMBER, "offer_id": TEN, "promo_code": "SPRING" });
            ask(promo).await.is_problem(422, "promo_code_unknown");
            assert_eq!(town.count("select count(*) from top_up").await, 0);
        });
    }

    pub fn what_cannot_be_read_is_refused_and_nothing_is_stored(engine: Engine) {
        in_town(engine, async |town| {
            let sale = float_sale(NUMBER, TEN);
            let post = async |key: Option<&str>, body: &Value| town.api.post("/v1/top-ups", key, body).await;
            post(None, &sale).await.is_problem(400, "idempotency_key_missing");
            for key in ["", " ", &"k".repeat(256)] {
                post(Some(key), &sale).await.is_problem(400, "idempotency_key_invalid");
            }
            let with = |field: &str, value: Value| {
                let mut body = sale.clone();
                body[field] = value;
                body
            };
            for body in [
                with("colour", json!("red")),
                with("tender", json!({ "type": "float", "colour": "red" })),
                with("tender", json!({ "type": "cash" })),
                with("tender", json!({ "type": "hosted" })),
                with("tender", json!({ "type": "hosted", "return_url": "http://shop.example" })),
                with("tender", json!({ "type": "hosted", "return_url": "javascript:alert(1)" })),
                with("tender", json!({ "type": "hosted", "return_url": "https://" })),
                with("tender", json!({ "type": "hosted", "return_url": "https:///elsewhere" })),
                with(
                    "tender",
                    json!({ "type": "hosted", "return_url": "https://shop.example\\@evil.example" }),
                ),
                with("tender", json!({ "type": "hosted", "return_url": "https://shop@evil.example" })),
                with("tender", json!({ "type": "hosted", "return_url": "https://shop\t.example/" })),
                with("amount", json!({ "amount_minor": 10.5, "currency": "GBP" })),
                with("amount", json!({ "amount_minor": 1000 })),
                with("reference", json!("")),
                with("reference", json!("r".repeat(65))),
                with("reference", json!("order\u{0}1")),
                with("reference", json!("\u{202e}1-redro")),
                with("quote_id", json!("qt_1")),
                with("locale", json!("tlh")),
                json!({ "msisdn": NUMBER }),
                json!([1]),
            ] {
                let answer = post(Some("k"), &body).await;
                answer.is_problem(400, "body_invalid");
            }
            let request = town.api.request(Method::POST, "/v1/top-ups").header("Idempotency-Key", "k");
            let text = request.header("content-type", "text/plain").body(sale.to_string());
            Answer::of(text.send().await.unwrap()).await.is_problem(415, "body_not_json");
            let large = with("reference", json!("r".repeat(300 * 1024)));
            assert_eq!(post(Some("k"), &large).await.status, 413);
            town.api.get("/v1/nothing").await.is_problem(404, "not_found");
            town.api.get("/v1/top-ups?reference=%00").await.is_problem(400, "query_invalid");
            assert_eq!(town.count("select count(*) from response").await, 0);
            assert_eq!(town.api.sell("k", NUMBER, TEN).await.status, 201, "the key is still free");
        });
    }

    pub fn a_float_is_shown_per_currency(engine: Engine) {
        in_town(engine, async |town| {
            let none = open_partner(&town.world, "Empty Shop", 0).await;
            assert_eq!(town.api.with_key(&none.key).get("/v1/float").await.json["items"], json!([]));
            town.api.sell("k", NUMBER, TEN).await;
            let floats = town.api.get("/v1/float").await.json;
            let pounds =
                floats["items"].as_array().unwrap().iter().find(|f| f["balance"]["currency"] == "GBP");
            let expected =
                json!({ "balance": money(999_000), "available": money(999_000), "credit_line": money(0) });
            assert_eq!(pounds, Some(&expected));
        });
    }

    pub fn the_document_lists_every_call_and_the_reference_shows_it(engine: Engine) {
        in_town(engine, async |town| {
            let document = town.api.with_key("").get("/openapi.json").await;
            assert_eq!((document.status, document.content_type()), (200, "application/json"));
            let paths = document.json["paths"].as_object().unwrap();
            let listed: BTreeSet<(String, String)> = paths
                .iter()
                .flat_map(|(path, calls)| {
                    let methods = calls.as_object().unwrap().keys();
                    methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
                })
                .collect();
            let ours = CALLS.iter().map(|(method, path, _)| (method, path));
            let ours = ours.chain(OPEN_CALLS.iter().map(|(method, path)| (method, path)));
            assert_eq!(listed, ours.map(|(m, path)| ((*m).to_owned(), (*path).to_owned())).collect());
            for (method, path) in OPEN_CALLS {
                let call = &paths[*path][method.to_lowercase()];
                assert_eq!(call["security"], json!([{}]), "{path}");
                assert!(call["responses"].get("401").is_none(), "{path}");
            }
            assert!(document.json["openapi"].as_str().unwrap().starts_with("3."));
            assert_eq!(document.json["components"]["securitySchemes"]["key"]["scheme"], "bearer");
            let page = town.buyer().get("/docs").await;
            assert_eq!(page.status, 200);
            let script = crate::support::buyer::attribute(&page.text, "script", "src").unwrap();
            let script = town.buyer().get(&script).await;
            assert!(script.status == 200 && script.content_type().starts_with("text/javascript"));
        });
    }

    pub fn probes_answer(engine: Engine) {
        in_town(engine, async |town| {
            for (path, says) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
                let answer =
                    Answer::of(client().get(format!("{}{path}", town.url)).send().await.unwrap()).await;
                assert_eq!((answer.status, answer.text.as_str()), (200, says));
            }
        });
    }
}
