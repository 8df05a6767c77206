//! A receipt: the one value from which page, text message and paper are rendered.

use crate::locale::Locale;
use crate::offer::Benefit;
use crate::payment::Card;
use crate::price::PriceLines;
use crate::time::UnixMs;
use crate::top_up::TopUpState;

/// Who sells: printed on every receipt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seller {
    pub name: String,
    pub address: String,
    /// Tax number, where the market has one.
    pub tax_id: Option<String>,
    /// The name of the tax in this market, for example VAT.
    pub tax_name: String,
    /// Name of the time zone in which dates are written (IANA).
    pub time_zone: String,
}

/// How it was paid, as far as a receipt tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidBy {
    Card(Option<Card>),
    Float,
}

/// A proof of sale. It shows the last four digits of the number and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub code: String,
    pub seller: Seller,
    pub locale: Locale,
    pub offer_name: String,
    pub benefit: Benefit,
    pub last4: String,
    pub prices: PriceLines,
    pub paid_by: PaidBy,
    pub state: TopUpState,
    pub created_at: UnixMs,
    pub credited_at: Option<UnixMs>,
}
