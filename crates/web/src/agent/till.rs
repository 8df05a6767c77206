//! The till of the device: opening, cash in and out, the blind count, closing and the reports.

use super::sale::new_key;
use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::clerk::Clerk;
use domain::id::ShiftId;
use domain::money::Money;
use domain::till::{CashReason, Closing, Shift, denominations};
use domain::top_up::TopUp;
use flows::counter::{clerks, devices, shown};
use flows::till::{self, TillRefusal};
use render::view::{
    CounterClerk, CounterProblem, CounterReport, CounterTill, CounterWord, ErrorKind, FiguresShown,
    FiscalShown, MovementRow, OwedRow, RecentSale, ShiftRow, ShiftShown,
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use store::tender::OwedBack;

/// Shifts that are listed.
const PAST: i64 = 20;

fn problem(refusal: TillRefusal, field: &'static str) -> CounterProblem {
    match refusal {
        TillRefusal::NoShift => CounterProblem::of("till_no_shift"),
        TillRefusal::ShiftOpen => CounterProblem::of("till_shift_open"),
        TillRefusal::Counted => CounterProblem::of("till_counted"),
        TillRefusal::NotCounted => CounterProblem::of("till_not_counted"),
        TillRefusal::Amount => CounterProblem::at("till_amount", field),
        TillRefusal::NotInTill => CounterProblem::at("till_not_in_till", field),
        TillRefusal::ReasonMissing => CounterProblem::at("till_reason_missing", "reason"),
        TillRefusal::Supervisor => CounterProblem::of("till_supervisor"),
        TillRefusal::NextClerk => CounterProblem::at("till_next_clerk", "next"),
        TillRefusal::NothingOwed => CounterProblem::of("till_nothing_owed"),
        TillRefusal::TooMany => CounterProblem::of("till_too_many"),
        TillRefusal::Training => CounterProblem::of("till_training"),
        TillRefusal::CardWaits => CounterProblem::of("till_card_waits"),
    }
}

/// What the ids of the agent's clerks and devices are called.
pub(super) async fn names(site: &Site, at: &AtCounter) -> Result<HashMap<String, String>, Failure> {
    let people = clerks::list(&site.world, at.agent()).await?;
    let machines = devices::list(&site.world, at).await?;
    let people = people.into_iter().map(|clerk| (clerk.id.to_string(), clerk.name));
    Ok(people.chain(machines.into_iter().map(|device| (device.id.to_string(), device.name))).collect())
}

fn recent(top_up: TopUp, last4: String, zone: &str) -> RecentSale {
    RecentSale {
        word: CounterWord::of(top_up.state),
        offer_name: top_up.offer,
        last4,
        total: top_up.prices.total,
        at: top_up.created_at,
        zone: zone.to_owned(),
        code: top_up.code,
    }
}

/// Sales as a list shows them, in the reader's language.
pub(super) async fn shown_sales(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    top_ups: Vec<TopUp>,
    zone: &str,
) -> Result<Vec<RecentSale>, Failure> {
    let mut all = Vec::with_capacity(top_ups.len());
    for top_up in top_ups {
        let found = shown::find(&site.world, at, &top_up.code).await?;
        let (name, last4) = match &found {
            Some(sold) => (sold.offer.name_in(reader.locale).to_owned(), sold.last4.clone()),
            None => (top_up.offer.clone(), String::new()),
        };
        all.push(RecentSale { offer_name: name, ..recent(top_up, last4, zone) });
    }
    Ok(all)
}

pub(super) fn row(shift: Shift, names: &HashMap<String, String>) -> ShiftRow {
    let difference = difference(&shift);
    ShiftRow {
        id: shift.id.to_string(),
        number: shift.closed.as_ref().map(|closed| closed.number),
        clerk: names.get(shift.clerk.as_str()).cloned(),
        device: names.get(shift.device.as_str()).cloned(),
        opened_at: shift.opened_at,
        closed_at: shift.closed.as_ref().map(|closed| closed.at),
        difference,
        forced: shift.closed.as_ref().is_some_and(|closed| closed.how == Closing::Forced),
    }
}

/// What was counted less what there should have been, of a closed shift.
fn difference(shift: &Shift) -> Option<Money> {
    let (closed, counted) = (shift.closed.as_ref()?, shift.counted?);
    counted.minus(closed.expected).ok().filter(|difference| !difference.is_zero())
}

/// Cash that customers have to get back, with the codes of its sales.
pub(super) async fn owed_rows(site: &Site, owed: Vec<OwedBack>) -> Result<Vec<OwedRow>, Failure> {
    let mut owing = Vec::with_capacity(owed.len());
    for row in owed {
        let top_up = row.top_up.clone();
        let read = site.world.db.read(move |tx| store::top_up::load(tx, &top_up)).await;
        let code = read.map_err(flows::Error::from)?.code;
        owing.push(OwedRow { code, amount: row.amount, since: row.since });
    }
    Ok(owing)
}

async fn view(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    problem: Option<CounterProblem>,
) -> Result<CounterTill, Failure> {
    let (counter, purse) = with_purse(site, at).await?;
    let Some(purse) = purse else { return Err(Failure::of(ErrorKind::NotFound)) };
    let zero = Money::zero(purse.currency);
    let names = names(site, at).await?;
    let shifts = till::list(&site.world, at, None, PAST).await?;
    let handed = shifts.iter().find(|shift| shift.device == at.device.id);
    let handed = handed.filter(|last| last.closed.as_ref().is_some_and(|c| c.how == Closing::HandedOver));
    let start = handed.and_then(|last| last.counted);
    let owing = owed_rows(site, till::owed(&site.world, at).await?).await?;
    let (stage, counted) = match &purse.shift {
        None => (ShiftShown::Closed, None),
        Some((shift, expected)) => match shift.counted {
            None => (ShiftShown::Open, None),
            Some(counted) => (ShiftShown::Counted, Some((counted, *expected))),
        },
    };
    let pending = match &purse.shift {
        Some((shift, _)) => till::report(&site.world, at, &shift.id).await?.map(|report| report.pending),
        None => None,
    };
    let next = clerks::list_at(&site.world, &at.device).await?;
    let working = purse.shift.as_ref().map(|(shift, _)| shift.clerk.clone());
    let next = next.into_iter().filter(|clerk| Some(&clerk.id) != working.as_ref());
    Ok(CounterTill {
        counter,
        stage,
        zone: purse.time_zone.clone(),
        shift: purse.shift.as_ref().map(|(shift, _)| shift.id.to_string()),
        opened_at: purse.shift.as_ref().map(|(shift, _)| shift.opened_at),
        denominations: denominations(purse.currency)
            .into_iter()
            .map(|d| Money::new(d, purse.currency))
            .collect(),
        zero,
        start,
        key: new_key(site),
        owed: owing,
        pending: shown_sales(site, reader, at, pending.unwrap_or_default(), &purse.time_zone).await?,
        counted,
        difference: counted.and_then(|(there, due)| there.minus(due).ok()).filter(|d| !d.is_zero()),
        supervises: at.clerk.supervises(),
        next: next.map(person).collect(),
        past: shifts.into_iter().map(|shift| row(shift, &names)).collect(),
        fiscal: fiscal_shown(site, at).await?,
        problem,
    })
}

/// The fiscal device of the counter's market, where it has one.
pub(super) async fn fiscal_shown(site: &Site, at: &AtCounter) -> Result<Option<FiscalShown>, Failure> {
    let standing = flows::fiscal::standing(&site.world, at.place()).await?;
    Ok(standing.map(|standing| FiscalShown {
        serial: standing.serial,
        waiting: standing.open.waiting,
        refused: standing.open.refused,
        unsigned: standing.unsigned,
    }))
}

fn person(clerk: Clerk) -> CounterClerk {
    CounterClerk { name: clerk.name, role: clerk.role, number: clerk.number }
}

pub async fn page(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    Ok(show(&site, &reader, &view(&site, &reader, &at, None).await?))
}

/// Back to the till, or the till with what is wrong.
async fn done<T>(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    outcome: Result<T, TillRefusal>,
    field: &'static str,
) -> Result<Response, Failure> {
    match outcome {
        Ok(_) => Ok(Redirect::to("/agent/till").into_response()),
        Err(refusal) => {
            let view = view(site, reader, at, Some(problem(refusal, field))).await?;
            Ok(show(site, reader, &view))
        }
    }
}

/// An amount in the outlet's currency.
async fn amount(site: &Site, at: &AtCounter, typed: &str) -> Result<Option<Money>, Failure> {
    let purse = shown::purse(&site.world, at).await?;
    Ok(purse.and_then(|purse| Money::parse_decimal(typed.trim(), purse.currency)))
}

#[derive(Deserialize)]
pub struct OpenForm {
    #[serde(default)]
    start: String,
}

pub async fn open(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<OpenForm>,
) -> Result<Response, Failure> {
    let opened = match amount(&site, &at, &form.start).await? {
        Some(start) => till::open(&site.world, &at, start).await?,
        None => Err(TillRefusal::Amount),
    };
    match opened {
        Ok(_) => Ok(Redirect::to("/agent/sale").into_response()),
        Err(refusal) => done::<()>(&site, &reader, &at, Err(refusal), "start").await,
    }
}

#[derive(Deserialize)]
pub struct MoveForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    why: String,
}

