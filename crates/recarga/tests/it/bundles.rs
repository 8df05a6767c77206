//! Bundles from purchase to balance: what becomes of the rest under each policy, when the first use starts them, when
//! they lapse, what many at once end with, and who is told how much a number has.

use crate::support::api::Api;
use crate::support::buyer::{Buyer, attribute, redirected, text};
use crate::support::member::register;
use crate::support::registry::{CATALOGUE, NUMBER};
use crate::support::town::{Town, in_town};
use domain::partner::Scope;
use domain::time::{DAY_MS, MINUTE_MS, UnixMs};
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};
use tokio::task::JoinSet;

on_both_engines! {
    each_policy_does_with_the_rest_what_it_says
    a_rest_moves_with_a_payment_by_card_too
    the_first_use_starts_a_bundle
    a_bundle_that_nobody_uses_lapses
    purchases_at_once_follow_each_other_and_extend_one_end
    a_purchase_and_uses_at_once_lose_nothing_and_make_nothing
    a_stranger_learns_nothing_of_the_balance
    the_owner_and_a_partner_that_may_see_the_balance_are_told_what_there_will_be
    a_partner_that_may_not_see_the_balance_is_told_what_is_added
    the_message_and_the_receipt_say_until_when
}

const GB: i64 = 1_000_000_000;
const PAYS: &str = "4242424242424242";

const ZONE: &str = "operator = \"Prueba Mobile\"\n\n[[zone]]\nid = \"eu\"\nname = { en = \"Europe\", zh-CN = \"欧洲\" }\n\
                    countries = [\"DE\", \"FR\"]\n";

/// A bundle of 5 GB for 30 days.
fn bundle(id: &str, more: &str) -> String {
    format!(
        "[[market.offer]]\nid = \"{id}\"\nname = {{ en = \"Bundle {id}\" }}\nvalue_minor = 1000\n\
         allowances = [{{ unit = \"octets\", amount = 5_000_000_000 }}]\nvalid_for_days = 30\n\
         channels = [\"online\", \"partner\"]\n{more}\n\n"
    )
}

/// The catalogue with a bundle of each kind in its British market.
async fn offer_bundles(town: &Town) {
    let bundles: String = ["new_bucket", "extend", "latest_of", "restart"]
        .map(|policy| bundle(&format!("gb-{}", policy.replace('_', "-")), &format!("expiry = \"{policy}\"")))
        .concat();
    let europe = bundle("gb-europe", "starts = \"first_use\"\nfirst_use_within_days = 90\nzone = \"eu\"");
    let german = "[[market]]\ncountry = \"DE\"";
    let catalogue = CATALOGUE.replacen("operator = \"Prueba Mobile\"\n", ZONE, 1).replacen(
        german,
        &format!("{bundles}{europe}{german}"),
        1,
    );
    town.import_catalogue(&catalogue).await;
}

