//! The till of a device: its shifts, the cash that moves in them, their blind count and their reports. What customers
//! hand over is written by the sale itself ([`crate::top_up::sell`]).
//!
//! Everything is kept here and not on the device: a device that dies loses nothing, and a supervisor closes its shift
//! from another one.

use crate::counter::At;
use crate::counter::journal::{self, Note};
use crate::error::Result;
use crate::world::{StepContext, World};
use domain::clerk::Clerk;
use domain::counter_journal::JournalEvent;
use domain::fiscal::FiscalCounts;
use domain::id::{DeviceId, ShiftId, TopUpId};
use domain::money::{Currency, Money};
use domain::tender::{Tender, TenderKind};
use domain::till::{self, CashMovement, CashReason, Closed, Closing, Figures, Shift, ShiftState};
use domain::top_up::TopUp;
use std::collections::{BTreeMap, HashMap};
use store::tender::{OwedBack, Taken};
use store::{Tx, shift, tender};

/// Why a till does not do what is asked. Nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TillRefusal {
    /// No shift is open at this device.
    NoShift,
    /// There is an open shift already.
    ShiftOpen,
    /// It was counted, and waits to be closed.
    Counted,
    /// It was not counted yet.
    NotCounted,
    /// The amount is nothing, too much, or in another currency.
    Amount,
    /// More than there is in the till.
    NotInTill,
    /// What it is for, or why it is so, must be said.
    ReasonMissing,
    /// Only a supervisor may.
    Supervisor,
    /// The next clerk does not work here, or is the same.
    NextClerk,
    /// There is nothing to give back, or it was given back.
    NothingOwed,
    /// Too many movements in one shift.
    TooMany,
    /// Whoever asks is in training: nothing of it is real.
    Training,
    /// A sale waits for its card: the count would be wrong in a moment.
    CardWaits,
}

type Done<T> = std::result::Result<T, TillRefusal>;

/// The most cash that one movement can say: ten million units.
const CASH_MAX_UNITS: i64 = 10_000_000;
/// Movements of one shift, besides its sales.
const MOVEMENTS_MAX: i64 = 500;
const REASON_MAX: usize = 200;
/// Sales that are listed as pending when a shift is closed.
const PENDING_MAX: i64 = 200;

/// The open shift of the clerk's device.
pub async fn current(world: &World, at: &At) -> Result<Option<Shift>> {
    let device = at.device.id.clone();
    Ok(world.db.read(move |tx| shift::find_open(tx, &device)).await?)
}

/// Opens a shift with the cash that is in the till.
pub async fn open(world: &World, at: &At, start: Money) -> Result<Done<Shift>> {
    if at.training() {
        return Ok(Err(TillRefusal::Training));
    }
    if !(0..=most(start.currency)).contains(&start.minor) {
        return Ok(Err(TillRefusal::Amount));
    }
    let (context, at) = (world.step(), at.clone());
    Ok(world.db.write(move |tx| open_in(tx, &context, &at, &at.clerk, start)).await?)
}

fn open_in(
    tx: &mut Tx<'_>,
    context: &StepContext,
    at: &At,
    clerk: &Clerk,
    start: Money,
) -> anyhow::Result<Done<Shift>> {
    let opened = Shift {
        id: ShiftId::new(context.ids.as_ref(), context.now),
        place: at.place().clone(),
        device: at.device.id.clone(),
        clerk: clerk.id.clone(),
        currency: start.currency,
        state: ShiftState::Open,
        opened_at: context.now,
        counted: None,
        closed: None,
    };
    if !shift::open(tx, &opened)? {
        return Ok(Err(TillRefusal::ShiftOpen));
    }
    let moved = CashMovement {
        why: CashReason::Start,
        amount: start,
        note: None,
        clerk: clerk.id.clone(),
        at: context.now,
    };
    shift::insert_movement(tx, &opened.id, &context.ids.next(context.now), &moved)?;
    let note = Note::of(at, JournalEvent::ShiftOpened).about(opened.id.as_str());
    journal::write(tx, context, &Note { amount: Some(start), ..note })?;
    Ok(Ok(opened))
}

fn most(currency: Currency) -> i64 {
    CASH_MAX_UNITS * 10_i64.pow(currency.exponent().min(4))
}

/// The shift of the device while it takes money, held until the end of the transaction.
pub(crate) fn taking(tx: &mut Tx<'_>, at: &At) -> anyhow::Result<Done<Shift>> {
    if at.training() {
        return Ok(Err(TillRefusal::Training));
    }
    let held = shift::hold_open(tx, &[at.device.id.as_str()])?.pop();
    Ok(still_taking(held))
}

