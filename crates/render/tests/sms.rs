//! Every text message in every language at its longest that really happens: how many segments it takes, and in which
//! alphabet. English fits the GSM alphabet; Chinese has 70 characters in one segment (3GPP TS 23.040, 9.2.3.24.1).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use domain::afterwards::{Afterwards, AllowanceAfter, Ends};
use domain::locale::Locale;
use domain::money::Money;
use domain::offer::Allowance;
use domain::sms::{Encoding, segments};
use domain::time::UnixMs;
use domain::unit::Unit;
use render::view::{
    BonusShown, CreditedSms, PromotionWords, RefundNews, RefundSms, SurplusReturningSms, View as _,
};
use render::{AfterwardsValues, Renderer};

/// 31 December 2026, at noon: as long as a date gets.
const LAST_DAY: UnixMs = UnixMs(1_798_718_400_000);
const CODE: &str = "7K2M9-QX4TB";
const BRAND: &str = "Luma Mobile";

fn money(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().unwrap())
}

fn credited(bundle: Option<&str>, ends: Option<Ends>) -> CreditedSms {
    let allowance = |ends| AllowanceAfter {
        unit: Unit::Octets,
        added: 10_000_000_000,
        amount: None,
        besides: None,
        zone: None,
        ends,
    };
    let after = |ends| AfterwardsValues {
        after: Afterwards { credit: None, allowances: vec![allowance(ends)] },
        time_zone: "Europe/London".into(),
    };
    CreditedSms {
        brand: BRAND.into(),
        code: CODE.into(),
        last4: "3456".into(),
        credit: money(20_000),
        bundle: bundle.map(str::to_owned),
        given: ends.map(after),
        bonus: None,
    }
}

/// The longest name of a bundle in the language.
fn bundle(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "Traveller",
        Locale::ZhCn => "欧洲流量包",
    }
}

#[test]
fn the_longest_messages_of_each_kind_take_one_segment() {
    let renderer = Renderer::new().unwrap();
    let ends = [
        Ends::At { at: LAST_DAY },
        Ends::FirstUse { days: 365, by: LAST_DAY },
        Ends::Adds { days: 30, at_least: LAST_DAY },
        Ends::AtLeast { at_least: LAST_DAY },
    ];
    for locale in Locale::ALL.iter().copied() {
        let amount = money(20_000);
        let (brand, code, reference) = (BRAND.to_owned(), CODE.to_owned(), "RF-4H8TQX2M".to_owned());
        let mut texts = vec![renderer.text(locale, &credited(None, None))];
        for about in
            [RefundNews::NotDelivered, RefundNews::TakenBack, RefundNews::Failed, RefundNews::TakeBackFailed]
        {
            let (brand, code, reference) = (brand.clone(), code.clone(), reference.clone());
            let refund = RefundSms { about, brand, code, last4: "3456".into(), amount, reference };
            texts.push(renderer.text(locale, &refund));
        }
        texts.push(renderer.text(locale, &SurplusReturningSms { brand, code, amount, reference }));
        texts.extend(ends.map(|ends| renderer.text(locale, &credited(Some(bundle(locale)), Some(ends)))));
        for text in texts {
            let cut = segments(&text);
            assert_eq!(cut.parts.len(), 1, "{} characters: {text}", text.chars().count());
            let wanted = if locale == Locale::En { Encoding::Gsm7 } else { Encoding::Ucs2 };
            assert_eq!(cut.encoding, wanted, "{text}");
        }
    }
}

/// A name, a bonus and a long end at once are too much for one segment of Chinese; they never take a third.
#[test]
fn a_bundle_with_a_bonus_takes_two_segments_at_most() {
    let renderer = Renderer::new().unwrap();
    let bonuses = [
        BonusShown { money: Some(money(20_000)), ..BonusShown::default() },
        BonusShown {
            allowance: Some(Allowance { unit: Unit::Octets, amount: 10_000_000_000 }),
            ..BonusShown::default()
        },
    ];
    let ends = [
        Ends::At { at: LAST_DAY },
        Ends::FirstUse { days: 365, by: LAST_DAY },
        Ends::Adds { days: 30, at_least: LAST_DAY },
        Ends::AtLeast { at_least: LAST_DAY },
    ];
    for locale in Locale::ALL.iter().copied() {
        for (bonus, ends) in bonuses.iter().flat_map(|bonus| ends.map(|ends| (bonus.clone(), ends))) {
            let told = CreditedSms { bonus: Some(bonus), ..credited(Some(bundle(locale)), Some(ends)) };
            let text = renderer.text(locale, &told);
            assert!(segments(&text).parts.len() <= 2, "{} characters: {text}", text.chars().count());
        }
    }
}

#[test]
fn a_bundle_that_waits_for_its_first_use_says_until_when_and_for_how_long() {
    let renderer = Renderer::new().unwrap();
    let told = |locale| {
        let ends = Ends::FirstUse { days: 30, by: LAST_DAY };
        renderer.text(locale, &credited(Some(bundle(locale)), Some(ends)))
    };
    let chinese = told(Locale::ZhCn);
    assert!(chinese.ends_with("请于2026年12月31日前启用，启用后30天有效。"), "{chinese}");
    let english = told(Locale::En);
    assert!(english.contains("Valid for 30 days from the first use. Start by 31 Dec 2026"), "{english}");
}

#[test]
fn a_promotion_in_words_is_one_line_of_plain_text() {
    let renderer = Renderer::new().unwrap();
    for locale in Locale::ALL.iter().copied() {
        for words in PromotionWords::samples() {
            let text = renderer.text(locale, &words);
            assert!(!text.is_empty() && !text.contains(['\n', '<', '{', '\u{2068}']), "{text:?}");
        }
    }
}
