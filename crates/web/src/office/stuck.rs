//! The stuck list: choose, see what would be done, do it, see what came of it.

use super::session::StaffMember;
use super::{care, frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::stuck::Mend;
use domain::time::UnixMs;
use flows::care::mend as mending;
use flows::care::stuck::{self, Key, Stuck};
use http::StatusCode;
use render::view::{
    Age, DoneRow, OfficeProblem, OfficeSection, OfficeStuck, OfficeStuckDone, OfficeStuckPreview, StuckRow,
};

/// So many at once: each asks a provider, within the time of one request.
const AT_ONCE: usize = 20;

fn row(stuck: Stuck, now: UnixMs) -> StuckRow {
    let word = match &stuck.key {
        Key::Order(_) => Some(format!("state-{}", stuck.detail)),
        Key::Refund(_) => Some(format!("refund-state-{}", stuck.detail)),
        Key::Call(_) => Some(format!("office-call-{}", stuck.detail)),
        Key::Money(_) | Key::Work(_) => None,
    };
    StuckRow {
        word,
        key: stuck.key.to_string(),
        cause: stuck.cause,
        since: stuck.since,
        age: Age::of(stuck.since, now),
        answer_by: stuck.answer_by,
        late: stuck.answer_by.is_some_and(|by| by < now),
        may: stuck.may().to_vec(),
        order: stuck.order,
        amount: stuck.amount,
        detail: stuck.detail,
        next_at: stuck.next_at,
    }
}

pub async fn list(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    listed(&site, &reader, &member, None).await
}

async fn listed(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let now = site.world.now();
    let rows: Vec<StuckRow> =
        stuck::list(&site.world).await?.into_iter().map(|stuck| row(stuck, now)).collect();
    let offered = |what: &&Mend| rows.iter().any(|row| row.may.contains(what));
    let mends = Mend::ALL.iter().filter(offered).copied().collect();
    let office = frame(member, OfficeSection::Stuck);
    let view = OfficeStuck { office, rows, mends, zone: care::zone(site), problem };
    Ok(page(site, reader, &view))
}

/// What a form of the list carries: one action, the chosen lines, and why.
struct Chosen {
    what: Option<Mend>,
    items: Vec<Key>,
    note: String,
}

impl Chosen {
    fn of(form: Vec<(String, String)>) -> Chosen {
        let mut chosen = Chosen { what: None, items: Vec::new(), note: String::new() };
        for (name, value) in form {
            match name.as_str() {
                "what" => chosen.what = Mend::parse(&value),
                "note" => chosen.note = value.trim().chars().take(300).collect(),
                "item" => chosen.items.extend(Key::parse(&value)),
                _ => {}
            }
        }
        chosen.items.dedup();
        chosen.items.truncate(AT_ONCE);
        chosen
    }
}

/// Shows what would be done.
pub async fn preview(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let chosen = Chosen::of(form);
    let code = match (&chosen.what, chosen.items.is_empty()) {
        (None, _) => "action_missing",
        (_, true) => "nothing_chosen",
        (Some(what), false) => return previewed(&site, &reader, &member, *what, &chosen, None).await,
    };
    let again = listed(&site, &reader, &member, Some(OfficeProblem::of(code))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

async fn previewed(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    what: Mend,
    chosen: &Chosen,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let now = site.world.now();
    let found: Vec<Stuck> = stuck::list(&site.world).await?;
    let mut found: Vec<Stuck> = found.into_iter().filter(|stuck| chosen.items.contains(&stuck.key)).collect();
    // From an order's own page people act before it is late.
    for item in &chosen.items {
        if let Key::Order(id) = item
            && !found.iter().any(|stuck| stuck.key == *item)
        {
            found.extend(stuck::find_order(&site.world, id).await?);
        }
    }
    let gone = i64::try_from(chosen.items.len().saturating_sub(found.len())).unwrap_or(0);
    let (possible, left_out): (Vec<Stuck>, Vec<Stuck>) =
        found.into_iter().partition(|stuck| stuck.may().contains(&what));
    let view = OfficeStuckPreview {
        office: frame(member, OfficeSection::Stuck),
        what,
        rows: possible.into_iter().map(|stuck| row(stuck, now)).collect(),
        left_out: left_out.into_iter().map(|stuck| row(stuck, now)).collect(),
        gone,
        zone: care::zone(site),
        problem,
    };
    Ok(page(site, reader, &view))
}

/// Does it, one after the other, and says what came of each.
pub async fn mend(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let chosen = Chosen::of(form);
    let Some(what) = chosen.what.filter(|_| !chosen.items.is_empty()) else {
        let again = listed(&site, &reader, &member, Some(OfficeProblem::of("nothing_chosen"))).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    };
    if chosen.note.is_empty() {
        let problem = Some(OfficeProblem::at("note_missing", "note"));
        let again = previewed(&site, &reader, &member, what, &chosen, problem).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let known = stuck::list(&site.world).await?;
    let by = care::colleague(&member);
    let mut rows = Vec::with_capacity(chosen.items.len());
    for key in &chosen.items {
        let mended = mending::mend(&site.world, &by, key, what, &chosen.note).await?;
        let was = known.iter().find(|stuck| stuck.key == *key);
        rows.push(DoneRow {
            key: key.to_string(),
            order: was.and_then(|stuck| stuck.order.clone()),
            cause: was.map(|stuck| stuck.cause),
            mended,
        });
    }
    let office = frame(&member, OfficeSection::Stuck);
    Ok(page(&site, &reader, &OfficeStuckDone { office, what, rows }))
}
