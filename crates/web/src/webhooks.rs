//! The doors for payment providers: verified and stored before anything is believed.

use crate::failure::Problem;
use crate::site::Site;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use flows::payment::webhook::{self, Received};
use http::{HeaderMap, StatusCode};

pub fn routes() -> Router<Site> {
    Router::new().route("/webhooks/stripe", post(stripe)).route("/webhooks/paypal", post(paypal))
}

async fn stripe(State(site): State<Site>, headers: HeaderMap, raw: Bytes) -> Response {
    receive(&site, "stripe", &headers, &raw).await
}

async fn paypal(State(site): State<Site>, headers: HeaderMap, raw: Bytes) -> Response {
    receive(&site, "paypal", &headers, &raw).await
}

/// Answers 2xx when the message was stored or does not concern us, 400 when it is not the provider's, and 503
/// when it could not be judged or stored, so that it is sent again.
async fn receive(site: &Site, provider: &str, headers: &HeaderMap, raw: &[u8]) -> Response {
    let Some(gateway) = site.world.payments.find(provider) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let again = |code| Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, "send it again").into_response();
    match webhook::receive(&site.world, gateway, raw, headers).await {
        Ok(Received::Stored | Received::NotForUs) => StatusCode::OK.into_response(),
        Ok(Received::Forged) => {
            Problem::new(StatusCode::BAD_REQUEST, "signature_invalid", "the signature is not ours to accept")
                .into_response()
        }
        Ok(Received::Undecided) => again("not_judged"),
        Err(error) => {
            tracing::error!(error = %error.chain(), "webhook was not stored");
            again("not_stored")
        }
    }
}
