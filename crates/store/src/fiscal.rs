//! Signatures of fiscal devices: one row for each sale and kind, from the moment in which the sale stands.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::fiscal::{FiscalCounts, FiscalEvidence, FiscalFacts, FiscalKind, FiscalSignature, FiscalState};
use domain::id::{FiscalId, PlaceId, ShiftId, TopUpId};
use domain::time::UnixMs;

const COLUMNS: &str = "id, top_up_id, kind, market, place_id, shift_id, state, tries, refusal, evidence, created_at, \
                       state_at";

fn read(row: &Row<'_>) -> Result<FiscalSignature> {
    let evidence = row.opt_text(9)?;
    Ok(FiscalSignature {
        id: FiscalId::stored(row.text(0)?),
        top_up: TopUpId::stored(row.text(1)?),
        kind: row.word(2, FiscalKind::parse)?,
        market: row.text(3)?,
        place: PlaceId::stored(row.text(4)?),
        shift: ShiftId::stored(row.text(5)?),
        state: row.word(6, FiscalState::parse)?,
        tries: row.int(7)?,
        refusal: row.opt_text(8)?,
        evidence: evidence.map(|kept| serde_json::from_str::<FiscalEvidence>(&kept)).transpose()?,
        created_at: UnixMs(row.int(10)?),
        state_at: UnixMs(row.int(11)?),
    })
}

/// Writes down that signatures are owed; those of sales and kinds that have one already are left out.
pub fn insert_all(tx: &mut Tx<'_>, owed: &[FiscalSignature]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = owed
        .iter()
        .map(|owed| {
            values![
                owed.id.as_str(),
                owed.top_up.as_str(),
                owed.kind.as_str(),
                &owed.market,
                owed.place.as_str(),
                owed.shift.as_str(),
                owed.state.as_str(),
                owed.created_at
            ]
            .to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into fiscal_signature (id, top_up_id, kind, market, place_id, shift_id, state, tries, created_at, state_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?8) on conflict (top_up_id, kind) do nothing",
        &rows,
    )
}

pub fn find(tx: &mut Tx<'_>, id: &FiscalId) -> Result<Option<FiscalSignature>> {
    tx.query_first(
        &format!("select {COLUMNS} from fiscal_signature where id = ?1"),
        &values![id.as_str()],
        read,
    )
}

/// The signatures of a sale: its own, then that of its reversal.
pub fn of_sale(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<FiscalSignature>> {
    let sql = format!("select {COLUMNS} from fiscal_signature where top_up_id = ?1 order by id");
    tx.query(&sql, &values![top_up.as_str()], read)
}

/// What the device was told of it, once that was decided.
pub fn facts(tx: &mut Tx<'_>, id: &FiscalId) -> Result<Option<FiscalFacts>> {
    let sql = "select facts from fiscal_signature where id = ?1";
    let kept = tx.query_first(sql, &values![id.as_str()], |row| row.opt_text(0))?.flatten();
    Ok(kept.map(|kept| serde_json::from_str(&kept)).transpose()?)
}

/// The device is about to be asked once more, with these facts. What is signed is left as it is, and this is false.
pub fn begin(tx: &mut Tx<'_>, id: &FiscalId, facts: &FiscalFacts) -> Result<bool> {
    let begun = tx.execute(
        "update fiscal_signature set tries = tries + 1, facts = ?2 where id = ?1 and state <> 'signed'",
        &values![id.as_str(), serde_json::to_string(facts)?],
    )?;
    Ok(begun == 1)
}

/// The device signed. The first evidence stays for ever.
pub fn sign(tx: &mut Tx<'_>, id: &FiscalId, evidence: &FiscalEvidence, now: UnixMs) -> Result<bool> {
    let signed = tx.execute(
        "update fiscal_signature set state = 'signed', evidence = ?2, refusal = null, state_at = ?3 \
         where id = ?1 and state <> 'signed'",
        &values![id.as_str(), serde_json::to_string(evidence)?, now],
    )?;
    Ok(signed == 1)
}

/// The device said no.
pub fn refuse(tx: &mut Tx<'_>, id: &FiscalId, refusal: &str, now: UnixMs) -> Result<()> {
    tx.execute(
        "update fiscal_signature set state = 'refused', refusal = ?2, state_at = ?3 where id = ?1 and state <> 'signed'",
        &values![id.as_str(), refusal, now],
    )
    .map(|_| ())
}

fn counts(rows: Vec<(FiscalState, i64)>) -> FiscalCounts {
    let mut counts = FiscalCounts::default();
    for (state, number) in rows {
        match state {
            FiscalState::Signed => counts.signed = number,
            FiscalState::Waiting => counts.waiting = number,
            FiscalState::Refused => counts.refused = number,
        }
    }
    counts
}

/// Where the signatures of a shift stand.
pub fn of_shift(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<FiscalCounts> {
    let sql = "select state, count(*) from fiscal_signature where shift_id = ?1 group by state";
    let read = |row: &Row<'_>| Ok((row.word(0, FiscalState::parse)?, row.int(1)?));
    Ok(counts(tx.query(sql, &values![shift.as_str()], read)?))
}

/// What an outlet's device has not signed, and the receipts' codes, the oldest first.
pub fn unsigned(tx: &mut Tx<'_>, place: &PlaceId, limit: i64) -> Result<Vec<(String, FiscalSignature)>> {
    let columns =
        COLUMNS.split(", ").map(|column| format!("f.{}", column.trim())).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "select {columns}, t.code from fiscal_signature f join top_up t on t.id = f.top_up_id \
         where f.place_id = ?1 and f.state <> 'signed' order by f.id limit ?2"
    );
    tx.query(&sql, &values![place.as_str(), limit], |row| Ok((row.text(12)?, read(row)?)))
}

/// How many signatures of an outlet wait and how many were refused.
pub fn open_at(tx: &mut Tx<'_>, place: &PlaceId) -> Result<FiscalCounts> {
    let sql = "select state, count(*) from fiscal_signature where place_id = ?1 and state <> 'signed' group by state";
    let read = |row: &Row<'_>| Ok((row.word(0, FiscalState::parse)?, row.int(1)?));
    Ok(counts(tx.query(sql, &values![place.as_str()], read)?))
}

/// The last evidence that an outlet got: by which device it was signed, and when.
pub fn last_evidence(tx: &mut Tx<'_>, place: &PlaceId) -> Result<Option<FiscalEvidence>> {
    let sql = "select evidence from fiscal_signature where place_id = ?1 and state = 'signed' \
               order by state_at desc limit 1";
    let kept = tx.query_first(sql, &values![place.as_str()], |row| row.text(0))?;
    Ok(kept.map(|kept| serde_json::from_str(&kept)).transpose()?)
}
