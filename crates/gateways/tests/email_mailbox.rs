//! The mail client against the simulator's mail server: what is sent is what is read, and each fate that an
//! address can have ends in the answer that is true.

use domain::id::MessageId;
use domain::time::UnixMs;
use gateways::messaging::smtp::{Security, SmtpConfig, SmtpGateway};
use gateways::messaging::{Email, EmailGateway, EmailOutcome};
use serde_json::Value;
use std::time::Duration;

struct Outside {
    running: simulator::Running,
    port: u16,
}

impl Outside {
    async fn start() -> Outside {
        let any = "127.0.0.1:0".parse().expect("an address");
        let running = simulator::start(simulator::Config {
            http_listen: any,
            smpp_listen: any,
            data: None,
            public_base_url: None,
            api_key: "sk_test_simulator".to_owned(),
            webhook: None,
            smpp_system_id: "recarga".to_owned(),
            smpp_password: "secret".to_owned(),
        })
        .await
        .expect("the simulator starts");
        let port = running.listen_smtp(any).await.expect("the mail server starts").port();
        Outside { running, port }
    }

    fn gateway(&self, answer_within: Duration) -> SmtpGateway {
        SmtpGateway::new(SmtpConfig {
            port: self.port,
            security: Security::Plain,
            answer_within,
            ..SmtpConfig::new("localhost", "receipts@luma.example", "路马移动")
        })
        .expect("a gateway")
    }

    async fn mails(&self, to: &str) -> Vec<Value> {
        let url = format!("http://{}/inbox.json?to={to}", self.running.http_addr);
        let body = reqwest::get(url).await.expect("an answer").text().await.expect("a body");
        serde_json::from_str(&body).expect("a list")
    }
}

fn mail(to: &str) -> Email {
    Email {
        id: MessageId::stored("msg_1"),
        to: to.into(),
        subject: "充值成功：£11.00已到账（收据 7K2M9-QX4TB）🎉".into(),
        text: "充值成功：£11.00已到账。\n\n.\n订单号：7K2M9-QX4TB\n".into(),
        html: "<p>充值成功</p>".into(),
        at: UnixMs(1_795_364_100_000),
        unsubscribe: None,
    }
}

fn is_accepted(outcome: &EmailOutcome) -> bool {
    matches!(outcome, EmailOutcome::Accepted { reference } if reference.starts_with("Ok: queued as "))
}

#[tokio::test]
async fn what_is_sent_is_what_is_read() {
    let outside = Outside::start().await;
    let gateway = outside.gateway(Duration::from_secs(10));
    for to in ["anna@example.org", "安娜@example.org"] {
        let sent = mail(to);
        assert!(is_accepted(&gateway.send(&sent).await));
        let read = outside.mails(to).await;
        assert_eq!(read.len(), 1);
        assert_eq!(
            (&read[0]["subject"], &read[0]["from"]),
            (&sent.subject.clone().into(), &"路马移动".into())
        );
        assert_eq!(read[0]["text"].as_str().expect("a text"), sent.text.trim_end());
    }
    assert_eq!(gateway.reachable().await, Ok(()));
}

#[tokio::test]
async fn every_fate_of_a_mail_has_its_answer() {
    let outside = Outside::start().await;
    let gateway = outside.gateway(Duration::from_secs(10));
    let refused = gateway.send(&mail("refused@example.org")).await;
    assert_eq!(refused, EmailOutcome::Refused { code: "550 5.1.1".into() });
    let first = gateway.send(&mail("greylisted@example.org")).await;
    assert_eq!(first, EmailOutcome::TryLater { why: "451 4.7.1".into() });
    assert!(is_accepted(&gateway.send(&mail("greylisted@example.org")).await));
    assert!(is_accepted(&gateway.send(&mail("slow@example.org")).await));
    // It was taken, and nobody said so: the next try makes it two, under one Message-ID.
    let lost = gateway.send(&mail("lost@example.org")).await;
    assert!(matches!(lost, EmailOutcome::Unknown { .. }), "{lost:?}");
    assert!(matches!(gateway.send(&mail("lost@example.org")).await, EmailOutcome::Unknown { .. }));
    assert!(is_accepted(&gateway.send(&mail("twice@example.org")).await));
    for (to, count) in [("refused", 0), ("greylisted", 1), ("slow", 1), ("lost", 2), ("twice", 2)] {
        assert_eq!(outside.mails(&format!("{to}@example.org")).await.len(), count, "{to}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_slow_is_unknown() {
    let outside = Outside::start().await;
    let outcome = outside.gateway(Duration::from_secs(1)).send(&mail("slow@example.org")).await;
    assert_eq!(outcome, EmailOutcome::Unknown { why: "no answer in time".into() });
    assert_eq!(outside.mails("slow@example.org").await.len(), 1);
}
