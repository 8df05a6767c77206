//! What goes over the wire about a bundle's terms and about what a number will have after a purchase.

use super::shapes::Money;
use domain::afterwards::{AllowanceAfter, Ends};
use domain::locale::Locale;
use domain::offer::{Benefit, Offer, Starts, Zone};
use domain::price::PriceLines;
use render::AfterwardsValues;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Where a bundle can be used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ZoneShape {
    #[schema(example = "eu")]
    pub id: String,
    /// By language tag.
    pub name: BTreeMap<String, String>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
}

impl From<&Zone> for ZoneShape {
    fn from(zone: &Zone) -> ZoneShape {
        let name = |(locale, name): (&Locale, &String)| (locale.as_str().to_owned(), name.clone());
        ZoneShape {
            id: zone.id.clone(),
            name: zone.name.iter().map(name).collect(),
            countries: zone.countries.clone(),
        }
    }
}

/// When a bundle starts and what becomes of the rest that the line still has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TermsShape {
    /// `purchase` or `first_use`.
    #[schema(example = "purchase")]
    pub starts: String,
    /// A bundle that starts at its first use lapses when it is not used within so many days.
    pub first_use_within_days: Option<u32>,
    /// `new_bucket`: it stays. `extend`: it moves along, and the end moves by the validity. `latest_of`: it moves to
    /// the later end. `restart`: it moves, and the validity begins anew.
    #[schema(example = "new_bucket")]
    pub expiry: String,
    /// Null where nothing is said about it.
    pub zone: Option<ZoneShape>,
}

impl TermsShape {
    /// The terms of an offer; credit has none.
    pub fn of(offer: &Offer) -> Option<TermsShape> {
        if offer.benefit == Benefit::Credit {
            return None;
        }
        let (starts, first_use_within_days) = match offer.starts {
            Starts::Purchase => ("purchase", None),
            Starts::FirstUse { within_days } => ("first_use", Some(within_days)),
        };
        Some(TermsShape {
            starts: starts.to_owned(),
            first_use_within_days,
            expiry: offer.expiry.as_str().to_owned(),
            zone: offer.zone.as_ref().map(Into::into),
        })
    }
}

/// One tax in a price. The lines add up to the tax of the price lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaxShape {
    /// By language tag.
    pub name: BTreeMap<String, String>,
    /// Hundredths of a percent.
    #[schema(example = 2000)]
    pub rate_bps: u16,
    pub amount: Money,
}

/// The taxes in a price of an offer. None on credit of a multi-purpose voucher: it is taxed when it is used.
pub fn taxes(offer: &Offer, prices: &PriceLines) -> Vec<TaxShape> {
    let shape = |line: domain::price::TaxLine<'_>| TaxShape {
        name: line.tax.name.iter().map(|(locale, name)| (locale.as_str().to_owned(), name.clone())).collect(),
        rate_bps: line.tax.rate.0,
        amount: line.amount.into(),
    };
    prices.tax_lines(&offer.taxes).into_iter().map(shape).collect()
}

/// What the number will have after the purchase. The balance is part of it only for a key with the scope
/// `lines:read`; without it, what is added and what the offer says about its end.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AfterwardsShape {
    /// In the language of `Accept-Language`, English where we do not speak it.
    #[schema(example = "This number gets 5 GB until 22 Dec 2026.")]
    pub sentence: String,
    /// Null for a bundle. Credit has no end.
    pub credit: Option<CreditAfterShape>,
    pub allowances: Vec<AllowanceAfterShape>,
}

/// Credit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CreditAfterShape {
    pub added: Money,
    /// All the credit of the line then; null without the scope for it.
    pub balance: Option<Money>,
}

/// One allowance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllowanceAfterShape {
    /// `octets`, `seconds`, `messages`; a currency for a bonus of money with an end of its own.
    #[schema(example = "octets")]
    pub unit: String,
    pub added: i64,
    /// With what moves into its bucket; null without the scope for it.
    pub amount: Option<i64>,
    /// What the line has of this unit in this zone besides, each with its own end; null without the scope for it.
    pub besides: Option<i64>,
    pub zone: Option<ZoneShape>,
    pub ends: EndsShape,
}

/// When an allowance ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EndsShape {
    /// `at`: at that moment. `adds`: not before it; `days` after the old end where the line still has this bundle.
    /// `at_least`: not before it. `first_use`: `days` after the first use, which must come before it.
    #[schema(example = "at")]
    pub kind: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub days: Option<u32>,
}

impl From<Ends> for EndsShape {
    fn from(ends: Ends) -> EndsShape {
        let (kind, at, days) = match ends {
            Ends::At { at } => ("at", at, None),
            Ends::Adds { days, at_least } => ("adds", at_least, Some(days)),
            Ends::AtLeast { at_least } => ("at_least", at_least, None),
            Ends::FirstUse { days, by } => ("first_use", by, Some(days)),
        };
        EndsShape { kind: kind.to_owned(), at: at.rfc3339(), days }
    }
}

impl From<&AllowanceAfter> for AllowanceAfterShape {
    fn from(allowance: &AllowanceAfter) -> AllowanceAfterShape {
        AllowanceAfterShape {
            unit: allowance.unit.as_str().to_owned(),
            added: allowance.added,
            amount: allowance.amount,
            besides: allowance.besides,
            zone: allowance.zone.as_ref().map(Into::into),
            ends: allowance.ends.into(),
        }
    }
}

impl AfterwardsShape {
    pub fn of(values: &AfterwardsValues, sentence: String) -> AfterwardsShape {
        let credit = values.after.credit.as_ref().map(|credit| CreditAfterShape {
            added: credit.added.into(),
            balance: credit.balance.map(Into::into),
        });
        let allowances = values.after.allowances.iter().map(Into::into).collect();
        AfterwardsShape { sentence, credit, allowances }
    }
}
