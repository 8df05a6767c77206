//! Invoices: what a market asks for, who the buyer is, and the document itself, which never changes once it has its
//! number. The fields are those of Directive 2006/112/EC, Articles 226 (invoice), 226b (simplified invoice) and 219
//! (a document that amends one and names it: the credit note). docs/invoices.md says what was decided and why.

use crate::locale::Locale;
use crate::money::{BasisPoints, Money};
use crate::offer::Offer;
use crate::price::PriceLines;
use crate::receipt::Seller;
use crate::states;
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

states! {
    /// What a document is.
    InvoiceKind {
        /// With its buyer (Article 226).
        Invoice = "invoice",
        /// Without (Article 226b).
        Simplified = "simplified",
        /// Takes one of the others back as a whole (Article 219).
        CreditNote = "credit_note",
    }
}

states! {
    /// What a buyer is asked for.
    Asked {
        Required = "required",
        Optional = "optional",
        Never = "never",
    }
}

/// How a market writes invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoicing {
    /// What the numbers of each kind begin with; each is a series by itself, anew every year.
    pub series: String,
    pub simplified_series: String,
    pub credit_note_series: String,
    /// Up to which total a simplified one will do; none: for every sale.
    pub simplified_up_to: Option<Money>,
    pub buyer_tax_id: Asked,
    pub buyer_address: Asked,
}

impl Invoicing {
    /// What the numbers of a kind begin with.
    pub fn series_of(&self, kind: InvoiceKind) -> &str {
        match kind {
            InvoiceKind::Invoice => &self.series,
            InvoiceKind::Simplified => &self.simplified_series,
            InvoiceKind::CreditNote => &self.credit_note_series,
        }
    }

    /// Will a simplified one do for this total?
    pub fn simplified_for(&self, total: Money) -> bool {
        self.simplified_up_to.is_none_or(|most| total.currency == most.currency && total.minor <= most.minor)
    }
}

states! {
    /// Why no invoice was written.
    InvoiceRefusal {
        /// The market writes none.
        NotOffered = "invoice_not_offered",
        /// Nothing was supplied yet.
        NotSupplied = "invoice_not_supplied",
        /// The money went back.
        TakenBack = "invoice_taken_back",
        NameMissing = "invoice_name_missing",
        TaxIdMissing = "invoice_tax_id_missing",
        AddressMissing = "invoice_address_missing",
        TextTooLong = "invoice_text_too_long",
        /// The total needs a buyer's name.
        BuyerNeeded = "invoice_buyer_needed",
        /// The buyer was changed too often.
        ChangedTooOften = "invoice_changed_too_often",
    }
}

/// To whom an invoice is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    pub name: String,
    pub tax_id: Option<String>,
    pub address: Option<String>,
}

/// Longer names, numbers and addresses are none.
pub const NAME_MAX: usize = 120;
pub const TAX_ID_MAX: usize = 40;
pub const ADDRESS_MAX: usize = 300;

impl Buyer {
    /// Reads what somebody typed, as far as the market asks for it.
    pub fn read(name: &str, tax_id: &str, address: &str, asked: &Invoicing) -> Result<Buyer, InvoiceRefusal> {
        let (name, tax_id, address) = (tidied(name), tidied(tax_id), tidied(address));
        let long = |text: &str, most: usize| text.chars().count() > most;
        if long(&name, NAME_MAX) || long(&tax_id, TAX_ID_MAX) || long(&address, ADDRESS_MAX) {
            return Err(InvoiceRefusal::TextTooLong);
        }
        if name.is_empty() {
            return Err(InvoiceRefusal::NameMissing);
        }
        let tax_id = part(tax_id, asked.buyer_tax_id, InvoiceRefusal::TaxIdMissing)?;
        let address = part(address, asked.buyer_address, InvoiceRefusal::AddressMissing)?;
        Ok(Buyer { name, tax_id, address })
    }

    /// One text for one buyer, to tell the same from another.
    pub fn canonical(&self) -> String {
        let fold = |text: &str| text.to_lowercase();
        let or_empty = |text: &Option<String>| text.as_deref().map(fold).unwrap_or_default();
        format!("{}\n{}\n{}", fold(&self.name), or_empty(&self.tax_id), or_empty(&self.address))
    }
}

/// In one line, without what cannot be printed.
fn tidied(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn part(text: String, asked: Asked, missing: InvoiceRefusal) -> Result<Option<String>, InvoiceRefusal> {
    match asked {
        Asked::Required if text.is_empty() => Err(missing),
        Asked::Required | Asked::Optional => Ok(Some(text).filter(|text| !text.is_empty())),
        Asked::Never => Ok(None),
    }
}

/// One tax, with the amount that it is taken on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPart {
    pub name: BTreeMap<Locale, String>,
    pub rate: BasisPoints,
    pub amount: Money,
}

/// The amounts of a document; `taxable + untaxed + taxes = total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// What the taxes are taken on.
    pub taxable: Money,
    /// Credit whose tax falls due when it is used (Article 30b).
    pub untaxed: Money,
    pub taxes: Vec<TaxPart>,
    pub total: Money,
}

