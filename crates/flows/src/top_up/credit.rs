//! Credit: what was bought arrives on the line. One posting, once per top-up, for ever.

use super::quote;
use crate::lines;
use crate::world::StepContext;
use anyhow::Result;
use domain::actor::Actor;
use domain::bucket::Bucket;
use domain::id::{BucketId, Ids, LineId, TopUpId};
use domain::ledger::Posting;
use domain::ledger::book::{self, Grant, Payer, Sale};
use domain::offer::Benefit;
use domain::time::UnixMs;
use domain::top_up::TopUp;
use store::Tx;

/// The buckets that a bundle grants when it is credited now.
pub(crate) fn buckets(
    benefit: &Benefit,
    line: &LineId,
    source: &TopUpId,
    ids: &dyn Ids,
    now: UnixMs,
) -> Vec<Bucket> {
    let Benefit::Bundle { allowances, .. } = benefit else { return Vec::new() };
    let expires_at = quote::ends(benefit, now).unwrap_or(now);
    allowances
        .iter()
        .map(|allowance| Bucket {
            id: BucketId::new(ids, now),
            line: line.clone(),
            unit: allowance.unit,
            granted: allowance.amount,
            valid_from_at: now,
            expires_at,
            priority: 0,
            source: source.clone(),
        })
        .collect()
}

pub(crate) fn grants(buckets: &[Bucket]) -> Vec<Grant> {
    let grant = |b: &Bucket| Grant { bucket: b.id.clone(), unit: b.unit, amount: b.granted };
    buckets.iter().map(grant).collect()
}

/// What crediting a top-up writes: its posting, and the buckets beside it.
pub(crate) struct Credit {
    pub posting: Posting,
    pub buckets: Vec<Bucket>,
}

/// The credit of a top-up whose money was captured, for the caller to post together with the capture. `None`: the
/// credit is known to be refused.
pub(crate) fn of_captured(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    actor: Actor,
) -> Result<Option<Credit>> {
    let line = store::line::load(tx, &top_up.line)?;
    if lines::payable(line.status).is_err() {
        return Ok(None);
    }
    let offer = store::offer::load_version(tx, &top_up.offer_version)?;
    let buckets = buckets(&offer.benefit, &top_up.line, &top_up.id, context.ids.as_ref(), context.now);
    let sale = Sale {
        top_up: &top_up.id,
        market: &top_up.market,
        line: &top_up.line,
        prices: &top_up.prices,
        benefit: &offer.benefit,
        grants: &grants(&buckets),
        payer: Payer::Captured,
    };
    let posting = book::credit(&sale, actor)?;
    Ok(Some(Credit { posting, buckets }))
}
