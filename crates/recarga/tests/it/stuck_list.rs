//! The stuck list: what nobody knows the end of, and what may be done about it. Nothing here is ever marked as paid.

use crate::support::buyer::{Order, attribute, text};
use crate::support::desk::Desk;
use crate::support::registry::NUMBER;
use crate::support::risk::{limit, switch};
use crate::support::town::{Town, in_town};
use domain::id::{MessageId, WorkId};
use domain::risk::{Limit, Switch};
use domain::stuck::{Mend, Mended};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use flows::care::mend;
use flows::care::stuck::Key;
use store::outbox::{self, Topic};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_order_without_an_answer_is_stuck_and_asking_finds_its_money
    asking_changes_nothing_while_the_provider_does_not_know
    work_that_was_given_up_is_opened_again_and_done_once
    a_message_that_was_given_up_is_handed_over_again
    a_report_is_seen_to_and_leaves_the_list
    a_refund_without_an_answer_is_asked_about
    nothing_is_done_before_the_preview_is_confirmed_with_a_reason
    money_that_contradicts_its_order_can_only_be_refunded_by_two
    an_order_that_was_kept_back_is_let_through_by_a_supervisor
    while_payments_are_off_the_portal_says_so_before_anybody_fills_anything_in
}

const PAYS: &str = "4242424242424242";
const TAKEN_AND_LOST: &str = "4000009900000012";
const OTHER_AMOUNT: &str = "4000009900000095";
const REFUND_PENDS: &str = "4000009900000129";

/// A paid order that went to people because nobody answered.
async fn unanswered(town: &Town) -> Order {
    let order = town.order().await;
    assert_eq!(town.outside.pay(&order.session, TAKEN_AND_LOST).await, "lost");
    town.outside.fault("GET /v1/checkout/sessions/{id}", "error_500", 100).await;
    assert_eq!(town.look(&order).await, "checking_payment");
    town.pass(16 * MINUTE_MS).await;
    assert_eq!(order.shown().await, "review");
    order
}

/// The keys of what the list shows, with its causes.
fn listed(page: &str) -> Vec<(String, String)> {
    let page = scraper::Html::parse_document(page);
    let rows = scraper::Selector::parse("[data-testid=stuck] tbody tr").expect("a selector");
    let word = |row: scraper::ElementRef<'_>, name| row.attr(name).unwrap_or("").to_owned();
    page.select(&rows).map(|row| (word(row, "data-cause"), word(row, "data-key"))).collect()
}

async fn the_only_one(desk: &Desk, cause: &str) -> String {
    let all = listed(&desk.page("/office/stuck").await);
    let keys: Vec<&String> = all.iter().filter(|(of, _)| of == cause).map(|(_, key)| key).collect();
    assert_eq!(keys.len(), 1, "{all:?}");
    keys[0].clone()
}

async fn does(desk: &Desk, what: &str, key: &str) -> String {
    let form = [("what", what), ("item", key), ("note", "a customer called")];
    let page = desk.post("/office/stuck/do", &form).await;
    assert_eq!(page.status, 200, "{}", page.text);
    attribute(&page.text, "[data-testid=mended]", "data-mended").expect("a result")
}

/// Gives up the open work of a topic, as the worker does after its last try.
async fn give_up(town: &Town, topic: Topic) -> WorkId {
    let now = town.world.now();
    let buried = town.world.db.write(move |tx| {
        let sql = "select subject from outbox where topic = ?1 and state = 'open'";
        let subject = tx.query_first(sql, &store::values![topic.as_str()], |row| row.text(0))?;
        let subject = subject.expect("open work");
        tx.execute(
            "update outbox set available_at = ?2, attempts = attempts + 1 where topic = ?1 and state = 'open'",
            &store::values![topic.as_str(), now],
        )?;
        let work = outbox::claim_now(tx, topic, &subject, now)?.expect("claimed");
        outbox::bury(tx, &work, "given up by a test")?;
        Ok(work.id)
    });
    buried.await.expect("given up")
}

mod checks {
    use super::*;

    pub fn an_order_without_an_answer_is_stuck_and_asking_finds_its_money(engine: Engine) {
        in_town(engine, async |town| {
            let order = unanswered(town).await;
            let desk = Desk::clerk(town, "ana").await;
            let key = the_only_one(&desk, "payment_unanswered").await;
            town.outside.no_faults().await;
            town.clock.pass(3_000);
            // The card's own faults: some looks tell nothing.
            let mut results = Vec::new();
            while results.len() < 5 && results.last().map(String::as_str) != Some("moved") {
                results.push(does(&desk, "ask", &key).await);
            }
            assert_eq!(results.last().map(String::as_str), Some("moved"), "{results:?}");
            town.work().await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(does(&desk, "ask", &key).await, "not_stuck");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let audited =
                "select count(*) from audit where action = 'asked_provider' and reason = 'a customer called'";
            assert_eq!(town.count(audited).await, i64::try_from(results.len()).unwrap());
        });
    }

