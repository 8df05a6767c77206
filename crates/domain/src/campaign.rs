//! Campaigns: one marketing text for those who agreed to such texts, written by one person of the staff and approved
//! by another one. Start reading at [`Plan`], what it says and to whom; [`CampaignState`] is where it stands,
//! [`MessageState`] what became of it for one reader.
//!
//! Nobody is disturbed at night: [`open_at`] says from when on a text may be sent, by the zones of [`zones_of`].

use crate::locale::Locale;
use crate::notice::NoticeChannel;
use crate::states;
use crate::time::{DAY_MS, UnixMs};
use jiff::Zoned;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

states! {
    /// Where a campaign stands.
    CampaignState {
        /// Only its writer changes it, and nobody was asked yet.
        Draft = "draft",
        /// Waits for a second person.
        Asked = "asked",
        /// A second person agreed: it is sent, from the first moment of its window on.
        Approved = "approved",
        /// A second person said no.
        Declined = "declined",
        /// Its writer took it back.
        Withdrawn = "withdrawn",
        /// Somebody stopped it while it was sent.
        Stopped = "stopped",
        /// Nothing of it waits any more.
        Done = "done",
    }
}

states! {
    /// What became of a campaign for one reader.
    MessageState {
        /// Waits for its turn, for the morning, or for room under the weekly limit.
        Queued = "queued",
        /// It is being handed over. One that is found so later is not sent again.
        Sending = "sending",
        Sent = "sent",
        Delivered = "delivered",
        /// The SMS centre, the mail server or the network refused it for good.
        Failed = "failed",
        /// It may or may not have been taken. It is not sent again: nobody gets a campaign twice.
        Unclear = "unclear",
        /// It was certainly not taken, however often it was tried; people look at it.
        Dead = "dead",
        /// The consent was withdrawn, or the contact is gone, before it could be sent.
        Withdrawn = "withdrawn",
        /// The reader had as many marketing messages in a week as may be.
        Capped = "capped",
        /// The window ended before it could be sent.
        Lapsed = "lapsed",
        /// The campaign was stopped before it could be sent.
        Stopped = "stopped",
    }
}

/// How long a text message may be, in characters; operator's name and the way out come on top.
pub const SMS_MAX: usize = 300;
pub const SUBJECT_MAX: usize = 60;
pub const BODY_MAX: usize = 2_000;
pub const NAME_MAX: usize = 80;
/// The longest window.
pub const DAYS_MAX: i64 = 62;

/// What a campaign says in one language. Empty where its channel is not used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub sms: String,
    pub subject: String,
    pub body: String,
}

impl Words {
    fn is_empty(&self) -> bool {
        self.sms.is_empty() && self.subject.is_empty() && self.body.is_empty()
    }
}

/// What a campaign says, to whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// For the staff.
    pub name: String,
    pub channels: Vec<NoticeChannel>,
    /// The language of readers whose own language has no text.
    pub fallback: Locale,
    pub words: BTreeMap<Locale, Words>,
    /// The promotion that it leads to, by the operator's own id.
    pub promotion: Option<String>,
    /// Countries of markets.
    pub markets: Vec<String>,
    pub starts_at: UnixMs,
    /// The first moment in which nothing of it is sent any more.
    pub ends_at: UnixMs,
}

/// Why a plan cannot be sent; the field is the one to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanRefused {
    NameMissing,
    NameTooLong,
    NoChannel,
    NoMarket,
    /// The window is empty, over, or longer than may be.
    WindowWrong,
    /// The language of the fallback says nothing on one of the channels.
    FallbackMissing,
    /// A language says something on one channel and nothing on another.
    Incomplete(Locale),
    TooLong(Locale),
}

impl Plan {
    /// The words for a reader, and in which language they are.
    pub fn words_for(&self, reader: Locale) -> Option<(Locale, &Words)> {
        let of = |locale: Locale| {
            let words = self.words.get(&locale).filter(|words| !words.is_empty());
            words.map(|words| (locale, words))
        };
        of(reader).or_else(|| of(self.fallback))
    }

