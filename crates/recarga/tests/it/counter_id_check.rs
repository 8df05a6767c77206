//! The look at a document in a sale: only where the market asks for this sale, refused by the sale itself without one, for
//! one sale to one number, and with nothing kept but what may be.

use crate::support::api::Answer;
use crate::support::buyer::{attribute, redirected};
use crate::support::counter::Counter;
use crate::support::counter::{counter_of, hidden, open_till, press, said};
use crate::support::registry::{NETWORK_NUMBER, NUMBER, TEN, market_asks};
use crate::support::shop::{Opening, gbp, open_shop, ten};
use crate::support::town::{Town, in_town};
use domain::counter::CounterRefusal;
use domain::msisdn::Msisdn;
use domain::refusal::Refusal;
use domain::tender::Tender;
use domain::time::MINUTE_MS;
use domain::top_up::Channel;
use flows::counter::sale::SaleOutcome;
use flows::counter::{At, card};
use flows::id_check::{self, Asked, Checked, Input, Scan, Standing};
use flows::top_up::quote;
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_document_is_looked_at_between_choosing_and_paying_and_serves_one_sale
    what_is_wrong_with_a_document_is_said_and_sells_nothing
    only_the_sales_that_need_it_are_asked
    a_look_for_another_number_by_another_clerk_or_long_ago_does_not_serve
    a_registered_line_asks_for_the_name_and_never_shows_it
}

/// A check digit of ICAO 9303 part 3, section 4.9.
fn digit(text: &str) -> String {
    let value = |c: char| c.to_digit(36).unwrap_or(0);
    let sum: u32 = text.chars().zip([7, 3, 1].iter().cycle()).map(|(c, weight)| value(c) * weight).sum();
    (sum % 10).to_string()
}

/// The zone of a passport of Utopia with this end, as year, month and day.
fn passport(ends: &str) -> String {
    let numbered = |text: &str| format!("{text}{}", digit(text));
    let (number, born, ends) = (numbered("L898902C3"), numbered("740812"), numbered(ends));
    let own = "<".repeat(14);
    let whole = digit(&format!("{number}{born}{ends}{own}<"));
    format!("{:<<44}\n{number}UTO{born}F{ends}{own}<{whole}", "P<UTOERIKSSON<<ANNA<MARIA")
}

/// From the number to what comes after the choice of a product.
async fn chosen(town: &Town, counter: &Counter, offer: &str) -> String {
    let key = hidden(&counter.page("/agent/sale").await, "key");
    let form = [("key", key.as_str()), ("msisdn", NUMBER), ("offer", offer)];
    counter.post(town, "/agent/sale/review", &form).await.text
}

/// Hands in what was scanned or typed for the sale of a page.
async fn looked(town: &Town, counter: &Counter, page: &str, typed: &[(&str, &str)]) -> Answer {
    let carried = ["key", "msisdn", "offer", "amount"].map(|name| (name, hidden(page, name)));
    let carried = carried.iter().map(|(name, value)| (*name, value.as_str()));
    let form: Vec<(&str, &str)> = carried.chain(typed.iter().copied()).collect();
    counter.post(town, "/agent/sale/id-check", &form).await
}

fn asks(page: &str) -> bool {
    page.contains("data-testid=\"id-check\"")
}

fn refusal_of(page: &str) -> Option<String> {
    attribute(page, "[data-testid=error-summary]", "data-code")
}

/// Everything that the table of looks holds.
async fn kept(town: &Town) -> Vec<String> {
    let sql = "select coalesce(kind, '') || '|' || coalesce(country, '') || '|' || coalesce(last4, '') || '|' || \
               coalesce(expires, '') || '|' || outcome || '|' || coalesce(reason, '') || '|' || \
               coalesce(name_match, '') || '|' || coalesce(number_hash, '') || '|' || \
               coalesce(legal_basis, '') || '|' || market || '|' || \
               case when top_up_id is null then '' else 'sold' end from id_check order by id";
    town.read(move |tx| tx.query(sql, &[], |row| row.text(0))).await
}

/// A passport that is good is looked at for a number.
async fn look(town: &Town, at: &At, number: &str) -> Checked {
    let world = &town.world;
    let msisdn = Msisdn::parse_e164(number).expect("a number");
    let line = flows::lines::find_payable(world, &msisdn).await.expect("a line");
    let quote = quote::price(world, line, TEN, None, Channel::Agent).await.expect("a price");
    let standing = id_check::missing(world, at, &msisdn, &quote, 1_000).await.expect("asked");
    let Standing::Missing(needed) = standing else { panic!("nothing is asked: {standing:?}") };
    let input = Input::Scan(Scan(passport("491231")));
    let asked = Asked { at: at.clone(), market: "GB".into(), msisdn, needed, input, face_matches: true };
    id_check::check(world, asked).await.expect("looked")
}

