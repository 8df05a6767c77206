//! Statements: each sale of an agent in a month with what its float paid, by the ledger, and what it earned by which
//! version of which rule; and the sums of the month.

use crate::error::Result;
use crate::world::World;
use domain::commission::ProductClass;
use domain::id::{AgentId, PartnerId};
use domain::ledger::{PostingKey, Purpose, book};
use domain::money::Money;
use domain::time::UnixMs;
use std::collections::{BTreeSet, HashMap, HashSet};
use store::Tx;
use store::commission::{self as stored, Commission, CommissionKind};
use store::{personal, sold};

/// One sale, or one that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: UnixMs,
    /// The order's code.
    pub code: String,
    /// The outlet's number.
    pub outlet: String,
    pub kind: CommissionKind,
    pub class: ProductClass,
    pub value: Money,
    /// What the posting did to the outlet's float: below 0 for a sale.
    pub float: Money,
    pub commission: Money,
    pub rule: String,
}

/// The sums of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Sales less those that were taken back.
    pub sales: i64,
    pub value: Money,
    pub commission: Money,
}

/// A part of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub totals: Totals,
    pub entries: Vec<Entry>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<String>,
}

/// Entries of one part.
pub const PAGE: i64 = 50;
/// Entries that are read for a file at once.
pub const FILE_PAGE: i64 = 400;

/// A part of an agent's statement for a month, written `2026-11`, after a cursor that an earlier part gave. `None`
/// when there is no such agent.
pub async fn read(
    world: &World,
    agent: &AgentId,
    month: &str,
    after: &str,
    limit: i64,
) -> Result<Option<Part>> {
    let (agent, month, after) = (agent.clone(), month.to_owned(), after.to_owned());
    let read = world.db.read(move |tx| {
        let Some(found) = store::agent::find(tx, &agent)? else { return Ok(None) };
        let zero = Money::zero(found.terms.credit_line.currency);
        let sum = sold::sums(tx, &[&sold::key(agent.as_str(), &month)])?.pop();
        let totals = sum.map_or(Totals { sales: 0, value: zero, commission: zero }, |sum| Totals {
            sales: sum.sales,
            value: sum.value,
            commission: sum.commission,
        });
        let mut rows = stored::list_of_agent(tx, &agent, &month, &after, limit + 1)?;
        let next = cut(&mut rows, usize::try_from(limit)?);
        Ok(Some(Part { totals, entries: entries(tx, &rows)?, next }))
    });
    Ok(read.await?)
}

/// Keeps at most `most` rows, and both rows of one sale in one part. Says after which sale the next part begins.
fn cut(rows: &mut Vec<Commission>, most: usize) -> Option<String> {
    if rows.len() <= most {
        return None;
    }
    let over = rows[most].top_up.clone();
    rows.retain(|row| row.top_up != over);
    rows.truncate(most);
    rows.last().map(|row| row.top_up.to_string())
}

fn entries(tx: &mut Tx<'_>, rows: &[Commission]) -> anyhow::Result<Vec<Entry>> {
    let mut outlets: HashMap<&PartnerId, (String, Floats)> = HashMap::new();
    for row in rows {
        if !outlets.contains_key(&row.partner) {
            let number = store::outlet::find_by_partner(tx, &row.partner)?;
            let number = number.map_or_else(String::new, |outlet| outlet.facts.number);
            outlets.insert(&row.partner, (number, Floats::read(tx, rows, &row.partner)?));
        }
    }
    let ids: HashSet<&str> = rows.iter().map(|row| row.top_up.as_str()).collect();
    let codes = store::top_up::codes(tx, &ids.into_iter().collect::<Vec<_>>())?;
    let entry = |row: &Commission| {
        let (number, floats) = &outlets[&row.partner];
        Entry {
            at: row.at,
            code: codes.get(&row.top_up).cloned().unwrap_or_default(),
            outlet: number.clone(),
            kind: row.kind,
            class: row.class,
            value: row.value,
            float: Money::new(floats.of(row), row.value.currency),
            commission: row.amount,
            rule: row.rule.clone(),
        }
    };
    Ok(rows.iter().map(entry).collect())
}

/// What postings about sales did to one outlet's float.
struct Floats {
    sold: HashMap<String, i64>,
    back: HashMap<String, i64>,
}

impl Floats {
    fn read(tx: &mut Tx<'_>, rows: &[Commission], partner: &PartnerId) -> anyhow::Result<Floats> {
        let own: Vec<&Commission> = rows.iter().filter(|row| row.partner == *partner).collect();
        let Some(first) = own.first() else {
            return Ok(Floats { sold: HashMap::new(), back: HashMap::new() });
        };
        let float = book::float(partner, first.value);
        let mut sums = |purposes: &[Purpose]| -> anyhow::Result<HashMap<String, i64>> {
            let key = |row: &&Commission| {
                let subject = row.top_up.as_str();
                purposes.iter().map(move |purpose| PostingKey::new(subject, *purpose)).collect::<Vec<_>>()
            };
            // A sale that was taken back has two rows, and each key is asked for once.
            let keys: BTreeSet<PostingKey> = own.iter().flat_map(key).collect();
            let keys: Vec<PostingKey> = keys.into_iter().collect();
            let mut sums = HashMap::new();
            for moved in personal::moved(tx, &keys, &float)? {
                *sums.entry(moved.subject).or_default() += moved.amount;
            }
            Ok(sums)
        };
        Ok(Floats {
            sold: sums(&[Purpose::Credit, Purpose::Sale])?,
            back: sums(&[Purpose::Reverse, Purpose::SaleReturn])?,
        })
    }

    fn of(&self, row: &Commission) -> i64 {
        let sums = match row.kind {
            CommissionKind::Earned => &self.sold,
            CommissionKind::TakenBack => &self.back,
        };
        sums.get(row.top_up.as_str()).copied().unwrap_or(0)
    }
}