    /// Can it be sent as it stands?
    pub fn check(&self, now: UnixMs) -> Result<(), PlanRefused> {
        match self.name.chars().count() {
            0 => return Err(PlanRefused::NameMissing),
            1..=NAME_MAX => {}
            _ => return Err(PlanRefused::NameTooLong),
        }
        if self.channels.is_empty() {
            return Err(PlanRefused::NoChannel);
        }
        if self.markets.is_empty() {
            return Err(PlanRefused::NoMarket);
        }
        let lasts = self.ends_at.0.saturating_sub(self.starts_at.0);
        if lasts <= 0 || lasts > DAYS_MAX * DAY_MS || self.ends_at <= now {
            return Err(PlanRefused::WindowWrong);
        }
        for (locale, words) in &self.words {
            let fallback = *locale == self.fallback;
            if words.is_empty() && !fallback {
                continue;
            }
            self.check_words(words).map_err(|wrong| match wrong {
                Wrong::TooLong => PlanRefused::TooLong(*locale),
                Wrong::Missing if fallback => PlanRefused::FallbackMissing,
                Wrong::Missing => PlanRefused::Incomplete(*locale),
            })?;
        }
        self.words.get(&self.fallback).map(|_| ()).ok_or(PlanRefused::FallbackMissing)
    }

    fn check_words(&self, words: &Words) -> Result<(), Wrong> {
        let long = |text: &str, most: usize| text.chars().count() > most;
        if long(&words.sms, SMS_MAX) || long(&words.subject, SUBJECT_MAX) || long(&words.body, BODY_MAX) {
            return Err(Wrong::TooLong);
        }
        let missing = self.channels.iter().any(|channel| match channel {
            NoticeChannel::Sms => words.sms.is_empty(),
            NoticeChannel::Email => words.subject.is_empty() || words.body.is_empty(),
        });
        if missing { Err(Wrong::Missing) } else { Ok(()) }
    }

    /// On which channel a reader gets it who agreed to these: one message each, by text message if they agreed to it.
    pub fn channel_for(&self, agreed: &[NoticeChannel]) -> Option<NoticeChannel> {
        let may = |channel: &NoticeChannel| self.channels.contains(channel) && agreed.contains(channel);
        [NoticeChannel::Sms, NoticeChannel::Email].into_iter().find(may)
    }
}

enum Wrong {
    Missing,
    TooLong,
}

/// From this hour on nothing is sent.
const EVENING: i8 = 21;
/// From this hour on it is sent again.
const MORNING: i8 = 9;

/// The first moment from `now` on in which it is day, between 9 and 21 o'clock, in all these zones at once. A name that
/// is no zone counts as UTC.
pub fn open_at(now: UnixMs, zones: &[&str]) -> UnixMs {
    let zones: Vec<TimeZone> =
        zones.iter().map(|zone| TimeZone::get(zone).unwrap_or(TimeZone::UTC)).collect();
    let mut at = now;
    // Each round moves to a morning; zones of one country have hours in common within two days.
    for _ in 0..8 {
        let Some(later) = zones.iter().filter_map(|zone| morning_after(at, zone)).max() else { break };
        at = later;
    }
    at
}

/// The morning that a quiet moment waits for; nothing by day.
fn morning_after(at: UnixMs, zone: &TimeZone) -> Option<UnixMs> {
    let local = Zoned::new(at.timestamp(), zone.clone());
    let day = match local.hour() {
        hour if hour >= EVENING => local.date().tomorrow().ok()?,
        hour if hour < MORNING => local.date(),
        _ => return None,
    };
    // 9 o'clock of the wall, also on a day that is an hour shorter or longer.
    let morning = day.to_datetime(Time::constant(MORNING, 0, 0, 0)).to_zoned(zone.clone()).ok()?;
    Some(UnixMs(morning.timestamp().as_millisecond()))
}

