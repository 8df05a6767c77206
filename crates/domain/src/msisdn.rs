//! A mobile number, E.164 digits without `+`. libphonenumber parses and formats; which numbers are ours is
//! decided by the markets' number ranges, never here.

use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use std::fmt;

/// A valid E.164 number. Its `Debug` shows the last two digits only, so that logs cannot leak it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Msisdn(String);

/// Why a text is no mobile number that can be topped up.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum NotAnMsisdn {
    #[error("not a phone number")]
    Unreadable,
    #[error("not a possible number of its country")]
    Invalid,
    #[error("a landline number")]
    Landline,
}

const LENGTH_MAX: usize = 40;

impl Msisdn {
    /// Reads a number in any spacing; without `+` or `00` it is read as a number of `country`.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Msisdn, NotAnMsisdn> {
        let text = normalise(text)?;
        let region = country.and_then(|c| c.parse::<Region>().ok());
        let number = PhoneNumber::parse(&text, region).map_err(|_| NotAnMsisdn::Unreadable)?;
        if !number.is_valid() {
            return Err(NotAnMsisdn::Invalid);
        }
        match number.get_type() {
            PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => {}
            _ => return Err(NotAnMsisdn::Landline),
        }
        let e164 = number.format_as(PhoneNumberFormat::E164);
        Ok(Msisdn(e164.trim_start_matches('+').to_owned()))
    }

    /// A number that machines send: E.164 digits with or without `+`, and nothing else.
    pub fn parse_e164(text: &str) -> Result<Msisdn, NotAnMsisdn> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnMsisdn::Unreadable);
        }
        Msisdn::parse(&format!("+{digits}"), None)
    }

    /// A number that was valid when it was sealed into our own database.
    pub fn stored(digits: impl Into<String>) -> Msisdn {
        Msisdn(digits.into())
    }

    /// E.164 digits without `+`.
    pub fn digits(&self) -> &str {
        &self.0
    }

    pub fn last4(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }

    /// Is it a number of one of these countries (ISO 3166-1 alpha-2)? Countries that share a calling code are told apart.
    pub fn is_of<'c>(&self, mut countries: impl Iterator<Item = &'c str>) -> bool {
        let number = PhoneNumber::parse(format!("+{}", self.0), None).ok();
        let own = number.and_then(|number| number.get_region_code());
        own.is_some() && countries.any(|country| country.parse::<Region>().ok() == own)
    }

    /// The country of the number (ISO 3166-1 alpha-2), where one alone has it.
    pub fn country(&self) -> Option<String> {
        let number = PhoneNumber::parse(format!("+{}", self.0), None).ok()?;
        number.get_region_code().map(|region| region.to_string())
    }

    /// Calling code and the first four digits after it: numbers that were handed out together begin alike.
    pub fn prefix(&self) -> &str {
        let number = PhoneNumber::parse(format!("+{}", self.0), None).ok();
        let code = number.and_then(|number| number.get_region_code());
        let code = code.and_then(|own| rlibphonenumber::PHONE_NUMBER_UTIL.get_country_code_for_region(own));
        let length = code.map_or(2, |code| code.to_string().len()) + 4;
        &self.0[..length.min(self.0.len())]
    }

    /// In groups as its country writes it, with the country code: `+44 7400 123456`.
    pub fn international(&self) -> String {
        PhoneNumber::parse(format!("+{}", self.0), None)
            .map(|n| n.format_as(PhoneNumberFormat::International).into_owned())
            .unwrap_or_else(|_| format!("+{}", self.0))
    }
}

/// The calling code of a country without `+`: `44` for GB. Empty for what is no country.
pub fn calling_code(country: &str) -> String {
    let region = country.parse::<Region>().ok();
    let code =
        region.and_then(|region| rlibphonenumber::PHONE_NUMBER_UTIL.get_country_code_for_region(region));
    code.map_or_else(String::new, |code| code.to_string())
}

/// Digits of every script become ASCII, `00` becomes `+`, and separators people type are dropped.
fn normalise(text: &str) -> Result<String, NotAnMsisdn> {
    if text.chars().count() > LENGTH_MAX {
        return Err(NotAnMsisdn::Unreadable);
    }
    let mut plain = String::new();
    for c in text.trim().chars() {
        match c {
            '\u{ff0b}' | '+' if plain.is_empty() => plain.push('+'),
            '\u{ff10}'..='\u{ff19}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => {
                let digit = u32::from(c) % 16;
                plain.push(char::from_digit(digit, 10).ok_or(NotAnMsisdn::Unreadable)?);
            }
            '0'..='9' => plain.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{3000}' | '\u{2010}'..='\u{2015}' => {}
            '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => {}
            _ => return Err(NotAnMsisdn::Unreadable),
        }
    }
    Ok(match plain.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => plain,
    })
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Msisdn(…{})", &self.0[self.0.len().saturating_sub(2)..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_people_type_it() {
        for text in [
            "+447400123456",
            "0044 7400 123456",
            "07400 123456",
            "(07400) 123-456",
            "\u{ff0b}\u{ff14}\u{ff14}7400123456",
            "+44 \u{667}\u{664}\u{660}\u{660} 123456",
        ] {
            assert_eq!(Msisdn::parse(text, Some("GB")).unwrap().digits(), "447400123456", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_topped_up_is_refused_with_its_reason() {
        for (text, expected) in [
            ("", NotAnMsisdn::Unreadable),
            ("call me", NotAnMsisdn::Unreadable),
            ("+44 7400 1234", NotAnMsisdn::Invalid),
            ("+44 20 7946 0018", NotAnMsisdn::Landline),
            ("1111111111111111111111111111111111111111111", NotAnMsisdn::Unreadable),
            ("<script>", NotAnMsisdn::Unreadable),
        ] {
            assert_eq!(Msisdn::parse(text, Some("GB")), Err(expected), "{text}");
        }
    }

    #[test]
    fn countries_that_share_a_calling_code_are_told_apart() {
        let number = |text| Msisdn::parse(text, None).unwrap();
        assert!(number("+447400123456").is_of(["ES", "GB"].into_iter()));
        assert!(!number("+447400123456").is_of(["ES", "JE"].into_iter()));
        assert!(!number("+18765550123").is_of(["US"].into_iter()), "a number of Jamaica");
        assert_eq!(number("+447400123456").prefix(), "447400");
        assert_eq!(number("+85251234567").prefix(), "8525123");
    }

    #[test]
    fn a_log_never_shows_the_number() {
        let number = Msisdn::parse("+447400123456", None).unwrap();
        assert_eq!(format!("{number:?}"), "Msisdn(…56)");
        assert_eq!(number.international(), "+44 7400 123456");
    }
}
