//! Writes every view, sample and language as a static page, to look at without a server:
//! `cargo run -p render --example kit -- FOLDER`, then open `FOLDER/index.html`.
//! Texts without markup, those of mails too, go to `FOLDER/texts.txt`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use domain::locale::Locale;
use render::view::{self, EmailFrame, EmailView};
use render::{Chrome, Renderer, View, assets};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("say which folder to write to")?);
    fs::create_dir_all(&folder)?;
    let mut chrome = Chrome::sample();
    let mut office_css = String::new();
    for asset in assets::assets() {
        fs::write(folder.join(&asset.name), &asset.bytes)?;
        match asset.source.as_str() {
            "app.css" => chrome.css_url.clone_from(&asset.name),
            "app.js" => chrome.js_url.clone_from(&asset.name),
            "office.css" => office_css.clone_from(&asset.name),
            "favicon.svg" => chrome.favicon_url.clone_from(&asset.name),
            _ => {}
        }
    }
    let mut kit = Kit { folder: &folder, chrome, office_css, index: String::new(), texts: String::new() };
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
    /// The name of the office's own sheet.
    office_css: String,
    index: String,
    texts: String,
}

impl Kit<'_> {
    fn all(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        self.portal(renderer, locale, tag)?;
        self.office(renderer, locale, tag)?;
        self.emails::<view::ReceiptEmail>(renderer, locale, tag)?;
        self.emails::<view::OrderEmail>(renderer, locale, tag)?;
        self.emails::<view::SurplusEmail>(renderer, locale, tag)?;
        self.emails::<view::SecurityCodeEmail>(renderer, locale, tag)?;
        self.emails::<view::SecurityNoticeEmail>(renderer, locale, tag)?;
        self.emails::<view::SupportAnswerEmail>(renderer, locale, tag)?;
        self.emails::<view::CampaignEmail>(renderer, locale, tag)?;
        self.texts::<view::CampaignSms>(renderer, locale)?;
        self.texts::<view::MarketingEndedSms>(renderer, locale)?;
        self.texts::<view::CreditedSms>(renderer, locale)?;
        self.texts::<view::RefundSms>(renderer, locale)?;
        self.texts::<view::CounterSms>(renderer, locale)?;
        self.texts::<view::SecurityCodeSms>(renderer, locale)?;
        self.texts::<view::SecurityNoticeSms>(renderer, locale)?;
        self.texts::<view::SurplusReturningSms>(renderer, locale)?;
        self.texts::<view::SupportAnswerSms>(renderer, locale)?;
        self.texts::<view::SavedReply>(renderer, locale)?;
        self.texts::<view::ExportReadme>(renderer, locale)
    }

    fn portal(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        self.pages::<view::Start>(renderer, locale, tag)?;
        self.pages::<view::Choose>(renderer, locale, tag)?;
        self.pages::<view::Review>(renderer, locale, tag)?;
        self.pages::<view::Order>(renderer, locale, tag)?;
        self.pages::<view::OrderProof>(renderer, locale, tag)?;
        self.pages::<view::OrderLookup>(renderer, locale, tag)?;
        self.pages::<view::ReceiptPage>(renderer, locale, tag)?;
        self.pages::<view::Promotions>(renderer, locale, tag)?;
        self.pages::<view::ErrorPage>(renderer, locale, tag)?;
        self.pages::<view::Help>(renderer, locale, tag)?;
        self.pages::<view::Verify>(renderer, locale, tag)?;
        self.pages::<view::Status>(renderer, locale, tag)?;
        self.pages::<view::Unsubscribe>(renderer, locale, tag)?;
        self.pages::<view::Demo>(renderer, locale, tag)?;
        self.pages::<view::SignIn>(renderer, locale, tag)?;
        self.pages::<view::Register>(renderer, locale, tag)?;
        self.pages::<view::RegisterDetails>(renderer, locale, tag)?;
        self.pages::<view::CodeEntry>(renderer, locale, tag)?;
        self.pages::<view::AccountPage>(renderer, locale, tag)?;
        self.pages::<view::AddLine>(renderer, locale, tag)?;
        self.pages::<view::ChangeContact>(renderer, locale, tag)?;
        self.pages::<view::ConfirmFirst>(renderer, locale, tag)?;
        self.pages::<view::EraseAccount>(renderer, locale, tag)?;
        self.pages::<view::Me>(renderer, locale, tag)?;
        self.pages::<view::LinePage>(renderer, locale, tag)?;
        self.pages::<view::HistoryPage>(renderer, locale, tag)?;
        self.pages::<view::Offline>(renderer, locale, tag)?;
        self.pages::<view::AskSupport>(renderer, locale, tag)?;
        self.pages::<view::CaseThread>(renderer, locale, tag)?;
        self.pages::<view::CaseProof>(renderer, locale, tag)?;
        Ok(())
    }

    fn office(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        self.pages::<view::OfficeSignIn>(renderer, locale, tag)?;
        self.pages::<view::OfficeJoin>(renderer, locale, tag)?;
        self.pages::<view::OfficeSetUp>(renderer, locale, tag)?;
        self.pages::<view::OfficeForbidden>(renderer, locale, tag)?;
        self.pages::<view::OfficeError>(renderer, locale, tag)?;
        self.pages::<view::OfficeDead>(renderer, locale, tag)?;
        self.pages::<view::OfficeOverview>(renderer, locale, tag)?;
        self.pages::<view::OfficeOrders>(renderer, locale, tag)?;
        self.pages::<view::OfficeOrder>(renderer, locale, tag)?;
        self.pages::<view::OfficeSearch>(renderer, locale, tag)?;
        self.pages::<view::OfficeSubscriber>(renderer, locale, tag)?;
        self.pages::<view::OfficeLine>(renderer, locale, tag)?;
        self.pages::<view::OfficeStaffList>(renderer, locale, tag)?;
        self.pages::<view::OfficeAudit>(renderer, locale, tag)?;
        self.pages::<view::OfficeHowTo>(renderer, locale, tag)?;
        self.pages::<view::OfficeCatalogue>(renderer, locale, tag)?;
        self.pages::<view::OfficeOffer>(renderer, locale, tag)?;
        self.pages::<view::OfficePromotions>(renderer, locale, tag)?;
        self.pages::<view::OfficeCases>(renderer, locale, tag)?;
        self.pages::<view::OfficeCase>(renderer, locale, tag)?;
        self.pages::<view::OfficeStuck>(renderer, locale, tag)?;
        self.pages::<view::OfficeStuckPreview>(renderer, locale, tag)?;
        self.pages::<view::OfficeStuckDone>(renderer, locale, tag)?;
        self.pages::<view::OfficeRefunds>(renderer, locale, tag)?;
        self.pages::<view::OfficeRefundAsk>(renderer, locale, tag)?;
        self.pages::<view::OfficeRefund>(renderer, locale, tag)?;
        self.pages::<view::OfficeLimits>(renderer, locale, tag)?;
        self.pages::<view::OfficeSetting>(renderer, locale, tag)?;
        self.pages::<view::OfficeCampaigns>(renderer, locale, tag)?;
        self.pages::<view::OfficeCampaignForm>(renderer, locale, tag)?;
        self.pages::<view::OfficeCampaign>(renderer, locale, tag)?;
        Ok(())
    }

    fn pages<V: View>(&mut self, renderer: &Renderer, locale: Locale, tag: &str) -> Result<()> {
        for (n, sample) in V::samples().iter().enumerate() {
            let name = format!("{}-{n}-{tag}.html", V::TEMPLATE.trim_end_matches(".html").replace('/', "-"));
            let page =
                renderer.page(locale, &self.chrome, sample).replace("/assets/office.css", &self.office_css);
            fs::write(self.folder.join(&name), page)?;
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
