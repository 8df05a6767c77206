//! A charging system over HTTP against the simulator's host network: what every fate of a call ends in.
//! Start reading at [`Party`].

use domain::id::{OperationId, TopUpId};
use domain::identity::HolderName;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::offer::Allowance;
use domain::time::{Clock, DAY_MS, UnixMs};
use domain::unit::Unit;
use gateways::Secret;
use gateways::charging::host_network::{HostNetwork, HostNetworkConfig};
use gateways::charging::{
    BalanceOutcome, BreakerSettings, ChargingSystem, Circuit, CreditOutcome, CreditRequest, Grant,
    HolderOutcome, Limits, Promises, Refusal, Sent,
};
use gateways::payment::http::Timeouts;
use serde_json::{Value, json};
use simulator::{NETWORK_KEY, Running};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const PLAIN: &str = "447400123456";
const FINAL_AFTER_MS: i64 = 60_000;

/// A clock that tests move.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
}

/// The simulator and our door to it.
struct Party {
    running: Running,
    clock: Arc<Hand>,
    network: ChargingSystem,
}

fn limits() -> Limits {
    let timeouts = Timeouts { connect: Duration::from_secs(3), total: Duration::from_millis(600) };
    let breaker = BreakerSettings { failures: 100, ..BreakerSettings::default() };
    Limits { timeouts, breaker, ..Limits::default() }
}

fn door(url: &str, clock: &Arc<Hand>, limits: Limits) -> ChargingSystem {
    let promises =
        Promises { not_found_is_final_after_ms: Some(FINAL_AFTER_MS), forgets_after_ms: 30 * DAY_MS };
    let config = HostNetworkConfig::new(url, Secret::new(NETWORK_KEY), promises).expect("good settings");
    ChargingSystem::new(Arc::new(HostNetwork::new(config)), limits, clock.clone()).expect("a door")
}

impl Party {
    async fn start() -> Party {
        Party::with(limits()).await
    }

    async fn with(limits: Limits) -> Party {
        let any = "127.0.0.1:0".parse().expect("an address");
        let config = simulator::Config {
            http_listen: any,
            smpp_listen: any,
            data: None,
            public_base_url: None,
            api_key: "sk_test_simulator".to_owned(),
            webhook: None,
            smpp_system_id: "recarga".to_owned(),
            smpp_password: "secret".to_owned(),
        };
        let running = simulator::start(config).await.expect("a simulator");
        let clock = Arc::new(Hand(AtomicI64::new(1_000_000)));
        let network = door(&format!("http://{}/network", running.http_addr), &clock, limits);
        Party { running, clock, network }
    }

    fn now(&self) -> UnixMs {
        self.clock.now()
    }

    fn later(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sends the request, written down now for the first time.
    async fn credit(&self, request: &CreditRequest) -> CreditOutcome {
        let sent = Sent::first(self.now());
        send(&self.network, request, sent).await
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("http://{}/control/{path}", self.running.http_addr);
        let request = reqwest::Client::new().post(url).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
    }

    async fn fault(&self, what: &str, times: u32) {
        self.control("faults", json!({ "on": "POST /network/v1/credits", "do": what, "times": times })).await;
    }

    /// How much the network says that it gave in all.
    async fn given(&self) -> i64 {
        let url = format!("http://{}/control/network/books", self.running.http_addr);
        let text = reqwest::get(url).await.expect("an answer").text().await.expect("text");
        let books: Value = serde_json::from_str(&text).expect("JSON");
        books["given_minor"]["GBP"].as_i64().unwrap_or(0)
    }
}

/// Sends a request that was written down then.
async fn send(network: &ChargingSystem, request: &CreditRequest, sent: Sent) -> CreditOutcome {
    match network.leave(request.msisdn()).await {
        Ok(leave) => network.credit(leave, request, sent).await,
        Err(no) => CreditOutcome::Unavailable { why: no.to_string() },
    }
}

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().expect("a currency"))
}

fn request(id: &str, msisdn: &str) -> CreditRequest {
    let ids = (OperationId::stored(id), TopUpId::stored("tu_1"));
    CreditRequest::new(ids.0, ids.1, Msisdn::stored(msisdn), Grant::Credit(gbp(1_000))).expect("a request")
}

fn is_done(outcome: &CreditOutcome) -> bool {
    matches!(outcome, CreditOutcome::Done { .. })
}

fn is_unknown(outcome: &CreditOutcome) -> bool {
    matches!(outcome, CreditOutcome::Unknown { .. })
}

