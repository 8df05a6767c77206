//! Which keys the program asks for: every quoted word in templates and crates.
//! A key may be put together: `"state-" ~ state` or `format!("state-{state}-title")` asks for all that fit.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::tree::SourceFile;

const TEMPLATES: &str = "crates/render/templates/";

static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""([a-z0-9_.{}-]+)"|'([a-z0-9_.{}-]+)'"#).expect("the expression is valid")
});
static GAP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\\\{[^}]*\\\}").expect("the expression is valid"));

/// The words that ask for a key.
pub struct Usage {
    whole: BTreeSet<String>,
    composed: Vec<Regex>,
}

/// Reads the words from the templates and the crates' sources.
pub fn read(files: &[SourceFile]) -> Usage {
    let mut usage = Usage { whole: BTreeSet::new(), composed: Vec::new() };
    let mut composed = BTreeSet::new();
    for file in files.iter().filter(|file| file.path.starts_with(TEMPLATES) || asks(file)) {
        for quoted in QUOTED.captures_iter(&file.text) {
            let word = quoted.get(1).or_else(|| quoted.get(2)).map_or("", |word| word.as_str());
            if word.contains('{') || word.ends_with('-') {
                composed.insert(word.to_owned());
            } else {
                usage.whole.insert(word.to_owned());
            }
        }
    }
    usage.composed = composed.iter().filter_map(|word| pattern(word)).collect();
    usage
}

fn asks(file: &SourceFile) -> bool {
    file.is_crate_source() && file.crate_name() != Some("xtask")
}

/// A put-together word as a pattern, where enough of it is fixed to say anything.
fn pattern(word: &str) -> Option<Regex> {
    let fixed = word.split('{').next().unwrap_or_default();
    if fixed.len() < 3 {
        return None;
    }
    let escaped = regex::escape(word);
    let open = GAP.replace_all(&escaped, "[a-z0-9_-]+").into_owned();
    let tail = if word.ends_with('-') { "[a-z0-9_-]+" } else { "" };
    Regex::new(&format!("^{open}{tail}$")).ok()
}

impl Usage {
    /// Whether some quoted word asks for `key`.
    pub fn asks_for(&self, key: &str) -> bool {
        self.whole.contains(key) || self.composed.iter().any(|pattern| pattern.is_match(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_composed_keys_are_found() {
        let usage = read(&[
            SourceFile::sample("crates/render/templates/a.html", "{{ t('title') }} {{ t(\"state-\" ~ s) }}"),
            SourceFile::sample("crates/flows/src/a.rs", "f(&format!(\"sms-{kind}-text\")); g(\"{}-x\")"),
        ]);
        for asked in ["title", "state-paid", "sms-credit-text"] {
            assert!(usage.asks_for(asked), "{asked}");
        }
        for idle in ["title2", "states", "sms-credit", "other-x"] {
            assert!(!usage.asks_for(idle), "{idle}");
        }
    }
}
