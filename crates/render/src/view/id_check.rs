//! The look at a document at the counter: which rule asks and why, the form, and the words for every refusal.

use domain::id_check::{Because, Needed, OfferKind, Refused};
use domain::identity::{Kind, Month, Part, Unreadable};
use domain::money::{Currency, Money};
use serde::Serialize;

use super::{CounterFrame, View, sample};

/// Screen A3. What was typed of the number never comes back to the page.
#[derive(Debug, Clone, Serialize)]
pub struct IdCheck {
    pub counter: CounterFrame,
    /// What the sale's forms carry from screen to screen.
    pub sale: SaleCarried,
    pub because: Vec<WhyAsked>,
    pub accepts: Vec<Kind>,
    pub name_match: bool,
    pub minimum_age: Option<u8>,
    pub legal_basis: Option<String>,
    pub typed: TypedBefore,
    pub refused: Option<RefusedShown>,
    /// Names of products that need no document.
    pub without: Vec<String>,
}

/// The sale that waits for the look, as its forms carry it.
#[derive(Debug, Clone, Serialize)]
pub struct SaleCarried {
    pub key: String,
    /// Digits with the country's code.
    pub msisdn: String,
    pub offer: String,
    /// As it was typed, where the customer names the amount.
    pub amount: String,
}

/// What comes back to the form after a refusal.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TypedBefore {
    pub kind: Option<Kind>,
    pub country: String,
    pub expires: String,
}

/// One line of the rule that asks.
#[derive(Debug, Clone, Serialize)]
pub struct WhyAsked {
    pub code: &'static str,
    pub from: Option<Money>,
}

/// A refusal in parts that the texts put into words.
#[derive(Debug, Clone, Serialize)]
pub struct RefusedShown {
    pub code: &'static str,
    pub part: Option<&'static str>,
    pub since: Option<MonthShown>,
    /// The field to mend.
    pub field: &'static str,
}

/// A month for the words of a date.
#[derive(Debug, Clone, Serialize)]
pub struct MonthShown {
    pub year: String,
    pub month: i8,
}

impl WhyAsked {
    pub fn of(because: &Because, currency: Currency) -> WhyAsked {
        let (code, from) = match because {
            Because::Offer { offer: OfferKind::Credit } => ("credit", None),
            Because::Offer { offer: OfferKind::Bundle } => ("bundle", None),
            Because::Total { from_minor } => ("total", Some(*from_minor)),
            Because::Cash { from_minor } => ("cash", Some(*from_minor)),
            Because::RegisteredLine => ("registered", None),
        };
        WhyAsked { code, from: from.map(|minor| Money::new(minor, currency)) }
    }
}

impl RefusedShown {
    pub fn of(refused: Refused) -> RefusedShown {
        let (part, field) = match refused {
            Refused::Unreadable(Unreadable::CheckDigit(part) | Unreadable::Form(part)) => {
                (Some(part), field_of(part))
            }
            Refused::Unreadable(Unreadable::NoExpiry) => (None, "expires"),
            Refused::Unreadable(Unreadable::Empty | Unreadable::NotAZone | Unreadable::NotIdentity) => {
                (None, "scan")
            }
            Refused::Expired { .. } | Refused::TooYoung => (None, "scan"),
            Refused::AgeNotKnown | Refused::NumberNeeded => (None, "scan"),
            Refused::KindNotAccepted => (None, "kind"),
            Refused::FaceNotSeen => (None, "face"),
            Refused::NameDiffers | Refused::NameNotKnown => (None, "name"),
        };
        let since = if let Refused::Expired { since: Month { year, month } } = refused {
            Some(MonthShown { year: year.to_string(), month })
        } else {
            None
        };
        RefusedShown { code: refused.as_str(), part: part.map(Part::as_str), since, field }
    }
}

impl RefusedShown {
    /// Too many looks for one number: nothing was looked at.
    pub fn too_many() -> RefusedShown {
        RefusedShown { code: "too_many", part: None, since: None, field: "scan" }
    }
}

fn field_of(part: Part) -> &'static str {
    match part {
        Part::Country => "country",
        Part::Expiry => "expires",
        Part::Number | Part::LastFour | Part::BirthDate => "number",
        Part::Optional | Part::Whole | Part::Name => "scan",
    }
}

impl IdCheck {
    /// The page of a look that is needed.
    pub fn of(counter: CounterFrame, sale: SaleCarried, needed: &Needed, currency: Currency) -> IdCheck {
        IdCheck {
            counter,
            sale,
            because: needed.because.iter().map(|because| WhyAsked::of(because, currency)).collect(),
            accepts: needed.accepts.clone(),
            name_match: needed.name_match,
            minimum_age: needed.minimum_age,
            legal_basis: needed.legal_basis.clone(),
            typed: TypedBefore::default(),
            refused: None,
            without: Vec::new(),
        }
    }
}

/// Every refusal once, with every part.
fn all_refusals() -> Vec<Refused> {
    let parts = Part::ALL.iter().flat_map(|part| [Unreadable::CheckDigit(*part), Unreadable::Form(*part)]);
    let others = [Unreadable::Empty, Unreadable::NotAZone, Unreadable::NotIdentity, Unreadable::NoExpiry];
    let unreadable = parts.chain(others).map(Refused::Unreadable);
    let judged = [
        Refused::Expired { since: Month { year: 2026, month: 10 } },
        Refused::KindNotAccepted,
        Refused::FaceNotSeen,
        Refused::TooYoung,
        Refused::AgeNotKnown,
        Refused::NameDiffers,
        Refused::NameNotKnown,
        Refused::NumberNeeded,
    ];
    unreadable.chain(judged).collect()
}

impl View for IdCheck {
    const TEMPLATE: &'static str = "agent/id_check.html";

    fn samples() -> Vec<IdCheck> {
        let gbp = sample::gbp(0).currency;
        let because = vec![
            Because::Offer { offer: OfferKind::Credit },
            Because::Offer { offer: OfferKind::Bundle },
            Because::Total { from_minor: 10_000 },
            Because::Cash { from_minor: 5_000 },
            Because::RegisteredLine,
        ];
        let all = Needed {
            because,
            accepts: Kind::ALL.to_vec(),
            name_match: true,
            minimum_age: Some(16),
            legal_basis: Some("Act 12/2024, s. 7".into()),
        };
        let little = Needed {
            because: vec![Because::Total { from_minor: 10_000 }],
            accepts: vec![Kind::Passport],
            name_match: false,
            minimum_age: None,
            legal_basis: None,
        };
        let typed =
            TypedBefore { kind: Some(Kind::IdCard), country: "\"><i>".into(), expires: "2031-04".into() };
        let sale = SaleCarried {
            key: "01JD2M9Q0000000000000000AA".into(),
            msisdn: "447400123456".into(),
            offer: "gb-credit-10".into(),
            amount: String::new(),
        };
        let page = |needed: &Needed, refused| IdCheck {
            without: vec!["£10.00 credit".into()],
            typed: typed.clone(),
            refused,
            ..IdCheck::of(CounterFrame::sample(), sale.clone(), needed, gbp)
        };
        let first = IdCheck { without: Vec::new(), typed: TypedBefore::default(), ..page(&little, None) };
        let refused = all_refusals().into_iter().map(|refused| page(&all, Some(RefusedShown::of(refused))));
        let too_many = page(&all, Some(RefusedShown::too_many()));
        [first, page(&all, None), too_many].into_iter().chain(refused).collect()
    }
}
