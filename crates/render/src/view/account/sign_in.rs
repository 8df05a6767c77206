//! Signing in: a number or an address, no password.

use crate::problem::Problem;
use crate::view::View;
use domain::account::AccountRefusal;
use serde::Serialize;

/// What happened before the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInNote {
    SignedOut,
    /// On every device.
    SignedOutEverywhere,
    Erased,
}

/// The sign-in form.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// What was typed, echoed after a problem or to be corrected.
    pub contact: String,
    /// Where to go afterwards.
    pub next: String,
    pub note: Option<SignInNote>,
    pub problem: Option<Problem>,
}

impl View for SignIn {
    const TEMPLATE: &'static str = "account/sign_in.html";

    fn samples() -> Vec<SignIn> {
        let clean = SignIn { contact: String::new(), next: "/me".into(), note: None, problem: None };
        let refused = |refusal| SignIn {
            contact: "07400 \"<b>".into(),
            problem: Some(Problem::account(refusal, "contact", "Europe/London")),
            ..clean.clone()
        };
        vec![
            clean.clone(),
            SignIn { note: Some(SignInNote::SignedOut), ..clean.clone() },
            SignIn { note: Some(SignInNote::SignedOutEverywhere), ..clean.clone() },
            SignIn { note: Some(SignInNote::Erased), ..clean.clone() },
            refused(AccountRefusal::ContactUnreadable),
            refused(AccountRefusal::TextsPaused),
        ]
    }
}
