//! When a promotion applies, what it gives, and which one wins.

use super::*;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().unwrap())
}

fn promotion(gives: Gives) -> Promotion {
    Promotion {
        id: "gb-autumn".into(),
        version_id: PromotionVersionId::stored("pv_1"),
        version: 1,
        market: "GB".into(),
        name: [(Locale::En, "Autumn".to_owned())].into(),
        text: BTreeMap::new(),
        offers: vec!["gb-credit-20".into()],
        gives,
        starts_at: UnixMs(1_000),
        ends_at: UnixMs(2_000),
        time_zone: "Europe/London".into(),
        uses_per_line: 3,
        budget: 10_000,
        bonus_valid_for_days: None,
        position: 0,
    }
}

fn percent(bps: u16, max: i64) -> Gives {
    Gives::Percent { rate: BasisPoints(bps), max: gbp(max) }
}

fn order<'a>() -> Situation<'a> {
    Situation {
        market: "GB",
        offer: "gb-credit-20",
        value: gbp(2_000),
        uses: 0,
        left: 10_000,
        now: UnixMs(1_500),
    }
}

#[test]
fn an_order_gets_its_bonus_or_is_told_why_not() {
    let autumn = promotion(percent(2_000, 1_000));
    let amount = |to: &Situation<'_>| autumn.applies(to).map(|bonus| bonus.amount);
    assert_eq!(amount(&order()), Ok(400));
    for (situation, why) in [
        (Situation { market: "DE", ..order() }, WhyNot::OtherMarket),
        (Situation { offer: "gb-credit-10", ..order() }, WhyNot::OtherOffer),
        (Situation { now: UnixMs(999), ..order() }, WhyNot::NotYet),
        (Situation { now: UnixMs(2_000), ..order() }, WhyNot::Ended),
        (Situation { uses: 3, ..order() }, WhyNot::UsedUp),
        (Situation { value: gbp(4), ..order() }, WhyNot::TooSmall),
        (Situation { left: 399, ..order() }, WhyNot::BudgetSpent),
    ] {
        assert_eq!(amount(&situation), Err(why));
    }
    assert_eq!(amount(&Situation { now: UnixMs(1_999), uses: 2, left: 400, ..order() }), Ok(400));
}

#[test]
fn the_largest_bonus_wins_money_before_allowances_and_the_first_id_of_equals() {
    let bonus = |id: &str, gives| {
        let own = Promotion { id: id.into(), ..promotion(gives) };
        own.applies(&Situation { left: i64::MAX, ..order() }).unwrap()
    };
    let data = Gives::Allowance { allowance: Allowance { unit: Unit::Octets, amount: 1_000_000_000 } };
    let all = [
        bonus("d-data", data),
        bonus("c-late", percent(2_500, 1_000)),
        bonus("b-early", Gives::Fixed { bonus: gbp(500) }),
        bonus("a-small", percent(1_000, 1_000)),
    ];
    assert_eq!(best(all.clone()).unwrap().promotion, "b-early");
    assert_eq!(best(all[..2].to_vec()).unwrap().promotion, "c-late");
    assert_eq!(best(all[..1].to_vec()).unwrap().promotion, "d-data");
    assert_eq!(best([]), None);
}

/// 2026 in London: clocks go back on 25 October at 02:00 and ahead on 29 March at 01:00.
#[test]
fn dates_are_those_of_the_markets_clocks_through_both_changes_of_summer_time() {
    let london = TimeZone::get("Europe/London").unwrap();
    let utc = |text: &str| UnixMs::parse_rfc3339(text).unwrap();
    for (written, starts, ends) in [
        ("2026-07-01T00:00", "2026-06-30T23:00:00Z", "2026-06-30T23:00:00Z"),
        ("2026-12-01T00:00", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        // 01:30 does not exist: the clocks show 02:30 then.
        ("2026-03-29T01:30", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),
        // 01:30 comes twice.
        ("2026-10-25T01:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
    ] {
        assert_eq!(text::starts(written, &london), Ok(utc(starts)), "{written}");
        assert_eq!(text::ends(written, &london), Ok(utc(ends)), "{written}");
    }
    assert!(text::starts("tomorrow", &london).is_err());
}

proptest! {
    #[test]
    fn a_share_is_never_more_than_its_part_nor_its_maximum_and_loses_less_than_one_unit(
        value in 1i64..100_000_000, bps in 1u16..=10_000, max in 1i64..1_000_000
    ) {
        let bonus = promotion(percent(bps, max)).bonus_on(gbp(value));
        let exact = i128::from(value) * i128::from(bps);
        prop_assert!(bonus <= max && i128::from(bonus) * 10_000 <= exact);
        prop_assert!(bonus == max || exact - i128::from(bonus) * 10_000 < 10_000);
    }

    #[test]
    fn a_bonus_is_given_only_in_its_time_within_its_cap_and_its_budget(
        now in 0i64..3_000, uses in 0i64..6, left in 0i64..1_000
    ) {
        let to = Situation { now: UnixMs(now), uses, left, ..order() };
        let given = promotion(percent(2_000, 1_000)).applies(&to);
        prop_assert_eq!(given.is_ok(), (1_000..2_000).contains(&now) && uses < 3 && left >= 400);
    }
}
