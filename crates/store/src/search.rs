//! What staff looks for: orders by their line, address, subscriber, day or a provider's name. Every text has its
//! index and its limit.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::Result;
use domain::id::{LineId, PartnerId, SubscriberId, TopUpId};
use domain::line::{Line, LineStatus};
use domain::money::Money;
use domain::time::UnixMs;
use domain::top_up::{Channel, TopUpState};

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: TopUpId,
    pub code: String,
    pub market: String,
    pub line: LineId,
    pub last4: String,
    pub state: TopUpState,
    pub channel: Channel,
    pub total: Money,
    pub created_at: UnixMs,
    pub partner: Option<PartnerId>,
}

const LISTED: &str = "select t.id, t.code, t.market, t.line_id, l.last4, t.state, t.channel, t.total_minor, t.currency, \
     t.created_at, t.partner_id from top_up t join line l on l.id = t.line_id";

fn read(row: &Row<'_>) -> Result<Listed> {
    Ok(Listed {
        id: TopUpId::stored(row.text(0)?),
        code: row.text(1)?,
        market: row.text(2)?,
        line: LineId::stored(row.text(3)?),
        last4: row.text(4)?,
        state: row.word(5, TopUpState::parse)?,
        channel: row.word(6, Channel::parse)?,
        total: Money::new(row.int(7)?, row.text(8)?.parse()?),
        created_at: UnixMs(row.int(9)?),
        partner: row.opt_text(10)?.map(PartnerId::stored),
    })
}

/// The newest orders of a line.
pub fn of_line(tx: &mut Tx<'_>, line: &LineId, limit: i64) -> Result<Vec<Listed>> {
    let sql = format!("{LISTED} where t.line_id = ?1 order by t.id desc limit ?2");
    tx.query(&sql, &values![line.as_str(), limit], read)
}

/// The newest orders of a subscriber.
pub fn of_subscriber(tx: &mut Tx<'_>, subscriber: &SubscriberId, limit: i64) -> Result<Vec<Listed>> {
    let sql = format!("{LISTED} where t.subscriber_id = ?1 order by t.id desc limit ?2");
    tx.query(&sql, &values![subscriber.as_str(), limit], read)
}

/// The newest orders with one of these addresses. `hashes`: one per key of the keyring.
pub fn of_email(tx: &mut Tx<'_>, hashes: &[String], limit: i64) -> Result<Vec<Listed>> {
    let sql = format!("{LISTED} where t.email_hash = ?1 order by t.id desc limit ?2");
    let mut found = Vec::new();
    for hash in hashes {
        found.extend(tx.query(&sql, &[Value::from(hash), Value::from(limit)], read)?);
    }
    found.sort_by(|a, b| b.id.cmp(&a.id));
    found.truncate(usize::try_from(limit)?);
    Ok(found)
}

/// Orders made from `from` on and before `before`, newest first; only those in `state`, where one is named.
pub fn of_days(
    tx: &mut Tx<'_>,
    from: &TopUpId,
    before: &TopUpId,
    state: Option<TopUpState>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let sql = format!(
        "{LISTED} where t.id >= ?1 and t.id < ?2 and (cast(?3 as text) is null or t.state = ?3) \
         order by t.id desc limit ?4"
    );
    let state = state.map(TopUpState::as_str);
    tx.query(&sql, &values![from.as_str(), before.as_str(), state, limit], read)
}

