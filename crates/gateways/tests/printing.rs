//! The printer's client against the simulator's printer: what is handed over is what stands on the paper, each fault
//! ends in the answer that is true, and nothing is sent to a printer that says it cannot print.

use domain::slip::{Bitmap, PaperWidth, Part, Slip};
use gateways::printing::{Condition, NetworkPrinter, Printed, Printer, PrinterAddress, TimeLimits, Trouble};
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

struct Outside {
    running: simulator::Running,
    at: PrinterAddress,
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
        let at = running.listen_printer(any).await.expect("the printer starts");
        Outside { running, at: PrinterAddress::new(at).expect("a printer's address") }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.running.http_addr)
    }

    async fn stands(&self, condition: &Value) {
        let call = reqwest::Client::new().post(self.url("control/printer"));
        let call = call.header("content-type", "application/json").body(condition.to_string());
        let answer = call.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.expect("a body"));
    }

    async fn state(&self) -> Value {
        let body = reqwest::get(self.url("printer/papers")).await.expect("an answer").text().await;
        serde_json::from_str(&body.expect("a body")).expect("JSON")
    }

    /// The papers, newest first, once there are so many.
    async fn papers(&self, count: usize) -> Vec<Value> {
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            let papers = self.state().await["papers"].as_array().expect("a list").clone();
            if papers.len() >= count || Instant::now() > until {
                assert_eq!(papers.len(), count, "{papers:?}");
                return papers;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn printer() -> NetworkPrinter {
    let short = Duration::from_millis(700);
    NetworkPrinter::new(TimeLimits { connect: short, answer: short, send: short, print: short })
}

fn receipt(width: PaperWidth) -> Slip {
    let parts = vec![
        Part::heading("Luma"),
        Part::text("Caf\u{e9} S\u{e3}o Jos\u{e9}, 10,00 \u{20ac} \u{a3}"),
        Part::pair("Total", "10,00 \u{20ac}"),
        Part::Rule,
        Part::Qr("https://recarga.example/r/7K2M9QX4TB".to_owned()),
    ];
    Slip { drawer: true, ..Slip::new(width, parts) }
}

fn lines(paper: &Value) -> Vec<String> {
    let text = paper["text"].as_array().expect("lines").iter();
    text.map(|line| line.as_str().expect("a line").to_owned()).collect()
}

#[tokio::test]
async fn what_is_handed_over_is_what_stands_on_the_paper() {
    let outside = Outside::start().await;
    for (count, width) in [PaperWidth::Mm58, PaperWidth::Mm80].into_iter().enumerate() {
        outside.stands(&json!({ "width": width.dots() })).await;
        let printed = printer().print(outside.at, &receipt(width)).await;
        assert_eq!(printed, Printed::Accepted { paper_near_end: false });
        let paper = outside.papers(count + 1).await.remove(0);
        let lines = lines(&paper);
        assert_eq!(lines[0], "Luma");
        assert_eq!(lines[1], "Caf\u{e9} S\u{e3}o Jos\u{e9}, 10,00 \u{20ac} \u{a3}");
        let total = format!("Total{:>1$}", "10,00 \u{20ac}", width.columns() - 5);
        assert_eq!(
            (lines[2].as_str(), lines[3].as_str()),
            (total.as_str(), "-".repeat(width.columns()).as_str())
        );
        assert_eq!(paper["qr"], json!(["https://recarga.example/r/7K2M9QX4TB"]));
        assert_eq!(paper["cut"], json!(true));
    }
    assert_eq!(outside.state().await["drawer_opened"], json!(2));
}

#[tokio::test]
async fn zbarimg_reads_the_code_off_the_paper() {
    let outside = Outside::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let long = format!("https://recarga.example/r/7K2M9QX4TB#{}", "k1.signature-0123456789".repeat(12));
    for (width, data) in [
        (PaperWidth::Mm58, "https://recarga.example/r/7K2M9QX4TB"),
        (PaperWidth::Mm58, long.as_str()),
        (PaperWidth::Mm80, long.as_str()),
    ] {
        outside.stands(&json!({ "width": width.dots() })).await;
        let slip = Slip::new(width, vec![Part::text("Check"), Part::Qr(data.to_owned()), Part::text("it")]);
        let printed = printer().print(outside.at, &slip).await;
        assert_eq!(printed, Printed::Accepted { paper_near_end: false });
        let png = reqwest::get(outside.url("printer/papers/latest")).await.expect("an answer").bytes().await;
        let path = folder.path().join("paper.png");
        std::fs::write(&path, png.expect("a picture")).expect("written");
        let read =
            Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&path).output().expect("zbarimg runs");
        assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), data, "{width}");
    }
}

