//! Card payments on the hosted page: what the buyer is told, and what arrives, whatever the provider does.

use crate::support::buyer::{Order, passed, redirected};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::payment::{AttemptState, Evidence, Finding};
use domain::time::{MINUTE_MS, SECOND_MS};
use flows::payment::{Source, apply};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_card_that_pays_is_credited_once_and_gives_a_receipt
    a_declined_card_leaves_the_page_open_and_the_next_card_pays
    a_card_that_asks_for_a_second_factor_pays_after_it
    a_provider_that_fails_after_taking_the_money_is_asked_until_it_tells
    a_provider_that_hangs_after_taking_the_money_is_asked_until_it_tells
    a_lost_answer_without_money_ends_cancelled_with_the_providers_proof
    a_page_that_never_was_made_lapses_and_nobody_was_charged
    another_amount_than_asked_goes_to_people_and_credits_nothing
    another_currency_than_asked_goes_to_people_and_credits_nothing
    a_status_that_nobody_knows_is_neither_success_nor_failure
    an_unknown_answer_to_a_new_page_is_looked_up
    a_slow_payment_is_credited_when_it_arrives
    a_slow_payment_that_fails_is_not_left_in_checking
    an_answer_that_is_owed_goes_to_people_and_late_money_still_wins
    a_page_that_lapsed_cancels_the_order
    a_buyer_who_cancels_is_not_charged
    a_buyer_who_cancels_after_paying_gets_the_credit
    nothing_is_asked_twice_within_a_moment
}

const PAYS: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
const TAKEN_READS_FAIL: &str = "4000009900000012";
const TAKEN_READS_HANG: &str = "4000009900000020";
const NOTHING_TAKEN: &str = "4000009900000038";
const UNKNOWN_STATUS: &str = "4000009900000087";
const OTHER_AMOUNT: &str = "4000009900000095";
const SETTLES: &str = "4000009900000103";
const SETTLES_FAILED: &str = "4000009900000111";

/// The money is taken, the answer is lost, and the next two looks tell nothing.
async fn money_taken_and_nobody_tells(town: &Town, card: &str) {
    let order = town.order().await;
    assert_eq!(town.outside.pay(&order.session, card).await, "lost");
    assert_eq!(town.look(&order).await, "checking_payment");
    assert!(order.sentence().await.contains("please do not pay again"));
    assert_eq!(town.api.balance(NUMBER).await, 0);
    // The first poll is told nothing either, the second one is.
    town.pass(40 * SECOND_MS).await;
    town.pass(40 * SECOND_MS).await;
    stays_credited(town, &order).await;
}

/// However often somebody looks, it was credited once and told once.
async fn stays_credited(town: &Town, order: &Order) {
    for _ in 0..3 {
        assert_eq!(town.look(order).await, "credited");
    }
    assert_eq!(town.api.balance(NUMBER).await, 1_000);
    assert_eq!(town.count("select count(*) from message where kind = 'credited'").await, 1);
}

mod checks {
    use super::*;

    pub fn a_card_that_pays_is_credited_once_and_gives_a_receipt(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            assert_eq!(order.shown().await, "awaiting_payment");
            assert!(order.sentence().await.contains("You have not paid yet"));
            assert_eq!(town.outside.pay(&order.session, PAYS).await, "return");
            assert_eq!(town.look(&order).await, "credited");
            assert!(order.sentence().await.contains("£10.00"));
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await;
            assert_eq!(receipt.status, 200);
            assert!(receipt.text.contains(&order.code) && receipt.text.contains("4242"));
            town.pass(MINUTE_MS).await;
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn a_declined_card_leaves_the_page_open_and_the_next_card_pays(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            assert_eq!(town.outside.pay(&order.session, DECLINED).await, "declined");
            assert_eq!(town.look(&order).await, "awaiting_payment");
            assert!(order.page().await.text.contains("continue-payment"), "the way back to the same page");
            assert_eq!(town.outside.pay(&order.session, PAYS).await, "return");
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn a_card_that_asks_for_a_second_factor_pays_after_it(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            assert_eq!(town.outside.pay(&order.session, "4000002500003155").await, "challenge");
            assert_eq!(town.look(&order).await, "awaiting_payment");
            let session = town.outside.session(&order.session).await;
            let intent = session["payment_intent"].as_str().expect("an intent");
            let approve = serde_json::json!({ "approve": true });
            town.outside.control(&format!("payment_intents/{intent}/challenge"), &approve).await;
            assert_eq!(town.look(&order).await, "credited");
        });
    }

    pub fn a_provider_that_fails_after_taking_the_money_is_asked_until_it_tells(engine: Engine) {
        in_town(engine, async |town| money_taken_and_nobody_tells(town, TAKEN_READS_FAIL).await);
    }

    pub fn a_provider_that_hangs_after_taking_the_money_is_asked_until_it_tells(engine: Engine) {
        in_town(engine, async |town| money_taken_and_nobody_tells(town, TAKEN_READS_HANG).await);
    }

