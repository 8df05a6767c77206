//! Agents: the list, one agent with its documents and its agreement, and what staff decides about it. Who may decide is
//! checked by the flows; whoever looks at an agent's contact is audited.

use super::session::StaffMember;
use super::{agent_float, agent_outlets, agent_plans, care, frame, page};
use crate::attached;
use crate::failure::Failure;
use crate::portal::Sent;
use crate::site::{Reader, Site};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use domain::agent::{
    Agent, AgentEvent, AgentKind, AgentState, DocumentKind, OffersAllowed, SaleLimits, Terms,
};
use domain::agent_refusal::Refused;
use domain::audit::SubjectKind;
use domain::id::AgentId;
use domain::ledger::book;
use domain::money::{Currency, Money};
use domain::outlet::{Outlet, OutletState};
use domain::time::UnixMs;
use flows::agents::documents::{self, DOCUMENTS_MAX, Document};
use flows::agents::terms::{self, Agreed};
use flows::agents::{Outcome, apply, decide, payout};
use flows::office::audit::looked;
use http::StatusCode;
use render::view::{
    AgentDecision, AgentOutletRow, AgentRow, AgentTerms, DocumentRow, ErrorKind, FloatShown, LimitsShown,
    OfficeAgent, OfficeAgents, OfficeProblem, OfficeSection, OutletShown,
};
use serde::Deserialize;
use std::collections::HashMap;
use store::agent_document::AgentDocument;
use store::float_request::{self};
use store::{Tx, agent as stored, ledger, outlet};

/// Agents of one page, and outlets and requests that are listed with one.
const LISTED: i64 = 50;

/// For every member of staff.
pub fn inside() -> Router<Site> {
    Router::new()
        .route("/office/agents", get(list))
        .route("/office/agents/plans", get(agent_plans::list).post(agent_plans::set))
        .route("/office/agents/{id}", get(show))
        .route("/office/agents/{id}/{action}", get(to_agent).post(act))
        .route("/office/agents/{id}/documents/{n}", get(document))
        .route("/office/agents/{id}/outlets/{place}", get(agent_outlets::show))
        .route(
            "/office/agents/{id}/outlets/{place}/facts",
            get(agent_outlets::show).post(agent_outlets::describe),
        )
        .route("/office/agents/{id}/outlets/{place}/{action}", get(to_outlet).post(agent_outlets::act))
}

/// For supervisors.
pub fn for_supervisors() -> Router<Site> {
    agent_float::routes()
}

/// The form with a file.
pub fn with_files() -> Router<Site> {
    Router::new().route("/office/agents/{id}/documents", get(to_agent_documents).post(add_document))
}

async fn to_agent(Path((id, _)): Path<(String, String)>) -> Response {
    let id = AgentId::parse(&id).ok();
    let own = id.map(|id| format!("/office/agents/{id}"));
    Redirect::to(own.as_deref().unwrap_or("/office/agents")).into_response()
}

async fn to_agent_documents(Path(id): Path<String>) -> Response {
    to_agent(Path((id, String::new()))).await
}

async fn to_outlet(Path((id, place, _)): Path<(String, String, String)>) -> Response {
    Redirect::to(&format!("/office/agents/{id}/outlets/{place}")).into_response()
}

pub(super) fn row(agent: &Agent) -> AgentRow {
    AgentRow {
        id: agent.id.to_string(),
        name: agent.name.clone(),
        kind: agent.kind,
        state: agent.state,
        market: agent.market.clone(),
        at: agent.created_at,
    }
}

pub(super) fn outlet_shown(outlet: &Outlet) -> OutletShown {
    OutletShown::new(outlet.place.as_str(), outlet.state, outlet.reason.clone(), outlet.facts.clone())
}

fn outlet_row(outlet: &Outlet) -> AgentOutletRow {
    AgentOutletRow { agent: outlet.agent.to_string(), outlet: outlet_shown(outlet) }
}

