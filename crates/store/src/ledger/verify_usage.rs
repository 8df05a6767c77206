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
    )?;
    tax_at_use(tx, report)
}

/// Credit that was sold untaxed is taxed when it is used: what the records say is posted, nothing else is, and the tax
/// is that of the rate, to the minor unit that a running sum is rounded by.
fn tax_at_use(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "says that tax fell due and the ledger does not",
        "select d.usage_id from usage_tax d left join usage_record u on u.id = d.usage_id where u.id is null \
         or not exists (select 1 from posting p join transfer t on t.writer = p.writer and t.n = p.n \
         where p.key = u.record || ' usage' and p.outcome = 'applied' and t.reason = 'tax' \
         and t.debit = 'taxable_credit:' || u.line_id || ':' || u.unit and t.amount = d.taxable) \
         or (d.tax > 0) <> exists (select 1 from posting p join transfer t on t.writer = p.writer and t.n = p.n \
         where p.key = u.record || ' usage' and p.outcome = 'applied' and t.reason = 'tax' \
         and t.debit like 'tax_on_credit:%' and t.credit like 'tax_due:%' and t.amount = d.tax)",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "posted tax and no record says so",
        "select p.key from posting p join transfer t on t.writer = p.writer and t.n = p.n \
         where p.key like '% usage' and t.reason = 'tax' and not exists (select 1 from usage_record u \
         join usage_tax d on d.usage_id = u.id where u.record = substr(p.key, 1, length(p.key) - 6))",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "has another tax than its rate says",
        "select usage_id from usage_tax where abs(tax * (10000 + rate_bps) - taxable * rate_bps) > 10000 + rate_bps",
    )
}
