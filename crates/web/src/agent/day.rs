//! The outlet's business day: closing it, its report, and the report as a file. For supervisors and owners.

use super::till::{fiscal_shown, names, owed_rows, row, shown_sales};
use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::business_day::{BusinessDay, DayReport};
use domain::money::Money;
use flows::business_day::{self, DayRefusal};
use http::header;
use render::view::{
    CounterDay, CounterDayReport, CounterProblem, DayCsv, DayFacts, DayRow, DayShiftRow, ErrorKind,
    FiguresShown, ShareRow,
};
use std::collections::HashMap;

/// Days that are listed.
const PAST: i64 = 60;

fn problem(refusal: DayRefusal) -> CounterProblem {
    CounterProblem::of(match refusal {
        DayRefusal::Supervisor => "till_supervisor",
        DayRefusal::Training => "till_training",
        DayRefusal::Pending => "day_pending",
        DayRefusal::ShiftsOpen => "day_shifts_open",
        DayRefusal::Nothing => "day_nothing",
    })
}

fn supervised(at: &AtCounter) -> Result<(), Failure> {
    if at.clerk.supervises() { Ok(()) } else { Err(Failure::of(ErrorKind::NotFound)) }
}

pub async fn page(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    supervised(&at)?;
    Ok(show(&site, &reader, &view(&site, &reader, &at, None).await?))
}

async fn view(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    problem: Option<CounterProblem>,
) -> Result<CounterDay, Failure> {
    let (counter, purse) = with_purse(site, at).await?;
    let Some(purse) = purse else { return Err(Failure::of(ErrorKind::NotFound)) };
    let standing = business_day::standing(&site.world, at, PAST).await?;
    let names = names(site, at).await?;
    let clear = standing.pending.is_empty() && standing.open.is_empty() && standing.closed > 0;
    let past = standing.past.into_iter().map(|day| DayRow {
        number: day.number,
        closed_at: day.closed_at,
        sales: day.sales,
        total: day.total,
    });
    Ok(CounterDay {
        counter,
        pending: shown_sales(site, reader, at, standing.pending, &purse.time_zone).await?,
        open: standing.open.into_iter().map(|shift| row(shift, &names)).collect(),
        owed: owed_rows(site, standing.owed).await?,
        closed: standing.closed,
        clear: clear && !at.training(),
        past: past.collect(),
        fiscal: fiscal_shown(site, at).await?,
        problem,
        zone: purse.time_zone,
    })
}

pub async fn close(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    supervised(&at)?;
    match business_day::close(&site.world, &at).await? {
        Ok(day) => Ok(Redirect::to(&format!("/agent/till/days/{}", day.number)).into_response()),
        Err(refusal) => Ok(show(&site, &reader, &view(&site, &reader, &at, Some(problem(refusal))).await?)),
    }
}

/// `12` is the report of day 12, `12.csv` the same as a file.
pub async fn report(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(file): Path<String>,
) -> Result<Response, Failure> {
    let (number, as_file) = match file.strip_suffix(".csv") {
        Some(number) => (number, true),
        None => (file.as_str(), false),
    };
    let number: i64 = number.parse().map_err(|_| Failure::of(ErrorKind::NotFound))?;
    let found = business_day::report(&site.world, &at, number).await?;
    let (closed, report) = found.ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let (counter, purse) = with_purse(&site, &at).await?;
    let zone = purse.map_or_else(|| "UTC".to_owned(), |purse| purse.time_zone);
    let day = shown(&closed, report, &names(&site, &at).await?, zone);
    if !as_file {
        return Ok(show(&site, &reader, &CounterDayReport { counter, day }));
    }
    let table = site.world.renderer.table(reader.locale, &DayCsv { day });
    let name = format!("attachment; filename=\"day-{number}.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, table).into_response())
}

fn shown(closed: &BusinessDay, report: DayReport, names: &HashMap<String, String>, zone: String) -> DayFacts {
    let zero = Money::zero(closed.total.currency);
    let money = |minor| Money::new(minor, zero.currency);
    let share = |id: &str, share| ShareRow::of(names.get(id).cloned(), share, zero);
    let shifts = report.shifts.into_iter().map(|shift| DayShiftRow {
        difference: shift.variance().map(money),
        id: shift.shift.to_string(),
        number: shift.number,
        clerk: names.get(shift.clerk.as_str()).cloned(),
        total: money(shift.total_minor),
        expected: money(shift.expected_minor),
        counted: shift.counted_minor.map(money),
        reason: shift.reason,
    });
    DayFacts {
        zone,
        number: closed.number,
        from: closed.from,
        closed_at: closed.closed_at,
        closed_by: names.get(closed.closed_by.as_str()).cloned(),
        fees: money(report.figures.fees_minor),
        figures: FiguresShown::of(&report.figures),
        clerks: report.clerks.iter().map(|(id, of)| share(id.as_str(), *of)).collect(),
        devices: report.devices.iter().map(|(id, of)| share(id.as_str(), *of)).collect(),
        shifts: shifts.collect(),
        first: report.first,
        last: report.last,
        owed: (report.owed.0, money(report.owed.1)),
    }
}
