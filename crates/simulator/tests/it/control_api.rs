//! Faults and the unkind cards: what was done is done, whatever the client saw.

use std::time::Duration;

use serde_json::{Value, json};

use crate::outside::{Outside, SESSION};

#[tokio::test]
async fn a_connection_dropped_before_leaves_nothing_behind_and_after_leaves_a_session() {
    let outside = Outside::start().await;
    for (what, sessions) in [("drop_connection_before", 0), ("drop_connection_after", 1)] {
        outside.fault("POST /v1/checkout/sessions", what, 1).await;
        assert!(outside.send(outside.api_post("/v1/checkout/sessions", &SESSION)).await.is_err(), "{what}");
        let listed = outside.get("/v1/checkout/sessions").await.body;
        assert_eq!(listed["data"].as_array().unwrap().len(), sessions, "{what}");
    }
}

#[tokio::test]
async fn a_time_out_after_the_effect_is_repaired_by_the_same_key() {
    let outside = Outside::start().await;
    for (what, before) in [("timeout_before", 0), ("timeout_after", 1)] {
        outside.control("reset", json!({})).await;
        outside.fault("POST /v1/checkout/sessions", what, 1).await;
        let request = outside.api_post("/v1/checkout/sessions", &SESSION).header("idempotency-key", "k");
        let lost = outside.send(request.timeout(Duration::from_millis(300))).await;
        assert!(lost.err().unwrap().is_timeout(), "{what}");
        let listed = outside.get("/v1/checkout/sessions").await.body;
        assert_eq!(listed["data"].as_array().unwrap().len(), before, "{what}");
        let repaired = outside.post_with_key("/v1/checkout/sessions", "k", &SESSION).await;
        assert_eq!(repaired.status, 200);
        let listed = outside.get("/v1/checkout/sessions").await.body;
        assert_eq!(listed["data"].as_array().unwrap().len(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_429_comes_before_the_key_is_taken() {
    let outside = Outside::start().await;
    outside.fault("POST /v1/checkout/sessions", "status_429", 1).await;
    assert_eq!(outside.post_with_key("/v1/checkout/sessions", "k", &SESSION).await.status, 429);
    assert_eq!(outside.post_with_key("/v1/checkout/sessions", "k", &SESSION).await.status, 200);
}

#[tokio::test]
async fn answers_can_carry_an_unknown_status_or_another_amount() {
    let outside = Outside::start().await;
    let (session, _) = outside.paid("4242424242424242").await;
    outside.fault("GET /v1/checkout/sessions/{id}", "unknown_status", 1).await;
    assert_eq!(outside.fresh(&session).await["payment_status"], "some_new_status");
    outside.fault("GET /v1/checkout/sessions/{id}", "wrong_amount", 1).await;
    assert_eq!(outside.fresh(&session).await["amount_total"], 1001);
    assert_eq!(outside.fresh(&session).await["amount_total"], 1000);
}

#[tokio::test]
async fn money_taken_with_the_answer_lost_fails_two_reads_and_then_shows() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    assert_eq!(outside.pay(&session, "4000009900000012").await["shown"], "lost");
    let path = format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap());
    assert_eq!(outside.get(&path).await.status, 500);
    assert_eq!(outside.get(&path).await.status, 500);
    assert_eq!(outside.get(&path).await.body["payment_status"], "paid");
}

#[tokio::test]
async fn reads_that_hang_come_back_after_two_time_outs() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    outside.pay(&session, "4000009900000020").await;
    let url = format!("{}/v1/checkout/sessions/{}", outside.base, session["id"].as_str().unwrap());
    for _ in 0..2 {
        let read =
            outside.http.get(&url).bearer_auth(crate::outside::KEY).timeout(Duration::from_millis(200));
        assert!(outside.send(read).await.err().unwrap().is_timeout());
    }
    assert_eq!(outside.fresh(&session).await["payment_status"], "paid");
}

#[tokio::test]
async fn nothing_taken_with_the_answer_lost_leaves_the_session_open() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    assert_eq!(outside.pay(&session, "4000009900000038").await["shown"], "lost");
    let session = outside.fresh(&session).await;
    assert_eq!((&session["status"], &session["payment_intent"]), (&json!("open"), &Value::Null));
    assert_eq!(outside.get("/control/books").await.body["by_currency"], json!({}));
}

