//! What an offer says about itself beside its name and price: how long, from when and where a bundle can be used, and
//! the taxes in its price. The same in page, mail and receipt.

use domain::locale::Locale;
use domain::money::{BasisPoints, Money};
use domain::offer::{Benefit, Expiry, Offer, Starts, Zone};
use domain::price::{PriceLines, Tax};
use serde::Serialize;

/// The terms of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TermsShown {
    pub days: u32,
    /// Within how many days it must be used first, where it starts then.
    pub first_use_within: Option<u32>,
    pub expiry: Expiry,
    pub zone: Option<ZoneShown>,
}

/// Where a bundle can be used: the name, and the countries on demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ZoneShown {
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
}

impl ZoneShown {
    pub fn of(zone: &Zone, locale: Locale) -> ZoneShown {
        ZoneShown { name: zone.name_in(locale).to_owned(), countries: zone.countries.clone() }
    }
}

impl TermsShown {
    /// The terms of an offer; credit has none.
    pub fn of(offer: &Offer, locale: Locale) -> Option<TermsShown> {
        let Benefit::Bundle { valid_for_days, .. } = &offer.benefit else { return None };
        Some(TermsShown {
            days: *valid_for_days,
            first_use_within: match offer.starts {
                Starts::Purchase => None,
                Starts::FirstUse { within_days } => Some(within_days),
            },
            expiry: offer.expiry,
            zone: offer.zone.as_ref().map(|zone| ZoneShown::of(zone, locale)),
        })
    }

    pub(crate) fn sample() -> TermsShown {
        TermsShown { days: 30, first_use_within: None, expiry: Expiry::NewBucket, zone: None }
    }

    pub(crate) fn europe() -> TermsShown {
        let zone =
            ZoneShown { name: "Europe".into(), countries: vec!["DE".into(), "FR".into(), "XX".into()] };
        TermsShown { first_use_within: Some(90), zone: Some(zone), ..TermsShown::sample() }
    }
}

/// One tax in a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaxShown {
    pub name: String,
    pub rate: BasisPoints,
    pub amount: Money,
}

/// The taxes in a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaxesShown {
    pub lines: Vec<TaxShown>,
    /// Is the credit taxed when it is used?
    pub later: bool,
}

impl TaxesShown {
    /// The taxes in a price of an offer, in a language.
    pub fn of(offer: &Offer, prices: &PriceLines, locale: Locale) -> TaxesShown {
        TaxesShown::divided(&offer.taxes, offer.taxed_later(), prices, locale)
    }

    /// The same from the taxes that a receipt names.
    pub(crate) fn divided(taxes: &[Tax], later: bool, prices: &PriceLines, locale: Locale) -> TaxesShown {
        let shown = |line: domain::price::TaxLine<'_>| TaxShown {
            name: line.tax.name_in(locale).to_owned(),
            rate: line.tax.rate,
            amount: line.amount,
        };
        TaxesShown { lines: prices.tax_lines(taxes).into_iter().map(shown).collect(), later }
    }

    pub(crate) fn sample() -> TaxesShown {
        let amount = super::sample::gbp(172);
        TaxesShown {
            lines: vec![TaxShown { name: "VAT".into(), rate: BasisPoints(2000), amount }],
            later: false,
        }
    }
}
