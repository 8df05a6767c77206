//! Invoices: on request, numbered without gaps, never changed, and taken back by a credit note that names them.

use crate::reversals::take_back;
use crate::support::api::Answer;
use crate::support::buyer::{Buyer, Order, attribute, redirected, text};
use crate::support::registry::{GERMAN_NUMBER, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::id::TopUpId;
use domain::invoice::{Buyer as Named, InvoiceRefusal};
use domain::locale::Locale;
use flows::invoice::{all_series, issue, series_after};
use scraper::{Html, Selector};
use serde_json::json;
use std::collections::BTreeSet;
use store::values;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_buyer_who_gives_a_name_gets_an_invoice_and_asking_again_gives_the_same
    without_a_name_it_is_a_simplified_one_and_a_name_later_takes_that_back
    another_buyer_is_a_credit_note_and_a_new_invoice
    what_is_missing_is_said_at_its_field_and_takes_no_number
    a_sale_that_is_taken_back_has_its_credit_note_at_once_and_no_new_invoice
    many_at_one_moment_leave_no_gap_and_no_number_twice
    what_was_written_cannot_be_changed
    only_whoever_may_see_the_order_has_its_invoice
    a_market_without_invoices_says_so
}

const PAYS: &str = "4242424242424242";
const ANA: &[(&str, &str)] = &[
    ("name", "Ana Reyes Ltd"),
    ("tax_id", "GB123"),
    ("address", "2 Harbour Row, London"),
    ("kind", "invoice"),
];
const BEN: &[(&str, &str)] = &[("name", "Ben Ltd"), ("address", "3 Harbour Row"), ("kind", "invoice")];

async fn credited(town: &Town) -> Order {
    let order = town.order().await;
    town.outside.pay(&order.session, PAYS).await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

/// Sends the form; the page that it leads to.
async fn ask(order: &Order, form: &[(&str, &str)]) -> Answer {
    let path = format!("/o/{}/invoice", order.code);
    let answer = order.buyer.post(&path, form).await;
    assert_eq!(redirected(&answer), path);
    order.buyer.get(&path).await
}

/// Number, kind and credit note of each document on the page, the newest first.
fn sheets(page: &Answer) -> Vec<(String, String, Option<String>)> {
    let html = Html::parse_document(&page.text);
    let selector = Selector::parse("[data-testid=invoice]").expect("a selector");
    let of = |sheet: scraper::ElementRef<'_>, name: &str| sheet.attr(name).map(str::to_owned);
    let one = |sheet: scraper::ElementRef<'_>| {
        let number = of(sheet, "data-number").expect("a number");
        (number, of(sheet, "data-kind").expect("a kind"), of(sheet, "data-void"))
    };
    html.select(&selector).map(one).collect()
}

fn named(name: &str) -> Named {
    Named { name: name.into(), tax_id: None, address: Some("1 Street".into()) }
}

/// Top-ups from the float, all credited.
async fn sold(town: &Town, count: usize) -> Vec<TopUpId> {
    let mut sold = Vec::new();
    for n in 0..count {
        let answer = town.api.sell(&format!("sale-{n}"), NUMBER, TEN).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        sold.push(TopUpId::stored(answer.text_of("id")));
    }
    sold
}

async fn numbers(town: &Town, series: &str) -> Vec<i64> {
    series_after(&town.world, series, 0).await.expect("read").iter().map(|line| line.n).collect()
}

async fn only_series(town: &Town, prefix: &str) -> String {
    let all = all_series(&town.world).await.expect("read");
    all.into_iter().find(|(series, _)| series.starts_with(prefix)).expect("a series").0
}

mod checks {
    use super::*;

