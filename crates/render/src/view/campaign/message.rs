//! A campaign as its readers get it, and the answer to whoever wrote STOP. The words are the staff's; who sends it, why,
//! and how to end it is ours.

use crate::view::{EmailView, View};
use serde::Serialize;

/// The text message of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignSms {
    pub brand: String,
    pub text: String,
    /// Where the promotion stands.
    pub link: Option<String>,
}

impl View for CampaignSms {
    const TEMPLATE: &'static str = "sms/campaign/text.txt";

    fn samples() -> Vec<CampaignSms> {
        let plain =
            CampaignSms { brand: "Luma".into(), text: "20% more data until Sunday.".into(), link: None };
        vec![CampaignSms { link: Some("https://luma.example/promotions".into()), ..plain.clone() }, plain]
    }
}

/// Says once that marketing by text message has ended.
#[derive(Debug, Clone, Serialize)]
pub struct MarketingEndedSms {
    pub brand: String,
}

impl View for MarketingEndedSms {
    const TEMPLATE: &'static str = "sms/marketing_ended/text.txt";

    fn samples() -> Vec<MarketingEndedSms> {
        vec![MarketingEndedSms { brand: "Luma Mobile".into() }]
    }
}

/// The mail of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignEmail {
    /// The subject, as the staff wrote it.
    pub headline: String,
    pub paragraphs: Vec<String>,
    pub link: Option<String>,
    /// Ends such mails for this reader.
    pub stop_url: String,
    pub account_url: String,
    /// The seller's name and address.
    pub sender: String,
}

impl EmailView for CampaignEmail {
    const TEXT: &'static str = "email/campaign/text.txt";
    const PAGE: &'static str = "email/campaign/page.html";

    fn samples() -> Vec<CampaignEmail> {
        let mail = CampaignEmail {
            headline: "20% more data until Sunday".into(),
            paragraphs: vec!["Top up £10 or more & get 20% more.".into(), "No code needed.".into()],
            link: None,
            stop_url: "https://luma.example/unsubscribe/k1.abc".into(),
            account_url: "https://luma.example/account".into(),
            sender: "Luma Mobile Ltd, 1 High Street, London".into(),
        };
        vec![CampaignEmail { link: Some("https://luma.example/promotions".into()), ..mail.clone() }, mail]
    }
}