fn is_unavailable(outcome: &CreditOutcome) -> bool {
    matches!(outcome, CreditOutcome::Unavailable { .. })
}

#[tokio::test]
async fn a_credit_sent_again_and_again_arrives_once_with_one_reference() {
    let party = Party::start().await;
    let request = request("op_1", PLAIN);
    let first = party.credit(&request).await;
    match &first {
        CreditOutcome::Done { balance, .. } => assert_eq!(*balance, Some(gbp(1_000))),
        other => panic!("{other:?}"),
    }
    let sent = Sent::first(party.now());
    for _ in 0..3 {
        party.later(1_000);
        assert_eq!(send(&party.network, &request, sent.again(party.now())).await, first);
        assert_eq!(party.network.status(&request, sent).await, first);
    }
    assert_eq!(party.given().await, 1_000);
}

#[tokio::test]
async fn a_bundle_arrives_and_shows_in_the_balance() {
    let party = Party::start().await;
    let allowances = vec![Allowance { unit: Unit::Octets, amount: 5_000_000_000 }];
    let grant = Grant::Bundle { allowances, valid_for_days: 30 };
    let ids = (OperationId::stored("op_1"), TopUpId::stored("tu_1"));
    let request = CreditRequest::new(ids.0, ids.1, Msisdn::stored(PLAIN), grant).expect("a request");
    assert!(is_done(&party.credit(&request).await));
    match party.network.balance(request.msisdn()).await {
        BalanceOutcome::Known(balance) => {
            assert_eq!(balance.credit, gbp(0));
            assert_eq!(
                (balance.buckets[0].unit, balance.buckets[0].remaining),
                (Unit::Octets, 5_000_000_000)
            );
        }
        other => panic!("{other:?}"),
    }
    let nobody = Msisdn::stored("447400127002");
    assert_eq!(party.network.balance(&nobody).await, BalanceOutcome::NumberUnknown);
}

#[tokio::test]
async fn a_refusal_is_the_networks_word_and_stays() {
    let party = Party::start().await;
    for (number, reason) in [("447400127001", Refusal::Barred), ("447400127002", Refusal::NumberUnknown)] {
        let request = request(number, number);
        let refused = CreditOutcome::Refused { reason };
        assert_eq!(party.credit(&request).await, refused);
        assert_eq!(party.network.status(&request, Sent::first(party.now())).await, refused);
    }
    assert_eq!(party.given().await, 0);
}

#[tokio::test]
async fn an_answer_lost_after_the_credit_is_unknown_and_the_status_tells() {
    let party = Party::start().await;
    for (number, fault) in [("447400127003", None), ("447400127011", None), (PLAIN, Some("timeout_after"))] {
        if let Some(fault) = fault {
            party.fault(fault, 1).await;
        }
        let request = request(number, number);
        assert!(is_unknown(&party.credit(&request).await), "{number}");
        assert!(is_done(&party.network.status(&request, Sent::first(party.now())).await), "{number}");
    }
    // A repetition that is only told that it is one proves nothing either.
    assert!(is_unknown(&party.credit(&request("447400127011", "447400127011")).await));
    assert_eq!(party.given().await, 3_000);
}

#[tokio::test]
async fn what_never_arrived_is_unknown_until_the_promise_and_a_repetition_credits() {
    let party = Party::start().await;
    let request = request("op_1", "447400127004");
    let sent = Sent::first(party.now());
    assert!(is_unknown(&send(&party.network, &request, sent).await));
    assert!(is_unknown(&party.network.status(&request, sent).await));
    party.later(FINAL_AFTER_MS);
    // The last call could have arrived a little later than it was written down.
    assert!(is_unknown(&party.network.status(&request, sent).await));
    party.later(10_000);
    assert_eq!(party.network.status(&request, sent).await, CreditOutcome::NotReceived);
    // Sent once more, the same silence proves nothing again; here it arrives.
    let sent = sent.again(party.now());
    assert!(is_done(&send(&party.network, &request, sent).await));
    assert_eq!(party.given().await, 1_000);
}

#[tokio::test]
async fn what_was_credited_and_is_not_found_yet_is_never_taken_for_not_received() {
    let party = Party::start().await;
    party
        .control("network/plans", json!({ "msisdn": PLAIN, "do": "lost_and_unseen", "ms": 3_600_000 }))
        .await;
    let request = request("op_1", PLAIN);
    let sent = Sent::first(party.now());
    assert!(is_unknown(&send(&party.network, &request, sent).await));
    for _ in 0..5 {
        assert!(is_unknown(&party.network.status(&request, sent).await));
        party.later(FINAL_AFTER_MS / 5);
    }
    assert_eq!(party.given().await, 1_000);
}

