//! What operators and their machines probe.

use crate::site::Site;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flows::world::Circuit;
use http::{StatusCode, header};

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Can we sell? 200 with `ready`, else 503 with the reason.
async fn ready(State(site): State<Site>) -> Response {
    match site.world.can_sell().await {
        Ok(()) => (StatusCode::OK, "ready\n").into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

/// Prometheus' text format.
async fn metrics(State(site): State<Site>) -> Response {
    let Some(handle) = &site.config.metrics else { return StatusCode::NOT_FOUND.into_response() };
    let counted = site.world.db.read(store::outbox::count).await;
    if let Ok((open, dead)) = counted {
        ::metrics::gauge!("recarga_outbox_open").set(precise(open));
        ::metrics::gauge!("recarga_outbox_dead").set(precise(dead));
    }
    ::metrics::gauge!("recarga_db_waiting")
        .set(precise(i64::try_from(site.world.db.waiting()).unwrap_or(i64::MAX)));
    if let Some(network) = &site.world.network {
        let circuit = match network.circuit() {
            Circuit::Closed => 0.0,
            Circuit::HalfOpen => 1.0,
            Circuit::Open => 2.0,
        };
        // 0: calls go out; 1: one is trying; 2: none goes out for a while.
        ::metrics::gauge!("recarga_network_circuit", "network" => network.name()).set(circuit);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

fn precise(count: i64) -> f64 {
    // Prometheus knows floats only; counts here stay far below 2^53.
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}
