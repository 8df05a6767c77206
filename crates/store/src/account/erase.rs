//! Erasing an account: everything personal goes; the row of the account stays, so that orders and the ledger still say
//! that they were somebody's.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::id::SubscriberId;
use domain::time::UnixMs;

/// Orders that nothing more will become of by themselves.
const DONE: &str = "state in ('credited', 'refunded', 'reversed', 'cancelled')";

/// Does an order of the subscriber still wait for an answer? Its messages need the address until then.
pub fn is_waiting(tx: &mut Tx<'_>, id: &SubscriberId) -> Result<bool> {
    let sql = format!("select 1 from top_up where subscriber_id = ?1 and not ({DONE}) limit 1");
    Ok(tx.query_first(&sql, &values![id.as_str()], |_| Ok(()))?.is_some())
}

/// Is money of an order of the subscriber still going back, or is somebody of the staff asked whether it shall?
pub fn has_refund_under_way(tx: &mut Tx<'_>, id: &SubscriberId) -> Result<bool> {
    for sql in [
        "select 1 from top_up t join refund r on r.top_up_id = t.id where t.subscriber_id = ?1 \
         and r.state in ('requested', 'pending', 'unknown') limit 1",
        "select 1 from top_up t join refund_request q on q.top_up_id = t.id where t.subscriber_id = ?1 \
         and q.state = 'asked' limit 1",
    ] {
        if tx.query_first(sql, &values![id.as_str()], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Is a question of the subscriber to support still open?
pub fn has_open_case(tx: &mut Tx<'_>, id: &SubscriberId) -> Result<bool> {
    let sql = "select 1 from support_case where subscriber_id = ?1 and state in ('open', 'waiting_for_asker') limit 1";
    Ok(tx.query_first(sql, &values![id.as_str()], |_| Ok(()))?.is_some())
}

/// Takes the e-mail addresses out of the subscriber's orders, those too that were bought with the address as a guest.
fn forget_addresses(tx: &mut Tx<'_>, id: &SubscriberId) -> Result<()> {
    for whose in
        ["subscriber_id = ?1", "email_hash in (select value_hash from contact where subscriber_id = ?1)"]
    {
        let sql =
            format!("update top_up set email_sealed = null, email_hash = null where {whose} and {DONE}");
        tx.execute(&sql, &values![id.as_str()])?;
    }
    crate::support_file::forget(tx, id)?;
    // That there was a case stays, and when; what was written in it goes.
    tx.execute(
        "update case_message set body_sealed = '' \
         where case_id in (select id from support_case where subscriber_id = ?1)",
        &values![id.as_str()],
    )?;
    tx.execute(
        "update support_case set contact_sealed = null where subscriber_id = ?1",
        &values![id.as_str()],
    )
    .map(|_| ())
}

/// Takes everything personal out. Says whether there was an account.
pub fn erase(tx: &mut Tx<'_>, id: &SubscriberId, now: UnixMs) -> Result<bool> {
    let erased = tx.execute(
        "update subscriber set state = 'erased', name_sealed = null, erased_at = ?2 where id = ?1 \
         and state = 'active'",
        &values![id.as_str(), now],
    )?;
    if erased == 0 {
        return Ok(false);
    }
    forget_addresses(tx, id)?;
    for sql in [
        "delete from registration where email_hash in (select value_hash from contact where subscriber_id = ?1)",
        "delete from stop_reply where contact_id in (select id from contact where subscriber_id = ?1)",
        "delete from security_code where target_hash in (select value_hash from contact where subscriber_id = ?1)",
        "delete from security_notice where subscriber_id = ?1",
        "delete from contact where subscriber_id = ?1",
        "delete from subscriber_line where subscriber_id = ?1",
        "delete from session where subscriber_id = ?1",
        "delete from security_code where subscriber_id = ?1",
        "delete from consent where subscriber_id = ?1",
    ] {
        tx.execute(sql, &values![id.as_str()])?;
    }
    Ok(true)
}
