//! The program is killed in its worst moments and started again: nothing is lost, nothing is done twice.

use crate::support::api::{Answer, hosted_sale};
use crate::support::buyer::{Order, passed, redirected};
use crate::support::house::{House, in_house};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::wait::{eventually, until};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    killed_before_the_first_commit_nothing_exists_and_the_retry_sells_once
    killed_before_the_first_commit_of_an_order_nothing_exists_and_the_retry_makes_one
    killed_after_the_commit_of_a_sale_the_retry_gets_the_stored_answer
    killed_before_the_call_was_sent_it_is_sent_under_the_same_key
    killed_while_the_provider_works_the_page_is_made_once
    killed_after_the_answer_was_read_the_page_is_made_once
    killed_after_the_answer_was_written_down_the_retry_shows_the_page
    killed_after_capture_and_credit_the_buyer_sees_the_credit_once
    killed_before_capture_and_credit_were_committed_the_next_look_finds_them
    killed_after_a_webhook_was_stored_it_is_applied_by_the_next_process
    killed_after_work_was_claimed_the_next_process_does_it
    killed_after_the_provider_took_a_refund_there_is_one_refund
    killed_after_a_message_was_sent_it_says_the_same_again_at_worst
}

const PAYS: &str = "4242424242424242";

/// Posts while the server dies: there is no answer.
async fn posts_in_vain(house: &House, key: &str, body: &serde_json::Value) {
    let posted = house.api.try_post("/v1/top-ups", Some(key), body).await;
    assert!(posted.is_err(), "nobody was told anything: {posted:?}");
}

/// A partner's order that waits on its page, made by a server that stays alive.
async fn order(house: &House) -> (String, Session) {
    let server = house.counter("").await;
    let made = house.api.host("order", NUMBER, TEN).await;
    assert_eq!(made.status, 201, "{}", made.text);
    server.stop().await;
    (made.text_of("id").to_owned(), Session::of_page(made.text_of("payment_url")))
}

