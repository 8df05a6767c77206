//! The wallet's page as a browser without JavaScript uses it.

use http::header;
use serde_json::json;

use crate::outside::Answer;
use crate::paypal_client::{Merchant, order};

async fn submit(merchant: &Merchant, path: &str, form: &[(&str, &str)]) -> Answer {
    let request = merchant
        .outside
        .http
        .post(format!("{}{path}", merchant.outside.base))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(serde_urlencoded::to_string(form).unwrap());
    merchant.outside.send(request).await.unwrap()
}

#[tokio::test]
async fn the_page_is_marked_shows_what_is_paid_and_lists_the_accounts() {
    let merchant = Merchant::start().await;
    let path = format!("/checkoutnow/{}", merchant.order("pay_1").await);
    let page = merchant.outside.get(&path).await;
    assert_eq!(page.status, 200);
    for text in [
        "Simulator: no real money moves",
        "(simulated)",
        "£10.00",
        "Recarga",
        "pay_1",
        "pays@payer.example",
        "lost-taken@payer.example",
        "Cancel and go back",
        "cancelled?token=",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.text.contains("<script") && !page.text.contains("style="));
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("form-action 'self' http://localhost:8080"), "{policy}");
}

#[tokio::test]
async fn a_chinese_order_gets_a_chinese_page() {
    let merchant = Merchant::start().await;
    let mut body = order("pay_1");
    body["payment_source"]["paypal"]["experience_context"]["locale"] = json!("zh-CN");
    let made = merchant.post("/v2/checkout/orders", "k", &body).await;
    let path = format!("/checkoutnow/{}", made.body["id"].as_str().unwrap());
    let page = merchant.outside.get(&path).await.text;
    assert!(page.contains("模拟器：不会真正扣款") && page.contains(r#"lang="zh-CN""#));
    assert!(page.contains("使用测试账户确认"));
}

#[tokio::test]
async fn approving_returns_to_the_merchant_and_twice_is_once() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    let path = format!("/checkoutnow/{order}");
    let wrong = submit(&merchant, &path, &[("address", "me@home.example")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("not one of the test accounts"));
    let typed = [("address", "pays@payer.example")];
    let answer = submit(&merchant, &path, &typed).await;
    let back = answer.headers[header::LOCATION].to_str().unwrap().to_owned();
    assert!(answer.status == 303 && back.contains(&format!("token={order}&PayerID=")), "{back}");
    let again = submit(&merchant, &path, &typed).await;
    assert_eq!(again.headers[header::LOCATION].to_str().unwrap(), back);
    assert!(merchant.outside.get(&path).await.text.contains("You approved this payment"));
    assert_eq!(merchant.capture(&order).await.status, 201);
    let paid = submit(&merchant, &path, &typed).await;
    assert!(paid.status == 409 && paid.text.contains("You approved this payment"), "{}", paid.status);
}

#[tokio::test]
async fn a_payer_may_approve_and_never_come_back() {
    let merchant = Merchant::start().await;
    let order = merchant.order("pay_1").await;
    let lost = submit(&merchant, &format!("/checkoutnow/{order}"), &[("pick", "no-return")]).await;
    assert_eq!(lost.status, 504);
    assert_eq!(merchant.get(&format!("/v2/checkout/orders/{order}")).await.body["status"], "APPROVED");
    assert_eq!(merchant.capture(&order).await.status, 201);
    assert_eq!(merchant.outside.get("/checkoutnow/NONE").await.status, 404);
}

#[tokio::test]
async fn the_first_page_shows_what_the_wallets_moved() {
    let merchant = Merchant::start().await;
    let (_, capture) = merchant.paid("pays").await;
    let path = format!("/v2/payments/captures/{}/refund", capture["id"].as_str().unwrap());
    merchant.post(&path, "r", &json!({})).await;
    let page = merchant.outside.get("/").await.text;
    for text in ["Wallets", "\u{2212}£10.00", "+£10.00", "pays@payer.example", "REFUNDED"] {
        assert!(page.contains(text), "{text}");
    }
}
