//! The mail client against a mail server that is run by hand, line by line: each answer, and each moment at
//! which the connection can be lost.

use domain::id::MessageId;
use domain::time::UnixMs;
use gateways::Secret;
use gateways::messaging::smtp::{Security, SmtpConfig, SmtpGateway};
use gateways::messaging::{Email, EmailGateway, EmailOutcome};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server's end of a connection.
struct Server(BufReader<TcpStream>);

impl Server {
    /// Greets and answers `EHLO`.
    async fn greeted(listener: &TcpListener, extensions: &str) -> Server {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut server = Server(BufReader::new(stream));
        server.say("220 mail.example ready").await;
        server.hears("EHLO luma.example").await;
        server.say(&format!("250-mail.example\r\n{extensions}250 8BITMIME")).await;
        server
    }

    async fn say(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.expect("it is read");
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.expect("a line");
        line.trim_end_matches("\r\n").to_owned()
    }

    async fn hears(&mut self, expected: &str) {
        assert_eq!(self.line().await, expected);
    }

    /// The envelope, up to the invitation.
    async fn invites(&mut self) {
        self.hears("MAIL FROM:<receipts@luma.example>").await;
        self.say("250 2.1.0 Ok").await;
        self.hears("RCPT TO:<anna@example.org>").await;
        self.say("250 2.1.5 Ok").await;
        self.hears("DATA").await;
        self.say("354 go on").await;
    }

    /// The content, with its dots as they came.
    async fn content(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.line().await {
                end if end == "." => return lines,
                line => lines.push(line),
            }
        }
    }

    async fn ends(mut self) {
        let line = self.line().await;
        assert!(line.is_empty() || line == "QUIT", "{line}");
    }
}

fn config(listener: &TcpListener) -> SmtpConfig {
    SmtpConfig {
        port: listener.local_addr().expect("an address").port(),
        security: Security::Plain,
        answer_within: Duration::from_secs(2),
        ..SmtpConfig::new("127.0.0.1", "receipts@luma.example", "Luma")
    }
}

fn email() -> Email {
    Email {
        id: MessageId::stored("msg_1"),
        to: "anna@example.org".into(),
        subject: "Receipt".into(),
        text: "one\n.\n..three\n".into(),
        html: "<p>one</p>".into(),
        at: UnixMs(1_795_364_100_000),
        unsubscribe: None,
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

/// What becomes of one mail when the server does `play`.
async fn outcome<F: Future<Output = ()> + Send + 'static>(
    play: impl FnOnce(TcpListener) -> F + Send + 'static,
) -> EmailOutcome {
    let listener = listener().await;
    let gateway = SmtpGateway::new(config(&listener)).expect("a gateway");
    let server = tokio::spawn(play(listener));
    let outcome = gateway.send(&email()).await;
    drop(gateway);
    server.await.expect("the server heard what it expected");
    outcome
}

fn later(why: &str) -> EmailOutcome {
    EmailOutcome::TryLater { why: why.into() }
}

fn refused(code: &str) -> EmailOutcome {
    EmailOutcome::Refused { code: code.into() }
}

#[tokio::test]
async fn a_mail_is_accepted_under_the_servers_name_and_its_dots_are_stuffed() {
    let outcome = outcome(|listener| async move {
        let mut server = Server::greeted(&listener, "").await;
        server.invites().await;
        let content = server.content().await;
        assert!(
            content.contains(&"..".to_owned()) && content.contains(&"...three".to_owned()),
            "{content:?}"
        );
        assert!(!content.contains(&".".to_owned()));
        server.say("250 2.0.0 Ok: queued as 4XyZ").await;
        server.ends().await;
    });
    assert_eq!(outcome.await, EmailOutcome::Accepted { reference: "Ok: queued as 4XyZ".into() });
}

#[tokio::test]
async fn two_mails_travel_on_one_connection() {
    let listener = listener().await;
    let gateway = SmtpGateway::new(config(&listener)).expect("a gateway");
    let server = tokio::spawn(async move {
        let mut server = Server::greeted(&listener, "").await;
        for _ in 0..2 {
            server.invites().await;
            server.content().await;
            server.say("250 Ok").await;
        }
        server.ends().await;
    });
    for _ in 0..2 {
        assert_eq!(gateway.send(&email()).await, EmailOutcome::Accepted { reference: "Ok".into() });
    }
    drop(gateway);
    server.await.expect("the server heard what it expected");
}

#[tokio::test]
async fn a_kept_connection_that_is_gone_is_replaced() {
    let listener = listener().await;
    let gateway = SmtpGateway::new(config(&listener)).expect("a gateway");
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let mut server = Server::greeted(&listener, "").await;
            server.invites().await;
            server.content().await;
            server.say("250 Ok").await;
        }
    });
    for _ in 0..2 {
        assert_eq!(gateway.send(&email()).await, EmailOutcome::Accepted { reference: "Ok".into() });
    }
    server.await.expect("the server heard what it expected");
}

