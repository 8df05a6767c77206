//! Closed business days of outlets, and the shifts that are in no day yet.

use crate::db::{Row, Tx};
use crate::shift::{self, COLUMNS};
use crate::values;
use anyhow::Result;
use domain::business_day::{BusinessDay, Share};
use domain::id::{ClerkId, PlaceId, ShiftId};
use domain::money::Money;
use domain::till::Shift;
use domain::time::UnixMs;
use domain::top_up::TopUp;

/// The outlet's shifts that are in no day yet, the oldest first.
pub fn waiting(tx: &mut Tx<'_>, place: &PlaceId, limit: i64) -> Result<Vec<Shift>> {
    let sql = format!(
        "select {COLUMNS} from shift where place_id = ?1 and day_number is null order by id limit ?2"
    );
    tx.query(&sql, &values![place.as_str(), limit], shift::read)
}

/// Sales of these shifts whose end nobody knows yet.
pub fn pending(tx: &mut Tx<'_>, place: &PlaceId, limit: i64) -> Result<Vec<TopUp>> {
    let columns = crate::top_up::COLUMNS;
    tx.query(
        &format!(
            "select {columns} from top_up where id in (select top_up_id from tender where n = 0 and shift_id in \
             (select id from shift where place_id = ?1 and day_number is null)) \
             and state in ('awaiting_payment', 'checking_payment', 'paid', 'pending_network', 'refunding', 'review') \
             order by id limit ?2"
        ),
        &values![place.as_str(), limit],
        crate::top_up::read,
    )
}

/// What each clerk took and gave back in a shift.
pub fn shares(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<Vec<(ClerkId, Share)>> {
    tx.query(
        "select clerk_id, cast(count(distinct case when amount_minor > 0 then top_up_id end) as bigint), \
         cast(sum(case when amount_minor > 0 then amount_minor else 0 end) as bigint), \
         cast(sum(case when amount_minor < 0 then -amount_minor else 0 end) as bigint) \
         from tender where shift_id = ?1 group by clerk_id order by clerk_id",
        &values![shift.as_str()],
        |row| {
            let share = Share { sales: row.int(1)?, taken_minor: row.int(2)?, returned_minor: row.int(3)? };
            Ok((ClerkId::stored(row.text(0)?), share))
        },
    )
}

/// The first and the last sale of a shift, by id.
pub fn ends(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<Option<(String, String)>> {
    let found = tx.query_first(
        "select min(top_up_id), max(top_up_id) from tender where shift_id = ?1 and n = 0",
        &values![shift.as_str()],
        |row| Ok(row.opt_text(0)?.zip(row.opt_text(1)?)),
    )?;
    Ok(found.flatten())
}

/// Holds the outlet's reports until the end of the transaction, so that no shift and no day is closed meanwhile; false
/// when it never closed a shift.
pub fn hold(tx: &mut Tx<'_>, place: &PlaceId) -> Result<bool> {
    let held =
        tx.execute("update report_number set last = last where place_id = ?1", &values![place.as_str()])?;
    Ok(held == 1)
}

/// The number of the outlet's next day, while its reports are held.
pub fn next_number(tx: &mut Tx<'_>, place: &PlaceId) -> Result<i64> {
    let last = tx.query_first(
        "select number from business_day where place_id = ?1 order by number desc limit 1",
        &values![place.as_str()],
        |row| row.int(0),
    )?;
    Ok(last.unwrap_or(0) + 1)
}

/// Writes a closed day with its report as JSON, and puts its shifts into it. A shift that is in a day already fails.
pub fn insert(tx: &mut Tx<'_>, day: &BusinessDay, report: &str, shifts: &[&ShiftId]) -> Result<()> {
    tx.execute_one(
        "insert into business_day (place_id, number, from_at, closed_at, closed_by, currency, total_minor, sales, report) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &values![
            day.place.as_str(),
            day.number,
            day.from,
            day.closed_at,
            day.closed_by.as_str(),
            day.total.currency.code(),
            day.total.minor,
            day.sales,
            report
        ],
    )?;
    for shift in shifts {
        tx.execute_one(
            "update shift set day_number = ?2 where id = ?1 and state = 'closed' and day_number is null",
            &values![shift.as_str(), day.number],
        )?;
    }
    Ok(())
}

const DAY: &str = "place_id, number, from_at, closed_at, closed_by, currency, total_minor, sales";

fn read(row: &Row<'_>) -> Result<BusinessDay> {
    Ok(BusinessDay {
        place: PlaceId::stored(row.text(0)?),
        number: row.int(1)?,
        from: UnixMs(row.int(2)?),
        closed_at: UnixMs(row.int(3)?),
        closed_by: ClerkId::stored(row.text(4)?),
        total: Money::new(row.int(6)?, row.text(5)?.parse()?),
        sales: row.int(7)?,
    })
}

/// One day of an outlet with its report as JSON.
pub fn find(tx: &mut Tx<'_>, place: &PlaceId, number: i64) -> Result<Option<(BusinessDay, String)>> {
    let sql = format!("select {DAY}, report from business_day where place_id = ?1 and number = ?2");
    tx.query_first(&sql, &values![place.as_str(), number], |row| Ok((read(row)?, row.text(8)?)))
}

/// The days of an outlet, the newest first.
pub fn list(tx: &mut Tx<'_>, place: &PlaceId, limit: i64) -> Result<Vec<BusinessDay>> {
    let sql = format!("select {DAY} from business_day where place_id = ?1 order by number desc limit ?2");
    tx.query(&sql, &values![place.as_str(), limit], read)
}
