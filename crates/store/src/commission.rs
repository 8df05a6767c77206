//! Commission: plans with their versions, and what each sale earned by which of them.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::commission::{CommissionPlan, ProductClass};
use domain::id::{AgentId, PartnerId, PlaceId, ShiftId, TopUpId};
use domain::money::Money;
use domain::states;
use domain::time::UnixMs;

fn read_plan(row: &Row<'_>, from: usize) -> Result<CommissionPlan> {
    Ok(CommissionPlan {
        id: row.text(from)?,
        version: row.int(from + 1)?,
        currency: row.text(from + 2)?.parse()?,
        rules: serde_json::from_str(&row.text(from + 3)?).context("reading a commission plan")?,
    })
}

/// Stores a new version of a plan and makes it the current one.
pub fn insert_plan(tx: &mut Tx<'_>, plan: &CommissionPlan, by: &str, now: UnixMs) -> Result<()> {
    tx.execute("update commission_plan set current = 0 where id = ?1 and current = 1", &values![&plan.id])?;
    tx.execute_one(
        "insert into commission_plan (id, version, currency, rules, current, created_by, created_at) \
         values (?1, ?2, ?3, ?4, 1, ?5, ?6)",
        &values![&plan.id, plan.version, plan.currency.code(), serde_json::to_string(&plan.rules)?, by, now],
    )
}

/// The current version of a plan.
pub fn find_plan(tx: &mut Tx<'_>, id: &str) -> Result<Option<CommissionPlan>> {
    let sql = "select id, version, currency, rules from commission_plan where id = ?1 and current = 1";
    tx.query_first(sql, &values![id], |row| read_plan(row, 0))
}

/// The current version of every plan, by id.
pub fn list_plans(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<CommissionPlan>> {
    let sql =
        "select id, version, currency, rules from commission_plan where current = 1 order by id limit ?1";
    tx.query(sql, &values![limit], |row| read_plan(row, 0))
}

/// Whose sale it is and by which plan it earns, with what the agent has sold in the month so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub partner: PartnerId,
    pub agent: AgentId,
    pub place: PlaceId,
    /// None where nothing was agreed.
    pub plan: Option<CommissionPlan>,
    pub volume: Money,
}

/// The basis of each of these outlets' sales in a month, written `2026-11`; a partner that is no outlet is left out.
/// One round trip for all: four rows by their keys for each outlet.
pub fn bases(tx: &mut Tx<'_>, partners: &[&str], month: &str) -> Result<Vec<Basis>> {
    anyhow::ensure!(month.bytes().all(|b| b.is_ascii_digit() || b == b'-'), "{month:?} is no month");
    // The month is in the text, because a query for many keys has no other parameter; there is one text a month.
    let sql = format!(
        "select o.partner_id, o.agent_id, o.place_id, o.currency, coalesce(s.value_minor, 0), \
         p.id, p.version, p.currency, p.rules from outlet o join agent a on a.id = o.agent_id \
         left join commission_plan p on p.id = a.plan and p.current = 1 \
         left join sold s on s.key = o.agent_id || '/{month}' where o.partner_id = ?1"
    );
    tx.query_each(&sql, partners, |row| {
        let plan = match row.opt_text(5)? {
            Some(_) => Some(read_plan(row, 5)?),
            None => None,
        };
        Ok(Basis {
            partner: PartnerId::stored(row.text(0)?),
            agent: AgentId::stored(row.text(1)?),
            place: PlaceId::stored(row.text(2)?),
            volume: Money::new(row.int(4)?, row.text(3)?.parse()?),
            plan,
        })
    })
}

states! {
    /// Whether a sale earned, or its reversal took that back.
    CommissionKind {
        Earned = "earned",
        TakenBack = "taken_back",
    }
}