/// What is in a partner's float.
pub(super) fn float(
    tx: &mut Tx<'_>,
    partner: &domain::id::PartnerId,
    currency: Currency,
) -> anyhow::Result<FloatShown> {
    let zero = Money::zero(currency);
    let account = ledger::account(tx, &book::float(partner, zero))?;
    let (balance, available, floor) =
        account.map_or((0, 0, 0), |a| (a.balance(), a.available(), a.floor.unwrap_or(0)));
    let of = |minor| Money::new(minor, currency);
    Ok(FloatShown { balance: of(balance), available: of(available - floor), credit_line: of(-floor) })
}

/// Why it was refused, and at which field.
pub(super) fn problem(refused: Refused) -> OfficeProblem {
    let field = crate::refused::field(refused, "per_sale");
    OfficeProblem { code: refused.as_str(), field, until: None }
}

/// An amount that may be left out; `None` when it cannot be read.
pub(crate) fn optional(text: &str, currency: Currency) -> Option<Option<Money>> {
    if text.trim().is_empty() { Some(None) } else { Money::parse_decimal(text, currency).map(Some) }
}

/// The three limits of a form.
#[derive(Default, Deserialize)]
pub struct LimitsForm {
    #[serde(default)]
    pub per_sale: String,
    #[serde(default)]
    pub clerk_day: String,
    #[serde(default)]
    pub outlet_day: String,
}

impl LimitsForm {
    pub(crate) fn read(&self, currency: Currency) -> Option<SaleLimits> {
        Some(SaleLimits {
            per_sale: optional(&self.per_sale, currency)?,
            clerk_day: optional(&self.clerk_day, currency)?,
            outlet_day: optional(&self.outlet_day, currency)?,
        })
    }
}

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let state = AgentState::parse(&wanted.state).unwrap_or(AgentState::Applied);
    let after = AgentId::parse(&wanted.after).map(|id| id.to_string()).unwrap_or_default();
    let read = site.world.db.read(move |tx| {
        Ok((stored::list(tx, state, &after, LISTED)?, outlet::list_in(tx, OutletState::Proposed, LISTED)?))
    });
    let (agents, proposed) = read.await.map_err(flows::Error::from)?;
    let full = i64::try_from(agents.len()).is_ok_and(|count| count == LISTED);
    let view = OfficeAgents {
        office: frame(&member, OfficeSection::Agents),
        state,
        states: AgentState::ALL,
        next: agents.last().filter(|_| full).map(|agent| agent.id.to_string()),
        agents: agents.iter().map(row).collect(),
        proposed: proposed.iter().map(outlet_row).collect(),
        zone: care::zone(&site),
    };
    Ok(page(&site, &reader, &view))
}

pub async fn show(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    shown(&site, &reader, &member, &id, None).await
}

/// What is read of one agent.
struct Found {
    agent: Agent,
    parent: Option<Agent>,
    children: Vec<Agent>,
    documents: Vec<AgentDocument>,
    approvals: Vec<stored::Approval>,
    plans: Vec<String>,
    float: Option<FloatShown>,
    outlets: Vec<Outlet>,
    requests: Vec<render::view::FloatRow>,
    commission: Vec<(String, Money)>,
    names: HashMap<String, String>,
}

fn find(tx: &mut Tx<'_>, id: &AgentId, (zone, now): (&str, UnixMs)) -> anyhow::Result<Option<Found>> {
    let Some(agent) = stored::find(tx, id)? else { return Ok(None) };
    let names = care::names(tx)?;
    let currency = agent.terms.credit_line.currency;
    let has_float = !matches!(agent.state, AgentState::Applied | AgentState::Refused);
    let requests = float_request::list_of(tx, id, LISTED)?;
    let requests = requests.iter().map(|request| agent_float::row(tx, &names, request));
    Ok(Some(Found {
        requests: requests.collect::<anyhow::Result<_>>()?,
        commission: payout::months(tx, &agent, zone, now)?,
        parent: match &agent.parent {
            Some(parent) => stored::find(tx, parent)?,
            None => None,
        },
        children: stored::list_children(tx, id, LISTED)?,
        documents: store::agent_document::list(tx, id, DOCUMENTS_MAX)?,
        approvals: stored::list_approvals(tx, id)?,
        plans: store::commission::list_plans(tx, LISTED)?
            .into_iter()
            .filter(|plan| plan.currency == currency)
            .map(|plan| plan.id)
            .collect(),
        float: if has_float { Some(float(tx, &agent.partner, currency)?) } else { None },
        outlets: outlet::list(tx, id, "", LISTED)?,
        names,
        agent,
    }))
}

