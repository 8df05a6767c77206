//! The host network from outside: once per request id, whatever the client saw, and what its faults do.
//! Start reading at [`Network`], a small client.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::NETWORK_KEY;

use crate::outside::{Answer, Outside, config, until};

/// A number without faults.
const PLAIN: &str = "447400123456";

struct Network {
    outside: Outside,
}

impl Network {
    async fn start() -> Self {
        Network { outside: Outside::start().await }
    }

    fn call(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.outside.http.post(format!("{}/network/v1/{path}", self.outside.base));
        request.bearer_auth(NETWORK_KEY).body(body.to_string())
    }

    async fn credit(&self, id: &str, msisdn: &str, minor: i64) -> Answer {
        self.outside.send(self.call("credits", &asked(id, msisdn, minor))).await.unwrap()
    }

    /// A credit whose answer the client does not wait for.
    async fn unanswered(&self, id: &str, msisdn: &str, minor: i64) {
        let request = self.call("credits", &asked(id, msisdn, minor)).timeout(Duration::from_millis(300));
        assert!(self.outside.send(request).await.err().unwrap().is_timeout());
    }

    async fn status(&self, id: &str) -> Answer {
        let url = format!("{}/network/v1/credits/{id}", self.outside.base);
        self.outside.send(self.outside.http.get(url).bearer_auth(NETWORK_KEY)).await.unwrap()
    }

    async fn balance(&self, msisdn: &str) -> Answer {
        self.outside.send(self.call("balance", &json!({ "msisdn": msisdn }))).await.unwrap()
    }

    async fn credit_of(&self, msisdn: &str) -> i64 {
        self.balance(msisdn).await.body["credit"]["amount_minor"].as_i64().unwrap()
    }

    async fn control(&self, path: &str, body: Value) -> Answer {
        self.outside.control(&format!("network/{path}"), body).await
    }

    async fn given(&self) -> Value {
        self.outside.get("/control/network/books").await.body["given_minor"].clone()
    }
}

fn asked(id: &str, msisdn: &str, minor: i64) -> Value {
    let grant = json!({ "kind": "credit", "amount_minor": minor, "currency": "GBP" });
    json!({ "request_id": id, "top_up": "tu_1", "msisdn": msisdn, "grant": grant })
}

fn status_of(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["status"].as_str().unwrap()
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["error"]["code"].as_str().unwrap())
}

#[tokio::test]
async fn the_same_request_credits_once_and_answers_alike_and_another_content_is_a_conflict() {
    let network = Network::start().await;
    let first = network.credit("op_1", PLAIN, 1_000).await;
    assert_eq!(status_of(&first), "done");
    assert_eq!(first.body["balance"], json!({ "amount_minor": 1000, "currency": "GBP" }));
    assert_eq!(network.credit("op_1", PLAIN, 1_000).await.body, first.body);
    assert_eq!(network.status("op_1").await.body, first.body);
    assert_eq!(code(&network.credit("op_1", PLAIN, 1_001).await), (409, "request_mismatch"));
    assert_eq!(code(&network.credit("op_1", "447400123457", 1_000).await), (409, "request_mismatch"));
    assert_eq!(network.credit_of(PLAIN).await, 1_000);
    assert_eq!(network.given().await, json!({ "GBP": 1000 }));
}

#[tokio::test]
async fn requests_at_the_same_moment_under_one_id_credit_once() {
    let network = Network::start().await;
    let calls = (0..8).map(|_| network.credit("op_1", PLAIN, 500));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(status_of(&answer), "done");
    }
    assert_eq!(network.credit_of(PLAIN).await, 500);
}

