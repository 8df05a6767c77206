//! The audit and the staff list, for supervisors.

use super::overview::zone;
use super::session::StaffMember;
use super::{frame, page as show};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::audit::{AuditAction, SubjectKind};
use domain::id::StaffId;
use domain::time::{DAY_MS, UnixMs};
use flows::office::{session, staff};
use render::view::{
    AuditRow, ErrorKind, OfficeAudit, OfficeProblem, OfficeSection, OfficeStaffList, StaffChoice, StaffRow,
};
use serde::Deserialize;
use std::collections::HashMap;
use store::audit::{self, Filter, Recorded};

const PAGE: i64 = 100;

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    staff: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    day: String,
    /// The code of an order.
    #[serde(default)]
    order: String,
    #[serde(default)]
    before: String,
}

/// Where a list goes on: the time, writer and number of its last row.
fn mark(text: &str) -> Option<(UnixMs, String, i64)> {
    let mut parts = text.splitn(3, '.');
    let (at, n) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((UnixMs(at), parts.next()?.to_owned(), n))
}

/// The first moment of a day and of the next one.
fn day(text: &str, zone: &str) -> Option<(UnixMs, UnixMs)> {
    // Noon in UTC is on the same day in nearly every zone; the day's start is then looked for in the zone itself.
    let noon = UnixMs::parse_rfc3339(&format!("{text}T12:00:00Z"))?;
    let begins = flows::office::figures::day_start(noon, zone);
    let ends = flows::office::figures::day_start(noon.plus_ms(DAY_MS), zone);
    Some((begins, ends))
}