/// The zones of a country (ISO 3166-1 alpha-2): one, or the first and the last of several. Between them it is day where
/// it is day in both.
pub fn zones_of(country: &str) -> Option<&'static [&'static str]> {
    let found = ZONES.iter().find(|(code, _)| *code == country);
    found.map(|(_, zones)| *zones)
}

/// From the IANA database, `zone1970.tab`: countries to which people travel or from which they come.
const ZONES: &[(&str, &[&str])] = &[
    ("AE", &["Asia/Dubai"]),
    ("AR", &["America/Argentina/Buenos_Aires"]),
    ("AT", &["Europe/Vienna"]),
    ("AU", &["Australia/Sydney", "Australia/Perth"]),
    ("BD", &["Asia/Dhaka"]),
    ("BE", &["Europe/Brussels"]),
    ("BR", &["America/Noronha", "America/Rio_Branco"]),
    ("CA", &["America/St_Johns", "America/Vancouver"]),
    ("CH", &["Europe/Zurich"]),
    ("CL", &["America/Santiago", "Pacific/Easter"]),
    ("CN", &["Asia/Shanghai"]),
    ("CO", &["America/Bogota"]),
    ("CU", &["America/Havana"]),
    ("CZ", &["Europe/Prague"]),
    ("DE", &["Europe/Berlin"]),
    ("DK", &["Europe/Copenhagen"]),
    ("EG", &["Africa/Cairo"]),
    ("ES", &["Europe/Madrid", "Atlantic/Canary"]),
    ("FI", &["Europe/Helsinki"]),
    ("FR", &["Europe/Paris"]),
    ("GB", &["Europe/London"]),
    ("GR", &["Europe/Athens"]),
    ("HK", &["Asia/Hong_Kong"]),
    ("HU", &["Europe/Budapest"]),
    ("ID", &["Asia/Jayapura", "Asia/Jakarta"]),
    ("IE", &["Europe/Dublin"]),
    ("IN", &["Asia/Kolkata"]),
    ("IT", &["Europe/Rome"]),
    ("JP", &["Asia/Tokyo"]),
    ("KE", &["Africa/Nairobi"]),
    ("KR", &["Asia/Seoul"]),
    ("LK", &["Asia/Colombo"]),
    ("MA", &["Africa/Casablanca"]),
    ("MO", &["Asia/Macau"]),
    ("MX", &["America/Cancun", "America/Tijuana"]),
    ("MY", &["Asia/Kuala_Lumpur"]),
    ("NG", &["Africa/Lagos"]),
    ("NL", &["Europe/Amsterdam"]),
    ("NO", &["Europe/Oslo"]),
    ("NP", &["Asia/Kathmandu"]),
    ("NZ", &["Pacific/Auckland", "Pacific/Chatham"]),
    ("PE", &["America/Lima"]),
    ("PH", &["Asia/Manila"]),
    ("PK", &["Asia/Karachi"]),
    ("PL", &["Europe/Warsaw"]),
    ("PT", &["Europe/Lisbon", "Atlantic/Azores"]),
    ("RO", &["Europe/Bucharest"]),
    ("RU", &["Asia/Kamchatka", "Europe/Kaliningrad"]),
    ("SA", &["Asia/Riyadh"]),
    ("SE", &["Europe/Stockholm"]),
    ("SG", &["Asia/Singapore"]),
    ("TH", &["Asia/Bangkok"]),
    ("TR", &["Europe/Istanbul"]),
    ("TW", &["Asia/Taipei"]),
    ("UA", &["Europe/Kyiv"]),
    ("US", &["America/New_York", "Pacific/Honolulu"]),
    ("VN", &["Asia/Ho_Chi_Minh"]),
    ("ZA", &["Africa/Johannesburg"]),
];

/// What somebody wrote as one word that can be compared: wide letters become narrow, small ones large, and spaces and
/// punctuation at the ends go.
pub fn folded(text: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        // The fullwidth forms of ASCII (Unicode 15, chapter 18.5) and the ideographic space.
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        0x3000 => ' ',
        _ => c,
    };
    let text: String = text.chars().map(narrow).collect();
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    word.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests;
