//! The demo's promotions and offers are dated in its catalogue as if today were [`WRITTEN_ON`]; here they move to the real today,
//! so that one always runs and one always comes.

use domain::time::UnixMs;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

/// The day on which the catalogue pretends to be written.
const WRITTEN_ON: Date = date(2026, 1, 1);

/// The catalogue with every `starts`, `ends` and `available_from` moved by as many days as passed since it was written.
pub fn moved(catalogue: &str, now: UnixMs) -> String {
    let today = now.timestamp().to_zoned(TimeZone::UTC).date();
    let days = (today - WRITTEN_ON).get_days();
    let mut text: String = catalogue
        .lines()
        .map(|line| moved_line(line, days).unwrap_or_else(|| line.to_owned()) + "\n")
        .collect();
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn moved_line(line: &str, days: i32) -> Option<String> {
    let (name, quoted) = line.split_once(" = ")?;
    if matches!(name, "available_from" | "available_until") {
        let written: Date = quoted.trim_matches('"').parse().ok()?;
        return Some(format!("{name} = \"{}\"", written.checked_add(days.days()).ok()?));
    }
    if !matches!(name, "starts" | "ends") {
        return None;
    }
    let written: DateTime = quoted.trim_matches('"').parse().ok()?;
    let moved = written.checked_add(days.days()).ok()?;
    Some(format!("{name} = \"{}\"", moved.strftime("%Y-%m-%dT%H:%M")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_promotions_and_offers_move_with_today_and_nothing_else_does() {
        let at = |text| UnixMs::parse_rfc3339(text).expect("a time");
        let text = "available_from = \"2026-01-15\"\nstarts = \"first_use\"\n";
        let later = "available_from = \"2026-01-17\"\nstarts = \"first_use\"\n";
        assert_eq!(moved(text, at("2026-01-03T00:00:00Z")), later);
        let text = "starts = \"2025-12-31T06:30\"\nends = \"2026-01-02T00:00\"\nname = \"2026-01-02\"\n";
        assert_eq!(moved(text, at("2026-01-01T10:00:00Z")), text);
        let later = moved(text, at("2026-03-11T23:59:59Z"));
        assert_eq!(
            later,
            "starts = \"2026-03-10T06:30\"\nends = \"2026-03-12T00:00\"\nname = \"2026-01-02\"\n"
        );
    }
}
