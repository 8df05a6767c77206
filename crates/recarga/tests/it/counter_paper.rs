//! Paper at a counter: a sale prints its slip once, a printer without paper holds up nobody, what is printed again is a
//! copy, reports are printed too, and the receipt goes by e-mail to whoever asks for it.

use crate::support::buyer::{attribute, redirected};
use crate::support::counter::{Counter, PIN};
use crate::support::counter::{counter_of, open_till, press, press_with, said, to_pay};
use crate::support::member::mails_saying;
use crate::support::registry::NUMBER;
use crate::support::shop::{Opening, Shop, open_shop};
use crate::support::town::{Town, in_town};
use crate::support::wait::until;
use domain::time::DAY_MS;
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_sale_prints_its_slip_once_and_again_only_as_a_copy
    a_printer_without_paper_holds_up_nobody_and_prints_once_when_it_is_filled
    a_card_sale_prints_when_its_page_learns_that_it_was_paid
    the_first_slip_from_a_browser_is_the_original_and_the_printers_then_a_copy
    a_printer_and_a_browser_at_one_moment_make_one_original
    what_was_printed_long_ago_is_forgotten_and_what_is_printed_then_is_still_a_copy
    an_x_report_and_a_z_report_are_printed
    a_receipt_goes_to_the_address_that_is_asked_for_and_to_one_alone
    a_slip_page_prints_with_the_browser_and_says_what_the_paper_says
    a_printer_outside_the_shops_network_is_not_taken
}

async fn shop_with_printer(town: &Town) -> (Shop, Counter) {
    let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
    let counter = counter_of(town, &shop).await;
    open_till(town, &counter, "0").await;
    let set = set_printer(town, &counter, &town.outside.printer.to_string()).await;
    assert!(set.contains("data-testid=\"printer-set\""), "{set}");
    (shop, counter)
}

pub async fn set_printer(town: &Town, counter: &Counter, address: &str) -> String {
    let devices = counter.page("/agent/owner/devices").await;
    let device = attribute(&devices, "[data-device]", "data-device").expect("the device");
    let form = [("address", address), ("width", "80")];
    counter.post(town, &format!("/agent/owner/devices/{device}/printer"), &form).await.text
}

/// Sells for ten and says where the sale's page is.
async fn sell(town: &Town, counter: &Counter) -> String {
    let pay = to_pay(town, counter, NUMBER).await;
    let to = redirected(&press(town, counter, &pay, "20").await);
    counter.page(&to).await;
    to.split('?').next().expect("a path").to_owned()
}

/// What stands on the papers, the newest first, once there are so many.
pub async fn papers(town: &Town, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    until("the papers", async || {
        let url = format!("{}/printer/papers", town.outside.url);
        let state: Value =
            serde_json::from_str(&reqwest::get(url).await.unwrap().text().await.unwrap()).unwrap();
        let lines =
            |paper: &Value| serde_json::from_value::<Vec<String>>(paper["text"].clone()).unwrap().join("\n");
        found = state["papers"].as_array().unwrap().iter().map(lines).collect();
        found.len() >= count
    })
    .await;
    assert_eq!(found.len(), count, "{found:?}");
    found
}

/// How often the cash drawer opened.
async fn drawer(town: &Town) -> i64 {
    let url = format!("{}/printer/papers", town.outside.url);
    let state: Value = serde_json::from_str(&reqwest::get(url).await.unwrap().text().await.unwrap()).unwrap();
    state["drawer_opened"].as_i64().expect("a number")
}

pub fn stage(page: &str) -> String {
    attribute(page, "[data-testid=paper]", "data-stage").unwrap_or_default()
}

mod checks {
    use super::*;

