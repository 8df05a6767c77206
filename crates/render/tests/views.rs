//! Every view, every sample, every language: nothing undefined, nothing missing, nothing unsafe.
//! The pseudo-language (English, 40 % longer, right to left) is one of the languages.

use domain::locale::Locale;
use domain::msisdn::NotAnMsisdn;
use domain::offer::AmountRefused;
use domain::refusal::Refusal;
use domain::top_up::TopUpState;
mod screens;

use render::view;
use render::view::{
    Choose, CreditedSms, Help, Order, OrderLookup, OrderState, ReceiptPage, RefundSms, Review,
    SecurityCodeSms, SecurityNoticeSms, Start, SurplusReturningSms, Verify,
};
use render::{Chrome, PageProblem, Problem, Renderer, View};
use screens::{Rendered, pages};

#[test]
fn every_page_renders_whole_with_one_heading_and_no_strange_marks() {
    for Rendered { name, html } in pages() {
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert!(!html.contains(['\u{2068}', '\u{2069}']), "{name} has invisible marks");
        let whole = html.starts_with("<!doctype html>") && html.contains(" lang=\"");
        assert!(whole || html.starts_with("<section"), "{name} starts with {:.40}", html);
    }
}

/// The content security policy has neither inline scripts nor inline styles.
#[test]
fn no_page_has_an_inline_script_or_style() {
    for Rendered { name, html } in pages() {
        for banned in [" style=", "<style", " onclick=", " onload=", "javascript:", "<script>"] {
            assert!(!html.contains(banned), "{name} has {banned}");
        }
    }
}

#[test]
fn attributes_hold_no_markup_and_what_people_typed_is_escaped() {
    for Rendered { name, html } in pages() {
        for tag in html.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap();
            assert_eq!(inside.matches('"').count() % 2, 0, "{name}: <{inside}");
        }
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{name}");
    }
}

/// The operator's name is a value; a template that knew it would be wrong for every other operator.
#[test]
fn the_brand_comes_from_outside() {
    let renderer = Renderer::new().unwrap();
    let chrome = Chrome { brand: "Other & Sons".into(), ..Chrome::sample() };
    for locale in Locale::ALL {
        let html = renderer.page(*locale, &chrome, &Start::samples()[0]);
        assert!(html.contains("Other &amp; Sons") && !html.contains("Luma"), "{locale}");
    }
}

/// Where a field could take a card number, we would be holding one.
#[test]
fn no_page_asks_for_a_card_number() {
    for Rendered { name, html } in pages() {
        for banned in ["cc-number", "cc-csc", "cc-exp", "name=\"card", "name=\"pan"] {
            assert!(!html.contains(banned), "{name} has {banned}");
        }
    }
}

/// A receipt may lead to its invoice; it is none. Only the invoice's own pages are called so.
#[test]
fn a_receipt_is_never_called_a_tax_document() {
    for Rendered { name, html } in
        pages().into_iter().filter(|page| !page.name.starts_with("portal/invoice.html"))
    {
        for (open, close) in [("<title>", "</title>"), ("<h1", "</h1>"), ("<h2", "</h2>")] {
            for part in html.split(open).skip(1).filter_map(|rest| rest.split(close).next()) {
                assert!(!part.contains("\u{53d1}\u{7968}") && !part.contains("nvoice"), "{name}: {part}");
            }
        }
    }
}

#[test]
fn only_an_order_that_can_still_change_asks_again() {
    let renderer = Renderer::new().unwrap();
    for view in Order::samples() {
        let html = renderer.page(Locale::En, &Chrome::sample(), &view);
        let polls = view.now.every.is_some();
        assert_eq!(html.contains("http-equiv=\"refresh\""), polls, "{}", view.now.state);
        for part in ["hx-trigger=\"every ", "/assets/htmx.js", "data-testid=\"asked\""] {
            assert_eq!(html.contains(part), polls && !view.passless, "{part} in {}", view.now.state);
        }
        assert_eq!(html.contains("data-testid=\"continue-payment\""), view.now.payment_url.is_some());
        assert!(html.contains(&format!("data-testid=\"state\" data-state=\"{}\"", view.now.state)));
    }
}

