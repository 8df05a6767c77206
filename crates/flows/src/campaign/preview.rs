//! A campaign as its readers will get it, before anybody does; and the days of its window.

use super::hand_over;
use crate::world::World;
use domain::campaign::Plan;
use domain::links;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::time::UnixMs;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use render::view::EmailText;

/// A campaign in one language.
#[derive(Debug, Clone)]
pub struct Written {
    pub locale: Locale,
    /// The text message with everything that is added to it.
    pub sms: Option<String>,
    pub mail: Option<EmailText>,
}

/// A campaign in every language in which it says something of its own. The link that ends mails is each reader's own
/// and shows as dots.
pub fn written(world: &World, plan: &Plan) -> Vec<Written> {
    let of = |locale: &Locale| {
        let (own, words) = plan.words_for(*locale).filter(|(own, _)| own == locale)?;
        let stop_url = links::unsubscribe(&world.settings.public_url, "\u{2026}");
        let market = plan.markets.first().map(String::as_str);
        let sms = plan.channels.contains(&NoticeChannel::Sms);
        let email = plan.channels.contains(&NoticeChannel::Email);
        Some(Written {
            locale: own,
            sms: sms.then(|| hand_over::sms_text(world, plan, own, words)),
            mail: email.then(|| hand_over::mail(world, plan, (own, words), stop_url, market)),
        })
    };
    Locale::ALL.iter().filter_map(of).collect()
}

/// The day of a moment in a zone, as `2026-11-23`.
pub fn day_of(at: UnixMs, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.timestamp().to_zoned(zone).date().to_string()
}

/// From the first moment of a day to the first one after another day; nothing where one of them is no day.
pub fn window(from: &str, until: &str, zone: &str) -> Option<(UnixMs, UnixMs)> {
    let zone = TimeZone::get(zone).ok()?;
    let begins = |day: Date| {
        let midnight = day.to_datetime(Time::midnight()).to_zoned(zone.clone()).ok()?;
        Some(UnixMs(midnight.timestamp().as_millisecond()))
    };
    let (from, until): (Date, Date) = (from.trim().parse().ok()?, until.trim().parse().ok()?);
    Some((begins(from)?, begins(until.tomorrow().ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_with_its_last_day_also_when_the_clocks_change() {
        let at = |text: &str| UnixMs::parse_rfc3339(text).unwrap();
        let window = window("2026-10-24", "2026-10-25", "Europe/London").unwrap();
        assert_eq!(window, (at("2026-10-23T23:00:00Z"), at("2026-10-26T00:00:00Z")));
        assert_eq!(day_of(window.0, "Europe/London"), "2026-10-24");
        assert_eq!(day_of(window.1.plus_ms(-1), "Europe/London"), "2026-10-25");
        assert_eq!(super::window("tomorrow", "2026-10-25", "Europe/London"), None);
    }
}
