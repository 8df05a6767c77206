//! Refunds by two people: one asks, another one decides, and whatever they do at once, the money goes back once.

use crate::support::buyer::{Order, attribute};
use crate::support::desk::Desk;
use crate::support::registry::NUMBER;
use crate::support::risk::{limit, switch};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::id::RefundRequestId;
use domain::risk::{Limit, Switch};
use flows::care::refunds::{self, Refused};
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    fault_44_whoever_asks_for_a_refund_cannot_approve_it
    fault_44_two_operators_who_approve_at_once_begin_one_refund
    fault_44_two_who_ask_at_once_leave_one_request
    money_that_contradicts_its_order_goes_back_whole_and_later_money_too
    a_delivered_order_is_taken_back_first_and_told_to_its_buyer
    a_buyer_who_spends_while_a_refund_is_asked_keeps_what_was_bought
    an_order_that_was_let_through_meanwhile_is_not_refunded_on_an_old_request
    a_refund_that_failed_can_be_asked_for_again_and_goes_back_once
    a_clerk_asks_within_limits_and_never_decides
    a_request_is_declined_or_taken_back_with_a_reason_and_moves_nothing
    while_refunds_are_switched_off_nobody_asks_or_approves
    an_order_without_captured_money_has_nothing_to_return
}

const PAYS: &str = "4242424242424242";
const OTHER_AMOUNT: &str = "4000009900000095";
const REFUND_FAILS: &str = "4000000000005126";

async fn paid(town: &Town, card: &str) -> (Order, String) {
    let order = town.order().await;
    town.outside.pay(&order.session, card).await;
    let state = town.look(&order).await;
    (order, state)
}

async fn two(town: &Town) -> (Desk, Desk) {
    (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await)
}

fn id_of(request: &str) -> RefundRequestId {
    RefundRequestId::parse(request.rsplit('/').next().expect("an id")).expect("an id")
}

async fn told(town: &Town, kind: &str) {
    town.clock.set_right();
    let event = town.outside.event(kind).await;
    assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
    town.work().await;
}

async fn state_of(desk: &Desk, request: &str) -> String {
    let page = desk.page(request).await;
    attribute(&page, "[data-testid=request-state]", "data-state").expect("a state")
}

mod checks {
    use super::*;

