//! Impatient buyers: double clicks, two tabs, a page that could not be made at once.

use crate::support::buyer::{passed, redirected};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::in_town;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    pressing_pay_twenty_times_makes_one_order_and_one_payment
    two_tabs_with_the_same_form_lead_to_the_same_page
    the_same_form_with_another_address_leads_to_the_order_that_there_is
    a_page_that_was_not_answered_is_asked_for_again_under_the_same_key
    a_partner_who_posts_twenty_times_gets_one_page
    the_price_that_changed_before_paying_is_shown_before_anything_is_stored
}

mod checks {
    use super::*;
    use crate::support::registry::CATALOGUE;

    pub fn pressing_pay_twenty_times_makes_one_order_and_one_payment(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let pressing = (0..20).map(|_| {
                let (buyer, form) = (buyer.clone(), form.clone());
                tokio::spawn(async move { buyer.press(&form, "ana@example.org").await })
            });
            let mut pages = Vec::new();
            for pressed in pressing.collect::<Vec<_>>() {
                let answer = pressed.await.unwrap();
                pages.push((redirected(&answer), passed(&answer)));
            }
            assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
            let session = Session::of_page(&pages[0].0);
            assert_eq!(town.outside.pay(&session, "4242424242424242").await, "return");
            for table in [
                "select count(*) from top_up",
                "select count(*) from payment",
                "select count(*) from attempt",
            ] {
                assert_eq!(town.count(table).await, 1, "{table}");
            }
            assert_eq!(town.outside.sessions().await.len(), 1);
            buyer.get(&format!("/o/{}/return", pages[0].1)).await;
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn two_tabs_with_the_same_form_lead_to_the_same_page(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let first = buyer.press(&form, "").await;
            let second = buyer.press(&form, "").await;
            assert_eq!(redirected(&first), redirected(&second));
            assert_eq!(passed(&first), passed(&second));
            assert_eq!(town.count("select count(*) from top_up").await, 1);
        });
    }

    pub fn the_same_form_with_another_address_leads_to_the_order_that_there_is(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let first = buyer.press(&form, "").await;
            let again = buyer.press(&form, "ana@example.org").await;
            assert_eq!(redirected(&again), format!("/o/{}?already=1", passed(&first)));
            assert_eq!(town.count("select count(*) from top_up").await, 1);
        });
    }

    pub fn a_page_that_was_not_answered_is_asked_for_again_under_the_same_key(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            // The provider makes the page and its answer is lost.
            town.outside.fault("POST /v1/checkout/sessions", "timeout_after", 1).await;
            let pressed = buyer.press(&form, "").await;
            let code = passed(&pressed);
            assert_eq!(redirected(&pressed), format!("/o/{code}"));
            let order = buyer.get(&format!("/o/{code}")).await;
            assert!(order.text.contains("retry-form") && order.text.contains("You have not paid yet"));
            let page = redirected(&buyer.post(&format!("/o/{code}/retry"), &[]).await);
            let sessions = town.outside.sessions().await;
            assert_eq!(sessions.len(), 1, "one object at the provider");
            assert_eq!(Session::of_page(&page).0, sessions[0]["id"]);
            town.outside.pay(&Session::of_page(&page), "4242424242424242").await;
            buyer.get(&format!("/o/{code}/return")).await;
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn a_partner_who_posts_twenty_times_gets_one_page(engine: Engine) {
        in_town(engine, async |town| {
            let posting = (0..20).map(|_| {
                let api = town.api.clone();
                tokio::spawn(async move { api.host("page", NUMBER, TEN).await })
            });
            let mut answers = Vec::new();
            for posted in posting.collect::<Vec<_>>() {
                answers.push(posted.await.unwrap());
            }
            for answer in &answers {
                assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
            }
            assert_eq!(town.count("select count(*) from attempt").await, 1);
            assert_eq!(town.outside.sessions().await.len(), 1);
        });
    }

    pub fn the_price_that_changed_before_paying_is_shown_before_anything_is_stored(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            town.import_catalogue(&CATALOGUE.replacen("value_minor = 1000", "value_minor = 1100", 1)).await;
            let answer = buyer.press(&form, "").await;
            assert_eq!(answer.status, 200);
            assert!(answer.text.contains("£10.00") && answer.text.contains("£11.00"), "{}", answer.text);
            assert_eq!(town.count("select count(*) from top_up").await, 0);
            assert_eq!(town.outside.sessions().await.len(), 0);
        });
    }
}