pub async fn move_cash(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<MoveForm>,
) -> Result<Response, Failure> {
    let why = if form.why == CashReason::PaidOut.as_str() { CashReason::PaidOut } else { CashReason::PaidIn };
    let key_fits = form.key.len() == 26 && form.key.bytes().all(|b| b.is_ascii_alphanumeric());
    let key = if key_fits { form.key } else { new_key(&site) };
    let moved = match amount(&site, &at, &form.amount).await? {
        Some(amount) => till::move_cash(&site.world, &at, (why, amount), &form.note, &key).await?,
        None => Err(TillRefusal::Amount),
    };
    match moved {
        Err(TillRefusal::ReasonMissing) => {
            let problem = CounterProblem::at("till_reason_missing", "note");
            Ok(show(&site, &reader, &view(&site, &reader, &at, Some(problem)).await?))
        }
        moved => done(&site, &reader, &at, moved, "amount").await,
    }
}

/// Pieces by denomination, in fields that are called `d` and the denomination in minor units.
pub async fn count(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(typed): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let mut pieces = BTreeMap::new();
    let mut readable = true;
    for (name, number) in typed.iter().filter(|(_, number)| !number.trim().is_empty()) {
        let read =
            name.strip_prefix('d').and_then(|d| d.parse::<i64>().ok()).zip(number.trim().parse::<i64>().ok());
        match read {
            Some((denomination, number)) => {
                pieces.insert(denomination, number);
            }
            None => readable = false,
        }
    }
    let counted = match readable {
        true => till::count(&site.world, &at, pieces).await?,
        false => Err(TillRefusal::Amount),
    };
    done(&site, &reader, &at, counted, "count").await
}