#[tokio::test]
async fn a_recipient_refused_for_good_is_refused_without_the_servers_prose() {
    let listener = listener().await;
    let gateway = SmtpGateway::new(config(&listener)).expect("a gateway");
    let server = tokio::spawn(async move {
        let mut server = Server::greeted(&listener, "").await;
        server.hears("MAIL FROM:<receipts@luma.example>").await;
        server.say("250 Ok").await;
        server.hears("RCPT TO:<anna@example.org>").await;
        server.say("550-5.1.1 <anna@example.org> is\r\n550 5.1.1 nobody here").await;
        server.hears("RSET").await;
        server.say("250 Ok").await;
        // The connection is as new.
        server.invites().await;
        server.content().await;
        server.say("250 Ok").await;
    });
    assert_eq!(gateway.send(&email()).await, refused("550 5.1.1"));
    assert_eq!(gateway.send(&email()).await, EmailOutcome::Accepted { reference: "Ok".into() });
    server.await.expect("the server heard what it expected");
}

#[tokio::test]
async fn a_greylisted_mail_is_tried_later_and_so_is_one_that_the_server_closes_on() {
    for (reply, why) in [("451 4.7.1 come back", "451 4.7.1"), ("421 4.3.2 closing", "421 4.3.2")] {
        let outcome = outcome(move |listener| async move {
            let mut server = Server::greeted(&listener, "").await;
            server.hears("MAIL FROM:<receipts@luma.example>").await;
            server.say("250 Ok").await;
            server.hears("RCPT TO:<anna@example.org>").await;
            server.say(reply).await;
        });
        assert_eq!(outcome.await, later(why));
    }
}

#[tokio::test]
async fn a_refusal_of_the_sender_is_ours_to_mend_and_loses_no_mail() {
    for (reply, expected) in [
        ("550 5.7.1 not you", later("550 5.7.1")),
        ("530 5.7.0 log in first", later("530 5.7.0")),
        ("552 5.3.4 too large", refused("552 5.3.4")),
    ] {
        let outcome = outcome(move |listener| async move {
            let mut server = Server::greeted(&listener, "").await;
            server.hears("MAIL FROM:<receipts@luma.example>").await;
            server.say(reply).await;
        });
        assert_eq!(outcome.await, expected);
    }
}

