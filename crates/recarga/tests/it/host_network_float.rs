//! Lines whose balance the host network keeps, beside the portal: sales from a float, the balance itself, the register,
//! and processes that die while they ask.

use crate::support::api::hosted_sale;
use crate::support::house::{House, in_house};
use crate::support::network::*;
use crate::support::outside::Session;
use crate::support::registry::{NETWORK_NUMBER, TEN};
use crate::support::town::in_town;
use crate::support::wait::until;
use domain::id::OperationId;
use domain::network_credit::NetworkCreditState;
use domain::refund::RefundReason;
use domain::time::{HOUR_MS, MINUTE_MS};
use flows::top_up::network::{Word, apply_credit};
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_float_sale_is_paid_at_once_and_credited_by_the_network
    a_float_sale_that_is_refused_is_in_the_float_again_once
    a_float_sale_of_a_bundle_is_kept_by_the_network_alone
    a_line_that_was_barred_does_not_overrule_a_request_that_was_sent_meanwhile
    the_balance_is_the_networks_and_its_last_word_stands_while_it_is_silent
    who_keeps_a_balance_never_changes_for_a_line
    killed_before_the_request_left_it_is_sent_once
    killed_after_the_network_answered_it_is_credited_once
    killed_after_the_credit_was_written_down_nothing_is_done_again
}

mod checks {
    use super::*;

