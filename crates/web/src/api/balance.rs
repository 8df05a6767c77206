//! `GET /v1/lines/{msisdn}/balance`: money and buckets as they are now.

use super::auth::Authenticated;
use super::body::{self, NoParameters, Query};
use super::shapes::Money;
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::extract::{Path, State};
use domain::partner::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// What is on a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceShape {
    pub money: Money,
    /// Soonest to end first.
    pub buckets: Vec<BucketShape>,
    /// When this was true. RFC 3339, UTC.
    pub as_of: String,
}

/// One bucket of allowance.
#[derive(Debug, Serialize, ToSchema)]
pub struct BucketShape {
    pub id: String,
    /// `octets`, `seconds` or `messages`.
    pub unit: String,
    pub remaining: i64,
    pub granted: i64,
    pub valid_from: String,
    pub valid_until: String,
}

/// The balance of a line.
#[utoipa::path(get, path = "/v1/lines/{msisdn}/balance", tag = "lines",
    params(("msisdn" = String, Path, description = "E.164 with its country code, for example 447400123456; `+` and separators are dropped")),
    responses((status = 200, body = BalanceShape), (status = 404, body = Problem, description = "`line_unknown`")))]
pub async fn get(
    State(site): State<Site>,
    caller: Authenticated,
    _: Query<NoParameters>,
    Path(msisdn): Path<String>,
) -> Result<Json<BalanceShape>, Problem> {
    caller.may(Scope::LinesRead)?;
    let line = flows::lines::find(&site.world, &body::msisdn(&msisdn)?).await?;
    let now = site.world.now();
    let zero = domain::money::Money::zero(line.currency);
    let account = domain::ledger::book::line_credit(&line.id, zero);
    let read = site.world.db.read(move |tx| {
        Ok((store::ledger::balance(tx, &account)?, store::bucket::list_valid(tx, &line.id, now)?))
    });
    let (balance, buckets) = read.await.map_err(flows::Error::from)?;
    let bucket = |r: domain::bucket::Remaining| BucketShape {
        id: r.bucket.id.to_string(),
        unit: r.bucket.unit.as_str().to_owned(),
        remaining: r.amount,
        granted: r.bucket.granted,
        valid_from: r.bucket.valid_from_at.rfc3339(),
        valid_until: r.bucket.expires_at.rfc3339(),
    };
    Ok(Json(BalanceShape {
        money: domain::money::Money::new(balance.available, zero.currency).into(),
        buckets: buckets.into_iter().map(bucket).collect(),
        as_of: now.rfc3339(),
    }))
}
