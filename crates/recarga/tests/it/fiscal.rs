//! The fiscal port: a sale at a counter is signed once by the market's device, whatever becomes of its answers, and the
//! device holds nothing up.

use crate::counter_paper::{papers, set_printer, stage};
use crate::support::buyer::{attribute, redirected};
use crate::support::counter::{Counter, counter_of, open_till, press, press_with, said, to_pay};
use crate::support::registry::NUMBER;
use crate::support::shop::{Opening, Shop, open_shop};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use serde_json::{Value, json};
use store::outbox::Topic;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_sale_is_signed_once_though_the_reply_was_lost
    a_device_that_is_down_holds_nothing_up_and_signs_later
    a_refusal_stands_on_the_report_and_is_tried_again_by_people
    without_a_device_nothing_is_asked
    the_receipt_carries_the_signature_on_page_and_paper
    the_first_slip_waits_a_moment_for_its_signature_and_no_longer
    a_reversal_is_a_transaction_of_its_own_after_the_sale
    a_card_sale_is_signed_when_it_stands
    an_answer_that_is_not_understood_is_asked_for_again
}

const SIGN: &str = "POST /fiscal/v1/transactions";

fn with_device(engine: Engine, journey: impl AsyncFnOnce(&Town)) {
    in_town_with(engine, Plan { fiscal: true, ..Plan::default() }, journey);
}

async fn opened(town: &Town) -> (Shop, Counter) {
    let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
    let counter = counter_of(town, &shop).await;
    open_till(town, &counter, "50").await;
    (shop, counter)
}

/// Sells for ten and says where the sale's page is.
async fn sell(town: &Town, counter: &Counter) -> String {
    let pay = to_pay(town, counter, NUMBER).await;
    let to = redirected(&press(town, counter, &pay, "20").await);
    let page = counter.page(&to).await;
    assert!(page.contains("ACCEPTED"), "{page}");
    to.split('?').next().expect("a path").to_owned()
}

fn code(path: &str) -> &str {
    path.rsplit('/').next().expect("a code")
}

async fn slip(town: &Town, counter: &Counter, path: &str) -> String {
    said(&counter.post(town, &format!("{path}/slip"), &[]).await.text, "slip")
}

/// The X report.
async fn report(counter: &Counter) -> String {
    let till = counter.page("/agent/till").await;
    let report = attribute(&till, "a[href^='/agent/till/shifts/']", "href").expect("the X report");
    counter.page(&report).await
}

fn counts(report: &str) -> [String; 3] {
    ["fiscal-signed", "fiscal-waiting", "fiscal-refused"].map(|id| said(report, id))
}

async fn take_back(town: &Town, counter: &Counter, path: &str) {
    let page = counter.page(path).await;
    let key = attribute(&page, "form[action$='/undo'] input[name=key]", "value").expect("a key");
    let form = [("key", key.as_str()), ("reason", "wrong_number")];
    redirected(&counter.post(town, &format!("{path}/undo"), &form).await);
}

mod checks {
    use super::*;

