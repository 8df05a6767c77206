//! Money that goes back in the provider's dashboard, or is fetched back, while a refund of ours has no answer: what was
//! to go back has gone back once, and what nobody here asked for is brought to people.

use crate::support::buyer::Order;
use crate::support::desk::Desk;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::time::{HOUR_MS, MINUTE_MS};
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    fault_39_a_dashboard_refund_while_ours_was_lost_is_taken_for_it
    fault_39_a_paypal_dashboard_refund_while_ours_was_lost_is_taken_for_it
    fault_39_a_capture_that_is_fetched_back_while_our_refund_is_lost_is_taken_for_it
    fault_39_a_part_that_went_back_by_hand_is_brought_to_people_when_ours_is_refused
}

const PAYS: &str = "4242424242424242";
const REPORTS: &str = "select count(*) from outbox where state = 'dead' and topic = 'poll_attempt'";
const CLEARING: &str = "select cast(coalesce(sum(debits_posted - credits_posted), 0) as bigint) from account \
    where id like 'clearing:%'";

/// Two people agree that a delivered order is taken back.
async fn taken_back(town: &Town, order: &Order) {
    let (ana, ben) = (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await);
    let request = ana.asks_refund(&order.code, "changed_mind").await.expect("asked");
    ben.decides(&request, "approve", "agreed").await.expect("approved");
    town.work().await;
}

async fn by_card(town: &Town) -> (Order, String) {
    let order = town.order().await;
    town.outside.pay(&order.session, PAYS).await;
    assert_eq!(town.look(&order).await, "credited");
    let intent =
        town.outside.session(&order.session).await["payment_intent"].as_str().expect("an id").to_owned();
    (order, intent)
}

async fn by_paypal(town: &Town) -> (Order, String) {
    let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
    town.outside.approve(&order.session, "pays").await;
    assert_eq!(town.look(&order).await, "credited");
    let capture = town.outside.captures().await[0]["id"].as_str().expect("an id").to_owned();
    (order, capture)
}

async fn told(town: &Town, event: &str) {
    town.clock.set_right();
    for event in town.outside.events(event).await {
        assert_eq!(town.outside.deliver(event["id"].as_str().expect("an id"), 1, "true").await, [200]);
    }
    town.work().await;
}

async fn told_by_paypal(town: &Town, kind: &str) {
    town.clock.set_right();
    for event in town.outside.paypal_events(kind).await {
        assert_eq!(town.outside.deliver(event["id"].as_str().expect("an id"), 1, "true").await, [200]);
    }
    town.work().await;
}

/// The money is back once, the credit is gone once, and nobody has anything to do.
async fn is_reversed(town: &Town, order: &Order) {
    town.outside.no_faults().await;
    town.pass(10 * MINUTE_MS).await;
    assert_eq!(order.shown().await, "reversed");
    assert_eq!((town.api.balance(NUMBER).await, town.count(CLEARING).await), (0, 0));
    assert_eq!(town.count("select count(*) from refund where state = 'succeeded'").await, 1);
    assert_eq!(town.count(REPORTS).await, 0, "nobody else has to look");
}

mod checks {
    use super::*;

    pub fn fault_39_a_dashboard_refund_while_ours_was_lost_is_taken_for_it(engine: Engine) {
        in_town(engine, async |town| {
            let (order, intent) = by_card(town).await;
            town.outside.fault("POST /v1/refunds", "drop_connection_before", 1).await;
            taken_back(town, &order).await;
            assert_eq!(order.shown().await, "refunding");
            town.outside.call("/v1/refunds", &[("payment_intent", intent.as_str())]).await;
            told(town, "charge.refunded").await;
            is_reversed(town, &order).await;
            assert_eq!(town.outside.refunds().await.len(), 1, "it went back once");
        });
    }

    pub fn fault_39_a_paypal_dashboard_refund_while_ours_was_lost_is_taken_for_it(engine: Engine) {
        in_town(engine, async |town| {
            let (order, capture) = by_paypal(town).await;
            let path = format!("/v2/payments/captures/{capture}/refund");
            town.outside.fault(&format!("POST {path}"), "drop_connection_before", 1).await;
            taken_back(town, &order).await;
            assert_eq!(order.shown().await, "refunding");
            town.outside.paypal_post(&path, &json!({})).await;
            told_by_paypal(town, "PAYMENT.CAPTURE.REFUNDED").await;
            is_reversed(town, &order).await;
        });
    }

    pub fn fault_39_a_capture_that_is_fetched_back_while_our_refund_is_lost_is_taken_for_it(engine: Engine) {
        in_town(engine, async |town| {
            let (order, capture) = by_paypal(town).await;
            let path = format!("/v2/payments/captures/{capture}/refund");
            town.outside.fault(&format!("POST {path}"), "drop_connection_before", 1).await;
            taken_back(town, &order).await;
            town.outside.control(&format!("paypal/captures/{capture}/reverse"), &json!({})).await;
            told_by_paypal(town, "PAYMENT.CAPTURE.REVERSED").await;
            is_reversed(town, &order).await;
        });
    }

    pub fn fault_39_a_part_that_went_back_by_hand_is_brought_to_people_when_ours_is_refused(engine: Engine) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let (order, intent) = by_card(town).await;
            town.outside.fault("POST /v1/refunds", "drop_connection_before", 1).await;
            taken_back(town, &order).await;
            let part = [("payment_intent", intent.as_str()), ("amount", "400")];
            town.outside.call("/v1/refunds", &part).await;
            told(town, "charge.refunded").await;
            assert_eq!(town.count(REPORTS).await, 0, "until ours is answered it may be ours");
            town.outside.no_faults().await;
            town.pass(2 * HOUR_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!((town.api.balance(NUMBER).await, town.count(REPORTS).await), (1_000, 1));
            let page = Desk::supervisor(town, "eve").await.page("/office/stuck").await;
            assert!(page.contains("refunded at the provider: 400 GBP minor"), "{page}");
        });
    }
}
