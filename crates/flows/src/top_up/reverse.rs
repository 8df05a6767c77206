//! Taking a credited top-up back: what it gave is held first, and only what is whole can be held.
//!
//! [`request`] is for money that came through a provider: the hold decides against a use at the same moment, the refund
//! is asked for in the same transaction, and only the provider's word posts the hold, gives it up, or gives the value
//! back ([`step`], called by `payment/refund.rs`). [`of_float`] is for a seller's own sales: one posting, at once.

use super::advance;
use crate::payment::refund;
use crate::promotion;
use crate::request::{self, Answering, Reply, RequestKey};
use crate::world::{StepContext, World};
use anyhow::{Context, Result};
use domain::actor::Actor;
use domain::bucket::Bucket;
use domain::id::{BucketId, PartnerId, RefundId, TopUpId};
use domain::ledger::book::{self, RefundStep};
use domain::ledger::reversal::{self, Moved, WhoPaid};
use domain::ledger::{AccountId, AccountKind, Outcome, Phase, Posting, PostingKey, Purpose, Transfer};
use domain::notice::NoticeKind;
use domain::partner::Seller;
use domain::payment::PaymentState;
use domain::refund::RefundReason;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Settlement, TopUp, TopUpEvent, TopUpState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::refund::Refund;
use store::{Tx, ledger};

/// What a caller of [`request`] and [`of_float`] is told when nothing is taken back.
pub type Refused = Refusal;

/// Everything that takes a top-up back, held against whoever uses it at the same moment.
struct Taken {
    transfers: Vec<Transfer>,
    buckets: Vec<BucketId>,
}

/// What a credited top-up gave, the other way round, in `phase`; refused where it is not whole any more. The line's
/// lock and those of its accounts are held from here on.
fn take(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
    paid: &WhoPaid,
    phase: Phase,
) -> Result<std::result::Result<Taken, Refused>> {
    store::bucket::lock_line(tx, &top_up.line)?;
    let given = moved_by(tx, top_up.id.as_str(), Purpose::Credit)?;
    if given.is_empty() || given.iter().any(reversal::carried_over) {
        return Ok(Err(Refusal::NotReversible));
    }
    let own: Vec<Moved> =
        given.into_iter().filter(|moved| moved.debit.kind() != Some(AccountKind::PromotionBudget)).collect();
    let mut transfers = reversal::mirror(&own, paid, phase);
    let mut needed: BTreeMap<AccountId, i64> = BTreeMap::new();
    for t in transfers.iter().filter(|t| is_of_line(&t.debit)) {
        *needed.entry(t.debit.clone()).or_default() += t.amount;
    }
    // The promotion's part: as much of its bucket as there still is, but credit only whole, and whole where it is taken
    // back at once: who could use the bonus and have the price again would use up the budget for nothing.
    let bonus = promotion::part_taken_back(tx, top_up, phase)?;
    let (left, promised) =
        (bonus.as_ref().map_or(0, |bonus| bonus.amount), top_up.promotion.as_ref().map_or(0, |p| p.amount));
    if phase == Phase::Posted && left < promised {
        let unit = top_up.promotion.as_ref().map_or_else(String::new, |p| p.unit.to_string());
        return Ok(Err(Refusal::CreditSpent { left, given: promised, unit }));
    }
    if let Some(bonus) = bonus {
        if bonus.debit.kind() == Some(AccountKind::Credit) {
            *needed.entry(bonus.debit.clone()).or_default() += bonus.amount;
        }
        transfers.push(bonus);
    }
    // The line was given nothing here: its credit is kept elsewhere.
    if needed.is_empty() {
        return Ok(Err(Refusal::NotReversible));
    }
    let ids: BTreeSet<AccountId> = needed.keys().cloned().collect();
    let accounts = ledger::lock_accounts(tx, &ids)?;
    for (id, amount) in &needed {
        let left = accounts.get(id).map_or(0, domain::ledger::Account::available);
        if left < *amount {
            return Ok(Err(Refusal::CreditSpent {
                left: left.max(0),
                given: *amount,
                unit: id.unit().to_owned(),
            }));
        }
    }
    let buckets: BTreeSet<BucketId> = transfers
        .iter()
        .filter(|t| t.debit.kind() == Some(AccountKind::Bucket))
        .map(|t| BucketId::stored(t.debit.owner()))
        .collect();
    for bucket in &buckets {
        let ended = store::bucket::find(tx, bucket)?.is_none_or(|b| b.expires_at <= context.now);
        if ended {
            let given = needed.values().copied().max().unwrap_or(0);
            return Ok(Err(Refusal::CreditSpent { left: 0, given, unit: "ended".into() }));
        }
    }
    Ok(Ok(Taken { transfers, buckets: buckets.into_iter().collect() }))
}

