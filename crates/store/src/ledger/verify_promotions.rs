//! What promotions gave, checked against the ledger: who has a bonus, what is set aside, and what budgets were given.
//! A part of `recarga ledger verify`.

use super::verify::{Report, none_of};
use crate::db::Tx;
use anyhow::Result;
use std::collections::BTreeMap;

const CHECK: &str = "promotions";

/// Checks everything about promotions.
pub(super) fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    orders_have_their_bonus(tx, report)?;
    holds_are_orders_on_their_way(tx, report)?;
    lines_are_counted(tx, report)?;
    budgets_are_what_was_put_in(tx, report)
}

fn orders_have_their_bonus(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "was promised a bonus and has none",
        "select t.id from top_up t left join promotion_use u on u.top_up_id = t.id where t.promotion is not null \
         and (u.top_up_id is null or (t.state = 'credited' and u.state not in ('given', 'restored')))",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "has a bonus that was not promised",
        "select u.top_up_id from promotion_use u left join top_up t on t.id = u.top_up_id \
         where t.promotion is null or (u.state in ('given', 'returned', 'restored') and t.credited_at is null)",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "says that its bonus was given and its credit posting does not",
        "select u.top_up_id from promotion_use u where u.state in ('given', 'returned', 'restored') and not exists \
         (select 1 from posting p join transfer t on t.writer = p.writer and t.n = p.n \
         where p.key = u.top_up_id || ' credit' and p.outcome = 'applied' and t.reason = 'bonus' \
         and t.phase = 'posted' and t.debit = 'promotion_budget:' || u.promotion_id || ':' || u.unit \
         and t.amount = u.amount)",
    )
}

fn holds_are_orders_on_their_way(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "and the hold of its bonus disagree",
        "select u.top_up_id from promotion_use u left join hold h on h.key = u.top_up_id || ' bonus_hold' \
         where (u.state = 'held') <> (h.state is not null and h.state = 'open')",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "has a bonus set aside and is over",
        "select u.top_up_id from promotion_use u join top_up t on t.id = u.top_up_id where u.state = 'held' \
         and t.state in ('credited', 'cancelled', 'refunding', 'refunded', 'reversed')",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "holds a bonus for no order",
        "select h.key from hold h where h.key like 'tu_% bonus_hold' and h.state = 'open' and not exists \
         (select 1 from promotion_use u where u.top_up_id = substr(h.key, 1, length(h.key) - 11))",
    )
}

fn lines_are_counted(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let counted = sums(
        tx,
        "select promotion_id || '/' || line_id, count(*) from promotion_use where state in ('held', 'given', 'restored') \
         group by promotion_id, line_id",
    )?;
    let stored = sums(tx, "select id, uses from promotion_line where uses <> 0")?;
    compare(report, "has uses", &counted, &stored);
    Ok(())
}

fn budgets_are_what_was_put_in(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let account = "'promotion_budget:' || promotion_id || ':' || unit";
    let mut moved = sums(
        tx,
        "select credit, cast(sum(amount) as bigint) from transfer where reason = 'budget' \
         and credit like 'promotion_budget:%' group by credit",
    )?;
    for (id, out) in sums(
        tx,
        "select debit, cast(sum(amount) as bigint) from transfer where reason = 'budget' \
         and debit like 'promotion_budget:%' group by debit",
    )? {
        *moved.entry(id).or_default() -= out;
    }
    let funded = sums(tx, &format!("select {account}, funded from promotion_budget"))?;
    compare(report, "was funded with", &moved, &funded);
    let given = sums(
        tx,
        "select debit, cast(sum(amount) as bigint) from transfer where reason = 'bonus' and phase = 'posted' \
         and debit like 'promotion_budget:%' group by debit",
    )?;
    let used = sums(
        tx,
        &format!(
            "select {account}, cast(sum(amount) as bigint) from promotion_use \
             where state in ('given', 'returned', 'restored') group by promotion_id, unit"
        ),
    )?;
    compare(report, "gave", &given, &used);
    Ok(())
}

type Sums = BTreeMap<String, i64>;

fn sums(tx: &mut Tx<'_>, sql: &str) -> Result<Sums> {
    Ok(tx.query(sql, &[], |row| Ok((row.text(0)?, row.int(1)?)))?.into_iter().collect())
}

/// What the ledger and the uses say must be the same; what is missing is nothing.
fn compare(report: &mut Report, what: &str, transfers: &Sums, rows: &Sums) {
    for id in transfers.keys().chain(rows.keys().filter(|id| !transfers.contains_key(*id))) {
        let of = |sums: &Sums| sums.get(id).copied().unwrap_or(0);
        let (wanted, found) = (of(transfers), of(rows));
        if wanted != found {
            report.lie(CHECK, format!("{id} {what} {found}, recomputed it is {wanted}"));
        }
    }
}
