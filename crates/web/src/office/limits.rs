//! Limits and switches: everybody in the office sees them, supervisors change them, with a reason.

use super::session::StaffMember;
use super::{frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::risk::{Limit, Limits, Setting, Switch};
use http::StatusCode;
use render::view::{
    ErrorKind, LimitRow, OfficeLimits, OfficeProblem, OfficeSection, OfficeSetting, SwitchRow,
};
use serde::Deserialize;

const NOTE_MAX: usize = 300;

#[derive(Default, Deserialize)]
pub struct Coming {
    /// The setting that was just changed.
    changed: Option<String>,
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let limits = flows::risk::limits(&site.world).await?;
    let view = OfficeLimits {
        office: frame(&member, OfficeSection::Limits),
        switches: Switch::ALL.iter().map(|s| SwitchRow { switch: *s, on: limits.on(*s) }).collect(),
        limits: Limit::ALL.iter().map(|limit| LimitRow::of(*limit, limits.of(*limit))).collect(),
        changed: coming.changed,
        problem: None,
    };
    Ok(page(&site, &reader, &view))
}

/// One setting by its key; `None` when there is none.
fn find(limits: &Limits, key: &str) -> Option<(Option<SwitchRow>, Option<LimitRow>)> {
    match key.split_once('.')? {
        ("switch", word) => {
            let switch = Switch::parse(word)?;
            Some((Some(SwitchRow { switch, on: limits.on(switch) }), None))
        }
        ("limit", word) => {
            let limit = Limit::parse(word)?;
            Some((None, Some(LimitRow::of(limit, limits.of(limit)))))
        }
        _ => None,
    }
}

async fn view(
    site: &Site,
    member: &StaffMember,
    key: String,
    value: String,
    problem: Option<OfficeProblem>,
) -> Result<OfficeSetting, Failure> {
    let limits = flows::risk::limits(&site.world).await?;
    let (switch, limit) = find(&limits, &key).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let office = frame(member, OfficeSection::Limits);
    Ok(OfficeSetting { office, key, switch, limit, value, problem })
}

pub async fn form(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    Ok(page(&site, &reader, &view(&site, &member, key, String::new(), None).await?))
}

#[derive(Deserialize)]
pub struct Changed {
    #[serde(default)]
    value: String,
    #[serde(default)]
    note: String,
}

pub async fn set(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(key): Path<String>,
    Form(form): Form<Changed>,
) -> Result<Response, Failure> {
    let note: String = form.note.trim().chars().take(NOTE_MAX).collect();
    let setting = form.value.trim().parse().ok().and_then(|value| Setting::parse(&key, value).ok());
    let problem = match setting {
        None => OfficeProblem::at("value_unfit", "value"),
        Some(_) if note.is_empty() => OfficeProblem::at("note_missing", "note"),
        Some(setting) => {
            if flows::risk::set(&site.world, setting, member.actor(), &note).await? {
                return Ok(Redirect::to(&format!("/office/limits?changed={key}")).into_response());
            }
            OfficeProblem::at("value_unfit", "value")
        }
    };
    let value = form.value.chars().take(10).collect();
    let view = view(&site, &member, key, value, Some(problem)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&site, &reader, &view)).into_response())
}
