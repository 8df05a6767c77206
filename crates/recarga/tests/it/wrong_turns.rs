//! Wrong turns: pages opened where only forms lead, another language in the middle, browsers without cookies,
//! addresses that cannot be read, offers that are gone, and somebody else who guesses.

use crate::support::buyer::{Buyer, attribute, passed, redirected, text};
use crate::support::registry::{CATALOGUE, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use flows::proof::{Proved, prove};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_language_link_of_a_refused_number_leads_to_the_form_and_keeps_the_number
    the_language_link_of_a_refused_address_leads_to_the_price_and_keeps_the_address
    the_address_of_a_form_leads_to_its_page
    an_offer_that_was_withdrawn_before_paying_is_told_where_others_are
    a_number_that_was_closed_before_paying_is_told_at_the_number
    an_address_that_cannot_be_read_gets_our_own_page
    wrong_proofs_from_elsewhere_do_not_lock_the_buyer_out
    guesses_from_everywhere_end_all_the_same
    guessed_digits_do_not_lock_out_the_buyer_who_has_the_address
    right_proofs_do_not_count
    a_browser_without_cookies_is_told_so_after_the_right_proof
    whoever_comes_back_from_paying_without_cookies_sees_the_order
    every_page_names_its_request
}

/// Follows the language menu of a page.
async fn in_chinese(buyer: &Buyer, page: &str) -> String {
    let link = attribute(page, "[data-testid=lang-zh-CN]", "href").expect("a language menu");
    let switched = buyer.get(&link).await;
    assert_eq!(switched.status, 200, "{link}");
    assert!(switched.text.contains("lang=\"zh-CN\""), "{link}");
    switched.text
}

async fn guess(town: &Town, code: &str, proof: &str, address: &str) -> Proved {
    prove(&town.world, code, proof, address).await.expect("an answer")
}

mod checks {
    use super::*;

