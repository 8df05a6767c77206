//! Dates and times in the market's zone. A moment carries the zone's short name, because travellers read it.

use anyhow::{Context, Result};
use domain::time::UnixMs;
use icu_datetime::fieldsets::{YMD, YMDT};
use icu_datetime::input::{Date, DateTime};
use icu_datetime::options::TimePrecision;
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use jiff::Zoned;
use jiff::tz::TimeZone;
use jiff_icu::ConvertFrom as _;

use super::Formats;

pub(super) struct TimeFormats {
    day: DateTimeFormatter<YMD>,
    minute: DateTimeFormatter<YMDT>,
    second: DateTimeFormatter<YMDT>,
}

impl TimeFormats {
    pub(super) fn of(cldr: &icu_locale_core::Locale) -> Result<TimeFormats> {
        let preferences = DateTimeFormatterPreferences::from(cldr);
        let minute = YMDT::medium().with_time_precision(TimePrecision::Minute);
        let second = YMDT::medium().with_time_precision(TimePrecision::Second);
        Ok(TimeFormats {
            day: DateTimeFormatter::try_new(preferences, YMD::medium()).context("date format")?,
            minute: DateTimeFormatter::try_new(preferences, minute).context("time format")?,
            second: DateTimeFormatter::try_new(preferences, second).context("time format")?,
        })
    }
}

impl Formats {
    /// The day: `22 Nov 2026`.
    pub fn date(&self, at: UnixMs, zone: &str) -> String {
        self.time.day.format(&Date::convert_from(local(at, zone).date())).to_string()
    }

    /// Day, time and the zone's short name: `22 Nov 2026, 16:15 GMT`.
    pub fn moment(&self, at: UnixMs, zone: &str) -> String {
        written(&self.time.minute, at, zone)
    }

    /// The same with seconds, where two things happened in one minute: `22 Nov 2026, 16:15:07 GMT`.
    pub fn moment_exact(&self, at: UnixMs, zone: &str) -> String {
        written(&self.time.second, at, zone)
    }

    /// The time of day alone, as clocks show it everywhere: `16:15:07`.
    pub fn clock(&self, at: UnixMs, zone: &str) -> String {
        local(at, zone).strftime("%H:%M:%S").to_string()
    }
}

fn written(format: &DateTimeFormatter<YMDT>, at: UnixMs, zone: &str) -> String {
    let local = local(at, zone);
    let written = format.format(&DateTime::convert_from(local.datetime()));
    let name = local.strftime("%Z").to_string();
    // Zones without a name of their own are called by their offset in the IANA data.
    let offset = name.starts_with(['+', '-']);
    if offset { format!("{written} UTC{name}") } else { format!("{written} {name}") }
}

/// Day and minute as spreadsheets read them in any language: `2026-11-22 16:15`.
pub fn local_time(at: UnixMs, zone: &str) -> String {
    local(at, zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A zone that this machine does not know is written in UTC, and says so by its name.
fn local(at: UnixMs, zone: &str) -> Zoned {
    at.timestamp().to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    use domain::locale::Locale;

    use super::*;

    #[test]
    fn moments_are_written_in_the_markets_zone_with_its_name() {
        let en = Formats::of(Locale::En).unwrap();
        let zh = Formats::of(Locale::ZhCn).unwrap();
        // 2026-11-22T16:15:00Z and 2026-07-01T07:05:00Z
        for (at, zone, english, chinese) in [
            (1_795_364_100_000, "Europe/London", "22 Nov 2026, 16:15 GMT", "2026年11月22日 16:15 GMT"),
            (1_782_889_500_000, "Europe/London", "1 Jul 2026, 08:05 BST", "2026年7月1日 08:05 BST"),
            (1_795_364_100_000, "Asia/Hong_Kong", "23 Nov 2026, 00:15 HKT", "2026年11月23日 00:15 HKT"),
            (
                1_795_364_100_000,
                "America/Sao_Paulo",
                "22 Nov 2026, 13:15 UTC-03",
                "2026年11月22日 13:15 UTC-03",
            ),
            (1_795_364_100_000, "Nowhere/Here", "22 Nov 2026, 16:15 UTC", "2026年11月22日 16:15 UTC"),
        ] {
            assert_eq!(en.moment(UnixMs(at), zone), english);
            assert_eq!(zh.moment(UnixMs(at), zone), chinese);
        }
        let (at, zone) = (UnixMs(1_795_364_107_000), "Europe/London");
        assert_eq!(en.moment_exact(at, zone), "22 Nov 2026, 16:15:07 GMT");
        assert_eq!(zh.moment_exact(at, zone), "2026年11月22日 16:15:07 GMT");
        assert_eq!(zh.clock(at, "Asia/Hong_Kong"), "00:15:07");
        assert_eq!(en.date(UnixMs(1_795_364_100_000), "Asia/Hong_Kong"), "23 Nov 2026");
        assert_eq!(zh.date(UnixMs(1_795_364_100_000), "Asia/Hong_Kong"), "2026年11月23日");
    }
}
