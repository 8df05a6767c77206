//! PayPal's slice: tokens, orders, captures, refunds, repeated requests. The client holds every answer against the
//! published documents.

use http::Method;
use serde_json::{Value, json};

use crate::outside::config;
use crate::paypal_client::{CLIENT, Merchant, id, issue, order};

#[tokio::test]
async fn a_token_opens_the_api_until_it_expires() {
    let merchant = Merchant::start().await;
    assert_eq!(merchant.token(("simulator-client", "wrong")).await.status, 401);
    let token = merchant.token(CLIENT).await;
    assert_eq!(
        (token.status, &token.body["token_type"], &token.body["expires_in"]),
        (200, &json!("Bearer"), &json!(32_400))
    );
    let made = merchant.order("a").await;
    assert_eq!(merchant.get(&format!("/v2/checkout/orders/{made}")).await.status, 200);
    merchant.outside.control("paypal/tokens/expire", json!({})).await;
    let stale = merchant.get(&format!("/v2/checkout/orders/{made}")).await;
    assert_eq!((stale.status, &stale.body["name"]), (401, &json!("AUTHENTICATION_FAILURE")));
}

#[tokio::test]
async fn an_order_is_approved_captured_and_refunded() {
    let merchant = Merchant::start().await;
    let made = merchant.post("/v2/checkout/orders", "k", &order("pay_1")).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("PAYER_ACTION_REQUIRED")));
    let order = id(&made.body).to_owned();
    let page =
        made.body["links"].as_array().unwrap().iter().find(|link| link["rel"] == "payer-action").unwrap();
    assert!(page["href"].as_str().unwrap().ends_with(&format!("/checkoutnow/{order}")));

    let early = merchant.capture(&order).await;
    assert_eq!((early.status, issue(&early)), (422, "ORDER_NOT_APPROVED"));
    let approved = merchant.approve(&order, "pays@payer.example").await;
    let redirect = approved.body["redirect"].as_str().unwrap().to_owned();
    assert!(redirect.contains(&format!("order=tu_1&token={order}&PayerID=")), "{redirect}");
    let read = merchant.get(&format!("/v2/checkout/orders/{order}")).await.body;
    assert_eq!(
        (&read["status"], &read["payer"]["email_address"]),
        (&json!("APPROVED"), &json!("pays@payer.example"))
    );

    let captured = merchant.capture(&order).await;
    assert_eq!((captured.status, &captured.body["status"]), (201, &json!("COMPLETED")));
    let capture = captured.body["purchase_units"][0]["payments"]["captures"][0].clone();
    assert_eq!((&capture["status"], &capture["amount"]["value"]), (&json!("COMPLETED"), &json!("10.00")));
    assert_eq!((&capture["invoice_id"], &capture["custom_id"]), (&json!("pay_1"), &json!("tu_1")));
    let again = merchant.post(&format!("/v2/checkout/orders/{order}/capture"), "other", &json!({})).await;
    assert_eq!((again.status, issue(&again)), (422, "ORDER_ALREADY_CAPTURED"));

    let read = merchant.get(&format!("/v2/payments/captures/{}", id(&capture))).await.body;
    assert_eq!(read["supplementary_data"]["related_ids"]["order_id"], order);
    assert_eq!(read["seller_receivable_breakdown"]["net_amount"]["value"], "9.41");
    refund_in_two_parts(&merchant, &order, id(&capture)).await;
    assert_eq!(
        merchant.books().await,
        json!({ "captured_minor": 1000, "refunded_minor": 1000, "payments": 1 })
    );
}

async fn refund_in_two_parts(merchant: &Merchant, order: &str, capture: &str) {
    let path = format!("/v2/payments/captures/{capture}/refund");
    let part = json!({ "amount": { "currency_code": "GBP", "value": "4.00" }, "invoice_id": "ref_1" });
    let first = merchant.post(&path, "r1", &part).await;
    assert_eq!((first.status, &first.body["status"]), (201, &json!("COMPLETED")));
    let same = merchant.post(&path, "r1", &part).await;
    assert_eq!((same.status, &same.body["id"]), (200, &first.body["id"]));
    let twice = merchant.post(&path, "r2", &part).await;
    assert_eq!(issue(&twice), "DUPLICATE_INVOICE_ID");
    let much = json!({ "amount": { "currency_code": "GBP", "value": "6.01" } });
    assert_eq!(issue(&merchant.post(&path, "r3", &much).await), "REFUND_AMOUNT_EXCEEDED");
    let foreign = json!({ "amount": { "currency_code": "EUR", "value": "1.00" } });
    assert_eq!(issue(&merchant.post(&path, "r4", &foreign).await), "REFUND_CAPTURE_CURRENCY_MISMATCH");
    let read = merchant.get(&format!("/v2/payments/captures/{capture}")).await.body;
    assert_eq!(read["status"], "PARTIALLY_REFUNDED");
    refund_the_rest(merchant, order, &path).await;
}