async fn shown(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: &str,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let id = AgentId::parse(id).map_err(|_| missing())?;
    let (wanted, zone, now) = (id.clone(), care::zone(site), site.world.now());
    let read = site.world.db.read(move |tx| find(tx, &wanted, (&zone, now)));
    let found = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let (contact, _) = apply::contact_of(&site.world, &id).await?.ok_or_else(missing)?;
    looked(&site.world, &member.id, SubjectKind::Agent, id.as_str(), None).await?;
    let document = |document: &AgentDocument| -> anyhow::Result<DocumentRow> {
        Ok(DocumentRow {
            n: document.n,
            kind: document.kind,
            name: documents::name(&site.world, document)?,
            expires_at: document.expires_at,
            valid: document.is_valid(now),
            at: document.at,
        })
    };
    let rows = found.documents.iter().map(document).collect::<anyhow::Result<_>>();
    let agent = &found.agent;
    let view = OfficeAgent {
        office: frame(member, OfficeSection::Agents),
        agent: row(agent),
        reason: agent.reason.clone(),
        parent: found.parent.as_ref().map(row),
        children: found.children.iter().map(row).collect(),
        contact,
        documents: rows.map_err(flows::Error::from)?,
        missing: documents::missing(&found.documents, now),
        document_kinds: DocumentKind::ALL,
        may_agree: may_agree(member, &found),
        events: events(member, agent.state),
        may_change_terms: member.is_supervisor()
            && !matches!(agent.state, AgentState::Closed | AgentState::Refused),
        approvals: found
            .approvals
            .iter()
            .map(|one| AgentDecision {
                by: care::name(&found.names, &one.by),
                at: one.at,
                note: one.note.clone(),
            })
            .collect(),
        terms: terms_shown(agent),
        plans: found.plans,
        float: found.float,
        outlets: found.outlets.iter().map(outlet_row).collect(),
        requests: found.requests,
        commission: if member.is_supervisor() { found.commission } else { Vec::new() },
        zone: care::zone(site),
        problem,
    };
    Ok(page(site, reader, &view))
}

fn may_agree(member: &StaffMember, found: &Found) -> bool {
    let first = found.approvals.is_empty();
    let own = found.approvals.iter().any(|one| one.by == member.id);
    found.agent.state == AgentState::Applied && !own && (first || member.is_supervisor())
}

/// What else this member may do now.
fn events(member: &StaffMember, state: AgentState) -> Vec<AgentEvent> {
    let may = |event: &AgentEvent| match event {
        AgentEvent::Approve => false,
        AgentEvent::Suspend => true,
        AgentEvent::Refuse | AgentEvent::Lift | AgentEvent::Close => member.is_supervisor(),
    };
    state.events().filter(may).collect()
}

fn terms_shown(agent: &Agent) -> AgentTerms {
    let terms = &agent.terms;
    AgentTerms {
        kind: agent.kind,
        parent: agent.parent.as_ref().map(ToString::to_string).unwrap_or_default(),
        offers: match &terms.offers {
            OffersAllowed::All => String::new(),
            OffersAllowed::Only(offers) => offers.iter().cloned().collect::<Vec<_>>().join(" "),
        },
        limits: LimitsShown::of(&terms.limits),
        credit_line: LimitsShown::typed(terms.credit_line),
        plan: terms.plan.clone().unwrap_or_default(),
        currency: terms.credit_line.currency,
    }
}

