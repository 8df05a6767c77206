//! Usage: what a line used is taken once, whole, from what is there, whoever else takes at the same moment.

use crate::support::api::{Answer, Api};
use crate::support::registry::{CATALOGUE, NUMBER, TEN, open_partner};
use crate::support::town::{Town, in_town};
use domain::partner::Scope;
use domain::time::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_same_record_again_has_the_same_outcome_and_is_taken_once
    the_same_record_for_another_use_is_refused_and_takes_nothing
    the_last_bytes_are_used_once_by_whoever_is_first
    a_crowd_of_uses_takes_exactly_what_there_was
    a_use_goes_over_several_buckets_the_soonest_to_end_first
    usage_never_takes_an_expired_bucket
    what_is_not_covered_is_refused_whole_for_ever_and_says_what_is_there
    credit_is_used_in_the_currency_of_the_line
    what_is_held_cannot_be_used
    a_barred_line_uses_nothing_and_a_stranger_is_not_ours
    a_record_that_cannot_be_read_is_refused
    the_simulators_charging_front_uses_up_a_line
    multi_purpose_credit_is_taxed_when_it_is_used_once_and_to_the_penny
    multi_purpose_credit_that_is_taken_back_owes_no_tax_at_use
}

const GB: i64 = 1_000_000_000;
const BUNDLE: &str = "gb-traveller";

fn record(town: &Town, id: &str, unit: &str, amount: i64) -> Value {
    json!({ "id": id, "unit": unit, "amount": amount, "at": town.world.now().rfc3339() })
}

async fn report(api: &Api, key: &str, body: &Value) -> Answer {
    api.post(&format!("/v1/lines/{NUMBER}/usage"), Some(key), body).await
}

async fn use_octets(town: &Town, id: &str, amount: i64) -> Answer {
    report(&town.api, id, &record(town, id, "octets", amount)).await
}

async fn buckets(town: &Town, unit: &str) -> Vec<i64> {
    let balance = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await;
    let buckets = balance.json["buckets"].as_array().expect("buckets").clone();
    let own = buckets.iter().filter(|bucket| bucket["unit"] == unit);
    own.map(|bucket| bucket["remaining"].as_i64().expect("an amount")).collect()
}

async fn buy(town: &Town, key: &str, offer: &str) {
    let sold = town.api.sell(key, NUMBER, offer).await;
    assert_eq!(sold.status, 201, "{}", sold.text);
}

/// Credit is sold untaxed from here on.
async fn tax_later(town: &Town) {
    let usual = "time_zone = \"Europe/London\"\n";
    let multi = format!("{usual}voucher_type = \"multi_purpose\"\n");
    town.import_catalogue(&CATALOGUE.replacen(usual, &multi, 1)).await;
}

async fn account(town: &Town, id: &'static str) -> i64 {
    town.read(move |tx| Ok(store::ledger::balance(tx, &domain::ledger::AccountId::stored(id))?.posted)).await
}

async fn use_credit(town: &Town, id: &str, amount: i64) {
    let used = report(&town.api, id, &record(town, id, "GBP", amount)).await;
    assert_eq!(used.status, 201, "{}", used.text);
}

mod checks {
    use super::*;

