//! History: the orders that somebody may look back on.
//!
//! Own orders are shown whole. Of orders that others made for one's own line only those that arrived are shown, since
//! the line is in the account, and only what arrived: who paid, how and how much is their business.

use crate::error::Result;
use crate::world::World;
use domain::history::{LAST_KEY, OrderGroup, SHOWN_FOR_MS, first_key, key_of};
use domain::id::{LineId, SubscriberId};
use domain::offer::Offer;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use std::collections::HashMap;
use store::Tx;
use store::account::subscriber_line::{self, OwnLine};
use store::personal::{self, Range};

/// What of the history is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub line: Option<LineId>,
    pub group: Option<OrderGroup>,
    /// From here on, and until there.
    pub from: Option<UnixMs>,
    pub until: Option<UnixMs>,
    /// Only what comes before this key.
    pub before: Option<String>,
}

/// One order as it may be shown.
#[derive(Debug, Clone)]
pub struct Entry {
    pub top_up: TopUp,
    pub offer: Offer,
    pub last4: String,
    /// Did the reader order it? Otherwise only what arrived is shown.
    pub own: bool,
}

/// A page of the history.
#[derive(Debug, Clone)]
pub struct Page {
    pub entries: Vec<Entry>,
    /// The key before which the next page begins.
    pub next: Option<String>,
    /// Does the history end here because older orders are in the archive?
    pub archived: bool,
}

/// A page of somebody's history, newest first.
pub async fn page(world: &World, subscriber: &SubscriberId, filter: &Filter, size: usize) -> Result<Page> {
    let (subscriber, filter, now) = (subscriber.clone(), filter.clone(), world.now());
    Ok(world.db.read(move |tx| read(tx, &subscriber, &filter, (size, now))).await?)
}

fn read(
    tx: &mut Tx<'_>,
    subscriber: &SubscriberId,
    filter: &Filter,
    (size, now): (usize, UnixMs),
) -> anyhow::Result<Page> {
    let archive = now.plus_ms(-SHOWN_FOR_MS);
    let range = Range {
        from: first_key(filter.from.unwrap_or(archive).max(archive)),
        before: before(filter),
        group: filter.group,
    };
    let limit = i64::try_from(size)? + 1;
    let lines = subscriber_line::list(tx, subscriber)?;
    let mut found = personal::list_of_subscriber(tx, subscriber, filter.line.as_ref(), &range, limit)?;
    for line in lines.iter().filter(|line| filter.line.as_ref().is_none_or(|wanted| *wanted == line.line)) {
        let since = Range { from: range.from.clone().max(first_key(line.added_at)), ..range.clone() };
        let of_line = personal::list_credited(tx, &line.line, &since, limit)?;
        found.extend(of_line.into_iter().filter(|order| order.subscriber.as_ref() != Some(subscriber)));
    }
    found.sort_by(|a, b| b.id.cmp(&a.id));
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|order| key_of(order.id.as_str()).to_owned());
    let archived =
        next.is_none() && filter.from.is_none_or(|from| from < archive) && older(tx, subscriber, archive)?;
    let entries = entries(tx, subscriber, found, &lines)?;
    Ok(Page { entries, next, archived })
}

fn before(filter: &Filter) -> String {
    let until = filter.until.map(first_key);
    let bounds = [until, filter.before.clone()];
    bounds.into_iter().flatten().min().unwrap_or_else(|| LAST_KEY.to_owned())
}

/// Are there orders that are older than what is shown?
fn older(tx: &mut Tx<'_>, subscriber: &SubscriberId, archive: UnixMs) -> anyhow::Result<bool> {
    let range = Range { from: first_key(UnixMs(0)), before: first_key(archive), group: None };
    Ok(!personal::list_of_subscriber(tx, subscriber, None, &range, 1)?.is_empty())
}

fn entries(
    tx: &mut Tx<'_>,
    subscriber: &SubscriberId,
    orders: Vec<TopUp>,
    lines: &[OwnLine],
) -> anyhow::Result<Vec<Entry>> {
    let mut endings: HashMap<LineId, String> =
        lines.iter().map(|line| (line.line.clone(), line.last4.clone())).collect();
    let mut offers: HashMap<String, Offer> = HashMap::new();
    let mut entries = Vec::with_capacity(orders.len());
    for top_up in orders {
        let version = top_up.offer_version.to_string();
        if !offers.contains_key(&version) {
            offers.insert(version.clone(), store::offer::load_version(tx, &top_up.offer_version)?);
        }
        if !endings.contains_key(&top_up.line) {
            endings.insert(top_up.line.clone(), store::line::load(tx, &top_up.line)?.last4);
        }
        entries.push(Entry {
            offer: offers[&version].clone(),
            last4: endings[&top_up.line].clone(),
            own: top_up.subscriber.as_ref() == Some(subscriber),
            top_up,
        });
    }
    Ok(entries)
}

/// The last order that arrived on one's own line: one's own, else anybody's since the line is in the account.
pub fn last_arrived(
    tx: &mut Tx<'_>,
    subscriber: &SubscriberId,
    line: &OwnLine,
    now: UnixMs,
) -> anyhow::Result<Option<TopUp>> {
    let range = Range {
        from: first_key(now.plus_ms(-SHOWN_FOR_MS)),
        before: LAST_KEY.to_owned(),
        group: Some(OrderGroup::Arrived),
    };
    let own = personal::list_of_subscriber(tx, subscriber, Some(&line.line), &range, 1)?.pop();
    if own.is_some() {
        return Ok(own);
    }
    let since = Range { from: range.from.clone().max(first_key(line.added_at)), ..range };
    Ok(personal::list_credited(tx, &line.line, &since, 1)?.pop())
}
