//! What is found out late, without a webhook: a page that is still open, money on a page that was closed, a page that
//! was never made, buckets that two processes end.

use crate::support::buyer::{Order, passed};
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::payment::{AttemptState, Evidence, Finding};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use flows::payment::{Source, apply};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_review_for_want_of_an_answer_ends_when_the_page_is_open_and_unpaid
    a_review_about_wrong_money_stays_although_another_page_is_open
    money_on_a_page_that_was_called_closed_is_found_without_a_webhook
    a_payment_that_fails_after_hours_closes_its_order_in_time
    a_page_that_could_not_be_made_is_settled_when_it_lapses
    buckets_that_several_processes_end_are_ended_once
}

const PAYS: &str = "4242424242424242";
const LOST_AND_NOTHING_TAKEN: &str = "4000009900000038";
const SETTLES_FAILED: &str = "4000009900000111";
const OTHER_AMOUNT: &str = "4000009900000095";

/// The provider says something about the order's page, in the test's own words.
async fn evidence(town: &Town, page: &str, finding: Finding) -> AttemptState {
    let page = page.to_owned();
    let attempt = town.read(move |tx| store::attempt::find_by_page(tx, &page)).await.expect("an attempt");
    let evidence = Evidence { finding, ..Evidence::unknown("") };
    let context = town.world.step();
    let applied = town
        .world
        .db
        .write(move |tx| apply::apply(tx, &context, "stripe", &attempt.id, &evidence, Source::Webhook));
    applied.await.expect("applied").state
}

/// The provider calls the order's page closed, and was wrong.
async fn called_closed(town: &Town, order: &Order, finding: Finding) {
    evidence(town, &order.session.0, finding).await;
    town.pass(MINUTE_MS).await;
    assert_eq!(order.shown().await, "cancelled");
}

mod checks {
    use super::*;

    pub fn a_review_for_want_of_an_answer_ends_when_the_page_is_open_and_unpaid(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            assert_eq!(town.outside.pay(&order.session, LOST_AND_NOTHING_TAKEN).await, "lost");
            town.outside.fault("GET /v1/checkout/sessions/{id}", "error_500", 100).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.pass(16 * MINUTE_MS).await;
            assert_eq!(order.shown().await, "review");
            town.outside.no_faults().await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "awaiting_payment", "nothing was taken, and the page is open");
            assert!(order.page().await.text.contains("continue-payment"));
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn a_review_about_wrong_money_stays_although_another_page_is_open(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = crate::late_money::another_page(town, &order).await;
            town.outside.pay(&order.session, OTHER_AMOUNT).await;
            assert_eq!(town.look(&order).await, "review");
            let unknown = Finding::Unknown { why: "a test".into() };
            assert_eq!(evidence(town, &second.0, unknown).await, AttemptState::Unknown);
            let open = Finding::ActionNeeded { url: None };
            assert_eq!(evidence(town, &second.0, open).await, AttemptState::RequiresAction);
            assert_eq!(order.shown().await, "review");
        });
    }

    pub fn money_on_a_page_that_was_called_closed_is_found_without_a_webhook(engine: Engine) {
        in_town(engine, async |town| {
            let soon = town.order().await;
            let later = town.order().await;
            called_closed(town, &soon, Finding::Expired).await;
            called_closed(town, &later, Finding::Cancelled).await;
            town.outside.pay(&soon.session, PAYS).await;
            town.pass(HOUR_MS).await;
            assert_eq!(soon.shown().await, "refunded", "found after an hour");
            assert_eq!(later.shown().await, "cancelled");
            town.outside.pay(&later.session, PAYS).await;
            town.pass(DAY_MS).await;
            assert_eq!(later.shown().await, "refunded", "found after a day");
            assert_eq!(town.outside.refunds().await.len(), 2);
            assert_eq!(town.count("select count(*) from inbox").await, 0);
            let looks = "select count(*) from outbox where topic = 'poll_attempt'";
            assert_eq!(town.count(looks).await, 0, "nobody looks for ever");
        });
    }

    pub fn a_payment_that_fails_after_hours_closes_its_order_in_time(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, SETTLES_FAILED).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            // The looks become rare: the next one is six hours away.
            for pause in [MINUTE_MS, MINUTE_MS, 3 * MINUTE_MS, 11 * MINUTE_MS, 61 * MINUTE_MS] {
                town.pass(pause).await;
            }
            assert_eq!(order.shown().await, "review");
            town.outside.settle(&order.session, "failed").await;
            let declined = Finding::Declined { code: "a test".into() };
            assert_eq!(evidence(town, &order.session.0, declined).await, AttemptState::Declined);
            assert_eq!(order.shown().await, "awaiting_payment", "the buyer may try again");
            town.pass(36 * MINUTE_MS).await;
            assert_eq!(order.shown().await, "cancelled", "and did not");
            town.pass(HOUR_MS).await;
            town.pass(DAY_MS).await;
            assert_eq!(town.count("select count(*) from outbox where topic = 'poll_attempt'").await, 0);
        });
    }

    pub fn a_page_that_could_not_be_made_is_settled_when_it_lapses(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_before", 100).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let code = passed(&buyer.press(&form, "").await);
            // Every step of the ladder before the end, and then the end.
            for pause in
                [6 * SECOND_MS, 31 * SECOND_MS, 2 * MINUTE_MS + SECOND_MS, 10 * MINUTE_MS + SECOND_MS]
            {
                town.pass(pause).await;
            }
            let state = async || buyer.get(&format!("/o/{code}")).await.text;
            assert!(state().await.contains("data-state=\"awaiting_payment\""));
            town.pass(23 * MINUTE_MS).await;
            assert!(state().await.contains("data-state=\"cancelled\""));
            assert!(town.outside.sessions().await.is_empty());
        });
    }

    pub fn buckets_that_several_processes_end_are_ended_once(engine: Engine) {
        in_town(engine, async |town| {
            assert_eq!(town.api.sell("bundle", NUMBER, "gb-traveller").await.status, 201);
            let buckets = town.count("select count(*) from bucket").await;
            assert!(buckets > 0);
            town.clock.pass(400 * DAY_MS);
            let now = town.world.now();
            let listed = town.read(move |tx| store::bucket::list_ended(tx, now, 100)).await;
            let sweep = || flows::sweep::sweep(&town.world);
            let (a, b, c, d) = tokio::join!(sweep(), sweep(), sweep(), sweep());
            for swept in [a, b, c, d] {
                swept.expect("swept");
            }
            // Another process listed them before they were closed: it leaves them alone.
            assert_eq!(i64::try_from(listed.len()).unwrap(), buckets);
            let closing = town.world.db.write(move |tx| {
                listed.iter().map(|ended| store::bucket::close(tx, &ended.bucket.id, now)).collect()
            });
            let closed: Vec<bool> = closing.await.expect("nothing is closed twice, and that is no fault");
            assert!(closed.iter().all(|closed| !closed), "{closed:?}");
            let ended = town.count("select count(*) from posting where key like '% expire'").await;
            assert_eq!(ended, buckets);
        });
    }
}