fn needs_a_look(outcome: &SaleOutcome) -> bool {
    let refusal = Refusal::Counter(CounterRefusal::IdCheckNeeded);
    *outcome == SaleOutcome::Told { sold: Err(refusal), again: false }
}

fn is_sold(outcome: &SaleOutcome) -> bool {
    matches!(outcome, SaleOutcome::Told { sold: Ok(_), .. })
}

mod checks {
    use super::*;

    pub fn a_document_is_looked_at_between_choosing_and_paying_and_serves_one_sale(engine: Engine) {
        in_town(engine, async |town| {
            market_asks(town, "offers = [\"credit\"]").await;
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let asked = chosen(town, &counter, TEN).await;
            assert!(asks(&asked) && said(&asked, "due").is_empty(), "{asked}");
            let zone = passport("311231");
            let passed = looked(town, &counter, &asked, &[("scan", &zone), ("face", "1")]).await;
            assert!(!said(&passed.text, "id-passed").is_empty(), "{}", passed.text);
            assert_eq!(hidden(&passed.text, "key"), hidden(&asked, "key"), "one key from number to receipt");
            let to = redirected(&press(town, &counter, &passed.text, "10").await);
            let sold = counter.page(&to).await;
            assert_eq!(attribute(&sold, "[data-testid=outcome]", "data-word").as_deref(), Some("accepted"));
            assert_eq!(kept(town).await, ["passport|UTO|02C3|2031-12|passed|||||GB|sold"]);
            let path = to.split('?').next().expect("a path");
            let again = counter.post(town, &format!("{path}/again"), &[]).await;
            assert!(asks(&again.text), "the next sale to the same number needs a look of its own");
            let texts = town
                .read(|tx| tx.query("select coalesce(sale_hash, '') from id_check", &[], |row| row.text(0)));
            assert!(!texts.await.concat().contains(NUMBER));
        });
    }

    pub fn what_is_wrong_with_a_document_is_said_and_sells_nothing(engine: Engine) {
        in_town(engine, async |town| {
            market_asks(town, "offers = [\"credit\"]").await;
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let asked = chosen(town, &counter, TEN).await;
            let (good, ended) = (passport("311231"), passport("120415"));
            let forged = good.replacen("L898902C3", "L898902C8", 1);
            let typed = |kind: &'static str, number: &'static str| {
                vec![
                    ("kind", kind),
                    ("country", "CHN"),
                    ("expires", "2031-04"),
                    ("number", number),
                    ("face", "1"),
                ]
            };
            // The numbers stand in GB 11643-1999 and in the HKID's own rule; each has its last digit changed.
            let hong_kong =
                vec![("kind", "hong_kong_id"), ("country", "HKG"), ("number", "G123456(8)"), ("face", "1")];
            for (form, code) in [
                (vec![("scan", forged.as_str()), ("face", "1")], "check_digit"),
                (vec![("scan", ended.as_str()), ("face", "1")], "expired"),
                (vec![("scan", good.as_str())], "face_not_seen"),
                (vec![("face", "1")], "empty"),
                (typed("china_resident_id", "110105194912310023"), "check_digit"),
                (hong_kong, "check_digit"),
            ] {
                let refused = looked(town, &counter, &asked, &form).await;
                assert!(asks(&refused.text), "{code}: {}", refused.text);
                assert_eq!(refusal_of(&refused.text).as_deref(), Some(code), "{}", refused.text);
                for holder in ["L898902", "ERIKSSON", "110105194912310023", "G123456"] {
                    assert!(!refused.text.contains(holder), "{holder} came back to the page");
                }
            }
            // Whoever leaves the page out and presses sells nothing.
            let form = [
                ("key", hidden(&asked, "key")),
                ("msisdn", NUMBER.to_owned()),
                ("offer", TEN.to_owned()),
                ("expected_total", "1000".to_owned()),
                ("given", "10".to_owned()),
            ];
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let pressed = counter.post(town, "/agent/sale/sell", &form).await;
            assert!(asks(&pressed.text), "{}", pressed.text);
            assert_ne!(hidden(&pressed.text, "key"), hidden(&asked, "key"), "what was refused stays refused");
            assert_eq!(
                (shop.float(town).await, town.count("select count(*) from top_up").await),
                (100_000, 0)
            );
            let kept = kept(town).await.join("\n");
            for holder in ["L898902", "ERIKSSON", "ANNA", "7408", "194912", "G123456"] {
                assert!(!kept.contains(holder), "{holder} in {kept}");
            }
        });
    }

