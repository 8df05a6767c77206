//! The API for partners: JSON, bearer keys, problem+json, and an idempotency key on everything that moves
//! money. The OpenAPI document at `/openapi.json` comes from these handlers.

mod auth;
mod balance;
mod body;
mod docs;
mod float;
mod lines;
mod offers;
mod quotes;
mod responses;
mod shapes;
mod top_ups;

pub use auth::Callers;

use crate::failure::Problem;
use crate::site::Site;
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Recarga API",
        description = "Put credit and bundles on mobile lines from a prepaid float or a hosted payment page. \
            Every POST that moves money needs an `Idempotency-Key`: the same key and body give the same outcome \
            for ever, another body under it is refused with 422. Errors are `application/problem+json` with a \
            stable `code`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Bearer),
    security(("key" = []))
)]
struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

fn described() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(lines::get))
        .routes(routes!(balance::get))
        .routes(routes!(offers::list))
        .routes(routes!(quotes::create))
        .routes(routes!(top_ups::create, top_ups::list))
        .routes(routes!(top_ups::get))
        .routes(routes!(float::get))
        .routes(routes!(responses::get))
}

pub fn routes() -> Router<Site> {
    let (router, document) = described().split_for_parts();
    let json = document.to_json().unwrap_or_default();
    router
        .route("/v1/{*rest}", axum::routing::any(unknown))
        .route("/openapi.json", get(async move || ([(http::header::CONTENT_TYPE, "application/json")], json)))
        .merge(docs::routes())
}

async fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such call; see /docs")
}