#[tokio::test]
async fn a_bundle_is_a_bucket_per_allowance_and_ends_when_promised() {
    let network = Network::start().await;
    let allowances =
        json!([{ "unit": "octets", "amount": 5_000_000_000_i64 }, { "unit": "messages", "amount": 9 }]);
    let grant = json!({ "kind": "bundle", "allowances": allowances, "valid_for_days": 30 });
    let mut bundle = asked("op_1", PLAIN, 1);
    bundle["grant"] = grant;
    let answer = network.outside.send(network.call("credits", &bundle)).await.unwrap();
    assert_eq!(status_of(&answer), "done");
    let balance = network.balance(PLAIN).await.body;
    let buckets = balance["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 2);
    assert_eq!(buckets[0]["remaining"], 5_000_000_000_i64);
    assert!(buckets[0]["valid_until"].as_str().unwrap() > balance["as_of"].as_str().unwrap());
}

#[tokio::test]
async fn who_has_no_key_or_sends_nonsense_is_told_so_and_moves_nothing() {
    let network = Network::start().await;
    let url = format!("{}/network/v1/credits", network.outside.base);
    let keyless =
        network.outside.http.post(&url).bearer_auth("other").body(asked("op_1", PLAIN, 1).to_string());
    assert_eq!(code(&network.outside.send(keyless).await.unwrap()), (401, "unauthorized"));
    let mut extra = asked("op_1", PLAIN, 1);
    extra["surprise"] = json!(1);
    for wrong in [asked("op_1", PLAIN, 0), asked("", PLAIN, 1), asked("op_1", "+44", 1), extra, json!([])] {
        let answer = network.outside.send(network.call("credits", &wrong)).await.unwrap();
        assert_eq!(code(&answer), (400, "invalid_request"), "{wrong}");
    }
    assert_eq!(code(&network.status("op_1").await), (404, "credit_not_found"));
    assert_eq!(network.given().await, json!({}));
}

#[tokio::test]
async fn a_refusal_gives_nothing_and_stays_a_refusal() {
    let network = Network::start().await;
    for (number, reason) in [("447400127001", "barred"), ("447400127002", "number_unknown")] {
        for _ in 0..2 {
            let answer = network.credit(number, number, 1_000).await;
            assert_eq!((status_of(&answer), &answer.body["reason"]), ("refused", &json!(reason)));
        }
    }
    assert_eq!(code(&network.balance("447400127002").await), (404, "number_unknown"));
    let other = json!({ "msisdn": PLAIN, "currency": "EUR", "credit_minor": 0, "status": "active" });
    network.control("subscribers", other).await;
    assert_eq!(network.credit("op_1", PLAIN, 1).await.body["reason"], "currency_mismatch");
    let closed = json!({ "msisdn": PLAIN, "currency": "GBP", "credit_minor": 0, "status": "closed" });
    network.control("subscribers", closed).await;
    assert_eq!(network.credit("op_2", PLAIN, 1).await.body["reason"], "closed");
    let rich = json!({ "msisdn": PLAIN, "currency": "GBP", "credit_minor": 99_999_999, "status": "active" });
    network.control("subscribers", rich).await;
    assert_eq!(network.credit("op_3", PLAIN, 2).await.body["reason"], "balance_limit");
    assert_eq!(network.given().await, json!({}));
}

#[tokio::test]
async fn an_answer_lost_after_the_credit_is_found_by_status_and_by_repetition() {
    let network = Network::start().await;
    network.unanswered("op_1", "447400127003", 1_000).await;
    assert_eq!(status_of(&network.status("op_1").await), "done");
    assert_eq!(status_of(&network.credit("op_1", "447400127003", 1_000).await), "done");
    assert_eq!(network.credit_of("447400127003").await, 1_000);
}

#[tokio::test]
async fn an_answer_lost_before_the_credit_or_a_500_leaves_nothing_and_a_repetition_credits() {
    let network = Network::start().await;
    network.unanswered("op_1", "447400127004", 1_000).await;
    assert_eq!(network.credit("op_2", "447400127006", 1_000).await.status, 500);
    for (id, number) in [("op_1", "447400127004"), ("op_2", "447400127006")] {
        assert_eq!(code(&network.status(id).await), (404, "credit_not_found"));
        assert_eq!(status_of(&network.credit(id, number, 1_000).await), "done");
        assert_eq!(network.credit_of(number).await, 1_000);
    }
}

#[tokio::test]
async fn a_slow_answer_comes_late_and_its_credit_at_once() {
    let network = Network::start().await;
    network.control("plans", json!({ "msisdn": PLAIN, "do": "slow", "ms": 60_000 })).await;
    network.unanswered("op_1", PLAIN, 700).await;
    assert_eq!(network.credit_of(PLAIN).await, 700);
}

#[tokio::test]
async fn what_is_in_progress_ends_after_a_while_or_when_settled() {
    let network = Network::start().await;
    for (what, number, ends) in
        [("later_done", "447400111111", "done"), ("later_refused", "447400222222", "refused")]
    {
        network.control("plans", json!({ "msisdn": number, "do": what, "ms": 200 })).await;
        assert_eq!(status_of(&network.credit(number, number, 300).await), "in_progress");
        until(what, || async { (status_of(&network.status(number).await) == ends).then_some(()) }).await;
        assert_eq!(status_of(&network.credit(number, number, 300).await), ends);
        assert_eq!(network.credit_of(number).await, if ends == "done" { 300 } else { 0 });
    }
    let number = "447400127009";
    assert_eq!(status_of(&network.credit("op_9", number, 300).await), "in_progress");
    let settled = network.control("credits/op_9/settle", json!({ "outcome": "done" })).await;
    assert_eq!(status_of(&settled), "done");
    assert_eq!(network.control("credits/op_9/settle", json!({ "outcome": "refused" })).await.status, 409);
    assert_eq!(network.credit_of(number).await, 300);
}

#[tokio::test]
async fn a_credit_can_be_given_and_not_be_found_for_a_while() {
    let network = Network::start().await;
    network.control("plans", json!({ "msisdn": PLAIN, "do": "lost_and_unseen", "ms": 800 })).await;
    network.unanswered("op_1", PLAIN, 400).await;
    assert_eq!(code(&network.status("op_1").await), (404, "credit_not_found"));
    assert_eq!(network.credit_of(PLAIN).await, 400);
    until("seen", || async { (network.status("op_1").await.status == 200).then_some(()) }).await;
}

#[tokio::test]
async fn a_repetition_can_be_told_that_it_is_one_and_no_more() {
    let network = Network::start().await;
    network.unanswered("op_1", "447400127011", 400).await;
    assert_eq!(code(&network.credit("op_1", "447400127011", 400).await), (409, "duplicate_request"));
    assert_eq!(status_of(&network.status("op_1").await), "done");
    assert_eq!(network.credit_of("447400127011").await, 400);
}

#[tokio::test]
async fn what_is_forgotten_stays_given_and_the_same_request_would_give_it_twice() {
    let network = Network::start().await;
    network.credit("op_1", PLAIN, 400).await;
    assert_eq!(network.control("credits/op_1/forget", json!({})).await.status, 200);
    assert_eq!(code(&network.status("op_1").await), (404, "credit_not_found"));
    assert_eq!(status_of(&network.credit("op_1", PLAIN, 400).await), "done");
    assert_eq!(network.credit_of(PLAIN).await, 800);
    let books = network.outside.get("/control/network/books").await.body;
    assert_eq!(books["entries"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn while_it_is_down_every_connection_is_cut_and_afterwards_it_answers() {
    let network = Network::start().await;
    network.control("down", json!({ "for_ms": 60_000 })).await;
    let request = network.call("credits", &asked("op_1", PLAIN, 1));
    assert!(network.outside.send(request).await.is_err());
    network.control("down", json!({ "for_ms": 0 })).await;
    assert_eq!(code(&network.status("op_1").await), (404, "credit_not_found"));
}

#[tokio::test]
async fn the_faults_of_the_control_api_strike_here_too() {
    let network = Network::start().await;
    network.outside.fault("POST /network/v1/credits", "error_500_after", 1).await;
    assert_eq!(network.credit("op_1", PLAIN, 100).await.status, 500);
    assert_eq!(status_of(&network.status("op_1").await), "done");
    network.outside.fault("GET /network/v1/credits/{id}", "wrong_amount", 1).await;
    assert_eq!(network.status("op_1").await.body["grant"]["amount_minor"], 101);
    network.outside.fault("GET /network/v1/credits/{id}", "unknown_status", 1).await;
    assert_eq!(status_of(&network.status("op_1").await), "some_new_status");
    network.outside.fault("POST /network/v1/credits", "drop_connection_after", 1).await;
    assert!(network.outside.send(network.call("credits", &asked("op_2", PLAIN, 100))).await.is_err());
    assert_eq!(network.credit_of(PLAIN).await, 200);
}

#[tokio::test]
async fn the_books_survive_a_restart_and_a_reset_empties_them() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || simulator::Config { data: Some(folder.path().to_owned()), ..config() };
    let before = Network { outside: Outside::with(kept()).await };
    let done = before.credit("op_1", PLAIN, 1_000).await;
    before.control("plans", json!({ "msisdn": "447400333333", "do": "later_done", "ms": 1 })).await;
    before.credit("op_2", "447400333333", 50).await;
    before.outside.running.stop().await;

    let after = Network { outside: Outside::with(kept()).await };
    assert_eq!(after.credit("op_1", PLAIN, 1_000).await.body, done.body);
    until("settled", || async { (status_of(&after.status("op_2").await) == "done").then_some(()) }).await;
    assert_eq!(after.given().await, json!({ "GBP": 1050 }));
    after.outside.control("reset", json!({})).await;
    assert_eq!(after.given().await, json!({}));
    assert_eq!(code(&after.status("op_1").await), (404, "credit_not_found"));
}
