//! Who asks: the portal for people, the API for partners, the doors for providers, and what operators probe.
//!
//! A handler reads its request, calls one flow, and renders or redirects. Start reading at [`router`], then
//! `portal/mod.rs` or `api/mod.rs` for the routes. Nothing here decides about money.

mod api;
mod assets;
mod failure;
mod ops;
mod portal;
mod protection;
mod site;
mod telemetry;
mod webhooks;

pub use site::Config;

use axum::Router;
use site::Site;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// Nothing that is sent to us is larger: forms, JSON bodies, webhooks.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Longer than a provider's call within a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Everything that `serve` answers. Serve it with the peer's address as connect info.
pub fn router(world: Arc<flows::World>, config: Config) -> Router {
    let site = Site::new(world, config);
    let pages = portal::routes().layer(protection::same_origin());
    let app = Router::new()
        .merge(pages)
        .merge(api::routes())
        .merge(webhooks::routes())
        .merge(assets::routes())
        .merge(ops::routes())
        .fallback(portal::not_found)
        .layer(axum::middleware::from_fn_with_state(site.clone(), portal::remember_language))
        .layer(axum::middleware::from_fn_with_state(site.clone(), protection::headers))
        .layer(TimeoutLayer::with_status_code(http::StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(failure::panicked))
        .layer(protection::compression())
        .layer(axum::middleware::from_fn(telemetry::observe));
    app.with_state(site)
}
