//! Money that the payer's bank or the provider takes back: people are told once, and until somebody has seen to it nothing
//! of the same money is returned, by anybody. The simulator sends the events as the providers do, signed.

use crate::late_money::another_page;
use crate::reversals::take_back;
use crate::support::buyer::{Order, attribute, text};
use crate::support::desk::Desk;
use crate::support::network::{network_settles, paid, plan};
use crate::support::outside::Session;
use crate::support::registry::{NETWORK_NUMBER, NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::refusal::Refusal;
use domain::time::MINUTE_MS;
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    fault_45_a_stripe_dispute_is_reported_once_and_holds_every_refund_until_it_is_seen_to
    fault_45_a_paypal_dispute_and_a_reversed_capture_hold_every_refund
    fault_45_disputed_money_that_the_network_refuses_waits_for_people
    fault_45_a_disputed_second_payment_does_not_go_back_by_itself
}

const PAYS: &str = "4242424242424242";
const TAKES_ITS_TIME: &str = "4000009900000103";
const REPORTS: &str = "select count(*) from outbox where topic = 'poll_attempt' and state = 'dead'";
const REFUNDS: &str = "select count(*) from refund";
const WORDS: &str = "the payer disputes the payment at the provider";

/// The payer's bank disputes what was paid on a page; Stripe tells so more than once.
async fn disputed(town: &Town, page: &Session) {
    let session = town.outside.session(page).await;
    let intent = session["payment_intent"].as_str().expect("an id");
    town.outside.control(&format!("payment-intents/{intent}/dispute"), &json!({})).await;
    town.clock.set_right();
    let event = town.outside.event("charge.dispute.created").await;
    assert_eq!(town.outside.deliver(&event, 3, "true").await, [200; 3]);
    town.work().await;
    assert_eq!(town.count(REPORTS).await, 1, "people are told once");
}

/// Somebody writes down that they have seen to the only report.
async fn seen_to(desk: &Desk) {
    assert_eq!(sees_to(desk).await, "seen_to");
}

async fn sees_to(desk: &Desk) -> String {
    let page = desk.page("/office/stuck").await;
    let key = attribute(&page, "[data-testid=stuck] tbody tr[data-cause=report]", "data-key");
    let key = key.expect("a report");
    let form = [("what", "see_to"), ("item", key.as_str()), ("note", "the bank was asked")];
    let page = desk.post("/office/stuck/do", &form).await.text;
    attribute(&page, "[data-testid=mended]", "data-mended").expect("a result")
}

async fn nobody_may_ask(desk: &Desk, order: &Order) {
    let asked = desk.asks_refund(&order.code, "goodwill").await;
    assert_eq!(asked, Err("refund_disputed".into()));
}

mod checks {
    use super::*;

