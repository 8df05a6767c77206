//! The catalogue file: zones, markets and offers as the operator writes them, in TOML (docs/catalogue.md explains
//! every key). It is checked as a whole; every fault is reported with its line. `offer.rs` reads one offer.

mod invoicing;
mod offer;

use crate::id_check;
use crate::locale::Locale;
use crate::market::Market;
use crate::money::{BasisPoints, Currency};
use crate::offer::{Offer, VoucherType, Zone};
use crate::price::Tax;
use crate::promotion::{self, Promotion, PromotionText};
use crate::receipt::Seller;
use invoicing::InvoiceText;
use offer::{OfferText, Place};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// A checked catalogue. Offers carry no version yet; the import gives them one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    pub operator: String,
    pub zones: Vec<Zone>,
    pub markets: Vec<Market>,
    pub offers: Vec<Offer>,
    pub promotions: Vec<Listed>,
}

/// A promotion and the line of the file on which it begins: its budget is checked against what was given already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub promotion: Promotion,
    pub line: usize,
}

/// What is wrong in a file, and on which line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    operator: String,
    #[serde(rename = "zone", default)]
    zones: Vec<Spanned<ZoneText>>,
    #[serde(rename = "market")]
    markets: Vec<Spanned<MarketText>>,
}

/// Countries in which a bundle can be used, under one name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneText {
    id: String,
    name: BTreeMap<Locale, String>,
    countries: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxText {
    name: BTreeMap<Locale, String>,
    /// Hundredths of a percent.
    rate_bps: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketText {
    country: String,
    currency: String,
    locale: Locale,
    time_zone: String,
    /// May be left out where no tax is taken and no tax number is shown.
    #[serde(rename = "tax", default)]
    taxes: Vec<TaxText>,
    voucher_type: Option<VoucherType>,
    number_ranges: Vec<String>,
    seller_name: String,
    seller_address: String,
    seller_tax_id: Option<String>,
    invoice: Option<InvoiceText>,
    id_check: Option<id_check::Rule>,
    #[serde(rename = "offer", default)]
    offers: Vec<Spanned<OfferText>>,
    #[serde(rename = "promotion", default)]
    promotions: Vec<Spanned<PromotionText>>,
}

/// Reads and checks a catalogue file. Either all of it is right or nothing is returned but the faults.
pub fn parse(text: &str) -> Result<Catalogue, Vec<Fault>> {
    let line_of = |at: usize| text[..at.min(text.len())].bytes().filter(|b| *b == b'\n').count() + 1;
    let file: FileText = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        vec![Fault { line, reason: error.message().trim().to_owned() }]
    })?;
    let mut faults = Vec::new();
    let mut seen = Seen::default();
    let mut catalogue = Catalogue {
        operator: file.operator,
        zones: Vec::new(),
        markets: Vec::new(),
        offers: Vec::new(),
        promotions: Vec::new(),
    };
    for zone in &file.zones {
        let line = line_of(zone.span().start);
        check_zone(zone.get_ref(), &mut seen, |reason| faults.push(Fault { line, reason }));
        let ZoneText { id, name, countries } = zone.get_ref();
        catalogue.zones.push(Zone { id: id.clone(), name: name.clone(), countries: countries.clone() });
    }
    for market in file.markets {
        let line = line_of(market.span().start);
        let mut report = |line: usize, reason: String| faults.push(Fault { line, reason });
        let market = market.into_inner();
        check_market(&market, &mut seen, |reason| report(line, reason));
        let Ok(currency) = market.currency.parse::<Currency>() else { continue };
        for (position, offer) in market.offers.iter().enumerate() {
            let line = line_of(offer.span().start);
            let text = offer.get_ref();
            if !seen.offers.insert(text.id.clone()) {
                report(line, format!("offer id {:?} is used twice", text.id));
            }
            let place = Place { market: &market, currency, zones: &catalogue.zones, position };
            match offer::read(text, &place) {
                Ok(offer) => catalogue.offers.push(offer),
                Err(reason) => report(line, format!("offer {:?}: {reason}", text.id)),
            }
        }
        read_promotions(&market, currency, &mut seen, line_of, &mut catalogue.promotions, &mut report);
        let mut taken = |series: &str| seen.series.insert(series.to_owned());
        if let Some(invoice) = &market.invoice {
            invoice.check(&mut taken, |reason| report(line, reason));
        }
        catalogue.markets.push(read_market(market, currency));
    }
    if catalogue.markets.is_empty() && faults.is_empty() {
        faults.push(Fault { line: 1, reason: "the file has no [[market]]".into() });
    }
    if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
}

#[derive(Default)]
struct Seen {
    zones: BTreeSet<String>,
    countries: BTreeSet<String>,
    offers: BTreeSet<String>,
    promotions: BTreeSet<String>,
    series: BTreeSet<String>,
    ranges: Vec<String>,
}

