//! Cards at a counter, after they were asked for ([`crate::top_up::sell::sell_by_card`]): what the clerk's screen sees
//! of the reader, calling it off, and what the till and the outlet's commission make of the provider's word.

use super::At;
use crate::agents::commission::{self, Booked, Earned};
use crate::agents::selling::Today;
use crate::error::Result;
use crate::payment::terminal;
use crate::till;
use crate::world::{StepContext, World};
use domain::commission::ProductClass;
use domain::id::{AttemptId, PartnerId, ShiftId, TopUpId};
use domain::money::Money;
use domain::tender::{Tender, TenderKind};
use domain::top_up::{Channel, Settlement, TopUp};
pub use gateways::payment::terminal::OnReader;
use store::Tx;
use store::tender::Taken;

/// What a clerk sees of a card that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What the card pays.
    pub amount: Money,
    pub on_reader: OnReader,
}

fn is_by_card(top_up: &TopUp) -> bool {
    top_up.channel == Channel::Agent && top_up.settlement == Settlement::Captured
}

/// The open attempt of a sale, with what it asks for.
fn open_attempt(tx: &mut Tx<'_>, id: &TopUpId) -> anyhow::Result<Option<(AttemptId, Money)>> {
    let Some(payment) = store::payment::find_by_top_up(tx, id)? else { return Ok(None) };
    let mut attempts = store::attempt::list(tx, &payment.id)?.into_iter();
    Ok(attempts.find(|attempt| attempt.state.is_open()).map(|attempt| (attempt.id, payment.amount)))
}

/// Looks at the reader, and applies what is learnt. `None`: no card is asked for any more.
pub async fn watch(world: &World, top_up: &TopUp) -> Result<Option<Asked>> {
    if !is_by_card(top_up) || !top_up.state.is_moving() {
        return Ok(None);
    }
    let id = top_up.id.clone();
    let open = world.db.read(move |tx| open_attempt(tx, &id)).await?;
    let Some((attempt, amount)) = open else { return Ok(None) };
    let (now, on_reader) = terminal::watch(world, &attempt).await?;
    Ok(now.state.is_open().then_some(Asked { amount, on_reader }))
}

/// The clerk calls the card off. What the provider says of it decides: a card that has paid stays paid.
pub async fn call_off(world: &World, top_up: &TopUpId) -> Result<()> {
    let (context, id) = (world.step(), top_up.clone());
    let cancelling = world.db.write(move |tx| match open_attempt(tx, &id)? {
        Some((attempt, _)) => terminal::prepare_cancel(tx, &context, &attempt),
        None => Ok(()),
    });
    cancelling.await?;
    world.wake();
    Ok(())
}

/// Does this counter take cards?
pub fn takes_cards(world: &World, at: &At) -> bool {
    at.device.reader.is_some() && world.payments.terminal().is_some()
}

/// The card of a sale has paid: what was handed over is in the till, in the shift that it was handed over in, or, where
/// that one is over, in the one that its device is in by now.
pub(crate) fn paid(tx: &mut Tx<'_>, top_up: &TopUp) -> anyhow::Result<()> {
    if !is_by_card(top_up) {
        return Ok(());
    }
    let waiting = store::tender::of_sale(tx, &top_up.id)?;
    let Some(first) = waiting.first() else { return Ok(()) };
    let shift = shift_now(tx, first)?;
    store::tender::take(tx, &top_up.id, &shift)
}

/// The shift of what was handed over, or the one that follows it at the same device.
pub(crate) fn shift_now(tx: &mut Tx<'_>, handed_over: &Taken) -> anyhow::Result<ShiftId> {
    let of = store::shift::find(tx, &handed_over.place, &handed_over.shift)?;
    let Some(of) = of else { return Ok(handed_over.shift.clone()) };
    let open = store::shift::find_open(tx, &of.device)?;
    Ok(open.map_or(of.id, |open| open.id))
}

/// What an outlet earns by a sale that was paid before it is credited: by a card, or from its float while people looked at
/// it. A sale that was credited at once, or that a host network gives, has earned already.
pub(crate) fn earned(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUp,
) -> anyhow::Result<Option<Earned>> {
    let at_counter = top_up.partner.as_ref().filter(|_| top_up.channel == Channel::Agent);
    let Some(partner) = at_counter else { return Ok(None) };
    let Some(today) = today(tx, context, partner)? else { return Ok(None) };
    if !is_by_card(top_up) && commission::find(tx, &top_up.id)?.is_some() {
        return Ok(None);
    }
    let offer = store::offer::load_version(tx, &top_up.offer_version)?;
    let class = ProductClass::of(&offer.benefit);
    commission::of_sale(tx, partner, class, top_up.prices.value, &today)
}

/// Writes what was earned down, after its posting.
pub(crate) fn book(
    tx: &mut Tx<'_>,
    context: &StepContext,
    top_up: &TopUpId,
    earned: &Earned,
) -> anyhow::Result<()> {
    let handed_over = store::tender::of_sale(tx, top_up)?;
    let line = store::top_up::load(tx, top_up)?.line;
    let cash = handed_over.iter().filter(|taken| taken.tender.kind == TenderKind::Cash);
    let cash = Money::new(cash.map(|taken| taken.tender.amount.minor).sum(), earned.value.currency);
    let clerk = handed_over.first().map(|first| &first.clerk);
    commission::book(tx, &[Booked { top_up, earned, clerk, line: &line, cash, at: context.now }])
}

fn today(tx: &mut Tx<'_>, context: &StepContext, partner: &PartnerId) -> anyhow::Result<Option<Today>> {
    let outlet = store::outlet::find_by_partner(tx, partner)?;
    Ok(outlet.map(|outlet| Today::of(context, &outlet.facts.time_zone)))
}

/// A sale that a card had paid does not stand, and the card has its money back: the till says so, the commission goes
/// with it, and the customer gets back what was paid in cash.
pub(crate) fn not_stood(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUp) -> anyhow::Result<()> {
    let Some(partner) = top_up.partner.as_ref().filter(|_| is_by_card(top_up)) else { return Ok(()) };
    let handed_over = store::tender::of_sale(tx, &top_up.id)?;
    let returned = handed_over.iter().any(|taken| taken.tender.amount.minor < 0);
    let Some(first) = handed_over.first().filter(|first| first.taken && !returned) else { return Ok(()) };
    if let Some(card) = handed_over.iter().find(|taken| taken.tender.kind == TenderKind::Card) {
        let amount = Money::new(-card.tender.amount.minor, card.tender.amount.currency);
        let back = Taken {
            n: i64::try_from(handed_over.len())?,
            tender: Tender::card(amount),
            shift: shift_now(tx, card)?,
            at: context.now,
            ..card.clone()
        };
        store::tender::insert_all(tx, &[&back])?;
    }
    till::owe_back(tx, context, top_up)?;
    if let Some(today) = today(tx, context, partner)? {
        commission::take_back(tx, &top_up.id, Some(&first.clerk), &today, context.now)?;
    }
    Ok(())
}
