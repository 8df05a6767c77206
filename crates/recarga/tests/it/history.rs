//! The history of orders: whose are shown and how much of them, filters, pages, and the table for spreadsheets.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, attribute, text};
use crate::support::member::register;
use crate::support::registry::{CATALOGUE, CHINESE_NUMBER, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::time::DAY_MS;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    own_orders_are_shown_with_their_links_and_an_empty_history_says_so
    someone_elses_order_is_not_shown
    an_order_from_before_the_line_was_ones_own_is_not_shown
    of_anothers_order_to_ones_line_only_what_arrived_is_shown
    the_filters_choose_by_state_and_month
    pages_follow_each_other_without_a_gap
    the_table_is_utf_8_for_spreadsheets_with_local_and_universal_time
    a_name_that_looks_like_a_formula_is_only_text
    orders_older_than_two_years_are_in_the_archive
}

const EMAIL: &str = "ana@example.org";

async fn member(town: &Town) -> Buyer {
    let browser = town.buyer();
    register(town, &browser, EMAIL, NUMBER).await;
    browser
}

async fn history(browser: &Buyer, query: &str) -> String {
    let page = browser.get(&format!("/me/history{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

async fn table(browser: &Buyer, query: &str) -> Answer {
    let table = browser.get(&format!("/me/history.csv{query}")).await;
    assert_eq!(table.status, 200, "{}", table.text);
    table
}

fn rows(page: &str) -> usize {
    page.matches("data-testid=\"order-row\"").count()
}

/// An order by card, paid and credited.
async fn paid(town: &Town, browser: &Buyer, number: &str, offer: &str) -> String {
    let order = browser.order(number, offer).await;
    town.outside.pay(&order.session, "4242424242424242").await;
    assert_eq!(town.look(&order).await, "credited");
    order.code
}

mod checks {
    use super::*;

    pub fn own_orders_are_shown_with_their_links_and_an_empty_history_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            assert!(history(&browser, "").await.contains("data-testid=\"no-orders\""));
            let code = paid(town, &browser, NUMBER, "gb-credit-5").await;
            // For somebody else's line: still one's own order.
            let gift = browser.order(CHINESE_NUMBER, TEN).await.code;
            let page = history(&browser, "").await;
            assert_eq!(rows(&page), 2);
            let own = text(&page, "[data-state=credited]");
            assert!(own.contains("£5.30") && own.contains("3456") && own.contains("Credited"), "{own}");
            let waiting = text(&page, "[data-state=awaiting_payment]");
            assert!(waiting.contains("8888"), "{waiting}");
            for link in [
                format!("/o/{code}"),
                format!("/o/{code}/receipt"),
                format!("/support?order={code}"),
                format!("/o/{gift}"),
            ] {
                assert!(page.contains(&format!("href=\"{link}\"")), "{link}");
                assert_ne!(browser.get(&link).await.status, 404, "{link}");
            }
            assert!(!page.contains(&format!("/o/{gift}/receipt")), "nobody paid for it");
        });
    }

    pub fn someone_elses_order_is_not_shown(engine: Engine) {
        in_town(engine, async |town| {
            let ana = member(town).await;
            let bo = town.buyer();
            register(town, &bo, "bo@example.org", CHINESE_NUMBER).await;
            let code = paid(town, &bo, CHINESE_NUMBER, TEN).await;
            // To Ana's line, and not paid: nothing arrived, so it is nobody's business.
            bo.order(NUMBER, TEN).await;
            let page = history(&ana, "").await;
            assert_eq!(rows(&page), 0, "{page}");
            assert!(!table(&ana, "").await.text.contains(&code));
            assert_eq!(rows(&history(&bo, "").await), 2);
        });
    }

    pub fn an_order_from_before_the_line_was_ones_own_is_not_shown(engine: Engine) {
        in_town(engine, async |town| {
            paid(town, &town.buyer(), NUMBER, TEN).await;
            town.clock.pass(DAY_MS);
            let browser = member(town).await;
            assert_eq!(rows(&history(&browser, "").await), 0);
            let line = attribute(&browser.get("/me").await.text, "[data-testid=line-link]", "href").unwrap();
            let page = browser.get(&line).await.text;
            assert!(
                page.contains("data-testid=\"no-entries\""),
                "the money's history begins with the owner too"
            );
            assert!(text(&page, "[data-testid=money]").contains("10.00"), "what is on the line is theirs");
        });
    }

    pub fn of_anothers_order_to_ones_line_only_what_arrived_is_shown(engine: Engine) {
        in_town(engine, async |town| {
            let ana = member(town).await;
            let giver = town.buyer();
            let form = giver.review(NUMBER, "gb-credit-5").await;
            let pressed = giver.press(&form, "giver@example.org").await;
            let page = crate::support::buyer::redirected(&pressed);
            let session = crate::support::outside::Session::of_page(&page);
            let code = crate::support::buyer::passed(&pressed);
            town.outside.pay(&session, "4242424242424242").await;
            let order = crate::support::buyer::Order { code: code.clone(), session, buyer: giver };
            assert_eq!(town.look(&order).await, "credited");
            let page = history(&ana, "").await;
            let row = text(&page, "[data-own=no]");
            assert!(row.contains("£5.00") && !row.contains("5.30"), "{row}");
            for hidden in [code.as_str(), "giver", "4242"] {
                assert!(!page.contains(hidden), "{hidden}");
                assert!(!table(&ana, "").await.text.contains(hidden), "{hidden}");
            }
            let shown = ana.get(&format!("/o/{code}")).await.text;
            assert_eq!(
                attribute(&shown, "[data-testid=state]", "data-state"),
                None,
                "the order is the giver's"
            );
        });
    }

    pub fn the_filters_choose_by_state_and_month(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            paid(town, &browser, NUMBER, TEN).await;
            browser.order(NUMBER, "gb-credit-5").await;
            assert_eq!(rows(&history(&browser, "").await), 2);
            assert_eq!(rows(&history(&browser, "?state=arrived&line=&month=").await), 1);
            assert_eq!(rows(&history(&browser, "?state=under_way").await), 1);
            let none = history(&browser, "?state=cancelled").await;
            assert!(none.contains("data-testid=\"no-orders\"") && none.contains("Show all"));
            let month = domain::history::months(town.world.now(), "Europe/London", 2);
            assert_eq!(rows(&history(&browser, &format!("?month={}", month[0])).await), 2);
            assert_eq!(rows(&history(&browser, &format!("?month={}", month[1])).await), 0);
            // What cannot be read is not asked for.
            assert_eq!(rows(&history(&browser, "?state=x&month=y&line=z").await), 2);
            let csv = table(&browser, "?state=arrived").await;
            assert_eq!(csv.text.trim_end().lines().count(), 2);
        });
    }

    pub fn pages_follow_each_other_without_a_gap(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            for n in 0..27 {
                let sold = town.api.sell(&format!("k{n}"), NUMBER, TEN).await;
                assert_eq!(sold.status, 201);
            }
            let first = history(&browser, "").await;
            assert_eq!(rows(&first), 25);
            let older = attribute(&first, "[data-testid=older]", "href").expect("a next page");
            let second = browser.get(&older).await.text;
            assert_eq!(rows(&second), 2);
            assert_eq!(attribute(&second, "[data-testid=older]", "href"), None);
            assert_eq!(table(&browser, "").await.text.trim_end().lines().count(), 28);
        });
    }

    pub fn the_table_is_utf_8_for_spreadsheets_with_local_and_universal_time(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            let code = paid(town, &browser, NUMBER, TEN).await;
            let csv = table(&browser, "?lang=zh-CN").await;
            assert!(csv.header("content-type").starts_with("text/csv"));
            assert!(csv.header("content-disposition").contains("attachment"));
            // The mark by which Excel knows UTF-8 does not survive this client; render/tests/me.rs looks at it.
            let mut lines = csv.text.trim_start_matches('\u{feff}').split("\r\n");
            assert_eq!(
                lines.next(),
                Some("日期时间,时区,协调世界时,订单号,项目,号码尾号,金额,币种,状态,下单方")
            );
            let row = lines.next().expect("a row");
            let cells: Vec<&str> = row.split(',').collect();
            assert_eq!(cells.len(), 10, "{row}");
            assert_eq!(cells[1], "Europe/London");
            assert!(cells[2].ends_with('Z') && cells[2].starts_with(&cells[0][..10]), "{row}");
            assert_eq!((cells[3], cells[5], cells[6], cells[7]), (code.as_str(), "…3456", "10.00", "GBP"));
        });
    }

    pub fn a_name_that_looks_like_a_formula_is_only_text(engine: Engine) {
        in_town(engine, async |town| {
            let hostile = CATALOGUE.replacen("£10.00 credit", "=HYPERLINK(\\\"http://x\\\",\\\"a, b\\\")", 1);
            assert_ne!(hostile, CATALOGUE);
            town.import_catalogue(&hostile).await;
            let browser = member(town).await;
            paid(town, &browser, NUMBER, TEN).await;
            let csv = table(&browser, "").await.text;
            assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\",\"\"a, b\"\")\""), "{csv}");
        });
    }

    pub fn orders_older_than_two_years_are_in_the_archive(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            paid(town, &browser, NUMBER, TEN).await;
            assert!(!history(&browser, "").await.contains("data-testid=\"archived\""));
            let subscriber =
                town.read(|tx| tx.query_first("select subscriber_id from top_up", &[], |row| row.text(0)));
            let subscriber = domain::id::SubscriberId::stored(subscriber.await.expect("an order"));
            town.clock.pass(731 * DAY_MS);
            let all = flows::history::Filter::default();
            let page = flows::history::page(&town.world, &subscriber, &all, 25).await.expect("read");
            assert!(page.entries.is_empty() && page.archived);
        });
    }
}
