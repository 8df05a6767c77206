//! The personal centre: what is on one's lines in words, what happened to it back to the receipt, and the last top-up
//! again in one tap.

use crate::support::buyer::{Buyer, attribute, redirected, text};
use crate::support::member::{register, sign_in};
use crate::support::registry::{CATALOGUE, CHINESE_NUMBER, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::time::{DAY_MS, HOUR_MS};
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    whoever_is_not_signed_in_is_led_to_the_sign_in_and_back
    a_bundle_is_told_as_what_is_left_and_until_when
    what_ends_soon_runs_low_or_is_used_up_is_said
    a_line_that_is_not_in_the_account_is_not_found
    an_order_of_somebody_signed_in_is_theirs_and_opens_on_another_device
    the_address_is_filled_in_and_the_review_says_whose_order_it_is
    the_last_top_up_is_repeated_in_one_tap_at_todays_price
    an_offer_that_is_not_sold_any_more_leads_to_the_offers_and_says_so
    own_lines_are_offered_on_the_first_page
    the_history_of_a_bucket_explains_what_is_left_and_leads_to_the_receipt
    the_history_of_the_money_comes_in_pages_and_nothing_is_lost_between_them
    the_app_has_a_manifest_and_a_worker_at_the_root
}

const EMAIL: &str = "ana@example.org";
const GB: i64 = 1_000_000_000;
const BUNDLE: &str = "gb-traveller";

async fn member(town: &Town) -> Buyer {
    let browser = town.buyer();
    register(town, &browser, EMAIL, NUMBER).await;
    browser
}

async fn buy(town: &Town, key: &str, offer: &str) {
    let sold = town.api.sell(key, NUMBER, offer).await;
    assert_eq!(sold.status, 201, "{}", sold.text);
}

async fn use_up(town: &Town, id: &str, unit: &str, amount: i64) {
    let body = json!({ "id": id, "unit": unit, "amount": amount, "at": town.world.now().rfc3339() });
    let used = town.api.post(&format!("/v1/lines/{NUMBER}/usage"), Some(id), &body).await;
    assert_eq!(used.status, 201, "{}", used.text);
}

