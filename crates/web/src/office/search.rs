//! Search, and the pages of a line and of a subscriber. What is personal comes by POST and stands in no address; every
//! look at a person's record is written down.

use super::overview::rows;
use super::session::StaffMember;
use super::{frame, page as show};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::account::ContactKind;
use domain::audit::SubjectKind;
use domain::id::{LineId, SubscriberId};
use domain::ledger::book;
use domain::line::Line;
use domain::money::Money;
use domain::offer::Allowance;
use flows::office::audit::looked;
use flows::office::find::{self, Found, Results};
use flows::office::reveal::{self, REASON_MAX, REASON_MIN, Revealed, reveal};
use render::view::{
    ConsentRow, ErrorKind, OfficeBucket, OfficeContact, OfficeLine, OfficeLineRow, OfficeProblem,
    OfficeReveal, OfficeSearch, OfficeSection, OfficeSubscriber,
};
use serde::Deserialize;
use store::account::{consent, contact, subscriber, subscriber_line};
use store::search;

const ORDERS: i64 = 50;

#[derive(Deserialize)]
pub struct Sought {
    q: Option<String>,
}

/// The search. In the address, only what is not personal is looked for.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(sought): Query<Sought>,
) -> Result<Response, Failure> {
    match sought.q.filter(|q| find::may_be_in_address(q)) {
        Some(q) => answer(&site, &reader, &member, find::search(&site.world, &q).await?).await,
        None => Ok(show(&site, &reader, &results(&site, &member, false, Results::default()).await?)),
    }
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Form(sought): Form<Sought>,
) -> Result<Response, Failure> {
    let typed: String = sought.q.unwrap_or_default().chars().take(254).collect();
    answer(&site, &reader, &member, find::search(&site.world, &typed).await?).await
}

async fn answer(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    found: Found,
) -> Result<Response, Failure> {
    let leads = match found {
        Found::Order(code) => format!("/office/orders/{code}"),
        Found::Line(line) => format!("/office/lines/{line}"),
        Found::Subscriber(subscriber) => format!("/office/subscribers/{subscriber}"),
        Found::Case(code) => format!("/office/cases/{code}"),
        Found::Several(found) => {
            for id in &found.subscribers {
                looked(&site.world, &member.id, SubjectKind::Subscriber, id.as_str(), None).await?;
            }
            return Ok(show(site, reader, &results(site, member, true, found).await?));
        }
        Found::DigitsAlone => {
            let none = results(site, member, true, Results::default()).await?;
            return Ok(show(site, reader, &OfficeSearch { digits_alone: true, ..none }));
        }
        Found::Nothing => {
            return Ok(show(site, reader, &results(site, member, true, Results::default()).await?));
        }
    };
    Ok(Redirect::to(&leads).into_response())
}

async fn results(
    site: &Site,
    member: &StaffMember,
    asked: bool,
    found: Results,
) -> Result<OfficeSearch, Failure> {
    Ok(OfficeSearch {
        office: frame(member, OfficeSection::Search),
        asked,
        digits_alone: false,
        lines: found.lines.iter().map(line_row).collect(),
        subscribers: found.subscribers.iter().map(ToString::to_string).collect(),
        orders: rows(site, found.orders).await?,
    })
}

fn line_row(line: &Line) -> OfficeLineRow {
    OfficeLineRow {
        id: line.id.to_string(),
        market: line.market.clone(),
        last4: line.last4.clone(),
        status: line.status,
    }
}

/// A form that shows something in full.
pub(super) fn reveal_form(action: String, fields: Vec<&'static str>) -> OfficeReveal {
    let (reason_min, reason_max) = (REASON_MIN, REASON_MAX);
    OfficeReveal { action, fields, shown: None, reason_min, reason_max, problem: None }
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub what: String,
}

/// Which of the fields was asked for.
pub(super) fn field(what: &str) -> Option<(&'static str, ContactKind)> {
    match what {
        "number" => Some(("number", ContactKind::Phone)),
        "email" => Some(("email", ContactKind::Email)),
        _ => None,
    }
}

/// Puts what became of it into the form.
pub(super) async fn revealed(
    site: &Site,
    member: &StaffMember,
    wanted: &reveal::Wanted,
    field: &'static str,
    reason: &str,
    form: OfficeReveal,
) -> Result<OfficeReveal, Failure> {
    let problem = match reveal(&site.world, &member.id, wanted, reason).await? {
        Revealed::Shown(value) => return Ok(OfficeReveal { shown: Some((field, value)), ..form }),
        Revealed::ReasonUnfit => OfficeProblem::at("reason_unfit", "reason"),
        Revealed::Locked(until) => OfficeProblem::locked(until, super::overview::zone(site).await?),
        Revealed::Absent => OfficeProblem::of("nothing_to_reveal"),
    };
    Ok(OfficeReveal { problem: Some(problem), ..form })
}

fn line_id(id: &str) -> Result<LineId, Failure> {
    LineId::parse(id).map_err(|_| Failure::of(ErrorKind::NotFound))
}

pub async fn line(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = line_id(&id)?;
    let view = line_view(&site, &member, &id).await?;
    looked(&site.world, &member.id, SubjectKind::Line, id.as_str(), Some(&id)).await?;
    Ok(show(&site, &reader, &view))
}

