//! Reading and shaping the JSON of stored objects.

use serde_json::{Map, Value};

/// A text field, empty when it is absent.
pub fn text<'v>(object: &'v Value, field: &str) -> &'v str {
    object[field].as_str().unwrap_or_default()
}

/// A whole number, zero when it is absent.
pub fn number(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_default()
}

/// The object without what only the simulator knows of it.
pub fn public(object: &Value) -> Value {
    let mut shown = object.clone();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("_sim");
    }
    shown
}

/// Text pairs as a JSON object.
pub fn as_map(pairs: Vec<(String, String)>) -> Value {
    Value::Object(pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect::<Map<_, _>>())
}
