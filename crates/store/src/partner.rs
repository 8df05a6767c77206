//! Partners and their API keys. Of a key only a keyed hash is stored.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::id::{ApiKeyId, PartnerId};
use domain::partner::{Caller, Scope};
use domain::time::UnixMs;

pub fn insert(tx: &mut Tx<'_>, id: &PartnerId, name: &str, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into partner (id, name, created_at) values (?1, ?2, ?3)",
        &values![id.as_str(), name, now],
    )
}

pub fn find_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<PartnerId>> {
    tx.query_first("select id from partner where name = ?1", &values![name], |row| {
        Ok(PartnerId::stored(row.text(0)?))
    })
}

/// Every partner with its name, by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<(PartnerId, String)>> {
    tx.query("select id, name from partner order by name, id", &[], |row| {
        Ok((PartnerId::stored(row.text(0)?), row.text(1)?))
    })
}

/// A key as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub partner: PartnerId,
    pub id: ApiKeyId,
    pub scopes: Vec<Scope>,
    pub created_at: UnixMs,
    pub revoked_at: Option<UnixMs>,
}

/// Every key, oldest first.
pub fn list_keys(tx: &mut Tx<'_>) -> Result<Vec<Key>> {
    let sql = "select partner_id, id, scopes, created_at, revoked_at from api_key order by created_at, id";
    tx.query(sql, &[], |row| {
        Ok(Key {
            partner: PartnerId::stored(row.text(0)?),
            id: ApiKeyId::stored(row.text(1)?),
            scopes: scopes(&row.text(2)?),
            created_at: UnixMs(row.int(3)?),
            revoked_at: row.opt_int(4)?.map(UnixMs),
        })
    })
}

fn scopes(stored: &str) -> Vec<Scope> {
    stored.split(' ').filter_map(Scope::parse).collect()
}

pub fn exists(tx: &mut Tx<'_>, id: &PartnerId) -> Result<bool> {
    Ok(tx.query_first("select 1 from partner where id = ?1", &values![id.as_str()], |_| Ok(()))?.is_some())
}

pub fn insert_key(tx: &mut Tx<'_>, caller: &Caller, secret_hash: &str, now: UnixMs) -> Result<()> {
    let scopes: Vec<&str> = caller.scopes.iter().map(|scope| scope.as_str()).collect();
    tx.execute_one(
        "insert into api_key (id, partner_id, secret_hash, scopes, created_at) values (?1, ?2, ?3, ?4, ?5)",
        &values![caller.key.as_str(), caller.partner.as_str(), secret_hash, scopes.join(" "), now],
    )
}

/// Whose key this is, unless it was revoked.
pub fn find_caller(tx: &mut Tx<'_>, hashes: &[String]) -> Result<Option<Caller>> {
    let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
    let found = tx.query_each(
        "select id, partner_id, scopes from api_key where revoked_at is null and secret_hash = ?1",
        &hashes,
        |row| {
            Ok(Caller {
                key: ApiKeyId::stored(row.text(0)?),
                partner: PartnerId::stored(row.text(1)?),
                scopes: scopes(&row.text(2)?),
            })
        },
    )?;
    Ok(found.into_iter().next())
}

/// Revokes a key; says whether it was there and not revoked before.
pub fn revoke_key(tx: &mut Tx<'_>, id: &ApiKeyId, now: UnixMs) -> Result<bool> {
    let sql = "update api_key set revoked_at = ?2 where id = ?1 and revoked_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), now])? == 1)
}
