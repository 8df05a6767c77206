//! What payment providers owe us, checked against what they took and returned: a part of `recarga ledger verify`.

use super::verify::{Report, none_of};
use crate::db::Tx;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

const CHECK: &str = "clearing";

/// Checks everything about the providers' money.
pub(super) fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "says refunded and what paid for it is still ours",
        "select t.id from top_up t join payment p on p.order_id = t.id where t.state = 'refunded' \
         and p.captured_attempt_id is not null and not exists (select 1 from refund r \
         where r.attempt_id = p.captured_attempt_id and r.state = 'succeeded')",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "was taken from a card for a float and is not in it",
        "select a.id from attempt a join payment p on p.id = a.payment_id join float_request f on f.id = p.order_id \
         where a.state in ('captured', 'review') and not exists (select 1 from posting s join transfer l \
         on l.writer = s.writer and l.n = s.n where s.key = a.id || ' capture' and s.outcome = 'applied' \
         and l.credit = 'float:' || f.to_partner || ':' || a.captured_currency and l.amount = a.captured_minor)",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "says that a card filled a float, and no card has paid",
        "select f.id from float_request f where f.kind = 'card' and f.state = 'done' and not exists \
         (select 1 from payment p join attempt a on a.payment_id = p.id where p.order_id = f.id \
         and a.state in ('captured', 'review'))",
    )?;
    what_providers_owe(tx, report)
}

/// Per provider and currency: all that it captured, also what people look at, less what it returned.
fn what_providers_owe(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    let parts = [
        (
            1,
            "select p.provider, a.captured_currency, cast(sum(a.captured_minor) as bigint) from attempt a \
             join payment p on p.id = a.payment_id where a.state in ('captured', 'review') \
             and a.captured_minor is not null group by p.provider, a.captured_currency",
        ),
        (
            -1,
            "select provider, currency, cast(sum(amount_minor) as bigint) from refund where state = 'succeeded' \
             group by provider, currency",
        ),
    ];
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for (sign, sql) in parts {
        let sums = tx.query(sql, &[], |row| {
            Ok((format!("clearing:{}:{}", row.text(0)?, row.text(1)?), row.int(2)?))
        })?;
        for (account, amount) in sums {
            *expected.entry(account).or_default() += sign * amount;
        }
    }
    let stored = "select id, debits_posted - credits_posted from account where id like 'clearing:%'";
    let stored: BTreeMap<String, i64> =
        tx.query(stored, &[], |row| Ok((row.text(0)?, row.int(1)?)))?.into_iter().collect();
    for account in expected.keys().chain(stored.keys()).collect::<BTreeSet<_>>() {
        let of = |sums: &BTreeMap<String, i64>| sums.get(account).copied().unwrap_or(0);
        let (wanted, found) = (of(&expected), of(&stored));
        if wanted != found {
            report.lie(CHECK, format!("{account} holds {found}, payments say {wanted}"));
        }
    }
    Ok(())
}
