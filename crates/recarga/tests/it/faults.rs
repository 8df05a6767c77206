//! Faults of payments by their numbers in the list that the suite must survive, as far as no other file has them:
//! 44 to 47 are in `reversals`, 23, 24 and 49 with the host network.

use crate::support::api::{Answer, client};
use crate::support::buyer::{Order, passed};
use crate::support::outside::{Session, WEBHOOK_SECRET};
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    fault_26_a_provider_that_is_busy_or_has_the_call_in_flight_gets_the_same_key_later
    fault_32_a_webhook_that_never_comes_is_found_by_a_poll
    fault_33_a_webhook_four_days_late_for_a_cancelled_order_is_one_refund
    fault_34_a_webhook_whose_handler_fails_is_tried_again_and_not_swallowed_as_a_copy
    fault_36_both_secrets_are_taken_while_one_is_rotated_and_the_old_one_not_afterwards
    fault_36_a_spoofed_certificate_address_is_refused_and_fetched_by_nobody
    fault_36_without_its_certificate_a_webhook_is_only_a_reason_to_ask
    fault_37_an_approval_whose_buyer_never_returns_is_captured_once_or_lapses_without_money
    fault_38_return_webhook_and_poll_at_once_capture_once
    fault_39_a_pending_echeck_is_not_fulfilled_and_its_denial_moves_nothing
    fault_39_a_capture_that_is_reversed_later_is_reported_to_people
    fault_39_a_paypal_capture_that_was_pending_completed_and_reversed_is_brought_to_people_once
    fault_39_a_refund_made_in_paypals_dashboard_is_reported_and_ours_is_not
    fault_44_what_went_back_is_not_returned_again_by_anybody
}

const PAYS: &str = "4242424242424242";
const COUNT_CALLS: &str = "select count(*) from operation where kind = 'create_page'";

/// What people were told of payments, each thing once.
const REPORTS: &str = "select count(*) from outbox where topic = 'poll_attempt' and state = 'dead'";

/// An order whose page was not made (yet).
async fn pressed(town: &Town) -> (String, crate::support::buyer::Buyer) {
    let buyer = town.buyer();
    let form = buyer.review(NUMBER, TEN).await;
    let code = passed(&buyer.press(&form, "").await);
    (code, buyer)
}

async fn the_page(town: &Town) -> Session {
    let pages = town.outside.sessions().await;
    assert_eq!(pages.len(), 1, "{pages:?}");
    Session(pages[0]["id"].as_str().expect("an id").to_owned())
}

async fn by_paypal(town: &Town, part: &str) -> Order {
    let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
    town.outside.approve(&order.session, part).await;
    order
}

async fn captured_by_paypal(town: &Town) -> (usize, i64) {
    let captures = town.outside.captures().await;
    (captures.len(), captures.iter().filter_map(|capture| capture["captured_minor"].as_i64()).sum())
}

async fn approval(town: &Town) -> String {
    let events = town.outside.paypal_events("CHECKOUT.ORDER.APPROVED").await;
    events[0]["id"].as_str().expect("an id").to_owned()
}

/// PayPal's headers around a body, with the certificate at this address.
async fn knock_as_paypal(town: &Town, body: &str, certificate: &str) -> Answer {
    let call = client().post(format!("{}/webhooks/paypal", town.url));
    let call = call
        .header("paypal-auth-algo", "SHA256withRSA")
        .header("paypal-transmission-id", "8f7a1c30-1111-2222-3333-444455556666")
        .header("paypal-transmission-time", town.world.now().rfc3339())
        .header("paypal-transmission-sig", "c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2U=")
        .header("paypal-cert-url", certificate)
        .header("content-type", "application/json");
    Answer::of(call.body(body.to_owned()).send().await.expect("an answer")).await
}

mod checks {
    use super::*;

