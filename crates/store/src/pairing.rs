//! Pairing codes: for which outlet, until when, and that each is used once. The code stands hashed.

use crate::db::Tx;
use crate::values;
use anyhow::Result;
use domain::device::Pairing;
use domain::id::{AgentId, PlaceId};
use domain::time::UnixMs;

pub fn insert(tx: &mut Tx<'_>, pairing: &Pairing, hash: &str, now: UnixMs) -> Result<()> {
    tx.execute_one(
        "insert into pairing (code_hash, agent_id, place_id, name, created_at, expires_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6)",
        &values![
            hash,
            pairing.agent.as_str(),
            pairing.place.as_str(),
            &pairing.name,
            now,
            pairing.expires_at
        ],
    )
}

/// Uses a code; gives what it was for if it could still be used.
pub fn take(tx: &mut Tx<'_>, hashes: &[String], now: UnixMs) -> Result<Option<Pairing>> {
    for hash in hashes {
        let found = tx.query_first(
            "update pairing set used_at = ?2 where code_hash = ?1 and used_at is null and expires_at > ?2 \
             returning agent_id, place_id, name, expires_at",
            &values![hash, now],
            |row| {
                Ok(Pairing {
                    agent: AgentId::stored(row.text(0)?),
                    place: PlaceId::stored(row.text(1)?),
                    name: row.text(2)?,
                    expires_at: UnixMs(row.int(3)?),
                })
            },
        )?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Removes codes that lapsed long ago.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from pairing where code_hash in (select code_hash from pairing where expires_at < ?1 \
         order by expires_at limit ?2)",
        &values![before, limit],
    )
}
