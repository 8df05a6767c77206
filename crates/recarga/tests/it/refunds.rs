//! Money on its way back: once, under one id, whatever the provider answers, and back in the books when it bounces.

use crate::support::buyer::{Order, text as text_at};
use crate::support::registry::{GERMAN_NUMBER, NUMBER};
use crate::support::town::{Town, in_town};
use domain::time::{MINUTE_MS, SECOND_MS};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_line_that_was_closed_meanwhile_gets_its_payer_the_money_back
    a_refund_whose_answer_was_lost_is_one_refund
    a_refund_that_the_provider_fails_to_take_is_sent_again_under_the_same_key
    a_pending_refund_is_refunding_until_the_provider_says_so
    a_refund_that_succeeded_and_then_failed_goes_to_people_and_is_posted_back
    a_pending_refund_that_fails_goes_to_people_and_releases_its_hold
}

/// An order that was paid with a card after its line was closed.
async fn paid_for_a_closed_line(town: &Town, card: &str) -> Order {
    let order = town.order().await;
    town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
    assert_eq!(town.outside.pay(&order.session, card).await, "return");
    order
}

/// The provider's id of the only refund.
async fn the_refund(town: &Town) -> String {
    let refunds = town.outside.refunds().await;
    assert_eq!(refunds.len(), 1, "{refunds:?}");
    refunds[0]["id"].as_str().expect("an id").to_owned()
}

async fn undelivered(town: &Town) -> i64 {
    town.count("select credits_posted - debits_posted from account where id = 'undelivered:GB:GBP'").await
}

mod checks {
    use super::*;

    pub fn a_line_that_was_closed_meanwhile_gets_its_payer_the_money_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4242424242424242").await;
            assert_eq!(town.look(&order).await, "refunded");
            assert!(order.sentence().await.contains("£10.00"));
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.count("select count(*) from refund where reason = 'line_closed'").await, 1);
            let message = town.outside.message(NUMBER).await;
            let text = message["text"].as_str().unwrap();
            assert!(text.contains("on its way back") && text.contains("£10.00"), "{text}");
            assert!(text.contains("RF-") && text.contains(&order.code), "{text}");
            for _ in 0..3 {
                town.pass(MINUTE_MS).await;
            }
            the_refund(town).await;
            let path = format!("/o/{}/receipt", order.code);
            let receipt = order.buyer.get(&path).await.text;
            assert!(text_at(&receipt, "[data-testid=money-sentence]").starts_with("Refunded. £10.00"));
            let refunds = text_at(&receipt, "[data-testid=refunds]");
            assert!(refunds.contains("reference RF-") && refunds.contains("-£10.00"), "{refunds}");
            assert_eq!(text_at(&receipt, "[data-testid=net]"), "£0.00");
            let chinese = order.buyer.clone().reading("zh-CN").get(&path).await.text;
            assert!(text_at(&chinese, ".tax").starts_with("含增值税 20%"), "{chinese}");
            assert_eq!(town.api.sell("other", GERMAN_NUMBER, "de-credit-10").await.status, 201);
        });
    }

    pub fn a_refund_whose_answer_was_lost_is_one_refund(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4000009900000137").await;
            assert_eq!(town.look(&order).await, "refunding", "sent, and nobody answered");
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            assert!(text_at(&receipt, "[data-testid=money-sentence]").starts_with("Refund started."));
            assert!(text_at(&receipt, "[data-testid=net]").is_empty(), "nothing was returned yet");
            assert_eq!(town.count("select count(*) from operation where state = 'unknown'").await, 1);
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "refunded");
            the_refund(town).await;
        });
    }

    pub fn a_refund_that_the_provider_fails_to_take_is_sent_again_under_the_same_key(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4242424242424242").await;
            town.outside.fault("POST /v1/refunds", "status_429", 1).await;
            town.outside.fault("POST /v1/refunds", "drop_connection_before", 1).await;
            town.outside.fault("POST /v1/refunds", "drop_connection_after", 1).await;
            assert_eq!(town.look(&order).await, "refunding");
            for _ in 0..3 {
                town.pass(15 * MINUTE_MS).await;
            }
            assert_eq!(order.shown().await, "refunded");
            the_refund(town).await;
            assert_eq!(town.count("select count(*) from operation where kind = 'create_refund'").await, 1);
        });
    }

    pub fn a_pending_refund_is_refunding_until_the_provider_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4000009900000129").await;
            assert_eq!(town.look(&order).await, "refunding");
            town.pass(10 * SECOND_MS).await;
            assert_eq!(order.shown().await, "refunding");
            assert!(order.sentence().await.contains("£10.00"));
            town.outside.settle_refund(&the_refund(town).await, "succeeded").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(undelivered(town).await, 0);
        });
    }

    pub fn a_refund_that_succeeded_and_then_failed_goes_to_people_and_is_posted_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4000000000005126").await;
            assert_eq!(town.look(&order).await, "refunded");
            assert_eq!(undelivered(town).await, 0);
            town.outside.settle_refund(&the_refund(town).await, "failed").await;
            town.clock.set_right();
            let event = town.outside.event("refund.failed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(order.shown().await, "review");
            assert_eq!(undelivered(town).await, 1_000, "the buyer's money is with us again");
            assert_eq!(town.outside.deliver(&event, 3, "true").await, [200; 3]);
            town.work().await;
            assert_eq!(undelivered(town).await, 1_000);
        });
    }

    pub fn a_pending_refund_that_fails_goes_to_people_and_releases_its_hold(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4000009900000129").await;
            assert_eq!(town.look(&order).await, "refunding");
            town.outside.settle_refund(&the_refund(town).await, "failed").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "review");
            assert_eq!(undelivered(town).await, 1_000);
            assert_eq!(town.count("select count(*) from hold where state = 'open'").await, 0);
        });
    }
}
