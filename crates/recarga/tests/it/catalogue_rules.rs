//! What a catalogue says is what is sold: dates of effect by the market's clocks, taxes as lines that add up, credit
//! taxed at the sale or at its use, and what the choose page tells.

use crate::support::buyer::{Order, redirected, text};
use crate::support::registry::{CATALOGUE, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_offer_is_sold_on_its_days_by_the_markets_clocks
    a_quote_that_was_promised_on_the_last_day_is_kept
    the_taxes_of_a_market_are_lines_that_add_up
    credit_is_taxed_when_it_is_sold_or_when_it_is_used
    a_new_version_never_changes_what_was_sold
    the_choose_page_tells_the_terms_and_what_is_coming
}

const ONLY: &str = "gb-portal-only";

/// The day in London that is so many days from now.
fn day(town: &Town, days: i64) -> String {
    let at = town.world.now().plus_ms(days * DAY_MS).timestamp();
    at.in_tz("Europe/London").expect("London has a time zone").date().to_string()
}

/// How long until that day begins in London.
fn until(town: &Town, day: &str) -> i64 {
    let date: jiff::civil::Date = day.parse().expect("a date");
    let begins = date.in_tz("Europe/London").expect("London has a time zone").timestamp();
    begins.as_millisecond() - town.world.now().0
}

/// £10 of credit with something more in its offer.
async fn ten_with(town: &Town, more: &str) {
    let ten = "id = \"gb-credit-10\"\n";
    assert_eq!(
        town.import_catalogue(&CATALOGUE.replacen(ten, &format!("{ten}{more}\n"), 1)).await.new_versions,
        1
    );
}

async fn sold(town: &Town, key: &str) -> u16 {
    town.api.sell(key, NUMBER, TEN).await.status
}

async fn listed(town: &Town) -> bool {
    let offers = town.api.get(&format!("/v1/offers?msisdn={NUMBER}")).await;
    offers.json["items"].as_array().expect("offers").iter().any(|offer| offer["offer_id"] == TEN)
}

async fn account(town: &Town, id: &'static str) -> i64 {
    town.read(move |tx| Ok(store::ledger::balance(tx, &domain::ledger::AccountId::stored(id))?.posted)).await
}

/// The market of Great Britain with other taxes.
async fn taxed(town: &Town, taxes: &str) {
    let usual = "tax = [{ name = { en = \"VAT\", zh-CN = \"增值税\" }, rate_bps = 2000 }]\n";
    assert!(CATALOGUE.contains(usual));
    town.import_catalogue(&CATALOGUE.replacen(usual, taxes, 1)).await;
}

async fn quoted(town: &Town, offer: &str) -> Value {
    let quote = town.api.post("/v1/quotes", None, &json!({ "msisdn": NUMBER, "offer_id": offer })).await;
    assert_eq!(quote.status, 201, "{}", quote.text);
    quote.json
}

