//! Shifts of tills: their beginning and end, cash that moves in them, their count, and the number of their report.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{ClerkId, DeviceId, PlaceId, ShiftId};
use domain::money::Money;
use domain::till::{CashMovement, CashReason, Closed, Closing, Shift, ShiftState};
use domain::time::UnixMs;
use std::collections::BTreeMap;

pub(crate) const COLUMNS: &str = "id, place_id, device_id, clerk_id, currency, state, opened_at, closed_at, closed_by, closing, number, \
     counted_minor, expected_minor, reason";

pub(crate) fn read(row: &Row<'_>) -> Result<Shift> {
    let currency = row.text(4)?.parse()?;
    let state = row.word(5, ShiftState::parse)?;
    let closed = match state {
        ShiftState::Open => None,
        ShiftState::Closed => Some(Closed {
            at: UnixMs(row.int(7)?),
            by: ClerkId::stored(row.text(8)?),
            how: row.word(9, Closing::parse)?,
            number: row.int(10)?,
            expected: Money::new(row.int(12)?, currency),
            reason: row.opt_text(13)?,
        }),
    };
    Ok(Shift {
        id: ShiftId::stored(row.text(0)?),
        place: PlaceId::stored(row.text(1)?),
        device: DeviceId::stored(row.text(2)?),
        clerk: ClerkId::stored(row.text(3)?),
        currency,
        state,
        opened_at: UnixMs(row.int(6)?),
        counted: row.opt_int(11)?.map(|minor| Money::new(minor, currency)),
        closed,
    })
}

/// Opens a shift; false when the device has one already.
pub fn open(tx: &mut Tx<'_>, shift: &Shift) -> Result<bool> {
    let opened = tx.execute(
        "insert into shift (id, place_id, device_id, clerk_id, currency, state, opened_at) \
         values (?1, ?2, ?3, ?4, ?5, 'open', ?6) on conflict do nothing",
        &values![
            shift.id.as_str(),
            shift.place.as_str(),
            shift.device.as_str(),
            shift.clerk.as_str(),
            shift.currency.code(),
            shift.opened_at
        ],
    )?;
    Ok(opened == 1)
}

/// The open shift of a device.
pub fn find_open(tx: &mut Tx<'_>, device: &DeviceId) -> Result<Option<Shift>> {
    let sql = format!("select {COLUMNS} from shift where device_id = ?1 and state = 'open'");
    tx.query_first(&sql, &values![device.as_str()], read)
}

/// A shift of an outlet.
pub fn find(tx: &mut Tx<'_>, place: &PlaceId, id: &ShiftId) -> Result<Option<Shift>> {
    let sql = format!("select {COLUMNS} from shift where id = ?1 and place_id = ?2");
    tx.query_first(&sql, &values![id.as_str(), place.as_str()], read)
}

/// The open shifts of these devices, held until the end of the transaction.
pub fn hold_open(tx: &mut Tx<'_>, devices: &[&str]) -> Result<Vec<Shift>> {
    let sql = format!("select {COLUMNS} from shift where device_id = ?1 and state = 'open'");
    tx.query_each_held(&sql, devices, read)
}

/// Holds an open shift until the end of the transaction; `None` when it is not open any more.
pub fn lock_open(tx: &mut Tx<'_>, id: &ShiftId) -> Result<Option<Shift>> {
    let held =
        tx.execute("update shift set state = state where id = ?1 and state = 'open'", &values![id.as_str()])?;
    if held == 0 {
        return Ok(None);
    }
    tx.query_first(&format!("select {COLUMNS} from shift where id = ?1"), &values![id.as_str()], read)
}

/// The shifts of an outlet before an id, the newest first.
pub fn list(tx: &mut Tx<'_>, place: &PlaceId, before: &str, limit: i64) -> Result<Vec<Shift>> {
    let sql =
        format!("select {COLUMNS} from shift where place_id = ?1 and id < ?2 order by id desc limit ?3");
    tx.query(&sql, &values![place.as_str(), before, limit], read)
}

/// The next number of a report at an outlet: without gaps, for the transaction that takes it also writes it.
pub fn next_number(tx: &mut Tx<'_>, place: &PlaceId) -> Result<i64> {
    tx.execute(
        "insert into report_number (place_id, last) values (?1, 1) \
         on conflict (place_id) do update set last = report_number.last + 1",
        &values![place.as_str()],
    )?;
    tx.query_first("select last from report_number where place_id = ?1", &values![place.as_str()], |row| {
        row.int(0)
    })?
    .context("the number that was just taken")
}

