//! Lines whose balance the host network keeps: credited exactly when the network has the credit, refunded exactly when
//! it has not, whatever becomes of calls and answers. Each journey ends with the network's own books.

use crate::support::buyer::{Order, attribute, text};
use crate::support::clock::real_now;
use crate::support::desk::Desk;
use crate::support::network::*;
use crate::support::registry::{CHINESE_NETWORK_NUMBER, NETWORK_NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::id::WorkId;
use domain::refund_request::RefundSource;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use serde_json::json;
use store::outbox::{Topic, Work};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    what_the_network_gives_is_credited_once_and_told
    fault_49_what_the_network_refuses_goes_back_once
    every_refusal_is_told_in_its_own_words_in_both_languages
    what_is_in_progress_says_until_when_and_ends_as_the_network_says
    fault_49_a_credit_whose_answer_was_lost_is_found_and_not_given_twice
    a_request_that_never_arrived_is_sent_again_under_the_same_id
    an_answer_that_nobody_understands_is_asked_for_again
    fault_49_silence_until_the_deadline_goes_to_people_and_a_late_yes_still_credits
    silence_until_the_deadline_and_a_late_no_still_refunds
    fault_49_a_number_that_was_ported_before_the_request_left_is_refunded_and_never_asked_for
    what_never_arrived_is_given_up_after_the_deadline_and_never_sent_again
    a_network_that_has_after_all_what_was_given_up_is_reported_and_goes_to_people
    a_network_that_is_down_is_left_alone_and_credits_when_it_is_up
    the_same_request_run_twice_at_once_is_one_credit
    people_cannot_refund_what_the_network_may_still_give
    a_line_whose_network_is_not_connected_is_refused_before_anything_is_paid
}

/// The network is silent from the first call until after the deadline, and people have the order.
async fn silent_until_the_deadline(town: &Town) -> Order {
    network_fault(town, CREDITS, "drop_connection_after").await;
    network_fault(town, STATUS, "error_500").await;
    let (order, shown) = paid(town, NETWORK_NUMBER).await;
    assert_eq!(shown, "pending_network");
    let sentence = order.sentence().await;
    assert!(sentence.contains("if it fails you get it back; answer by"), "{sentence}");
    for _ in 0..4 {
        town.pass(4 * MINUTE_MS).await;
    }
    assert_eq!(town.look(&order).await, "review");
    let page = order.page().await.text;
    assert!(text(&page, "[data-testid=money-sentence]").contains("answer by"), "{page}");
    assert!(text(&page, "[data-testid=review-reason]").contains("network has not yet said"), "{page}");
    town.outside.no_faults().await;
    order
}

mod checks {
    use super::*;

    pub fn a_line_whose_network_is_not_connected_is_refused_before_anything_is_paid(engine: Engine) {
        in_town_with(engine, Plan { network: false, ..Plan::default() }, async |town| {
            for (language, words) in [("en-GB", "its network is not connected"), ("zh-CN", "网络尚未接通")]
            {
                let form = [("country", "GB"), ("msisdn", &*format!("+{NETWORK_NUMBER}"))];
                let page = town.buyer().reading(language).post("/top-up", &form).await;
                assert!(
                    page.text.contains("network_not_connected") && page.text.contains(words),
                    "{}",
                    page.text
                );
            }
            let code = "network_not_connected";
            let quote = json!({ "msisdn": NETWORK_NUMBER, "offer_id": TEN });
            town.api.post("/v1/quotes", None, &quote).await.is_problem(409, code);
            town.api.get(&format!("/v1/offers?msisdn={NETWORK_NUMBER}")).await.is_problem(409, code);
            let back = "https://shop.example/back";
            for (key, tender) in [
                ("float", json!({ "type": "float" })),
                ("page", json!({ "type": "hosted", "return_url": back })),
            ] {
                let wanted = json!({ "msisdn": NETWORK_NUMBER, "offer_id": TEN, "tender": tender });
                town.api.post("/v1/top-ups", Some(key), &wanted).await.is_problem(409, code);
            }
            assert_eq!(town.count("select count(*) from top_up").await, 0, "nothing was begun");
            assert_eq!(town.outside.sessions().await.len(), 0);
        });
    }

