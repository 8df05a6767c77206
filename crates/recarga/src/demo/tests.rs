//! The demo's own data holds what the demo promises.

use super::*;
use domain::catalogue::{Catalogue, parse};
use domain::line::LineStatus;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::offer::{Benefit, Pricing};
use domain::top_up::Channel;
use std::collections::BTreeMap;

fn catalogue() -> Catalogue {
    parse(CATALOGUE).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn lines() -> BTreeMap<String, (String, String)> {
    let mut reader = csv::Reader::from_reader(LINES.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| (row[0].to_owned(), (row[1].to_owned(), row[2].to_owned()))).collect()
}

#[test]
fn every_market_sells_every_kind_of_offer_in_both_languages_and_channels() {
    let catalogue = catalogue();
    assert_eq!((catalogue.operator.as_str(), catalogue.markets.len()), (BRAND, 8));
    for market in &catalogue.markets {
        let offers: Vec<_> = catalogue.offers.iter().filter(|o| o.market == market.country).collect();
        let count = |wanted: fn(&Pricing) -> bool, bundle: bool| {
            offers.iter().filter(|o| wanted(&o.pricing) && (o.benefit != Benefit::Credit) == bundle).count()
        };
        let fixed = |p: &Pricing| matches!(p, Pricing::Fixed { .. });
        assert_eq!(count(fixed, false), 4, "{}: fixed credit", market.country);
        assert!(count(fixed, true) >= 2, "{}: bundles", market.country);
        assert_eq!(count(|p| matches!(p, Pricing::Range { .. }), false), 1, "{}: a range", market.country);
        assert!(offers.iter().any(|o| o.bonus_minor > 0) && offers.iter().any(|o| o.fee_minor > 0));
        for offer in offers {
            assert!(offer.name.contains_key(&Locale::En) && offer.name.contains_key(&Locale::ZhCn));
            assert!(offer.sold_in(Channel::Online) && offer.sold_in(Channel::Partner), "{}", offer.id);
        }
    }
}

/// One naming rule: credit is called by what is paid for, a bundle by a word; what it holds stands beside it.
#[test]
fn an_offer_is_called_by_its_price_or_by_a_word() {
    for offer in catalogue().offers {
        for (locale, name) in &offer.name {
            let unit = match locale {
                Locale::En => " credit",
                Locale::ZhCn => " 话费",
            };
            match (&offer.benefit, &offer.pricing) {
                (Benefit::Credit, Pricing::Fixed { value }) => {
                    let amount = format!("{}.00{unit}", value.minor / 100);
                    assert!(name.ends_with(&amount), "{}: {name}", offer.id);
                }
                (Benefit::Credit, Pricing::Range { .. }) | (Benefit::Bundle { .. }, _) => {
                    assert!(!name.contains(|c: char| c.is_ascii_digit()), "{}: {name}", offer.id);
                }
            }
        }
    }
}

#[test]
fn every_line_has_a_number_that_its_country_gives_out_and_a_market() {
    let catalogue = catalogue();
    let lines = lines();
    assert!(lines.len() >= 30);
    for (number, (status, locale)) in &lines {
        let msisdn = Msisdn::parse_e164(number).unwrap_or_else(|e| panic!("{number}: {e}"));
        let markets = catalogue
            .markets
            .iter()
            .filter(|m| m.number_ranges.iter().any(|range| msisdn.digits().starts_with(range)));
        assert_eq!(markets.count(), 1, "{number}");
        assert!(status.is_empty() || LineStatus::parse(status).is_some(), "{number}: {status}");
        assert!(locale.is_empty() || Locale::parse(locale).is_some(), "{number}: {locale}");
    }
    for market in &catalogue.markets {
        let has = |number: &String| market.number_ranges.iter().any(|range| number[1..].starts_with(range));
        assert!(lines.keys().any(has), "{} has no line", market.country);
    }
}

#[test]
fn the_announced_numbers_are_what_they_are_called() {
    let lines = lines();
    for (name, number) in numbers::BY_NAME {
        let (status, locale) = lines.get(*number).unwrap_or_else(|| panic!("{name} is not in lines.csv"));
        let expected = if ["barred", "ported_out", "closed"].contains(name) { *name } else { "active" };
        assert_eq!(status, expected, "{name}");
        assert!(*name != "reads_chinese" || locale == "zh-CN");
    }
    assert_eq!(numbers::BY_NAME[0], ("active", numbers::FIRST));
    for (name, ending) in [
        ("sms_undelivered", "0000"),
        ("sms_refused", "0001"),
        ("sms_unanswered", "0002"),
        ("network_refuses", "7001"),
        ("network_answer_lost", "7003"),
        ("network_in_progress", "7007"),
        ("network_silent", "7009"),
    ] {
        assert!(numbers::BY_NAME.iter().any(|(n, number)| *n == name && number.ends_with(ending)), "{name}");
    }
}

#[test]
fn filling_the_demo_twice_changes_nothing_and_keeps_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let mut secrets = Secrets::open_or_make(folder.path()).unwrap();
    let fill_once = |secrets: &Secrets| {
        wiring::administer_with(&settings, async |world| {
            let key = fill(world, secrets).await?;
            let caller = partners::authenticate(world, &key).await?.expect("the key works");
            let floats = partners::floats(world, &caller.partner).await?;
            Ok((key, caller.key, floats, world.catalogue().offers.len()))
        })
        .unwrap_or_else(|stop| panic!("{stop:?}"))
    };
    let first = fill_once(&secrets);
    secrets.api_key = Some(first.0.clone());
    assert_eq!(fill_once(&secrets), first);
    assert_eq!(first.2.iter().map(|f| f.balance.minor).collect::<Vec<_>>(), [FLOAT_MINOR, FLOAT_MINOR]);
}

#[test]
fn secrets_are_the_same_at_the_next_start_and_only_their_owner_reads_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let first = Secrets::open_or_make(folder.path()).unwrap();
    let second = Secrets::open_or_make(folder.path()).unwrap();
    assert_eq!(first.smpp_password, second.smpp_password);
    assert!(first.stripe_key.starts_with("sk_test_") && first.smpp_password.len() == 8);
    let mode = std::fs::metadata(folder.path().join("demo-secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
