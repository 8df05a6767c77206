//! The catalogue and the promotions as staff sees them: read, not changed.

use super::OfficeFrame;
use crate::view::{View, sample};
use domain::money::Money;
use domain::offer::{Allowance, Expiry, Pricing, VoucherType};
use domain::time::UnixMs;
use domain::top_up::Channel;
use serde::Serialize;

/// A current offer.
#[derive(Debug, Clone, Serialize)]
pub struct OfferRow {
    pub id: String,
    pub name: String,
    pub version: i64,
    pub pricing: Pricing,
    pub bonus: Money,
    pub fee: Money,
    /// Name and rate in hundredths of a percent.
    pub taxes: Vec<(String, u16)>,
    pub voucher_type: VoucherType,
    pub expiry: Expiry,
    pub channels: Vec<Channel>,
    pub from: Option<UnixMs>,
    pub until: Option<UnixMs>,
}

/// The offers of a market.
#[derive(Debug, Clone, Serialize)]
pub struct MarketOffers {
    pub country: String,
    pub zone: String,
    pub offers: Vec<OfferRow>,
}

/// The catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeCatalogue {
    pub office: OfficeFrame,
    pub markets: Vec<MarketOffers>,
}

impl View for OfficeCatalogue {
    const TEMPLATE: &'static str = "office/catalogue.html";

    fn samples() -> Vec<OfficeCatalogue> {
        let fixed = OfferRow {
            id: "gb-credit-10".into(),
            name: "£10 credit".into(),
            version: 3,
            pricing: Pricing::Fixed { value: sample::gbp(1_000) },
            bonus: sample::gbp(100),
            fee: sample::gbp(30),
            taxes: vec![("VAT".into(), 2_000)],
            voucher_type: VoucherType::SinglePurpose,
            expiry: Expiry::NewBucket,
            channels: Channel::ALL.to_vec(),
            from: Some(sample::AT),
            until: None,
        };
        let pricing = Pricing::Range { min: sample::gbp(500), max: sample::gbp(10_000), step_minor: 100 };
        let range =
            OfferRow { pricing, voucher_type: VoucherType::MultiPurpose, from: None, ..fixed.clone() };
        let mut offers = vec![OfferRow { until: Some(sample::AT), ..fixed.clone() }, fixed.clone(), range];
        offers.extend(Expiry::ALL.iter().map(|expiry| OfferRow { expiry: *expiry, ..fixed.clone() }));
        let market = MarketOffers { country: "GB".into(), zone: sample::ZONE.into(), offers };
        let office = OfficeFrame { section: super::OfficeSection::Catalogue, ..OfficeFrame::sample() };
        let empty = OfficeCatalogue { office: office.clone(), markets: Vec::new() };
        vec![OfficeCatalogue { office, markets: vec![market] }, empty]
    }
}

/// What one version changed.
#[derive(Debug, Clone, Serialize)]
pub struct VersionRow {
    pub version: i64,
    pub id: String,
    pub at: UnixMs,
    pub current: bool,
    /// Name, before and after; the first version has none.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
}

/// The versions of an offer, newest first.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeOffer {
    pub office: OfficeFrame,
    pub id: String,
    pub name: String,
    pub zone: String,
    pub versions: Vec<VersionRow>,
}

impl View for OfficeOffer {
    const TEMPLATE: &'static str = "office/offer.html";

    fn samples() -> Vec<OfficeOffer> {
        let change = |name: &str, before: Option<&str>, after: Option<&str>| {
            (name.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
        };
        let newer = VersionRow {
            version: 2,
            id: "ov_2".into(),
            at: sample::AT,
            current: true,
            changes: vec![
                change("fee_minor", Some("30"), Some("50")),
                change("zone.id", None, Some("\"eu\"")),
                change("bonus_minor", Some("100"), None),
            ],
        };
        let older = VersionRow { version: 1, current: false, changes: Vec::new(), ..newer.clone() };
        vec![OfficeOffer {
            office: OfficeFrame { section: super::OfficeSection::Catalogue, ..OfficeFrame::sample() },
            id: "gb-credit-10".into(),
            name: "£10 credit".into(),
            zone: sample::ZONE.into(),
            versions: vec![newer, older],
        }]
    }
}

/// An amount in a promotion's own unit.
#[derive(Debug, Clone, Serialize)]
pub struct InUnit {
    pub money: Option<Money>,
    pub allowance: Option<Allowance>,
}

/// A promotion and its budget.
#[derive(Debug, Clone, Serialize)]
pub struct PromotionRow {
    pub id: String,
    pub name: String,
    pub market: String,
    pub version: i64,
    pub zone: String,
    pub starts_at: UnixMs,
    pub ends_at: UnixMs,
    /// `coming`, `running` or `over`.
    pub standing: &'static str,
    pub offers: Vec<String>,
    pub uses_per_line: u32,
    pub budget: InUnit,
    pub given: InUnit,
    pub held: InUnit,
    pub left: InUnit,
    /// How much of the budget is gone or held, in percent.
    pub used: i64,
}

/// The promotions.
#[derive(Debug, Clone, Serialize)]
pub struct OfficePromotions {
    pub office: OfficeFrame,
    pub rows: Vec<PromotionRow>,
}

impl View for OfficePromotions {
    const TEMPLATE: &'static str = "office/promotions.html";

    fn samples() -> Vec<OfficePromotions> {
        let of = |minor| InUnit { money: Some(sample::gbp(minor)), allowance: None };
        let row = |standing| PromotionRow {
            id: "autumn".into(),
            name: "Autumn bonus".into(),
            market: "GB".into(),
            version: 1,
            zone: sample::ZONE.into(),
            starts_at: sample::AT,
            ends_at: sample::AT,
            standing,
            offers: vec!["gb-credit-10".into()],
            uses_per_line: 1,
            budget: of(100_000),
            given: of(91_000),
            held: of(1_000),
            left: of(8_000),
            used: 92,
        };
        let data = domain::unit::Unit::Octets;
        let left = InUnit { money: None, allowance: Some(Allowance { unit: data, amount: 5_000_000_000 }) };
        let mut rows: Vec<PromotionRow> = ["coming", "running", "over"].map(row).into();
        rows.push(PromotionRow { left, ..row("running") });
        let office = OfficeFrame { section: super::OfficeSection::Promotions, ..OfficeFrame::sample() };
        vec![OfficePromotions { office: office.clone(), rows }, OfficePromotions { office, rows: Vec::new() }]
    }
}
