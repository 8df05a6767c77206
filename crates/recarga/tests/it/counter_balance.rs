//! A customer's balance at a counter: only by the code that came to the number, for this clerk at this device, counted and
//! written down, and never in an address.

use crate::support::counter::{counter_of, hidden, open_till, press, said};
use crate::support::buyer::attribute;
use crate::support::counter::Counter;
use crate::support::member::{PAUSE_MS, codes, wrong};
use crate::support::registry::{NUMBER, TEN};
use crate::support::shop::{Opening, open_shop};
use crate::support::town::{Town, in_town};
use crate::support::wait::eventually;
use domain::locale::Locale;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_balance_is_shown_for_the_code_that_its_holder_reads_out
    a_code_opens_nothing_elsewhere_twice_or_when_it_is_wrong
    codes_for_balances_are_counted_and_training_sends_none
}

/// Asks for a code; the page and the code that came.
async fn asked(town: &Town, counter: &Counter) -> (String, String) {
    let before = codes(&town.outside, NUMBER).await.len();
    let page = counter.post(town, "/agent/balance/ask", &[("msisdn", "07400 123456")]).await.text;
    let code = eventually("a code", async || {
        let now = codes(&town.outside, NUMBER).await;
        (now.len() > before).then(|| now[0].clone())
    });
    (page, code.await)
}

async fn shown(town: &Town, counter: &Counter, page: &str, code: &str) -> String {
    let (word, number) = (hidden(page, "word"), hidden(page, "shown"));
    let form = [("word", word.as_str()), ("shown", &number), ("code", code)];
    counter.post(town, "/agent/balance/show", &form).await.text
}

fn refusal_of(page: &str) -> Option<String> {
    attribute(page, "[data-testid=error-summary]", "data-code")
}

mod checks {
    use super::*;

    pub fn a_balance_is_shown_for_the_code_that_its_holder_reads_out(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let form = [("msisdn", NUMBER), ("offer", TEN)];
            let pay = counter.post(town, "/agent/sale/review", &form).await.text;
            press(town, &counter, &pay, "10").await;
            assert!(counter.page("/agent").await.contains("href=\"/agent/balance\""));
            let (page, code) = asked(town, &counter).await;
            assert!(!page.contains("123456") && hidden(&page, "shown").contains("3456"), "{page}");
            let shown = shown(town, &counter, &page, &code).await;
            assert!(said(&shown, "money").contains("10.00"), "{shown}");
            assert_eq!(attribute(&shown, "[data-testid=balance]", "data-leave").as_deref(), Some("60"));
            let text = town.outside.inbox(NUMBER).await[0]["text"].to_string();
            assert!(text.contains("at a shop") && text.contains("only to the clerk"), "{text}");
            for what in ["balance_asked", "balance_shown"] {
                let sql = "select last_four from counter_journal where what = ?1 limit 2";
                let found =
                    town.read(move |tx| tx.query(sql, &store::values![what], |row| row.text(0))).await;
                assert_eq!(found, ["3456"], "{what}");
            }
        });
    }

    pub fn a_code_opens_nothing_elsewhere_twice_or_when_it_is_wrong(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let (counter, elsewhere) = (counter_of(town, &shop).await, counter_of(town, &shop).await);
            let (page, code) = asked(town, &counter).await;
            let other = shown(town, &elsewhere, &page, &code).await;
            assert_eq!(refusal_of(&other).as_deref(), Some("code_over"), "{other}");
            let mistyped = shown(town, &counter, &page, &wrong(&code)).await;
            assert_eq!(refusal_of(&mistyped).as_deref(), Some("code_wrong"));
            assert!(said(&mistyped, "money").is_empty() && !hidden(&mistyped, "word").is_empty());
            assert!(!said(&shown(town, &counter, &mistyped, &code).await, "money").is_empty());
            let second = shown(town, &counter, &page, &code).await;
            assert_eq!(refusal_of(&second).as_deref(), Some("code_over"), "a code tells once");
            let unknown = counter.post(town, "/agent/balance/ask", &[("msisdn", "07400 999999")]).await;
            assert_eq!(refusal_of(&unknown.text).as_deref(), Some("line_not_ours"));
        });
    }

    pub fn codes_for_balances_are_counted_and_training_sends_none(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            asked(town, &counter).await;
            let form = [("msisdn", NUMBER)];
            let soon = counter.post(town, "/agent/balance/ask", &form).await;
            assert_eq!(refusal_of(&soon.text).as_deref(), Some("code_not_before"));
            town.clock.pass(PAUSE_MS);
            for _ in 0..10 {
                counter.post(town, "/agent/balance/ask", &[("msisdn", "07400 999999")]).await;
            }
            let many = counter.post(town, "/agent/balance/ask", &form).await;
            assert_eq!(
                refusal_of(&many.text).as_deref(),
                Some("code_not_before"),
                "one clerk, so many codes"
            );
            assert_eq!(codes(&town.outside, NUMBER).await.len(), 1);
            let mut at = shop.clerk.clone();
            at.session.training = true;
            let learned = flows::counter::balance::ask(&town.world, &at, NUMBER, Locale::En).await;
            assert!(learned.expect("asked").is_err(), "training sends no message");
        });
    }
}
