//! Caps across orders: what one number, address, browser or card may order in a day. Before paying a person is refused
//! in words; money that came over a cap is ours and waits for people, and is never lost.

use crate::support::buyer::{Order, redirected};
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN};
use crate::support::risk::{limit, noticed, press, press_anew, problem, switch};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::risk::{Limit, Switch};
use domain::time::{DAY_MS, MINUTE_MS};
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_order_over_the_cap_of_its_number_is_refused_in_words_until_the_window_ends
    a_crowd_that_orders_at_once_does_not_break_a_cap
    the_same_order_pressed_again_counts_once
    e_mail_address_network_and_browser_have_caps_of_their_own
    money_is_capped_beside_orders
    money_that_came_over_the_cap_of_its_card_waits_for_people_and_is_let_through_once
    money_over_the_cap_of_a_paypal_account_waits_for_people
    a_second_payment_of_an_order_that_waits_for_people_goes_back_and_leaves_it_waiting
    a_partners_orders_are_counted_by_its_own_and_its_float_is_not
    what_is_switched_off_is_not_offered_and_not_begun
    a_guests_card_is_asked_for_3d_secure
}

const PAYS: &str = "4242424242424242";

/// A paid order that the provider has told of.
async fn paid(town: &Town) -> (Order, String) {
    let order = town.order().await;
    town.outside.pay(&order.session, PAYS).await;
    let state = town.look(&order).await;
    (order, state)
}

mod checks {
    use super::*;

