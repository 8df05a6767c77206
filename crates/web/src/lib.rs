//! Who asks: the portal for people, the API for partners, the doors for providers, and what operators probe.
//!
//! A handler reads its request, calls one flow, and renders or redirects. Start reading at [`router`], then
//! `portal/mod.rs` or `api/mod.rs` for the routes. Nothing here decides about money.

mod agent;
mod api;
mod assets;
mod attached;
mod failure;
mod office;
mod ops;
mod portal;
mod protection;
mod site;
mod telemetry;
mod webhooks;

pub use site::Config;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use site::Site;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// Nothing that is sent to us is larger: forms, JSON bodies, webhooks.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// As much of a larger one is read and dropped, so that its sender hears the answer instead of a broken connection.
const HEARD_BYTES_MAX: usize = 1024 * 1024;
/// A question with its files; more than may be, so that the page can say how much may be and keep what was typed.
const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Three files over a slow mobile network.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(180);
/// Longer than a provider's call within a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Everything that `serve` answers. Serve it with the peer's address as connect info.
pub fn router(world: Arc<flows::World>, config: Config) -> Router {
    let public_url = world.settings.public_url.clone();
    let site = Site::new(world, config);
    let pages = portal::routes(&site)
        .merge(office::routes(&site))
        .merge(agent::routes(&site))
        .layer(protection::same_origin());
    let app = Router::new()
        .merge(pages)
        .merge(portal::unsubscribe::routes())
        .merge(api::routes(&public_url))
        .merge(webhooks::routes())
        .merge(assets::routes())
        .merge(ops::routes())
        .fallback(portal::not_found)
        .layer(axum::middleware::from_fn_with_state(site.clone(), portal::remember_language))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(hear_out))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .merge(with_files(&site))
        .layer(CatchPanicLayer::custom(failure::panicked))
        // Outside everything that refuses by itself, so that no answer is without words or headers.
        .layer(axum::middleware::from_fn_with_state(site.clone(), failure::dress))
        .layer(axum::middleware::from_fn_with_state(site.clone(), protection::headers))
        .layer(protection::compression())
        .layer(axum::middleware::from_fn(telemetry::observe));
    app.with_state(site)
}

/// Pages whose forms carry files: a larger body, and longer to send it.
fn with_files(site: &Site) -> Router<Site> {
    portal::routes_with_files()
        .layer(DefaultBodyLimit::disable())
        .layer(protection::same_origin())
        .layer(axum::middleware::from_fn_with_state(site.clone(), portal::remember_language))
        .layer(RequestBodyLimitLayer::new(UPLOAD_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, UPLOAD_TIMEOUT))
}

/// Reads a body that is known to be too large to its end before it is refused: a server that closes while its peer
/// still sends may destroy its own answer (RFC 9112 §9.6).
async fn hear_out(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length: Option<usize> = length.and_then(|text| text.parse().ok());
    if length.is_none_or(|length| length <= BODY_BYTES_MAX) {
        return next.run(request).await;
    }
    // Whether it came whole does not matter: it is refused.
    let _ = axum::body::to_bytes(request.into_body(), HEARD_BYTES_MAX).await;
    StatusCode::PAYLOAD_TOO_LARGE.into_response()
}
