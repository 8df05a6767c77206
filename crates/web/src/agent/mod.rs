//! The counter of an outlet: a paired device, a clerk who unlocked it, and their pages. Its routes, by who may open them.
//!
//! [`doors`] are for a browser that is not paired yet, [`at_the_device`] for a paired one, [`inside`] for somebody at work,
//! [`for_owners`] for owners. Handlers ask for an [`AtCounter`] or an [`Owner`]; everything that changes something was
//! signed by the device before a handler sees it.

mod home;
mod journal;
mod lock;
mod owner_clerks;
mod owner_devices;
mod pair;
mod session;
mod signature;
mod unlock;

pub(crate) use session::{AtCounter, Owner};

use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{any, get, post};
use http::Uri;
use render::View;
use render::view::{CounterClerk, CounterError, CounterFrame, ErrorKind};

pub fn routes(site: &Site) -> Router<Site> {
    let owners = from_fn_with_state(site.clone(), session::owners);
    let paired = from_fn_with_state(site.clone(), session::paired);
    let timed = from_fn_with_state(site.clone(), session::timed);
    let inside = inside().merge(for_owners().route_layer(owners)).route_layer(from_fn(session::unlocked));
    doors().merge(at_the_device().merge(inside).route_layer(paired)).layer(timed)
}

/// For a browser that is not paired yet.
fn doors() -> Router<Site> {
    Router::new()
        .route("/agent/pair", get(pair::page).post(pair::submit))
        .route("/agent/known", get(elsewhere).post(pair::known))
        .route("/agent/time", get(lock::time))
}

/// For a paired device at which perhaps nobody works.
fn at_the_device() -> Router<Site> {
    Router::new()
        .route("/agent/unlock", get(unlock::page).post(unlock::submit))
        .route("/agent/first-pin", get(unlock::first_pin).post(unlock::choose_pin))
        .route("/agent/override", get(unlock::override_page).post(unlock::override_lock))
        .route("/agent/lock", get(elsewhere).post(lock::lock))
}

/// For somebody at work.
fn inside() -> Router<Site> {
    Router::new()
        .route("/agent", get(home::page))
        .route("/agent/here", post(lock::here))
        .route("/agent/journal", get(journal::page))
        .route("/agent/journal/{id}/reveal", get(elsewhere).post(journal::reveal))
        .route("/agent/{*rest}", any(lost))
}

/// For owners.
fn for_owners() -> Router<Site> {
    Router::new()
        .route("/agent/owner/clerks", get(owner_clerks::page).post(owner_clerks::add))
        .route("/agent/owner/clerks/{id}/{action}", get(elsewhere).post(owner_clerks::act))
        .route("/agent/owner/devices", get(owner_devices::page).post(owner_devices::make_code))
        .route("/agent/owner/devices/{id}/revoke", get(elsewhere).post(owner_devices::revoke))
}

/// Where the page stands that a form of the counter leads to.
pub(crate) fn page_behind(path: &str) -> Option<String> {
    let below = path.strip_prefix("/agent/")?;
    let first = below.split('/').next().unwrap_or(below);
    match first {
        "lock" | "here" | "known" => Some("/agent".into()),
        "journal" if below != "journal" => Some("/agent/journal".into()),
        "owner" => below
            .split('/')
            .nth(1)
            .filter(|_| below.split('/').count() > 2)
            .map(|part| format!("/agent/owner/{part}")),
        _ => None,
    }
}

/// The address of a form, opened as a page.
async fn elsewhere(uri: Uri) -> Response {
    let page = page_behind(uri.path()).unwrap_or_else(|| "/agent".into());
    Redirect::to(&page).into_response()
}

/// Nothing is here: told to people at work alone.
async fn lost() -> Failure {
    Failure::of(ErrorKind::NotFound)
}

/// The frame of a page for somebody at work. What the outlet is called and where its money stands is not known here.
pub(crate) fn frame(at: &AtCounter) -> CounterFrame {
    let clerk = CounterClerk { name: at.clerk.name.clone(), role: at.clerk.role, number: at.clerk.number };
    CounterFrame {
        device: Some(at.device.name.clone()),
        clerk: Some(clerk),
        training: at.training(),
        idle_s: Some(domain::clerk::IDLE_MS / domain::time::SECOND_MS),
        ..bare_frame()
    }
}

/// The frame of a page for whoever is not at work.
fn bare_frame() -> CounterFrame {
    CounterFrame {
        outlet: None,
        device: None,
        clerk: None,
        float: None,
        cash: None,
        commission: None,
        training: false,
        idle_s: None,
        css_url: crate::assets::url("agent.css"),
        js_url: crate::assets::url("agent.js"),
    }
}

/// Is this address inside the counter?
pub(crate) fn is_inside(path_and_query: &str) -> bool {
    let path = path_and_query.split('?').next().unwrap_or_default();
    path == "/agent" || path.starts_with("/agent/")
}

/// An error at the counter. Who reads it is not known here.
pub(crate) fn error(site: &Site, reader: &Reader, kind: ErrorKind) -> Response {
    page(site, reader, &CounterError { counter: bare_frame(), kind })
}

/// A page of the counter in the reader's language.
pub(crate) fn page<V: View>(site: &Site, reader: &Reader, view: &V) -> Response {
    let chrome = render::Chrome { listed: None, ..site.chrome(reader) };
    Html(site.world.renderer.page(reader.locale, &chrome, view)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_form_leads_to_its_page_and_a_page_to_itself() {
        assert_eq!(page_behind("/agent/lock").as_deref(), Some("/agent"));
        assert_eq!(page_behind("/agent/journal/01J/reveal").as_deref(), Some("/agent/journal"));
        assert_eq!(page_behind("/agent/owner/clerks/clk_1/role").as_deref(), Some("/agent/owner/clerks"));
        for page in ["/agent", "/agent/journal", "/agent/owner/devices", "/agent/unlock"] {
            assert_eq!(page_behind(page), None, "{page}");
        }
    }
}
