//! Refunds by two people: what waits, the form that asks, and one request with its decision.

use super::session::StaffMember;
use super::{care, frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::{AttemptId, RefundRequestId};
use domain::refund_request::{RefundRequestReason, RefundRequestState};
use domain::top_up::TopUp;
use flows::care::money::{self, AtNetwork};
use flows::care::refunds::{self, Ask, Refused};
use flows::notice::short_reference;
use http::StatusCode;
use render::view::{
    ErrorKind, OfficeProblem, OfficeRefund, OfficeRefundAsk, OfficeRefunds, OfficeSection, ReportRow,
    RequestRow, SourceRow,
};
use serde::Deserialize;
use std::collections::HashMap;
use store::Tx;
use store::refund_request::{self, RefundRequest};
use store::report::Report;

/// So many that wait, and so many of each kind of decision.
const WAITING: i64 = 100;
const DECIDED: i64 = 20;

/// Stands in forms for the attempt of an order that a float paid.
const BY_FLOAT: &str = "float";

type Named = (RefundRequest, String);

fn row(member: &StaffMember, names: &HashMap<String, String>, named: Named) -> RequestRow {
    let (request, order) = named;
    RequestRow {
        id: request.id.to_string(),
        order,
        amount: request.amount,
        source: request.source,
        reason: request.reason,
        state: request.state,
        asked_by: care::name(names, &request.asked_by),
        asked_at: request.asked_at,
        mine: request.asked_by == member.id,
    }
}

fn named(tx: &mut Tx<'_>, requests: Vec<RefundRequest>) -> anyhow::Result<Vec<Named>> {
    let with_code = |request: RefundRequest| {
        let code = store::top_up::load(tx, &request.top_up)?.code;
        Ok((request, code))
    };
    requests.into_iter().map(with_code).collect()
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    listed(&site, &reader, &member, String::new(), None).await
}

async fn listed(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    code: String,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let read = site.world.db.read(|tx| {
        let waiting = refund_request::list(tx, RefundRequestState::Asked, WAITING)?;
        let mut decided = Vec::new();
        for state in RefundRequestState::ALL.iter().filter(|state| **state != RefundRequestState::Asked) {
            decided.extend(refund_request::list(tx, *state, DECIDED)?);
        }
        decided.sort_by_key(|request| std::cmp::Reverse(request.state_at));
        decided.truncate(usize::try_from(DECIDED)?);
        Ok((named(tx, waiting)?, named(tx, decided)?, care::names(tx)?))
    });
    let (waiting, decided, names) = read.await.map_err(flows::Error::from)?;
    let rows = |all: Vec<Named>| all.into_iter().map(|one| row(member, &names, one)).collect();
    let view = OfficeRefunds {
        office: frame(member, OfficeSection::Refunds),
        waiting: rows(waiting),
        decided: rows(decided),
        code,
        zone: care::zone(site),
        problem,
    };
    Ok(page(site, reader, &view))
}

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    code: String,
}

/// The form that asks, for one order.
pub async fn form(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    match find(&site, &wanted.code).await? {
        Some(top_up) => Ok(page(&site, &reader, &asking(&site, &reader, &member, top_up).await?)),
        None => {
            let problem = Some(OfficeProblem::at("order_unknown", "code"));
            let code = wanted.code.chars().take(40).collect();
            let again = listed(&site, &reader, &member, code, problem).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

async fn find(site: &Site, code: &str) -> Result<Option<TopUp>, Failure> {
    let Some(code) = domain::code::parse(code) else { return Ok(None) };
    let found = site.world.db.read(move |tx| store::top_up::find_by_code(tx, &code)).await;
    Ok(found.map_err(flows::Error::from)?)
}

async fn asking(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    top_up: TopUp,
) -> Result<OfficeRefundAsk, Failure> {
    let wanted = top_up.clone();
    let read = site.world.db.read(move |tx| {
        let (mut sources, mut disputed) = (Vec::new(), false);
        for source in money::sources(tx, &wanted)? {
            let attempt = source.attempt.as_ref();
            if attempt.map_or(Ok(false), |attempt| store::report::is_disputed(tx, attempt))? {
                disputed = true;
            } else {
                sources.push(source);
            }
        }
        let network = money::at_network(tx, &wanted)?;
        let requests = refund_request::list_by_top_up(tx, &wanted.id, DECIDED)?;
        Ok((sources, disputed, network, named(tx, requests)?, care::names(tx)?))
    });
    let (sources, disputed, network, earlier, names) = read.await.map_err(flows::Error::from)?;
    let open = earlier.iter().any(|(request, _)| request.state == RefundRequestState::Asked);
    let impossible = if open {
        Some("refund_already_asked")
    } else if !sources.is_empty() {
        None
    } else if disputed {
        Some("refund_disputed")
    } else {
        Some(match network {
            AtNetwork::Undecided => "refund_network_undecided",
            AtNetwork::Given => "refund_network_gave",
            AtNetwork::Nothing => "refund_nothing_to_return",
        })
    };
    let source = |source: money::Source| SourceRow {
        attempt: source.attempt.map_or_else(|| BY_FLOAT.to_owned(), |attempt| attempt.to_string()),
        source: source.kind,
        amount: source.amount,
    };
    let (order, standing) = care::known(site, reader, top_up).await?;
    Ok(OfficeRefundAsk {
        office: frame(member, OfficeSection::Refunds),
        order,
        last4: standing.last4,
        sources: if open { Vec::new() } else { sources.into_iter().map(source).collect() },
        impossible,
        earlier: earlier.into_iter().map(|one| row(member, &names, one)).collect(),
        reasons: RefundRequestReason::ALL,
        attempt: None,
        reason: None,
        note: String::new(),
        zone: care::zone(site),
        problem: None,
    })
}

#[derive(Deserialize)]
pub struct AskForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
}

pub async fn ask(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Form(form): Form<AskForm>,
) -> Result<Response, Failure> {
    let Some(top_up) = find(&site, &form.code).await? else {
        return Ok(Redirect::to("/office/refunds").into_response());
    };
    let reason = RefundRequestReason::parse(&form.reason);
    let problem = match reason {
        None => OfficeProblem::at("reason_missing", "reason"),
        Some(reason) => {
            let ask = Ask {
                top_up: top_up.id.clone(),
                attempt: AttemptId::parse(&form.attempt).ok(),
                reason,
                note: form.note.clone(),
            };
            match refunds::ask(&site.world, &care::colleague(&member), ask).await? {
                Ok(request) => {
                    return Ok(Redirect::to(&format!("/office/refunds/{}", request.id)).into_response());
                }
                Err(refused) => problem(refused),
            }
        }
    };
    let view = OfficeRefundAsk {
        attempt: AttemptId::parse(&form.attempt).ok().map(|attempt| attempt.to_string()),
        reason,
        note: form.note.chars().take(2 * refunds::NOTE_MAX).collect(),
        problem: Some(problem),
        ..asking(&site, &reader, &member, top_up).await?
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&site, &reader, &view)).into_response())
}