#[tokio::test]
async fn what_the_network_may_have_forgotten_is_neither_sent_again_nor_believed_not_received() {
    let party = Party::start().await;
    let request = request("op_1", PLAIN);
    let sent = Sent::first(party.now());
    assert!(is_done(&send(&party.network, &request, sent).await));
    party.control("network/credits/op_1/forget", json!({})).await;
    party.later(30 * DAY_MS);
    assert!(is_unknown(&send(&party.network, &request, sent.again(party.now())).await));
    assert!(is_unknown(&party.network.status(&request, sent).await));
    assert_eq!(party.given().await, 1_000);
}

#[tokio::test]
async fn errors_and_answers_that_cannot_be_right_are_unknown_whether_or_not_it_happened() {
    let party = Party::start().await;
    for (id, fault, given) in [
        ("op_1", "error_500", 0),
        ("op_2", "error_500_after", 1_000),
        ("op_3", "status_429", 1_000),
        ("op_4", "unknown_status", 2_000),
        ("op_5", "wrong_amount", 3_000),
        ("op_6", "drop_connection_before", 3_000),
        ("op_7", "drop_connection_after", 4_000),
    ] {
        party.fault(fault, 1).await;
        let outcome = party.credit(&request(id, PLAIN)).await;
        assert!(is_unknown(&outcome), "{fault}: {outcome:?}");
        assert_eq!(party.given().await, given, "{fault}");
    }
    // The same requests again end well, each once.
    for id in ["op_1", "op_2", "op_3", "op_4", "op_5", "op_6", "op_7"] {
        assert!(is_done(&party.credit(&request(id, PLAIN)).await), "{id}");
    }
    assert_eq!(party.given().await, 7_000);
}

#[tokio::test]
async fn another_content_under_the_same_id_is_unknown_since_the_first_may_be_credited() {
    let party = Party::start().await;
    assert!(is_done(&party.credit(&request("op_1", PLAIN)).await));
    let other = request("op_1", "447400123457");
    assert!(is_unknown(&party.credit(&other).await));
    let ids = (OperationId::stored("op_1"), TopUpId::stored("tu_2"));
    let other = CreditRequest::new(ids.0, ids.1, Msisdn::stored(PLAIN), Grant::Credit(gbp(1_000)));
    let other = other.expect("a request");
    assert!(is_unknown(&party.network.status(&other, Sent::first(party.now())).await));
    assert_eq!(party.given().await, 1_000);
}

#[tokio::test]
async fn what_is_in_progress_is_asked_for_until_it_ends() {
    let party = Party::start().await;
    let request = request("op_1", "447400127009");
    assert_eq!(party.credit(&request).await, CreditOutcome::InProgress);
    assert_eq!(party.credit(&request).await, CreditOutcome::InProgress);
    party.control("network/credits/op_1/settle", json!({ "outcome": "refused" })).await;
    let ended = party.network.status(&request, Sent::first(party.now())).await;
    assert_eq!(ended, CreditOutcome::Refused { reason: Refusal::Barred });
}

