//! Nothing that is a person's or a secret stands in the log of a whole run, whatever went wrong in it, nor in clear
//! beside the keys of requests.

use crate::support::buyer::{Order, passed, redirected};
use crate::support::house::{House, in_house};
use crate::support::outside::{SMPP, STRIPE_KEY, Session, WEBHOOK_SECRET};
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN};
use crate::support::town::in_town;
use crate::support::wait::until;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_log_of_a_whole_run_names_nobody_and_tells_no_secret
    a_stored_answer_is_sealed_and_comes_again_byte_for_byte
}

const EMAIL: &str = "ana.secret@example.org";

/// Buys in the portal with an e-mail address; the provider stumbles on the way.
async fn a_purchase(house: &House) -> Order {
    let buyer = house.buyer();
    let form = buyer.review(NUMBER, TEN).await;
    house.outside.fault("POST /v1/checkout/sessions", "drop_connection_after", 1).await;
    let pressed = buyer.press(&form, EMAIL).await;
    let code = passed(&pressed);
    let page = redirected(&buyer.post(&format!("/o/{code}/retry"), &[]).await);
    let order = Order { code, session: Session::of_page(&page), buyer };
    house.outside.pay(&order.session, "4000009900000079").await;
    house.outside.fault("GET /v1/checkout/sessions/{id}", "error_500", 1).await;
    order.comes_back().await;
    house.outside.resume_webhooks().await;
    until("the credit", async || order.shown().await == "credited").await;
    order.buyer.get(&format!("/o/{}/receipt", order.code)).await;
    order
}

/// What partners and strangers do, right and wrong.
async fn everything_else(house: &House, order: &Order) {
    assert_eq!(house.api.sell("private-key-1", CHINESE_NUMBER, TEN).await.status, 201);
    house.api.sell("private-key-2", "447400100100", TEN).await;
    house.api.sell("private-key-3", "447400120001", TEN).await;
    house.api.with_key("rk_guessed").get("/v1/float").await;
    house.api.get(&format!("/v1/lines/{NUMBER}/balance")).await;
    house.api.get(&format!("/v1/nothing/{NUMBER}")).await;
    let stranger = house.buyer();
    for proof in ["0000", "3456", EMAIL] {
        stranger.post(&format!("/o/{}", order.code), &[("proof", proof)]).await;
    }
    stranger.get(&format!("/o?code={}", order.code)).await;
    stranger.get(&format!("/nothing?msisdn={NUMBER}")).await;
    stranger.post("/top-up", &[("country", "GB"), ("msisdn", "447400100100")]).await;
}

mod checks {
    use super::*;

    pub fn the_log_of_a_whole_run_names_nobody_and_tells_no_secret(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.serve().await;
            let order = a_purchase(house).await;
            everything_else(house, &order).await;
            house.outside.message(CHINESE_NUMBER).await;
            until("the messages to be booked", async || {
                house.count("select count(*) from message where state = 'queued'").await == 0
            })
            .await;
            server.stop().await;
            let log = std::fs::read_to_string(house.log()).unwrap();
            assert!(log.lines().count() > 10, "there is something to look at");
            let number = |n: &str| [n.to_owned(), n[2..].to_owned(), n[4..].to_owned()];
            let secrets =
                [EMAIL, "ana.secret", &house.partner.key, "rk_", STRIPE_KEY, WEBHOOK_SECRET, SMPP.1];
            let private = [&order.code, &order.code.replace('-', ""), &order.session.0, "private-key"];
            let told = number(NUMBER).into_iter().chain(number(CHINESE_NUMBER)).chain(number("447400100100"));
            let told = told.chain(secrets.map(str::to_owned)).chain(private.map(|text| (*text).to_owned()));
            for text in told.collect::<Vec<_>>() {
                let line = log.lines().find(|line| line.contains(&text));
                assert_eq!(line, None, "{text} stands in the log");
            }
        });
    }
    pub fn a_stored_answer_is_sealed_and_comes_again_byte_for_byte(engine: Engine) {
        in_town(engine, async |town| {
            let ask = async |key: &str| match key {
                "sold" => town.api.sell(key, NUMBER, TEN).await,
                "hosted" => town.api.host(key, NUMBER, TEN).await,
                _ => town.api.sell(key, NUMBER, "no-such-offer").await,
            };
            for (key, status) in [("sold", 201), ("hosted", 201), ("refused", 422)] {
                let first = ask(key).await;
                assert_eq!((first.status, first.replayed()), (status, false), "{}", first.text);
                let again = ask(key).await;
                assert!(again.replayed());
                assert_eq!((again.status, &again.text), (status, &first.text));
                let looked_up = town.api.get(&format!("/v1/responses/{key}")).await;
                assert_eq!((looked_up.status, &looked_up.text), (status, &first.text));
            }
            let stored = "select body from response where body is not null";
            let bodies = town.read(move |tx| tx.query(stored, &[], |row| row.text(0))).await;
            assert_eq!(bodies.len(), 3);
            for body in bodies {
                for told in [NUMBER, "3456", "/pay/", "msisdn", "{"] {
                    assert!(!body.contains(told), "{told} stands in {body}");
                }
            }
        });
    }
}
