//! Our mails before an independent judge: aiosmtpd takes them over every kind of connection and Python's own
//! parser reads them. `make test` makes the Python environment; RECARGA_TEST_PYTHON names another one.

use domain::id::MessageId;
use domain::time::UnixMs;
use gateways::Secret;
use gateways::messaging::smtp::{Security, SmtpConfig, SmtpGateway};
use gateways::messaging::{Email, EmailGateway, EmailOutcome};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const USER: &str = "luma";
const PASSWORD: &str = "pässword 1";
const FROM: &str = "receipts@luma.example";
const NAME: &str = "路马移动 Luma, Ltd.";

/// `tests/judges/smtp_judge.py`, running.
struct Judge {
    child: Child,
    said: BufReader<ChildStdout>,
    port: u16,
    roots: String,
}

impl Judge {
    fn start(args: &[&str]) -> Judge {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let named = std::env::vars_os().find(|(name, _)| name == "RECARGA_TEST_PYTHON");
        let python = named.map_or_else(|| root.join(".venv/bin/python"), |(_, path)| PathBuf::from(path));
        assert!(python.exists(), "{} is not there: run `make test`, which makes it", python.display());
        let mut command = Command::new(python);
        command.current_dir(root).arg("tests/judges/smtp_judge.py").args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python runs");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        said.read_line(&mut line).expect("the judge says where it is");
        let place: Value = serde_json::from_str(&line).expect("JSON");
        let port = place["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        let roots = place["roots"].as_str().expect("certificates").to_owned();
        Judge { child, said, port, roots }
    }

    fn config(&self, security: Security) -> SmtpConfig {
        let extra_roots = Some(self.roots.clone());
        SmtpConfig { port: self.port, security, extra_roots, ..SmtpConfig::new("localhost", FROM, NAME) }
    }

    /// Shows the judge what it should have got, and asserts that it is content.
    fn expects(mut self, mails: &[Email]) {
        let expected: Vec<Value> = mails.iter().map(expected).collect();
        let mut stdin = self.child.stdin.take().expect("a pipe");
        writeln!(stdin, "{}", Value::from(expected)).expect("the judge reads");
        let mut said = String::new();
        self.said.read_to_string(&mut said).expect("the judge speaks");
        assert!(self.child.wait().expect("the judge ends").success(), "{said}");
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn expected(mail: &Email) -> Value {
    json!({
        "subject": mail.subject, "from": FROM, "from_name": NAME, "to": mail.to, "text": mail.text,
        "html": mail.html, "message_id": format!("<{}@luma.example>", mail.id), "date": mail.at.0 / 1000,
        "unsubscribe": mail.unsubscribe,
    })
}

fn mail(id: &str, subject: &str, text: &str) -> Email {
    Email {
        id: MessageId::stored(id),
        to: "anna@example.org".into(),
        subject: subject.into(),
        text: text.into(),
        html: format!("<!doctype html><p lang=\"zh-CN\">{}</p>", text.replace('\n', "<br>\n")),
        at: UnixMs(1_795_364_100_000),
        unsubscribe: None,
    }
}

/// What is hard to carry: Chinese of every length, emoji, dots, long lines, quoting that looks like encoding.
fn mails() -> Vec<Email> {
    let long = "话费余额已到账，感谢您使用官网在线充值服务；".repeat(6);
    let stop = "https://luma.example/stop?token=0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij&m=1";
    vec![
        mail("msg_01A", "Credited: £11.00 has arrived", "Credited. £11.00 has arrived.\nOrder 7K2M9-QX4TB\n"),
        mail(
            "msg_01B",
            "充值成功：£11.00已到账，订单号7K2M9-QX4TB",
            "充值成功：£11.00已到账。\n\n订单号：7K2M9-QX4TB\n",
        ),
        mail("msg_01C", &format!("长标题：{long}🎉"), &format!("{long}\n{}\n🎉\n", long.repeat(20))),
        mail("msg_01D", "Dots", ".\n..\n.dot\nFrom here\nend.\n"),
        mail("msg_01E", "Equals = and ?", &format!("=3D =\n{}\n", "x".repeat(3_000))),
        Email { unsubscribe: Some(stop.into()), ..mail("msg_01F", "Offers", "Three new bundles.\n") },
    ]
}

async fn judged(word: &str, security: Security, logs_in: bool) {
    let args = [word, USER, PASSWORD];
    let judge = Judge::start(if logs_in { &args } else { &args[..1] });
    let login = logs_in.then(|| (USER.to_owned(), Secret::new(PASSWORD)));
    let gateway = SmtpGateway::new(SmtpConfig { login, ..judge.config(security) }).expect("a gateway");
    let mails = mails();
    for (n, mail) in mails.iter().enumerate() {
        let reference = format!("Ok: queued as judge-{}", n + 1);
        assert_eq!(gateway.send(mail).await, EmailOutcome::Accepted { reference });
    }
    judge.expects(&mails);
}

#[tokio::test]
async fn every_mail_arrives_whole_over_a_plain_connection() {
    judged("none", Security::Plain, false).await;
}

#[tokio::test]
async fn every_mail_arrives_whole_over_starttls_with_a_login() {
    judged("starttls", Security::StartTls, true).await;
}

#[tokio::test]
async fn every_mail_arrives_whole_over_tls_from_the_start() {
    judged("implicit", Security::Implicit, false).await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_nothing() {
    for (word, security) in [("starttls", Security::StartTls), ("implicit", Security::Implicit)] {
        let judge = Judge::start(&[word]);
        let config = SmtpConfig { extra_roots: None, ..judge.config(security) };
        let gateway = SmtpGateway::new(config).expect("a gateway");
        let outcome = gateway.send(&mails()[0]).await;
        assert!(matches!(outcome, EmailOutcome::TryLater { .. }), "{outcome:?}");
        judge.expects(&[]);
    }
}

#[tokio::test]
async fn a_wrong_password_hands_nothing_over() {
    let judge = Judge::start(&["starttls", USER, PASSWORD]);
    let login = Some((USER.to_owned(), Secret::new("wrong")));
    let gateway =
        SmtpGateway::new(SmtpConfig { login, ..judge.config(Security::StartTls) }).expect("a gateway");
    let why = "cannot log in: 535 5.7.8".to_owned();
    assert_eq!(gateway.send(&mails()[0]).await, EmailOutcome::TryLater { why });
    judge.expects(&[]);
}
