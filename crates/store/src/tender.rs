//! What customers handed over at counters, sale by sale, and what they got back; and what they still have to get back.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::id::{ClerkId, PlaceId, ShiftId, TopUpId};
use domain::money::{Currency, Money};
use domain::tender::{Tender, TenderKind};
use domain::till::Figures;
use domain::time::UnixMs;
use domain::top_up::TopUp;

/// One part of what was handed over for a sale, where and by whom it was taken. Negative: given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub top_up: TopUpId,
    /// From 0 on within its sale.
    pub n: i64,
    pub tender: Tender,
    pub shift: ShiftId,
    pub place: PlaceId,
    pub clerk: ClerkId,
    pub at: UnixMs,
    /// Is it in the till? What waits for its card is not, and never comes to be when the card does not pay.
    pub taken: bool,
}

pub fn insert_all(tx: &mut Tx<'_>, taken: &[&Taken]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = taken
        .iter()
        .map(|t| {
            values![
                t.top_up.as_str(),
                t.n,
                t.tender.kind.as_str(),
                t.tender.amount.minor,
                t.tender.amount.currency.code(),
                t.tender.given.map(|given| given.minor),
                t.shift.as_str(),
                t.place.as_str(),
                t.clerk.as_str(),
                t.at,
                i64::from(t.taken)
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into tender (top_up_id, n, kind, amount_minor, currency, given_minor, shift_id, place_id, clerk_id, at, \
         taken) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &rows,
    )
}

fn read(row: &Row<'_>) -> Result<Taken> {
    let currency: Currency = row.text(4)?.parse()?;
    Ok(Taken {
        top_up: TopUpId::stored(row.text(0)?),
        n: row.int(1)?,
        tender: Tender {
            kind: row.word(2, TenderKind::parse)?,
            amount: Money::new(row.int(3)?, currency),
            given: row.opt_int(5)?.map(|minor| Money::new(minor, currency)),
        },
        shift: ShiftId::stored(row.text(6)?),
        place: PlaceId::stored(row.text(7)?),
        clerk: ClerkId::stored(row.text(8)?),
        at: UnixMs(row.int(9)?),
        taken: row.int(10)? == 1,
    })
}

/// Everything that was handed over and given back for a sale, in order.
pub fn of_sale(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<Taken>> {
    tx.query(
        "select top_up_id, n, kind, amount_minor, currency, given_minor, shift_id, place_id, clerk_id, at, taken \
         from tender where top_up_id = ?1 order by n",
        &values![top_up.as_str()],
        read,
    )
}

/// What waited for its card was paid, in this shift.
pub fn take(tx: &mut Tx<'_>, top_up: &TopUpId, shift: &ShiftId) -> Result<()> {
    tx.execute(
        "update tender set taken = 1, shift_id = ?2 where top_up_id = ?1 and taken = 0",
        &values![top_up.as_str(), shift.as_str()],
    )
    .map(|_| ())
}

/// Does a sale of the shift wait for its card?
pub fn waits_for_card(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<bool> {
    let sql = "select 1 from tender m join top_up t on t.id = m.top_up_id where m.shift_id = ?1 and m.taken = 0 \
               and t.state in ('awaiting_payment', 'checking_payment')";
    Ok(tx.query_first(sql, &values![shift.as_str()], |_| Ok(()))?.is_some())
}

/// Adds to a shift's figures what was taken and given back in it, and the tax and fees that are in it.
pub fn add_to(tx: &mut Tx<'_>, shift: &ShiftId, figures: &mut Figures) -> Result<()> {
    let sums = tx.query(
        "select kind, cast(case when amount_minor < 0 then 1 else 0 end as bigint) as back, cast(sum(abs(amount_minor)) as bigint), count(*) \
         from tender where shift_id = ?1 and taken = 1 group by kind, case when amount_minor < 0 then 1 else 0 end",
        &values![shift.as_str()],
        |row| Ok((row.word(0, TenderKind::parse)?, row.int(1)? == 1, row.int(2)?, row.int(3)?)),
    )?;
    for (kind, back, minor, number) in sums {
        let into = if back { &mut figures.returned } else { &mut figures.taken };
        into.insert(kind, (minor, number));
    }
    let rows = tx.query(
        "select t.tax_rate_bps, m.back, cast(sum(t.total_minor) as bigint), cast(sum(t.tax_minor) as bigint), \
         cast(sum(t.fee_minor) as bigint), count(*) from (select distinct top_up_id, \
         cast(case when amount_minor < 0 then 1 else 0 end as bigint) as back from tender where shift_id = ?1 and taken = 1) m \
         join top_up t on t.id = m.top_up_id group by t.tax_rate_bps, m.back",
        &values![shift.as_str()],
        |row| Ok((row.int(0)?, row.int(1)? == 1, row.int(2)?, row.int(3)?, row.int(4)?, row.int(5)?)),
    )?;
    for (rate, back, total, tax, fees, number) in rows {
        let sign = if back { -1 } else { 1 };
        let of_rate = figures.taxes.entry(u16::try_from(rate)?).or_default();
        of_rate.0 += sign * total;
        of_rate.1 += sign * tax;
        figures.fees_minor += sign * fees;
        figures.sales += if back { 0 } else { number };
    }
    Ok(())
}

/// The sales of a shift before an id, the newest first.
pub fn sales(tx: &mut Tx<'_>, shift: &ShiftId, before: &str, limit: i64) -> Result<Vec<TopUp>> {
    let columns = crate::top_up::COLUMNS;
    tx.query(
        &format!(
            "select {columns} from top_up where id in (select top_up_id from tender where shift_id = ?1 \
             and top_up_id < ?2 and n = 0 order by top_up_id desc limit ?3) order by id desc"
        ),
        &values![shift.as_str(), before, limit],
        crate::top_up::read,
    )
}

/// The sales of a shift whose end nobody knows yet.
pub fn pending(tx: &mut Tx<'_>, shift: &ShiftId, limit: i64) -> Result<Vec<TopUp>> {
    let columns = crate::top_up::COLUMNS;
    tx.query(
        &format!(
            "select {columns} from top_up where id in (select top_up_id from tender where shift_id = ?1 and n = 0) \
             and state in ('awaiting_payment', 'checking_payment', 'paid', 'pending_network', 'refunding', 'review') \
             order by id limit ?2"
        ),
        &values![shift.as_str(), limit],
        crate::top_up::read,
    )
}

/// Money that a customer has to get back at an outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedBack {
    pub top_up: TopUpId,
    pub place: PlaceId,
    pub amount: Money,
    pub since: UnixMs,
}

/// Notes that cash of a sale has to go back; once for each sale.
pub fn owe_back(tx: &mut Tx<'_>, owed: &OwedBack) -> Result<()> {
    tx.execute(
        "insert into owed_back (top_up_id, place_id, amount_minor, currency, since) values (?1, ?2, ?3, ?4, ?5) \
         on conflict (top_up_id) do nothing",
        &values![
            owed.top_up.as_str(),
            owed.place.as_str(),
            owed.amount.minor,
            owed.amount.currency.code(),
            owed.since
        ],
    )
    .map(|_| ())
}

const OWED: &str =
    "select top_up_id, place_id, amount_minor, currency, since from owed_back where given_at is null";

fn read_owed(row: &Row<'_>) -> Result<OwedBack> {
    Ok(OwedBack {
        top_up: TopUpId::stored(row.text(0)?),
        place: PlaceId::stored(row.text(1)?),
        amount: Money::new(row.int(2)?, row.text(3)?.parse()?),
        since: UnixMs(row.int(4)?),
    })
}

/// What an outlet has to give back, the oldest first.
pub fn list_owed(tx: &mut Tx<'_>, place: &PlaceId, limit: i64) -> Result<Vec<OwedBack>> {
    let sql = format!("{OWED} and place_id = ?1 order by since limit ?2");
    tx.query(&sql, &values![place.as_str(), limit], read_owed)
}

/// The cash of a sale that still has to go back.
pub fn find_owed(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Option<OwedBack>> {
    tx.query_first(&format!("{OWED} and top_up_id = ?1"), &values![top_up.as_str()], read_owed)
}

/// Notes that it went back; false when there is nothing to give, or it was given before.
pub fn give_back(tx: &mut Tx<'_>, place: &PlaceId, top_up: &TopUpId, now: UnixMs) -> Result<bool> {
    let given = tx.execute(
        "update owed_back set given_at = ?3 where top_up_id = ?1 and place_id = ?2 and given_at is null",
        &values![top_up.as_str(), place.as_str(), now],
    )?;
    Ok(given == 1)
}
