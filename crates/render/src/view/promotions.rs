//! The public page of promotions: what each gives, until when, to whom, how to have it, and why this reader can or
//! cannot have it. One whose budget is used up is not there.

use domain::locale::Locale;
use domain::money::{BasisPoints, Money};
use domain::offer::Allowance;
use domain::promotion::{Gives, Promotion, WhyNot};
use domain::time::UnixMs;
use domain::unit::Unit;
use serde::Serialize;

use super::{View, sample};

/// What a promotion gives, before anybody orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Giving {
    Percent { rate: BasisPoints, max: Money },
    Money { amount: Money },
    Allowance { allowance: Allowance },
}

/// One offer of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromotedOffer {
    pub id: String,
    pub name: String,
}

/// Whether one line of the reader's can have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YourLine {
    pub last4: String,
    /// How often it can still have it, where it can.
    pub left: Option<i64>,
    pub why_not: Option<WhyNot>,
}

/// One promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromotionShown {
    pub id: String,
    pub name: String,
    pub text: String,
    pub gives: Giving,
    /// What a share comes to, where the offers have one price.
    pub comes_to: Option<Money>,
    pub days: Option<u32>,
    /// ISO 3166-1 alpha-2 of its market.
    pub country: String,
    pub zone: String,
    pub starts_at: UnixMs,
    pub ends_at: UnixMs,
    /// Does it run now?
    pub running: bool,
    pub uses_per_line: u32,
    pub offers: Vec<PromotedOffer>,
    /// The lines of a reader who is signed in.
    pub lines: Vec<YourLine>,
}

impl PromotionShown {
    /// A promotion in the reader's language; its offers and the reader's lines come from the caller.
    pub fn of(promotion: &Promotion, locale: Locale, now: UnixMs) -> PromotionShown {
        PromotionShown {
            id: promotion.id.clone(),
            name: promotion.name_in(locale).to_owned(),
            text: promotion.text_in(locale).to_owned(),
            gives: match &promotion.gives {
                Gives::Percent { rate, max } => Giving::Percent { rate: *rate, max: *max },
                Gives::Fixed { bonus } => Giving::Money { amount: *bonus },
                Gives::Allowance { allowance } => Giving::Allowance { allowance: *allowance },
            },
            comes_to: None,
            days: promotion.bonus_valid_for_days,
            country: promotion.market.clone(),
            zone: promotion.time_zone.clone(),
            starts_at: promotion.starts_at,
            ends_at: promotion.ends_at,
            running: promotion.starts_at <= now,
            uses_per_line: promotion.uses_per_line,
            offers: Vec::new(),
            lines: Vec::new(),
        }
    }
}

/// One promotion on one offer for one line, in words and without markup: for the API.
#[derive(Debug, Clone, Serialize)]
pub struct PromotionWords {
    pub item: PromotionShown,
    /// How often the line can still have it, or why it cannot.
    pub left: Option<i64>,
    pub why_not: Option<WhyNot>,
}

impl View for PromotionWords {
    const TEMPLATE: &'static str = "portal/promotion_words.txt";

    fn samples() -> Vec<PromotionWords> {
        let free = |item| PromotionWords { item, left: Some(2), why_not: None };
        let mut words: Vec<PromotionWords> = samples().into_iter().map(free).collect();
        let why = [WhyNot::UsedUp, WhyNot::KeptByNetwork, WhyNot::TooSmall];
        words.extend(why.map(|why| PromotionWords { left: None, why_not: Some(why), ..words[0].clone() }));
        words
    }
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct Promotions {
    pub running: Vec<PromotionShown>,
    pub coming: Vec<PromotionShown>,
    pub signed_in: bool,
}

pub(super) fn samples() -> Vec<PromotionShown> {
    let percent = PromotionShown {
        id: "gb-autumn".into(),
        name: "Autumn bonus".into(),
        text: "A fifth more credit on £20.".into(),
        gives: Giving::Percent { rate: BasisPoints(2000), max: sample::gbp(1000) },
        comes_to: None,
        days: Some(30),
        country: "GB".into(),
        zone: sample::ZONE.into(),
        starts_at: sample::AT,
        ends_at: sample::AT.plus_ms(864_000_000),
        running: true,
        uses_per_line: 3,
        offers: vec![PromotedOffer { id: "gb-credit-20".into(), name: "£20.00 credit".into() }],
        lines: vec![],
    };
    let data = Allowance { unit: Unit::Octets, amount: 1_000_000_000 };
    vec![
        percent.clone(),
        PromotionShown { comes_to: Some(sample::gbp(400)), ..percent.clone() },
        PromotionShown {
            gives: Giving::Money { amount: sample::gbp(500) },
            days: None,
            uses_per_line: 1,
            ..percent.clone()
        },
        PromotionShown { gives: Giving::Allowance { allowance: data }, running: false, ..percent },
    ]
}

impl View for Promotions {
    const TEMPLATE: &'static str = "portal/promotions.html";

    fn samples() -> Vec<Promotions> {
        let mut shown = samples();
        let coming = shown.split_off(3);
        let reasons = [
            WhyNot::NotYet,
            WhyNot::Ended,
            WhyNot::OtherMarket,
            WhyNot::OtherOffer,
            WhyNot::KeptByNetwork,
            WhyNot::UsedUp,
            WhyNot::TooSmall,
            WhyNot::BudgetSpent,
        ];
        let with_lines = |promotion: &PromotionShown| {
            let free = YourLine { last4: "3456".into(), left: Some(2), why_not: None };
            let barred = |why| YourLine { last4: "8888".into(), left: None, why_not: Some(why) };
            let lines = std::iter::once(free).chain(reasons.map(barred)).collect();
            PromotionShown { lines, ..promotion.clone() }
        };
        let all = Promotions { running: shown, coming, signed_in: false };
        vec![
            all.clone(),
            Promotions { running: all.running.iter().map(with_lines).collect(), signed_in: true, ..all },
            Promotions { running: vec![], coming: vec![], signed_in: false },
        ]
    }
}
