//! The words of one language, from its Fluent files.
//!
//! Values inside a sentence are isolated from its writing direction: in HTML by `<bdi>`, in plain text not at
//! all, because phones show the invisible marks as boxes.

use std::borrow::Cow;

use anyhow::{Context, Result, anyhow};
use domain::locale::Locale;
use fluent_bundle::{FluentArgs, FluentResource, bundle::FluentBundle};
use intl_memoizer::concurrent::IntlLangMemoizer;
use rust_embed::Embed;
use unic_langid::LanguageIdentifier;

use crate::escape;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/locales"]
struct Locales;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// All texts of one language.
pub struct Texts {
    bundle: FluentBundle<FluentResource, IntlLangMemoizer>,
}

impl Texts {
    /// Reads the language's files; `pseudo` lengthens every text.
    pub fn load(locale: Locale, pseudo: bool) -> Result<Texts> {
        let tag: LanguageIdentifier = locale.as_str().parse().context("language tag")?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(true);
        bundle.set_transform(pseudo.then_some(lengthen));
        let folder = format!("{locale}/");
        for name in Locales::iter().filter(|name| name.starts_with(&folder)) {
            let file = Locales::get(&name).with_context(|| format!("texts {name}"))?;
            let source =
                String::from_utf8(file.data.into_owned()).with_context(|| format!("texts {name}"))?;
            let resource =
                FluentResource::try_new(source).map_err(|(_, errors)| anyhow!("texts {name}: {errors:?}"))?;
            bundle.add_resource(resource).map_err(|errors| anyhow!("texts {name}: {errors:?}"))?;
        }
        Ok(Texts { bundle })
    }

    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The text without any marks.
    pub fn plain(&self, key: &str, args: &FluentArgs<'_>) -> Result<String> {
        Ok(self.isolated(key, args)?.replace([FIRST_STRONG_ISOLATE, POP_ISOLATE], ""))
    }

    /// The text as HTML: escaped, with its values in `<bdi>`.
    pub fn html(&self, key: &str, args: &FluentArgs<'_>) -> Result<String> {
        let escaped = escape::html(&self.isolated(key, args)?);
        Ok(escaped.replace(FIRST_STRONG_ISOLATE, "<bdi>").replace(POP_ISOLATE, "</bdi>"))
    }

    fn isolated(&self, key: &str, args: &FluentArgs<'_>) -> Result<String> {
        let message = self.bundle.get_message(key).and_then(|message| message.value());
        let pattern = message.with_context(|| format!("there is no text `{key}`"))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if errors.is_empty() { Ok(text) } else { Err(anyhow!("text `{key}`: {errors:?}")) }
    }
}

/// About 40 % longer, and still readable.
fn lengthen(text: &str) -> Cow<'_, str> {
    let mut long = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            'a' => long.push_str("\u{e0}\u{e0}"),
            'e' => long.push_str("\u{e9}\u{e9}"),
            'i' => long.push_str("\u{ee}\u{ee}"),
            'o' => long.push_str("\u{f6}\u{f6}"),
            'u' => long.push_str("\u{fb}\u{fb}"),
            other => long.push(other),
        }
    }
    Cow::Owned(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_isolated_in_html_and_bare_in_plain_text() {
        let texts = Texts::load(Locale::En, false).unwrap();
        let args = FluentArgs::from_iter([("amount", "<5>")]);
        assert_eq!(texts.plain("sentence-credited", &args).unwrap(), "Credited. <5> has arrived.");
        assert_eq!(
            texts.html("sentence-credited", &args).unwrap(),
            "Credited. <bdi>&lt;5&gt;</bdi> has arrived."
        );
    }

    #[test]
    fn a_missing_text_or_value_is_an_error() {
        let texts = Texts::load(Locale::En, false).unwrap();
        assert!(texts.plain("no-such-key", &FluentArgs::new()).is_err());
        assert!(texts.plain("sentence-credited", &FluentArgs::new()).is_err());
    }

    #[test]
    fn the_pseudo_language_is_about_forty_percent_longer() {
        let long = lengthen("Your top-up goes to the number below").chars().count();
        assert!((44..=54).contains(&long), "{long}");
    }
}
