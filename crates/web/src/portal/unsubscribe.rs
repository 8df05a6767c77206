//! The end of marketing mails without signing in. The token in the address is all that is needed, so the routes stand
//! outside of the guard for forms: a mail reader presses the button from elsewhere (RFC 8058 §3.2). Opening the address
//! changes nothing (§3.1 asks for POST, because machines open links).

use super::html;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::notice::NoticeChannel;
use flows::campaign::stop::{self, Ending};
use http::{HeaderValue, StatusCode, header};
use render::view::{Unsubscribe, UnsubscribeState};

/// A token of ours is shorter.
const TOKEN_MAX: usize = 300;

pub fn routes() -> Router<Site> {
    Router::new().route("/unsubscribe/{token}", get(page).post(end))
}

async fn page(
    State(site): State<Site>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let found = if token.len() <= TOKEN_MAX { stop::find(&site.world, &token).await? } else { None };
    Ok(shown(&site, &reader, found, &token))
}

async fn end(
    State(site): State<Site>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let found = if token.len() <= TOKEN_MAX { stop::end(&site.world, &token).await? } else { None };
    Ok(shown(&site, &reader, found, &token))
}

fn shown(site: &Site, reader: &Reader, found: Option<Ending>, token: &str) -> Response {
    let action = format!("/unsubscribe/{token}");
    let (status, view) = match found {
        Some(Ending { channel, shown, ended, .. }) => {
            let state = if ended { UnsubscribeState::Done } else { UnsubscribeState::Ask };
            (StatusCode::OK, Unsubscribe { state, channel, shown, action })
        }
        None => {
            let (state, channel) = (UnsubscribeState::Unknown, NoticeChannel::Email);
            (StatusCode::NOT_FOUND, Unsubscribe { state, channel, shown: None, action: String::new() })
        }
    };
    let mut response = (status, html(site, reader, &view)).into_response();
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    // The token is in the address: no other site learns it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
