//! Identity documents as a counter reads them: machine-readable zones, resident IDs of mainland China, HKID,
//! home-return permits. Start at [`Document::scanned`] and [`Document::typed`].
//!
//! What may be kept is in [`Kept`] and nothing else is; number, name and birth date live as long as the
//! [`Document`] and are overwritten when it goes.

mod check_digit;
mod mrz;
mod numbers;
mod secret;

pub use secret::{HolderName, Number};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What lies on the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Passport,
    /// An identity card of any country that has no kind of its own here.
    IdCard,
    /// The resident ID of mainland China, and residence permits with such a number.
    ChinaResidentId,
    /// The Hong Kong identity card.
    HongKongId,
    /// The Mainland Travel Permit of residents of Hong Kong and Macao.
    HomeReturnPermit,
}

impl Kind {
    pub const ALL: &'static [Kind] =
        &[Kind::Passport, Kind::IdCard, Kind::ChinaResidentId, Kind::HongKongId, Kind::HomeReturnPermit];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Passport => "passport",
            Kind::IdCard => "id_card",
            Kind::ChinaResidentId => "china_resident_id",
            Kind::HongKongId => "hong_kong_id",
            Kind::HomeReturnPermit => "home_return_permit",
        }
    }

    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// The issuer of documents that only one place issues.
    fn issuer(self) -> Option<&'static str> {
        match self {
            Kind::Passport | Kind::IdCard => None,
            Kind::ChinaResidentId | Kind::HomeReturnPermit => Some("CHN"),
            Kind::HongKongId => Some("HKG"),
        }
    }
}

/// A part of a document that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Number,
    BirthDate,
    Expiry,
    /// The digits that an issuer adds for itself.
    Optional,
    /// The last digit, over all of them.
    Whole,
    Country,
    Name,
    LastFour,
}

impl Part {
    pub const ALL: &'static [Part] = &[
        Part::Number,
        Part::BirthDate,
        Part::Expiry,
        Part::Optional,
        Part::Whole,
        Part::Country,
        Part::Name,
        Part::LastFour,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Part::Number => "number",
            Part::BirthDate => "birth_date",
            Part::Expiry => "expiry",
            Part::Optional => "optional",
            Part::Whole => "whole",
            Part::Country => "country",
            Part::Name => "name",
            Part::LastFour => "last_four",
        }
    }
}

/// Why a scan or what was typed is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    Empty,
    /// Neither two lines of 44 or 36 nor three of 30 characters.
    NotAZone,
    /// A visa or something else that is no identity document.
    NotIdentity,
    /// A check digit does not fit.
    CheckDigit(Part),
    /// Not written as this part is.
    Form(Part),
    /// The document names no end, and one of this kind has one.
    NoExpiry,
}

/// A month of a year, all that is kept of an expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    pub year: i16,
    pub month: i8,
}

impl Month {
    fn of(date: Date) -> Month {
        Month { year: date.year(), month: date.month() }
    }

