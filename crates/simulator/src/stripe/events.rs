//! Events: retrieve and list (docs.stripe.com/api/events). `pending_webhooks` and `delivery_success` are
//! read from the deliveries. Start reading at [`list`].

use rusqlite::params;
use serde_json::{Value, json};

use super::errors::ApiError;
use super::form::Form;
use super::lists;
use crate::books::{Books, Kind};
use crate::json::text;

/// `GET /v1/events/{id}`
pub fn get(books: &Books<'_>, id: &str) -> Result<Value, ApiError> {
    let mut event = books.get(Kind::Event, id)?;
    event["pending_webhooks"] = json!(undelivered(books, id)?);
    Ok(event)
}

/// `GET /v1/events`
pub fn list(books: &Books<'_>, form: &Form) -> Result<Value, ApiError> {
    form.allow(&[lists::PAGING, &["type", "types[*]", "delivery_success"]].concat())?;
    let types: Vec<&str> = form.text("type").into_iter().chain(form.list("types")).collect();
    let success = form.boolean("delivery_success")?;
    let mut page = lists::page(books, Kind::Event, form, "/v1/events", |event| {
        (types.is_empty() || types.iter().any(|wanted| of_type(text(event, "type"), wanted)))
            && success.is_none_or(|success| {
                undelivered(books, text(event, "id")).is_ok_and(|left| (left == 0) == success)
            })
    })?;
    if let Some(data) = page["data"].as_array_mut() {
        for event in data {
            let left = undelivered(books, text(event, "id"))?;
            event["pending_webhooks"] = json!(left);
        }
    }
    Ok(page)
}

fn of_type(kind: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => kind == wanted,
    }
}

fn undelivered(books: &Books<'_>, id: &str) -> Result<i64, ApiError> {
    let left = books.query_row(
        "select count(*) from delivery where event_id = ?1 and disguise = 'true' and state <> 'delivered'",
        params![id],
        |row| row.get(0),
    )?;
    Ok(left)
}
