//! Unlocking: choosing the own name or typing the own number, the PIN, the first PIN by a one-time code, and a
//! supervisor who lets somebody in.

use super::session::{AtDevice, landing, open};
use super::{bare_frame, page as show};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::clerk::PinUnfit;
use flows::counter::clerks::{self, PinChoice};
use flows::counter::pin::Who;
use flows::counter::session::{self, Opened, Override, Unlock};
use render::view::{
    CounterClerk, CounterFirstPin, CounterFrame, CounterOverride, CounterProblem, CounterUnlock,
};
use serde::Deserialize;

/// As many names are shown to choose from; where more people work, each types the own number.
const NAMES_MAX: usize = 12;
/// Nobody has this number: what cannot be read is nobody.
const NOBODY: i64 = -1;

#[derive(Deserialize)]
pub struct Coming {
    next: Option<String>,
    lapsed: Option<String>,
    undone: Option<String>,
    clerk: Option<String>,
}

fn number(text: Option<&str>) -> Option<i64> {
    let text = text?.trim();
    (1..=6).contains(&text.len()).then(|| text.parse::<i64>().ok().filter(|number| *number >= 0))?
}

async fn frame(site: &Site, at: &AtDevice) -> Result<CounterFrame, Failure> {
    let place = at.0.place.clone();
    let read = site.world.db.read(move |tx| store::outlet::find(tx, &place));
    let outlet = read.await.map_err(flows::Error::from)?.map(|outlet| outlet.facts.name);
    Ok(CounterFrame { outlet, device: Some(at.0.name.clone()), ..bare_frame() })
}

async fn unlock_view(site: &Site, at: &AtDevice) -> Result<CounterUnlock, Failure> {
    let working = clerks::list_at(&site.world, &at.0).await?;
    let shown = |clerk: domain::clerk::Clerk| CounterClerk {
        name: clerk.name,
        role: clerk.role,
        number: clerk.number,
    };
    let names = if working.len() > NAMES_MAX { Vec::new() } else { working };
    Ok(CounterUnlock {
        counter: frame(site, at).await?,
        clerks: names.into_iter().map(shown).collect(),
        chosen: None,
        next: landing(None),
        lapsed: false,
        undone: false,
        training: false,
        problem: None,
    })
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    at: AtDevice,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let view = CounterUnlock {
        next: landing(coming.next.as_deref()),
        lapsed: coming.lapsed.is_some(),
        undone: coming.undone.is_some(),
        chosen: number(coming.clerk.as_deref()),
        ..unlock_view(&site, &at).await?
    };
    Ok(show(&site, &reader, &view))
}

#[derive(Deserialize)]
pub struct Typed {
    /// The number of the name that was chosen.
    clerk: Option<String>,
    /// The number that was typed; it wins.
    number: Option<String>,
    #[serde(default)]
    pin: String,
    #[serde(default)]
    training: String,
    next: Option<String>,
}

/// The unlocked device goes on where it was.
fn enter(site: &Site, jar: CookieJar, opened: &Opened, next: Option<&str>) -> Response {
    (open(site, jar, opened), Redirect::to(&landing(next))).into_response()
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    at: AtDevice,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let own = typed.number.as_deref().filter(|number| !number.trim().is_empty());
    let chosen = own.or(typed.clerk.as_deref());
    let training = !typed.training.is_empty();
    let problem = match chosen.map(|chosen| number(Some(chosen)).unwrap_or(NOBODY)) {
        None => CounterProblem::at("nobody_chosen", "number"),
        Some(number) => {
            match session::unlock(&site.world, &at.0, &Who::Number(number), &typed.pin, training).await? {
                Unlock::In(opened) => return Ok(enter(&site, jar, &opened, typed.next.as_deref())),
                Unlock::NoPin(clerk) => {
                    return Ok(
                        Redirect::to(&format!("/agent/first-pin?clerk={}", clerk.number)).into_response()
                    );
                }
                Unlock::Wrong => CounterProblem::at("pin_wrong", "pin"),
                Unlock::Locked(_, until) => {
                    CounterProblem::locked("pin_locked", until, zone(&site, &reader).await?)
                }
            }
        }
    };
    let view = CounterUnlock {
        chosen: number(chosen),
        next: landing(typed.next.as_deref()),
        training,
        problem: Some(problem),
        ..unlock_view(&site, &at).await?
    };
    Ok(show(&site, &reader, &view))
}

