//! The fiscal port: every sale at a counter that stands, and every one that is taken back, is signed by the market's
//! fiscal device, where it has one. That it is owed is written in the transaction of the sale; the device is asked
//! afterwards, by work of its own, and holds nothing up. A lost reply becomes a question, never a second signature.
//!
//! [`sold`], [`sold_all`] and [`taken_back`] write down what is owed; [`run`] asks.

use crate::error::Result;
use crate::work::Done;
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::fiscal::{
    FiscalCounts, FiscalFacts, FiscalKind, FiscalLine, FiscalMark, FiscalSignature, FiscalState, FiscalTax,
};
use domain::id::{FiscalId, PlaceId, ShiftId, TopUpId};
use domain::money::Money;
use domain::tender::Tender;
use domain::time::{MINUTE_MS, SECOND_MS};
use domain::top_up::{Channel, TopUp, TopUpState};
use gateways::fiscal::{FiscalDevice, Found, Signing};
use store::outbox::{self, NewWork, Topic, Work};
use store::{Tx, fiscal};

/// How long to wait before each next try; the last one repeats.
const AGAIN_MS: [i64; 5] = [2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS];
/// For so long the first paper of a sale waits for its signature: a device answers sooner, or not at all for a while.
const PAPER_WAITS_MS: i64 = 3 * SECOND_MS;
/// Unsigned transactions that a page lists.
const LISTED: i64 = 100;

/// Where a sale was made.
pub(crate) struct SoldIn<'a> {
    pub top_up: &'a TopUp,
    pub place: &'a PlaceId,
    pub shift: &'a ShiftId,
}

/// Sales at counters that stand from this transaction on: their signatures are owed, where their market has a device.
pub(crate) fn sold_all(tx: &mut Tx<'_>, context: &StepContext, sold: &[SoldIn<'_>]) -> anyhow::Result<()> {
    let stands =
        |sold: &&SoldIn<'_>| sold.top_up.state == TopUpState::Credited && signs(context, sold.top_up);
    let owed = sold.iter().filter(stands).map(|sold| owed(context, sold, FiscalKind::Sale));
    owe(tx, context, &owed.collect::<Vec<_>>())
}

/// The same for a sale that was begun before: a card has paid, or the host network has given.
pub(crate) fn sold(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUp) -> anyhow::Result<()> {
    if !signs(context, top_up) || !fiscal::of_sale(tx, &top_up.id)?.is_empty() {
        return Ok(());
    }
    owe_of(tx, context, top_up, FiscalKind::Sale)
}

/// A sale that was, or will be, signed does not stand any more: that is a transaction of its own.
pub(crate) fn taken_back(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUp) -> anyhow::Result<()> {
    if top_up.channel != Channel::Agent {
        return Ok(());
    }
    match fiscal::of_sale(tx, &top_up.id)?.as_slice() {
        [sale] if sale.kind == FiscalKind::Sale => owe_of(tx, context, top_up, FiscalKind::Reversal),
        _ => Ok(()),
    }
}

fn signs(context: &StepContext, top_up: &TopUp) -> bool {
    top_up.channel == Channel::Agent && context.fiscal.of(&top_up.market).is_some()
}

/// It belongs to the shift that the till is in by now.
fn owe_of(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUp, kind: FiscalKind) -> anyhow::Result<()> {
    let handed_over = store::tender::of_sale(tx, &top_up.id)?;
    let Some(first) = handed_over.first() else { return Ok(()) };
    let shift = crate::counter::card::shift_now(tx, first)?;
    let sold = SoldIn { top_up, place: &first.place, shift: &shift };
    owe(tx, context, &[owed(context, &sold, kind)])
}

fn owed(context: &StepContext, sold: &SoldIn<'_>, kind: FiscalKind) -> FiscalSignature {
    FiscalSignature {
        id: FiscalId::new(context.ids.as_ref(), context.now),
        top_up: sold.top_up.id.clone(),
        kind,
        market: sold.top_up.market.clone(),
        place: sold.place.clone(),
        shift: sold.shift.clone(),
        state: FiscalState::Waiting,
        tries: 0,
        refusal: None,
        evidence: None,
        created_at: context.now,
        state_at: context.now,
    }
}