/// 1 to 64 of a-z, 0-9 and -.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

fn check_zone(zone: &ZoneText, seen: &mut Seen, mut report: impl FnMut(String)) {
    let id = &zone.id;
    if !is_id(id) {
        report(format!("zone {id:?}: id must be 1 to 64 of a-z, 0-9 and -"));
    }
    if !seen.zones.insert(id.clone()) {
        report(format!("zone id {id:?} is used twice"));
    }
    if !zone.name.contains_key(&Locale::En) {
        report(format!("zone {id:?}: name.en is missing"));
    }
    if zone.countries.is_empty() {
        report(format!("zone {id:?}: countries is empty: a bundle could be used nowhere"));
    }
    let mut countries = BTreeSet::new();
    for country in &zone.countries {
        if !is_country(country) {
            report(format!("zone {id:?}: {country:?} is not an ISO 3166 code of two capital letters"));
        }
        if !countries.insert(country) {
            report(format!("zone {id:?}: country {country:?} stands twice"));
        }
    }
}

fn check_taxes(market: &MarketText, report: &mut impl FnMut(String)) {
    let sum: u32 = market.taxes.iter().map(|tax| u32::from(tax.rate_bps)).sum();
    if sum > 10_000 {
        report("the rates of tax add up to over 10000 (100 %)".into());
    }
    if market.taxes.iter().any(|tax| !tax.name.contains_key(&Locale::En)) {
        report("a tax has no name.en: prices and receipts name it".into());
    }
    if market.seller_tax_id.is_some() && market.taxes.is_empty() {
        report("seller_tax_id needs a tax: its name stands before the number".into());
    }
}

fn check_market(market: &MarketText, seen: &mut Seen, mut report: impl FnMut(String)) {
    let country = &market.country;
    if !is_country(country) {
        report(format!("country {country:?} is not an ISO 3166 code of two capital letters"));
    }
    if !seen.countries.insert(country.clone()) {
        report(format!("country {country:?} stands twice"));
    }
    if let Err(error) = market.currency.parse::<Currency>() {
        report(error.to_string());
    }
    if jiff::tz::TimeZone::get(&market.time_zone).is_err() {
        report(format!("time_zone {:?} is not a name of the IANA database", market.time_zone));
    }
    check_taxes(market, &mut report);
    market.id_check.iter().flat_map(id_check::Rule::faults).for_each(&mut report);
    if market.number_ranges.is_empty() {
        report("number_ranges is empty: no number would be ours".into());
    }
    for range in &market.number_ranges {
        if range.len() < 3 || range.len() > 14 || !range.bytes().all(|b| b.is_ascii_digit()) {
            report(format!("number range {range:?} is not 3 to 14 digits of an E.164 number without +"));
        }
        if let Some(other) = seen.ranges.iter().find(|r| r.starts_with(range) || range.starts_with(*r)) {
            report(format!("number range {range:?} overlaps {other:?}"));
        }
        seen.ranges.push(range.clone());
    }
}

fn read_promotions(
    market: &MarketText,
    currency: Currency,
    seen: &mut Seen,
    line_of: impl Fn(usize) -> usize,
    read: &mut Vec<Listed>,
    mut report: impl FnMut(usize, String),
) {
    let offers: Vec<&str> = market.offers.iter().map(|offer| offer.get_ref().id.as_str()).collect();
    for (position, text) in market.promotions.iter().enumerate() {
        let (line, text) = (line_of(text.span().start), text.get_ref());
        if !seen.promotions.insert(text.id.clone()) {
            report(line, format!("promotion id {:?} is used twice", text.id));
        }
        let (country, time_zone) = (market.country.as_str(), market.time_zone.as_str());
        let place =
            promotion::Place { market: country, currency, time_zone, offers: offers.clone(), position };
        match promotion::read_promotion(text, &place) {
            Ok(promotion) => read.push(Listed { promotion, line }),
            Err(reason) => report(line, format!("promotion {:?}: {reason}", text.id)),
        }
    }
}

fn taxes(market: &MarketText) -> Vec<Tax> {
    let tax = |tax: &TaxText| Tax { name: tax.name.clone(), rate: BasisPoints(tax.rate_bps) };
    market.taxes.iter().map(tax).collect()
}

fn read_market(text: MarketText, currency: Currency) -> Market {
    let taxes = taxes(&text);
    Market {
        country: text.country,
        currency,
        locale: text.locale,
        invoicing: text.invoice.map(|invoice| invoice.invoicing(currency)),
        seller: Seller {
            name: text.seller_name,
            address: text.seller_address,
            tax_id: text.seller_tax_id,
            tax_name: taxes.first().map(|tax| tax.name.clone()).unwrap_or_default(),
            time_zone: text.time_zone,
        },
        taxes,
        number_ranges: text.number_ranges,
        id_check: text.id_check,
    }
}

#[cfg(test)]
mod tests;
