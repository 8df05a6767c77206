//! The page of one order tells a stranger why a payment is late, and everything that happened, in the order of time.

use crate::support::buyer::{attribute, redirected, text};
use crate::support::desk::Desk;
use crate::support::network::{CREDITS, STATUS, network_fault, paid};
use crate::support::office::signed_in;
use crate::support::registry::{NETWORK_NUMBER, NUMBER, TEN};
use crate::support::town::in_town;
use domain::staff::Role;
use domain::time::{MINUTE_MS, UnixMs};
use scraper::{Html, Selector};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_stranger_reads_why_a_paypal_payment_is_late
    a_page_that_nobody_paid_waits_for_its_buyer
    the_story_of_a_credited_order_has_every_part_in_the_order_of_time
    every_try_of_a_call_and_every_state_of_a_refund_stands_in_the_story
    every_question_to_the_host_network_stands_in_the_story
    what_people_asked_and_decided_stands_in_the_story
    traces_are_never_changed
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

    pub fn every_try_of_a_call_and_every_state_of_a_refund_stands_in_the_story(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
            town.outside.approve(&order.session, "pays").await;
            let path = "POST /v2/checkout/orders/{id}/capture";
            town.outside.fault(path, "drop_connection_before", 1_000).await;
            town.look(&order).await;
            for _ in 0..3 {
                town.pass(MINUTE_MS).await;
            }
            let ana = Desk::clerk(town, "ana").await;
            let own = format!("/office/orders/{}", order.code);
            let told = all(&ana.page(&own).await, "[data-testid=story] li", "data-says");
            let count = |what: &str| told.iter().filter(|says| *says == what).count();
            assert!(count("call_again") >= 2, "{told:?}");
            assert!(count("call_unanswered") > count("call_again") - 1, "{told:?}");
            let page = ana.page(&own).await;
            assert_eq!(attribute(&page, "[data-testid=order-mend] button", "value").as_deref(), Some("ask"));
            let key = attribute(&page, "[data-testid=order-mend] input[name=item]", "value").expect("a key");
            let form = [("what", "ask"), ("item", key.as_str())];
            let preview = ana.post("/office/stuck/preview", &form).await;
            assert!(
                preview.text.contains(&format!("data-key=\"{key}\"")),
                "before it is late: {}",
                preview.text
            );
            town.outside.no_faults().await;
            let form = [("what", "ask"), ("item", key.as_str()), ("note", "a customer called")];
            assert_eq!(ana.post("/office/stuck/do", &form).await.status, 200);
            town.pass(10 * MINUTE_MS).await;
            assert_eq!(town.look(&order).await, "credited");
            let told = all(&ana.page(&own).await, "[data-testid=story] li", "data-says");
            assert!(told.iter().any(|says| says == "call_answered"), "{told:?}");
        });
    }

    pub fn every_question_to_the_host_network_stands_in_the_story(engine: Engine) {
        in_town(engine, async |town| {
            network_fault(town, CREDITS, "drop_connection_after").await;
            network_fault(town, STATUS, "error_500").await;
            let (order, shown) = paid(town, NETWORK_NUMBER).await;
            assert_eq!(shown, "pending_network");
            for _ in 0..3 {
                town.pass(4 * MINUTE_MS).await;
            }
            let ana = Desk::clerk(town, "ana").await;
            let own = format!("/office/orders/{}", order.code);
            let page = ana.page(&own).await;
            assert_eq!(attribute(&page, "[data-testid=waits]", "data-for").as_deref(), Some("network"));
            let told = all(&page, "[data-testid=story] li", "data-says");
            assert!(told.iter().any(|says| says == "network_sent"), "{told:?}");
            let more = |says: &&String| ["network_heard", "network_again"].contains(&says.as_str());
            assert!(told.iter().filter(more).count() >= 2, "{told:?}");
            town.outside.no_faults().await;
            for _ in 0..3 {
                town.pass(4 * MINUTE_MS).await;
            }
            assert_eq!(town.look(&order).await, "credited");
            let story = text(&ana.page(&own).await, "[data-testid=story]");
            assert!(story.contains("The host network: given"), "{story}");
            let id = town.stored(&order).await.id;
            let request = town.read(move |tx| store::network_credit::find_by_top_up(tx, &id)).await;
            let request = request.expect("a request").operation;
            let found = ana.post("/office/search", &[("q", request.as_str())]).await;
            assert_eq!(redirected(&found), own, "the network's request id leads to the order");
        });
    }

    pub fn what_people_asked_and_decided_stands_in_the_story(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4000009900000129").await;
            assert_eq!(town.look(&order).await, "credited");
            let (ana, sol) = (Desk::clerk(town, "ana").await, Desk::supervisor(town, "sol").await);
            let request = ana.asks_refund(&order.code, "wrong_number").await.expect("asked");
            sol.decides(&request, "approve", "").await.expect("approved");
            for _ in 0..2 {
                town.pass(MINUTE_MS).await;
            }
            let refunds = town.outside.refunds().await;
            let pending = refunds[0]["id"].as_str().expect("an id");
            town.outside.settle_refund(pending, "failed").await;
            for _ in 0..12 {
                town.pass(10 * MINUTE_MS).await;
            }
            // Hours later, so somebody else reads it.
            let eva = Desk::clerk(town, "eva").await;
            let page = eva.page(&format!("/office/orders/{}", order.code)).await;
            let told = all(&page, "[data-testid=story] li", "data-says");
            let asked = told.iter().position(|says| says == "request_asked").expect("asked");
            let approved = told.iter().position(|says| says == "request_approved").expect("approved");
            assert!(asked < approved, "{told:?}");
            let states = told.iter().filter(|says| *says == "refund_is").count();
            assert_eq!(states, 2, "it was pending, then it failed: {told:?}");
            let story = text(&page, "[data-testid=story]");
            for part in ["ana asked for a refund of £10.00", "sol approved the refund", "it did not go back"]
            {
                assert!(story.contains(part), "{part} in {story}");
            }
        });
    }

    pub fn traces_are_never_changed(engine: Engine) {
        in_town(engine, async |town| {
            let at = town.world.now();
            let written =
                town.world.db.write(move |tx| store::trace::append(tx, "op_x", "sent", None, at)).await;
            written.expect("written");
            for sql in ["update trace set what = 'x'", "delete from trace"] {
                assert!(town.world.db.write(move |tx| tx.execute(sql, &[])).await.is_err(), "{sql}");
            }
        });
    }
}
