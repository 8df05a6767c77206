//! A promotion as the operator writes it in the catalogue file, and what can be wrong with it.
//!
//! Start and end are dates of the market's own clocks. Where clocks jump ahead, a time that does not exist is the
//! moment after the jump; where they go back, a start is the first of the two moments and an end the second, so
//! that nobody loses an hour that was announced.

use super::{Gives, Promotion};
use crate::id::PromotionVersionId;
use crate::locale::Locale;
use crate::money::{BasisPoints, Currency, Money};
use crate::offer::Allowance;
use crate::time::UnixMs;
use crate::unit::Unit;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A `[[market.promotion]]` of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromotionText {
    pub(crate) id: String,
    name: BTreeMap<Locale, String>,
    text: BTreeMap<Locale, String>,
    offers: Vec<String>,
    /// Hundredths of a percent of the value; with `max_bonus_minor`.
    percent_bps: Option<u16>,
    max_bonus_minor: Option<i64>,
    bonus_minor: Option<i64>,
    bonus_allowance: Option<Allowance>,
    starts: String,
    ends: String,
    uses_per_line: u32,
    budget: i64,
    bonus_valid_for_days: Option<u32>,
}

/// Where a promotion stands in the file, and what it can apply to.
pub(crate) struct Place<'a> {
    pub(crate) market: &'a str,
    pub(crate) currency: Currency,
    pub(crate) time_zone: &'a str,
    /// Ids of the market's offers.
    pub(crate) offers: Vec<&'a str>,
    pub(crate) position: usize,
}

/// More is a typing error.
const MAX: i64 = 1_000_000_000_000_000;

pub(crate) fn read_promotion(text: &PromotionText, place: &Place<'_>) -> Result<Promotion, String> {
    let id_ok = (1..=64).contains(&text.id.len())
        && text.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !id_ok {
        return Err("id must be 1 to 64 of a-z, 0-9 and -".into());
    }
    if !text.name.contains_key(&Locale::En) || !text.text.contains_key(&Locale::En) {
        return Err("name.en or text.en is missing".into());
    }
    if text.offers.is_empty() {
        return Err("offers is empty: it would apply to nothing".into());
    }
    if let Some(unknown) = text.offers.iter().find(|id| !place.offers.contains(&id.as_str())) {
        return Err(format!("offer {unknown:?} is not in this market"));
    }
    let gives = read_gives(text, place.currency)?;
    if !(1..=1_000).contains(&text.uses_per_line) {
        return Err("uses_per_line is not between 1 and 1000".into());
    }
    if !(0..=MAX).contains(&text.budget) {
        return Err(format!("budget is not between 0 and {MAX}"));
    }
    if text.bonus_valid_for_days.is_some_and(|days| !(1..=3660).contains(&days)) {
        return Err("bonus_valid_for_days is not between 1 and 3660".into());
    }
    if matches!(gives, Gives::Allowance { .. }) && text.bonus_valid_for_days.is_none() {
        return Err("an allowance needs bonus_valid_for_days".into());
    }
    let zone = TimeZone::get(place.time_zone).map_err(|_| "the market has no time zone")?;
    let (starts_at, ends_at) = (starts(&text.starts, &zone)?, ends(&text.ends, &zone)?);
    if ends_at <= starts_at {
        return Err("ends is not after starts".into());
    }
    Ok(Promotion {
        id: text.id.clone(),
        version_id: PromotionVersionId::stored(""),
        version: 0,
        market: place.market.to_owned(),
        name: text.name.clone(),
        text: text.text.clone(),
        offers: text.offers.clone(),
        gives,
        starts_at,
        ends_at,
        time_zone: place.time_zone.to_owned(),
        uses_per_line: text.uses_per_line,
        budget: text.budget,
        bonus_valid_for_days: text.bonus_valid_for_days,
        position: i64::try_from(place.position).unwrap_or(i64::MAX),
    })
}

fn read_gives(text: &PromotionText, currency: Currency) -> Result<Gives, String> {
    let money = |minor: i64| {
        let ok = (1..=MAX).contains(&minor);
        if ok { Ok(Money::new(minor, currency)) } else { Err("a bonus is a positive amount".to_owned()) }
    };
    match (text.percent_bps, text.max_bonus_minor, text.bonus_minor, text.bonus_allowance) {
        (Some(rate @ 1..=10_000), Some(max), None, None) => {
            Ok(Gives::Percent { rate: BasisPoints(rate), max: money(max)? })
        }
        (Some(_), Some(_), None, None) => Err("percent_bps is not between 1 and 10000 (100 %)".into()),
        (Some(_), None, None, None) => Err("percent_bps needs max_bonus_minor".into()),
        (None, None, Some(bonus), None) => Ok(Gives::Fixed { bonus: money(bonus)? }),
        (None, None, None, Some(allowance)) => {
            if matches!(allowance.unit, Unit::Money(_)) || allowance.amount < 1 {
                return Err("bonus_allowance is a positive amount of octets, seconds or messages".into());
            }
            Ok(Gives::Allowance { allowance })
        }
        _ => Err("give one of percent_bps with max_bonus_minor, bonus_minor, or bonus_allowance".into()),
    }
}

fn read_date(name: &str, text: &str) -> Result<DateTime, String> {
    text.parse().map_err(|_| format!("{name} {text:?} is not a local date and time like 2026-11-01T00:00"))
}

/// The moment in which a promotion starts.
pub(super) fn starts(text: &str, zone: &TimeZone) -> Result<UnixMs, String> {
    let at = zone.to_ambiguous_timestamp(read_date("starts", text)?).compatible();
    at.map(|at| UnixMs(at.as_millisecond())).map_err(|_| format!("starts {text:?} is too far away"))
}

/// The first moment after a promotion.
pub(super) fn ends(text: &str, zone: &TimeZone) -> Result<UnixMs, String> {
    let at = zone.to_ambiguous_timestamp(read_date("ends", text)?).later();
    at.map(|at| UnixMs(at.as_millisecond())).map_err(|_| format!("ends {text:?} is too far away"))
}
