//! `GET /v1/float`: the partner's prepaid balance per currency.

use super::auth::Authenticated;
use super::body::{NoParameters, Query};
use super::shapes::{Money, Page};
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::extract::State;
use domain::partner::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A float in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct FloatShape {
    pub balance: Money,
    /// What can be spent now: the balance and the credit line, less what is held.
    pub available: Money,
    /// How far below zero the balance may go.
    pub credit_line: Money,
}

/// The partner's float.
#[utoipa::path(get, path = "/v1/float", tag = "float", responses((status = 200, body = Page<FloatShape>)))]
pub async fn get(
    State(site): State<Site>,
    caller: Authenticated,
    _: Query<NoParameters>,
) -> Result<Json<Page<FloatShape>>, Problem> {
    let caller = caller.may(Scope::FloatRead)?;
    let floats = flows::partners::floats(&site.world, &caller.partner).await?;
    let shape = |f: flows::partners::FloatBalance| FloatShape {
        balance: f.balance.into(),
        available: f.available.into(),
        credit_line: f.credit_line.into(),
    };
    Ok(Json(Page { items: floats.into_iter().map(shape).collect(), next_cursor: None }))
}
