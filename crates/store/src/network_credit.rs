//! Credits that the host network gives: one row per top-up, whose id is the request id at the network for ever.
//! Start reading at [`mark_sent`]: it is committed before every sending.

use crate::db::{Row, Tx, Value};
use crate::trace;
use crate::values;
use anyhow::{Context, Result};
use domain::id::{OperationId, TopUpId};
use domain::money::Currency;
use domain::network_credit::{NetworkCreditState, NetworkGrant};
use domain::time::UnixMs;

/// A credit at the network as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkCredit {
    /// The request id at the network.
    pub operation: OperationId,
    pub top_up: TopUpId,
    pub network: String,
    pub grant: NetworkGrant,
    /// The currency of the order.
    pub currency: Currency,
    pub state: NetworkCreditState,
    pub first_sent_at: Option<UnixMs>,
    pub last_sent_at: Option<UnixMs>,
    /// How often it was written down to be sent.
    pub sends: i64,
    /// The network's own word for what it gave.
    pub network_ref: Option<String>,
    /// Why it was not given, in the network's word or ours.
    pub refusal: Option<String>,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
}

const COLUMNS: &str = "operation_id, top_up_id, network, grant_json, currency, state, first_sent_at, last_sent_at, \
     sends, network_ref, refusal, created_at, state_at";

fn read(row: &Row<'_>) -> Result<NetworkCredit> {
    Ok(NetworkCredit {
        operation: OperationId::stored(row.text(0)?),
        top_up: TopUpId::stored(row.text(1)?),
        network: row.text(2)?,
        grant: serde_json::from_str(&row.text(3)?)?,
        currency: row.text(4)?.parse()?,
        state: row.word(5, NetworkCreditState::parse)?,
        first_sent_at: row.opt_int(6)?.map(UnixMs),
        last_sent_at: row.opt_int(7)?.map(UnixMs),
        sends: row.int(8)?,
        network_ref: row.opt_text(9)?,
        refusal: row.opt_text(10)?,
        created_at: UnixMs(row.int(11)?),
        state_at: UnixMs(row.int(12)?),
    })
}

/// Writes credits that were never sent.
pub fn insert_all(tx: &mut Tx<'_>, credits: &[&NetworkCredit]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = credits
        .iter()
        .map(|c| {
            Ok(vec![
                c.operation.as_str().into(),
                c.top_up.as_str().into(),
                c.network.as_str().into(),
                serde_json::to_string(&c.grant)?.into(),
                c.grant.minor().into(),
                c.currency.code().into(),
                c.state.as_str().into(),
                c.sends.into(),
                c.created_at.into(),
                c.state_at.into(),
            ])
        })
        .collect::<Result<_>>()?;
    tx.insert_all(
        "insert into network_credit (operation_id, top_up_id, network, grant_json, amount_minor, currency, state, \
         sends, created_at, state_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &rows,
    )?;
    Ok(())
}

pub fn load(tx: &mut Tx<'_>, id: &OperationId) -> Result<NetworkCredit> {
    let sql = format!("select {COLUMNS} from network_credit where operation_id = ?1");
    tx.query_first(&sql, &values![id.as_str()], read)?
        .with_context(|| format!("network credit {id} is missing"))
}

/// Loads a credit and keeps others from changing it until the step ends.
pub fn lock(tx: &mut Tx<'_>, id: &OperationId) -> Result<NetworkCredit> {
    tx.execute_one("update network_credit set state = state where operation_id = ?1", &values![id.as_str()])?;
    load(tx, id)
}

/// The network's part of a top-up, if its line is one whose balance the network keeps.
pub fn find_by_top_up(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Option<NetworkCredit>> {
    let sql = format!("select {COLUMNS} from network_credit where top_up_id = ?1");
    tx.query_first(&sql, &values![top_up.as_str()], read)
}

/// Writes down that the credit is about to be sent; `None` when it must not be, because it ended or the network has
/// it. A clock that was set back moves no time back.
pub fn mark_sent(tx: &mut Tx<'_>, id: &OperationId, now: UnixMs) -> Result<Option<NetworkCredit>> {
    let sql = format!(
        "update network_credit set sends = sends + 1, first_sent_at = coalesce(first_sent_at, ?2), \
         last_sent_at = case when last_sent_at > ?2 then last_sent_at else ?2 end, \
         state_at = case when state = 'prepared' then ?2 else state_at end, \
         state = case when state = 'prepared' then 'sent' else state end \
         where operation_id = ?1 and state in ('prepared', 'sent', 'unknown') returning {COLUMNS}"
    );
    let marked = tx.query_first(&sql, &values![id.as_str(), now], read)?;
    if marked.as_ref().is_some_and(|credit| credit.sends > 1) {
        trace::append(tx, id.as_str(), "sent", None, now)?;
    }
    Ok(marked)
}

/// Writes down what the network said when nothing came of it.
pub fn heard(tx: &mut Tx<'_>, id: &OperationId, what: &str, now: UnixMs) -> Result<()> {
    trace::append(tx, id.as_str(), "heard", Some(what), now)
}

/// Writes the next state; what is not the end of an undisturbed credit leaves a trace. Refused when it is no longer in the state it was read in, or was sent since.
pub fn update(tx: &mut Tx<'_>, from: &NetworkCredit, next: &NetworkCredit, said: &str) -> Result<()> {
    if next.state != NetworkCreditState::Done || from.state != NetworkCreditState::Sent {
        trace::append(tx, from.operation.as_str(), next.state.as_str(), Some(said), next.state_at)?;
    }
    tx.execute_one(
        "update network_credit set state = ?4, network_ref = ?5, refusal = ?6, state_at = ?7 \
         where operation_id = ?1 and state = ?2 and sends = ?3",
        &values![
            from.operation.as_str(),
            from.state.as_str(),
            from.sends,
            next.state.as_str(),
            next.network_ref.as_deref(),
            next.refusal.as_deref(),
            next.state_at
        ],
    )
}
