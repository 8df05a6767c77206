//! The journal of a counter: written once, read newest first, searched by index.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::counter_journal::{JournalEntry, JournalEvent, JournalSearch};
use domain::id::{ClerkId, DeviceId, PlaceId};
use domain::money::Money;
use domain::time::UnixMs;

/// Before every id.
pub const NEWEST: &str = "~";

const COLUMNS: &str =
    "place_id, id, at, device_id, clerk_id, what, subject, last_four, amount_minor, currency, reason";

fn read(row: &Row<'_>) -> Result<JournalEntry> {
    let amount = match row.opt_int(8)?.zip(row.opt_text(9)?) {
        Some((minor, currency)) => Some(Money::new(minor, currency.parse().context("a currency")?)),
        None => None,
    };
    Ok(JournalEntry {
        place: PlaceId::stored(row.text(0)?),
        id: row.text(1)?,
        at: UnixMs(row.int(2)?),
        device: row.opt_text(3)?.map(DeviceId::stored),
        clerk: row.opt_text(4)?.map(ClerkId::stored),
        what: row.word(5, JournalEvent::parse)?,
        subject: row.opt_text(6)?,
        last_four: row.opt_text(7)?,
        amount,
        reason: row.opt_text(10)?,
    })
}

pub fn insert_all(tx: &mut Tx<'_>, entries: &[JournalEntry]) -> Result<()> {
    let row = |e: &JournalEntry| {
        let amount = e.amount.map(|amount| amount.minor);
        let currency = e.amount.map(|amount| amount.currency.code().to_owned());
        values![
            e.place.as_str().to_owned(),
            e.id.clone(),
            e.at,
            e.device.as_ref().map(|device| device.as_str().to_owned()),
            e.clerk.as_ref().map(|clerk| clerk.as_str().to_owned()),
            e.what.as_str(),
            e.subject.clone(),
            e.last_four.clone(),
            amount,
            currency,
            e.reason.clone()
        ]
        .to_vec()
    };
    tx.insert_all(
        "insert into counter_journal (place_id, id, at, device_id, clerk_id, what, subject, last_four, amount_minor, \
         currency, reason) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &entries.iter().map(row).collect::<Vec<_>>(),
    )
}

/// Entries of a place before an id, the newest first.
pub fn list(
    tx: &mut Tx<'_>,
    place: &PlaceId,
    search: &JournalSearch,
    before: &str,
    limit: i64,
) -> Result<Vec<JournalEntry>> {
    let sql = |and: &str| {
        format!(
            "select {COLUMNS} from counter_journal where place_id = ?1 and id < ?2 {and} order by id desc limit ?3"
        )
    };
    let place = place.as_str();
    match search {
        JournalSearch::All => tx.query(&sql(""), &values![place, before, limit], read),
        JournalSearch::LastFour(digits) => {
            tx.query(&sql("and last_four = ?4"), &values![place, before, limit, digits], read)
        }
        JournalSearch::Code(code) => {
            tx.query(&sql("and subject = ?4"), &values![place, before, limit, code], read)
        }
        JournalSearch::Amount(minor) => {
            tx.query(&sql("and amount_minor = ?4"), &values![place, before, limit, *minor], read)
        }
    }
}

/// One entry of a place.
pub fn find(tx: &mut Tx<'_>, place: &PlaceId, id: &str) -> Result<Option<JournalEntry>> {
    let sql = format!("select {COLUMNS} from counter_journal where place_id = ?1 and id = ?2");
    tx.query_first(&sql, &values![place.as_str(), id], read)
}
