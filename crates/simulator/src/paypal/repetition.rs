//! `PayPal-Request-Id` (developer.paypal.com/reference/guidelines/idempotency): a repeated request does nothing and
//! answers the latest state of what the first one made, with 200 instead of 201. Refusals are not remembered: the
//! same id may be tried again. Start reading at [`once`].

use rusqlite::{OptionalExtension, params};

use super::refusal::Refusal;
use super::{Call, Done, captures, orders, refunds, subject};
use crate::books::{Books, Kind};

/// Orders v2 keeps an id for six hours.
pub const ORDERS_MS: i64 = 6 * 3600 * 1000;
/// Payments v2 keeps an id for 45 days.
pub const PAYMENTS_MS: i64 = 45 * 24 * 3600 * 1000;

/// Runs `act` unless its request id has made something already.
pub fn once(
    books: &mut Books<'_>,
    call: &Call,
    lifetime_ms: i64,
    act: impl FnOnce(&mut Books<'_>) -> Result<Done, Refusal>,
) -> Result<Done, Refusal> {
    let Some(key) = call.key.as_ref().map(|key| format!("{} {key}", call.path)) else { return act(books) };
    let made: Option<String> = books
        .query_row(
            "select subject from paypal_request where key = ?1 and expires_at > ?2",
            params![key, books.now_ms],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = made
        && let Some(done) = latest(books, &id)?
    {
        return Ok(done);
    }
    let done = act(books)?;
    books.execute("delete from paypal_request where expires_at <= ?1", params![books.now_ms])?;
    books.execute(
        "insert or replace into paypal_request (key, subject, expires_at) values (?1, ?2, ?3)",
        params![key, subject(&done.body), books.now_ms + lifetime_ms],
    )?;
    Ok(done)
}

fn latest(books: &Books<'_>, id: &str) -> Result<Option<Done>, Refusal> {
    let body = if let Some(order) = books.find(Kind::PaypalOrder, id)? {
        orders::shown(books, &order)?
    } else if books.find(Kind::PaypalRefund, id)?.is_some() {
        refunds::get(books, id)?
    } else if books.find(Kind::PaypalCapture, id)?.is_some() {
        captures::get(books, id)?
    } else {
        return Ok(None);
    };
    Ok(Some(Done::ok(body)))
}