    pub fn what_the_network_gives_is_credited_once_and_told(engine: Engine) {
        in_town(engine, async |town| {
            let (order, shown) = paid(town, NETWORK_NUMBER).await;
            assert_eq!(shown, "credited");
            assert!(order.sentence().await.contains("£10.00 has arrived"));
            let message = town.outside.message(NETWORK_NUMBER).await;
            assert!(message["text"].as_str().unwrap().contains("£10.00"), "{message}");
            assert_eq!(town.api.balance(NETWORK_NUMBER).await, 1_000);
            assert_eq!(town.count("select count(*) from account where id like 'credit:%'").await, 0);
            stays_credited(town, &order).await;
        });
    }

    pub fn fault_49_what_the_network_refuses_goes_back_once(engine: Engine) {
        in_town(engine, async |town| {
            plan(town, NETWORK_NUMBER, "refuse_barred").await;
            let (order, _) = paid(town, NETWORK_NUMBER).await;
            stays_refunded(town, &order, "line_barred").await;
            let message = town.outside.message(NETWORK_NUMBER).await;
            assert!(message["text"].as_str().unwrap().contains("on its way back"), "{message}");
        });
    }

    pub fn every_refusal_is_told_in_its_own_words_in_both_languages(engine: Engine) {
        in_town(engine, async |town| {
            let closed = json!({
                "msisdn": NETWORK_NUMBER, "currency": "GBP", "credit_minor": 0, "status": "closed" });
            let full = json!({
                "msisdn": NETWORK_NUMBER, "currency": "GBP", "credit_minor": 99_999_999, "status": "active" });
            let foreign = json!({
                "msisdn": NETWORK_NUMBER, "currency": "EUR", "credit_minor": 0, "status": "active" });
            for (subscriber, words) in [
                (closed, "this number is no longer in use"),
                (full, "more credit than the network allows"),
                (foreign, "the network refused it"),
            ] {
                town.outside.control("network/subscribers", &subscriber).await;
                let (order, _) = paid(town, NETWORK_NUMBER).await;
                assert!(why(&order).await.contains(words), "{}", why(&order).await);
                town.pass(MINUTE_MS).await;
            }
            plan(town, CHINESE_NETWORK_NUMBER, "refuse_unknown").await;
            let order = town.buyer().reading("zh-CN").order(CHINESE_NETWORK_NUMBER, TEN).await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "refunded");
            assert!(why(&order).await.contains("运营商查无此号码"), "{}", why(&order).await);
            assert!(order.sentence().await.contains("已退款"));
            never_both(town).await;
        });
    }

    pub fn what_is_in_progress_says_until_when_and_ends_as_the_network_says(engine: Engine) {
        for outcome in ["done", "refused"] {
            in_town(engine, async |town| {
                plan(town, NETWORK_NUMBER, "stays_in_progress").await;
                let (order, shown) = paid(town, NETWORK_NUMBER).await;
                assert_eq!(shown, "pending_network");
                assert!(order.sentence().await.contains("the network is confirming"));
                town.pass(10 * SECOND_MS).await;
                assert_eq!(town.look(&order).await, "pending_network");
                network_settles(town, outcome).await;
                town.pass(MINUTE_MS).await;
                match outcome {
                    "done" => stays_credited(town, &order).await,
                    _ => stays_refunded(town, &order, "line_barred").await,
                }
            });
        }
    }

    pub fn fault_49_a_credit_whose_answer_was_lost_is_found_and_not_given_twice(engine: Engine) {
        for what in ["lost_after", "lost_and_shy"] {
            in_town(engine, async |town| {
                plan(town, NETWORK_NUMBER, what).await;
                let (order, shown) = paid(town, NETWORK_NUMBER).await;
                assert_eq!(shown, "pending_network", "{what}");
                assert_eq!(town.outside.refunds().await.len(), 0);
                town.pass(5 * SECOND_MS).await;
                stays_credited(town, &order).await;
            });
        }
    }

    pub fn a_request_that_never_arrived_is_sent_again_under_the_same_id(engine: Engine) {
        in_town(engine, async |town| {
            plan(town, NETWORK_NUMBER, "lost_before").await;
            let (order, shown) = paid(town, NETWORK_NUMBER).await;
            assert_eq!(shown, "pending_network");
            town.pass(5 * SECOND_MS).await;
            stays_credited(town, &order).await;
            assert_eq!(town.count("select sends from network_credit").await, 2);
        });
    }

    pub fn an_answer_that_nobody_understands_is_asked_for_again(engine: Engine) {
        for what in ["unknown_status", "wrong_amount", "error_500_after", "status_429"] {
            in_town(engine, async |town| {
                town.outside.fault(CREDITS, what, 1).await;
                let (order, shown) = paid(town, NETWORK_NUMBER).await;
                assert_eq!(shown, "pending_network", "{what}");
                town.pass(5 * SECOND_MS).await;
                stays_credited(town, &order).await;
            });
        }
    }

    pub fn fault_49_silence_until_the_deadline_goes_to_people_and_a_late_yes_still_credits(engine: Engine) {
        in_town(engine, async |town| {
            let order = silent_until_the_deadline(town).await;
            town.pass(HOUR_MS).await;
            stays_credited(town, &order).await;
        });
    }

    pub fn silence_until_the_deadline_and_a_late_no_still_refunds(engine: Engine) {
        in_town(engine, async |town| {
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let (order, _) = paid(town, NETWORK_NUMBER).await;
            for _ in 0..4 {
                town.pass(4 * MINUTE_MS).await;
            }
            assert_eq!(town.look(&order).await, "review");
            assert_eq!(town.outside.refunds().await.len(), 0, "time alone refunds nothing");
            network_settles(town, "refused").await;
            town.pass(HOUR_MS).await;
            stays_refunded(town, &order, "line_barred").await;
        });
    }

    pub fn fault_49_a_number_that_was_ported_before_the_request_left_is_refunded_and_never_asked_for(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            let order = town.buyer().order(NETWORK_NUMBER, TEN).await;
            town.outside.pay(&order.session, PAYS).await;
            town.clock.pass(2_100);
            // The capture is written down; nobody has done the work yet.
            order.comes_back().await;
            assert_eq!(order.shown().await, "paid");
            town.import_lines(&format!("msisdn,status\n+{NETWORK_NUMBER},ported_out\n")).await;
            town.work().await;
            stays_refunded(town, &order, "line_ported_out").await;
            assert_eq!(town.count("select sends from network_credit").await, 0);
        });
    }

    pub fn what_never_arrived_is_given_up_after_the_deadline_and_never_sent_again(engine: Engine) {
        in_town(engine, async |town| {
            network_fault(town, CREDITS, "drop_connection_before").await;
            let (order, shown) = paid(town, NETWORK_NUMBER).await;
            assert_eq!(shown, "pending_network");
            for _ in 0..4 {
                town.pass(4 * MINUTE_MS).await;
            }
            assert_eq!(town.look(&order).await, "review");
            assert_eq!(town.outside.refunds().await.len(), 0, "not found proves nothing yet");
            // The promise: ten minutes after the last call, what is not found never arrived.
            for _ in 0..3 {
                town.pass(10 * MINUTE_MS).await;
            }
            town.outside.no_faults().await;
            stays_refunded(town, &order, "network_abandoned").await;
            let sends = town.count("select sends from network_credit").await;
            for pause in [HOUR_MS, DAY_MS, DAY_MS] {
                town.pass(pause).await;
            }
            assert_eq!(town.count("select sends from network_credit").await, sends);
            stays_refunded(town, &order, "network_abandoned").await;
        });
    }

    pub fn a_network_that_has_after_all_what_was_given_up_is_reported_and_goes_to_people(engine: Engine) {
        in_town(engine, async |town| {
            // It credits, loses the answer, and breaks its promise: the status does not find it for an hour.
            plan(town, NETWORK_NUMBER, "lost_and_unseen").await;
            let (order, _) = paid(town, NETWORK_NUMBER).await;
            network_fault(town, CREDITS, "drop_connection_before").await;
            for _ in 0..7 {
                town.pass(5 * MINUTE_MS).await;
            }
            assert_eq!(town.look(&order).await, "refunded");
            town.pass(40 * MINUTE_MS).await;
            let later = real_now().plus_ms(2 * HOUR_MS).rfc3339();
            town.outside.control("clock", &json!({ "now": later })).await;
            town.pass(DAY_MS).await;
            assert_eq!(town.look(&order).await, "review");
            assert_eq!(
                town.count("select count(*) from network_credit where state = 'contradicted'").await,
                1
            );
            let reports = "select count(*) from outbox where state = 'dead' and topic = 'network_credit'";
            assert_eq!(town.count(reports).await, 1);
            assert_eq!(town.outside.refunds().await.len(), 1);
            // The report leads to its order.
            let stuck = Desk::supervisor(town, "ana").await.page("/office/stuck").await;
            let link = attribute(&stuck, "tr[data-cause=report] a", "href");
            assert_eq!(link, Some(format!("/office/orders/{}", order.code)));
        });
    }

    pub fn a_network_that_is_down_is_left_alone_and_credits_when_it_is_up(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.control("network/down", &json!({ "for_ms": 3_600_000 })).await;
            let (order, shown) = paid(town, NETWORK_NUMBER).await;
            assert_eq!(shown, "pending_network");
            for _ in 0..4 {
                town.pass(3 * SECOND_MS).await;
            }
            let status = town.buyer().get("/status").await.text;
            let health = attribute(&status, "[data-service=network]", "data-health");
            assert_eq!(health.as_deref(), Some("disturbed"));
            assert_eq!(town.look(&order).await, "pending_network");
            town.outside.control("network/down", &json!({ "for_ms": 0 })).await;
            town.pass(MINUTE_MS).await;
            stays_credited(town, &order).await;
        });
    }

    pub fn the_same_request_run_twice_at_once_is_one_credit(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order(NETWORK_NUMBER, TEN).await;
            town.outside.pay(&order.session, PAYS).await;
            town.clock.pass(2_100);
            order.comes_back().await;
            let work = Work {
                id: WorkId::stored("work_none"),
                topic: Topic::NetworkCredit,
                subject: the_request(town).await,
                detail: None,
                attempts: 1,
                faults: 0,
                epoch: 0,
            };
            let run = || flows::work::run_now(&town.world, &work);
            tokio::join!(run(), run(), run(), run());
            town.work().await;
            stays_credited(town, &order).await;
        });
    }

    pub fn people_cannot_refund_what_the_network_may_still_give(engine: Engine) {
        in_town(engine, async |town| {
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let (order, _) = paid(town, NETWORK_NUMBER).await;
            for _ in 0..4 {
                town.pass(4 * MINUTE_MS).await;
            }
            let top_up = town.stored(&order).await;
            let sources = town.read(move |tx| flows::care::money::sources(tx, &top_up)).await;
            let kinds: Vec<_> = sources.iter().map(|source| source.kind).collect();
            assert_eq!(kinds, [RefundSource::Undecided]);
            let ana = Desk::supervisor(town, "ana").await;
            let asked = ana.asks_refund(&order.code, "not_delivered").await;
            assert_eq!(asked, Err("refund_network_undecided".into()));
            network_settles(town, "done").await;
            town.pass(HOUR_MS).await;
            stays_credited(town, &order).await;
        });
    }
}
