//! A document as the lines of a narrow roll of paper, for printers that know its letters; what they do not know is
//! printed as a picture by the engine.

use domain::slip::{Align, PaperWidth, Part, Slip, TextSize};
use receipts::{Document, Paper, Party, Row, RowKind};

/// The paper of a document for a roll.
pub fn paper(width: PaperWidth) -> Paper {
    match width {
        PaperWidth::Mm58 => Paper::Slip58,
        PaperWidth::Mm80 => Paper::Slip80,
    }
}

/// The document as lines.
pub fn slip(document: &Document, width: PaperWidth) -> Slip {
    let band = || document.watermark.iter().map(Part::heading);
    let mut parts: Vec<Part> = band().collect();
    parts.extend(document.marks.iter().map(Part::heading));
    parts.push(centred(&document.heading, TextSize::Double));
    parts.extend(document.number.iter().map(|number| centred(number, TextSize::Tall)));
    parts.extend(party(&document.seller));
    parts.extend(document.buyer.iter().flat_map(party));
    for section in document.sections.iter().filter(|section| !section.rows.is_empty()) {
        parts.push(Part::Rule);
        parts.extend(section.heading.iter().map(|heading| strong(heading)));
        parts.extend(section.rows.iter().map(row));
    }
    if let Some(qr) = &document.qr {
        parts.push(Part::Space);
        parts.push(Part::Qr(qr.text.clone()));
        parts.extend(qr.caption.iter().map(|line| centred(line, TextSize::Normal)));
    }
    if !document.notes.is_empty() {
        parts.push(Part::Rule);
        parts.extend(document.notes.iter().map(Part::text));
    }
    parts.extend(band());
    Slip::new(width, parts)
}

fn centred(text: &str, size: TextSize) -> Part {
    Part::Text { text: text.to_owned(), align: Align::Centre, emphasis: size != TextSize::Normal, size }
}

fn strong(text: &str) -> Part {
    Part::Text { text: text.to_owned(), align: Align::Start, emphasis: true, size: TextSize::Normal }
}

fn party(party: &Party) -> Vec<Part> {
    let role = party.role.iter().map(|role| strong(role));
    let name = std::iter::once(centred(&party.name, TextSize::Normal));
    role.chain(name).chain(party.lines.iter().map(|line| centred(line, TextSize::Normal))).collect()
}

fn row(row: &Row) -> Part {
    let emphasis = row.kind == RowKind::Strong;
    Part::Pair { start: row.label.clone(), end: row.value.clone(), emphasis }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{ReceiptPage, View as _};
    use crate::{OnPaper, ProofShown, Renderer, Worthless};
    use domain::locale::Locale;

    #[test]
    fn a_slip_says_everything_that_its_document_says() {
        let renderer = Renderer::new().unwrap();
        let proof = ProofShown { qr: "https://l.example/r/A#1".into(), address: "l.example/r/A".into() };
        let on = OnPaper {
            paper: Paper::Slip58,
            copy: true,
            worthless: Some(Worthless::Training),
            proof: Some(proof),
        };
        for page in ReceiptPage::samples() {
            let document = renderer.receipt_document(Locale::En, &page, &on);
            let slip = slip(&document, PaperWidth::Mm58);
            slip.check().unwrap();
            let text = format!("{:?}", slip.parts);
            for row in document.sections.iter().flat_map(|section| &section.rows) {
                assert!(text.contains(&format!("{:?}", row.value)), "{} in {text}", row.value);
            }
            assert!(text.contains("https://l.example/r/A#1") && text.contains("3456"), "{text}");
            let bands = text.matches("TRAINING").count();
            assert_eq!(bands, 2, "above and below: {text}");
        }
    }
}
