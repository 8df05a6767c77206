//! The office: where staff sees the truth about one payment and puts it right. Its routes, by who may open them.
//!
//! [`inside`] is for every member of staff, [`for_supervisors`] for supervisors alone, [`doors`] for whoever signs in.
//! Handlers ask for a [`StaffMember`]; pages have the office's own frame.

mod agent_float;
mod agent_outlets;
mod agent_plans;
mod agents;
mod campaigns;
mod care;
mod cases;
mod catalogue;
mod limits;
mod order;
mod overview;
mod records;
mod refunds;
mod search;
mod session;
mod sign_in;
mod story;
mod stuck;

pub(crate) use agents::{LimitsForm, optional};
pub use session::StaffMember;
pub(crate) use session::open;

use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::extract::State;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get};
use render::View;
use render::view::{ErrorKind, OfficeError, OfficeFrame, OfficeHowTo, OfficeSection, OfficeStaff};

pub fn routes(site: &Site) -> Router<Site> {
    let supervisors = from_fn_with_state(site.clone(), session::supervisors);
    let guard = from_fn_with_state(site.clone(), session::guard);
    let supervised = for_supervisors()
        .merge(agents::for_supervisors())
        .merge(care::for_supervisors())
        .merge(campaigns::for_supervisors());
    let guarded = inside()
        .merge(agents::inside())
        .merge(care::inside())
        .merge(campaigns::inside())
        .merge(supervised.route_layer(supervisors))
        .route_layer(guard);
    doors().merge(guarded).layer(from_fn(session::unlisted))
}

/// Pages inside whose forms carry files.
pub fn routes_with_files(site: &Site) -> Router<Site> {
    let guard = from_fn_with_state(site.clone(), session::guard);
    agents::with_files().route_layer(guard).layer(from_fn(session::unlisted))
}

/// For whoever is not in yet.
fn doors() -> Router<Site> {
    Router::new()
        .route("/office/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/office/join", get(sign_in::join).post(sign_in::take_token))
        .route("/office/join/set-up", get(sign_in::set_up).post(sign_in::finish))
}

/// For every member of staff.
fn inside() -> Router<Site> {
    let elsewhere = || get(sign_in::elsewhere);
    Router::new()
        .route("/office", get(overview::page))
        .route("/office/sign-out", elsewhere().post(sign_in::sign_out))
        .route("/office/orders", get(overview::orders))
        .route("/office/open-refunds", get(overview::open_refunds))
        .route("/office/dead", get(overview::dead))
        .route("/office/search", get(search::page).post(search::submit))
        .route("/office/orders/{code}", get(order::page))
        .route("/office/orders/{code}/reveal", elsewhere().post(order::reveal_page))
        .route("/office/lines/{id}", get(search::line))
        .route("/office/lines/{id}/reveal", elsewhere().post(search::reveal_line))
        .route("/office/subscribers/{id}", get(search::subscriber))
        .route("/office/subscribers/{id}/reveal", elsewhere().post(search::reveal_subscriber))
        .route("/office/catalogue", get(catalogue::page))
        .route("/office/catalogue/{id}", get(catalogue::offer))
        .route("/office/promotions", get(catalogue::promotions))
        .route("/office/how-to", get(how_to))
        .route("/office/{*rest}", any(lost))
}

/// For supervisors.
fn for_supervisors() -> Router<Site> {
    Router::new()
        .route("/office/audit", get(records::audit_page))
        .route("/office/staff", get(records::staff_page))
        .route("/office/staff/{id}/{action}", get(sign_in::elsewhere).post(records::act))
}

/// Where the page stands that a form of the office leads to.
pub(crate) fn page_behind(path: &str) -> Option<String> {
    let below = path.strip_prefix("/office/")?;
    let (before, action) = below.rsplit_once('/').unwrap_or(("", below));
    match action {
        "sign-out" => Some("/office".into()),
        "reveal" => Some(format!("/office/{before}")),
        "disable" | "reset" | "end" if before.starts_with("staff/") => Some("/office/staff".into()),
        _ => None,
    }
}

/// The frame of a page for this member.
pub(crate) fn frame(member: &StaffMember, section: OfficeSection) -> OfficeFrame {
    let staff = OfficeStaff { name: member.name.clone(), role: member.role };
    OfficeFrame { staff: Some(staff), section, ..bare_frame() }
}

/// The frame of a page for whoever is not in.
fn bare_frame() -> OfficeFrame {
    OfficeFrame {
        staff: None,
        section: OfficeSection::Overview,
        css_url: crate::assets::url("office.css"),
        js_url: crate::assets::url("office.js"),
    }
}

/// Is this address inside the office?
pub(crate) fn is_inside(path_and_query: &str) -> bool {
    let path = path_and_query.split('?').next().unwrap_or_default();
    path == "/office" || path.starts_with("/office/")
}

/// An error inside the office, with the menu where it is known who reads.
pub(crate) fn error(site: &Site, reader: &Reader, kind: ErrorKind, staff: Option<&StaffMember>) -> Response {
    let frame = |member| frame(member, OfficeSection::Overview);
    let office = staff.map_or_else(bare_frame, frame);
    page(site, reader, &OfficeError { office, kind })
}

/// How to answer what customers ask.
async fn how_to(State(site): State<Site>, reader: Reader, member: StaffMember) -> Response {
    page(&site, &reader, &OfficeHowTo::of(frame(&member, OfficeSection::HowTo)))
}

/// Nothing is here: told to members of staff alone.
async fn lost() -> Failure {
    Failure::of(ErrorKind::NotFound)
}

/// A page of the office in the reader's language.
pub(crate) fn page<V: View>(site: &Site, reader: &Reader, view: &V) -> Response {
    let chrome = render::Chrome { listed: None, ..site.chrome(reader) };
    Html(site.world.renderer.page(reader.locale, &chrome, view)).into_response()
}
