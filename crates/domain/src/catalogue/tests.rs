//! What is wrong in a catalogue file is said with its line; what is right is read whole.

use super::*;
use crate::offer::{Expiry, Starts};
use crate::time::UnixMs;

const GOOD: &str = r#"operator = "Luma Mobile"
[[market]]
country = "GB"
currency = "GBP"
locale = "en"
time_zone = "Europe/London"
tax = [{ name = { en = "VAT", zh-CN = "增值税" }, rate_bps = 2000 }]
number_ranges = ["447400"]
seller_name = "Luma Mobile Ltd"
seller_address = "1 High Street, London"
[[market.offer]]
id = "gb-10"
name = { en = "Credit 10" }
value_minor = 1000
channels = ["online", "partner"]
"#;

const TAX: &str = "tax = [{ name = { en = \"VAT\", zh-CN = \"增值税\" }, rate_bps = 2000 }]\n";

/// The good file with a zone and a bundle that says everything.
fn bundle(terms: &str) -> String {
    let zone = "[[zone]]\nid = \"eu\"\nname = { en = \"Europe\" }\ncountries = [\"DE\", \"FR\"]\n";
    let offer = format!(
        "[[market.offer]]\nid = \"gb-eu\"\nname = {{ en = \"Europe\" }}\nvalue_minor = 900\n\
         allowances = [{{ unit = \"octets\", amount = 5 }}]\nvalid_for_days = 30\nchannels = [\"online\"]\n{terms}\n"
    );
    GOOD.replacen("[[market]]", &format!("{zone}[[market]]"), 1) + &offer
}

fn offer_with(terms: &str) -> Offer {
    parse(&bundle(terms)).unwrap().offers.remove(1)
}

#[test]
fn a_bundle_names_its_zone_its_start_and_what_becomes_of_the_rest() {
    let plain = offer_with("");
    assert_eq!(
        (plain.family.as_str(), plain.starts, plain.expiry),
        ("gb-eu", Starts::Purchase, Expiry::NewBucket)
    );
    assert_eq!((plain.zone, plain.on_sale_from, plain.on_sale_until), (None, None, None));
    let eu = offer_with("zone = \"eu\"\nstarts = \"first_use\"\nfirst_use_within_days = 90");
    assert_eq!(eu.zone.unwrap().countries, ["DE", "FR"]);
    assert_eq!(eu.starts, Starts::FirstUse { within_days: 90 });
    let monthly = offer_with("expiry = \"extend\"\nfamily = \"monthly\"");
    assert_eq!((monthly.expiry, monthly.family.as_str()), (Expiry::Extend, "monthly"));
}

#[test]
fn the_terms_of_a_bundle_that_contradict_each_other_are_refused_on_its_line() {
    for (terms, word) in [
        ("zone = \"mars\"", "not a [[zone]]"),
        ("starts = \"first_use\"", "needs first_use_within_days"),
        ("first_use_within_days = 5", "belongs to starts"),
        ("starts = \"first_use\"\nfirst_use_within_days = 0", "between 1 and"),
        ("starts = \"first_use\"\nfirst_use_within_days = 9\nexpiry = \"extend\"", "needs starts"),
        ("family = \"Big One\"", "family must be"),
        ("available_from = \"1 May\"", "not a date"),
        ("available_from = \"2027-02-02\"\navailable_until = \"2027-02-01\"", "before available_from"),
    ] {
        let faults = parse(&bundle(terms)).unwrap_err();
        assert!(faults.iter().any(|f| f.line == 20 && f.reason.contains(word)), "{terms}: {faults:?}");
    }
    let credit = GOOD.replace("value_minor = 1000", "value_minor = 1000\nzone = \"eu\"");
    assert!(parse(&credit).unwrap_err()[0].reason.contains("belongs to a bundle"));
}

#[test]
fn dates_are_whole_days_of_the_markets_clocks_also_when_they_change() {
    let moment = |text| UnixMs::parse_rfc3339(text);
    // 28 March 2027: clocks in London go forward at 01:00 UTC; that day has 23 hours.
    let offer = offer_with("available_from = \"2027-03-28\"\navailable_until = \"2027-03-28\"");
    assert_eq!(offer.on_sale_from, moment("2027-03-28T00:00:00Z"));
    assert_eq!(offer.on_sale_until, moment("2027-03-28T23:00:00Z"));
    // 31 October 2027: they go back; the day begins in summer time and has 25 hours.
    let offer = offer_with("available_from = \"2027-10-31\"\navailable_until = \"2027-10-31\"");
    assert_eq!(offer.on_sale_from, moment("2027-10-30T23:00:00Z"));
    assert_eq!(offer.on_sale_until, moment("2027-11-01T00:00:00Z"));
}

#[test]
fn a_zone_is_checked_where_it_stands() {
    for (from, to, word) in [
        ("\"DE\", \"FR\"", "", "could be used nowhere"),
        ("\"DE\", \"FR\"", "\"DE\", \"DE\"", "stands twice"),
        ("\"DE\", \"FR\"", "\"Germany\"", "ISO 3166"),
        ("id = \"eu\"", "id = \"E U\"", "id must be"),
    ] {
        let faults = parse(&bundle("").replacen(from, to, 1)).unwrap_err();
        assert!(faults.iter().any(|f| f.line == 2 && f.reason.contains(word)), "{to}: {faults:?}");
    }
}

