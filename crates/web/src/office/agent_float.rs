//! Float requests: what waits for a decision, one request with its proof, and the decisions of supervisors.

use super::agents::problem;
use super::session::StaffMember;
use super::{care, frame, page};
use crate::attached;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use domain::agent_refusal::Refused;
use domain::float_request::{self, FloatRequest, FloatRequestKind, FloatRequestState};
use domain::id::{FloatRequestId, PartnerId, StaffId};
use domain::risk::Limit;
use flows::agents::By;
use flows::agents::float::{self, Node};
use http::StatusCode;
use render::view::{ErrorKind, FloatRow, OfficeFloat, OfficeFloatRequest, OfficeProblem, OfficeSection};
use serde::Deserialize;
use std::collections::HashMap;
use store::Tx;
use store::float_request as stored;

/// So many that wait, and so many of each kind of decision.
const WAITING: i64 = 100;
const DECIDED: i64 = 20;

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/office/float", get(list))
        .route("/office/float/{id}", get(show))
        .route("/office/float/{id}/proof", get(proof))
        .route("/office/float/{id}/{action}", get(to_request).post(act))
}

async fn to_request(Path((id, _)): Path<(String, String)>) -> Response {
    let id = FloatRequestId::parse(&id).ok();
    let own = id.map(|id| format!("/office/float/{id}"));
    Redirect::to(own.as_deref().unwrap_or("/office/float")).into_response()
}

type Names = HashMap<String, String>;

/// What a person is called: staff by name, others by the id of their own.
fn person(names: &Names, text: &str) -> String {
    match text.strip_prefix("staff:") {
        Some(id) => care::name(names, &StaffId::stored(id)),
        None => text.to_owned(),
    }
}

/// What a float is called: by its shop, or by its agent.
fn label(tx: &mut Tx<'_>, partner: &PartnerId) -> anyhow::Result<String> {
    Ok(match Node::of(tx, partner)? {
        Some(Node::Agent(agent)) => agent.name,
        Some(Node::Outlet(outlet)) => format!("{} ({})", outlet.facts.name, outlet.facts.number),
        None => partner.to_string(),
    })
}

/// A request as a list shows it.
pub(super) fn row(tx: &mut Tx<'_>, names: &Names, request: &FloatRequest) -> anyhow::Result<FloatRow> {
    let agent = store::agent::find(tx, &request.agent)?;
    Ok(FloatRow {
        id: request.id.to_string(),
        agent: request.agent.to_string(),
        agent_name: agent.map_or_else(String::new, |agent| agent.name),
        kind: request.kind,
        from: match &request.from {
            Some(from) => Some(label(tx, from)?),
            None => None,
        },
        to: label(tx, &request.to)?,
        amount: request.amount,
        state: request.state,
        asked_by: person(names, &request.asked_by),
        asked_at: request.asked_at,
    })
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let read = site.world.db.read(|tx| {
        let names = care::names(tx)?;
        let (mut waiting, mut decided) = (Vec::new(), Vec::new());
        for state in FloatRequestState::ALL {
            let (into, limit) =
                if state.is_open() { (&mut waiting, WAITING) } else { (&mut decided, DECIDED) };
            into.extend(stored::list(tx, *state, limit)?);
        }
        waiting.sort_by(|a: &FloatRequest, b| a.id.cmp(&b.id));
        decided.sort_by_key(|request: &FloatRequest| std::cmp::Reverse(request.state_at));
        decided.truncate(usize::try_from(DECIDED)?);
        let mut rows = |all: Vec<FloatRequest>| -> anyhow::Result<Vec<FloatRow>> {
            all.iter().map(|request| row(tx, &names, request)).collect()
        };
        Ok((rows(waiting)?, rows(decided)?))
    });
    let (waiting, decided) = read.await.map_err(flows::Error::from)?;
    let office = frame(&member, OfficeSection::Agents);
    Ok(page(&site, &reader, &OfficeFloat { office, waiting, decided, zone: care::zone(&site) }))
}

pub async fn show(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    shown(&site, &reader, &member, &id, None).await
}

async fn shown(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: &str,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let id = FloatRequestId::parse(id).map_err(|_| missing())?;
    let read = site.world.db.read(move |tx| {
        let Some(request) = stored::find(tx, &id)? else { return Ok(None) };
        let names = care::names(tx)?;
        let row = row(tx, &names, &request)?;
        let has_proof = stored::proof(tx, &id)?.is_some();
        Ok(Some((request, row, has_proof, names)))
    });
    let found = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let (request, row, has_proof, names) = found;
    let own = By::Staff(care::colleague(member)).person();
    let took_part = request.asked_by == own || request.first_by.as_ref() == Some(&own);
    let limits = flows::risk::limits(&site.world).await?;
    let unit = 10_i64.pow(request.amount.currency.exponent());
    let much = request.amount.minor > limits.of(Limit::FloatAlone).saturating_mul(unit);
    let needed = float_request::deciders(request.kind, much);
    let decision = request
        .decided_by
        .as_ref()
        .zip(request.decided_at)
        .map(|(by, at)| (person(&names, by), at, request.decision_note.clone().unwrap_or_default()));
    let first = request.first_by.as_ref().zip(request.first_at);
    let view = OfficeFloatRequest {
        office: frame(member, OfficeSection::Agents),
        reference: request.reference.clone(),
        note: request.note.clone(),
        has_proof,
        first: first.map(|(by, at)| (person(&names, by), at)),
        decision,
        needs_another: needed > 1 && request.state == FloatRequestState::Asked,
        may_decide: request.state.is_open() && !took_part && request.kind != FloatRequestKind::Card,
        may_withdraw: request.state.is_open() && request.asked_by == own,
        request: row,
        zone: care::zone(site),
        problem,
    };
    Ok(page(site, reader, &view))
}

#[derive(Default, Deserialize)]
pub struct Decided {
    #[serde(default)]
    note: String,
}

pub async fn act(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path((id, action)): Path<(String, String)>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let parsed = FloatRequestId::parse(&id).map_err(|_| missing())?;
    let (world, by) = (&site.world, By::Staff(care::colleague(&member)));
    let done = match action.as_str() {
        "agree" => float::agree(world, &by, &parsed, &form.note).await?,
        "decline" => float::decline(world, &by, &parsed, &form.note).await?,
        "withdraw" => float::withdraw(world, &by, &parsed, &form.note).await?,
        _ => return Err(missing()),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/office/float/{parsed}")).into_response()),
        Err(Refused::Unknown) => Err(missing()),
        Err(refused) => {
            let again = shown(&site, &reader, &member, &id, Some(problem(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// The proof of a transfer, as it is saved or shown.
pub async fn proof(
    State(site): State<Site>,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let id = FloatRequestId::parse(&id).map_err(|_| missing())?;
    let opened = flows::agents::documents::open_proof(&site.world, &care::colleague(&member), &id).await?;
    Ok(attached::response(opened.ok_or_else(missing)?))
}
