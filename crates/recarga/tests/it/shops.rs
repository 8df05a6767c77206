//! Finding a shop: by words, by city and near oneself; its own page, its sticker, the feeds, the API and the import.

use crate::support::buyer::{Buyer, attribute, redirected, text};
use crate::support::house::{House, in_house};
use crate::support::program::{Done, run};
use crate::support::town::{Town, in_town};
use domain::time::{DAY_MS, UnixMs};
use flows::places::search::{Asked, search};
use serde_json::Value;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_shop_is_found_by_words_number_postcode_and_chinese_without_spaces
    the_nearest_come_first_and_the_pages_of_a_list_meet_without_gap_or_double
    filters_leave_out_what_does_not_fit
    what_is_far_from_everywhere_says_so
    a_shop_has_a_page_with_hours_certificate_and_maps
    a_sticker_says_what_it_is_worth
    a_report_names_the_shop
    feeds_and_site_map_list_authorised_shops_alone
    partners_find_locations_and_wrong_questions_are_refused
    a_file_with_faults_names_each_row_and_changes_nothing
    the_same_file_changes_nothing_and_replace_ends_what_is_gone
    a_photo_is_shown_without_what_the_camera_wrote
    a_common_word_near_somebody_finds_the_nearest_that_have_it
}

const HEAD: &str = "number,kind,name,host_place,floor,street,city,district,postcode,country,lat,lon,time_zone,hours,\
     services,languages,what_to_bring,state,authorised_until\n";
const SOHO: &str = "S10101,shop,Luma Gerrard Street,Gate Mall,1/F,12 Gerrard Street,London,Soho,W1D 5PR,GB,51.5115,-0.1311,\
     Europe/London,Mo-Sa 09:00-21:00; Su 11:00-17:00; PH off,top_up sim,en zh,number id,authorised,2030-12-31\n";
const STRATFORD: &str = "S10102,shop,Luma Stratford,,,2 Stratford Place,London,Stratford,E20 1EJ,GB,51.54345,-0.00708,\
     Europe/London,24/7,top_up,en,,,\n";
const KIOSK: &str = "K50101,kiosk,Luma Kiosk,King's Cross Station,,Euston Road,London,,N1C 4AP,GB,51.53083,-0.12308,\
     Europe/London,24/7,top_up,en,,,\n";
const CAMDEN: &str = "S10114,shop,Camden Top-up,,,207 High Street,London,Camden,NW1 7BT,GB,51.54026,-0.14439,\
     Europe/London,Mo-Su 10:00-20:00,top_up,en,,suspended,\n";
const GONE: &str = "S10115,shop,Old Kent Mobile,,,312 Old Kent Road,London,,SE1 5UE,GB,51.489,-0.0747,\
     Europe/London,Mo-Su 10:00-20:00,top_up,en,,ended,\n";
const LAPSED: &str = "S10116,shop,Luma Brixton,,,1 Brixton Road,London,,SW9 6BE,GB,51.4613,-0.1156,\
     Europe/London,24/7,top_up,en,,,2020-12-31\n";
const JINGAN: &str = "S40101,shop,Luma \u{9759}\u{5b89}\u{5bfa}\u{5e97},\u{4e45}\u{5149}\u{767e}\u{8d27},B1,\
     \u{5357}\u{4eac}\u{897f}\u{8def}1618\u{53f7},\u{4e0a}\u{6d77}\u{5e02},\u{9759}\u{5b89}\u{533a},200040,CN,31.1774276,\
     121.5272106,Asia/Shanghai,Mo-Su 10:00-22:00,top_up,zh,id,,\n";

fn register() -> String {
    [HEAD, SOHO, STRATFORD, KIOSK, CAMDEN, GONE, LAPSED, JINGAN].concat()
}

async fn open_shops(town: &Town) {
    let imported = flows::places::import::import(&town.world, &register(), false).await.expect("an import");
    assert_eq!(imported.expect("a good file").added, 7);
}

/// The clock shows this time from now on.
fn set(town: &Town, rfc3339: &str) {
    let at = UnixMs::parse_rfc3339(rfc3339).expect("a time");
    town.clock.pass(at.0 - town.world.now().0);
}