/// Orders with a refund of which the provider has not said what became, oldest first.
pub fn with_open_refund(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Listed>> {
    let sql = format!(
        "{LISTED} where t.id in (select top_up_id from refund where state in ('requested', 'pending', 'unknown') \
         order by created_at limit ?1) order by t.id"
    );
    tx.query(&sql, &values![limit], read)
}

/// The newest orders that partners gave this reference.
pub fn of_reference(tx: &mut Tx<'_>, reference: &str, limit: i64) -> Result<Vec<Listed>> {
    // One look into the index for each partner.
    let sql = format!("{LISTED} where t.partner_id = ?1 and t.reference = ?2 order by t.id desc limit ?3");
    let mut found = Vec::new();
    for (partner, _) in crate::partner::list(tx)? {
        found.extend(tx.query(&sql, &values![partner.as_str(), reference, limit], read)?);
    }
    found.sort_by(|a, b| b.id.cmp(&a.id));
    found.truncate(usize::try_from(limit)?);
    Ok(found)
}

/// The code of the order that an id of ours or of a provider belongs to: attempt, payment, operation, refund, request for one,
/// message, credit at the network.
pub fn code_of(tx: &mut Tx<'_>, id: &str) -> Result<Option<String>> {
    const PAYMENT: &str = "join payment p on p.order_id = t.id";
    let ways = [
        "select t.code from top_up t where t.id = ?1".to_owned(),
        format!("select t.code from top_up t {PAYMENT} where p.id = ?1"),
        format!(
            "select t.code from top_up t {PAYMENT} join attempt a on a.payment_id = p.id where a.id = ?1"
        ),
        format!(
            "select t.code from top_up t {PAYMENT} join attempt a on a.payment_id = p.id where a.page_ref = ?1"
        ),
        format!(
            "select t.code from top_up t {PAYMENT} join attempt a on a.payment_id = p.id where a.money_ref = ?1"
        ),
        "select t.code from top_up t join refund r on r.top_up_id = t.id where r.id = ?1".to_owned(),
        "select t.code from top_up t join refund r on r.top_up_id = t.id where r.refund_ref = ?1".to_owned(),
        "select t.code from top_up t join message m on m.top_up_id = t.id where m.id = ?1".to_owned(),
        "select t.code from top_up t join message m on m.top_up_id = t.id where m.provider_ref = ?1"
            .to_owned(),
        "select t.code from top_up t join network_credit n on n.top_up_id = t.id where n.operation_id = ?1"
            .to_owned(),
        "select t.code from top_up t join network_credit n on n.top_up_id = t.id where n.network_ref = ?1"
            .to_owned(),
        "select t.code from top_up t join refund_request r on r.top_up_id = t.id where r.id = ?1".to_owned(),
    ];
    for sql in &ways {
        let found = tx.query_first(sql, &values![id], |row| row.text(0))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let served =
        tx.query_first("select subject from operation where id = ?1", &values![id], |row| row.text(0))?;
    match served {
        Some(subject) => code_of(tx, &subject),
        None => Ok(None),
    }
}

/// The code of the order with the refund whose reference, as people are told it, ends like this: the last eight letters
/// of its id.
pub fn code_of_refund(tx: &mut Tx<'_>, end: &str) -> Result<Option<String>> {
    let sql =
        "select t.code from refund r join top_up t on t.id = r.top_up_id where substr(r.id, 22) = ?1 limit 1";
    tx.query_first(sql, &values![end], |row| row.text(0))
}

/// Lines that have or had one of these numbers, the present one first.
pub fn lines(tx: &mut Tx<'_>, hashes: &[String]) -> Result<Vec<Line>> {
    let keys: Vec<&str> = hashes.iter().map(String::as_str).collect();
    let each = crate::line::each(&keys);
    let mut lines: Vec<Line> =
        tx.query_each(each.sql, each.keys, each.read)?.into_iter().map(|(_, line)| line).collect();
    lines.sort_by(|a, b| {
        let closed = |line: &Line| line.status == LineStatus::Closed;
        (closed(a), &b.id).cmp(&(closed(b), &a.id))
    });
    lines.dedup_by(|a, b| a.id == b.id);
    Ok(lines)
}

/// Whose accounts a line is in.
pub fn subscribers_of(tx: &mut Tx<'_>, line: &LineId) -> Result<Vec<SubscriberId>> {
    let sql = "select subscriber_id from subscriber_line where line_id = ?1 and removed_at is null limit 20";
    tx.query(sql, &values![line.as_str()], |row| Ok(SubscriberId::stored(row.text(0)?)))
}

/// A piece of work that was given up, or a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    pub id: String,
    pub topic: String,
    pub subject: String,
    pub tries: i64,
    pub error: Option<String>,
}

/// Work that was given up and that nobody has seen to, newest first.
pub fn dead_work(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Dead>> {
    let mut dead = tx.query(
        "select o.id, o.topic, o.subject, o.attempts, o.last_error from outbox o where o.state = 'dead' \
         and not exists (select 1 from seen_to s where s.work_id = o.id) limit ?1",
        &values![limit],
        |row| {
            Ok(Dead {
                id: row.text(0)?,
                topic: row.text(1)?,
                subject: row.text(2)?,
                tries: row.int(3)?,
                error: row.opt_text(4)?,
            })
        },
    )?;
    dead.sort_by(|a, b| b.id.cmp(&a.id));
    Ok(dead)
}

/// A version of an offer as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferVersion {
    pub id: String,
    pub version: i64,
    pub current: bool,
    pub created_at: UnixMs,
    /// JSON.
    pub body: String,
}

/// The newest versions of an offer, newest first.
pub fn offer_versions(tx: &mut Tx<'_>, offer: &str) -> Result<Vec<OfferVersion>> {
    tx.query(
        "select version_id, version, current, created_at, body from offer where offer_id = ?1 \
         order by version desc limit 50",
        &values![offer],
        |row| {
            Ok(OfferVersion {
                id: row.text(0)?,
                version: row.int(1)?,
                current: row.int(2)? == 1,
                created_at: UnixMs(row.int(3)?),
                body: row.text(4)?,
            })
        },
    )
}
