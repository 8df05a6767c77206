//! The end of an outlet's business day over all its tills: what stands in its way, closing it, and its report.
//!
//! A day is the shifts that were closed since the day before. Sales whose end nobody knows yet and open shifts keep it
//! from being closed; cash that customers have still to get back does not, for they may come on another day: the report
//! says how much it was, and the till goes on listing it.

use crate::counter::At;
use crate::counter::journal::{self, Note};
use crate::error::Result;
use crate::world::World;
use domain::business_day::{BusinessDay, DayReport};
use domain::counter_journal::JournalEvent;
use domain::id::{ShiftId, TopUpId};
use domain::till::{Shift, ShiftState};
use domain::top_up::TopUp;
use store::tender::OwedBack;
use store::{Tx, business_day, shift, tender};

/// Why a day is not closed. Nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayRefusal {
    /// Only a supervisor or an owner may.
    Supervisor,
    /// Whoever asks is in training.
    Training,
    /// Nobody knows yet how some sales ended.
    Pending,
    /// Some shifts are open.
    ShiftsOpen,
    /// No shift was closed since the last day was.
    Nothing,
}

/// Shifts that one day takes; what is more stays for the next.
const SHIFTS_MAX: i64 = 500;
const LISTED: i64 = 200;

/// What the outlet's day still has before it.
#[derive(Debug, Clone)]
pub struct Standing {
    pub pending: Vec<TopUp>,
    pub open: Vec<Shift>,
    pub owed: Vec<OwedBack>,
    /// Shifts that the day would take.
    pub closed: usize,
    /// The newest days before.
    pub past: Vec<BusinessDay>,
}

fn may(at: &At) -> std::result::Result<(), DayRefusal> {
    if at.training() {
        return Err(DayRefusal::Training);
    }
    if at.clerk.supervises() { Ok(()) } else { Err(DayRefusal::Supervisor) }
}

/// Where the day stands.
pub async fn standing(world: &World, at: &At, days: i64) -> Result<Standing> {
    let place = at.place().clone();
    let read = world.db.read(move |tx| {
        let waiting = business_day::waiting(tx, &place, SHIFTS_MAX)?;
        let (open, closed): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|s| s.state == ShiftState::Open);
        Ok(Standing {
            pending: business_day::pending(tx, &place, LISTED)?,
            open,
            owed: tender::list_owed(tx, &place, LISTED)?,
            closed: closed.len(),
            past: business_day::list(tx, &place, days)?,
        })
    });
    Ok(read.await?)
}

/// Closes the outlet's day.
pub async fn close(world: &World, at: &At) -> Result<std::result::Result<BusinessDay, DayRefusal>> {
    if let Err(refused) = may(at) {
        return Ok(Err(refused));
    }
    let (context, at) = (world.step(), at.clone());
    let closed = world.db.write(move |tx| {
        if !business_day::hold(tx, at.place())? {
            return Ok(Err(DayRefusal::Nothing));
        }
        if !business_day::pending(tx, at.place(), 1)?.is_empty() {
            return Ok(Err(DayRefusal::Pending));
        }
        let shifts = business_day::waiting(tx, at.place(), SHIFTS_MAX)?;
        if shifts.iter().any(|shift| shift.state == ShiftState::Open) {
            return Ok(Err(DayRefusal::ShiftsOpen));
        }
        let Some(first) = shifts.first() else { return Ok(Err(DayRefusal::Nothing)) };
        let report = report_of(tx, &at, &shifts)?;
        let day = BusinessDay {
            place: at.place().clone(),
            number: business_day::next_number(tx, at.place())?,
            from: first.opened_at,
            closed_at: context.now,
            closed_by: at.clerk.id.clone(),
            total: report.figures.total(),
            sales: report.figures.sales,
        };
        let ids: Vec<&ShiftId> = shifts.iter().map(|shift| &shift.id).collect();
        business_day::insert(tx, &day, &serde_json::to_string(&report)?, &ids)?;
        let number = day.number.to_string();
        let note = Note::of(&at, JournalEvent::DayClosed).about(&number);
        journal::write(tx, &context, &Note { amount: Some(day.total), ..note })?;
        Ok(Ok(day))
    });
    Ok(closed.await?)
}

/// The sum of these closed shifts, from what their Z reports said.
fn report_of(tx: &mut Tx<'_>, at: &At, shifts: &[Shift]) -> anyhow::Result<DayReport> {
    let currency = shifts.first().map(|shift| shift.currency);
    let mut report = DayReport::empty(currency.ok_or_else(|| anyhow::anyhow!("a day without a shift"))?);
    let mut ends: Option<(String, String)> = None;
    for of in shifts {
        let kept = shift::report(tx, &of.id)?;
        let kept = kept.ok_or_else(|| anyhow::anyhow!("shift {} is closed and has no report", of.id))?;
        let shares = business_day::shares(tx, &of.id)?;
        anyhow::ensure!(
            report.add(of, &serde_json::from_str(&kept)?, &shares),
            "shift {} does not fit into the day",
            of.id
        );
        if let Some((first, last)) = business_day::ends(tx, &of.id)? {
            ends = Some(match ends {
                None => (first, last),
                Some((earlier, later)) => (first.min(earlier), last.max(later)),
            });
        }
    }
    if let Some((first, last)) = ends {
        report.first = Some(store::top_up::load(tx, &TopUpId::stored(first))?.code);
        report.last = Some(store::top_up::load(tx, &TopUpId::stored(last))?.code);
    }
    for owed in tender::list_owed(tx, at.place(), LISTED)? {
        report.owed = (report.owed.0 + 1, report.owed.1 + owed.amount.minor);
    }
    Ok(report)
}

/// A closed day of the outlet with its report. For supervisors and owners.
pub async fn report(world: &World, at: &At, number: i64) -> Result<Option<(BusinessDay, DayReport)>> {
    if !at.clerk.supervises() {
        return Ok(None);
    }
    let place = at.place().clone();
    let read = world.db.read(move |tx| {
        let Some((day, kept)) = business_day::find(tx, &place, number)? else { return Ok(None) };
        Ok(Some((day, serde_json::from_str(&kept)?)))
    });
    Ok(read.await?)
}
