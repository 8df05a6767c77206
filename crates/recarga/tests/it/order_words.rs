//! What the order page says when something went another way than hoped: why, what was charged, and what helps.

use crate::support::api::Answer;
use crate::support::buyer::{Order, attribute, redirected, text};
use crate::support::outside::Session;
use crate::support::registry::NUMBER;
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::time::MINUTE_MS;
use render::view::Support;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_refund_says_why_and_keeps_its_reference
    a_payment_that_failed_later_is_told_and_can_be_tried_again_or_cancelled
    each_refusal_of_a_card_gets_its_own_advice
    what_the_page_fetches_tells_of_a_refused_card_and_takes_it_back
    the_timeline_says_when_it_was_paid_to_the_second
    another_amount_than_asked_names_what_came_and_whom_to_ask
    where_an_order_says_that_something_is_wrong_the_way_to_support_works
    a_refunded_page_learns_of_a_refund_that_failed_later
}

const PAYS: &str = "4242424242424242";

/// What the page fetches to see whether something changed.
async fn fetched(order: &Order, seen: &str) -> Answer {
    order.buyer.get(&format!("/o/{}/state?seen={seen}", order.code)).await
}

/// What the page says it has seen.
fn seen(page: &str) -> String {
    let asks = attribute(page, "#order-state", "hx-get").expect("the page asks again");
    asks.split_once("seen=").expect("what was seen").1.to_owned()
}

async fn paid_for_a_closed_line(town: &Town, card: &str) -> Order {
    let order = town.order().await;
    town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
    assert_eq!(town.outside.pay(&order.session, card).await, "return");
    order
}

async fn the_refund(town: &Town) -> String {
    town.outside.refunds().await[0]["id"].as_str().expect("an id").to_owned()
}

mod checks {
    use super::*;

