//! Invoices on request. The number is taken when the document is written, in one transaction with it; nobody asks twice
//! for two. Another buyer takes the standing document back by a credit note and gets a new one, in the same transaction;
//! a sale that is taken back gets its credit note in the transaction that takes it back. Start reading at [`issue`].

use crate::error::Result;
use crate::world::{StepContext, World};
use anyhow::Context;
use domain::actor::Actor;
use domain::id::{InvoiceId, TopUpId};
use domain::invoice::{
    Amounts, Buyer, Corrects, InvoiceBody, InvoiceKind, InvoiceRefusal, Invoicing, series,
};
use domain::locale::Locale;
use domain::market::Market;
use domain::top_up::{TopUp, TopUpState};
use store::Tx;
use store::invoice::{self, Invoice};
use store::keyring::Purpose;

/// A document as it is shown: with its buyer opened.
#[derive(Debug, Clone)]
pub struct Document {
    pub invoice: Invoice,
    pub buyer: Option<Buyer>,
    /// The credit note that takes it back.
    pub void_by: Option<String>,
}

/// The documents of a sale, the newest first.
pub async fn documents(world: &World, top_up: &TopUpId) -> Result<Vec<Document>> {
    let wanted = top_up.clone();
    let found = world.db.read(move |tx| invoice::list_by_top_up(tx, &wanted)).await?;
    let void_by = |id: &InvoiceId| {
        found.iter().find(|other| other.corrects.as_ref() == Some(id)).map(|note| note.number.clone())
    };
    let open = |one: &Invoice| {
        Ok(Document { buyer: buyer(world, one)?, void_by: void_by(&one.id), invoice: one.clone() })
    };
    found.iter().rev().map(open).collect()
}

fn buyer(world: &World, invoice: &Invoice) -> Result<Option<Buyer>> {
    let Some(sealed) = &invoice.buyer_sealed else { return Ok(None) };
    let text = world.keyring.open_sealed(Purpose::Buyer, sealed)?;
    Ok(Some(serde_json::from_str(&text).context("reading the buyer of an invoice")?))
}

/// How the market of a sale writes invoices, if it does.
pub async fn invoicing(world: &World, top_up: &TopUp) -> Result<Option<Invoicing>> {
    let catalogue = world.fresh_catalogue().await?;
    Ok(catalogue.market(&top_up.market).and_then(|market| market.invoicing.clone()))
}

/// What somebody wants.
struct Wanted {
    market: Market,
    invoicing: Invoicing,
    buyer_sealed: Option<String>,
    /// The hash of the buyer under every key; the first is for a new document.
    hashes: Vec<String>,
    locale: Locale,
    actor: Actor,
}

impl Wanted {
    fn kind(&self) -> InvoiceKind {
        if self.buyer_sealed.is_some() { InvoiceKind::Invoice } else { InvoiceKind::Simplified }
    }

    /// Does the document that stands say what is wanted? Whoever has one with a buyer needs none without.
    fn is(&self, standing: &Invoice) -> bool {
        match &standing.buyer_hash {
            Some(hash) => self.hashes.is_empty() || self.hashes.contains(hash),
            None => self.hashes.is_empty(),
        }
    }
}

/// Writes the document of a sale, or gives the one that stands: simplified without a buyer.
pub async fn issue(
    world: &World,
    top_up: &TopUpId,
    buyer: Option<&Buyer>,
    locale: Locale,
    actor: Actor,
) -> Result<std::result::Result<Invoice, InvoiceRefusal>> {
    let (id, wanted_id) = (top_up.clone(), top_up.clone());
    let top_up = world.db.read(move |tx| store::top_up::load(tx, &wanted_id)).await?;
    let catalogue = world.fresh_catalogue().await?;
    let market = catalogue.market(&top_up.market).cloned();
    let Some((market, invoicing)) = market.and_then(|m| m.invoicing.clone().map(|own| (m, own))) else {
        return Ok(Err(InvoiceRefusal::NotOffered));
    };
    let sealed = buyer.map(|buyer| {
        let text = serde_json::to_string(buyer).context("writing a buyer")?;
        world.keyring.seal(Purpose::Buyer, &text)
    });
    // The current key's hash stands first.
    let hashes = buyer.map_or_else(Vec::new, |buyer| {
        let text = format!("{}\n{}", top_up.id, buyer.canonical());
        let current = world.keyring.hash(Purpose::Buyer, &text);
        std::iter::once(current).chain(world.keyring.hashes(Purpose::Buyer, &text)).collect()
    });
    let wanted = Wanted { market, invoicing, buyer_sealed: sealed.transpose()?, hashes, locale, actor };
    let context = world.step();
    Ok(world.db.write(move |tx| decide(tx, &context, &id, &wanted)).await?)
}

