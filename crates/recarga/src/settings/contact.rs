//! What people are told about the operator: whom to ask (`[support]`), and what is genuine (`[official]`).
//! The portal's own address and the sender of its text messages are facts: they are told whether or not they are
//! set here, so that /verify never denies the page it stands on.

use super::Settings;
use super::check::{Checked, plain_url};
use domain::locale::Locale;
use render::view::{Community, Official, Support};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Whom people ask. What is not set is not shown.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupportSettings {
    pub email: Option<String>,
    /// As people write it.
    pub phone: Option<String>,
    /// When somebody answers, by language.
    pub hours: BTreeMap<String, String>,
    /// Until when a customer who writes to support on the portal is answered.
    pub answer_within_hours: i64,
}

impl Default for SupportSettings {
    fn default() -> SupportSettings {
        SupportSettings { email: None, phone: None, hours: BTreeMap::new(), answer_within_hours: 24 }
    }
}

/// What is genuine. What is not set is not shown.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfficialSettings {
    /// Other sites of the operator.
    #[serde(deserialize_with = "list")]
    pub sites: Vec<String>,
    /// Other senders of text messages.
    #[serde(deserialize_with = "list")]
    pub sms_senders: Vec<String>,
    /// What stands after the `@` of the operator's e-mail.
    pub mail_domain: Option<String>,
    /// What a bank statement says.
    pub card_statement: Option<String>,
    /// `PLACE: NAME`, where the name may be an address.
    #[serde(deserialize_with = "list")]
    pub community: Vec<String>,
}

/// Reads a list, or what the environment has: values with commas between them.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct List;
    impl<'de> de::Visitor<'de> for List {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of texts")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(text.split(',').map(|one| one.trim().to_owned()).collect())
        }
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = list.next_element::<String>()? {
                all.push(one);
            }
            Ok(all)
        }
    }
    deserializer.deserialize_any(List)
}

impl SupportSettings {
    pub fn check(&self) -> Checked {
        let is_address =
            |text: &str| text.split('@').filter(|part| !part.is_empty()).count() == 2 && !blank(text);
        if let Some(email) = self.email.as_deref().filter(|email| !is_address(email)) {
            return Err(format!("support.email: {email:?} is not NAME@HOST"));
        }
        if let Some(phone) = &self.phone {
            let digits = phone.chars().filter(char::is_ascii_digit).count();
            if digits < 3 || !phone.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c)) {
                return Err(format!("support.phone: {phone:?} is not a number as people dial it"));
            }
        }
        for (language, hours) in &self.hours {
            if Locale::parse(language).is_none() {
                return Err(format!("support.hours: {language:?} is no language that we speak"));
            }
            filled("support.hours", hours)?;
        }
        if !(1..=240).contains(&self.answer_within_hours) {
            return Err("support.answer_within_hours: is between 1 and 240".into());
        }
        if !self.hours.is_empty() && self.email.is_none() && self.phone.is_none() {
            return Err("support.hours: say whom to ask as well, with support.email or support.phone".into());
        }
        Ok(())
    }
}

impl OfficialSettings {
    pub fn check(&self) -> Checked {
        for site in &self.sites {
            plain_url("official.sites", site)?;
        }
        for sender in &self.sms_senders {
            filled("official.sms_senders", sender)?;
        }
        if let Some(domain) = &self.mail_domain {
            let is_host = domain.contains('.')
                && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
            if !is_host {
                return Err(format!("official.mail_domain: {domain:?} is not what stands after an @"));
            }
        }
        if let Some(text) = &self.card_statement {
            filled("official.card_statement", text)?;
        }
        self.communities().map(|_| ())
    }

    fn communities(&self) -> Checked<Vec<Community>> {
        let read = |text: &String| {
            let (place, name) = text
                .split_once(':')
                .map(|(place, name)| (place.trim(), name.trim()))
                .filter(|(place, name)| !place.is_empty() && !name.is_empty() && !name.starts_with("//"))
                .ok_or_else(|| format!("official.community: {text:?} is not \"PLACE: NAME\""))?;
            let link = name.starts_with("https://");
            if link {
                url::Url::parse(name).map_err(|e| format!("official.community: {name:?}: {e}"))?;
            }
            Ok(Community { place: place.to_owned(), name: name.to_owned(), link })
        };
        self.community.iter().map(read).collect()
    }
}

impl Settings {
    /// Whom people ask, for the pages.
    pub fn support(&self) -> Support {
        let hours = Locale::ALL.iter().filter_map(|locale| {
            self.support.hours.get(locale.as_str()).map(|hours| (*locale, hours.trim().to_owned()))
        });
        let (email, phone) = (self.support.email.clone(), self.support.phone.clone());
        Support { email, phone, hours: hours.collect() }
    }

    /// What is genuine, for the pages: our own facts first.
    pub fn official(&self) -> Checked<Official> {
        let own = self.sms.smpp.as_ref().map(|smpp| smpp.source.clone());
        let own_mail = || self.mail.as_ref().and_then(|mail| mail.domain()).map(str::to_owned);
        let sites = self.official.sites.iter().map(|site| site.trim_end_matches('/').to_owned());
        Ok(Official {
            sites: each_once(std::iter::once(self.server.public_url()).chain(sites)),
            sms_senders: each_once(own.into_iter().chain(self.official.sms_senders.iter().cloned())),
            mail_domain: self.official.mail_domain.clone().or_else(own_mail),
            card_statement: self.official.card_statement.clone(),
            community: self.official.communities()?,
        })
    }
}

fn each_once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

fn blank(text: &str) -> bool {
    text.chars().any(char::is_whitespace) || text.is_empty()
}

fn filled(key: &str, text: &str) -> Checked {
    if text.trim().is_empty() { Err(format!("{key}: is empty")) } else { Ok(()) }
}