async fn refund_the_rest(merchant: &Merchant, order: &str, path: &str) {
    let rest = merchant.post(path, "r5", &json!({})).await;
    assert_eq!(rest.body["amount"]["value"], "6.00");
    assert_eq!(rest.body["seller_payable_breakdown"]["total_refunded_amount"]["value"], "10.00");
    assert_eq!(issue(&merchant.post(path, "r6", &json!({})).await), "CAPTURE_FULLY_REFUNDED");
    let read = merchant.get(&format!("/v2/payments/refunds/{}", id(&rest.body))).await;
    assert_eq!((read.status, &read.body["status"]), (200, &json!("COMPLETED")));
    let shown = merchant.get(&format!("/v2/checkout/orders/{order}")).await.body;
    let payments = &shown["purchase_units"][0]["payments"];
    assert_eq!(payments["captures"][0]["status"], "REFUNDED");
    assert_eq!(payments["refunds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_request_id_makes_one_order_and_one_capture() {
    let merchant = Merchant::start().await;
    let first = merchant.post("/v2/checkout/orders", "k", &order("pay_1")).await;
    let second = merchant.post("/v2/checkout/orders", "k", &order("pay_1")).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["id"], second.body["id"]);
    let order = id(&first.body).to_owned();
    merchant.approve(&order, "pays").await;
    let first = merchant.capture(&order).await;
    let second = merchant.capture(&order).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["purchase_units"][0]["payments"], second.body["purchase_units"][0]["payments"]);
    assert_eq!(merchant.books().await["payments"], 1);
}

#[tokio::test]
async fn an_invoice_is_paid_once() {
    let merchant = Merchant::start().await;
    let first = merchant.order("pay_1").await;
    let second = merchant.post("/v2/checkout/orders", "another key", &order("pay_1")).await;
    let second = id(&second.body).to_owned();
    merchant.approve(&first, "pays").await;
    merchant.approve(&second, "pays").await;
    assert_eq!(merchant.capture(&first).await.status, 201);
    let refused = merchant.capture(&second).await;
    assert_eq!((refused.status, issue(&refused)), (422, "DUPLICATE_INVOICE_ID"));
    assert_eq!(merchant.books().await["captured_minor"], 1000);
}

#[tokio::test]
async fn the_short_answer_has_no_more_than_paypals() {
    let merchant = Merchant::start().await;
    let request =
        merchant.posting("/v2/checkout/orders", "k", &order("pay_1")).header("prefer", "return=minimal");
    // Two headers of that name arrive; the first one counts.
    let full = merchant.outside.send(request).await.unwrap();
    assert!(full.body["purchase_units"].is_array());
    let plain = merchant
        .outside
        .http
        .post(format!("{}/v2/checkout/orders", merchant.outside.base))
        .header("content-type", "application/json")
        .header("paypal-request-id", "other")
        .bearer_auth(merchant.token(CLIENT).await.body["access_token"].as_str().unwrap())
        .body(order("pay_2").to_string());
    let short = merchant.outside.send(plain).await.unwrap();
    let mut fields: Vec<&String> = short.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["id", "links", "payment_source", "status"]);
}

