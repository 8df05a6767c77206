//! How far a call got, told apart against a listener that is run by hand.

use domain::id::OperationId;
use gateways::Secret;
use gateways::payment::http::{HttpDriver, Timeouts};
use gateways::payment::stripe::{Stripe, StripeConfig};
use gateways::payment::{CallOutcome, Connector, PaymentGateway, Transport};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn stripe(url: &str) -> Stripe {
    let secrets = vec![Secret::new("whsec_1")];
    Stripe::new(StripeConfig::new(url, Secret::new("sk_test_1"), secrets, None).expect("a test key"))
}

async fn transport(url: &str, total: Duration) -> Transport {
    let driver = HttpDriver::new(url, Timeouts { connect: Duration::from_secs(3), total }).expect("a driver");
    driver.run(stripe(url).fetch_page("cs_1")).await
}

/// Reads the head of one request.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.expect("a request") == 0 {
            break;
        }
        head.extend(byte);
    }
    String::from_utf8(head).expect("an ASCII head")
}

/// A server that answers its first request with `reply` and closes; `None` never answers.
async fn server(reply: Option<&'static [u8]>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let head = read_request(&mut stream).await;
        match reply {
            Some(reply) => stream.write_all(reply).await.expect("the reply is taken"),
            // Hold the connection until the client gives up.
            None => drop(stream.read(&mut [0]).await),
        }
        head
    });
    (url, task)
}

const PATIENT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_refused_port_or_an_unknown_name_is_provably_not_sent() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    for url in [format!("http://127.0.0.1:{port}"), "http://nowhere.invalid".to_owned()] {
        let got = transport(&url, PATIENT).await;
        assert!(matches!(got, Transport::NotSent(_)), "{url}: {got:?}");
    }
}

#[tokio::test]
async fn a_peer_without_tls_is_provably_not_sent() {
    // The TLS client speaks first and is answered by closing the connection: its hello is no request.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 512]).await;
    });
    let got = transport(&format!("https://127.0.0.1:{port}"), PATIENT).await;
    assert!(matches!(got, Transport::NotSent(_)), "{got:?}");
}

#[tokio::test]
async fn a_connection_closed_after_the_request_is_lost() {
    let (url, task) = server(Some(b"")).await;
    let got = transport(&url, PATIENT).await;
    assert!(matches!(got, Transport::Lost(_)), "{got:?}");
    let head = task.await.expect("the server ran");
    assert!(head.starts_with("GET /v1/checkout/sessions/cs_1?expand"), "{head}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_grows_too_long_or_never_comes_is_lost() {
    let (url, _task) = server(Some(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")).await;
    assert!(matches!(transport(&url, PATIENT).await, Transport::Lost(_)));

    let long: &'static [u8] = Box::leak(
        [b"HTTP/1.1 200 OK\r\ncontent-length: 1100000\r\n\r\n".as_slice(), &[b' '; 1_100_000]]
            .concat()
            .into(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        read_request(&mut stream).await;
        // The client hangs up at its cap.
        let _ = stream.write_all(long).await;
    });
    let got = transport(&url, PATIENT).await;
    assert!(matches!(&got, Transport::Lost(why) if why.contains("more than")), "{got:?}");

    let (url, _task) = server(None).await;
    assert_eq!(transport(&url, Duration::from_millis(200)).await, Transport::Lost("timed out".into()));
}

#[tokio::test]
async fn errors_and_redirects_are_answers() {
    for (reply, status) in [
        (b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n".as_slice(), 500),
        (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".as_slice(), 302),
    ] {
        let (url, _task) = server(Some(reply)).await;
        let got = transport(&url, PATIENT).await;
        assert!(matches!(&got, Transport::Answered(a) if a.status == status), "{got:?}");
    }
}

#[tokio::test]
async fn outward_not_sent_and_lost_are_both_unknown() {
    let (lost, _task) = server(Some(b"")).await;
    for (url, expected) in [("http://nowhere.invalid".to_owned(), "not sent: "), (lost, "answer lost: ")] {
        let connector: Arc<dyn Connector> = Arc::new(stripe(&url));
        let gateway = PaymentGateway::new(connector, Timeouts::default()).expect("a gateway");
        match gateway.expire_page(&OperationId::stored("op_1"), "cs_1").await {
            CallOutcome::Unknown { why } => assert!(why.starts_with(expected), "{why}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn fault_26_a_busy_provider_is_left_alone_for_as_long_as_it_asked() {
    let busy = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 30\r\ncontent-length: 0\r\n\r\n".as_slice();
    let (url, _task) = server(Some(busy)).await;
    let timeouts = Timeouts { connect: Duration::from_secs(3), total: PATIENT };
    let driver = HttpDriver::new(&url, timeouts).expect("a driver");
    let first = driver.run(stripe(&url).fetch_page("cs_1")).await;
    assert!(matches!(&first, Transport::Answered(a) if a.status == 429), "{first:?}");
    // Another copy of the driver knows it as well, and nothing reaches the provider.
    let again = driver.clone().run(stripe(&url).fetch_page("cs_1")).await;
    assert_eq!(again, Transport::NotSent("the provider asked for a pause".into()));
}