    pub fn the_language_link_of_a_refused_number_leads_to_the_form_and_keeps_the_number(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let refused = buyer.post("/top-up", &[("country", "DE"), ("msisdn", "0151 12")]).await;
            assert!(!refused.text.contains("href=\"/top-up?"), "{}", refused.text);
            let page = in_chinese(&buyer, &refused.text).await;
            assert_eq!(attribute(&page, "#msisdn", "value").unwrap(), "0151 12");
            assert_eq!(attribute(&page, "#country option[selected]", "value").unwrap(), "DE");
            // Without the switch it is a new form.
            assert_eq!(attribute(&buyer.get("/").await.text, "#msisdn", "value").unwrap(), "");
        });
    }

    pub fn the_language_link_of_a_refused_address_leads_to_the_price_and_keeps_the_address(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let refused = buyer.press(&form, "ana@").await;
            assert_eq!(refused.status, 200);
            let page = in_chinese(&buyer, &refused.text).await;
            assert!(page.contains("data-testid=\"pay-form\""), "{page}");
            assert_eq!(attribute(&page, "#email", "value").unwrap(), "ana@");
        });
    }

    pub fn the_address_of_a_form_leads_to_its_page(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let review = form.action.replace("/pay", "/review");
            assert_eq!(redirected(&buyer.get("/top-up").await), "/");
            assert_eq!(
                redirected(&buyer.get(&format!("{}?lang=en", form.action)).await),
                review + "?lang=en"
            );
            let order = town.order().await;
            for act in ["retry", "cancel", "again"] {
                let to = redirected(&order.buyer.get(&format!("/o/{}/{act}", order.code)).await);
                assert_eq!(to, format!("/o/{}", order.code));
            }
            assert_eq!(order.shown().await, "awaiting_payment", "looking changes nothing");
        });
    }

    pub fn an_offer_that_was_withdrawn_before_paying_is_told_where_others_are(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let withdrawn = CATALOGUE.replacen("[\"online\", \"partner\", \"agent\"]", "[\"partner\"]", 1);
            town.import_catalogue(&withdrawn).await;
            let choose = redirected(&buyer.press(&form, "").await);
            let page = buyer.get(&choose).await;
            let code = attribute(&page.text, "[data-testid=error-summary]", "data-code");
            assert_eq!(code.as_deref(), Some("offer_unknown"), "{}", page.text);
            assert!(page.text.contains("data-testid=\"offer-form\""));
        });
    }

    pub fn a_number_that_was_closed_before_paying_is_told_at_the_number(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            let choose = redirected(&buyer.press(&form, "").await);
            let page = buyer.get(&choose).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let code = attribute(&page.text, "[data-testid=error-summary]", "data-code");
            assert_eq!(code.as_deref(), Some("line_closed"));
            assert_eq!(attribute(&page.text, "#msisdn", "value").unwrap(), "+44 7400 123456");
        });
    }

    pub fn an_address_that_cannot_be_read_gets_our_own_page(engine: Engine) {
        in_town(engine, async |town| {
            for path in ["/o/%ff", "/top-up/%ff", "/top-up/%ff/review", "/o/%ff/receipt"] {
                let page = town.buyer().get(path).await;
                assert_eq!(page.status, 404, "{path}");
                assert!(page.text.contains("data-testid=\"error-page\""), "{path}: {}", page.text);
            }
        });
    }

    pub fn wrong_proofs_from_elsewhere_do_not_lock_the_buyer_out(engine: Engine) {
        in_town(engine, async |town| {
            let code = town.order().await.code;
            for _ in 0..5 {
                assert!(matches!(guess(town, &code, "0000", "2001:db8::1").await, Proved::No));
            }
            assert!(matches!(guess(town, &code, "3456", "2001:db8::2").await, Proved::Locked(_)));
            assert!(matches!(guess(town, &code, "3456", "203.0.113.9").await, Proved::Yes(_)));
        });
    }

    pub fn guesses_from_everywhere_end_all_the_same(engine: Engine) {
        in_town(engine, async |town| {
            let code = town.order().await.code;
            for place in 0..50 {
                let address = format!("198.51.100.{place}");
                assert!(matches!(guess(town, &code, "0000", &address).await, Proved::No), "{place}");
            }
            assert!(matches!(guess(town, &code, "3456", "203.0.113.9").await, Proved::Locked(_)));
            // Told in the reader's zone, whether there is such an order or not.
            let locked = town.buyer().post(&format!("/o/{code}"), &[("proof", "3456")]).await;
            assert_eq!(locked.status, 429);
            let told = text(&locked.text, "[data-testid=error-summary]");
            assert!(told.contains(" GMT") || told.contains(" BST"), "{told}");
        });
    }

    pub fn guessed_digits_do_not_lock_out_the_buyer_who_has_the_address(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let code = passed(&buyer.press(&form, "ana@example.org").await);
            for place in 0..50 {
                let address = format!("198.51.100.{place}");
                assert!(matches!(guess(town, &code, "0000", &address).await, Proved::No), "{place}");
            }
            assert!(matches!(guess(town, &code, "3456", "203.0.113.9").await, Proved::Locked(_)));
            assert!(matches!(guess(town, &code, "ana@example.org", "203.0.113.9").await, Proved::Yes(_)));
        });
    }

    pub fn right_proofs_do_not_count(engine: Engine) {
        in_town(engine, async |town| {
            let code = town.order().await.code;
            for _ in 0..60 {
                assert!(matches!(guess(town, &code, "3456", "203.0.113.9").await, Proved::Yes(_)));
            }
            for _ in 0..5 {
                assert!(matches!(guess(town, &code, "0000", "203.0.113.9").await, Proved::No));
            }
            assert!(matches!(guess(town, &code, "3456", "203.0.113.9").await, Proved::Locked(_)));
        });
    }

    pub fn a_browser_without_cookies_is_told_so_after_the_right_proof(engine: Engine) {
        in_town(engine, async |town| {
            let code = town.order().await.code;
            let proved = town.buyer().post(&format!("/o/{code}"), &[("proof", "3456")]).await;
            // Another browser each time is one that keeps nothing.
            let page = town.buyer().get(&redirected(&proved)).await;
            let code = attribute(&page.text, "[data-testid=error-summary]", "data-code");
            assert_eq!(code.as_deref(), Some("cookies_refused"));
        });
    }

    pub fn whoever_comes_back_from_paying_without_cookies_sees_the_order(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4242424242424242").await;
            let session = town.outside.session(&order.session).await;
            let back = session["success_url"].as_str().unwrap().strip_prefix(&town.url).unwrap().to_owned();
            let page = town.buyer().get(&back).await;
            assert_eq!(page.status, 200, "{}", page.text);
            assert_eq!(attribute(&page.text, "[data-testid=state]", "data-state").unwrap(), "credited");
            // Without the word, or with another order's, nothing is shown.
            let other = town.order().await;
            let word = back.split_once('?').unwrap().1;
            for path in [format!("/o/{}/return?{word}", other.code), format!("/o/{}/return", order.code)] {
                let to = redirected(&town.buyer().get(&path).await);
                assert!(!town.buyer().get(&to).await.text.contains("data-testid=\"state\""), "{path}");
            }
            assert_eq!(redirected(&order.buyer.get(&back).await), format!("/o/{}", order.code));
        });
    }

    pub fn every_page_names_its_request(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            for path in ["/", "/o", "/help", "/nowhere"] {
                let page = buyer.get(path).await;
                assert!(page.text.contains(page.header("x-request-id")), "{path}");
            }
        });
    }
}