/// Asks again under the same key until the page is there, pays on it, and sees the credit arrive once.
async fn finishes_once(house: &House) {
    let made = eventually("the page", async || {
        let answer = house.api.host("order", NUMBER, TEN).await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    let again = house.api.host("order", NUMBER, TEN).await;
    assert_eq!((again.status, &again.text), (201, &made.text), "the same answer for ever");
    let sessions = house.outside.sessions().await;
    assert_eq!(sessions.len(), 1, "one object at the provider: {sessions:?}");
    house.outside.pay(&Session::of_page(made.text_of("payment_url")), PAYS).await;
    until("the credit", async || house.api.state(made.text_of("id")).await == "credited").await;
    assert_eq!(house.api.balance(NUMBER).await, 1_000);
    assert_eq!(house.count("select count(*) from top_up").await, 1);
}

/// Dies at a failpoint while a partner asks for a page, and finishes in the next process.
async fn page_with_death_at(house: &House, failpoint: &str, pages_by_then: usize) {
    let server = house.counter(failpoint).await;
    posts_in_vain(house, "order", &hosted_sale(NUMBER, TEN)).await;
    server.dies().await;
    assert_eq!(house.outside.sessions().await.len(), pages_by_then);
    house.claims_lapse().await;
    let server = house.serve().await;
    finishes_once(house).await;
    server.stop().await;
}

mod checks {
    use super::*;

    pub fn killed_before_the_first_commit_nothing_exists_and_the_retry_sells_once(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.counter("db.before_commit=kill").await;
            posts_in_vain(house, "k", &crate::support::api::float_sale(NUMBER, TEN)).await;
            server.dies().await;
            assert_eq!(house.count("select count(*) from top_up").await, 0);
            assert_eq!(house.count("select count(*) from response").await, 0);
            let server = house.serve().await;
            let sold = house.api.sell("k", NUMBER, TEN).await;
            assert_eq!((sold.status, sold.replayed()), (201, false));
            assert!(house.api.sell("k", NUMBER, TEN).await.replayed());
            assert_eq!(house.api.balance(NUMBER).await, 1_000);
            server.stop().await;
        });
    }

    pub fn killed_before_the_first_commit_of_an_order_nothing_exists_and_the_retry_makes_one(engine: Engine) {
        in_house(engine, async |house| {
            // The first commit of this server counts the number that was asked for; the second is the order's.
            let server = house.counter("db.before_commit=kill:2").await;
            let buyer = house.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            assert!(buyer.try_post(&form.action, &form.fields("")).await.is_err());
            server.dies().await;
            assert_eq!(house.count("select count(*) from top_up").await, 0);
            assert!(house.outside.sessions().await.is_empty());
            let server = house.serve().await;
            let pressed = buyer.press(&form, "").await;
            let session = Session::of_page(&redirected(&pressed));
            assert_eq!(house.count("select count(*) from top_up").await, 1);
            let order = Order { code: passed(&pressed), session, buyer };
            house.outside.pay(&order.session, PAYS).await;
            order.comes_back().await;
            until("the credit", async || order.shown().await == "credited").await;
            server.stop().await;
        });
    }

    pub fn killed_after_the_commit_of_a_sale_the_retry_gets_the_stored_answer(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.counter("db.after_commit=kill").await;
            posts_in_vain(house, "k", &crate::support::api::float_sale(NUMBER, TEN)).await;
            server.dies().await;
            let server = house.serve().await;
            let lost = house.api.get("/v1/responses/k").await;
            let sold = house.api.sell("k", NUMBER, TEN).await;
            assert_eq!((sold.status, sold.replayed(), &sold.text), (201, true, &lost.text));
            assert_eq!(sold.text_of("state"), "credited");
            assert_eq!(house.api.balance(NUMBER).await, 1_000);
            assert_eq!(house.count("select count(*) from top_up").await, 1);
            server.stop().await;
        });
    }

    pub fn killed_before_the_call_was_sent_it_is_sent_under_the_same_key(engine: Engine) {
        in_house(engine, async |house| page_with_death_at(house, "operation.before_send=kill", 0).await);
    }

    pub fn killed_while_the_provider_works_the_page_is_made_once(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.counter("").await;
            house.outside.fault("POST /v1/checkout/sessions", "timeout_after", 1).await;
            let api = house.api.clone();
            let posting = tokio::spawn(async move {
                api.try_post("/v1/top-ups", Some("order"), &hosted_sale(NUMBER, TEN)).await
            });
            until("the provider to make the page", async || house.outside.sessions().await.len() == 1).await;
            server.kill().await;
            assert!(posting.await.unwrap().is_err(), "nobody was told anything");
            house.claims_lapse().await;
            let server = house.serve().await;
            finishes_once(house).await;
            server.stop().await;
        });
    }

    pub fn killed_after_the_answer_was_read_the_page_is_made_once(engine: Engine) {
        in_house(engine, async |house| page_with_death_at(house, "operation.after_answer=kill", 1).await);
    }

    pub fn killed_after_the_answer_was_written_down_the_retry_shows_the_page(engine: Engine) {
        in_house(engine, async |house| page_with_death_at(house, "operation.after_commit=kill", 1).await);
    }

    pub fn killed_after_capture_and_credit_the_buyer_sees_the_credit_once(engine: Engine) {
        in_house(engine, async |house| {
            let (id, session) = order(house).await;
            house.outside.pay(&session, PAYS).await;
            let server = house.counter("db.after_commit=kill").await;
            let look = house.api.request(reqwest::Method::GET, &format!("/v1/top-ups/{id}")).send().await;
            assert!(look.is_err(), "nobody was told anything");
            server.dies().await;
            assert_eq!(house.count("select count(*) from top_up where credited_at is not null").await, 1);
            let server = house.serve().await;
            assert_eq!(house.api.state(&id).await, "credited");
            assert_eq!(house.api.balance(NUMBER).await, 1_000);
            house.outside.message(NUMBER).await;
            server.stop().await;
        });
    }

    pub fn killed_before_capture_and_credit_were_committed_the_next_look_finds_them(engine: Engine) {
        in_house(engine, async |house| {
            let (id, session) = order(house).await;
            house.outside.pay(&session, PAYS).await;
            let server = house.counter("db.before_commit=kill").await;
            let look = house.api.request(reqwest::Method::GET, &format!("/v1/top-ups/{id}")).send().await;
            assert!(look.is_err(), "nobody was told anything");
            server.dies().await;
            assert_eq!(house.count("select count(*) from top_up where credited_at is not null").await, 0);
            let server = house.serve().await;
            assert_eq!(house.api.state(&id).await, "credited");
            assert_eq!(house.api.balance(NUMBER).await, 1_000);
            server.stop().await;
        });
    }

    pub fn killed_after_a_webhook_was_stored_it_is_applied_by_the_next_process(engine: Engine) {
        in_house(engine, async |house| {
            let (id, session) = order(house).await;
            house.outside.pay(&session, PAYS).await;
            let server = house.counter("webhook.after_commit=kill").await;
            let event = house.outside.event("checkout.session.completed").await;
            let sent =
                house.outside.control("webhooks/deliver", &serde_json::json!({ "event": event })).await;
            assert_eq!(sent["sent"][0]["status"], serde_json::Value::Null, "the provider had no answer");
            server.dies().await;
            let server = house.serve().await;
            let of_top_up = format!("/v1/top-ups/{id}");
            until("the credit", async || house.count(CREDITED).await == 1).await;
            assert_eq!(house.outside.deliver(&event, 2, "true").await, [200; 2]);
            assert_eq!(Answer::text_of(&house.api.get(&of_top_up).await, "state"), "credited");
            assert_eq!(house.api.balance(NUMBER).await, 1_000);
            server.stop().await;
        });
    }

    const CREDITED: &str = "select count(*) from top_up where credited_at is not null";

    pub fn killed_after_work_was_claimed_the_next_process_does_it(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.counter("").await;
            assert_eq!(house.api.sell("k", NUMBER, TEN).await.status, 201);
            server.stop().await;
            let server = house.start_and_die("work.after_claim=kill");
            server.dies().await;
            house.claims_lapse().await;
            let server = house.serve().await;
            house.outside.message(NUMBER).await;
            assert_eq!(house.outside.inbox(NUMBER).await.len(), 1);
            server.stop().await;
        });
    }

    pub fn killed_after_the_provider_took_a_refund_there_is_one_refund(engine: Engine) {
        in_house(engine, async |house| {
            let (id, session) = order(house).await;
            house.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            house.outside.pay(&session, PAYS).await;
            let server = house.counter("").await;
            assert_eq!(house.api.state(&id).await, "refunding");
            server.stop().await;
            let server = house.start_and_die("refund.after_answer=kill");
            server.dies().await;
            assert_eq!(house.outside.refunds().await.len(), 1);
            house.claims_lapse().await;
            let server = house.serve().await;
            until("the refund", async || house.api.state(&id).await == "refunded").await;
            assert_eq!(house.outside.refunds().await.len(), 1);
            server.stop().await;
        });
    }

    pub fn killed_after_a_message_was_sent_it_says_the_same_again_at_worst(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.counter("").await;
            assert_eq!(house.api.sell("k", NUMBER, TEN).await.status, 201);
            server.stop().await;
            let server = house.start_and_die("message.after_send=kill");
            server.dies().await;
            house.claims_lapse().await;
            let server = house.serve().await;
            until("the message to be booked", async || {
                house.count("select count(*) from message where state in ('sent', 'delivered')").await == 1
            })
            .await;
            let inbox = house.outside.inbox(NUMBER).await;
            assert!((1..=2).contains(&inbox.len()), "{inbox:?}");
            assert!(inbox.iter().all(|message| message["text"] == inbox[0]["text"]));
            server.stop().await;
        });
    }
}
