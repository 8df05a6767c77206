//! Cases in the office: the list by answer deadline, and one case in which staff answers, notes, takes and closes.

use super::session::StaffMember;
use super::{care, frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::audit::SubjectKind;
use domain::support_case::{CaseAuthor, CaseNotice, CaseState, TEXT_MAX, parse_case_code};
use flows::care::cases::{self, Line, Thread, Unfit};
use flows::care::desk::{self, Done, Writing};
use flows::office::audit::looked;
use http::StatusCode;
use render::view::{
    CaseFilter, CaseLine, CaseRow, ErrorKind, OfficeCase, OfficeCases, OfficeProblem, OfficeSection,
    SavedReply,
};
use serde::Deserialize;
use std::collections::HashMap;
use store::support_case::{self, Desk, SupportCase};

const SHOWN: i64 = 100;

#[derive(Default, Deserialize)]
pub struct Show {
    show: Option<String>,
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(show): Query<Show>,
) -> Result<Response, Failure> {
    let filter = show.show.as_deref().and_then(CaseFilter::parse).unwrap_or(CaseFilter::Open);
    let desk = match filter {
        CaseFilter::Open => Desk::Open,
        CaseFilter::Unassigned => Desk::Unassigned,
        CaseFilter::Mine => Desk::Of(member.id.clone()),
        CaseFilter::Waiting => Desk::In(CaseState::WaitingForAsker),
        CaseFilter::Answered => Desk::In(CaseState::Answered),
        CaseFilter::Closed => Desk::In(CaseState::Closed),
    };
    let now = site.world.now();
    let read = site.world.db.read(move |tx| {
        let cases = support_case::list(tx, &desk, SHOWN)?;
        let mut rows: Vec<(SupportCase, Option<String>)> = Vec::with_capacity(cases.len());
        for case in cases {
            let order = match &case.top_up {
                Some(id) => store::top_up::find(tx, id)?.map(|order| order.code),
                None => None,
            };
            rows.push((case, order));
        }
        Ok((rows, support_case::count_open(tx, now, 1_000)?, care::names(tx)?))
    });
    let (rows, (open, late), names) = read.await.map_err(flows::Error::from)?;
    let row = |(case, order): (SupportCase, Option<String>)| CaseRow {
        late: case.answer_by_at.is_some_and(|by| by < now),
        assigned: case.assigned_to.as_ref().map(|staff| care::name(&names, staff)),
        code: case.code,
        state: case.state,
        cause: case.cause,
        order,
        answer_by: case.answer_by_at,
        at: case.created_at,
    };
    let view = OfficeCases {
        office: frame(&member, OfficeSection::Cases),
        filter,
        filters: CaseFilter::ALL,
        cases: rows.into_iter().map(row).collect(),
        open,
        late,
        zone: care::zone(&site),
    };
    Ok(page(&site, &reader, &view))
}

#[derive(Default, Deserialize)]
pub struct Saved {
    /// Which saved reply to begin with.
    saved: Option<String>,
}

pub async fn show(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(code): Path<String>,
    Query(saved): Query<Saved>,
) -> Result<Response, Failure> {
    let thread = load(&site, &code).await?;
    let line = thread.order.as_ref().map(|order| order.line.clone());
    looked(&site.world, &member.id, SubjectKind::Case, thread.case.id.as_str(), line.as_ref()).await?;
    let saved = saved.saved.as_deref().and_then(SavedReply::find);
    let text = saved.map(|reply| site.world.renderer.text(thread.case.locale, &reply)).unwrap_or_default();
    let view = view(&site, &reader, &member, thread).await?;
    Ok(page(&site, &reader, &OfficeCase { text, ..view }))
}

async fn load(site: &Site, code: &str) -> Result<Thread, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let code = parse_case_code(code).ok_or_else(missing)?;
    cases::thread(&site.world, &code).await?.ok_or_else(missing)
}

fn line(line: Line, names: &HashMap<String, String>) -> CaseLine {
    let notice = match (line.author, line.notice) {
        (CaseAuthor::Asker | CaseAuthor::Note, _) => None,
        (CaseAuthor::Staff, CaseNotice::None) => Some("none"),
        (CaseAuthor::Staff, CaseNotice::Queued) => Some("queued"),
        (CaseAuthor::Staff, CaseNotice::Sent) => Some("sent"),
        (CaseAuthor::Staff, CaseNotice::Failed) => Some("failed"),
    };
    CaseLine {
        author: line.author,
        name: line.staff.as_ref().map(|staff| care::name(names, staff)),
        text: line.text,
        at: line.at,
        notice,
        files: line.files.into_iter().map(crate::attached::listed).collect(),
    }
}

