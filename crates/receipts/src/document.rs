//! What stands on the paper: plain text in reading order, put in words by the caller.
//! Nothing here is markup; every string is printed as it is.

use serde::{Deserialize, Serialize};

/// One receipt, invoice or report on one kind of paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub paper: Paper,
    /// BCP 47 language, for example `en` or `zh-CN`: it chooses the shapes of the letters.
    pub locale: String,
    pub direction: Direction,
    /// Title of the file, as a reader's window shows it.
    pub title: String,
    /// The first line that a person reads, for example "Receipt".
    pub heading: String,
    /// Its number, always left to right.
    pub number: Option<String>,
    /// When it was issued, in UTC: the date inside the file, so that the same receipt gives the same bytes.
    pub issued: Moment,
    /// Words such as "COPY" that nobody may overlook.
    pub marks: Vec<String>,
    /// One word across the page, for example "TRAINING"; a slip prints it as bands above and below.
    pub watermark: Option<String>,
    pub seller: Party,
    pub buyer: Option<Party>,
    pub sections: Vec<Section>,
    pub taxes: Option<Table>,
    pub qr: Option<Qr>,
    pub notes: Vec<String>,
}

/// The paper: a page for the file, a strip for the till.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    A4,
    Slip58,
    Slip80,
}

/// Where a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Ltr,
    Rtl,
}

/// An instant in UTC, as the calendar writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

/// Who sells or buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// What the party is, for example "Buyer"; the seller needs none.
    pub role: Option<String>,
    pub name: String,
    /// Address, tax number, telephone: one line each.
    pub lines: Vec<String>,
}

/// Rows that belong together, under a heading or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub heading: Option<String>,
    pub rows: Vec<Row>,
}

/// One line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub label: String,
    pub value: String,
    pub kind: RowKind,
}

/// How a row is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A fact in words.
    Plain,
    /// Digits or a code, left to right in every language.
    Code,
    /// An amount, set at the line's end.
    Amount,
    /// An amount of less weight, such as the tax contained.
    Muted,
    /// The amount that matters, such as the total.
    Strong,
}

/// A small table, such as the taxes; the first column holds words, the others amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub heading: Option<String>,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A QR code with what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qr {
    /// What the code holds; where it is a web address, the words beside it lead there.
    pub text: String,
    /// What it is, for whoever listens to the file instead of looking at it.
    pub alt: String,
    /// Words beside or under it, such as the address and the code to type.
    pub caption: Vec<String>,
}