#[test]
fn a_page_without_offers_says_why_and_has_no_form() {
    let renderer = Renderer::new().unwrap();
    for view in Choose::samples() {
        let html = renderer.page(Locale::En, &Chrome::sample(), &view);
        let cards = view.credit.len() + view.bundles.len();
        assert_eq!(html.matches("data-testid=\"offer\"").count(), cards);
        assert_eq!(html.contains("data-testid=\"offer-form\""), view.no_offers.is_none());
        assert_eq!(html.contains("data-testid=\"no-offers\""), view.no_offers.is_some());
    }
}

#[test]
fn the_paying_form_carries_version_and_total_and_its_button_the_amount() {
    let renderer = Renderer::new().unwrap();
    for (locale, label) in [(Locale::En, "Pay <bdi>£10.30</bdi>"), (Locale::ZhCn, "支付 <bdi>£10.30</bdi>")]
    {
        let html = renderer.page(locale, &Chrome::sample(), &Review::samples()[0]);
        for part in
            [label, "name=\"version\"", "name=\"expected_total\" value=\"1030\"", "data-testid=\"pay-form\""]
        {
            assert!(html.contains(part), "{part} in {locale}");
        }
    }
}

#[test]
fn every_refusal_has_words_in_every_language() {
    let renderer = Renderer::new().unwrap();
    let gbp = |minor| domain::money::Money::new(minor, "GBP".parse().unwrap());
    let refusals = [
        Refusal::NumberInvalid(NotAnMsisdn::Unreadable),
        Refusal::NumberInvalid(NotAnMsisdn::Invalid),
        Refusal::NumberInvalid(NotAnMsisdn::Landline),
        Refusal::LineUnknown,
        Refusal::LineBarred,
        Refusal::LineClosed,
        Refusal::LinePortedOut,
        Refusal::NetworkNotConnected,
        Refusal::OfferUnknown,
        Refusal::OfferNotYet { from: domain::time::UnixMs(0) },
        Refusal::OfferEnded { until: domain::time::UnixMs(0) },
        Refusal::AmountRefused(AmountRefused::OutOfRange),
        Refusal::AmountRefused(AmountRefused::Currency),
        Refusal::CurrencyMismatch,
        Refusal::PriceChanged { now: gbp(1030) },
        Refusal::BonusChanged { total: gbp(1030) },
        Refusal::QuoteLapsed,
        Refusal::FloatInsufficient,
        Refusal::TenderNotOffered,
        Refusal::KeyReused,
        Refusal::KeyInFlight,
        Refusal::EmailInvalid,
        Refusal::OrderClosed,
        Refusal::CreditSpent { left: 0, given: 1, unit: "GBP".into() },
        Refusal::TooLateToReverse,
        Refusal::NotReversible,
    ];
    for refusal in refusals {
        let problem = Problem::refused(&refusal);
        let code = problem.code;
        let view = Start { problem: Some(problem), ..Start::samples().remove(0) };
        for locale in Locale::ALL {
            let html = renderer.page(*locale, &Chrome::sample(), &view);
            assert!(html.contains(&format!("data-code=\"{code}\"")), "{refusal} in {locale}");
        }
    }
}

#[test]
fn caps_are_told_with_the_time_at_which_they_end() {
    let renderer = Renderer::new().unwrap();
    let (until, zone) = (domain::time::UnixMs(1_795_363_200_000), "Europe/London".to_owned());
    let caps = domain::risk::Mark::ALL.iter().map(|mark| {
        let problem = PageProblem::TooManyTopUps { mark: *mark, until, zone: zone.clone() };
        (format!("too_many_by_{mark}"), problem)
    });
    let tries = PageProblem::TooManyTries { until, zone: zone.clone() };
    for (code, problem) in caps.chain([("too_many_tries".to_owned(), tries)]) {
        let view = Review { problem: Some(Problem::page(problem)), ..Review::samples().remove(0) };
        for locale in Locale::ALL {
            let html = renderer.page(*locale, &Chrome::sample(), &view);
            assert!(html.contains(&format!("data-code=\"{code}\"")), "{code} in {locale}");
            assert!(html.contains("2026"), "{code} in {locale} says until when");
        }
    }
}

