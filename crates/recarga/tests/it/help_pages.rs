//! Help, what is genuine, and status: each tells what is so here, and nothing that is not.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, attribute, redirected, text};
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::locale::Locale;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use render::view::{Community, Official, Support};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    what_the_operator_set_is_told_in_the_readers_language
    what_the_operator_did_not_set_is_not_mentioned
    public_pages_name_their_languages_and_private_ones_ask_to_be_left_out
    the_map_lists_pages_that_answer_and_robots_point_to_it
    inside_wechat_the_pay_step_says_how_to_go_on_and_still_works
    every_page_has_a_word_for_browsers_that_are_too_old
    waiting_and_finished_orders_lead_to_the_words_about_their_state
    status_knows_nothing_before_anything_happened
    status_tells_a_provider_that_stopped_and_that_it_is_back
    status_tells_an_sms_centre_that_stopped
    status_tells_work_that_nobody_does
    status_tells_no_number_order_or_secret
}

const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                      Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50";
const PUBLIC: &[&str] = &["/", "/help", "/verify", "/status", "/promotions", "/shops", "/o"];

fn official() -> Plan {
    let support = Support {
        email: Some("help@prueba.example".into()),
        phone: Some("+44 20 7946 0000".into()),
        hours: vec![(Locale::ZhCn, "每天9:00至18:00".into()), (Locale::En, "9 to 6 every day".into())],
    };
    let official = Official {
        sites: vec!["https://topup.prueba.example".into()],
        sms_senders: vec!["Prueba".into()],
        mail_domain: Some("prueba.example".into()),
        card_statement: Some("PRUEBA MOVIL".into()),
        community: vec![Community { place: "WeChat".into(), name: "prueba-fans".into(), link: false }],
    };
    Plan { support, official, ..Plan::default() }
}

async fn page(buyer: &Buyer, path: &str) -> Answer {
    let answer = buyer.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer
}

/// How a part is, as the page says it.
async fn health(town: &Town, service: &str) -> String {
    let status = page(&town.buyer(), "/status").await;
    let line = format!("[data-testid=service][data-service={service}]");
    attribute(&status.text, &line, "data-health").expect("the part is listed")
}

async fn trouble(town: &Town) -> String {
    let status = page(&town.buyer(), "/status").await;
    attribute(&status.text, "[data-testid=status-all]", "data-trouble").expect("it is said")
}

mod checks {
    use super::*;

    pub fn what_the_operator_set_is_told_in_the_readers_language(engine: Engine) {
        in_town_with(engine, official(), async |town| {
            for (language, hours) in [("zh-CN", "每天9:00至18:00"), ("en", "9 to 6 every day")] {
                let reader = town.buyer().reading(language);
                let help = page(&reader, "/help").await.text;
                for told in
                    [hours, "mailto:help@prueba.example", "tel:+442079460000", "data-testid=\"contact\""]
                {
                    assert!(help.contains(told), "{told} in {language}");
                }
                let verify = page(&reader, "/verify").await.text;
                for told in ["https://topup.prueba.example", "@prueba.example", "PRUEBA MOVIL", "prueba-fans"]
                {
                    assert!(verify.contains(told), "{told} in {language}");
                }
                assert!(text(&verify, "[data-testid=official-senders]").contains("Prueba"));
                let origin = town.outside.page_origin();
                assert_eq!(
                    text(&verify, "[data-testid=payment-pages]"),
                    origin,
                    "where money is really paid"
                );
                assert_eq!(attribute(&verify, "[data-testid=verify-code]", "action").as_deref(), Some("/o"));
            }
        });
    }

    pub fn what_the_operator_did_not_set_is_not_mentioned(engine: Engine) {
        in_town(engine, async |town| {
            for language in ["zh-CN", "en"] {
                let reader = town.buyer().reading(language);
                let help = page(&reader, "/help").await.text;
                assert!(
                    !help.contains("data-testid=\"contact\"") && !help.contains("#contact"),
                    "{language}"
                );
                let verify = page(&reader, "/verify").await.text;
                for part in ["community", "official-senders"] {
                    assert!(!verify.contains(&format!("data-testid=\"{part}\"")), "{part} in {language}");
                }
            }
        });
    }

