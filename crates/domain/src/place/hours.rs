//! When a place is open: the `opening_hours` of OpenStreetMap, with the public holidays of its country, at the clock of
//! its own time zone. Start reading at [`Hours::at`].

use crate::time::UnixMs;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use jiff::tz::TimeZone;
use opening_hours::localization::Country;
use opening_hours::{Context, OpeningHours, RuleKind};
use serde::Serialize;

/// An opening that is further away than this is not told.
const AHEAD_DAYS: i64 = 30;
/// Longer rules than any shop has are refused, so that reading them stays cheap.
const RULES_MAX: usize = 500;

/// The opening hours of one place.
#[derive(Debug, Clone)]
pub struct Hours {
    rules: OpeningHours,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clock {
    pub hour: u32,
    pub minute: u32,
}

/// A time on a day that is so many days after today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moment {
    pub at: UnixMs,
    pub days: i64,
    /// From 1 for Monday to 7.
    pub weekday: u32,
    pub clock: Clock,
}

/// Is the place open?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Standing {
    /// Until then, or for longer than anybody needs to know.
    Open { until: Option<Moment> },
    Closed {
        opens: Option<Moment>,
        /// Is it closed the whole day, because of a public holiday?
        holiday: bool,
    },
}

/// The hours of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    pub weekday: u32,
    pub holiday: bool,
    /// From and until; an end after midnight is past 24 hours.
    pub open: Vec<(Clock, Clock)>,
}

impl Hours {
    /// Reads the rules. `country`: ISO 3166-1 alpha-2, whose public holidays count.
    pub fn read(rules: &str, country: &str) -> Result<Hours, String> {
        if rules.trim().is_empty() {
            return Err("are empty: write them as Mo-Sa 09:00-21:00; PH off".into());
        }
        if rules.len() > RULES_MAX {
            return Err(format!("have more than {RULES_MAX} characters"));
        }
        let rules: OpeningHours = rules.parse().map_err(|error| format!("cannot be read: {error}"))?;
        let holidays = country.parse::<Country>().map(Country::holidays).unwrap_or_default();
        Ok(Hours { rules: rules.with_context(Context::default().with_holidays(holidays)) })
    }

    /// Is the place open at this moment, and when does that change?
    pub fn at(&self, now: UnixMs, time_zone: &str) -> Standing {
        let zone = zone(time_zone);
        let local = local(now, &zone);
        let today = local.date();
        let end = local + chrono::TimeDelta::days(AHEAD_DAYS);
        let mut spans = self.rules.iter_range(local, end);
        let moment = |at: NaiveDateTime| (at < end).then(|| moment(at, today, &zone));
        let Some(span) = spans.next() else { return Standing::Closed { opens: None, holiday: false } };
        if span.kind == RuleKind::Open {
            // A change of the comment alone is none for visitors.
            let until = spans.take_while(|next| next.kind == RuleKind::Open).last().unwrap_or(span).range.end;
            return Standing::Open { until: moment(until) };
        }
        let opens = spans.find(|next| next.kind == RuleKind::Open).and_then(|next| moment(next.range.start));
        let closed_all_day = self.day(today).open.is_empty();
        Standing::Closed { opens, holiday: closed_all_day && self.is_holiday(today) }
    }

    /// Today and the six days after it, at the clock of the place.
    pub fn week(&self, now: UnixMs, time_zone: &str) -> Vec<Day> {
        let today = local(now, &zone(time_zone)).date();
        today.iter_days().take(7).map(|date| self.day(date)).collect()
    }

    fn day(&self, date: NaiveDate) -> Day {
        let open = self.rules.schedule_at(date).into_iter().filter(|span| span.kind == RuleKind::Open);
        let clock = |at: u16| Clock { hour: u32::from(at / 60), minute: u32::from(at % 60) };
        let (year, month, day) = (date.year(), date.month(), date.day());
        Day {
            year,
            month,
            day,
            weekday: date.weekday().number_from_monday(),
            holiday: self.is_holiday(date),
            open: open
                .map(|span| {
                    let (from, until) = (span.range.start, span.range.end);
                    (clock(from.mins_from_midnight()), clock(until.mins_from_midnight()))
                })
                .collect(),
        }
    }

    fn is_holiday(&self, date: NaiveDate) -> bool {
        self.rules.get_context().holidays.get_public().contains(date)
    }
}

impl std::fmt::Display for Clock {
    /// As clocks show it everywhere; past midnight it is the next day's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hour = if self.hour > 24 { self.hour - 24 } else { self.hour };
        write!(f, "{hour:02}:{:02}", self.minute)
    }
}

/// A zone that is unknown is UTC.
fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn local(at: UnixMs, zone: &TimeZone) -> NaiveDateTime {
    let local = at.timestamp().to_zoned(zone.clone());
    let part = |value: i8| u32::try_from(value).unwrap_or(0);
    NaiveDate::from_ymd_opt(i32::from(local.year()), part(local.month()), part(local.day()))
        .and_then(|date| date.and_hms_opt(part(local.hour()), part(local.minute()), part(local.second())))
        .unwrap_or_default()
}