fn owe(tx: &mut Tx<'_>, context: &StepContext, owed: &[FiscalSignature]) -> anyhow::Result<()> {
    if owed.is_empty() {
        return Ok(());
    }
    fiscal::insert_all(tx, owed)?;
    let work = |owed: &FiscalSignature| NewWork {
        detail: Some(owed.id.to_string()),
        ..NewWork::due(Topic::Fiscal, owed.top_up.as_str(), context.now)
    };
    let work: Vec<NewWork> = owed.iter().map(work).collect();
    outbox::push_all(tx, &work, context.ids.as_ref(), context.now)
}

/// Asks the device for the signature that a piece of work names. One that people open again after a refusal is asked for
/// again, under the same key.
pub(crate) async fn run(world: &World, work: &Work) -> Result<Done> {
    let id = FiscalId::stored(work.detail.clone().context("fiscal work names its signature")?);
    let Some((asked_before, facts, market)) = begin(world, &id).await? else { return Ok(Done::Finished) };
    let Some(device) = world.fiscal.of(&market) else {
        return Ok(Done::GivenUp(format!("no fiscal device is set up for {market}")));
    };
    let signing = ask(device.as_ref(), &facts, asked_before).await;
    store::fail::point("fiscal.after_sign");
    let now = world.now();
    let (word, done) = match &signing {
        Signing::Signed(_) => ("signed", Done::Finished),
        Signing::Refused { code, detail } => {
            tracing::error!(signature = %id, code, detail, "the fiscal device refused to sign");
            ("refused", Done::GivenUp(format!("the fiscal device refused: {code}")))
        }
        Signing::Unknown { why } => {
            tracing::warn!(signature = %id, why, "the fiscal device gave no answer");
            let step = usize::try_from(work.attempts - 1).unwrap_or(0).min(AGAIN_MS.len() - 1);
            ("unknown", Done::At(now.plus_ms(AGAIN_MS[step])))
        }
    };
    metrics::counter!("recarga_fiscal_answers_total", "answer" => word).increment(1);
    let written = world.db.write(move |tx| match &signing {
        Signing::Signed(evidence) => fiscal::sign(tx, &id, evidence, now).map(|_| ()),
        Signing::Refused { code, .. } => fiscal::refuse(tx, &id, code, now),
        Signing::Unknown { .. } => Ok(()),
    });
    written.await?;
    Ok(done)
}

/// What was asked for before is asked about first.
async fn ask(device: &dyn FiscalDevice, facts: &FiscalFacts, asked_before: bool) -> Signing {
    if asked_before {
        match device.find(&facts.key).await {
            Found::Signed(evidence) => return Signing::Signed(evidence),
            Found::Unknown { why } => return Signing::Unknown { why },
            Found::Absent => {}
        }
    }
    device.sign(facts).await
}

/// Writes down that the device is asked, before it is. Says whether it may have been asked before, what it is told, and
/// in which market; nothing where it has signed already.
async fn begin(world: &World, id: &FiscalId) -> Result<Option<(bool, FiscalFacts, String)>> {
    let id = id.clone();
    let begun = world.db.write(move |tx| {
        let found = fiscal::find(tx, &id)?;
        let Some(found) = found.filter(|found| found.state != FiscalState::Signed) else { return Ok(None) };
        // What was told once is told the same way for ever, whatever the outlet is called by then.
        let facts = match fiscal::facts(tx, &id)? {
            Some(facts) => facts,
            None => facts_of(tx, &found)?,
        };
        let begun = fiscal::begin(tx, &id, &facts)?;
        Ok(begun.then_some((found.tries > 0, facts, found.market)))
    });
    Ok(begun.await?)
}

