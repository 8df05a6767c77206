//! A foreign system that hangs holds up nobody but those who wait for it.

use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, in_town_with};
use crate::support::wait::until;
use serde_json::json;
use std::time::Duration;
use testkit::{Engine, on_both_engines};
use tokio::sync::watch;

on_both_engines! {
    a_capture_that_hangs_holds_up_no_other_payment
}

/// Calls that were begun and have no answer.
const HANGING: &str = "select count(*) from outbox where topic = 'operation' and state = 'open' \
     and attempts = 1 and last_error is null";

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
}
