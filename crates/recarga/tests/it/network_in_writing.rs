//! A host network that does not say what became of a credit: its word in writing ends the waiting, for two people who
//! give the money back or for a supervisor who books the credit, and whatever its machine says later is not overlooked.

use crate::support::buyer::{Order, attribute, text};
use crate::support::clock::real_now;
use crate::support::desk::Desk;
use crate::support::network::*;
use crate::support::registry::{NETWORK_NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::top_up::TopUpState;
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    what_the_network_denies_in_writing_goes_back_by_two_people
    money_is_freed_after_a_month_of_silence_too
    a_network_that_says_done_after_it_denied_is_reported
    an_answer_between_the_request_and_its_approval_stops_the_refund
    what_the_network_confirms_in_writing_is_booked_once_by_a_supervisor
    what_the_network_denies_of_a_sale_is_in_the_float_again
    a_credit_that_comes_after_a_refund_that_failed_is_simply_given
    a_credit_that_contradicted_its_order_is_booked_once_its_money_is_ours_again
}

/// The network has the request and decides nothing until after the deadline.
async fn in_progress_until_the_deadline(town: &Town) -> Order {
    plan(town, NETWORK_NUMBER, "stays_in_progress").await;
    let (order, _) = paid(town, NETWORK_NUMBER).await;
    for _ in 0..4 {
        town.pass(4 * MINUTE_MS).await;
    }
    assert_eq!(town.look(&order).await, "review");
    order
}

/// A card to which no refund can be paid: the provider says so after it had said that it was done.
const REFUND_FAILS: &str = "4000000000005126";

/// The network is silent, and denies in writing what such a card has paid for.
async fn denied_to_a_card_without_refunds(town: &Town) -> Order {
    plan(town, NETWORK_NUMBER, "stays_in_progress").await;
    let order = town.buyer().order(NETWORK_NUMBER, TEN).await;
    town.outside.pay(&order.session, REFUND_FAILS).await;
    assert_eq!(town.look(&order).await, "pending_network");
    for _ in 0..4 {
        town.pass(4 * MINUTE_MS).await;
    }
    denied(town, &order).await;
    order
}

async fn refund_fails(town: &Town) {
    let refund = town.outside.refunds().await[0]["id"].as_str().expect("an id").to_owned();
    town.outside.settle_refund(&refund, "failed").await;
    town.clock.set_right();
    let event = town.outside.event("refund.failed").await;
    assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
    town.work().await;
}

async fn two(town: &Town) -> (Desk, Desk) {
    (Desk::clerk(town, "ana").await, Desk::supervisor(town, "ben").await)
}

async fn denied(town: &Town, order: &Order) {
    let (ana, ben) = two(town).await;
    let request = ana.asks_refund(&order.code, "network_denies").await.expect("asked");
    ben.decides(&request, "approve", "I have read their letter.").await.expect("approved");
    town.work().await;
}

async fn books(desk: &Desk, order: &Order) -> String {
    writes(desk, &order.code, "book_given").await
}

async fn writes(desk: &Desk, code: &str, what: &str) -> String {
    let page = desk.page(&format!("/office/orders/{code}")).await;
    let key = attribute(&page, "[data-testid=order-mend] input[name=item]", "value").expect("a key");
    let form = [("what", what), ("item", key.as_str()), ("note", "their reference is 4711")];
    let done = desk.post("/office/stuck/do", &form).await;
    assert_eq!(done.status, 200, "{}", done.text);
    attribute(&done.text, "[data-testid=mended]", "data-mended").expect("a result")
}

mod checks {
    use super::*;

    pub fn what_the_network_denies_in_writing_goes_back_by_two_people(engine: Engine) {
        in_town(engine, async |town| {
            let order = in_progress_until_the_deadline(town).await;
            let (ana, ben) = two(town).await;
            let other = ana.asks_refund(&order.code, "goodwill").await;
            assert_eq!(other, Err("refund_network_undecided".into()), "only the network's word frees it");
            let request = ana.asks_refund(&order.code, "network_denies").await.expect("asked");
            assert_eq!(town.look(&order).await, "review", "one person moves nothing");
            ben.decides(&request, "approve", "I have read their letter.").await.expect("approved");
            town.work().await;
            stays_refunded(town, &order, "network_refused").await;
            assert!(why(&order).await.contains("network refused"), "{}", why(&order).await);
        });
    }

    pub fn money_is_freed_after_a_month_of_silence_too(engine: Engine) {
        in_town(engine, async |town| {
            let order = in_progress_until_the_deadline(town).await;
            town.pass(32 * DAY_MS).await;
            let open = "select count(*) from outbox where state = 'open' and topic = 'network_credit'";
            assert_eq!(town.count(open).await, 0, "nobody asks any more");
            denied(town, &order).await;
            assert_eq!(town.stored(&order).await.state, TopUpState::Refunded);
            assert_eq!(town.count(open).await, 1, "and still it is looked at once more");
            town.pass(2 * DAY_MS).await;
            assert_eq!(town.stored(&order).await.state, TopUpState::Refunded);
            assert_eq!(town.count(open).await, 0);
            assert_eq!(town.outside.refunds().await.len(), 1);
            never_both(town).await;
        });
    }

