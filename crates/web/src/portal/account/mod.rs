//! Accounts: signing in and registering by code, and what subscribers see and change about themselves.
//!
//! Start reading at [`routes`]. Every code is entered on one page, `code.rs`; what the browser keeps meanwhile is in
//! `pending.rs`. What is sensitive leads over `confirm.rs` first.

mod code;
mod confirm;
mod contact;
mod data;
mod lines;
mod own;
mod pending;
mod register;
mod sign_in;

use super::session::SignedIn;
use super::{elsewhere, html};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::account::AccountRefusal;
use flows::account::{Asker, Who};
use http::StatusCode;
use render::View;
use render::view::Country;

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/sign-out", get(elsewhere).post(sign_in::sign_out))
        .route("/code", get(code::page).post(code::submit))
        .route("/code/resend", get(elsewhere).post(code::resend))
        .route("/code/other", get(elsewhere).post(code::other))
        .route("/register", get(register::page).post(register::submit))
        .route("/register/details", get(register::details).post(register::submit_details))
        .route("/account", get(own::page))
        .route("/account/preferences", get(elsewhere).post(own::preferences))
        .route("/account/sessions/end-all", get(elsewhere).post(own::end_all))
        .route("/account/sessions/{id}/end", get(elsewhere).post(own::end))
        .route("/account/contacts/{kind}", get(contact::page).post(contact::submit))
        .route("/account/lines", get(lines::page).post(lines::submit))
        .route("/account/lines/{id}/label", get(elsewhere).post(lines::label))
        .route("/account/lines/{id}/remove", get(elsewhere).post(lines::remove))
        .route("/account/confirm", get(confirm::page).post(confirm::submit))
        .route("/account/export", get(data::export))
        .route("/account/erase", get(data::erase_page).post(data::erase))
}

/// Where the page stands that a form of accounts leads to; `None` when it is a page itself.
pub(super) fn page_behind(path: &str) -> Option<&'static str> {
    let (before, action) = path.rsplit_once('/')?;
    match (before, action) {
        ("", "sign-out") | ("/account", "preferences") => Some("/account"),
        ("/code", "resend" | "other") => Some("/code"),
        (_, "end" | "end-all") if before.starts_with("/account/sessions") => Some("/account"),
        (_, "label" | "remove") if before.starts_with("/account/lines/") => Some("/account"),
        _ => None,
    }
}

pub(super) fn asker(reader: &Reader) -> Asker {
    Asker {
        address: reader.address.clone(),
        locale: reader.locale,
        country: reader.country.clone(),
        device: reader.device.clone(),
    }
}

pub(super) fn who(signed_in: &SignedIn) -> Who {
    Who {
        subscriber: signed_in.subscriber.clone(),
        session: signed_in.session.clone(),
        proved_at: signed_in.proved_at,
    }
}

/// A page with a problem, and the status that says so to machines.
fn refused<V: View>(site: &Site, reader: &Reader, refusal: AccountRefusal, view: &V) -> Response {
    let status = match refusal {
        AccountRefusal::NotBefore(_) | AccountRefusal::CodeLocked(_) => StatusCode::TOO_MANY_REQUESTS,
        AccountRefusal::TextsPaused | AccountRefusal::MailPaused | AccountRefusal::RegistrationPaused => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        AccountRefusal::ContactUnreadable
        | AccountRefusal::EmailInvalid
        | AccountRefusal::NumberInvalid(_)
        | AccountRefusal::CountryNotServed
        | AccountRefusal::ContactTaken
        | AccountRefusal::ContactSame
        | AccountRefusal::LineUnknown
        | AccountRefusal::LinesFull
        | AccountRefusal::CodeUnreadable
        | AccountRefusal::CodeWrong { .. }
        | AccountRefusal::CodeOver
        | AccountRefusal::RegistrationGone
        | AccountRefusal::OrderWaiting
        | AccountRefusal::RefundWaiting
        | AccountRefusal::CaseOpen
        | AccountRefusal::ProofNeeded => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, html(site, reader, view)).into_response()
}

/// The page that asks for a fresh code and leads on to `next`.
fn confirm_first(next: &str) -> Response {
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    Redirect::to(&format!("/account/confirm?{query}")).into_response()
}

/// The countries to whose numbers codes are sent: those of the markets first.
async fn countries(site: &Site) -> Result<Vec<Country>, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let own = catalogue.markets.iter().map(|market| market.country.clone());
    let mut codes: Vec<String> = own.collect();
    for country in &site.world.settings.contact_countries {
        if !codes.contains(country) {
            codes.push(country.clone());
        }
    }
    Ok(listed(codes))
}

fn listed(codes: Vec<String>) -> Vec<Country> {
    let country = |code: String| Country { dial: domain::msisdn::calling_code(&code), code };
    codes.into_iter().map(country).collect()
}

/// The country that is selected at first: the one that was sent, the reader's, or the first.
fn selected(countries: &[Country], sent: &str, reader: &Reader) -> String {
    let known = |code: &&str| countries.iter().any(|country| country.code == *code);
    let guess = Some(sent).filter(known).or(reader.country.as_deref().filter(known));
    guess.or(countries.first().map(|country| country.code.as_str())).unwrap_or_default().to_owned()
}
