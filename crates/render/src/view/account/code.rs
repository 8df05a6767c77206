//! The page on which a security code is entered, the same for everything that a code is for.

use crate::problem::Problem;
use crate::view::{View, sample};
use domain::account::AccountRefusal;
use domain::notice::NoticeChannel;
use domain::security_code::CodePurpose;
use domain::time::UnixMs;
use serde::Serialize;

/// When another code can be sent.
#[derive(Debug, Clone, Serialize)]
pub struct Resend {
    pub at: UnixMs,
    /// From now.
    pub seconds: i64,
}

/// The code form.
#[derive(Debug, Clone, Serialize)]
pub struct CodeEntry {
    pub purpose: CodePurpose,
    pub channel: NoticeChannel,
    /// What may be shown of where the code went; empty where that is not known to the reader.
    pub shown: String,
    pub expires_at: UnixMs,
    pub zone: String,
    /// `None` when one can be sent at once.
    pub resend: Option<Resend>,
    /// Can the code go to the account's other contact?
    pub other: bool,
    /// Where a wrong number or address is corrected.
    pub edit_url: String,
    pub problem: Option<Problem>,
}

impl View for CodeEntry {
    const TEMPLATE: &'static str = "account/code.html";

    fn samples() -> Vec<CodeEntry> {
        let of = |purpose: CodePurpose, channel: NoticeChannel, shown: &str| CodeEntry {
            purpose,
            channel,
            shown: shown.into(),
            expires_at: sample::AT,
            zone: sample::ZONE.into(),
            resend: Some(Resend { at: sample::AT, seconds: 30 }),
            other: purpose == CodePurpose::SignIn,
            edit_url: "/sign-in".into(),
            problem: None,
        };
        let refused = |refusal| CodeEntry {
            problem: Some(Problem::account(refusal, "code", sample::ZONE)),
            resend: None,
            ..of(CodePurpose::SignIn, NoticeChannel::Sms, "••• 3456")
        };
        let mut all: Vec<CodeEntry> = CodePurpose::ALL
            .iter()
            .map(|purpose| match purpose {
                CodePurpose::SignIn
                | CodePurpose::RegisterPhone
                | CodePurpose::AddLine
                | CodePurpose::ShowBalance => of(*purpose, NoticeChannel::Sms, "••• 3456"),
                CodePurpose::RegisterEmail | CodePurpose::Confirm | CodePurpose::ChangeContact => {
                    of(*purpose, NoticeChannel::Email, "a•••@example.org")
                }
            })
            .collect();
        all.extend([
            of(CodePurpose::SignIn, NoticeChannel::Email, ""),
            of(CodePurpose::SignIn, NoticeChannel::Sms, ""),
            of(CodePurpose::SignIn, NoticeChannel::Email, "a•••@example.org"),
            of(CodePurpose::Confirm, NoticeChannel::Sms, "••• 3456"),
            of(CodePurpose::ChangeContact, NoticeChannel::Sms, "••• 3456"),
            refused(AccountRefusal::CodeWrong { left: 4 }),
            refused(AccountRefusal::CodeWrong { left: 1 }),
            refused(AccountRefusal::CodeUnreadable),
            refused(AccountRefusal::CodeOver),
            refused(AccountRefusal::CodeLocked(sample::AT)),
            refused(AccountRefusal::NotBefore(sample::AT)),
            refused(AccountRefusal::ContactTaken),
        ]);
        all
    }
}