async fn view(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    thread: Thread,
) -> Result<OfficeCase, Failure> {
    let names = site.world.db.read(care::names).await.map_err(flows::Error::from)?;
    let order = match thread.order {
        Some(order) => Some(care::known(site, reader, order).await?.0),
        None => None,
    };
    let case = thread.case;
    let late = case.answer_by_at.is_some_and(|by| by < site.world.now());
    Ok(OfficeCase {
        office: frame(member, OfficeSection::Cases),
        code: case.code,
        state: case.state,
        cause: case.cause,
        language: (case.locale.as_str(), case.locale.own_name()),
        order,
        answer_by: case.answer_by_at,
        late,
        assigned: case.assigned_to.as_ref().map(|staff| care::name(&names, staff)),
        mine: case.assigned_to.as_ref() == Some(&member.id),
        asked_at: case.created_at,
        lines: thread.lines.into_iter().map(|said| line(said, &names)).collect(),
        saved: SavedReply::NAMES,
        key: care::fresh_key(site),
        text: String::new(),
        rating: case.rating,
        problem: None,
        zone: care::zone(site),
    })
}

/// A file that the customer added; who opened it is audited.
pub async fn file(
    State(site): State<Site>,
    member: StaffMember,
    Path((code, n)): Path<(String, i64)>,
) -> Result<Response, Failure> {
    let thread = load(&site, &code).await?;
    let by = care::colleague(&member);
    let opened = flows::care::files::open_for_staff(&site.world, &by, &thread.case.id, n).await?;
    Ok(crate::attached::response(opened.ok_or_else(|| Failure::of(ErrorKind::NotFound))?))
}

#[derive(Deserialize)]
pub struct Written {
    #[serde(default)]
    key: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    what: String,
}

pub async fn write(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(code): Path<String>,
    Form(form): Form<Written>,
) -> Result<Response, Failure> {
    let thread = load(&site, &code).await?;
    let writing = match form.what.as_str() {
        "question" => Writing::Question,
        "note" => Writing::Note,
        _ => Writing::Answer,
    };
    let key = if form.key.is_empty() { care::fresh_key(&site) } else { form.key.clone() };
    let by = care::colleague(&member);
    let done = desk::write(&site.world, &by, &thread.case.id, writing, &key, &form.text).await?;
    let problem = match done {
        Done::Yes | Done::Before => {
            return Ok(Redirect::to(&format!("/office/cases/{}", thread.case.code)).into_response());
        }
        Done::No(Unfit::TextTooLong) => "text_too_long",
        Done::No(Unfit::Closed) => "case_closed",
        Done::No(
            Unfit::TextMissing
            | Unfit::ContactMissing
            | Unfit::ContactInvalid
            | Unfit::FileKind
            | Unfit::FileTooLarge
            | Unfit::FilesTooMany
            | Unfit::CaseFull,
        ) => "text_missing",
    };
    let text = form.text.chars().take(2 * TEXT_MAX).collect();
    let view = view(&site, &reader, &member, thread).await?;
    let view = OfficeCase { key, text, problem: Some(OfficeProblem::at(problem, "text")), ..view };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&site, &reader, &view)).into_response())
}

#[derive(Deserialize)]
pub struct Assigned {
    #[serde(default)]
    to: String,
}

pub async fn assign(
    State(site): State<Site>,
    member: StaffMember,
    Path(code): Path<String>,
    Form(form): Form<Assigned>,
) -> Result<Response, Failure> {
    let thread = load(&site, &code).await?;
    let to = (form.to == "me").then(|| member.id.clone());
    desk::assign(&site.world, &care::colleague(&member), &thread.case.id, to).await?;
    Ok(Redirect::to(&format!("/office/cases/{}", thread.case.code)).into_response())
}

pub async fn close(
    State(site): State<Site>,
    member: StaffMember,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    set_closed(&site, &member, &code, true).await
}

pub async fn reopen(
    State(site): State<Site>,
    member: StaffMember,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    set_closed(&site, &member, &code, false).await
}

async fn set_closed(
    site: &Site,
    member: &StaffMember,
    code: &str,
    closed: bool,
) -> Result<Response, Failure> {
    let thread = load(site, code).await?;
    desk::set_closed(&site.world, &care::colleague(member), &thread.case.id, closed).await?;
    Ok(Redirect::to(&format!("/office/cases/{}", thread.case.code)).into_response())
}
