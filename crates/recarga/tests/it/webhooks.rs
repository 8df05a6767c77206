//! The door for the provider's events: each is a hint to fetch. Copies, disorder and forgeries change nothing.

use crate::support::api::{Answer, client};
use crate::support::buyer::Order;
use crate::support::clock::real_now;
use crate::support::outside::WEBHOOK_SECRET;
use crate::support::registry::NUMBER;
use crate::support::town::{Town, in_town};
use aws_lc_rs::hmac;
use domain::time::SECOND_MS;
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    fifty_copies_of_an_event_at_once_are_one_credit_and_all_are_taken
    an_event_that_comes_five_times_by_itself_is_one_credit
    events_in_the_wrong_order_leave_a_credited_order_credited
    events_in_the_wrong_order_by_themselves_leave_it_credited
    forged_copies_are_refused_and_only_the_true_event_counts
    a_stamp_that_is_too_old_or_in_the_future_is_refused
    an_event_of_another_account_or_of_real_money_is_ignored
    what_an_event_says_is_never_believed_without_asking
    events_signed_with_either_secret_are_taken_while_one_is_rotated
    an_event_about_nothing_of_ours_is_taken_and_ignored
    a_body_that_cannot_be_read_is_refused
}

const SUCCEEDS: &str = "4242424242424242";

/// The signature of a body under a secret, stamped so many milliseconds from now.
fn sign(secret: &str, body: &str, from_now_ms: i64) -> String {
    let stamp = (real_now().0 + from_now_ms) / SECOND_MS;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{stamp}.{body}").as_bytes());
    format!("t={stamp},v1={}", hex::encode(tag))
}

/// Knocks at the door with a body and a signature.
async fn knock(town: &Town, body: &str, signature: &str) -> Answer {
    let call = client().post(format!("{}/webhooks/stripe", town.url)).header("stripe-signature", signature);
    Answer::of(call.body(body.to_owned()).send().await.expect("an answer")).await
}

/// An order that was paid, and the event that says so, as the provider would send it.
async fn paid(town: &Town, card: &str) -> (Order, Value) {
    let order = town.order().await;
    town.outside.pay(&order.session, card).await;
    let event = town.outside.events("checkout.session.completed").await.remove(0);
    (order, event)
}

/// What an event might have done if it had been believed.
async fn nothing_happened(town: &Town, order: &Order) {
    town.work().await;
    assert_eq!(town.count("select count(*) from inbox").await, 0);
    assert_eq!(town.stored(order).await.state.as_str(), "awaiting_payment");
    assert_eq!(town.api.balance(NUMBER).await, 0);
}

/// One credit, one transition, and a message that says so once.
async fn credited_once(town: &Town, order: &Order) {
    assert_eq!(town.stored(order).await.state.as_str(), "credited");
    assert_eq!(town.api.balance(NUMBER).await, 1_000);
    let captures =
        "select count(*) from payment_event where to_state = 'captured' and from_state <> 'captured'";
    assert_eq!(town.count(captures).await, 1);
    assert_eq!(town.count("select count(*) from message").await, 1);
}

mod checks {
    use super::*;

    pub fn fifty_copies_of_an_event_at_once_are_one_credit_and_all_are_taken(engine: Engine) {
        in_town(engine, async |town| {
            let (order, event) = paid(town, SUCCEEDS).await;
            let statuses = town.outside.deliver(event["id"].as_str().unwrap(), 50, "true").await;
            assert_eq!(statuses, [200; 50]);
            town.work().await;
            credited_once(town, &order).await;
            assert_eq!(town.count("select count(*) from inbox").await, 1);
        });
    }

