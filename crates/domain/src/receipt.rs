//! A receipt: the one value from which page and e-mail are rendered.

use crate::afterwards::Afterwards;
use crate::fiscal::FiscalMark;
use crate::locale::Locale;
use crate::money::Money;
use crate::offer::Benefit;
use crate::payment::Card;
use crate::price::{PriceLines, Tax};
use crate::promotion::Bonus;
use crate::tender::Tender;
use crate::time::UnixMs;
use crate::top_up::TopUpState;
use std::collections::BTreeMap;

/// Who sells: printed on every receipt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seller {
    pub name: String,
    pub address: String,
    /// Tax number, where the market has one.
    pub tax_id: Option<String>,
    /// What the tax is called, by language, for example VAT; empty where there is none.
    #[serde(default)]
    pub tax_name: BTreeMap<Locale, String>,
    /// Name of the time zone in which dates are written (IANA).
    pub time_zone: String,
}

impl Seller {
    /// What the tax is called in a language; the English name where a language is missing.
    pub fn tax_name_in(&self, locale: Locale) -> &str {
        self.tax_name.get(&locale).or_else(|| self.tax_name.get(&Locale::En)).map_or("", String::as_str)
    }
}

/// How it was paid, as far as a receipt tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidBy {
    Card(Option<Card>),
    /// From the payer's PayPal account.
    PayPal,
    Float,
    /// Over a counter, in these parts.
    Counter(Vec<Tender>),
}

/// What paper shows besides the page that everybody may open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnPaper {
    /// The address of the QR code: the signed text (`crate::proof_of_sale`).
    pub proof_url: String,
    /// What the number begins with: `+447400`.
    pub prefix: String,
}

/// Where it was sold over a counter, and what the customer handed over there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SoldAt {
    pub shop: String,
    /// The clerk's number; names stay in the shop.
    pub clerk: i64,
    /// Cash that was handed over, and what went back at once; where the clerk typed it.
    pub given: Option<Money>,
    pub change: Option<Money>,
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
    /// What a promotion gives on top.
    pub promotion: Option<Bonus>,
    pub taxes: Vec<Tax>,
    /// Is the credit taxed when it is used?
    pub taxed_later: bool,
    /// What it says about its end to whoever holds it: nothing of what else the line had.
    pub given: Option<Afterwards>,
    pub paid_by: PaidBy,
    pub state: TopUpState,
    pub created_at: UnixMs,
    pub credited_at: Option<UnixMs>,
    /// By which it proves itself.
    pub on_paper: OnPaper,
    pub sold_at: Option<SoldAt>,
    /// What the market's fiscal device signed of it, or has still to sign; empty where there is none.
    pub fiscal: Vec<FiscalMark>,
}
