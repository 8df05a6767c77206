//! `expand[]`: ids replaced by their objects, at most four levels deep (docs.stripe.com/api/expanding_objects).
//! Start reading at [`expand`].

use serde_json::Value;

use super::errors::ApiError;
use super::sessions;
use crate::books::{Books, Kind};
use crate::json::public;

/// Expands each path in the answer; `data.` goes into the entries of a list.
pub fn expand(books: &Books<'_>, mut answer: Value, paths: &[&str]) -> Result<Value, ApiError> {
    for path in paths {
        let segments: Vec<&str> = path.split('.').collect();
        if segments.len() > 5 {
            return Err(refused(path));
        }
        match segments.split_first() {
            Some((&"data", rest)) if answer["object"] == "list" => {
                if let Some(data) = answer["data"].as_array_mut() {
                    for object in data {
                        into(books, object, rest, path)?;
                    }
                }
            }
            Some(_) | None => into(books, &mut answer, &segments, path)?,
        }
    }
    Ok(answer)
}

fn into(books: &Books<'_>, object: &mut Value, segments: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((field, rest)) = segments.split_first() else { return Ok(()) };
    if *field == "line_items" && object["object"] == Kind::Session.name() {
        let items = sessions::items_list(object);
        object["line_items"] = items;
        return Ok(());
    }
    let kind = match *field {
        "payment_intent" => Kind::Intent,
        "latest_charge" | "charge" => Kind::Charge,
        _ => return Err(refused(path)),
    };
    let Some(value) = object.get(*field) else { return Err(refused(path)) };
    if let Some(id) = value.as_str() {
        let found = books.get(kind, id)?;
        object[*field] = public(&found);
    }
    if object[*field].is_object() { into(books, &mut object[*field], rest, path) } else { Ok(()) }
}

fn refused(path: &str) -> ApiError {
    ApiError::parameter("expand", None, format!("This property cannot be expanded ({path})."))
}