pub async fn audit_page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let zone = zone(&site).await?;
    let days = day(&wanted.day, &zone);
    let filter = Filter {
        staff: StaffId::parse(&wanted.staff).ok(),
        action: AuditAction::parse(&wanted.action),
        from: days.map(|(begins, _)| begins),
        before: mark(&wanted.before).or(days.map(|(_, ends)| (ends, String::new(), 0))),
    };
    let code = domain::code::parse(&wanted.order);
    let asked_for_order = !wanted.order.trim().is_empty();
    let read = site.world.db.read(move |tx| {
        let order = match &code {
            Some(code) => store::top_up::find_by_code(tx, code)?,
            None => None,
        };
        let rows = match &order {
            Some(order) => audit::of_order(tx, &order.id, &filter, PAGE)?,
            None if asked_for_order => Vec::new(),
            None => audit::list(tx, &filter, PAGE)?,
        };
        Ok((rows, order, store::staff::list(tx)?))
    });
    let (rows, order, staff) = read.await.map_err(flows::Error::from)?;
    let names: HashMap<String, String> =
        staff.iter().map(|member| (member.id.to_string(), member.name.clone())).collect();
    let more = i64::try_from(rows.len()).unwrap_or(PAGE) == PAGE;
    let older = rows.last().filter(|_| more).map(|last| {
        let Wanted { staff, action, day, order, .. } = &wanted;
        let before = format!("{}.{}.{}", last.at.0, last.n, last.writer);
        let pairs =
            [("staff", staff), ("action", action), ("day", day), ("order", order), ("before", &before)];
        format!("/office/audit?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    });
    let view = OfficeAudit {
        office: frame(&member, OfficeSection::Audit),
        zone,
        rows: rows.into_iter().map(|row| audit_row(row, &names)).collect(),
        staff: staff.into_iter().map(|m| StaffChoice { id: m.id.to_string(), name: m.name }).collect(),
        chosen_staff: wanted.staff.chars().take(40).collect(),
        actions: AuditAction::ALL.to_vec(),
        chosen_action: wanted.action.chars().take(40).collect(),
        day: if days.is_some() { wanted.day } else { String::new() },
        order_unknown: asked_for_order && order.is_none(),
        order: order.map_or_else(|| wanted.order.chars().take(20).collect(), |order| order.code),
        older,
    };
    Ok(show(&site, &reader, &view))
}

fn audit_row(row: Recorded, names: &HashMap<String, String>) -> AuditRow {
    let name = row.staff.as_ref().and_then(|id| names.get(id.as_str())).cloned();
    let href = match row.kind {
        SubjectKind::Refund if row.subject.starts_with("rr_") => {
            Some(format!("/office/refunds/{}", row.subject))
        }
        SubjectKind::TopUp | SubjectKind::Refund | SubjectKind::Case => {
            Some(format!("/office/search?q={}", row.subject))
        }
        SubjectKind::Line => Some(format!("/office/lines/{}", row.subject)),
        SubjectKind::Campaign => Some(format!("/office/campaigns/{}", row.subject)),
        SubjectKind::Subscriber => Some(format!("/office/subscribers/{}", row.subject)),
        SubjectKind::Staff => Some("/office/staff".into()),
        SubjectKind::Agent => Some(format!("/office/agents/{}", row.subject)),
        SubjectKind::Float => Some(format!("/office/float/{}", row.subject)),
        SubjectKind::Outlet | SubjectKind::Work | SubjectKind::Setting => None,
    };
    let Changed { before, after, more } = changed(row.detail.as_deref(), names);
    AuditRow {
        at: row.at,
        who: name.unwrap_or(row.actor),
        action: row.action,
        kind: row.kind,
        subject: row.subject,
        href,
        reason: row.reason,
        before,
        after,
        more,
    }
}

/// What an entry says about a change.
#[derive(Default)]
struct Changed {
    before: Option<String>,
    after: Option<String>,
    more: Vec<(String, String)>,
}

/// Reads the detail of an entry; members of staff are called by their names.
fn changed(detail: Option<&str>, names: &HashMap<String, String>) -> Changed {
    let parsed: Option<serde_json::Map<String, serde_json::Value>> =
        detail.and_then(|detail| serde_json::from_str(detail).ok());
    let mut changed = Changed::default();
    for (name, value) in parsed.unwrap_or_default() {
        let told = match &value {
            serde_json::Value::Null => continue,
            serde_json::Value::String(text) => names.get(text).unwrap_or(text).clone(),
            other => other.to_string(),
        };
        match name.as_str() {
            "before" => changed.before = Some(told),
            "after" => changed.after = Some(told),
            _ => changed.more.push((name, told)),
        }
    }
    changed
}

pub async fn staff_page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let view = staff_view(&site, &member).await?;
    Ok(show(&site, &reader, &view))
}

/// How many sessions of each member are looked at.
const SESSIONS: i64 = 10;

async fn staff_view(site: &Site, member: &StaffMember) -> Result<OfficeStaffList, Failure> {
    let read = site.world.db.read(|tx| {
        let mut all = Vec::new();
        for staff in store::staff::list(tx)? {
            let sessions = store::staff::list_sessions(tx, &staff.id, SESSIONS)?;
            all.push((staff, sessions));
        }
        Ok(all)
    });
    let now = site.world.now();
    let is_open = |session: &store::staff::Session| {
        session.ended_at.is_none()
            && now < session.expires_at
            && now < session.seen_at.plus_ms(session::IDLE_MS)
    };
    let rows = read.await.map_err(flows::Error::from)?.into_iter().map(|(staff, sessions)| StaffRow {
        oneself: staff.id == member.id,
        id: staff.id.to_string(),
        name: staff.name,
        login: staff.login,
        role: staff.role,
        state: staff.state,
        seen_at: sessions.iter().map(|session| session.seen_at).max(),
        sessions: sessions.iter().filter(|s| is_open(s)).map(|s| (s.device.clone(), s.created_at)).collect(),
    });
    Ok(OfficeStaffList {
        office: frame(member, OfficeSection::Staff),
        zone: zone(site).await?,
        rows: rows.collect(),
        token: None,
        done: None,
        problem: None,
    })
}

fn refused(refusal: staff::StaffRefusal) -> OfficeProblem {
    match refusal {
        staff::StaffRefusal::Oneself => OfficeProblem::of("oneself"),
        staff::StaffRefusal::LastSupervisor => OfficeProblem::of("last_supervisor"),
        staff::StaffRefusal::LoginUnreadable
        | staff::StaffRefusal::LoginTaken
        | staff::StaffRefusal::NameUnreadable
        | staff::StaffRefusal::Unknown => OfficeProblem::of("staff_unknown"),
    }
}

/// One of the three things that a supervisor does to a colleague.
pub async fn act(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path((id, action)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let id = StaffId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let (mut token, mut done, mut problem) = (None, None, None);
    match action.as_str() {
        "disable" => match staff::disable(&site.world, member.actor(), &id).await? {
            Ok(()) => done = Some("disabled"),
            Err(refusal) => problem = Some(refused(refusal)),
        },
        "reset" => match staff::reset(&site.world, member.actor(), &id).await? {
            Ok(new) => token = Some(new),
            Err(refusal) => problem = Some(refused(refusal)),
        },
        "end" => {
            session::end_all(&site.world, &member.id, &id).await?;
            done = Some("ended");
        }
        _ => return Err(Failure::of(ErrorKind::NotFound)),
    }
    let view = staff_view(&site, &member).await?;
    let name = |row: &&StaffRow| row.id == id.as_str();
    let named = view.rows.iter().find(name).map(|row| row.name.clone()).unwrap_or_default();
    let token = token.map(|token| (named, token));
    Ok(show(&site, &reader, &OfficeStaffList { token, done, problem, ..view }))
}