    pub fn fault_26_a_provider_that_is_busy_or_has_the_call_in_flight_gets_the_same_key_later(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            town.outside.fault("POST /v1/checkout/sessions", "status_429", 2).await;
            let (code, buyer) = pressed(town).await;
            assert_eq!(town.outside.sessions().await.len(), 0);
            town.pass(MINUTE_MS).await;
            town.pass(MINUTE_MS).await;
            let order = Order { code, session: the_page(town).await, buyer };
            assert_eq!(town.count(COUNT_CALLS).await, 1, "one call, one key");
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
        });
        in_town(engine, async |town| {
            // The first call hangs and is in flight when the same key comes again.
            town.outside.fault("POST /v1/checkout/sessions", "hang_until_released", 1).await;
            let (code, buyer) = pressed(town).await;
            town.pass(MINUTE_MS).await;
            town.outside.control("release", &json!({})).await;
            for _ in 0..3 {
                town.pass(5 * MINUTE_MS).await;
            }
            let order = Order { code, session: the_page(town).await, buyer };
            assert_eq!(town.count(COUNT_CALLS).await, 1);
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
        });
    }

    pub fn fault_32_a_webhook_that_never_comes_is_found_by_a_poll(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            // Webhooks are paused for ever, and nobody comes back.
            for _ in 0..4 {
                town.pass(10 * MINUTE_MS).await;
            }
            assert_eq!(town.count("select count(*) from inbox").await, 0);
            assert_eq!(town.stored(&order).await.state.as_str(), "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn fault_33_a_webhook_four_days_late_for_a_cancelled_order_is_one_refund(engine: Engine) {
        in_town(engine, async |town| {
            // The page's answers were lost and the order lapsed; somebody pays on it, and the news is four days late.
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_after", 100).await;
            let (code, buyer) = pressed(town).await;
            let order = Order { code, session: the_page(town).await, buyer };
            town.pass(36 * MINUTE_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            town.outside.no_faults().await;
            assert_eq!(town.outside.pay(&order.session, PAYS).await, "return");
            let event = town.outside.event("checkout.session.completed").await;
            town.pass(4 * DAY_MS).await;
            assert_eq!(order.shown().await, "cancelled", "nobody knows the page, so no look finds its money");
            town.clock.set_right();
            assert_eq!(town.outside.deliver(&event, 2, "true").await, [200; 2]);
            town.work().await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(town.outside.refunds().await.len(), 1);
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn fault_34_a_webhook_whose_handler_fails_is_tried_again_and_not_swallowed_as_a_copy(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            let event = town.outside.event("checkout.session.completed").await;
            let page = format!("GET /v1/checkout/sessions/{}", order.session.0);
            town.outside.fault(&page, "error_500", 1).await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            let open = "select count(*) from inbox where applied_at is null";
            assert_eq!(town.count(open).await, 1, "taken, and not done");
            assert_eq!(town.stored(&order).await.state.as_str(), "checking_payment");
            assert_eq!(
                town.outside.deliver(&event, 1, "true").await,
                [200],
                "a copy is taken and changes nothing"
            );
            town.pass(MINUTE_MS).await;
            assert_eq!(town.stored(&order).await.state.as_str(), "credited");
            assert_eq!(town.count(open).await, 0);
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn fault_36_both_secrets_are_taken_while_one_is_rotated_and_the_old_one_not_afterwards(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            let event = town.outside.event("checkout.session.completed").await;
            let both = json!({ "secret": "whsec_new", "also": [WEBHOOK_SECRET] });
            town.outside.control("webhook-secret", &both).await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(town.stored(&order).await.state.as_str(), "credited");
            town.outside.control("webhook-secret", &json!({ "secret": "whsec_new" })).await;
            let late = town.outside.event("payment_intent.succeeded").await;
            assert_eq!(town.outside.deliver(&late, 1, "true").await, [400]);
        });
    }

    pub fn fault_36_a_spoofed_certificate_address_is_refused_and_fetched_by_nobody(engine: Engine) {
        in_town(engine, async |town| {
            let order = by_paypal(town, "no-return").await;
            let events = town.outside.paypal_events("CHECKOUT.ORDER.APPROVED").await;
            let body = events[0].to_string();
            let thief = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            thief.set_nonblocking(true).expect("no waiting");
            let port = thief.local_addr().expect("an address").port();
            for certificate in [
                format!("http://127.0.0.1:{port}/v1/notifications/certs/CERT-1"),
                format!("https://api.paypal.com.evil.example:{port}/v1/notifications/certs/CERT-1"),
                format!("{}@127.0.0.1:{port}/v1/notifications/certs/CERT-1", town.outside.url),
            ] {
                let answer = knock_as_paypal(town, &body, &certificate).await;
                assert_eq!(answer.status, 400, "{certificate}: {}", answer.text);
            }
            let came = thief.accept().map(|_| ()).map_err(|error| error.kind());
            assert_eq!(came, Err(std::io::ErrorKind::WouldBlock), "nobody fetched the spoofed certificate");
            assert_eq!(town.count("select count(*) from inbox").await, 0);
            assert_eq!(town.stored(&order).await.state.as_str(), "awaiting_payment");
            town.pass(HOUR_MS).await;
            town.pass(HOUR_MS).await;
        });
    }

    pub fn fault_36_without_its_certificate_a_webhook_is_only_a_reason_to_ask(engine: Engine) {
        in_town(engine, async |town| {
            let order = by_paypal(town, "no-return").await;
            town.outside.fault("GET /certs", "error_500", 50).await;
            town.outside.fault("GET /paypal/certs", "error_500", 50).await;
            town.outside.fault("POST /v1/notifications/verify-webhook-signature", "error_500", 50).await;
            let sent = town.outside.deliver(&approval(town).await, 1, "true").await;
            assert_eq!(town.stored(&order).await.state.as_str(), "awaiting_payment", "{sent:?}");
            assert_eq!(captured_by_paypal(town).await.0, 0, "nothing is done on its word alone");
            town.outside.no_faults().await;
            town.pass(10_000).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(town.stored(&order).await.state.as_str(), "credited", "a poll found it");
            assert_eq!(captured_by_paypal(town).await, (1, 1_000));
        });
    }

    pub fn fault_37_an_approval_whose_buyer_never_returns_is_captured_once_or_lapses_without_money(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            let order = by_paypal(town, "no-return").await;
            assert_eq!(town.outside.deliver(&approval(town).await, 2, "true").await, [200; 2]);
            town.work().await;
            town.pass(HOUR_MS).await;
            assert_eq!(town.stored(&order).await.state.as_str(), "credited");
            assert_eq!(captured_by_paypal(town).await, (1, 1_000));
        });
        in_town(engine, async |town| {
            let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
            for _ in 0..4 {
                town.pass(HOUR_MS).await;
            }
            assert_eq!(town.stored(&order).await.state.as_str(), "cancelled");
            assert_eq!(captured_by_paypal(town).await.0, 0);
        });
    }

    pub fn fault_38_return_webhook_and_poll_at_once_capture_once(engine: Engine) {
        in_town(engine, async |town| {
            let order = by_paypal(town, "pays").await;
            let event = approval(town).await;
            town.clock.pass(6_000);
            let (sent, back, ()) =
                tokio::join!(town.outside.deliver(&event, 5, "true"), order.comes_back(), town.work());
            assert!(sent.iter().all(|status| *status == 200) && back.status < 500, "{sent:?}");
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(captured_by_paypal(town).await, (1, 1_000));
            assert_eq!(town.count("select count(*) from operation where kind = 'capture_page'").await, 1);
        });
    }

    pub fn fault_39_a_pending_echeck_is_not_fulfilled_and_its_denial_moves_nothing(engine: Engine) {
        in_town(engine, async |town| {
            let order = by_paypal(town, "pending").await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.pass(HOUR_MS).await;
            assert_eq!(town.api.balance(NUMBER).await, 0, "a pending capture is no money");
            let capture = town.outside.captures().await[0]["id"].as_str().expect("an id").to_owned();
            town.outside.settle_capture(&capture, "failed").await;
            for _ in 0..3 {
                town.pass(HOUR_MS).await;
            }
            assert_eq!(order.shown().await, "cancelled");
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn fault_39_a_capture_that_is_reversed_later_is_reported_to_people(engine: Engine) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let session = town.outside.session(&order.session).await;
            let intent = session["payment_intent"].as_str().expect("an id").to_owned();
            town.outside.call("/v1/refunds", &[("payment_intent", intent.as_str())]).await;
            town.clock.set_right();
            for event in town.outside.events("charge.refunded").await {
                assert_eq!(town.outside.deliver(event["id"].as_str().unwrap(), 2, "true").await, [200; 2]);
            }
            town.work().await;
            assert_eq!(order.shown().await, "credited", "the credit is not taken without a decision");
            assert_eq!(
                town.count("select count(*) from outbox where state = 'dead'").await,
                1,
                "reported once"
            );
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn fault_39_a_paypal_capture_that_was_pending_completed_and_reversed_is_brought_to_people_once(
        engine: Engine,
    ) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let order = by_paypal(town, "pending").await;
            assert_eq!(town.look(&order).await, "checking_payment");
            assert_eq!(town.api.balance(NUMBER).await, 0, "a pending capture is no money");
            let capture = town.outside.captures().await[0]["id"].as_str().expect("an id").to_owned();
            town.outside.settle_capture(&capture, "completed").await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "credited");
            town.outside.control(&format!("paypal/captures/{capture}/reverse"), &json!({})).await;
            town.clock.set_right();
            let events = town.outside.paypal_events("PAYMENT.CAPTURE.REVERSED").await;
            let event = events[0]["id"].as_str().expect("an id");
            assert_eq!(town.outside.deliver(event, 3, "true").await, [200; 3]);
            town.work().await;
            assert_eq!(town.count(REPORTS).await, 1, "people are told once");
            assert_eq!(order.shown().await, "credited", "the credit is not taken without a decision");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(town.count("select count(*) from inbox where state = 'new'").await, 0);
            assert_eq!(
                town.count("select count(*) from refund").await,
                0,
                "nothing is returned a second time"
            );
        });
    }

    pub fn fault_39_a_refund_made_in_paypals_dashboard_is_reported_and_ours_is_not(engine: Engine) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let order = by_paypal(town, "pays").await;
            assert_eq!(town.look(&order).await, "credited");
            let capture = town.outside.captures().await[0]["id"].as_str().expect("an id").to_owned();
            let part = json!({ "amount": { "value": "4.00", "currency_code": "GBP" } });
            town.outside.paypal_post(&format!("/v2/payments/captures/{capture}/refund"), &part).await;
            town.clock.set_right();
            for event in town.outside.paypal_events("PAYMENT.CAPTURE.REFUNDED").await {
                let id = event["id"].as_str().expect("an id");
                assert_eq!(town.outside.deliver(id, 2, "true").await, [200; 2]);
            }
            town.work().await;
            assert_eq!(town.count(REPORTS).await, 1, "a part that went back is reported too");
            assert_eq!(order.shown().await, "credited");
        });
        in_town(engine, async |town| {
            let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.approve(&order.session, "pays").await;
            assert_eq!(town.look(&order).await, "refunded");
            town.clock.set_right();
            for event in town.outside.paypal_events("PAYMENT.CAPTURE.REFUNDED").await {
                let id = event["id"].as_str().expect("an id");
                assert_eq!(town.outside.deliver(id, 1, "true").await, [200]);
            }
            town.work().await;
            assert_eq!(town.count(REPORTS).await, 0, "we asked for it ourselves");
        });
    }

    pub fn fault_44_what_went_back_is_not_returned_again_by_anybody(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "refunded", "it went back by itself");
            let id = town.stored(&order).await.id;
            let (context, mut refused) = (town.world.step(), 0);
            for _ in 0..2 {
                let (context, top_up) = (context.clone(), town.stored(&order).await);
                let asked = town.world.db.write(move |tx| {
                    let by = domain::actor::Actor::Operator;
                    flows::top_up::reverse::request(tx, &context, "stripe", top_up.clone(), by)
                });
                refused += i32::from(asked.await.expect("decided").is_err());
            }
            assert_eq!(refused, 2, "{id} has nothing left to return");
            let returned = town.read(move |tx| {
                let sum = "select cast(coalesce(sum(amount_minor), 0) as bigint) from refund where state = 'succeeded'";
                tx.query_first(sum, &[], |row| row.int(0))
            });
            assert_eq!(returned.await, Some(1_000));
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }
}
