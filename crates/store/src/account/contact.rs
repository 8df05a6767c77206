//! Contacts: the phone number and the e-mail address of a subscriber, each proved by a code. Of a live one there is
//! one owner; a removed one keeps nothing but when it was.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::account::ContactKind;
use domain::id::{ContactId, LineId, SubscriberId};
use domain::time::UnixMs;

/// A live contact as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub id: ContactId,
    pub subscriber: SubscriberId,
    pub kind: ContactKind,
    pub value_hash: String,
    pub value_sealed: String,
    /// What may be shown of it.
    pub shown: String,
    /// The line of ours whose number it was when it was proved.
    pub line: Option<LineId>,
    pub verified_at: UnixMs,
}

const COLUMNS: &str = "id, subscriber_id, kind, value_hash, value_sealed, shown, line_id, verified_at";

fn read(row: &Row<'_>) -> Result<Contact> {
    Ok(Contact {
        id: ContactId::stored(row.text(0)?),
        subscriber: SubscriberId::stored(row.text(1)?),
        kind: row.word(2, ContactKind::parse)?,
        value_hash: row.text(3)?,
        value_sealed: row.text(4)?,
        shown: row.text(5)?,
        line: row.opt_text(6)?.map(LineId::stored),
        verified_at: UnixMs(row.int(7)?),
    })
}

/// Adds a contact unless it is somebody's already, or the subscriber has one of its kind; says whether it was added.
pub fn insert(tx: &mut Tx<'_>, c: &Contact) -> Result<bool> {
    let new = tx.execute(
        "insert into contact (id, subscriber_id, kind, value_hash, value_sealed, shown, line_id, verified_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing",
        &values![
            c.id.as_str(),
            c.subscriber.as_str(),
            c.kind.as_str(),
            &c.value_hash,
            &c.value_sealed,
            &c.shown,
            c.line.as_ref().map(LineId::as_str),
            c.verified_at
        ],
    )?;
    Ok(new == 1)
}

/// Whose contact is it? `hashes`: one per key of the keyring, of each number that may be meant, the likeliest first.
pub fn find(tx: &mut Tx<'_>, kind: ContactKind, hashes: &[String]) -> Result<Option<Contact>> {
    let sql =
        format!("select {COLUMNS} from contact where kind = ?1 and value_hash = ?2 and removed_at is null");
    for hash in hashes {
        if let Some(found) = tx.query_first(&sql, &values![kind.as_str(), hash], read)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The live contacts of a subscriber: at most one of each kind.
pub fn list(tx: &mut Tx<'_>, subscriber: &SubscriberId) -> Result<Vec<Contact>> {
    tx.query(
        &format!(
            "select {COLUMNS} from contact where subscriber_id = ?1 and removed_at is null order by kind limit 10"
        ),
        &values![subscriber.as_str()],
        read,
    )
}

/// Removes a contact: from here on it may be somebody else's, and what it was is forgotten.
pub fn remove(tx: &mut Tx<'_>, id: &ContactId, now: UnixMs) -> Result<bool> {
    let sql = "update contact set removed_at = ?2, value_hash = '', value_sealed = '', shown = '', line_id = null \
               where id = ?1 and removed_at is null";
    Ok(tx.execute(sql, &values![id.as_str(), now])? == 1)
}
