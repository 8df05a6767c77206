//! The portal: a top-up by card in four screens, without an account and without JavaScript.

mod account;
mod agent_apply;
pub(crate) mod browser;
mod cart;
mod case_pass;
mod choose;
mod demo;
mod device;
mod draft;
mod help;
mod invoice;
pub(crate) mod me;
mod order;
mod own;
mod pass;
mod promotions;
mod receipt;
pub(crate) mod receipt_check;
mod review;
pub(crate) mod session;
mod shop;
mod shops;
mod shops_feed;
mod shown;
pub(crate) mod sitemap;
mod start;
mod status;
mod support;
mod support_case;
mod support_form;
pub(crate) mod unsubscribe;
mod verify;
mod verify_outlet;

pub(crate) use support_form::Sent;

use crate::failure::{self, with_words};
use crate::site::{LANGUAGE_COOKIE, Reader, Site, asked_language};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::{HeaderValue, Uri, header};
use render::View;
use render::view::ErrorKind;

pub fn routes(site: &Site) -> Router<Site> {
    Router::new()
        .route("/", get(start::page))
        .route("/top-up", get(elsewhere).post(start::submit))
        .route("/top-up/{cart}", get(choose::page).post(choose::submit))
        .route("/top-up/{cart}/review", get(review::page))
        .route("/top-up/{cart}/pay", get(elsewhere).post(review::submit))
        .route("/o", get(order::lookup))
        .route("/o/{code}", get(order::page).post(order::prove))
        .route("/o/{code}/return", get(order::returned))
        .route("/o/{code}/state", get(order::state))
        .route("/o/{code}/retry", get(elsewhere).post(order::retry))
        .route("/o/{code}/cancel", get(elsewhere).post(order::cancel))
        .route("/o/{code}/again", get(elsewhere).post(order::again))
        .route("/o/{code}/receipt", get(receipt::page))
        .route("/o/{code}/receipt.pdf", get(receipt::file))
        .route("/o/{code}/invoice", get(invoice::page).post(invoice::submit))
        .route("/promotions", get(promotions::page))
        .route("/help", get(help::page))
        .route("/support/order", get(elsewhere).post(support::prove_order))
        .route("/support/{code}/files/{n}", get(support_case::file))
        .route("/support/{code}/proof", get(elsewhere).post(support_case::prove))
        .route("/support/{code}/close", get(elsewhere).post(support_case::close))
        .route("/support/{code}/rate", get(elsewhere).post(support_case::rate))
        .route("/verify", get(verify::page))
        .route("/verify/outlet", get(verify_outlet::to_outlet))
        .route("/verify/outlet/{number}", get(verify_outlet::page))
        .route("/shops", get(shops::page).post(shops::near))
        .route("/shops/{number}", get(shop::page))
        .route("/shops/{number}/photo", get(shop::photo))
        .route("/shops.csv", get(shops_feed::csv))
        .route("/shops.geojson", get(shops_feed::geojson))
        .route("/status", get(status::page))
        .route("/sitemap.xml", get(sitemap::sitemap))
        .route("/sitemap-shops.xml", get(sitemap::shops))
        .route("/sitemap-shops/{after}", get(sitemap::shops_after))
        .route("/robots.txt", get(sitemap::robots))
        .merge(demo::routes(site))
        .merge(account::routes())
        .merge(me::routes())
        .merge(receipt_check::routes())
}

/// Pages whose forms carry files.
pub fn routes_with_files() -> Router<Site> {
    agent_apply::routes_with_files()
        .route("/support", get(support::page).post(support::ask))
        .route("/support/{code}", get(support_case::page).post(support_case::reply))
}

/// Where the page stands that a form leads to, for readers who open the form's own address: by the language menu, or
/// from the history. `None` when it is a page itself.
pub(crate) fn page_behind(path: &str) -> Option<String> {
    if path == "/top-up" {
        return Some("/".into());
    }
    if let Some(page) = account::page_behind(path) {
        return Some(page.to_owned());
    }
    if path == "/support/order" {
        return Some("/support".into());
    }
    if let Some(page) = crate::office::page_behind(path).or_else(|| crate::agent::page_behind(path)) {
        return Some(page);
    }
    let (before, action) = path.rsplit_once('/')?;
    match action {
        "pay" if before.starts_with("/top-up/") => Some(format!("{before}/review")),
        "proof" | "close" | "rate" if before.starts_with("/support/") => Some(before.to_owned()),
        "doors" | "kill" if before == "/demo" => Some(before.to_owned()),
        "retry" | "cancel" | "again" if before.starts_with("/o/") => Some(before.to_owned()),
        "repeat" | "top-up" if before.starts_with("/me/lines/") => Some(before.to_owned()),
        _ => None,
    }
}

/// The address of a form, opened as a page.
async fn elsewhere(uri: Uri) -> Response {
    let page = page_behind(uri.path()).unwrap_or_else(|| "/".into());
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::to(&format!("{page}{query}")).into_response()
}

/// The time zone in which a reader is told a time that belongs to no order: that of the market that their languages
/// name, else of the first one.
pub(crate) async fn zone(site: &Site, reader: &Reader) -> Result<String, flows::Error> {
    let catalogue = site.world.fresh_catalogue().await?;
    let guessed = reader.country.as_ref().and_then(|country| catalogue.market(country));
    let market = guessed.or(catalogue.markets.first());
    Ok(market.map_or_else(|| "UTC".to_owned(), |market| market.seller.time_zone.clone()))
}

/// Can the path be read? What is not UTF-8 is no page of ours.
fn is_readable(path: &str) -> bool {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        let decoded = if byte == b'%' { hex(rest.next()).zip(hex(rest.next())) } else { None };
        match decoded.map(|(high, low)| u8::try_from(high * 16 + low)) {
            Some(Ok(decoded)) => bytes.push(decoded),
            Some(Err(_)) | None => bytes.push(byte),
        }
    }
    std::str::from_utf8(&bytes).is_ok()
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
    // So that the frame of the page knows what is switched off; without a database it is what it was.
    let _ = flows::risk::limits(&site.world).await;
    let mut response = if is_readable(parts.uri.path()) {
        with_words(&site, &reader, next.run(Request::from_parts(parts, body)).await)
    } else {
        failure::page(&site, &reader, ErrorKind::NotFound)
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_form_leads_to_its_page_and_a_page_to_itself() {
        assert_eq!(page_behind("/top-up").as_deref(), Some("/"));
        assert_eq!(page_behind("/top-up/k1.abc/pay").as_deref(), Some("/top-up/k1.abc/review"));
        assert_eq!(page_behind("/o/7K2M9-QX4TB/cancel").as_deref(), Some("/o/7K2M9-QX4TB"));
        for page in ["/", "/top-up/k1.abc", "/top-up/k1.abc/review", "/o/7K2M9-QX4TB", "/help"] {
            assert_eq!(page_behind(page), None, "{page}");
        }
    }

    #[test]
    fn a_path_that_is_not_utf_8_is_no_page() {
        assert!(is_readable("/o/7K2M9-QX4TB") && is_readable("/o/%E8%AE%A2") && is_readable("/o/%zz"));
        assert!(!is_readable("/o/%ff") && !is_readable("/top-up/%FF%fe"));
    }
}
