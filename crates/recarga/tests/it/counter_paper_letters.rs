//! A slip in a language whose letters no printer knows: it goes out as a picture, on both widths of paper, and a program
//! that is not ours reads its QR code off the paper.

use crate::support::buyer::{attribute, redirected};
use crate::support::counter::{counter_of, open_till, press, to_pay};
use crate::support::registry::NUMBER;
use crate::support::shop::{Opening, open_shop};
use crate::support::town::{Town, in_town};
use crate::support::wait::until;
use domain::slip::PaperWidth;
use serde_json::{Value, json};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_chinese_slip_is_a_picture_on_both_widths_and_its_code_is_read_off_the_paper
}

/// The newest paper, once there are so many.
async fn newest(town: &Town, count: usize) -> Value {
    let mut paper = Value::Null;
    until("the paper", async || {
        let url = format!("{}/printer/papers", town.outside.url);
        let state = reqwest::get(url)
            .await
            .expect("an answer of the simulator")
            .text()
            .await
            .expect("an answer of the simulator");
        let state: Value = serde_json::from_str(&state).expect("an answer of the simulator");
        let papers = state["papers"].as_array().expect("an answer of the simulator");
        paper = papers.first().cloned().unwrap_or_default();
        papers.len() >= count
    })
    .await;
    paper
}

/// What `zbarimg` reads off the newest paper.
async fn scanned(town: &Town) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let png = reqwest::get(format!("{}/printer/papers/latest", town.outside.url)).await.expect("an answer");
    let path = folder.path().join("paper.png");
    std::fs::write(&path, png.bytes().await.expect("a picture")).expect("written");
    let read = std::process::Command::new("zbarimg");
    let read = { read }.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(&path).output();
    String::from_utf8_lossy(&read.expect("zbarimg runs").stdout).trim().to_owned()
}

mod checks {
    use super::*;

    pub fn a_chinese_slip_is_a_picture_on_both_widths_and_its_code_is_read_off_the_paper(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            open_till(town, &counter, "0").await;
            let chinese = "update line set locale = 'zh-CN'";
            town.world.db.write(move |tx| tx.execute(chinese, &[])).await.expect("the line's language");
            let devices = counter.page("/agent/owner/devices").await;
            let device = attribute(&devices, "[data-device]", "data-device").expect("the device");
            let printer = town.outside.printer.to_string();
            for (nth, width) in [(1, PaperWidth::Mm58), (2, PaperWidth::Mm80)] {
                town.outside.control("printer", &json!({ "width": width.dots() })).await;
                let form = [("address", printer.as_str()), ("width", width.as_str())];
                counter.post(town, &format!("/agent/owner/devices/{device}/printer"), &form).await;
                let pay = to_pay(town, &counter, NUMBER).await;
                let to = redirected(&press(town, &counter, &pay, "20").await);
                counter.page(&to).await;
                town.work().await;
                let paper = newest(town, nth).await;
                assert_eq!(paper["width"], json!(width.dots()), "{paper}");
                assert!(paper["pictures"].as_i64() > Some(0), "no letters of the printer: {paper}");
                let code = to.split('?').next().and_then(|path| path.rsplit('/').next()).expect("a code");
                let read = scanned(town).await;
                assert!(read.starts_with(&format!("{}/r/{code}#", town.url)), "{width}: {read}");
            }
        });
    }
}
