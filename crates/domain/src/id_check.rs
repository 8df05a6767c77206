//! Which sale needs a look at a document, by the rule of its market; why, and what became of it. A market without a
//! rule asks for nothing. Start at [`needed`].

use crate::identity::{Document, Kind, Month, Unreadable};
use crate::offer::Benefit;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The rule of a market: each line that is set asks by itself. Nothing set asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Kinds of offers that always ask.
    #[serde(default)]
    pub offers: Vec<OfferKind>,
    /// A total of so much or more asks.
    pub from_minor: Option<i64>,
    /// So much cash or more asks.
    pub cash_from_minor: Option<i64>,
    /// A line that is registered on somebody's name asks, and the name must be that of the document.
    #[serde(default)]
    pub registered_lines: bool,
    pub accepts: Vec<Kind>,
    /// The holder must be so old.
    pub minimum_age: Option<u8>,
    /// The law under which a keyed hash of the number is kept. Without it none is.
    pub legal_basis: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    Credit,
    Bundle,
}

impl OfferKind {
    pub fn of(benefit: &Benefit) -> OfferKind {
        match benefit {
            Benefit::Credit => OfferKind::Credit,
            Benefit::Bundle { .. } => OfferKind::Bundle,
        }
    }
}

/// Longer is no name of a law.
const LEGAL_BASIS_MAX: usize = 200;

impl Rule {
    /// What is wrong with a rule as it was written.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.accepts.is_empty() {
            faults.push("id_check.accepts is empty: no document would do".into());
        }
        let never = self.offers.is_empty() && self.from_minor.is_none() && self.cash_from_minor.is_none();
        if never && !self.registered_lines {
            faults.push("id_check asks for nothing: leave it out, or set offers, from_minor, cash_from_minor or registered_lines".into());
        }
        for (name, minor) in [("from_minor", self.from_minor), ("cash_from_minor", self.cash_from_minor)] {
            if minor.is_some_and(|minor| minor < 1) {
                faults.push(format!("id_check.{name} is less than 1: list all kinds in offers instead"));
            }
        }
        if self.minimum_age.is_some_and(|age| !(1..=99).contains(&age)) {
            faults.push("id_check.minimum_age is not between 1 and 99".into());
        }
        let fits = |text: &String| !text.trim().is_empty() && text.chars().count() <= LEGAL_BASIS_MAX;
        if self.legal_basis.as_ref().is_some_and(|text| !fits(text)) {
            faults.push(format!(
                "id_check.legal_basis must name a law in 1 to {LEGAL_BASIS_MAX} characters, or be left out"
            ));
        }
        faults
    }
}

/// What a rule looks at in a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    pub offer: OfferKind,
    pub total_minor: i64,
    pub cash_minor: i64,
    /// Is the line registered on somebody's name?
    pub registered: bool,
}

/// Which line of the rule asks. People see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Because {
    Offer { offer: OfferKind },
    Total { from_minor: i64 },
    Cash { from_minor: i64 },
    RegisteredLine,
}

/// Does a sale need a look at a document?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    None,
    Check(Needed),
}

/// The look that a sale needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Never empty.
    pub because: Vec<Because>,
    pub accepts: Vec<Kind>,
    pub name_match: bool,
    pub minimum_age: Option<u8>,
    pub legal_basis: Option<String>,
}

/// What the rule of a market asks of a sale.
pub fn needed(rule: Option<&Rule>, sale: &Sale) -> Need {
    let Some(rule) = rule else { return Need::None };
    let mut because = Vec::new();
    if rule.offers.contains(&sale.offer) {
        because.push(Because::Offer { offer: sale.offer });
    }
    if let Some(from_minor) = rule.from_minor.filter(|from| sale.total_minor >= *from) {
        because.push(Because::Total { from_minor });
    }
    if let Some(from_minor) = rule.cash_from_minor.filter(|from| sale.cash_minor >= *from) {
        because.push(Because::Cash { from_minor });
    }
    let name_match = rule.registered_lines && sale.registered;
    if name_match {
        because.push(Because::RegisteredLine);
    }
    if because.is_empty() {
        return Need::None;
    }
    Need::Check(Needed {
        because,
        accepts: rule.accepts.clone(),
        name_match,
        minimum_age: rule.minimum_age,
        legal_basis: rule.legal_basis.clone(),
    })
}

/// Why a look was refused. People see it in words; only the sales that need it stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Unreadable(Unreadable),
    Expired {
        since: Month,
    },
    KindNotAccepted,
    /// The clerk did not say that face and document match.
    FaceNotSeen,
    TooYoung,
    /// The document was not read as a whole, so that it does not say how old the holder is.
    AgeNotKnown,
    NameDiffers,
    /// No name was read, or the register does not say whether it fits.
    NameNotKnown,
    /// The law asks for a keyed hash, and the whole number was not read.
    NumberNeeded,
}

impl Refused {
    /// One word for the record and for the texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Refused::Unreadable(Unreadable::Empty) => "empty",
            Refused::Unreadable(Unreadable::NotAZone) => "not_a_zone",
            Refused::Unreadable(Unreadable::NotIdentity) => "not_identity",
            Refused::Unreadable(Unreadable::CheckDigit(_)) => "check_digit",
            Refused::Unreadable(Unreadable::Form(_)) => "form",
            Refused::Unreadable(Unreadable::NoExpiry) => "no_expiry",
            Refused::Expired { .. } => "expired",
            Refused::KindNotAccepted => "kind_not_accepted",
            Refused::FaceNotSeen => "face_not_seen",
            Refused::TooYoung => "too_young",
            Refused::AgeNotKnown => "age_not_known",
            Refused::NameDiffers => "name_differs",
            Refused::NameNotKnown => "name_not_known",
            Refused::NumberNeeded => "number_needed",
        }
    }
}

