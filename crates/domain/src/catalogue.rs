//! The catalogue file: markets and offers as the operator writes them, in TOML. It is checked as a whole;
//! every fault is reported with its line.

use crate::id::OfferVersionId;
use crate::locale::Locale;
use crate::market::Market;
use crate::money::{BasisPoints, Currency, Money};
use crate::offer::{Allowance, Benefit, Offer, Pricing};
use crate::receipt::Seller;
use crate::top_up::Channel;
use crate::unit::Unit;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// A checked catalogue. Offers carry no version yet; the import gives them one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    pub operator: String,
    pub markets: Vec<Market>,
    pub offers: Vec<Offer>,
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
    #[serde(rename = "market")]
    markets: Vec<Spanned<MarketText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketText {
    country: String,
    currency: String,
    locale: Locale,
    time_zone: String,
    /// May be left out where no tax is taken and no tax number is shown.
    #[serde(default)]
    tax_name: BTreeMap<Locale, String>,
    tax_rate_bps: u16,
    number_ranges: Vec<String>,
    seller_name: String,
    seller_address: String,
    seller_tax_id: Option<String>,
    #[serde(rename = "offer", default)]
    offers: Vec<Spanned<OfferText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferText {
    id: String,
    name: BTreeMap<Locale, String>,
    /// Fixed face value or bundle price; else `min_minor` and `max_minor`.
    value_minor: Option<i64>,
    min_minor: Option<i64>,
    max_minor: Option<i64>,
    step_minor: Option<i64>,
    #[serde(default)]
    bonus_minor: i64,
    #[serde(default)]
    fee_minor: i64,
    #[serde(default)]
    allowances: Vec<Allowance>,
    valid_for_days: Option<u32>,
    channels: Vec<Channel>,
}

/// Amounts above this are typing errors, not offers.
const AMOUNT_MAX_MINOR: i64 = 100_000_000;

/// Reads and checks a catalogue file. Either all of it is right or nothing is returned but the faults.
pub fn parse(text: &str) -> Result<Catalogue, Vec<Fault>> {
    let line_of = |at: usize| text[..at.min(text.len())].bytes().filter(|b| *b == b'\n').count() + 1;
    let file: FileText = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        vec![Fault { line, reason: error.message().trim().to_owned() }]
    })?;
    let mut faults = Vec::new();
    let mut seen = Seen::default();
    let mut catalogue = Catalogue { operator: file.operator, markets: Vec::new(), offers: Vec::new() };
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
            match read_offer(text, &market, currency, position) {
                Ok(offer) => catalogue.offers.push(offer),
                Err(reason) => report(line, format!("offer {:?}: {reason}", text.id)),
            }
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
    countries: BTreeSet<String>,
    offers: BTreeSet<String>,
    ranges: Vec<String>,
}