pub async fn reveal_line(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let id = line_id(&id)?;
    let view = line_view(&site, &member, &id).await?;
    let wanted = reveal::Wanted::Number(id);
    let reveal = revealed(&site, &member, &wanted, "number", &asked.reason, view.reveal).await?;
    Ok(show(&site, &reader, &OfficeLine { reveal, ..view }))
}

async fn line_view(site: &Site, member: &StaffMember, id: &LineId) -> Result<OfficeLine, Failure> {
    let (wanted, now) = (id.clone(), site.world.now());
    let read = site.world.db.read(move |tx| {
        let Some(line) = store::line::find_by_id(tx, &wanted)? else { return Ok(None) };
        let credit = book::line_credit(&line.id, Money::new(0, line.currency));
        let balance = store::ledger::balance(tx, &credit)?.available;
        let buckets = store::bucket::list_valid(tx, &line.id, now)?;
        let subscribers = search::subscribers_of(tx, &line.id)?;
        let orders = search::of_line(tx, &line.id, ORDERS)?;
        Ok(Some((line, balance, buckets, subscribers, orders)))
    });
    let found = read.await.map_err(flows::Error::from)?;
    let (line, balance, buckets, subscribers, orders) = found.ok_or(Failure::of(ErrorKind::NotFound))?;
    let catalogue = site.world.fresh_catalogue().await?;
    let market = catalogue.market(&line.market);
    let bucket = |remaining: domain::bucket::Remaining| OfficeBucket {
        left: Allowance { unit: remaining.bucket.unit, amount: remaining.amount },
        granted: Allowance { unit: remaining.bucket.unit, amount: remaining.bucket.granted },
        expires_at: remaining.bucket.expires_at,
    };
    Ok(OfficeLine {
        office: frame(member, OfficeSection::Search),
        zone: market.map_or_else(|| "UTC".into(), |market| market.seller.time_zone.clone()),
        balance: Money::new(balance, line.currency),
        buckets: buckets.into_iter().map(bucket).collect(),
        subscribers: subscribers.iter().map(ToString::to_string).collect(),
        orders: rows(site, orders).await?,
        reveal: reveal_form(format!("/office/lines/{}/reveal", line.id), vec!["number"]),
        line: line_row(&line),
    })
}

fn subscriber_id(id: &str) -> Result<SubscriberId, Failure> {
    SubscriberId::parse(id).map_err(|_| Failure::of(ErrorKind::NotFound))
}

pub async fn subscriber(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = subscriber_id(&id)?;
    let view = subscriber_view(&site, &member, &id).await?;
    looked(&site.world, &member.id, SubjectKind::Subscriber, id.as_str(), None).await?;
    Ok(show(&site, &reader, &view))
}

pub async fn reveal_subscriber(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let id = subscriber_id(&id)?;
    let (name, kind) = field(&asked.what).ok_or(Failure::of(ErrorKind::BadRequest))?;
    let view = subscriber_view(&site, &member, &id).await?;
    let wanted = reveal::Wanted::Contact(id, kind);
    let reveal = revealed(&site, &member, &wanted, name, &asked.reason, view.reveal).await?;
    Ok(show(&site, &reader, &OfficeSubscriber { reveal, ..view }))
}

async fn subscriber_view(
    site: &Site,
    member: &StaffMember,
    id: &SubscriberId,
) -> Result<OfficeSubscriber, Failure> {
    let wanted = id.clone();
    let read = site.world.db.read(move |tx| {
        let Some(person) = subscriber::find(tx, &wanted)? else { return Ok(None) };
        let contacts = contact::list(tx, &wanted)?;
        let mut lines = Vec::new();
        for own in subscriber_line::list(tx, &wanted)? {
            lines.push(store::line::load(tx, &own.line)?);
        }
        let orders = search::of_subscriber(tx, &wanted, ORDERS)?;
        let consents = consent::list(tx, &wanted)?;
        Ok(Some((person, contacts, consents, lines, orders)))
    });
    let found = read.await.map_err(flows::Error::from)?;
    let (person, contacts, consents, lines, orders) = found.ok_or(Failure::of(ErrorKind::NotFound))?;
    let kind = |kind: ContactKind| match kind {
        ContactKind::Phone => "number",
        ContactKind::Email => "email",
    };
    let fields: Vec<&'static str> = contacts.iter().map(|contact| kind(contact.kind)).collect();
    let shown = |contact: contact::Contact| OfficeContact {
        kind: kind(contact.kind),
        shown: contact.shown,
        verified_at: contact.verified_at,
    };
    let said = |said: &consent::Consent| ConsentRow {
        channel: said.channel,
        state: said.state,
        changed_at: said.changed_at,
        source: said.source,
    };
    Ok(OfficeSubscriber {
        office: frame(member, OfficeSection::Search),
        id: id.to_string(),
        state: person.state.as_str().to_owned(),
        locale: person.locale,
        zone: super::overview::zone(site).await?,
        since: person.created_at,
        contacts: contacts.into_iter().map(shown).collect(),
        consents: consents.iter().map(said).collect(),
        lines: lines.iter().map(line_row).collect(),
        orders: rows(site, orders).await?,
        reveal: reveal_form(format!("/office/subscribers/{id}/reveal"), fields),
    })
}
