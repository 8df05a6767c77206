//! The overview and its lists: orders of a day, orders with an open refund, work that was given up.

use super::session::StaffMember;
use super::{frame, page as show};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Query, State};
use axum::response::Response;
use domain::id::{TopUpId, made_at};
use domain::refund_request::RefundRequestState;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use flows::office::figures;
use render::view::{
    Age, OfficeDay, OfficeDead, OfficeDeadRow, OfficeListed, OfficeOrders, OfficeOverview, OfficePeople,
    OfficeRow, OfficeSection,
};
use serde::Deserialize;
use store::refund_request;
use store::search::{self, Listed};
use store::support_case::{self, Desk};

/// How many rows a page shows.
const PAGE: i64 = 50;

/// The time zone of the office: that of the first market.
pub(super) async fn zone(site: &Site) -> Result<String, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    Ok(catalogue.markets.first().map_or_else(|| "UTC".into(), |market| market.seller.time_zone.clone()))
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let zone = zone(&site).await?;
    let counted = site.figures.figures(&site.world, &zone).await?;
    let day = |orders: store::figures::Orders| OfficeDay::of(orders.made, orders.credited);
    let view = OfficeOverview {
        office: frame(&member, OfficeSection::Overview),
        at: counted.at,
        zone,
        today: day(counted.today),
        week_ago: day(counted.week_ago),
        p50: counted.p50,
        p95: counted.p95,
        stuck: counted.open.stuck,
        refunds: counted.open.refunds,
        dead: counted.open.dead,
        count_max: store::figures::COUNT_MAX,
        people: people(&site, &counted.open).await?,
    };
    Ok(show(&site, &reader, &view))
}

/// What waits for people, each with its oldest: one look into an index each.
async fn people(site: &Site, open: &store::figures::Open) -> Result<Vec<OfficePeople>, Failure> {
    let now = site.world.now();
    let read = site.world.db.read(move |tx| {
        let owed = support_case::list(tx, &Desk::Open, 1)?.pop();
        let cases = support_case::count_open(tx, now, store::figures::COUNT_MAX)?;
        let asked = refund_request::list(tx, RefundRequestState::Asked, store::figures::COUNT_MAX)?;
        let late = store::stuck::late_orders(tx, now, 1)?.pop();
        let refund = store::stuck::open_refunds(tx, now.plus_ms(1), 1)?.pop();
        Ok((owed, cases, asked, late, refund))
    });
    let (owed, (cases, late_cases), asked, late, refund) = read.await.map_err(flows::Error::from)?;
    let waiting = |what: &str| match what {
        "cases" => (cases, owed.as_ref().map(|case| case.state_at), late_cases > 0),
        "requests" => {
            (i64::try_from(asked.len()).unwrap_or(0), asked.iter().map(|r| r.asked_at).min(), false)
        }
        "stuck" => (open.stuck, late.as_ref().map(|order| order.state_at), open.stuck > 0),
        "refunds" => (open.refunds, refund.as_ref().map(|refund| refund.created_at), false),
        _ => (open.dead, None, open.dead > 0),
    };
    let row = |(what, href): (&'static str, &'static str)| {
        let (count, oldest, late) = waiting(what);
        OfficePeople { what, href, count, oldest: oldest.map(|since| Age::of(since, now)), late }
    };
    Ok(OfficePeople::ALL.into_iter().map(row).collect())
}

/// Orders as rows, each in its market's time.
pub(super) async fn rows(site: &Site, orders: Vec<Listed>) -> Result<Vec<OfficeRow>, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let zone = |market: &str| {
        catalogue.market(market).map_or_else(|| "UTC".to_owned(), |market| market.seller.time_zone.clone())
    };
    let row = |order: Listed| OfficeRow {
        zone: zone(&order.market),
        code: order.code,
        state: order.state,
        channel: order.channel,
        last4: order.last4,
        total: order.total,
        at: order.created_at,
    };
    Ok(orders.into_iter().map(row).collect())
}

#[derive(Deserialize)]
pub struct Wanted {
    state: Option<String>,
    before: Option<String>,
}

pub async fn orders(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let zone = zone(&site).await?;
    let now = site.world.now();
    let state = wanted.state.as_deref().and_then(TopUpState::parse);
    let from = TopUpId::stored(store::figures::first_id(figures::day_start(now, &zone)));
    let newest = || TopUpId::stored(store::figures::first_id(now.plus_ms(1)));
    let before = wanted.before.as_deref().and_then(|id| TopUpId::parse(id).ok()).unwrap_or_else(newest);
    let listed = site.world.db.read(move |tx| search::of_days(tx, &from, &before, state, PAGE)).await;
    let listed = listed.map_err(flows::Error::from)?;
    let more = i64::try_from(listed.len()).unwrap_or(PAGE) == PAGE;
    let older = listed.last().filter(|_| more).map(|last| {
        let state = state.map_or("", TopUpState::as_str);
        format!("/office/orders?state={state}&before={}", last.id)
    });
    let view = OfficeOrders {
        office: frame(&member, OfficeSection::Overview),
        listed: OfficeListed::Today,
        rows: rows(&site, listed).await?,
        state,
        states: TopUpState::ALL.to_vec(),
        older,
    };
    Ok(show(&site, &reader, &view))
}

pub async fn open_refunds(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let listed = site.world.db.read(|tx| search::with_open_refund(tx, PAGE)).await;
    let view = OfficeOrders {
        office: frame(&member, OfficeSection::Overview),
        listed: OfficeListed::Refunds,
        rows: rows(&site, listed.map_err(flows::Error::from)?).await?,
        state: None,
        states: Vec::new(),
        older: None,
    };
    Ok(show(&site, &reader, &view))
}

pub async fn dead(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
) -> Result<Response, Failure> {
    let dead = site.world.db.read(|tx| search::dead_work(tx, PAGE)).await.map_err(flows::Error::from)?;
    let at = |id: &str| made_at(id).filter(|at: &UnixMs| at.0 > 0);
    let row = |work: search::Dead| OfficeDeadRow {
        at: at(&work.id),
        topic: work.topic,
        subject: work.subject,
        tries: work.tries,
        error: work.error,
    };
    let view = OfficeDead {
        office: frame(&member, OfficeSection::Overview),
        zone: zone(&site).await?,
        rows: dead.into_iter().map(row).collect(),
    };
    Ok(show(&site, &reader, &view))
}
