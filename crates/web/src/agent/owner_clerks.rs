//! The owner's clerks: one more, another role, a new code, suspended and back.

use super::{Owner, page as show, with_purse};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::clerk::{ClerkRole, ClerkState};
use domain::id::ClerkId;
use domain::locale::Locale;
use flows::counter::clerks::{self, ClerkRefusal, Coded, NewClerk};
use render::view::{ClerkRow, CounterClerks, CounterProblem, ErrorKind, NewCode};
use serde::Deserialize;

async fn view(site: &Site, reader: &Reader, owner: &Owner) -> Result<CounterClerks, Failure> {
    let all = clerks::list(&site.world, owner.agent()).await?;
    let row = |clerk: domain::clerk::Clerk| ClerkRow {
        oneself: clerk.id == owner.clerk.id,
        id: clerk.id.to_string(),
        number: clerk.number,
        name: clerk.name,
        role: clerk.role,
        state: clerk.state,
    };
    Ok(CounterClerks {
        counter: with_purse(site, owner).await?.0,
        zone: zone(site, reader).await?,
        rows: all.into_iter().map(row).collect(),
        name: String::new(),
        code: None,
        done: None,
        problem: None,
    })
}

fn refused(refusal: ClerkRefusal) -> CounterProblem {
    match refusal {
        ClerkRefusal::NameUnreadable => CounterProblem::at("name_unreadable", "name"),
        ClerkRefusal::Unknown => CounterProblem::of("clerk_unknown"),
        ClerkRefusal::Oneself => CounterProblem::of("oneself"),
        ClerkRefusal::LastOwner => CounterProblem::of("last_owner"),
        ClerkRefusal::Full => CounterProblem::of("clerks_full"),
    }
}

fn shown(coded: Coded) -> NewCode {
    NewCode { name: coded.clerk.name, number: coded.clerk.number, code: coded.code, until: coded.expires_at }
}

pub async fn page(State(site): State<Site>, reader: Reader, owner: Owner) -> Result<Response, Failure> {
    Ok(show(&site, &reader, &view(&site, &reader, &owner).await?))
}

#[derive(Deserialize)]
pub struct Added {
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    locale: String,
}

pub async fn add(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Form(typed): Form<Added>,
) -> Result<Response, Failure> {
    let role = ClerkRole::parse(&typed.role).ok_or(Failure::of(ErrorKind::BadRequest))?;
    let locale = Locale::parse(&typed.locale).ok_or(Failure::of(ErrorKind::BadRequest))?;
    let new = NewClerk { name: &typed.name, role, locale, place: owner.place().clone() };
    let done = clerks::add(&site.world, &owner, &new).await?;
    let view = view(&site, &reader, &owner).await?;
    let view = match done {
        Ok(coded) => CounterClerks { code: Some(shown(coded)), ..view },
        Err(refusal) => {
            let name = typed.name.chars().take(80).collect();
            CounterClerks { problem: Some(refused(refusal)), name, ..view }
        }
    };
    Ok(show(&site, &reader, &view))
}

#[derive(Deserialize)]
pub struct Changed {
    #[serde(default)]
    role: String,
}

/// One of the four things that an owner does to a clerk.
pub async fn act(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path((id, action)): Path<(String, String)>,
    Form(typed): Form<Changed>,
) -> Result<Response, Failure> {
    let id = ClerkId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let (mut code, mut done) = (None, None);
    let outcome = match action.as_str() {
        "role" => {
            let role = ClerkRole::parse(&typed.role).ok_or(Failure::of(ErrorKind::BadRequest))?;
            done = Some("role");
            clerks::change_role(&site.world, &owner, &id, role).await?
        }
        "suspend" => {
            done = Some("suspend");
            clerks::set_state(&site.world, &owner, &id, ClerkState::Suspended).await?
        }
        "back" => {
            done = Some("back");
            clerks::set_state(&site.world, &owner, &id, ClerkState::Active).await?
        }
        "code" => clerks::reset_pin(&site.world, &owner, &id).await?.map(|coded| code = Some(shown(coded))),
        _ => return Err(Failure::of(ErrorKind::NotFound)),
    };
    let problem = outcome.err().map(refused);
    let done = done.filter(|_| problem.is_none());
    let view = view(&site, &reader, &owner).await?;
    Ok(show(&site, &reader, &CounterClerks { code, done, problem, ..view }))
}