fn is_of_line(account: &AccountId) -> bool {
    matches!(account.kind(), Some(AccountKind::Credit | AccountKind::Bucket))
}

/// What an applied posting moved, or holds.
fn moved_by(tx: &mut Tx<'_>, subject: &str, purpose: Purpose) -> Result<Vec<Moved>> {
    let wanted = format!("{subject} {purpose}");
    let posted = ledger::postings_about(tx, &[subject])?;
    let found = posted.into_iter().find(|p| p.key == wanted && p.outcome == "applied");
    let legs = found.map(|posting| posting.legs).unwrap_or_default();
    let kept = legs.into_iter().filter(|leg| leg.phase != Phase::VoidPending.as_str());
    Ok(kept.map(|leg| Moved { debit: leg.debit, credit: leg.credit, amount: leg.amount }).collect())
}

/// Starts to take back a top-up whose money came through a provider: the hold, the refund and its call, in the
/// caller's transaction, which records nothing else. Refused where it is not credited, or not whole any more.
pub fn request(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: &'static str,
    top_up: TopUp,
    actor: Actor,
) -> Result<std::result::Result<RefundId, Refused>> {
    let Some(payment) = store::payment::find_by_top_up(tx, &top_up.id)? else {
        return Ok(Err(Refusal::OrderClosed));
    };
    let payment = store::payment::lock(tx, &payment.id)?;
    let top_up = store::top_up::load(tx, &top_up.id)?;
    let (PaymentState::Captured, Some(paid_by)) = (payment.state, payment.captured_by.clone()) else {
        return Ok(Err(Refusal::OrderClosed));
    };
    // What the provider or the payer's bank takes back is not returned once more before people have seen it.
    if top_up.state != TopUpState::Credited || store::report::is_disputed(tx, &paid_by)? {
        return Ok(Err(Refusal::OrderClosed));
    }
    let paid = WhoPaid {
        captured: Some((book::clearing(provider, payment.amount), payment.amount.minor)),
        float: top_up.partner.as_ref().map(|partner| book::float(partner, payment.amount)),
    };
    let taken = match take(tx, context, &top_up, &paid, Phase::Pending)? {
        Ok(taken) => taken,
        Err(refused) => return Ok(Err(refused)),
    };
    let attempt = store::attempt::load(tx, &paid_by)?;
    let made = refund::of(context, provider, &payment, &attempt, RefundReason::TakenBack)?;
    let key = PostingKey::new(made.id.as_str(), Purpose::RefundHold);
    context.record(tx, &[Posting::new(key, actor.clone(), taken.transfers)])?;
    refund::start(tx, context, &made)?;
    advance(tx, context, top_up, TopUpEvent::ReversalStarted, &actor.to_string())?;
    super::announce_refund(tx, context, &made, NoticeKind::RefundStarted)?;
    Ok(Ok(made.id))
}

