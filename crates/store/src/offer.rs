//! Offers in versions. A version that was written never changes, so a sale can always be explained.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::id::{Ids, OfferVersionId};
use domain::offer::Offer;
use domain::time::UnixMs;

/// Makes `offers` the current catalogue: changed ones get a new version, missing ones are no longer sold.
/// Returns how many versions were written.
pub fn replace_current(tx: &mut Tx<'_>, offers: &[Offer], ids: &dyn Ids, now: UnixMs) -> Result<usize> {
    let current = list_current(tx)?;
    let mut written = 0;
    for offer in offers {
        let known = current.iter().find(|known| known.id == offer.id);
        if known.is_some_and(|known| same(known, offer)) {
            continue;
        }
        let newest = tx.query_first(
            "select coalesce(max(version), 0) from offer where offer_id = ?1",
            &values![&offer.id],
            |row| row.int(0),
        )?;
        let version = newest.unwrap_or(0) + 1;
        let offer = Offer { version_id: OfferVersionId::new(ids, now), version, ..offer.clone() };
        tx.execute("update offer set current = 0 where offer_id = ?1 and current = 1", &values![&offer.id])?;
        tx.execute_one(
            "insert into offer (version_id, offer_id, version, market, body, current, created_at) \
             values (?1, ?2, ?3, ?4, ?5, 1, ?6)",
            &values![
                offer.version_id.as_str(),
                &offer.id,
                version,
                &offer.market,
                serde_json::to_string(&offer)?,
                now
            ],
        )?;
        written += 1;
    }
    for gone in current.iter().filter(|known| !offers.iter().any(|offer| offer.id == known.id)) {
        tx.execute_one(
            "update offer set current = 0 where offer_id = ?1 and current = 1",
            &values![&gone.id],
        )?;
    }
    Ok(written)
}

fn same(known: &Offer, offer: &Offer) -> bool {
    let offer = Offer { version_id: known.version_id.clone(), version: known.version, ..offer.clone() };
    *known == offer
}

pub fn list_current(tx: &mut Tx<'_>) -> Result<Vec<Offer>> {
    let mut offers = tx.query("select body from offer where current = 1", &[], |row| read(&row.text(0)?))?;
    offers.sort_by_key(|offer| (offer.market.clone(), offer.position));
    Ok(offers)
}

/// The version under which something was sold, current or not.
pub fn load_version(tx: &mut Tx<'_>, version: &OfferVersionId) -> Result<Offer> {
    tx.query_first("select body from offer where version_id = ?1", &values![version.as_str()], |row| {
        read(&row.text(0)?)
    })?
    .with_context(|| format!("offer version {version} is missing"))
}

fn read(body: &str) -> Result<Offer> {
    serde_json::from_str(body).context("reading an offer")
}
