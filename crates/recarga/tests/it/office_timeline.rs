//! The page of one order tells a stranger why a payment is late, and everything that happened, in the order of time.

use crate::support::buyer::{attribute, text};
use crate::support::office::signed_in;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::in_town;
use domain::staff::Role;
use domain::time::{MINUTE_MS, UnixMs};
use scraper::{Html, Selector};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_stranger_reads_why_a_paypal_payment_is_late
    a_page_that_nobody_paid_waits_for_its_buyer
    the_story_of_a_credited_order_has_every_part_in_the_order_of_time
}

fn all(html: &str, selector: &str, name: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).filter_map(|found| found.attr(name)).map(str::to_owned).collect()
}

mod checks {
    use super::*;

    pub fn a_stranger_reads_why_a_paypal_payment_is_late(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
            town.outside.approve(&order.session, "pays").await;
            let path = "POST /v2/checkout/orders/{id}/capture";
            town.outside.fault(path, "drop_connection_before", 1_000).await;
            town.look(&order).await;
            for _ in 0..3 {
                town.pass(MINUTE_MS).await;
            }
            assert_eq!(order.shown().await, "checking_payment");
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let page = ana.page(&format!("/office/orders/{}", order.code)).await;
            assert_eq!(attribute(&page, "[data-testid=waits]", "data-for").as_deref(), Some("call"));
            let said = text(&page, "[data-testid=waits]");
            for part in
                ["Waiting for PayPal’s answer to “take the money” since", "Tries so far:", "Next one at"]
            {
                assert!(said.contains(part), "{part} in {said}");
            }
            assert!(said.contains("The buyer was promised an answer by"), "{said}");
            let told = all(&page, "[data-testid=story] li", "data-says");
            assert!(told.iter().any(|says| says == "call_answered"), "{told:?}");
            town.outside.no_faults().await;
            town.pass(10 * MINUTE_MS).await;
            town.look(&order).await;
            ana.sign_in(town).await;
            let page = ana.page(&format!("/office/orders/{}", order.code)).await;
            assert_eq!(attribute(&page, "[data-testid=waits]", "data-for").as_deref(), Some("nothing"));
        });
    }

    pub fn a_page_that_nobody_paid_waits_for_its_buyer(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let page = ana.page(&format!("/office/orders/{}", order.code)).await;
            assert_eq!(attribute(&page, "[data-testid=waits]", "data-for").as_deref(), Some("payer"));
            assert!(text(&page, "[data-testid=waits]").contains("The payment page stays open until"));
        });
    }

    pub fn the_story_of_a_credited_order_has_every_part_in_the_order_of_time(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4242424242424242").await;
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(town.look(&order).await, "credited");
            town.outside.message(NUMBER).await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let own = format!("/office/orders/{}", order.code);
            ana.page(&own).await;
            let page = ana.page(&own).await;
            let kinds = all(&page, "[data-testid=story] li", "data-kind");
            for kind in ["order", "call", "news", "ledger", "message", "webhook", "staff"] {
                assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
            }
            let times = all(&page, "[data-testid=story] li time", "datetime");
            let times: Vec<_> =
                times.iter().map(|time| UnixMs::parse_rfc3339(time).expect("a time")).collect();
            let mut sorted = times.clone();
            sorted.sort();
            assert_eq!(times, sorted, "oldest first");
            let story = text(&page, "[data-testid=story]");
            for part in
                ["Money arrived", "Credit given", "undelivered → credit of the number: £10.00 (value)"]
            {
                assert!(story.contains(part), "{part} in {story}");
            }
            assert_eq!(attribute(&page, "[data-testid=waits]", "data-for").as_deref(), Some("nothing"));
        });
    }
}