fn decide(
    tx: &mut Tx<'_>,
    context: &StepContext,
    id: &TopUpId,
    wanted: &Wanted,
) -> anyhow::Result<std::result::Result<Invoice, InvoiceRefusal>> {
    // Two who ask at one moment are one after the other from here on.
    invoice::lock_sale(tx, id)?;
    let top_up = store::top_up::load(tx, id)?;
    let before = invoice::list_by_top_up(tx, id)?;
    let standing = invoice::standing(&before).cloned();
    if let Some(same) = standing.as_ref().filter(|standing| wanted.is(standing)) {
        return Ok(Ok(same.clone()));
    }
    if let Err(refusal) = may(&top_up, wanted, before.len()) {
        return Ok(Err(refusal));
    }
    if let Some(standing) = &standing {
        take_back(tx, context, standing, (&before, &wanted.actor))?;
    }
    let offer = store::offer::load_version(tx, &top_up.offer_version)?;
    let kind = wanted.kind();
    let body = InvoiceBody {
        seller: wanted.market.seller.clone(),
        code: top_up.code.clone(),
        item: offer.name.clone(),
        last4: store::line::load(tx, &top_up.line)?.last4,
        supplied_at: top_up.credited_at.unwrap_or(top_up.created_at),
        amounts: Amounts::of(&top_up.prices, &offer),
        credit_note_series: wanted.invoicing.credit_note_series.clone(),
        corrects: None,
    };
    let own = series(wanted.invoicing.series_of(kind), context.now, &body.seller.time_zone);
    let draft = Invoice {
        id: InvoiceId::new(context.ids.as_ref(), context.now),
        number: String::new(),
        kind,
        top_up: id.clone(),
        turn: turn(&before, kind),
        corrects: None,
        body,
        buyer_sealed: wanted.buyer_sealed.clone(),
        buyer_hash: wanted.hashes.first().cloned(),
        locale: wanted.locale,
        issued_at: context.now,
        issued_by: wanted.actor.to_string(),
    };
    invoice::insert(tx, &own, draft).map(Ok)
}

/// May a document be written for this sale?
fn may(top_up: &TopUp, wanted: &Wanted, before: usize) -> std::result::Result<(), InvoiceRefusal> {
    match top_up.state {
        TopUpState::Credited => {}
        TopUpState::Refunding | TopUpState::Refunded | TopUpState::Reversed => {
            return Err(InvoiceRefusal::TakenBack);
        }
        TopUpState::AwaitingPayment
        | TopUpState::CheckingPayment
        | TopUpState::Paid
        | TopUpState::PendingNetwork
        | TopUpState::Cancelled
        | TopUpState::Review => return Err(InvoiceRefusal::NotSupplied),
    }
    if wanted.kind() == InvoiceKind::Simplified && !wanted.invoicing.simplified_for(top_up.prices.total) {
        return Err(InvoiceRefusal::BuyerNeeded);
    }
    // Room is left for the credit note of whatever is written now.
    let room = usize::try_from(invoice::PER_SALE_MAX).unwrap_or(0);
    if before + 3 > room { Err(InvoiceRefusal::ChangedTooOften) } else { Ok(()) }
}

fn turn(before: &[Invoice], kind: InvoiceKind) -> i64 {
    let earlier = before.iter().filter(|one| one.kind == kind).map(|one| one.turn);
    earlier.max().unwrap_or(0) + 1
}

/// Writes the credit note over the whole of a document.
fn take_back(
    tx: &mut Tx<'_>,
    context: &StepContext,
    standing: &Invoice,
    (before, actor): (&[Invoice], &Actor),
) -> anyhow::Result<()> {
    let own = series(&standing.body.credit_note_series, context.now, &standing.body.seller.time_zone);
    let corrects = Corrects { number: standing.number.clone(), issued_at: standing.issued_at };
    let draft = Invoice {
        id: InvoiceId::new(context.ids.as_ref(), context.now),
        number: String::new(),
        kind: InvoiceKind::CreditNote,
        turn: turn(before, InvoiceKind::CreditNote),
        corrects: Some(standing.id.clone()),
        body: InvoiceBody { corrects: Some(corrects), ..standing.body.clone() },
        issued_at: context.now,
        issued_by: actor.to_string(),
        ..standing.clone()
    };
    invoice::insert(tx, &own, draft).map(drop)
}

/// A sale was taken back: the document that stands gets its credit note, in the same transaction.
pub(crate) fn sale_taken_back(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUpId,
) -> anyhow::Result<()> {
    let before = invoice::list_by_top_up(tx, top_up)?;
    match invoice::standing(&before) {
        Some(standing) => take_back(tx, context, standing, (&before, &Actor::System)),
        None => Ok(()),
    }
}

/// As many lines of a series as are read at once.
const PAGE: i64 = 500;
/// As many series as are listed: some years of all markets.
const SERIES_MAX: i64 = 1_000;

/// A part of a series in its order, with what became void.
pub async fn series_after(world: &World, series: &str, after: i64) -> Result<Vec<invoice::Numbered>> {
    let series = series.to_owned();
    Ok(world.db.read(move |tx| invoice::list_series(tx, &series, after, PAGE)).await?)
}

/// Every series with its last number.
pub async fn all_series(world: &World) -> Result<Vec<(String, i64)>> {
    Ok(world.db.read(|tx| invoice::list_all_series(tx, SERIES_MAX)).await?)
}
