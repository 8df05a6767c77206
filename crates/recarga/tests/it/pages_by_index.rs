//! No page reads a whole table. A guest, somebody with an account and a supervisor follow every link that they see and
//! search for what they know, while somebody looks at the plan of each query that runs for them.

use crate::support::buyer::{Buyer, attribute};
use crate::support::member::register;
use crate::support::office::signed_in;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town_with};
use domain::staff::Role;
use std::collections::{BTreeSet, VecDeque};
use store::db::plan::Watch;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    no_query_of_any_page_reads_a_whole_table
}

const EMAIL: &str = "ana@example.org";
/// Sorts of pages; more is a walk that does not end.
const PAGES_MAX: usize = 250;

/// Something on every list: orders, a question, a refund that waits.
async fn furnish(town: &Town) -> (Buyer, Buyer, String) {
    let (guest, member) = (town.buyer(), town.buyer());
    register(town, &member, EMAIL, NUMBER).await;
    let sold = town.api.sell("float", NUMBER, "gb-traveller").await;
    assert_eq!(sold.status, 201, "{}", sold.text);
    let order = member.order(NUMBER, TEN).await;
    town.outside.pay(&order.session, "4242424242424242").await;
    assert_eq!(town.look(&order).await, "credited");
    town.work().await;
    let places = "number,name,street,city,country,lat,lon,time_zone,hours\n\
                  S10101,Luma Soho,12 Gerrard Street,London,GB,51.5115,-0.1311,Europe/London,24/7\n";
    flows::places::import::import(&town.world, places, false).await.expect("an import").expect("a good file");
    let page = member.get(&format!("/support?order={}", order.code)).await.text;
    let key = attribute(&page, "[data-testid=support-form] input[name=key]", "value").expect("a key");
    let form = [("key", key.as_str()), ("order", &order.code), ("cause", "want_refund"), ("text", "Please.")];
    assert_eq!(member.post("/support", &form).await.status, 303);
    guest.order(NUMBER, TEN).await;
    (guest, member, order.code)
}

/// Tables that grow with the operator's own lists, not with orders or people: these may be read whole.
fn reads_what_an_operator_set_up(scan: &str) -> bool {
    let tables = ["market", "number_range", "partner", "staff", "zone"];
    let told =
        |table: &str| [format!("SCAN {table} "), format!("Seq Scan on {table} "), format!("SCAN {table}:")];
    tables.iter().any(|table| told(table).iter().any(|words| scan.contains(words)))
}

/// A page without what differs between two of its sort.
fn sort_of(path: &str) -> String {
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let part = |part: &str| {
        let id = part.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '.');
        if id { "*".to_owned() } else { part.to_owned() }
    };
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or(""));
    let place: Vec<String> = place.split('/').map(part).collect();
    place.join("/") + "?" + &names.collect::<Vec<_>>().join("&")
}

/// Opens every sort of page that this browser finds a link to.
async fn wander(browser: &Buyer, from: &[&str]) -> BTreeSet<String> {
    let mut found: VecDeque<String> = from.iter().map(ToString::to_string).collect();
    let mut seen = BTreeSet::new();
    while let Some(path) = found.pop_front() {
        if !seen.insert(sort_of(&path)) {
            continue;
        }
        assert!(seen.len() < PAGES_MAX, "{seen:?}");
        let page = browser.get(&path).await;
        assert!(page.status < 400 || page.status == 404, "{path}: {} {}", page.status, page.text);
        let links = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        // Another language is the same page.
        let ours = links.filter(|l| l.starts_with('/') && !l.starts_with("/assets/") && !l.contains("lang="));
        found.extend(ours.map(|link| link.split('#').next().unwrap_or(link).replace("&amp;", "&")));
    }
    seen
}

mod checks {
    use super::*;

    pub fn no_query_of_any_page_reads_a_whole_table(engine: Engine) {
        let watch = Watch::default();
        let plan = Plan { watch: Some(watch.clone()), ..Plan::default() };
        in_town_with(engine, plan, async |town| {
            let (guest, member, code) = furnish(town).await;
            let staff = signed_in(town, "eva", Role::Supervisor).await;
            let asked = format!("/office/refunds/ask?code={code}");
            watch.begin();
            let of_guest = wander(&guest, &["/", "/demo", "/sitemap.xml", "/register"]).await;
            let of_member = wander(&member, &["/me", "/account"]).await;
            let of_staff = wander(&staff.browser, &["/office", "/office/dead", &asked]).await;
            for form in
                [[("q", "soho luma")], [("near", "51.5,-0.1")], [("q", "\u{4e0a}\u{6d77}\u{9759}\u{5b89}")]]
            {
                assert_eq!(guest.post("/shops", &form).await.status, 200);
            }
            for sought in [NUMBER, EMAIL, &code, "pi_unknown", "evt_unknown"] {
                assert!(staff.search(sought).await.status < 400, "{sought}");
            }
            let (queries, scans) = watch.end();
            let others = scans.into_iter().filter(|scan| !reads_what_an_operator_set_up(scan));
            assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new());
            assert!(queries > 60, "{queries} queries were looked at");
            let pages = of_guest.len() + of_member.len() + of_staff.len();
            assert!(pages > 60, "{of_guest:?} {of_member:?} {of_staff:?}");
            for must in [
                "/o/*?",
                "/shops/*?",
                "/me/lines/*?",
                "/office/orders/*?",
                "/office/cases/*?",
                "/office/lines/*?",
            ] {
                let found = [&of_guest, &of_member, &of_staff].iter().any(|pages| pages.contains(must));
                assert!(found, "{must}: {of_member:?} {of_staff:?}");
            }
        });
    }
}
