//! A provider that answers 500 and remembers that answer under the key of the call: nothing is asked for under another
//! key, and what happened all the same is found by our own id in it.

use crate::support::buyer::{Buyer, attribute, passed};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::in_town;
use domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    fault_23_a_500_that_was_rolled_forward_is_found_by_its_webhook_and_credited_once
    fault_24_a_500_under_the_key_is_asked_again_under_the_same_key_and_lapses_without_money
    an_order_whose_page_was_never_answered_is_called_off_and_late_money_goes_back_once
    fault_24_a_refund_whose_500_stays_under_its_key_is_never_sent_under_another_one
}

const PAYS: &str = "4242424242424242";

/// Presses the button while the provider fails; says the order's code.
async fn pressed(buyer: &Buyer) -> String {
    let form = buyer.review(NUMBER, TEN).await;
    passed(&buyer.press(&form, "").await)
}

async fn shown(buyer: &Buyer, code: &str) -> Option<String> {
    attribute(&buyer.get(&format!("/o/{code}")).await.text, "[data-testid=state]", "data-state")
}

const CALLS: &str = "select count(*) from operation where kind = 'create_page'";

mod checks {
    use super::*;

    pub fn an_order_whose_page_was_never_answered_is_called_off_and_late_money_goes_back_once(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            // The provider made the page and never says so: it may be known to somebody all the same.
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_after", 100).await;
            let buyer = town.buyer();
            let code = pressed(&buyer).await;
            assert_eq!(shown(&buyer, &code).await.as_deref(), Some("awaiting_payment"));
            assert_eq!(buyer.post(&format!("/o/{code}/cancel"), &[]).await.status, 303);
            let page = buyer.get(&format!("/o/{code}")).await.text;
            let sentence = crate::support::buyer::text(&page, "[data-testid=money-sentence]");
            assert!(
                sentence.contains("should a charge still arrive, it is returned by itself"),
                "{sentence}"
            );
            town.outside.no_faults().await;
            town.pass(MINUTE_MS).await;
            assert_eq!(town.count("select count(*) from operation where state = 'prepared'").await, 0);
            let pages = town.outside.sessions().await;
            assert_eq!(pages.len(), 1, "nothing is asked for again: {pages:?}");
            let session = Session(pages[0]["id"].as_str().expect("an id").to_owned());
            town.outside.pay(&session, PAYS).await;
            let event = town.outside.event("checkout.session.completed").await;
            town.clock.set_right();
            assert_eq!(town.outside.deliver(&event, 3, "true").await, [200; 3]);
            town.work().await;
            assert_eq!(shown(&buyer, &code).await.as_deref(), Some("refunded"));
            assert_eq!(town.outside.refunds().await.len(), 1);
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn fault_23_a_500_that_was_rolled_forward_is_found_by_its_webhook_and_credited_once(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "error_500_after", 1).await;
            let buyer = town.buyer();
            let code = pressed(&buyer).await;
            town.pass(30 * SECOND_MS).await;
            let pages = town.outside.sessions().await;
            assert_eq!(pages.len(), 1, "{pages:?}");
            // Nobody was told of the page; somebody pays on it all the same, and only a webhook tells.
            let session = Session(pages[0]["id"].as_str().expect("an id").to_owned());
            town.outside.pay(&session, PAYS).await;
            assert_eq!(town.api.balance(NUMBER).await, 0);
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 3, "true").await, [200; 3]);
            town.work().await;
            assert_eq!(shown(&buyer, &code).await.as_deref(), Some("credited"));
            town.pass(HOUR_MS).await;
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!((town.outside.sessions().await.len(), town.count(CALLS).await), (1, 1));
            assert!(town.outside.refunds().await.is_empty());
        });
    }

    pub fn fault_24_a_500_under_the_key_is_asked_again_under_the_same_key_and_lapses_without_money(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "error_500", 1).await;
            let buyer = town.buyer();
            let code = pressed(&buyer).await;
            for _ in 0..4 {
                town.pass(MINUTE_MS).await;
            }
            assert!(town.outside.sessions().await.is_empty(), "the fault is over, and its answer stands");
            assert_eq!(town.count(CALLS).await, 1, "no other key");
            for _ in 0..4 {
                town.pass(10 * MINUTE_MS).await;
            }
            assert_eq!(shown(&buyer, &code).await.as_deref(), Some("cancelled"));
            assert_eq!((town.outside.sessions().await.len(), town.count(CALLS).await), (0, 1));
        });
    }

    pub fn fault_24_a_refund_whose_500_stays_under_its_key_is_never_sent_under_another_one(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.pay(&order.session, PAYS).await;
            // It happens, and the answer that stands under its key says 500.
            town.outside.fault("POST /v1/refunds", "error_500_after", 1).await;
            assert_eq!(town.look(&order).await, "refunding");
            for _ in 0..6 {
                town.pass(5 * HOUR_MS).await;
            }
            let refunds = town.outside.refunds().await;
            assert_eq!(refunds.len(), 1, "{refunds:?}");
            assert_eq!(town.look(&order).await, "refunded");
            let calls = "select count(*) from operation where kind = 'create_refund'";
            assert_eq!(town.count(calls).await, 1);
        });
    }
}
