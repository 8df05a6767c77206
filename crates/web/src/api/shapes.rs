//! What goes over the wire: amounts, price lines, benefits and top-ups as partners read them.

use domain::offer::Benefit;
use domain::time::UnixMs;
use domain::top_up::{Settlement, TopUp, TopUpState};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An exact amount in minor units (pence, cents).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object with amount_minor and currency")]
pub struct Money {
    #[serde(deserialize_with = "whole")]
    #[schema(example = 1000)]
    pub amount_minor: i64,
    /// ISO 4217.
    #[schema(example = "GBP")]
    pub currency: String,
}

/// A whole number, refused with words that need no knowledge of our types.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer);
    let number = number.map_err(|_| D::Error::custom("must be a whole number of minor units"))?;
    number.as_i64().ok_or_else(|| D::Error::custom("must be a whole number of minor units"))
}

impl From<domain::money::Money> for Money {
    fn from(money: domain::money::Money) -> Money {
        Money { amount_minor: money.minor, currency: money.currency.code().to_owned() }
    }
}

impl Money {
    /// The amount as the product counts it; `None` when the currency is none.
    pub fn read(&self) -> Option<domain::money::Money> {
        Some(domain::money::Money::new(self.amount_minor, self.currency.parse().ok()?))
    }
}

/// What is paid and what arrives. `total = value + fee`; tax is contained in the total.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PriceLines {
    pub value: Money,
    /// Credit on top that nobody pays.
    pub bonus: Money,
    pub fee: Money,
    pub tax: Money,
    /// Hundredths of a percent.
    #[schema(example = 2000)]
    pub tax_rate_bps: u16,
    pub total: Money,
}

impl From<&domain::price::PriceLines> for PriceLines {
    fn from(lines: &domain::price::PriceLines) -> PriceLines {
        PriceLines {
            value: lines.value.into(),
            bonus: lines.bonus.into(),
            fee: lines.fee.into(),
            tax: lines.tax.into(),
            tax_rate_bps: lines.tax_rate.0,
            total: lines.total.into(),
        }
    }
}

/// One allowance of a bundle.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Allowance {
    /// `octets`, `seconds` or `messages`.
    #[schema(example = "octets")]
    pub unit: String,
    pub amount: i64,
}

/// What arrives on the line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Arrives {
    /// `credit` or `bundle`.
    #[schema(example = "credit")]
    pub kind: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<Allowance>,
    /// How long a bundle lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for_days: Option<u32>,
}

impl From<&Benefit> for Arrives {
    fn from(benefit: &Benefit) -> Arrives {
        match benefit {
            Benefit::Credit => {
                Arrives { kind: "credit".into(), allowances: Vec::new(), valid_for_days: None }
            }
            Benefit::Bundle { allowances, valid_for_days } => Arrives {
                kind: "bundle".into(),
                allowances: allowances
                    .iter()
                    .map(|a| Allowance { unit: a.unit.as_str().to_owned(), amount: a.amount })
                    .collect(),
                valid_for_days: Some(*valid_for_days),
            },
        }
    }
}

/// What a promotion gives on top, beside `price_lines.bonus`. `bonus` is money, `allowance` is not; one of them is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Promotion {
    #[schema(example = "gb-autumn")]
    pub id: String,
    /// By language tag.
    pub name: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance: Option<Allowance>,
    /// How long it lasts in a bucket of its own; without, it is plain credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for_days: Option<u32>,
}

impl From<&domain::promotion::Bonus> for Promotion {
    fn from(bonus: &domain::promotion::Bonus) -> Promotion {
        let allowance = bonus.allowance();
        Promotion {
            id: bonus.promotion.clone(),
            name: bonus.name.iter().map(|(tag, name)| (tag.as_str().to_owned(), name.clone())).collect(),
            bonus: bonus.money().map(Into::into),
            allowance: allowance.map(|a| Allowance { unit: a.unit.as_str().to_owned(), amount: a.amount }),
            valid_for_days: bonus.valid_for_days,
        }
    }
}