async fn buy(town: &Town, key: &str, offer: &str) -> Value {
    let answer = town.api.sell(key, NUMBER, offer).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

async fn use_up(town: &Town, key: &str, octets: i64) -> u16 {
    used(&town.api, town.world.now(), key, octets).await
}

async fn used(api: &Api, at: UnixMs, key: &str, octets: i64) -> u16 {
    let body = json!({ "id": key, "unit": "octets", "amount": octets, "at": at.rfc3339() });
    api.post(&format!("/v1/lines/{NUMBER}/usage"), Some(key), &body).await.status
}

/// What is left in each bucket, and when it ends, the soonest first.
async fn buckets(town: &Town) -> Vec<(i64, UnixMs)> {
    let answer = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await;
    let listed = answer.json["buckets"].as_array().expect("buckets").iter();
    listed
        .map(|b| {
            let end = UnixMs::parse_rfc3339(b["valid_until"].as_str().expect("an end")).expect("a time");
            (b["remaining"].as_i64().expect("an amount"), end)
        })
        .collect()
}

/// How many whole days after `from` an end is.
fn days(from: UnixMs, end: UnixMs) -> i64 {
    (end.0 - from.0 + MINUTE_MS) / DAY_MS
}

async fn quote(town: &Town, key: Option<&str>, offer: &str) -> Value {
    let api = key.map_or_else(|| town.api.clone(), |key| town.api.with_key(key));
    let answer = api.post("/v1/quotes", None, &json!({ "msisdn": NUMBER, "offer_id": offer })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

async fn sentence_for(buyer: &Buyer, offer: &str) -> String {
    let chosen = buyer.post("/top-up", &[("country", "GB"), ("msisdn", &format!("+{NUMBER}"))]).await;
    let priced = buyer.post(&redirected(&chosen), &[("offer", offer), ("amount", "")]).await;
    let page = buyer.get(&redirected(&priced)).await;
    assert!(attribute(&page.text, "[data-testid=pay-form]", "action").is_some(), "{}", page.text);
    text(&page.text, "[data-testid=afterwards]").replace('\u{a0}', " ")
}

/// 1.2 GB of `offer` are left and end in 20 days.
async fn with_a_rest(town: &Town, offer: &str) {
    buy(town, "first", offer).await;
    assert_eq!(use_up(town, "u", 3_800_000_000).await, 201);
    town.pass(10 * DAY_MS).await;
}

mod checks {
    use super::*;

    pub fn each_policy_does_with_the_rest_what_it_says(engine: Engine) {
        for (offer, expected) in [
            ("gb-new-bucket", vec![(1_200_000_000, 20), (5 * GB, 30)]),
            ("gb-extend", vec![(6_200_000_000, 50)]),
            ("gb-latest-of", vec![(6_200_000_000, 30)]),
            ("gb-restart", vec![(6_200_000_000, 30)]),
        ] {
            in_town(engine, async |town| {
                offer_bundles(town).await;
                with_a_rest(town, offer).await;
                let now = town.world.now();
                let quoted = quote(town, None, offer).await;
                buy(town, "second", offer).await;
                let found: Vec<(i64, i64)> =
                    buckets(town).await.into_iter().map(|(left, end)| (left, days(now, end))).collect();
                assert_eq!(found, expected, "{offer}");
                // What was said before is what there is.
                let said = &quoted["afterwards"]["allowances"][0];
                let end = UnixMs::parse_rfc3339(said["ends"]["at"].as_str().unwrap()).unwrap();
                let last = expected.last().unwrap();
                assert_eq!((said["amount"].as_i64().unwrap(), days(now, end)), *last, "{offer}");
            });
        }
    }

    pub fn a_rest_moves_with_a_payment_by_card_too(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            buy(town, "first", "gb-extend").await;
            let (_, first_end) = buckets(town).await[0];
            assert_eq!(use_up(town, "u", 4 * GB).await, 201);
            let order = town.buyer().order(NUMBER, "gb-extend").await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(buckets(town).await, [(6 * GB, first_end.plus_ms(30 * DAY_MS))]);
        });
    }

    pub fn the_first_use_starts_a_bundle(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            let bought = town.world.now();
            buy(town, "first", "gb-europe").await;
            town.pass(40 * DAY_MS).await;
            let waiting = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await.json;
            assert_eq!(waiting["buckets"][0]["starts"], "first_use");
            assert_eq!(waiting["buckets"][0]["zone"], "eu");
            let (_, lapses) = buckets(town).await[0];
            assert_eq!(days(bought, lapses), 90);
            let used = town.world.now();
            assert_eq!(use_up(town, "u", GB).await, 201);
            let (left, end) = buckets(town).await[0];
            assert_eq!((left, days(used, end)), (4 * GB, 30));
            town.pass(10 * DAY_MS).await;
            assert_eq!(use_up(town, "again", GB).await, 201);
            assert_eq!(buckets(town).await, [(3 * GB, end)], "only the first use starts it");
            town.pass(21 * DAY_MS).await;
            assert_eq!(buckets(town).await, []);
        });
    }

    pub fn a_bundle_that_nobody_uses_lapses(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            buy(town, "first", "gb-europe").await;
            town.pass(91 * DAY_MS).await;
            assert_eq!(buckets(town).await, []);
            assert_ne!(use_up(town, "late", 1).await, 201, "a lapsed bundle is not used");
            let lapsed =
                "select credits_posted - debits_posted from account where id = 'breakage:operator:octets'";
            assert_eq!(town.count(lapsed).await, 5 * GB);
        });
    }

    pub fn purchases_at_once_follow_each_other_and_extend_one_end(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            let now = town.world.now();
            let mut sales = JoinSet::new();
            for n in 0..8 {
                let api = town.api.clone();
                sales.spawn(async move { api.sell(&format!("k{n}"), NUMBER, "gb-extend").await.status });
            }
            assert_eq!(sales.join_all().await, [201; 8]);
            let found = buckets(town).await;
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].0, days(now, found[0].1)), (40 * GB, 240));
        });
    }

    pub fn a_purchase_and_uses_at_once_lose_nothing_and_make_nothing(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            buy(town, "first", "gb-extend").await;
            let (now, mut both) = (town.world.now(), JoinSet::new());
            for n in 0..26 {
                let api = town.api.clone();
                both.spawn(async move {
                    if n % 4 == 0 {
                        let sold = api.sell(&format!("k{n}"), NUMBER, "gb-extend").await;
                        assert_eq!(sold.status, 201, "{}", sold.text);
                        return 5 * GB;
                    }
                    let status = used(&api, now, &format!("u{n}"), GB / 10).await;
                    assert!(matches!(status, 201 | 409), "{status}");
                    if status == 201 { -GB / 10 } else { 0 }
                });
            }
            let change: i64 = both.join_all().await.iter().sum();
            let left: i64 = buckets(town).await.iter().map(|(left, _)| left).sum();
            assert_eq!(left, 5 * GB + change);
        });
    }

    pub fn a_stranger_learns_nothing_of_the_balance(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            let offers =
                ["gb-new-bucket", "gb-extend", "gb-latest-of", "gb-restart", "gb-europe", "gb-credit-10"];
            let mut before = Vec::new();
            for offer in offers {
                before.push(sentence_for(&town.buyer(), offer).await);
            }
            for (n, offer) in offers.iter().enumerate() {
                buy(town, &format!("k{n}"), offer).await;
            }
            let mut after = Vec::new();
            for offer in offers {
                after.push(sentence_for(&town.buyer(), offer).await);
            }
            assert_eq!(before, after, "the page tells an empty number from a full one");
            assert!(before[0].starts_with("This number gets 5 GB until "), "{}", before[0]);
            assert!(
                before[1].contains("at least") && before[1].contains("30 days are added"),
                "{}",
                before[1]
            );
            assert!(before[4].contains("5 GB in Europe for 30 days from the first use"), "{}", before[4]);
            assert!(before[5].starts_with("£10.00 of credit is added"), "{}", before[5]);
        });
    }

    pub fn the_owner_and_a_partner_that_may_see_the_balance_are_told_what_there_will_be(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            buy(town, "first", "gb-extend").await;
            buy(town, "credit", "gb-credit-10").await;
            assert_eq!(use_up(town, "u", 3_800_000_000).await, 201);
            let owner = town.buyer();
            register(town, &owner, "ana@example.org", NUMBER).await;
            let said = sentence_for(&owner, "gb-extend").await;
            assert!(said.starts_with("You will have 6.2 GB until "), "{said}");
            let said = sentence_for(&owner, "gb-credit-10").await;
            assert!(said.starts_with("You will have £20.00 of credit."), "{said}");
            let quoted = quote(town, None, "gb-extend").await["afterwards"].clone();
            assert!(quoted["sentence"].as_str().unwrap().starts_with("You will have 6.2"), "{quoted}");
            assert_eq!(quoted["allowances"][0]["added"], 5 * GB);
            let besides = quote(town, None, "gb-new-bucket").await["afterwards"]["allowances"][0].clone();
            assert_eq!((&besides["amount"], &besides["besides"]), (&json!(5 * GB), &json!(1_200_000_000)));
        });
    }

    pub fn a_partner_that_may_not_see_the_balance_is_told_what_is_added(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            buy(town, "first", "gb-extend").await;
            let made =
                flows::partners::create_key(&town.world, &town.partner.id, vec![Scope::OffersRead]).await;
            let (_, key) = made.expect("made");
            let quoted = quote(town, Some(&key), "gb-extend").await["afterwards"].clone();
            let allowance = &quoted["allowances"][0];
            assert_eq!((&allowance["amount"], &allowance["besides"]), (&Value::Null, &Value::Null));
            assert_eq!(
                (&allowance["ends"]["kind"], &allowance["ends"]["days"]),
                (&json!("adds"), &json!(30))
            );
            assert!(quoted["sentence"].as_str().unwrap().starts_with("This number gets"), "{quoted}");
        });
    }

    pub fn the_message_and_the_receipt_say_until_when(engine: Engine) {
        in_town(engine, async |town| {
            offer_bundles(town).await;
            let order = town.buyer().order(NUMBER, "gb-europe").await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            town.work().await;
            let message = town.outside.message(NUMBER).await;
            let told = message["text"].as_str().unwrap();
            assert!(told.contains("Valid for 30 days from the first use"), "{told}");
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            let validity = text(&receipt, "[data-testid=validity]");
            assert!(validity.starts_with("Valid for 30 days from the first use"), "{validity}");
        });
    }
}
