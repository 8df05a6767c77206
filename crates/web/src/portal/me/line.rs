//! One line: its balance, the history of its money and of each bucket, and the ways to top it up.

use super::shown::{self, Last};
use super::{html, own_line};
use crate::failure::Failure;
use crate::portal::cart::Cart;
use crate::portal::session::SignedIn;
use crate::site::{Reader, Site};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::BucketId;
use domain::offer::Pricing;
use domain::unit::Unit;
use flows::line_history::{self, Entry, Looking, Of, What};
use render::view::{ErrorKind, LineEntry, LinePage, PastBucket, Quantity};
use serde::Deserialize;

/// Entries on a page.
const ENTRIES: usize = 25;
/// Buckets that ended and are offered.
const PAST: i64 = 10;

/// What of the line is wanted.
#[derive(Default, Deserialize)]
pub struct Asked {
    bucket: Option<String>,
    before: Option<String>,
}

/// The page.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (own, line) = own_line(&site, &signed_in, &id).await?;
    let of = match asked.bucket.as_deref().map(BucketId::parse) {
        None => Of::Money,
        Some(Ok(bucket)) => Of::Bucket(bucket),
        Some(Err(_)) => return Err(Failure::of(ErrorKind::NotFound)),
    };
    let subscriber = signed_in.subscriber.clone();
    let looking = Looking { subscriber: subscriber.clone(), own: own.clone(), line: line.clone() };
    let found = line_history::page(&site.world, &looking, &of, asked.before.as_deref(), ENTRIES).await?;
    let found = found.ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let balance = flows::balance::balance(&site.world, line.clone()).await?;
    let (now, wanted) = (site.world.now(), own.clone());
    let read = site.world.db.read(move |tx| {
        let past = store::bucket::list_past(tx, &wanted.line, now, PAST)?;
        let last: Last = match flows::history::last_arrived(tx, &subscriber, &wanted, now)? {
            Some(order) => {
                let offer = store::offer::load_version(tx, &order.offer_version)?;
                Some((order, offer))
            }
            None => None,
        };
        Ok((past, last))
    });
    let (past, last) = read.await.map_err(flows::Error::from)?;
    let catalogue = site.world.fresh_catalogue().await?;
    let unit = found.bucket.as_ref().map_or(Unit::Money(line.currency), |bucket| bucket.unit);
    let of = |bucket: &domain::bucket::Bucket| Quantity::of(bucket.unit, bucket.granted);
    let past = past.iter().map(|bucket| PastBucket {
        id: bucket.id.to_string(),
        granted: of(bucket),
        ended_at: bucket.expires_at,
    });
    let view = LinePage {
        line: shown::card(&catalogue, &reader, &own, &balance, &last),
        past: past.collect(),
        added_at: own.added_at,
        kept_by_network: line.keeper == domain::line::Keeper::Network,
        bucket: found.bucket.as_ref().map(|bucket| bucket.id.to_string()),
        granted: found.bucket.as_ref().map(of),
        entries: found.entries.iter().map(|entry| shown_entry(entry, unit)).collect(),
        next_url: found.next.map(|next| older(&own.line, asked.bucket.as_deref(), &next)),
    };
    Ok(html(&site, &reader, &view))
}

fn shown_entry(entry: &Entry, unit: Unit) -> LineEntry {
    let what = match entry.what {
        What::Granted => "granted",
        What::Bonus => "bonus",
        What::MovedIn => "moved_in",
        What::MovedOut => "moved_out",
        What::Used => "used",
        What::Ended => "ended",
        What::Reversed => "reversed",
    };
    LineEntry {
        what,
        amount: Quantity::of(unit, entry.amount.saturating_abs()),
        went: entry.amount < 0,
        at: entry.at,
        order: entry.order.clone(),
    }
}

fn older(line: &domain::id::LineId, bucket: Option<&str>, before: &str) -> String {
    let bucket = bucket.map(|bucket| format!("bucket={bucket}&")).unwrap_or_default();
    format!("/me/lines/{line}?{bucket}before={before}#history")
}

/// To the offers for this line.
pub async fn top_up(
    State(site): State<Site>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (_, line) = own_line(&site, &signed_in, &id).await?;
    let cart = Cart::new(&site, &flows::lines::msisdn(&site.world, &line)?);
    Ok(Redirect::to(&format!("/top-up/{}", cart.seal(&site)?)).into_response())
}

/// The last top-up of this line once more, at today's price. One that is not sold any more leads to the offers, which
/// say so.
pub async fn repeat(
    State(site): State<Site>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (own, line) = own_line(&site, &signed_in, &id).await?;
    let now = site.world.now();
    let read = site.world.db.read(move |tx| {
        let last = flows::history::last_arrived(tx, &signed_in.subscriber, &own, now)?;
        let Some(order) = last else { return Ok(None) };
        let offer = store::offer::load_version(tx, &order.offer_version)?;
        Ok(Some((order, offer)))
    });
    let last: Last = read.await.map_err(flows::Error::from)?;
    let cart = Cart::new(&site, &flows::lines::msisdn(&site.world, &line)?);
    let Some((order, offer)) = last else {
        return Ok(Redirect::to(&format!("/top-up/{}", cart.seal(&site)?)).into_response());
    };
    let amount = match offer.pricing {
        Pricing::Fixed { .. } => None,
        Pricing::Range { .. } => Some(order.prices.value),
    };
    let cart = cart.with_offer(&order.offer, amount);
    Ok(Redirect::to(&format!("/top-up/{}/review", cart.seal(&site)?)).into_response())
}
