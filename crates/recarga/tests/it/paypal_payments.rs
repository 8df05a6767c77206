//! Paying with PayPal: the payer agrees on PayPal's page, and we take the money by a capture of our own, once,
//! whichever of return, webhook and poll is first.

use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_approved_payment_is_captured_and_credited_when_the_buyer_comes_back
    return_webhook_and_poll_are_doors_to_one_capture
    a_buyer_who_never_comes_back_is_credited_by_the_webhook
    without_webhook_and_return_a_poll_finds_the_approval
    a_pending_capture_is_not_fulfilled_before_it_completes
    a_pending_capture_that_is_denied_credits_nothing
    a_capture_whose_answer_was_lost_is_taken_once
    a_declined_wallet_is_not_charged_and_the_buyer_can_pay_again
    a_page_that_nobody_approved_in_time_is_closed_and_never_captured
    a_cancelled_order_is_not_captured_though_its_payer_agrees_later
    forged_webhooks_move_nothing
    money_for_a_line_that_closed_goes_back_by_paypal
    the_receipt_says_that_paypal_was_used_and_a_cards_names_the_card
    an_amount_that_paypal_names_once_and_never_again_is_brought_to_people
}

/// An order for £10 on PayPal's page.
async fn ordered(town: &Town) -> crate::support::buyer::Order {
    town.buyer().order_by_paypal(NUMBER, TEN).await
}

/// How many captures PayPal made, and what they took less what went back.
async fn taken(town: &Town) -> (usize, i64) {
    let captures = town.outside.captures().await;
    let amount = |capture: &serde_json::Value, field: &str| capture[field].as_i64().expect("an amount");
    let kept = captures.iter().map(|c| amount(c, "captured_minor") - amount(c, "refunded_minor")).sum();
    (captures.len(), kept)
}

async fn first_capture(town: &Town) -> String {
    town.outside.captures().await[0]["id"].as_str().expect("an id").to_owned()
}

async fn approved_event(town: &Town, order: &Session) -> String {
    let listed = town.outside.paypal_events("CHECKOUT.ORDER.APPROVED").await;
    let of_order = listed.into_iter().find(|event| event["resource"]["id"] == order.0.as_str());
    of_order.expect("an event")["id"].as_str().expect("an id").to_owned()
}

mod checks {
    use super::*;