#[tokio::test]
async fn what_was_written_down_too_long_ago_does_not_leave() {
    let party = Party::start().await;
    let sent = Sent::first(party.now());
    party.later(5_001);
    let outcome = send(&party.network, &request("op_1", PLAIN), sent).await;
    assert!(is_unavailable(&outcome), "{outcome:?}");
    assert_eq!(party.given().await, 0);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unavailable() {
    let clock = Arc::new(Hand(AtomicI64::new(0)));
    let port = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    let network = door(&format!("http://127.0.0.1:{port}"), &clock, limits());
    let request = request("op_1", PLAIN);
    let sent = Sent::first(UnixMs(0));
    assert!(is_unavailable(&send(&network, &request, sent).await));
    assert!(is_unavailable(&network.status(&request, sent).await));
    let balance = network.balance(request.msisdn()).await;
    assert!(matches!(balance, BalanceOutcome::Unavailable { .. }), "{balance:?}");
}

#[tokio::test]
async fn a_network_that_is_down_is_left_alone_until_one_call_finds_it_up() {
    let breaker = BreakerSettings { failures: 3, window_ms: 30_000, open_for_ms: 10_000 };
    let party = Party::with(Limits { breaker, ..limits() }).await;
    party.control("network/down", json!({ "for_ms": 3_600_000 })).await;
    let request = request("op_1", PLAIN);
    for _ in 0..9 {
        assert!(is_unknown(&party.credit(&request).await));
    }
    // One number that nothing comes back for says little about the network.
    assert_eq!(party.network.circuit(), Circuit::Closed);
    for number in ["447400123457", "447400123458"] {
        assert!(is_unknown(&party.credit(&self::request(number, number)).await));
    }
    assert_eq!(party.network.circuit(), Circuit::Open);
    assert_eq!(party.network.opens_at(), Some(UnixMs(party.now().0 + 10_000)));
    // It is up again, but nothing is sent before the time is over.
    party.control("network/down", json!({ "for_ms": 0 })).await;
    assert!(is_unavailable(&party.credit(&request).await));
    assert_eq!(party.given().await, 0);
    party.later(10_000);
    assert!(is_done(&party.credit(&request).await));
    assert_eq!(party.network.circuit(), Circuit::Closed);
}

#[tokio::test]
async fn refusals_and_conflicts_are_signs_of_life_and_open_nothing() {
    let breaker = BreakerSettings { failures: 1, ..BreakerSettings::default() };
    let party = Party::with(Limits { breaker, ..limits() }).await;
    party.credit(&request("op_1", "447400127001")).await;
    party.credit(&request("op_1", PLAIN)).await;
    party.network.status(&request("op_2", PLAIN), Sent::first(party.now())).await;
    assert_eq!(party.network.circuit(), Circuit::Closed);
    // Half of the calls are answered with a fault now.
    party.fault("error_500", 3).await;
    for id in ["op_3", "op_4", "op_5"] {
        assert_eq!(party.network.circuit(), Circuit::Closed);
        party.credit(&request(id, PLAIN)).await;
    }
    assert_eq!(party.network.circuit(), Circuit::Open);
}

#[tokio::test]
async fn a_call_beyond_the_limit_waits_its_turn_and_then_is_not_sent() {
    let waits = Duration::from_millis(50);
    let party = Party::with(Limits { calls_at_once: 1, waits, ..limits() }).await;
    party.fault("timeout_before", 1).await;
    let (one, other) = (request("op_1", PLAIN), request("op_2", PLAIN));
    let (first, second) = tokio::join!(party.credit(&one), party.credit(&other));
    assert!(is_unknown(&first), "{first:?}");
    assert!(is_unavailable(&second), "{second:?}");
    assert!(is_done(&party.credit(&other).await));
}

#[tokio::test]
async fn a_call_that_is_dropped_half_way_does_not_keep_the_circuit_waiting_for_it() {
    let breaker = BreakerSettings { failures: 1, window_ms: 30_000, open_for_ms: 10 };
    let party = Party::with(Limits { breaker, ..limits() }).await;
    let request = request("op_1", PLAIN);
    party.fault("error_500", 1).await;
    party.fault("timeout_before", 1).await;
    party.credit(&request).await;
    party.later(10);
    let trying = tokio::time::timeout(Duration::from_millis(100), party.credit(&request)).await;
    assert!(trying.is_err());
    assert_eq!(party.network.circuit(), Circuit::HalfOpen);
    assert!(is_done(&party.credit(&request).await));
    assert_eq!(party.network.circuit(), Circuit::Closed);
}

#[tokio::test]
async fn the_network_says_whether_a_name_fits_and_never_which_it_is() {
    let party = Party::start().await;
    let line = Msisdn::stored(PLAIN);
    let ask =
        async |name: Option<&str>| party.network.holder(&line, name.map(HolderName::new).as_ref()).await;
    assert_eq!(ask(Some("Anna Eriksson")).await, HolderOutcome::NotRegistered);
    party.control("network/holders", json!({ "msisdn": PLAIN, "name": "Anna Maria Eriksson" })).await;
    assert_eq!(ask(None).await, HolderOutcome::Registered { name_fits: None });
    let fits = |fits| HolderOutcome::Registered { name_fits: Some(fits) };
    assert_eq!(ask(Some("Eriksson, Anna Maria")).await, fits(true));
    assert_eq!(ask(Some("Erik Annason")).await, fits(false));
    party.control("network/down", json!({ "for_ms": 60_000 })).await;
    assert!(matches!(ask(Some("Anna Maria Eriksson")).await, HolderOutcome::NotKnown { .. }));
}
