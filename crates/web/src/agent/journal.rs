//! The journal of the outlet: search by the end of a number, a code or an amount, and a number in full with a reason.

use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::counter_journal::{JournalEntry, JournalSearch};
use domain::id::ShiftId;
use flows::counter::{clerks, devices, journal};
use flows::office::reveal::Revealed;
use render::view::{CounterJournal, CounterProblem, JournalRow};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    before: Option<String>,
}

/// What the ids of an agent's clerks and devices are called.
async fn names(site: &Site, at: &AtCounter) -> Result<HashMap<String, String>, Failure> {
    let clerks = clerks::list(&site.world, at.agent()).await?;
    let devices = devices::list(&site.world, at).await?;
    let clerks = clerks.into_iter().map(|clerk| (clerk.id.to_string(), clerk.name));
    Ok(clerks.chain(devices.into_iter().map(|device| (device.id.to_string(), device.name))).collect())
}

/// The id of a shift tells nobody anything.
fn readable(subject: String) -> Option<String> {
    Some(subject).filter(|subject| ShiftId::parse(subject).is_err())
}

fn row(entry: JournalEntry, names: &HashMap<String, String>) -> JournalRow {
    let name = |id: &str| names.get(id).cloned();
    JournalRow {
        id: entry.id,
        at: entry.at,
        what: entry.what,
        clerk: entry.clerk.and_then(|id| name(id.as_str())),
        device: entry.device.and_then(|id| name(id.as_str())),
        reveals: entry.last_four.is_some() && entry.subject.is_some(),
        subject: entry.subject.and_then(|subject| name(&subject).or_else(|| readable(subject))),
        last_four: entry.last_four,
        amount: entry.amount,
        reason: entry.reason,
    }
}

/// Reads what was typed; an amount is one in the first market's currency.
async fn read(site: &Site, typed: &str) -> Result<Option<JournalSearch>, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let currency = catalogue.markets.first().map(|market| market.currency);
    Ok(match currency {
        Some(currency) => JournalSearch::read(typed, currency),
        None => Some(JournalSearch::All).filter(|_| typed.trim().is_empty()),
    })
}

async fn view(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    wanted: Wanted,
) -> Result<CounterJournal, Failure> {
    let typed: String = wanted.q.chars().take(40).collect();
    let search = read(site, &typed).await?;
    let before = wanted.before.filter(|id| id.len() == 26 && id.bytes().all(|b| b.is_ascii_alphanumeric()));
    let mut entries = match &search {
        Some(search) => journal::list(&site.world, at, search, before.as_deref()).await?,
        None => Vec::new(),
    };
    let page = usize::try_from(journal::PAGE).unwrap_or(usize::MAX);
    let more = entries.len() > page;
    entries.truncate(page);
    let older = entries.last().filter(|_| more).map(|last| {
        let pairs = [("q", typed.as_str()), ("before", last.id.as_str())];
        format!("/agent/journal?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    });
    let names = names(site, at).await?;
    Ok(CounterJournal {
        counter: with_purse(site, at).await?.0,
        zone: zone(site, reader).await?,
        rows: entries.into_iter().map(|entry| row(entry, &names)).collect(),
        older,
        revealed: None,
        problem: search.is_none().then(|| CounterProblem::at("search_unreadable", "q")),
        typed,
    })
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    Ok(show(&site, &reader, &view(&site, &reader, &at, wanted).await?))
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    q: String,
}

pub async fn reveal(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let done = journal::reveal(&site.world, &at, &id, &asked.reason).await?;
    let (mut revealed, mut problem) = (None, None);
    match done {
        Revealed::Shown(number) => revealed = Some((id, number)),
        Revealed::ReasonUnfit => problem = Some(CounterProblem::of("reason_unfit")),
        Revealed::Absent => problem = Some(CounterProblem::of("nothing_to_reveal")),
        Revealed::Locked(until) => {
            problem = Some(CounterProblem::locked("reveals_locked", until, zone(&site, &reader).await?));
        }
    }
    let view = view(&site, &reader, &at, Wanted { q: asked.q, before: None }).await?;
    Ok(show(&site, &reader, &CounterJournal { revealed, problem, ..view }))
}