#[tokio::test]
async fn another_amount_is_on_the_payment_and_in_the_books() {
    let outside = Outside::start().await;
    let (session, intent) = outside.paid("4000009900000095").await;
    let intent = outside.get(&format!("/v1/payment_intents/{intent}")).await.body;
    assert_eq!((&intent["amount"], &intent["amount_received"]), (&json!(1000), &json!(900)));
    let books = outside.get("/control/books").await.body;
    assert_eq!(books["by_currency"]["gbp"]["captured_minor"], 900);
    assert_eq!(books["payment_intents"][0]["session"], session["id"]);
}

#[tokio::test]
async fn an_unknown_status_stays_until_it_is_settled() {
    let outside = Outside::start().await;
    for (outcome, payment_status, captured) in [("succeeded", "paid", 1000), ("failed", "unpaid", 0)] {
        let (session, intent) = outside.paid("4000009900000087").await;
        assert_eq!(outside.fresh(&session).await["payment_status"], "some_new_status");
        let path = format!("sessions/{}/settle", session["id"].as_str().unwrap());
        assert_eq!(outside.control(&path, json!({ "outcome": outcome })).await.status, 200);
        assert_eq!(outside.fresh(&session).await["payment_status"], payment_status);
        let intent = outside.get(&format!("/v1/payment_intents/{intent}")).await.body;
        assert_eq!(intent["amount_received"], captured);
        assert_eq!(outside.control(&path, json!({ "outcome": outcome })).await.status, 400);
    }
}

#[tokio::test]
async fn the_first_answer_to_a_refund_is_lost_and_the_same_key_finds_it() {
    let outside = Outside::start().await;
    let (_, intent) = outside.paid("4000009900000137").await;
    let form = [("payment_intent", intent.as_str())];
    let request = outside.api_post("/v1/refunds", &form).header("idempotency-key", "r");
    let lost = outside.send(request.timeout(Duration::from_millis(300))).await;
    assert!(lost.err().unwrap().is_timeout());
    let refund = outside.post_with_key("/v1/refunds", "r", &form).await;
    assert_eq!((&refund.body["status"], refund.status), (&json!("succeeded"), 200));
    assert_eq!(outside.get("/control/books").await.body["by_currency"]["gbp"]["refunded_minor"], 1000);
}

#[tokio::test]
async fn a_fault_on_the_payment_page_takes_the_money_and_loses_the_answer() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    outside.fault("POST /pay/{id}", "drop_connection_after", 1).await;
    let url = format!("{}/control/sessions/{}/pay", outside.base, session["id"].as_str().unwrap());
    let request = outside.http.post(url).header("content-type", "application/json");
    assert!(outside.send(request.body(r#"{"card":"4242424242424242"}"#)).await.is_err());
    assert_eq!(outside.fresh(&session).await["payment_status"], "paid");
}

#[tokio::test]
async fn control_calls_that_are_wrong_say_why() {
    let outside = Outside::start().await;
    let wrong = outside.control("faults", json!({ "on": "POST /v1/refunds", "do": "explode" })).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body["error"].as_str().unwrap().contains("explode"), "{}", wrong.text);
    let session = outside.session().await;
    let path = format!("sessions/{}/pay", session["id"].as_str().unwrap());
    assert_eq!(outside.control(&path, json!({ "card": "4111111111111111" })).await.status, 400);
    let url = format!("{}/control/reset", outside.base);
    let from_a_page = outside.http.post(url).header("origin", "http://elsewhere.example");
    assert_eq!(outside.send(from_a_page).await.unwrap().status, 403);
}