    pub fn a_lost_answer_without_money_ends_cancelled_with_the_providers_proof(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            assert_eq!(town.outside.pay(&order.session, NOTHING_TAKEN).await, "lost");
            // Looks that tell nothing: the buyer is not told that nothing was taken.
            town.outside.fault("GET /v1/checkout/sessions/{id}", "error_500", 2).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            assert_eq!(town.look(&order).await, "checking_payment");
            assert_eq!(town.look(&order).await, "awaiting_payment", "the page is still open and unpaid");
            town.outside.expire(&order.session).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            assert!(order.sentence().await.contains("You were not charged"));
            assert_eq!(town.count("select count(*) from attempt where state = 'expired'").await, 1);
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.count("select count(*) from message").await, 0);
        });
    }

    pub fn a_page_that_never_was_made_lapses_and_nobody_was_charged(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_before", 100).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let code = passed(&buyer.press(&form, "").await);
            town.pass(36 * MINUTE_MS).await;
            let page = buyer.get(&format!("/o/{code}")).await;
            assert!(page.text.contains("data-state=\"cancelled\""), "{}", page.text);
            assert!(town.outside.sessions().await.is_empty());
        });
    }

    pub fn another_amount_than_asked_goes_to_people_and_credits_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, OTHER_AMOUNT).await;
            assert_eq!(town.look(&order).await, "review");
            assert!(order.sentence().await.contains("Please do not pay again"));
            let suspense =
                "select credits_posted - debits_posted from account where id like 'suspense:%:GBP'";
            assert_eq!(town.count(suspense).await, 900);
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.count("select count(*) from refund").await, 0, "people decide");
        });
    }

    /// The simulator keeps to the currency that it was asked for; the evidence is the test's own.
    pub fn another_currency_than_asked_goes_to_people_and_credits_nothing(engine: Engine) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let order = town.order().await;
            let page = order.session.0.clone();
            let attempt = town.read(move |tx| store::attempt::find_by_page(tx, &page)).await.unwrap();
            let amount = domain::money::Money::new(1_000, "EUR".parse().unwrap());
            let evidence = Evidence { finding: Finding::Captured { amount }, ..Evidence::unknown("") };
            let context = town.world.step();
            let applied = town
                .world
                .db
                .write(move |tx| apply::apply(tx, &context, "stripe", &attempt.id, &evidence, Source::Poll));
            assert_eq!(applied.await.unwrap().state, AttemptState::Review);
            assert_eq!(order.shown().await, "review");
            let suspense =
                "select credits_posted - debits_posted from account where id like 'suspense:%:EUR'";
            assert_eq!(town.count(suspense).await, 1_000);
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn a_status_that_nobody_knows_is_neither_success_nor_failure(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, UNKNOWN_STATUS).await;
            for _ in 0..3 {
                assert_eq!(town.look(&order).await, "checking_payment");
                town.pass(10 * SECOND_MS).await;
            }
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.count("select count(*) from refund").await, 0);
            town.outside.settle(&order.session, "succeeded").await;
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn an_unknown_answer_to_a_new_page_is_looked_up(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "unknown_status", 1).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let code = passed(&buyer.press(&form, "").await);
            let page = buyer.get(&format!("/o/{code}")).await;
            assert!(!page.text.contains("data-state=\"cancelled\"") && !page.text.contains("\"credited\""));
            town.pass(MINUTE_MS).await;
            let page = buyer.get(&format!("/o/{code}")).await;
            assert!(page.text.contains("data-state=\"awaiting_payment\""), "{}", page.text);
            assert!(page.text.contains("continue-payment"));
            assert_eq!(town.outside.sessions().await.len(), 1);
        });
    }

    pub fn a_slow_payment_is_credited_when_it_arrives(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, SETTLES).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            assert_eq!(town.api.balance(NUMBER).await, 0);
            town.outside.settle(&order.session, "succeeded").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
        });
    }

    pub fn a_slow_payment_that_fails_is_not_left_in_checking(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, SETTLES_FAILED).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.outside.settle(&order.session, "failed").await;
            // The provider has said that nothing was taken: whoever bought is told so, and may try again.
            assert_eq!(town.look(&order).await, "awaiting_payment");
            let again = redirected(&order.retry().await);
            let second = Session::of_page(&again);
            assert_ne!(second, order.session);
            town.outside.pay(&second, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn an_answer_that_is_owed_goes_to_people_and_late_money_still_wins(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, UNKNOWN_STATUS).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.pass(16 * MINUTE_MS).await;
            assert_eq!(order.shown().await, "review");
            town.outside.settle(&order.session, "succeeded").await;
            town.pass(2 * 60 * MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn a_page_that_lapsed_cancels_the_order(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.expire(&order.session).await;
            assert_eq!(town.look(&order).await, "cancelled");
            assert!(!order.page().await.text.contains("continue-payment"));
            // Whoever comes back to the old page cannot pay there any more.
            let pay = serde_json::json!({ "card": PAYS });
            let late = town.outside.try_control(&format!("sessions/{}/pay", order.session.0), &pay).await;
            assert_eq!(late.status, 400, "{}", late.text);
            assert_eq!(redirected(&order.retry().await), format!("/o/{}", order.code));
            assert_eq!(town.outside.sessions().await.len(), 1);
        });
    }

    pub fn a_buyer_who_cancels_is_not_charged(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            order.cancel().await;
            assert_eq!(order.shown().await, "cancelled");
            assert_eq!(town.outside.session(&order.session).await["status"], "expired");
            order.cancel().await;
            assert_eq!(order.shown().await, "cancelled");
        });
    }

    pub fn a_buyer_who_cancels_after_paying_gets_the_credit(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            order.cancel().await;
            town.work().await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn nothing_is_asked_twice_within_a_moment(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            // Every look beyond the first would eat a fault and show as checking.
            assert_eq!(town.look(&order).await, "awaiting_payment");
            town.outside.fault("GET /v1/checkout/sessions/{id}", "error_500", 5).await;
            for _ in 0..5 {
                assert_eq!(order.shown().await, "awaiting_payment");
            }
            town.outside.no_faults().await;
        });
    }
}
