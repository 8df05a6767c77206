//! A sale at a counter that a card pays, whole or in part: priced and allowed like every sale of a counter, and then an
//! order like any other that a provider captures. The card is asked for on the device's reader; what the customer pays
//! in cash beside it is set aside from the outlet's float, until the card has decided.

use super::counter::{Admitted, AtCounter, Counters, alert};
use super::{Command, Facts, SaleRequest, Wanted, bonus, look_up_all, price};
use crate::counter::journal::{self, Note};
use crate::error::Result;
use crate::payment::terminal::{self, At as OnReader};
use crate::promotion::{self, uses::Uses};
use crate::request::{self, Reply};
use crate::top_up::quote::Quote;
use crate::world::World;
use domain::counter::CounterRefusal;
use domain::counter_journal::JournalEvent;
use domain::id::{PaymentId, TopUpId};
use domain::ledger::book;
use domain::money::Money;
use domain::payment::{Order, PaymentState};
use domain::refusal::Refusal;
use domain::tender::TenderKind;
use domain::top_up::{Settlement, TopUp, TopUpState};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::keyring::Purpose;
use store::outbox::Work;
use store::payment::Payment;
use store::tender::Taken;
use store::{Tx, ledger, reader_attempt};

/// The terminal that asks for the card.
struct Terminal {
    provider: &'static str,
    reader: String,
    patience_ms: i64,
    /// What the customer's statement says before the order's code.
    brand: String,
}

/// Begins the sale and puts its amount on the reader. The answer names the order; whether it is sold, its state says.
pub async fn sell_by_card(world: &World, request: SaleRequest) -> Result<Reply> {
    let hash = |wanted: &Wanted| world.keyring.hashes(Purpose::Msisdn, wanted.msisdn.digits());
    let hashes = request.wanted.as_ref().map(hash).unwrap_or_default();
    let terminal = terminal_of(world, request.counter.as_ref());
    let catalogue = world.fresh_catalogue().await?;
    let command = Arc::new(Command { request, hashes, catalogue, context: world.step() });
    let (reply, work) = world
        .db
        .write(move |tx| {
            let mut work = None;
            let (key, now) = (&command.request.key, command.context.now);
            let reply = request::once(tx, key, now, |tx| {
                let ordered = order(tx, &command, terminal.as_ref())?;
                let answer = (command.request.answering)(ordered.as_ref().map(|(top_up, _)| top_up));
                let subject = ordered.as_ref().ok().map(|(top_up, _)| top_up.id.to_string());
                work = ordered.ok().map(|(_, begun)| begun);
                Ok((subject, answer))
            })?;
            Ok((reply, work))
        })
        .await?;
    store::fail::point("card.after_commit");
    if let Some(work) = work {
        crate::work::run_now(world, &work).await;
    }
    world.wake();
    Ok(reply)
}

fn terminal_of(world: &World, counter: Option<&AtCounter>) -> Option<Terminal> {
    let reader = counter?.at.device.reader.clone()?;
    let terminal = world.payments.terminal()?;
    Some(Terminal {
        provider: terminal.provider(),
        reader,
        patience_ms: terminal.capabilities().patience_ms,
        brand: world.settings.brand.clone(),
    })
}

type Ordered = std::result::Result<(TopUp, Work), Refusal>;

