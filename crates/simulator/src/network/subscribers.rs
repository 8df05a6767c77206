//! Subscribers and what they have: credit in one currency, buckets of allowance. A number that the network has
//! not seen is a subscriber with nothing. Start reading at [`give`].

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::Reply;
use super::credits::{Asked, Given};
use super::plan::{self, What};
use crate::books::Books;
use crate::clock::rfc3339;
use crate::ids;
use crate::stripe::errors::ApiError;

/// The most credit that a subscriber may have, in minor units.
const MOST_CREDIT: i64 = 100_000_000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// A subscriber as stored.
pub struct Subscriber {
    /// ISO 4217.
    pub currency: String,
    /// Money in minor units.
    pub credit_minor: i64,
    /// `active`, `barred` or `closed`.
    pub status: String,
}

/// The subscriber of a number, if it was seen.
pub fn find(books: &Books<'_>, msisdn: &str) -> Result<Option<Subscriber>, ApiError> {
    let found = books
        .query_row(
            "select currency, credit_minor, status from network_subscriber where msisdn = ?1",
            params![msisdn],
            |row| Ok(Subscriber { currency: row.get(0)?, credit_minor: row.get(1)?, status: row.get(2)? }),
        )
        .optional()?;
    Ok(found)
}

/// Writes a subscriber down.
pub fn put(books: &Books<'_>, msisdn: &str, subscriber: &Subscriber) -> Result<(), ApiError> {
    books.execute(
        "insert into network_subscriber (msisdn, currency, credit_minor, status) values (?1, ?2, ?3, ?4)
         on conflict (msisdn) do update set
           currency = excluded.currency, credit_minor = excluded.credit_minor, status = excluded.status",
        params![msisdn, subscriber.currency, subscriber.credit_minor, subscriber.status],
    )?;
    Ok(())
}

/// The currency of a number's country, as far as the demo goes.
fn home_currency(msisdn: &str) -> &'static str {
    let countries = [("44", "GBP"), ("852", "HKD"), ("86", "CNY"), ("81", "JPY"), ("1", "USD")];
    countries.iter().find(|(code, _)| msisdn.starts_with(code)).map_or("EUR", |(_, currency)| currency)
}

fn unseen(msisdn: &str) -> Subscriber {
    Subscriber { currency: home_currency(msisdn).to_owned(), credit_minor: 0, status: "active".to_owned() }
}

/// Gives what was asked; the reference and the money afterwards, or the word of the refusal.
pub fn give(books: &Books<'_>, asked: &Asked) -> Result<Result<(String, Value), &'static str>, ApiError> {
    let known = find(books, &asked.msisdn)?;
    let first = known.is_none();
    let mut subscriber = known.unwrap_or_else(|| unseen(&asked.msisdn));
    match subscriber.status.as_str() {
        "barred" => return Ok(Err("barred")),
        "closed" => return Ok(Err("closed")),
        _ => {}
    }
    let network_ref = ids::random("HN", 14);
    match &asked.grant {
        Given::Credit { amount_minor, currency } => {
            if first {
                subscriber.currency = currency.clone();
            }
            if subscriber.currency != *currency {
                return Ok(Err("currency_mismatch"));
            }
            let after = subscriber.credit_minor.checked_add(*amount_minor);
            match after.filter(|after| *after <= MOST_CREDIT) {
                Some(after) => subscriber.credit_minor = after,
                None => return Ok(Err("balance_limit")),
            }
        }
        Given::Bundle { allowances, valid_for_days } => {
            for allowance in allowances {
                books.execute(
                    "insert into network_bucket (msisdn, unit, granted, ends_at, network_ref)
                     values (?1, ?2, ?3, ?4, ?5)",
                    params![
                        asked.msisdn,
                        allowance.unit,
                        allowance.amount,
                        books.now_ms + i64::from(*valid_for_days) * DAY_MS,
                        network_ref
                    ],
                )?;
            }
        }
    }
    put(books, &asked.msisdn, &subscriber)?;
    books.execute(
        "insert into network_entry (network_ref, request_id, top_up, msisdn, given, at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            network_ref,
            asked.request_id,
            asked.top_up,
            asked.msisdn,
            json!(asked.grant).to_string(),
            books.now_ms
        ],
    )?;
    let credit = json!({ "amount_minor": subscriber.credit_minor, "currency": subscriber.currency });
    Ok(Ok((network_ref, credit)))
}

/// `POST /network/v1/balance`
pub fn balance(books: &Books<'_>, body: &[u8]) -> Result<Reply, ApiError> {
    let sent: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let Some(msisdn) = sent["msisdn"].as_str().filter(|msisdn| is_number(msisdn)) else {
        return Ok(Reply::error(400, "invalid_request", "msisdn: 5 to 15 digits"));
    };
    if plan::of(books, msisdn)?.what == What::RefuseUnknown {
        return Ok(Reply::error(404, "number_unknown", "no such subscriber"));
    }
    let subscriber = find(books, msisdn)?.unwrap_or_else(|| unseen(msisdn));
    Ok(Reply::of(
        200,
        json!({
            "msisdn": msisdn,
            "credit": { "amount_minor": subscriber.credit_minor, "currency": subscriber.currency },
            "buckets": buckets(books, msisdn)?,
            "as_of": rfc3339(books.now_ms),
        }),
    ))
}

/// The buckets of a number that have not ended, oldest first. Nobody spends here, so all of each remains.
pub fn buckets(books: &Books<'_>, msisdn: &str) -> Result<Vec<Value>, ApiError> {
    let mut statement = books.tx.prepare_cached(
        "select unit, granted, ends_at from network_bucket where msisdn = ?1 and ends_at > ?2 order by id",
    )?;
    let rows = statement.query_map(params![msisdn, books.now_ms], |row| {
        let (unit, granted, ends_at): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(json!({ "unit": unit, "granted": granted, "remaining": granted, "valid_until": rfc3339(ends_at) }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// E.164 digits without the plus sign.
pub fn is_number(text: &str) -> bool {
    (5..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