    pub fn public_pages_name_their_languages_and_private_ones_ask_to_be_left_out(engine: Engine) {
        in_town(engine, async |town| {
            for path in PUBLIC {
                let html = page(&town.buyer(), path).await.text;
                let own = format!("{}{path}", town.url);
                let of =
                    |tag: &str| attribute(&html, &format!("link[hreflang='{tag}'][rel=alternate]"), "href");
                assert_eq!(of("zh-CN"), Some(format!("{own}?lang=zh-CN")));
                assert_eq!(of("en"), Some(format!("{own}?lang=en")));
                assert_eq!(of("x-default"), Some(own.clone()));
                assert_eq!(attribute(&html, "link[rel=canonical]", "href"), Some(own.clone()));
                let chinese = page(&town.buyer(), &format!("{path}?lang=zh-CN&utm=1")).await.text;
                assert_eq!(attribute(&chinese, "html", "lang").as_deref(), Some("zh-CN"));
                let canonical = attribute(&chinese, "link[rel=canonical]", "href");
                assert_eq!(
                    canonical,
                    Some(format!("{own}?lang=zh-CN")),
                    "without what else was in the address"
                );
            }
            let order = town.order().await;
            for html in [order.page().await.text, town.buyer().get("/nowhere").await.text] {
                assert!(!html.contains("canonical") && !html.contains("rel=\"alternate\""));
                assert_eq!(attribute(&html, "meta[name=robots]", "content").as_deref(), Some("noindex"));
            }
        });
    }

