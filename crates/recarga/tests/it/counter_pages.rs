//! A shop's day through the pages of its counter: the till is opened, sold from, counted and closed, and each sale says
//! what became of it.

use crate::support::api::Answer;
use crate::support::buyer::{attribute, redirected, text};
use crate::support::counter::{Counter, PIN};
use crate::support::registry::{NUMBER, TEN};
use crate::support::shop::{Opening, Shop, open_shop};
use crate::support::town::{Town, in_town};
use domain::locale::Locale;
use flows::counter::clerks;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_day_at_a_counter_from_the_start_cash_to_the_z_report
    a_press_that_comes_twice_shows_the_first_sale_and_what_never_came_is_said
    a_sale_that_is_refused_says_why_and_takes_nothing
    a_clerk_counts_blind_and_a_difference_wants_its_reason
}

/// A counter of a shop, unlocked by an owner of it.
async fn counter_of(town: &Town, shop: &Shop) -> Counter {
    let agent = &shop.outlet.agent;
    let invited = clerks::invite_owner(&town.world, agent, &shop.outlet.place, "Li Na", Locale::En).await;
    let invited = invited.expect("invited").expect("a name");
    let counter = Counter::new(town);
    assert_eq!(counter.pair(town, &invited.code).await.status, 204);
    let number = invited.clerk.number.to_string();
    let form = [("number", number.as_str()), ("code", &invited.code), ("pin", PIN), ("again", PIN)];
    assert_eq!(redirected(&counter.post(town, "/agent/first-pin", &form).await), "/agent");
    counter
}

async fn open_till(town: &Town, counter: &Counter, start: &str) {
    assert_eq!(redirected(&counter.post(town, "/agent/till/open", &[("start", start)]).await), "/agent/sale");
}

fn hidden(page: &str, name: &str) -> String {
    attribute(page, &format!("input[name={name}]"), "value").unwrap_or_default()
}

/// From the number to the screen on which it is paid.
async fn to_pay(town: &Town, counter: &Counter, number: &str) -> String {
    let page = counter.page("/agent/sale").await;
    let key = hidden(&page, "key");
    let offers = counter.post(town, "/agent/sale", &[("key", &key), ("msisdn", number)]).await;
    assert_eq!((offers.status, hidden(&offers.text, "key")), (200, key.clone()), "{}", offers.text);
    let msisdn = hidden(&offers.text, "msisdn");
    let form = [("key", key.as_str()), ("msisdn", &msisdn), ("offer", TEN)];
    let pay = counter.post(town, "/agent/sale/review", &form).await;
    assert_eq!(hidden(&pay.text, "key"), key, "one key from the number to the receipt");
    pay.text
}

/// The press of a note.
async fn press(town: &Town, counter: &Counter, pay: &str, given: &str) -> Answer {
    let fields =
        ["key", "msisdn", "offer", "expected_total", "expected_bonus"].map(|name| (name, hidden(pay, name)));
    let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    form.push(("given", given));
    counter.post(town, "/agent/sale/sell", &form).await
}

fn said(page: &str, id: &str) -> String {
    text(page, &format!("[data-testid={id}]")).trim().to_owned()
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
}
