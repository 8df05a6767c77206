//! Card terminals against the simulated reader: no fault of it makes a second charge, and what is told is true.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::id::{AttemptId, OperationId, PaymentId, RefundId, TopUpId};
use domain::money::Money;
use domain::payment::{Evidence, Finding, RefundRequest};
use domain::refund::RefundFinding;
use gateways::Secret;
use gateways::payment::http::Timeouts;
use gateways::payment::stripe::terminal::StripeTerminal;
use gateways::payment::stripe::{Stripe, StripeConfig};
use gateways::payment::terminal::{CardTerminal, OnReader, ReaderTry};
use gateways::payment::{CallOutcome, PaymentGateway};
use serde_json::{Value, json};
use simulator::{Config, Running};
use std::sync::Arc;
use std::time::Duration;

const KEY: &str = "sk_test_simulator";
const PIN_CARD: &str = "4001000360000005";
const SLOW_CARD: &str = "4000009900000152";

struct Shop {
    running: Running,
    base: String,
    http: reqwest::Client,
    terminal: StripeTerminal,
    reader: String,
}

fn money() -> Money {
    Money::new(1000, "GBP".parse().unwrap())
}

impl Shop {
    async fn open() -> Shop {
        let config = Config {
            http_listen: "127.0.0.1:0".parse().unwrap(),
            smpp_listen: "127.0.0.1:0".parse().unwrap(),
            data: None,
            public_base_url: None,
            api_key: KEY.to_owned(),
            webhook: None,
            smpp_system_id: "recarga".to_owned(),
            smpp_password: "secret".to_owned(),
        };
        let running = simulator::start(config).await.unwrap();
        let base = format!("http://{}", running.http_addr);
        let config = StripeConfig::new(&base, Secret::new(KEY), vec![Secret::new("whsec_1")], None).unwrap();
        let stripe = Arc::new(Stripe::new(config));
        let timeouts = Timeouts { connect: Duration::from_secs(3), total: Duration::from_millis(700) };
        let gateway = PaymentGateway::new(stripe.clone(), timeouts).unwrap();
        let terminal = StripeTerminal::new(stripe, gateway);
        let mut shop = Shop { running, base, http: reqwest::Client::new(), terminal, reader: String::new() };
        let made = shop.send("POST", "/v1/terminal/readers", "registration_code=simulated-wpe").await;
        shop.reader = made["id"].as_str().unwrap().to_owned();
        shop
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> Value {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        let kind =
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let request = request.bearer_auth(KEY).header("content-type", kind).body(body.to_owned());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    async fn deed(&self, deed: Value) {
        self.send("POST", &format!("/control/readers/{}", self.reader), &deed.to_string()).await;
    }

    async fn insert(&self, card: &str) {
        self.deed(json!({ "do": "insert", "card": card })).await;
    }

    async fn fault(&self, on: &str, what: &str) {
        let fault = json!({ "on": on, "do": what, "times": 1 }).to_string();
        self.send("POST", "/control/faults", &fault).await;
    }

    fn attempt(&self, name: &str) -> ReaderTry {
        ReaderTry {
            operation: OperationId::stored(format!("op_{name}")),
            top_up: TopUpId::stored("tu_1"),
            payment: PaymentId::stored("pay_1"),
            attempt: AttemptId::stored(format!("att_{name}")),
            amount: money(),
            reader: self.reader.clone(),
            description: "Credit".to_owned(),
            money_ref: None,
        }
    }

    /// A try that waits for a card, and the same with its money's name.
    async fn waiting(&self, name: &str) -> ReaderTry {
        let attempt = self.attempt(name);
        let money_ref = stands(&self.terminal.begin(&attempt).await).money_ref.clone();
        ReaderTry { money_ref, ..attempt }
    }

    async fn finding(&self, attempt: &ReaderTry) -> Finding {
        self.terminal.look(attempt).await.evidence.finding
    }

    /// How many payments the outside world took, and how many intents there are for one try.
    async fn charged(&self) -> i64 {
        let books = self.send("GET", "/control/books", "").await;
        books["by_currency"]["gbp"]["payments"].as_i64().unwrap_or(0)
    }

    async fn intents(&self) -> usize {
        let books = self.send("GET", "/control/books", "").await;
        books["payment_intents"].as_array().map_or(0, Vec::len)
    }
}

fn stands(outcome: &CallOutcome<Evidence>) -> &Evidence {
    match outcome {
        CallOutcome::Accepted(evidence) => evidence,
        other => panic!("not accepted: {other:?}"),
    }
}

fn refused(outcome: &CallOutcome<Evidence>) -> &str {
    match outcome {
        CallOutcome::Refused { code, .. } => code,
        other => panic!("not refused: {other:?}"),
    }
}

fn is_unknown(outcome: &CallOutcome<Evidence>) -> bool {
    matches!(outcome, CallOutcome::Unknown { .. })
}

fn captured() -> Finding {
    Finding::Captured { amount: money() }
}

const CREATE: &str = "POST /v1/payment_intents";
const PROCESS: &str = "POST /v1/terminal/readers/{id}/process_payment_intent";

#[tokio::test]
async fn a_card_at_the_reader_brings_the_money_and_gets_it_back() {
    let shop = Shop::open().await;
    let attempt = shop.waiting("1").await;
    let look = shop.terminal.look(&attempt).await;
    assert_eq!(look.on_reader, OnReader::UnderWay);
    assert_eq!(look.evidence.finding, Finding::ActionNeeded { url: None });
    let state = shop.terminal.reader(&shop.reader).await.unwrap();
    assert_eq!((state.online, state.busy_with), (true, attempt.money_ref.clone()));
    shop.insert(PIN_CARD).await;
    shop.deed(json!({ "do": "approve" })).await;
    let evidence = shop.terminal.look(&attempt).await.evidence;
    assert_eq!(evidence.finding, captured());
    assert_eq!(evidence.card.unwrap().last4, "0005");
    assert!(evidence.instrument.is_some(), "the card is known again");
    assert_eq!(stands(&shop.terminal.begin(&attempt).await).finding, captured(), "begun again, charged once");
    assert_eq!(shop.charged().await, 1);

    let request = RefundRequest {
        operation: OperationId::stored("op_back"),
        refund: RefundId::stored("rf_1"),
        payment: attempt.payment.clone(),
        attempt: attempt.attempt.clone(),
        money_ref: attempt.money_ref.clone().unwrap(),
        amount: money(),
    };
    let CallOutcome::Accepted(refund) = shop.terminal.refund(&request).await else { panic!("no refund") };
    assert_eq!(refund.finding, RefundFinding::Succeeded);
    let found = shop.terminal.find_refund(&request.money_ref, &request.refund, money()).await.unwrap();
    assert_eq!(found.unwrap().refund_ref, refund.refund_ref);
}

#[tokio::test]
async fn a_lost_answer_to_either_call_is_found_again_and_never_charged_twice() {
    for (at, on) in [("create", CREATE), ("process", PROCESS)] {
        for fault in [
            "drop_connection_before",
            "drop_connection_after",
            "timeout_before",
            "timeout_after",
            "error_500",
            "error_500_after",
            "status_429",
        ] {
            let shop = Shop::open().await;
            let attempt = shop.attempt("1");
            shop.fault(on, fault).await;
            let first = shop.terminal.begin(&attempt).await;
            assert!(is_unknown(&first), "{at} {fault}: {first:?}");
            let again = shop.terminal.begin(&attempt).await;
            // Stripe says a 500 again under its key; such a try is cancelled, whatever became of it.
            if is_unknown(&again) && fault.starts_with("error_500") {
                let cancelled = shop.terminal.cancel(&OperationId::stored("op_no"), &attempt).await;
                if at == "process" {
                    assert_eq!(stands(&cancelled).finding, Finding::Cancelled, "{at} {fault}");
                }
                assert_eq!(shop.charged().await, 0);
                continue;
            }
            let begun = stands(&again);
            assert_eq!(begun.finding, Finding::ActionNeeded { url: None }, "{at} {fault}");
            assert_eq!(shop.intents().await, 1, "{at} {fault}");
            shop.insert("4242424242424242").await;
            assert_eq!(shop.finding(&attempt).await, captured(), "{at} {fault}: found without its name");
            assert_eq!(stands(&shop.terminal.begin(&attempt).await).finding, captured());
            assert_eq!(shop.charged().await, 1, "{at} {fault}");
        }
    }
}

#[tokio::test]
async fn a_command_that_timed_out_is_looked_for_on_the_reader() {
    let shop = Shop::open().await;
    shop.deed(json!({ "do": "next_times_out", "received": true })).await;
    let heard = shop.attempt("heard");
    assert!(is_unknown(&shop.terminal.begin(&heard).await));
    assert_eq!(stands(&shop.terminal.begin(&heard).await).finding, Finding::ActionNeeded { url: None });
    shop.insert("4242424242424242").await;
    assert_eq!(shop.finding(&heard).await, captured());

    shop.deed(json!({ "do": "next_times_out", "received": false })).await;
    let unheard = shop.attempt("unheard");
    assert!(is_unknown(&shop.terminal.begin(&unheard).await));
    assert!(is_unknown(&shop.terminal.begin(&unheard).await), "the key says the same again");
    let look = shop.terminal.look(&unheard).await;
    assert_eq!(look.on_reader, OnReader::Absent);
    let cancelled = shop.terminal.cancel(&OperationId::stored("op_no"), &unheard).await;
    assert_eq!(stands(&cancelled).finding, Finding::Cancelled);
    assert_eq!(shop.charged().await, 1);
}

#[tokio::test]
async fn a_reader_that_is_busy_off_or_at_another_payment_takes_nothing_and_the_try_is_over() {
    let shop = Shop::open().await;
    shop.deed(json!({ "do": "lose_power" })).await;
    let off = shop.attempt("off");
    assert_eq!(refused(&shop.terminal.begin(&off).await), "terminal_reader_offline");
    assert_eq!(shop.finding(&off).await, Finding::Cancelled, "it can never be charged later");
    shop.deed(json!({ "do": "power_on" })).await;
    shop.deed(json!({ "do": "update", "begins": true })).await;
    assert_eq!(refused(&shop.terminal.begin(&shop.attempt("update")).await), "terminal_reader_busy");
    shop.deed(json!({ "do": "update", "begins": false })).await;

    let first = shop.waiting("first").await;
    let second = shop.attempt("second");
    assert_eq!(refused(&shop.terminal.begin(&second).await), "terminal_reader_busy");
    assert_eq!(shop.terminal.look(&first).await.on_reader, OnReader::UnderWay, "it was not pushed off");
    shop.insert("4242424242424242").await;
    assert_eq!(shop.finding(&first).await, captured());
    assert_eq!(shop.finding(&second).await, Finding::Cancelled);
    assert_eq!(shop.charged().await, 1);
}

#[tokio::test]
async fn a_decline_stands_on_the_reader_until_the_try_is_closed_with_the_banks_word() {
    let shop = Shop::open().await;
    let attempt = shop.waiting("1").await;
    shop.insert("4000000000009995").await;
    let look = shop.terminal.look(&attempt).await;
    assert_eq!(look.on_reader, OnReader::Failed { code: "card_declined".into() });
    assert_eq!(look.evidence.last_decline.as_deref(), Some("insufficient_funds"));
    assert!(look.evidence.declined_try.is_some());
    let closed = shop.terminal.cancel(&OperationId::stored("op_no"), &attempt).await;
    assert_eq!(stands(&closed).finding, Finding::Declined { code: "insufficient_funds".into() });
    let next = shop.waiting("2").await;
    shop.insert("4242424242424242").await;
    assert_eq!(shop.finding(&next).await, captured());
    assert_eq!(shop.finding(&attempt).await, Finding::Declined { code: "insufficient_funds".into() });
}

#[tokio::test]
async fn what_the_customer_does_is_told_and_the_try_can_be_closed() {
    for (deed, code) in
        [("cancel", "customer_canceled"), ("remove", "card_removed"), ("time_out", "reader_timeout")]
    {
        let shop = Shop::open().await;
        let attempt = shop.waiting("1").await;
        shop.insert(PIN_CARD).await;
        assert_eq!(shop.terminal.look(&attempt).await.on_reader, OnReader::UnderWay, "the PIN is awaited");
        shop.deed(json!({ "do": deed })).await;
        assert_eq!(shop.terminal.look(&attempt).await.on_reader, OnReader::Failed { code: code.into() });
        let closed = shop.terminal.cancel(&OperationId::stored("op_no"), &attempt).await;
        assert_eq!(stands(&closed).finding, Finding::Cancelled);
    }
}

#[tokio::test]
async fn a_cut_line_or_power_is_settled_by_the_money_alone() {
    for (card, shown, taken) in [
        ("4000009900000178", OnReader::Failed { code: "connection_error".into() }, true),
        ("4000009900000186", OnReader::Failed { code: "connection_error".into() }, false),
        ("4000009900000194", OnReader::Offline, true),
        ("4000009900000202", OnReader::Offline, false),
    ] {
        let shop = Shop::open().await;
        let attempt = shop.waiting("1").await;
        shop.insert(card).await;
        let look = shop.terminal.look(&attempt).await;
        if taken {
            assert_eq!(look.evidence.finding, captured(), "{card}");
            let late = shop.terminal.cancel(&OperationId::stored("op_no"), &attempt).await;
            assert_eq!(refused(&late), "payment_intent_unexpected_state", "{card}: too late");
        } else {
            assert_eq!((look.on_reader, look.evidence.finding), (shown, Finding::ActionNeeded { url: None }));
            let closed = shop.terminal.cancel(&OperationId::stored("op_no"), &attempt).await;
            assert_eq!(stands(&closed).finding, Finding::Cancelled, "{card}");
        }
        // What stands on the reader since the cut does not keep the next customer from paying.
        shop.deed(json!({ "do": "power_on" })).await;
        let next = shop.waiting("2").await;
        shop.insert("4242424242424242").await;
        assert_eq!(shop.finding(&next).await, captured(), "{card}");
        assert_eq!(shop.charged().await, 1 + i64::from(taken), "{card}");
    }
}

#[tokio::test]
async fn a_cancel_that_races_the_bank_ends_one_way_for_everybody() {
    let shop = Shop::open().await;
    let typing = shop.waiting("typing").await;
    shop.insert(PIN_CARD).await;
    let closed = shop.terminal.cancel(&OperationId::stored("op_1c"), &typing).await;
    assert_eq!(stands(&closed).finding, Finding::Cancelled, "the bank was not asked yet");
    shop.deed(json!({ "do": "approve" })).await;
    assert_eq!(shop.finding(&typing).await, Finding::Cancelled);

    let asked = shop.waiting("asked").await;
    shop.insert(SLOW_CARD).await;
    assert_eq!(shop.finding(&asked).await, Finding::Processing);
    let late = shop.terminal.cancel(&OperationId::stored("op_2c"), &asked).await;
    assert_eq!(refused(&late), "payment_intent_unexpected_state");
    shop.deed(json!({ "do": "approve" })).await;
    assert_eq!(shop.finding(&asked).await, captured());
    assert_eq!(shop.charged().await, 1);
}

#[tokio::test]
async fn a_try_that_nobody_knows_of_can_be_cancelled_for_good() {
    let shop = Shop::open().await;
    let attempt = shop.attempt("1");
    shop.fault(CREATE, "drop_connection_before").await;
    assert!(is_unknown(&shop.terminal.begin(&attempt).await));
    let look = shop.terminal.look(&attempt).await;
    assert!(matches!(look.evidence.finding, Finding::Unknown { .. }), "a miss proves nothing");
    let closed = shop.terminal.cancel(&OperationId::stored("op_no"), &attempt).await;
    assert_eq!(stands(&closed).finding, Finding::Cancelled);
    let late = shop.terminal.begin(&attempt).await;
    assert_eq!(stands(&late).finding, Finding::Cancelled, "a call that comes late finds it closed");
    assert_eq!(shop.terminal.look(&attempt).await.evidence.finding, Finding::Cancelled);
    shop.running.stop().await;
}

#[tokio::test]
async fn duplicate_begins_at_the_same_time_make_one_charge() {
    let shop = Shop::open().await;
    let attempt = shop.attempt("1");
    let begins = (0..8).map(|_| shop.terminal.begin(&attempt));
    for outcome in futures_util::future::join_all(begins).await {
        assert_eq!(stands(&outcome).finding, Finding::ActionNeeded { url: None });
    }
    assert_eq!(shop.intents().await, 1);
    shop.insert("4242424242424242").await;
    assert_eq!(stands(&shop.terminal.begin(&attempt).await).finding, captured());
    assert_eq!(shop.charged().await, 1);
}
