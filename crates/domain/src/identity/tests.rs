//! Documents by the published specimens of ICAO 9303, and by every way in which they can be wrong.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const TD1: &str =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const LONG_TD1: &str =
    "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
const LONG_TD2: &str = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8";

fn today() -> Date {
    date(2010, 6, 15)
}

fn scan(text: &str) -> Result<Document, Unreadable> {
    Document::scanned(text, today())
}

fn typed(kind: Kind, number: &str) -> Result<Document, Unreadable> {
    let typed = Typed {
        kind: kind.as_str().into(),
        expires: "2031-04".into(),
        number: number.into(),
        country: kind.issuer().unwrap_or("UTO").into(),
        name: String::new(),
    };
    Document::typed(&typed, date(2026, 11, 23))
}

#[test]
fn the_specimens_of_all_three_sizes_are_read() {
    for (text, kind, last4) in
        [(TD1, Kind::IdCard, "5890"), (TD2, Kind::IdCard, "5890"), (TD3, Kind::Passport, "02C3")]
    {
        let read = scan(text).unwrap();
        let expires = Some(Month { year: 2012, month: 4 });
        assert_eq!(*read.kept(), Kept { kind, country: "UTO".into(), last4: last4.into(), expires });
        assert!(read.name().unwrap().is_same_as(&HolderName::new("Anna Maria Eriksson")));
        assert_eq!(read.is_of_age(35, today()), Some(true));
        assert_eq!(read.is_of_age(36, today()), Some(false));
    }
}

#[test]
fn a_long_number_goes_on_in_the_optional_data() {
    for text in [LONG_TD1, LONG_TD2] {
        let read = scan(text).unwrap();
        assert_eq!(read.number().unwrap().expose(), "D23145890734");
        assert_eq!(read.kept().last4, "0734");
        assert_eq!(read.kept().expires, Some(Month { year: 1995, month: 7 }));
        assert_eq!(read.expired_since(today()), Some(Month { year: 1995, month: 7 }));
    }
}

#[test]
fn each_check_digit_is_named_when_it_is_wrong() {
    let whole = TD3.replace('\n', "");
    for (at, part) in [
        (44 + 9, Part::Number),
        (44 + 19, Part::BirthDate),
        (44 + 27, Part::Expiry),
        (44 + 42, Part::Optional),
        (44 + 43, Part::Whole),
    ] {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] = if bytes[at] == b'9' { b'0' } else { bytes[at] + 1 };
        let altered = String::from_utf8(bytes).unwrap();
        assert_eq!(scan(&altered).unwrap_err(), Unreadable::CheckDigit(part), "{altered}");
    }
    let card = TD1.replace('\n', "");
    for (at, part) in [(14, Part::Number), (36, Part::BirthDate), (44, Part::Expiry), (59, Part::Whole)] {
        let mut bytes = card.clone().into_bytes();
        bytes[at] = if bytes[at] == b'9' { b'0' } else { bytes[at] + 1 };
        assert_eq!(scan(&String::from_utf8(bytes).unwrap()).unwrap_err(), Unreadable::CheckDigit(part));
    }
    assert_eq!(scan(&LONG_TD1.replace("7349<", "7348<")).unwrap_err(), Unreadable::CheckDigit(Part::Number));
}

#[test]
fn what_scanners_do_to_a_zone_is_forgiven() {
    for text in [TD1, TD2, TD3, LONG_TD1, LONG_TD2] {
        let expected = scan(text).unwrap().kept().clone();
        let spread: String = text.chars().flat_map(|c| [c, ' ']).collect();
        let cut: String = text.lines().map(|l| l.trim_end_matches('<').to_owned() + "\r\n").collect();
        for rubbish in [
            text.replace('\n', ""),
            text.to_lowercase(),
            format!("\u{2}{text}\r\n\u{3}"),
            text.replace('<', "\u{ab}"),
            text.replace('<', " "),
            spread,
            cut,
        ] {
            assert_eq!(*scan(&rubbish).unwrap_or_else(|e| panic!("{rubbish:?}: {e:?}")).kept(), expected);
        }
    }
}

#[test]
fn what_is_no_identity_document_is_said_to_be_none() {
    assert_eq!(scan(" \n").unwrap_err(), Unreadable::Empty);
    assert_eq!(scan("4006381333931").unwrap_err(), Unreadable::NotAZone);
    assert_eq!(scan(&"<".repeat(2000)).unwrap_err(), Unreadable::NotAZone);
    assert_eq!(scan(&TD3.replacen('P', "V", 1)).unwrap_err(), Unreadable::NotIdentity);
    assert_eq!(scan(&TD3.replacen("UTO", "U7O", 1)).unwrap_err(), Unreadable::Form(Part::Country));
    assert_eq!(scan(&TD3.replacen("ANNA", "4NNA", 1)).unwrap_err(), Unreadable::Form(Part::Name));
}

