//! Stripe's slice: objects, errors, idempotency, lists, refunds.

use serde_json::{Value, json};
use simulator::Config;

use crate::outside::{Outside, SESSION, config};

#[tokio::test]
async fn a_session_has_no_payment_intent_until_somebody_pays() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    assert_eq!(session["payment_intent"], Value::Null);
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("open"), &json!("unpaid")));
    assert_eq!((&session["amount_total"], &session["livemode"]), (&json!(1000), &json!(false)));
    assert!(session["url"].as_str().unwrap().contains("/pay/cs_test_"));
    assert!(session.get("_sim").is_none());

    let paid = outside.pay(&session, "4242424242424242").await;
    let id = session["id"].as_str().unwrap();
    assert_eq!(paid["redirect"], format!("http://localhost:8080/return?session={id}"));
    let path =
        format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge&expand[]=line_items");
    let session = outside.get(&path).await.body;
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("paid")));
    let intent = &session["payment_intent"];
    assert_eq!((&intent["status"], &intent["amount_received"]), (&json!("succeeded"), &json!(1000)));
    assert_eq!(intent["metadata"]["order"], "tu_1");
    let card = &intent["latest_charge"]["payment_method_details"]["card"];
    assert_eq!((&card["last4"], &card["brand"]), (&json!("4242"), &json!("visa")));
    assert_eq!(session["line_items"]["data"][0]["description"], "Top-up");
    assert!(intent.get("_sim").is_none() && intent["latest_charge"].get("_sim").is_none());
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let declined = outside.pay(&session, "4000000000009995").await;
    assert_eq!(declined["error"]["decline_code"], "insufficient_funds");
    let session = outside.fresh(&session).await;
    assert_eq!(session["status"], "open");
    let intent =
        outside.get(&format!("/v1/payment_intents/{}", session["payment_intent"].as_str().unwrap())).await;
    assert_eq!(intent.body["status"], "requires_payment_method");
    assert_eq!(intent.body["last_payment_error"]["code"], "card_declined");
    assert_eq!(intent.body["amount_received"], 0);

    outside.pay(&session, "4242424242424242").await;
    let again = outside.fresh(&session).await;
    assert_eq!(
        (&again["status"], &again["payment_intent"]),
        (&json!("complete"), &session["payment_intent"])
    );
}

#[tokio::test]
async fn errors_come_in_the_envelope_with_code_and_param() {
    let outside = Outside::start().await;
    let unknown =
        outside.post("/v1/checkout/sessions", &[SESSION.as_slice(), &[("colour", "red")]].concat()).await;
    let error = &unknown.body["error"];
    assert_eq!(unknown.status, 400);
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_unknown"), &json!("colour")));
    let missing = outside.post("/v1/checkout/sessions", &[("mode", "payment")]).await;
    assert_eq!(missing.body["error"]["code"], "parameter_missing");
    let soon =
        outside.post("/v1/checkout/sessions", &[SESSION.as_slice(), &[("expires_at", "100")]].concat()).await;
    assert_eq!(soon.body["error"]["param"], "expires_at");
    let nothing = outside.get("/v1/checkout/sessions/cs_test_nothing").await;
    assert_eq!((nothing.status, &nothing.body["error"]["code"]), (404, &json!("resource_missing")));
    assert!(nothing.headers["request-id"].to_str().unwrap().starts_with("req_"));
    let stranger = outside.send(outside.http.get(format!("{}/v1/account", outside.base))).await.unwrap();
    assert_eq!(stranger.status, 401);
    assert_eq!(outside.get("/v1/account").await.body["id"], "acct_sim");
    assert_eq!(outside.get("/v1/customers").await.status, 404);
}

