//! The one door to all texts: a view goes in, finished HTML or a text message comes out.
//!
//! Each language has its own template environment, so that templates never say which language they speak.
//! Undefined names and missing texts are errors; a test renders every view in every language, so at run time
//! they cannot happen, and a panic here is a defect of this crate.

use std::sync::Arc;

use anyhow::{Context, Result};
use domain::locale::Locale;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};
use rust_embed::Embed;

use crate::afterwards::{self, AfterwardsValues};
use crate::chrome::Chrome;
use crate::escape;
use crate::format::Formats;
use crate::functions;
use crate::press::Press;
use crate::sentence::{self, SentenceValues};
use crate::texts::Texts;
use crate::view::View;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct Templates;

/// Renders views. Made once, shared by all threads.
pub struct Renderer {
    languages: Vec<Arc<Language>>,
    environments: Vec<(Locale, Environment<'static>)>,
    /// What `<html lang>` and `<html dir>` say instead of the locale, in the pseudo-language.
    pseudo: bool,
    press: Press,
}

/// One language: its words and its ways to write amounts and dates.
pub(crate) struct Language {
    pub locale: Locale,
    pub texts: Texts,
    pub formats: Formats,
}

impl Renderer {
    /// Reads all templates and texts. Fails only when one of them is broken.
    pub fn new() -> Result<Renderer> {
        Renderer::with(Locale::ALL, false)
    }

    /// English made 40 % longer and set from right to left, to see what clips or stands on the wrong side.
    pub fn pseudo() -> Result<Renderer> {
        Renderer::with(&[Locale::En], true)
    }

    fn with(locales: &[Locale], pseudo: bool) -> Result<Renderer> {
        let mut languages = Vec::new();
        let mut environments = Vec::new();
        for locale in locales {
            let texts = Texts::load(*locale, pseudo)?;
            let formats = Formats::of(*locale)?;
            let language = Arc::new(Language { locale: *locale, texts, formats });
            environments.push((*locale, environment(&language)?));
            languages.push(language);
        }
        Ok(Renderer { languages, environments, pseudo, press: Press::default() })
    }

    /// The same with fonts from another place.
    #[must_use]
    pub fn with_press(self, press: Press) -> Renderer {
        Renderer { press, ..self }
    }

    /// What sets receipts on paper.
    pub fn press(&self) -> &Press {
        &self.press
    }

    /// A whole page.
    pub fn page<V: View>(&self, locale: Locale, chrome: &Chrome, view: &V) -> String {
        let languages = Value::from(Serde(chrome.languages(locale)));
        let frame = context! { chrome => Value::from(Serde(chrome)), languages };
        self.render::<V>(locale, context! { ..frame, ..Value::from(Serde(view)) })
    }

    /// A part of a page, without the frame around it.
    pub fn fragment<V: View>(&self, locale: Locale, view: &V) -> String {
        self.render::<V>(locale, Value::from(Serde(view)))
    }

    /// A plain text, for example a text message: one line, no marks that a phone might show as boxes.
    pub fn text<V: View>(&self, locale: Locale, view: &V) -> String {
        crate::sms::plain_spaces(self.render::<V>(locale, Value::from(Serde(view))).trim())
    }

    /// A table for spreadsheets: UTF-8 with the mark by which Excel knows it (RFC 4180, Unicode 23.8).
    pub fn table<V: View>(&self, locale: Locale, view: &V) -> String {
        format!("\u{feff}{}", self.render::<V>(locale, Value::from(Serde(view))))
    }

    /// Is this one of the words, in any of our languages, that end marketing by text message? It is compared as
    /// `domain::campaign::folded` writes it.
    pub fn ends_marketing(&self, word: &str) -> bool {
        let none = fluent_bundle::FluentArgs::new();
        self.languages.iter().any(|language| {
            let words = language.texts.plain("stop-words", &none).unwrap_or_default();
            words.split_whitespace().any(|known| known == word)
        })
    }

    /// The money sentence of a top-up, without markup: for text messages, the API and the command line.
    pub fn money_sentence(&self, locale: Locale, values: &SentenceValues) -> String {
        let language = self.language(locale);
        let (key, args) = sentence::parts(values, &language.formats);
        language.texts.plain(key, &args).unwrap_or_else(|error| panic!("money sentence: {error}"))
    }

    /// A sentence without values and markup, by its key: for what is printed.
    pub fn words(&self, locale: Locale, key: &str) -> String {
        let none = fluent_bundle::FluentArgs::new();
        self.language(locale).texts.plain(key, &none).unwrap_or_else(|error| panic!("{key}: {error}"))
    }

    /// What a number will have after a purchase, without markup: for the API.
    pub fn afterwards(&self, locale: Locale, values: &AfterwardsValues) -> String {
        let language = self.language(locale);
        afterwards::sentence(values, language).unwrap_or_else(|error| panic!("afterwards: {error}"))
    }

    pub(crate) fn language(&self, locale: Locale) -> &Language {
        let language = self.languages.iter().find(|language| language.locale == locale);
        language.expect("every locale is loaded")
    }

    fn render<V: View>(&self, locale: Locale, view: Value) -> String {
        let (_, environment) =
            self.environments.iter().find(|(of, _)| *of == locale).expect("every locale is loaded");
        let lang = if self.pseudo { "en-XA" } else { locale.as_str() };
        let dir = if self.pseudo { "rtl" } else { "ltr" };
        environment
            .get_template(V::TEMPLATE)
            .and_then(|template| template.render(context! { lang, dir, ..view }))
            .unwrap_or_else(|error| panic!("{} in {locale}: {error:#} {:?}", V::TEMPLATE, error.line()))
    }
}

fn environment(language: &Arc<Language>) -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    // What a page shows belongs to somebody: a failure names the place in the template, and no values.
    environment.set_debug(false);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(escape::format);
    functions::register(&mut environment, language);
    for name in Templates::iter() {
        let file = Templates::get(&name).with_context(|| format!("template {name}"))?;
        let source = String::from_utf8(file.data.into_owned()).with_context(|| format!("template {name}"))?;
        environment.add_template_owned(name.into_owned(), source).context("template syntax")?;
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undefined_name_is_an_error_and_text_is_escaped_once() {
        let formats = Formats::of(Locale::En).unwrap();
        let texts = Texts::load(Locale::En, false).unwrap();
        let mut environment =
            environment(&Arc::new(Language { locale: Locale::En, texts, formats })).unwrap();
        environment.add_template_owned("a.html", "{{ typed }} {{ 5 }} <a href=\"{{ url }}\">").unwrap();
        let template = environment.get_template("a.html").unwrap();
        let html = template.render(context! { typed => "<'&\">", url => "/o?a=1&b=2" }).unwrap();
        assert_eq!(html, "&lt;&#39;&amp;&quot;&gt; 5 <a href=\"/o?a=1&amp;b=2\">");
        assert!(template.render(context! { typed => "x" }).is_err());
    }
}