#[test]
fn a_document_ends_after_its_last_day() {
    let read = scan(TD3).unwrap();
    assert_eq!(read.expired_since(date(2012, 4, 15)), None);
    assert_eq!(read.expired_since(date(2012, 4, 16)), Some(Month { year: 2012, month: 4 }));
}

#[test]
fn a_resident_id_is_checked_by_gb_11643() {
    let read = typed(Kind::ChinaResidentId, "11010519491231002x").unwrap();
    assert_eq!((read.kept().last4.as_str(), read.kept().country.as_str()), ("002X", "CHN"));
    assert_eq!(read.is_of_age(18, date(2026, 11, 23)), Some(true));
    let wrong = |number| typed(Kind::ChinaResidentId, number).unwrap_err();
    assert_eq!(wrong("110105194912310021"), Unreadable::CheckDigit(Part::Number));
    assert_eq!(wrong("11010519491231"), Unreadable::Form(Part::Number));
    assert_eq!(wrong("99010519491231002X"), Unreadable::Form(Part::Number));
    let body = "11010519490231002";
    let check = char::from(check_digit::gb_11643(body).unwrap());
    assert_eq!(wrong(&format!("{body}{check}")), Unreadable::Form(Part::BirthDate));
}

#[test]
fn a_hong_kong_card_is_checked_with_brackets_and_without() {
    for number in ["A123456(3)", "a1234563", "\u{ff21}123456\u{ff08}3\u{ff09}"] {
        assert_eq!(typed(Kind::HongKongId, number).unwrap().number().unwrap().expose(), "A1234563");
    }
    assert_eq!(typed(Kind::HongKongId, "A123456(4)").unwrap_err(), Unreadable::CheckDigit(Part::Number));
    assert_eq!(typed(Kind::HongKongId, "1234563").unwrap_err(), Unreadable::Form(Part::Number));
}

#[test]
fn a_home_return_permit_has_h_or_m_and_eight_digits() {
    for number in ["H12345678", "h1234567802"] {
        assert_eq!(typed(Kind::HomeReturnPermit, number).unwrap().number().unwrap().expose(), "H12345678");
    }
    assert_eq!(typed(Kind::HomeReturnPermit, "K12345678").unwrap_err(), Unreadable::Form(Part::Number));
}

#[test]
fn four_characters_are_the_last_four_and_a_passport_names_its_end() {
    let read = typed(Kind::Passport, "02c3").unwrap();
    assert!(read.number().is_none());
    assert_eq!(read.kept().last4, "02C3");
    let endless =
        Typed { kind: "passport".into(), country: "UTO".into(), number: "02C3".into(), ..Typed::default() };
    assert_eq!(Document::typed(&endless, today()).unwrap_err(), Unreadable::NoExpiry);
}

#[test]
fn nothing_of_a_holder_prints() {
    let shown = format!("{:?}", scan(TD3).unwrap());
    assert!(!shown.contains("L898902") && !shown.contains("ERIKSSON") && !shown.contains("1974"), "{shown}");
    let typed = Typed { number: "L898902C3".into(), name: "Anna".into(), ..Typed::default() };
    assert!(!format!("{typed:?}").contains("L898") && !format!("{typed:?}").contains("Anna"));
}

#[test]
fn names_compare_without_accents_order_and_marks() {
    let same = |a: &str, b: &str| HolderName::new(a).is_same_as(&HolderName::new(b));
    assert!(same("M\u{fc}ller, J\u{f6}rg", "JOERG MUELLER"));
    assert!(same("O\u{2019}Connor Ann-Marie", "OCONNOR<<ANN<MARIE"));
    assert!(!same("Anna Eriksson", "Anna Maria Eriksson"));
    assert!(!same("", ""));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall(text in ".{0,120}", number in ".{0,40}") {
        let _ = scan(&text);
        for kind in Kind::ALL {
            let _ = typed(*kind, &number);
        }
    }

    #[test]
    fn one_wrong_digit_in_a_resident_id_never_passes(at in 0usize..17, digit in 0u8..10) {
        let mut bytes = b"11010519491231002X".to_vec();
        prop_assume!(bytes[at] != b'0' + digit);
        bytes[at] = b'0' + digit;
        prop_assert!(typed(Kind::ChinaResidentId, std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn one_wrong_digit_in_a_checked_field_never_passes(at in 0usize..28, digit in 0u8..10) {
        let mut bytes = TD3.replace('\n', "").into_bytes();
        let place = 44 + at;
        prop_assume!(bytes[place].is_ascii_digit() && bytes[place] != b'0' + digit);
        bytes[place] = b'0' + digit;
        prop_assert!(scan(std::str::from_utf8(&bytes).unwrap()).is_err());
    }
}
