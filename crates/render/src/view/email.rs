//! E-mails: a view per mail, its two templates in `templates/email/`, and the frame around all of them.
//! [`Renderer::email`] puts them together; `notices.rs` has the mails about an order, `security_code.rs` the
//! other one. A mail shows the last four digits of a number and no more.

mod notices;
mod security_code;
mod security_notice;

use domain::locale::Locale;
use serde::Serialize;

use super::View;
use crate::renderer::Renderer;

pub use notices::{OrderEmail, Paying, ReceiptEmail, SurplusEmail};
pub use security_code::SecurityCodeEmail;
pub use security_notice::SecurityNoticeEmail;

/// What one mail says.
pub trait EmailView: Serialize + Sized {
    /// Template of the subject (first line) and the text part (the rest).
    const TEXT: &'static str;
    /// Template of the HTML part.
    const PAGE: &'static str;

    /// Every case that looks different. Tests render them in all languages, the kit shows them.
    fn samples() -> Vec<Self>;
}

/// What stands around every mail.
#[derive(Debug, Clone, Serialize)]
pub struct EmailFrame {
    /// The operator's name.
    pub brand: String,
    /// The official website.
    pub home_url: String,
    /// Where support is found: an address to write to or a page.
    pub support: Option<String>,
    /// Says that no real money moves.
    pub demo: bool,
}

impl EmailFrame {
    /// A frame for tests and the kit.
    pub fn sample() -> EmailFrame {
        EmailFrame {
            brand: "Luma Mobile".into(),
            home_url: "https://luma.example/".into(),
            support: Some("help@luma.example".into()),
            demo: true,
        }
    }
}

/// A finished mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailText {
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What both templates of a mail see.
#[derive(Serialize)]
struct Framed<'a, E> {
    frame: &'a EmailFrame,
    /// For the title of the HTML part; the text part makes it.
    subject: &'a str,
    #[serde(flatten)]
    view: &'a E,
}

/// The text part as a view of its own.
#[derive(Serialize)]
#[serde(transparent)]
struct TextPart<'a, E>(Framed<'a, E>);

/// The HTML part as a view of its own.
#[derive(Serialize)]
#[serde(transparent)]
struct PagePart<'a, E>(Framed<'a, E>);

impl<E: EmailView> View for TextPart<'_, E> {
    const TEMPLATE: &'static str = E::TEXT;

    /// The mail's own samples stand for both parts.
    fn samples() -> Vec<Self> {
        Vec::new()
    }
}

impl<E: EmailView> View for PagePart<'_, E> {
    const TEMPLATE: &'static str = E::PAGE;

    /// The mail's own samples stand for both parts.
    fn samples() -> Vec<Self> {
        Vec::new()
    }
}

impl Renderer {
    /// A whole mail: subject, text and HTML.
    pub fn email<E: EmailView>(&self, locale: Locale, frame: &EmailFrame, view: &E) -> EmailText {
        let written = self.text(locale, &TextPart(Framed { frame, subject: "", view }));
        let (subject, text) = written.split_once('\n').unwrap_or((&written, ""));
        let html = self.fragment(locale, &PagePart(Framed { frame, subject, view }));
        EmailText {
            subject: subject.trim().to_owned(),
            text: format!("{}\n", text.trim()),
            html: html.trim_start().to_owned(),
        }
    }
}
