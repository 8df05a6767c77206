//! One outlet of an agent as staff sees it: what the public sees, its float, its limits, and what is decided about it.

use super::agents::{self, LimitsForm, outlet_shown, problem};
use super::session::StaffMember;
use super::{care, frame, page};
use crate::agent::outlet_facts::FactsForm;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::agent_refusal::Refused;
use domain::id::{AgentId, PlaceId};
use domain::outlet::{OutletEvent, OutletState};
use flows::agents::By;
use flows::agents::outlets::{self, Held};
use http::StatusCode;
use render::view::{ErrorKind, LimitsShown, OfficeOutlet, OfficeProblem, OfficeSection};
use serde::Deserialize;

pub async fn show(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path((id, place)): Path<(String, String)>,
) -> Result<Response, Failure> {
    shown(&site, &reader, &member, (&id, &place), None).await
}

async fn shown(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    (id, place): (&str, &str),
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let id = AgentId::parse(id).map_err(|_| missing())?;
    let place = PlaceId::parse(place).map_err(|_| missing())?;
    let read = site.world.db.read(move |tx| {
        let agent = store::agent::find(tx, &id)?;
        let outlet = store::outlet::find(tx, &place)?.filter(|outlet| outlet.agent == id);
        let (Some(agent), Some(outlet)) = (agent, outlet) else { return Ok(None) };
        let float = agents::float(tx, &outlet.partner, agent.terms.credit_line.currency)?;
        Ok(Some((agent, outlet, float)))
    });
    let (agent, outlet, float) = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let may = |event: &OutletEvent| match event {
        OutletEvent::Approve => false,
        OutletEvent::Suspend | OutletEvent::Close => true,
        OutletEvent::Refuse | OutletEvent::Lift => member.is_supervisor(),
    };
    let view = OfficeOutlet {
        office: frame(member, OfficeSection::Agents),
        agent: agents::row(&agent),
        holds: LimitsShown::of(&agent.terms.limits.and(outlet.limits)),
        limits: LimitsShown::of(&outlet.limits),
        low_float: outlet.low_float.map(LimitsShown::typed).unwrap_or_default(),
        currency: agent.terms.credit_line.currency,
        events: outlet.state.events().filter(may).collect(),
        may_approve: outlet.state == OutletState::Proposed && member.is_supervisor(),
        may_describe: outlet.state == OutletState::Proposed || member.is_supervisor(),
        outlet: outlet_shown(&outlet),
        float,
        zone: care::zone(site),
        problem,
    };
    Ok(page(site, reader, &view))
}

/// What the forms of the page send: a reason, or limits.
#[derive(Default, Deserialize)]
pub struct Decided {
    #[serde(default)]
    note: String,
    #[serde(default)]
    per_sale: String,
    #[serde(default)]
    clerk_day: String,
    #[serde(default)]
    outlet_day: String,
    #[serde(default)]
    low_float: String,
}

pub async fn act(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path((id, place, action)): Path<(String, String, String)>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let agent = AgentId::parse(&id).map_err(|_| missing())?;
    let parsed = PlaceId::parse(&place).map_err(|_| missing())?;
    let by = By::Staff(care::colleague(&member));
    let done = match (action.as_str(), OutletEvent::parse(&action)) {
        ("limits", _) => {
            let read = site.world.db.read(move |tx| store::agent::find(tx, &agent));
            let agent = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
            let currency = agent.terms.credit_line.currency;
            let limits = LimitsForm {
                per_sale: form.per_sale,
                clerk_day: form.clerk_day,
                outlet_day: form.outlet_day,
            };
            match (limits.read(currency), agents::optional(&form.low_float, currency)) {
                (Some(limits), Some(low_float)) => {
                    let held = Held { limits, low_float };
                    outlets::hold(&site.world, &by, &parsed, held, &form.note).await?
                }
                (None, _) | (_, None) => Err(Refused::AmountUnfit),
            }
        }
        (_, Some(event)) => outlets::change(&site.world, &by, &parsed, event, &form.note).await?,
        (_, None) => return Err(missing()),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/office/agents/{id}/outlets/{parsed}")).into_response()),
        Err(Refused::Unknown) => Err(missing()),
        Err(refused) => {
            let again = shown(&site, &reader, &member, (&id, &place), Some(problem(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// What visitors see is changed.
pub async fn describe(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path((id, place)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let parsed = PlaceId::parse(&place).map_err(|_| missing())?;
    let (by, wanted) = (By::Staff(care::colleague(&member)), parsed.clone());
    let read = site.world.db.read(move |tx| store::outlet::find(tx, &wanted));
    let known = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let facts = FactsForm(typed).facts(known.facts.country, known.facts.time_zone);
    match outlets::describe(&site.world, &by, &parsed, facts).await? {
        Ok(outlet) => {
            let page = format!("/office/agents/{}/outlets/{parsed}", outlet.agent);
            Ok(Redirect::to(&page).into_response())
        }
        Err(Refused::Unknown) => Err(missing()),
        Err(refused) => {
            let again = shown(&site, &reader, &member, (&id, &place), Some(problem(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}