    pub fn fault_45_a_stripe_dispute_is_reported_once_and_holds_every_refund_until_it_is_seen_to(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let (ana, ben) = (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await);
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked before");
            disputed(town, &order.session).await;
            assert_eq!(order.shown().await, "credited", "a dispute changes no state");
            let page = ben.page(&format!("/office/orders/{}", order.code)).await;
            assert!(text(&page, "[data-testid=work]").contains(WORDS), "the order page says it");
            let approved = ben.decides(&request, "approve", "agreed").await;
            assert_eq!(approved, Err("refund_disputed".into()));
            assert_eq!(take_back(town, &order).await, Err(Refusal::OrderClosed));
            ana.decides(&request, "withdraw", "the bank has it").await.expect("withdrawn");
            nobody_may_ask(&ana, &order).await;
            let form = ana.page(&format!("/office/refunds/ask?code={}", order.code)).await;
            assert!(form.contains("taken back"), "the form says why: {form}");
            assert_eq!((town.count(REFUNDS).await, town.api.balance(NUMBER).await), (0, 1_000));
            seen_to(&ben).await;
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked");
            ben.decides(&request, "approve", "the dispute was won").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            assert_eq!(town.outside.refunds().await.len(), 1);
            let (id, context) = (town.stored(&order).await.id, town.world.step());
            let again = town.world.db.write(move |tx| {
                let payment = store::payment::find_by_top_up(tx, &id)?.expect("a payment");
                let paid_by = payment.captured_by.expect("paid");
                for _ in 0..2 {
                    store::report::disputed(tx, &paid_by, context.ids.as_ref(), context.now)?;
                }
                store::report::is_disputed(tx, &paid_by)
            });
            assert!(again.await.expect("told"), "a second dispute is told as well");
            assert_eq!(town.count(REPORTS).await, 2, "and once");
        });
    }

    pub fn fault_45_a_paypal_dispute_and_a_reversed_capture_hold_every_refund(engine: Engine) {
        for (what, kind) in [("dispute", "CUSTOMER.DISPUTE.CREATED"), ("reverse", "PAYMENT.CAPTURE.REVERSED")]
        {
            in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
                let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
                town.outside.approve(&order.session, "pays").await;
                assert_eq!(town.look(&order).await, "credited");
                let capture = town.outside.captures().await[0]["id"].as_str().expect("an id").to_owned();
                town.outside.control(&format!("paypal/captures/{capture}/{what}"), &json!({})).await;
                town.clock.set_right();
                let events = town.outside.paypal_events(kind).await;
                let event = events[0]["id"].as_str().expect("an id");
                assert_eq!(town.outside.deliver(event, 2, "true").await, [200; 2]);
                town.work().await;
                assert_eq!(town.count(REPORTS).await, 1, "{kind}");
                let ana = Desk::supervisor(town, "ana").await;
                nobody_may_ask(&ana, &order).await;
                assert_eq!((town.count(REFUNDS).await, town.api.balance(NUMBER).await), (0, 1_000));
                let clerk = Desk::clerk(town, "cyd").await;
                assert_eq!(sees_to(&clerk).await, "for_supervisors");
                nobody_may_ask(&clerk, &order).await;
                seen_to(&ana).await;
                let asked =
                    clerk.asks_refund(&order.code, "goodwill").await.expect("asked, after it was seen to");
                // Whoever decides knows what was reported, who has seen to it and what they wrote.
                let told = text(
                    &Desk::supervisor(town, "ben").await.page(&asked).await,
                    "[data-testid=refund-reports]",
                );
                assert!(told.contains("Seen to by ana") && told.contains("the bank was asked"), "{told}");
            });
        }
    }

    pub fn fault_45_disputed_money_that_the_network_refuses_waits_for_people(engine: Engine) {
        in_town(engine, async |town| {
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let (order, shown) = paid(town, NETWORK_NUMBER).await;
            assert_eq!(shown, "pending_network");
            disputed(town, &order.session).await;
            network_settles(town, "refused").await;
            town.pass(MINUTE_MS).await;
            assert_eq!((order.shown().await.as_str(), town.count(REFUNDS).await), ("review", 0));
            let (ana, ben) = (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await);
            nobody_may_ask(&ana, &order).await;
            seen_to(&ben).await;
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked");
            ben.decides(&request, "approve", "the dispute was won").await.expect("approved");
            town.work().await;
            assert_eq!((order.shown().await.as_str(), town.outside.refunds().await.len()), ("refunded", 1));
        });
    }

    pub fn fault_45_a_disputed_second_payment_does_not_go_back_by_itself(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = another_page(town, &order).await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            // The second payment takes its time, and its dispute is how we hear that it came.
            town.outside.pay(&second, TAKES_ITS_TIME).await;
            town.clock.set_right();
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            town.outside.settle(&second, "succeeded").await;
            disputed(town, &second).await;
            assert_eq!((order.shown().await.as_str(), town.count(REFUNDS).await), ("credited", 0));
            seen_to(&Desk::supervisor(town, "cyd").await).await;
            let (ana, ben) = (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await);
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked");
            ben.decides(&request, "approve", "the dispute was won").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "credited", "the order goes its own way");
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }
}