impl Amounts {
    /// Of a sale.
    pub fn of(prices: &PriceLines, offer: &Offer) -> Amounts {
        let currency = prices.total.currency;
        let gross = if offer.taxed_later() { prices.fee } else { prices.total };
        let lines = prices.tax_lines(&offer.taxes);
        let taxes = lines.iter().map(|line| TaxPart {
            name: line.tax.name.clone(),
            rate: line.tax.rate,
            amount: line.amount,
        });
        Amounts {
            taxable: Money::new(gross.minor - prices.tax.minor, currency),
            untaxed: Money::new(prices.total.minor - gross.minor, currency),
            taxes: taxes.collect(),
            total: prices.total,
        }
    }

    /// All taxes together.
    pub fn tax(&self) -> Money {
        let minor = self.taxes.iter().map(|tax| tax.amount.minor).sum();
        Money::new(minor, self.total.currency)
    }
}

/// Which document a credit note takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrects {
    pub number: String,
    pub issued_at: UnixMs,
}

/// What every document says besides its number and its buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceBody {
    pub seller: Seller,
    /// The code of the sale.
    pub code: String,
    pub item: BTreeMap<Locale, String>,
    pub last4: String,
    /// When it was supplied and paid.
    pub supplied_at: UnixMs,
    pub amounts: Amounts,
    /// What the number of its credit note begins with, should there be one: settings may change meanwhile.
    pub credit_note_series: String,
    /// Of a credit note.
    pub corrects: Option<Corrects>,
}

impl InvoiceBody {
    /// What was bought, in a language; the English name where a language is missing.
    pub fn item_in(&self, locale: Locale) -> &str {
        self.item.get(&locale).or_else(|| self.item.get(&Locale::En)).map_or("", String::as_str)
    }
}

/// The series of a document that is written now: what its numbers begin with, and the year by the seller's clocks.
pub fn series(prefix: &str, now: UnixMs, time_zone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    format!("{prefix}{}", now.timestamp().to_zoned(zone).year())
}

/// A number of a series as it is printed: `GB-F-2026-000001`.
pub fn number(series: &str, n: i64) -> String {
    format!("{series}-{n:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tax_id: Asked, address: Asked) -> Invoicing {
        Invoicing {
            series: "GB-F-".into(),
            simplified_series: "GB-S-".into(),
            credit_note_series: "GB-C-".into(),
            simplified_up_to: Some(Money::new(25_000, "GBP".parse().unwrap())),
            buyer_tax_id: tax_id,
            buyer_address: address,
        }
    }

    #[test]
    fn a_buyer_is_read_as_far_as_the_market_asks() {
        let all = asked(Asked::Required, Asked::Required);
        assert_eq!(Buyer::read(" ", "1", "a", &all), Err(InvoiceRefusal::NameMissing));
        assert_eq!(Buyer::read("Ana", "", "a", &all), Err(InvoiceRefusal::TaxIdMissing));
        assert_eq!(Buyer::read("Ana", "1", "\n", &all), Err(InvoiceRefusal::AddressMissing));
        assert_eq!(Buyer::read(&"x".repeat(121), "1", "a", &all), Err(InvoiceRefusal::TextTooLong));
        let found = Buyer::read(" Ana\u{7}  Ltd ", "1", "a\nb", &all).unwrap();
        assert_eq!((found.name.as_str(), found.address.as_deref()), ("Ana Ltd", Some("a b")));
        let never = asked(Asked::Never, Asked::Optional);
        let found = Buyer::read("Ana", "1", "", &never).unwrap();
        assert_eq!((found.tax_id, found.address), (None, None));
    }

    #[test]
    fn the_same_buyer_is_the_same_however_it_is_typed() {
        let all = asked(Asked::Optional, Asked::Optional);
        let one = Buyer::read("Ana  Ltd", "gb1", "", &all).unwrap();
        let same = Buyer::read("ANA LTD ", " GB1", " ", &all).unwrap();
        let other = Buyer::read("Ana Ltd", "gb2", "", &all).unwrap();
        assert_eq!(one.canonical(), same.canonical());
        assert_ne!(one.canonical(), other.canonical());
    }

    #[test]
    fn a_year_begins_by_the_clocks_of_the_seller() {
        // 31 Dec 2026, 23:30 UTC
        let late = UnixMs(1_798_759_800_000);
        assert_eq!(series("GB-F-", late, "Europe/London"), "GB-F-2026");
        assert_eq!(series("ES-F-", late, "Europe/Madrid"), "ES-F-2027");
        assert_eq!(number("GB-F-2026", 42), "GB-F-2026-000042");
    }

    #[test]
    fn a_simplified_one_will_do_up_to_the_threshold() {
        let gbp = |minor| Money::new(minor, "GBP".parse().unwrap());
        let market = asked(Asked::Never, Asked::Never);
        assert!(market.simplified_for(gbp(25_000)) && !market.simplified_for(gbp(25_001)));
        assert!(Invoicing { simplified_up_to: None, ..market }.simplified_for(gbp(99_999)));
    }
}
