//! Promotions in versions, what their budgets were given, and who had them. What a budget can still give is its
//! ledger account; how often a line had a promotion is counted in a row that whoever counts locks first.
//! Start reading at [`lock_uses`].

use crate::db::{Each, Row, Tx, Value};
use crate::{ledger, values};
use anyhow::{Context, Result};
use domain::id::{BucketId, Ids, LineId, PromotionVersionId, TopUpId};
use domain::ledger::bonus::Budget;
use domain::promotion::{Bonus, Promotion};
use domain::states;
use domain::time::UnixMs;
use domain::unit::Unit;
use std::collections::{BTreeMap, BTreeSet};

states! {
    /// Where the bonus of one order stands.
    UseState {
        /// Set aside for an order that is on its way.
        Held = "held",
        /// It arrived.
        Given = "given",
        /// The order ended without credit.
        Released = "released",
        /// The order was credited and taken back.
        Returned = "returned",
        /// It was taken back, the refund bounced, and the line has it again: as an expense beside the budget, which may
        /// have given it to somebody else.
        Restored = "restored",
    }
}

/// One order that has a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub top_up: TopUpId,
    pub promotion: String,
    pub line: LineId,
    pub unit: Unit,
    pub amount: i64,
    pub state: UseState,
    /// The bucket in which the bonus is, where it is not plain credit.
    pub bucket: Option<BucketId>,
    pub at: UnixMs,
}

/// A bonus as it is stored beside an order.
pub(crate) fn write_bonus(bonus: &Bonus) -> String {
    serde_json::to_string(bonus).expect("a bonus is JSON")
}

pub(crate) fn read_bonus(text: Option<String>) -> Result<Option<Bonus>> {
    text.map(|text| serde_json::from_str(&text).context("reading a bonus")).transpose()
}

/// Makes `promotions` the current ones: changed ones get a new version, missing ones are over.
pub fn replace_current(tx: &mut Tx<'_>, promotions: &[Promotion], ids: &dyn Ids, now: UnixMs) -> Result<()> {
    let current = list(tx)?;
    for promotion in promotions {
        let known = current.iter().find(|known| known.id == promotion.id);
        if known.is_some_and(|known| same(known, promotion)) {
            continue;
        }
        let newest = tx.query_first(
            "select coalesce(max(version), 0) from promotion where promotion_id = ?1",
            &values![&promotion.id],
            |row| row.int(0),
        )?;
        let version = newest.unwrap_or(0) + 1;
        let version_id = PromotionVersionId::new(ids, now);
        let promotion = Promotion { version_id, version, ..promotion.clone() };
        end_current(tx, &promotion.id)?;
        tx.execute_one(
            "insert into promotion (version_id, promotion_id, version, market, body, current, created_at) \
             values (?1, ?2, ?3, ?4, ?5, 1, ?6)",
            &values![
                promotion.version_id.as_str(),
                &promotion.id,
                version,
                &promotion.market,
                serde_json::to_string(&promotion)?,
                now
            ],
        )?;
    }
    for gone in current.iter().filter(|known| !promotions.iter().any(|p| p.id == known.id)) {
        end_current(tx, &gone.id)?;
    }
    Ok(())
}

fn end_current(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.execute("update promotion set current = 0 where promotion_id = ?1 and current = 1", &values![id])?;
    Ok(())
}

fn same(known: &Promotion, promotion: &Promotion) -> bool {
    let (version_id, version) = (known.version_id.clone(), known.version);
    *known == Promotion { version_id, version, ..promotion.clone() }
}

/// The promotions of the catalogue: current, coming and ended ones.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Promotion>> {
    let read = |row: &Row<'_>| serde_json::from_str(&row.text(0)?).context("reading a promotion");
    let mut promotions: Vec<Promotion> =
        tx.query("select body from promotion where current = 1", &[], read)?;
    promotions.sort_by_key(|p| (p.market.clone(), p.position));
    Ok(promotions)
}

/// What became of a budget, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// What was put in less what was taken out again.
    pub funded: i64,
    /// What arrived and was not taken back.
    pub given: i64,
    /// Set aside for orders on their way.
    pub held: i64,
    /// What can still be promised.
    pub left: i64,
}

