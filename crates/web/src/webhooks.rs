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
    Router::new().route("/webhooks/stripe", post(stripe))
}

/// Answers 2xx when the message was stored or does not concern us, 400 when it is not Stripe's, and 503 when
/// it could not be stored, so that it is sent again.
async fn stripe(State(site): State<Site>, headers: HeaderMap, raw: Bytes) -> Response {
    let Some(gateway) = site.world.payments.find("stripe") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or("");
    match webhook::receive(&site.world, gateway, &raw, signature).await {
        Ok(Received::Stored | Received::NotForUs) => StatusCode::OK.into_response(),
        Ok(Received::Forged) => {
            Problem::new(StatusCode::BAD_REQUEST, "signature_invalid", "the signature is not ours to accept")
                .into_response()
        }
        Err(error) => {
            tracing::error!(error = %error.chain(), "webhook was not stored");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", "send it again").into_response()
        }
    }
}