    pub fn asking_changes_nothing_while_the_provider_does_not_know(engine: Engine) {
        in_town(engine, async |town| {
            let order = unanswered(town).await;
            let desk = Desk::clerk(town, "ana").await;
            let key = the_only_one(&desk, "payment_unanswered").await;
            assert_eq!(does(&desk, "ask", &key).await, "unchanged");
            assert_eq!(order.shown().await, "review");
            for other in ["send_again", "resend", "see_to", "release"] {
                assert_eq!(does(&desk, other, &key).await, "not_possible", "{other}");
            }
            assert_eq!(town.api.balance(NUMBER).await, 0);
            town.outside.no_faults().await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "credited", "the worker goes on by itself");
        });
    }

    pub fn work_that_was_given_up_is_opened_again_and_done_once(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.pay(&order.session, PAYS).await;
            town.outside.fault("POST /v1/refunds", "drop_connection_after", 1).await;
            assert_eq!(town.look(&order).await, "refunding", "sent, and nobody answered");
            let work = give_up(town, Topic::Operation).await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "refunding", "nobody goes on by itself");
            let desk = Desk::clerk(town, "ana").await;
            let key = the_only_one(&desk, "work_given_up").await;
            assert_eq!(key, format!("work:{work}"));
            let (a, b) = (desk.colleague(), Desk::clerk(town, "ben").await.colleague());
            let key = Key::parse(&key).expect("a key");
            let (first, second) = tokio::join!(
                mend::mend(&town.world, &a, &key, Mend::SendAgain, "again"),
                mend::mend(&town.world, &b, &key, Mend::SendAgain, "again")
            );
            let results = [first.expect("done"), second.expect("done")];
            assert!(results.contains(&Mended::Sent), "{results:?}");
            town.work().await;
            assert_eq!(order.shown().await, "refunded");
            let made = town.outside.refunds().await;
            assert_eq!(made.len(), 1, "the same key: {made:?}");
            assert_eq!(town.count("select count(*) from outbox where state = 'dead'").await, 0);
            let again = mend::mend(&town.world, &a, &key, Mend::SendAgain, "again").await;
            assert_eq!(again.expect("done"), Mended::NotStuck);
        });
    }

    pub fn a_message_that_was_given_up_is_handed_over_again(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            town.clock.pass(3_000);
            order.comes_back().await;
            // The news becomes a message; nobody sends it yet.
            while flows::work::run_due(&town.world, outbox::Lane::ButMessages).await.expect("work") > 0 {}
            give_up(town, Topic::Message).await;
            let dead = town.world.db.write(|tx| {
                let sql = "select id from message where state = 'queued' limit 1";
                let id = tx.query_first(sql, &[], |row| row.text(0))?.expect("a message");
                tx.execute("update message set state = 'dead' where id = ?1", &store::values![&id])?;
                Ok(MessageId::stored(id))
            });
            dead.await.expect("dead");
            let desk = Desk::clerk(town, "ana").await;
            let key = the_only_one(&desk, "message_dead").await;
            assert_eq!(does(&desk, "resend", &key).await, "sent");
            let texts = town.outside.inbox(NUMBER).await;
            assert_eq!(texts.len(), 1, "{texts:?}");
            assert_eq!(does(&desk, "resend", &key).await, "not_stuck");
            town.work().await;
            assert_eq!(town.outside.inbox(NUMBER).await.len(), 1);
        });
    }

    pub fn a_report_is_seen_to_and_leaves_the_list(engine: Engine) {
        in_town(engine, async |town| {
            let reported = town.world.clone();
            let now = town.world.now();
            let ids = reported.ids.clone();
            let made = town.world.db.write(move |tx| {
                outbox::report(tx, Topic::PollAttempt, "att_nobody", "something odd", ids.as_ref(), now)
            });
            made.await.expect("reported");
            let desk = Desk::clerk(town, "ana").await;
            let key = the_only_one(&desk, "report").await;
            assert_eq!(does(&desk, "send_again", &key).await, "not_possible", "a report is no work");
            assert_eq!(does(&desk, "see_to", &key).await, "seen_to");
            assert!(listed(&desk.page("/office/stuck").await).is_empty());
            assert_eq!(town.count("select count(*) from outbox where state = 'dead'").await, 1, "it is kept");
            assert_eq!(town.count("select count(*) from seen_to").await, 1);
        });
    }

    pub fn a_refund_without_an_answer_is_asked_about(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.pay(&order.session, REFUND_PENDS).await;
            assert_eq!(town.look(&order).await, "refunding");
            town.clock.pass(DAY_MS + HOUR_MS);
            let desk = Desk::clerk(town, "ana").await;
            let key = the_only_one(&desk, "refund_unanswered").await;
            assert_eq!(does(&desk, "ask", &key).await, "unchanged");
            let made = town.outside.refunds().await;
            town.outside.settle_refund(made[0]["id"].as_str().expect("an id"), "succeeded").await;
            assert_eq!(does(&desk, "ask", &key).await, "moved");
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }

    pub fn nothing_is_done_before_the_preview_is_confirmed_with_a_reason(engine: Engine) {
        in_town(engine, async |town| {
            let order = unanswered(town).await;
            let now = town.world.now();
            let ids = town.world.ids.clone();
            let made = town.world.db.write(move |tx| {
                outbox::report(tx, Topic::PollAttempt, "att_nobody", "something odd", ids.as_ref(), now)
            });
            made.await.expect("reported");
            let desk = Desk::clerk(town, "ana").await;
            let stuck = the_only_one(&desk, "payment_unanswered").await;
            let report = the_only_one(&desk, "report").await;
            let chosen = [("item", stuck.as_str()), ("item", report.as_str()), ("what", "see_to")];
            let preview = desk.post("/office/stuck/preview", &chosen).await.text;
            assert!(text(&preview, "[data-testid=stuck-these]").contains("Report"), "{preview}");
            assert!(text(&preview, "[data-testid=stuck-left-out]").contains("has not answered"));
            assert_eq!(town.count("select count(*) from seen_to").await, 0);
            for form in [vec![("what", "see_to")], vec![("item", report.as_str())]] {
                assert_eq!(desk.post("/office/stuck/preview", &form).await.status, 422);
            }
            let silent = desk.post("/office/stuck/do", &chosen).await;
            assert_eq!(silent.status, 422, "without a reason nothing is done");
            assert_eq!(town.count("select count(*) from seen_to").await, 0);
            let form: Vec<_> = chosen.iter().copied().chain([("note", "known")]).collect();
            let done = desk.post("/office/stuck/do", &form).await.text;
            assert!(
                done.contains("data-mended=\"seen_to\"") && done.contains("data-mended=\"not_possible\"")
            );
            assert_eq!(town.buyer().post("/office/stuck/do", &form).await.status, 303, "staff only");
            assert_eq!(order.shown().await, "review");
            town.outside.no_faults().await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "credited");
        });
    }

    pub fn money_that_contradicts_its_order_can_only_be_refunded_by_two(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, OTHER_AMOUNT).await;
            assert_eq!(town.look(&order).await, "review");
            let (ana, ben) = (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await);
            let key = the_only_one(&ana, "other_amount").await;
            for what in ["send_again", "resend", "see_to", "release"] {
                assert_eq!(does(&ana, what, &key).await, "not_possible", "{what}");
            }
            assert!(
                ana.page("/office/stuck").await.contains(&format!("/office/refunds/ask?code={}", order.code))
            );
            let request = ana.asks_refund(&order.code, "other_amount").await.expect("asked");
            ben.decides(&request, "approve", "").await.expect("approved");
            town.work().await;
            assert_eq!(order.shown().await, "refunded");
            assert!(listed(&ana.page("/office/stuck").await).is_empty());
        });
    }

    pub fn an_order_that_was_kept_back_is_let_through_by_a_supervisor(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::GuestOrdersPerCard, 0).await;
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "review");
            let (clerk, ben) = (Desk::clerk(town, "ana").await, Desk::supervisor(town, "ben").await);
            let key = the_only_one(&clerk, "held").await;
            assert_eq!(does(&clerk, "release", &key).await, "for_supervisors");
            assert_eq!(order.shown().await, "review");
            assert_eq!(does(&ben, "release", &key).await, "released");
            assert_eq!(order.shown().await, "credited");
            assert_eq!(does(&ben, "release", &key).await, "not_stuck");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let audit = ben.page(&format!("/office/audit?order={}", order.code)).await;
            assert_eq!(
                attribute(&audit, "[data-testid=audit] tbody tr", "data-action").as_deref(),
                Some("released")
            );
            assert_eq!(text(&audit, "[data-testid=changed]"), "review → credited");
            let none = ben.page(&format!("/office/audit?order={}&action=sent_again", order.code)).await;
            assert!(none.contains("data-testid=\"no-audit\""), "it is an act of its own: {none}");
        });
    }

    pub fn while_payments_are_off_the_portal_says_so_before_anybody_fills_anything_in(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            assert!(!buyer.get("/").await.text.contains("payments-off"));
            switch(town, Switch::Payments, false).await;
            let start = buyer.get("/").await.text;
            assert!(text(&start, "[data-testid=payments-off]").contains("Nobody is charged"), "{start}");
            let chinese = buyer.clone().reading("zh-CN").get("/").await.text;
            assert!(text(&chinese, "[data-testid=payments-off]").contains("不会扣款"), "{chinese}");
            let status = buyer.get("/status").await.text;
            assert!(status.contains("data-health=\"paused\""), "{status}");
            switch(town, Switch::Payments, true).await;
            assert!(!buyer.get("/").await.text.contains("payments-off"));
        });
    }
}
