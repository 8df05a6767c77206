//! `POST /v1/quotes`: the whole price beforehand, promised for a while. Moves nothing.

use super::auth::Authenticated;
use super::body::{self, NoParameters, Query};
use super::codes::Code;
use super::shapes::{Arrives, Money, PriceLines, Promotion};
use super::terms::{self, AfterwardsShape, TaxShape, TermsShape};
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use domain::locale::Locale;
use domain::order::Order;
use domain::partner::Scope;
use domain::refusal::Refusal;
use domain::top_up::Channel;
use flows::top_up::afterwards::{Sees, afterwards};
use flows::top_up::quote;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
pub struct QuoteRequest {
    #[schema(example = "447400123456")]
    pub msisdn: String,
    #[schema(example = "gb-credit-10")]
    pub offer_id: String,
    /// Only where the offer is a range.
    pub amount: Option<Money>,
    /// No promotion asks for a code at present: any code is refused.
    pub promo_code: Option<String>,
}

/// A promised price.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteShape {
    #[schema(example = "qt_01JD9Z3K7Q8W4M5N6P7R8S9T0V")]
    pub quote_id: String,
    pub price_lines: PriceLines,
    pub total: Money,
    pub bonus: Money,
    /// What a promotion gives on top, promised with the price; null where none applies.
    pub promotion: Option<Promotion>,
    /// Where a promotion runs for the offer and this number gets nothing from it, why: `used_up`, `kept_by_network`,
    /// `too_small`, `budget_spent`.
    pub promotion_why_not: Option<String>,
    pub benefit: Arrives,
    /// How a bundle starts and ends, and where it can be used; null for credit.
    pub terms: Option<TermsShape>,
    /// The taxes in the price.
    pub taxes: Vec<TaxShape>,
    /// What the number will have.
    pub afterwards: AfterwardsShape,
    /// Until when a bundle bought now lasts at least; null for credit and for what starts at its first use.
    pub valid_until: Option<String>,
    pub expires_at: String,
}

/// Quote a top-up.
#[utoipa::path(post, path = "/v1/quotes", tag = "top-ups", request_body = QuoteRequest,
    responses((status = 201, body = QuoteShape), (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 409, body = Problem, description = "`currency_mismatch`, `line_barred`, `line_closed`, `line_ported_out`, `network_not_connected`"),
        (status = 422, body = Problem, description = "`number_invalid`, `number_landline`, `offer_unknown`, `offer_not_on_sale`, `amount_invalid`, `promo_code_unknown`")))]
pub async fn create(
    State(site): State<Site>,
    caller: Authenticated,
    _: Query<NoParameters>,
    headers: HeaderMap,
    raw: Bytes,
) -> Result<(StatusCode, Json<QuoteShape>), Problem> {
    let caller = caller.may(Scope::OffersRead)?;
    let request: QuoteRequest = body::json(&headers, &raw)?;
    if request.promo_code.is_some() {
        return Err(Problem::of(Code::PromoCodeUnknown));
    }
    let amount = read_amount(request.amount.as_ref())?;
    let msisdn = body::msisdn(&request.msisdn)?;
    let order =
        Order { msisdn, offer: request.offer_id, amount, channel: Channel::Partner, locale: Locale::En };
    let quoted = quote::quote(&site.world, &order).await?;
    let promised = quote::promise(&site.world, &caller.partner, &quoted, amount).await?;
    let sees = if caller.scopes.contains(&Scope::LinesRead) { Sees::Balance } else { Sees::NoBalance };
    let after = afterwards(&site.world, &quoted, sees).await?;
    let locale = body::language(&headers);
    let why_not = flows::promotion::why_nothing(&site.world, &quoted).await?;
    let shape = QuoteShape {
        quote_id: promised.id.to_string(),
        price_lines: (&quoted.prices).into(),
        total: quoted.prices.total.into(),
        bonus: quoted.prices.bonus.into(),
        promotion: quoted.promotion.as_ref().map(Into::into),
        promotion_why_not: why_not.map(|why| why.word().to_owned()),
        benefit: (&quoted.offer.benefit).into(),
        terms: TermsShape::of(&quoted.offer),
        taxes: terms::taxes(&quoted.offer, &quoted.prices),
        afterwards: AfterwardsShape::of(&after, site.world.renderer.afterwards(locale, &after)),
        valid_until: quoted.valid_until.map(domain::time::UnixMs::rfc3339),
        expires_at: promised.expires_at.rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(shape)))
}

/// An amount of a currency that exists.
pub fn read_amount(amount: Option<&Money>) -> Result<Option<domain::money::Money>, Refusal> {
    amount.map(|amount| amount.read().ok_or(Refusal::CurrencyMismatch)).transpose()
}
