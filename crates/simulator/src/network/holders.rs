//! On whose name a line is. The network says yes or no to a name and never tells one.
//! A number of which nothing was said is on nobody's name.

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::{Reply, subscribers};
use crate::books::Books;
use crate::stripe::errors::ApiError;

/// Puts a line on a name, or on nobody's.
pub fn put(books: &Books<'_>, msisdn: &str, name: Option<&str>) -> Result<(), ApiError> {
    books.execute("delete from network_holder where msisdn = ?1", params![msisdn])?;
    if let Some(name) = name {
        books.execute(
            "insert into network_holder (msisdn, name) values (?1, ?2)",
            params![msisdn, words(name)],
        )?;
    }
    Ok(())
}

/// `POST /network/v1/holder`
pub fn holder(books: &Books<'_>, body: &[u8]) -> Result<Reply, ApiError> {
    let sent: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let Some(msisdn) = sent["msisdn"].as_str().filter(|msisdn| subscribers::is_number(msisdn)) else {
        return Ok(Reply::error(400, "invalid_request", "msisdn: 5 to 15 digits"));
    };
    let known = books
        .query_row("select name from network_holder where msisdn = ?1", params![msisdn], |row| {
            row.get::<_, String>(0)
        })
        .optional()?;
    let asked = sent["name"].as_str().map(words);
    let fits = known.as_ref().zip(asked.as_ref()).map(|(known, asked)| known == asked);
    Ok(Reply::of(200, json!({ "msisdn": msisdn, "registered": known.is_some(), "name_fits": fits })))
}

/// Words in capitals, in the order of the alphabet: who asks may put the family name first.
fn words(name: &str) -> String {
    let mut words: Vec<String> = name.split_whitespace().map(str::to_uppercase).collect();
    words.sort();
    words.join(" ")
}