#[tokio::test]
async fn the_same_key_replays_and_another_body_is_refused() {
    let outside = Outside::start().await;
    let first = outside.post_with_key("/v1/checkout/sessions", "key-1", &SESSION).await;
    let second = outside.post_with_key("/v1/checkout/sessions", "key-1", &SESSION).await;
    assert_eq!(first.body, second.body);
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(second.headers["original-request"], first.headers["request-id"]);
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let other = [SESSION.as_slice(), &[("client_reference_id", "x")]].concat();
    let refused = outside.post_with_key("/v1/checkout/sessions", "key-1", &other).await;
    assert_eq!((refused.status, &refused.body["error"]["type"]), (400, &json!("idempotency_error")));
    assert_eq!(outside.get("/v1/checkout/sessions").await.body["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_500_is_remembered_under_its_key_even_when_it_happened() {
    let outside = Outside::start().await;
    outside.fault("POST /v1/checkout/sessions", "error_500_after", 1).await;
    assert_eq!(outside.post_with_key("/v1/checkout/sessions", "key-1", &SESSION).await.status, 500);
    let replay = outside.post_with_key("/v1/checkout/sessions", "key-1", &SESSION).await;
    assert_eq!((replay.status, &replay.headers["idempotent-replayed"]), (500, &"true".parse().unwrap()));
    assert_eq!(outside.get("/v1/checkout/sessions").await.body["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_whose_request_is_held_answers_409_and_the_effect_comes_with_the_release() {
    let outside = Outside::start().await;
    outside.fault("POST /v1/checkout/sessions", "hang_until_released", 1).await;
    let held = tokio::spawn(
        outside.api_post("/v1/checkout/sessions", &SESSION).header("idempotency-key", "k").send(),
    );
    crate::outside::until("the request is held", || async {
        (outside.get("/control/release").await.body["held"] == 1).then_some(())
    })
    .await;
    let second = outside.post_with_key("/v1/checkout/sessions", "k", &SESSION).await;
    assert_eq!((second.status, &second.body["error"]["code"]), (409, &json!("idempotency_key_in_use")));
    assert_eq!(outside.control("release", json!({})).await.body["released"], 1);
    let first: Value = serde_json::from_str(&held.await.unwrap().unwrap().text().await.unwrap()).unwrap();
    let replay = outside.post_with_key("/v1/checkout/sessions", "k", &SESSION).await;
    assert_eq!(replay.body["id"], first["id"]);
}

#[tokio::test]
async fn an_expired_session_cannot_be_paid_and_a_paid_one_cannot_expire() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let id = session["id"].as_str().unwrap();
    let expired = outside.post(&format!("/v1/checkout/sessions/{id}/expire"), &[]).await;
    assert_eq!((&expired.body["status"], &expired.body["url"]), (&json!("expired"), &Value::Null));
    let late = outside.control(&format!("sessions/{id}/pay"), json!({ "card": "4242424242424242" })).await;
    assert_eq!(late.status, 400);
    let (paid, _) = outside.paid("4242424242424242").await;
    let path = format!("/v1/checkout/sessions/{}/expire", paid["id"].as_str().unwrap());
    let refused = outside.post(&path, &[]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("status of `complete`"));
}

#[tokio::test]
async fn lists_page_newest_first() {
    let outside = Outside::start().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(outside.session().await["id"].clone());
    }
    let first = outside.get("/v1/checkout/sessions?limit=2").await.body;
    assert_eq!((&first["object"], &first["has_more"]), (&json!("list"), &json!(true)));
    assert_eq!((&first["data"][0]["id"], &first["data"][1]["id"]), (&made[2], &made[1]));
    let next = format!("/v1/checkout/sessions?limit=2&starting_after={}", made[1].as_str().unwrap());
    let second = outside.get(&next).await.body;
    assert_eq!((&second["data"][0]["id"], &second["has_more"]), (&made[0], &json!(false)));
    let back = format!("/v1/checkout/sessions?ending_before={}", made[0].as_str().unwrap());
    assert_eq!(outside.get(&back).await.body["data"][0]["id"], made[2]);
}

#[tokio::test]
async fn a_refund_cannot_exceed_what_was_captured() {
    let outside = Outside::start().await;
    let (_, intent) = outside.paid("4242424242424242").await;
    let part = outside.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "400")]).await.body;
    assert_eq!((&part["status"], &part["amount"]), (&json!("succeeded"), &json!(400)));
    let much = outside.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "601")]).await;
    assert_eq!((much.status, &much.body["error"]["param"]), (400, &json!("amount")));
    let rest = outside.post("/v1/refunds", &[("payment_intent", &intent)]).await.body;
    assert_eq!(rest["amount"], 600);
    let again = outside.post("/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(again.body["error"]["code"], "charge_already_refunded");
    let listed = outside.get(&format!("/v1/refunds?payment_intent={intent}")).await.body;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let charge = outside.get(&format!("/v1/charges/{}", rest["charge"].as_str().unwrap())).await.body;
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(true), &json!(1000)));
}

