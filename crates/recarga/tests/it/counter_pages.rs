//! A shop's day through the pages of its counter: the till is opened, sold from, counted and closed, and each sale says
//! what became of it.

use crate::support::buyer::{attribute, redirected};
use crate::support::counter::{counter_of, hidden, open_till, press, press_with, said, to_pay};
use crate::support::registry::NUMBER;
use crate::support::shop::{Opening, open_shop};
use crate::support::town::in_town;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_day_at_a_counter_from_the_start_cash_to_the_z_report
    a_press_that_comes_twice_shows_the_first_sale_and_what_never_came_is_said
    a_signed_sale_that_is_sent_again_to_the_letter_is_told_and_not_sold_twice
    a_sale_under_a_key_that_no_page_drew_is_not_sold
    a_sale_that_is_refused_says_why_and_takes_nothing
    a_clerk_counts_blind_and_a_difference_wants_its_reason
    a_card_is_asked_for_watched_and_called_off_on_the_sales_own_page
}

/// What the press of a ten pound note sends.
fn sale_form(pay: &str) -> String {
    let fields =
        ["key", "msisdn", "offer", "expected_total", "expected_bonus"].map(|name| (name, hidden(pay, name)));
    let fields = serde_urlencoded::to_string(fields).expect("a form");
    format!("{fields}&given=10")
}

mod checks {
    use super::*;

