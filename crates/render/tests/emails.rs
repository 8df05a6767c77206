//! Every mail, every sample, every language, the pseudo-language too: whole, in words that are agreed, readable
//! in the dark, and loading nothing from anywhere.

use domain::locale::Locale;
use domain::top_up::TopUpState;
use render::assets::asset;
use render::view::{
    EmailFrame, EmailText, EmailView, OrderEmail, ReceiptEmail, SecurityCodeEmail, SecurityNoticeEmail,
    SurplusEmail,
};
use render::{Renderer, SentenceValues};
use std::collections::BTreeSet;

struct Rendered {
    name: String,
    mail: EmailText,
}

/// All mails in all languages.
fn mails() -> Vec<Rendered> {
    let mut all = Vec::new();
    let real = Renderer::new().expect("templates and texts are whole");
    for locale in Locale::ALL {
        collect(&real, *locale, locale.as_str(), &mut all);
    }
    collect(&Renderer::pseudo().expect("the pseudo-language is whole"), Locale::En, "pseudo", &mut all);
    all
}

fn collect(renderer: &Renderer, locale: Locale, tag: &str, all: &mut Vec<Rendered>) {
    samples::<ReceiptEmail>(renderer, locale, tag, all);
    samples::<OrderEmail>(renderer, locale, tag, all);
    samples::<SurplusEmail>(renderer, locale, tag, all);
    samples::<SecurityCodeEmail>(renderer, locale, tag, all);
    samples::<render::view::SupportAnswerEmail>(renderer, locale, tag, all);
    samples::<SecurityNoticeEmail>(renderer, locale, tag, all);
    samples::<render::view::CampaignEmail>(renderer, locale, tag, all);
    samples::<render::view::FloatLowEmail>(renderer, locale, tag, all);
}

fn samples<E: EmailView>(renderer: &Renderer, locale: Locale, tag: &str, all: &mut Vec<Rendered>) {
    let bare = EmailFrame { support: None, demo: false, ..EmailFrame::sample() };
    for (n, view) in E::samples().iter().enumerate() {
        for frame in [EmailFrame::sample(), bare.clone()] {
            let name = format!("{} {n} in {tag}", E::PAGE);
            all.push(Rendered { name, mail: renderer.email(locale, &frame, view) });
        }
    }
}

#[test]
fn every_mail_has_a_subject_a_text_and_a_whole_page() {
    for Rendered { name, mail } in mails() {
        assert!(!mail.subject.is_empty() && !mail.subject.contains('\n'), "{name}: {:?}", mail.subject);
        // Phones show about forty letters; Chinese ones are twice as wide.
        let wide = mail.subject.chars().filter(|c| !c.is_ascii()).count() + mail.subject.chars().count();
        assert!(name.ends_with("pseudo") || wide <= 75, "{name}: {}", mail.subject);
        assert!(
            mail.html.starts_with("<!doctype html>\n<html lang=\""),
            "{name} starts with {:.60}",
            mail.html
        );
        assert!(
            mail.html.contains(&format!("<title>{}</title>", mail.subject.replace('\'', "&#39;"))),
            "{name}"
        );
        assert_eq!(mail.html.matches("<h1").count(), 1, "{name}");
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(!part.contains(['\u{2068}', '\u{2069}', '\u{0}']), "{name} has invisible marks");
        }
        assert!(
            !mail.text.contains(['<', '\u{a0}']) && !mail.text.contains("\n\n\n"),
            "{name}: {}",
            mail.text
        );
        assert!(
            mail.text.lines().all(|line| line == line.trim_end() || line == "-- "),
            "{name}: {}",
            mail.text
        );
    }
}

#[test]
fn a_mail_loads_nothing_and_runs_nothing() {
    for Rendered { name, mail } in mails() {
        for banned in ["<img", "<link", "<script", "src=", "url(", "@import", "javascript:", " onclick="] {
            assert!(!mail.html.contains(banned), "{name} has {banned}");
        }
        assert!(mail.html.len() < 20_000, "{name} has {} bytes", mail.html.len());
    }
}

/// The folders of `templates/email`, apart from what they share.
#[test]
fn every_folder_of_templates_belongs_to_a_mail() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/email");
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "shared")
        .collect();
    let known = [
        ReceiptEmail::PAGE,
        OrderEmail::PAGE,
        SurplusEmail::PAGE,
        SecurityCodeEmail::PAGE,
        SecurityNoticeEmail::PAGE,
        render::view::SupportAnswerEmail::PAGE,
        render::view::CampaignEmail::PAGE,
        render::view::FloatLowEmail::PAGE,
    ];
    let known: BTreeSet<String> =
        known.iter().map(|page| page.split('/').nth(1).unwrap().to_owned()).collect();
    assert_eq!(found, known);
}

/// Then the contrasts that style.rs measures hold for mails too.
#[test]
fn the_colours_are_those_of_the_pages() {
    let css = String::from_utf8(asset("app.css").unwrap().bytes.clone()).unwrap();
    for Rendered { name, mail } in mails() {
        for (at, _) in mail.html.match_indices('#') {
            let colour: String = mail.html[at..].chars().take(7).collect();
            if colour.len() == 7 && colour[1..].bytes().all(|b| b.is_ascii_hexdigit()) {
                assert!(css.contains(&colour), "{name} has {colour}");
            }
        }
    }
}

