//! What PayPal says about money: for `GET /control/books`, and the wallet's list on the first page.
//! Start reading at [`report`].

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{amount_of, refunds};
use crate::books::{Books, Kind};
use crate::json::{number, text};
use crate::stripe::errors::ApiError;

/// How many movements the first page shows.
const SHOWN: i64 = 50;

/// Every capture, and the sums by currency: the other side of a reconciliation.
pub fn report(books: &Books<'_>) -> Result<Value, ApiError> {
    gathered(books).map_err(plain)
}

fn gathered(books: &Books<'_>) -> Result<Value, Refusal> {
    let mut currencies = serde_json::Map::new();
    let mut captures = Vec::new();
    for capture in stored(
        books,
        "select body from object where kind = 'paypal.capture' order by seq limit ?1",
        i64::MAX,
    )? {
        let amount = amount_of(&capture)?;
        let refunded = refunds::gone_back(books, text(&capture, "id"))?;
        let taken = matches!(text(&capture, "status"), "COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED");
        if taken {
            let sums = currencies
                .entry(amount.currency.to_ascii_lowercase())
                .or_insert_with(|| json!({ "captured_minor": 0, "refunded_minor": 0, "payments": 0 }));
            sums["captured_minor"] = json!(number(sums, "captured_minor") + amount.minor);
            sums["refunded_minor"] = json!(number(sums, "refunded_minor") + refunded);
            sums["payments"] = json!(number(sums, "payments") + 1);
        }
        captures.push(json!({
            "id": capture["id"], "status": capture["status"], "order": capture["_sim"]["order"],
            "captured_minor": if taken { amount.minor } else { 0 }, "refunded_minor": refunded,
            "currency": amount.currency.to_ascii_lowercase(), "invoice_id": capture["invoice_id"],
            "custom_id": capture["custom_id"], "account": capture["_sim"]["account"],
        }));
    }
    Ok(json!({ "by_currency": currencies, "captures": captures }))
}

/// One line of the wallet.
pub struct Movement {
    /// Whose wallet.
    pub account: String,
    /// As a page shows it; a refund has a plus.
    pub amount: String,
    /// `COMPLETED`, `PENDING`, ...
    pub status: String,
    /// The merchant's number for it, where it gave one.
    pub invoice: String,
    /// RFC 3339.
    pub at: String,
}

/// The newest movements of all wallets, newest first.
pub fn statement(books: &Books<'_>) -> Result<Vec<Movement>, ApiError> {
    moved(books).map_err(plain)
}

fn moved(books: &Books<'_>) -> Result<Vec<Movement>, Refusal> {
    let sql = "select body from object where kind in ('paypal.capture', 'paypal.refund') order by seq desc limit ?1";
    let mut movements = Vec::new();
    for object in stored(books, sql, SHOWN)? {
        let back_to = books.find(Kind::PaypalCapture, text(&object["_sim"], "capture"))?;
        let sign = if back_to.is_some() { "+" } else { "\u{2212}" };
        let account = text(&back_to.as_ref().unwrap_or(&object)["_sim"], "account").to_owned();
        movements.push(Movement {
            account,
            amount: format!("{sign}{}", amount_of(&object)?.shown()),
            status: text(&object, "status").to_owned(),
            invoice: text(&object, "invoice_id").to_owned(),
            at: text(&object, "create_time").to_owned(),
        });
    }
    Ok(movements)
}

fn stored(books: &Books<'_>, sql: &str, most: i64) -> Result<Vec<Value>, Refusal> {
    let mut statement = books.tx.prepare_cached(sql)?;
    let bodies =
        statement.query_map([most], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    bodies
        .iter()
        .map(|body| serde_json::from_str(body).map_err(|error| Refusal::internal(&error.to_string())))
        .collect()
}

fn plain(refusal: Refusal) -> ApiError {
    let said = refusal.said();
    refusal.into_trouble().unwrap_or_else(|_| ApiError::internal(&said))
}
