//! What happened to the money or to one bucket of a line, from the ledger, each entry back to its order.
//!
//! Postings are found by their keys: orders of the line say which there are, the usage rows say what was used. An entry
//! stands where its order or record began; its own time is beside it.

use crate::error::Result;
use crate::world::World;
use domain::bucket::Bucket;
use domain::history::{LAST_KEY, first_key, key_of};
use domain::id::{BucketId, SubscriberId};
use domain::ledger::{AccountId, PostingKey, Purpose, Reason, book};
use domain::line::Line;
use domain::money::Money;
use domain::time::UnixMs;
use domain::top_up::{TopUp, TopUpState};
use std::collections::HashMap;
use store::Tx;
use store::account::subscriber_line::OwnLine;
use store::personal::{self, Moved, Range};

/// Of what the history is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    Money,
    Bucket(BucketId),
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Bought, or given with what was bought.
    Granted,
    Bonus,
    /// The rest of an older bucket came in.
    MovedIn,
    /// The rest went into a newer bucket.
    MovedOut,
    Used,
    Ended,
    /// The order was taken back.
    Reversed,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub what: What,
    /// What came is positive, what went negative.
    pub amount: i64,
    pub at: UnixMs,
    /// The order that it comes from, for whom may see it.
    pub order: Option<String>,
    key: String,
}

/// A page of entries, newest first.
#[derive(Debug, Clone)]
pub struct Page {
    pub account: AccountId,
    /// The bucket, where one was asked for.
    pub bucket: Option<Bucket>,
    pub entries: Vec<Entry>,
    pub next: Option<String>,
}

/// After so many later orders a bucket's rest is not looked for any more.
const LATER_ORDERS_MAX: i64 = 100;

/// Who looks, at which of their lines.
#[derive(Debug, Clone)]
pub struct Looking {
    pub subscriber: SubscriberId,
    pub own: OwnLine,
    pub line: Line,
}

/// A page of the history; `None` when the line has no such bucket.
pub async fn page(
    world: &World,
    looking: &Looking,
    of: &Of,
    before: Option<&str>,
    size: usize,
) -> Result<Option<Page>> {
    let (looking, of) = (looking.clone(), of.clone());
    let before = before.unwrap_or(LAST_KEY).to_owned();
    let read = world.db.read(move |tx| match &of {
        Of::Money => money(tx, &looking, &before, size).map(Some),
        Of::Bucket(id) => bucket(tx, &looking, id, &before, size),
    });
    Ok(read.await?)
}

fn money(tx: &mut Tx<'_>, looking: &Looking, before: &str, size: usize) -> anyhow::Result<Page> {
    let account = book::line_credit(&looking.line.id, Money::zero(looking.line.currency));
    let limit = i64::try_from(size)? + 1;
    let range = Range { from: first_key(looking.own.added_at), before: before.to_owned(), group: None };
    let orders = personal::list_credited(tx, &looking.line.id, &range, limit)?;
    let mut entries = used(tx, &account, &range, limit)?;
    // Of orders whose entries are not all read, the older ones come with the next page.
    let orders_end = (orders.len() > size).then(|| key_of(orders[size - 1].id.as_str()).to_owned());
    entries.extend(of_orders(tx, looking, &orders, &account)?);
    Ok(cut(account, None, entries, size, orders_end))
}

fn bucket(
    tx: &mut Tx<'_>,
    looking: &Looking,
    id: &BucketId,
    before: &str,
    size: usize,
) -> anyhow::Result<Option<Page>> {
    let found = store::bucket::find(tx, id)?.filter(|bucket| bucket.line == looking.line.id);
    let Some(bucket) = found else { return Ok(None) };
    let account = book::bucket(id, bucket.unit);
    let range = Range { from: first_key(UnixMs(0)), before: before.to_owned(), group: None };
    let mut entries = used(tx, &account, &range, i64::try_from(size)? + 1)?;
    if let Some(order) = store::top_up::find(tx, &bucket.source)? {
        entries.extend(of_orders(tx, looking, std::slice::from_ref(&order), &account)?);
    }
    entries.extend(ends(tx, &bucket, &account)?);
    entries.retain(|entry| entry.key.as_str() < before);
    Ok(Some(cut(account, Some(bucket), entries, size, None)))
}

