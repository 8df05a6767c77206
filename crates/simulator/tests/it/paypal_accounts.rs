//! The unkind accounts and the faults: what was done is done, whatever the merchant saw.

use std::time::Duration;

use serde_json::json;

use crate::paypal_client::{Merchant, id, issue};

#[tokio::test]
async fn a_declined_account_can_be_replaced_by_another_one() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    merchant.approve(&order, "declined").await;
    let refused = merchant.capture(&order).await;
    assert_eq!((refused.status, issue(&refused)), (422, "INSTRUMENT_DECLINED"));
    assert!(refused.body["links"].as_array().unwrap().iter().any(|link| link["rel"] == "redirect"));
    assert!(merchant.books().await.is_null());
    merchant.approve(&order, "pays").await;
    assert_eq!(merchant.capture(&order).await.status, 201);
}

#[tokio::test]
async fn a_payer_who_is_asked_back_approves_a_second_time() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    merchant.approve(&order, "action").await;
    assert_eq!(issue(&merchant.capture(&order).await), "PAYER_ACTION_REQUIRED");
    assert_eq!(issue(&merchant.capture(&order).await), "ORDER_NOT_APPROVED");
    merchant.approve(&order, "action").await;
    assert_eq!(merchant.capture(&order).await.status, 201);
}

#[tokio::test]
async fn a_denied_capture_moves_nothing_and_cannot_be_refunded() {
    let merchant = Merchant::start().await;
    let (_, capture) = merchant.paid("denied").await;
    assert_eq!(capture["status"], "DECLINED");
    assert!(merchant.books().await.is_null());
    let path = format!("/v2/payments/captures/{}/refund", id(&capture));
    assert_eq!(issue(&merchant.post(&path, "r", &json!({})).await), "REFUND_NOT_ALLOWED");
}

#[tokio::test]
async fn a_pending_capture_ends_when_it_is_settled() {
    let merchant = Merchant::start().await;
    for (account, outcome, status) in
        [("pending", "completed", "COMPLETED"), ("pending-denied", "failed", "DECLINED")]
    {
        let (_, capture) = merchant.paid(account).await;
        assert_eq!(
            (&capture["status"], &capture["status_details"]["reason"]),
            (&json!("PENDING"), &json!("PENDING_REVIEW"))
        );
        let refund = format!("/v2/payments/captures/{}/refund", id(&capture));
        assert_eq!(issue(&merchant.post(&refund, "r", &json!({})).await), "PENDING_CAPTURE");
        let path = format!("paypal/captures/{}/settle", id(&capture));
        assert_eq!(merchant.outside.control(&path, json!({ "outcome": outcome })).await.status, 200);
        let read = merchant.get(&format!("/v2/payments/captures/{}", id(&capture))).await.body;
        assert_eq!(read["status"], status);
        assert_eq!(merchant.outside.control(&path, json!({ "outcome": outcome })).await.status, 422);
    }
    assert_eq!(merchant.books().await["payments"], 1);
}

#[tokio::test]
async fn money_taken_with_the_answer_lost_shows_after_two_failing_reads() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    merchant.approve(&order, "lost-taken").await;
    let path = format!("/v2/checkout/orders/{order}");
    let capture =
        merchant.posting(&format!("{path}/capture"), "k", &json!({})).timeout(Duration::from_millis(300));
    assert!(merchant.outside.send(capture).await.err().unwrap().is_timeout());
    assert_eq!((merchant.get(&path).await.status, merchant.get(&path).await.status), (500, 500));
    let read = merchant.get(&path).await.body;
    assert_eq!(read["purchase_units"][0]["payments"]["captures"][0]["status"], "COMPLETED");
    let repeated = merchant.post(&format!("{path}/capture"), "k", &json!({})).await;
    assert_eq!((repeated.status, &repeated.body["status"]), (200, &json!("COMPLETED")));
    assert_eq!(merchant.books().await["payments"], 1);
}

#[tokio::test]
async fn nothing_taken_with_the_answer_lost_is_taken_by_the_same_request_id() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    merchant.approve(&order, "lost-nothing").await;
    let path = format!("/v2/checkout/orders/{order}");
    let capture =
        merchant.posting(&format!("{path}/capture"), "k", &json!({})).timeout(Duration::from_millis(300));
    assert!(merchant.outside.send(capture).await.err().unwrap().is_timeout());
    assert_eq!(merchant.get(&path).await.body["status"], "APPROVED");
    assert!(merchant.books().await.is_null());
    assert_eq!(merchant.post(&format!("{path}/capture"), "k", &json!({})).await.status, 201);
    assert_eq!(merchant.books().await["payments"], 1);
}

