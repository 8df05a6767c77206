//! Slips before independent judges: emupos reads our bytes as a real printer would, and python-escpos prints on the
//! simulator's printer, so that neither of our two ends is measured by the other alone. `make test` makes the Python
//! environment; RECARGA_TEST_PYTHON names another one.

use domain::slip::{Align, Bitmap, PaperWidth, Part, Slip, TextSize};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn judge(script: &str, args: &[String]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::vars_os().find(|(name, _)| name == "RECARGA_TEST_PYTHON");
    let python = named.map_or_else(|| root.join(".venv/bin/python"), |(_, path)| PathBuf::from(path));
    assert!(python.exists(), "{} is not there: run `make test`, which makes it", python.display());
    let mut command = Command::new(python);
    command.current_dir(root).arg(format!("tests/judges/{script}")).args(args);
    command
}

fn case(slip: &Slip, lines: &[&str], codes: &[&str], images: u32) -> Value {
    let bytes = gateways::printing::encode(slip).expect("a slip that can be printed");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "bytes": hex, "lines": lines, "qr": codes, "images": images, "cut": slip.cut, "drawer": slip.drawer,
        "dots": slip.width.dots(),
    })
}

fn cases() -> Vec<Value> {
    let code = "https://recarga.example/r/7K2M9QX4TB";
    let receipt = |width| {
        let styled = Part::Text {
            text: "Caf\u{e9} \u{20ac} \u{a3}".to_owned(),
            align: Align::End,
            emphasis: true,
            size: TextSize::Tall,
        };
        let total = Part::pair("Total", "10,00 \u{20ac}");
        Slip::new(
            width,
            vec![Part::heading("Luma"), styled, Part::Rule, total, Part::Qr(code.into()), Part::Space],
        )
    };
    let wide = receipt(PaperWidth::Mm80);
    let narrow = Slip { drawer: true, ..receipt(PaperWidth::Mm58) };
    let image = Bitmap { width: 384, height: 300, rows: vec![0x5a; 48 * 300] };
    let wrapped = Slip {
        cut: false,
        ..Slip::new(
            PaperWidth::Mm58,
            vec![Part::text("A sentence that is longer than the narrow paper is wide")],
        )
    };
    let total = |columns: usize| format!("Total{:>1$}", "10,00 \u{20ac}", columns - 5);
    vec![
        case(&wide, &["Luma", "Caf\u{e9} \u{20ac} \u{a3}", &total(48), &"-".repeat(48)], &[code], 0),
        case(&narrow, &["Luma", &total(32), &"-".repeat(32)], &[code], 0),
        case(&narrow.copy(1), &["COPY 1", "Luma"], &[code], 0),
        case(&Slip::picture(PaperWidth::Mm58, image), &[], &[], 3),
        case(&wrapped, &["A sentence that is longer than", "the narrow paper is wide"], &[], 0),
    ]
}

#[test]
fn a_printer_that_is_not_ours_reads_our_slips() {
    let mut child =
        judge("slip_judge.py", &[]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
    let mut stdin = child.stdin.take().expect("a pipe");
    writeln!(stdin, "{}", Value::from(cases())).expect("the judge reads");
    drop(stdin);
    let done = child.wait_with_output().expect("the judge ends");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_is_not_ours_prints_on_the_simulators_printer() {
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
    let done =
        judge("printer_judge.py", &[at.ip().to_string(), at.port().to_string()]).output().expect("python");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");

    let url = format!("http://{}/printer/papers", running.http_addr);
    let state: Value =
        serde_json::from_str(&reqwest::get(&url).await.expect("an answer").text().await.expect("a body"))
            .expect("JSON");
    let paper = &state["papers"][0];
    let lines: Vec<&str> =
        paper["text"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    assert!(lines.contains(&"Judge"), "{lines:?}");
    assert!(lines.contains(&"Caf\u{e9} 10,00 \u{20ac}, \u{a3} and \u{142}\u{f3}d\u{17a}"), "{lines:?}");
    assert_eq!((&paper["cut"], &state["drawer_opened"]), (&json!(true), &json!(1)));
    assert_eq!(paper["qr"], json!(["https://judge.example/native"]));

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("paper.png");
    let png =
        reqwest::get(format!("{url}/latest")).await.expect("an answer").bytes().await.expect("a picture");
    std::fs::write(&path, png).expect("written");
    let read = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&path).output().expect("zbarimg runs");
    let mut codes: Vec<String> = String::from_utf8_lossy(&read.stdout).lines().map(str::to_owned).collect();
    codes.sort();
    assert_eq!(codes, ["https://judge.example/native", "https://judge.example/picture"]);
}