pub async fn first_pin(
    State(site): State<Site>,
    reader: Reader,
    at: AtDevice,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let (counter, number) = (frame(&site, &at).await?, number(coming.clerk.as_deref()));
    Ok(show(&site, &reader, &CounterFirstPin { counter, number, problem: None }))
}

#[derive(Deserialize)]
pub struct Chosen {
    number: Option<String>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    pin: String,
    #[serde(default)]
    again: String,
}

pub async fn choose_pin(
    State(site): State<Site>,
    reader: Reader,
    at: AtDevice,
    jar: CookieJar,
    Form(typed): Form<Chosen>,
) -> Result<Response, Failure> {
    let number = number(typed.number.as_deref());
    let who = Who::Number(number.unwrap_or(NOBODY));
    let problem = if typed.pin.trim() != typed.again.trim() {
        CounterProblem::at("pins_differ", "again")
    } else {
        match clerks::choose_pin(&site.world, &at.0, &who, &typed.code, &typed.pin).await? {
            PinChoice::In(opened) => return Ok(enter(&site, jar, &opened, None)),
            PinChoice::CodeWrong => CounterProblem::at("clerk_code_wrong", "code"),
            PinChoice::Unfit(PinUnfit::Length) => CounterProblem::at("pin_length", "pin"),
            PinChoice::Unfit(PinUnfit::Trivial) => CounterProblem::at("pin_trivial", "pin"),
            PinChoice::Locked(until) => {
                CounterProblem::locked("codes_locked", until, zone(&site, &reader).await?)
            }
        }
    };
    Ok(show(
        &site,
        &reader,
        &CounterFirstPin { counter: frame(&site, &at).await?, number, problem: Some(problem) },
    ))
}

pub async fn override_page(
    State(site): State<Site>,
    reader: Reader,
    at: AtDevice,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let number = number(coming.clerk.as_deref());
    let (counter, reason) = (frame(&site, &at).await?, String::new());
    Ok(show(&site, &reader, &CounterOverride { counter, number, reason, problem: None }))
}

#[derive(Deserialize)]
pub struct Help {
    number: Option<String>,
    supervisor: Option<String>,
    #[serde(default)]
    pin: String,
    #[serde(default)]
    reason: String,
}

pub async fn override_lock(
    State(site): State<Site>,
    reader: Reader,
    at: AtDevice,
    jar: CookieJar,
    Form(typed): Form<Help>,
) -> Result<Response, Failure> {
    let locked_out = number(typed.number.as_deref());
    let who = Who::Number(locked_out.unwrap_or(NOBODY));
    let supervisor = Who::Number(number(typed.supervisor.as_deref()).unwrap_or(NOBODY));
    let done =
        session::override_lock(&site.world, &at.0, &who, &supervisor, &typed.pin, &typed.reason).await?;
    let problem = match done {
        Override::In(opened) => return Ok(enter(&site, jar, &opened, None)),
        Override::NotLocked => CounterProblem::of("not_locked"),
        Override::ReasonUnfit => CounterProblem::at("reason_unfit", "reason"),
        Override::Wrong => CounterProblem::at("supervisor_wrong", "pin"),
        Override::NotASupervisor => CounterProblem::at("not_a_supervisor", "supervisor"),
        Override::Locked(until) => {
            CounterProblem::locked("supervisor_locked", until, zone(&site, &reader).await?)
        }
    };
    let reason = typed.reason.chars().take(300).collect();
    let (number, problem) = (locked_out, Some(problem));
    Ok(show(&site, &reader, &CounterOverride { counter: frame(&site, &at).await?, number, reason, problem }))
}
