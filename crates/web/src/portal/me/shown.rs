//! What the pages of the personal centre, and the counter, show of a balance.

use crate::site::Reader;
use domain::bucket::Remaining;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use flows::balance::{self, LineBalance, Source};
use flows::catalogue::Loaded;
use render::view::{Alert, BucketBar, Ends, Known, LineCard, Quantity, Repeat};
use store::account::subscriber_line::OwnLine;

/// The last top-up of a line, and what it is called.
pub type Last = Option<(TopUp, domain::offer::Offer)>;

/// A line as its owner sees it.
pub fn card(
    catalogue: &Loaded,
    reader: &Reader,
    own: &OwnLine,
    balance: &LineBalance,
    last: &Last,
) -> LineCard {
    let can_top_up = flows::lines::payable(own.status).is_ok();
    let repeat = last.as_ref().filter(|_| can_top_up);
    LineCard {
        id: own.line.to_string(),
        label: own.label.clone(),
        can_top_up,
        repeat: repeat.map(|(_, offer)| Repeat { offer_name: offer.name_in(reader.locale).to_owned() }),
        ..bare(catalogue, reader, balance)
    }
}

/// A line as somebody sees it who has no account with it.
pub fn bare(catalogue: &Loaded, reader: &Reader, balance: &LineBalance) -> LineCard {
    let (line, now) = (&balance.line, balance.as_of);
    let market = catalogue.market(&line.market);
    let traced = balance.source == Source::Ours;
    let bar = |remaining: &Remaining| BucketBar { traced, ..bar(catalogue, reader, remaining, now) };
    LineCard {
        id: String::new(),
        label: String::new(),
        last4: line.last4.clone(),
        status: line.status.as_str().to_owned(),
        can_top_up: false,
        money: balance.money,
        known: known(balance.source, now),
        buckets: balance.buckets.iter().map(bar).collect(),
        repeat: None,
        as_of: now,
        zone: market.map_or("UTC", |market| market.seller.time_zone.as_str()).to_owned(),
    }
}

/// What the network said a moment ago is as good as now.
const FRESH_MS: i64 = 60_000;

fn known(source: Source, now: UnixMs) -> Known {
    match source {
        Source::Ours => Known::Now,
        Source::Network { known_at: Some(at) } if now.0 - at.0 < FRESH_MS => Known::Now,
        Source::Network { known_at: Some(at) } => Known::Before { at },
        Source::Network { known_at: None } => Known::Never,
    }
}

fn bar(catalogue: &Loaded, reader: &Reader, remaining: &Remaining, now: UnixMs) -> BucketBar {
    let bucket = &remaining.bucket;
    let name = |id: &str| {
        catalogue.zone(id).map_or_else(|| id.to_owned(), |zone| zone.name_in(reader.locale).to_owned())
    };
    BucketBar {
        id: bucket.id.to_string(),
        name: catalogue.name_of(bucket, reader.locale),
        unit: bucket.unit,
        left: Quantity::of(bucket.unit, remaining.amount),
        granted: Quantity::of(bucket.unit, bucket.granted),
        left_amount: remaining.amount,
        granted_amount: bucket.granted,
        ends: Ends::of(bucket.expires_at, now),
        traced: true,
        waits: bucket.waits(),
        zone: bucket.zone.as_deref().map(name),
        alert: balance::alert(remaining, now).map(|alert| match alert {
            balance::Alert::UsedUp => Alert::UsedUp,
            balance::Alert::EndsSoon => Alert::EndsSoon,
            balance::Alert::Low => Alert::Low,
        }),
    }
}