    pub fn the_map_lists_pages_that_answer_and_robots_point_to_it(engine: Engine) {
        in_town(engine, async |town| {
            let robots = page(&town.buyer(), "/robots.txt").await;
            assert!(robots.header("content-type").starts_with("text/plain"));
            let map = robots.text.lines().find_map(|line| line.strip_prefix("Sitemap: ")).expect("a map");
            let map = page(&town.buyer(), map.strip_prefix(&town.url).expect("ours")).await;
            assert!(map.header("content-type").starts_with("application/xml"));
            let listed = map.text.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap());
            let listed: Vec<&str> = listed.collect();
            assert_eq!(listed.len(), PUBLIC.len() * 3);
            for address in listed {
                page(&town.buyer(), address.strip_prefix(&town.url).expect("ours")).await;
            }
        });
    }

    pub fn inside_wechat_the_pay_step_says_how_to_go_on_and_still_works(engine: Engine) {
        in_town(engine, async |town| {
            let reviewed = async |buyer: &Buyer| {
                let number = format!("+{NUMBER}");
                let cart =
                    redirected(&buyer.post("/top-up", &[("country", "GB"), ("msisdn", &number)]).await);
                let review = redirected(&buyer.post(&cart, &[("offer", TEN), ("amount", "")]).await);
                (page(buyer, &review).await.text, review)
            };
            let (plain, _) = reviewed(&town.buyer()).await;
            assert!(!plain.contains("data-testid=\"wechat\""));
            let inside = town.buyer().using(WECHAT).reading("zh-CN");
            let (html, address) = reviewed(&inside).await;
            let hint = text(&html, "[data-testid=wechat]");
            assert!(hint.contains("···") && hint.contains("在浏览器打开"), "{hint}");
            let outside = page(&town.buyer(), &address).await.text;
            assert!(outside.contains("£10.00"), "the same address goes on in the other browser");
            inside.order(NUMBER, TEN).await;
        });
    }

    pub fn every_page_has_a_word_for_browsers_that_are_too_old(engine: Engine) {
        in_town(engine, async |town| {
            for path in PUBLIC {
                let html = page(&town.buyer().reading("zh-CN"), path).await.text;
                assert!(text(&html, "[data-testid=old-browser]").contains("仍可充值"), "{path}");
                for link in ["/help", "/verify", "/status"] {
                    let link = format!("footer a[href='{link}']");
                    assert!(attribute(&html, &link, "href").is_some(), "{link} at {path}");
                }
            }
        });
    }

    pub fn waiting_and_finished_orders_lead_to_the_words_about_their_state(engine: Engine) {
        in_town(engine, async |town| {
            let help = page(&town.buyer(), "/help").await.text;
            let order = town.order().await;
            let explained = async || {
                let html = order.page().await.text;
                let link = attribute(&html, "[data-testid=state-help]", "href").expect("a link");
                let anchor = link.strip_prefix("/help#").expect("on the help page").to_owned();
                assert!(!text(&help, &format!("[id='{anchor}'] dd")).is_empty(), "{anchor}");
                anchor
            };
            assert_eq!(explained().await, "awaiting_payment");
            town.outside.pay(&order.session, "4242424242424242").await;
            town.look(&order).await;
            assert_eq!(explained().await, "credited");
        });
    }

    pub fn status_knows_nothing_before_anything_happened(engine: Engine) {
        in_town(engine, async |town| {
            for (service, told) in
                [("portal", "working"), ("payment", "quiet"), ("work", "working"), ("sms", "quiet")]
            {
                assert_eq!(health(town, service).await, told, "{service}");
            }
            assert_eq!(trouble(town).await, "no");
        });
    }

    pub fn status_tells_a_provider_that_stopped_and_that_it_is_back(engine: Engine) {
        in_town(engine, async |town| {
            town.order().await;
            assert_eq!(health(town, "payment").await, "working");
            town.clock.pass(MINUTE_MS);
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_before", 1_000).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            redirected(&buyer.press(&form, "").await);
            assert_eq!(health(town, "payment").await, "disturbed");
            assert_eq!(trouble(town).await, "yes");
            town.outside.no_faults().await;
            town.pass(MINUTE_MS).await;
            assert_eq!(health(town, "payment").await, "working", "the page was made after all");
            town.clock.pass(2 * DAY_MS);
            assert_eq!(health(town, "payment").await, "quiet", "what was is no news");
        });
    }

    pub fn status_tells_an_sms_centre_that_stopped(engine: Engine) {
        in_town(engine, async |town| {
            let sell = async |key: &str, number: &str| {
                assert_eq!(town.api.sell(key, number, TEN).await.status, 201);
                town.work().await;
            };
            sell("one", NUMBER).await;
            assert_eq!(health(town, "sms").await, "working");
            town.clock.pass(MINUTE_MS);
            // This number's messages are never answered.
            sell("two", "447400120002").await;
            assert_eq!(health(town, "sms").await, "disturbed");
            assert_eq!(health(town, "payment").await, "quiet", "the other parts are told apart");
            town.clock.pass(2 * HOUR_MS);
            assert_eq!(health(town, "sms").await, "quiet");
        });
    }

    pub fn status_tells_work_that_nobody_does(engine: Engine) {
        in_town(engine, async |town| {
            assert_eq!(town.api.sell("k", NUMBER, TEN).await.status, 201);
            assert_eq!(health(town, "work").await, "working");
            town.clock.pass(2 * MINUTE_MS);
            assert_eq!(health(town, "work").await, "disturbed");
            town.work().await;
            assert_eq!(health(town, "work").await, "working");
        });
    }

    pub fn status_tells_no_number_order_or_secret(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4242424242424242").await;
            town.look(&order).await;
            let shown = page(&town.buyer(), "/status").await;
            for secret in
                [NUMBER, "3456", order.code.as_str(), "sk_test", "whsec", "127.0.0.1:", "postgres", "sqlite"]
            {
                let body = shown.text.split_once("<main").expect("a page").1;
                assert!(!body.contains(secret), "{secret} in {body}");
            }
        });
    }
}