    pub fn multi_purpose_credit_is_taxed_when_it_is_used_once_and_to_the_penny(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "taxed", TEN).await;
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167);
            tax_later(town).await;
            // £20 untaxed and its bonus of £2 beside £10 that were taxed when they were sold.
            buy(town, "untaxed", "gb-credit-20").await;
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167, "nothing is due at the sale");
            assert_eq!(account(town, "taxed_later:GB:GBP").await, 2_000);
            use_credit(town, "first", 1_200).await;
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167, "what owes none is used first");
            for n in 0..10 {
                use_credit(town, &format!("penny-{n}"), 1).await;
            }
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167 + 2, "ten pence at 20 %");
            let body = record(town, "rest", "GBP", 1_990);
            for key in ["rest", "rest", "rest-by-another-key"] {
                assert_eq!(report(&town.api, key, &body).await.status, 201);
            }
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167 + 333, "the tax of £20, once");
            assert_eq!(account(town, "tax_on_credit:GB:GBP").await, 167 + 333);
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn multi_purpose_credit_that_is_taken_back_owes_no_tax_at_use(engine: Engine) {
        in_town(engine, async |town| {
            tax_later(town).await;
            let first = town.api.sell("first", NUMBER, TEN).await;
            use_credit(town, "used", 600).await;
            assert_eq!(account(town, "tax_due:GB:GBP").await, 100);
            // The second purchase covers the first one's credit: so the first can go back whole.
            buy(town, "second", TEN).await;
            let path = format!("/v1/top-ups/{}/reverse", first.text_of("id"));
            assert_eq!(town.api.post(&path, Some("back"), &json!({})).await.status, 200);
            assert_eq!(town.api.balance(NUMBER).await, 400);
            use_credit(town, "all", 400).await;
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167, "the tax of the £10 that stayed");
            assert_eq!(account(town, "taxed_later:GB:GBP").await, 1_000);
        });
    }

    pub fn the_same_record_again_has_the_same_outcome_and_is_taken_once(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            let body = record(town, "r1", "octets", 500_000_000);
            let first = report(&town.api, "k1", &body).await;
            assert_eq!((first.status, first.replayed()), (201, false), "{}", first.text);
            let again = report(&town.api, "k1", &body).await;
            assert_eq!((again.status, again.replayed(), &again.text), (201, true, &first.text));
            let other_key = report(&town.api, "k2", &body).await;
            assert_eq!((other_key.status, &other_key.text), (201, &first.text), "one record, one outcome");
            assert_eq!(buckets(town, "octets").await, [5 * GB - 500_000_000]);
            assert_eq!(town.count("select count(*) from usage_record").await, 1);
        });
    }

    pub fn the_same_record_for_another_use_is_refused_and_takes_nothing(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            assert_eq!(use_octets(town, "r1", GB).await.status, 201);
            let other = report(&town.api, "k2", &record(town, "r1", "octets", 2 * GB)).await;
            other.is_problem(409, "usage_record_reused");
            let same_key = report(&town.api, "r1", &record(town, "r1", "octets", 2 * GB)).await;
            same_key.is_problem(422, "idempotency_key_reused");
            let body = record(town, "r1", "octets", GB);
            let elsewhere = town.api.post("/v1/lines/447400123457/usage", Some("r1"), &body).await;
            elsewhere.is_problem(422, "idempotency_key_reused");
            assert_eq!(buckets(town, "octets").await, [4 * GB]);
        });
    }

    pub fn the_last_bytes_are_used_once_by_whoever_is_first(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            let both = tokio::join!(use_octets(town, "one", 5 * GB), use_octets(town, "two", 5 * GB));
            let mut answers = [both.0.status, both.1.status];
            answers.sort();
            assert_eq!(answers, [201, 409]);
            assert_eq!(buckets(town, "octets").await, [0]);
        });
    }

    pub fn a_crowd_of_uses_takes_exactly_what_there_was(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            let uses = (0..24).map(|n| {
                let (api, body) = (town.api.clone(), record(town, &format!("c{n}"), "octets", 300_000_000));
                tokio::spawn(async move { report(&api, &format!("c{n}"), &body).await.status })
            });
            let mut answers: BTreeMap<u16, usize> = BTreeMap::new();
            for used in uses.collect::<Vec<_>>() {
                *answers.entry(used.await.expect("answered")).or_default() += 1;
            }
            assert_eq!(answers, BTreeMap::from([(201, 16), (409, 8)]));
            assert_eq!(buckets(town, "octets").await, [200_000_000]);
        });
    }

    pub fn a_use_goes_over_several_buckets_the_soonest_to_end_first(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "early", BUNDLE).await;
            town.clock.pass(DAY_MS);
            buy(town, "late", BUNDLE).await;
            let used = use_octets(town, "r1", 6 * GB).await;
            assert_eq!(used.status, 201, "{}", used.text);
            let taken = used.json["taken"].as_array().expect("parts");
            let amounts: Vec<i64> = taken.iter().map(|part| part["amount"].as_i64().unwrap()).collect();
            assert_eq!(amounts.iter().sum::<i64>(), 6 * GB);
            assert_eq!(buckets(town, "octets").await, [0, 4 * GB], "the one that ends first is empty");
        });
    }

    pub fn usage_never_takes_an_expired_bucket(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            // Ended, and not swept yet.
            town.clock.pass(30 * DAY_MS);
            let late = use_octets(town, "late", 1).await;
            late.is_problem(409, "usage_not_covered");
            assert_eq!(late.json["available"], 0);
            town.pass(HOUR_MS).await;
            use_octets(town, "later", 1).await.is_problem(409, "usage_not_covered");
            let broken = "select credits_posted from account where id = 'breakage:operator:octets'";
            assert_eq!(town.count(broken).await, 5 * GB, "all of it ended unused");
        });
    }

    pub fn what_is_not_covered_is_refused_whole_for_ever_and_says_what_is_there(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            let body = record(town, "r1", "octets", 6 * GB);
            let refused = report(&town.api, "k1", &body).await;
            refused.is_problem(409, "usage_not_covered");
            assert_eq!(refused.json["available"], 5 * GB);
            assert_eq!(buckets(town, "octets").await, [5 * GB], "nothing was taken");
            buy(town, "more", BUNDLE).await;
            let again = report(&town.api, "k2", &body).await;
            again.is_problem(409, "usage_not_covered");
            assert_eq!(again.json["available"], 5 * GB, "as it was said first");
            assert_eq!(use_octets(town, "r2", 6 * GB).await.status, 201, "a new record is decided anew");
        });
    }

    pub fn credit_is_used_in_the_currency_of_the_line(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", TEN).await;
            let used = report(&town.api, "k1", &record(town, "r1", "GBP", 150)).await;
            assert_eq!(used.status, 201, "{}", used.text);
            assert_eq!(used.json["taken"], json!([{ "from": "credit", "amount": 150 }]));
            assert_eq!(town.api.balance(NUMBER).await, 850);
            let euros = report(&town.api, "k2", &record(town, "r2", "EUR", 1)).await;
            euros.is_problem(409, "currency_mismatch");
            let short = report(&town.api, "k3", &record(town, "r3", "GBP", 851)).await;
            short.is_problem(409, "usage_not_covered");
            assert_eq!(short.json["available"], 850);
        });
    }

    pub fn what_is_held_cannot_be_used(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", TEN).await;
            hold(town, 400).await;
            let short = report(&town.api, "k1", &record(town, "r1", "GBP", 601)).await;
            short.is_problem(409, "usage_not_covered");
            assert_eq!(short.json["available"], 600);
            assert_eq!(report(&town.api, "k2", &record(town, "r2", "GBP", 600)).await.status, 201);
        });
    }

    /// Sets so much of the line's credit aside, as taking an order back does.
    async fn hold(town: &Town, amount: i64) {
        use domain::actor::Actor;
        use domain::ledger::{AccountId, Phase, Posting, PostingKey, Purpose, Reason, Transfer};
        let (keyring, now) = (&town.world.keyring, town.world.now());
        let hashes = keyring.hashes(store::keyring::Purpose::Msisdn, NUMBER);
        let writer = town.world.db.options().writer.clone();
        let held = town.world.db.write(move |tx| {
            let line = store::line::find(tx, &hashes)?.expect("the line is ours");
            let transfer = Transfer {
                debit: AccountId::stored(format!("credit:{}:GBP", line.id)),
                credit: AccountId::stored("undelivered:GB:GBP"),
                amount,
                reason: Reason::Refund,
                phase: Phase::Pending,
            };
            let key = PostingKey::new("held", Purpose::FloatDeposit);
            let posting = Posting::new(key, Actor::System, vec![transfer]);
            store::ledger::record(tx, &writer, now, &[posting])
        });
        assert!(held.await.unwrap()[0].stands());
    }

    pub fn a_barred_line_uses_nothing_and_a_stranger_is_not_ours(engine: Engine) {
        in_town(engine, async |town| {
            let body = record(town, "r1", "octets", 1);
            let barred = town.api.post("/v1/lines/447400100100/usage", Some("k1"), &body).await;
            barred.is_problem(409, "line_barred");
            let unknown = town.api.post("/v1/lines/447400999999/usage", Some("k2"), &body).await;
            unknown.is_problem(404, "line_unknown");
            let shop = open_partner(&town.world, "Shop", 0).await;
            let (_, key) =
                flows::partners::create_key(&town.world, &shop.id, Scope::of_sellers()).await.expect("made");
            let seller = town.api.with_key(&key);
            report(&seller, "k3", &record(town, "r3", "octets", 1)).await.is_problem(403, "scope_missing");
        });
    }

    pub fn a_record_that_cannot_be_read_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            let good = record(town, "r1", "octets", 1);
            let with = |field: &str, value: Value| {
                let mut body = good.clone();
                body[field] = value;
                body
            };
            let future = town.world.now().plus_ms(HOUR_MS).rfc3339();
            for body in [
                with("amount", json!(0)),
                with("amount", json!(-1)),
                with("unit", json!("litres")),
                with("at", json!("yesterday")),
                with("at", json!(future)),
                with("id", json!("")),
                with("id", json!("a b")),
                with("more", json!(1)),
            ] {
                report(&town.api, "k", &body).await.is_problem(400, "body_invalid");
            }
            let path = format!("/v1/lines/{NUMBER}/usage");
            town.api.post(&path, None, &good).await.is_problem(400, "idempotency_key_missing");
            assert_eq!(town.count("select count(*) from usage_record").await, 0);
        });
    }

    pub fn the_simulators_charging_front_uses_up_a_line(engine: Engine) {
        in_town(engine, async |town| {
            buy(town, "b", BUNDLE).await;
            buy(town, "c", TEN).await;
            let asked = json!({ "msisdn": NUMBER, "unit": "octets", "amount": 500_000_000 });
            let nobody = town.outside.try_control("use", &asked).await;
            assert_eq!(nobody.status, 502, "nobody was named yet");
            let target = json!({ "url": town.url, "key": town.partner.key });
            town.outside.control("usage-target", &target).await;
            let used = town.outside.control("use", &asked).await;
            assert_eq!(used["status"], 201, "{used}");
            let at = town.world.now().rfc3339();
            let credit =
                json!({ "msisdn": NUMBER, "unit": "credit", "amount": 100, "id": "front-1", "at": at });
            for _ in 0..2 {
                assert_eq!(town.outside.control("use", &credit).await["status"], 201);
            }
            assert_eq!(town.api.balance(NUMBER).await, 900, "one record is taken once");
            let more = json!({ "msisdn": NUMBER, "unit": "messages", "amount": 5 });
            let refused = town.outside.control("use", &more).await;
            assert_eq!((&refused["status"], &refused["answer"]["available"]), (&json!(409), &json!(0)));
            assert_eq!(buckets(town, "octets").await, [5 * GB - 500_000_000]);
        });
    }
}
