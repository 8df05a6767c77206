//! The public form by which a business applies to become an agent.

use super::html;
use super::support_form::Sent;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::agent::{AgentKind, Contact, DOCUMENTS_NEEDED, DocumentKind};
use domain::agent_refusal::Refused;
use flows::agents::apply::{self, Applying};
use flows::agents::documents::Document;
use http::StatusCode;
use render::view::{AgentApplied, AgentApply};

pub fn routes_with_files() -> Router<Site> {
    Router::new().route("/agents/apply", get(form).post(submit))
}

fn field(name: &str, kind: DocumentKind) -> String {
    format!("{name}-{kind}")
}

/// The form with what was typed.
async fn shown(site: &Site, sent: &Sent, problem: Option<Refused>) -> Result<AgentApply, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let typed = |name: &str| sent.of(name).chars().take(300).collect::<String>();
    let key = typed("key");
    Ok(AgentApply {
        // A form that was taken for something else is a new one from here on.
        key: if key.is_empty() || problem == Some(Refused::KeyReused) { fresh_key(site) } else { key },
        markets: catalogue.markets.iter().map(|market| market.country.clone()).collect(),
        kinds: AgentKind::ALL,
        documents: DocumentKind::ALL.iter().map(|kind| (*kind, DOCUMENTS_NEEDED.contains(kind))).collect(),
        name: typed("name"),
        market: typed("market"),
        kind: AgentKind::parse(sent.of("kind")),
        person: typed("person"),
        email: typed("email"),
        phone: typed("phone"),
        address: typed("address"),
        registration_number: typed("registration_number"),
        problem: problem.map(|refused| (refused.as_str(), crate::refused::field(refused, "name"))),
    })
}

fn fresh_key(site: &Site) -> String {
    site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub async fn form(State(site): State<Site>, reader: Reader) -> Result<Response, Failure> {
    let view = shown(&site, &Sent::default(), None).await?;
    Ok(html(&site, &reader, &view))
}

pub async fn submit(State(site): State<Site>, reader: Reader, mut sent: Sent) -> Result<Response, Failure> {
    let mut documents = Vec::new();
    for kind in DocumentKind::ALL {
        if let Some(file) = sent.take(&field("document", *kind)) {
            let valid_until = sent.of(&field("until", *kind)).to_owned();
            documents.push(Document { kind: *kind, file, valid_until });
        }
    }
    let needed = DOCUMENTS_NEEDED.iter().all(|kind| documents.iter().any(|d| d.kind == *kind));
    let applying = Applying {
        key: sent.of("key").to_owned(),
        name: sent.of("name").to_owned(),
        market: sent.of("market").to_owned(),
        kind: AgentKind::parse(sent.of("kind")).unwrap_or(AgentKind::Dealer),
        contact: Contact {
            person: sent.of("person").to_owned(),
            email: sent.of("email").to_owned(),
            phone: sent.of("phone").to_owned(),
            address: sent.of("address").to_owned(),
            registration_number: sent.of("registration_number").to_owned(),
        },
        documents,
        locale: reader.locale,
        address: reader.address.clone(),
    };
    let applied =
        if needed { apply::apply(&site.world, applying).await? } else { Err(Refused::DocumentMissing) };
    match applied {
        Ok(id) => {
            let reference = id.as_str().chars().rev().take(6).collect::<Vec<_>>();
            let view = AgentApplied { reference: reference.into_iter().rev().collect() };
            Ok(html(&site, &reader, &view))
        }
        Err(refused) => {
            let view = shown(&site, &sent, Some(refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&site, &reader, &view)).into_response())
        }
    }
}