struct Funded {
    unit: Unit,
    market: String,
    funded: i64,
    changes: i64,
}

fn funded(tx: &mut Tx<'_>, promotion: &str) -> Result<Option<Funded>> {
    tx.query_first(
        "select unit, market, funded, changes from promotion_budget where promotion_id = ?1",
        &values![promotion],
        |row| {
            Ok(Funded {
                unit: row.text(0)?.parse()?,
                market: row.text(1)?,
                funded: row.int(2)?,
                changes: row.int(3)?,
            })
        },
    )
}

/// What became of a promotion's budget; nothing did while it has none.
pub fn spent(tx: &mut Tx<'_>, promotion: &str) -> Result<Spent> {
    let Some(Funded { unit, market, funded, .. }) = funded(tx, promotion)? else {
        return Ok(Spent { funded: 0, given: 0, held: 0, left: 0 });
    };
    let budget = Budget { promotion, market: &market, unit };
    let balance = ledger::balance(tx, &budget.account())?;
    let (given, held) = (funded - balance.posted, balance.posted - balance.available);
    Ok(Spent { funded, given, held, left: balance.available })
}

/// What every budget can still give, by its promotion.
pub fn list_left(tx: &mut Tx<'_>) -> Result<BTreeMap<String, i64>> {
    let accounts = ledger::accounts_with_prefix(tx, "promotion_budget:")?;
    Ok(accounts.into_iter().map(|account| (account.id.owner().to_owned(), account.available())).collect())
}

/// The market and the unit of a budget, once it has one.
pub fn budget_of(tx: &mut Tx<'_>, promotion: &str) -> Result<Option<(String, Unit)>> {
    Ok(funded(tx, promotion)?.map(|funded| (funded.market, funded.unit)))
}

/// Counts a change of a budget and says the how manieth it is. The caller posts it in the same step.
pub fn change_budget(tx: &mut Tx<'_>, budget: &Budget<'_>, change: i64) -> Result<i64> {
    tx.execute_one(
        "insert into promotion_budget (promotion_id, market, unit, funded, changes) values (?1, ?2, ?3, ?4, 1) \
         on conflict (promotion_id) do update set funded = promotion_budget.funded + excluded.funded, \
         changes = promotion_budget.changes + 1",
        &values![budget.promotion, budget.market, budget.unit.as_str(), change],
    )?;
    Ok(funded(tx, budget.promotion)?.context("the budget is missing")?.changes)
}

/// A budget with something left whose promotion is over: ended before `now`, or not in the catalogue any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    pub promotion: String,
    pub market: String,
    pub unit: Unit,
    pub left: i64,
}

/// Budgets whose rest goes back. There are as many as promotions, and those that gave everything back are skipped.
pub fn list_rests(tx: &mut Tx<'_>, ended_by: UnixMs) -> Result<Vec<Rest>> {
    let left: Vec<(String, i64)> = list_left(tx)?.into_iter().filter(|(_, left)| *left > 0).collect();
    let running: BTreeSet<String> =
        list(tx)?.into_iter().filter(|p| !p.has_ended(ended_by)).map(|p| p.id).collect();
    let mut rests = Vec::new();
    for (promotion, left) in left.into_iter().filter(|(id, _)| !running.contains(id)) {
        if let Some(Funded { unit, market, .. }) = funded(tx, &promotion)? {
            rests.push(Rest { promotion, market, unit, left });
        }
    }
    Ok(rests)
}

/// A promotion on a line, as it is counted.
pub fn use_key(promotion: &str, line: &LineId) -> String {
    format!("{promotion}/{line}")
}

/// How often the lines had the promotions, by [`use_key`]; nobody else changes it until the step ends. Called once per
/// step and before the ledger: rows are locked in the order of their keys.
pub fn lock_uses(tx: &mut Tx<'_>, keys: &BTreeSet<String>) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<Vec<Value<'_>>> = keys.iter().map(|key| values![key].to_vec()).collect();
    // The update that changes nothing takes the row's lock on PostgreSQL.
    tx.insert_all(
        "insert into promotion_line (id, uses) values (?1, 0) on conflict (id) do update set uses = promotion_line.uses",
        &rows,
    )?;
    count_uses(tx, keys)
}

