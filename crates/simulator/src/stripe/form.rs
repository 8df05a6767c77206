//! Form-encoded parameters with bracket nesting, as Stripe's API takes them in bodies and queries.
//! Start reading at [`Form::parse`]; [`Form::allow`] refuses what this slice does not know.

use super::errors::ApiError;

const MOST_PARAMETERS: usize = 1_000;

/// The parameters of one call, keys as sent (`line_items[0][quantity]`).
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Decodes `a[b][0]=c&...`.
    pub fn parse(raw: &[u8]) -> Result<Self, ApiError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(raw)
            .map_err(|error| ApiError::parameter("", None, format!("Invalid form encoding: {error}")))?;
        if pairs.len() > MOST_PARAMETERS {
            return Err(ApiError::parameter("", None, format!("More than {MOST_PARAMETERS} parameters.")));
        }
        Ok(Form { pairs })
    }

    /// Refuses every parameter that fits none of the patterns; `[*]` stands for any one key or index.
    /// `expand` is always allowed.
    pub fn allow(&self, patterns: &[&str]) -> Result<(), ApiError> {
        for (key, _) in &self.pairs {
            if !fits(key, "expand[*]") && !patterns.iter().any(|pattern| fits(key, pattern)) {
                return Err(ApiError::unknown_parameter(key));
            }
        }
        Ok(())
    }

    /// The value; an empty one counts as absent.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(name, value)| name == key && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The value, or Stripe's refusal.
    pub fn required(&self, key: &str) -> Result<&str, ApiError> {
        self.text(key).ok_or_else(|| ApiError::missing(key))
    }

    /// A whole number.
    pub fn integer(&self, key: &str) -> Result<Option<i64>, ApiError> {
        self.text(key)
            .map(|value| {
                value.parse().map_err(|_| {
                    let message = format!("Invalid integer: {value}");
                    ApiError::parameter(key, Some("parameter_invalid_integer"), message)
                })
            })
            .transpose()
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, ApiError> {
        match self.text(key) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::parameter(key, None, format!("Invalid boolean: {other}"))),
        }
    }

    /// `key[a]=1&key[b]=2` as pairs, within Stripe's limits on metadata (docs.stripe.com/api/metadata).
    pub fn metadata(&self, key: &str) -> Result<Vec<(String, String)>, ApiError> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.pairs {
            let inner = name.strip_prefix(key).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
            let Some(inner) = inner else { continue };
            if inner.chars().count() > 40 || value.chars().count() > 500 {
                let message = "Metadata keys can have up to 40 and values up to 500 characters.".to_owned();
                return Err(ApiError::parameter(name, None, message));
            }
            if !value.is_empty() {
                found.push((inner.to_owned(), value.clone()));
            }
        }
        if found.len() > 50 {
            return Err(ApiError::parameter(key, None, "Metadata can have up to 50 keys.".to_owned()));
        }
        Ok(found)
    }

    /// The values of `key[]=..` or `key[0]=..`.
    pub fn list(&self, key: &str) -> Vec<&str> {
        let pattern = format!("{key}[*]");
        self.pairs.iter().filter(|(name, _)| fits(name, &pattern)).map(|(_, value)| value.as_str()).collect()
    }

    /// How many entries `key[0]..`, `key[1]..` has, counted from zero without a gap.
    pub fn entries(&self, key: &str) -> usize {
        (0..100)
            .take_while(|at| {
                let start = format!("{key}[{at}]");
                self.pairs.iter().any(|(name, _)| name.starts_with(&start))
            })
            .count()
    }

    /// The same text for the same parameters in any order.
    pub fn fingerprint(&self) -> String {
        let mut sorted: Vec<String> =
            self.pairs.iter().map(|(key, value)| format!("{key}={value:?}")).collect();
        sorted.sort();
        sorted.join("&")
    }
}

fn fits(key: &str, pattern: &str) -> bool {
    let mut parts = key.split('[');
    for wanted in pattern.split('[') {
        match parts.next() {
            Some(part) if part == wanted || (wanted == "*]" && part.ends_with(']')) => {}
            Some(_) | None => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_keys_are_found_and_unknown_ones_refused() {
        let form =
            Form::parse(b"line_items[0][quantity]=2&metadata%5Border%5D=tu_1&expand[]=data.charge").unwrap();
        assert_eq!(form.integer("line_items[0][quantity]").unwrap(), Some(2));
        assert_eq!(form.metadata("metadata").unwrap(), vec![("order".to_owned(), "tu_1".to_owned())]);
        assert_eq!(form.list("expand"), vec!["data.charge"]);
        assert_eq!(form.entries("line_items"), 1);
        assert!(form.allow(&["line_items[*][quantity]", "metadata[*]"]).is_ok());
        let refused = form.allow(&["metadata[*]"]).unwrap_err();
        assert_eq!(
            (refused.code, refused.param.as_deref()),
            (Some("parameter_unknown"), Some("line_items[0][quantity]"))
        );
    }

    #[test]
    fn the_order_of_parameters_does_not_change_the_fingerprint() {
        let one = Form::parse(b"a=1&b=2").unwrap();
        let other = Form::parse(b"b=2&a=1").unwrap();
        assert_eq!(one.fingerprint(), other.fingerprint());
    }
}
