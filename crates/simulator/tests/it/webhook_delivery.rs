//! Webhooks: signatures, retries, and the cards whose webhooks misbehave.

use serde_json::{Value, json};

use crate::outside::{Outside, Receiver, SECRET, signed_by, until};

const COMPLETED: &str = "checkout.session.completed";

#[tokio::test]
async fn a_payment_sends_signed_events() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    let (session, intent) = outside.paid("4242424242424242").await;
    let completed = receiver.wait_for(COMPLETED, 1).await;
    assert!(signed_by(&completed[0], SECRET) && !signed_by(&completed[0], "whsec_other"));
    assert_eq!(completed[0].event["data"]["object"]["id"], session["id"]);
    assert_eq!(completed[0].event["data"]["object"]["payment_intent"], intent);
    receiver.wait_for("payment_intent.created", 1).await;
    receiver.wait_for("payment_intent.succeeded", 1).await;
    let id = completed[0].event["id"].as_str().unwrap().to_owned();
    until("the event counts as delivered", || async {
        (outside.get(&format!("/v1/events/{id}")).await.body["pending_webhooks"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refused_event_is_sent_again_and_listed_as_undelivered_until_then() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    outside.control("webhooks/pause", json!({})).await;
    let session = outside.session().await;
    let path = format!("/v1/checkout/sessions/{}/expire", session["id"].as_str().unwrap());
    outside.post(&path, &[]).await;
    let undelivered = outside.get("/v1/events?delivery_success=false").await.body;
    assert_eq!(undelivered["data"][0]["type"], "checkout.session.expired");
    receiver.refuse(1);
    outside.control("webhooks/resume", json!({})).await;
    let twice = receiver.wait_for("checkout.session.expired", 2).await;
    assert_eq!(twice[0].event["id"], twice[1].event["id"]);
    until("nothing is undelivered", || async {
        let left = outside.get("/v1/events?delivery_success=false").await.body;
        (left["data"] == json!([])).then_some(())
    })
    .await;
    let log = outside.get("/control/webhooks").await.body;
    let statuses: Vec<&Value> =
        log["attempts"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [&json!(200), &json!(500)]);
}

#[tokio::test]
async fn five_copies_arrive_of_one_event() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    outside.paid("4000009900000053").await;
    let copies = receiver.wait_for(COMPLETED, 5).await;
    assert!(copies.iter().all(|copy| copy.event["id"] == copies[0].event["id"] && signed_by(copy, SECRET)));
}

#[tokio::test]
async fn the_completed_event_overtakes_the_older_ones() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    outside.paid("4000009900000061").await;
    receiver.wait_for("payment_intent.created", 1).await;
    receiver.wait_for("payment_intent.processing", 1).await;
    assert_eq!(receiver.all()[0].kind(), COMPLETED);
}

#[tokio::test]
async fn forgeries_come_besides_the_true_event_and_do_not_verify() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    outside.paid("4000009900000079").await;
    let three = receiver.wait_for(COMPLETED, 3).await;
    let (genuine, forged): (Vec<_>, Vec<_>) = three.into_iter().partition(|one| signed_by(one, SECRET));
    assert_eq!((genuine.len(), forged.len()), (1, 2));
    assert_eq!(genuine[0].event["data"]["object"]["amount_total"], 1000);
    assert!(forged.iter().all(|one| one.event["data"]["object"]["amount_total"] == 100_000));
}

#[tokio::test]
async fn a_late_event_comes_when_asked_for() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    let (session, _) = outside.paid("4000009900000046").await;
    assert_eq!(outside.fresh(&session).await["payment_status"], "paid");
    let events = outside.get(&format!("/v1/events?type={COMPLETED}")).await.body;
    let id = events["data"][0]["id"].as_str().unwrap();
    assert!(receiver.of(COMPLETED).is_empty());
    let sent = outside.control("webhooks/deliver", json!({ "event": id, "times": 2 })).await.body;
    assert_eq!(sent["sent"].as_array().unwrap().len(), 2);
    assert_eq!(receiver.of(COMPLETED).len(), 2);
    assert_eq!(outside.get(&format!("/v1/events/{id}")).await.body["pending_webhooks"], 0);
}

#[tokio::test]
async fn a_rotation_signs_with_both_secrets() {
    let receiver = Receiver::start().await;
    let outside = Outside::with_webhooks(&receiver).await;
    let set = outside.control("webhook-secret", json!({ "secret": "whsec_new", "also": [SECRET] })).await;
    assert_eq!(set.body["secrets"], 2);
    outside.paid("4242424242424242").await;
    let completed = receiver.wait_for(COMPLETED, 1).await;
    assert!(signed_by(&completed[0], "whsec_new") && signed_by(&completed[0], SECRET));
}

#[tokio::test]
async fn an_asynchronous_payment_tells_how_it_ended() {
    let receiver = Receiver::start().await;
    let outside = Outside::start().await;
    let target = json!({ "url": receiver.url, "secret": SECRET });
    assert_eq!(outside.control("webhook-target", target).await.status, 200);
    for (card, outcome, kind) in [
        ("4000009900000103", "succeeded", "checkout.session.async_payment_succeeded"),
        ("4000009900000111", "failed", "checkout.session.async_payment_failed"),
    ] {
        let (session, _) = outside.paid(card).await;
        let fresh = outside.fresh(&session).await;
        assert_eq!((&fresh["status"], &fresh["payment_status"]), (&json!("complete"), &json!("unpaid")));
        let path = format!("sessions/{}/settle", session["id"].as_str().unwrap());
        outside.control(&path, json!({ "outcome": outcome })).await;
        receiver.wait_for(kind, 1).await;
    }
    let elsewhere = json!({ "url": "http://example.com/hook", "secret": SECRET });
    assert_eq!(outside.control("webhook-target", elsewhere).await.status, 400);
}