/// Closes an open shift with its report as JSON; false when somebody else closed it.
pub fn close(tx: &mut Tx<'_>, id: &ShiftId, closed: &Closed, report: &str) -> Result<bool> {
    let done = tx.execute(
        "update shift set state = 'closed', closed_at = ?2, closed_by = ?3, closing = ?4, number = ?5, \
         expected_minor = ?6, reason = ?7, report = ?8 where id = ?1 and state = 'open'",
        &values![
            id.as_str(),
            closed.at,
            closed.by.as_str(),
            closed.how.as_str(),
            closed.number,
            closed.expected.minor,
            closed.reason.as_deref(),
            report
        ],
    )?;
    Ok(done == 1)
}

/// What the report of a closed shift said.
pub fn report(tx: &mut Tx<'_>, id: &ShiftId) -> Result<Option<String>> {
    let found = tx.query_first("select report from shift where id = ?1", &values![id.as_str()], |row| {
        row.opt_text(0)
    })?;
    Ok(found.flatten())
}

/// Cash that moved otherwise than by a sale. `id` is a ULID, drawn when its form was made; the same one again changes
/// nothing, and false is said.
pub fn insert_movement(tx: &mut Tx<'_>, shift: &ShiftId, id: &str, moved: &CashMovement) -> Result<bool> {
    let written = tx.execute(
        "insert into cash_movement (shift_id, id, why, amount_minor, note, clerk_id, at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict do nothing",
        &values![
            shift.as_str(),
            id,
            moved.why.as_str(),
            moved.amount.minor,
            moved.note.as_deref(),
            moved.clerk.as_str(),
            moved.at
        ],
    )?;
    Ok(written == 1)
}

/// How many such movements a shift has.
pub fn count_movements(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<i64> {
    let found = tx.query_first(
        "select count(*) from cash_movement where shift_id = ?1",
        &values![shift.as_str()],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Such movements of a shift, the oldest first.
pub fn movements(tx: &mut Tx<'_>, shift: &Shift, limit: i64) -> Result<Vec<CashMovement>> {
    tx.query(
        "select why, amount_minor, note, clerk_id, at from cash_movement where shift_id = ?1 order by id limit ?2",
        &values![shift.id.as_str(), limit],
        |row| {
            Ok(CashMovement {
                why: row.word(0, CashReason::parse)?,
                amount: Money::new(row.int(1)?, shift.currency),
                note: row.opt_text(2)?,
                clerk: ClerkId::stored(row.text(3)?),
                at: UnixMs(row.int(4)?),
            })
        },
    )
}

/// Sums of such movements by reason, in minor units.
pub fn moved(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<BTreeMap<CashReason, i64>> {
    let rows = tx.query(
        "select why, cast(sum(amount_minor) as bigint) from cash_movement where shift_id = ?1 group by why",
        &values![shift.as_str()],
        |row| Ok((row.word(0, CashReason::parse)?, row.int(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

/// Writes what was counted in an open shift; what was counted before is gone.
pub fn write_count(
    tx: &mut Tx<'_>,
    shift: &ShiftId,
    counted: Option<Money>,
    pieces: &BTreeMap<i64, i64>,
) -> Result<()> {
    tx.execute_one(
        "update shift set counted_minor = ?2 where id = ?1 and state = 'open'",
        &values![shift.as_str(), counted.map(|counted| counted.minor)],
    )?;
    tx.execute("delete from cash_count where shift_id = ?1", &values![shift.as_str()])?;
    let rows: Vec<Vec<Value<'_>>> = pieces
        .iter()
        .map(|(denomination, number)| values![shift.as_str(), *denomination, *number].to_vec())
        .collect();
    tx.insert_all("insert into cash_count (shift_id, denomination_minor, pieces) values (?1, ?2, ?3)", &rows)
}

/// What was counted, the largest denomination first.
pub fn count(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<Vec<(i64, i64)>> {
    tx.query(
        "select denomination_minor, pieces from cash_count where shift_id = ?1 order by denomination_minor desc",
        &values![shift.as_str()],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )
}
