//! Is a receipt genuine? The public page of a receipt, and the page that checks a signed text, also without a network.
//! What both say of the signature stands in the page already, hidden: the script only chooses. Neither shows more of a
//! number than its last four digits.

use domain::money::Money;
use domain::proof_of_sale::{ProofKind, ProofOfSale, ProofVerdict};
use domain::time::{SECOND_MS, UnixMs};
use domain::top_up::TopUpState;
use serde::Serialize;

use super::{Going, View, sample};
use crate::problem::{PageProblem, Problem};

/// A QR code as one path of an SVG.
#[derive(Debug, Clone, Serialize)]
pub struct QrShown {
    pub path: String,
    /// In modules, with the quiet zone.
    pub size: usize,
}

impl QrShown {
    pub(crate) fn sample() -> QrShown {
        QrShown { path: "M4 4h1v1h-1z".into(), size: 41 }
    }
}

/// What our books say of a receipt.
#[derive(Debug, Clone, Serialize)]
pub struct BooksSay {
    pub amount: Money,
    pub at: UnixMs,
    pub last4: String,
    pub state: TopUpState,
    /// Was it paid? Otherwise no receipt of it is genuine.
    pub paid: bool,
    pub returned: Vec<BackShown>,
    /// When its credit notes were written, in seconds.
    pub credit_notes: Vec<i64>,
    pub seller: String,
    pub zone: String,
}

/// Money that went back, or is on its way.
#[derive(Debug, Clone, Serialize)]
pub struct BackShown {
    pub amount: Money,
    pub going: Going,
    pub at: UnixMs,
}

/// What a signed text says.
#[derive(Debug, Clone, Serialize)]
pub struct ProofSays {
    pub code: String,
    pub amount: Money,
    pub at: UnixMs,
    pub last4: String,
    pub credit_note: bool,
}

impl ProofSays {
    pub fn of(proof: &ProofOfSale) -> ProofSays {
        ProofSays {
            code: proof.code.clone(),
            amount: proof.amount,
            at: proof.issued_at,
            last4: proof.last4.clone(),
            credit_note: proof.kind == ProofKind::CreditNote,
        }
    }
}

/// What a script needs to check a signature by itself.
#[derive(Debug, Clone, Serialize)]
pub struct Checker {
    pub script_url: String,
    /// Our public keys, as `/.well-known/receipt-keys.json` has them.
    pub keys: String,
}

/// The public page of a receipt.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptProof {
    pub code: String,
    /// None: we never gave out such a receipt.
    pub books: Option<BooksSay>,
    /// For the script: what it compares, in whole seconds.
    pub seconds: Option<i64>,
    pub verdict: Option<ProofVerdict>,
    pub checker: Checker,
    /// Too many looks: nothing is said.
    pub problem: Option<Problem>,
}

impl ReceiptProof {
    /// The page without what the script finds.
    pub fn of(code: String, books: Option<BooksSay>, checker: Checker) -> ReceiptProof {
        let seconds = books.as_ref().map(|books| books.at.0 / SECOND_MS);
        ReceiptProof { code, books, seconds, verdict: None, checker, problem: None }
    }
}

/// The page that checks a signed text.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptCheck {
    /// What was typed or scanned.
    pub text: String,
    pub verdict: Option<ProofVerdict>,
    pub said: Option<ProofSays>,
    pub zone: String,
    pub checker: Checker,
    pub problem: Option<Problem>,
}

fn checker() -> Checker {
    Checker { script_url: "/assets/receipt.js".into(), keys: "{\"keys\":[]}".into() }
}

fn locked() -> Option<Problem> {
    Some(Problem::page(PageProblem::ProofLocked { until: sample::AT, zone: sample::ZONE.into() }))
}

impl View for ReceiptProof {
    const TEMPLATE: &'static str = "portal/receipt_proof.html";

    fn samples() -> Vec<ReceiptProof> {
        let books = |state, paid, returned| BooksSay {
            amount: sample::gbp(1030),
            at: sample::AT,
            last4: "3456".into(),
            state,
            paid,
            returned,
            credit_notes: vec![1_795_364_100],
            seller: "Luma \"Mobile\" <i>".into(),
            zone: sample::ZONE.into(),
        };
        let back = |going| BackShown { amount: sample::gbp(1030), going, at: sample::AT };
        let of = |books| ReceiptProof::of(sample::CODE.into(), books, checker());
        let credited = || of(Some(books(TopUpState::Credited, true, vec![])));
        let mut all = vec![
            credited(),
            of(None),
            of(Some(books(TopUpState::Cancelled, false, vec![]))),
            of(Some(books(TopUpState::Refunding, true, vec![back(Going::Moving), back(Going::Failed)]))),
            of(Some(books(TopUpState::Reversed, true, vec![back(Going::Returned)]))),
            ReceiptProof { problem: locked(), ..of(None) },
        ];
        all.extend(
            ProofVerdict::ALL.iter().map(|verdict| ReceiptProof { verdict: Some(*verdict), ..credited() }),
        );
        all
    }
}

impl View for ReceiptCheck {
    const TEMPLATE: &'static str = "portal/receipt_check.html";

    fn samples() -> Vec<ReceiptCheck> {
        let of = |verdict| ReceiptCheck {
            text: "https://x.example/r/\"<b>".into(),
            verdict,
            said: None,
            zone: sample::ZONE.into(),
            checker: checker(),
            problem: None,
        };
        let said = |credit_note| ProofSays {
            code: sample::CODE.into(),
            amount: sample::gbp(1030),
            at: sample::AT,
            last4: "3456".into(),
            credit_note,
        };
        let mut all = vec![
            of(None),
            ReceiptCheck { said: Some(said(false)), ..of(Some(ProofVerdict::Genuine)) },
            ReceiptCheck { said: Some(said(true)), ..of(Some(ProofVerdict::NotInBooks)) },
            ReceiptCheck { problem: locked(), ..of(None) },
        ];
        all.extend(ProofVerdict::ALL.iter().map(|verdict| of(Some(*verdict))));
        all
    }
}
