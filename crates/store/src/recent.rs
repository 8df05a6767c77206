//! What happened last, for the status page: the newest calls to providers, requests to the host network and messages,
//! and the oldest work that is due. Each is the end of an index, however long the table is: ids begin with the time.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::network_credit::NetworkCreditState;
use domain::notice::{MessageState, NoticeChannel};
use domain::payment::{OperationKind, OperationState};
use domain::time::UnixMs;

/// A call to a payment provider that was answered, or given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub provider: String,
    pub kind: OperationKind,
    pub state: OperationState,
    pub answered_at: UnixMs,
}

/// The answered ones of the newest `limit` calls.
pub fn calls(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Call>> {
    let sql = "select o.kind, o.state, o.answered_at, coalesce(p.provider, r.provider) from \
               (select id, kind, subject, state, answered_at from operation order by id desc limit ?1) o \
               left join attempt a on a.id = o.subject left join payment p on p.id = a.payment_id \
               left join refund r on r.id = o.subject where o.answered_at is not null";
    tx.query(sql, &values![limit], |row| {
        Ok(Call {
            kind: row.word(0, OperationKind::parse)?,
            state: row.word(1, OperationState::parse)?,
            answered_at: UnixMs(row.int(2)?),
            provider: row.text(3)?,
        })
    })
}

/// A request to the host network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    pub state: NetworkCreditState,
    pub state_at: UnixMs,
    pub sent_at: Option<UnixMs>,
}

pub fn credits(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Credit>> {
    let sql = "select state, state_at, last_sent_at from network_credit order by operation_id desc limit ?1";
    tx.query(sql, &values![limit], |row| {
        let sent_at = row.opt_int(2)?.map(UnixMs);
        Ok(Credit { state: row.word(0, NetworkCreditState::parse)?, state_at: UnixMs(row.int(1)?), sent_at })
    })
}

/// A message to somebody, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub channel: NoticeChannel,
    pub state: MessageState,
    pub tried: bool,
    pub created_at: UnixMs,
    pub sent_at: Option<UnixMs>,
}

pub fn messages(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Message>> {
    let sql = "select channel, state, attempts, created_at, sent_at from message order by id desc limit ?1";
    tx.query(sql, &values![limit], |row| {
        Ok(Message {
            channel: row.word(0, NoticeChannel::parse)?,
            state: row.word(1, MessageState::parse)?,
            tried: row.int(2)? > 0,
            created_at: UnixMs(row.int(3)?),
            sent_at: row.opt_int(4)?.map(UnixMs),
        })
    })
}

/// Since when the oldest work is due.
pub fn due_since(tx: &mut Tx<'_>, now: UnixMs) -> Result<Option<UnixMs>> {
    let sql = "select available_at from outbox where state = 'open' and available_at <= ?1 \
               order by available_at limit 1";
    tx.query_first(sql, &values![now], |row| Ok(UnixMs(row.int(0)?)))
}