    pub fn fault_44_whoever_asks_for_a_refund_cannot_approve_it(engine: Engine) {
        in_town(engine, async |town| {
            let (order, state) = paid(town, OTHER_AMOUNT).await;
            assert_eq!(state, "review");
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "other_amount").await.expect("asked");
            assert!(!ana.page(&request).await.contains("data-testid=\"refund-decide\""));
            let own = ana.decides(&request, "approve", "").await;
            assert_eq!(own, Err("refund_same_person".into()));
            let own = ana.decides(&request, "decline", "no").await;
            assert_eq!(own, Err("refund_same_person".into()));
            town.work().await;
            assert_eq!(town.outside.refunds().await.len(), 0, "nothing moved");
            ben.decides(&request, "approve", "agreed").await.expect("approved");
            town.work().await;
            assert_eq!(town.outside.refunds().await.len(), 1);
            assert_eq!(state_of(&ben, &request).await, "done");
            let again = ben.decides(&request, "approve", "").await;
            assert_eq!(again, Err("refund_already_decided".into()));
            let audited = "select count(*) from audit where action in ('refund_asked', 'refund_approved')";
            assert_eq!(town.count(audited).await, 2);
        });
    }

    pub fn fault_44_two_operators_who_approve_at_once_begin_one_refund(engine: Engine) {
        in_town(engine, async |town| {
            let (order, _) = paid(town, OTHER_AMOUNT).await;
            let asker = Desk::clerk(town, "cyd").await;
            let (ana, ben) = two(town).await;
            let request = asker.asks_refund(&order.code, "other_amount").await.expect("asked");
            let id = id_of(&request);
            let (world, a, b) = (&town.world, ana.colleague(), ben.colleague());
            let (first, second) = tokio::join!(
                refunds::approve(world, &a, &id, "yes"),
                refunds::approve(world, &b, &id, "yes")
            );
            let answers = [first.expect("decided"), second.expect("decided")];
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
            let lost = answers.iter().find_map(|answer| answer.as_ref().err());
            assert_eq!(lost, Some(&Refused::AlreadyDecided));
            town.work().await;
            let made = town.outside.refunds().await;
            assert_eq!(made.len(), 1, "{made:?}");
            assert_eq!(made[0]["amount"], 900, "no more than was captured");
            assert_eq!(town.count("select count(*) from refund").await, 1);
        });
    }

    pub fn fault_44_two_who_ask_at_once_leave_one_request(engine: Engine) {
        in_town(engine, async |town| {
            let (order, _) = paid(town, OTHER_AMOUNT).await;
            let (ana, ben) = two(town).await;
            let (first, second) = tokio::join!(
                ana.asks_refund(&order.code, "other_amount"),
                ben.asks_refund(&order.code, "goodwill")
            );
            let asked = [&first, &second].into_iter().filter(|answer| answer.is_ok()).count();
            assert_eq!(asked, 1, "{first:?} {second:?}");
            assert_eq!(town.count("select count(*) from refund_request").await, 1);
        });
    }

    pub fn money_that_contradicts_its_order_goes_back_whole_and_later_money_too(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = crate::late_money::another_page(town, &order).await;
            town.outside.pay(&order.session, OTHER_AMOUNT).await;
            assert_eq!(town.look(&order).await, "review");
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "other_amount").await.expect("asked");
            ben.decides(&request, "approve", "").await.expect("approved");
            let suspense =
                "select credits_posted - debits_posted from account where id like 'suspense:%:GBP'";
            assert_eq!(town.count(suspense).await, 0, "it left suspense");
            town.work().await;
            assert_eq!(order.shown().await, "refunded");
            assert!(order.page().await.text.contains("goes back the way it came"), "the reason is told");
            // The right money comes after all: the order is over, and it goes back as well.
            town.outside.pay(&second, PAYS).await;
            town.clock.set_right();
            told(town, "checkout.session.completed").await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(town.outside.refunds().await.len(), 2);
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn a_delivered_order_is_taken_back_first_and_told_to_its_buyer(engine: Engine) {
        in_town(engine, async |town| {
            let (order, state) = paid(town, PAYS).await;
            assert_eq!(state, "credited");
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "wrong_number").await.expect("asked");
            assert_eq!(town.api.balance(NUMBER).await, 1_000, "asking moves nothing");
            ben.decides(&request, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            assert!(order.sentence().await.contains("taken back"), "{}", order.sentence().await);
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.outside.refunds().await.len(), 1);
            assert_eq!(state_of(&ben, &request).await, "done");
            let again = ana.asks_refund(&order.code, "goodwill").await;
            assert_eq!(again, Err("refund_nothing_to_return".into()), "it went back once");
        });
    }

    pub fn a_buyer_who_spends_while_a_refund_is_asked_keeps_what_was_bought(engine: Engine) {
        in_town(engine, async |town| {
            let (order, _) = paid(town, PAYS).await;
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "changed_mind").await.expect("asked");
            let at = town.world.now().rfc3339();
            let body = json!({ "id": "use-1", "unit": "GBP", "amount": 200, "at": at });
            let used = town.api.post(&format!("/v1/lines/{NUMBER}/usage"), Some("use-1"), &body).await;
            assert!(used.status < 300, "{}", used.text);
            let refused = ben.decides(&request, "approve", "").await;
            assert_eq!(refused, Err("refund_spent".into()));
            town.work().await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 800);
            assert_eq!(town.outside.refunds().await.len(), 0);
            assert_eq!(state_of(&ben, &request).await, "asked", "it still waits, to be declined");
        });
    }

    pub fn an_order_that_was_let_through_meanwhile_is_not_refunded_on_an_old_request(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerCard, 0).await;
            let (order, state) = paid(town, PAYS).await;
            assert_eq!(state, "review", "it waits for people");
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "not_delivered").await.expect("asked");
            let id = town.stored(&order).await.id;
            let through = flows::risk::release(&town.world, &id, Actor::Operator, "known").await;
            assert!(through.expect("decided").is_ok());
            assert_eq!(order.shown().await, "credited");
            let refused = ben.decides(&request, "approve", "").await;
            assert_eq!(refused, Err("refund_changed".into()));
            town.work().await;
            assert_eq!(town.outside.refunds().await.len(), 0);
            ben.decides(&request, "decline", "delivered by now").await.expect("declined");
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked anew");
            ben.decides(&request, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
        });
    }

    pub fn a_refund_that_failed_can_be_asked_for_again_and_goes_back_once(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerCard, 0).await;
            let (order, _) = paid(town, REFUND_FAILS).await;
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "not_delivered").await.expect("asked");
            ben.decides(&request, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "refunded");
            let first = town.outside.refunds().await[0]["id"].as_str().expect("an id").to_owned();
            town.outside.settle_refund(&first, "failed").await;
            told(town, "refund.failed").await;
            assert_eq!(order.shown().await, "review");
            assert_eq!(state_of(&ben, &request).await, "failed");
            let anew = ana.asks_refund(&order.code, "refund_failed").await.expect("asked again");
            ben.decides(&anew, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "refunded", "{}", order.sentence().await);
            assert_eq!(state_of(&ben, &anew).await, "done");
            assert_eq!(state_of(&ben, &request).await, "failed");
            assert_eq!(town.outside.refunds().await.len(), 2, "one came back, one stands");
        });
    }

    pub fn a_clerk_asks_within_limits_and_never_decides(engine: Engine) {
        in_town(engine, async |town| {
            let clerk = Desk::clerk(town, "cyd").await;
            let (ana, _) = two(town).await;
            let (order, _) = paid(town, PAYS).await;
            limit(town, Limit::ClerkRefund, 9).await;
            let refused = clerk.asks_refund(&order.code, "goodwill").await;
            assert_eq!(refused, Err("refund_over_limit".into()));
            limit(town, Limit::ClerkRefund, 10).await;
            limit(town, Limit::ClerkRefundsPerDay, 15).await;
            let request = clerk.asks_refund(&order.code, "goodwill").await.expect("asked");
            let (second, _) = paid(town, PAYS).await;
            let refused = clerk.asks_refund(&second.code, "goodwill").await;
            assert_eq!(refused, Err("refund_over_day".into()));
            let other = ana.asks_refund(&second.code, "goodwill").await.expect("a supervisor has no cap");
            let decided = clerk.post(&format!("{other}/approve"), &[("note", "")]).await;
            assert_eq!(decided.status, 403, "{}", decided.text);
            let by_flow = refunds::approve(&town.world, &clerk.colleague(), &id_of(&other), "").await;
            assert_eq!(by_flow.expect("decided").err(), Some(Refused::NotSupervisor));
            ana.decides(&request, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            assert_eq!(second.shown().await, "credited");
        });
    }

    pub fn a_request_is_declined_or_taken_back_with_a_reason_and_moves_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let (order, _) = paid(town, PAYS).await;
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked");
            let silent = ben.decides(&request, "decline", " ").await;
            assert_eq!(silent, Err("refund_note_missing".into()));
            let foreign = ben.decides(&request, "withdraw", "mine").await;
            assert_eq!(foreign, Err("refund_not_theirs".into()));
            ben.decides(&request, "decline", "it was used").await.expect("declined");
            assert!(ana.page(&request).await.contains("it was used"));
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked again");
            let open = ana.asks_refund(&order.code, "goodwill").await;
            assert_eq!(open, Err("refund_already_asked".into()));
            ana.decides(&request, "withdraw", "a mistake").await.expect("taken back");
            assert_eq!(state_of(&ana, &request).await, "withdrawn");
            let late = ben.decides(&request, "approve", "").await;
            assert_eq!(late, Err("refund_already_decided".into()));
            town.work().await;
            assert_eq!(town.count("select count(*) from refund").await, 0);
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn while_refunds_are_switched_off_nobody_asks_or_approves(engine: Engine) {
        in_town(engine, async |town| {
            let (order, _) = paid(town, PAYS).await;
            let (ana, ben) = two(town).await;
            let request = ana.asks_refund(&order.code, "goodwill").await.expect("asked");
            let page = ben.page("/office/limits").await;
            assert!(page.contains("switch.refunds_by_staff"), "{page}");
            let silent = ben.post("/office/limits/switch.refunds_by_staff", &[("value", "0")]).await;
            assert_eq!(silent.status, 422, "a change needs a reason");
            let form = [("value", "0"), ("note", "an inquiry")];
            assert_eq!(ben.post("/office/limits/switch.refunds_by_staff", &form).await.status, 303);
            let refused = ben.decides(&request, "approve", "").await;
            assert_eq!(refused, Err("refund_switched_off".into()));
            let clerk = Desk::clerk(town, "cyd").await;
            assert_eq!(clerk.post("/office/limits/switch.refunds_by_staff", &form).await.status, 403);
            switch(town, Switch::RefundsByStaff, true).await;
            ben.decides(&request, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "reversed");
            let audited =
                "select count(*) from audit where action = 'setting_changed' and reason = 'an inquiry'";
            assert_eq!(town.count(audited).await, 1);
        });
    }

    pub fn an_order_without_captured_money_has_nothing_to_return(engine: Engine) {
        in_town(engine, async |town| {
            let (ana, _) = two(town).await;
            let order = town.order().await;
            let refused = ana.asks_refund(&order.code, "goodwill").await;
            assert_eq!(refused, Err("refund_nothing_to_return".into()));
            let nothing = ana.get("/office/refunds/ask?code=rubbish").await;
            assert_eq!(nothing.status, 422);
        });
    }
}