/// The same for the devices of many sales, none of them in training, in one round trip.
pub(crate) fn taking_all(
    tx: &mut Tx<'_>,
    devices: &[&DeviceId],
) -> anyhow::Result<HashMap<DeviceId, Done<Shift>>> {
    let ids: Vec<&str> = devices.iter().map(|device| device.as_str()).collect();
    let held = shift::hold_open(tx, &ids)?;
    Ok(held.into_iter().map(|open| (open.device.clone(), still_taking(Some(open)))).collect())
}

fn still_taking(held: Option<Shift>) -> Done<Shift> {
    let open = held.ok_or(TillRefusal::NoShift)?;
    if open.counted.is_some() { Err(TillRefusal::Counted) } else { Ok(open) }
}

/// Cash that is put into the till, or taken out of it, for a reason that is said. `key` was drawn with the form: the same
/// one again changes nothing.
pub async fn move_cash(
    world: &World,
    at: &At,
    (why, amount): (CashReason, Money),
    note: &str,
    key: &str,
) -> Result<Done<()>> {
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.is_empty() || note.chars().count() > REASON_MAX {
        return Ok(Err(TillRefusal::ReasonMissing));
    }
    let (context, at, key) = (world.step(), at.clone(), key.to_owned());
    let moved = world.db.write(move |tx| {
        let open = match taking(tx, &at)? {
            Ok(open) => open,
            Err(refused) => return Ok(Err(refused)),
        };
        if !(1..=most(open.currency)).contains(&amount.minor) || amount.currency != open.currency {
            return Ok(Err(TillRefusal::Amount));
        }
        if shift::count_movements(tx, &open.id)? >= MOVEMENTS_MAX {
            return Ok(Err(TillRefusal::TooMany));
        }
        let (sign, event) = match why {
            CashReason::PaidOut => (-1, JournalEvent::PaidOut),
            CashReason::PaidIn | CashReason::Start => (1, JournalEvent::PaidIn),
        };
        if sign < 0 && figures_of(tx, &open)?.expected().minor < amount.minor {
            return Ok(Err(TillRefusal::NotInTill));
        }
        let movement = CashMovement {
            why,
            amount: Money::new(sign * amount.minor, amount.currency),
            note: Some(note.clone()),
            clerk: at.clerk.id.clone(),
            at: context.now,
        };
        if shift::insert_movement(tx, &open.id, &key, &movement)? {
            let entry = Note::of(&at, event).about(open.id.as_str()).because(&note);
            journal::write(tx, &context, &Note { amount: Some(movement.amount), ..entry })?;
        }
        Ok(Ok(()))
    });
    Ok(moved.await?)
}

/// What a shift has taken and given until now.
pub(crate) fn figures_of(tx: &mut Tx<'_>, of: &Shift) -> anyhow::Result<Figures> {
    let mut figures = Figures::empty(of.currency);
    for (why, minor) in shift::moved(tx, &of.id)? {
        match why {
            CashReason::Start => figures.start_minor += minor,
            CashReason::PaidIn => figures.paid_in_minor += minor,
            CashReason::PaidOut => figures.paid_out_minor += minor,
        }
    }
    tender::add_to(tx, &of.id, &mut figures)?;
    figures.commission_minor = store::commission::of_shift(tx, &of.id)?;
    Ok(figures)
}

/// A shift with its figures, the sales whose end nobody knows yet, and what was counted: its X report while it is open,
/// its Z report once it is closed.
#[derive(Debug, Clone)]
pub struct Report {
    pub shift: Shift,
    pub figures: Figures,
    pub pending: Vec<TopUp>,
    pub movements: Vec<CashMovement>,
    pub pieces: Vec<(i64, i64)>,
    /// Where the signatures of the market's fiscal device stand by now, where there are any.
    pub fiscal: Option<FiscalCounts>,
}

/// The report of one of the outlet's shifts. A closed shift's figures are those that it was closed with.
pub async fn report(world: &World, at: &At, id: &ShiftId) -> Result<Option<Report>> {
    let (place, id) = (at.place().clone(), id.clone());
    let read = world.db.read(move |tx| {
        let Some(of) = shift::find(tx, &place, &id)? else { return Ok(None) };
        let figures = match shift::report(tx, &id)? {
            Some(kept) => serde_json::from_str(&kept)?,
            None => figures_of(tx, &of)?,
        };
        let pending = tender::pending(tx, &id, PENDING_MAX)?;
        let movements = shift::movements(tx, &of, MOVEMENTS_MAX)?;
        let pieces = shift::count(tx, &id)?;
        let fiscal = Some(store::fiscal::of_shift(tx, &id)?).filter(|counts| counts.all() > 0);
        Ok(Some(Report { shift: of, figures, pending, movements, pieces, fiscal }))
    });
    Ok(read.await?)
}