    pub fn a_float_sale_is_paid_at_once_and_credited_by_the_network(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            let sold = town.api.sell("k", NETWORK_NUMBER, TEN).await;
            assert_eq!((sold.status, sold.text_of("state")), (201, "paid"));
            assert_eq!(town.api.float("GBP").await, float - 1_000);
            town.work().await;
            let id = sold.text_of("id");
            assert_eq!(town.api.state(id).await, "credited");
            let again = town.api.sell("k", NETWORK_NUMBER, TEN).await;
            assert_eq!((again.replayed(), &again.text), (true, &sold.text));
            let reversal =
                town.api.post(&format!("/v1/top-ups/{id}/reverse"), Some("back"), &json!({})).await;
            assert_eq!((reversal.status, reversal.text_of("code")), (409, "not_reversible"));
            town.pass(HOUR_MS).await;
            assert_eq!((network_gave(town).await, owed(town).await), (1, 1_000));
            assert_eq!(town.api.float("GBP").await, float - 1_000);
            never_both(town).await;
        });
    }

    /// Two processes had the same piece of work: one saw that the line was barred and nothing sent, and stalled while
    /// the other one sent.
    pub fn a_line_that_was_barred_does_not_overrule_a_request_that_was_sent_meanwhile(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            network_fault(town, CREDITS, "drop_connection_after").await;
            network_fault(town, STATUS, "error_500").await;
            let sold = town.api.sell("k", NETWORK_NUMBER, TEN).await;
            town.work().await;
            assert_eq!(network_gave(town).await, 1, "it arrived, and its answer was lost");
            let (context, id) = (town.world.step(), OperationId::stored(the_request(town).await));
            let late = town.world.db.write(move |tx| {
                apply_credit(tx, &context, None, &id, &Word::NeverSent(RefundReason::LineBarred))
            });
            assert_eq!(late.await.expect("heard"), NetworkCreditState::Unknown);
            assert_eq!(town.api.state(sold.text_of("id")).await, "pending_network");
            assert_eq!(town.api.float("GBP").await, float - 1_000, "no money goes back");
            town.outside.no_faults().await;
            town.pass(MINUTE_MS).await;
            assert_eq!(town.api.state(sold.text_of("id")).await, "credited");
            assert_eq!((network_gave(town).await, owed(town).await), (1, 1_000));
            assert_eq!(town.api.float("GBP").await, float - 1_000);
            never_both(town).await;
        });
    }

    pub fn a_float_sale_that_is_refused_is_in_the_float_again_once(engine: Engine) {
        in_town(engine, async |town| {
            let float = town.api.float("GBP").await;
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let sold = town.api.sell("k", NETWORK_NUMBER, TEN).await;
            town.work().await;
            assert_eq!(town.api.state(sold.text_of("id")).await, "pending_network");
            assert_eq!(town.api.float("GBP").await, float - 1_000);
            network_settles(town, "refused").await;
            for _ in 0..3 {
                town.pass(MINUTE_MS).await;
                assert_eq!(town.api.state(sold.text_of("id")).await, "refunded");
                assert_eq!(town.api.float("GBP").await, float);
            }
            assert_eq!((network_gave(town).await, owed(town).await), (0, 0));
            never_both(town).await;
        });
    }

    pub fn a_float_sale_of_a_bundle_is_kept_by_the_network_alone(engine: Engine) {
        in_town(engine, async |town| {
            let sold = town.api.sell("k", NETWORK_NUMBER, "gb-traveller").await;
            assert_eq!((sold.status, sold.text_of("state")), (201, "paid"), "{}", sold.text);
            town.work().await;
            assert_eq!(town.api.state(sold.text_of("id")).await, "credited");
            assert_eq!(town.count("select count(*) from bucket").await, 0);
            let balance = town.api.get(&format!("/v1/lines/{NETWORK_NUMBER}/balance")).await;
            assert_eq!(balance.json["buckets"][0]["remaining"], 5_000_000_000_i64, "{}", balance.text);
            never_both(town).await;
        });
    }

    pub fn the_balance_is_the_networks_and_its_last_word_stands_while_it_is_silent(engine: Engine) {
        in_town(engine, async |town| {
            let path = format!("/v1/lines/{NETWORK_NUMBER}/balance");
            town.outside.control("network/down", &json!({ "for_ms": 3_600_000 })).await;
            town.api.get(&path).await.is_problem(503, "balance_unknown");
            town.outside.control("network/down", &json!({ "for_ms": 0 })).await;
            town.clock.pass(MINUTE_MS);
            let subscriber = json!({
                "msisdn": NETWORK_NUMBER, "currency": "GBP", "credit_minor": 750, "status": "active" });
            town.outside.control("network/subscribers", &subscriber).await;
            assert_eq!(town.api.balance(NETWORK_NUMBER).await, 750);
            let first = town.api.get(&path).await.text_of("as_of").to_owned();
            town.outside.control("network/down", &json!({ "for_ms": 3_600_000 })).await;
            town.clock.pass(MINUTE_MS);
            let silent = town.api.get(&path).await;
            assert_eq!(silent.json["money"]["amount_minor"], 750);
            assert_eq!(silent.text_of("as_of"), first, "with its age");
            // Buying goes on.
            let sold = town.api.sell("k", NETWORK_NUMBER, TEN).await;
            assert_eq!(sold.text_of("state"), "paid");
            town.outside.control("network/down", &json!({ "for_ms": 0 })).await;
            town.pass(MINUTE_MS).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(town.api.balance(NETWORK_NUMBER).await, 1_750);
            never_both(town).await;
        });
    }

    pub fn who_keeps_a_balance_never_changes_for_a_line(engine: Engine) {
        in_town(engine, async |town| {
            let wrong = format!("msisdn,status,locale,balance_keeper\n+{NETWORK_NUMBER},active,en,ours\n");
            let faults = flows::lines::import(&town.world, &wrong).await.unwrap().unwrap_err();
            assert_eq!(faults.len(), 1);
            assert_eq!(faults[0].line, 2);
            assert!(faults[0].reason.contains("never changes"), "{}", faults[0].reason);
            let silent = format!("msisdn,status,locale\n+{NETWORK_NUMBER},active,zh-CN\n");
            assert_eq!(town.import_lines(&silent).await.changed, 1);
            assert_eq!(town.count("select count(*) from line where balance_keeper = 'network'").await, 2);
        });
    }

    /// An order whose money was captured by a server that does no work; another one dies while it asks the network.
    async fn dies_at(house: &House, failpoint: &str, given_by_then: usize) {
        let server = house.counter("").await;
        let made = house.api.post("/v1/top-ups", Some("order"), &hosted_sale(NETWORK_NUMBER, TEN)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.text_of("id").to_owned();
        house.outside.pay(&Session::of_page(made.text_of("payment_url")), PAYS).await;
        assert_eq!(house.api.state(&id).await, "paid");
        server.stop().await;
        let server = house.start_and_die(failpoint);
        server.dies().await;
        let books = house.outside.network_books().await;
        assert_eq!(given(&books).values().sum::<usize>(), given_by_then);
        house.claims_lapse().await;
        let server = house.serve().await;
        until("the credit", async || house.api.state(&id).await == "credited").await;
        let given = given(&house.outside.network_books().await);
        assert_eq!(given.values().copied().collect::<Vec<_>>(), [1]);
        check_ends(house.read(ends).await, &given);
        assert_eq!(house.outside.refunds().await.len(), 0);
        server.stop().await;
    }

    pub fn killed_before_the_request_left_it_is_sent_once(engine: Engine) {
        in_house(engine, async |house| dies_at(house, "network.before_send=kill", 0).await);
    }

    pub fn killed_after_the_network_answered_it_is_credited_once(engine: Engine) {
        in_house(engine, async |house| dies_at(house, "network.after_answer=kill", 1).await);
    }

    pub fn killed_after_the_credit_was_written_down_nothing_is_done_again(engine: Engine) {
        in_house(engine, async |house| dies_at(house, "network.after_commit=kill", 1).await);
    }
}