    pub fn a_refund_says_why_and_keeps_its_reference(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4000009900000129").await;
            assert_eq!(town.look(&order).await, "refunding");
            let page = order.page().await.text;
            let reference = text(&page, "[data-testid=refund-reference]");
            assert!(reference.starts_with("RF-"), "{reference}");
            for state in ["refunding", "refunded"] {
                assert_eq!(order.shown().await, state);
                let page = order.page().await.text;
                assert_eq!(
                    text(&page, "[data-testid=refund-reason]"),
                    "The credit was not added: this number is no longer in use."
                );
                assert_eq!(text(&page, "[data-testid=refund-reference]"), reference, "{state}");
                let part = fetched(&order, "").await.text;
                assert!(part.contains(&reference) && part.contains("id=\"order-refunds\""), "{part}");
                if state == "refunding" {
                    town.outside.settle_refund(&the_refund(town).await, "succeeded").await;
                    town.pass(MINUTE_MS).await;
                }
            }
        });
    }

    pub fn a_payment_that_failed_later_is_told_and_can_be_tried_again_or_cancelled(engine: Engine) {
        in_town(engine, async |town| {
            let fails = async || {
                let order = town.order().await;
                town.outside.pay(&order.session, "4000009900000111").await;
                assert_eq!(town.look(&order).await, "checking_payment");
                town.outside.settle(&order.session, "failed").await;
                assert_eq!(town.look(&order).await, "awaiting_payment");
                let page = order.page().await.text;
                let told = text(&page, "[data-testid=order-problem]");
                assert!(told.contains("The payment was refused. You were not charged."), "{told}");
                assert!(page.contains("retry-form") && page.contains("cancel-form"), "{page}");
                order
            };
            let order = fails().await;
            order.cancel().await;
            assert_eq!(order.shown().await, "cancelled");
            assert!(order.sentence().await.contains("You were not charged"));
            let order = fails().await;
            let second = Session::of_page(&redirected(&order.retry().await));
            assert_eq!(town.outside.pay(&second, PAYS).await, "return");
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(text(&order.page().await.text, "[data-testid=order-problem]"), "");
        });
    }

    pub fn each_refusal_of_a_card_gets_its_own_advice(engine: Engine) {
        in_town(engine, async |town| {
            for (card, code, advice) in [
                ("4000000000000002", "card_declined", "Try another card"),
                ("4000000000009995", "card_funds", "not enough money on the card"),
                ("4000000000000069", "card_expired", "The card has expired"),
                ("4000000000000127", "card_security_code", "security code was wrong"),
                ("4000000000000119", "card_processing", "try again later; the same card will do"),
            ] {
                let order = town.order().await;
                assert_eq!(town.outside.pay(&order.session, card).await, "declined");
                assert_eq!(town.look(&order).await, "awaiting_payment");
                let page = order.page().await.text;
                assert_eq!(attribute(&page, "[data-testid=order-problem]", "data-code").unwrap(), code);
                let told = text(&page, "[data-testid=order-problem]");
                assert!(told.contains(advice) && told.contains("You have not been charged"), "{told}");
            }
        });
    }

    pub fn what_the_page_fetches_tells_of_a_refused_card_and_takes_it_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let first = seen(&order.page().await.text);
            assert_eq!(fetched(&order, &first).await.status, 204);
            town.outside.pay(&order.session, "4000000000000002").await;
            town.look(&order).await;
            let refused = fetched(&order, &first).await.text;
            assert_eq!(
                attribute(&refused, "[data-testid=order-problem]", "data-code").unwrap(),
                "card_declined"
            );
            town.outside.pay(&order.session, PAYS).await;
            town.look(&order).await;
            let credited = fetched(&order, &seen(&refused)).await.text;
            assert!(credited.contains("data-state=\"credited\""), "{credited}");
            assert_eq!(text(&credited, "[data-testid=order-problem]"), "", "nothing stale stays");
        });
    }

    pub fn the_timeline_says_when_it_was_paid_to_the_second(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let page = order.page().await.text;
            let timeline = text(&page, ".timeline");
            let steps: Vec<Option<usize>> =
                ["Waiting for payment", "Paid", "Credited"].map(|step| timeline.find(step)).into();
            assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{timeline}");
            let paid = text(&page, ".timeline li:nth-child(2) time");
            assert_eq!(paid.matches(':').count(), 2, "{paid} has seconds");
        });
    }

    pub fn another_amount_than_asked_names_what_came_and_whom_to_ask(engine: Engine) {
        let support = Support { email: Some("help@prueba.example".into()), ..Support::default() };
        in_town_with(engine, Plan { support, ..Plan::default() }, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4000009900000095").await;
            assert_eq!(town.look(&order).await, "review");
            let page = order.page().await.text;
            let told = text(&page, "[data-testid=review-reason]");
            assert!(told.contains("We received £9.00 for an order of £10.00"), "{told}");
            assert!(text(&page, "[data-testid=order-contact]").contains("help@prueba.example"));
        });
    }

    pub fn where_an_order_says_that_something_is_wrong_the_way_to_support_works(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4000009900000095").await;
            assert_eq!(town.look(&order).await, "review");
            let page = order.page().await.text;
            let way = attribute(&page, "main a[href^='/support']", "href").expect("a way to support");
            let asked = order.buyer.get(&way).await;
            assert_eq!(asked.status, 200, "{way}");
            assert!(text(&asked.text, "main").contains(&order.code), "the order is chosen already");
        });
    }

    pub fn a_refunded_page_learns_of_a_refund_that_failed_later(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, "4000000000005126").await;
            assert_eq!(town.look(&order).await, "refunded");
            let page = order.page().await.text;
            let reference = text(&page, "[data-testid=refund-reference]");
            assert_eq!(fetched(&order, &seen(&page)).await.status, 204);
            town.outside.settle_refund(&the_refund(town).await, "failed").await;
            town.clock.set_right();
            let event = town.outside.event("refund.failed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            let learnt = fetched(&order, &seen(&page)).await.text;
            assert!(learnt.contains("data-state=\"review\""), "{learnt}");
            assert!(text(&learnt, "[data-testid=review-reason]").contains("Your refund did not go through"));
            assert!(learnt.contains(&reference), "the reference stays");
        });
    }
}
