//! A slip joins an account: after its number was proved, and never out of another account.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, Order, attribute, redirected};
use crate::support::member::{code_after, enter, register};
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::time::{MINUTE_MS, UnixMs};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_slip_for_a_proved_number_joins_the_account_and_is_written_down
    a_slip_for_another_number_joins_once_that_number_is_proved
    an_order_is_never_taken_from_the_account_that_has_it
    codes_of_slips_cannot_be_tried_one_after_the_other
}

const PAYS: &str = "4242424242424242";

async fn bought_by_a_guest(town: &Town, number: &str) -> Order {
    let order = town.buyer().order(number, TEN).await;
    town.outside.pay(&order.session, PAYS).await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

async fn member(town: &Town, email: &str, number: &str) -> Buyer {
    let browser = town.buyer();
    register(town, &browser, email, number).await;
    browser
}

async fn claim(browser: &Buyer, code: &str) -> Answer {
    browser.post("/me/claim", &[("code", code)]).await
}

fn problem(answer: &Answer) -> Option<String> {
    attribute(&answer.text, "[data-testid=error-summary]", "data-code")
}

async fn owner(town: &Town, order: &Order) -> Option<String> {
    town.stored(order).await.subscriber.map(|subscriber| subscriber.to_string())
}

mod checks {
    use super::*;

    pub fn a_slip_for_a_proved_number_joins_the_account_and_is_written_down(engine: Engine) {
        in_town(engine, async |town| {
            let order = bought_by_a_guest(town, NUMBER).await;
            let ana = member(town, "ana@example.org", NUMBER).await;
            let before = owner(town, &order).await;
            let written = order.code.to_lowercase().replace('-', " ");
            let done = format!("/me/claim?done={}", order.code);
            assert_eq!(redirected(&claim(&ana, &written).await), done);
            assert!(before.is_none() && owner(town, &order).await.is_some());
            let page = ana.get(&done).await;
            assert!(attribute(&page.text, "[data-testid=claim-done] a", "href").is_some());
            assert_eq!(ana.get(&format!("/o/{}/receipt", order.code)).await.status, 200);
            let history = ana.get("/me/history").await;
            assert!(history.text.contains(&order.code), "it is among the own orders");
            assert_eq!(redirected(&claim(&ana, &order.code).await), done, "again is no other");
            let written =
                "select count(*) from audit where action = 'receipt_claimed' and actor like 'subscriber:%'";
            assert_eq!(town.count(written).await, 1);
        });
    }

    pub fn a_slip_for_another_number_joins_once_that_number_is_proved(engine: Engine) {
        in_town(engine, async |town| {
            let order = bought_by_a_guest(town, CHINESE_NUMBER).await;
            let ana = member(town, "ana@example.org", NUMBER).await;
            let refused = claim(&ana, &order.code).await;
            assert_eq!((refused.status, owner(town, &order).await), (422, None));
            let prove = attribute(&refused.text, "[data-testid=claim-prove]", "href").expect("a way on");
            let form = ana.get(&prove).await;
            let kept = attribute(&form.text, "[data-testid=line-form] [name=claim]", "value").expect("kept");
            town.clock.pass(MINUTE_MS);
            let code = code_after(town, CHINESE_NUMBER, async || {
                let number = format!("+{CHINESE_NUMBER}");
                let form = [("country", "GB"), ("msisdn", number.as_str()), ("claim", kept.as_str())];
                assert_eq!(redirected(&ana.post("/account/lines", &form).await), "/code");
            })
            .await;
            let back = redirected(&enter(&ana, &code).await);
            assert_eq!(back, format!("/me/claim?code={}", order.code));
            let page = ana.get(&back).await;
            assert_eq!(attribute(&page.text, "#code", "value").as_deref(), Some(order.code.as_str()));
            assert_eq!(claim(&ana, &order.code).await.status, 303);
            assert!(owner(town, &order).await.is_some());
        });
    }

    pub fn an_order_is_never_taken_from_the_account_that_has_it(engine: Engine) {
        in_town(engine, async |town| {
            let order = bought_by_a_guest(town, NUMBER).await;
            let ana = member(town, "ana@example.org", NUMBER).await;
            assert_eq!(claim(&ana, &order.code).await.status, 303);
            let hers = owner(town, &order).await;
            // A family shares the line.
            town.clock.pass(MINUTE_MS);
            let ben = member(town, "ben@example.org", CHINESE_NUMBER).await;
            town.clock.pass(MINUTE_MS);
            let code = code_after(town, NUMBER, async || {
                let number = format!("+{NUMBER}");
                let form = [("country", "GB"), ("msisdn", number.as_str())];
                assert_eq!(redirected(&ben.post("/account/lines", &form).await), "/code");
            })
            .await;
            enter(&ben, &code).await;
            let refused = claim(&ben, &order.code).await;
            assert_eq!((refused.status, problem(&refused).as_deref()), (422, Some("claim_elsewhere")));
            assert_eq!(owner(town, &order).await, hers);
        });
    }

    pub fn codes_of_slips_cannot_be_tried_one_after_the_other(engine: Engine) {
        in_town(engine, async |town| {
            let ana = member(town, "ana@example.org", NUMBER).await;
            assert_eq!(problem(&claim(&ana, "12345").await).as_deref(), Some("code_unreadable"));
            for n in 0..10u8 {
                let code = domain::code::code(UnixMs(i64::from(n) * 1_000), [n; 16]);
                assert_eq!(problem(&claim(&ana, &code).await).as_deref(), Some("claim_unknown"));
            }
            let order = bought_by_a_guest(town, NUMBER).await;
            let locked = claim(&ana, &order.code).await;
            assert_eq!((locked.status, owner(town, &order).await), (429, None));
            town.clock.pass(16 * MINUTE_MS);
            assert_eq!(claim(&ana, &order.code).await.status, 303);
            assert_eq!(redirected(&town.buyer().get("/me/claim").await), "/sign-in?next=%2Fme%2Fclaim");
        });
    }
}