fn check_market(market: &MarketText, seen: &mut Seen, mut report: impl FnMut(String)) {
    let country = &market.country;
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
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
    if market.tax_rate_bps > 10_000 {
        report("tax_rate_bps is over 10000 (100 %)".into());
    }
    let names_tax = market.tax_rate_bps > 0 || market.seller_tax_id.is_some();
    if names_tax && !market.tax_name.contains_key(&Locale::En) {
        report("tax_name.en is missing: prices and receipts name the tax".into());
    }
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

fn read_market(text: MarketText, currency: Currency) -> Market {
    Market {
        country: text.country,
        currency,
        locale: text.locale,
        tax_rate: BasisPoints(text.tax_rate_bps),
        seller: Seller {
            name: text.seller_name,
            address: text.seller_address,
            tax_id: text.seller_tax_id,
            tax_name: text.tax_name,
            time_zone: text.time_zone,
        },
        number_ranges: text.number_ranges,
    }
}

fn read_offer(
    text: &OfferText,
    market: &MarketText,
    currency: Currency,
    position: usize,
) -> Result<Offer, String> {
    let id_ok = (1..=64).contains(&text.id.len())
        && text.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !id_ok {
        return Err("id must be 1 to 64 of a-z, 0-9 and -".into());
    }
    if !text.name.contains_key(&Locale::En) {
        return Err("name.en is missing".into());
    }
    if text.channels.is_empty() {
        return Err("channels is empty: nobody could buy it".into());
    }
    let money = |minor| Money::new(minor, currency);
    for (name, minor) in [("bonus_minor", text.bonus_minor), ("fee_minor", text.fee_minor)] {
        if !(0..=AMOUNT_MAX_MINOR).contains(&minor) {
            return Err(format!("{name} is not between 0 and {AMOUNT_MAX_MINOR}"));
        }
    }
    let pricing = read_pricing(text, money)?;
    let benefit = read_benefit(text)?;
    if benefit != Benefit::Credit && (text.bonus_minor != 0 || !matches!(pricing, Pricing::Fixed { .. })) {
        return Err("a bundle has value_minor and no bonus_minor".into());
    }
    Ok(Offer {
        id: text.id.clone(),
        version_id: OfferVersionId::stored(""),
        version: 0,
        market: market.country.clone(),
        name: text.name.clone(),
        benefit,
        pricing,
        bonus_minor: text.bonus_minor,
        fee_minor: text.fee_minor,
        tax_rate: BasisPoints(market.tax_rate_bps),
        channels: text.channels.clone(),
        position: i64::try_from(position).unwrap_or(i64::MAX),
    })
}

fn read_pricing(text: &OfferText, money: impl Fn(i64) -> Money) -> Result<Pricing, String> {
    match (text.value_minor, text.min_minor, text.max_minor) {
        (Some(value), None, None) if (1..=AMOUNT_MAX_MINOR).contains(&value) => {
            Ok(Pricing::Fixed { value: money(value) })
        }
        (Some(_), None, None) => Err(format!("value_minor is not between 1 and {AMOUNT_MAX_MINOR}")),
        (None, Some(min), Some(max)) => {
            let step_minor = text.step_minor.unwrap_or(1);
            if min < 1 || max < min || max > AMOUNT_MAX_MINOR || step_minor < 1 {
                return Err("min_minor, max_minor and step_minor do not make a range".into());
            }
            Ok(Pricing::Range { min: money(min), max: money(max), step_minor })
        }
        _ => Err("give either value_minor, or min_minor and max_minor".into()),
    }
}

fn read_benefit(text: &OfferText) -> Result<Benefit, String> {
    if text.allowances.is_empty() {
        return match text.valid_for_days {
            None => Ok(Benefit::Credit),
            Some(_) => Err("valid_for_days belongs to a bundle with allowances".into()),
        };
    }
    let valid_for_days = text.valid_for_days.ok_or("a bundle needs valid_for_days")?;
    if !(1..=3660).contains(&valid_for_days) {
        return Err("valid_for_days is not between 1 and 3660".into());
    }
    for allowance in &text.allowances {
        if matches!(allowance.unit, Unit::Money(_)) || allowance.amount < 1 {
            return Err("an allowance is a positive amount of octets, seconds or messages".into());
        }
    }
    Ok(Benefit::Bundle { allowances: text.allowances.clone(), valid_for_days })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"operator = "Luma Mobile"
[[market]]
country = "GB"
currency = "GBP"
locale = "en"
time_zone = "Europe/London"
tax_name = { en = "VAT", zh-CN = "增值税" }
tax_rate_bps = 2000
number_ranges = ["447400"]
seller_name = "Luma Mobile Ltd"
seller_address = "1 High Street, London"
[[market.offer]]
id = "gb-10"
name = { en = "Credit 10" }
value_minor = 1000
channels = ["online", "partner"]
"#;

    #[test]
    fn a_good_file_is_read_whole() {
        let catalogue = parse(GOOD).unwrap();
        assert_eq!((catalogue.markets.len(), catalogue.offers.len()), (1, 1));
    }

    #[test]
    fn every_fault_is_reported_with_its_line() {
        let cases = [
            ("currency = \"GBP\"", "currency = \"XYZ\"", 2, "ISO 4217"),
            ("Europe/London", "Europe/Nowhere", 2, "IANA"),
            ("\"447400\"", "\"44-74\"", 2, "number range"),
            ("tax_name = { en = \"VAT\", ", "tax_name = { ", 2, "tax_name.en"),
            ("value_minor = 1000", "value_minor = 0", 12, "value_minor"),
            ("value_minor = 1000", "price = 5", 15, "unknown field"),
            ("[\"online\", \"partner\"]", "[]", 12, "nobody could buy"),
            ("id = \"gb-10\"", "id = \"GB 10\"", 12, "id must be"),
        ];
        for (from, to, line, word) in cases {
            let faults = parse(&GOOD.replace(from, to)).unwrap_err();
            assert!(faults.iter().any(|f| f.line == line && f.reason.contains(word)), "{to}: {faults:?}");
        }
    }

    #[test]
    fn the_tax_is_named_in_each_language_and_a_market_without_tax_names_none() {
        let seller = |text: &str| parse(text).unwrap().markets.remove(0).seller;
        let both = seller(GOOD);
        assert_eq!((both.tax_name_in(Locale::En), both.tax_name_in(Locale::ZhCn)), ("VAT", "增值税"));
        let english = seller(&GOOD.replace(", zh-CN = \"增值税\"", ""));
        assert_eq!(english.tax_name_in(Locale::ZhCn), "VAT");
        let untaxed = GOOD.replace("tax_name = { en = \"VAT\", zh-CN = \"增值税\" }\n", "");
        assert!(parse(&untaxed).is_err(), "a tax without a name");
        let untaxed = untaxed.replace("tax_rate_bps = 2000", "tax_rate_bps = 0");
        assert_eq!(seller(&untaxed).tax_name_in(Locale::En), "");
    }

    #[test]
    fn overlapping_number_ranges_are_refused() {
        let faults = parse(&GOOD.replace("[\"447400\"]", "[\"447400\", \"4474001\"]")).unwrap_err();
        assert!(faults[0].reason.contains("overlaps"), "{faults:?}");
    }
}