/// How a bucket ended: unused at its end, or moved into a newer one by a later order.
fn ends(tx: &mut Tx<'_>, bucket: &Bucket, account: &AccountId) -> anyhow::Result<Vec<Entry>> {
    let mut keys = vec![PostingKey::new(bucket.id.as_str(), Purpose::Expire)];
    let later = personal::list_credited_after(tx, &bucket.line, &bucket.source, LATER_ORDERS_MAX)?;
    keys.extend(later.iter().map(|order| PostingKey::new(order.as_str(), Purpose::Credit)));
    let moved = personal::moved(tx, &keys, account)?;
    let entry = |moved: Moved| {
        let ended = moved.subject == bucket.id.as_str();
        let what = if ended { What::Ended } else { What::MovedOut };
        // It stands where it happened: its order began a moment before.
        Entry { what, amount: moved.amount, at: moved.at, order: None, key: first_key(moved.at) }
    };
    Ok(moved.into_iter().map(entry).collect())
}

fn used(tx: &mut Tx<'_>, account: &AccountId, range: &Range, limit: i64) -> anyhow::Result<Vec<Entry>> {
    let before = format!("use_{}", range.before);
    let used = store::usage::list_of_account(tx, account, &before, limit)?;
    let entry = |used: store::usage::Used| Entry {
        what: What::Used,
        amount: -used.amount,
        at: used.used_at,
        order: None,
        key: key_of(used.id.as_str()).to_owned(),
    };
    Ok(used.into_iter().map(entry).filter(|entry| entry.key >= range.from).collect())
}

/// What orders moved on the account.
fn of_orders(
    tx: &mut Tx<'_>,
    looking: &Looking,
    orders: &[TopUp],
    account: &AccountId,
) -> anyhow::Result<Vec<Entry>> {
    let mut keys = Vec::with_capacity(orders.len());
    let mut subjects: HashMap<String, &TopUp> = HashMap::new();
    for order in orders {
        subjects.insert(order.id.to_string(), order);
        keys.extend([Purpose::Credit, Purpose::Reverse].map(|p| PostingKey::new(order.id.as_str(), p)));
        if order.state == TopUpState::Credited {
            continue;
        }
        // What came through a provider is taken back under the refund's name.
        for refund in store::refund::list(tx, &order.id)? {
            keys.extend(OF_A_REFUND.iter().map(|p| PostingKey::new(refund.id.as_str(), *p)));
            subjects.insert(refund.id.to_string(), order);
        }
    }
    let moved = personal::moved(tx, &keys, account)?;
    let entry = |moved: Moved| {
        let order = subjects.get(&moved.subject)?;
        let own = order.subscriber.as_ref() == Some(&looking.subscriber);
        Some(Entry {
            what: what(&moved),
            amount: moved.amount,
            at: moved.at,
            order: own.then(|| order.code.clone()),
            key: key_of(order.id.as_str()).to_owned(),
        })
    };
    Ok(moved.into_iter().filter_map(entry).collect())
}

/// Under which purposes a refund moves what its order gave.
const OF_A_REFUND: &[Purpose] = &[Purpose::RefundHold, Purpose::RefundPost, Purpose::RefundBounce];

fn what(moved: &Moved) -> What {
    match (moved.reason, moved.amount > 0) {
        (Reason::Bonus, true) => What::Bonus,
        (Reason::Extension, true) => What::MovedIn,
        (Reason::Extension, false) => What::MovedOut,
        (_, true) => What::Granted,
        (_, false) => What::Reversed,
    }
}

/// The newest entries of a page. Where the orders were not read to their end, nothing older than their last is shown.
fn cut(
    account: AccountId,
    bucket: Option<Bucket>,
    mut entries: Vec<Entry>,
    size: usize,
    orders_end: Option<String>,
) -> Page {
    entries.sort_by(|a, b| (&b.key, b.at).cmp(&(&a.key, a.at)));
    let all = entries.len();
    if let Some(end) = &orders_end {
        entries.retain(|entry| entry.key >= *end);
    }
    let mut shown = entries.len().min(size);
    // Entries of one order stay together.
    while shown < entries.len() && shown > 0 && entries[shown].key == entries[shown - 1].key {
        shown += 1;
    }
    entries.truncate(shown);
    let more = shown < all || orders_end.is_some();
    let last = entries.last().map(|entry| entry.key.clone()).or(orders_end);
    Page { account, bucket, entries, next: last.filter(|_| more) }
}