/// The binding words: terms, table "Order states".
#[test]
fn money_sentences_are_the_agreed_ones() {
    let renderer = Renderer::new().unwrap();
    let agreed = |state| match state {
        TopUpState::AwaitingPayment => {
            ("Waiting for payment. You have not paid yet.", "待支付：您尚未付款。")
        }
        TopUpState::CheckingPayment => (
            "Checking your payment. We are asking the bank; please do not pay again.",
            "支付确认中：正在向银行核实，请勿重复付款。",
        ),
        TopUpState::Paid => ("Paid, sending credit. We have your payment.", "已支付，充值中：款项已收到。"),
        TopUpState::PendingNetwork => (
            "Paid, the network is confirming. We have your payment; if it fails you get it back; answer by \
             22 Nov 2026, 16:30 GMT.",
            "已支付，等待运营商确认：款项已收到；如充值失败将原路退回，最迟2026年11月22日 16:30 GMT答复。",
        ),
        TopUpState::Credited => ("Credited. £11.00 has arrived.", "充值成功：£11.00已到账。"),
        TopUpState::Refunding => (
            "Refund started. £10.30 is on its way back, reference RF-4H8TQ.",
            "退款中：£10.30正原路退回，退款编号RF-4H8TQ。",
        ),
        TopUpState::Refunded => (
            "Refunded. £10.30 was returned on 22 Nov 2026; your bank decides when it shows.",
            "已退款：已于2026年11月22日退回£10.30，到账时间以银行为准。",
        ),
        TopUpState::Reversed => (
            "Top-up reversed. £11.00 was taken back from the number; refund reference RF-4H8TQ.",
            "充值已撤销：充入的£11.00已从该号码收回；退款编号RF-4H8TQ。",
        ),
        TopUpState::Cancelled => (
            "Cancelled. You were not charged; should a charge still arrive, it is returned by itself.",
            "已取消：您未被扣款；如之后扣款成功，将自动原路退回。",
        ),
        TopUpState::Review => (
            "Being checked by hand. Please do not pay again; answer by 22 Nov 2026, 16:30 GMT.",
            "人工核实中：请勿重复付款，我们将在2026年11月22日 16:30 GMT前答复。",
        ),
    };
    for view in OrderState::samples().iter().take(TopUpState::ALL.len()) {
        let (english, chinese) = agreed(view.state);
        assert_eq!(renderer.money_sentence(Locale::En, &view.values), english);
        assert_eq!(renderer.money_sentence(Locale::ZhCn, &view.values), chinese);
    }
}

#[test]
fn text_messages_fit_one_segment_and_english_ones_the_small_alphabet() {
    let renderer = Renderer::new().unwrap();
    let mut texts = Vec::new();
    for locale in Locale::ALL {
        texts.extend(CreditedSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))));
        texts.extend(
            SurplusReturningSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))),
        );
        texts.extend(SecurityCodeSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))));
        texts.extend(SecurityNoticeSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))));
        texts.extend(
            view::SupportAnswerSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))),
        );
        texts.extend(view::CounterSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))));
        texts.extend(RefundSms::samples().iter().map(|view| (*locale, renderer.text(*locale, view))));
    }
    for (locale, text) in &texts {
        let sent = domain::sms::segments(text);
        assert_eq!(sent.parts.len(), 1, "{text}");
        assert!(!text.contains(['\u{2068}', '\u{a0}', '\n']), "{text:?}");
        if *locale == Locale::En {
            assert_eq!(sent.encoding, domain::sms::Encoding::Gsm7, "{text}");
        }
    }
    let credited = "Luma Mobile: £10.00 credit has arrived on the number ending 3456. Order 7K2M9-QX4TB.";
    assert!(texts.iter().any(|(_, text)| text == credited));
}

/// What marketing says by text message names who speaks and how to end it.
#[test]
fn marketing_by_text_message_says_who_speaks_and_is_plain() {
    let renderer = Renderer::new().unwrap();
    for locale in Locale::ALL {
        let mut texts: Vec<String> =
            view::CampaignSms::samples().iter().map(|view| renderer.text(*locale, view)).collect();
        texts.extend(view::MarketingEndedSms::samples().iter().map(|view| renderer.text(*locale, view)));
        for text in texts {
            assert!(text.contains("Luma") && !text.contains(['\u{2068}', '\u{a0}', '<']), "{text:?}");
        }
    }
}