fn moment(at: NaiveDateTime, today: NaiveDate, zone: &TimeZone) -> Moment {
    let part = |value: u32| i8::try_from(value).unwrap_or(1);
    let date =
        jiff::civil::Date::new(i16::try_from(at.year()).unwrap_or(2000), part(at.month()), part(at.day()));
    let instant = date
        .map(|date| date.at(part(at.hour()), part(at.minute()), 0, 0))
        .and_then(|local| local.to_zoned(zone.clone()));
    Moment {
        at: UnixMs(instant.map_or(0, |zoned| zoned.timestamp().as_millisecond())),
        days: (at.date() - today).num_days(),
        weekday: at.weekday().number_from_monday(),
        clock: Clock { hour: at.hour(), minute: at.minute() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MALL: &str = "Mo-Sa 10:00-21:00; Su 12:00-18:00; PH off";

    fn at(rfc3339: &str) -> UnixMs {
        UnixMs::parse_rfc3339(rfc3339).unwrap()
    }

    fn standing(rules: &str, country: &str, zone: &str, now: &str) -> Standing {
        Hours::read(rules, country).unwrap().at(at(now), zone)
    }

    fn words(standing: Standing) -> String {
        let moment = |m: Option<Moment>| m.map_or("?".into(), |m| format!("{} in {}", m.clock, m.days));
        match standing {
            Standing::Open { until } => format!("open until {}", moment(until)),
            Standing::Closed { opens, holiday } => format!("opens {} {holiday}", moment(opens)),
        }
    }

    #[test]
    fn a_shop_is_open_by_the_clock_and_the_holidays_of_its_own_country() {
        let (gb, london) = ("GB", "Europe/London");
        let cn = ("CN", "Asia/Shanghai");
        for (country, zone, now, expected) in [
            // A Monday in November, and one in July, when London is an hour ahead.
            (gb, london, "2026-11-23T10:00:00Z", "open until 21:00 in 0"),
            (gb, london, "2026-11-23T22:00:00Z", "opens 10:00 in 1 false"),
            (gb, london, "2026-11-23T09:59:00Z", "opens 10:00 in 0 false"),
            (gb, london, "2026-07-06T09:30:00Z", "open until 21:00 in 0"),
            // Christmas Day is a Friday, Boxing Day is kept on the Monday.
            (gb, london, "2026-12-25T12:00:00Z", "opens 10:00 in 1 true"),
            // The National Day of China, just begun there.
            (cn.0, cn.1, "2026-09-30T16:30:00Z", "opens 10:00 in 1 true"),
            (cn.0, cn.1, "2026-09-30T04:00:00Z", "open until 21:00 in 0"),
            (gb, "Europe/London", "2026-10-01T09:30:00Z", "open until 21:00 in 0"),
        ] {
            assert_eq!(words(standing(MALL, country, zone, now)), expected, "{country} {now}");
        }
    }

    #[test]
    fn nights_always_and_never_are_told() {
        let told = |rules, now| words(standing(rules, "GB", "Europe/London", now));
        assert_eq!(told("Mo-Su 18:00-02:00", "2026-11-23T23:30:00Z"), "open until 02:00 in 1");
        assert_eq!(told("24/7", "2026-11-23T23:30:00Z"), "open until ?");
        assert_eq!(told("off", "2026-11-23T23:30:00Z"), "opens ? false");
        // The night in which the clocks go back: the shop opens by the wall clock.
        let opens = standing("Mo-Su 03:00-04:00", "GB", "Europe/London", "2026-10-25T00:30:00Z");
        let Standing::Closed { opens: Some(opens), .. } = opens else { panic!("{opens:?}") };
        assert_eq!(opens.at, at("2026-10-25T03:00:00Z"));
    }

    #[test]
    fn a_week_begins_today_and_names_its_holidays() {
        let week = Hours::read(MALL, "GB").unwrap().week(at("2026-12-24T12:00:00Z"), "Europe/London");
        assert_eq!(week.len(), 7);
        assert_eq!((week[0].weekday, week[0].day, week[0].open.len()), (4, 24, 1));
        assert!(week[1].holiday && week[1].open.is_empty() && !week[2].holiday);
        assert_eq!(week[3].open[0].0.to_string(), "12:00");
    }

    #[test]
    fn rules_that_cannot_be_read_are_refused_with_a_reason() {
        for wrong in ["", "9 to 5", "Mo-Fr 25:99"] {
            assert!(Hours::read(wrong, "GB").is_err(), "{wrong}");
        }
        assert!(Hours::read(&"Mo 09:00-10:00; ".repeat(40), "GB").is_err());
    }
}
