//! Registering in two pages: the address, and after its code everything else.

use super::countries;
use crate::problem::Problem;
use crate::view::{Country, View, sample};
use domain::account::AccountRefusal;
use domain::locale::Locale;
use domain::msisdn::NotAnMsisdn;
use serde::Serialize;

/// The first page: the address.
#[derive(Debug, Clone, Serialize)]
pub struct Register {
    /// What was typed, echoed.
    pub email: String,
    pub problem: Option<Problem>,
}

impl View for Register {
    const TEMPLATE: &'static str = "account/register.html";

    fn samples() -> Vec<Register> {
        let wrong = Problem::account(AccountRefusal::EmailInvalid, "email", sample::ZONE);
        let later = Problem::account(AccountRefusal::NotBefore(sample::AT), "email", sample::ZONE);
        let gone = Problem::account(AccountRefusal::RegistrationGone, "email", sample::ZONE);
        vec![
            Register { email: String::new(), problem: None },
            Register { email: "ana\"<b>".into(), problem: Some(wrong) },
            Register { email: "ana@example.org".into(), problem: Some(later) },
            Register { email: String::new(), problem: Some(gone) },
        ]
    }
}

/// The second page: phone, name, language, consents.
#[derive(Debug, Clone, Serialize)]
pub struct RegisterDetails {
    /// The proved address.
    pub email: String,
    pub countries: Vec<Country>,
    pub country: String,
    pub msisdn: String,
    pub name: String,
    pub locale: Locale,
    pub by_sms: bool,
    pub by_email: bool,
    /// Was it begun on another device or at another time?
    pub resumed: bool,
    pub problem: Option<Problem>,
}

impl View for RegisterDetails {
    const TEMPLATE: &'static str = "account/details.html";

    fn samples() -> Vec<RegisterDetails> {
        let clean = RegisterDetails {
            email: "ana@example.org".into(),
            countries: countries(),
            country: "CN".into(),
            msisdn: String::new(),
            name: String::new(),
            locale: Locale::ZhCn,
            by_sms: false,
            by_email: false,
            resumed: false,
            problem: None,
        };
        let refused = |refusal| RegisterDetails {
            msisdn: "138 \"<b>".into(),
            name: "Ana <i>".into(),
            by_sms: true,
            problem: Some(Problem::account(refusal, "msisdn", sample::ZONE)),
            ..clean.clone()
        };
        vec![
            clean.clone(),
            RegisterDetails { resumed: true, msisdn: sample::NUMBER.into(), by_email: true, ..clean.clone() },
            refused(AccountRefusal::NumberInvalid(NotAnMsisdn::Landline)),
            refused(AccountRefusal::NumberInvalid(NotAnMsisdn::Invalid)),
            refused(AccountRefusal::CountryNotServed),
            refused(AccountRefusal::TextsPaused),
        ]
    }
}
