//! Devices of a counter, and what made their signed requests unlike each other.

use crate::db::{Each, Row, Tx};
use crate::values;
use anyhow::Result;
use domain::device::{Device, PrinterSetting};
use domain::id::{AgentId, DeviceId, PartnerId, PlaceId};
use domain::slip::PaperWidth;
use domain::time::UnixMs;

/// How many devices a list shows.
pub const LIST_MAX: i64 = 200;

const COLUMNS: &str = "id, agent_id, place_id, name, public_key, printer_address, printer_width, reader, paired_at, \
     revoked_at, last_seen_at";

fn read(row: &Row<'_>) -> Result<Device> {
    let width = row.opt_text(6)?.as_deref().and_then(PaperWidth::parse);
    Ok(Device {
        id: DeviceId::stored(row.text(0)?),
        agent: AgentId::stored(row.text(1)?),
        place: PlaceId::stored(row.text(2)?),
        name: row.text(3)?,
        public_key: row.text(4)?,
        printer: row.opt_text(5)?.zip(width).map(|(address, width)| PrinterSetting { address, width }),
        reader: row.opt_text(7)?,
        paired_at: UnixMs(row.int(8)?),
        revoked_at: row.opt_int(9)?.map(UnixMs),
        last_seen_at: UnixMs(row.int(10)?),
    })
}

/// A device without printer and reader, with the hash of its cookie.
pub fn insert(tx: &mut Tx<'_>, d: &Device, secret_hash: &str) -> Result<()> {
    tx.execute_one(
        "insert into device (id, agent_id, place_id, name, public_key, secret_hash, paired_at, last_seen_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &values![
            d.id.as_str(),
            d.agent.as_str(),
            d.place.as_str(),
            &d.name,
            &d.public_key,
            secret_hash,
            d.paired_at,
            d.last_seen_at
        ],
    )
}

pub fn find(tx: &mut Tx<'_>, id: &DeviceId) -> Result<Option<Device>> {
    tx.query_first(&format!("select {COLUMNS} from device where id = ?1"), &values![id.as_str()], read)
}

/// The devices of cookies, revoked or not, each with whose float its outlet sells from.
pub fn each_by_secret<'k>(hashes: &'k [&'k str]) -> Each<'k, (Device, Option<PartnerId>)> {
    Each {
        sql: "select id, agent_id, place_id, name, public_key, printer_address, printer_width, reader, paired_at, \
              revoked_at, last_seen_at, (select partner_id from outlet where outlet.place_id = device.place_id \
              and outlet.agent_id = device.agent_id) from device where secret_hash = ?1",
        keys: hashes,
        read: |row| Ok((read(row)?, row.opt_text(11)?.map(PartnerId::stored))),
    }
}

/// Is this key some device's already? Two devices with one key could not be told apart.
pub fn has_key(tx: &mut Tx<'_>, public_key: &str) -> Result<bool> {
    let sql = "select 1 from device where public_key = ?1";
    Ok(tx.query_first(sql, &values![public_key], |_| Ok(()))?.is_some())
}

/// The device of a public key, revoked or not.
pub fn find_by_key(tx: &mut Tx<'_>, public_key: &str) -> Result<Option<Device>> {
    let sql = format!("select {COLUMNS} from device where public_key = ?1");
    tx.query_first(&sql, &values![public_key], read)
}

/// The devices of an agent, the newest first.
pub fn list(tx: &mut Tx<'_>, agent: &AgentId) -> Result<Vec<Device>> {
    let sql = format!("select {COLUMNS} from device where agent_id = ?1 order by id desc limit {LIST_MAX}");
    tx.query(&sql, &values![agent.as_str()], read)
}

/// The devices that stand at a place, the newest first.
pub fn list_at(tx: &mut Tx<'_>, place: &PlaceId) -> Result<Vec<Device>> {
    let sql = format!("select {COLUMNS} from device where place_id = ?1 order by id desc limit {LIST_MAX}");
    tx.query(&sql, &values![place.as_str()], read)
}

/// Revokes a device; says whether it was not revoked before.
pub fn revoke(tx: &mut Tx<'_>, id: &DeviceId, now: UnixMs) -> Result<bool> {
    let sql = "update device set revoked_at = ?2 where id = ?1 and revoked_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), now])? == 1)
}

/// A new cookie for a device that proved its key.
pub fn set_secret(tx: &mut Tx<'_>, id: &DeviceId, secret_hash: &str) -> Result<()> {
    tx.execute_one("update device set secret_hash = ?2 where id = ?1", &values![id.as_str(), secret_hash])
}

pub fn set_printer(tx: &mut Tx<'_>, id: &DeviceId, printer: Option<&PrinterSetting>) -> Result<()> {
    tx.execute_one(
        "update device set printer_address = cast(?2 as text), printer_width = cast(?3 as text) where id = ?1",
        &values![id.as_str(), printer.map(|p| p.address.as_str()), printer.map(|p| p.width.as_str())],
    )
}

pub fn set_reader(tx: &mut Tx<'_>, id: &DeviceId, reader: Option<&str>) -> Result<()> {
    let sql = "update device set reader = cast(?2 as text) where id = ?1";
    tx.execute_one(sql, &values![id.as_str(), reader])
}

/// Notes that a device was seen.
pub fn seen(tx: &mut Tx<'_>, id: &DeviceId, now: UnixMs) -> Result<()> {
    let sql = "update device set last_seen_at = ?2 where id = ?1 and last_seen_at < ?2";
    tx.execute(sql, &values![id.as_str(), now]).map(|_| ())
}

/// Takes a nonce of a device; says whether it is new.
pub fn take_nonce(tx: &mut Tx<'_>, device: &DeviceId, nonce: &str, now: UnixMs) -> Result<bool> {
    let sql = "insert into device_nonce (device_id, nonce, at) values (?1, ?2, ?3) on conflict (device_id, nonce) \
               do nothing";
    Ok(tx.execute(sql, &values![device.as_str(), nonce, now])? == 1)
}

/// Forgets nonces of signatures that would not be taken any more.
pub fn purge_nonces(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<u64> {
    tx.execute(
        "delete from device_nonce where (device_id, nonce) in (select device_id, nonce from device_nonce \
         where at < ?1 order by at limit ?2)",
        &values![before, limit],
    )
}