    pub fn only_the_sales_that_need_it_are_asked(engine: Engine) {
        in_town(engine, async |town| {
            let mut shop = open_shop(town, Opening::default()).await;
            assert!(is_sold(&shop.sell(town, "no-rule", NUMBER).await), "most markets ask for nothing");
            market_asks(town, "from_minor = 2000").await;
            assert!(is_sold(&shop.sell(town, "small", NUMBER).await));
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let small = chosen(town, &counter, TEN).await;
            assert!(said(&small, "due").contains("10.00") && said(&small, "id-passed").is_empty());
            let large = chosen(town, &counter, "gb-credit-20").await;
            assert!(asks(&large) && said(&large, "id-check-without").contains("10.00"), "{large}");
            market_asks(town, "cash_from_minor = 800").await;
            assert!(needs_a_look(&shop.sell(town, "all-cash", NUMBER).await));
            shop.clerk.device.reader = Some(town.outside.reader().await);
            let split = vec![Tender::cash(gbp(300), None), Tender::card(gbp(700))];
            let begun = shop.sell_for(town, "split", (ten(NUMBER), split)).await;
            let SaleOutcome::Told { sold: Ok(made), .. } = &begun else { panic!("{begun:?}") };
            card::call_off(&town.world, &made.id).await.expect("called off");
            town.work().await;
            assert_eq!(town.count("select count(*) from id_check").await, 0);
        });
    }

    pub fn a_look_for_another_number_by_another_clerk_or_long_ago_does_not_serve(engine: Engine) {
        in_town(engine, async |town| {
            market_asks(town, "offers = [\"credit\"]").await;
            let shop = open_shop(town, Opening::default()).await;
            assert!(needs_a_look(&shop.sell(town, "none", NUMBER).await));
            look(town, &shop.clerk, NETWORK_NUMBER).await;
            assert!(needs_a_look(&shop.sell(town, "another-number", NUMBER).await));
            look(town, &shop.supervisor, NUMBER).await;
            assert!(needs_a_look(&shop.sell(town, "another-clerk", NUMBER).await));
            look(town, &shop.clerk, NUMBER).await;
            town.clock.pass(11 * MINUTE_MS);
            assert!(needs_a_look(&shop.sell(town, "long-ago", NUMBER).await));
            assert_eq!(town.count("select count(*) from top_up").await, 0);
            let passed = look(town, &shop.clerk, NUMBER).await;
            assert!(matches!(passed, Checked::Passed(_)), "{passed:?}");
            let (one, other) = tokio::join!(shop.sell(town, "one", NUMBER), shop.sell(town, "two", NUMBER));
            assert!(is_sold(&one) != is_sold(&other), "one look, one sale: {one:?} {other:?}");
            assert!(needs_a_look(&one) != needs_a_look(&other));
            let linked = "select count(*) from id_check where top_up_id is not null";
            assert_eq!((town.count(linked).await, shop.float(town).await), (1, 99_000));
        });
    }

    pub fn a_registered_line_asks_for_the_name_and_never_shows_it(engine: Engine) {
        in_town(engine, async |town| {
            market_asks(town, "registered_lines = true").await;
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            assert!(!asks(&chosen(town, &counter, TEN).await), "on nobody's name nothing is asked");
            let zone = passport("311231");
            town.outside
                .control("network/holders", &json!({ "msisdn": NUMBER, "name": "Zelda Quince" }))
                .await;
            let asked = chosen(town, &counter, TEN).await;
            let other = looked(town, &counter, &asked, &[("scan", &zone), ("face", "1")]).await;
            assert_eq!(refusal_of(&other.text).as_deref(), Some("name_differs"), "{}", other.text);
            for page in [&asked, &other.text] {
                assert!(!page.contains("Quince") && !page.contains("QUINCE"), "{page}");
            }
            let name = json!({ "msisdn": NUMBER, "name": "Anna Maria Eriksson" });
            town.outside.control("network/holders", &name).await;
            let fits = looked(town, &counter, &asked, &[("scan", &zone), ("face", "1")]).await;
            redirected(&press(town, &counter, &fits.text, "10").await);
            let looks = [
                "passport|UTO|02C3|2031-12|refused|name_differs|no|||GB|",
                "passport|UTO|02C3|2031-12|passed||yes|||GB|sold",
            ];
            assert_eq!(kept(town).await, looks);
        });
    }
}