/// What the forms of an agent's page send: a decision with its reason, or an agreement.
#[derive(Default, Deserialize)]
pub struct Decided {
    #[serde(default)]
    note: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    offers: String,
    #[serde(default)]
    credit_line: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    per_sale: String,
    #[serde(default)]
    clerk_day: String,
    #[serde(default)]
    outlet_day: String,
}

/// Offers that may be named.
const OFFERS_MAX: usize = 200;

impl Decided {
    fn agreed(&self, currency: Currency) -> Outcome<Agreed> {
        let limits = LimitsForm {
            per_sale: self.per_sale.clone(),
            clerk_day: self.clerk_day.clone(),
            outlet_day: self.outlet_day.clone(),
        };
        let offers = self.offers.split_whitespace().take(OFFERS_MAX).map(str::to_owned).collect();
        let parent = match self.parent.trim() {
            "" => None,
            typed => Some(AgentId::parse(typed).map_err(|_| Refused::ParentUnfit)?),
        };
        let plan = self.plan.trim();
        Ok(Agreed {
            kind: AgentKind::parse(&self.kind).unwrap_or(AgentKind::Dealer),
            parent,
            terms: Terms {
                offers: if self.offers.trim().is_empty() {
                    OffersAllowed::All
                } else {
                    OffersAllowed::Only(offers)
                },
                limits: limits.read(currency).ok_or(Refused::AmountUnfit)?,
                credit_line: Money::parse_decimal(&self.credit_line, currency).ok_or(Refused::AmountUnfit)?,
                plan: (!plan.is_empty()).then(|| plan.to_owned()),
            },
        })
    }
}

pub async fn act(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path((id, action)): Path<(String, String)>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let parsed = AgentId::parse(&id).map_err(|_| missing())?;
    let by = care::colleague(&member);
    let done = match (action.as_str(), AgentEvent::parse(&action)) {
        ("agree", _) => decide::approve(&site.world, &by, &parsed, &form.note).await?.map(drop),
        ("commission", _) => payout::pay(&site.world, &by, &parsed, &form.month, &form.note).await?.map(drop),
        ("terms", _) => {
            let wanted = parsed.clone();
            let read = site.world.db.read(move |tx| stored::find(tx, &wanted));
            let agent = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
            match form.agreed(agent.terms.credit_line.currency) {
                Ok(agreed) => terms::set(&site.world, &by, &parsed, agreed, &form.note).await?.map(drop),
                Err(refused) => Err(refused),
            }
        }
        (_, Some(event)) if event != AgentEvent::Approve => {
            decide::change(&site.world, &by, &parsed, event, &form.note).await?.map(drop)
        }
        _ => return Err(missing()),
    };
    answer(&site, &reader, &member, &parsed, done.map(drop)).await
}

/// Back to the agent, or its page again with what is wrong.
async fn answer(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: &AgentId,
    done: Outcome<()>,
) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/office/agents/{id}")).into_response()),
        Err(Refused::Unknown) => Err(Failure::of(ErrorKind::NotFound)),
        Err(refused) => {
            let again = shown(site, reader, member, id.as_str(), Some(problem(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// A document, as it is saved or shown.
pub async fn document(
    State(site): State<Site>,
    member: StaffMember,
    Path((id, n)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let (id, n) = (AgentId::parse(&id).map_err(|_| missing())?, n.parse().map_err(|_| missing())?);
    let opened = documents::open(&site.world, &care::colleague(&member), &id, n).await?;
    Ok(attached::response(opened.ok_or_else(missing)?))
}

pub async fn add_document(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    mut sent: Sent,
) -> Result<Response, Failure> {
    let id = AgentId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let kind = DocumentKind::parse(sent.of("kind"));
    let valid_until = sent.of("valid_until").to_owned();
    let done = match (kind, sent.files.pop()) {
        (Some(kind), Some(file)) => {
            let document = Document { kind, file, valid_until };
            documents::add(&site.world, &care::colleague(&member), &id, document).await?
        }
        (None, _) | (_, None) => Err(Refused::DocumentMissing),
    };
    answer(&site, &reader, &member, &id, done).await
}
