//! Paying once: whoever goes back, opens a second tab or never got the answer finds the order that there is, and
//! pays a second time only on purpose.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, PayForm, attribute, passed, redirected, text};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    going_back_to_the_price_after_paying_leads_to_the_order
    two_tabs_with_two_ways_to_pay_make_one_order
    the_same_form_sent_after_the_credit_came_shows_the_order
    an_order_whose_answer_was_lost_is_found_again_in_this_browser
    the_order_code_is_known_before_the_payment_page
    whoever_wants_the_same_once_more_orders_it_on_purpose
    another_choice_in_the_same_cart_is_another_order
    whoever_only_proved_an_order_does_not_learn_its_number
    a_browser_keeps_its_newest_orders_for_thirty_days
}

const PAYS: &str = "4242424242424242";

/// The price as it stands at the cart's address.
async fn price(buyer: &Buyer, form: &PayForm) -> Answer {
    buyer.get(&form.action.replace("/pay", "/review")).await
}

async fn orders(town: &Town) -> i64 {
    town.count("select count(*) from top_up").await
}

/// The order that the answer leads to, with the words that there is one already.
#[track_caller]
fn led_to_existing(answer: &Answer) -> String {
    let to = redirected(answer);
    let code = to.strip_prefix("/o/").and_then(|rest| rest.strip_suffix("?already=1"));
    code.unwrap_or_else(|| panic!("{to} is no order that there was already")).to_owned()
}

mod checks {
    use super::*;

