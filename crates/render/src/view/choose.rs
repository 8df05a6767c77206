//! The second page: what is bought. One card per offer: what you get, for how long, what happens then.

use domain::locale::Locale;
use domain::money::Money;
use domain::offer::{Benefit, Offer, Pricing};
use domain::refusal::Refusal;
use domain::time::UnixMs;
use serde::Serialize;

use super::{BonusShown, TermsShown, View, sample};
use crate::problem::{AmountLimits, PageProblem, Problem};

/// One offer as a card.
#[derive(Debug, Clone, Serialize)]
pub struct OfferCard {
    pub id: String,
    /// As it is called everywhere: what is paid for, or a word; allowances and bonus stand beside it.
    pub name: String,
    pub benefit: Benefit,
    pub pricing: Pricing,
    /// What the buyer pays, where the price is fixed.
    pub total: Option<Money>,
    /// Credit that arrives, bonus included, where the price is fixed and credit is bought.
    pub credit: Option<Money>,
    pub bonus: Option<Money>,
    /// What a promotion gives on top to this line.
    pub promotion: Option<BonusShown>,
    /// Is what the promotion gives in the sums above? It is where credit is bought and credit is given.
    pub summed: bool,
    pub fee: Option<Money>,
    /// How long, from when and where a bundle can be used.
    pub terms: Option<TermsShown>,
    /// Between which amounts, where the buyer names one.
    pub limits: Option<AmountLimits>,
}

impl OfferCard {
    /// The card of an offer in the reader's language.
    pub fn of(offer: &Offer, locale: Locale) -> OfferCard {
        let lines = offer.price(None).ok();
        let (Pricing::Fixed { value } | Pricing::Range { min: value, .. }) = &offer.pricing;
        let currency = value.currency;
        let some = |minor: i64| (minor != 0).then(|| Money::new(minor, currency));
        OfferCard {
            id: offer.id.clone(),
            name: offer.name_in(locale).to_owned(),
            benefit: offer.benefit.clone(),
            pricing: offer.pricing.clone(),
            total: lines.map(|lines| lines.total),
            credit: lines.filter(|_| offer.benefit == Benefit::Credit).and_then(|lines| lines.credit().ok()),
            bonus: some(offer.bonus_minor),
            promotion: None,
            summed: false,
            fee: some(offer.fee_minor),
            terms: TermsShown::of(offer, locale),
            limits: AmountLimits::of(&offer.pricing),
        }
    }

    /// The same card with what a promotion gives; its money is part of what arrives.
    pub fn promoted(self, promotion: Option<BonusShown>) -> OfferCard {
        let given = promotion.as_ref().and_then(|bonus| bonus.money);
        let plus = |sum: Money| given.and_then(|given| sum.plus(given).ok());
        match self.credit.and_then(plus) {
            None => OfferCard { promotion, ..self },
            credit => {
                let bonus = self.bonus.map_or(given, plus);
                OfferCard { credit, bonus, promotion, summed: true, ..self }
            }
        }
    }
}

/// Why there is nothing to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoOffers {
    /// Nothing is sold online in this market just now.
    Market,
    /// The line's currency is not the one of what is sold here.
    Currency,
}

/// Something that will be sold.
#[derive(Debug, Clone, Serialize)]
pub struct Coming {
    pub name: String,
    pub from: UnixMs,
    /// In which its date is written (IANA).
    pub zone: String,
}

/// The offer form.
#[derive(Debug, Clone, Serialize)]
pub struct Choose {
    pub cart: String,
    /// The number in groups.
    pub number: String,
    pub credit: Vec<OfferCard>,
    pub bundles: Vec<OfferCard>,
    pub coming: Vec<Coming>,
    pub no_offers: Option<NoOffers>,
    /// The offer chosen before, if any.
    pub offer: Option<String>,
    /// The amount typed before.
    pub amount: String,
    pub problem: Option<Problem>,
}

fn card(id: &str, name: &str, benefit: Benefit, value: i64) -> OfferCard {
    let is_credit = benefit == Benefit::Credit;
    OfferCard {
        id: id.into(),
        name: name.into(),
        benefit,
        pricing: Pricing::Fixed { value: sample::gbp(value) },
        total: Some(sample::gbp(value + 30)),
        credit: is_credit.then(|| sample::gbp(value)),
        bonus: None,
        promotion: None,
        summed: false,
        fee: Some(sample::gbp(30)),
        terms: (!is_credit).then(TermsShown::sample),
        limits: None,
    }
}

impl View for Choose {
    const TEMPLATE: &'static str = "portal/choose.html";

    fn samples() -> Vec<Choose> {
        let gift = OfferCard {
            bonus: Some(sample::gbp(200)),
            credit: Some(sample::gbp(2200)),
            ..card("gb-credit-20", "£20.00 credit", Benefit::Credit, 2000)
        }
        .promoted(Some(sample::bonus()));
        let pricing = Pricing::Range { min: sample::gbp(500), max: sample::gbp(10_000), step_minor: 100 };
        let range = OfferCard {
            total: None,
            credit: None,
            limits: AmountLimits::of(&pricing),
            pricing: pricing.clone(),
            ..card("gb-credit-any", "Credit of your choice", Benefit::Credit, 0)
        };
        let data = Benefit::Bundle {
            allowances: vec![domain::offer::Allowance {
                unit: domain::unit::Unit::Octets,
                amount: 500_000_000,
            }],
            valid_for_days: 1,
        };
        let full = Choose {
            cart: "c_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            number: sample::NUMBER.into(),
            credit: vec![
                card("gb-credit-5", "£5.00 credit", Benefit::Credit, 500),
                card("gb-credit-10", "£10.00 credit", Benefit::Credit, 1000),
                gift,
                range,
            ],
            bundles: vec![
                card("gb-bundle-month", "Traveller", sample::bundle(), 1500),
                OfferCard { fee: None, ..card("gb-bundle-day", "Day pass", data.clone(), 200) },
                OfferCard { terms: Some(TermsShown::europe()), ..card("gb-eu", "Europe", data, 900) },
            ],
            coming: vec![Coming { name: "Winter".into(), from: sample::AT, zone: sample::ZONE.into() }],
            no_offers: None,
            offer: Some("gb-credit-10".into()),
            amount: String::new(),
            problem: None,
        };
        let empty =
            |reason| Choose { credit: vec![], bundles: vec![], no_offers: Some(reason), ..full.clone() };
        let amount = Refusal::AmountRefused(domain::offer::AmountRefused::OutOfRange);
        vec![
            full.clone(),
            Choose { bundles: vec![], offer: None, ..full.clone() },
            empty(NoOffers::Market),
            empty(NoOffers::Currency),
            Choose {
                offer: Some("gb-credit-any".into()),
                amount: "3.50".into(),
                problem: Some(Problem::refused(&amount).within(&pricing)),
                ..full.clone()
            },
            Choose { offer: None, problem: Some(Problem::page(PageProblem::OfferMissing)), ..full },
        ]
    }
}
