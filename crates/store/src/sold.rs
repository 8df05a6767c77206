//! Running sums of what was sold: by agent in a month, by outlet and by clerk in a day. They decide on commission tiers
//! and day limits, and are raised in the transaction of the sale.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::money::Money;

/// The key of one sum: whose and when, as `ag_…/2026-11` or `plc_…/2026-11-23`.
pub fn key(whose: &str, when: &str) -> String {
    format!("{whose}/{when}")
}

/// What was sold under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    pub key: String,
    /// Sales less those that were taken back.
    pub sales: i64,
    pub value: Money,
    pub commission: Money,
}

/// The sums under these keys; a key under which nothing was sold is left out. One round trip for all.
pub fn sums(tx: &mut Tx<'_>, keys: &[&str]) -> Result<Vec<Sold>> {
    let sql = "select key, currency, sales, value_minor, commission_minor from sold where key = ?1";
    tx.query_each(sql, keys, |row| {
        let currency = row.text(1)?.parse()?;
        Ok(Sold {
            key: row.text(0)?,
            sales: row.int(2)?,
            value: Money::new(row.int(3)?, currency),
            commission: Money::new(row.int(4)?, currency),
        })
    })
}

/// Adds to the sums; a negative one takes back. Each key at most once, in the order of the keys, so that nobody waits
/// in a circle.
pub fn add_all(tx: &mut Tx<'_>, more: &[Sold]) -> Result<()> {
    let row = |sold: &Sold| {
        let (sales, value, commission) = (sold.sales, sold.value.minor, sold.commission.minor);
        values![sold.key.clone(), sold.value.currency.code(), sales, value, commission].to_vec()
    };
    tx.insert_all(
        "insert into sold (key, currency, sales, value_minor, commission_minor) values (?1, ?2, ?3, ?4, ?5) \
         on conflict (key) do update set sales = sold.sales + excluded.sales, \
         value_minor = sold.value_minor + excluded.value_minor, \
         commission_minor = sold.commission_minor + excluded.commission_minor",
        &more.iter().map(row).collect::<Vec<_>>(),
    )
}
