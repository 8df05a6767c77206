//! The sentence, word by word, for those who may see the balance and for those who may not.

use domain::afterwards::{Afterwards, AllowanceAfter, CreditAfter, Ends};
use domain::locale::Locale;
use domain::money::Money;
use domain::offer::Zone;
use domain::time::{DAY_MS, UnixMs};
use domain::unit::Unit;

use super::AfterwardsValues;
use crate::Renderer;

/// 22 Nov 2026, 16:15 GMT
const AT: UnixMs = UnixMs(1_795_364_100_000);

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().unwrap())
}

fn data(ends: Ends) -> AllowanceAfter {
    AllowanceAfter { unit: Unit::Octets, added: 5_000_000_000, amount: None, besides: None, zone: None, ends }
}

fn calls(of: &AllowanceAfter) -> AllowanceAfter {
    AllowanceAfter { unit: Unit::Seconds, added: 6_000, ..of.clone() }
}

fn said(allowances: Vec<AllowanceAfter>, credit: Option<CreditAfter>) -> [String; 2] {
    let values =
        AfterwardsValues { after: Afterwards { credit, allowances }, time_zone: "Europe/London".into() };
    let renderer = Renderer::new().unwrap();
    // What allowances hold together is theirs to say: no-break spaces are compared as plain ones.
    [Locale::En, Locale::ZhCn].map(|locale| renderer.afterwards(locale, &values).replace('\u{a0}', " "))
}

#[test]
fn a_stranger_is_told_what_is_added_and_the_owner_what_there_will_be() {
    let stranger = CreditAfter { added: gbp(1000), balance: None };
    assert_eq!(
        said(vec![], Some(stranger.clone())),
        [
            "£10.00 of credit is added to this number. Credit has no end.",
            "该号码将增加话费£10.00，话费长期有效。"
        ]
    );
    let owner = CreditAfter { balance: Some(gbp(3250)), ..stranger };
    assert_eq!(
        said(vec![], Some(owner)),
        ["You will have £32.50 of credit. Credit has no end.", "充值后您的话费余额为£32.50，话费长期有效。"]
    );
    let bundle = data(Ends::At { at: AT.plus_ms(30 * DAY_MS) });
    assert_eq!(
        said(vec![bundle.clone(), calls(&bundle)], None),
        [
            "This number gets 5 GB and 100 minutes until 22 Dec 2026.",
            "该号码将获得5 GB和100分钟，有效期至2026年12月22日。"
        ]
    );
}

#[test]
fn what_ends_together_is_one_sentence_and_what_stays_is_said_besides() {
    let bundle = AllowanceAfter {
        amount: Some(6_200_000_000),
        besides: Some(1_000_000_000),
        ..data(Ends::At { at: AT.plus_ms(30 * DAY_MS) })
    };
    let later =
        AllowanceAfter { amount: Some(6_000), besides: None, ends: Ends::At { at: AT }, ..calls(&bundle) };
    assert_eq!(
        said(vec![bundle, later], None),
        [
            "You will have 6.2 GB until 22 Dec 2026. You will have 100 minutes until 22 Nov 2026. 1 GB that you have \
             already keeps its own end.",
            "充值后您有6.2 GB，有效期至2026年12月22日。充值后您有100分钟，有效期至2026年11月22日。您原有的1 GB到期日不变。"
        ]
    );
}

#[test]
fn a_first_use_a_zone_and_an_end_that_moves_are_said() {
    let zone = Zone {
        id: "eu".into(),
        name: [(Locale::En, "Europe".into()), (Locale::ZhCn, "欧洲".into())].into(),
        countries: vec!["DE".into()],
    };
    let first = Ends::FirstUse { days: 30, by: AT.plus_ms(90 * DAY_MS) };
    assert_eq!(
        said(vec![AllowanceAfter { zone: Some(zone), ..data(first) }], None),
        [
            "This number gets 5 GB in Europe for 30 days from the first use. Start using it by 20 Feb 2027, or it lapses.",
            "该号码将获得5 GB（欧洲可用），自首次使用起30天内有效；须在2027年2月20日前首次使用，逾期作废。"
        ]
    );
    let adds = Ends::Adds { days: 30, at_least: AT.plus_ms(30 * DAY_MS) };
    assert_eq!(
        said(vec![data(adds)], None)[0],
        "This number gets 5 GB until at least 22 Dec 2026. If it still has this bundle, 30 days are added to its end \
         instead."
    );
}