/// What one sale earned; negative where its reversal took it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commission {
    pub top_up: TopUpId,
    pub kind: CommissionKind,
    pub agent: AgentId,
    pub partner: PartnerId,
    /// As `2026-11`, where the market is.
    pub month: String,
    pub class: ProductClass,
    pub value: Money,
    pub amount: Money,
    /// Plan, version and tier.
    pub rule: String,
    /// What the agent had sold in the month before.
    pub volume: Money,
    pub at: UnixMs,
}

const COLUMNS: &str = "top_up_id, kind, agent_id, partner_id, month, class, value_minor, amount_minor, currency, rule, \
     volume_minor, at";

fn read(row: &Row<'_>) -> Result<Commission> {
    let currency = row.text(8)?.parse()?;
    Ok(Commission {
        top_up: TopUpId::stored(row.text(0)?),
        kind: row.word(1, CommissionKind::parse)?,
        agent: AgentId::stored(row.text(2)?),
        partner: PartnerId::stored(row.text(3)?),
        month: row.text(4)?,
        class: row.word(5, ProductClass::parse)?,
        value: Money::new(row.int(6)?, currency),
        amount: Money::new(row.int(7)?, currency),
        rule: row.text(9)?,
        volume: Money::new(row.int(10)?, currency),
        at: UnixMs(row.int(11)?),
    })
}

/// Stores what sales earned. A sale that has its row already fails the step.
pub fn insert_all(tx: &mut Tx<'_>, all: &[Commission]) -> Result<()> {
    let row = |c: &Commission| {
        values![
            c.top_up.as_str().to_owned(),
            c.kind.as_str(),
            c.agent.as_str().to_owned(),
            c.partner.as_str().to_owned(),
            c.month.clone(),
            c.class.as_str(),
            c.value.minor,
            c.amount.minor,
            c.value.currency.code(),
            c.rule.clone(),
            c.volume.minor,
            c.at
        ]
        .to_vec()
    };
    tx.insert_all(
        "insert into commission (top_up_id, kind, agent_id, partner_id, month, class, value_minor, amount_minor, \
         currency, rule, volume_minor, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &all.iter().map(row).collect::<Vec<_>>(),
    )
}

pub fn find(tx: &mut Tx<'_>, top_up: &TopUpId, kind: CommissionKind) -> Result<Option<Commission>> {
    let sql = format!("select {COLUMNS} from commission where top_up_id = ?1 and kind = ?2");
    tx.query_first(&sql, &values![top_up.as_str(), kind.as_str()], read)
}

/// What the sales of a partner earned in a month, less what was taken back in it, in minor units.
pub fn earned_in(tx: &mut Tx<'_>, partner: &PartnerId, month: &str) -> Result<i64> {
    let sql = "select cast(coalesce(sum(amount_minor), 0) as bigint) from commission where partner_id = ?1 and month = ?2";
    Ok(tx.query_first(sql, &values![partner.as_str(), month], |row| row.int(0))?.unwrap_or(0))
}

/// What the sales of a shift earned, less what was taken back in it, in minor units.
pub fn of_shift(tx: &mut Tx<'_>, shift: &ShiftId) -> Result<i64> {
    let found = tx.query_first(
        "select cast(coalesce(sum(c.amount_minor), 0) as bigint) from (select distinct top_up_id, \
         case when amount_minor < 0 then 'taken_back' else 'earned' end as kind from tender where shift_id = ?1) m \
         join commission c on c.top_up_id = m.top_up_id and c.kind = m.kind",
        &values![shift.as_str()],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// What an agent's sales earned in a month, in the order of the sales, after one of them.
pub fn list_of_agent(
    tx: &mut Tx<'_>,
    agent: &AgentId,
    month: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Commission>> {
    let sql = format!(
        "select {COLUMNS} from commission where agent_id = ?1 and month = ?2 and top_up_id > ?3 \
         order by top_up_id, kind limit ?4"
    );
    tx.query(&sql, &values![agent.as_str(), month, after, limit], read)
}