/// The provider's word about the refund of a top-up that is taken back, in the ledger and beside it.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: &'static str,
    refund: &Refund,
    step: RefundStep,
) -> Result<()> {
    let top_up = store::top_up::load(tx, &refund.top_up)?;
    store::bucket::lock_line(tx, &top_up.line)?;
    let held = moved_by(tx, refund.id.as_str(), Purpose::RefundHold)?;
    let (purpose, phase) = match step {
        RefundStep::Hold => anyhow::bail!("the hold of {} is made by its request", refund.id),
        RefundStep::Post => (Purpose::RefundPost, Phase::PostPending),
        RefundStep::Void => (Purpose::RefundVoid, Phase::VoidPending),
        RefundStep::Bounce => return restore(tx, context, provider, refund, &top_up, &held),
    };
    let hold = PostingKey::new(refund.id.as_str(), Purpose::RefundHold);
    let posted = ledger::postings_about(tx, &[refund.id.as_str()])?;
    let legs = posted.into_iter().find(|p| p.key == format!("{} {}", hold.subject, hold.purpose));
    let legs = legs.context("a reversal without its hold")?.legs;
    let resolve = |leg: ledger::Leg| {
        let reason = domain::ledger::Reason::parse(&leg.reason).context("an unknown reason")?;
        Ok(Transfer { debit: leg.debit, credit: leg.credit, amount: leg.amount, reason, phase })
    };
    let transfers = legs.into_iter().map(resolve).collect::<Result<Vec<_>>>()?;
    let key = PostingKey::new(refund.id.as_str(), purpose);
    let actor = Actor::Provider(provider);
    context.record(tx, &[Posting { key, actor, transfers, resolves: Some(hold) }])?;
    let buckets = buckets_of(&held);
    if step == RefundStep::Post {
        promotion::give_use_back(tx, &top_up, &|account| taken_from(&held, account))?;
        for bucket in &buckets {
            store::bucket::close(tx, bucket, context.now)?;
        }
    } else {
        for bucket in &buckets {
            store::bucket::reopen(tx, bucket, withheld_ms(refund, context))?;
        }
    }
    Ok(())
}

fn taken_from(moved: &[Moved], account: &AccountId) -> i64 {
    moved.iter().filter(|m| m.debit == *account).map(|m| m.amount).sum()
}

/// For how long nobody could use what a refund held: so much later it ends, once its owner has it again.
fn withheld_ms(refund: &Refund, context: &StepContext) -> i64 {
    (context.now.0 - refund.created_at.0).max(0)
}

fn buckets_of(moved: &[Moved]) -> Vec<BucketId> {
    let of_bucket = moved.iter().filter(|m| m.debit.kind() == Some(AccountKind::Bucket));
    of_bucket.map(|m| BucketId::stored(m.debit.owner())).collect()
}

/// The money came back to us after the provider had called it returned: its owner has the value again.
fn restore(
    tx: &mut Tx<'_>,
    context: &StepContext,
    provider: &'static str,
    refund: &Refund,
    top_up: &TopUp,
    held: &[Moved],
) -> Result<()> {
    let mut renewed: BTreeMap<AccountId, Bucket> = BTreeMap::new();
    for moved in held.iter().filter(|m| m.debit.kind() == Some(AccountKind::Bucket)) {
        let old = store::bucket::find(tx, &BucketId::stored(moved.debit.owner()))?;
        let old = old.context("a bucket that was taken back is missing")?;
        let id = BucketId::new(context.ids.as_ref(), context.now);
        let expires_at = old.expires_at.plus_ms(withheld_ms(refund, context));
        renewed.insert(moved.debit.clone(), Bucket { id, granted: moved.amount, expires_at, ..old });
    }
    let account = |old: &AccountId| {
        renewed.get(old).map_or_else(|| old.clone(), |bucket| book::bucket(&bucket.id, bucket.unit))
    };
    let transfers = reversal::restore(held, &top_up.market, account);
    let key = PostingKey::new(refund.id.as_str(), Purpose::RefundBounce);
    promotion::restore_use(tx, top_up, &renewed)?;
    context.record(tx, &[Posting::new(key, Actor::Provider(provider), transfers)])?;
    store::bucket::insert_all(tx, &renewed.values().collect::<Vec<_>>())
}

