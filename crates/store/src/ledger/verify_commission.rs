//! What agents earned and what their tills took, checked against the ledger and the sales: nobody earned more or less
//! than was posted, what was handed over is the price, and money goes back only for a sale that did not stand.
//! A part of `recarga ledger verify`.

use super::verify::{Report, none_of};
use crate::db::Tx;
use anyhow::Result;

const COMMISSION: &str = "commission";
const TENDERS: &str = "tenders";

/// Checks everything about commission and tenders.
pub(super) fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    earned(tx, report)?;
    handed_over(tx, report)?;
    owed(tx, report)
}

/// By partner and currency: what the rows of the sales say is what the ledger moved from cost to due and back.
fn earned(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        COMMISSION,
        "got another sum than the sales of its partner say",
        "select e.account from (select 'commission_due:' || partner_id || ':' || currency as account, \
         cast(sum(amount_minor) as bigint) as minor from commission group by partner_id, currency \
         union all select credit, cast(-sum(amount) as bigint) from transfer where credit like 'commission_due:%' \
         and debit like 'commission_expense:%' and phase in ('posted', 'post_pending') group by credit \
         union all select debit, cast(sum(amount) as bigint) from transfer where debit like 'commission_due:%' \
         and credit like 'commission_expense:%' and phase in ('posted', 'post_pending') group by debit) e \
         group by e.account having sum(e.minor) <> 0",
    )?;
    none_of(
        tx,
        report,
        COMMISSION,
        "was paid to somebody else",
        "select distinct debit from transfer where debit like 'commission_due:%' \
         and credit not like 'commission_expense:%' and credit <> 'float:' || substr(debit, 16)",
    )?;
    none_of(
        tx,
        report,
        COMMISSION,
        "was taken back otherwise than it was earned",
        "select b.top_up_id from commission b left join commission e on e.top_up_id = b.top_up_id \
         and e.kind = 'earned' where b.kind = 'taken_back' and (e.top_up_id is null \
         or e.amount_minor + b.amount_minor <> 0 or e.partner_id <> b.partner_id or e.currency <> b.currency)",
    )
}

/// Sale by sale: the parts that were taken are its price, in its currency, and no more goes back than was taken.
fn handed_over(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        TENDERS,
        "was not paid for with exactly its price",
        "select m.top_up_id from (select top_up_id, min(currency) as currency, max(currency) as other, \
         cast(sum(case when amount_minor > 0 then amount_minor else 0 end) as bigint) as taken \
         from tender group by top_up_id) m left join top_up t on t.id = m.top_up_id \
         where t.id is null or m.taken <> t.total_minor or m.currency <> t.currency or m.other <> t.currency",
    )?;
    none_of(
        tx,
        report,
        TENDERS,
        "was sold at a counter and nobody says what was handed over",
        "select t.id from top_up t where t.channel = 'agent' \
         and not exists (select 1 from tender m where m.top_up_id = t.id)",
    )?;
    none_of(
        tx,
        report,
        TENDERS,
        "stands, and what was handed over for it never came into the till",
        "select distinct m.top_up_id from tender m join top_up t on t.id = m.top_up_id \
         where m.taken = 0 and t.state = 'credited'",
    )?;
    none_of(
        tx,
        report,
        TENDERS,
        "gave back more than was taken",
        "select top_up_id from tender group by top_up_id, kind having sum(amount_minor) < 0",
    )?;
    none_of(
        tx,
        report,
        TENDERS,
        "stands, and its money went back",
        "select distinct m.top_up_id from tender m join top_up t on t.id = m.top_up_id \
         where m.amount_minor < 0 and t.state = 'credited'",
    )
}

/// Money that an outlet owes a customer: the cash of a sale that did not stand, until it is given back.
fn owed(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    none_of(
        tx,
        report,
        TENDERS,
        "stands, and its money is owed back",
        "select o.top_up_id from owed_back o left join top_up t on t.id = o.top_up_id \
         where t.id is null or t.state = 'credited'",
    )?;
    none_of(
        tx,
        report,
        TENDERS,
        "owes back another sum than the cash that was taken, or says wrongly whether it was given",
        "select o.top_up_id from owed_back o left join (select top_up_id, \
         cast(sum(case when amount_minor > 0 then amount_minor else 0 end) as bigint) as taken, \
         cast(sum(amount_minor) as bigint) as kept from tender where kind = 'cash' group by top_up_id) m \
         on m.top_up_id = o.top_up_id where m.top_up_id is null or m.taken <> o.amount_minor \
         or (o.given_at is null and m.kept <> o.amount_minor) or (o.given_at is not null and m.kept <> 0)",
    )
}
