//! Usage: a record of what a line used is taken out of its buckets and its credit, whole or not at all, once for ever.
//!
//! [`spend`] is the verb. The same record has one outcome, under whichever idempotency key it comes; what is held
//! cannot be used. When somebody else took what a step had counted on, the step undoes itself and decides anew.

use crate::error::{Error, Result};
use crate::lines;
use crate::request::{self, Reply, RequestKey};
use crate::world::{StepContext, World};
use domain::actor::Actor;
use domain::bucket::Remaining;
use domain::id::UsageId;
use domain::ledger::{AccountId, Outcome, book};
use domain::line::{Keeper, Line};
use domain::money::{BasisPoints, Money};
use domain::msisdn::Msisdn;
use domain::partner::Caller;
use domain::price;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::unit::Unit;
use domain::usage::{self, Source, TaxAtUse, TaxableCredit, Usage};
use std::sync::Arc;
use store::keyring::Purpose;
use store::response::Answer;
use store::{DbError, Tx, ledger};

/// What was used, as whoever measured it says.
#[derive(Debug, Clone)]
pub struct Record {
    /// The measurer's own word for it, unique for ever.
    pub id: String,
    pub msisdn: Msisdn,
    pub unit: Unit,
    pub amount: i64,
    pub used_at: UnixMs,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcomes {
    /// Taken, from these accounts.
    Taken(Usage, Vec<store::usage::Part>),
    /// Not covered: nothing was taken. The record says what was there.
    Short(Usage),
    /// The record's word stands for another use.
    Reused,
    /// The host network keeps this line's balance, and what it used.
    Elsewhere,
    /// The line cannot use anything.
    Refused(Refusal),
}

/// Writes down what is answered, beside the key of the request.
pub type Answering = Arc<dyn Fn(&Outcomes) -> Answer + Send + Sync>;

/// A request to take what was used.
pub struct Request {
    pub key: RequestKey,
    pub caller: Caller,
    pub record: Record,
    pub answering: Answering,
}

/// How often a step that was overtaken decides anew.
const TRIES_MAX: u32 = 20;

/// Somebody else took what this step had counted on: it is undone and run again.
#[derive(Debug, thiserror::Error)]
#[error("what was there was taken by somebody else")]
struct Overtaken;

/// Takes what was used, or answers as the same request or the same record was answered.
pub async fn spend(world: &World, request: Request) -> Result<Reply> {
    let hashes = world.keyring.hashes(Purpose::Msisdn, request.record.msisdn.digits());
    let request = Arc::new(request);
    for _ in 0..TRIES_MAX {
        let (context, request, hashes) = (world.step(), request.clone(), hashes.clone());
        match world.db.write(move |tx| answer(tx, &context, &request, &hashes)).await {
            Ok(sold) => return Ok(sold),
            Err(DbError::Failed(error)) if error.downcast_ref::<Overtaken>().is_some() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

fn answer(
    tx: &mut Tx<'_>,
    context: &StepContext,
    request: &Request,
    hashes: &[String],
) -> anyhow::Result<Reply> {
    request::once(tx, &request.key, context.now, |tx| {
        let outcome = decide(tx, context, request, hashes)?;
        let subject = match &outcome {
            Outcomes::Taken(usage, _) | Outcomes::Short(usage) => Some(usage.id.to_string()),
            Outcomes::Reused | Outcomes::Elsewhere | Outcomes::Refused(_) => None,
        };
        Ok((subject, (request.answering)(&outcome)))
    })
}

fn decide(
    tx: &mut Tx<'_>,
    context: &StepContext,
    request: &Request,
    hashes: &[String],
) -> anyhow::Result<Outcomes> {
    let Request { record, caller, .. } = request;
    let word = format!("{}/{}", caller.partner, record.id);
    let line = store::line::find(tx, hashes)?;
    if let Some(line) = &line {
        // Whatever else takes from this line, or gives to it, waits here, and so do copies of this record.
        store::bucket::lock_line(tx, &line.id)?;
    }
    if let Some(earlier) = store::usage::find(tx, &word)? {
        return Ok(again(earlier, record, line.as_ref()));
    }
    let line = match line.ok_or(Refusal::LineUnknown).and_then(|line| {
        lines::payable(line.status)?;
        Ok(line)
    }) {
        Ok(line) => line,
        Err(refusal) => return Ok(Outcomes::Refused(refusal)),
    };
    if line.keeper == Keeper::Network {
        return Ok(Outcomes::Elsewhere);
    }
    if matches!(record.unit, Unit::Money(currency) if currency != line.currency) {
        return Ok(Outcomes::Refused(Refusal::CurrencyMismatch));
    }
    let usage = Usage {
        id: UsageId::new(context.ids.as_ref(), context.now),
        record: word,
        line: line.id.clone(),
        unit: record.unit,
        amount: record.amount,
        used_at: record.used_at,
        recorded_at: context.now,
        short_of: None,
    };
    let actor = caller.actor();
    take(tx, context, &line, usage, actor)
}

/// The record stands already: the same use has the same outcome.
fn again((usage, parts): (Usage, Vec<store::usage::Part>), record: &Record, line: Option<&Line>) -> Outcomes {
    let same = line.is_some_and(|line| line.id == usage.line)
        && (usage.unit, usage.amount, usage.used_at) == (record.unit, record.amount, record.used_at);
    match (same, usage.short_of) {
        (false, _) => Outcomes::Reused,
        (true, Some(_)) => Outcomes::Short(usage),
        (true, None) => Outcomes::Taken(usage, parts),
    }
}

/// Decides from what there is, and writes record and posting. The ledger has the last word: its floors hold whatever
/// happened since the buckets were read.
fn take(
    tx: &mut Tx<'_>,
    context: &StepContext,
    line: &Line,
    usage: Usage,
    actor: Actor,
) -> anyhow::Result<Outcomes> {
    let (now, unit) = (context.now, usage.unit);
    let mut buckets = store::bucket::list_valid(tx, &line.id, now)?;
    buckets.retain(|remaining| remaining.bucket.unit == unit);
    let credit = match unit {
        Unit::Money(currency) => {
            let account = book::line_credit(&line.id, Money::zero(currency));
            ledger::balance(tx, &account)?.available
        }
        Unit::Octets | Unit::Seconds | Unit::Messages => 0,
    };
    let taken = match usage::take(&buckets, credit, usage.amount, now) {
        Ok(taken) => taken,
        Err(there) => {
            let usage = Usage { short_of: Some(there), ..usage };
            anyhow::ensure!(store::usage::insert(tx, &usage)?, Overtaken);
            return Ok(Outcomes::Short(usage));
        }
    };
    anyhow::ensure!(store::usage::insert(tx, &usage)?, Overtaken);
    let mut parts: Vec<_> = taken.iter().map(|(source, n)| (account(line, unit, source), *n)).collect();
    parts.sort();
    let due = tax_due(tx, line, unit, &taken)?;
    let posting = book::usage(&usage.record, unit, &parts, actor);
    let posting = match due {
        Some(due) => book::with_tax_at_use(posting, &line.market, &line.id, unit, due),
        None => posting,
    };
    let outcomes = ledger::record(tx, &context.writer, now, std::slice::from_ref(&posting))?;
    match outcomes.first() {
        Some(Outcome::Applied) => {}
        Some(Outcome::Refused(_)) => return Err(Overtaken.into()),
        Some(Outcome::AppliedBefore | Outcome::Conflict) | None => {
            anyhow::bail!("the usage {} stands in the ledger without its record", usage.id);
        }
    }
    store::usage::insert_parts(tx, &usage.id, &parts)?;
    if let Some(due) = due {
        store::usage::insert_tax(tx, &usage.id, due)?;
    }
    start(tx, &buckets, &taken, now)?;
    Ok(Outcomes::Taken(usage, parts))
}

/// The tax that falls due because credit of a multi-purpose voucher is used: by what the market taxes now.
fn tax_due(
    tx: &mut Tx<'_>,
    line: &Line,
    unit: Unit,
    taken: &[(Source, i64)],
) -> anyhow::Result<Option<TaxAtUse>> {
    let from_credit = taken.iter().find(|(source, _)| *source == Source::Credit);
    let (Unit::Money(currency), Some((_, used))) = (unit, from_credit) else { return Ok(None) };
    let mut left = |account: AccountId| anyhow::Ok(ledger::balance(tx, &account)?.available);
    let before = TaxableCredit {
        credit: left(book::line_credit(&line.id, Money::zero(currency)))?,
        taxable: left(book::taxable_credit(&line.id, unit))?,
        taxed: left(book::taxed_credit(&line.id, unit))?,
    };
    if before.taxable <= 0 {
        return Ok(None);
    }
    let market = store::market::list(tx)?.into_iter().find(|market| market.country == line.market);
    let rate = market.map_or(BasisPoints(0), |market| price::tax_rate(&market.taxes));
    Ok(usage::tax_at_use(Money::new(*used, currency), before, rate))
}

fn account(line: &Line, unit: Unit, source: &Source) -> AccountId {
    match source {
        Source::Bucket(id) => book::bucket(id, unit),
        Source::Credit => AccountId::new(domain::ledger::AccountKind::Credit, line.id.as_str(), unit),
    }
}

/// Buckets that waited for their first use begin with it.
fn start(tx: &mut Tx<'_>, buckets: &[Remaining], taken: &[(Source, i64)], now: UnixMs) -> anyhow::Result<()> {
    for Remaining { bucket, .. } in buckets {
        let used = taken.iter().any(|(source, _)| *source == Source::Bucket(bucket.id.clone()));
        if let Some(started) = bucket.on_first_use(now).filter(|_| used) {
            // Somebody else's first use in the same moment began it already.
            anyhow::ensure!(store::bucket::start(tx, &started)?, Overtaken);
        }
    }
    Ok(())
}