/// Writes down what was counted, before anybody says what there should be. From then on the shift takes nothing.
pub async fn count(world: &World, at: &At, pieces: BTreeMap<i64, i64>) -> Result<Done<Money>> {
    let (context, at) = (world.step(), at.clone());
    let counted = world.db.write(move |tx| {
        let open = match taking(tx, &at)? {
            Ok(open) => open,
            Err(refused) => return Ok(Err(refused)),
        };
        if tender::waits_for_card(tx, &open.id)? {
            return Ok(Err(TillRefusal::CardWaits));
        }
        let Some(counted) = till::count(open.currency, &pieces) else { return Ok(Err(TillRefusal::Amount)) };
        let there = pieces.iter().filter(|(_, number)| **number > 0).map(|(d, n)| (*d, *n)).collect();
        shift::write_count(tx, &open.id, Some(counted), &there)?;
        let note = Note::of(&at, JournalEvent::Counted).about(open.id.as_str());
        journal::write(tx, &context, &Note { amount: Some(counted), ..note })?;
        Ok(Ok(counted))
    });
    Ok(counted.await?)
}

/// Throws a count away, so that the shift goes on or is counted anew. For supervisors: a blind count stays blind.
pub async fn drop_count(world: &World, at: &At) -> Result<Done<()>> {
    if at.training() {
        return Ok(Err(TillRefusal::Training));
    }
    if !at.clerk.supervises() {
        return Ok(Err(TillRefusal::Supervisor));
    }
    let (context, at) = (world.step(), at.clone());
    let dropped = world.db.write(move |tx| {
        let Some(open) = shift::find_open(tx, &at.device.id)? else { return Ok(Err(TillRefusal::NoShift)) };
        let Some(counted) = open.counted else { return Ok(Err(TillRefusal::NotCounted)) };
        shift::write_count(tx, &open.id, None, &BTreeMap::new())?;
        let note = Note::of(&at, JournalEvent::CountDropped).about(open.id.as_str());
        journal::write(tx, &context, &Note { amount: Some(counted), ..note })?;
        Ok(Ok(()))
    });
    Ok(dropped.await?)
}

/// Closes the counted shift of the device. A difference wants a reason. With `next`, that clerk goes on with what was
/// counted, in a shift of their own.
pub async fn close(world: &World, at: &At, reason: &str, next: Option<Clerk>) -> Result<Done<Shift>> {
    if at.training() {
        return Ok(Err(TillRefusal::Training));
    }
    let reason = reason_of(reason);
    let (context, at) = (world.step(), at.clone());
    let closed = world.db.write(move |tx| {
        let Some(open) = shift::find_open(tx, &at.device.id)? else { return Ok(Err(TillRefusal::NoShift)) };
        let Some(open) = shift::lock_open(tx, &open.id)? else { return Ok(Err(TillRefusal::NoShift)) };
        let Some(counted) = open.counted else { return Ok(Err(TillRefusal::NotCounted)) };
        if let Some(next) = &next
            && (next.id == open.clerk || !next.works_at(at.agent(), at.place()))
        {
            return Ok(Err(TillRefusal::NextClerk));
        }
        let figures = figures_of(tx, &open)?;
        if counted != figures.expected() && reason.is_none() {
            return Ok(Err(TillRefusal::ReasonMissing));
        }
        let how = if next.is_some() { Closing::HandedOver } else { Closing::Counted };
        let done = close_in(tx, &context, &at, open, (how, &figures, reason.clone()))?;
        if let Some(next) = &next
            && let Err(refused) = open_in(tx, &context, &at, next, counted)?
        {
            anyhow::bail!("the till that was just closed is not free: {refused:?}");
        }
        Ok(Ok(done))
    });
    Ok(closed.await?)
}

/// Closes a shift of the outlet without a count, such as that of a device that died. For supervisors, with a reason.
pub async fn force(world: &World, at: &At, id: &ShiftId, reason: &str) -> Result<Done<Shift>> {
    if at.training() {
        return Ok(Err(TillRefusal::Training));
    }
    if !at.clerk.supervises() {
        return Ok(Err(TillRefusal::Supervisor));
    }
    let Some(reason) = reason_of(reason) else { return Ok(Err(TillRefusal::ReasonMissing)) };
    let (context, at, id) = (world.step(), at.clone(), id.clone());
    let closed = world.db.write(move |tx| {
        if shift::find(tx, at.place(), &id)?.is_none() {
            return Ok(Err(TillRefusal::NoShift));
        }
        let Some(open) = shift::lock_open(tx, &id)? else { return Ok(Err(TillRefusal::NoShift)) };
        let figures = figures_of(tx, &open)?;
        close_in(tx, &context, &at, open, (Closing::Forced, &figures, Some(reason.clone()))).map(Ok)
    });
    Ok(closed.await?)
}

