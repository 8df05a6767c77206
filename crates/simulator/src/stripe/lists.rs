//! List objects: paging, the `created` filter, `has_more` (docs.stripe.com/api/pagination).
//! Start reading at [`page`].

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::errors::ApiError;
use super::form::Form;
use crate::books::{Books, Kind};
use crate::json::{number, public};

/// The parameters that every list takes.
pub const PAGING: &[&str] = &["limit", "starting_after", "ending_before", "created", "created[*]"];

/// One page of a kind, newest first, of those that `wanted` lets through.
pub fn page(
    books: &Books<'_>,
    kind: Kind,
    form: &Form,
    url: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Value, ApiError> {
    let limit = usize::try_from(form.integer("limit")?.unwrap_or(10)).unwrap_or(0);
    if !(1..=100).contains(&limit) {
        let message = "This value must be between 1 and 100 (inclusive).".to_owned();
        return Err(ApiError::parameter("limit", Some("parameter_invalid_integer"), message));
    }
    let created = Created::of(form)?;
    let after = seq_of(books, kind, form, "starting_after")?;
    let before = seq_of(books, kind, form, "ending_before")?;
    // Backwards paging reads upwards from the cursor and is turned round at the end.
    let sql = match before {
        None => "select body from object where kind = ?1 and seq < ?2 order by seq desc",
        Some(_) => "select body from object where kind = ?1 and seq > ?2 order by seq asc",
    };
    let cursor = before.or(after).unwrap_or(i64::MAX);
    let mut statement = books.tx.prepare_cached(sql)?;
    let mut rows = statement.query(params![kind.name(), cursor])?;
    let mut data: Vec<Value> = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        let object: Value = serde_json::from_str(&body)
            .map_err(|error| ApiError::internal(&format!("stored object: {error}")))?;
        if created.holds(number(&object, "created")) && wanted(&object) {
            data.push(object);
            if data.len() > limit {
                break;
            }
        }
    }
    let has_more = data.len() > limit;
    data.truncate(limit);
    if before.is_some() {
        data.reverse();
    }
    Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
}

/// A list without what only the simulator knows; an object likewise.
pub fn shown(answer: &Value) -> Value {
    if answer["object"] != "list" {
        return public(answer);
    }
    let mut list = answer.clone();
    if let Some(data) = list["data"].as_array_mut() {
        for object in data {
            *object = public(object);
        }
    }
    list
}

fn seq_of(books: &Books<'_>, kind: Kind, form: &Form, key: &str) -> Result<Option<i64>, ApiError> {
    let Some(id) = form.text(key) else { return Ok(None) };
    let seq = books
        .query_row("select seq from object where id = ?1 and kind = ?2", params![id, kind.name()], |row| {
            row.get(0)
        })
        .optional()?;
    seq.map(Some).ok_or_else(|| ApiError::no_such(kind, id))
}

struct Created {
    at: Option<i64>,
    gt: Option<i64>,
    gte: Option<i64>,
    lt: Option<i64>,
    lte: Option<i64>,
}

impl Created {
    fn of(form: &Form) -> Result<Self, ApiError> {
        Ok(Created {
            at: form.integer("created")?,
            gt: form.integer("created[gt]")?,
            gte: form.integer("created[gte]")?,
            lt: form.integer("created[lt]")?,
            lte: form.integer("created[lte]")?,
        })
    }

    fn holds(&self, created: i64) -> bool {
        self.at.is_none_or(|bound| created == bound)
            && self.gt.is_none_or(|bound| created > bound)
            && self.gte.is_none_or(|bound| created >= bound)
            && self.lt.is_none_or(|bound| created < bound)
            && self.lte.is_none_or(|bound| created <= bound)
    }
}
