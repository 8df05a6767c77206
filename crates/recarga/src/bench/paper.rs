//! How long paper takes: receipts that differ, set as a PDF file and as the picture that a thermal printer prints, one
//! after the other in this process. Start reading at [`run`].

use crate::stop::{Result, Stop};
use domain::locale::Locale;
use domain::slip::PaperWidth;
use render::receipts::{Document, Engine, Paper};
use render::view::{ReceiptPage, View as _};
use render::{OnPaper, Press, ProofShown, Renderer};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// What to measure.
pub struct Plan {
    /// How often each kind of paper is set.
    pub times: usize,
    pub fonts: PathBuf,
}

/// One kind of paper, in microseconds.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
    /// Of the largest, so that nobody measures empty paper.
    pub bytes: usize,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub optimised_build: bool,
    /// Loading the fonts, once in the life of a program.
    pub opened_in_us: u64,
    pub papers: BTreeMap<String, Figure>,
}

/// Sets each kind of paper in each language that we speak.
pub fn run(plan: &Plan) -> Result<Figures> {
    let renderer = Renderer::new()?;
    let press = Press::at(&plan.fonts);
    let begun = Instant::now();
    let engine = press.engine().map_err(|error| Stop::wrong(format!("--fonts: {error}")))?;
    let opened_in_us = micros(begun);
    let mut papers = BTreeMap::new();
    for locale in Locale::ALL {
        let pdf = |n: usize| engine.pdf(&document(&renderer, *locale, (Paper::A4, n)));
        papers.insert(format!("pdf {locale}"), figure(plan.times, |n| pdf(n).map(|file| file.len()))?);
        let slip = |n: usize| picture(engine, &document(&renderer, *locale, (Paper::Slip80, n)));
        papers.insert(format!("slip {locale}"), figure(plan.times, slip)?);
    }
    Ok(Figures { optimised_build: !cfg!(debug_assertions), opened_in_us, papers })
}

fn picture(engine: &Engine, document: &Document) -> render::receipts::Result<usize> {
    engine.raster(document, PaperWidth::Mm80.dots()).map(|picture| picture.bytes.len())
}

/// A receipt that no other one is equal to, so that nothing is remembered from the one before.
fn document(renderer: &Renderer, locale: Locale, (paper, n): (Paper, usize)) -> Document {
    let page = ReceiptPage::samples().swap_remove(0);
    let code = format!("7K2M9-{n:05}");
    let proof =
        ProofShown { qr: format!("{}{n}", page.proof_url), address: format!("luma.example/r/{code}") };
    let last4 = format!("{:04}", n % 10_000);
    let page = ReceiptPage { code, last4, ..page };
    let on = OnPaper { paper, copy: false, worthless: None, proof: Some(proof) };
    renderer.receipt_document(locale, &page, &on)
}

fn figure(times: usize, mut set: impl FnMut(usize) -> render::receipts::Result<usize>) -> Result<Figure> {
    let (mut took, mut bytes) = (Vec::with_capacity(times), 0);
    // The first ones fill caches, as the first receipts of a day do.
    for n in 0..times + 3 {
        let begun = Instant::now();
        let size = set(n).map_err(anyhow::Error::from)?;
        if n >= 3 {
            took.push(micros(begun));
            bytes = bytes.max(size);
        }
    }
    took.sort_unstable();
    let at = |hundredths: usize| took[(took.len() - 1) * hundredths / 100];
    Ok(Figure { p50_us: at(50), p99_us: at(99), max_us: at(100), bytes })
}

fn micros(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}