#[tokio::test]
async fn a_refund_can_fail_after_it_succeeded() {
    let outside = Outside::start().await;
    let (_, intent) = outside.paid("4000000000005126").await;
    let refund = outside.post("/v1/refunds", &[("payment_intent", &intent)]).await.body;
    assert_eq!(refund["status"], "succeeded");
    let id = refund["id"].as_str().unwrap();
    outside.control(&format!("refunds/{id}/settle"), json!({ "outcome": "failed" })).await;
    assert_eq!(outside.get(&format!("/v1/refunds/{id}")).await.body["status"], "failed");
    let books = outside.get("/control/books").await.body;
    assert_eq!(
        books["by_currency"]["gbp"],
        json!({ "captured_minor": 1000, "refunded_minor": 0, "payments": 1 })
    );
    let failed = outside.get("/v1/events?type=refund.failed").await.body;
    assert_eq!(failed["data"][0]["data"]["object"]["id"], id);
}

#[tokio::test]
async fn a_pending_refund_waits_for_the_control_api() {
    let outside = Outside::start().await;
    let (_, intent) = outside.paid("4000009900000129").await;
    let refund = outside.post("/v1/refunds", &[("payment_intent", &intent)]).await.body;
    assert_eq!(refund["status"], "pending");
    let path = format!("refunds/{}/settle", refund["id"].as_str().unwrap());
    assert_eq!(outside.control(&path, json!({ "outcome": "succeeded" })).await.body["status"], "succeeded");
}

#[tokio::test]
async fn payment_intents_confirm_decline_challenge_and_cancel() {
    let outside = Outside::start().await;
    let amount = [("amount", "1000"), ("currency", "eur")];
    let with = |more: &[(&'static str, &'static str)]| [amount.as_slice(), more].concat();
    let made = outside.post("/v1/payment_intents", &with(&[("payment_method", "pm_card_visa")])).await.body;
    assert_eq!(made["status"], "requires_confirmation");
    let path = format!("/v1/payment_intents/{}", made["id"].as_str().unwrap());
    assert_eq!(outside.post(&format!("{path}/confirm"), &[]).await.body["status"], "succeeded");
    assert_eq!(outside.post(&format!("{path}/cancel"), &[]).await.status, 400);

    let declined = with(&[("payment_method", "pm_card_chargeDeclined"), ("confirm", "true")]);
    let declined = outside.post("/v1/payment_intents", &declined).await;
    assert_eq!((declined.status, &declined.body["error"]["type"]), (402, &json!("card_error")));
    assert_eq!(declined.body["error"]["payment_intent"]["status"], "requires_payment_method");

    let asked = with(&[
        ("payment_method", "pm_card_authenticationRequired"),
        ("confirm", "true"),
        ("return_url", "http://localhost:8080/back"),
    ]);
    let asked = outside.post("/v1/payment_intents", &asked).await.body;
    assert_eq!(asked["status"], "requires_action");
    assert!(asked["next_action"]["redirect_to_url"]["url"].as_str().unwrap().contains("/challenge/pi_"));
    let path = format!("/v1/payment_intents/{}/cancel", asked["id"].as_str().unwrap());
    assert_eq!(outside.post(&path, &[]).await.body["status"], "canceled");
}

#[tokio::test]
async fn the_books_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let with_folder = || Config { data: Some(folder.path().to_owned()), ..config() };
    let outside = Outside::with(with_folder()).await;
    let (session, intent) = outside.paid("4242424242424242").await;
    outside.running.stop().await;
    let outside = Outside::with(with_folder()).await;
    assert_eq!(outside.fresh(&session).await["payment_intent"], intent);
}

#[tokio::test]
async fn live_keys_and_outside_addresses_are_refused() {
    let live = simulator::start(Config { api_key: "sk_live_1".to_owned(), ..config() }).await;
    assert!(live.err().unwrap().to_string().contains("live keys"));
    let open = simulator::start(Config { http_listen: "0.0.0.0:0".parse().unwrap(), ..config() }).await;
    assert!(open.err().unwrap().to_string().contains("this machine only"));
}