/// A promotion that runs for an offer, as the number that was asked about can have it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunningPromotion {
    #[schema(example = "gb-autumn")]
    pub id: String,
    /// By language tag.
    pub name: BTreeMap<String, String>,
    /// All of it in a sentence or three, in the language of `Accept-Language`.
    pub words: String,
    /// What an order at the offer's price gets; null where the buyer names the amount, or where the number gets nothing.
    pub gives: Option<Promotion>,
    /// Hundredths of a percent of the value, where the bonus is a share of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2000)]
    pub rate_bps: Option<u16>,
    /// The most that such a share can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bonus: Option<Money>,
    /// RFC 3339, UTC: the first moment in which it is over, unless its budget is used up before.
    pub until: String,
    /// How often one number can have it, ever.
    pub uses_per_line: u32,
    /// How often this number can still have it.
    pub uses_left: i64,
    /// Why this number gets nothing from it: `used_up`, `kept_by_network`, `too_small`, `budget_spent`; null where it gets
    /// something.
    pub why_not: Option<String>,
}

impl RunningPromotion {
    /// As a line can have it on an offer.
    pub fn of(running: &flows::promotion::Running<'_>, gives: Option<Promotion>, words: String) -> Self {
        let promotion = running.promotion;
        let share = match &promotion.gives {
            domain::promotion::Gives::Percent { rate, max } => Some((rate.0, (*max).into())),
            domain::promotion::Gives::Fixed { .. } | domain::promotion::Gives::Allowance { .. } => None,
        };
        RunningPromotion {
            id: promotion.id.clone(),
            name: promotion.name.iter().map(|(tag, name)| (tag.as_str().to_owned(), name.clone())).collect(),
            words,
            gives: gives.filter(|_| running.left.is_ok()),
            rate_bps: share.as_ref().map(|(rate, _)| *rate),
            max_bonus: share.map(|(_, max)| max),
            until: promotion.ends_at.rfc3339(),
            uses_per_line: promotion.uses_per_line,
            uses_left: running.left.unwrap_or(0),
            why_not: running.left.err().map(|why| why.word().to_owned()),
        }
    }
}

/// Where the receipt is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceiptLink {
    #[schema(example = "7K2M9-QX4TB")]
    pub code: String,
    pub url: String,
}

/// A top-up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopUpShape {
    #[schema(example = "tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V")]
    pub id: String,
    /// One of `awaiting_payment`, `checking_payment`, `paid`, `pending_network`, `credited`, `refunding`,
    /// `refunded`, `reversed`, `cancelled`, `review`.
    #[schema(example = "credited")]
    pub state: String,
    #[schema(example = "447400123456")]
    pub msisdn: String,
    pub offer_id: String,
    pub price_lines: PriceLines,
    /// Null where no promotion applies.
    pub promotion: Option<Promotion>,
    /// `float` or `hosted`.
    pub tender: String,
    pub reference: Option<String>,
    pub receipt: ReceiptLink,
    /// The hosted payment page, while it waits to be paid.
    pub payment_url: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    pub credited_at: Option<String>,
}

impl TopUpShape {
    pub fn of(top_up: &TopUp, msisdn: &str, public_url: &str, payment_url: Option<&str>) -> TopUpShape {
        let waits = top_up.settlement == Settlement::Captured && top_up.state == TopUpState::AwaitingPayment;
        TopUpShape {
            id: top_up.id.to_string(),
            state: top_up.state.as_str().to_owned(),
            msisdn: msisdn.to_owned(),
            offer_id: top_up.offer.clone(),
            price_lines: (&top_up.prices).into(),
            promotion: top_up.promotion.as_ref().map(Into::into),
            tender: tender(top_up.settlement).to_owned(),
            reference: top_up.reference.clone(),
            receipt: ReceiptLink {
                code: top_up.code.clone(),
                url: format!("{public_url}/o/{}/receipt", top_up.code),
            },
            payment_url: payment_url.filter(|_| waits).map(str::to_owned),
            created_at: top_up.created_at.rfc3339(),
            credited_at: top_up.credited_at.map(UnixMs::rfc3339),
        }
    }
}

/// The API's word for how it is paid.
fn tender(settlement: Settlement) -> &'static str {
    match settlement {
        Settlement::Float => "float",
        Settlement::Captured => "hosted",
    }
}

/// A page of a list. `next_cursor` is null on the last page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}