fn reason_of(text: &str) -> Option<String> {
    let reason: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(REASON_MAX).collect();
    (!reason.is_empty()).then_some(reason)
}

/// Writes the end of a shift that is held, with the next number of the outlet's reports.
fn close_in(
    tx: &mut Tx<'_>,
    context: &StepContext,
    at: &At,
    open: Shift,
    (how, figures, reason): (Closing, &Figures, Option<String>),
) -> anyhow::Result<Shift> {
    let closed = Closed {
        at: context.now,
        by: at.clerk.id.clone(),
        how,
        number: shift::next_number(tx, at.place())?,
        expected: figures.expected(),
        reason,
    };
    let kept = serde_json::to_string(figures)?;
    anyhow::ensure!(shift::close(tx, &open.id, &closed, &kept)?, "the shift that was held is not open");
    let note = Note::of(at, JournalEvent::ShiftClosed).about(open.id.as_str());
    let note = closed.reason.iter().fold(note, |note, reason| note.because(reason));
    journal::write(tx, context, &Note { amount: open.counted, ..note })?;
    Ok(Shift { state: ShiftState::Closed, closed: Some(closed), ..open })
}

/// The shifts of the outlet before one, the newest first.
pub async fn list(world: &World, at: &At, before: Option<&ShiftId>, limit: i64) -> Result<Vec<Shift>> {
    let place = at.place().clone();
    let before = before.map_or_else(|| "~".to_owned(), ToString::to_string);
    Ok(world.db.read(move |tx| shift::list(tx, &place, &before, limit)).await?)
}

/// What the outlet still has to give back to customers.
pub async fn owed(world: &World, at: &At) -> Result<Vec<OwedBack>> {
    let place = at.place().clone();
    Ok(world.db.read(move |tx| tender::list_owed(tx, &place, PENDING_MAX)).await?)
}

/// Notes that a sale does not stand although cash was taken for it: somebody has to give it back at the counter.
pub(crate) fn owe_back(tx: &mut Tx<'_>, context: &StepContext, top_up: &TopUp) -> anyhow::Result<()> {
    let taken = tender::of_sale(tx, &top_up.id)?;
    let Some(first) = taken.first() else { return Ok(()) };
    let minor: i64 = cash(&taken).sum();
    if minor > 0 {
        let amount = Money::new(minor, top_up.prices.total.currency);
        let owed =
            OwedBack { top_up: top_up.id.clone(), place: first.place.clone(), amount, since: context.now };
        tender::owe_back(tx, &owed)?;
    }
    Ok(())
}

fn cash(taken: &[Taken]) -> impl Iterator<Item = i64> {
    taken.iter().filter(|t| t.taken && t.tender.kind == TenderKind::Cash).map(|t| t.tender.amount.minor)
}

/// The clerk gave the customer the cash of a sale that did not stand: it leaves the till of this shift.
pub async fn give_back(world: &World, at: &At, top_up: &TopUpId) -> Result<Done<Money>> {
    let (context, at, top_up) = (world.step(), at.clone(), top_up.clone());
    let given = world.db.write(move |tx| {
        let open = match taking(tx, &at)? {
            Ok(open) => open,
            Err(refused) => return Ok(Err(refused)),
        };
        if !tender::give_back(tx, at.place(), &top_up, context.now)? {
            return Ok(Err(TillRefusal::NothingOwed));
        }
        let amount = return_cash(tx, &context, &at, &open, &top_up)?;
        let note = Note::of(&at, JournalEvent::GivenBack).about(open.id.as_str());
        journal::write(tx, &context, &Note { amount: Some(amount), ..note })?;
        Ok(Ok(amount))
    });
    Ok(given.await?)
}

/// Takes the cash of a sale out of the open shift's till; says how much it was.
pub(crate) fn return_cash(
    tx: &mut Tx<'_>,
    context: &StepContext,
    at: &At,
    open: &Shift,
    top_up: &TopUpId,
) -> anyhow::Result<Money> {
    let taken = tender::of_sale(tx, top_up)?;
    let minor: i64 = cash(&taken).sum();
    let amount = Money::new(minor, open.currency);
    if minor > 0 {
        let back = Taken {
            top_up: top_up.clone(),
            n: i64::try_from(taken.len())?,
            tender: Tender::cash(Money::new(-minor, open.currency), None),
            shift: open.id.clone(),
            place: at.place().clone(),
            clerk: at.clerk.id.clone(),
            at: context.now,
            taken: true,
        };
        tender::insert_all(tx, &[&back])?;
    }
    Ok(amount)
}