/// A refunded order must not look like a sale: the sentence, what went back, and nothing left.
#[test]
fn a_receipt_says_what_became_of_the_money() {
    let renderer = Renderer::new().unwrap();
    let receipt = |state: TopUpState, locale| {
        let told = |page: &ReceiptPage| page.state == state && page.now.is_some();
        let page = ReceiptPage::samples().into_iter().find(told).expect("a sample of each state");
        renderer.page(locale, &Chrome::sample(), &page).replace("<bdi>", "").replace("</bdi>", "")
    };
    let refunded = receipt(TopUpState::Refunded, Locale::En);
    for part in [
        "Refunded. £10.30 was returned on 22 Nov 2026",
        "Refunded on 22 Nov 2026, reference RF-4H8TQ",
        ">-£10.30",
        ">£0.00",
        "as of 23 Nov 2026, 16:15 GMT",
        "Visa ending in 4242",
    ] {
        assert!(refunded.contains(part), "{part} in {refunded}");
    }
    let chinese = receipt(TopUpState::Refunded, Locale::ZhCn);
    for part in ["已于2026年11月22日退款，退款编号RF-4H8TQ", "退款后实付", "Visa 卡，尾号 4242"]
    {
        assert!(chinese.contains(part), "{part} in {chinese}");
    }
    for (state, says) in [
        (TopUpState::Refunding, "Refund started. £10.30 is on its way back, reference RF-4H8TQ."),
        (TopUpState::Review, "Being checked by hand. Please do not pay again"),
    ] {
        let html = receipt(state, Locale::En);
        assert!(html.contains(says) && !html.contains("data-testid=\"net\""), "{state}: {html}");
    }
    assert!(!receipt(TopUpState::Credited, Locale::En).contains("money-sentence"));
}

/// One field: what is wrong is seen once, at the field, which has the focus.
#[test]
fn a_page_with_one_field_shows_its_problem_once() {
    let renderer = Renderer::new().unwrap();
    let wrong = OrderLookup::samples().into_iter().find(|view| view.problem.is_some()).unwrap();
    let html = renderer.page(Locale::En, &Chrome::sample(), &wrong);
    let seen = html.replace("<p class=\"unseen\" data-testid=\"error-summary\"", "<!-- ");
    assert_eq!(html.matches("This is not an order code.").count(), 2);
    assert_eq!(seen.matches("<!-- ").count(), 1, "one of them is for screen readers alone");
    assert_eq!(html.matches("autofocus").count(), 1);
}

#[test]
fn a_refused_amount_names_limits_and_steps() {
    let renderer = Renderer::new().unwrap();
    let wrong = |view: &Choose| view.problem.as_ref().is_some_and(|problem| problem.limits.is_some());
    let view = Choose::samples().into_iter().find(wrong).unwrap();
    for (locale, says) in [
        (Locale::En, "Please enter an amount from £5.00 to £100.00, in whole pounds."),
        (Locale::ZhCn, "请输入£5.00至£100.00之间的金额，仅限整数金额。"),
    ] {
        let html = renderer.page(locale, &Chrome::sample(), &view);
        assert!(html.replace("<bdi>", "").replace("</bdi>", "").contains(says), "{locale}");
        assert!(html.contains("<span aria-hidden=\"true\">£</span>"), "{locale}");
    }
}

#[test]
fn a_renderer_serves_all_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Renderer>();
}

/// Every order page leads to the words about its state.
#[test]
fn the_help_page_explains_every_state_under_its_own_anchor() {
    let renderer = Renderer::new().unwrap();
    let help = renderer.page(Locale::En, &Chrome::sample(), &Help::samples()[0]);
    for view in Order::samples() {
        let order = renderer.page(Locale::En, &Chrome::sample(), &view);
        assert!(order.contains(&format!("href=\"/help#{}\"", view.now.state)));
        assert!(help.contains(&format!("<div id=\"{}\"", view.now.state)), "{}", view.now.state);
    }
}

/// A promise of somebody to ask needs somebody to ask.
#[test]
fn nobody_is_sent_to_support_that_is_not_set_up() {
    let renderer = Renderer::new().unwrap();
    let chrome = Chrome::sample();
    for locale in Locale::ALL {
        for view in Help::samples() {
            let html = renderer.page(*locale, &chrome, &view);
            let offers =
                html.contains("#contact") || html.contains("联系客服") || html.contains("Contact support");
            assert_eq!(offers, view.contact.is_some(), "{locale}");
        }
        for view in Verify::samples() {
            let html = renderer.page(*locale, &chrome, &view);
            assert_eq!(html.contains("/help#contact"), view.contact, "{locale}");
            assert_eq!(html.contains("data-testid=\"community\""), !view.official.community.is_empty());
        }
    }
}
