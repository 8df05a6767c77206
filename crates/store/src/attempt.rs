//! Attempts: one hosted page each, with what the provider said of it last.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{AttemptId, PaymentId};
use domain::money::Money;
use domain::payment::{AttemptState, Card};
use domain::time::UnixMs;

/// An attempt as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub payment: PaymentId,
    pub state: AttemptState,
    /// The provider's id of the hosted page.
    pub page_ref: Option<String>,
    /// The provider's id of the money movement.
    pub money_ref: Option<String>,
    pub url: Option<String>,
    pub card: Option<Card>,
    pub last_decline: Option<String>,
    pub expires_at: UnixMs,
    /// Where the payer goes afterwards; `None` is our own order page.
    pub return_url: Option<String>,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
    /// What the provider says it took.
    pub captured: Option<Money>,
}

const COLUMNS: &str = "id, payment_id, state, page_ref, money_ref, url, card_brand, card_last4, last_decline, \
     expires_at, created_at, state_at, captured_minor, captured_currency, return_url";

fn read(row: &Row<'_>) -> Result<Attempt> {
    let card = match (row.opt_text(6)?, row.opt_text(7)?) {
        (Some(brand), Some(last4)) => Some(Card { brand, last4 }),
        _ => None,
    };
    let captured = match (row.opt_int(12)?, row.opt_text(13)?) {
        (Some(minor), Some(currency)) => Some(Money::new(minor, currency.parse()?)),
        _ => None,
    };
    Ok(Attempt {
        id: AttemptId::stored(row.text(0)?),
        payment: PaymentId::stored(row.text(1)?),
        state: row.word(2, AttemptState::parse)?,
        page_ref: row.opt_text(3)?,
        money_ref: row.opt_text(4)?,
        url: row.opt_text(5)?,
        card,
        last_decline: row.opt_text(8)?,
        expires_at: UnixMs(row.int(9)?),
        created_at: UnixMs(row.int(10)?),
        state_at: UnixMs(row.int(11)?),
        captured,
        return_url: row.opt_text(14)?,
    })
}

/// Inserts the attempt as the payment's current one; earlier ones stay watched.
pub fn insert_current(tx: &mut Tx<'_>, a: &Attempt) -> Result<()> {
    tx.execute(
        "update attempt set current = 0 where payment_id = ?1 and current = 1",
        &values![a.payment.as_str()],
    )?;
    tx.execute_one(
        "insert into attempt (id, payment_id, state, current, expires_at, created_at, state_at, return_url) \
         values (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)",
        &values![
            a.id.as_str(),
            a.payment.as_str(),
            a.state.as_str(),
            a.expires_at,
            a.created_at,
            a.state_at,
            a.return_url.as_deref()
        ],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &AttemptId) -> Result<Option<Attempt>> {
    tx.query_first(&format!("select {COLUMNS} from attempt where id = ?1"), &values![id.as_str()], read)
}

/// At which provider an attempt was made.
pub fn provider(tx: &mut Tx<'_>, id: &AttemptId) -> Result<String> {
    let sql = "select p.provider from attempt a join payment p on p.id = a.payment_id where a.id = ?1";
    tx.query_first(sql, &values![id.as_str()], |row| row.text(0))?
        .with_context(|| format!("attempt {id} is missing"))
}

pub fn load(tx: &mut Tx<'_>, id: &AttemptId) -> Result<Attempt> {
    find(tx, id)?.with_context(|| format!("attempt {id} is missing"))
}

pub fn find_by_page(tx: &mut Tx<'_>, page_ref: &str) -> Result<Option<Attempt>> {
    tx.query_first(&format!("select {COLUMNS} from attempt where page_ref = ?1"), &values![page_ref], read)
}

pub fn find_by_money(tx: &mut Tx<'_>, money_ref: &str) -> Result<Option<Attempt>> {
    tx.query_first(&format!("select {COLUMNS} from attempt where money_ref = ?1"), &values![money_ref], read)
}

/// The attempts of a payment, newest first; the first is the current one.
pub fn list(tx: &mut Tx<'_>, payment: &PaymentId) -> Result<Vec<Attempt>> {
    let sql = format!("select {COLUMNS} from attempt where payment_id = ?1 order by current desc, id desc");
    tx.query(&sql, &values![payment.as_str()], read)
}

/// Writes what is known now; refused when the attempt is no longer in the state it was read in.
pub fn update(tx: &mut Tx<'_>, from: AttemptState, a: &Attempt) -> Result<()> {
    tx.execute_one(
        "update attempt set state = ?3, page_ref = ?4, money_ref = ?5, url = ?6, card_brand = ?7, card_last4 = ?8, \
         last_decline = ?9, state_at = ?10, captured_minor = ?11, captured_currency = ?12 \
         where id = ?1 and state = ?2",
        &values![
            a.id.as_str(),
            from.as_str(),
            a.state.as_str(),
            a.page_ref.as_deref(),
            a.money_ref.as_deref(),
            a.url.as_deref(),
            a.card.as_ref().map(|c| c.brand.as_str()),
            a.card.as_ref().map(|c| c.last4.as_str()),
            a.last_decline.as_deref(),
            a.state_at,
            a.captured.map(|m| m.minor),
            a.captured.map(|m| m.currency.code())
        ],
    )
}