/// The numbers on a page, in their order.
fn numbers(html: &str) -> Vec<String> {
    html.split("data-testid=\"shop\" data-number=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or("").to_owned())
        .collect()
}

async fn found(buyer: &Buyer, query: &str) -> Vec<String> {
    let page = buyer.get(&format!("/shops?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    numbers(&page.text)
}

async fn listed(town: &Town, query: &str) -> Vec<Value> {
    let answer = town.api.get(&format!("/v1/locations?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["items"].as_array().expect("items").clone()
}

/// A town of many: `n` places in a row to the east, a few metres apart.
fn row_of(n: usize) -> String {
    let row = |n: usize| {
        format!(
            "R{n:04},shop,Row {n},,,Long Road {n},Leeds,,LS1,GB,53.8,-1.{:07},Europe/London,24/7,top_up,en,,,\n",
            5_000_000 - n * 1_000
        )
    };
    HEAD.to_owned() + &(0..n).map(row).collect::<String>()
}

async fn admin(house: &House, args: &[&str]) -> Done {
    let args = ["admin", "places"].iter().chain(args).map(|arg| (*arg).to_owned());
    run(args.chain(house.place())).await
}

async fn import(house: &House, text: &str, more: &[&str]) -> Done {
    let file = house.folder.join("places.csv");
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    admin(house, &[&["import", &file], more].concat()).await
}

mod checks {
    use super::*;

    pub fn a_shop_is_found_by_words_number_postcode_and_chinese_without_spaces(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            for (typed, expected) in [
                ("q=gerrard", vec!["S10101"]),
                ("q=soho+luma", vec!["S10101"]),
                ("q=w1d5pr", vec!["S10101"]),
                ("q=s-10101", vec!["S10101"]),
                ("q=KINGS+cross", vec!["K50101"]),
                ("q=stratf", vec!["S10102"]),
                ("q=%E4%B8%8A%E6%B5%B7%E9%9D%99%E5%AE%89", vec!["S40101"]),
                ("q=%E4%B9%85%E5%85%89", vec!["S40101"]),
                ("q=nowhere", vec![]),
                // Whoever has its number must see that it may not sell; nobody else finds it.
                ("q=S10114", vec!["S10114"]),
                ("q=camden", vec![]),
                ("q=brixton", vec![]),
            ] {
                assert_eq!(found(&buyer, typed).await, expected, "{typed}");
            }
            let of_london = found(&buyer, "country=GB").await;
            assert_eq!(of_london, ["K50101", "S10101", "S10102"]);
            let suspended = buyer.get("/shops?q=S10114").await.text;
            assert_eq!(
                attribute(&suspended, "[data-testid=shop-worth]", "data-worth").as_deref(),
                Some("suspended")
            );
        });
    }

    pub fn the_nearest_come_first_and_the_pages_of_a_list_meet_without_gap_or_double(engine: Engine) {
        in_town(engine, async |town| {
            let text = row_of(70);
            flows::places::import::import(&town.world, &text, false).await.expect("an import").expect("good");
            let mut seen: Vec<String> = Vec::new();
            let mut cursor = String::new();
            loop {
                let answer = town.api.get(&format!("/v1/locations?near=53.8,-1.5{cursor}")).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
                let items = answer.json["items"].as_array().expect("items");
                seen.extend(items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()));
                let Some(next) = answer.json["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            let expected: Vec<String> = (0..70).map(|n| format!("R{n:04}")).collect();
            assert_eq!(seen, expected);
            let page = town.buyer().post("/shops", &[("near", "53.8,-1.5")]).await;
            assert_eq!(numbers(&page.text), expected[..20]);
            assert!(!page.text.contains("near=53"), "no address holds where somebody is");
            let next = town.buyer().post("/shops", &[("near", "53.8,-1.5"), ("seen", "20")]).await;
            assert_eq!(numbers(&next.text), expected[20..40]);
            let within = listed(town, "near=53.8,-1.5&radius_m=200").await;
            assert!(
                within.iter().all(|item| item["distance_m"].as_i64().is_some_and(|metres| metres <= 200))
            );
        });
    }

    pub fn filters_leave_out_what_does_not_fit(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            assert_eq!(found(&buyer, "country=GB&kind=kiosk").await, ["K50101"]);
            assert_eq!(found(&buyer, "country=GB&service=sim").await, ["S10101"]);
            assert_eq!(found(&buyer, "country=GB&language=zh").await, ["S10101"]);
            let none = buyer.get("/shops?country=GB&kind=kiosk&service=sim").await.text;
            assert!(!text(&none, "[data-testid=no-shops]").is_empty());
            // On a holiday, Soho is closed and says why.
            set(town, "2026-12-25T12:00:00Z");
            assert_eq!(found(&buyer, "country=GB&open_now=1").await, ["K50101", "S10102"]);
            let closed = listed(town, "q=gerrard").await;
            assert_eq!(closed[0]["closed_for_holiday"], true);
            assert_eq!(closed[0]["opens_at"], "2026-12-26T09:00:00Z");
            assert!(
                text(&buyer.get("/shops?q=gerrard").await.text, "[data-testid=shop-standing]")
                    .contains("holiday")
            );
        });
    }

    pub fn what_is_far_from_everywhere_says_so(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            let sea = buyer.post("/shops", &[("near", "0,-30")]).await.text;
            assert!(text(&sea, "[data-testid=no-shops]").contains("50 km"), "{sea}");
            let refused = buyer.post("/shops", &[("near", "north,pole")]).await;
            assert_eq!(refused.status, 200);
            assert!(!numbers(&refused.text).is_empty(), "what is no place is none");
        });
    }

    pub fn a_shop_has_a_page_with_hours_certificate_and_maps(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            let page = buyer.get("/shops/S10101").await;
            assert_eq!(page.status, 200);
            assert!(page.text.contains("12 Gerrard Street") && page.text.contains("Gate Mall"));
            assert_eq!(
                attribute(&page.text, "[data-map=geo]", "href").as_deref(),
                Some("geo:51.511500,-0.131100?q=51.511500,-0.131100")
            );
            let amap = attribute(&page.text, "[data-map=amap]", "href").expect("a link");
            assert!(
                amap.contains("position=-0.131100,51.511500") && amap.ends_with("coordinate=wgs84"),
                "{amap}"
            );
            let data = text(&page.text, "script[type='application/ld+json']");
            let data: Value = serde_json::from_str(&data).expect("JSON");
            assert_eq!(data["@type"], "LocalBusiness");
            assert_eq!(data["address"]["postalCode"], "W1D 5PR");
            // The published reference point of the shift.
            let china = buyer.get("/shops/S40101").await.text;
            let amap = attribute(&china, "[data-map=amap]", "href").expect("a link");
            assert!(
                amap.contains("position=121.531542,31.175304") && amap.ends_with("coordinate=gaode"),
                "{amap}"
            );
            assert_eq!(redirected_for_ever(&buyer, "/shops/s10101").await, "/shops/S10101");
            assert_eq!(buyer.get("/shops/S99999").await.status, 404);
            let ended = buyer.get("/shops/S10115").await;
            assert_eq!(ended.status, 410);
            assert!(ended.text.contains("data-worth=\"ended\"") && !ended.text.contains("ld+json"));
            assert!(!ended.text.contains("data-map"));
        });
    }

    async fn redirected_for_ever(buyer: &Buyer, path: &str) -> String {
        let answer = buyer.get(path).await;
        assert_eq!(answer.status, 308, "{}", answer.text);
        answer.header("location").to_owned()
    }

    pub fn a_sticker_says_what_it_is_worth(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            for (number, status, worth) in [
                ("S10101", 200, "valid"),
                ("s10101", 200, "valid"),
                ("S10114", 200, "suspended"),
                ("S10115", 200, "ended"),
                ("S10116", 200, "lapsed"),
                ("S77777", 404, "unknown"),
                ("no-number", 404, "unknown"),
            ] {
                let page = buyer.get(&format!("/verify/outlet/{number}")).await;
                assert_eq!(page.status, status, "{number}");
                let said = attribute(&page.text, "[data-testid=shop-worth]", "data-worth");
                assert_eq!(said.as_deref(), Some(worth), "{number}");
                assert!(page.header("permissions-policy").contains("geolocation=(self)"));
            }
            let page = buyer.get("/verify/outlet/S10101").await.text;
            assert!(text(&page, "[data-testid=outlet]").contains("12 Gerrard Street"));
            assert!(text(&page, "[data-testid=outlet-until]").contains("31 Dec 2030"), "{page}");
            assert_eq!(
                redirected(&buyer.get("/verify/outlet?number=s-10101").await),
                "/verify/outlet/S10101"
            );
            assert!(buyer.get("/verify").await.text.contains("/verify/outlet"));
            assert!(buyer.get("/").await.header("permissions-policy").contains("geolocation=()"));
            // A certificate that ends takes the shop out of the list by itself.
            set(town, "2031-01-01T00:00:00Z");
            assert!(!found(&buyer, "country=GB").await.contains(&"S10101".to_owned()));
        });
    }

    pub fn a_report_names_the_shop(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            let page = buyer.get("/support?order=none&shop=S10101").await.text;
            let key = attribute(&page, "[data-testid=support-form] input[name=key]", "value").expect("a key");
            assert!(attribute(&page, "#cause-shop", "checked").is_some(), "{page}");
            let form = [
                ("key", key.as_str()),
                ("order", "none"),
                ("shop", "S10101"),
                ("cause", "shop"),
                ("text", "Another price."),
                ("email", "ana@example.org"),
            ];
            let case = redirected(&buyer.post("/support", &form).await);
            let thread = buyer.get(&case).await.text;
            assert!(
                thread.contains("S10101 Luma Gerrard Street") && thread.contains("Another price."),
                "{thread}"
            );
        });
    }

    pub fn feeds_and_site_map_list_authorised_shops_alone(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let empty = buyer.get("/shops.geojson").await.text;
            assert_eq!(
                serde_json::from_str::<Value>(&empty).expect("JSON")["features"],
                serde_json::json!([])
            );
            open_shops(town).await;
            let csv = buyer.get("/shops.csv").await;
            let rows: Vec<&str> = csv.text.lines().map(|line| line.split(',').next().unwrap_or("")).collect();
            assert_eq!(rows, ["number", "K50101", "S10101", "S10102", "S40101"]);
            let geo: Value = serde_json::from_str(&buyer.get("/shops.geojson").await.text).expect("JSON");
            assert_eq!(geo["features"].as_array().expect("features").len(), 4);
            assert_eq!(geo["features"][1]["geometry"]["coordinates"], serde_json::json!([-0.1311, 51.5115]));
            let tag = csv.header("etag").to_owned();
            let again =
                town.api.request(reqwest::Method::GET, "/shops.csv").header("if-none-match", &tag).send();
            assert_eq!(again.await.expect("an answer").status(), 304);
            town.clock.pass(DAY_MS);
            assert_ne!(buyer.get("/shops.csv").await.header("etag"), tag, "certificates end by the day");
            let index = buyer.get("/sitemap-shops.xml").await.text;
            assert!(index.contains("/sitemap-shops/first"), "{index}");
            let map = buyer.get("/sitemap-shops/first").await.text;
            assert!(map.contains("/shops/S10101?lang=zh-CN") && !map.contains("S10114"), "{map}");
        });
    }

    pub fn partners_find_locations_and_wrong_questions_are_refused(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let near = listed(town, "near=51.53,-0.12").await;
            let order: Vec<&str> =
                near.iter().map(|item| item["number"].as_str().expect("a number")).collect();
            assert_eq!(order, ["K50101", "S10101", "S10102"]);
            assert_eq!(near[0]["kind"], "kiosk");
            assert!(near[0]["distance_m"].as_i64().is_some_and(|metres| metres < 300));
            assert_eq!(
                listed(town, "near=51.53,-0.12&kind=shop&open_now=true&radius_m=50000")
                    .await
                    .last()
                    .expect("one")["number"],
                "S10102"
            );
            assert_eq!(listed(town, "q=S10114").await[0]["authorisation"], "suspended");
            for wrong in [
                "",
                "near=x",
                "near=51,0&radius_m=0",
                "radius_m=5&q=a",
                "q=a&kind=van",
                "q=a&cursor=x",
                "q=a&x=1",
            ] {
                town.api.get(&format!("/v1/locations?{wrong}")).await.is_problem(400, "query_invalid");
            }
        });
    }

    pub fn a_file_with_faults_names_each_row_and_changes_nothing(engine: Engine) {
        in_house(engine, async |house| {
            let wrong = [
                HEAD,
                SOHO,
                &SOHO.replace("51.5115", "91.5"),
                &STRATFORD.replace("24/7", "nine to five"),
                &KIOSK.replace("kiosk,", "van,"),
                &CAMDEN.replace("Europe/London", "London"),
                &STRATFORD.replace("top_up", "top_up haircut"),
                SOHO,
                "S1,shop\n",
            ]
            .concat();
            let done = import(house, &wrong, &[]).await;
            assert_eq!(done.code, Some(2), "{done:?}");
            let said: Vec<&str> =
                done.stderr.lines().filter_map(|line| line.split("places.csv:").nth(1)).collect();
            let expected = ["3: lat", "4: hours", "5: kind", "6: ", "7: services", "8: number", "9: "];
            for (line, expected) in said.iter().zip(expected) {
                assert!(line.starts_with(expected), "{expected}: {line}");
            }
            assert!(done.stderr.contains("7 faults, nothing was imported"), "{}", done.stderr);
            assert_eq!(house.count("select count(*) from place").await, 0);
            let headless = import(house, "name,city\nx,y\n", &[]).await;
            assert!(headless.stderr.contains("missing: number"), "{headless:?}");
        });
    }

    pub fn the_same_file_changes_nothing_and_replace_ends_what_is_gone(engine: Engine) {
        in_house(engine, async |house| {
            let said = |done: Done| done.stdout.trim().to_owned();
            assert_eq!(
                said(import(house, &register(), &[]).await),
                "added 7, changed 0, unchanged 0, ended 0"
            );
            assert_eq!(
                said(import(house, &register(), &[]).await),
                "added 0, changed 0, unchanged 7, ended 0"
            );
            let moved = [HEAD, &SOHO.replace("Gate Mall", "Other Mall")].concat();
            assert_eq!(said(import(house, &moved, &[]).await), "added 0, changed 1, unchanged 0, ended 0");
            let words = house.count("select count(*) from place_word where word = 'gate'").await;
            assert_eq!(words, 0, "it is no longer found by what it said before");
            assert_eq!(
                said(import(house, &moved, &["--replace"]).await),
                "added 0, changed 0, unchanged 1, ended 5"
            );
            assert_eq!(house.count("select count(*) from place where state = 'authorised'").await, 1);
        });
    }

    pub fn a_photo_is_shown_without_what_the_camera_wrote(engine: Engine) {
        in_town(engine, async |town| {
            open_shops(town).await;
            let buyer = town.buyer();
            assert_eq!(buyer.get("/shops/S10101/photo").await.status, 404);
            let comment = [&[0xff, 0xfe, 0x00, 0x05][..], b"GPS"].concat();
            let photo = [&[0xff, 0xd8][..], &comment, &[0xff, 0xd9]].concat();
            flows::places::photo::set(&town.world, "S10101", &photo)
                .await
                .expect("stored")
                .expect("a picture");
            let shown = buyer.get("/shops/S10101/photo").await;
            assert_eq!((shown.status, shown.content_type()), (200, "image/jpeg"));
            assert!(!shown.text.contains("GPS"));
            assert!(buyer.get("/shops/S10101").await.text.contains("/shops/S10101/photo"));
            let unfit =
                flows::places::photo::set(&town.world, "S10101", b"%PDF-1.7").await.expect("looked at");
            assert!(unfit.is_err());
            town.clock.pass(4 * 365 * DAY_MS);
            assert_eq!(buyer.get("/shops/S10101/photo").await.status, 404, "too old to prove anything");
        });
    }

    pub fn a_common_word_near_somebody_finds_the_nearest_that_have_it(engine: Engine) {
        in_town(engine, async |town| {
            let text = row_of(400);
            flows::places::import::import(&town.world, &text, false).await.expect("an import").expect("good");
            let near = domain::place::geo::Point::pair("53.8,-1.4605");
            let asked = Asked { typed: "row".into(), near, ..Asked::default() };
            let found = search(&town.world, asked).await.expect("a search");
            let first = &found.hits[0];
            assert_eq!((first.place.number.as_str(), first.metres), ("R0395", Some(0)));
            // Without a place, what is left out is said.
            let asked = Asked { typed: "leeds".into(), seen: 180, ..Asked::default() };
            let found = search(&town.world, asked).await.expect("a search");
            assert!(found.partial && found.next.is_none() && found.hits.len() == 20);
        });
    }
}
