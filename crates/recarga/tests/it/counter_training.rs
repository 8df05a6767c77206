//! Training at a counter: the same screens to the end of a sale, and nothing of it is anywhere but in the journal and
//! under its key.

use crate::support::buyer::{attribute, redirected, text};
use crate::support::counter::{Counter, PIN};
use crate::support::counter::{counter_of, hidden, open_till, press, said, to_pay as real_to_pay};
use crate::support::registry::{NETWORK_NUMBER, NUMBER, TEN};
use crate::support::shop::{Opening, open_shop};
use crate::support::town::{Town, in_town};
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_sale_in_training_goes_to_its_end_and_changes_nothing
    whoever_is_in_training_neither_sees_nor_prints_real_sales_and_reports
    a_press_in_training_that_comes_twice_is_one_and_what_is_wrong_is_said
}

/// What training may add rows to: its outcome, the journal, and the device's signed requests.
const MAY_GROW: [&str; 3] = ["response", "counter_journal", "device_nonce"];

/// How many rows each table has.
async fn rows(town: &Town) -> BTreeMap<String, i64> {
    let sqlite = matches!(town.world.db.database(), store::Database::Sqlite(_));
    let tables = if sqlite {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    } else {
        "select table_name from information_schema.tables where table_schema = 'public' \
         and table_type = 'BASE TABLE'"
    };
    let tables = town.read(move |tx| tx.query(tables, &[], |row| row.text(0))).await;
    assert!(
        tables.len() > 50 && MAY_GROW.iter().all(|name| tables.contains(&(*name).to_owned())),
        "{tables:?}"
    );
    let mut all = BTreeMap::new();
    for table in tables.into_iter().filter(|table| !MAY_GROW.contains(&table.as_str())) {
        let sql = format!("select count(*) from {table}");
        let count = town.read(move |tx| tx.query_first(&sql, &[], |row| row.int(0))).await;
        all.insert(table, count.expect("a count"));
    }
    all
}

/// The number of the shop's owner, who was invited last.
async fn owner(town: &Town) -> String {
    town.count("select max(number) from clerk").await.to_string()
}

/// The same device, unlocked to learn.
async fn train(town: &Town, counter: &Counter) {
    let number = owner(town).await;
    redirected(&counter.post(town, "/agent/lock", &[]).await);
    let form = [("number", number.as_str()), ("pin", PIN), ("training", "1")];
    assert_eq!(redirected(&counter.post(town, "/agent/unlock", &form).await), "/agent");
}

async fn to_pay(town: &Town, counter: &Counter, number: &str) -> String {
    let key = hidden(&counter.page("/agent/sale").await, "key");
    let form = [("key", key.as_str()), ("msisdn", number), ("offer", TEN)];
    counter.post(town, "/agent/sale/review", &form).await.text
}

mod checks {
    use super::*;

    pub fn a_sale_in_training_goes_to_its_end_and_changes_nothing(engine: Engine) {
        in_town(engine, async |town| {
            // Neither money on the float nor an open till: one learns before both.
            let shop = open_shop(town, Opening { float_minor: 0, start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            train(town, &counter).await;
            let before = rows(town).await;
            for number in [NUMBER, NETWORK_NUMBER] {
                let pay = to_pay(town, &counter, number).await;
                assert!(!said(&pay, "training").is_empty() && said(&pay, "due").contains("10.00"), "{pay}");
                let to = redirected(&press(town, &counter, &pay, "20").await);
                let slip = counter.page(&to).await;
                assert!(said(&slip, "slip").contains("TRAINING \u{2013} WORTHLESS"), "{slip}");
                assert!(
                    said(&slip, "change").contains("10.00") && said(&slip, "training").contains("TRAINING")
                );
                let asked = counter.page(&format!("/agent/sale/asked/{}", hidden(&pay, "key"))).await;
                assert_eq!(said(&asked, "slip"), said(&slip, "slip"));
            }
            town.work().await;
            assert_eq!(rows(town).await, before, "nothing of it is real");
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert!(town.outside.inbox(NUMBER).await.is_empty(), "no message");
            let told = counter.page("/agent/journal").await;
            assert!(text(&told, "main").contains("Sale in training"), "{told}");
        });
    }

    pub fn whoever_is_in_training_neither_sees_nor_prints_real_sales_and_reports(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let pay = real_to_pay(town, &counter, NUMBER).await;
            let to = redirected(&press(town, &counter, &pay, "10").await);
            let sale = to.split('?').next().expect("a path");
            let till = counter.page("/agent/till").await;
            let report = attribute(&till, "a[href^='/agent/till/shifts/']", "href").expect("the X report");
            let devices = counter.page("/agent/owner/devices").await;
            let device = attribute(&devices, "[data-device]", "data-device").expect("the device");
            let printer = town.outside.printer.to_string();
            let form = [("address", printer.as_str()), ("width", "80")];
            counter.post(town, &format!("/agent/owner/devices/{device}/printer"), &form).await;
            town.work().await;
            train(town, &counter).await;
            let before = rows(town).await;
            let note = |page: &str| attribute(page, "[data-testid=counter-note]", "data-note");
            for page in [sale, &format!("{sale}/slip"), &report, "/agent/till/days/1"] {
                let told = counter.browser.get(page).await;
                assert_eq!((told.status, note(&told.text).as_deref()), (403, Some("in_training")), "{page}");
            }
            for form in [
                format!("{sale}/print"),
                format!("{sale}/slip"),
                format!("{sale}/send"),
                format!("{sale}/undo"),
                format!("{report}/print"),
            ] {
                let told = counter.post(town, &form, &[("email", "ana@example.org")]).await;
                assert_eq!((told.status, note(&told.text).as_deref()), (403, Some("in_training")), "{form}");
            }
            town.work().await;
            assert_eq!(rows(town).await, before, "nothing is printed, counted or sent");
            let number = owner(town).await;
            redirected(&counter.post(town, "/agent/lock", &[]).await);
            redirected(&counter.unlock(town, &number, PIN).await);
            assert_eq!(note(&counter.page(sale).await), None, "back at work it is there");
        });
    }

    pub fn a_press_in_training_that_comes_twice_is_one_and_what_is_wrong_is_said(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "50").await;
            train(town, &counter).await;
            let pay = to_pay(town, &counter, NUMBER).await;
            let first = redirected(&press(town, &counter, &pay, "10").await);
            assert_eq!(redirected(&press(town, &counter, &pay, "20").await), first);
            let pretended = "select count(*) from counter_journal where what = 'rehearsed'";
            assert_eq!(town.count(pretended).await, 1);
            let short = press(town, &counter, &to_pay(town, &counter, NUMBER).await, "5").await;
            assert_eq!(
                attribute(&short.text, "[data-testid=error-summary]", "data-code").as_deref(),
                Some("tenders_refused")
            );
            // Back at work the same key sells: what was pretended under it is no sale.
            redirected(&counter.post(town, "/agent/lock", &[]).await);
            redirected(&counter.unlock(town, &owner(town).await, PIN).await);
            let sold = redirected(&press(town, &counter, &pay, "10").await);
            assert!(sold.starts_with("/agent/sales/"), "{sold}");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }
}
