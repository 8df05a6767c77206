//! Paper at the counter as its pages show it: where a slip stands, the slip itself for the browser's dialog, and the
//! screen that the customer sees.

use super::CounterFrame;
use crate::view::{QrShown, View};
use domain::print_job::PrinterTrouble;
use receipts::Document;
use serde::Serialize;

/// Where the slip of a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "stage", content = "of")]
pub enum PaperShown {
    NoPrinter,
    /// Nothing was printed.
    Not,
    Printing,
    /// The printer cannot print now.
    Waiting(Option<PrinterTrouble>),
    Printed {
        near_end: bool,
    },
    /// Something was sent, and nobody knows whether there is paper.
    Unknown,
}

/// The slip of a sale as a page.
#[derive(Debug, Clone, Serialize)]
pub struct CounterSlip {
    pub counter: CounterFrame,
    pub code: String,
    pub document: Document,
    pub qr: Option<QrShown>,
}

/// The customer's screen.
#[derive(Debug, Clone, Serialize)]
pub struct CounterDisplay {
    pub counter: CounterFrame,
    pub shop: String,
}

impl View for CounterSlip {
    const TEMPLATE: &'static str = "agent/slip.html";

    fn samples() -> Vec<CounterSlip> {
        let renderer = crate::Renderer::new().expect("our own texts");
        let on = crate::OnPaper {
            paper: receipts::Paper::Slip80,
            copy: true,
            worthless: Some(crate::Worthless::Demo),
            proof: Some(crate::ProofShown {
                qr: "https://l.example/r/A".into(),
                address: "l.example/r/A".into(),
            }),
        };
        let page = crate::view::ReceiptPage::samples().remove(0);
        let document = renderer.receipt_document(domain::locale::Locale::En, &page, &on);
        let counter = CounterFrame::sample();
        vec![CounterSlip { counter, code: page.code, document, qr: Some(QrShown::sample()) }]
    }
}

impl View for CounterDisplay {
    const TEMPLATE: &'static str = "agent/display.html";

    fn samples() -> Vec<CounterDisplay> {
        vec![CounterDisplay { counter: CounterFrame::sample(), shop: "Corner <Mobile>".into() }]
    }
}