#[tokio::test]
async fn the_content_can_be_refused_or_put_off() {
    for (reply, expected) in [
        ("554 5.7.1 spam", refused("554 5.7.1")),
        ("452 4.3.1 disk full", later("452 4.3.1")),
        ("421 4.3.2 closing", later("421 4.3.2")),
    ] {
        let outcome = outcome(move |listener| async move {
            let mut server = Server::greeted(&listener, "").await;
            server.invites().await;
            server.content().await;
            server.say(reply).await;
        });
        assert_eq!(outcome.await, expected);
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_content_is_later_and_after_it_unknown() {
    let before = outcome(|listener| async move {
        let mut server = Server::greeted(&listener, "").await;
        server.hears("MAIL FROM:<receipts@luma.example>").await;
    });
    assert!(matches!(before.await, EmailOutcome::TryLater { .. }));
    let after = outcome(|listener| async move {
        let mut server = Server::greeted(&listener, "").await;
        server.invites().await;
        server.content().await;
    });
    assert!(matches!(after.await, EmailOutcome::Unknown { .. }));
}

#[tokio::test]
async fn silence_before_the_content_is_later_and_after_it_unknown() {
    let before = outcome(|listener| async move {
        let mut server = Server::greeted(&listener, "").await;
        server.hears("MAIL FROM:<receipts@luma.example>").await;
        server.ends().await;
    });
    assert_eq!(before.await, later("no answer in time"));
    let after = outcome(|listener| async move {
        let mut server = Server::greeted(&listener, "").await;
        server.invites().await;
        server.content().await;
        server.ends().await;
    });
    assert_eq!(after.await, EmailOutcome::Unknown { why: "no answer in time".into() });
}

#[tokio::test]
async fn nobody_there_is_later() {
    let listener = listener().await;
    let gateway = SmtpGateway::new(config(&listener)).expect("a gateway");
    drop(listener);
    assert!(matches!(gateway.send(&email()).await, EmailOutcome::TryLater { .. }));
    assert!(gateway.reachable().await.is_err());
}

#[tokio::test]
async fn a_wrong_password_is_later_and_nothing_is_sent() {
    let listener = listener().await;
    let login = Some(("luma".to_owned(), Secret::new("wrong")));
    let gateway = SmtpGateway::new(SmtpConfig { login, ..config(&listener) }).expect("a gateway");
    let server = tokio::spawn(async move {
        let mut server = Server::greeted(&listener, "250-AUTH PLAIN LOGIN\r\n").await;
        server.hears("AUTH PLAIN AGx1bWEAd3Jvbmc=").await;
        server.say("535 5.7.8 no").await;
        server.ends().await;
    });
    assert_eq!(gateway.send(&email()).await, later("cannot log in: 535 5.7.8"));
    server.await.expect("the server heard what it expected");
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing_in_the_clear() {
    let listener = listener().await;
    let config = SmtpConfig { security: Security::StartTls, ..config(&listener) };
    let gateway = SmtpGateway::new(config).expect("a gateway");
    let server = tokio::spawn(async move {
        let server = Server::greeted(&listener, "").await;
        server.ends().await;
    });
    let outcome = gateway.send(&email()).await;
    assert!(
        matches!(&outcome, EmailOutcome::TryLater { why } if why.starts_with("no STARTTLS")),
        "{outcome:?}"
    );
    server.await.expect("the server heard what it expected");
}

#[tokio::test]
async fn an_address_that_needs_utf8_goes_only_to_a_server_that_takes_it() {
    for (extensions, expected) in [
        ("", refused("no_smtputf8")),
        ("250-SMTPUTF8\r\n", EmailOutcome::Accepted { reference: "Ok".into() }),
    ] {
        let listener = listener().await;
        let gateway = SmtpGateway::new(config(&listener)).expect("a gateway");
        let server = tokio::spawn(async move {
            let mut server = Server::greeted(&listener, extensions).await;
            if extensions.is_empty() {
                server.hears("RSET").await;
                return server.say("250 Ok").await;
            }
            server.hears("MAIL FROM:<receipts@luma.example> SMTPUTF8 BODY=8BITMIME").await;
            server.say("250 Ok").await;
            server.hears("RCPT TO:<安娜@example.org>").await;
            server.say("250 Ok").await;
            server.hears("DATA").await;
            server.say("354 go on").await;
            assert!(server.content().await.contains(&"To: 安娜@example.org".to_owned()));
            server.say("250 Ok").await;
        });
        assert_eq!(gateway.send(&Email { to: "安娜@example.org".into(), ..email() }).await, expected);
        server.await.expect("the server heard what it expected");
    }
}

#[tokio::test]
async fn settings_that_cannot_work_or_must_not_are_refused() {
    let good = SmtpConfig::new("mail.example", "receipts@luma.example", "Luma");
    assert!(SmtpGateway::new(good.clone()).is_ok());
    for bad in [
        SmtpConfig { security: Security::Plain, ..good.clone() },
        SmtpConfig { from_address: "receipts".into(), ..good.clone() },
        SmtpConfig { hello_name: "a b".into(), ..good.clone() },
        SmtpConfig { connections: 0, ..good.clone() },
        SmtpConfig { extra_roots: Some("no certificate".into()), ..good.clone() },
    ] {
        assert!(SmtpGateway::new(bad.clone()).is_err(), "{bad:?}");
    }
}
