//! The mail server as a raw SMTP client sees it, and the mailbox where mails end.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::outside::{Outside, until};

/// A client that has said hello.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn greeted(outside: &Outside) -> Self {
        let mut client = Self::connect(outside).await;
        let hello = client.ask("EHLO client.example").await;
        for extension in ["SIZE 1048576", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"] {
            assert!(hello.contains(extension), "{hello}");
        }
        client
    }

    async fn connect(outside: &Outside) -> Self {
        let address = outside.running.listen_smtp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let mut client = Client(BufReader::new(stream));
        assert!(client.reply().await.starts_with("220 "));
        client
    }

    async fn send(&mut self, octets: &[u8]) {
        self.0.get_mut().write_all(octets).await.unwrap();
    }

    /// A whole reply, which may have several lines; empty when the connection was closed.
    async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let mut line = String::new();
            let read = timeout(Duration::from_secs(10), self.0.read_line(&mut line)).await;
            // A connection that is closed over what we sent may also look like a fault.
            if read.expect("an answer in time").unwrap_or(0) == 0 {
                return reply;
            }
            reply.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return reply;
            }
        }
    }

    async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    async fn expect(&mut self, line: &str, code: &str) {
        let reply = self.ask(line).await;
        assert!(reply.starts_with(code), "{line}: {reply}");
    }

    /// Sender, recipient and the invitation.
    async fn invited(&mut self, to: &str) {
        self.expect("MAIL FROM:<receipts@luma.example>", "250 2.1.0").await;
        self.expect(&format!("RCPT TO:<{to}>"), "250 2.1.5").await;
        self.expect("DATA", "354").await;
    }

    /// A mail to one recipient, and the answer to its content.
    async fn mail(&mut self, to: &str, content: &str) -> String {
        self.invited(to).await;
        self.send(format!("{content}\r\n.\r\n").as_bytes()).await;
        self.reply().await
    }
}

async fn inbox(outside: &Outside, to: &str) -> Vec<Value> {
    outside.get(&format!("/inbox.json?to={to}")).await.body.as_array().unwrap().clone()
}

const CHINESE: &str = "From: =?utf-8?B?6Lev6ams?= <receipts@luma.example>\r\nTo: anna@example.org\r\n\
    Subject: =?utf-8?B?5YWF5YC85oiQ5Yqf?= 7K2M9\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    5YWF5YC85oiQ5Yqf\r\n\
    --b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
    <p>充值<script>bad()</script></p>\r\n--b--";

