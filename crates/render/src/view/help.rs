//! The help page: how to top up, what each state means for the money, what to do when something went wrong, and
//! where people answer. What the operator did not set is not shown, so that nothing is promised that is not there.

use domain::locale::Locale;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::View;

/// Where people reach the operator, as it stands in the settings.
#[derive(Debug, Clone, Default)]
pub struct Support {
    pub email: Option<String>,
    /// As people write it.
    pub phone: Option<String>,
    /// When somebody answers, in the operator's own words for each language.
    pub hours: Vec<(Locale, String)>,
}

/// The same for one reader.
#[derive(Debug, Clone, Serialize)]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The number without what only people read, for `tel:`.
    pub dial: Option<String>,
    pub hours: Option<String>,
}

impl Support {
    /// For readers of a language; `None` when nothing is set. Hours in another language are better than none.
    pub fn for_reader(&self, locale: Locale) -> Option<Contact> {
        if self.email.is_none() && self.phone.is_none() {
            return None;
        }
        let own = self.hours.iter().find(|(of, _)| *of == locale).or(self.hours.first());
        let dial = |phone: &String| phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        Some(Contact {
            email: self.email.clone(),
            dial: self.phone.as_ref().map(dial),
            phone: self.phone.clone(),
            hours: own.map(|(_, hours)| hours.clone()),
        })
    }
}

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct Help {
    pub states: &'static [TopUpState],
    /// After so many minutes without an answer people look at an order.
    pub minutes: i64,
    /// Are text messages sent?
    pub sms: bool,
    pub contact: Option<Contact>,
}

impl View for Help {
    const TEMPLATE: &'static str = "portal/help.html";

    fn samples() -> Vec<Help> {
        let support = Support {
            email: Some("help@example.com".into()),
            phone: Some("+44 20 7946 0000".into()),
            hours: vec![(Locale::En, "every day, 9:00 to 18:00 <London>".into())],
        };
        let full = Help {
            states: TopUpState::ALL,
            minutes: 15,
            sms: true,
            contact: support.for_reader(Locale::En),
        };
        let only_mail = Support { phone: None, hours: Vec::new(), ..support }.for_reader(Locale::En);
        vec![
            full.clone(),
            Help { contact: only_mail, minutes: 1, ..full.clone() },
            Help { sms: false, contact: None, ..full },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_come_in_the_readers_language_or_in_the_first_one() {
        let hours = vec![(Locale::En, "by day".to_owned())];
        let support = Support { phone: Some("+44 (20) 7946-0000".into()), hours, ..Support::default() };
        let contact = support.for_reader(Locale::ZhCn).unwrap();
        assert_eq!(contact.hours.as_deref(), Some("by day"));
        assert_eq!(contact.dial.as_deref(), Some("+442079460000"));
        assert!(Support::default().for_reader(Locale::En).is_none());
    }
}
