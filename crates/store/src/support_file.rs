//! Files that customers added to a support case, sealed with their names. Lists never read their content.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::id::CaseId;
use domain::support_case::FileKind;
use domain::time::UnixMs;

/// A file as it is stored, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportFile {
    pub case: CaseId,
    /// Counts from 1 within the case.
    pub n: i64,
    /// The message that it came with.
    pub message: i64,
    pub kind: FileKind,
    pub bytes: i64,
    pub name_sealed: String,
    pub at: UnixMs,
}

const COLUMNS: &str = "case_id, n, message_n, kind, bytes, name_sealed, at";

fn read(row: &Row<'_>) -> Result<SupportFile> {
    Ok(SupportFile {
        case: CaseId::stored(row.text(0)?),
        n: row.int(1)?,
        message: row.int(2)?,
        kind: row.word(3, FileKind::parse)?,
        bytes: row.int(4)?,
        name_sealed: row.text(5)?,
        at: UnixMs(row.int(6)?),
    })
}

/// Stores a file with its sealed content.
pub fn insert(tx: &mut Tx<'_>, file: &SupportFile, body_sealed: &str) -> Result<()> {
    tx.execute_one(
        "insert into support_file (case_id, n, message_n, kind, bytes, name_sealed, at, body_sealed) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &values![
            file.case.as_str(),
            file.n,
            file.message,
            file.kind.as_str(),
            file.bytes,
            &file.name_sealed,
            file.at,
            body_sealed
        ],
    )
}

/// The last number that a file of the case has, and how many bytes its files have.
pub fn room(tx: &mut Tx<'_>, case: &CaseId) -> Result<(i64, i64)> {
    let sql = "select cast(coalesce(max(n), 0) as bigint), cast(coalesce(sum(bytes), 0) as bigint) \
               from support_file where case_id = ?1";
    let found = tx.query_first(sql, &values![case.as_str()], |row| Ok((row.int(0)?, row.int(1)?)))?;
    Ok(found.unwrap_or((0, 0)))
}

/// The files of a case, oldest first.
pub fn list(tx: &mut Tx<'_>, case: &CaseId, limit: i64) -> Result<Vec<SupportFile>> {
    let sql = format!("select {COLUMNS} from support_file where case_id = ?1 order by n limit ?2");
    tx.query(&sql, &values![case.as_str(), limit], read)
}

/// A file with its sealed content.
pub fn load_body(tx: &mut Tx<'_>, case: &CaseId, n: i64) -> Result<Option<(SupportFile, String)>> {
    let sql = format!("select {COLUMNS}, body_sealed from support_file where case_id = ?1 and n = ?2");
    tx.query_first(&sql, &values![case.as_str(), n], |row| Ok((read(row)?, row.text(7)?)))
}

/// Takes out files that were sent before `before`, the oldest first.
pub fn purge(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<()> {
    let sql = "select case_id, n from support_file where at < ?1 order by at limit ?2";
    let old = tx.query(sql, &values![before, limit], |row| Ok((row.text(0)?, row.int(1)?)))?;
    for (case, n) in old {
        tx.execute("delete from support_file where case_id = ?1 and n = ?2", &values![case, n])?;
    }
    Ok(())
}

/// Takes out every file that a subscriber added.
pub fn forget(tx: &mut Tx<'_>, subscriber: &domain::id::SubscriberId) -> Result<()> {
    let sql =
        "delete from support_file where case_id in (select id from support_case where subscriber_id = ?1)";
    tx.execute(sql, &values![subscriber.as_str()]).map(|_| ())
}