#[test]
fn several_taxes_of_a_market_are_kept_with_their_names() {
    let two = GOOD.replace(
        TAX,
        "tax = [{ name = { en = \"GST\" }, rate_bps = 500 }, { name = { en = \"PST\" }, rate_bps = 700 }]\n",
    );
    let offer = parse(&two).unwrap().offers.remove(0);
    let prices = offer.price(None).unwrap();
    let lines = prices.tax_lines(&offer.taxes);
    let lines: Vec<_> = lines.iter().map(|l| (l.tax.name_in(Locale::En), l.amount.minor)).collect();
    assert_eq!((lines, prices.tax.minor), (vec![("GST", 45), ("PST", 62)], 107));
}

#[test]
fn a_good_file_is_read_whole() {
    let catalogue = parse(GOOD).unwrap();
    assert_eq!((catalogue.markets.len(), catalogue.offers.len()), (1, 1));
}

#[test]
fn every_fault_is_reported_with_its_line() {
    let cases = [
        ("currency = \"GBP\"", "currency = \"XYZ\"", 2, "ISO 4217"),
        ("Europe/London", "Europe/Nowhere", 2, "IANA"),
        ("\"447400\"", "\"44-74\"", 2, "number range"),
        ("{ name = { en = \"VAT\", ", "{ name = { ", 2, "name.en"),
        ("rate_bps = 2000", "rate_bps = 10001", 2, "100 %"),
        ("value_minor = 1000", "value_minor = 0", 11, "value_minor"),
        ("value_minor = 1000", "price = 5", 14, "unknown field"),
        ("[\"online\", \"partner\"]", "[]", 11, "nobody could buy"),
        ("id = \"gb-10\"", "id = \"GB 10\"", 11, "id must be"),
    ];
    for (from, to, line, word) in cases {
        let faults = parse(&GOOD.replace(from, to)).unwrap_err();
        assert!(faults.iter().any(|f| f.line == line && f.reason.contains(word)), "{to}: {faults:?}");
    }
}

#[test]
fn the_tax_is_named_in_each_language_and_a_market_without_tax_names_none() {
    let seller = |text: &str| parse(text).unwrap().markets.remove(0).seller;
    let both = seller(GOOD);
    assert_eq!((both.tax_name_in(Locale::En), both.tax_name_in(Locale::ZhCn)), ("VAT", "增值税"));
    let english = seller(&GOOD.replace(", zh-CN = \"增值税\"", ""));
    assert_eq!(english.tax_name_in(Locale::ZhCn), "VAT");
    let untaxed = GOOD.replace(TAX, "");
    assert_eq!(seller(&untaxed).tax_name_in(Locale::En), "");
    let numbered = untaxed.replace("seller_name", "seller_tax_id = \"GB 1\"\nseller_name");
    assert!(parse(&numbered).unwrap_err()[0].reason.contains("seller_tax_id"), "a number without a name");
}

#[test]
fn overlapping_number_ranges_are_refused() {
    let faults = parse(&GOOD.replace("[\"447400\"]", "[\"447400\", \"4474001\"]")).unwrap_err();
    assert!(faults[0].reason.contains("overlaps"), "{faults:?}");
}

#[test]
fn how_invoices_are_written_is_read_and_no_series_stands_twice() {
    let invoice = |series: &str| {
        format!(
            "[market.invoice]\nseries = \"{series}\"\nsimplified_series = \"GB-S-\"\ncredit_note_series = \"GB-C-\"\n\
             simplified_up_to_minor = 25000\nbuyer_tax_id = \"optional\"\nbuyer_address = \"required\"\n"
        )
    };
    let with =
        |series: &str| GOOD.replacen("[[market.offer]]", &format!("{}[[market.offer]]", invoice(series)), 1);
    let found = parse(&with("GB-F-")).unwrap().markets.remove(0).invoicing.unwrap();
    assert_eq!((found.series.as_str(), found.buyer_address), ("GB-F-", crate::invoice::Asked::Required));
    for (wrong, said) in [("GB-S-", "used twice"), ("gb f", "must be")] {
        let faults = parse(&with(wrong)).unwrap_err();
        assert!(faults.iter().any(|fault| fault.reason.contains(said)), "{faults:?}");
    }
    assert_eq!(parse(GOOD).unwrap().markets[0].invoicing, None);
}

#[test]
fn a_market_says_which_sales_need_a_document_and_none_by_default() {
    assert_eq!(parse(GOOD).unwrap().markets[0].id_check, None);
    let with = |rule: &str| {
        GOOD.replacen("[[market.offer]]", &format!("[market.id_check]\n{rule}\n[[market.offer]]"), 1)
    };
    let read = parse(&with("from_minor = 10000\naccepts = [\"passport\", \"hong_kong_id\"]")).unwrap();
    let rule = read.markets[0].id_check.clone().unwrap();
    assert_eq!((rule.from_minor, rule.accepts.len(), rule.legal_basis), (Some(10_000), 2, None));
    for (rule, word) in [
        ("from_minor = 10000\naccepts = []", "accepts is empty"),
        ("accepts = [\"passport\"]", "asks for nothing"),
        ("from_minor = 0\naccepts = [\"passport\"]", "from_minor is less than 1"),
        ("registered_lines = true\naccepts = [\"passport\"]\nminimum_age = 0", "minimum_age"),
        ("registered_lines = true\naccepts = [\"passport\"]\nlegal_basis = \" \"", "legal_basis"),
        ("registered_lines = true\naccepts = [\"library_card\"]", "library_card"),
    ] {
        let faults = parse(&with(rule)).unwrap_err();
        assert!(faults.iter().any(|fault| fault.reason.contains(word)), "{rule}: {faults:?}");
    }
}
