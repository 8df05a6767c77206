//! `GET /v1/responses/{idempotency_key}`: the answer that was lost on its way.

use super::auth::Authenticated;
use super::top_ups::{in_flight, stored};
use crate::failure::Problem;
use crate::site::Site;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::partner::Scope;
use http::StatusCode;

/// The stored answer to a request of this partner, with its status and body.
#[utoipa::path(get, path = "/v1/responses/{idempotency_key}", tag = "top-ups",
    params(("idempotency_key" = String, Path, description = "The key that was sent")),
    responses((status = "default", description = "The answer as it was given, with `Idempotent-Replayed: true`"),
        (status = 404, body = Problem, description = "`response_unknown`: no request with this key was accepted"),
        (status = 409, body = Problem, description = "`idempotency_key_in_flight`"),
        (status = 410, body = Problem, description = "`response_purged`: the outcome stands, its body is gone")))]
pub async fn get(
    State(site): State<Site>,
    caller: Authenticated,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let caller = caller.may(Scope::TopUpsRead)?;
    let id = format!("{}/{key}", caller.partner);
    let found =
        site.world.db.read(move |tx| store::response::find(tx, &id)).await.map_err(flows::Error::from)?;
    let Some(found) = found else {
        let detail = "no request with this Idempotency-Key was accepted";
        return Err(Problem::new(StatusCode::NOT_FOUND, "response_unknown", detail));
    };
    match found.answer {
        Some(answer) => Ok(stored(&site, &answer, true)),
        None => Ok(in_flight().into_response()),
    }
}
