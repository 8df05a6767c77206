//! What agents showed: sealed with their names, each with the day it is valid until. Lists never read the content.

use crate::db::{Row, Tx};
use crate::values;
use anyhow::Result;
use domain::agent::DocumentKind;
use domain::id::AgentId;
use domain::support_case::FileKind;
use domain::time::UnixMs;

/// A document as it is stored, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentDocument {
    pub agent: AgentId,
    /// Counts from 1 within the agent.
    pub n: i64,
    pub kind: DocumentKind,
    pub file: FileKind,
    pub bytes: i64,
    pub name_sealed: String,
    /// The first moment at which it is no longer valid; `None` where it has no end.
    pub expires_at: Option<UnixMs>,
    pub at: UnixMs,
}

impl AgentDocument {
    pub fn is_valid(&self, now: UnixMs) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

const COLUMNS: &str = "agent_id, n, kind, file_kind, bytes, name_sealed, expires_at, at";

fn read(row: &Row<'_>) -> Result<AgentDocument> {
    Ok(AgentDocument {
        agent: AgentId::stored(row.text(0)?),
        n: row.int(1)?,
        kind: row.word(2, DocumentKind::parse)?,
        file: row.word(3, FileKind::parse)?,
        bytes: row.int(4)?,
        name_sealed: row.text(5)?,
        expires_at: row.opt_int(6)?.map(UnixMs),
        at: UnixMs(row.int(7)?),
    })
}

/// Stores a document with its sealed content.
pub fn insert(tx: &mut Tx<'_>, document: &AgentDocument, body_sealed: &str) -> Result<()> {
    tx.execute_one(
        "insert into agent_document (agent_id, n, kind, file_kind, bytes, name_sealed, expires_at, at, body_sealed) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &values![
            document.agent.as_str(),
            document.n,
            document.kind.as_str(),
            document.file.as_str(),
            document.bytes,
            &document.name_sealed,
            document.expires_at,
            document.at,
            body_sealed
        ],
    )
}

/// The last number that a document of the agent has, and how many bytes all have.
pub fn room(tx: &mut Tx<'_>, agent: &AgentId) -> Result<(i64, i64)> {
    let sql = "select cast(coalesce(max(n), 0) as bigint), cast(coalesce(sum(bytes), 0) as bigint) \
               from agent_document where agent_id = ?1";
    let found = tx.query_first(sql, &values![agent.as_str()], |row| Ok((row.int(0)?, row.int(1)?)))?;
    Ok(found.unwrap_or((0, 0)))
}

/// The documents of an agent, the newest first.
pub fn list(tx: &mut Tx<'_>, agent: &AgentId, limit: i64) -> Result<Vec<AgentDocument>> {
    let sql = format!("select {COLUMNS} from agent_document where agent_id = ?1 order by n desc limit ?2");
    tx.query(&sql, &values![agent.as_str(), limit], read)
}

/// A document with its sealed content.
pub fn load_body(tx: &mut Tx<'_>, agent: &AgentId, n: i64) -> Result<Option<(AgentDocument, String)>> {
    let sql = format!("select {COLUMNS}, body_sealed from agent_document where agent_id = ?1 and n = ?2");
    tx.query_first(&sql, &values![agent.as_str(), n], |row| Ok((read(row)?, row.text(8)?)))
}

/// Documents that end before `before`, the ones that ended first first.
pub fn list_ending(tx: &mut Tx<'_>, before: UnixMs, limit: i64) -> Result<Vec<AgentDocument>> {
    let sql = format!(
        "select {COLUMNS} from agent_document where expires_at is not null and expires_at < ?1 \
         order by expires_at limit ?2"
    );
    tx.query(&sql, &values![before, limit], read)
}
