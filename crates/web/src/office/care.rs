//! What the pages of care share: the routes, who acts, names of the staff, and an order in a few words.

use super::session::StaffMember;
use super::{cases, limits, refunds, stuck};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::id::StaffId;
use domain::offer::Benefit;
use domain::top_up::TopUp;
use flows::care::Colleague;
use flows::notice::short_reference;
use flows::receipt::Standing;
use render::SentenceValues;
use render::view::KnownOrder;
use std::collections::HashMap;
use store::Tx;

/// For every member of staff.
pub fn inside() -> Router<Site> {
    Router::new()
        .route("/office/cases", get(cases::list))
        .route("/office/cases/{code}", get(cases::show).post(cases::write))
        .route("/office/cases/{code}/assign", get(to_case).post(cases::assign))
        .route("/office/cases/{code}/files/{n}", get(cases::file))
        .route("/office/cases/{code}/close", get(to_case).post(cases::close))
        .route("/office/cases/{code}/reopen", get(to_case).post(cases::reopen))
        .route("/office/stuck", get(stuck::list))
        .route("/office/stuck/preview", get(to_stuck).post(stuck::preview))
        .route("/office/stuck/do", get(to_stuck).post(stuck::mend))
        .route("/office/refunds", get(refunds::list))
        .route("/office/refunds/ask", get(refunds::form).post(refunds::ask))
        .route("/office/refunds/{id}", get(refunds::show))
        .route("/office/refunds/{id}/withdraw", get(to_refund).post(refunds::withdraw))
        .route("/office/limits", get(limits::list))
}

/// For supervisors.
pub fn for_supervisors() -> Router<Site> {
    Router::new()
        .route("/office/refunds/{id}/approve", post(refunds::approve).get(to_refund))
        .route("/office/refunds/{id}/decline", post(refunds::decline).get(to_refund))
        .route("/office/limits/{key}", get(limits::form).post(limits::set))
}

async fn to_case(Path(code): Path<String>) -> Response {
    let code = domain::support_case::parse_case_code(&code);
    let own = code.map(|code| format!("/office/cases/{code}"));
    Redirect::to(own.as_deref().unwrap_or("/office/cases")).into_response()
}

async fn to_stuck() -> Response {
    Redirect::to("/office/stuck").into_response()
}

async fn to_refund(Path(id): Path<String>) -> Response {
    let id = domain::id::RefundRequestId::parse(&id).ok();
    let own = id.map(|id| format!("/office/refunds/{id}"));
    Redirect::to(own.as_deref().unwrap_or("/office/refunds")).into_response()
}

/// The member as flows know them.
pub fn colleague(member: &StaffMember) -> Colleague {
    Colleague { id: member.id.clone(), role: member.role }
}

/// What each member of the staff is called.
pub fn names(tx: &mut Tx<'_>) -> anyhow::Result<HashMap<String, String>> {
    let staff = store::staff::list(tx)?;
    Ok(staff.into_iter().map(|member| (member.id.to_string(), member.name)).collect())
}

pub fn name(names: &HashMap<String, String>, staff: &StaffId) -> String {
    names.get(staff.as_str()).cloned().unwrap_or_else(|| staff.to_string())
}

/// The time zone in which the office is told times that belong to no order: that of the first market.
pub fn zone(site: &Site) -> String {
    let catalogue = site.world.catalogue();
    catalogue.markets.first().map_or_else(|| "UTC".to_owned(), |market| market.seller.time_zone.clone())
}

/// A new key for a form.
pub fn fresh_key(site: &Site) -> String {
    site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An order in its money sentence, with all that is known about it.
pub async fn known(site: &Site, reader: &Reader, top_up: TopUp) -> Result<(KnownOrder, Standing), Failure> {
    let standing = flows::receipt::standing(&site.world, top_up).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let top_up = &standing.top_up;
    let zone = catalogue.market(&top_up.market).map_or("UTC", |market| market.seller.time_zone.as_str());
    let bundle = (standing.offer.benefit != Benefit::Credit).then(|| standing.offer.name_in(reader.locale));
    let reference = standing.refunds.last().map(|refund| short_reference(refund.id.as_str()));
    let known = KnownOrder {
        code: top_up.code.clone(),
        state: top_up.state,
        values: SentenceValues {
            provider: standing.provider.clone(),
            ..SentenceValues::of(top_up, bundle, reference.as_deref(), zone)
        },
    };
    Ok((known, standing))
}
