//! Invoices and credit notes, and the numbers of their series. A number is taken in the transaction that writes its
//! document: what is undone gives it back, so a series has no gaps. Start reading at [`insert`].

use crate::db::{Row, Tx};
use crate::values;
use anyhow::{Context, Result};
use domain::id::{InvoiceId, TopUpId};
use domain::invoice::{InvoiceBody, InvoiceKind};
use domain::locale::Locale;
use domain::time::UnixMs;

/// A document as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub id: InvoiceId,
    pub number: String,
    pub kind: InvoiceKind,
    pub top_up: TopUpId,
    /// The how-manieth of its kind for this sale.
    pub turn: i64,
    pub corrects: Option<InvoiceId>,
    pub body: InvoiceBody,
    pub buyer_sealed: Option<String>,
    pub buyer_hash: Option<String>,
    pub locale: Locale,
    pub issued_at: UnixMs,
    pub issued_by: String,
}

/// No sale has more documents than this.
pub const PER_SALE_MAX: i64 = 12;

const COLUMNS: &str = "id, number, kind, top_up_id, turn, corrects, body, buyer_sealed, buyer_hash, locale, issued_at, \
     issued_by";

fn read(row: &Row<'_>) -> Result<Invoice> {
    Ok(Invoice {
        id: InvoiceId::stored(row.text(0)?),
        number: row.text(1)?,
        kind: row.word(2, InvoiceKind::parse)?,
        top_up: TopUpId::stored(row.text(3)?),
        turn: row.int(4)?,
        corrects: row.opt_text(5)?.map(InvoiceId::stored),
        body: serde_json::from_str(&row.text(6)?).context("reading an invoice")?,
        buyer_sealed: row.opt_text(7)?,
        buyer_hash: row.opt_text(8)?,
        locale: row.word(9, Locale::parse)?,
        issued_at: UnixMs(row.int(10)?),
        issued_by: row.text(11)?,
    })
}

/// Keeps others from writing documents of a sale until the step ends.
pub fn lock_sale(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<()> {
    tx.execute_one("update top_up set version = version where id = ?1", &values![top_up.as_str()])
}

/// Takes the next number of a series. Its row stays locked until the step ends: numbers stand in the order of commits.
fn take(tx: &mut Tx<'_>, series: &str) -> Result<i64> {
    let taken = tx.query_first(
        "insert into invoice_series (series, last_n) values (?1, 1) \
         on conflict (series) do update set last_n = invoice_series.last_n + 1 returning last_n",
        &values![series],
        |row| row.int(0),
    )?;
    taken.context("a series without a number")
}

/// Writes a document under the next number of its series, and gives it back with that number.
pub fn insert(tx: &mut Tx<'_>, series: &str, draft: Invoice) -> Result<Invoice> {
    let n = take(tx, series)?;
    let invoice = Invoice { number: domain::invoice::number(series, n), ..draft };
    tx.execute_one(
        "insert into invoice (id, series, n, number, kind, top_up_id, turn, corrects, body, buyer_sealed, buyer_hash, \
         locale, issued_at, issued_by) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        &values![
            invoice.id.as_str(),
            series,
            n,
            &invoice.number,
            invoice.kind.as_str(),
            invoice.top_up.as_str(),
            invoice.turn,
            invoice.corrects.as_ref().map(InvoiceId::as_str),
            serde_json::to_string(&invoice.body)?,
            invoice.buyer_sealed.as_deref(),
            invoice.buyer_hash.as_deref(),
            invoice.locale.as_str(),
            invoice.issued_at,
            &invoice.issued_by
        ],
    )?;
    Ok(invoice)
}

/// The documents of a sale, the oldest first.
pub fn list_by_top_up(tx: &mut Tx<'_>, top_up: &TopUpId) -> Result<Vec<Invoice>> {
    let sql = format!("select {COLUMNS} from invoice where top_up_id = ?1 order by id limit ?2");
    tx.query(&sql, &values![top_up.as_str(), PER_SALE_MAX], read)
}

/// Of these documents of one sale the one that stands: no credit note takes it back.
pub fn standing(documents: &[Invoice]) -> Option<&Invoice> {
    let taken_back = |id: &InvoiceId| documents.iter().any(|other| other.corrects.as_ref() == Some(id));
    documents.iter().rev().find(|one| one.kind != InvoiceKind::CreditNote && !taken_back(&one.id))
}

/// One line of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pub n: i64,
    pub invoice: Invoice,
    /// The number of the credit note that takes it back: the document is void.
    pub void_by: Option<String>,
}

/// A series from a number on, in its order, with what became void.
pub fn list_series(tx: &mut Tx<'_>, series: &str, after: i64, limit: i64) -> Result<Vec<Numbered>> {
    let columns = COLUMNS.split(", ").map(|column| format!("i.{column}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "select {columns}, i.n, c.number from invoice i left join invoice c on c.corrects = i.id \
         and c.corrects is not null where i.series = ?1 and i.n > ?2 order by i.n limit ?3"
    );
    tx.query(&sql, &values![series, after, limit], |row| {
        Ok(Numbered { n: row.int(12)?, invoice: read(row)?, void_by: row.opt_text(13)? })
    })
}

/// The series that there are, each with its last number.
pub fn list_all_series(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(String, i64)>> {
    let sql = "select series, last_n from invoice_series order by series limit ?1";
    tx.query(sql, &values![limit], |row| Ok((row.text(0)?, row.int(1)?)))
}