    pub fn a_sale_prints_its_slip_once_and_again_only_as_a_copy(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, counter) = shop_with_printer(town).await;
            let path = sell(town, &counter).await;
            counter.page(&format!("{path}?told=now")).await;
            counter.page(&path).await;
            town.work().await;
            let paper = papers(town, 1).await.remove(0);
            let code = path.rsplit('/').next().expect("a code");
            for said in [code, "10.00", "+447400", "3456", &shop.outlet.facts.name, "20.00"] {
                assert!(paper.contains(said), "{said} in {paper}");
            }
            assert!(
                !paper.contains("07400 123456") && !paper.contains("447400123456"),
                "no whole number: {paper}"
            );
            assert!(!paper.contains("COPY"), "{paper}");
            assert_eq!(stage(&counter.page(&path).await), "printed");
            redirected(&counter.post(town, &format!("{path}/print"), &[]).await);
            town.work().await;
            assert!(papers(town, 2).await[0].starts_with("COPY 1"));
            assert_eq!(drawer(town).await, 1, "for the cash of the sale");
        });
    }

    pub fn a_printer_without_paper_holds_up_nobody_and_prints_once_when_it_is_filled(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, counter) = shop_with_printer(town).await;
            town.outside.control("printer", &json!({ "paper": "out" })).await;
            let first = sell(town, &counter).await;
            town.work().await;
            let page = counter.page(&first).await;
            assert_eq!(stage(&page), "waiting");
            assert!(said(&page, "paper").contains("no paper"), "{page}");
            assert!(
                attribute(&page, "[data-testid=proof]", "open").is_some(),
                "the QR code is shown instead"
            );
            let second = sell(town, &counter).await;
            assert_eq!(shop.float(town).await, 98_000, "the next sale does not wait");
            assert_eq!(stage(&counter.page(&second).await), "waiting", "behind the first one");
            town.outside.control("printer", &json!({})).await;
            town.pass(3_000).await;
            town.pass(60_000).await;
            let papers = papers(town, 2).await;
            assert!(papers.iter().all(|paper| !paper.contains("COPY")), "{papers:?}");
            for path in [first, second] {
                assert_eq!(stage(&counter.page(&path).await), "printed");
            }
        });
    }

    pub fn a_card_sale_prints_when_its_page_learns_that_it_was_paid(engine: Engine) {
        in_town(engine, async |town| {
            let (_, counter) = shop_with_printer(town).await;
            let reader = town.outside.reader().await;
            let devices = counter.page("/agent/owner/devices").await;
            let device = attribute(&devices, "[data-device]", "data-device").expect("the device");
            counter
                .post(town, &format!("/agent/owner/devices/{device}/reader"), &[("reader", &reader)])
                .await;
            let pay = to_pay(town, &counter, NUMBER).await;
            let to = redirected(&press_with(town, &counter, &pay, &[("rest", "card")]).await);
            let path = to.split('?').next().expect("a path");
            counter.page(&to).await;
            town.work().await;
            let early = counter.post(town, &format!("{path}/print"), &[]).await;
            assert!(early.text.contains("data-code=\"nothing_to_mail\""), "{}", early.text);
            town.work().await;
            assert_eq!(papers(town, 0).await.len(), 0, "nothing is sold yet");
            town.outside.at_reader(&reader, json!({ "do": "insert", "card": "4242424242424242" })).await;
            for _ in 0..3 {
                counter.page(path).await;
                town.work().await;
            }
            assert!(!papers(town, 1).await[0].contains("COPY"));
        });
    }

    pub fn the_first_slip_from_a_browser_is_the_original_and_the_printers_then_a_copy(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let path = sell(town, &counter).await;
            let slip = async || said(&counter.post(town, &format!("{path}/slip"), &[]).await.text, "slip");
            assert!(!slip().await.contains("COPY"));
            assert!(slip().await.contains("COPY"));
            assert!(said(&counter.page(&format!("{path}/slip")).await, "slip").contains("COPY"));
            set_printer(town, &counter, &town.outside.printer.to_string()).await;
            redirected(&counter.post(town, &format!("{path}/print"), &[]).await);
            town.work().await;
            assert!(papers(town, 1).await[0].contains("COPY"));
            assert_eq!(drawer(town).await, 0, "no money moves for a copy");
            let reprinted = "select count(*) from counter_journal where what = 'reprinted'";
            assert_eq!(town.count(reprinted).await, 2, "the browser's second and the printer's");
        });
    }

    pub fn a_printer_and_a_browser_at_one_moment_make_one_original(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let mut sales = Vec::new();
            for _ in 0..4 {
                sales.push(sell(town, &counter).await);
            }
            set_printer(town, &counter, &town.outside.printer.to_string()).await;
            for (nth, path) in sales.iter().enumerate() {
                let (to_slip, to_printer) = (format!("{path}/slip"), format!("{path}/print"));
                let (slip, printed) =
                    tokio::join!(counter.post(town, &to_slip, &[]), counter.post(town, &to_printer, &[]));
                redirected(&printed);
                town.work().await;
                let paper = papers(town, nth + 1).await.remove(0);
                let originals = [said(&slip.text, "slip"), paper].map(|paper| !paper.contains("COPY"));
                assert_ne!(originals[0], originals[1], "one of two: {originals:?}");
            }
        });
    }

    pub fn what_was_printed_long_ago_is_forgotten_and_what_is_printed_then_is_still_a_copy(engine: Engine) {
        in_town(engine, async |town| {
            let (_, counter) = shop_with_printer(town).await;
            let path = sell(town, &counter).await;
            town.work().await;
            assert!(!papers(town, 1).await[0].contains("COPY"));
            town.pass(89 * DAY_MS).await;
            assert_eq!(town.count("select count(*) from print_job").await, 1, "a quarter is not over");
            town.pass(2 * DAY_MS).await;
            assert_eq!(town.count("select count(*) from print_job").await, 0);
            let owner = town.count("select max(number) from clerk").await.to_string();
            redirected(&counter.unlock(town, &owner, PIN).await);
            redirected(&counter.post(town, &format!("{path}/print"), &[]).await);
            town.work().await;
            assert!(papers(town, 2).await[0].starts_with("COPY 1"));
        });
    }

    pub fn an_x_report_and_a_z_report_are_printed(engine: Engine) {
        in_town(engine, async |town| {
            let (_, counter) = shop_with_printer(town).await;
            sell(town, &counter).await;
            town.work().await;
            let till = counter.page("/agent/till").await;
            let report = attribute(&till, "a[href^='/agent/till/shifts/']", "href").expect("the X report");
            redirected(&counter.post(town, &format!("{report}/print"), &[]).await);
            town.work().await;
            let x = papers(town, 2).await.remove(0);
            assert!(x.contains("10.00") && !x.contains("COPY"), "{x}");
            counter.post(town, "/agent/till/count", &[("d1000", "1")]).await;
            let z = redirected(&counter.post(town, "/agent/till/close", &[]).await);
            redirected(&counter.post(town, &format!("{z}/print"), &[]).await);
            town.work().await;
            let z = papers(town, 3).await.remove(0);
            assert!(z.contains("Z") && z.contains('1') && z.contains("10.00"), "{z}");
        });
    }

    pub fn a_receipt_goes_to_the_address_that_is_asked_for_and_to_one_alone(engine: Engine) {
        in_town(engine, async |town| {
            let (_, counter) = shop_with_printer(town).await;
            let path = sell(town, &counter).await;
            let send =
                async |email: &str| counter.post(town, &format!("{path}/send"), &[("email", email)]).await;
            let wrong = send("nobody").await;
            assert!(wrong.text.contains("data-code=\"email_invalid\""), "{}", wrong.text);
            redirected(&send("Buyer@example.org").await);
            town.work().await;
            until("the receipt", async || mails_saying(town, "Buyer@example.org", "10.00").await == 1).await;
            let twice = send("other@example.org").await;
            assert!(twice.text.contains("data-code=\"mailed_before\""), "{}", twice.text);
            assert!(counter.page(&path).await.contains("data-testid=\"mailed\""));
        });
    }

    pub fn a_slip_page_prints_with_the_browser_and_says_what_the_paper_says(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, counter) = shop_with_printer(town).await;
            let path = sell(town, &counter).await;
            town.work().await;
            let paper = papers(town, 1).await.remove(0);
            let opened = counter.post(town, &format!("{path}/slip"), &[]).await;
            let slip = said(&opened.text, "slip");
            assert!(slip.contains("COPY"), "the printer's is the original: {slip}");
            for part in [path.rsplit('/').next().expect("a code"), &shop.outlet.facts.name, "3456"] {
                assert!(slip.contains(part) && paper.contains(part), "{part}");
            }
            let display = counter.page("/agent/display").await;
            assert!(said(&display, "display").contains(&shop.outlet.facts.name), "{display}");
        });
    }

    pub fn a_printer_outside_the_shops_network_is_not_taken(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            for address in ["8.8.8.8", "192.168.1.5:22", "printer.example", "169.254.169.254"] {
                let refused = set_printer(town, &counter, address).await;
                assert!(refused.contains("data-code=\"printer_unfit\""), "{address}: {refused}");
            }
        });
    }
}
