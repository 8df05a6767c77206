//! The counter of an outlet: a paired device, a clerk who unlocked it, and their pages. Its routes, by who may open them.
//!
//! [`doors`] are for a browser that is not paired yet, [`at_the_device`] for a paired one, [`inside`] for somebody at work,
//! [`for_owners`] for owners. Handlers ask for an [`AtCounter`] or an [`Owner`]; everything that changes something was
//! signed by the device before a handler sees it.

mod balance;
mod day;
mod home;
mod id_check;
mod journal;
mod lock;
pub(crate) mod outlet_facts;
mod owner;
mod owner_clerks;
mod owner_devices;
mod owner_float;
mod owner_outlet;
mod pair;
mod paper;
mod sale;
mod session;
mod signature;
mod sold;
mod till;
mod training;
mod unlock;

pub(crate) use session::{AtCounter, Owner};

use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{any, get, post};
use flows::counter::shown::Purse;
use http::Uri;
use render::View;
use render::view::{CounterClerk, CounterError, CounterFrame, ErrorKind};

pub fn routes(site: &Site) -> Router<Site> {
    let owners = from_fn_with_state(site.clone(), session::owners);
    let paired = from_fn_with_state(site.clone(), session::paired);
    let timed = from_fn_with_state(site.clone(), session::timed);
    let real = from_fn_with_state(site.clone(), session::at_real_work);
    let inside = inside().merge(of_real_sales().route_layer(real));
    let inside = inside.merge(for_owners().route_layer(owners)).route_layer(from_fn(session::unlocked));
    doors().merge(at_the_device().merge(inside).route_layer(paired)).layer(timed)
}

/// For owners: forms that carry files.
pub fn routes_with_files(site: &Site) -> Router<Site> {
    let owners = from_fn_with_state(site.clone(), session::owners);
    let paired = from_fn_with_state(site.clone(), session::paired);
    let timed = from_fn_with_state(site.clone(), session::timed);
    Router::new()
        .route("/agent/owner/float/transfer", get(elsewhere).post(owner_float::transfer))
        .route_layer(owners)
        .route_layer(from_fn(session::unlocked))
        .route_layer(paired)
        .layer(timed)
}

/// For a browser that is not paired yet.
fn doors() -> Router<Site> {
    Router::new()
        .route("/agent/pair", get(pair::page).post(pair::submit))
        .route("/agent/known", get(elsewhere).post(pair::known))
        .route("/agent/time", get(lock::time))
        .route("/agent/offline", get(lock::offline))
        .route("/agent/back", get(lock::back))
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
        .route("/agent/sale", get(sale::page).post(sale::choose))
        .route("/agent/sale/review", get(elsewhere).post(sale::review))
        .route("/agent/sale/id-check", get(elsewhere).post(id_check::submit))
        .route("/agent/sale/sell", get(elsewhere).post(sale::sell))
        .route("/agent/sale/asked/{key}", get(sale::asked))
        .route("/agent/training/{key}", get(training::page))
        .route("/agent/till", get(till::page))
        .route("/agent/till/open", get(elsewhere).post(till::open))
        .route("/agent/till/move", get(elsewhere).post(till::move_cash))
        .route("/agent/till/count", get(elsewhere).post(till::count))
        .route("/agent/till/recount", get(elsewhere).post(till::recount))
        .route("/agent/till/close", get(elsewhere).post(till::close))
        .route("/agent/till/give-back", get(elsewhere).post(till::give_back))
        .route("/agent/till/day", get(day::page).post(day::close))
        .route("/agent/display", get(paper::display))
        .route("/agent/balance", get(balance::page))
        .route("/agent/balance/ask", get(elsewhere).post(balance::ask))
        .route("/agent/balance/show", get(elsewhere).post(balance::prove))
        .route("/agent/journal", get(journal::page))
        .route("/agent/{*rest}", any(lost))
}

/// What shows, prints or changes real sales: not for whoever is in training.
fn of_real_sales() -> Router<Site> {
    Router::new()
        .route("/agent/sales/{code}", get(sold::page))
        .route("/agent/sales/{code}/again", get(elsewhere).post(sale::again))
        .route("/agent/sales/{code}/call-off", get(elsewhere).post(sold::call_off))
        .route("/agent/sales/{code}/print", get(elsewhere).post(paper::print))
        .route("/agent/sales/{code}/send", get(elsewhere).post(paper::send))
        .route("/agent/sales/{code}/slip", get(paper::slip_again).post(paper::slip))
        .route("/agent/sales/{code}/undo", get(elsewhere).post(sold::undo))
        .route("/agent/till/days/{file}", get(day::report))
        .route("/agent/till/shifts/{id}", get(till::report))
        .route("/agent/till/shifts/{id}/print", get(elsewhere).post(paper::report))
        .route("/agent/till/shifts/{id}/force", get(elsewhere).post(till::force))
        .route("/agent/journal/{id}/reveal", get(elsewhere).post(journal::reveal))
}

