//! What was taken back, checked against the ledger: a top-up says reversed exactly when its credit was taken back.
//! A part of `recarga ledger verify`.

use super::verify::{Report, none_of};
use crate::db::Tx;
use anyhow::Result;

const CHECK: &str = "reversals";

/// Checks everything about reversals.
pub(super) fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        CHECK,
        "says reversed and its credit was not taken back",
        "select t.id from top_up t where t.state = 'reversed' \
         and not exists (select 1 from posting p where p.key = t.id || ' reverse' and p.outcome = 'applied') \
         and not exists (select 1 from refund r where r.top_up_id = t.id and r.reason = 'taken_back' \
         and r.state = 'succeeded')",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "was taken back and its top-up does not say so",
        "select p.key from posting p where p.key like 'tu_% reverse' and p.outcome = 'applied' and not exists \
         (select 1 from top_up t where t.id = substr(p.key, 1, length(p.key) - 8) and t.state = 'reversed')",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "was returned and its top-up does not say so",
        "select r.id from refund r join top_up t on t.id = r.top_up_id where r.reason = 'taken_back' \
         and r.state = 'succeeded' and t.state <> 'reversed'",
    )?;
    none_of(
        tx,
        report,
        CHECK,
        "holds credit that was never given",
        "select r.id from refund r join top_up t on t.id = r.top_up_id \
         where r.reason = 'taken_back' and t.credited_at is null",
    )
}
