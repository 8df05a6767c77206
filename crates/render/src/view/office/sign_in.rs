//! The doors of the office: sign-in, the first sign-in, and the words for whoever may not see a page.

use super::OfficeFrame;
use crate::view::{ErrorKind, View, sample};
use domain::time::UnixMs;
use serde::Serialize;

/// What is wrong with a form of the office. The words are `office-problem-<code>`.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeProblem {
    pub code: &'static str,
    /// The id of the field that the summary leads to.
    pub field: Option<&'static str>,
    /// Until when nothing more is accepted, and in which time zone to say so.
    pub until: Option<(UnixMs, String)>,
}

impl OfficeProblem {
    pub fn at(code: &'static str, field: &'static str) -> OfficeProblem {
        OfficeProblem { code, field: Some(field), until: None }
    }

    pub fn of(code: &'static str) -> OfficeProblem {
        OfficeProblem { code, field: None, until: None }
    }

    /// Too many tries.
    pub fn locked(until: UnixMs, zone: String) -> OfficeProblem {
        OfficeProblem { code: "locked", field: None, until: Some((until, zone)) }
    }
}

/// Login, passphrase and code.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeSignIn {
    pub office: OfficeFrame,
    pub login: String,
    /// Where to go afterwards.
    pub next: String,
    /// The session ended by itself.
    pub lapsed: bool,
    pub problem: Option<OfficeProblem>,
}

/// Asks for the one-time token.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeJoin {
    pub office: OfficeFrame,
    pub problem: Option<OfficeProblem>,
}

/// Sets passphrase and second factor.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeSetUp {
    pub office: OfficeFrame,
    pub name: String,
    pub login: String,
    /// Base 32, in groups of four.
    pub secret: String,
    /// The same as a QR code: one path, and how many modules it is wide.
    pub qr: String,
    pub qr_size: usize,
    pub problem: Option<OfficeProblem>,
}

/// A page that is for supervisors.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeForbidden {
    pub office: OfficeFrame,
}

impl View for OfficeSignIn {
    const TEMPLATE: &'static str = "office/sign_in.html";

    fn samples() -> Vec<OfficeSignIn> {
        let plain = OfficeSignIn {
            office: OfficeFrame::bare(),
            login: String::new(),
            next: "/office".into(),
            lapsed: false,
            problem: None,
        };
        let wrong = OfficeProblem::at("sign_in_wrong", "login");
        let locked = OfficeProblem::locked(sample::AT, sample::ZONE.into());
        vec![
            OfficeSignIn { lapsed: true, ..plain.clone() },
            OfficeSignIn { login: "ana".into(), problem: Some(wrong), ..plain.clone() },
            OfficeSignIn { login: "ana".into(), problem: Some(locked), ..plain.clone() },
            plain,
        ]
    }
}

impl View for OfficeJoin {
    const TEMPLATE: &'static str = "office/join.html";

    fn samples() -> Vec<OfficeJoin> {
        let problems = [None, Some(OfficeProblem::at("token_wrong", "token"))];
        problems.map(|problem| OfficeJoin { office: OfficeFrame::bare(), problem }).into()
    }
}

impl View for OfficeSetUp {
    const TEMPLATE: &'static str = "office/set_up.html";

    fn samples() -> Vec<OfficeSetUp> {
        let problems = [
            None,
            Some(OfficeProblem::at("passphrase_unfit", "passphrase")),
            Some(OfficeProblem::at("passphrases_differ", "again")),
            Some(OfficeProblem::at("code_wrong", "code")),
        ];
        let of = |problem| OfficeSetUp {
            office: OfficeFrame::bare(),
            name: "Ana Reyes".into(),
            login: "ana".into(),
            secret: "JBSW Y3DP EHPK 3PXP".into(),
            qr: "M4 4h1v1h-1z".into(),
            qr_size: 41,
            problem,
        };
        problems.map(of).into()
    }
}

/// Something went wrong inside the office. `office` names nobody where it is not known who reads.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeError {
    pub office: OfficeFrame,
    pub kind: ErrorKind,
}

impl View for OfficeError {
    const TEMPLATE: &'static str = "office/error.html";

    fn samples() -> Vec<OfficeError> {
        let frames = [OfficeFrame::sample(), OfficeFrame::bare()];
        let of = |kind: &ErrorKind| frames.clone().map(|office| OfficeError { office, kind: *kind });
        ErrorKind::ALL.iter().flat_map(of).collect()
    }
}

impl View for OfficeForbidden {
    const TEMPLATE: &'static str = "office/forbidden.html";

    fn samples() -> Vec<OfficeForbidden> {
        vec![OfficeForbidden { office: OfficeFrame::sample() }]
    }
}
