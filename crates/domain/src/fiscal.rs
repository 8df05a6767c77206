//! What a market's fiscal device signs: facts about a sale at a counter or about its being taken back, and the
//! evidence that the device gives. The device is somebody else's; our till is no certified register.

use crate::id::{FiscalId, PlaceId, ShiftId, TopUpId};
use crate::states;
use crate::tender::Tender;
use crate::time::UnixMs;

states! {
    /// What is signed.
    FiscalKind {
        Sale = "sale",
        /// A sale was taken back: a transaction of its own.
        Reversal = "reversal",
    }
}

states! {
    /// Where a signature stands.
    FiscalState {
        /// It is asked for until the device answers.
        Waiting = "waiting",
        Signed = "signed",
        /// The device said no: people look.
        Refused = "refused",
    }
}

/// What a device says that it signed. Its words are kept and printed as they are.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FiscalEvidence {
    /// The serial number of the device or of its security module.
    pub device: String,
    /// The device's own number of the transaction, or whatever it calls one by.
    pub transaction: String,
    /// The device's signature counter.
    pub counter: i64,
    pub signature: String,
    /// The device's time.
    pub at: UnixMs,
    /// What else the law wants on the paper, as the device words it: a check address, a software number.
    pub text: Option<String>,
}

/// A signature that is asked for or was given; one for each sale and kind, ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiscalSignature {
    /// Under this key the device is asked, and signs once.
    pub id: FiscalId,
    pub top_up: TopUpId,
    pub kind: FiscalKind,
    pub market: String,
    pub place: PlaceId,
    pub shift: ShiftId,
    pub state: FiscalState,
    /// How often the device was asked to sign.
    pub tries: i64,
    /// Why it was refused, in the device's word.
    pub refusal: Option<String>,
    pub evidence: Option<FiscalEvidence>,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
}

/// What a receipt tells of one signature.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FiscalMark {
    pub kind: FiscalKind,
    pub state: FiscalState,
    pub evidence: Option<FiscalEvidence>,
}

/// How many signatures of a shift or an outlet stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct FiscalCounts {
    pub signed: i64,
    pub waiting: i64,
    pub refused: i64,
}

impl FiscalCounts {
    pub fn all(self) -> i64 {
        self.signed + self.waiting + self.refused
    }
}

/// One line of what was sold, with its price.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FiscalLine {
    pub text: String,
    pub minor: i64,
}

/// The part of a total under one rate, with the tax in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FiscalTax {
    pub basis_points: u16,
    pub gross_minor: i64,
    pub tax_minor: i64,
}

/// What a device is told. Made from what is stored, so that it is the same whenever it is sent again. Amounts of a
/// reversal are negative.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FiscalFacts {
    pub key: FiscalId,
    pub kind: FiscalKind,
    /// The key of the sale that is taken back.
    pub reverses: Option<FiscalId>,
    /// The code of the receipt.
    pub receipt: String,
    pub outlet_number: String,
    pub outlet_name: String,
    pub till: String,
    pub shift: ShiftId,
    /// When it was sold, or taken back.
    pub at: UnixMs,
    pub currency: String,
    pub lines: Vec<FiscalLine>,
    pub taxes: Vec<FiscalTax>,
    pub tenders: Vec<Tender>,
    pub total_minor: i64,
}
