//! What the template reads: the document with every text cleaned and every limit checked, and the QR code drawn.
//! It reaches the template as JSON values; no word of it is ever part of the template's source.

use serde_json::{Map, Value, json};

use crate::document::{Document, Qr};
use crate::error::{Error, Result};
use crate::fonts::Fonts;
use crate::{clean, qr};

/// Letters of one text.
const MOST_TEXT: usize = 1_000;
/// Entries of one list.
const MOST_ENTRIES: usize = 200;
/// Letters of all texts together: some ten pages.
const MOST_LETTERS: usize = 20_000;

/// The sheet as the bytes of a JSON file. `dots` is the width of a print head, if this goes to one.
pub fn write(document: &Document, fonts: &Fonts, dots: Option<u32>) -> Result<Vec<u8>> {
    let (language, region) = language(&document.locale)?;
    let mut value = serde_json::to_value(document).map_err(|error| Error::Typesetting(error.to_string()))?;
    let fields = value.as_object_mut().ok_or_else(|| Error::Typesetting("a document is an object".into()))?;
    fields.remove("issued");
    let mut letters = 0;
    tidy(&mut value, fonts, &mut letters)?;
    let fields = value.as_object_mut().ok_or_else(|| Error::Typesetting("a document is an object".into()))?;
    fields.insert("language".into(), json!(language));
    fields.insert("region".into(), json!(region));
    fields.insert("families".into(), json!(fonts.families));
    fields.insert("dots".into(), json!(dots));
    if let (Some(code), Some(Value::Object(words))) = (&document.qr, fields.get_mut("qr")) {
        draw(code, words)?;
    }
    serde_json::to_vec(&value).map_err(|error| Error::Typesetting(error.to_string()))
}

/// Puts the drawing beside the words; the text itself and where it leads are no words and stay as they are.
fn draw(code: &Qr, words: &mut Map<String, Value>) -> Result<()> {
    let drawing = qr::draw(&code.text)?;
    let web = code.text.starts_with("https://") || code.text.starts_with("http://");
    words.remove("text");
    words.insert("link".into(), json!(web.then_some(&code.text)));
    words.insert("side".into(), json!(drawing.side));
    words.insert("quiet".into(), json!(qr::QUIET));
    words.insert("runs".into(), json!(drawing.runs));
    Ok(())
}

fn tidy(value: &mut Value, fonts: &Fonts, letters: &mut usize) -> Result<()> {
    match value {
        Value::String(text) => {
            let count = text.chars().count();
            *letters += count;
            if count > MOST_TEXT {
                return Err(Error::TooLong { what: "a text", most: MOST_TEXT });
            }
            if *letters > MOST_LETTERS {
                return Err(Error::TooLong { what: "the text", most: MOST_LETTERS });
            }
            *text = clean::clean(text, |letter| fonts.draw(letter));
        }
        Value::Array(entries) => {
            if entries.len() > MOST_ENTRIES {
                return Err(Error::TooLong { what: "a list", most: MOST_ENTRIES });
            }
            for entry in entries {
                tidy(entry, fonts, letters)?;
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                tidy(field, fonts, letters)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// Language and region of a locale, as the typesetter wants them.
fn language(locale: &str) -> Result<(String, Option<String>)> {
    let refused = || Error::Locale(locale.chars().take(40).collect());
    let mut parts = locale.split('-');
    let language = parts.next().unwrap_or_default();
    let letters = |part: &str| part.chars().all(|letter| letter.is_ascii_alphabetic());
    if !matches!(language.len(), 2 | 3) || !letters(language) {
        return Err(refused());
    }
    let region = match parts.next() {
        Some(part) if part.len() == 2 && letters(part) => Some(part.to_ascii_uppercase()),
        Some(_) => return Err(refused()),
        None => None,
    };
    if parts.next().is_some() {
        return Err(refused());
    }
    Ok((language.to_ascii_lowercase(), region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_a_language_and_perhaps_a_region() {
        assert_eq!(language("zh-CN").unwrap(), ("zh".into(), Some("CN".into())));
        assert_eq!(language("ar").unwrap(), ("ar".into(), None));
        for bad in ["", "english", "zh_CN", "zh-Hans-CN", "1a", "en-1"] {
            assert!(language(bad).is_err(), "{bad}");
        }
    }
}