#[tokio::test]
async fn a_picture_is_printed_dot_by_dot() {
    let outside = Outside::start().await;
    outside.stands(&json!({ "width": 384 })).await;
    let image = Bitmap { width: 384, height: 300, rows: vec![0xf0; 48 * 300] };
    let printed = printer().print(outside.at, &Slip::picture(PaperWidth::Mm58, image)).await;
    assert_eq!(printed, Printed::Accepted { paper_near_end: false });
    let paper = outside.papers(1).await.remove(0);
    assert_eq!((&paper["width"], &paper["pictures"]), (&json!(384), &json!(3)), "three bands");
    assert_eq!(paper["height"], json!(300 + 120), "no gap between the bands");
}

#[tokio::test]
async fn a_printer_that_cannot_print_is_sent_nothing_and_says_why() {
    let outside = Outside::start().await;
    for (condition, trouble) in [
        (json!({ "paper": "out" }), Trouble::PaperOut),
        (json!({ "cover_open": true }), Trouble::CoverOpen),
        (json!({ "offline": true }), Trouble::Offline),
        (json!({ "silent": true }), Trouble::Silent),
    ] {
        outside.stands(&condition).await;
        let printed = printer().print(outside.at, &receipt(PaperWidth::Mm80)).await;
        assert_eq!(printed, Printed::NotSent { trouble });
        assert_eq!(printer().condition(outside.at).await, Condition::Not(trouble));
    }
    outside.stands(&json!({})).await;
    assert_eq!(printer().condition(outside.at).await, Condition::Ready { paper_near_end: false });
    assert_eq!(outside.state().await, json!({ "papers": [], "drawer_opened": 0 }));
    let nobody = "127.0.0.1:1024".parse().expect("an address");
    let printed = printer().print(nobody, &receipt(PaperWidth::Mm80)).await;
    assert_eq!(printed, Printed::NotSent { trouble: Trouble::Unreachable });
}

#[tokio::test]
async fn paper_that_ends_soon_is_told_with_the_slip() {
    let outside = Outside::start().await;
    outside.stands(&json!({ "paper": "near_end" })).await;
    let printed = printer().print(outside.at, &receipt(PaperWidth::Mm80)).await;
    assert_eq!(printed, Printed::Accepted { paper_near_end: true });
}

#[tokio::test]
async fn nobody_knows_after_a_break_in_the_middle() {
    let outside = Outside::start().await;
    outside.stands(&json!({ "drop_after_bytes": 60 })).await;
    let printed = printer().print(outside.at, &receipt(PaperWidth::Mm80)).await;
    assert!(matches!(printed, Printed::Unknown { .. }), "{printed:?}");
    let paper = outside.papers(1).await.remove(0);
    assert_eq!((&paper["cut"], &lines(&paper)[0]), (&json!(false), &"Luma".to_owned()));
}

#[tokio::test]
async fn nobody_knows_when_the_printer_takes_a_slip_and_never_says_that_it_printed_it() {
    let outside = Outside::start().await;
    outside.stands(&json!({ "no_word": true })).await;
    let printed = printer().print(outside.at, &receipt(PaperWidth::Mm80)).await;
    assert!(matches!(printed, Printed::Unknown { trouble: None, .. }), "{printed:?}");
}

#[tokio::test]
async fn paper_that_ends_in_the_middle_is_said_and_half_a_slip_is_no_slip() {
    let outside = Outside::start().await;
    outside.stands(&json!({ "rows_left": 60 })).await;
    let printed = printer().print(outside.at, &receipt(PaperWidth::Mm80)).await;
    assert!(matches!(printed, Printed::Unknown { trouble: Some(Trouble::PaperOut), .. }), "{printed:?}");
}

#[tokio::test]
async fn a_slow_printer_is_waited_for() {
    let outside = Outside::start().await;
    outside.stands(&json!({ "slow_ms": 50 })).await;
    let printed = printer().print(outside.at, &receipt(PaperWidth::Mm80)).await;
    assert_eq!(printed, Printed::Accepted { paper_near_end: false });
}
