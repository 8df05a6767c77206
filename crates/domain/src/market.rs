//! A market: one country in which the operator sells, with its currency, time zone, taxes and seller.

use crate::id_check;
use crate::invoice::Invoicing;
use crate::locale::Locale;
use crate::money::Currency;
use crate::price::Tax;
use crate::receipt::Seller;
use serde::{Deserialize, Serialize};

/// One market. Its number ranges decide which numbers are ours; libphonenumber only parses and formats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    /// ISO 3166-1 alpha-2 country, and the market's id.
    pub country: String,
    pub currency: Currency,
    pub locale: Locale,
    pub taxes: Vec<Tax>,
    pub seller: Seller,
    /// How invoices are written; none: there are only receipts.
    #[serde(default)]
    pub invoicing: Option<Invoicing>,
    /// E.164 prefixes without `+` of the numbers that belong to the operator here.
    pub number_ranges: Vec<String>,
    /// Which sales at a counter need a look at a document. None asks for nothing.
    #[serde(default)]
    pub id_check: Option<id_check::Rule>,
}
