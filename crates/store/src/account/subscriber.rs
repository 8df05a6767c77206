//! Subscribers: people with an account. The name stands sealed.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::account::SubscriberState;
use domain::id::SubscriberId;
use domain::locale::Locale;
use domain::time::UnixMs;

/// A subscriber as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub id: SubscriberId,
    pub state: SubscriberState,
    pub name_sealed: Option<String>,
    pub locale: Locale,
    pub created_at: UnixMs,
}

pub(super) fn read(row: &Row<'_>) -> Result<Subscriber> {
    Ok(Subscriber {
        id: SubscriberId::stored(row.text(0)?),
        state: row.word(1, SubscriberState::parse)?,
        name_sealed: row.opt_text(2)?,
        locale: row.word(3, Locale::parse)?,
        created_at: UnixMs(row.int(4)?),
    })
}

pub fn insert(tx: &mut Tx<'_>, s: &Subscriber) -> Result<()> {
    tx.execute_one(
        "insert into subscriber (id, state, name_sealed, locale, created_at) values (?1, ?2, ?3, ?4, ?5)",
        &values![s.id.as_str(), s.state.as_str(), s.name_sealed.as_deref(), s.locale.as_str(), s.created_at],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &SubscriberId) -> Result<Option<Subscriber>> {
    tx.query_first(
        "select id, state, name_sealed, locale, created_at from subscriber where id = ?1",
        &values![id.as_str()],
        read,
    )
}

/// The language in which the subscriber reads; says whether the account is there.
pub fn set_locale(tx: &mut Tx<'_>, id: &SubscriberId, locale: Locale) -> Result<bool> {
    let sql = "update subscriber set locale = ?2 where id = ?1 and state = 'active'";
    Ok(tx.execute(sql, &values![id.as_str(), locale.as_str()])? == 1)
}

pub fn set_name(tx: &mut Tx<'_>, id: &SubscriberId, name_sealed: Option<&str>) -> Result<bool> {
    let sql = "update subscriber set name_sealed = ?2 where id = ?1 and state = 'active'";
    Ok(tx.execute(sql, &values![id.as_str(), name_sealed])? == 1)
}