/// What can be judged without asking anybody: kind, end, face, age. The name comes after.
pub fn judge(needed: &Needed, document: &Document, face_matches: bool, today: Date) -> Result<(), Refused> {
    if !needed.accepts.contains(&document.kept().kind) {
        return Err(Refused::KindNotAccepted);
    }
    if let Some(since) = document.expired_since(today) {
        return Err(Refused::Expired { since });
    }
    if needed.legal_basis.is_some() && document.number().is_none() {
        return Err(Refused::NumberNeeded);
    }
    if let Some(years) = needed.minimum_age {
        match document.is_of_age(years, today) {
            Some(true) => {}
            Some(false) => return Err(Refused::TooYoung),
            None => return Err(Refused::AgeNotKnown),
        }
    }
    if needed.name_match && document.name().is_none() {
        return Err(Refused::NameNotKnown);
    }
    if face_matches { Ok(()) } else { Err(Refused::FaceNotSeen) }
}

/// What a register says of a name: a yes or a no, never the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameMatch {
    Yes,
    No,
    NotKnown,
}

impl NameMatch {
    pub fn as_str(self) -> &'static str {
        match self {
            NameMatch::Yes => "yes",
            NameMatch::No => "no",
            NameMatch::NotKnown => "not_known",
        }
    }

    pub fn parse(text: &str) -> Option<NameMatch> {
        [NameMatch::Yes, NameMatch::No, NameMatch::NotKnown].into_iter().find(|word| word.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Typed;
    use jiff::civil::date;

    fn rule() -> Rule {
        Rule {
            offers: vec![OfferKind::Bundle],
            from_minor: Some(10_000),
            cash_from_minor: Some(5_000),
            registered_lines: true,
            accepts: vec![Kind::Passport],
            minimum_age: None,
            legal_basis: None,
        }
    }

    const SMALL: Sale =
        Sale { offer: OfferKind::Credit, total_minor: 1000, cash_minor: 1000, registered: false };

    fn because(sale: &Sale) -> Vec<Because> {
        match needed(Some(&rule()), sale) {
            Need::None => Vec::new(),
            Need::Check(needed) => needed.because,
        }
    }

    #[test]
    fn a_market_without_a_rule_asks_for_nothing() {
        assert_eq!(needed(None, &Sale { total_minor: i64::MAX, registered: true, ..SMALL }), Need::None);
    }

    #[test]
    fn each_line_of_a_rule_asks_by_itself_and_says_so() {
        assert_eq!(because(&SMALL), []);
        let bundle = Sale { offer: OfferKind::Bundle, ..SMALL };
        assert_eq!(because(&bundle), [Because::Offer { offer: OfferKind::Bundle }]);
        assert_eq!(because(&Sale { total_minor: 9_999, ..SMALL }), []);
        assert_eq!(because(&Sale { total_minor: 10_000, ..SMALL }), [Because::Total { from_minor: 10_000 }]);
        assert_eq!(because(&Sale { cash_minor: 5_000, ..SMALL }), [Because::Cash { from_minor: 5_000 }]);
        assert_eq!(because(&Sale { registered: true, ..SMALL }), [Because::RegisteredLine]);
    }

    #[test]
    fn a_document_that_will_not_do_is_refused_with_the_reason() {
        let today = date(2026, 11, 23);
        let Need::Check(asked) = needed(Some(&rule()), &Sale { total_minor: 10_000, ..SMALL }) else {
            panic!("nothing is asked")
        };
        let typed = |kind: &str, expires: &str| {
            let (country, number) = ("UTO".to_owned(), "02C3".to_owned());
            Typed { kind: kind.into(), country, expires: expires.into(), number, name: String::new() }
        };
        let read = |kind, expires| Document::typed(&typed(kind, expires), today).unwrap();
        assert_eq!(judge(&asked, &read("passport", "2026-11"), true, today), Ok(()));
        let since = Month { year: 2026, month: 10 };
        assert_eq!(judge(&asked, &read("passport", "2026-10"), true, today), Err(Refused::Expired { since }));
        assert_eq!(judge(&asked, &read("id_card", "2030-01"), true, today), Err(Refused::KindNotAccepted));
        assert_eq!(judge(&asked, &read("passport", "2030-01"), false, today), Err(Refused::FaceNotSeen));
        let grown = Needed { minimum_age: Some(16), ..asked.clone() };
        assert_eq!(judge(&grown, &read("passport", "2030-01"), true, today), Err(Refused::AgeNotKnown));
        let named = Needed { name_match: true, ..asked.clone() };
        assert_eq!(judge(&named, &read("passport", "2030-01"), true, today), Err(Refused::NameNotKnown));
        let lawful = Needed { legal_basis: Some("A law".into()), ..asked };
        assert_eq!(judge(&lawful, &read("passport", "2030-01"), true, today), Err(Refused::NumberNeeded));
    }
}
