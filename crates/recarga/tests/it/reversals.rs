//! Taking a credited top-up back: what it gave is held, its money goes back by the provider or into the float, and
//! nobody has both. Faults 45 to 47 of a refund are here.

use crate::support::api::{Answer, Api};
use crate::support::buyer::{Order, text};
use crate::support::registry::{NUMBER, TEN, open_partner};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::id::RefundId;
use domain::refusal::Refusal;
use domain::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use flows::top_up::reverse;
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_credited_top_up_is_taken_back_and_its_money_goes_back
    a_bundle_is_taken_back_whole_or_not_at_all
    fault_44_two_who_take_one_top_up_back_are_one_refund
    fault_45_a_use_and_a_reversal_at_one_moment_are_decided_by_the_hold
    fault_45_money_that_the_provider_returned_beside_us_is_never_taken_from_the_line_twice
    fault_46_a_reversal_whose_refund_fails_afterwards_gives_the_value_back
    fault_46_a_bundle_comes_back_in_new_buckets_when_its_refund_fails_afterwards
    fault_46_a_bundle_whose_refund_fails_after_its_end_has_the_days_that_it_lost
    fault_47_a_reversal_whose_refund_is_not_answered_stays_held_and_is_one_refund
    a_reversal_whose_refund_is_refused_leaves_the_credit_where_it_is
    a_float_sale_is_taken_back_once_and_the_float_has_its_money
    a_float_sale_that_was_used_or_is_too_old_is_not_taken_back
    two_reversals_of_one_float_sale_at_once_are_one
}

const PAYS: &str = "4242424242424242";
const BUNDLE: &str = "gb-traveller";