fn facts_of(tx: &mut Tx<'_>, owed: &FiscalSignature) -> anyhow::Result<FiscalFacts> {
    let top_up = store::top_up::load(tx, &owed.top_up)?;
    let offer = store::offer::load_version(tx, &top_up.offer_version)?;
    let outlet = store::outlet::find(tx, &owed.place)?.context("a sale without its outlet")?;
    let shift = store::shift::find(tx, &owed.place, &owed.shift)?.context("a sale without its shift")?;
    let sale = fiscal::of_sale(tx, &owed.top_up)?.into_iter().find(|one| one.kind == FiscalKind::Sale);
    let sign = if owed.kind == FiscalKind::Reversal { -1 } else { 1 };
    let prices = &top_up.prices;
    let mut lines =
        vec![FiscalLine { text: offer.name_in(top_up.locale).to_owned(), minor: sign * prices.value.minor }];
    if !prices.fee.is_zero() {
        lines.push(FiscalLine { text: "fee".to_owned(), minor: sign * prices.fee.minor });
    }
    // Credit that is taxed when it is used has no tax in its sale; a fee beside it has.
    let taxed = if offer.taxed_later() { prices.fee.minor } else { prices.total.minor };
    let tax = FiscalTax {
        basis_points: prices.tax_rate.0,
        gross_minor: sign * taxed,
        tax_minor: sign * prices.tax.minor,
    };
    let handed_over = store::tender::of_sale(tx, &owed.top_up)?.into_iter();
    let handed_over = handed_over.filter(|taken| taken.taken && taken.tender.amount.minor > 0);
    let tender = |taken: store::tender::Taken| {
        let amount = taken.tender.amount;
        Tender { amount: Money::new(sign * amount.minor, amount.currency), given: None, ..taken.tender }
    };
    Ok(FiscalFacts {
        key: owed.id.clone(),
        kind: owed.kind,
        reverses: sale.filter(|_| owed.kind == FiscalKind::Reversal).map(|sale| sale.id),
        receipt: top_up.code,
        outlet_number: outlet.facts.number,
        outlet_name: outlet.facts.name,
        till: shift.device.to_string(),
        shift: owed.shift.clone(),
        at: owed.created_at,
        currency: prices.total.currency.code().to_owned(),
        lines,
        taxes: if taxed == 0 { Vec::new() } else { vec![tax] },
        tenders: handed_over.map(tender).collect(),
        total_minor: sign * prices.total.minor,
    })
}

/// What a receipt tells of the signatures of its sale.
pub(crate) fn marks(tx: &mut Tx<'_>, top_up: &TopUpId) -> anyhow::Result<Vec<FiscalMark>> {
    let mark = |one: FiscalSignature| FiscalMark { kind: one.kind, state: one.state, evidence: one.evidence };
    Ok(fiscal::of_sale(tx, top_up)?.into_iter().map(mark).collect())
}

/// Is the signature of a sale on its way, so that its first paper had better wait a moment? The sale itself never waits.
pub(crate) async fn delays_paper(world: &World, top_up: &TopUp) -> Result<bool> {
    if world.fiscal.of(&top_up.market).is_none() {
        return Ok(false);
    }
    let (id, now) = (top_up.id.clone(), world.now());
    let read = world.db.read(move |tx| {
        let soon = |one: &FiscalSignature| {
            one.state == FiscalState::Waiting && now < one.created_at.plus_ms(PAPER_WAITS_MS)
        };
        Ok(fiscal::of_sale(tx, &id)?.iter().any(soon))
    });
    Ok(read.await?)
}

/// How the device stands for one outlet, as far as our books tell: nobody is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStanding {
    /// Its serial number, once it has signed something.
    pub serial: Option<String>,
    pub open: FiscalCounts,
    /// What is not signed, with the receipts' codes.
    pub unsigned: Vec<(String, FiscalState)>,
}

/// Where the outlet's signatures stand; nothing where its market has no device, and nothing was left unsigned.
pub async fn standing(world: &World, place: &PlaceId) -> Result<Option<DeviceStanding>> {
    let (place, devices) = (place.clone(), world.fiscal.clone());
    let read = world.db.read(move |tx| {
        let outlet = store::outlet::find(tx, &place)?;
        let has_device = outlet.is_some_and(|outlet| devices.of(&outlet.market).is_some());
        let standing = DeviceStanding {
            serial: fiscal::last_evidence(tx, &place)?.map(|evidence| evidence.device),
            open: fiscal::open_at(tx, &place)?,
            unsigned: fiscal::unsigned(tx, &place, LISTED)?
                .into_iter()
                .map(|(code, one)| (code, one.state))
                .collect(),
        };
        Ok(Some(standing).filter(|standing| has_device || standing.open.all() > 0))
    });
    Ok(read.await?)
}
