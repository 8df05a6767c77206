//! The news that support answered. The answer itself is not in it: mail and text messages are read by others.

use serde::Serialize;

use crate::view::{EmailView, View};

const URL: &str = "https://luma.example/support/S-7K2M9-QX4TB";

/// By mail.
#[derive(Debug, Clone, Serialize)]
pub struct SupportAnswerEmail {
    pub code: String,
    pub url: String,
}

/// By text message.
#[derive(Debug, Clone, Serialize)]
pub struct SupportAnswerSms {
    pub brand: String,
    pub url: String,
}

impl EmailView for SupportAnswerEmail {
    const TEXT: &'static str = "email/support_answer/text.txt";
    const PAGE: &'static str = "email/support_answer/page.html";

    fn samples() -> Vec<SupportAnswerEmail> {
        vec![SupportAnswerEmail { code: "S-7K2M9-QX4TB".into(), url: URL.into() }]
    }
}

impl View for SupportAnswerSms {
    const TEMPLATE: &'static str = "sms/support_answer/text.txt";

    fn samples() -> Vec<SupportAnswerSms> {
        vec![SupportAnswerSms { brand: "Luma Mobile".into(), url: URL.into() }]
    }
}
