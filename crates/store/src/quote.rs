//! Quotes: a total that was promised for a while.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::id::{LineId, OfferVersionId, PartnerId, QuoteId};
use domain::promotion::Bonus;
use domain::time::UnixMs;

/// A promise as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub id: QuoteId,
    pub partner: PartnerId,
    pub line: LineId,
    pub offer_version: OfferVersionId,
    /// The amount that the buyer named, for a ranged offer.
    pub amount_minor: Option<i64>,
    pub total_minor: i64,
    pub expires_at: UnixMs,
    /// The bonus of a promotion that was promised with it.
    pub promotion: Option<Bonus>,
}

pub fn insert(tx: &mut Tx<'_>, q: &Quote) -> Result<()> {
    tx.execute_one(
        "insert into quote (id, partner_id, line_id, offer_version_id, amount_minor, total_minor, expires_at, promotion) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &values![
            q.id.as_str(),
            q.partner.as_str(),
            q.line.as_str(),
            q.offer_version.as_str(),
            q.amount_minor,
            q.total_minor,
            q.expires_at,
            q.promotion.as_ref().map(crate::promotion::write_bonus)
        ],
    )
}

/// A partner's own quote that has not lapsed.
pub fn find(tx: &mut Tx<'_>, id: &QuoteId, partner: &PartnerId, now: UnixMs) -> Result<Option<Quote>> {
    tx.query_first(
        "select line_id, offer_version_id, amount_minor, total_minor, expires_at, promotion from quote \
         where id = ?1 and partner_id = ?2 and expires_at > ?3",
        &values![id.as_str(), partner.as_str(), now],
        |row| {
            Ok(Quote {
                id: id.clone(),
                partner: partner.clone(),
                line: LineId::stored(row.text(0)?),
                offer_version: OfferVersionId::stored(row.text(1)?),
                amount_minor: row.opt_int(2)?,
                total_minor: row.int(3)?,
                expires_at: UnixMs(row.int(4)?),
                promotion: crate::promotion::read_bonus(row.opt_text(5)?)?,
            })
        },
    )
}

pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from quote where id in (select id from quote where expires_at < ?1 order by expires_at limit ?2)",
        &values![before, limit],
    )
}