fn order(tx: &mut Tx<'_>, command: &Command, terminal: Option<&Terminal>) -> anyhow::Result<Ordered> {
    let (Some(counter), Ok(wanted)) = (&command.request.counter, &command.request.wanted) else {
        anyhow::bail!("a card at a counter without its counter");
    };
    let Some(terminal) = terminal else { return Ok(Err(CounterRefusal::NoReader.into())) };
    if reader_attempt::holder(tx, &terminal.reader)?.is_some() {
        return Ok(Err(CounterRefusal::ReaderBusy.into()));
    }
    let (quote, admitted) = match agreed(tx, command, counter, wanted)? {
        Ok(agreed) => agreed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let last4 = quote.line.last4.clone();
    let top_up = draft(command, wanted, quote);
    let actor = command.request.seller.actor.clone();
    let cash = part(counter, TenderKind::Cash, top_up.prices.total);
    if !is_covered(tx, command, cash)? {
        return Ok(Err(Refusal::FloatInsufficient));
    }
    if let Err(refusal) = promotion::promise(tx, &command.context, &top_up, actor)? {
        return Ok(Err(refusal));
    }
    set_aside(tx, command, (&top_up, cash))?;
    let note = Note::of(&counter.at, JournalEvent::CardAsked).about(top_up.code.as_str());
    journal::write(tx, &command.context, &note.sold(&last4, top_up.prices.total))?;
    store::top_up::insert_all(tx, &[&top_up])?;
    admitted.link(tx, &top_up.id)?;
    admitted.notice(tx, &top_up)?;
    let shift = admitted.into_shift();
    let waiting = |(n, tender): (usize, &domain::tender::Tender)| -> anyhow::Result<Taken> {
        Ok(Taken {
            top_up: top_up.id.clone(),
            n: i64::try_from(n)?,
            tender: *tender,
            shift: shift.id.clone(),
            place: counter.at.place().clone(),
            clerk: counter.at.clerk.id.clone(),
            at: top_up.created_at,
            taken: false,
        })
    };
    let waiting = counter.tenders.iter().enumerate().map(waiting).collect::<anyhow::Result<Vec<_>>>()?;
    store::tender::insert_all(tx, &waiting.iter().collect::<Vec<_>>())?;
    let work = ask_for_card(tx, command, counter, (&top_up, terminal))?;
    Ok(Ok((top_up, work)))
}

/// The sale priced, and allowed at its counter.
fn agreed(
    tx: &mut Tx<'_>,
    command: &Command,
    counter: &AtCounter,
    wanted: &Wanted,
) -> anyhow::Result<std::result::Result<(Quote, Admitted), Refusal>> {
    let (_, lines) = look_up_all(tx, std::slice::from_ref(command))?;
    let uses = Uses::lock(tx, command.sale(&lines).into_iter())?;
    let priced = price(tx, command, wanted, command.line(&lines))?;
    let quote = match priced.and_then(|quote| bonus::with_bonus(command, wanted, quote, Some(&uses))) {
        Ok(quote) => quote,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut counters = Counters::read(tx, &[command], &lines)?;
    match counters.admit(command, counter, &quote) {
        Ok(admitted) => Ok(Ok((quote, admitted))),
        Err(refusal) => {
            alert(tx, command, &refusal)?;
            Ok(Err(refusal))
        }
    }
}

fn draft(command: &Command, wanted: &Wanted, quote: Quote) -> TopUp {
    let Command { request, context, .. } = command;
    let locale = wanted.locale.or(quote.line.locale).unwrap_or(quote.market.locale);
    let facts = Facts {
        id: TopUpId::new(context.ids.as_ref(), context.now),
        quote,
        channel: request.seller.channel,
        settlement: Settlement::Captured,
        locale,
        reference: wanted.reference.clone(),
    };
    let (ids, seller) = (context.ids.as_ref(), &request.seller);
    let state = TopUpState::AwaitingPayment;
    facts.into_top_up(ids, context.now, state, Some(seller.float.clone()), &seller.actor)
}

/// What of a sale a means of payment pays for.
fn part(counter: &AtCounter, kind: TenderKind, total: Money) -> Money {
    let of_kind = counter.tenders.iter().filter(|tender| tender.kind == kind);
    Money::new(of_kind.map(|tender| tender.amount.minor).sum(), total.currency)
}

/// Does the float cover so much? It is locked from here on, so that it still does when it is set aside.
pub(super) fn is_covered(tx: &mut Tx<'_>, command: &Command, cash: Money) -> anyhow::Result<bool> {
    if cash.is_zero() {
        return Ok(true);
    }
    let float = book::float(&command.request.seller.float, cash);
    let accounts = ledger::lock_accounts(tx, &BTreeSet::from([float.clone()]))?;
    let free = accounts.get(&float).map_or(0, |account| account.available() - account.floor.unwrap_or(0));
    Ok(free >= cash.minor)
}

fn set_aside(tx: &mut Tx<'_>, command: &Command, (top_up, cash): (&TopUp, Money)) -> anyhow::Result<()> {
    if cash.is_zero() {
        return Ok(());
    }
    let seller = &command.request.seller;
    let posting = book::float_sale(&top_up.id, &top_up.market, &seller.float, cash, seller.actor.clone());
    command.context.record(tx, &[posting])
}

fn ask_for_card(
    tx: &mut Tx<'_>,
    command: &Command,
    counter: &AtCounter,
    (top_up, terminal): (&TopUp, &Terminal),
) -> anyhow::Result<Work> {
    let context = &command.context;
    let payment = Payment {
        id: PaymentId::new(context.ids.as_ref(), context.now),
        order: Order::TopUp(top_up.id.clone()),
        provider: terminal.provider.to_owned(),
        state: PaymentState::Open,
        amount: part(counter, TenderKind::Card, top_up.prices.total),
        captured_by: None,
        created_at: context.now,
    };
    store::payment::insert(tx, &payment)?;
    let at = OnReader {
        reader: terminal.reader.clone(),
        description: format!("{} · {}", terminal.brand, top_up.code),
        patience_ms: terminal.patience_ms,
    };
    let started = terminal::start(tx, context, &payment, &at)?;
    // Two sales at one device within a moment: the second is undone whole, and asked for anew it is told why.
    let (_, work) = started.map_err(|why| anyhow::anyhow!("the reader was taken meanwhile: {why:?}"))?;
    Ok(work)
}
