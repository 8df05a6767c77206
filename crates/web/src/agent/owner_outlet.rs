//! The owner's outlets: one more is proposed, one is held to limits, stopped or closed.

use super::outlet_facts::FactsForm;
use super::owner::{agent, by, float, shown, zone};
use super::{Owner, page as show, with_purse};
use crate::failure::Failure;
use crate::office::{LimitsForm, optional};
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::agent_refusal::Refused;
use domain::id::PlaceId;
use domain::outlet::{OutletEvent, OutletState};
use flows::agents::By;
use flows::agents::outlets::{self, Held, Proposal};
use http::StatusCode;
use render::view::{ErrorKind, LimitsShown, OutletShown, OwnerOutlet, OwnerPropose};
use serde::Deserialize;

async fn proposing(
    site: &Site,
    owner: &Owner,
    outlet: OutletShown,
    problem: Option<Refused>,
) -> Result<OwnerPropose, Failure> {
    Ok(OwnerPropose {
        counter: with_purse(site, owner).await?.0,
        key: site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect(),
        outlet,
        problem: problem.map(|refused| (refused.as_str(), crate::refused::field(refused, "number"))),
    })
}

pub async fn form(State(site): State<Site>, reader: Reader, owner: Owner) -> Result<Response, Failure> {
    let usual = [("services", "top_up"), ("services", "bundle")];
    let usual = FactsForm(usual.iter().map(|(name, word)| ((*name).into(), (*word).into())).collect());
    let facts = usual.facts(String::new(), String::new());
    let outlet = OutletShown::new("", OutletState::Proposed, None, facts);
    Ok(show(&site, &reader, &proposing(&site, &owner, outlet, None).await?))
}

pub async fn propose(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let (who, typed) = (by(&owner), FactsForm(typed));
    let asking = who.clone();
    let read = site.world.db.read(move |tx| agent(tx, &asking));
    let agent = read.await.map_err(flows::Error::from)?;
    let facts = typed.facts(agent.market.clone(), zone(&site, &agent.market).await?);
    let proposal = Proposal { key: typed.text("key"), agent: agent.id, facts: facts.clone() };
    match outlets::propose(&site.world, &By::Owner(who), proposal).await? {
        Ok(outlet) => Ok(Redirect::to(&format!("/agent/owner/outlets/{}", outlet.place)).into_response()),
        Err(refused) => {
            let shown = OutletShown::new("", OutletState::Proposed, None, facts);
            let shown = OutletShown { point: typed.text("point"), ..shown };
            let view = proposing(&site, &owner, shown, Some(refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&site, &reader, &view)).into_response())
        }
    }
}

/// What visitors see is changed.
pub async fn describe(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path(place): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let parsed = PlaceId::parse(&place).map_err(|_| missing())?;
    let (by, typed) = (By::Owner(by(&owner)), FactsForm(typed));
    let wanted = parsed.clone();
    let read = site.world.db.read(move |tx| store::outlet::find(tx, &wanted));
    let known = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let facts = typed.facts(known.facts.country, known.facts.time_zone);
    match outlets::describe(&site.world, &by, &parsed, facts).await? {
        Ok(_) => Ok(Redirect::to(&format!("/agent/owner/outlets/{parsed}?saved=1")).into_response()),
        Err(Refused::Unknown) => Err(missing()),
        Err(refused) => {
            let again = show_outlet(&site, &reader, &owner, &place, (false, Some(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

#[derive(Default, Deserialize)]
pub struct Coming {
    saved: Option<String>,
}

async fn show_outlet(
    site: &Site,
    reader: &Reader,
    owner: &Owner,
    place: &str,
    (saved, problem): (bool, Option<Refused>),
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let place = PlaceId::parse(place).map_err(|_| missing())?;
    let who = by(owner);
    let read = site.world.db.read(move |tx| {
        let agent = agent(tx, &who)?;
        let outlet = store::outlet::find(tx, &place)?.filter(|outlet| outlet.agent == agent.id);
        let Some(outlet) = outlet else { return Ok(None) };
        let float = float(tx, &outlet.partner, agent.terms.credit_line.currency)?;
        Ok(Some((agent, outlet, float)))
    });
    let (agent, outlet, float) = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let stops = |event: &OutletEvent| match event {
        OutletEvent::Suspend | OutletEvent::Close => true,
        OutletEvent::Approve | OutletEvent::Refuse | OutletEvent::Lift => false,
    };
    let view = OwnerOutlet {
        counter: with_purse(site, owner).await?.0,
        holds: LimitsShown::of(&agent.terms.limits.and(outlet.limits)),
        limits: LimitsShown::of(&outlet.limits),
        low_float: outlet.low_float.map(LimitsShown::typed).unwrap_or_default(),
        currency: agent.terms.credit_line.currency,
        events: outlet.state.events().filter(stops).collect(),
        outlet: shown(&outlet),
        float,
        saved,
        problem: problem.map(|refused| (refused.as_str(), crate::refused::field(refused, "per_sale"))),
    };
    Ok(show(site, reader, &view))
}

pub async fn show_page(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path(place): Path<String>,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    show_outlet(&site, &reader, &owner, &place, (coming.saved.is_some(), None)).await
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
    owner: Owner,
    Path((place, action)): Path<(String, String)>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let parsed = PlaceId::parse(&place).map_err(|_| missing())?;
    let who = by(&owner);
    let done = match (action.as_str(), OutletEvent::parse(&action)) {
        ("limits", _) => {
            let asking = who.clone();
            let read = site.world.db.read(move |tx| agent(tx, &asking));
            let currency = read.await.map_err(flows::Error::from)?.terms.credit_line.currency;
            let limits = LimitsForm {
                per_sale: form.per_sale,
                clerk_day: form.clerk_day,
                outlet_day: form.outlet_day,
            };
            match (limits.read(currency), optional(&form.low_float, currency)) {
                (Some(limits), Some(low_float)) => {
                    let held = Held { limits, low_float };
                    outlets::hold(&site.world, &By::Owner(who), &parsed, held, &form.note).await?
                }
                (None, _) | (_, None) => Err(Refused::AmountUnfit),
            }
        }
        (_, Some(event)) => outlets::change(&site.world, &By::Owner(who), &parsed, event, &form.note).await?,
        (_, None) => return Err(missing()),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/agent/owner/outlets/{parsed}?saved=1")).into_response()),
        Err(Refused::Unknown) => Err(missing()),
        Err(refused) => {
            let again = show_outlet(&site, &reader, &owner, &place, (false, Some(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}