    pub fn an_event_that_comes_five_times_by_itself_is_one_credit(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.resume_webhooks().await;
            town.outside.pay(&order.session, "4000009900000053").await;
            delivered_and_done(town).await;
            credited_once(town, &order).await;
        });
    }

    pub fn events_in_the_wrong_order_leave_a_credited_order_credited(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4000009900000061").await;
            for kind in ["checkout.session.completed", "payment_intent.processing", "payment_intent.created"]
            {
                let event = town.outside.event(kind).await;
                assert_eq!(town.outside.deliver(&event, 2, "true").await, [200; 2], "{kind}");
                town.work().await;
                credited_once(town, &order).await;
            }
        });
    }

    pub fn events_in_the_wrong_order_by_themselves_leave_it_credited(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.resume_webhooks().await;
            town.outside.pay(&order.session, "4000009900000061").await;
            delivered_and_done(town).await;
            credited_once(town, &order).await;
        });
    }

    /// Waits until the provider has nothing more to send, and does what it caused.
    async fn delivered_and_done(town: &Town) {
        let log = format!("{}/control/webhooks", town.outside.url);
        crate::support::wait::until("every event to be delivered", async || {
            let answer = Answer::of(client().get(&log).send().await.expect("an answer")).await;
            let pending = answer.json["pending"].as_array().expect("a list");
            let sent = answer.json["attempts"].as_array().expect("a list");
            pending.is_empty() && !sent.is_empty()
        })
        .await;
        town.work().await;
    }

    pub fn forged_copies_are_refused_and_only_the_true_event_counts(engine: Engine) {
        in_town(engine, async |town| {
            let (order, event) = paid(town, SUCCEEDS).await;
            let id = event["id"].as_str().unwrap();
            assert_eq!(town.outside.deliver(id, 2, "altered_body").await, [400; 2]);
            assert_eq!(town.outside.deliver(id, 2, "wrong_secret").await, [400; 2]);
            let body = event.to_string();
            let signature = sign(WEBHOOK_SECRET, &body, 0);
            let altered = body.replacen("\"livemode\":false", "\"livemode\":False", 1);
            assert_eq!(knock(town, &altered, &signature).await.status, 400);
            for nonsense in ["", "t=1", "v1=00", "t=,v1=", "nonsense"] {
                assert_eq!(knock(town, &body, nonsense).await.status, 400, "{nonsense}");
            }
            nothing_happened(town, &order).await;
            assert_eq!(knock(town, &body, &signature).await.status, 200);
            town.work().await;
            credited_once(town, &order).await;
        });
    }

    pub fn a_stamp_that_is_too_old_or_in_the_future_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            let (order, event) = paid(town, SUCCEEDS).await;
            let body = event.to_string();
            for from_now in [-310 * SECOND_MS, 310 * SECOND_MS, -86_400 * SECOND_MS] {
                let answer = knock(town, &body, &sign(WEBHOOK_SECRET, &body, from_now)).await;
                answer.is_problem(400, "signature_invalid");
            }
            nothing_happened(town, &order).await;
            let recent = sign(WEBHOOK_SECRET, &body, -200 * SECOND_MS);
            assert_eq!(knock(town, &body, &recent).await.status, 200);
            town.work().await;
            credited_once(town, &order).await;
        });
    }

    pub fn an_event_of_another_account_or_of_real_money_is_ignored(engine: Engine) {
        in_town(engine, async |town| {
            let (order, event) = paid(town, SUCCEEDS).await;
            for (field, value) in [("account", json!("acct_other")), ("livemode", json!(true))] {
                let mut other = event.clone();
                other[field] = value;
                let body = other.to_string();
                let answer = knock(town, &body, &sign(WEBHOOK_SECRET, &body, 0)).await;
                assert_eq!(answer.status, 200, "no reason to send it again");
            }
            nothing_happened(town, &order).await;
            town.look(&order).await;
        });
    }

    pub fn what_an_event_says_is_never_believed_without_asking(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let session = town.outside.session(&order.session).await;
            let mut lie = session.clone();
            (lie["status"], lie["payment_status"]) = (json!("complete"), json!("paid"));
            let event = json!({
                "id": "evt_lie", "object": "event", "type": "checkout.session.completed", "livemode": false,
                "data": { "object": lie },
            });
            let body = event.to_string();
            assert_eq!(knock(town, &body, &sign(WEBHOOK_SECRET, &body, 0)).await.status, 200);
            town.work().await;
            assert_eq!(order.shown().await, "awaiting_payment");
            assert_eq!(town.api.balance(NUMBER).await, 0);
        });
    }

    pub fn events_signed_with_either_secret_are_taken_while_one_is_rotated(engine: Engine) {
        in_town(engine, async |town| {
            let (order, event) = paid(town, SUCCEEDS).await;
            let both = json!({ "secret": "whsec_new", "also": [WEBHOOK_SECRET] });
            town.outside.control("webhook-secret", &both).await;
            assert_eq!(town.outside.deliver(event["id"].as_str().unwrap(), 1, "true").await, [200]);
            town.work().await;
            credited_once(town, &order).await;
            town.outside.control("webhook-secret", &json!({ "secret": "whsec_new" })).await;
            let late = town.outside.event("payment_intent.succeeded").await;
            assert_eq!(town.outside.deliver(&late, 1, "true").await, [400]);
        });
    }

    pub fn an_event_about_nothing_of_ours_is_taken_and_ignored(engine: Engine) {
        in_town(engine, async |town| {
            let form = [("amount", "700"), ("currency", "gbp"), ("payment_method", "pm_card_visa")];
            let foreign = town.outside.call("/v1/payment_intents", &form).await;
            let cancel = format!("/v1/payment_intents/{}/cancel", foreign["id"].as_str().unwrap());
            town.outside.call(&cancel, &[]).await;
            let event = town.outside.event("payment_intent.canceled").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(town.count("select count(*) from inbox where state = 'ignored'").await, 1);
            assert_eq!(town.count("select count(*) from outbox").await, 0);
        });
    }

    pub fn a_body_that_cannot_be_read_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            for body in ["", "{}", "[1]", "{\"id\":\"evt\"}"] {
                assert_eq!(knock(town, body, &sign(WEBHOOK_SECRET, body, 0)).await.status, 400, "{body}");
            }
            assert_eq!(town.count("select count(*) from inbox").await, 0);
        });
    }
}
