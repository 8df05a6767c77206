//! The page that tells what is genuine: our addresses, our senders, and how to check a receipt. All of it comes from
//! the settings; what is not set has no line.

use serde::Serialize;

use super::View;

/// What the operator says is genuine.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Official {
    /// Addresses of our own sites.
    pub sites: Vec<String>,
    /// As whom text messages come.
    pub sms_senders: Vec<String>,
    /// What stands after the `@` of our e-mail.
    pub mail_domain: Option<String>,
    /// What a bank statement says.
    pub card_statement: Option<String>,
    /// Groups and channels of ours.
    pub community: Vec<Community>,
}

/// A group or channel elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Community {
    /// Where it is, for example the name of an app.
    pub place: String,
    /// Its address, or its name there.
    pub name: String,
    /// Is the name an address that a browser opens?
    pub link: bool,
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct Verify {
    pub official: Official,
    /// Where payment pages are.
    pub payment_pages: Vec<String>,
    /// Is there somebody to ask on the help page?
    pub contact: bool,
}

impl View for Verify {
    const TEMPLATE: &'static str = "portal/verify.html";

    fn samples() -> Vec<Verify> {
        let community = |place: &str, name: &str, link| Community {
            place: place.into(),
            name: name.into(),
            link,
        };
        let official = Official {
            sites: vec!["https://topup.example.com".into(), "https://www.example.com".into()],
            sms_senders: vec!["Luma".into(), "+447400000000".into()],
            mail_domain: Some("example.com".into()),
            card_statement: Some("LUMA MOBILE".into()),
            community: vec![
                community("WeChat", "Luma \"Mobile\" <i>", false),
                community("Telegram", "https://t.me/example", true),
            ],
        };
        let bare = Official { sites: vec!["https://topup.example.com".into()], ..Official::default() };
        vec![
            Verify { official, payment_pages: vec!["https://pay.example".into()], contact: true },
            Verify { official: bare, payment_pages: Vec::new(), contact: false },
        ]
    }
}
