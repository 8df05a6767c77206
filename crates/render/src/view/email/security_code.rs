//! The mail with a one-time security code. The code is not in the subject, where a locked screen would show it.

use domain::security_code::CodePurpose;
use serde::Serialize;

use super::EmailView;

/// A one-time code for somebody who has to show that the address is theirs.
#[derive(Clone, Serialize)]
pub struct SecurityCodeEmail {
    pub digits: String,
    pub purpose: CodePurpose,
    /// How long it is valid.
    pub minutes: u16,
}

/// The code is never shown.
impl std::fmt::Debug for SecurityCodeEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecurityCodeEmail").field("minutes", &self.minutes).finish_non_exhaustive()
    }
}

impl EmailView for SecurityCodeEmail {
    const TEXT: &'static str = "email/security_code/text.txt";
    const PAGE: &'static str = "email/security_code/page.html";

    fn samples() -> Vec<SecurityCodeEmail> {
        let of = |purpose: &CodePurpose| SecurityCodeEmail {
            digits: "402718".into(),
            purpose: *purpose,
            minutes: if *purpose == CodePurpose::SignIn { 1 } else { 5 },
        };
        CodePurpose::ALL.iter().map(of).collect()
    }
}
