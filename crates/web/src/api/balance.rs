//! `GET /v1/lines/{msisdn}/balance`: money and buckets as they are now.

use super::auth::Authenticated;
use super::body::{self, NoParameters, Query};
use super::codes::Code;
use super::shapes::Money;
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::extract::{Path, State};
use domain::partner::Scope;
use flows::balance::Source;
use serde::Serialize;
use utoipa::ToSchema;

/// What is on a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceShape {
    pub money: Money,
    /// Soonest to end first.
    pub buckets: Vec<BucketShape>,
    /// When this was true. RFC 3339, UTC. Where the host network keeps the balance it can be a while ago: while the
    /// network does not answer, its last word stands.
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
    /// `started`, or `first_use` while it waits for its first use; then `valid_until` says when it lapses.
    #[schema(example = "started")]
    pub starts: String,
    /// The zone of the catalogue in which it can be used; null where nothing is said about it.
    pub zone: Option<String>,
    pub valid_from: String,
    pub valid_until: String,
}

/// The balance of a line.
#[utoipa::path(get, path = "/v1/lines/{msisdn}/balance", tag = "lines",
    params(("msisdn" = String, Path, description = "E.164 with its country code, for example 447400123456; `+` and separators are dropped")),
    responses((status = 200, body = BalanceShape), (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 503, body = Problem, description = "`balance_unknown`")))]
pub async fn get(
    State(site): State<Site>,
    caller: Authenticated,
    _: Query<NoParameters>,
    Path(msisdn): Path<String>,
) -> Result<Json<BalanceShape>, Problem> {
    caller.may(Scope::LinesRead)?;
    let line = flows::lines::find(&site.world, &body::msisdn(&msisdn)?).await?;
    let now = flows::balance::balance(&site.world, line).await?;
    if !now.is_known() {
        return Err(Problem::of(Code::BalanceUnknown));
    }
    let bucket = |r: domain::bucket::Remaining| BucketShape {
        id: r.bucket.id.to_string(),
        unit: r.bucket.unit.as_str().to_owned(),
        remaining: r.amount,
        granted: r.bucket.granted,
        starts: if r.bucket.waits() { "first_use" } else { "started" }.to_owned(),
        zone: r.bucket.zone.clone(),
        valid_from: r.bucket.valid_from_at.rfc3339(),
        valid_until: r.bucket.expires_at.rfc3339(),
    };
    Ok(Json(BalanceShape {
        money: now.money.into(),
        buckets: now.buckets.into_iter().map(bucket).collect(),
        as_of: match now.source {
            Source::Ours | Source::Network { known_at: None } => now.as_of.rfc3339(),
            Source::Network { known_at: Some(at) } => at.rfc3339(),
        },
    }))
}