    pub fn a_network_that_says_done_after_it_denied_is_reported(engine: Engine) {
        in_town(engine, async |town| {
            let order = in_progress_until_the_deadline(town).await;
            denied(town, &order).await;
            assert_eq!(town.look(&order).await, "refunded");
            network_settles(town, "done").await;
            let later = real_now().plus_ms(2 * HOUR_MS).rfc3339();
            town.outside.control("clock", &json!({ "now": later })).await;
            town.pass(DAY_MS).await;
            assert_eq!(town.look(&order).await, "review");
            let reports = "select count(*) from outbox where state = 'dead' and topic = 'network_credit'";
            assert_eq!(town.count(reports).await, 1);
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }

    pub fn an_answer_between_the_request_and_its_approval_stops_the_refund(engine: Engine) {
        in_town(engine, async |town| {
            let order = in_progress_until_the_deadline(town).await;
            let ana = Desk::clerk(town, "ana").await;
            let request = ana.asks_refund(&order.code, "network_denies").await.expect("asked");
            network_settles(town, "done").await;
            town.pass(HOUR_MS).await;
            let ben = Desk::supervisor(town, "ben").await;
            let late = ben.decides(&request, "approve", "yes").await;
            assert_eq!(late, Err("refund_changed".into()));
            stays_credited(town, &order).await;
        });
    }

    pub fn what_the_network_confirms_in_writing_is_booked_once_by_a_supervisor(engine: Engine) {
        in_town(engine, async |town| {
            // It gives the credit, loses the answer, and cannot be asked.
            network_fault(town, CREDITS, "drop_connection_after").await;
            network_fault(town, STATUS, "error_500").await;
            let (order, _) = paid(town, NETWORK_NUMBER).await;
            for _ in 0..4 {
                town.pass(4 * MINUTE_MS).await;
            }
            assert_eq!(town.look(&order).await, "review");
            let (ana, ben) = two(town).await;
            let page = ana.page(&format!("/office/orders/{}", order.code)).await;
            assert!(!page.contains("value=\"book_given\""), "a clerk is not shown what a clerk may not do");
            assert_eq!(books(&ana, &order).await, "for_supervisors");
            assert_eq!(books(&ben, &order).await, "booked");
            assert_eq!(order.shown().await, "credited");
            town.work().await;
            let audit = ben.page(&format!("/office/audit?order={}", order.code)).await;
            let newest = attribute(&audit, "[data-testid=audit] tbody tr", "data-action");
            assert_eq!(newest.as_deref(), Some("network_confirmed"));
            assert!(text(&audit, "[data-testid=audit] tbody tr").contains("4711"), "{audit}");
            let message = town.outside.message(NETWORK_NUMBER).await;
            assert!(message["text"].as_str().unwrap().contains("£10.00"), "{message}");
            town.outside.no_faults().await;
            town.pass(HOUR_MS).await;
            stays_credited(town, &order).await;
        });
    }

    pub fn what_the_network_denies_of_a_sale_is_in_the_float_again(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let sold = town.api.sell("k", NETWORK_NUMBER, TEN).await;
            for _ in 0..5 {
                town.pass(4 * MINUTE_MS).await;
            }
            let id = sold.text_of("id");
            assert_eq!(town.api.state(id).await, "review");
            assert_eq!(town.api.float("GBP").await, float - 1_000);
            let (ana, ben) = two(town).await;
            let code =
                town.read(|tx| tx.query_first("select code from top_up", &[], |row| row.text(0))).await;
            let code = code.expect("an order");
            let code = code.as_str();
            assert_eq!(writes(&ana, code, "book_denied").await, "for_supervisors");
            assert_eq!(writes(&ben, code, "book_denied").await, "back_in_float");
            for _ in 0..3 {
                town.pass(DAY_MS).await;
                assert_eq!(town.api.state(id).await, "refunded");
                assert_eq!(town.api.float("GBP").await, float, "once");
            }
            never_both(town).await;
        });
        in_town(engine, async |town| {
            let order = in_progress_until_the_deadline(town).await;
            let ben = Desk::supervisor(town, "ben").await;
            assert_eq!(
                writes(&ben, &order.code, "book_denied").await,
                "by_refund",
                "a payer's money needs two"
            );
            assert_eq!(town.look(&order).await, "review");
        });
    }

    pub fn a_credit_that_comes_after_a_refund_that_failed_is_simply_given(engine: Engine) {
        in_town(engine, async |town| {
            let order = denied_to_a_card_without_refunds(town).await;
            refund_fails(town).await;
            assert_eq!(order.shown().await, "review");
            network_settles(town, "done").await;
            town.pass(2 * HOUR_MS).await;
            assert_eq!(order.shown().await, "credited", "the money is ours and the line has its credit");
            assert_eq!((network_gave(town).await, owed(town).await), (1, 1_000));
            never_both(town).await;
        });
    }

    pub fn a_credit_that_contradicted_its_order_is_booked_once_its_money_is_ours_again(engine: Engine) {
        in_town(engine, async |town| {
            let order = denied_to_a_card_without_refunds(town).await;
            network_settles(town, "done").await;
            town.pass(2 * HOUR_MS).await;
            let ben = Desk::supervisor(town, "cyd").await;
            assert_eq!(order.shown().await, "review");
            assert_eq!(books(&ben, &order).await, "not_possible", "its money is on its way back");
            refund_fails(town).await;
            let asked = ben.asks_refund(&order.code, "not_delivered").await;
            assert_eq!(asked, Err("refund_network_gave".into()), "what was given is not paid back");
            assert_eq!(books(&ben, &order).await, "booked");
            assert_eq!(order.shown().await, "credited");
            assert_eq!((network_gave(town).await, owed(town).await), (1, 1_000));
            never_both(town).await;
        });
    }
}