async fn me(browser: &Buyer) -> String {
    let page = browser.get("/me").await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

async fn line_url(browser: &Buyer) -> String {
    attribute(&me(browser).await, "[data-testid=line-link]", "href").expect("a line")
}

/// Buys with a card, signed in; answers the order's code.
async fn buy_by_card(town: &Town, browser: &Buyer, offer: &str) -> String {
    let order = browser.order(NUMBER, offer).await;
    town.outside.pay(&order.session, "4242424242424242").await;
    assert_eq!(town.look(&order).await, "credited");
    order.code
}

mod checks {
    use super::*;

    pub fn whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(engine: Engine) {
        in_town(engine, async |town| {
            for path in ["/me", "/me/history", "/me/history.csv", "/me/lines/line_01JD9Z3K7Q8W4M5N6P7R8S9T0V"]
            {
                let led = redirected(&town.buyer().get(path).await);
                assert!(led.starts_with("/sign-in?next="), "{led}");
            }
            let browser = town.buyer();
            register(town, &browser, "b@example.org", CHINESE_NUMBER).await;
            assert!(me(&browser).await.contains("8888"));
        });
    }

    pub fn a_bundle_is_told_as_what_is_left_and_until_when(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            assert!(text(&me(&browser).await, "[data-testid=line]").contains("No bundles"));
            buy(town, "b", BUNDLE).await;
            buy(town, "c", TEN).await;
            use_up(town, "r1", "octets", 3_800_000_000).await;
            let page = me(&browser).await;
            assert_eq!(text(&page, "[data-testid=money]"), "£10.00");
            let data = text(&page, "[data-unit=octets] [data-testid=bucket-left]");
            assert_eq!(data, "1.2\u{a0}GB of 5\u{a0}GB left".replace('\u{a0}', " "));
            let end = text(&page, "[data-unit=octets] [data-testid=bucket-end]");
            assert!(end.starts_with("Until ") && end.contains("29 days to go."), "{end}");
            let value = attribute(&page, "[data-unit=octets] progress", "value");
            assert_eq!(value.as_deref(), Some("1200000000"));
            assert!(text(&page, "[data-testid=as-of]").starts_with("As of "));
            let chinese = browser.clone().reading("zh-CN").get("/me?lang=zh-CN").await.text;
            let left = text(&chinese, "[data-unit=octets] [data-testid=bucket-left]");
            assert!(left.starts_with("剩余1.2 GB，共5 GB"), "{left}");
        });
    }

    pub fn what_ends_soon_runs_low_or_is_used_up_is_said(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            buy(town, "b", BUNDLE).await;
            let alert = async |unit: &str| {
                attribute(
                    &me(&browser).await,
                    &format!("[data-unit={unit}] [data-testid=alert]"),
                    "data-alert",
                )
            };
            assert_eq!(alert("octets").await, None);
            use_up(town, "r1", "octets", 4_600_000_000).await;
            assert_eq!(alert("octets").await.as_deref(), Some("low"));
            use_up(town, "r2", "octets", 400_000_000).await;
            assert_eq!(alert("octets").await.as_deref(), Some("used_up"));
            town.clock.pass(27 * DAY_MS);
            assert_eq!(alert("seconds").await.as_deref(), Some("ends_soon"));
            let end = text(&me(&browser).await, "[data-unit=seconds] [data-testid=bucket-end]");
            assert!(end.contains("2 days to go."), "{end}");
        });
    }

    pub fn a_line_that_is_not_in_the_account_is_not_found(engine: Engine) {
        in_town(engine, async |town| {
            let ana = member(town).await;
            let bo = town.buyer();
            register(town, &bo, "bo@example.org", CHINESE_NUMBER).await;
            let of_ana = line_url(&ana).await;
            assert_eq!(bo.get(&of_ana).await.status, 404);
            for form in ["repeat", "top-up"] {
                assert_eq!(bo.post(&format!("{of_ana}/{form}"), &[]).await.status, 404);
            }
            assert_eq!(ana.get("/me/lines/nonsense").await.status, 404);
            assert_eq!(ana.get(&format!("{of_ana}?bucket=bkt_01JD9Z3K7Q8W4M5N6P7R8S9T0V")).await.status, 404);
        });
    }

    pub fn an_order_of_somebody_signed_in_is_theirs_and_opens_on_another_device(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            let code = buy_by_card(town, &browser, TEN).await;
            let stored = town.count("select count(*) from top_up where subscriber_id is not null").await;
            assert_eq!(stored, 1);
            let other = town.buyer();
            assert!(
                other.get(&format!("/o/{code}")).await.text.contains("proof"),
                "a stranger has to prove it"
            );
            town.clock.pass(HOUR_MS);
            sign_in(town, &other, EMAIL, EMAIL).await;
            let page = other.get(&format!("/o/{code}")).await;
            assert_eq!(
                attribute(&page.text, "[data-testid=state]", "data-state").as_deref(),
                Some("credited")
            );
            assert_eq!(other.get(&format!("/o/{code}/receipt")).await.status, 200);
            let bo = town.buyer();
            register(town, &bo, "bo@example.org", CHINESE_NUMBER).await;
            let hidden = bo.get(&format!("/o/{code}")).await;
            assert_eq!(attribute(&hidden.text, "[data-testid=state]", "data-state"), None);
        });
    }

    pub fn the_address_is_filled_in_and_the_review_says_whose_order_it_is(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            let chosen = browser.post("/top-up", &[("country", "GB"), ("msisdn", "+447400123456")]).await;
            let priced = browser.post(&redirected(&chosen), &[("offer", TEN), ("amount", "")]).await;
            let page = browser.get(&redirected(&priced)).await.text;
            assert_eq!(attribute(&page, "#email", "value").as_deref(), Some(EMAIL));
            assert!(!text(&page, "[data-testid=own-order]").is_empty());
            let stranger = town.buyer();
            let chosen = stranger.post("/top-up", &[("country", "GB"), ("msisdn", "+447400123456")]).await;
            let priced = stranger.post(&redirected(&chosen), &[("offer", TEN), ("amount", "")]).await;
            let page = stranger.get(&redirected(&priced)).await.text;
            assert_eq!(attribute(&page, "#email", "value").as_deref(), Some(""));
            assert!(text(&page, "[data-testid=own-order]").is_empty());
        });
    }

    pub fn the_last_top_up_is_repeated_in_one_tap_at_todays_price(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            assert!(!me(&browser).await.contains("repeat-form"), "nothing to repeat yet");
            buy_by_card(town, &browser, TEN).await;
            let form = attribute(&me(&browser).await, "[data-testid=repeat-form]", "action").expect("a form");
            let review = redirected(&browser.post(&form, &[]).await);
            assert!(review.ends_with("/review"), "{review}");
            let page = browser.get(&review).await;
            assert_eq!(text(&page.text, "[data-testid=total]"), "£10.00");
            let dearer = CATALOGUE.replacen("value_minor = 1000", "value_minor = 1000\nfee_minor = 50", 1);
            town.import_catalogue(&dearer).await;
            let review = redirected(&browser.post(&form, &[]).await);
            assert_eq!(text(&browser.get(&review).await.text, "[data-testid=total]"), "£10.50");
            // The form's own address, opened as a page, is the line's.
            assert!(form.starts_with(&redirected(&browser.get(&form).await)));
        });
    }

    pub fn an_offer_that_is_not_sold_any_more_leads_to_the_offers_and_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            buy_by_card(town, &browser, TEN).await;
            let form = attribute(&me(&browser).await, "[data-testid=repeat-form]", "action").expect("a form");
            let partners = CATALOGUE.replacen("[\"online\", \"partner\", \"agent\"]", "[\"partner\"]", 1);
            town.import_catalogue(&partners).await;
            let review = redirected(&browser.post(&form, &[]).await);
            let offers = redirected(&browser.get(&review).await);
            let page = browser.get(&offers).await.text;
            let said = attribute(&page, "[data-testid=error-summary]", "data-code");
            assert_eq!(said.as_deref(), Some("offer_unknown"), "{page}");
            assert!(page.contains("data-testid=\"offer\""), "others can be chosen");
        });
    }

    pub fn own_lines_are_offered_on_the_first_page(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            let page = browser.get("/").await.text;
            assert!(text(&page, "[data-testid=own-lines]").contains("3456"));
            let form = attribute(&page, "[data-testid=own-lines] form", "action").expect("a form");
            let cart = redirected(&browser.post(&form, &[]).await);
            assert!(text(&browser.get(&cart).await.text, "[data-testid=number]").ends_with("123456"));
            assert!(!town.buyer().get("/").await.text.contains("own-lines"));
        });
    }

    pub fn the_history_of_a_bucket_explains_what_is_left_and_leads_to_the_receipt(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            let code = buy_by_card(town, &browser, BUNDLE).await;
            use_up(town, "r1", "octets", GB).await;
            use_up(town, "r2", "octets", GB / 2).await;
            let line = line_url(&browser).await;
            let page = browser.get(&line).await.text;
            let bucket =
                attribute(&page, "[data-unit=octets] [data-testid=bucket-end] a", "href").expect("a link");
            let history = browser.get(bucket.trim_end_matches("#history")).await.text;
            let entries = text(&history, "[data-testid=entries]");
            let used = [entries.find("0.5").or(entries.find("500 MB")), entries.find("−1 GB")];
            assert!(used.iter().all(Option::is_some), "{entries}");
            assert!(entries.contains("+5 GB") && entries.contains("Topped up"), "{entries}");
            let receipt = attribute(&history, "[data-testid=entry-receipt]", "href");
            assert_eq!(receipt, Some(format!("/o/{code}/receipt")));
            for _ in 0..2 {
                // Using the session lets it last.
                town.pass(16 * DAY_MS).await;
                me(&browser).await;
            }
            let page = browser.get(&line).await.text;
            assert!(text(&page, "[data-testid=past]").contains("5 GB"), "an ended bundle can still be read");
            let ended = browser.get(bucket.trim_end_matches("#history")).await.text;
            let entries = text(&ended, "[data-testid=entries]");
            assert!(entries.contains("Ended unused") && entries.contains("−3.5 GB"), "{entries}");
        });
    }

    pub fn the_history_of_the_money_comes_in_pages_and_nothing_is_lost_between_them(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            buy(town, "b1", TEN).await;
            for n in 0..30 {
                use_up(town, &format!("r{n}"), "GBP", 1 + n).await;
            }
            buy(town, "b2", TEN).await;
            let mut url = line_url(&browser).await;
            let (mut pages, mut sum) = (0, 0);
            loop {
                let page = browser.get(url.trim_end_matches("#history")).await.text;
                sum += sum_of(&page);
                pages += 1;
                match attribute(&page, "[data-testid=older]", "href") {
                    Some(next) => url = next,
                    None => break,
                }
            }
            assert_eq!((pages, sum), (2, town.api.balance(NUMBER).await));
        });
    }

    /// What the entries of a page add up to, in pence.
    fn sum_of(page: &str) -> i64 {
        let html = scraper::Html::parse_document(page);
        let selector = scraper::Selector::parse("[data-testid=entries] .sum").unwrap();
        let amount = |entry: scraper::ElementRef<'_>| {
            let written: String = entry.text().collect();
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            let amount: i64 = digits.parse().unwrap();
            if written.contains('−') { -amount } else { amount }
        };
        html.select(&selector).map(amount).sum()
    }

    pub fn the_app_has_a_manifest_and_a_worker_at_the_root(engine: Engine) {
        in_town(engine, async |town| {
            let anybody = town.buyer();
            let manifest = anybody.get("/manifest.webmanifest").await;
            assert_eq!(
                (manifest.json["name"].as_str(), manifest.json["start_url"].as_str()),
                (Some("Prueba"), Some("/me"))
            );
            for icon in manifest.json["icons"].as_array().expect("icons") {
                let src = icon["src"].as_str().expect("an address");
                assert_eq!(anybody.get(src).await.header("content-type"), "image/svg+xml");
            }
            let worker = anybody.get("/sw.js").await;
            assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
            assert_eq!(worker.header("cache-control"), "no-cache");
            assert_eq!(anybody.get("/offline").await.status, 200);
            assert!(anybody.get("/").await.header("content-security-policy").contains("script-src 'self'"));
        });
    }
}
