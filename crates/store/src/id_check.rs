//! ID checks at the counter: one row per look at a document, with the little that may be kept of it.
//! Start reading at [`Check`].

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{ClerkId, DeviceId, IdCheckId, PlaceId, TopUpId};
use domain::id_check::{NameMatch, Needed};
use domain::identity::{Kept, Kind, Month};
use domain::time::UnixMs;

/// One look, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub id: IdCheckId,
    /// Keyed hash of the device, the clerk and the number that is to be topped up.
    pub sale_hash: String,
    /// The one sale that it served.
    pub top_up: Option<TopUpId>,
    pub market: String,
    pub place: PlaceId,
    pub clerk: ClerkId,
    pub device: DeviceId,
    /// None where nothing could be read.
    pub kept: Option<Kept>,
    /// Why it was refused, in one word; None for one that passed.
    pub refused: Option<String>,
    pub name_match: Option<NameMatch>,
    /// Only where the rule asked for an age.
    pub of_age: Option<bool>,
    /// The keyed hash of the number, and the law that asks for it.
    pub hashed: Option<(String, String)>,
    pub at: UnixMs,
}

impl Check {
    /// Did it pass, did it serve no sale yet, and does it answer all that is asked now?
    pub fn serves(&self, needed: &Needed) -> bool {
        let accepted = self.kept.as_ref().is_some_and(|kept| needed.accepts.contains(&kept.kind));
        let named = !needed.name_match || self.name_match == Some(NameMatch::Yes);
        let aged = needed.minimum_age.is_none() || self.of_age == Some(true);
        let lawful = needed.legal_basis.is_none() || self.hashed.is_some();
        self.refused.is_none() && self.top_up.is_none() && accepted && named && aged && lawful
    }
}

const COLUMNS: &str = "id, sale_hash, top_up_id, market, place_id, clerk_id, device_id, kind, country, last4, expires, \
                       reason, name_match, of_age, number_hash, legal_basis, checked_at";

fn read(row: &Row<'_>) -> Result<Check> {
    Ok(Check {
        id: IdCheckId::stored(row.text(0)?),
        sale_hash: row.text(1)?,
        top_up: row.opt_text(2)?.map(TopUpId::stored),
        market: row.text(3)?,
        place: PlaceId::stored(row.text(4)?),
        clerk: ClerkId::stored(row.text(5)?),
        device: DeviceId::stored(row.text(6)?),
        kept: read_kept(row)?,
        refused: row.opt_text(11)?,
        name_match: row
            .opt_text(12)?
            .map(|word| NameMatch::parse(&word).context("no word of a name match"))
            .transpose()?,
        of_age: row.opt_int(13)?.map(|flag| flag == 1),
        hashed: row.opt_text(14)?.zip(row.opt_text(15)?),
        at: UnixMs(row.int(16)?),
    })
}

fn read_kept(row: &Row<'_>) -> Result<Option<Kept>> {
    let (Some(kind), Some(country), Some(last4)) = (row.opt_text(7)?, row.opt_text(8)?, row.opt_text(9)?)
    else {
        return Ok(None);
    };
    let kind = Kind::parse(&kind).context("no kind of document")?;
    let expires = row.opt_text(10)?.map(|text| Month::parse(&text).context("no month")).transpose()?;
    Ok(Some(Kept { kind, country, last4, expires }))
}

/// Writes one down.
pub fn insert(tx: &mut Tx<'_>, check: &Check) -> Result<()> {
    let kept = check.kept.as_ref();
    tx.execute_one(
        "insert into id_check (id, sale_hash, top_up_id, market, place_id, clerk_id, device_id, kind, country, last4, \
         expires, outcome, reason, name_match, of_age, number_hash, legal_basis, checked_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        &values![
            check.id.as_str(),
            &check.sale_hash,
            check.top_up.as_ref().map(|id| id.as_str().to_owned()),
            &check.market,
            check.place.as_str(),
            check.clerk.as_str(),
            check.device.as_str(),
            kept.map(|kept| kept.kind.as_str().to_owned()),
            kept.map(|kept| kept.country.clone()),
            kept.map(|kept| kept.last4.clone()),
            kept.and_then(|kept| kept.expires).map(|month| month.to_string()),
            if check.refused.is_none() { "passed" } else { "refused" },
            check.refused.clone(),
            check.name_match.map(|word| word.as_str().to_owned()),
            check.of_age.map(i64::from),
            check.hashed.as_ref().map(|(hash, _)| hash.clone()),
            check.hashed.as_ref().map(|(_, law)| law.clone()),
            check.at
        ],
    )
}

/// The looks for one sale that are not older than `since`, newest first.
pub fn of_sale(
    tx: &mut Tx<'_>,
    place: &PlaceId,
    sale_hash: &str,
    since: UnixMs,
    limit: i64,
) -> Result<Vec<Check>> {
    let sql = format!(
        "select {COLUMNS} from id_check where place_id = ?1 and sale_hash = ?2 and checked_at >= ?3 \
         order by id desc limit ?4"
    );
    tx.query(&sql, &values![place.as_str(), sale_hash, since, limit], read)
}

/// Says which top-up a look was for, once it is sold. One look serves one sale: a second one is an error.
pub fn link(tx: &mut Tx<'_>, id: &IdCheckId, top_up: &TopUpId) -> Result<()> {
    tx.execute_one(
        "update id_check set top_up_id = ?2 where id = ?1 and top_up_id is null",
        &values![id.as_str(), top_up.as_str()],
    )
}

/// Removes looks older than `before` that served no sale.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from id_check where id in (select id from id_check where top_up_id is null \
         and checked_at < ?1 limit ?2)",
        &values![before, limit],
    )
}