/// Whatever has a light colour on the element has a class that the dark sheet turns.
#[test]
fn everything_coloured_is_turned_dark() {
    for Rendered { name, mail } in mails() {
        for tag in mail.html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap()) {
            let style = tag.split("style=\"").nth(1).unwrap_or_default();
            let class =
                tag.split("class=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            if style.contains('#') {
                assert!(!class.is_empty(), "{name}: <{tag}>");
            }
            for one in class.split_whitespace().filter(|one| *one != "card-inside") {
                assert!(mail.html.contains(&format!("  .{one} {{")), "{name}: {one}");
            }
        }
    }
}

#[test]
fn every_mail_about_money_begins_with_the_money_sentence() {
    let renderer = Renderer::new().unwrap();
    let begins = |locale: Locale, mail: &EmailText, values: &SentenceValues| {
        let sentence = renderer.money_sentence(locale, values).replace('\u{a0}', " ");
        assert!(mail.text.starts_with(&format!("{sentence}\n")), "{}", mail.text);
        let heading = mail.html.split("<h1").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap();
        let shown = heading.split_once('>').unwrap().1.replace("<bdi>", "").replace("</bdi>", "");
        assert_eq!(shown.trim(), sentence);
    };
    for locale in Locale::ALL {
        for view in OrderEmail::samples() {
            begins(*locale, &renderer.email(*locale, &EmailFrame::sample(), &view), &view.values);
        }
        for view in ReceiptEmail::samples() {
            begins(*locale, &renderer.email(*locale, &EmailFrame::sample(), &view), &view.values);
        }
    }
}

#[test]
fn subjects_are_the_agreed_words() {
    let renderer = Renderer::new().unwrap();
    let frame = EmailFrame::sample();
    let subject = |locale, view: &OrderEmail| renderer.email(locale, &frame, view).subject;
    let refunding =
        OrderEmail::samples().into_iter().find(|view| view.state == TopUpState::Refunding).unwrap();
    assert_eq!(subject(Locale::En, &refunding), "Refund started: order 7K2M9-QX4TB");
    assert_eq!(subject(Locale::ZhCn, &refunding), "退款中：订单 7K2M9-QX4TB");
    let receipt = &ReceiptEmail::samples()[0];
    let subject = |locale| renderer.email(locale, &frame, receipt).subject;
    assert_eq!(subject(Locale::En), "£11.00 has arrived: receipt 7K2M9-QX4TB");
    assert_eq!(subject(Locale::ZhCn), "充值成功：£11.00已到账（收据 7K2M9-QX4TB）");
}

/// The link to a tax document, which a receipt may have, taken out of a text.
fn without_invoice_link(text: &str) -> String {
    ["开具发票", "Get an invoice", "/invoice"]
        .iter()
        .fold(text.to_owned(), |text, link| text.replace(link, ""))
}

#[test]
fn a_receipt_is_never_called_a_tax_document_and_no_mail_shows_a_whole_number() {
    for Rendered { name, mail } in mails() {
        for part in [&mail.subject, &mail.text, &mail.html] {
            let words = without_invoice_link(part);
            assert!(!words.contains("发票") && !words.contains("nvoice"), "{name}");
            assert!(!part.contains("7400"), "{name} has the number");
        }
    }
}

#[test]
fn only_a_mail_about_an_open_payment_asks_to_pay() {
    let renderer = Renderer::new().unwrap();
    for view in OrderEmail::samples() {
        let mail = renderer.email(Locale::En, &EmailFrame::sample(), &view);
        assert_eq!(mail.html.contains("Continue to pay"), view.paying.is_some(), "{}", view.state);
        assert_eq!(
            mail.text.contains("Continue to pay £10.30: https://"),
            view.paying.is_some(),
            "{}",
            view.state
        );
    }
}

#[test]
fn the_security_code_is_in_the_mail_but_not_on_a_locked_screen() {
    let renderer = Renderer::new().unwrap();
    let view = &SecurityCodeEmail::samples()[0];
    for locale in Locale::ALL {
        let mail = renderer.email(*locale, &EmailFrame::sample(), view);
        assert!(mail.text.contains("402718") && mail.html.contains(">402718</p>"));
        let preview = mail.html.split("overflow:hidden\">").nth(1).unwrap().split('<').next().unwrap();
        assert!(!mail.subject.contains("402718") && !preview.contains("402718"));
    }
    assert!(!format!("{view:?}").contains("402718"));
}

/// The operator's name and words are values; a template that knew them would be wrong for every other operator.
#[test]
fn the_brand_comes_from_outside_and_is_escaped() {
    let renderer = Renderer::new().unwrap();
    let frame = EmailFrame { brand: "Other & Sons <b>".into(), ..EmailFrame::sample() };
    let mail = renderer.email(Locale::En, &frame, &SecurityCodeEmail::samples()[0]);
    assert!(mail.html.contains("Other &amp; Sons &lt;b&gt;") && !mail.html.contains("<b>"));
    assert!(mail.text.contains("Other & Sons <b> never asks"));
}
