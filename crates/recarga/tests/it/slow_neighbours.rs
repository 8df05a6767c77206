//! A foreign system that hangs holds up nobody but those who wait for it.

use crate::support::network::{network_gave, never_both, plan};
use crate::support::registry::{CHINESE_NETWORK_NUMBER, NETWORK_NUMBER, NUMBER, TEN};
use crate::support::town::{Plan, in_town, in_town_with};
use crate::support::wait::until;
use domain::time::MINUTE_MS;
use serde_json::json;
use std::time::Duration;
use testkit::{Engine, on_both_engines};
use tokio::sync::watch;

on_both_engines! {
    a_capture_that_hangs_holds_up_no_other_payment
    numbers_that_are_never_answered_hold_up_no_other_number
}

/// Calls that were begun and have no answer.
const HANGING: &str = "select count(*) from outbox where topic = 'operation' and state = 'open' \
     and attempts = 1 and last_error is null";

/// Credits that the network was asked for and has not given.
const SENT: &str = "select count(*) from network_credit where sends > 0 and state <> 'done'";

mod checks {
    use super::*;

    pub fn a_capture_that_hangs_holds_up_no_other_payment(engine: Engine) {
        // Longer than the whole test: what hangs does not end by itself.
        let plan = Plan { answer_within: Duration::from_secs(120), ..Plan::default() };
        in_town_with(engine, plan, async |town| {
            let slow = town.buyer().order_by_paypal(NUMBER, TEN).await;
            let quick = town.order().await;
            town.outside.resume_webhooks().await;
            let (stop, told) = watch::channel(false);
            let serving = tokio::spawn(flows::work::serve(town.world.clone(), told));
            town.outside.fault("POST /v2/checkout/orders/{id}/capture", "hang_until_released", 1).await;
            town.outside.approve(&slow.session, "pays").await;
            until("the capture to hang", async || town.count(HANGING).await == 1).await;
            town.outside.pay(&quick.session, "4242424242424242").await;
            until("the card to be credited", async || town.stored(&quick).await.state.as_str() == "credited")
                .await;
            assert_eq!(town.count(HANGING).await, 1, "the capture has still no answer");
            town.outside.control("release", &json!({})).await;
            until("the slow one to be credited", async || {
                town.stored(&slow).await.state.as_str() == "credited"
            })
            .await;
            stop.send(true).expect("the workers listen");
            serving.await.expect("the workers end");
        });
    }

    pub fn numbers_that_are_never_answered_hold_up_no_other_number(engine: Engine) {
        in_town(engine, async |town| {
            plan(town, NETWORK_NUMBER, "slow").await;
            for n in 0..40 {
                let sold = town.api.sell(&format!("silent {n}"), NETWORK_NUMBER, TEN).await;
                assert_eq!(sold.status, 201, "{}", sold.text);
            }
            let (stop, told) = watch::channel(false);
            let serving = tokio::spawn(flows::work::serve(town.world.clone(), told));
            until("the silent number to be asked for", async || town.count(SENT).await > 0).await;
            let sold = town.api.sell("healthy", CHINESE_NETWORK_NUMBER, TEN).await;
            let id = sold.text_of("id");
            until("the other number to be credited", async || town.api.state(id).await == "credited").await;
            // What never left is not called sent.
            assert_eq!(town.count(SENT).await, 1);
            stop.send(true).expect("the workers listen");
            serving.await.expect("the workers end");
            plan(town, NETWORK_NUMBER, "credit").await;
            for _ in 0..60 {
                town.pass(MINUTE_MS).await;
            }
            assert_eq!(network_gave(town).await, 41);
            never_both(town).await;
        });
    }
}