/// A seller wants one of its sales back.
pub struct FloatReversal {
    pub key: RequestKey,
    pub seller: Seller,
    pub top_up: TopUpId,
    /// For how long after the credit this seller can have it back.
    pub within_ms: i64,
    /// Writes the answer that is stored under the key.
    pub answering: Answering,
}

/// Takes a float sale back, within the seller's time and while nothing of it was used: the float has its money again when
/// this returns. The answer stays under its key.
pub async fn of_float(world: &World, wanted: FloatReversal) -> crate::error::Result<Reply> {
    let context = world.step();
    let wanted = Arc::new(wanted);
    let reply = world.db.write(move |tx| {
        let FloatReversal { key, seller, top_up, within_ms, answering } = wanted.as_ref();
        let may = |sold: &TopUp| may_undo(sold, &seller.float, *within_ms, context.now);
        request::once(tx, key, context.now, |tx| {
            let taken = take_from_float(tx, &context, top_up, &may, &seller.actor)?;
            Ok((Some(top_up.to_string()), answering(taken.as_ref())))
        })
    });
    let reply = reply.await?;
    world.wake();
    Ok(reply)
}

/// May whoever sold this from its float have it back now?
fn may_undo(
    top_up: &TopUp,
    float: &PartnerId,
    within_ms: i64,
    now: UnixMs,
) -> std::result::Result<(), Refused> {
    let Some(credited_at) = top_up.credited_at.filter(|_| top_up.partner.as_ref() == Some(float)) else {
        return Err(Refusal::OrderClosed);
    };
    if now > credited_at.plus_ms(within_ms) { Err(Refusal::TooLateToReverse) } else { Ok(()) }
}

/// Takes a credited sale from a float back in one posting, if `may` agrees to it as it stands now.
pub(crate) fn take_from_float(
    tx: &mut Tx<'_>,
    context: &StepContext,
    id: &TopUpId,
    may: &dyn Fn(&TopUp) -> std::result::Result<(), Refused>,
    actor: &Actor,
) -> Result<std::result::Result<TopUp, Refused>> {
    let top_up = store::top_up::load(tx, id)?;
    // Two requests for one top-up follow each other; what the first one did is seen by the second.
    store::bucket::lock_line(tx, &top_up.line)?;
    let top_up = store::top_up::load(tx, id)?;
    if top_up.settlement != Settlement::Float || top_up.state != TopUpState::Credited {
        return Ok(Err(Refusal::OrderClosed));
    }
    if let Err(refused) = may(&top_up) {
        return Ok(Err(refused));
    }
    let float = top_up.partner.as_ref().map(|partner| book::float(partner, top_up.prices.total));
    let paid = WhoPaid { captured: None, float };
    let taken = match take(tx, context, &top_up, &paid, Phase::Posted)? {
        Ok(taken) => taken,
        Err(refused) => return Ok(Err(refused)),
    };
    let posting =
        Posting::new(PostingKey::new(id.as_str(), Purpose::Reverse), actor.clone(), taken.transfers.clone());
    let outcomes = ledger::record(tx, &context.writer, context.now, &[posting])?;
    anyhow::ensure!(outcomes == [Outcome::Applied], "{id} was not taken back: {outcomes:?}");
    promotion::give_use_back(tx, &top_up, &|account| {
        taken.transfers.iter().filter(|t| t.debit == *account).map(|t| t.amount).sum()
    })?;
    for bucket in &taken.buckets {
        store::bucket::close(tx, bucket, context.now)?;
    }
    advance(tx, context, top_up, TopUpEvent::CreditReversed, &actor.to_string()).map(Ok)
}