#[tokio::test]
async fn a_capture_may_be_of_another_amount_or_of_a_status_nobody_knows() {
    let merchant = Merchant::start().await;
    let (_, capture) = merchant.paid("other-amount").await;
    assert_eq!(capture["amount"]["value"], "9.00");
    assert_eq!(merchant.books().await["captured_minor"], 900);
    let order = merchant.order("pay_2").await;
    merchant.approve(&order, "unknown").await;
    // Not in the documents on purpose, so not held against them.
    let request = merchant.posting(&format!("/v2/checkout/orders/{order}/capture"), "k", &json!({}));
    let captured = merchant.outside.send(request).await.unwrap();
    let capture = &captured.body["purchase_units"][0]["payments"]["captures"][0];
    assert_eq!(capture["status"], "SOME_NEW_STATUS");
    let path = format!("paypal/captures/{}/settle", id(capture));
    assert_eq!(merchant.outside.control(&path, json!({ "outcome": "completed" })).await.status, 200);
    assert_eq!(merchant.books().await["captured_minor"], 1900);
}

#[tokio::test]
async fn refunds_can_be_pending_fail_or_answer_nothing() {
    let merchant = Merchant::start().await;
    for (account, outcome, status, capture_status) in [
        ("refund-pending", "completed", "COMPLETED", "REFUNDED"),
        ("refund-fails", "failed", "FAILED", "COMPLETED"),
        ("refund-stays", "completed", "COMPLETED", "REFUNDED"),
    ] {
        let (_, capture) = merchant.paid(account).await;
        let path = format!("/v2/payments/captures/{}", id(&capture));
        let refund = merchant.post(&format!("{path}/refund"), account, &json!({})).await.body;
        assert_eq!(refund["status"], "PENDING");
        let settle = format!("paypal/refunds/{}/settle", id(&refund));
        assert_eq!(
            merchant.outside.control(&settle, json!({ "outcome": outcome })).await.body["status"],
            status
        );
        assert_eq!(merchant.get(&path).await.body["status"], capture_status);
    }
    let (_, capture) = merchant.paid("refund-lost").await;
    let path = format!("/v2/payments/captures/{}/refund", id(&capture));
    let request = merchant.posting(&path, "r", &json!({})).timeout(Duration::from_millis(300));
    assert!(merchant.outside.send(request).await.err().unwrap().is_timeout());
    let refund = merchant.post(&path, "r", &json!({})).await;
    assert_eq!((refund.status, &refund.body["status"]), (200, &json!("COMPLETED")));
    assert_eq!(merchant.books().await["refunded_minor"], 3000);
}

#[tokio::test]
async fn faults_strike_paypals_calls_and_its_page() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    let path = format!("/v2/checkout/orders/{order}");
    merchant.outside.fault("POST /checkoutnow/{id}", "error_500", 1).await;
    assert_eq!(merchant.approve(&order, "pays").await.status, 500);
    assert_eq!(merchant.get(&path).await.body["status"], "PAYER_ACTION_REQUIRED");
    merchant.approve(&order, "pays").await;
    let capture = "POST /v2/checkout/orders/{id}/capture";
    merchant.outside.fault(capture, "status_429", 1).await;
    assert_eq!(merchant.capture(&order).await.status, 429);
    merchant.outside.fault(capture, "error_500_after", 1).await;
    assert_eq!(merchant.capture(&order).await.status, 500);
    assert_eq!(merchant.capture(&order).await.status, 200);
    merchant.outside.fault("GET /v2/checkout/orders/{id}", "wrong_amount", 1).await;
    let read = merchant.get(&path).await.body;
    assert_eq!(read["purchase_units"][0]["payments"]["captures"][0]["amount"]["value"], "10.01");
    merchant.outside.fault("POST /v1/oauth2/token", "error_500", 1).await;
    assert_eq!(merchant.token(crate::paypal_client::CLIENT).await.status, 500);
    assert_eq!(merchant.books().await["payments"], 1);
}

#[tokio::test]
async fn a_capture_that_hangs_holds_its_request_id() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    merchant.approve(&order, "pays").await;
    let path = format!("/v2/checkout/orders/{order}/capture");
    merchant.outside.fault("POST /v2/checkout/orders/{id}/capture", "hang_until_released", 1).await;
    let hanging = merchant.posting(&path, "k", &json!({})).timeout(Duration::from_millis(300));
    assert!(merchant.outside.send(hanging).await.err().unwrap().is_timeout());
    let busy = merchant.post(&path, "k", &json!({})).await;
    assert_eq!((busy.status, issue(&busy)), (409, "PREVIOUS_REQUEST_IN_PROGRESS"));
    merchant.outside.control("release", json!({})).await;
    crate::outside::until("the held capture happens", || async {
        (merchant.books().await["payments"] == 1).then_some(())
    })
    .await;
    assert_eq!(merchant.post(&path, "k", &json!({})).await.status, 200);
}
