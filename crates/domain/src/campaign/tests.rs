//! Tests of what a campaign may say, when it may be sent, and of the words by which people end it.

use super::*;

fn at(text: &str) -> UnixMs {
    UnixMs::parse_rfc3339(text).unwrap()
}

fn plan() -> Plan {
    let words = |sms: &str| Words { sms: sms.into(), subject: "News".into(), body: "More for you.".into() };
    Plan {
        name: "Autumn".into(),
        channels: vec![NoticeChannel::Sms, NoticeChannel::Email],
        fallback: Locale::En,
        words: BTreeMap::from([(Locale::En, words("More for you")), (Locale::ZhCn, words("更多优惠"))]),
        promotion: None,
        markets: vec!["GB".into()],
        starts_at: UnixMs(0),
        ends_at: UnixMs(DAY_MS),
    }
}

#[test]
fn nights_are_quiet_and_wait_for_nine_o_clock() {
    for (zone, now, open) in [
        ("Europe/London", "2026-01-10T12:00:00Z", "2026-01-10T12:00:00Z"),
        ("Europe/London", "2026-01-10T09:00:00Z", "2026-01-10T09:00:00Z"),
        ("Europe/London", "2026-01-10T08:59:59Z", "2026-01-10T09:00:00Z"),
        ("Europe/London", "2026-01-10T20:59:59Z", "2026-01-10T20:59:59Z"),
        ("Europe/London", "2026-01-10T21:00:00Z", "2026-01-11T09:00:00Z"),
        ("Asia/Shanghai", "2026-01-10T13:00:00Z", "2026-01-11T01:00:00Z"),
        ("Asia/Shanghai", "2026-01-10T01:00:00Z", "2026-01-10T01:00:00Z"),
        // The clocks go forward in the night before 29 March and back in the one before 25 October.
        ("Europe/London", "2026-03-28T22:00:00Z", "2026-03-29T08:00:00Z"),
        ("Europe/London", "2026-10-24T20:30:00Z", "2026-10-25T09:00:00Z"),
    ] {
        assert_eq!(open_at(at(now), &[zone]), at(open), "{zone} at {now}");
    }
}

#[test]
fn at_every_hour_it_is_day_in_a_country_that_the_demo_sends_to() {
    for day in ["2026-01-10", "2026-07-10"] {
        for hour in 0..24 {
            let now = at(&format!("{day}T{hour:02}:00:00Z"));
            // As tests/browser/campaigns.test.mjs chooses.
            let country = match hour {
                1..12 => "CN",
                12..20 => "GB",
                _ => "MX",
            };
            assert_eq!(open_at(now, zones_of(country).unwrap()), now, "{country} at {hour}");
        }
    }
}

#[test]
fn a_country_with_several_zones_is_written_to_when_it_is_day_in_all() {
    let zones = zones_of("US").unwrap();
    assert_eq!(open_at(at("2026-01-10T15:00:00Z"), zones), at("2026-01-10T19:00:00Z"));
    assert_eq!(open_at(at("2026-01-10T20:00:00Z"), zones), at("2026-01-10T20:00:00Z"));
    assert_eq!(open_at(at("2026-01-11T03:00:00Z"), zones), at("2026-01-11T19:00:00Z"));
    for (country, zones) in ZONES {
        for zone in *zones {
            assert!(TimeZone::get(zone).is_ok(), "{country}: {zone}");
        }
        let open = open_at(at("2026-01-10T00:00:00Z"), zones);
        assert_eq!(open_at(open, zones), open, "{country}: there is a moment that is day everywhere");
    }
}

#[test]
fn a_reader_gets_the_own_language_or_the_fallback() {
    let mut plan = plan();
    assert_eq!(plan.words_for(Locale::ZhCn).unwrap().0, Locale::ZhCn);
    plan.words.insert(Locale::ZhCn, Words::default());
    assert_eq!(plan.words_for(Locale::ZhCn).unwrap().0, Locale::En);
    assert_eq!(plan.check(UnixMs(1)), Ok(()));
}

#[test]
fn what_is_missing_or_too_long_is_named() {
    let with = |change: fn(&mut Plan)| {
        let mut plan = plan();
        change(&mut plan);
        plan.check(UnixMs(1)).unwrap_err()
    };
    assert_eq!(with(|p| p.name.clear()), PlanRefused::NameMissing);
    assert_eq!(with(|p| p.channels.clear()), PlanRefused::NoChannel);
    assert_eq!(with(|p| p.markets.clear()), PlanRefused::NoMarket);
    assert_eq!(with(|p| p.ends_at = UnixMs(0)), PlanRefused::WindowWrong);
    assert_eq!(with(|p| p.ends_at = UnixMs(1)), PlanRefused::WindowWrong);
    assert_eq!(with(|p| p.ends_at = UnixMs(90 * DAY_MS)), PlanRefused::WindowWrong);
    assert_eq!(with(|p| drop(p.words.remove(&Locale::En))), PlanRefused::FallbackMissing);
    assert_eq!(with(|p| drop(p.words.insert(Locale::En, Words::default()))), PlanRefused::FallbackMissing);
    let half = Words { sms: "x".into(), ..Words::default() };
    let mut incomplete = plan();
    incomplete.words.insert(Locale::ZhCn, half);
    assert_eq!(incomplete.check(UnixMs(1)), Err(PlanRefused::Incomplete(Locale::ZhCn)));
    let mut long = plan();
    long.words.get_mut(&Locale::En).unwrap().sms = "x".repeat(SMS_MAX + 1);
    assert_eq!(long.check(UnixMs(1)), Err(PlanRefused::TooLong(Locale::En)));
}

#[test]
fn a_reader_gets_one_message_by_text_message_if_they_agreed_to_it() {
    let plan = plan();
    let both = [NoticeChannel::Email, NoticeChannel::Sms];
    assert_eq!(plan.channel_for(&both), Some(NoticeChannel::Sms));
    assert_eq!(plan.channel_for(&[NoticeChannel::Email]), Some(NoticeChannel::Email));
    assert_eq!(plan.channel_for(&[]), None);
}

#[test]
fn a_word_is_the_same_in_any_case_width_and_with_punctuation() {
    for (typed, word) in [
        ("STOP", "STOP"),
        (" stop. ", "STOP"),
        ("\u{ff33}\u{ff34}\u{ff2f}\u{ff30}\u{ff01}", "STOP"),
        ("Stop All", "STOPALL"),
        ("\u{300c}退订\u{300d}", "退订"),
        ("退订。", "退订"),
        ("td", "TD"),
        ("please stop", "PLEASESTOP"),
        ("...", ""),
    ] {
        assert_eq!(folded(typed), word, "{typed}");
    }
}
