//! What HTTP alone does: reads the JSON of a top-up, checks it, and answers 201. It runs as a child process
//! with as many threads as the servers have, so that its figure compares with theirs.

use anyhow::Result;
use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    msisdn: String,
    offer_id: String,
    tender: Tender,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Tender {
    Float {},
}

#[derive(Serialize)]
struct Answer {
    msisdn: String,
    offer_id: String,
    state: &'static str,
}

/// Starts the server in the background and says where.
pub async fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let router = Router::new().route("/v1/top-ups", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn answer(Json(asked): Json<Asked>) -> Result<(StatusCode, Json<Answer>), StatusCode> {
    let Asked { msisdn, offer_id, tender: Tender::Float {} } = asked;
    let digits = msisdn.strip_prefix('+').unwrap_or(&msisdn);
    let fits = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit());
    if !fits || offer_id.is_empty() || offer_id.len() > 64 {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok((StatusCode::CREATED, Json(Answer { msisdn, offer_id, state: "credited" })))
}
