//! The portal: a top-up by card in four screens, without an account and without JavaScript.

mod cart;
mod choose;
mod order;
mod pass;
mod receipt;
mod review;
mod start;

use crate::failure::{self, with_words};
use crate::site::{LANGUAGE_COOKIE, Reader, Site, asked_language};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::{HeaderValue, header};
use render::View;
use render::view::ErrorKind;

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(start::page))
        .route("/top-up", post(start::submit))
        .route("/top-up/{cart}", get(choose::page).post(choose::submit))
        .route("/top-up/{cart}/review", get(review::page))
        .route("/top-up/{cart}/pay", post(review::submit))
        .route("/o", get(order::lookup))
        .route("/o/{code}", get(order::page).post(order::prove))
        .route("/o/{code}/return", get(order::returned))
        .route("/o/{code}/state", get(order::state))
        .route("/o/{code}/retry", post(order::retry))
        .route("/o/{code}/cancel", post(order::cancel))
        .route("/o/{code}/receipt", get(receipt::page))
}

/// A page in the reader's language.
fn html<V: View>(site: &Site, reader: &Reader, view: &V) -> Response {
    Html(site.world.renderer.page(reader.locale, &site.chrome(reader), view)).into_response()
}

pub async fn not_found(State(site): State<Site>, reader: Reader) -> Response {
    failure::page(&site, &reader, ErrorKind::NotFound)
}

/// Keeps the language that a link asked for, and gives failures their words.
pub async fn remember_language(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = asked_language(parts.uri.query().unwrap_or(""));
    let reader = Reader::of(&parts, &site);
    let mut response = with_words(&site, &reader, next.run(Request::from_parts(parts, body)).await);
    if let Some(locale) = asked {
        let cookie = Cookie::build((LANGUAGE_COOKIE, locale.as_str()))
            .path("/")
            .same_site(SameSite::Lax)
            .secure(site.is_secure())
            .permanent()
            .build();
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}
