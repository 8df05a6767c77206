//! What is known of a holder for a moment: number, name, birth date. None of it prints, serialises or compares, and
//! the memory is overwritten when it goes.

use jiff::civil::Date;
use std::fmt;

/// Overwrites the text and keeps the compiler from leaving that out.
fn overwrite(text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    bytes.fill(0);
    std::hint::black_box(&bytes);
}

/// The whole number of a document.
pub struct Number(String);

impl Number {
    pub(super) fn new(number: String) -> Number {
        Number(number)
    }

    /// For a keyed hash, and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn last4(&self) -> String {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(…)")
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        overwrite(&mut self.0);
    }
}

/// The holder's name as it is compared: capital letters, one space between parts.
pub struct HolderName(String);

impl HolderName {
    /// Brings a name to the form that is compared: accents as ICAO 9303-3 section 6 writes them, hyphens and
    /// commas as spaces, no apostrophes.
    pub fn new(name: &str) -> HolderName {
        let mut plain = String::with_capacity(name.len() * 2);
        for letter in name.chars().flat_map(char::to_uppercase) {
            match transliterated(letter) {
                Some(letters) => plain.push_str(letters),
                None if letter.is_alphabetic() => plain.push(letter),
                None if matches!(letter, '\'' | '\u{2019}' | '.') => {}
                None => plain.push(' '),
            }
        }
        let mut parts: Vec<&str> = plain.split_whitespace().collect();
        // Documents begin with the family name, registers often with the given one.
        parts.sort_unstable();
        let joined = parts.join(" ");
        overwrite(&mut plain);
        HolderName(joined)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the question to a register, and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_same_as(&self, other: &HolderName) -> bool {
        !self.is_empty() && self.0 == other.0
    }
}

impl fmt::Debug for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderName(…)")
    }
}

impl Drop for HolderName {
    fn drop(&mut self) {
        overwrite(&mut self.0);
    }
}

fn transliterated(letter: char) -> Option<&'static str> {
    Some(match letter {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ç' | 'Ć' | 'Č' => "C",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'İ' => "I",
        'Ł' => "L",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ő' => "O",
        'Ö' | 'Ø' | 'Œ' => "OE",
        'Ř' => "R",
        'Ś' | 'Ş' | 'Š' => "S",
        'ẞ' => "SS",
        'Ť' => "T",
        'Ù' | 'Ú' | 'Û' | 'Ū' | 'Ů' | 'Ű' => "U",
        'Ü' => "UE",
        'Ý' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'Þ' => "TH",
        'Đ' | 'Ð' | 'Ď' => "D",
        _ => return None,
    })
}

/// A birth date. It only answers whether somebody is of age.
pub(super) struct Birth(Date);

impl Birth {
    pub(super) fn new(date: Date) -> Birth {
        Birth(date)
    }

    /// Somebody born on 29 February is a year older on 1 March of a common year.
    pub(super) fn is_of_age(&self, years: u8, today: Date) -> bool {
        let whole = today.year() - self.0.year();
        let had = (today.month(), today.day()) >= (self.0.month(), self.0.day());
        whole - i16::from(!had) >= i16::from(years)
    }
}

impl fmt::Debug for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birth(…)")
    }
}