    /// Reads `2031-04`.
    pub fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let date = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        Some(Month::of(date))
    }

    /// The last day of it, on which a document of which only the month is known still counts.
    pub fn last_day(self) -> Option<Date> {
        Date::new(self.year, self.month, 1).ok().map(Date::last_of_month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// All that is kept of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub kind: Kind,
    /// The issuer as documents write it: one to three capital letters (ICAO 9303-3, section 5).
    pub country: String,
    pub last4: String,
    /// None: the document has no end.
    pub expires: Option<Month>,
}

/// A document that was read. Only [`Document::kept`] may be written down.
#[derive(Debug)]
pub struct Document {
    kept: Kept,
    expires_on: Option<Date>,
    number: Option<Number>,
    name: Option<HolderName>,
    birth: Option<secret::Birth>,
}

/// What a clerk typed, as it came from the form.
#[derive(Clone, Default)]
pub struct Typed {
    pub kind: String,
    pub country: String,
    /// `2031-04`; empty where a resident ID has no end.
    pub expires: String,
    /// The whole number, or its last four characters.
    pub number: String,
    /// The holder's name, only for the yes or no of a registered line.
    pub name: String,
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Longer is no document.
const TEXT_MAX: usize = 400;

impl Document {
    /// Reads a machine-readable zone, as a scanner types it.
    pub fn scanned(text: &str, today: Date) -> Result<Document, Unreadable> {
        if text.trim().is_empty() {
            return Err(Unreadable::Empty);
        }
        if text.len() > TEXT_MAX {
            return Err(Unreadable::NotAZone);
        }
        let zone = mrz::read(text, today)?;
        let number = Number::new(zone.number);
        let kept = Kept {
            kind: zone.kind,
            country: zone.country,
            last4: number.last4(),
            expires: Some(Month::of(zone.expires)),
        };
        Ok(Document {
            kept,
            expires_on: Some(zone.expires),
            number: Some(number),
            name: zone.name,
            birth: zone.birth.map(secret::Birth::new),
        })
    }

    /// Reads what was typed. A whole number is checked by the rules of its kind; four characters are taken as the
    /// last four.
    pub fn typed(typed: &Typed, today: Date) -> Result<Document, Unreadable> {
        let kind = Kind::parse(typed.kind.trim()).ok_or(Unreadable::Empty)?;
        let country = read_country(kind, &typed.country)?;
        let expires = read_expiry(kind, &typed.expires)?;
        if typed.number.len() > TEXT_MAX || typed.name.len() > TEXT_MAX {
            return Err(Unreadable::Form(Part::Number));
        }
        let plain = numbers::plain(&typed.number);
        let (last4, number, birth) = if plain.len() == 4 {
            (plain, None, None)
        } else {
            let read = numbers::read(kind, plain, today)?;
            let number = Number::new(read.number);
            (number.last4(), Some(number), read.birth.map(secret::Birth::new))
        };
        let fits = last4.len() == 4 && last4.bytes().all(|b| b.is_ascii_alphanumeric());
        if !fits {
            return Err(Unreadable::Form(Part::LastFour));
        }
        let name = Some(HolderName::new(&typed.name)).filter(|name| !name.is_empty());
        let expires_on = expires.and_then(Month::last_day);
        Ok(Document { kept: Kept { kind, country, last4, expires }, expires_on, number, name, birth })
    }

    /// What may be written down.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Since when it no longer counts.
    pub fn expired_since(&self, today: Date) -> Option<Month> {
        self.expires_on.filter(|last| *last < today).map(Month::of)
    }

    /// The whole number, where it was read. Only for a keyed hash under a named legal basis.
    pub fn number(&self) -> Option<&Number> {
        self.number.as_ref()
    }

    /// The holder's name, where it was read. Only for the yes or no of a registered line.
    pub fn name(&self) -> Option<&HolderName> {
        self.name.as_ref()
    }

    /// Is the holder so many years old? None where the document did not say.
    pub fn is_of_age(&self, years: u8, today: Date) -> Option<bool> {
        self.birth.as_ref().map(|birth| birth.is_of_age(years, today))
    }
}

fn read_country(kind: Kind, text: &str) -> Result<String, Unreadable> {
    let text = text.trim().to_ascii_uppercase();
    match kind.issuer() {
        Some(issuer) if text.is_empty() || text == issuer => Ok(issuer.to_owned()),
        Some(_) => Err(Unreadable::Form(Part::Country)),
        None if mrz::is_issuer(&text) => Ok(text),
        None => Err(Unreadable::Form(Part::Country)),
    }
}

fn read_expiry(kind: Kind, text: &str) -> Result<Option<Month>, Unreadable> {
    if text.trim().is_empty() {
        // Resident IDs of people over 45 and Hong Kong identity cards have no end (PRC Identity Card Law, art. 5).
        return match kind {
            Kind::ChinaResidentId | Kind::HongKongId => Ok(None),
            Kind::Passport | Kind::IdCard | Kind::HomeReturnPermit => Err(Unreadable::NoExpiry),
        };
    }
    Month::parse(text.trim()).map(Some).ok_or(Unreadable::Form(Part::Expiry))
}

#[cfg(test)]
mod tests;
