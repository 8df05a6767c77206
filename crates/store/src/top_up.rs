//! Top-ups and the changes of their state.

use crate::db::{Row, Tx, Value};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{LineId, OfferVersionId, PartnerId, SubscriberId, TopUpId};
use domain::locale::Locale;
use domain::money::{BasisPoints, Money};
use domain::price::PriceLines;
use domain::time::UnixMs;
use domain::top_up::{Channel, Settlement, TopUp, TopUpState};

pub(crate) const COLUMNS: &str = "id, code, market, line_id, offer_id, offer_version_id, channel, settlement, state, version, \
     currency, value_minor, bonus_minor, fee_minor, tax_minor, tax_rate_bps, total_minor, partner_id, reference, \
     locale, email_sealed, created_at, state_at, credited_at, answer_by_at, actor, promotion, subscriber_id, email_hash";

pub(crate) fn read(row: &Row<'_>) -> Result<TopUp> {
    let currency = row.text(10)?.parse()?;
    let money = |column| Ok::<_, anyhow::Error>(Money::new(row.int(column)?, currency));
    Ok(TopUp {
        id: TopUpId::stored(row.text(0)?),
        code: row.text(1)?,
        market: row.text(2)?,
        line: LineId::stored(row.text(3)?),
        offer: row.text(4)?,
        offer_version: OfferVersionId::stored(row.text(5)?),
        channel: row.word(6, Channel::parse)?,
        settlement: row.word(7, Settlement::parse)?,
        state: row.word(8, TopUpState::parse)?,
        version: row.int(9)?,
        prices: PriceLines {
            value: money(11)?,
            bonus: money(12)?,
            fee: money(13)?,
            tax: money(14)?,
            tax_rate: BasisPoints(u16::try_from(row.int(15)?)?),
            total: money(16)?,
        },
        partner: row.opt_text(17)?.map(PartnerId::stored),
        reference: row.opt_text(18)?,
        locale: row.word(19, Locale::parse)?,
        email_sealed: row.opt_text(20)?,
        created_at: UnixMs(row.int(21)?),
        state_at: UnixMs(row.int(22)?),
        credited_at: row.opt_int(23)?.map(UnixMs),
        answer_by_at: row.opt_int(24)?.map(UnixMs),
        actor: row.text(25)?,
        promotion: crate::promotion::read_bonus(row.opt_text(26)?)?,
        subscriber: row.opt_text(27)?.map(SubscriberId::stored),
        email_hash: row.opt_text(28)?,
    })
}

pub fn insert_all(tx: &mut Tx<'_>, top_ups: &[&TopUp]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = top_ups.iter().map(|t| row_of(t)).collect();
    tx.insert_all(
        "insert into top_up (id, code, market, line_id, offer_id, offer_version_id, channel, settlement, state, version, \
         currency, value_minor, bonus_minor, fee_minor, tax_minor, tax_rate_bps, total_minor, partner_id, reference, \
         locale, email_sealed, created_at, state_at, credited_at, answer_by_at, actor, promotion, subscriber_id, email_hash) values (?1, ?2, ?3, ?4, ?5, \
         ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29)",
        &rows,
    )?;
    Ok(())
}

fn row_of(t: &TopUp) -> Vec<Value<'_>> {
    let prices = &t.prices;
    vec![
        t.id.as_str().into(),
        (&t.code).into(),
        (&t.market).into(),
        t.line.as_str().into(),
        (&t.offer).into(),
        t.offer_version.as_str().into(),
        t.channel.as_str().into(),
        t.settlement.as_str().into(),
        t.state.as_str().into(),
        t.version.into(),
        prices.total.currency.code().into(),
        prices.value.minor.into(),
        prices.bonus.minor.into(),
        prices.fee.minor.into(),
        prices.tax.minor.into(),
        i64::from(prices.tax_rate.0).into(),
        prices.total.minor.into(),
        t.partner.as_ref().map(PartnerId::as_str).into(),
        t.reference.as_deref().into(),
        t.locale.as_str().into(),
        t.email_sealed.as_deref().into(),
        t.created_at.into(),
        t.state_at.into(),
        t.credited_at.into(),
        t.answer_by_at.into(),
        t.actor.as_str().into(),
        t.promotion.as_ref().map(crate::promotion::write_bonus).into(),
        t.subscriber.as_ref().map(SubscriberId::as_str).into(),
        t.email_hash.as_deref().into(),
    ]
}

/// Notes where news of a top-up go; false when somewhere already.
pub fn set_email(tx: &mut Tx<'_>, id: &TopUpId, sealed: &str, hash: &str) -> Result<bool> {
    let sql = "update top_up set email_sealed = ?2, email_hash = ?3 where id = ?1 and email_sealed is null";
    Ok(tx.execute(sql, &values![id.as_str(), sealed, hash])? == 1)
}

