//! The receipt on paper, from the same samples as its page: every fact of the page stands on it, in every language.

use domain::locale::Locale;
use render::receipts::{Document, Paper, RowKind};
use render::view::ReceiptPage;
use render::{Chrome, OnPaper, ProofShown, Renderer, View, Worthless};

fn plain(paper: Paper) -> OnPaper {
    OnPaper { paper, copy: false, worthless: None, proof: None }
}

fn documents(on: &OnPaper) -> Vec<(Locale, ReceiptPage, Document)> {
    let renderer = Renderer::new().expect("templates and texts are whole");
    let pairs =
        Locale::ALL.iter().flat_map(|locale| ReceiptPage::samples().into_iter().map(|page| (*locale, page)));
    pairs.map(|(locale, page)| (locale, page.clone(), renderer.receipt_document(locale, &page, on))).collect()
}

#[test]
fn every_receipt_says_on_paper_what_its_page_says() {
    let renderer = Renderer::new().unwrap();
    for (locale, page, document) in documents(&plain(Paper::A4)) {
        let html = renderer.page(locale, &Chrome::sample(), &page);
        let rows: Vec<_> = document.sections.iter().flat_map(|part| &part.rows).collect();
        let total = rows.iter().filter(|row| row.kind == RowKind::Strong).count();
        assert_eq!(
            total,
            1 + usize::from(page.now.as_ref().is_some_and(|now| now.net.is_some())),
            "{locale}"
        );
        for row in &rows {
            assert!(!row.label.is_empty() && !row.value.is_empty(), "{locale}: {row:?}");
        }
        for amount in rows.iter().filter(|row| row.kind != RowKind::Plain && row.kind != RowKind::Code) {
            let amount = amount.value.trim_start_matches('+');
            assert!(html.contains(amount), "{locale}: {amount} is not on the page");
        }
        assert_eq!(document.number.as_deref(), Some(page.code.as_str()));
        assert_eq!(document.locale, locale.as_str());
        let text = serde_json::to_string(&document).unwrap();
        for said in [&page.seller.name, &page.seller.address, &page.offer_name, &page.last4] {
            assert!(text.contains(said), "{locale}: {said} is not on paper");
        }
    }
}

#[test]
fn a_copy_and_a_receipt_of_no_value_say_so_once_on_each_paper() {
    let renderer = Renderer::new().unwrap();
    let page = ReceiptPage::samples().remove(0);
    for paper in [Paper::A4, Paper::Slip58, Paper::Slip80] {
        for (why, word) in [(Worthless::Demo, "DEMO"), (Worthless::Training, "TRAINING")] {
            let on = OnPaper { copy: true, worthless: Some(why), ..plain(paper) };
            let document = renderer.receipt_document(Locale::En, &page, &on);
            assert_eq!(document.watermark.as_deref(), Some(word));
            assert!(document.marks.contains(&"COPY".to_owned()));
            assert_eq!(document.marks.contains(&word.to_owned()), paper == Paper::A4, "a slip has its bands");
        }
        assert_eq!(renderer.receipt_document(Locale::En, &page, &plain(paper)).watermark, None);
    }
}

#[test]
fn the_proof_stands_on_paper_with_its_address_and_the_code_to_type() {
    let proof = ProofShown { qr: "https://example.com/r/X#sig".into(), address: "example.com/r/X".into() };
    let on = OnPaper { proof: Some(proof), ..plain(Paper::Slip58) };
    for (_, page, document) in documents(&on) {
        let qr = document.qr.unwrap();
        assert_eq!(qr.text, "https://example.com/r/X#sig");
        assert_eq!(qr.caption[1..], ["example.com/r/X".to_owned(), page.code]);
        assert!(!qr.alt.is_empty());
    }
}

#[cfg(feature = "pdf")]
#[test]
fn every_receipt_can_be_set_on_every_paper() {
    let press = render::Press::default();
    for paper in [Paper::A4, Paper::Slip58, Paper::Slip80] {
        for (locale, _, document) in documents(&plain(paper)) {
            let pdf = press.pdf(&document).unwrap().expect("the fonts of the tests are installed");
            assert!(pdf.starts_with(b"%PDF-1."), "{locale}");
        }
    }
}

#[cfg(not(feature = "pdf"))]
#[test]
fn a_program_without_the_engine_makes_no_file_and_says_why() {
    let press = render::Press::default();
    let (_, _, document) = documents(&plain(Paper::A4)).remove(0);
    assert!(press.pdf(&document).unwrap().is_none());
    assert!(matches!(press.engine(), Err(render::receipts::Error::LeftOut)));
}
