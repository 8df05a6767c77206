//! The owner's first page and statements, and what the owner's pages share.

use super::{Owner, page as show, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::agent::Agent;
use domain::history;
use domain::id::PartnerId;
use domain::ledger::book;
use domain::money::{Currency, Money};
use domain::outlet::{Outlet, OutletState};
use flows::agents::selling::Today;
use flows::agents::statement::{self, Entry, FILE_PAGE, PAGE, Part};
use http::header;
use render::view::{
    ErrorKind, FloatShown, OutletShown, OwnerHome, OwnerOutletRow, OwnerStatement, StatementCsv, StatementRow,
};
use serde::Deserialize;
use store::commission::CommissionKind;
use store::{Tx, float_request, ledger, outlet};

/// Outlets and requests on one page.
pub(super) const LISTED: i64 = 200;
/// Months that can be chosen, and rows of a file.
const MONTHS: usize = 24;
const ROWS_MAX: usize = 10_000;

/// Who does it, for the flows.
pub(super) fn by(owner: &Owner) -> flows::agents::Owner {
    flows::agents::Owner {
        agent: owner.agent().clone(),
        person: format!("clerk:{}", owner.clerk.id),
        actor: owner.actor(),
        training: owner.training(),
    }
}

/// The owner's agent.
pub(super) fn agent(tx: &mut Tx<'_>, owner: &flows::agents::Owner) -> anyhow::Result<Agent> {
    let found = store::agent::find(tx, &owner.agent)?;
    found.ok_or_else(|| anyhow::anyhow!("the agent {} is missing", owner.agent))
}

/// What is in a partner's float.
pub(super) fn float(tx: &mut Tx<'_>, partner: &PartnerId, currency: Currency) -> anyhow::Result<FloatShown> {
    let account = ledger::account(tx, &book::float(partner, Money::zero(currency)))?;
    let (balance, available, floor) =
        account.map_or((0, 0, 0), |a| (a.balance(), a.available(), a.floor.unwrap_or(0)));
    let of = |minor| Money::new(minor, currency);
    Ok(FloatShown { balance: of(balance), available: of(available - floor), credit_line: of(-floor) })
}

pub(super) fn shown(outlet: &Outlet) -> OutletShown {
    OutletShown::new(outlet.place.as_str(), outlet.state, outlet.reason.clone(), outlet.facts.clone())
}

/// The zone of the agent's market.
pub(super) async fn zone(site: &Site, market: &str) -> Result<String, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let found = catalogue.market(market);
    Ok(found.map_or_else(|| "UTC".to_owned(), |market| market.seller.time_zone.clone()))
}

pub async fn to_home() -> Response {
    Redirect::to("/agent/owner").into_response()
}

pub async fn home(State(site): State<Site>, reader: Reader, owner: Owner) -> Result<Response, Failure> {
    let who = by(&owner);
    let read = site.world.db.read(move |tx| {
        let agent = agent(tx, &who)?;
        let currency = agent.terms.credit_line.currency;
        let mut rows = Vec::new();
        for outlet in outlet::list(tx, &agent.id, "", LISTED)? {
            let available = float(tx, &outlet.partner, currency)?.available;
            let low = outlet.low_float.is_some_and(|low| available.minor < low.minor);
            rows.push(OwnerOutletRow {
                outlet: shown(&outlet),
                partner: outlet.partner.to_string(),
                low: low && outlet.state == OutletState::Open,
                available,
            });
        }
        let requests = float_request::list_of(tx, &agent.id, LISTED)?;
        let waiting = requests.iter().filter(|request| request.state.is_open()).count();
        let own = float(tx, &agent.partner, currency)?;
        Ok((agent, own, rows, waiting))
    });
    let (agent, float, outlets, waiting) = read.await.map_err(flows::Error::from)?;
    let month = Today::of(&site.world.step(), &zone(&site, &agent.market).await?).month;
    let part = part(&site, &owner, &month, "", 1).await?;
    let view = OwnerHome {
        counter: with_purse(&site, &owner).await?.0,
        name: agent.name,
        float,
        outlets,
        waiting,
        month: (part.totals.sales, part.totals.value, part.totals.commission),
    };
    Ok(show(&site, &reader, &view))
}

#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    after: String,
}

async fn part(site: &Site, owner: &Owner, month: &str, after: &str, limit: i64) -> Result<Part, Failure> {
    let found = statement::read(&site.world, owner.agent(), month, after, limit).await?;
    found.ok_or_else(|| Failure::of(ErrorKind::NotFound))
}

fn row(entry: Entry) -> StatementRow {
    StatementRow {
        at: entry.at,
        code: entry.code,
        outlet: entry.outlet,
        taken_back: entry.kind == CommissionKind::TakenBack,
        class: entry.class,
        value: entry.value,
        float: entry.float,
        commission: entry.commission,
        rule: entry.rule,
    }
}

/// The months that can be chosen, the one that was, and the zone that they are of.
async fn chosen(site: &Site, owner: &Owner, asked: &Asked) -> Result<(Vec<String>, String, String), Failure> {
    let who = by(owner);
    let read = site.world.db.read(move |tx| agent(tx, &who));
    let agent = read.await.map_err(flows::Error::from)?;
    let zone = zone(site, &agent.market).await?;
    let months = history::months(site.world.now(), &zone, MONTHS);
    let month = months.iter().find(|month| **month == asked.month).or(months.first());
    Ok((months.clone(), month.cloned().unwrap_or_default(), zone))
}

pub async fn statement(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (months, month, zone) = chosen(&site, &owner, &asked).await?;
    let part = part(&site, &owner, &month, &asked.after, PAGE).await?;
    let view = OwnerStatement {
        counter: with_purse(&site, &owner).await?.0,
        month,
        months,
        sales: part.totals.sales,
        value: part.totals.value,
        commission: part.totals.commission,
        rows: part.entries.into_iter().map(row).collect(),
        next: part.next,
        zone,
    };
    Ok(show(&site, &reader, &view))
}

/// The same month as a file; a longer one says so in its last row.
pub async fn table(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (_, month, zone) = chosen(&site, &owner, &asked).await?;
    let (mut rows, mut after) = (Vec::new(), String::new());
    let more = loop {
        let part = part(&site, &owner, &month, &after, FILE_PAGE).await?;
        rows.extend(part.entries.into_iter().map(row));
        match part.next {
            Some(next) if rows.len() < ROWS_MAX => after = next,
            next => break next.is_some(),
        }
    };
    let view = StatementCsv { rows, cut_at: more.then_some(ROWS_MAX), zone };
    let table = site.world.renderer.table(reader.locale, &view);
    let name = format!("attachment; filename=\"statement-{month}.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, table).into_response())
}