    pub fn the_receipt_says_that_paypal_was_used_and_a_cards_names_the_card(engine: Engine) {
        in_town(engine, async |town| {
            let email = "ana@example.org";
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let fields: Vec<_> = form.fields(email).into_iter().chain([("method", "paypal")]).collect();
            let answer = buyer.post(&form.action, &fields).await;
            let page = crate::support::buyer::redirected(&answer);
            let id = page.split("/checkoutnow/").nth(1).expect("PayPal's page").to_owned();
            let code = crate::support::buyer::passed(&answer);
            let order = crate::support::buyer::Order { code, session: Session(id), buyer };
            town.outside.approve(&order.session, "pays").await;
            assert_eq!(town.look(&order).await, "credited");
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            assert!(receipt.contains("PayPal") && !receipt.contains("Payment page"), "{receipt}");
            let mail = town.outside.message(email).await;
            assert!(mail["text"].as_str().expect("a text").contains("PayPal"), "{mail}");
        });
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4242424242424242").await;
            assert_eq!(town.look(&order).await, "credited");
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            assert!(receipt.contains("ending in") && receipt.contains("4242"), "{receipt}");
        });
    }

    pub fn an_approved_payment_is_captured_and_credited_when_the_buyer_comes_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            assert_eq!(order.shown().await, "awaiting_payment");
            town.outside.approve(&order.session, "pays").await;
            assert_eq!(taken(town).await, (0, 0), "agreeing moves no money");
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(taken(town).await, (1, 1_000));
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let message = town.outside.message(NUMBER).await;
            assert!(message["text"].as_str().expect("a text").contains("10"), "{message}");
        });
    }

    pub fn return_webhook_and_poll_are_doors_to_one_capture(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "pays").await;
            let event = approved_event(town, &order.session).await;
            town.clock.pass(6_000);
            let (sent, back, worked) =
                tokio::join!(town.outside.deliver(&event, 5, "true"), order.comes_back(), town.work(),);
            let () = worked;
            assert!(sent.iter().all(|status| *status == 200), "{sent:?}");
            assert!(back.status < 500);
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(taken(town).await, (1, 1_000));
            assert_eq!(town.count("select count(*) from operation where kind = 'capture_page'").await, 1);
        });
    }

    pub fn a_buyer_who_never_comes_back_is_credited_by_the_webhook(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "no-return").await;
            let event = approved_event(town, &order.session).await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(taken(town).await, (1, 1_000));
        });
    }

    pub fn without_webhook_and_return_a_poll_finds_the_approval(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "no-return").await;
            town.pass(6_000).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(taken(town).await, (1, 1_000));
        });
    }

    pub fn a_pending_capture_is_not_fulfilled_before_it_completes(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "pending").await;
            assert_eq!(town.look(&order).await, "checking_payment");
            assert_eq!(town.api.balance(NUMBER).await, 0);
            town.outside.settle_capture(&first_capture(town).await, "completed").await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(taken(town).await, (1, 1_000));
        });
    }

    pub fn a_pending_capture_that_is_denied_credits_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "pending").await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.outside.settle_capture(&first_capture(town).await, "failed").await;
            town.pass(HOUR_MS).await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            assert_eq!((town.api.balance(NUMBER).await, taken(town).await.1), (0, 0));
        });
    }

    pub fn a_capture_whose_answer_was_lost_is_taken_once(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "lost-taken").await;
            town.look(&order).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(taken(town).await, (1, 1_000));
        });
    }

    pub fn an_amount_that_paypal_names_once_and_never_again_is_brought_to_people(engine: Engine) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let order = ordered(town).await;
            let path = format!("POST /v2/checkout/orders/{}/capture", order.session.0);
            town.outside.fault(&path, "wrong_amount", 1).await;
            town.outside.approve(&order.session, "pays").await;
            assert_eq!(town.look(&order).await, "review", "another amount is not fulfilled");
            let reports = "select count(*) from outbox where topic = 'poll_attempt' and state = 'dead'";
            assert_eq!(town.count(reports).await, 0);
            town.clock.set_right();
            for event in town.outside.paypal_events("PAYMENT.CAPTURE.COMPLETED").await {
                let id = event["id"].as_str().expect("an id");
                assert_eq!(town.outside.deliver(id, 2, "true").await, [200; 2]);
            }
            town.work().await;
            assert_eq!(town.count(reports).await, 1, "its own later word contradicts the first one");
            assert_eq!(order.shown().await, "review");
        });
    }

    pub fn a_declined_wallet_is_not_charged_and_the_buyer_can_pay_again(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "declined").await;
            assert_eq!(town.look(&order).await, "awaiting_payment");
            assert_eq!(taken(town).await.1, 0);
            let again = order.retry().await;
            let page = crate::support::buyer::redirected(&again);
            let (_, id) = page.split_once("/checkoutnow/").expect("PayPal's page");
            let second = Session(id.to_owned());
            assert_ne!(second, order.session);
            town.outside.approve(&second, "pays").await;
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(taken(town).await.1, 1_000);
        });
    }

    pub fn a_page_that_nobody_approved_in_time_is_closed_and_never_captured(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.pass(36 * MINUTE_MS).await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            town.outside.approve(&order.session, "pays").await;
            town.look(&order).await;
            let event = approved_event(town, &order.session).await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.pass(2 * DAY_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            assert_eq!(taken(town).await, (0, 0));
        });
    }

    pub fn a_cancelled_order_is_not_captured_though_its_payer_agrees_later(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            order.cancel().await;
            town.work().await;
            assert_eq!(order.shown().await, "cancelled");
            town.outside.approve(&order.session, "pays").await;
            town.look(&order).await;
            town.pass(2 * DAY_MS).await;
            assert_eq!((order.shown().await.as_str(), taken(town).await), ("cancelled", (0, 0)));
        });
    }

    pub fn forged_webhooks_move_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.outside.approve(&order.session, "no-return").await;
            let event = approved_event(town, &order.session).await;
            for disguise in ["altered_body", "wrong_secret"] {
                for status in town.outside.deliver(&event, 1, disguise).await {
                    assert_eq!(status, 400, "{disguise}");
                }
            }
            assert_eq!(town.count("select count(*) from inbox").await, 0);
            town.work().await;
            assert_eq!(taken(town).await, (0, 0));
        });
    }

    pub fn money_for_a_line_that_closed_goes_back_by_paypal(engine: Engine) {
        in_town(engine, async |town| {
            let order = ordered(town).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.approve(&order.session, "pays").await;
            town.look(&order).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(taken(town).await, (1, 0));
        });
    }
}
