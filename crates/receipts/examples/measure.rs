//! Measures the engine warm: `cargo run --release -p receipts --features pdf --example measure -- [FONTS] [FOLDER]` prints the
//! median and the slowest of many different receipts; with a FOLDER it also writes the samples there to be looked at.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use receipts::{DOTS_58, DOTS_80, Document, Engine, Paper};

const SAMPLES: [(&str, &str); 3] = [
    ("en", include_str!("../tests/samples/en.json")),
    ("zh-CN", include_str!("../tests/samples/zh-CN.json")),
    ("ar", include_str!("../tests/samples/ar.json")),
];
const PAPERS: [(&str, Paper); 3] = [("a4", Paper::A4), ("58", Paper::Slip58), ("80", Paper::Slip80)];
const ROUNDS: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let fonts = arguments.next().unwrap_or_else(|| "/usr/share/fonts".into());
    let begun = Instant::now();
    let engine = Engine::new(&fonts)?;
    println!("fonts loaded    {:>9.1?}", begun.elapsed());
    if let Some(folder) = arguments.next() {
        return write(&engine, &folder);
    }
    for (locale, sample) in SAMPLES {
        let document: Document = serde_json::from_str(sample)?;
        for (name, paper) in PAPERS {
            let document = Document { paper, ..document.clone() };
            report(&format!("pdf {name} {locale}"), &document, |one| engine.pdf(one).map(|pdf| pdf.len()))?;
        }
        for (name, dots) in [("58", DOTS_58), ("80", DOTS_80)] {
            let document = Document { paper: Paper::Slip80, ..document.clone() };
            report(&format!("raster {name} {locale}"), &document, |one| {
                engine.raster(one, dots).map(|slip| slip.bytes.len())
            })?;
        }
    }
    Ok(())
}

/// Every round is another receipt: another number, code and amount.
fn report(
    name: &str,
    sample: &Document,
    make: impl Fn(&Document) -> receipts::Result<usize>,
) -> receipts::Result<()> {
    let mut times: Vec<Duration> = Vec::new();
    let mut bytes = 0;
    for round in 0..=ROUNDS {
        let mut document = sample.clone();
        document.title = format!("{} {round}", sample.title);
        document.number = Some(format!("RX7K-2M9Q-{round:04}"));
        document.seller.lines.push(format!("{round}"));
        for row in document.sections.iter_mut().flat_map(|part| &mut part.rows) {
            row.value = format!("{} {round}", row.value);
        }
        if let Some(qr) = &mut document.qr {
            qr.text = format!("{}{round:04}", qr.text);
        }
        let begun = Instant::now();
        bytes = make(&document)?;
        times.push(begun.elapsed());
    }
    let first = times.remove(0);
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{name:<16} first {first:>9.1?}  median {median:>9.1?}  slowest {slowest:>9.1?}  {bytes:>7} bytes"
    );
    Ok(())
}

fn write(engine: &Engine, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    for (locale, sample) in SAMPLES {
        let document: Document = serde_json::from_str(sample)?;
        for (name, paper) in PAPERS {
            let document = Document { paper, ..document.clone() };
            std::fs::write(folder.join(format!("{locale}-{name}.pdf")), engine.pdf(&document)?)?;
        }
        for (name, dots) in [("58", DOTS_58), ("80", DOTS_80)] {
            std::fs::write(
                folder.join(format!("{locale}-{name}.pbm")),
                engine.raster(&document, dots)?.to_pbm(),
            )?;
        }
    }
    Ok(())
}
