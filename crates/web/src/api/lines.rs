//! `GET /v1/lines/{msisdn}`: is this number ours, and can it be topped up?

use super::auth::Authenticated;
use super::body::{self, NoParameters, Query};
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::extract::{Path, State};
use domain::partner::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A line as its number names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineShape {
    #[schema(example = "447400123456")]
    pub msisdn: String,
    pub operator: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    pub country: String,
    #[schema(example = "GBP")]
    pub currency: String,
    /// `active`, `barred`, `closed` or `ported_out`; only an active line can be topped up.
    #[schema(example = "active")]
    pub status: String,
}

/// A line by its number.
#[utoipa::path(get, path = "/v1/lines/{msisdn}", tag = "lines",
    params(("msisdn" = String, Path, description = "E.164 with its country code, for example 447400123456; `+` and separators are dropped")),
    responses((status = 200, body = LineShape), (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 422, body = Problem, description = "`number_invalid`, `number_landline`")))]
pub async fn get(
    State(site): State<Site>,
    caller: Authenticated,
    _: Query<NoParameters>,
    Path(msisdn): Path<String>,
) -> Result<Json<LineShape>, Problem> {
    caller.may(Scope::LinesRead)?;
    let msisdn = body::msisdn(&msisdn)?;
    let line = flows::lines::find(&site.world, &msisdn).await?;
    Ok(Json(LineShape {
        msisdn: msisdn.digits().to_owned(),
        operator: site.world.settings.brand.clone(),
        country: line.market,
        currency: line.currency.code().to_owned(),
        status: line.status.as_str().to_owned(),
    }))
}