pub fn load(tx: &mut Tx<'_>, id: &TopUpId) -> Result<TopUp> {
    find(tx, id)?.with_context(|| format!("top-up {id} is missing"))
}

pub fn find(tx: &mut Tx<'_>, id: &TopUpId) -> Result<Option<TopUp>> {
    tx.query_first(&format!("select {COLUMNS} from top_up where id = ?1"), &values![id.as_str()], read)
}

pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<TopUp>> {
    tx.query_first(&format!("select {COLUMNS} from top_up where code = ?1"), &values![code], read)
}

/// The codes of these top-ups, by their ids.
pub fn codes(tx: &mut Tx<'_>, ids: &[&str]) -> Result<std::collections::HashMap<TopUpId, String>> {
    let rows = tx.query_each("select id, code from top_up where id = ?1", ids, |row| {
        Ok((TopUpId::stored(row.text(0)?), row.text(1)?))
    })?;
    Ok(rows.into_iter().collect())
}

/// What a partner asks for in a list, newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub reference: Option<String>,
    pub state: Option<TopUpState>,
    pub from: Option<UnixMs>,
    pub to: Option<UnixMs>,
    /// Only those before this id.
    pub before: Option<TopUpId>,
}

/// Is there any order?
pub fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_first("select 1 from top_up limit 1", &[], |_| Ok(()))?.is_some())
}

/// A page of a partner's top-ups. Every parameter is cast so that both engines know its type when it is null.
pub fn list(tx: &mut Tx<'_>, partner: &PartnerId, filter: &Filter, limit: i64) -> Result<Vec<TopUp>> {
    // Two texts, so that a reference is always looked up by its index.
    let by_reference =
        if filter.reference.is_some() { "and reference = ?2" } else { "and cast(?2 as text) is null" };
    let sql = format!(
        "select {COLUMNS} from top_up where partner_id = ?1 {by_reference} \
         and (cast(?3 as text) is null or state = ?3) and (cast(?4 as bigint) is null or created_at >= ?4) \
         and (cast(?5 as bigint) is null or created_at < ?5) and (cast(?6 as text) is null or id < ?6) \
         order by id desc limit ?7"
    );
    let values = values![
        partner.as_str(),
        filter.reference.as_deref(),
        filter.state.map(TopUpState::as_str),
        filter.from,
        filter.to,
        filter.before.as_ref().map(TopUpId::as_str),
        limit
    ];
    tx.query(&sql, &values, read)
}

/// Writes the next version of a top-up; refused when somebody else wrote one since it was read.
pub fn update(tx: &mut Tx<'_>, next: &TopUp, actor: &str) -> Result<()> {
    tx.execute_one(
        "update top_up set state = ?3, version = ?2, state_at = ?4, credited_at = ?5, answer_by_at = ?6 \
         where id = ?1 and version + 1 = ?2",
        &values![
            next.id.as_str(),
            next.version,
            next.state.as_str(),
            next.state_at,
            next.credited_at,
            next.answer_by_at
        ],
    )?;
    tx.execute_one(
        "insert into top_up_event (top_up_id, version, state, at, actor) values (?1, ?2, ?3, ?4, ?5)",
        &values![next.id.as_str(), next.version, next.state.as_str(), next.state_at, actor],
    )
}

/// Gives an order to an account, if nobody has it; says whether it is this account's now.
pub fn claim(tx: &mut Tx<'_>, id: &TopUpId, subscriber: &SubscriberId) -> Result<bool> {
    let sql = "update top_up set subscriber_id = ?2 where id = ?1 and subscriber_id is null";
    Ok(tx.execute(sql, &values![id.as_str(), subscriber.as_str()])? == 1)
}

/// The changes since the first version: state and time, oldest first.
pub fn list_events(tx: &mut Tx<'_>, id: &TopUpId) -> Result<Vec<(TopUpState, UnixMs)>> {
    tx.query(
        "select state, at from top_up_event where top_up_id = ?1 order by version",
        &values![id.as_str()],
        |row| Ok((row.word(0, TopUpState::parse)?, UnixMs(row.int(1)?))),
    )
}

/// Top-ups whose buyer was promised an answer by now.
pub fn list_overdue(tx: &mut Tx<'_>, now: UnixMs, limit: i64) -> Result<Vec<TopUp>> {
    let sql = format!(
        "select {COLUMNS} from top_up where answer_by_at <= ?1 and state in ('checking_payment', 'paid', 'pending_network') order by answer_by_at limit ?2"
    );
    tx.query(&sql, &values![now, limit], read)
}

/// The newest orders of a subscriber.
pub fn list_by_subscriber(tx: &mut Tx<'_>, of: &SubscriberId, limit: i64) -> Result<Vec<TopUp>> {
    let sql = format!("select {COLUMNS} from top_up where subscriber_id = ?1 order by id desc limit ?2");
    tx.query(&sql, &values![of.as_str(), limit], read)
}
