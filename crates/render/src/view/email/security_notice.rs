//! The mail about the safety of an account: what happened, when, and what to do if it was somebody else.

use domain::account::SecurityNoticeKind;
use domain::time::UnixMs;
use serde::Serialize;

use super::EmailView;
use crate::view::sample;

/// Something happened to an account.
#[derive(Debug, Clone, Serialize)]
pub struct SecurityNoticeEmail {
    pub kind: SecurityNoticeKind,
    /// The device, or what may be shown of the new contact; may be empty.
    pub detail: String,
    pub at: UnixMs,
    pub zone: String,
    pub sign_in_url: String,
    pub account_url: String,
}

impl EmailView for SecurityNoticeEmail {
    const TEXT: &'static str = "email/security_notice/text.txt";
    const PAGE: &'static str = "email/security_notice/page.html";

    fn samples() -> Vec<SecurityNoticeEmail> {
        let of = |kind, detail: &str| SecurityNoticeEmail {
            kind,
            detail: detail.into(),
            at: sample::AT,
            zone: sample::ZONE.into(),
            sign_in_url: "https://luma.example/sign-in".into(),
            account_url: "https://luma.example/account".into(),
        };
        vec![
            of(SecurityNoticeKind::SignedIn, "Chrome, Android"),
            of(SecurityNoticeKind::SignedIn, ""),
            of(SecurityNoticeKind::ContactChanged, "••• 3456"),
            of(SecurityNoticeKind::AddressInUse, ""),
            of(SecurityNoticeKind::Erased, ""),
        ]
    }
}
