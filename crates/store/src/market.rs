//! Markets, their number ranges, and the zones in which bundles can be used.

use crate::db::Tx;
use crate::values;
use anyhow::{Context, Result};
use domain::locale::Locale;
use domain::market::Market;
use domain::offer::Zone;
use domain::time::UnixMs;

/// Was a catalogue imported?
pub fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_first("select 1 from market limit 1", &[], |_| Ok(()))?.is_some())
}

/// Writes all markets anew; a market that is no longer listed goes, its past sales keep their words.
pub fn replace_all(tx: &mut Tx<'_>, markets: &[Market], now: UnixMs) -> Result<()> {
    tx.execute("delete from number_range", &[])?;
    tx.execute("delete from market", &[])?;
    for (position, market) in (0i64..).zip(markets) {
        tx.execute_one(
            "insert into market (country, currency, locale, taxes, seller, position, updated_at, invoicing, id_check) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &values![
                &market.country,
                market.currency.code(),
                market.locale.as_str(),
                serde_json::to_string(&market.taxes)?,
                serde_json::to_string(&market.seller)?,
                position,
                now,
                market.invoicing.as_ref().map(serde_json::to_string).transpose()?,
                market.id_check.as_ref().map(serde_json::to_string).transpose()?
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
    let sql =
        "select country, currency, locale, taxes, seller, invoicing, id_check from market order by position";
    tx.query(sql, &[], |row| {
        let country = row.text(0)?;
        let own = ranges.iter().filter(|(market, _)| *market == country);
        let invoicing = row.opt_text(5)?.as_deref().map(serde_json::from_str).transpose();
        Ok(Market {
            currency: row.text(1)?.parse()?,
            locale: row.word(2, Locale::parse)?,
            taxes: serde_json::from_str(&row.text(3)?).context("reading the taxes")?,
            seller: serde_json::from_str(&row.text(4)?).context("reading the seller")?,
            invoicing: invoicing.context("reading how invoices are written")?,
            id_check: row
                .opt_text(6)?
                .map(|rule| serde_json::from_str(&rule).context("reading the rule of ID checks"))
                .transpose()?,
            number_ranges: own.map(|(_, prefix)| prefix.clone()).collect(),
            country,
        })
    })
}

/// Makes `zones` the listed ones. One that is no longer listed keeps its name: buckets may still say it.
pub fn replace_zones(tx: &mut Tx<'_>, zones: &[Zone]) -> Result<()> {
    tx.execute("update zone set current = 0 where current = 1", &[])?;
    for zone in zones {
        tx.execute_one(
            "insert into zone (id, body, current) values (?1, ?2, 1) \
             on conflict (id) do update set body = excluded.body, current = 1",
            &values![&zone.id, serde_json::to_string(zone)?],
        )?;
    }
    Ok(())
}

/// Every zone that is or was listed.
pub fn list_zones(tx: &mut Tx<'_>) -> Result<Vec<Zone>> {
    tx.query("select body from zone order by id limit 10000", &[], |row| {
        serde_json::from_str(&row.text(0)?).context("reading a zone")
    })
}