/// Why it was refused, in words.
fn problem(refused: Refused) -> OfficeProblem {
    let code = match refused {
        Refused::Unknown => "refund_unknown",
        Refused::NothingToReturn => "refund_nothing_to_return",
        Refused::NetworkUndecided => "refund_network_undecided",
        Refused::NetworkGave => "refund_network_gave",
        Refused::NetworkDecided => return OfficeProblem::at("refund_network_decided", "reason"),
        Refused::AlreadyAsked => "refund_already_asked",
        Refused::AlreadyDecided => "refund_already_decided",
        Refused::SamePerson => "refund_same_person",
        Refused::NotTheirs => "refund_not_theirs",
        Refused::NotSupervisor => "refund_not_supervisor",
        Refused::NoteMissing => return OfficeProblem::at("refund_note_missing", "note"),
        Refused::NoteTooLong => return OfficeProblem::at("refund_note_too_long", "note"),
        Refused::OverLimit => "refund_over_limit",
        Refused::OverDay => "refund_over_day",
        Refused::SwitchedOff => "refund_switched_off",
        Refused::Changed => "refund_changed",
        Refused::Spent => "refund_spent",
        Refused::Disputed => "refund_disputed",
    };
    OfficeProblem::of(code)
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
    let id = RefundRequestId::parse(id).map_err(|_| missing())?;
    let read = site.world.db.read(move |tx| {
        let Some(request) = refund_request::find(tx, &id)? else { return Ok(None) };
        let refund = match &request.refund {
            Some(refund) => store::refund::find(tx, refund)?,
            None => None,
        };
        let (provider, reports) = match &request.attempt {
            Some(attempt) => {
                (Some(store::attempt::provider(tx, attempt)?), store::report::list(tx, attempt, DECIDED)?)
            }
            None => (None, Vec::new()),
        };
        let top_up = store::top_up::load(tx, &request.top_up)?;
        Ok(Some((request, refund, provider, reports, top_up, care::names(tx)?)))
    });
    let found = read.await.map_err(flows::Error::from)?.ok_or_else(missing)?;
    let (request, refund, provider, reports, top_up, names) = found;
    let (order, standing) = care::known(site, reader, top_up).await?;
    let waits = request.state == RefundRequestState::Asked;
    let own = request.asked_by == member.id;
    let decision = request.decision.clone();
    let view = OfficeRefund {
        office: frame(member, OfficeSection::Refunds),
        note: request.note.clone(),
        last4: standing.last4,
        provider,
        reports: reports.into_iter().map(|report| reported(report, &names)).collect(),
        decision: decision.map(|made| (care::name(&names, &made.by), made.at, made.note)),
        refund: refund.map(|refund| (short_reference(refund.id.as_str()), refund.state)),
        may_decide: waits && !own && member.is_supervisor(),
        may_withdraw: waits && own,
        request: row(member, &names, (request, order.code.clone())),
        order,
        zone: care::zone(site),
        problem,
    };
    Ok(page(site, reader, &view))
}

fn reported(report: Report, names: &HashMap<String, String>) -> ReportRow {
    ReportRow {
        disputed: report.what == store::report::DISPUTED,
        what: report.what,
        at: report.at,
        seen: report.seen.map(|(staff, note)| (care::name(names, &staff), note)),
    }
}

#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    note: String,
}

enum Decision {
    Approve,
    Decline,
    Withdraw,
}

async fn decide(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    id: &str,
    decision: Decision,
    note: &str,
) -> Result<Response, Failure> {
    let parsed = RefundRequestId::parse(id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let (world, by) = (&site.world, care::colleague(member));
    let decided = match decision {
        Decision::Approve => refunds::approve(world, &by, &parsed, note).await?,
        Decision::Decline => refunds::decline(world, &by, &parsed, note).await?,
        Decision::Withdraw => refunds::withdraw(world, &by, &parsed, note).await?,
    };
    match decided {
        Ok(_) => Ok(Redirect::to(&format!("/office/refunds/{parsed}")).into_response()),
        Err(refused) => {
            let again = shown(site, reader, member, id, Some(problem(refused))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

pub async fn approve(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    decide(&site, &reader, &member, &id, Decision::Approve, &form.note).await
}

pub async fn decline(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    decide(&site, &reader, &member, &id, Decision::Decline, &form.note).await
}

pub async fn withdraw(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    Form(form): Form<Decided>,
) -> Result<Response, Failure> {
    decide(&site, &reader, &member, &id, Decision::Withdraw, &form.note).await
}
