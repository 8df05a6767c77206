//! Machine-readable zones: ICAO 9303 part 5 (TD1, three lines of 30), part 6 (TD2, two of 36) and part 4 (TD3, two
//! of 44), with the check digits, dates and fillers of part 3. Optional data is checked and dropped.

use super::check_digit::icao;
use super::{HolderName, Kind, Part, Unreadable};
use jiff::civil::Date;

/// What is read of a zone.
pub(super) struct Zone {
    pub(super) kind: Kind,
    pub(super) country: String,
    pub(super) number: String,
    pub(super) birth: Option<Date>,
    pub(super) expires: Date,
    pub(super) name: Option<HolderName>,
}

/// The fields of a zone before they are understood.
struct Fields<'a> {
    code: &'a str,
    issuer: &'a str,
    number: &'a str,
    number_check: &'a str,
    /// Holds the rest of a long number, too.
    optional: &'a str,
    optional_check: Option<&'a str>,
    birth: &'a str,
    birth_check: &'a str,
    expires: &'a str,
    expires_check: &'a str,
    composite: [&'a str; 4],
    composite_check: &'a str,
    name: &'a str,
}

pub(super) fn read(text: &str, today: Date) -> Result<Zone, Unreadable> {
    let whole = layout(text).ok_or(Unreadable::NotAZone)?;
    let fields = match whole.len() {
        90 => td1(&whole),
        72 => two_lines(&whole, 36),
        _ => two_lines(&whole, 44),
    };
    understand(&fields, today)
}

/// One line as scanners send it: capitals, without anything that no zone has.
fn clean(line: &str, space: Option<char>) -> String {
    let letters = line.chars().filter_map(|c| match c.to_ascii_uppercase() {
        c @ ('A'..='Z' | '0'..='9' | '<') => Some(c),
        '\u{ab}' => Some('<'),
        ' ' => space,
        _ => None,
    });
    letters.collect()
}

/// All characters in a row, if they are as many as a zone has. Scanners leave out line ends, put spaces in, or send
/// a space for a filler; some cut the fillers at the end of a line of names.
fn layout(text: &str) -> Option<String> {
    for space in [None, Some('<')] {
        let lines: Vec<String> = text
            .trim()
            .split(['\n', '\r'])
            .map(|line| clean(line, space))
            .filter(|l| !l.is_empty())
            .collect();
        let whole = lines.concat();
        if matches!(whole.len(), 72 | 88 | 90) {
            return Some(whole);
        }
        let padded = |line: &str, width: usize| format!("{line:<<width$}");
        match lines.as_slice() {
            [names, data] if matches!(data.len(), 36 | 44) && names.len() < data.len() && names.len() > 5 => {
                return Some(padded(names, data.len()) + data);
            }
            [first, data, names]
                if data.len() == 30 && (15..=30).contains(&first.len()) && names.len() <= 30 =>
            {
                return Some(padded(first, 30) + data + &padded(names, 30));
            }
            _ => {}
        }
    }
    None
}

/// Part 5, section 4.2.2. The text is ASCII of the right length.
fn td1(z: &str) -> Fields<'_> {
    Fields {
        code: &z[0..2],
        issuer: &z[2..5],
        number: &z[5..14],
        number_check: &z[14..15],
        optional: &z[15..30],
        optional_check: None,
        birth: &z[30..36],
        birth_check: &z[36..37],
        expires: &z[38..44],
        expires_check: &z[44..45],
        composite: [&z[5..30], &z[30..37], &z[38..45], &z[48..59]],
        composite_check: &z[59..60],
        name: &z[60..90],
    }
}

/// Part 6, section 4.2.2, and part 4, section 4.2.2: the same places on the second line, but for its end.
fn two_lines(z: &str, width: usize) -> Fields<'_> {
    let (first, second) = z.split_at(width);
    let last = width - 1;
    let is_passport = width == 44;
    Fields {
        code: &first[0..2],
        issuer: &first[2..5],
        number: &second[0..9],
        number_check: &second[9..10],
        optional: if is_passport { &second[28..42] } else { &second[28..35] },
        optional_check: is_passport.then(|| &second[42..43]),
        birth: &second[13..19],
        birth_check: &second[19..20],
        expires: &second[21..27],
        expires_check: &second[27..28],
        composite: [&second[0..10], &second[13..20], &second[21..last], ""],
        composite_check: &second[last..],
        name: &first[5..],
    }
}