async fn paid(town: &Town) -> Order {
    let order = town.order().await;
    town.outside.pay(&order.session, "4242424242424242").await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

mod checks {
    use super::*;

    pub fn an_offer_is_sold_on_its_days_by_the_markets_clocks(engine: Engine) {
        in_town(engine, async |town| {
            let (first, last) = (day(town, 2), day(town, 3));
            ten_with(town, &format!("available_from = \"{first}\"\navailable_until = \"{last}\"")).await;
            town.api.sell("early", NUMBER, TEN).await.is_problem(422, "offer_not_on_sale");
            assert!(!listed(town).await);
            town.clock.pass(until(town, &first) - MINUTE_MS);
            town.api.sell("almost", NUMBER, TEN).await.is_problem(422, "offer_not_on_sale");
            town.clock.pass(2 * MINUTE_MS);
            assert_eq!(sold(town, "now").await, 201);
            assert!(listed(town).await);
            // A refusal stays a refusal under its key.
            town.api.sell("almost", NUMBER, TEN).await.is_problem(422, "offer_not_on_sale");
            let over = day(town, 2);
            town.clock.pass(until(town, &over) - MINUTE_MS);
            assert_eq!(sold(town, "last").await, 201);
            town.clock.pass(2 * MINUTE_MS);
            town.api.sell("late", NUMBER, TEN).await.is_problem(422, "offer_not_on_sale");
            let page =
                town.buyer().post("/top-up", &[("country", "GB"), ("msisdn", &format!("+{NUMBER}"))]).await;
            let cart = redirected(&page);
            let buyer = town.buyer();
            let refused = buyer.post(&cart, &[("offer", TEN), ("amount", "")]).await;
            assert!(refused.text.contains("data-code=\"offer_not_on_sale\""), "{}", refused.text);
        });
    }

    pub fn a_quote_that_was_promised_on_the_last_day_is_kept(engine: Engine) {
        in_town(engine, async |town| {
            ten_with(town, &format!("available_until = \"{}\"", day(town, 0))).await;
            town.clock.pass(until(town, &day(town, 1)) - MINUTE_MS);
            let quote = quoted(town, TEN).await["quote_id"].clone();
            town.clock.pass(2 * MINUTE_MS);
            let sale = json!({ "msisdn": NUMBER, "offer_id": TEN, "quote_id": quote, "tender": { "type": "float" } });
            assert_eq!(town.api.post("/v1/top-ups", Some("kept"), &sale).await.status, 201);
            town.api.sell("new", NUMBER, TEN).await.is_problem(422, "offer_not_on_sale");
        });
    }

    pub fn the_taxes_of_a_market_are_lines_that_add_up(engine: Engine) {
        in_town(engine, async |town| {
            taxed(
                town,
                "tax = [{ name = { en = \"GST\" }, rate_bps = 500 }, { name = { en = \"QST\" }, rate_bps = 998 }]\n",
            )
            .await;
            let quote = quoted(town, TEN).await;
            let amounts: Vec<i64> = quote["taxes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tax| tax["amount"]["amount_minor"].as_i64().unwrap())
                .collect();
            // £10 at 14.98 %: £1.30, of which 43.39… and 86.60… pence.
            assert_eq!(amounts, [43, 87]);
            assert_eq!(quote["price_lines"]["tax"]["amount_minor"], 130);
            let order = paid(town).await;
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            let lines = text(&receipt, "[data-testid=price-lines]");
            assert!(lines.contains("GST 5%") && lines.contains("£0.43"), "{lines}");
            assert!(lines.contains("QST 9.98%") && lines.contains("£0.87"), "{lines}");
            // Another tax tomorrow does not change yesterday's receipt.
            taxed(town, "tax = [{ name = { en = \"GST\" }, rate_bps = 2500 }]\n").await;
            let again = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            assert_eq!(text(&again, "[data-testid=price-lines]"), lines);
        });
    }

    pub fn credit_is_taxed_when_it_is_sold_or_when_it_is_used(engine: Engine) {
        in_town(engine, async |town| {
            assert_eq!(sold(town, "single").await, 201);
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167);
            assert_eq!(account(town, "tax_on_credit:GB:GBP").await, 167);
            let usual = "time_zone = \"Europe/London\"\n";
            let multi = CATALOGUE.replacen(usual, &format!("{usual}voucher_type = \"multi_purpose\"\n"), 1);
            town.import_catalogue(&multi).await;
            let quote = quoted(town, TEN).await;
            assert_eq!(
                (&quote["price_lines"]["tax"]["amount_minor"], &quote["taxes"]),
                (&json!(0), &json!([]))
            );
            assert_eq!(sold(town, "multi").await, 201);
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167, "nothing more is due");
            assert_eq!(account(town, "tax_on_credit:GB:GBP").await, 167);
            // The fee of 30p is taxed at once, and so is a bundle.
            assert_eq!(town.api.sell("fee", NUMBER, "gb-credit-5").await.status, 201);
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167 + 5);
            assert_eq!(town.api.sell("bundle", NUMBER, "gb-traveller").await.status, 201);
            assert_eq!(account(town, "tax_due:GB:GBP").await, 167 + 5 + 200);
            let order = paid(town).await;
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            assert!(
                text(&receipt, "[data-testid=tax-later]").contains("when the credit is used"),
                "{receipt}"
            );
        });
    }

    pub fn a_new_version_never_changes_what_was_sold(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order(NUMBER, "gb-traveller").await;
            let longer = CATALOGUE.replacen("valid_for_days = 30", "valid_for_days = 60", 1);
            assert_eq!(town.import_catalogue(&longer).await.new_versions, 1);
            town.outside.pay(&order.session, "4242424242424242").await;
            assert_eq!(town.look(&order).await, "credited");
            let balance = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await.json;
            let end = UnixMs::parse_rfc3339(balance["buckets"][0]["valid_until"].as_str().unwrap()).unwrap();
            let days = (end.0 - town.world.now().0 + HOUR_MS) / DAY_MS;
            assert_eq!(days, 30, "it was bought for 30 days");
        });
    }

    pub fn the_choose_page_tells_the_terms_and_what_is_coming(engine: Engine) {
        in_town(engine, async |town| {
            let id = format!("id = \"{ONLY}\"\n");
            let comes = CATALOGUE.replacen(&id, &format!("{id}available_from = \"{}\"\n", day(town, 9)), 1);
            town.import_catalogue(&comes).await;
            let buyer = town.buyer();
            let start = buyer.post("/top-up", &[("country", "GB"), ("msisdn", &format!("+{NUMBER}"))]).await;
            let page = buyer.get(&redirected(&start)).await.text;
            let coming = text(&page, "[data-testid=coming]");
            assert!(coming.contains("£7.00 credit, from "), "{coming}");
            assert!(!page.contains(&format!("data-offer=\"{ONLY}\"")), "what is coming is not sold");
            let limits = text(&page, "#amount-hint");
            assert!(limits.starts_with("£5.00 to £100.00"), "{limits}");
            let refused = buyer.post(&redirected(&start), &[("offer", ONLY), ("amount", "")]).await;
            assert!(refused.text.contains("data-code=\"offer_not_on_sale\""), "{}", refused.text);
        });
    }
}