#[tokio::test]
async fn requests_that_are_wrong_are_refused_with_paypals_words() {
    let merchant = Merchant::start().await;
    let change = |path: &str, value: Value| {
        let mut body = order("pay_1");
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let unit = "/purchase_units/0";
    for (body, status, expected) in [
        (change("/intent", json!("AUTHORIZE")), 400, "INVALID_PARAMETER_VALUE"),
        (change("/purchase_units", json!([])), 400, "INVALID_ARRAY_MIN_ITEMS"),
        (change(&format!("{unit}/amount/value"), json!("0.00")), 422, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        (change(&format!("{unit}/amount/value"), json!("1.005")), 422, "DECIMAL_PRECISION"),
        (change(&format!("{unit}/amount/value"), json!("1,00")), 400, "INVALID_PARAMETER_SYNTAX"),
        (change(&format!("{unit}/amount/currency_code"), json!("XXX")), 422, "INVALID_CURRENCY_CODE"),
        (change(&format!("{unit}/invoice_id"), json!("")), 400, "INVALID_STRING_LENGTH"),
        (change(&format!("{unit}/amount"), json!({ "value": "1.00" })), 400, "MISSING_REQUIRED_PARAMETER"),
        (change("/payment_source", json!({ "card": {} })), 400, "NOT_SUPPORTED"),
        (
            change("/payment_source/paypal/experience_context/locale", json!("zh_CN")),
            400,
            "INVALID_PARAMETER_SYNTAX",
        ),
    ] {
        let refused = merchant.post("/v2/checkout/orders", "k", &body).await;
        assert_eq!((refused.status, issue(&refused)), (status, expected), "{}", refused.text);
    }
    let keyless = merchant.post("/v2/checkout/orders", "", &order("pay_1")).await;
    assert_eq!(issue(&keyless), "PAYPAL_REQUEST_ID_REQUIRED");
    let broken = merchant.raw("/v2/checkout/orders", "{".into()).await;
    assert_eq!(issue(&broken), "MALFORMED_REQUEST_JSON");
    for path in ["/v2/checkout/orders/NONE", "/v2/payments/captures/NONE", "/v2/payments/refunds/NONE"] {
        let missing = merchant.get(path).await;
        assert_eq!((missing.status, issue(&missing)), (404, "INVALID_RESOURCE_ID"));
    }
    let media = merchant.request(&Method::POST, "/v2/checkout/orders").body("x");
    assert_eq!(merchant.outside.send(media).await.unwrap().status, 415);
}

#[tokio::test]
async fn items_must_add_up() {
    let merchant = Merchant::start().await;
    let mut body = order("pay_1");
    let unit = &mut body["purchase_units"][0];
    let money = |value: &str| json!({ "currency_code": "GBP", "value": value });
    unit["items"] = json!([{ "name": "Top-up", "quantity": "2", "unit_amount": money("5.00") }]);
    assert_eq!(issue(&merchant.post("/v2/checkout/orders", "a", &body).await), "ITEM_TOTAL_REQUIRED");
    body["purchase_units"][0]["amount"]["breakdown"] = json!({ "item_total": money("9.00") });
    assert_eq!(issue(&merchant.post("/v2/checkout/orders", "b", &body).await), "AMOUNT_MISMATCH");
    body["purchase_units"][0]["amount"]["breakdown"] = json!({ "item_total": money("10.00") });
    assert_eq!(merchant.post("/v2/checkout/orders", "c", &body).await.status, 201);
    body["purchase_units"][0]["items"][0]["quantity"] = json!("3");
    assert_eq!(issue(&merchant.post("/v2/checkout/orders", "d", &body).await), "ITEM_TOTAL_MISMATCH");
}

#[tokio::test]
async fn an_order_without_a_named_wallet_has_the_older_link() {
    let merchant = Merchant::start().await;
    let mut body = order("pay_1");
    body.as_object_mut().unwrap().remove("payment_source");
    body["application_context"] = json!({ "return_url": "http://localhost:8080/return" });
    let made = merchant.post("/v2/checkout/orders", "", &body).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("CREATED")));
    assert_eq!(made.body["links"][1]["rel"], "approve");
}

#[tokio::test]
async fn an_order_that_nobody_captures_ends() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    merchant.approve(&order, "pays").await;
    assert_eq!(merchant.outside.control(&format!("paypal/orders/{order}/end"), json!({})).await.status, 200);
    assert_eq!(merchant.get(&format!("/v2/checkout/orders/{order}")).await.status, 404);
    assert_eq!(merchant.capture(&order).await.status, 404);
    let (paid, _) = merchant.paid("pays").await;
    assert_eq!(merchant.outside.control(&format!("paypal/orders/{paid}/end"), json!({})).await.status, 422);
}

#[tokio::test]
async fn the_books_and_the_request_ids_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || simulator::Config { data: Some(folder.path().to_owned()), ..config() };
    let merchant = Merchant::with(kept(), None).await;
    let (order, capture) = merchant.paid("pays").await;
    merchant.outside.running.stop().await;
    let merchant = Merchant::with(kept(), None).await;
    let again = merchant.capture(&order).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.body["purchase_units"][0]["payments"]["captures"][0]["id"], capture["id"]);
    assert_eq!(merchant.books().await["payments"], 1);
}