    pub fn a_buyer_who_gives_a_name_gets_an_invoice_and_asking_again_gives_the_same(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let page = ask(&order, ANA).await;
            let first = sheets(&page);
            assert_eq!((first.len(), first[0].1.as_str()), (1, "invoice"));
            assert!(first[0].0.starts_with("GB-F-20") && first[0].0.ends_with("-000001"), "{first:?}");
            let said = text(&page.text, "[data-testid=invoice]");
            for needed in
                ["Ana Reyes Ltd", "GB123", "2 Harbour Row, London", "Prueba Mobile Ltd", "£10.00 credit"]
            {
                assert!(said.contains(needed), "{needed} is missing: {said}");
            }
            let amount = |what: &str| text(&page.text, &format!("[data-testid=invoice-{what}]"));
            assert_eq!(
                (amount("taxable"), amount("tax"), amount("total")),
                ("£8.33".into(), "£1.67".into(), "£10.00".into())
            );
            let again =
                [("name", " ana reyes LTD"), ("tax_id", "gb123"), ("address", "2 Harbour Row, London")];
            assert_eq!(sheets(&ask(&order, &again).await), first);
            assert_eq!(sheets(&ask(&order, &[("kind", "simplified")]).await), first);
        });
    }

    pub fn without_a_name_it_is_a_simplified_one_and_a_name_later_takes_that_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let simplified = sheets(&ask(&order, &[("kind", "simplified")]).await);
            assert_eq!((simplified.len(), simplified[0].1.as_str()), (1, "simplified"));
            let page = ask(&order, ANA).await;
            let after = sheets(&page);
            let kinds: Vec<&str> = after.iter().map(|sheet| sheet.1.as_str()).collect();
            assert_eq!(kinds, ["invoice", "credit_note", "simplified"]);
            assert_eq!(after[2].2.as_deref(), Some(after[1].0.as_str()), "the credit note makes it void");
            assert!(text(&page.text, "[data-testid=invoice-corrects]").contains(&simplified[0].0));
        });
    }

    pub fn another_buyer_is_a_credit_note_and_a_new_invoice(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            ask(&order, ANA).await;
            let after = sheets(&ask(&order, BEN).await);
            let kinds: Vec<&str> = after.iter().map(|sheet| sheet.1.as_str()).collect();
            assert_eq!(kinds, ["invoice", "credit_note", "invoice"]);
            assert_eq!((after[0].2.as_deref(), after[2].2.as_deref()), (None, Some(after[1].0.as_str())));
            // To and fro has an end, and the end is said.
            let mut refused = None;
            for n in 0..12 {
                let id = town.stored(&order).await.id;
                let wanted = named(&format!("Buyer {n}"));
                let asked = issue(&town.world, &id, Some(&wanted), Locale::En, Actor::Guest).await;
                refused = asked.expect("decided").err();
                if refused.is_some() {
                    break;
                }
            }
            assert_eq!(refused, Some(InvoiceRefusal::ChangedTooOften));
        });
    }

    pub fn what_is_missing_is_said_at_its_field_and_takes_no_number(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let path = format!("/o/{}/invoice", order.code);
            for (form, field) in
                [(vec![("kind", "invoice")], "name"), (vec![("name", "Ana"), ("kind", "invoice")], "address")]
            {
                let answer = order.buyer.post(&path, &form).await;
                assert_eq!(answer.status, 422);
                assert!(!text(&answer.text, &format!("#{field}-error")).is_empty(), "{}", answer.text);
            }
            let id = sold_dear(town).await;
            let asked = issue(&town.world, &id, None, Locale::En, Actor::Guest).await.expect("decided");
            assert_eq!(asked.err(), Some(InvoiceRefusal::BuyerNeeded), "£30 is above the threshold");
            let unpaid = town.stored(&town.order().await).await.id;
            let asked = issue(&town.world, &unpaid, None, Locale::En, Actor::Guest).await.expect("decided");
            assert_eq!(asked.err(), Some(InvoiceRefusal::NotSupplied));
            assert_eq!(all_series(&town.world).await.expect("read"), []);
        });
    }

    async fn sold_dear(town: &Town) -> TopUpId {
        let body = json!({ "msisdn": NUMBER, "offer_id": "gb-any", "tender": { "type": "float" }, "amount": { "amount_minor": 3_000, "currency": "GBP" } });
        let answer = town.api.post("/v1/top-ups", Some("dear"), &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        TopUpId::stored(answer.text_of("id"))
    }

    pub fn a_sale_that_is_taken_back_has_its_credit_note_at_once_and_no_new_invoice(engine: Engine) {
        in_town(engine, async |town| {
            let (order, bare) = (credited(town).await, credited(town).await);
            ask(&order, ANA).await;
            for one in [&order, &bare] {
                take_back(town, one).await.expect("begun");
            }
            town.work().await;
            let path = format!("/o/{}/invoice", order.code);
            let page = order.buyer.get(&path).await;
            let after = sheets(&page);
            let kinds: Vec<&str> = after.iter().map(|sheet| sheet.1.as_str()).collect();
            assert_eq!(kinds, ["credit_note", "invoice"]);
            assert!(text(&page.text, "[data-testid=invoice-total]").contains("-£10.00"), "less than nothing");
            assert_eq!(order.buyer.post(&path, BEN).await.status, 422, "nothing new is written");
            let page = bare.buyer.get(&format!("/o/{}/invoice", bare.code)).await;
            let why = attribute(&page.text, "[data-testid=invoice-why-not]", "data-code");
            assert_eq!(why.as_deref(), Some("invoice_taken_back"));
            assert_eq!(numbers(town, &only_series(town, "GB-C-").await).await, [1]);
        });
    }

    pub fn many_at_one_moment_leave_no_gap_and_no_number_twice(engine: Engine) {
        in_town(engine, async |town| {
            let sales = sold(town, 20).await;
            let mut asked = Vec::new();
            // Each sale is asked for by three at once, two of them the same buyer.
            for (n, id) in sales.iter().enumerate() {
                for name in ["Ana", "Ana", "Ben"] {
                    let (world, id) = (town.world.clone(), id.clone());
                    let buyer = named(&format!("{name} {n}"));
                    asked.push(tokio::spawn(async move {
                        issue(&world, &id, Some(&buyer), Locale::En, Actor::Guest).await
                    }));
                }
            }
            for one in asked {
                one.await.expect("ran").expect("decided").expect("written");
            }
            let invoices = numbers(town, &only_series(town, "GB-F-").await).await;
            let notes = numbers(town, &only_series(town, "GB-C-").await).await;
            let whole = |numbers: &[i64]| (1..).zip(numbers).all(|(expected, n)| expected == *n);
            assert!(whole(&invoices) && whole(&notes), "{invoices:?} {notes:?}");
            assert!(invoices.len() >= 40 && notes.len() + 20 == invoices.len(), "{invoices:?} {notes:?}");
            let series = only_series(town, "GB-F-").await;
            let lines = series_after(&town.world, &series, 0).await.expect("read");
            let standing: BTreeSet<_> =
                lines.iter().filter(|line| line.void_by.is_none()).map(|line| &line.invoice.top_up).collect();
            assert_eq!(standing.len(), sales.len(), "one stands for each sale");
            assert_eq!(lines.iter().filter(|line| line.void_by.is_none()).count(), sales.len());
        });
    }

    pub fn what_was_written_cannot_be_changed(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            ask(&order, ANA).await;
            for sql in
                ["update invoice set kind = 'simplified' where n = 1", "delete from invoice where n = 1"]
            {
                let changed = town.world.db.write(move |tx| tx.execute(sql, &values![])).await;
                assert!(changed.is_err(), "{sql}");
            }
            let seen = town
                .read(|tx| {
                    tx.query_first("select body || coalesce(buyer_sealed, '') from invoice", &[], |row| {
                        row.text(0)
                    })
                })
                .await;
            assert!(!seen.expect("a row").contains("Ana"), "the buyer is sealed");
        });
    }

    pub fn only_whoever_may_see_the_order_has_its_invoice(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            ask(&order, ANA).await;
            let (stranger, path): (Buyer, _) = (town.buyer(), format!("/o/{}/invoice", order.code));
            assert_eq!(redirected(&stranger.get(&path).await), format!("/o/{}", order.code));
            assert_eq!(redirected(&stranger.post(&path, BEN).await), format!("/o/{}", order.code));
            assert_eq!(sheets(&order.buyer.get(&path).await).len(), 1);
        });
    }

    pub fn a_market_without_invoices_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order(GERMAN_NUMBER, "de-credit-10").await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let page = order.buyer.get(&format!("/o/{}/invoice", order.code)).await;
            let why = attribute(&page.text, "[data-testid=invoice-why-not]", "data-code");
            assert_eq!(why.as_deref(), Some("invoice_not_offered"));
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await;
            assert_eq!(attribute(&receipt.text, "[data-testid=invoice-link]", "href"), None);
        });
    }
}
