//! Writes every view, sample and language as a static page, to look at without a server:
//! `cargo run -p render --example kit -- FOLDER`, then open `FOLDER/index.html`.
//! Texts without markup, those of mails too, go to `FOLDER/texts.txt`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use domain::locale::Locale;
use render::view::{
    Choose, CreditedSms, EmailFrame, EmailView, ErrorPage, Help, Order, OrderEmail, OrderLookup, OrderProof,
    ReceiptEmail, ReceiptPage, RefundStartedSms, Review, SecurityCodeEmail, Start, Status, SurplusEmail,
    Verify,
};
use render::{Chrome, Renderer, View, assets};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("say which folder to write to")?);
    fs::create_dir_all(&folder)?;
    let mut chrome = Chrome::sample();
    for asset in assets::assets() {
        fs::write(folder.join(&asset.name), &asset.bytes)?;
        match asset.source.as_str() {
            "app.css" => chrome.css_url.clone_from(&asset.name),
            "app.js" => chrome.js_url.clone_from(&asset.name),
            "favicon.svg" => chrome.favicon_url.clone_from(&asset.name),
            _ => {}
        }
    }
    let mut kit = Kit { folder: &folder, chrome, index: String::new(), texts: String::new() };
    let renderer = Renderer::new()?;
    for locale in Locale::ALL {
        kit.all(&renderer, *locale, locale.as_str())?;
    }
    kit.all(&Renderer::pseudo()?, Locale::En, "pseudo")?;
    fs::write(folder.join("texts.txt"), &kit.texts)?;
    fs::write(
        folder.join("index.html"),
        format!("<!doctype html><meta charset=utf-8><ul>{}</ul>", kit.index),
    )?;
    Ok(())
}

struct Kit<'a> {
    folder: &'a Path,
    chrome: Chrome,
    index: String,
    texts: String,
}

impl Kit<'_> {
    fn all(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        self.pages::<Start>(renderer, locale, tag)?;
        self.pages::<Choose>(renderer, locale, tag)?;
        self.pages::<Review>(renderer, locale, tag)?;
        self.pages::<Order>(renderer, locale, tag)?;
        self.pages::<OrderProof>(renderer, locale, tag)?;
        self.pages::<OrderLookup>(renderer, locale, tag)?;
        self.pages::<ReceiptPage>(renderer, locale, tag)?;
        self.pages::<ErrorPage>(renderer, locale, tag)?;
        self.pages::<Help>(renderer, locale, tag)?;
        self.pages::<Verify>(renderer, locale, tag)?;
        self.pages::<Status>(renderer, locale, tag)?;
        self.emails::<ReceiptEmail>(renderer, locale, tag)?;
        self.emails::<OrderEmail>(renderer, locale, tag)?;
        self.emails::<SurplusEmail>(renderer, locale, tag)?;
        self.emails::<SecurityCodeEmail>(renderer, locale, tag)?;
        self.texts::<CreditedSms>(renderer, locale)?;
        self.texts::<RefundStartedSms>(renderer, locale)
    }

    fn pages<V: View>(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        for (n, sample) in V::samples().iter().enumerate() {
            let name = format!("{}-{n}-{tag}.html", V::TEMPLATE.trim_end_matches(".html").replace('/', "-"));
            fs::write(self.folder.join(&name), renderer.page(locale, &self.chrome, sample))?;
            writeln!(self.index, "<li><a href=\"{name}\">{name}</a>")?;
        }
        Ok(())
    }

    fn emails<E: EmailView>(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        for (n, sample) in E::samples().iter().enumerate() {
            let name = format!("{}-{n}-{tag}.html", E::PAGE.trim_end_matches(".html").replace('/', "-"));
            let mail = renderer.email(locale, &EmailFrame::sample(), sample);
            fs::write(self.folder.join(&name), mail.html)?;
            writeln!(self.index, "<li><a href=\"{name}\">{name}</a>")?;
            writeln!(self.texts, "Subject: {}\n\n{}", mail.subject, mail.text)?;
        }
        Ok(())
    }

    fn texts<V: View>(&mut self, renderer: &Renderer, locale: Locale) -> Result<()> {
        for sample in V::samples() {
            writeln!(self.texts, "{}", renderer.text(locale, &sample))?;
        }
        Ok(())
    }
}
