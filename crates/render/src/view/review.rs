//! The third page: everything once more, the full price, and the button that carries it.

use domain::money::Money;
use domain::offer::Benefit;
use domain::price::PriceLines;
use domain::refusal::Refusal;
use serde::Serialize;

use super::{View, sample};
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
    /// What the tax is called in this market.
    pub tax_name: String,
    /// The code that the order will have.
    pub code: String,
    /// How many orders this browser has.
    pub own_orders: usize,
    /// The total that the buyer sees, in minor units; sent back so that no other one is ever charged.
    pub expected_total: i64,
    /// The version of the offer that the buyer sees.
    pub version: String,
    pub email: String,
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
            tax_name: "VAT".into(),
            code: sample::CODE.into(),
            own_orders: 0,
            expected_total: 1030,
            version: "ov_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            email: String::new(),
            methods: vec!["stripe"],
            problem: None,
        };
        let hurt = |problem| Review { problem: Some(problem), ..credit.clone() };
        let (was, now): (Money, Money) = (sample::gbp(1000), sample::gbp(1030));
        vec![
            credit.clone(),
            Review {
                offer_name: "Traveller".into(),
                benefit: sample::bundle(),
                prices: sample::prices(1500, 0, 0),
                expected_total: 1500,
                own_orders: 1,
                email: "a.traveller@example.com".into(),
                methods: vec!["stripe", "paypal"],
                ..credit.clone()
            },
            hurt(Problem::price_changed(was, now)),
            hurt(Problem::page(PageProblem::PaymentUnavailable)),
            hurt(Problem::page(PageProblem::OfferChanged)),
            Review { email: "nobody@".into(), ..hurt(Problem::refused(&Refusal::EmailInvalid)) },
        ]
    }
}
