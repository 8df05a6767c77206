//! A sale in training: the screens of a sale to the end, and nothing of it is real.
//!
//! It is a path of its own, and not a switch in the real one: what cannot reach the ledger, the till, commission,
//! messages, the card reader or the host network needs nobody to remember a switch there. It shares what it teaches, the
//! price, the limits, what is handed over and the key, and writes two rows: the outcome under the request's key, and a
//! line in the journal. The real path refuses whoever is in training ([`crate::top_up::sell`]).

use super::At;
use super::journal::{self, Note};
use super::sale::{CounterSale, agreed};
use crate::agents::selling::{self, Today};
use crate::error::{Error, Result};
use crate::request::{self, Reply, RequestKey};
use crate::top_up::quote::{self, Quote};
use crate::top_up::sell::Wanted;
use crate::world::{StepContext, World};
use domain::counter::CounterRefusal;
use domain::counter_journal::JournalEvent;
use domain::id::OfferVersionId;
use domain::money::Money;
use domain::refusal::Refusal;
use domain::tender::{self, Tender};
use domain::time::UnixMs;
use domain::top_up::Channel;
use std::sync::Arc;
use store::Tx;
use store::response::Answer;

/// What was pretended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    pub offer: OfferVersionId,
    pub last4: String,
    pub total: Money,
    pub tenders: Vec<Tender>,
    pub at: UnixMs,
}

/// The same as it is kept under the key.
type Kept = std::result::Result<(OfferVersionId, String, Money, Vec<Tender>, i64), Refusal>;

/// What a sale in training came to.
pub type Outcome = std::result::Result<Rehearsed, Refusal>;

/// What is said of a press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Outcome {
        outcome: Outcome,
        again: bool,
    },
    /// The key was used for another sale.
    KeyReused,
    /// The outcome was too long ago to be told here.
    Gone,
}

/// In the column of statuses: neither sold nor refused.
const IN_TRAINING: i64 = 2;

/// Keys of training are no keys of sales.
fn key_of(at: &At, key: &str, agreed: &str) -> RequestKey {
    RequestKey::of(&format!("{}/training", at.device.id), key, agreed.as_bytes())
}

/// Pretends to sell, or says what was pretended under the same key before.
pub async fn sell(world: &Arc<World>, sale: CounterSale) -> Result<Told> {
    let CounterSale { at, key, wanted, tenders } = sale;
    let key = key_of(&at, &key, &agreed(&wanted, &tenders));
    let quoted = price(world, &wanted).await?;
    let (context, sealing) = (world.step(), world.clone());
    let reply = world.db.write(move |tx| {
        request::once(tx, &key, context.now, |tx| {
            let outcome = match &quoted {
                Ok(quote) => pretend(tx, &context, &at, (quote, &tenders))?,
                Err(refusal) => Err(refusal.clone()),
            };
            if let Ok(rehearsed) = &outcome {
                let note = Note::of(&at, JournalEvent::Rehearsed);
                journal::write(tx, &context, &note.sold(&rehearsed.last4, rehearsed.total))?;
            }
            let kept: Kept = outcome.map(|r| (r.offer, r.last4, r.total, r.tenders, r.at.0));
            Ok((None, Answer::new(&sealing.keyring, IN_TRAINING, &serde_json::to_string(&kept)?)))
        })
    });
    told(world, reply.await?)
}

/// What was pretended under a key of this device; `None`: it never came.
pub async fn look(world: &World, at: &At, key: &str) -> Result<Option<Told>> {
    let id = key_of(at, key, "").id;
    let found = world.db.read(move |tx| store::response::find(tx, &id)).await?;
    let answer = found.and_then(|found| found.answer);
    answer.map(|answer| told(world, Reply::Replayed(answer))).transpose()
}

fn told(world: &World, reply: Reply) -> Result<Told> {
    let (answer, again) = match reply {
        Reply::Answered(answer) => (answer, false),
        Reply::Replayed(answer) => (answer, true),
        Reply::KeyReused | Reply::InFlight => return Ok(Told::KeyReused),
    };
    let body = answer.body(&world.keyring)?;
    let kept = body.map(|body| serde_json::from_str::<Kept>(&body)).transpose();
    let Some(kept) = kept.map_err(anyhow::Error::from)? else { return Ok(Told::Gone) };
    let outcome = kept.map(|(offer, last4, total, tenders, at)| {
        let at = UnixMs(at);
        Rehearsed { offer, last4, total, tenders, at }
    });
    Ok(Told::Outcome { outcome, again })
}

async fn price(world: &World, wanted: &Wanted) -> Result<std::result::Result<Quote, Refusal>> {
    let quoted = async {
        let line = crate::lines::find_payable(world, &wanted.msisdn).await?;
        quote::price(world, line, &wanted.offer, wanted.amount, Channel::Agent).await
    };
    match quoted.await {
        Ok(quote) => Ok(match wanted.expected_total {
            Some(expected) => quote::keep_total(quote, expected),
            None => Ok(quote),
        }),
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}

/// What the real sale asks of its counter, but for the float and the till: one learns before there is money in either.
fn pretend(
    tx: &mut Tx<'_>,
    context: &StepContext,
    at: &At,
    (quote, tenders): (&Quote, &[Tender]),
) -> anyhow::Result<Outcome> {
    let refused = |refusal: CounterRefusal| Ok(Err(Refusal::Counter(refusal)));
    let standing = match selling::may_sell(tx, at.place())? {
        Ok(standing) => standing,
        Err(why) => return refused(CounterRefusal::Outlet(why)),
    };
    if !standing.terms.offers.allows(&quote.offer.id) {
        return refused(CounterRefusal::OfferNotAllowed);
    }
    if let Err(why) = tender::check(quote.prices.total, tenders) {
        return refused(CounterRefusal::Tenders(why));
    }
    let today = Today::of(context, &standing.outlet.facts.time_zone);
    let within = selling::within_limits(tx, &standing, &at.clerk.id, quote.prices.value, &today)?;
    if let Err(why) = within {
        return refused(CounterRefusal::OverLimit(why));
    }
    Ok(Ok(Rehearsed {
        offer: quote.offer.version_id.clone(),
        last4: quote.line.last4.clone(),
        total: quote.prices.total,
        tenders: tenders.to_vec(),
        at: context.now,
    }))
}
