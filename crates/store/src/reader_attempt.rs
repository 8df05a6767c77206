//! Attempts on card readers: which reader an attempt is on. A reader serves one open attempt at a time, by a unique
//! index, so that nobody's payment is pushed off its screen.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::id::AttemptId;

/// An attempt on a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderAttempt {
    pub attempt: AttemptId,
    /// The terminal's own name of the reader.
    pub reader: String,
    /// What the provider was told that it is for, word by word: a call that is sent again must not change.
    pub description: String,
}

const COLUMNS: &str = "attempt_id, reader, description";

fn read(row: &Row<'_>) -> Result<ReaderAttempt> {
    Ok(ReaderAttempt {
        attempt: AttemptId::stored(row.text(0)?),
        reader: row.text(1)?,
        description: row.text(2)?,
    })
}

/// Takes the reader for the attempt; `false` when another open attempt has it.
pub fn take(tx: &mut Tx<'_>, on: &ReaderAttempt) -> Result<bool> {
    let taken = tx.execute(
        "insert into reader_attempt (attempt_id, reader, description, held) values (?1, ?2, ?3, 1) \
         on conflict do nothing",
        &values![on.attempt.as_str(), &on.reader, &on.description],
    )?;
    Ok(taken == 1)
}

/// The attempt is over: its reader is free for the next one.
pub fn release(tx: &mut Tx<'_>, attempt: &AttemptId) -> Result<()> {
    let sql = "update reader_attempt set held = 0 where attempt_id = ?1 and held = 1";
    tx.execute(sql, &values![attempt.as_str()]).map(|_| ())
}

/// The reader of an attempt; `None` for one on a hosted page.
pub fn find(tx: &mut Tx<'_>, attempt: &AttemptId) -> Result<Option<ReaderAttempt>> {
    let sql = format!("select {COLUMNS} from reader_attempt where attempt_id = ?1");
    tx.query_first(&sql, &values![attempt.as_str()], read)
}

/// The open attempt that has a reader.
pub fn holder(tx: &mut Tx<'_>, reader: &str) -> Result<Option<ReaderAttempt>> {
    let sql = format!("select {COLUMNS} from reader_attempt where reader = ?1 and held = 1");
    tx.query_first(&sql, &values![reader], read)
}