    pub fn going_back_to_the_price_after_paying_leads_to_the_order(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let pressed = buyer.press(&form, "").await;
            let code = passed(&pressed);
            // Back before paying, and again after the credit came.
            assert_eq!(led_to_existing(&price(&buyer, &form).await), code);
            let unpaid = buyer.get(&format!("/o/{code}?already=1")).await.text;
            assert!(text(&unpaid, "[data-testid=already]").contains("Order the same once more"), "{unpaid}");
            town.outside.pay(&Session::of_page(&redirected(&pressed)), PAYS).await;
            // A look a moment after another one does not ask the provider again.
            town.clock.pass(2_100);
            buyer.get(&format!("/o/{code}/return")).await;
            assert_eq!(led_to_existing(&price(&buyer, &form).await), code);
            let page = buyer.get(&format!("/o/{code}?already=1")).await;
            let told = text(&page.text, "[data-testid=already]");
            assert!(told.contains("There is already an order for this top-up"), "{told}");
            assert!(page.text.contains("again-form"), "another one, on purpose: {}", page.text);
            assert_eq!(attribute(&page.text, "[data-testid=state]", "data-state").unwrap(), "credited");
            assert_eq!((orders(town).await, town.api.balance(NUMBER).await), (1, 1_000));
        });
    }

    pub fn two_tabs_with_two_ways_to_pay_make_one_order(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let fields = |method| -> Vec<(&str, &str)> {
                form.fields("").into_iter().chain([("method", method)]).collect()
            };
            let first = buyer.post(&form.action, &fields("stripe")).await;
            let second = buyer.post(&form.action, &fields("paypal")).await;
            assert_eq!(led_to_existing(&second), passed(&first));
            assert_eq!(orders(town).await, 1);
        });
    }

    pub fn the_same_form_sent_after_the_credit_came_shows_the_order(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let pressed = buyer.press(&form, "").await;
            let session = Session::of_page(&redirected(&pressed));
            // Not paid yet: the same page, on which nobody can pay twice.
            assert_eq!(Session::of_page(&redirected(&buyer.press(&form, "").await)), session);
            town.outside.pay(&session, PAYS).await;
            buyer.get(&format!("/o/{}/return", passed(&pressed))).await;
            assert_eq!(led_to_existing(&buyer.press(&form, "").await), passed(&pressed));
            assert_eq!((orders(town).await, town.outside.sessions().await.len()), (1, 1));
        });
    }

    pub fn an_order_whose_answer_was_lost_is_found_again_in_this_browser(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            assert_eq!(text(&buyer.get("/o").await.text, "[data-testid=own-orders]"), "", "nothing yet");
            // The order is made, and its answer reaches nobody.
            let code = passed(&town.buyer().press(&form, "").await);
            let list = text(&buyer.get("/o").await.text, "[data-testid=own-orders]");
            for part in [code.as_str(), "£10.00", "Waiting for payment", "2026"] {
                assert!(list.contains(part), "{part} in {list}");
            }
            let start = buyer.get("/").await;
            assert!(text(&start.text, "[data-testid=own-orders-link]").contains("one order"));
            let again = buyer.review(NUMBER, "gb-credit-5").await;
            let review = price(&buyer, &again).await;
            assert!(text(&review.text, "[data-testid=own-orders-link]").contains("one order"));
            assert_eq!(led_to_existing(&price(&buyer, &form).await), code);
            let page = buyer.get(&format!("/o/{code}")).await;
            assert!(page.text.contains("continue-payment"), "{}", page.text);
        });
    }

    pub fn the_order_code_is_known_before_the_payment_page(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let shown = text(&price(&buyer, &form).await.text, "[data-testid=order-code]");
            let code = passed(&buyer.press(&form, "").await);
            assert!(shown.contains(&code), "{code} in {shown}");
            let other = buyer.review(NUMBER, TEN).await;
            assert_ne!(passed(&buyer.press(&other, "").await), code);
        });
    }

    pub fn whoever_wants_the_same_once_more_orders_it_on_purpose(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let page = order.page().await;
            assert!(page.text.contains("again-form") && page.text.contains("other-number"), "{}", page.text);
            let review = redirected(&order.buyer.post(&format!("/o/{}/again", order.code), &[]).await);
            let page = order.buyer.get(&review).await;
            assert_eq!(page.status, 200);
            assert!(page.text.contains("£10.00 credit"), "{}", page.text);
            let second = order.buyer.order(NUMBER, TEN).await;
            town.outside.pay(&second.session, PAYS).await;
            assert_eq!(town.look(&second).await, "credited");
            assert_eq!((orders(town).await, town.api.balance(NUMBER).await), (2, 2_000));
        });
    }

    pub fn another_choice_in_the_same_cart_is_another_order(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let number = [("country", "GB"), ("msisdn", "+447400123456")];
            let cart = redirected(&buyer.post("/top-up", &number).await);
            for (offer, amount) in [("gb-any", "12"), ("gb-any", "13"), (TEN, "")] {
                let chosen = buyer.post(&cart, &[("offer", offer), ("amount", amount)]).await;
                assert_eq!(buyer.get(&redirected(&chosen)).await.status, 200, "{offer} {amount}");
                let page = buyer.get(&redirected(&chosen)).await.text;
                let hidden = |name| attribute(&page, &format!("input[name={name}]"), "value").unwrap();
                let fields = [("expected_total", hidden("expected_total")), ("version", hidden("version"))];
                let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
                let pay = redirected(&chosen).replace("/review", "/pay");
                Session::of_page(&redirected(&buyer.post(&pay, &fields).await));
            }
            assert_eq!(orders(town).await, 3);
        });
    }

    pub fn whoever_only_proved_an_order_does_not_learn_its_number(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let stranger = town.buyer();
            redirected(&stranger.post(&format!("/o/{}", order.code), &[("proof", "3456")]).await);
            let page = stranger.get(&format!("/o/{}", order.code)).await;
            assert!(page.text.contains("data-state=\"credited\"") && !page.text.contains("again-form"));
            let again = stranger.post(&format!("/o/{}/again", order.code), &[]).await;
            assert_eq!(redirected(&again), "/");
        });
    }

    pub fn a_browser_keeps_its_newest_orders_for_thirty_days(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let mut codes = Vec::new();
            for _ in 0..21 {
                let form = buyer.review(NUMBER, TEN).await;
                let pressed = buyer.press(&form, "").await;
                let pass = pressed.headers.get_all("set-cookie").iter().find(|c| {
                    c.to_str().is_ok_and(|c| c.starts_with("order_") && c.contains("Max-Age=2592000"))
                });
                let pass = pass.expect("a pass for thirty days").to_str().unwrap();
                assert!(pass.contains("Path=/;") || pass.ends_with("Path=/"), "{pass}");
                let name = pass.split('=').next().unwrap();
                codes.push(domain::code::parse(name.strip_prefix("order_").unwrap()).unwrap());
                // So many on one day would be refused.
                town.clock.pass(domain::time::DAY_MS);
            }
            let list = buyer.get("/o").await.text;
            let shown: Vec<bool> = codes.iter().map(|code| list.contains(code.as_str())).collect();
            assert_eq!(shown.iter().filter(|shown| **shown).count(), 19, "and the pass of the next order");
            assert_eq!(shown[..2], [false, false], "the oldest leave");
        });
    }
}
