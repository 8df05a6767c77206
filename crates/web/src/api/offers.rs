//! `GET /v1/offers?msisdn=`: what this line can buy here, fixed prices first.

use super::auth::Authenticated;
use super::body::{self, Query};
use super::shapes::{Arrives, Money, Page, PriceLines, RunningPromotion};
use super::terms::{self, TaxShape, TermsShape};
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::extract::State;
use domain::locale::Locale;
use domain::offer::{Offer, Pricing};
use domain::partner::Scope;
use domain::top_up::Channel;
use flows::promotion::Running;
use http::HeaderMap;
use render::view::{PromotionShown, PromotionWords};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OffersQuery {
    /// E.164 with its country code, for example `447400123456`; `+` and separators are dropped.
    msisdn: String,
}

/// Something that can be bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferShape {
    #[schema(example = "gb-credit-10")]
    pub offer_id: String,
    /// By language tag.
    pub name: BTreeMap<String, String>,
    pub benefit: Arrives,
    /// How a bundle starts and ends, and where it can be used; null for credit.
    pub terms: Option<TermsShape>,
    /// The taxes in the price, where it is fixed.
    pub taxes: Vec<TaxShape>,
    /// Until when it is sold, where that is known. RFC 3339, UTC.
    pub available_until: Option<String>,
    /// The price, where it is fixed.
    pub price_lines: Option<PriceLines>,
    /// The range, where the buyer names the amount.
    pub range: Option<RangeShape>,
    /// The promotions that run for it, the one that an order would get first. One whose budget is used up is not here.
    pub promotions: Vec<RunningPromotion>,
}

/// Amounts from `min` to `max` in steps of `step`; the fee comes on top.
#[derive(Debug, Serialize, ToSchema)]
pub struct RangeShape {
    pub min: Money,
    pub max: Money,
    pub step: Money,
    pub fee: Money,
}

impl From<&Offer> for OfferShape {
    fn from(offer: &Offer) -> OfferShape {
        let range = match &offer.pricing {
            Pricing::Fixed { .. } => None,
            Pricing::Range { min, max, step_minor } => Some(RangeShape {
                min: (*min).into(),
                max: (*max).into(),
                step: domain::money::Money::new(*step_minor, min.currency).into(),
                fee: domain::money::Money::new(offer.fee_minor, min.currency).into(),
            }),
        };
        let name = |(locale, name): (&Locale, &String)| (locale.as_str().to_owned(), name.clone());
        OfferShape {
            offer_id: offer.id.clone(),
            name: offer.name.iter().map(name).collect(),
            benefit: (&offer.benefit).into(),
            terms: TermsShape::of(offer),
            taxes: offer.price(None).map(|prices| terms::taxes(offer, &prices)).unwrap_or_default(),
            available_until: offer.on_sale_until.map(domain::time::UnixMs::rfc3339),
            price_lines: offer.price(None).ok().as_ref().map(Into::into),
            range,
            promotions: Vec::new(),
        }
    }
}

/// What a line can buy.
#[utoipa::path(get, path = "/v1/offers", tag = "offers", params(OffersQuery),
    responses((status = 200, body = Page<OfferShape>), (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 409, body = Problem, description = "`line_barred`, `line_closed`, `line_ported_out`, `network_not_connected`")))]
pub async fn list(
    State(site): State<Site>,
    caller: Authenticated,
    Query(query): Query<OffersQuery>,
    headers: HeaderMap,
) -> Result<Json<Page<OfferShape>>, Problem> {
    caller.may(Scope::OffersRead)?;
    let line = flows::lines::find_payable(&site.world, &body::msisdn(&query.msisdn)?).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let offers = catalogue.offers_for(&line, Channel::Partner, site.world.now());
    let mut running = flows::promotion::running_for(&site.world, &catalogue, &line, &offers).await?;
    let locale = body::language(&headers);
    let shape = |offer: &Offer| {
        let promotions = running.remove(&offer.id).unwrap_or_default();
        let promotions = promotions.iter().map(|found| promotion(&site, locale, offer, found)).collect();
        OfferShape { promotions, ..OfferShape::from(offer) }
    };
    let items = offers.into_iter().map(shape).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

fn promotion(site: &Site, locale: Locale, offer: &Offer, running: &Running<'_>) -> RunningPromotion {
    let words = PromotionWords {
        item: PromotionShown::of(running.promotion, locale, site.world.now()),
        left: running.left.ok(),
        why_not: running.left.err(),
    };
    let gives = match &offer.pricing {
        Pricing::Fixed { value } => Some((&running.promotion.bonus(*value)).into()),
        Pricing::Range { .. } => None,
    };
    RunningPromotion::of(running, gives, site.world.renderer.text(locale, &words))
}
