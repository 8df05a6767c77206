//! Numbers that people type: the resident ID of mainland China (GB 11643), the Hong Kong identity card, the
//! home-return permit, and what is left of all others.

use super::check_digit;
use super::{Kind, Part, Unreadable};
use jiff::civil::Date;

/// A number that is right as far as one can tell.
pub(super) struct Read {
    pub(super) number: String,
    pub(super) birth: Option<Date>,
}

/// Without brackets, spaces and hyphens, full-width digits and letters as plain ones, in capitals.
pub(super) fn plain(text: &str) -> String {
    let narrow = text.trim().chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    });
    let kept = narrow.filter(|c| !matches!(c, '(' | ')' | '-' | ' ' | '\u{3000}' | '\t'));
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

pub(super) fn read(kind: Kind, plain: String, today: Date) -> Result<Read, Unreadable> {
    match kind {
        Kind::ChinaResidentId => resident_id(plain, today),
        Kind::HongKongId => hong_kong_id(plain),
        Kind::HomeReturnPermit => home_return_permit(plain),
        Kind::Passport | Kind::IdCard => {
            let fits = (5..=24).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_alphanumeric());
            if fits { Ok(Read { number: plain, birth: None }) } else { Err(Unreadable::Form(Part::Number)) }
        }
    }
}

/// The first two digits of a region (GB/T 2260), and 81 to 83 of residents from Hong Kong, Macao and Taiwan.
const PROVINCES: &[&str] = &[
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
];

/// GB 11643-1999: region of 6, birth date of 8, order of 3, check character.
fn resident_id(plain: String, today: Date) -> Result<Read, Unreadable> {
    let form = Err(Unreadable::Form(Part::Number));
    if plain.len() != 18 || !plain.is_ascii() {
        return form;
    }
    let (body, check) = plain.split_at(17);
    if !body.bytes().all(|b| b.is_ascii_digit()) || !PROVINCES.contains(&&body[..2]) {
        return form;
    }
    if check_digit::gb_11643(body) != check.bytes().next() {
        return Err(Unreadable::CheckDigit(Part::Number));
    }
    let number = |text: &str| text.parse::<i16>().unwrap_or(0);
    let small = |text: &str| text.parse::<i8>().unwrap_or(0);
    let birth = Date::new(number(&body[6..10]), small(&body[10..12]), small(&body[12..14]));
    match birth {
        Ok(birth) if birth <= today && birth.year() >= 1880 => Ok(Read { number: plain, birth: Some(birth) }),
        Ok(_) | Err(_) => Err(Unreadable::Form(Part::BirthDate)),
    }
}

/// One or two letters, six digits, check character 0 to 9 or A.
fn hong_kong_id(plain: String) -> Result<Read, Unreadable> {
    let letters = plain.bytes().take_while(u8::is_ascii_uppercase).count();
    let fits = plain.is_ascii() && (1..=2).contains(&letters) && plain.len() == letters + 7;
    if !fits || !plain.as_bytes()[letters..letters + 6].iter().all(u8::is_ascii_digit) {
        return Err(Unreadable::Form(Part::Number));
    }
    let (body, check) = plain.split_at(letters + 6);
    if check_digit::hong_kong(body) != check.bytes().next() {
        return Err(Unreadable::CheckDigit(Part::Number));
    }
    Ok(Read { number: plain, birth: None })
}

/// H (Hong Kong) or M (Macao) and 8 digits for life; older cards print two more that count the issues. The number
/// itself has no check digit.
fn home_return_permit(plain: String) -> Result<Read, Unreadable> {
    let digits = plain.strip_prefix(['H', 'M']).unwrap_or_default();
    if !matches!(digits.len(), 8 | 10) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Unreadable::Form(Part::Number));
    }
    Ok(Read { number: plain[..9].to_owned(), birth: None })
}
