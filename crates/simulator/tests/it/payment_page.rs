//! The payment page as a browser without JavaScript uses it.

use http::header;
use serde_json::Value;

use crate::outside::{Answer, Outside, SESSION};

async fn submit(outside: &Outside, path: &str, form: &[(&str, &str)]) -> Answer {
    let request = outside
        .http
        .post(format!("{}{path}", outside.base))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(serde_urlencoded::to_string(form).unwrap());
    outside.send(request).await.unwrap()
}

fn pay_path(session: &Value) -> String {
    format!("/pay/{}", session["id"].as_str().unwrap())
}

#[tokio::test]
async fn the_page_is_marked_as_a_demo_and_lists_the_cards() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let page = outside.get(&pay_path(&session)).await;
    assert_eq!(page.status, 200);
    for text in ["Simulator: no real money moves", "£10.00", "4000 0025 0000 3155", "Cancel and go back"] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.text.contains("<script") && !page.text.contains("style="));
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("form-action 'self' http://localhost:8080"), "{policy}");
    assert_eq!(outside.get("/simulator.css").await.status, 200);
}

#[tokio::test]
async fn a_chinese_session_gets_a_chinese_page() {
    let outside = Outside::start().await;
    let mut form = SESSION;
    form[9] = ("locale", "zh");
    let session = outside.post("/v1/checkout/sessions", &form).await.body;
    let page = outside.get(&pay_path(&session)).await.text;
    assert!(page.contains("模拟器：不会真正扣款") && page.contains(r#"lang="zh-CN""#));
}

#[tokio::test]
async fn paying_returns_to_the_merchant_with_the_session_id() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let card = [("number", "4242 4242 4242 4242"), ("expiry", "12/34"), ("cvc", "123")];
    let answer = submit(&outside, &pay_path(&session), &card).await;
    let back = format!("http://localhost:8080/return?session={}", session["id"].as_str().unwrap());
    assert_eq!((answer.status, answer.headers[header::LOCATION].to_str().unwrap()), (303, back.as_str()));
    let again = submit(&outside, &pay_path(&session), &card).await;
    assert_eq!(again.status, 200);
    assert!(again.text.contains("This payment is finished"));
    assert_eq!(outside.get("/control/books").await.body["by_currency"]["gbp"]["payments"], 1);
}

#[tokio::test]
async fn a_decline_shows_the_reason_and_the_form_again() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let page = submit(&outside, &pay_path(&session), &[("pick", "4000000000000002")]).await;
    assert_eq!(page.status, 402);
    assert!(page.text.contains("Your card was declined.") && page.text.contains(r#"role="alert""#));
    for (form, text) in [
        ([("number", "4111111111111111"), ("expiry", "12/34"), ("cvc", "123")], "not one of the test cards"),
        ([("number", "4242424242424242"), ("expiry", "12/20"), ("cvc", "123")], "not in the past"),
        ([("number", "4242424242424242"), ("expiry", "12/34"), ("cvc", "1")], "three or four digits"),
    ] {
        let page = submit(&outside, &pay_path(&session), &form).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains(text), "{text}");
    }
}

#[tokio::test]
async fn three_d_secure_pays_only_when_approved() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let challenge = submit(&outside, &pay_path(&session), &[("pick", "4000002500003155")]).await;
    let path = challenge.headers[header::LOCATION].to_str().unwrap().to_owned();
    assert!(outside.get(&path).await.text.contains("Approve"));
    let refused = submit(&outside, &path, &[("decision", "refuse")]).await;
    assert_eq!(refused.status, 402);
    assert_eq!(outside.fresh(&session).await["status"], "open");
    submit(&outside, &pay_path(&session), &[("pick", "4000002500003155")]).await;
    assert_eq!(submit(&outside, &path, &[("decision", "approve")]).await.status, 303);
    assert_eq!(outside.fresh(&session).await["payment_status"], "paid");
}

#[tokio::test]
async fn a_lost_answer_is_a_gateway_error_and_an_expired_page_is_gone() {
    let outside = Outside::start().await;
    let session = outside.session().await;
    let lost = submit(&outside, &pay_path(&session), &[("pick", "4000009900000038")]).await;
    assert_eq!(lost.status, 504);
    assert!(lost.text.contains("Do not pay again"), "{}", lost.text);
    outside.post(&format!("/v1/checkout/sessions/{}/expire", session["id"].as_str().unwrap()), &[]).await;
    assert_eq!(outside.get(&pay_path(&session)).await.status, 410);
    assert_eq!(outside.get("/pay/cs_test_nothing").await.status, 404);
}
