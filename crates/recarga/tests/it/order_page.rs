//! The order page: seen by whoever bought or can prove it, and closed to whoever guesses.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, passed};
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::time::MINUTE_MS;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    without_proof_the_page_shows_nothing_of_the_order
    the_last_four_digits_or_the_address_open_the_page
    the_sixth_wrong_proof_is_locked_and_the_right_one_waits_too
    a_code_that_does_not_exist_answers_like_a_wrong_proof
    somebody_without_a_pass_changes_nothing
    a_pass_for_one_order_opens_no_other
    an_order_bought_in_chinese_is_shown_in_chinese
    refused_numbers_are_told_why_on_the_first_screen
    whoever_tries_many_numbers_is_told_when_to_try_again
}

const EMAIL: &str = "ana@example.org";

/// An order with an e-mail address; its buyer goes away.
async fn order_with_email(town: &Town) -> String {
    let buyer = town.buyer();
    let form = buyer.review(NUMBER, TEN).await;
    passed(&buyer.press(&form, EMAIL).await)
}

async fn prove(stranger: &Buyer, code: &str, proof: &str) -> Answer {
    stranger.post(&format!("/o/{code}"), &[("proof", proof)]).await
}

/// The page without what differs between two visits: the code and the request's id.
fn shape(answer: &Answer, code: &str) -> String {
    let id = answer.header("x-request-id");
    answer.text.replace(code, "CODE").replace(id, "ID")
}

mod checks {
    use super::*;

    pub fn without_proof_the_page_shows_nothing_of_the_order(engine: Engine) {
        in_town(engine, async |town| {
            let code = order_with_email(town).await;
            let stranger = town.buyer();
            let page = stranger.get(&format!("/o/{code}")).await;
            assert_eq!(page.status, 200);
            for told in ["10.00", "3456", EMAIL, "£10 credit", "/pay/", "data-state", "447400"] {
                assert!(!page.text.contains(told), "{told} is shown without proof");
            }
            let receipt = stranger.get(&format!("/o/{code}/receipt")).await;
            assert_eq!((receipt.status, receipt.header("location")), (303, format!("/o/{code}").as_str()));
            assert_eq!(stranger.get(&format!("/o/{code}/state?seen=")).await.status, 404);
        });
    }

    pub fn the_last_four_digits_or_the_address_open_the_page(engine: Engine) {
        in_town(engine, async |town| {
            let code = order_with_email(town).await;
            for proof in ["3456", EMAIL, " Ana@Example.ORG "] {
                let stranger = town.buyer();
                let opened = prove(&stranger, &code, proof).await;
                assert_eq!((opened.status, passed(&opened)), (303, code.clone()), "{proof}");
                let page = stranger.get(&format!("/o/{code}")).await;
                assert!(page.text.contains("data-state=\"awaiting_payment\""));
            }
        });
    }

    pub fn the_sixth_wrong_proof_is_locked_and_the_right_one_waits_too(engine: Engine) {
        in_town(engine, async |town| {
            let code = order_with_email(town).await;
            let stranger = town.buyer();
            for guess in 0..5 {
                assert_eq!(prove(&stranger, &code, &format!("000{guess}")).await.status, 422);
            }
            let locked = prove(&stranger, &code, "0005").await;
            assert_eq!(locked.status, 429);
            let right = prove(&stranger, &code, "3456").await;
            assert_eq!(shape(&right, &code), shape(&locked, &code), "a lock tells nothing");
            town.pass(16 * MINUTE_MS).await;
            assert_eq!(prove(&stranger, &code, "3456").await.status, 303);
        });
    }

    pub fn a_code_that_does_not_exist_answers_like_a_wrong_proof(engine: Engine) {
        in_town(engine, async |town| {
            let code = order_with_email(town).await;
            let nobody = domain::code::code(domain::time::UnixMs(0), [9; 16]);
            let stranger = town.buyer();
            let pages =
                [stranger.get(&format!("/o/{code}")).await, stranger.get(&format!("/o/{nobody}")).await];
            assert_eq!(shape(&pages[0], &code), shape(&pages[1], &nobody));
            for _ in 0..6 {
                let real = prove(&stranger, &code, "0000").await;
                let unreal = prove(&stranger, &nobody, "0000").await;
                assert_eq!(real.status, unreal.status);
                assert_eq!(shape(&real, &code), shape(&unreal, &nobody));
            }
            assert_eq!(stranger.get("/o/NOT-A-CODE").await.status, 404);
        });
    }

    pub fn somebody_without_a_pass_changes_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let stranger = town.buyer();
            for act in ["cancel", "retry"] {
                stranger.post(&format!("/o/{}/{act}", order.code), &[]).await;
            }
            stranger.get(&format!("/o/{}/return", order.code)).await;
            town.work().await;
            assert_eq!(order.shown().await, "awaiting_payment");
            assert_eq!(town.outside.session(&order.session).await["status"], "open");
        });
    }

    pub fn a_pass_for_one_order_opens_no_other(engine: Engine) {
        in_town(engine, async |town| {
            let (mine, other) = (town.order().await, town.order().await);
            let page = mine.buyer.get(&format!("/o/{}", other.code)).await;
            assert!(page.text.contains("order-proof") && !page.text.contains("data-state"));
        });
    }

    pub fn an_order_bought_in_chinese_is_shown_in_chinese(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().reading("zh-CN,zh;q=0.9").order(NUMBER, TEN).await;
            assert!(order.sentence().await.contains("您尚未付款"));
            assert_eq!(town.outside.session(&order.session).await["locale"], "zh");
            town.outside.pay(&order.session, "4242424242424242").await;
            assert_eq!(town.look(&order).await, "credited");
            assert!(order.sentence().await.contains("已到账"));
        });
    }

    pub fn refused_numbers_are_told_why_on_the_first_screen(engine: Engine) {
        in_town(engine, async |town| {
            for number in ["447400100100", "447400100200", "447400100300", "447400999999", "12", ""] {
                let form = [("country", "GB"), ("msisdn", number)];
                let answer = town.buyer().post("/top-up", &form).await;
                assert_eq!(answer.status, 200, "{number}");
                assert!(answer.text.contains("msisdn"), "the form again");
            }
            assert_eq!(town.count("select count(*) from top_up").await, 0);
        });
    }
    pub fn whoever_tries_many_numbers_is_told_when_to_try_again(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let number = format!("+{NUMBER}");
            let ask = async || buyer.post("/top-up", &[("country", "GB"), ("msisdn", &number)]).await;
            for _ in 0..60 {
                assert_eq!(ask().await.status, 303);
            }
            let refused = ask().await;
            assert_eq!(refused.status, 429);
            assert!(refused.text.contains("Too many tries. Please try again after"), "{}", refused.text);
            assert!(refused.text.contains(&number), "what was typed is still there");
            let wait: i64 = refused.header("retry-after").parse().expect("seconds");
            assert!((1..=15 * 60 + 1).contains(&wait), "{wait}");
            town.clock.pass(wait * 1_000);
            assert_eq!(ask().await.status, 303);
        });
    }
}