    pub fn a_sale_is_signed_once_though_the_reply_was_lost(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            town.outside.fault(SIGN, "drop_connection_after", 1).await;
            let path = sell(town, &counter).await;
            town.work().await;
            assert_eq!(town.outside.signed().await.len(), 1, "the device signed, and nobody heard");
            assert_eq!(counts(&report(&counter).await), ["0", "1", "0"]);
            // A second signature would be a second call: it would fail.
            town.outside.fault(SIGN, "error_500", 5).await;
            town.pass(3_000).await;
            let signed = town.outside.signed().await;
            assert_eq!(signed.len(), 1);
            assert_eq!(counts(&report(&counter).await), ["1", "0", "0"]);
            let asked = &signed[0]["asked"];
            assert_eq!((&asked["receipt"], &asked["kind"]), (&json!(code(&path)), &json!("sale")));
            assert_eq!((&asked["total_minor"], &asked["currency"]), (&json!(1_000), &json!("GBP")));
            assert_eq!(asked["tenders"], json!([{ "kind": "cash", "amount_minor": 1_000 }]));
            assert_eq!(town.count("select tries from fiscal_signature").await, 2);
        });
    }

    pub fn a_device_that_is_down_holds_nothing_up_and_signs_later(engine: Engine) {
        with_device(engine, async |town| {
            let (shop, counter) = opened(town).await;
            town.outside.fault(SIGN, "drop_connection_before", 1_000).await;
            town.outside.fault("GET /fiscal/v1/*", "drop_connection_before", 1_000).await;
            let first = sell(town, &counter).await;
            town.work().await;
            sell(town, &counter).await;
            town.pass(2_500).await;
            assert_eq!(shop.float(town).await, 98_000, "both sales stand");
            assert!(town.outside.signed().await.is_empty());
            assert_eq!(counts(&report(&counter).await), ["0", "2", "0"]);
            let waiting = slip(town, &counter, &first).await;
            assert!(waiting.contains("signature of the fiscal device follows"), "{waiting}");
            for page in ["/agent/till", "/agent/till/day"] {
                let device = said(&counter.page(page).await, "fiscal-device");
                assert!(device.contains(code(&first)) && device.contains("wait"), "{page}: {device}");
            }
            town.outside.no_faults().await;
            town.pass(20_000).await;
            assert_eq!(town.outside.signed().await.len(), 2);
            assert_eq!(counts(&report(&counter).await), ["2", "0", "0"]);
            let till = counter.page("/agent/till").await;
            assert!(said(&till, "fiscal-device").contains("SIM-FD-0001"), "{till}");
            assert!(said(&till, "not-fiscal").contains("not a certified fiscal register"), "{till}");
        });
    }

    pub fn a_refusal_stands_on_the_report_and_is_tried_again_by_people(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            town.outside.control("fiscal", &json!({ "refuses": "certificate_expired" })).await;
            let path = sell(town, &counter).await;
            town.pass(60_000).await;
            assert_eq!(counts(&report(&counter).await), ["0", "0", "1"]);
            assert!(slip(town, &counter, &path).await.contains("did not sign"));
            let dead = "select count(*) from outbox where topic = 'fiscal' and state = 'dead'";
            assert_eq!(town.count(dead).await, 1, "people see it");
            town.outside.control("fiscal", &json!({})).await;
            let now = town.world.now();
            let opened = town.world.db.write(move |tx| {
                let sql = "select top_up_id from fiscal_signature";
                let subject = tx.query_first(sql, &[], |row| row.text(0))?.unwrap_or_default();
                let dead = store::outbox::find_dead(tx, Topic::Fiscal, &subject)?.expect("the work");
                store::outbox::reopen(tx, &dead, now)
            });
            assert!(opened.await.expect("written"));
            town.work().await;
            assert_eq!(counts(&report(&counter).await), ["1", "0", "0"]);
            assert_eq!(town.outside.signed().await.len(), 1);
        });
    }

    pub fn without_a_device_nothing_is_asked(engine: Engine) {
        in_town(engine, async |town| {
            let (_, counter) = opened(town).await;
            let path = sell(town, &counter).await;
            take_back(town, &counter, &path).await;
            town.pass(60_000).await;
            assert!(town.outside.signed().await.is_empty());
            assert_eq!(town.count("select count(*) from fiscal_signature").await, 0);
            assert_eq!(town.count("select count(*) from outbox where topic = 'fiscal'").await, 0);
            assert!(!slip(town, &counter, &path).await.to_lowercase().contains("fiscal"));
            let till = counter.page("/agent/till").await;
            assert!(!till.contains("data-testid=\"fiscal-device\""), "{till}");
            assert!(said(&till, "not-fiscal").contains("not a certified fiscal register"), "{till}");
        });
    }

    pub fn the_receipt_carries_the_signature_on_page_and_paper(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            let path = sell(town, &counter).await;
            town.work().await;
            let answer = town.outside.signed().await[0]["answer"].clone();
            let signature = answer["signature"].as_str().expect("a signature").to_owned();
            let paper: String = slip(town, &counter, &path).await.split_whitespace().collect();
            for word in [signature.as_str(), "SIM-FD-0001", "transaction1,counter2"] {
                assert!(paper.contains(word), "{word} in {paper}");
            }
        });
    }

    pub fn the_first_slip_waits_a_moment_for_its_signature_and_no_longer(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            set_printer(town, &counter, &town.outside.printer.to_string()).await;
            let path = sell(town, &counter).await;
            assert_eq!(stage(&counter.page(&path).await), "printing", "the page asks again");
            assert_eq!(town.count("select count(*) from print_job").await, 0);
            town.work().await;
            counter.page(&path).await;
            town.work().await;
            let paper = papers(town, 1).await.remove(0);
            assert!(paper.contains("SIM-FD-0001") && !paper.contains("COPY"), "{paper}");
            town.outside.fault(SIGN, "drop_connection_before", 1_000).await;
            town.outside.fault("GET /fiscal/v1/*", "drop_connection_before", 1_000).await;
            let path = sell(town, &counter).await;
            town.pass(3_000).await;
            counter.page(&path).await;
            town.work().await;
            let paper = papers(town, 2).await.remove(0);
            assert!(paper.contains("follows") && !paper.contains("COPY"), "{paper}");
        });
    }

    pub fn a_reversal_is_a_transaction_of_its_own_after_the_sale(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            let path = sell(town, &counter).await;
            // Nothing was asked of the device yet: both wait, and go in their order.
            take_back(town, &counter, &path).await;
            town.work().await;
            town.pass(5_000).await;
            let signed = town.outside.signed().await;
            let kinds: Vec<&Value> = signed.iter().map(|one| &one["asked"]["kind"]).collect();
            assert_eq!(kinds, [&json!("sale"), &json!("reversal")]);
            let (sale, back) = (&signed[0]["asked"], &signed[1]["asked"]);
            assert_eq!(back["reverses"], sale["key"]);
            assert_eq!((&sale["total_minor"], &back["total_minor"]), (&json!(1_000), &json!(-1_000)));
            assert_eq!(back["tenders"], json!([{ "kind": "cash", "amount_minor": -1_000 }]));
            assert_eq!(counts(&report(&counter).await), ["2", "0", "0"]);
        });
    }

    pub fn a_card_sale_is_signed_when_it_stands(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            let reader = town.outside.reader().await;
            let devices = counter.page("/agent/owner/devices").await;
            let device = attribute(&devices, "[data-device]", "data-device").expect("the device");
            let set = format!("/agent/owner/devices/{device}/reader");
            counter.post(town, &set, &[("reader", &reader)]).await;
            let pay = to_pay(town, &counter, NUMBER).await;
            let to = redirected(&press_with(town, &counter, &pay, &[("rest", "card")]).await);
            let path = to.split('?').next().expect("a path");
            town.work().await;
            assert!(town.outside.signed().await.is_empty(), "no card was held to it");
            town.outside.at_reader(&reader, json!({ "do": "insert", "card": "4242424242424242" })).await;
            for _ in 0..3 {
                counter.page(path).await;
                town.work().await;
            }
            let signed = town.outside.signed().await;
            assert_eq!(signed.len(), 1);
            assert_eq!(signed[0]["asked"]["tenders"], json!([{ "kind": "card", "amount_minor": 1_000 }]));
        });
    }

    pub fn an_answer_that_is_not_understood_is_asked_for_again(engine: Engine) {
        with_device(engine, async |town| {
            let (_, counter) = opened(town).await;
            town.outside.fault(SIGN, "unknown_status", 1).await;
            town.outside.fault("GET /fiscal/v1/*", "error_500", 1).await;
            sell(town, &counter).await;
            town.work().await;
            assert_eq!(counts(&report(&counter).await), ["0", "1", "0"]);
            town.pass(2_500).await;
            assert_eq!(counts(&report(&counter).await), ["0", "1", "0"], "the question was not answered");
            town.pass(6_000).await;
            assert_eq!(counts(&report(&counter).await), ["1", "0", "0"]);
            assert_eq!(town.outside.signed().await.len(), 1);
        });
    }
}
