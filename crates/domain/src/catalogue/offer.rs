//! One offer as the operator writes it, and what can be wrong with it.
//!
//! Dates are days of the market's own clocks: an offer is sold from the first moment of `available_from` to the last
//! moment of `available_until`, also when a clock change makes one of those days shorter or longer.

use super::{MarketText, is_id, taxes};
use crate::id::OfferVersionId;
use crate::locale::Locale;
use crate::money::{Currency, Money};
use crate::offer::{Allowance, Benefit, Expiry, Offer, Pricing, Starts, VoucherType, Zone};
use crate::time::UnixMs;
use crate::top_up::Channel;
use crate::unit::Unit;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A `[[market.offer]]` of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferText {
    pub(super) id: String,
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
    starts: Option<StartsText>,
    first_use_within_days: Option<u32>,
    zone: Option<String>,
    expiry: Option<Expiry>,
    family: Option<String>,
    available_from: Option<String>,
    available_until: Option<String>,
    channels: Vec<Channel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StartsText {
    Purchase,
    FirstUse,
}

/// Where an offer stands in the file, and what it can name.
pub(super) struct Place<'a> {
    pub(super) market: &'a MarketText,
    pub(super) currency: Currency,
    pub(super) zones: &'a [Zone],
    pub(super) position: usize,
}

/// Amounts above this are typing errors, not offers.
const AMOUNT_MAX_MINOR: i64 = 100_000_000;
/// Longer is a typing error.
const DAYS_MAX: u32 = 3660;

pub(super) fn read(text: &OfferText, place: &Place<'_>) -> Result<Offer, String> {
    check_names(text)?;
    let pricing = read_pricing(text, |minor| Money::new(minor, place.currency))?;
    let benefit = read_benefit(text)?;
    if benefit != Benefit::Credit && (text.bonus_minor != 0 || !matches!(pricing, Pricing::Fixed { .. })) {
        return Err("a bundle has value_minor and no bonus_minor".into());
    }
    let (starts, expiry) = read_terms(text, &benefit)?;
    let zone = match &text.zone {
        None => None,
        Some(id) => {
            let found = place.zones.iter().find(|zone| zone.id == *id);
            Some(found.ok_or_else(|| format!("zone {id:?} is not a [[zone]] of this file"))?.clone())
        }
    };
    let (on_sale_from, on_sale_until) = read_dates(text, &place.market.time_zone)?;
    Ok(Offer {
        id: text.id.clone(),
        version_id: OfferVersionId::stored(""),
        version: 0,
        market: place.market.country.clone(),
        name: text.name.clone(),
        benefit,
        pricing,
        bonus_minor: text.bonus_minor,
        fee_minor: text.fee_minor,
        taxes: taxes(place.market),
        voucher_type: place.market.voucher_type.unwrap_or(VoucherType::SinglePurpose),
        family: text.family.clone().unwrap_or_else(|| text.id.clone()),
        starts,
        expiry,
        zone,
        on_sale_from,
        on_sale_until,
        channels: text.channels.clone(),
        position: i64::try_from(place.position).unwrap_or(i64::MAX),
    })
}

fn check_names(text: &OfferText) -> Result<(), String> {
    if !is_id(&text.id) {
        return Err("id must be 1 to 64 of a-z, 0-9 and -".into());
    }
    if text.family.as_deref().is_some_and(|family| !is_id(family)) {
        return Err("family must be 1 to 64 of a-z, 0-9 and -".into());
    }
    if !text.name.contains_key(&Locale::En) {
        return Err("name.en is missing".into());
    }
    if text.channels.is_empty() {
        return Err("channels is empty: nobody could buy it".into());
    }
    for (name, minor) in [("bonus_minor", text.bonus_minor), ("fee_minor", text.fee_minor)] {
        if !(0..=AMOUNT_MAX_MINOR).contains(&minor) {
            return Err(format!("{name} is not between 0 and {AMOUNT_MAX_MINOR}"));
        }
    }
    Ok(())
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
        let of_bundles = [
            ("valid_for_days", text.valid_for_days.is_some()),
            ("starts", text.starts.is_some()),
            ("first_use_within_days", text.first_use_within_days.is_some()),
            ("zone", text.zone.is_some()),
            ("expiry", text.expiry.is_some()),
            ("family", text.family.is_some()),
        ];
        return match of_bundles.iter().find(|(_, given)| *given) {
            None => Ok(Benefit::Credit),
            Some((name, _)) => Err(format!("{name} belongs to a bundle with allowances; credit has no end")),
        };
    }
    let valid_for_days = text.valid_for_days.ok_or("a bundle needs valid_for_days")?;
    if !(1..=DAYS_MAX).contains(&valid_for_days) {
        return Err(format!("valid_for_days is not between 1 and {DAYS_MAX}"));
    }
    for (at, allowance) in text.allowances.iter().enumerate() {
        if matches!(allowance.unit, Unit::Money(_)) || allowance.amount < 1 {
            return Err("an allowance is a positive amount of octets, seconds or messages".into());
        }
        if text.allowances[..at].iter().any(|other| other.unit == allowance.unit) {
            return Err(format!("allowances has {} twice: write their sum", allowance.unit));
        }
    }
    Ok(Benefit::Bundle { allowances: text.allowances.clone(), valid_for_days })
}

fn read_terms(text: &OfferText, benefit: &Benefit) -> Result<(Starts, Expiry), String> {
    let expiry = text.expiry.unwrap_or(Expiry::NewBucket);
    let starts = match (text.starts.unwrap_or(StartsText::Purchase), text.first_use_within_days) {
        (StartsText::Purchase, None) => Starts::Purchase,
        (StartsText::Purchase, Some(_)) => {
            return Err("first_use_within_days belongs to starts = \"first_use\"".into());
        }
        (StartsText::FirstUse, None) => {
            return Err("starts = \"first_use\" needs first_use_within_days".into());
        }
        (StartsText::FirstUse, Some(within_days)) if (1..=DAYS_MAX).contains(&within_days) => {
            Starts::FirstUse { within_days }
        }
        (StartsText::FirstUse, Some(_)) => {
            return Err(format!("first_use_within_days is not between 1 and {DAYS_MAX}"));
        }
    };
    let moves = *benefit != Benefit::Credit && expiry != Expiry::NewBucket;
    if moves && starts != Starts::Purchase {
        return Err(format!(
            "expiry = \"{expiry}\" needs starts = \"purchase\": what is not used yet has no end that could move"
        ));
    }
    Ok((starts, expiry))
}

/// The first moment on sale, and the first one after it.
type OnSaleBetween = (Option<UnixMs>, Option<UnixMs>);

fn read_dates(text: &OfferText, time_zone: &str) -> Result<OnSaleBetween, String> {
    let date = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => text
            .parse::<Date>()
            .map(Some)
            .map_err(|_| format!("{name} {text:?} is not a date like 2026-12-01")),
    };
    let (from, until) =
        (date("available_from", &text.available_from)?, date("available_until", &text.available_until)?);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        return Err("available_until is before available_from".into());
    }
    // A market without a zone is a fault of its own.
    let Ok(zone) = TimeZone::get(time_zone) else { return Ok((None, None)) };
    let begins = |date: Date| {
        let start = date.to_zoned(zone.clone()).map_err(|_| "a date is too far away")?;
        Ok::<_, String>(UnixMs(start.timestamp().as_millisecond()))
    };
    let after =
        until.map(|last| last.tomorrow().map_err(|_| "available_until is too far away")).transpose()?;
    Ok((from.map(begins).transpose()?, after.map(begins).transpose()?))
}
