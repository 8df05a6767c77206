//! The third page: everything once more, the full price, and the button that carries it.

use domain::afterwards::Ends;
use domain::money::Money;
use domain::offer::Benefit;
use domain::price::PriceLines;
use domain::refusal::Refusal;
use serde::Serialize;

use super::{BonusShown, TaxesShown, TermsShown, View, sample};
use crate::AfterwardsValues;
use crate::problem::{PageProblem, Problem};

/// The last look before paying.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    pub cart: String,
    /// The number in groups.
    pub number: String,
    pub last4: String,
    pub offer_name: String,
    pub benefit: Benefit,
    pub prices: PriceLines,
    /// What a promotion gives on top.
    pub bonus: Option<BonusShown>,
    /// The same in words for machines, sent back so that the buyer gets what was shown.
    pub expected_bonus: String,
    /// All credit that arrives, where a promotion adds some.
    pub arrives: Option<Money>,
    /// Has the offer a promotion that this number cannot have, because its network keeps the balance?
    pub no_promotions: bool,
    pub taxes: TaxesShown,
    /// How long, from when and where a bundle can be used.
    pub terms: Option<TermsShown>,
    /// What the number will have.
    pub after: AfterwardsValues,
    /// The code that the order will have.
    pub code: String,
    /// How many orders this browser has.
    pub own_orders: usize,
    /// The total that the buyer sees, in minor units; sent back so that no other one is ever charged.
    pub expected_total: i64,
    /// The version of the offer that the buyer sees.
    pub version: String,
    pub email: String,
    /// Will the order be in the reader's account?
    pub signed_in: bool,
    /// Payment providers to choose from, by their names.
    pub methods: Vec<&'static str>,
    pub problem: Option<Problem>,
}

impl View for Review {
    const TEMPLATE: &'static str = "portal/review.html";

    fn samples() -> Vec<Review> {
        let credit = Review {
            cart: "c_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            number: sample::NUMBER.into(),
            last4: "3456".into(),
            offer_name: "Credit 10".into(),
            benefit: Benefit::Credit,
            prices: sample::prices(1000, 100, 30),
            bonus: None,
            expected_bonus: String::new(),
            arrives: None,
            no_promotions: false,
            taxes: TaxesShown::sample(),
            terms: None,
            after: sample::credit_after(),
            code: sample::CODE.into(),
            own_orders: 0,
            expected_total: 1030,
            version: "ov_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            email: String::new(),
            signed_in: false,
            methods: vec!["stripe"],
            problem: None,
        };
        let hurt = |problem| Review { problem: Some(problem), ..credit.clone() };
        let end = sample::AT.plus_ms(30 * 86_400_000);
        let bundle = |owner, ends| Review {
            benefit: sample::bundle(),
            terms: Some(TermsShown::sample()),
            after: sample::bundle_after(owner, ends),
            ..credit.clone()
        };
        let (was, now): (Money, Money) = (sample::gbp(1000), sample::gbp(1030));
        vec![
            credit.clone(),
            Review {
                offer_name: "Traveller".into(),
                terms: Some(TermsShown::europe()),
                after: sample::bundle_after(
                    false,
                    Ends::FirstUse { days: 30, by: sample::AT.plus_ms(90 * 86_400_000) },
                ),
                benefit: sample::bundle(),
                prices: sample::prices(1500, 0, 0),
                expected_total: 1500,
                own_orders: 1,
                email: "a.traveller@example.com".into(),
                signed_in: true,
                methods: vec!["stripe", "paypal"],
                ..credit.clone()
            },
            Review {
                bonus: Some(sample::bonus()),
                expected_bonus: "pv_01JD9Z3K7Q8W4M5N6P7R8S9T0V 400".into(),
                arrives: Some(sample::gbp(1500)),
                ..credit.clone()
            },
            Review { no_promotions: true, ..credit.clone() },
            hurt(Problem::refused(&Refusal::BonusChanged { total: now })),
            bundle(true, Ends::At { at: end }),
            bundle(false, Ends::Adds { days: 30, at_least: end }),
            bundle(false, Ends::AtLeast { at_least: end }),
            hurt(Problem::price_changed(was, now)),
            hurt(Problem::page(PageProblem::PaymentUnavailable)),
            hurt(Problem::page(PageProblem::OfferChanged)),
            Review { email: "nobody@".into(), ..hurt(Problem::refused(&Refusal::EmailInvalid)) },
        ]
    }
}