    pub fn an_order_over_the_cap_of_its_number_is_refused_in_words_until_the_window_ends(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerLine, 2).await;
            for _ in 0..2 {
                redirected(&press_anew(town).await);
            }
            let refused = press_anew(town).await;
            let (code, words) = problem(&refused);
            assert_eq!((refused.status, code.as_str()), (200, "too_many_by_line"), "{}", refused.text);
            assert!(words.contains("You were not charged") && words.contains("after"), "{words}");
            assert!(!words.contains('{'), "{words}");
            let chinese = press(&town.buyer().reading("zh-CN"), NUMBER, "").await;
            assert!(problem(&chinese).1.contains("您未被扣款"), "{}", chinese.text);
            assert_eq!(town.count("select count(*) from top_up").await, 2);
            assert_eq!(town.outside.sessions().await.len(), 2, "nothing was asked of the provider");
            redirected(&press(&town.buyer(), CHINESE_NUMBER, "").await);
            town.pass(DAY_MS + MINUTE_MS).await;
            redirected(&press_anew(town).await);
        });
    }

    pub fn a_crowd_that_orders_at_once_does_not_break_a_cap(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerLine, 3).await;
            let mut crowd = Vec::new();
            for _ in 0..10 {
                let buyer = town.buyer();
                let form = buyer.review(NUMBER, TEN).await;
                crowd.push(tokio::spawn(async move { buyer.press(&form, "").await.status }));
            }
            let mut answers: BTreeMap<u16, usize> = BTreeMap::new();
            for pressed in crowd {
                *answers.entry(pressed.await.expect("an answer")).or_default() += 1;
            }
            assert_eq!(answers, BTreeMap::from([(200, 7), (303, 3)]));
            assert_eq!(town.count("select count(*) from top_up").await, 3);
        });
    }

    pub fn the_same_order_pressed_again_counts_once(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerLine, 2).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            for _ in 0..3 {
                redirected(&buyer.press(&form, "").await);
            }
            redirected(&press_anew(town).await);
            assert_eq!(problem(&press_anew(town).await).0, "too_many_by_line");
        });
    }

    pub fn e_mail_address_network_and_browser_have_caps_of_their_own(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerEmail, 1).await;
            redirected(&press(&town.buyer(), NUMBER, "li@example.com").await);
            let same = press(&town.buyer(), CHINESE_NUMBER, "LI@example.com").await;
            assert_eq!(problem(&same).0, "too_many_by_email", "{}", same.text);
            redirected(&press(&town.buyer(), CHINESE_NUMBER, "wang@example.com").await);

            limit(town, Limit::GuestOrdersPerDevice, 1).await;
            let browser = town.buyer();
            redirected(&press(&browser, NUMBER, "").await);
            assert_eq!(problem(&press(&browser, CHINESE_NUMBER, "").await).0, "too_many_by_device");
            redirected(&press(&town.buyer(), CHINESE_NUMBER, "").await);

            limit(town, Limit::GuestOrdersPerPlace, 4).await;
            assert_eq!(problem(&press_anew(town).await).0, "too_many_by_place");
            assert_eq!(town.count("select count(*) from top_up").await, 4);
        });
    }

    pub fn money_is_capped_beside_orders(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestMoneyPerLine, 25).await;
            for _ in 0..2 {
                redirected(&press_anew(town).await);
            }
            assert_eq!(problem(&press_anew(town).await).0, "too_many_by_line", "£30 is more than £25");
        });
    }

    pub fn money_that_came_over_the_cap_of_its_card_waits_for_people_and_is_let_through_once(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerCard, 1).await;
            assert_eq!(paid(town).await.1, "credited");
            let (order, state) = paid(town).await;
            assert_eq!(state, "review");
            assert!(order.sentence().await.contains("answer by"), "{}", order.sentence().await);
            assert_eq!(town.api.balance(NUMBER).await, 1_000, "nothing was delivered");
            assert_eq!(noticed(town, &order).await, [("over_cap".to_owned(), "orders_per_card".to_owned())]);
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "review", "the same news again changes nothing");
            let id = town.stored(&order).await.id;
            for released in [true, false] {
                let done = flows::risk::release(&town.world, &id, Actor::Operator, "they called").await;
                assert_eq!(done.expect("decided").is_ok(), released);
            }
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 2_000);
        });
    }

    pub fn money_over_the_cap_of_a_paypal_account_waits_for_people(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerCard, 1).await;
            for expected in ["credited", "review"] {
                let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
                town.outside.approve(&order.session, "pays").await;
                assert_eq!(town.look(&order).await, expected);
            }
            let another = town.buyer().order_by_paypal(NUMBER, TEN).await;
            town.outside.approve(&another.session, "no-return").await;
            assert_eq!(town.look(&another).await, "credited", "another payer has a cap of its own");
        });
    }

    pub fn a_second_payment_of_an_order_that_waits_for_people_goes_back_and_leaves_it_waiting(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerCard, 0).await;
            let order = town.order().await;
            let second = crate::late_money::another_page(town, &order).await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "review");
            town.outside.pay(&second, PAYS).await;
            town.clock.set_right();
            for event in town.outside.events("checkout.session.completed").await {
                assert_eq!(town.outside.deliver(event["id"].as_str().unwrap(), 1, "true").await, [200]);
            }
            town.work().await;
            assert_eq!(order.shown().await, "review");
            assert_eq!(town.outside.refunds().await.len(), 1, "what was too much went back");
            let id = town.stored(&order).await.id;
            assert!(
                flows::risk::release(&town.world, &id, Actor::Operator, "known")
                    .await
                    .expect("decided")
                    .is_ok()
            );
            assert_eq!(order.shown().await, "credited");
        });
    }

    pub fn a_partners_orders_are_counted_by_its_own_and_its_float_is_not(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerLine, 1).await;
            redirected(&press_anew(town).await);
            assert_eq!(
                town.api.host("h1", NUMBER, TEN).await.status,
                201,
                "the portal's orders do not count"
            );
            town.api.host("h2", NUMBER, TEN).await.is_problem(429, "too_many_top_ups");
            for n in 0..3 {
                assert_eq!(town.api.sell(&format!("f{n}"), NUMBER, TEN).await.status, 201);
            }
        });
    }

    pub fn what_is_switched_off_is_not_offered_and_not_begun(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            switch(town, Switch::Card, false).await;
            let refused = buyer.press(&form, "").await;
            assert_eq!((refused.status, problem(&refused).0.as_str()), (200, "payment_unavailable"));
            let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
            switch(town, Switch::Payments, false).await;
            town.outside.approve(&order.session, "pays").await;
            assert_eq!(town.look(&order).await, "credited", "what began is finished");
            assert_eq!(town.count("select count(*) from top_up").await, 1);
        });
    }

    pub fn a_guests_card_is_asked_for_3d_secure(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let path = format!("sessions/{}/pay", order.session.0);
            let body = serde_json::json!({ "card": PAYS, "stop_at_challenge": true });
            let shown = town.outside.control(&path, &body).await;
            assert_eq!(shown["shown"], "challenge", "{shown}");
            assert_eq!(town.look(&order).await, "awaiting_payment");
            let intent = shown["payment_intent"].as_str().expect("an id");
            let answer = serde_json::json!({ "approve": true });
            town.outside.control(&format!("payment_intents/{intent}/challenge"), &answer).await;
            assert_eq!(town.look(&order).await, "credited");
        });
    }
}
