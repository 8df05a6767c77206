//! What the host network gave, checked against the ledger and the orders: credited exactly when the network said done,
//! and what we owe it is the sum of that. A part of `recarga ledger verify`.

use super::verify::{Report, none_of};
use crate::db::Tx;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

const CHECK: &str = "network";

/// Checks everything about the host network.
pub(super) fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "was done by the network and its top-up is not credited",
        "select n.operation_id from network_credit n left join top_up t on t.id = n.top_up_id \
         where n.state = 'done' and (t.id is null or t.credited_at is null)",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "is credited and the network did not say so",
        "select t.id from network_credit n join top_up t on t.id = n.top_up_id \
         where n.state <> 'done' and t.credited_at is not null",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "was done by the network and its money went back as well",
        "select n.operation_id from network_credit n join refund r on r.top_up_id = n.top_up_id \
         join payment p on p.order_id = n.top_up_id and p.captured_attempt_id = r.attempt_id \
         where n.state = 'done' and r.state <> 'failed'",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "may still be given and its money is on its way back",
        "select n.operation_id from network_credit n join refund r on r.top_up_id = n.top_up_id \
         join payment p on p.order_id = n.top_up_id and p.captured_attempt_id = r.attempt_id \
         where n.state in ('prepared', 'sent', 'in_progress', 'unknown') and r.state <> 'failed'",
    )?;
    float_sales(tx, report)?;
    owed(tx, report)
}

fn float_sales(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "is asked for at the network and nobody's money was set aside",
        "select t.id from network_credit n join top_up t on t.id = n.top_up_id \
         left join posting p on p.key = t.id || ' sale' and p.outcome = 'applied' \
         left join payment m on m.order_id = t.id where m.id is null and p.key is null",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "was not given and its money is not in the float again, or the other way round",
        "select t.id from network_credit n join top_up t on t.id = n.top_up_id \
         join posting s on s.key = t.id || ' sale' and s.outcome = 'applied' \
         left join posting p on p.key = t.id || ' sale_return' and p.outcome = 'applied' \
         where (n.state in ('refused', 'abandoned', 'denied', 'contradicted')) <> (p.key is not null)",
    )
}

/// What we owe each network is what it said that it gave.
fn owed(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let given: BTreeMap<String, i64> = tx
        .query(
            "select 'network_clearing:' || network || ':' || currency, cast(sum(amount_minor) as bigint) \
             from network_credit where state = 'done' and amount_minor > 0 group by network, currency",
            &[],
            |row| Ok((row.text(0)?, row.int(1)?)),
        )?
        .into_iter()
        .collect();
    let stored: BTreeMap<String, i64> = tx
        .query(
            "select id, credits_posted - debits_posted from account where id like 'network_clearing:%'",
            &[],
            |row| Ok((row.text(0)?, row.int(1)?)),
        )?
        .into_iter()
        .collect();
    for account in given.keys().chain(stored.keys()).collect::<BTreeSet<_>>() {
        let of = |sums: &BTreeMap<String, i64>| sums.get(account).copied().unwrap_or(0);
        if of(&given) != of(&stored) {
            let (wanted, found) = (of(&given), of(&stored));
            report.lie(CHECK, format!("{account} holds {found}, the network gave {wanted}"));
        }
    }
    Ok(())
}
