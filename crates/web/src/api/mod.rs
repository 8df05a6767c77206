//! The API for partners: JSON, bearer keys, problem+json, and an idempotency key on everything that moves
//! money. The OpenAPI document at `/openapi.json` comes from these handlers.

mod auth;
mod balance;
mod body;
mod codes;
mod docs;
mod document;
mod float;
mod lines;
mod locations;
mod offers;
mod quotes;
mod responses;
mod shapes;
mod terms;
mod top_ups;
mod usage;

pub use auth::Callers;
pub use codes::{Code, status as status_of};
pub use shapes::Money;

use crate::failure::Problem;
use crate::site::Site;
use axum::Router;
use axum::routing::get;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn described() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .routes(routes!(lines::get))
        .routes(routes!(balance::get))
        .routes(routes!(usage::create))
        .routes(routes!(locations::list))
        .routes(routes!(offers::list))
        .routes(routes!(crate::portal::receipt_check::for_programs))
        .routes(routes!(quotes::create))
        .routes(routes!(top_ups::create, top_ups::list))
        .routes(routes!(top_ups::get))
        .routes(routes!(top_ups::reverse))
        .routes(routes!(float::get))
        .routes(routes!(responses::get))
}

/// The calls, and what tells of them. `public_url` is where partners reach us.
pub fn routes(public_url: &str) -> Router<Site> {
    let (router, mut document) = described().split_for_parts();
    document::complete(&mut document, public_url);
    let calls = document::calls(&document);
    let json = document.to_json().unwrap_or_default();
    router
        .route("/v1/{*rest}", axum::routing::any(unknown))
        .route("/openapi.json", get(async move || ([(http::header::CONTENT_TYPE, "application/json")], json)))
        .merge(docs::routes(calls))
}

async fn unknown() -> Problem {
    Problem::of(Code::NotFound)
}