pub async fn recount(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    let dropped = till::drop_count(&site.world, &at).await?;
    done(&site, &reader, &at, dropped, "count").await
}

#[derive(Deserialize)]
pub struct CloseForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    next: String,
    hand_over: Option<String>,
}

pub async fn close(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<CloseForm>,
) -> Result<Response, Failure> {
    let next = match (&form.hand_over, form.next.trim().parse::<i64>()) {
        (None, _) => Ok(None),
        (Some(_), Err(_)) => Err(TillRefusal::NextClerk),
        (Some(_), Ok(number)) => {
            let all = clerks::list_at(&site.world, &at.device).await?;
            all.into_iter().find(|clerk| clerk.number == number).map(Some).ok_or(TillRefusal::NextClerk)
        }
    };
    let closed = match next {
        Ok(next) => till::close(&site.world, &at, &form.reason, next).await?,
        Err(refusal) => Err(refusal),
    };
    match closed {
        Ok(shift) => Ok(Redirect::to(&format!("/agent/till/shifts/{}", shift.id)).into_response()),
        Err(refusal) => done::<()>(&site, &reader, &at, Err(refusal), "reason").await,
    }
}

#[derive(Deserialize)]
pub struct GiveBackForm {
    #[serde(default)]
    code: String,
}

pub async fn give_back(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<GiveBackForm>,
) -> Result<Response, Failure> {
    let code = domain::code::parse(&form.code).unwrap_or_default();
    let given = match shown::find(&site.world, &at, &code).await? {
        Some(sold) => till::give_back(&site.world, &at, &sold.top_up.id).await?,
        None => Err(TillRefusal::NothingOwed),
    };
    done(&site, &reader, &at, given, "code").await
}

pub async fn report(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = ShiftId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    Ok(show(&site, &reader, &report_view(&site, &reader, &at, &id, None).await?))
}

/// An open shift's report shows what there should be: it is for supervisors, so that a count stays blind.
pub(super) async fn report_view(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    id: &ShiftId,
    problem: Option<CounterProblem>,
) -> Result<CounterReport, Failure> {
    let (counter, purse) = with_purse(site, at).await?;
    let found = till::report(&site.world, at, id).await?;
    let visible = |report: &till::Report| report.shift.closed.is_some() || at.clerk.supervises();
    let report = found.filter(visible).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let (names, zone) = (names(site, at).await?, purse.map_or_else(|| "UTC".to_owned(), |p| p.time_zone));
    let currency = report.shift.currency;
    let movement = |moved: domain::till::CashMovement| MovementRow {
        why: moved.why,
        amount: moved.amount,
        note: moved.note,
        at: moved.at,
    };
    let shift = &report.shift;
    Ok(CounterReport {
        counter,
        shift: shift.id.to_string(),
        number: shift.closed.as_ref().map(|closed| closed.number),
        clerk: names.get(shift.clerk.as_str()).cloned(),
        device: names.get(shift.device.as_str()).cloned(),
        opened_at: shift.opened_at,
        closed: shift.closed.as_ref().map(|closed| (closed.at, closed.how)),
        reason: shift.closed.as_ref().and_then(|closed| closed.reason.clone()),
        figures: FiguresShown::of(&report.figures),
        counted: shift.counted,
        difference: difference(shift),
        pieces: report.pieces.iter().map(|(d, n)| (Money::new(*d, currency), *n)).collect(),
        movements: report.movements.into_iter().map(movement).collect(),
        pending: shown_sales(site, reader, at, report.pending, &zone).await?,
        forceable: report.shift.closed.is_none() && at.clerk.supervises(),
        fiscal: report.fiscal,
        problem,
        zone,
    })
}

#[derive(Deserialize)]
pub struct ForceForm {
    #[serde(default)]
    reason: String,
}

pub async fn force(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(id): Path<String>,
    Form(form): Form<ForceForm>,
) -> Result<Response, Failure> {
    let id = ShiftId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    match till::force(&site.world, &at, &id, &form.reason).await? {
        Ok(_) => Ok(Redirect::to(&format!("/agent/till/shifts/{id}")).into_response()),
        Err(refusal) => {
            let problem = Some(problem(refusal, "reason"));
            Ok(show(&site, &reader, &report_view(&site, &reader, &at, &id, problem).await?))
        }
    }
}