fn understand(fields: &Fields<'_>, today: Date) -> Result<Zone, Unreadable> {
    let kind = match fields.code.as_bytes()[0] {
        b'P' => Kind::Passport,
        b'A' | b'C' | b'I' => Kind::IdCard,
        _ => return Err(Unreadable::NotIdentity),
    };
    let country = fields.issuer.trim_end_matches('<').to_owned();
    if !is_issuer(&country) {
        return Err(Unreadable::Form(Part::Country));
    }
    let number = number(fields)?;
    check(&[fields.birth], fields.birth_check, Part::BirthDate)?;
    check(&[fields.expires], fields.expires_check, Part::Expiry)?;
    if let Some(digit) = fields.optional_check {
        // An empty field may have a filler instead of 0 (part 4, section 4.2.2.2).
        let empty = digit == "<" && fields.optional.bytes().all(|b| b == b'<');
        if !empty {
            check(&[fields.optional], digit, Part::Optional)?;
        }
    }
    check(&fields.composite, fields.composite_check, Part::Whole)?;
    let birth = born(fields.birth, today)?;
    let expires = expires(fields.expires, today)?;
    let name = name(fields.name)?;
    Ok(Zone { kind: own_kind(kind, &country, &number), country, number, birth, expires, name })
}

/// Cards that have a kind of their own.
fn own_kind(kind: Kind, country: &str, number: &str) -> Kind {
    let permit = number.starts_with(['H', 'M']) && number[1..].bytes().all(|b| b.is_ascii_digit());
    let is_permit = kind == Kind::IdCard && country == "CHN" && permit && number.len() == 9;
    if is_permit { Kind::HomeReturnPermit } else { kind }
}

fn check(parts: &[&str], digit: &str, part: Part) -> Result<(), Unreadable> {
    if icao(parts) == digit.bytes().next() { Ok(()) } else { Err(Unreadable::CheckDigit(part)) }
}

/// A number of more than nine characters goes on in the optional data, with its check digit at the end; a filler
/// stands where the check digit would be (part 5, section 4.2.2.1, note j).
fn number(fields: &Fields<'_>) -> Result<String, Unreadable> {
    let long = fields.optional_check.is_none() && fields.number_check == "<";
    let number = if long {
        let rest = fields.optional.split('<').next().unwrap_or_default();
        let Some((at, _)) = rest.char_indices().next_back() else {
            return Err(Unreadable::CheckDigit(Part::Number));
        };
        let (more, digit) = rest.split_at(at);
        // The filler in the place of the check digit does not count.
        check(&[fields.number, more], digit, Part::Number)?;
        format!("{}{more}", fields.number)
    } else {
        check(&[fields.number], fields.number_check, Part::Number)?;
        fields.number.trim_end_matches('<').to_owned()
    };
    let plain = number.replace('<', "");
    if plain.len() < 4 { Err(Unreadable::Form(Part::Number)) } else { Ok(plain) }
}

/// One letter (D) or three: states, and organisations such as UNO (part 3, section 5).
pub(super) fn is_issuer(code: &str) -> bool {
    (code == "D" || code.len() == 3) && code.bytes().all(|b| b.is_ascii_uppercase())
}

fn two(text: &str) -> Option<i8> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn dated(text: &str, century: i16) -> Option<Date> {
    let (year, month, day) = (two(&text[0..2])?, two(&text[2..4])?, two(&text[4..6])?);
    Date::new(century + i16::from(year), month, day).ok()
}

/// The newest year with these two digits that is not ahead. Parts that are not known are fillers (part 3, 4.8).
fn born(text: &str, today: Date) -> Result<Option<Date>, Unreadable> {
    if text.contains('<') {
        let fits = text.bytes().all(|b| b == b'<' || b.is_ascii_digit());
        return if fits { Ok(None) } else { Err(Unreadable::Form(Part::BirthDate)) };
    }
    let this = today.year() - today.year() % 100;
    let found = [this, this - 100].into_iter().find_map(|c| dated(text, c).filter(|date| *date <= today));
    found.map(Some).ok_or(Unreadable::Form(Part::BirthDate))
}

/// The year with these two digits that is nearest: documents last ten years, some cards thirty.
fn expires(text: &str, today: Date) -> Result<Date, Unreadable> {
    if text.bytes().all(|b| b == b'<') {
        return Err(Unreadable::NoExpiry);
    }
    let this = today.year() - today.year() % 100;
    let near = |date: &Date| (i32::from(date.year()) - i32::from(today.year())).abs();
    let all = [this - 100, this, this + 100].into_iter().filter_map(|c| dated(text, c));
    all.min_by_key(near).ok_or(Unreadable::Form(Part::Expiry))
}

/// Two fillers part family and given names, one parts words (part 3, section 4.6).
fn name(text: &str) -> Result<Option<HolderName>, Unreadable> {
    if text.bytes().any(|b| b.is_ascii_digit()) || text.starts_with('<') {
        return Err(Unreadable::Form(Part::Name));
    }
    let name = HolderName::new(&text.replace('<', " "));
    // A name that fills its place to the end may have been cut: it proves neither yes nor no.
    Ok(if text.ends_with('<') && !name.is_empty() { Some(name) } else { None })
}
