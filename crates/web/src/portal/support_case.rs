//! A question that was asked: what was written, whose turn it is, and a form to write more. For whoever asked it, or
//! can prove that it is theirs.

use super::session::MaybeSignedIn;
use super::support::{Visitor, fresh_key, key_of, status_of, taken};
use super::support_form::Sent;
use super::{case_pass, html, pass};
use crate::attached;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::support_case::{CaseState, TEXT_MAX, parse_case_code};
use flows::care::cases::{self, Proved, Reply, Thread, Viewer};
use http::StatusCode;
use render::view::{CaseLine, CaseProof, CaseThread, ErrorKind};
use render::{PageProblem, Problem};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub struct Coming {
    sent: Option<String>,
    proved: Option<String>,
}

fn canonical(code: &str) -> Result<String, Failure> {
    parse_case_code(code).ok_or_else(|| Failure::of(ErrorKind::NotFound))
}

/// The case, if this visitor may see it.
async fn seen(site: &Site, visitor: &Visitor, code: &str) -> Result<Option<Thread>, Failure> {
    let Some(thread) = cases::thread(&site.world, code).await? else { return Ok(None) };
    let order_pass =
        thread.order.as_ref().is_some_and(|order| pass::of(site, &visitor.jar, &order.code).is_some());
    let viewer = Viewer {
        subscriber: visitor.subscriber.clone(),
        pass: case_pass::has(site, &visitor.jar, code),
        order_pass,
    };
    Ok(cases::may_see(&thread.case, &viewer).then(|| thread.for_asker()))
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Path(code): Path<String>,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let visitor = Visitor::new(reader, jar, signed_in);
    let Some(thread) = seen(&site, &visitor, &code).await? else {
        let problem = coming.proved.map(|_| Problem::page(PageProblem::CookiesRefused));
        return Ok(html(&site, &visitor.reader, &CaseProof { code, problem }));
    };
    let view = view(&site, &visitor.reader, thread).await?;
    Ok(html(&site, &visitor.reader, &CaseThread { sent: coming.sent.is_some(), ..view }))
}

async fn view(site: &Site, reader: &Reader, thread: Thread) -> Result<CaseThread, Failure> {
    let zone = match &thread.order {
        Some(order) => {
            let catalogue = site.world.fresh_catalogue().await?;
            catalogue.market(&order.market).map_or("UTC", |m| m.seller.time_zone.as_str()).to_owned()
        }
        None => super::zone(site, reader).await?,
    };
    let case = thread.case;
    let late = case.state == CaseState::Open && case.answer_by_at.is_some_and(|by| by < site.world.now());
    let line = |line: cases::Line| CaseLine {
        author: line.author,
        name: None,
        text: line.text,
        at: line.at,
        notice: None,
        files: line.files.into_iter().map(attached::listed).collect(),
    };
    Ok(CaseThread {
        code: case.code,
        state: case.state,
        cause: case.cause,
        order: thread.order.map(|order| order.code),
        asked_at: case.created_at,
        answer_by: case.answer_by_at,
        late,
        lines: thread.lines.into_iter().map(line).collect(),
        rating: case.rating,
        sent: false,
        key: fresh_key(site),
        text: String::new(),
        problem: None,
        zone,
    })
}

/// The customer writes more; in a closed case that opens it again.
pub async fn reply(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Path(code): Path<String>,
    mut form: Sent,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let visitor = Visitor::new(reader, jar, signed_in);
    let own = format!("/support/{code}");
    let Some(thread) = seen(&site, &visitor, &code).await? else {
        return Ok(Redirect::to(&own).into_response());
    };
    let key = key_of(&site, form.of("key"));
    let reply = Reply {
        key: key.clone(),
        text: form.of("text").to_owned(),
        files: std::mem::take(&mut form.files),
        address: visitor.reader.address.clone(),
    };
    let written = cases::write(&site.world, &thread.case.id, reply).await?;
    match taken(&site, &visitor.reader, written).await? {
        Ok(_) => Ok(Redirect::to(&own).into_response()),
        Err(problem) => {
            let text = form.of("text").chars().take(2 * TEXT_MAX).collect();
            let status = status_of(&problem);
            let view = view(&site, &visitor.reader, thread).await?;
            let view = CaseThread { key, text, problem: Some(problem), ..view };
            Ok((status, html(&site, &visitor.reader, &view)).into_response())
        }
    }
}

/// A file, for whoever may see the question. What staff wrote has none.
pub async fn file(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Path((code, n)): Path<(String, i64)>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let code = canonical(&code)?;
    let visitor = Visitor::new(reader, jar, signed_in);
    let Some(thread) = seen(&site, &visitor, &code).await? else { return Err(missing()) };
    let opened = flows::care::files::open(&site.world, &thread.case.id, n).await?;
    Ok(attached::response(opened.ok_or_else(missing)?))
}

pub async fn close(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let visitor = Visitor::new(reader, jar, signed_in);
    if let Some(thread) = seen(&site, &visitor, &code).await? {
        cases::close(&site.world, &thread.case.id).await?;
    }
    Ok(Redirect::to(&format!("/support/{code}")).into_response())
}

#[derive(Deserialize)]
pub struct RateForm {
    #[serde(default)]
    rating: String,
}

pub async fn rate(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
    Path(code): Path<String>,
    Form(form): Form<RateForm>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let visitor = Visitor::new(reader, jar, signed_in);
    if let (Some(thread), Ok(rating)) = (seen(&site, &visitor, &code).await?, form.rating.parse()) {
        cases::rate(&site.world, &thread.case.id, rating).await?;
    }
    Ok(Redirect::to(&format!("/support/{code}")).into_response())
}

#[derive(Deserialize)]
pub struct ProofForm {
    #[serde(default)]
    proof: String,
}

pub async fn prove(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Form(form): Form<ProofForm>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let (problem, status) = match cases::prove(&site.world, &code, &form.proof, &reader.address).await? {
        Proved::Yes => {
            let jar = case_pass::give(&site, jar, &code)?;
            return Ok((jar, Redirect::to(&format!("/support/{code}?proved=1"))).into_response());
        }
        Proved::No => (PageProblem::ProofWrong, StatusCode::UNPROCESSABLE_ENTITY),
        Proved::Locked(until) => {
            let zone = super::zone(&site, &reader).await?;
            (PageProblem::ProofLocked { until, zone }, StatusCode::TOO_MANY_REQUESTS)
        }
    };
    let view = CaseProof { code, problem: Some(Problem::page(problem)) };
    Ok((status, html(&site, &reader, &view)).into_response())
}