#[tokio::test]
async fn a_mail_ends_in_the_mailbox_decoded_and_is_shown_as_its_reader_sees_it() {
    let outside = Outside::start().await;
    let mut client = Client::greeted(&outside).await;
    let answer = client.mail("Anna+1@example.org", CHINESE).await;
    assert!(answer.starts_with("250 2.0.0 Ok: queued as "), "{answer}");
    for to in ["anna%2B1@example.org", "Anna+1@Example.org"] {
        let found = inbox(&outside, to).await;
        assert_eq!(found.len(), 1, "{to}");
        let mail = &found[0];
        assert_eq!(mail["channel"], "email");
        assert_eq!((&mail["to"], &mail["from"]), (&json!("anna+1@example.org"), &json!("路马")));
        assert_eq!((&mail["subject"], &mail["text"]), (&json!("充值成功 7K2M9"), &json!("充值成功")));
        assert!(mail["at"].as_str().unwrap().ends_with('Z'));
        let page = outside.get(mail["page"].as_str().unwrap()).await;
        assert!(page.text.contains("<p>充值"), "{}", page.text);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
        let source = outside.get(&format!("{}/source", mail["page"].as_str().unwrap())).await;
        assert!(source.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
        assert!(source.text.contains("Content-Transfer-Encoding: base64"));
    }
    let page = outside.get("/").await.text;
    assert!(
        page.contains("anna+1@example.org")
            && page.contains("充值成功 7K2M9")
            && !page.contains("No mail yet")
    );
    assert!(page.contains("No messages yet"));
    client.expect("QUIT", "221").await;
    outside.control("reset", json!({})).await;
    assert_eq!(inbox(&outside, "anna%2B1@example.org").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_text_message_has_no_subject_and_another_address_sees_nothing() {
    let outside = Outside::start().await;
    let mut client = Client::greeted(&outside).await;
    client.mail("anna@example.org", "Subject: x\r\n\r\nhello").await;
    assert_eq!(inbox(&outside, "bob@example.org").await, Vec::<Value>::new());
    assert_eq!(outside.get("/inbox.json?to=x").await.status, 400);
    let mail = &inbox(&outside, "anna@example.org").await[0];
    assert_eq!((&mail["text"], &mail["from"]), (&json!("hello"), &json!("")));
    // It has no HTML part, and the page says so instead of making one.
    assert_eq!(outside.get(mail["page"].as_str().unwrap()).await.status, 404);
}

#[tokio::test]
async fn dots_are_taken_away_and_only_a_true_end_ends_a_mail() {
    let outside = Outside::start().await;
    let mut client = Client::greeted(&outside).await;
    client.invited("anna@example.org").await;
    // Neither a bare LF nor a bare CR around the dot ends it (CVE-2023-51764 and its kin).
    let content =
        "Subject: x\r\n\r\n..\r\n...two\r\nend\n.\nMAIL FROM:<eve@example.org>\r\n\n.\r\nlast\r\n.\r\n";
    client.send(content.as_bytes()).await;
    let answer = client.reply().await;
    assert!(answer.starts_with("250"), "{answer}");
    client.expect("NOOP", "250").await;
    let found = inbox(&outside, "").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["text"], ".\n..two\nend\n.\nMAIL FROM:<eve@example.org>\n\n.\nlast");
}

#[tokio::test]
async fn commands_out_of_order_or_out_of_shape_are_refused() {
    let outside = Outside::start().await;
    let mut client = Client::connect(&outside).await;
    client.expect("MAIL FROM:<a@example.org>", "503").await;
    client.expect("EHLO", "501").await;
    client.expect("HELO client.example", "250").await;
    client.expect("RCPT TO:<a@example.org>", "503").await;
    client.expect("DATA", "503").await;
    client.expect("MAIL FROM: a@example.org", "501").await;
    client.expect("MAIL FROM:<a@example.org> SIZE=1048577", "552 5.3.4").await;
    client.expect("MAIL FROM:<a@example.org> TRICK=1", "555").await;
    client.expect("MAIL FROM:<安娜@example.org>", "550 5.6.7").await;
    client.expect("MAIL FROM:<安娜@example.org> SMTPUTF8 BODY=8BITMIME SIZE=10", "250").await;
    client.expect("MAIL FROM:<a@example.org>", "503").await;
    client.expect("DATA", "554").await;
    client.expect("RCPT TO:<nobody>", "553").await;
    client.expect("RCPT TO:<安娜@example.org>", "250").await;
    client.expect("RSET", "250").await;
    client.expect("DATA", "503").await;
    client.expect("AUTH PLAIN x", "500").await;
    client.expect(&"x".repeat(5_000), "500").await;
    client.expect("VRFY anna", "252").await;
    client.send(b"NOOP\n").await;
    assert!(client.reply().await.starts_with("500"));
    client.expect("QUIT", "221").await;
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_read_to_its_end_and_refused() {
    let outside = Outside::start().await;
    let mut client = Client::greeted(&outside).await;
    let answer = client.mail("anna@example.org", &"x".repeat(1024 * 1024)).await;
    assert!(answer.starts_with("552 5.3.4"), "{answer}");
    assert_eq!(inbox(&outside, "").await, Vec::<Value>::new());
    let answer = client.mail("anna@example.org", "Subject: x\r\n\r\nsmall").await;
    assert!(answer.starts_with("250"), "{answer}");
}

#[tokio::test]
async fn the_first_word_of_an_address_chooses_the_fate_of_a_mail() {
    let outside = Outside::start().await;
    let mut client = Client::greeted(&outside).await;
    client.expect("MAIL FROM:<receipts@luma.example>", "250").await;
    client.expect("RCPT TO:<refused+1@example.org>", "550 5.1.1").await;
    client.expect("RCPT TO:<greylisted.anna@example.org>", "451 4.7.1").await;
    client.expect("RCPT TO:<greylisted.anna@example.org>", "250").await;
    client.expect("RSET", "250").await;
    assert!(client.mail("twice@example.org", "Subject: x\r\n\r\nx").await.starts_with("250"));
    assert_eq!(inbox(&outside, "twice@example.org").await.len(), 2);
    let began = std::time::Instant::now();
    assert!(client.mail("slow@example.org", "Subject: x\r\n\r\nx").await.starts_with("250"));
    assert!(began.elapsed() >= Duration::from_secs(5));
    assert_eq!(client.mail("lost@example.org", "Subject: x\r\n\r\nx").await, "");
    assert_eq!(inbox(&outside, "lost@example.org").await.len(), 1);
}

#[tokio::test]
async fn the_control_api_chooses_it_too() {
    let outside = Outside::start().await;
    let on = "POST /smtp/anna@example.org";
    for (what, code, taken) in
        [("error_500", "550", 0), ("status_429", "451", 0), ("drop_connection_before", "", 0)]
    {
        outside.fault(on, what, 1).await;
        let mut client = Client::greeted(&outside).await;
        client.expect("MAIL FROM:<receipts@luma.example>", "250").await;
        client.expect("RCPT TO:<anna@example.org>", code).await;
        assert_eq!(inbox(&outside, "anna@example.org").await.len(), taken, "{what}");
    }
    for (n, what, code) in
        [(1, "error_500_after", "554"), (2, "unknown_status", "299"), (3, "drop_connection_after", "")]
    {
        outside.fault("POST /smtp/*", what, 1).await;
        let mut client = Client::greeted(&outside).await;
        let answer = client.mail("anna@example.org", "Subject: x\r\n\r\nx").await;
        assert!(answer.starts_with(code) && answer.is_empty() == code.is_empty(), "{what}: {answer}");
        assert_eq!(inbox(&outside, "anna@example.org").await.len(), n, "{what}");
    }
}

#[tokio::test]
async fn a_held_mail_arrives_at_the_release_and_a_silent_one_at_once() {
    let outside = Outside::start().await;
    outside.fault("POST /smtp/*", "hang_until_released", 1).await;
    let mut client = Client::greeted(&outside).await;
    client.invited("anna@example.org").await;
    client.send(b"Subject: x\r\n\r\nx\r\n.\r\n").await;
    until("the mail is held", || async {
        (outside.get("/control/release").await.body["held"] == json!(1)).then_some(())
    })
    .await;
    assert_eq!(inbox(&outside, "").await, Vec::<Value>::new());
    outside.control("release", json!({})).await;
    assert!(client.reply().await.starts_with("250"));
    assert_eq!(inbox(&outside, "").await.len(), 1);

    outside.fault("POST /smtp/*", "timeout_after", 1).await;
    client.invited("anna@example.org").await;
    client.send(b"Subject: x\r\n\r\nx\r\n.\r\n").await;
    until("the silent mail", || async { (inbox(&outside, "").await.len() == 2).then_some(()) }).await;
}

#[tokio::test]
async fn mails_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = || simulator::Config { data: Some(folder.path().to_owned()), ..crate::outside::config() };
    let outside = Outside::with(config()).await;
    Client::greeted(&outside).await.mail("anna@example.org", CHINESE).await;
    outside.running.stop().await;
    let outside = Outside::with(config()).await;
    let found = inbox(&outside, "anna@example.org").await;
    assert_eq!(found[0]["subject"], "充值成功 7K2M9");
    assert!(outside.get(found[0]["page"].as_str().unwrap()).await.text.contains("<p>充值"));
}

#[tokio::test]
async fn the_mail_server_listens_on_this_machine_only() {
    let outside = Outside::start().await;
    assert!(outside.running.listen_smtp("0.0.0.0:0".parse().unwrap()).await.is_err());
}