/// The same without a lock, for who only looks. What nobody had is missing.
pub fn count_uses(tx: &mut Tx<'_>, keys: &BTreeSet<String>) -> Result<BTreeMap<String, i64>> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let sql = "select id, uses from promotion_line where id = ?1";
    let each = Each { sql, keys: &keys, read: |row| Ok((row.text(0)?, row.int(1)?)) };
    Ok(tx.query_each(each.sql, each.keys, each.read)?.into_iter().collect())
}

/// Writes uses that are held or given, and counts them. Their rows are locked.
pub fn insert_uses(tx: &mut Tx<'_>, uses: &[Use]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = uses
        .iter()
        .map(|u| {
            let bucket = u.bucket.as_ref().map(BucketId::as_str);
            let (id, line, unit) = (u.top_up.as_str(), u.line.as_str(), u.unit.as_str());
            values![id, u.promotion.as_str(), line, unit, u.amount, u.state.as_str(), bucket, u.at].to_vec()
        })
        .collect();
    tx.insert_all(
        "insert into promotion_use (top_up_id, promotion_id, line_id, unit, amount, state, bucket_id, at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &rows,
    )?;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for used in uses {
        *counts.entry(use_key(&used.promotion, &used.line)).or_default() += 1;
    }
    let rows: Vec<Vec<Value<'_>>> =
        counts.into_iter().map(|(key, count)| values![key, count].to_vec()).collect();
    tx.insert_all(
        "insert into promotion_line (id, uses) values (?1, ?2) \
         on conflict (id) do update set uses = promotion_line.uses + excluded.uses",
        &rows,
    )
}

const USE: &str =
    "select top_up_id, promotion_id, line_id, unit, amount, state, bucket_id, at from promotion_use";

fn read_use(row: &Row<'_>) -> Result<Use> {
    Ok(Use {
        top_up: TopUpId::stored(row.text(0)?),
        promotion: row.text(1)?,
        line: LineId::stored(row.text(2)?),
        unit: row.text(3)?.parse()?,
        amount: row.int(4)?,
        state: row.word(5, UseState::parse)?,
        bucket: row.opt_text(6)?.map(BucketId::stored),
        at: UnixMs(row.int(7)?),
    })
}

/// The use of an order, if it has a promotion.
pub fn find_use(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Option<Use>> {
    tx.query_first(&format!("{USE} where top_up_id = ?1"), &values![top_up.as_str()], read_use)
}

/// Moves a use on; refused when it is no longer in the state it was read in. One that is released or returned is not
/// counted any more; one that is restored is counted again, were it one too many: the line has it.
pub fn update_use(tx: &mut Tx<'_>, from: &Use, state: UseState, bucket: Option<&BucketId>) -> Result<()> {
    tx.execute_one(
        "update promotion_use set state = ?3, bucket_id = ?4 where top_up_id = ?1 and state = ?2",
        &values![from.top_up.as_str(), from.state.as_str(), state.as_str(), bucket.map(BucketId::as_str)],
    )?;
    let change = match state {
        same if same == from.state => return Ok(()),
        UseState::Held | UseState::Given => return Ok(()),
        UseState::Released | UseState::Returned => -1,
        UseState::Restored => 1,
    };
    tx.execute_one(
        "update promotion_line set uses = uses + ?2 where id = ?1",
        &values![use_key(&from.promotion, &from.line), change],
    )
}

/// Orders that ended without credit and still have their bonus set aside.
pub fn list_forgotten(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<TopUpId>> {
    tx.query(
        "select u.top_up_id from promotion_use u join top_up t on t.id = u.top_up_id where u.state = 'held' \
         and t.state in ('cancelled', 'refunding', 'refunded', 'reversed') order by u.top_up_id limit ?1",
        &values![limit],
        |row| Ok(TopUpId::stored(row.text(0)?)),
    )
}
