//! What lines used, checked against the ledger: every record took what it says from where it says.
//! A part of `recarga ledger verify`.

use super::verify::{Report, none_of};
use crate::db::Tx;
use anyhow::Result;

const CHECK: &str = "usage";

/// Checks everything about usage.
pub(super) fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "says what it took and the ledger does not",
        "select u.id from usage_part q join usage_record u on u.id = q.usage_id where not exists \
         (select 1 from posting p join transfer t on t.writer = p.writer and t.n = p.n \
         where p.key = u.record || ' usage' and p.outcome = 'applied' and t.reason = 'usage' \
         and t.debit = q.account and t.amount = q.amount)",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "is in the ledger and no record says so",
        "select p.key from posting p where p.key like '% usage' and p.outcome = 'applied' and not exists \
         (select 1 from usage_record u where u.record = substr(p.key, 1, length(p.key) - 6) \
         and u.short_of is null)",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "did not take exactly its amount, or took something although it was not covered",
        "select u.id from usage_record u left join usage_part q on q.usage_id = u.id \
         group by u.id, u.amount, u.short_of having coalesce(sum(q.amount), 0) <> \
         case when u.short_of is null then u.amount else 0 end",
    )
}
