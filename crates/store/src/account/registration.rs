//! Registrations that are not finished. They begin with an address; once that is proved, the rest can be filled in on
//! any device on which it is proved again.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::id::RegistrationId;
use domain::locale::Locale;
use domain::time::{DAY_MS, UnixMs};

/// How long a half-done registration is kept.
pub const LASTS_MS: i64 = DAY_MS;

/// A registration as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub id: RegistrationId,
    pub email_hash: String,
    pub email_sealed: Option<String>,
    pub email_verified_at: Option<UnixMs>,
    pub phone_hash: Option<String>,
    pub phone_sealed: Option<String>,
    pub name_sealed: Option<String>,
    pub locale: Locale,
    /// The channels for which marketing was agreed to, as words with spaces between.
    pub consents: String,
    pub created_at: UnixMs,
    pub expires_at: UnixMs,
    pub done_at: Option<UnixMs>,
}

const COLUMNS: &str = "id, email_hash, email_sealed, email_verified_at, phone_hash, phone_sealed, name_sealed, \
                       locale, consents, created_at, expires_at, done_at";

fn read(row: &Row<'_>) -> Result<Registration> {
    Ok(Registration {
        id: RegistrationId::stored(row.text(0)?),
        email_hash: row.text(1)?,
        email_sealed: row.opt_text(2)?,
        email_verified_at: row.opt_int(3)?.map(UnixMs),
        phone_hash: row.opt_text(4)?,
        phone_sealed: row.opt_text(5)?,
        name_sealed: row.opt_text(6)?,
        locale: row.word(7, Locale::parse)?,
        consents: row.text(8)?,
        created_at: UnixMs(row.int(9)?),
        expires_at: UnixMs(row.int(10)?),
        done_at: row.opt_int(11)?.map(UnixMs),
    })
}

pub fn insert(tx: &mut Tx<'_>, r: &Registration) -> Result<()> {
    tx.execute_one(
        "insert into registration (id, email_hash, email_sealed, locale, consents, created_at, expires_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &values![
            r.id.as_str(),
            &r.email_hash,
            r.email_sealed.as_deref(),
            r.locale.as_str(),
            &r.consents,
            r.created_at,
            r.expires_at
        ],
    )
}

/// A registration that can still be finished.
pub fn find(tx: &mut Tx<'_>, id: &RegistrationId, now: UnixMs) -> Result<Option<Registration>> {
    tx.query_first(
        &format!("select {COLUMNS} from registration where id = ?1 and done_at is null and expires_at > ?2"),
        &values![id.as_str(), now],
        read,
    )
}

/// The newest one of an address that was proved and can still be finished. `hashes`: one per key of the keyring.
pub fn find_proved(tx: &mut Tx<'_>, hashes: &[String], now: UnixMs) -> Result<Option<Registration>> {
    let sql = format!(
        "select {COLUMNS} from registration where email_hash = ?1 and email_verified_at is not null \
         and done_at is null and expires_at > ?2 order by id desc limit 1"
    );
    for hash in hashes {
        if let Some(found) = tx.query_first(&sql, &values![hash, now], read)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Its address was proved.
pub fn prove(tx: &mut Tx<'_>, id: &RegistrationId, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "update registration set email_verified_at = ?2 where id = ?1 and done_at is null",
        &values![id.as_str(), now],
    )
}

/// The second half of the form was filled in.
pub fn fill_in(tx: &mut Tx<'_>, r: &Registration) -> Result<()> {
    tx.execute_one(
        "update registration set phone_hash = ?2, phone_sealed = ?3, name_sealed = ?4, locale = ?5, consents = ?6 \
         where id = ?1 and done_at is null",
        &values![
            r.id.as_str(),
            r.phone_hash.as_deref(),
            r.phone_sealed.as_deref(),
            r.name_sealed.as_deref(),
            r.locale.as_str(),
            &r.consents
        ],
    )
}

/// It became an account: what it held is there now. Says whether it was still open.
pub fn finish(tx: &mut Tx<'_>, id: &RegistrationId, now: UnixMs) -> Result<bool> {
    let sql = "update registration set done_at = ?2, email_hash = '', email_sealed = null, phone_hash = null, \
               phone_sealed = null, name_sealed = null where id = ?1 and done_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), now])? == 1)
}

pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from registration where id in \
         (select id from registration where expires_at < ?1 order by expires_at limit ?2)",
        &values![before, limit],
    )
}
