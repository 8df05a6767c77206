//! Credit: what was bought arrives on the line. One posting, once per top-up, for ever.

use super::network;
use crate::agents::commission::Earned;
use crate::counter::card;
use crate::promotion;
use crate::world::StepContext;
use anyhow::Result;
use domain::actor::Actor;
use domain::bucket::{self, Bucket, Granting, Move, Purchase, Remaining};
use domain::id::{Ids, LineId, TopUpId};
use domain::ledger::book::{self, Grant, Payer, Sale};
use domain::ledger::{Account, Posting, agents};
use domain::line::{Keeper, LineStatus};
use domain::money::Money;
use domain::offer::{Benefit, Expiry, Offer};
use domain::refund::RefundReason;
use domain::time::UnixMs;
use domain::top_up::{TopUp, TopUpEvent};
use store::Tx;
use store::network_credit::NetworkCredit;

/// What a purchase does to the buckets of its line. Where a rest moves, it is decided under the line's lock and those
/// of its buckets, in the step that records it: a use or another purchase comes before or after, never between.
pub(crate) fn grant(
    tx: &mut Tx<'_>,
    offer: &Offer,
    purchase: Purchase<'_>,
    ids: &dyn Ids,
) -> Result<Granting> {
    let present = if moves_rests(offer) { rests(tx, purchase.line, purchase.now)? } else { Vec::new() };
    Ok(bucket::grant(offer, &present, purchase, ids))
}

/// Does what the line has of this offer's family move when it is bought again?
pub(crate) fn moves_rests(offer: &Offer) -> bool {
    match offer.expiry {
        Expiry::NewBucket => false,
        Expiry::Extend | Expiry::LatestOf | Expiry::Restart => offer.benefit != Benefit::Credit,
    }
}

/// The buckets of a line with what is left in them, locked.
fn rests(tx: &mut Tx<'_>, line: &LineId, now: UnixMs) -> Result<Vec<Remaining>> {
    store::bucket::lock_line(tx, line)?;
    let listed = store::bucket::list_valid(tx, line, now)?;
    let account = |r: &Remaining| book::bucket(&r.bucket.id, r.bucket.unit);
    let accounts = store::ledger::lock_accounts(tx, &listed.iter().map(account).collect())?;
    let locked = |r: Remaining| {
        let amount = accounts.get(&account(&r)).map_or(0, Account::available);
        Remaining { amount, ..r }
    };
    Ok(listed.into_iter().map(locked).collect())
}

/// Adds how much of what is credited owes its tax at its use.
pub(crate) fn taxed_later(
    credit: Posting,
    offer: &Offer,
    value: Money,
    (market, line): (&str, &LineId),
) -> Posting {
    if offer.taxed_later() { book::with_tax_later(credit, market, line, value) } else { credit }
}

/// What a bundle puts into its buckets anew.
pub(crate) fn grants(granting: &Granting) -> Vec<Grant> {
    let grant = |(b, anew): &(Bucket, i64)| Grant { bucket: b.id.clone(), unit: b.unit, amount: *anew };
    granting.buckets.iter().map(grant).collect()
}

/// Writes the buckets beside a posting that was recorded.
pub(crate) fn write(tx: &mut Tx<'_>, buckets: &[Bucket], moves: &[Move], now: UnixMs) -> Result<()> {
    store::bucket::insert_all(tx, &buckets.iter().collect::<Vec<_>>())?;
    store::bucket::close_moved(tx, &moves.iter().map(|m| &m.from).collect::<Vec<_>>(), now)
}

/// Why the money of a line of this status goes back; `None` when the line is topped up.
pub(super) fn refused(status: LineStatus) -> Option<RefundReason> {
    match status {
        LineStatus::Active => None,
        LineStatus::Barred => Some(RefundReason::LineBarred),
        LineStatus::Closed => Some(RefundReason::LineClosed),
        LineStatus::PortedOut => Some(RefundReason::LinePortedOut),
    }
}

/// What crediting a top-up writes: its posting, and the buckets beside it.
pub(crate) struct Credit {
    pub posting: Posting,
    pub buckets: Vec<Bucket>,
    /// The rests that the posting moves.
    pub moves: Vec<Move>,
    /// What a counter earns by it, where a card paid there.
    pub earned: Option<Earned>,
}

/// How captured money becomes credit.
pub(crate) enum Delivery {
    /// Here and now.
    Here(Credit),
    /// By the host network, which keeps the line's balance and is asked for it.
    Network(NetworkCredit),
}

/// Records what must stand together with the credit, and the credit itself or the request for it. Says what happens to
/// the order.
pub(crate) fn deliver(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUpId,
    mut postings: Vec<Posting>,
    delivery: Delivery,
) -> Result<TopUpEvent> {
    match delivery {
        Delivery::Here(credit) => {
            postings.push(credit.posting);
            context.record(tx, &postings)?;
            write(tx, &credit.buckets, &credit.moves, context.now)?;
            if let Some(earned) = &credit.earned {
                card::book(tx, context, top_up, earned)?;
            }
            Ok(TopUpEvent::CreditGiven)
        }
        Delivery::Network(asked) => {
            context.record(tx, &postings)?;
            network::start(tx, context, &asked)?;
            Ok(TopUpEvent::PaymentCaptured)
        }
    }
}

/// The credit of a top-up whose money was captured, for the caller to post together with the capture; or why
/// the credit is refused.
pub(crate) fn of_captured(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    actor: Actor,
) -> Result<std::result::Result<Delivery, RefundReason>> {
    let line = store::line::load(tx, &top_up.line)?;
    if let Some(reason) = refused(line.status) {
        return Ok(Err(reason));
    }
    let offer = store::offer::load_version(tx, &top_up.offer_version)?;
    if line.keeper == Keeper::Network {
        return Ok(Ok(Delivery::Network(network::prepare(context, top_up, &offer)?)));
    }
    let purchase = Purchase { line: &top_up.line, source: &top_up.id, now: context.now };
    let granting = grant(tx, &offer, purchase, context.ids.as_ref())?;
    let sale = Sale {
        top_up: &top_up.id,
        market: &top_up.market,
        line: &top_up.line,
        prices: &top_up.prices,
        benefit: &offer.benefit,
        grants: &grants(&granting),
        payer: Payer::Captured,
        network: None,
    };
    let posting = book::with_moves(book::credit(&sale, actor)?, &granting.moves);
    let posting = taxed_later(posting, &offer, top_up.prices.value, (&top_up.market, &top_up.line));
    let earned = card::earned(tx, context, top_up)?;
    let posting = match &earned {
        Some(earned) => agents::with_commission(posting, &top_up.market, &earned.partner, earned.amount),
        None => posting,
    };
    let buckets = granting.buckets.into_iter().map(|(bucket, _)| bucket).collect();
    let credit = Credit { posting, buckets, moves: granting.moves, earned };
    Ok(Ok(Delivery::Here(promotion::give_promised(tx, context, top_up, credit)?)))
}
