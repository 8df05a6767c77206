//! Invoices of a sale: the form that asks for the buyer, and the documents as sheets that print well.

use domain::invoice::{Asked, Buyer, InvoiceBody, InvoiceKind, Invoicing};
use domain::locale::Locale;
use domain::money::{BasisPoints, Money};
use domain::time::UnixMs;
use serde::Serialize;

use super::{QrShown, View, sample};
use crate::problem::Problem;

/// One tax of a document.
#[derive(Debug, Clone, Serialize)]
pub struct TaxRow {
    pub name: String,
    pub rate: BasisPoints,
    pub amount: Money,
}

/// One document.
#[derive(Debug, Clone, Serialize)]
pub struct InvoiceSheet {
    pub number: String,
    pub kind: InvoiceKind,
    pub issued_at: UnixMs,
    pub supplied_at: UnixMs,
    pub seller_name: String,
    pub seller_address: String,
    pub seller_tax_id: Option<String>,
    pub tax_name: String,
    pub buyer: Option<Buyer>,
    pub item: String,
    pub last4: String,
    /// Of a credit note, every amount is less than nothing.
    pub taxable: Money,
    pub untaxed: Option<Money>,
    pub taxes: Vec<TaxRow>,
    pub total: Money,
    /// Which document it takes back.
    pub corrects: Option<(String, UnixMs)>,
    /// Which credit note takes it back.
    pub void_by: Option<String>,
    pub zone: String,
    pub qr: Option<QrShown>,
}

impl InvoiceSheet {
    /// A document in a language.
    pub fn of(
        (number, kind): (&str, InvoiceKind),
        issued_at: UnixMs,
        body: &InvoiceBody,
        buyer: Option<Buyer>,
        locale: Locale,
    ) -> InvoiceSheet {
        let sign = if kind == InvoiceKind::CreditNote { -1 } else { 1 };
        let signed = |money: Money| Money::new(money.minor * sign, money.currency);
        let amounts = &body.amounts;
        let taxes = amounts.taxes.iter().map(|tax| TaxRow {
            name: tax.name.get(&locale).or_else(|| tax.name.get(&Locale::En)).cloned().unwrap_or_default(),
            rate: tax.rate,
            amount: signed(tax.amount),
        });
        InvoiceSheet {
            number: number.to_owned(),
            kind,
            issued_at,
            supplied_at: body.supplied_at,
            seller_name: body.seller.name.clone(),
            seller_address: body.seller.address.clone(),
            seller_tax_id: body.seller.tax_id.clone(),
            tax_name: body.seller.tax_name_in(locale).to_owned(),
            buyer,
            item: body.item_in(locale).to_owned(),
            last4: body.last4.clone(),
            taxable: signed(amounts.taxable),
            untaxed: Some(signed(amounts.untaxed)).filter(|untaxed| !untaxed.is_zero()),
            taxes: taxes.collect(),
            total: signed(amounts.total),
            corrects: body.corrects.as_ref().map(|of| (of.number.clone(), of.issued_at)),
            void_by: None,
            zone: body.seller.time_zone.clone(),
            qr: None,
        }
    }
}

/// What the form asks for.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct BuyerAsked {
    pub tax_id: Asked,
    pub address: Asked,
    /// Will a simplified one do?
    pub simplified: bool,
}

impl BuyerAsked {
    pub fn of(invoicing: &Invoicing, total: Money) -> BuyerAsked {
        BuyerAsked {
            tax_id: invoicing.buyer_tax_id,
            address: invoicing.buyer_address,
            simplified: invoicing.simplified_for(total),
        }
    }
}

/// What was typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BuyerTyped {
    pub name: String,
    pub tax_id: String,
    pub address: String,
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct InvoicePage {
    pub code: String,
    /// The newest first.
    pub sheets: Vec<InvoiceSheet>,
    /// None: the market writes no invoices, or this sale can have no further one.
    pub asked: Option<BuyerAsked>,
    /// Why there is no form, where there is none and no sheet.
    pub why_not: Option<Problem>,
    pub typed: BuyerTyped,
    pub problem: Option<Problem>,
}

impl View for InvoicePage {
    const TEMPLATE: &'static str = "portal/invoice.html";

    fn samples() -> Vec<InvoicePage> {
        use domain::invoice::InvoiceRefusal;
        let sheet = |kind, buyer: Option<Buyer>, corrects: Option<&str>| InvoiceSheet {
            number: "GB-F-2026-000001".into(),
            kind,
            issued_at: sample::AT,
            supplied_at: sample::AT,
            seller_name: "Luma Mobile UK Ltd".into(),
            seller_address: "1 Harbour Row, London E1 0AA".into(),
            seller_tax_id: Some("GB 123 4567 89".into()),
            tax_name: "VAT".into(),
            buyer,
            item: "£10.00 credit".into(),
            last4: "3456".into(),
            taxable: sample::gbp(858),
            untaxed: corrects.map(|_| sample::gbp(-1000)),
            taxes: vec![TaxRow { name: "VAT".into(), rate: BasisPoints(2000), amount: sample::gbp(172) }],
            total: sample::gbp(1030),
            corrects: corrects.map(|number| (number.to_owned(), sample::AT)),
            void_by: None,
            zone: sample::ZONE.into(),
            qr: corrects.map(|_| QrShown::sample()),
        };
        let ana = Buyer {
            name: "Ana \"<b>\" Ltd".into(),
            tax_id: Some("GB 999".into()),
            address: Some("2 Harbour Row".into()),
        };
        let bare = Buyer { name: "Ana".into(), tax_id: None, address: None };
        let void = InvoiceSheet {
            void_by: Some("GB-C-2026-000001".into()),
            ..sheet(InvoiceKind::Simplified, None, None)
        };
        let note = sheet(InvoiceKind::CreditNote, None, Some("GB-S-2026-000001"));
        let asked = |tax_id, address, simplified| Some(BuyerAsked { tax_id, address, simplified });
        let page = |sheets, asked| InvoicePage {
            code: sample::CODE.into(),
            sheets,
            asked,
            why_not: None,
            typed: BuyerTyped::default(),
            problem: None,
        };
        let all = asked(Asked::Required, Asked::Optional, true);
        let wrong = |refusal| InvoicePage { problem: Some(Problem::invoice(refusal)), ..page(vec![], all) };
        let none = |refusal| InvoicePage { why_not: Some(Problem::invoice(refusal)), ..page(vec![], None) };
        let mut samples = vec![
            page(vec![], all),
            page(vec![], asked(Asked::Never, Asked::Never, false)),
            page(vec![sheet(InvoiceKind::Invoice, Some(ana), None), note, void], all),
            page(vec![sheet(InvoiceKind::Invoice, Some(bare), None)], None),
            none(InvoiceRefusal::NotOffered),
            none(InvoiceRefusal::TakenBack),
        ];
        samples.extend(InvoiceRefusal::ALL.iter().map(|refusal| wrong(*refusal)));
        samples
    }
}