async fn credited(town: &Town, offer: &str, card: &str) -> Order {
    let order = town.buyer().order(NUMBER, offer).await;
    town.outside.pay(&order.session, card).await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

/// Somebody of the staff takes it back.
pub async fn take_back(town: &Town, order: &Order) -> Result<RefundId, Refusal> {
    let (top_up, context) = (town.stored(order).await, town.world.step());
    let asked = town
        .world
        .db
        .write(move |tx| reverse::request(tx, &context, "stripe", top_up.clone(), Actor::Operator));
    asked.await.expect("decided")
}

/// The network reports a use.
async fn uses(town: &Town, id: &str, unit: &str, amount: i64) -> Answer {
    let at = town.world.now().rfc3339();
    let body = json!({ "id": id, "unit": unit, "amount": amount, "at": at });
    town.api.post(&format!("/v1/lines/{NUMBER}/usage"), Some(id), &body).await
}

async fn told(town: &Town, kind: &str) {
    town.clock.set_right();
    let event = town.outside.event(kind).await;
    assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
    town.work().await;
}

async fn the_refund(town: &Town) -> Value {
    let refunds = town.outside.refunds().await;
    assert_eq!(refunds.len(), 1, "{refunds:?}");
    refunds[0].clone()
}

/// What the line has of the bundle's data.
async fn octets(town: &Town) -> i64 {
    let sql = "select cast(coalesce(sum(a.credits_posted - a.debits_posted - a.debits_pending), 0) as bigint) \
               from account a where a.id like 'bucket:%:octets'";
    town.count(sql).await
}

async fn reverse_by_api(api: &Api, key: &str, id: &str) -> Answer {
    api.post(&format!("/v1/top-ups/{id}/reverse"), Some(key), &json!({})).await
}

mod checks {
    use super::*;

    pub fn a_credited_top_up_is_taken_back_and_its_money_goes_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, TEN, PAYS).await;
            take_back(town, &order).await.expect("begun");
            assert_eq!(order.shown().await, "refunding");
            assert_eq!(town.api.balance(NUMBER).await, 0, "what is held cannot be used");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            assert!(order.sentence().await.contains("taken back"), "{}", order.sentence().await);
            assert_eq!(the_refund(town).await["amount"], 1_000);
            assert!(matches!(take_back(town, &order).await, Err(Refusal::OrderClosed)));
            assert_eq!(town.count("select count(*) from hold where state = 'open'").await, 0);
        });
    }

    pub fn a_bundle_is_taken_back_whole_or_not_at_all(engine: Engine) {
        in_town(engine, async |town| {
            let used = credited(town, BUNDLE, PAYS).await;
            let had = octets(town).await;
            assert_eq!(uses(town, "u1", "octets", 1_000_000).await.status, 201);
            match take_back(town, &used).await {
                Err(Refusal::CreditSpent { left, given, .. }) => assert_eq!(given - left, 1_000_000),
                other => panic!("{other:?}"),
            }
            assert_eq!(used.shown().await, "credited");
            assert_eq!(octets(town).await, had - 1_000_000);
            assert_eq!(town.outside.refunds().await.len(), 0);
        });
        in_town(engine, async |town| {
            let whole = credited(town, BUNDLE, PAYS).await;
            take_back(town, &whole).await.expect("begun");
            assert_eq!(octets(town).await, 0);
            town.work().await;
            assert_eq!(whole.shown().await, "reversed");
            town.pass(40 * domain::time::DAY_MS).await;
            assert_eq!(octets(town).await, 0);
        });
    }

    pub fn fault_44_two_who_take_one_top_up_back_are_one_refund(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, TEN, PAYS).await;
            let (one, other) = tokio::join!(take_back(town, &order), take_back(town, &order));
            assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1, "{one:?} {other:?}");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            assert_eq!(the_refund(town).await["amount"], 1_000);
        });
    }

    pub fn fault_45_a_use_and_a_reversal_at_one_moment_are_decided_by_the_hold(engine: Engine) {
        in_town(engine, async |town| {
            for round in 0..6 {
                let order = credited(town, TEN, PAYS).await;
                let before = town.outside.refunds().await.len();
                let id = format!("use-{round}");
                let (used, begun) = tokio::join!(uses(town, &id, "GBP", 1_000), take_back(town, &order));
                town.work().await;
                let spent = used.status == 201;
                assert_ne!(spent, begun.is_ok(), "round {round}: {} {begun:?}", used.text);
                assert_eq!(order.shown().await, if spent { "credited" } else { "reversed" });
                assert_eq!(town.outside.refunds().await.len() - before, usize::from(!spent));
                assert_eq!(town.api.balance(NUMBER).await, 0);
            }
        });
    }

    pub fn fault_45_money_that_the_provider_returned_beside_us_is_never_taken_from_the_line_twice(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            let order = credited(town, TEN, PAYS).await;
            let session = town.outside.session(&order.session).await;
            let intent = session["payment_intent"].as_str().expect("an id").to_owned();
            // Somebody gives it back in the provider's dashboard; then staff takes it back here.
            town.outside.call("/v1/refunds", &[("payment_intent", intent.as_str())]).await;
            take_back(town, &order).await.expect("begun");
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "reversed", "the money that was to go back has gone back");
            assert_eq!(town.api.balance(NUMBER).await, 0, "and the credit was taken once");
            assert_eq!(the_refund(town).await["amount"], 1_000, "nothing was returned twice");
            let clearing =
                "select debits_posted - credits_posted from account where id = 'clearing:stripe:GBP'";
            assert_eq!(town.count(clearing).await, 0, "our books and theirs agree");
        });
    }

    pub fn fault_46_a_reversal_whose_refund_fails_afterwards_gives_the_value_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order_mailed(NUMBER, TEN, "ana@example.org").await;
            town.outside.pay(&order.session, "4000000000005126").await;
            assert_eq!(town.look(&order).await, "credited");
            take_back(town, &order).await.expect("begun");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            let refund = the_refund(town).await["id"].as_str().expect("an id").to_owned();
            town.outside.settle_refund(&refund, "failed").await;
            told(town, "refund.failed").await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(
                town.count("select count(*) from outbox where state = 'dead'").await,
                1,
                "people see it"
            );
            told(town, "refund.failed").await;
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            // The buyer and the line are told once, and what was said at the beginning was true as well.
            let texts: Vec<Value> = town.outside.inbox(NUMBER).await;
            let said = |words: &str| {
                texts.iter().filter(|sms| sms["text"].as_str().unwrap_or("").contains(words)).count()
            };
            assert_eq!(
                (said("is taken back"), said("could not be paid back"), said("failed")),
                (1, 1, 0),
                "{texts:?}"
            );
            let shown = text(&order.page().await.text, "[data-testid=surplus]");
            assert!(shown.contains("stays on the number"), "{shown}");
            let mailed = "select count(*) from message where kind = 'take_back_failed' and channel = 'email'";
            assert_eq!(town.count(mailed).await, 1);
        });
    }

    pub fn fault_46_a_bundle_comes_back_in_new_buckets_when_its_refund_fails_afterwards(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, BUNDLE, "4000000000005126").await;
            let had = octets(town).await;
            take_back(town, &order).await.expect("begun");
            town.work().await;
            assert_eq!((order.shown().await.as_str(), octets(town).await), ("reversed", 0));
            let refund = the_refund(town).await["id"].as_str().expect("an id").to_owned();
            town.outside.settle_refund(&refund, "failed").await;
            told(town, "refund.failed").await;
            assert_eq!((order.shown().await.as_str(), octets(town).await), ("credited", had));
            town.clock.pass(MINUTE_MS);
            assert_eq!(uses(town, "again", "octets", 1_000_000).await.status, 201);
        });
    }

    pub fn fault_46_a_bundle_whose_refund_fails_after_its_end_has_the_days_that_it_lost(engine: Engine) {
        // One bounces after it was returned, the other one is refused after it was pending for long.
        for (card, meanwhile) in [("4000000000005126", "reversed"), ("4000009900000129", "refunding")] {
            in_town(engine, async |town| {
                let order = credited(town, BUNDLE, card).await;
                let had = octets(town).await;
                town.pass(DAY_MS).await;
                take_back(town, &order).await.expect("begun");
                town.work().await;
                assert_eq!((town.stored(&order).await.state.as_str(), octets(town).await), (meanwhile, 0));
                town.pass(40 * DAY_MS).await;
                let refund = the_refund(town).await["id"].as_str().expect("an id").to_owned();
                town.outside.settle_refund(&refund, "failed").await;
                town.pass(DAY_MS).await;
                if meanwhile == "reversed" {
                    told(town, "refund.failed").await;
                }
                assert_eq!((town.stored(&order).await.state.as_str(), octets(town).await), ("credited", had));
                town.pass(DAY_MS).await;
                assert_eq!(octets(town).await, had, "what was withheld is not over");
            });
        }
    }

    pub fn fault_47_a_reversal_whose_refund_is_not_answered_stays_held_and_is_one_refund(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, TEN, PAYS).await;
            town.outside.fault("POST /v1/refunds", "drop_connection_after", 2).await;
            take_back(town, &order).await.expect("begun");
            town.work().await;
            assert_eq!(order.shown().await, "refunding");
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.count("select count(*) from operation where state = 'unknown'").await, 1);
            for _ in 0..4 {
                town.pass(2 * MINUTE_MS).await;
            }
            assert_eq!(order.shown().await, "reversed");
            the_refund(town).await;
            assert_eq!(town.count("select count(*) from operation where kind = 'create_refund'").await, 1);
        });
    }

    pub fn a_reversal_whose_refund_is_refused_leaves_the_credit_where_it_is(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, TEN, "4000009900000129").await;
            take_back(town, &order).await.expect("begun");
            town.work().await;
            assert_eq!(order.shown().await, "refunding");
            let refund = the_refund(town).await["id"].as_str().expect("an id").to_owned();
            town.outside.settle_refund(&refund, "failed").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(town.count("select count(*) from hold where state = 'open'").await, 0);
            assert_eq!(town.count("select count(*) from outbox where state = 'dead'").await, 1);
        });
    }

    pub fn a_float_sale_is_taken_back_once_and_the_float_has_its_money(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            let sold = town.api.sell("s", NUMBER, TEN).await;
            let id = sold.text_of("id").to_owned();
            let first = reverse_by_api(&town.api, "r", &id).await;
            assert_eq!((first.status, first.text_of("state")), (200, "reversed"), "{}", first.text);
            assert_eq!((town.api.balance(NUMBER).await, town.api.float("GBP").await), (0, float));
            let again = reverse_by_api(&town.api, "r", &id).await;
            assert_eq!((again.status, again.replayed(), &again.text), (200, true, &first.text));
            reverse_by_api(&town.api, "another", &id).await.is_problem(409, "order_closed");
            assert_eq!(town.api.float("GBP").await, float);
            let stranger = open_partner(&town.world, "Other Shop", 0).await;
            reverse_by_api(&town.api.with_key(&stranger.key), "r", &id)
                .await
                .is_problem(404, "top_up_unknown");
        });
    }

    pub fn a_float_sale_that_was_used_or_is_too_old_is_not_taken_back(engine: Engine) {
        in_town(engine, async |town| {
            let used = town.api.sell("used", NUMBER, TEN).await.text_of("id").to_owned();
            assert_eq!(uses(town, "call", "GBP", 1).await.status, 201);
            reverse_by_api(&town.api, "r1", &used).await.is_problem(409, "credit_spent");
            let old = town.api.sell("old", NUMBER, TEN).await.text_of("id").to_owned();
            town.pass(30 * MINUTE_MS + SECOND_MS).await;
            reverse_by_api(&town.api, "r2", &old).await.is_problem(409, "too_late_to_reverse");
            reverse_by_api(&town.api, "r1", &old).await.is_problem(422, "idempotency_key_reused");
            assert_eq!(town.api.balance(NUMBER).await, 1_999);
        });
    }

    pub fn two_reversals_of_one_float_sale_at_once_are_one(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            let id = town.api.sell("s", NUMBER, TEN).await.text_of("id").to_owned();
            let (one, other) =
                tokio::join!(reverse_by_api(&town.api, "a", &id), reverse_by_api(&town.api, "b", &id));
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{} {}", one.text, other.text);
            assert_eq!(town.api.float("GBP").await, float);
        });
    }
}
