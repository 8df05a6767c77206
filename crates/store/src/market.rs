//! Markets and their number ranges.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::locale::Locale;
use domain::market::Market;
use domain::money::BasisPoints;
use domain::time::UnixMs;

/// Writes all markets anew; a market that is no longer listed goes, its past sales keep their words.
pub fn replace_all(tx: &mut Tx<'_>, markets: &[Market], now: UnixMs) -> Result<()> {
    tx.execute("delete from number_range", &[])?;
    tx.execute("delete from market", &[])?;
    for (position, market) in (0i64..).zip(markets) {
        tx.execute_one(
            "insert into market (country, currency, locale, tax_rate_bps, seller, position, updated_at) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &values![
                &market.country,
                market.currency.code(),
                market.locale.as_str(),
                i64::from(market.tax_rate.0),
                serde_json::to_string(&market.seller)?,
                position,
                now
            ],
        )?;
        for prefix in &market.number_ranges {
            tx.execute_one(
                "insert into number_range (prefix, market) values (?1, ?2)",
                &values![prefix, &market.country],
            )?;
        }
    }
    Ok(())
}

pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Market>> {
    let ranges = tx.query("select market, prefix from number_range order by prefix", &[], |row| {
        Ok((row.text(0)?, row.text(1)?))
    })?;
    tx.query(
        "select country, currency, locale, tax_rate_bps, seller from market order by position",
        &[],
        |row| {
            let country = row.text(0)?;
            let own = ranges.iter().filter(|(market, _)| *market == country);
            Ok(Market {
                currency: row.text(1)?.parse()?,
                locale: row.word(2, Locale::parse)?,
                tax_rate: BasisPoints(u16::try_from(row.int(3)?)?),
                seller: serde_json::from_str(&row.text(4)?).context("reading the seller")?,
                number_ranges: own.map(|(_, prefix)| prefix.clone()).collect(),
                country,
            })
        },
    )
}
