//! The history of orders: a page with filters, and the same for spreadsheets.

use super::html;
use crate::failure::Failure;
use crate::portal::own;
use crate::portal::session::SignedIn;
use crate::site::{Reader, Site};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use domain::history::{self, OrderGroup};
use domain::id::{LineId, SubscriberId};
use domain::top_up::TopUpState;
use flows::catalogue::Loaded;
use flows::history::{Entry, Filter};
use http::header;
use render::view::{GroupChoice, HistoryCsv, HistoryPage, HistoryRow, LineChoice};
use serde::Deserialize;
use store::account::subscriber_line;

/// Orders on a page.
const ORDERS: usize = 25;
/// Rows in a file, and how many are read at a time.
const ROWS_MAX: usize = 5_000;
const ROWS_AT_ONCE: usize = 250;
/// Months that can be chosen: as far back as orders are shown.
const MONTHS: usize = 25;

/// What is wanted, as the form says it. What cannot be read is not asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    line: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    month: String,
    before: Option<String>,
}

impl Asked {
    fn filter(&self, zone: &str) -> Filter {
        let month = history::month(&self.month, zone);
        Filter {
            line: LineId::parse(&self.line).ok(),
            group: OrderGroup::parse(&self.state),
            from: month.map(|(from, _)| from),
            until: month.map(|(_, until)| until),
            before: self.before.clone(),
        }
    }

    /// The same choice as a query.
    fn query(&self, before: Option<&str>) -> String {
        let chosen = [("line", self.line.as_str()), ("state", &self.state), ("month", &self.month)];
        let before = before.map(|before| ("before", before));
        let pairs: Vec<_> = chosen.into_iter().filter(|(_, value)| !value.is_empty()).chain(before).collect();
        match serde_urlencoded::to_string(pairs) {
            Ok(query) if !query.is_empty() => format!("?{query}"),
            Ok(_) | Err(_) => String::new(),
        }
    }
}

/// The lines of the account, and in which zone its months begin.
async fn lines(
    site: &Site,
    reader: &Reader,
    subscriber: &SubscriberId,
    asked: &Asked,
) -> Result<(Vec<LineChoice>, String), Failure> {
    let subscriber = subscriber.clone();
    let read = site.world.db.read(move |tx| subscriber_line::list(tx, &subscriber));
    let lines = read.await.map_err(flows::Error::from)?;
    let catalogue = site.world.fresh_catalogue().await?;
    let wanted = lines.iter().find(|line| line.line.as_str() == asked.line).or(lines.first());
    let zone = match wanted.and_then(|line| catalogue.market(&line.market)) {
        Some(market) => market.seller.time_zone.clone(),
        None => super::zone(site, reader).await?,
    };
    let choice = |line: subscriber_line::OwnLine| LineChoice {
        chosen: line.line.as_str() == asked.line,
        id: line.line.to_string(),
        label: line.label,
        last4: line.last4,
    };
    Ok((lines.into_iter().map(choice).collect(), zone))
}

/// An order as it is shown: of others' orders only what arrived.
fn row(catalogue: &Loaded, reader: &Reader, entry: &Entry) -> HistoryRow {
    let order = &entry.top_up;
    let market = catalogue.market(&order.market);
    let paid = order.credited_at.is_some()
        || matches!(order.state, TopUpState::Paid | TopUpState::PendingNetwork | TopUpState::Refunding)
        || matches!(order.state, TopUpState::Refunded | TopUpState::Reversed);
    HistoryRow {
        code: entry.own.then(|| order.code.clone()),
        at: order.created_at,
        zone: market.map_or("UTC", |market| market.seller.time_zone.as_str()).to_owned(),
        offer_name: entry.offer.name_in(reader.locale).to_owned(),
        last4: entry.last4.clone(),
        amount: if entry.own { order.prices.total } else { order.prices.value },
        state: order.state,
        receipt: entry.own && paid,
    }
}

/// The months that can be chosen: those since the account began.
async fn months(site: &Site, subscriber: &SubscriberId, zone: &str) -> Result<Vec<String>, Failure> {
    let subscriber = subscriber.clone();
    let read = site.world.db.read(move |tx| store::account::subscriber::find(tx, &subscriber));
    let since = read.await.map_err(flows::Error::from)?.map(|account| account.created_at);
    let mut months = history::months(site.world.now(), zone, MONTHS);
    months.retain(|name| {
        let ends = history::month(name, zone).map(|(_, ends)| ends);
        since.zip(ends).is_none_or(|(since, ends)| since < ends)
    });
    Ok(months)
}

/// The page.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    jar: CookieJar,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (lines, zone) = lines(&site, &reader, &signed_in.subscriber, &asked).await?;
    let filter = asked.filter(&zone);
    let found = flows::history::page(&site.world, &signed_in.subscriber, &filter, ORDERS).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let group = |group: &OrderGroup| GroupChoice { group: *group, chosen: filter.group == Some(*group) };
    let view = HistoryPage {
        rows: found.entries.iter().map(|entry| row(&catalogue, &reader, entry)).collect(),
        lines,
        groups: OrderGroup::ALL.iter().map(group).collect(),
        months: months(&site, &signed_in.subscriber, &zone).await?,
        month: filter.from.map(|_| asked.month.clone()),
        filtered: filter.line.is_some() || filter.group.is_some() || filter.from.is_some(),
        next_url: found.next.map(|next| format!("/me/history{}", asked.query(Some(&next)))),
        csv_url: format!("/me/history.csv{}", asked.query(None)),
        archived: found.archived,
        of_browser: own::of_no_account(&site, &jar).await?,
    };
    Ok(html(&site, &reader, &view))
}

/// The same orders as a table. A history that is longer says so in its last row.
pub async fn table(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (_, zone) = lines(&site, &reader, &signed_in.subscriber, &asked).await?;
    let mut filter = Filter { before: None, ..asked.filter(&zone) };
    let catalogue = site.world.fresh_catalogue().await?;
    let mut rows = Vec::new();
    let (more, archived) = loop {
        let found = flows::history::page(&site.world, &signed_in.subscriber, &filter, ROWS_AT_ONCE).await?;
        rows.extend(found.entries.iter().map(|entry| row(&catalogue, &reader, entry)));
        match found.next {
            Some(next) if rows.len() < ROWS_MAX => filter.before = Some(next),
            next => break (next.is_some(), found.archived),
        }
    };
    let view = HistoryCsv { rows, cut_at: more.then_some(ROWS_MAX), archived };
    let table = site.world.renderer.table(reader.locale, &view);
    let name = format!("attachment; filename=\"top-ups-{}.csv\"", asked_name(&asked));
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, table).into_response())
}

/// The month in the file's name, where one was asked for.
fn asked_name(asked: &Asked) -> &str {
    if history::month(&asked.month, "UTC").is_some() { &asked.month } else { "all" }
}