/// For owners.
fn for_owners() -> Router<Site> {
    Router::new()
        .route("/agent/owner", get(owner::home))
        .route("/agent/owner/outlets", get(owner::to_home).post(owner_outlet::propose))
        .route("/agent/owner/outlets/new", get(owner_outlet::form))
        .route("/agent/owner/outlets/{place}", get(owner_outlet::show_page))
        .route("/agent/owner/outlets/{place}/facts", get(owner::to_home).post(owner_outlet::describe))
        .route("/agent/owner/outlets/{place}/{action}", get(owner::to_home).post(owner_outlet::act))
        .route("/agent/owner/float", get(owner_float::show_page))
        .route("/agent/owner/float/move", get(elsewhere).post(owner_float::move_float))
        .route("/agent/owner/float/card", get(elsewhere).post(owner_float::by_card))
        .route("/agent/owner/float/card/{id}", get(owner_float::card_page))
        .route("/agent/owner/statements", get(owner::statement))
        .route("/agent/owner/statements.csv", get(owner::table))
        .route("/agent/owner/clerks", get(owner_clerks::page).post(owner_clerks::add))
        .route("/agent/owner/clerks/{id}/{action}", get(elsewhere).post(owner_clerks::act))
        .route("/agent/owner/devices", get(owner_devices::page).post(owner_devices::make_code))
        .route("/agent/owner/devices/{id}/printer", get(elsewhere).post(owner_devices::set_printer))
        .route("/agent/owner/devices/{id}/test-print", get(elsewhere).post(owner_devices::test_print))
        .route("/agent/owner/devices/{id}/reader", get(elsewhere).post(owner_devices::set_reader))
        .route("/agent/owner/devices/{id}/revoke", get(elsewhere).post(owner_devices::revoke))
}

/// Where the page stands that a form of the counter leads to.
pub(crate) fn page_behind(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.strip_prefix("/agent/")?.split('/').collect();
    let page = match parts.as_slice() {
        ["lock" | "here" | "known"] => "",
        ["balance", _, ..] => "/balance",
        ["journal", _, ..] => "/journal",
        ["sale", "asked", _] | ["sales", _] | ["till", "shifts" | "days", _] | ["till", "day"] => {
            return None;
        }
        ["sale", ..] if parts.len() > 1 => "/sale",
        ["sales", code, ..] => return Some(format!("/agent/sales/{code}")),
        ["till", "shifts", shift, ..] => return Some(format!("/agent/till/shifts/{shift}")),
        ["till", _, ..] => "/till",
        ["owner", part, _, ..] => return Some(format!("/agent/owner/{part}")),
        _ => return None,
    };
    Some(format!("/agent{page}"))
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

/// The frame with what the outlet has: its float and what it earned today; what should be in the till is told to
/// supervisors alone, so that a count stays blind.
pub(crate) async fn with_purse(
    site: &Site,
    at: &AtCounter,
) -> Result<(CounterFrame, Option<Purse>), Failure> {
    let purse = flows::counter::shown::purse(&site.world, at).await?;
    let frame = frame(at);
    let Some(purse) = purse else { return Ok((frame, None)) };
    let cash = purse.shift.as_ref().filter(|_| at.clerk.supervises()).map(|(_, expected)| *expected);
    let frame = CounterFrame {
        outlet: Some(purse.outlet.clone()),
        float: Some(purse.float),
        cash,
        commission: Some(purse.commission_today),
        ..frame
    };
    Ok((frame, Some(purse)))
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
        js_urls: ["agent.js", "agent_display.js", "agent_offline.js"].map(crate::assets::url).into(),
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
        assert_eq!(page_behind("/agent/sale/review").as_deref(), Some("/agent/sale"));
        assert_eq!(page_behind("/agent/sales/7K2M9-QX4TB/undo").as_deref(), Some("/agent/sales/7K2M9-QX4TB"));
        assert_eq!(page_behind("/agent/balance/show").as_deref(), Some("/agent/balance"));
        assert_eq!(page_behind("/agent/till/count").as_deref(), Some("/agent/till"));
        assert_eq!(
            page_behind("/agent/till/shifts/shf_1/force").as_deref(),
            Some("/agent/till/shifts/shf_1")
        );
        for page in [
            "/agent",
            "/agent/journal",
            "/agent/sale",
            "/agent/sales/7K2M9-QX4TB",
            "/agent/till/day",
            "/agent/till/days/1",
            "/agent/till/shifts/shf_1",
            "/agent/unlock",
        ] {
            assert_eq!(page_behind(page), None, "{page}");
        }
    }
}