    pub fn a_day_at_a_counter_from_the_start_cash_to_the_z_report(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            let closed = counter.page("/agent/sale").await;
            assert!(attribute(&closed, "[data-testid=no-shift]", "data-shift").is_some(), "{closed}");
            open_till(town, &counter, "50").await;
            let pay = to_pay(town, &counter, "07400 123456").await;
            assert_eq!(said(&pay, "number"), "+44 7400 123456", "the whole number is shown before paying");
            let to = redirected(&press(town, &counter, &pay, "20").await);
            let sold = counter.page(&to).await;
            assert_eq!(attribute(&sold, "[data-testid=outcome]", "data-word").as_deref(), Some("accepted"));
            assert!(said(&sold, "change").contains("10.00"), "{sold}");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let path = to.split('?').next().expect("a path").to_owned();
            let undo = hidden(&sold, "key");
            let form = [("key", undo.as_str()), ("reason", "wrong_number")];
            let back = counter.post(town, &format!("{path}/undo"), &form).await;
            let after = counter.page(&redirected(&back)).await;
            assert_eq!(attribute(&after, "[data-testid=outcome]", "data-state").as_deref(), Some("reversed"));
            let pay = to_pay(town, &counter, NUMBER).await;
            redirected(&press(town, &counter, &pay, "10").await);
            let counted = counter.post(town, "/agent/till/count", &[("d2000", "3")]).await;
            assert_eq!(redirected(&counted), "/agent/till");
            let report = redirected(&counter.post(town, "/agent/till/close", &[]).await);
            let report = counter.page(&report).await;
            assert_eq!(attribute(&report, "[data-testid=report]", "data-number").as_deref(), Some("1"));
            assert_eq!(said(&report, "sales"), "2");
            assert!(
                said(&report, "total").contains("10.00") && said(&report, "expected").contains("60.00"),
                "{report}"
            );
            assert_eq!(shop.float(town).await, 99_000);
            let before = counter.page("/agent/till/day").await;
            assert!(before.contains("action=\"/agent/till/day\""), "{before}");
            let to = redirected(&counter.post(town, "/agent/till/day", &[]).await);
            let day = counter.page(&to).await;
            assert_eq!(attribute(&day, "[data-testid=day-report]", "data-number").as_deref(), Some("1"));
            assert!(said(&day, "sales") == "2" && said(&day, "total").contains("10.00"), "{day}");
            let table = counter.page(&format!("{to}.csv")).await;
            assert!(table.lines().count() > 6 && table.contains(",2,10.00,GBP\r\n"), "{table}");
            let again = counter.post(town, "/agent/till/day", &[]).await;
            assert_eq!(
                attribute(&again.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("day_nothing")
            );
        });
    }

    pub fn a_press_that_comes_twice_shows_the_first_sale_and_what_never_came_is_said(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let pay = to_pay(town, &counter, NUMBER).await;
            let key = hidden(&pay, "key");
            let before = counter.page(&format!("/agent/sale/asked/{key}")).await;
            assert!(before.contains("data-testid=\"nothing\""), "{before}");
            // Who was told that nothing was sold may sell again: what comes late is refused, and asked for once more.
            let late = press(town, &counter, &pay, "10").await;
            assert_eq!(
                attribute(&late.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("idempotency_key_reused")
            );
            let asked = counter.page(&format!("/agent/sale/asked/{key}")).await;
            assert!(asked.contains("data-testid=\"nothing\""), "{asked}");
            assert_eq!(town.count("select count(*) from top_up").await, 0);
            let (pay, key) = (late.text.clone(), hidden(&late.text, "key"));
            let first = redirected(&press(town, &counter, &pay, "10").await);
            let second = redirected(&press(town, &counter, &pay, "20").await);
            assert_eq!(second, first.replace("told=now", "told=again"));
            let asked = redirected(&counter.browser.get(&format!("/agent/sale/asked/{key}")).await);
            assert_eq!(asked, second);
            assert!(counter.page(&second).await.contains("data-testid=\"again\""));
            assert_eq!(town.count("select count(*) from top_up").await, 1);
            assert_eq!(shop.float(town).await, 99_000);
        });
    }

    pub fn a_signed_sale_that_is_sent_again_to_the_letter_is_told_and_not_sold_twice(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let pay = to_pay(town, &counter, NUMBER).await;
            let (path, body) = ("/agent/sale/sell", sale_form(&pay));
            let headers = counter.headers(town, path, &body, &counter.signing(town));
            let first = counter.browser.post_with(path, &headers, body.clone()).await;
            for _ in 0..3 {
                let again = counter.browser.post_with(path, &headers, body.clone()).await;
                assert_eq!(redirected(&again), redirected(&first).replace("told=now", "told=again"));
            }
            let altered = body.replace("given=10", "given=20");
            let altered = counter.browser.post_with(path, &headers, altered).await;
            assert_eq!((altered.status, altered.header("recarga-refused")), (401, "signature"));
            assert_eq!((shop.float(town).await, town.api.balance(NUMBER).await), (99_000, 1_000));
            assert_eq!(town.count("select count(*) from top_up").await, 1);
        });
    }

    pub fn a_sale_under_a_key_that_no_page_drew_is_not_sold(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let pay = to_pay(town, &counter, NUMBER).await;
            let key = hidden(&pay, "key");
            for other in ["", "1", "../../../../../../etc/pass"] {
                let form = sale_form(&pay).replace(&key, &other.replace('/', "%2F"));
                let headers = counter.headers(town, "/agent/sale/sell", &form, &counter.signing(town));
                let answer = counter.browser.post_with("/agent/sale/sell", &headers, form).await;
                assert_eq!(answer.status, 200, "{other}");
                let drawn = hidden(&answer.text, "key");
                assert!(drawn.len() == 26 && drawn != key, "the customer's screen comes anew: {drawn}");
            }
            assert_eq!(
                (shop.float(town).await, town.count("select count(*) from top_up").await),
                (100_000, 0)
            );
        });
    }

    pub fn a_sale_that_is_refused_says_why_and_takes_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { float_minor: 500, start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let unknown = counter.post(town, "/agent/sale", &[("msisdn", "07400 999999")]).await;
            assert_eq!(
                attribute(&unknown.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("line_unknown")
            );
            let pay = to_pay(town, &counter, NUMBER).await;
            let refused = press(town, &counter, &pay, "10").await;
            assert_eq!(
                attribute(&refused.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("float_insufficient")
            );
            assert_ne!(hidden(&refused.text, "key"), hidden(&pay, "key"), "another try is another request");
            let short = press(town, &counter, &pay, "5").await;
            assert_eq!(
                attribute(&short.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("float_insufficient"),
                "what was refused stays so under its key"
            );
            assert_eq!((shop.float(town).await, town.count("select count(*) from tender").await), (500, 0));
        });
    }

    pub fn a_clerk_counts_blind_and_a_difference_wants_its_reason(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "50").await;
            let till = counter.page("/agent/till").await;
            assert!(said(&till, "expected").is_empty(), "nobody says what there should be before the count");
            counter.post(town, "/agent/till/count", &[("d2000", "2"), ("d1000", "")]).await;
            let counted = counter.page("/agent/till").await;
            assert!(said(&counted, "difference").contains("10.00"), "{counted}");
            let silent = counter.post(town, "/agent/till/close", &[("reason", " ")]).await;
            assert_eq!(
                attribute(&silent.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("till_reason_missing")
            );
            let closed = counter.post(town, "/agent/till/close", &[("reason", "a note was false")]).await;
            let report = counter.page(&redirected(&closed)).await;
            assert!(report.contains("a note was false"), "{report}");
        });
    }

    pub fn a_card_is_asked_for_watched_and_called_off_on_the_sales_own_page(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            assert!(!to_pay(town, &counter, NUMBER).await.contains("card-form"), "no reader stands here yet");
            let reader = town.outside.reader().await;
            let devices = counter.page("/agent/owner/devices").await;
            let device = attribute(&devices, "[data-device]", "data-device").expect("the device");
            let path = format!("/agent/owner/devices/{device}/reader");
            let unknown = counter.post(town, &path, &[("reader", "tmr_nobody")]).await;
            assert!(unknown.text.contains("data-code=\"reader_unknown\""), "{}", unknown.text);
            let set = counter.post(town, &path, &[("reader", &reader)]).await;
            assert!(set.text.contains("data-testid=\"reader-set\""), "{}", set.text);

            let pay = to_pay(town, &counter, NUMBER).await;
            let too_much = press_with(town, &counter, &pay, &[("rest", "card"), ("cash", "12")]).await;
            assert!(too_much.text.contains("data-code=\"tenders_refused\""), "{}", too_much.text);
            let pay = to_pay(town, &counter, NUMBER).await;
            let to = redirected(&press_with(town, &counter, &pay, &[("rest", "card"), ("cash", "3")]).await);
            let asked = counter.page(&to).await;
            assert_eq!(attribute(&asked, "[data-testid=outcome]", "data-word").as_deref(), Some("pending"));
            assert_eq!(
                attribute(&asked, "[data-testid=asked]", "data-on-reader").as_deref(),
                Some("under_way")
            );
            assert!(said(&asked, "asked").contains("7.00"), "the card's part alone: {asked}");
            let card = |number: &str| serde_json::json!({ "do": "insert", "card": number });
            town.outside.at_reader(&reader, card("4000000000009995")).await;
            counter.page(&to).await;
            town.work().await;
            let failed = counter.page(&to).await;
            assert_eq!(attribute(&failed, "[data-testid=outcome]", "data-word").as_deref(), Some("failed"));
            assert!(said(&failed, "untaken").contains("3.00"), "{failed}");

            let path = to.split('?').next().expect("a path").to_owned();
            let again = counter.post(town, &format!("{path}/again"), &[]).await.text;
            let to = redirected(&press_with(town, &counter, &again, &[("rest", "card")]).await);
            let path = to.split('?').next().expect("a path").to_owned();
            counter.post(town, &format!("{path}/call-off"), &[]).await;
            town.work().await;
            assert_eq!(
                attribute(&counter.page(&to).await, "[data-testid=outcome]", "data-state").as_deref(),
                Some("cancelled")
            );

            let pay = to_pay(town, &counter, NUMBER).await;
            let to = redirected(&press_with(town, &counter, &pay, &[("rest", "card")]).await);
            town.outside.at_reader(&reader, card("4242424242424242")).await;
            let sold = counter.page(&to).await;
            assert_eq!(
                attribute(&sold, "[data-testid=outcome]", "data-word").as_deref(),
                Some("accepted"),
                "{sold}"
            );
            assert_eq!((town.api.balance(NUMBER).await, shop.float(town).await), (1_000, 100_000));
        });
    }
}
