//! Accounts: who a subscriber is, how they are reached, and the words for their devices.
//!
//! A subscriber signs in by a contact, never by a line: a travel SIM may be in another pocket, or in another hand.
//! Start reading at [`ContactKind`]; what stands sealed and what may be shown is decided in `flows::account`.

use crate::msisdn::NotAnMsisdn;
use crate::notice::NoticeChannel;
use crate::states;
use crate::time::UnixMs;

states! {
    /// Where an account stands.
    SubscriberState {
        Active = "active",
        /// Its owner had it erased: nothing personal is left.
        Erased = "erased",
    }
}

states! {
    /// How a subscriber is reached.
    ContactKind {
        Email = "email",
        Phone = "phone",
    }
}

impl ContactKind {
    /// How a message travels to such a contact.
    pub fn channel(self) -> NoticeChannel {
        match self {
            ContactKind::Email => NoticeChannel::Email,
            ContactKind::Phone => NoticeChannel::Sms,
        }
    }

    /// The other way to reach the same person.
    pub fn other(self) -> ContactKind {
        match self {
            ContactKind::Email => ContactKind::Phone,
            ContactKind::Phone => ContactKind::Email,
        }
    }
}

states! {
    /// What a subscriber can agree to.
    ConsentTopic {
        /// Promotions and news. Messages about orders and safety need no consent.
        Marketing = "marketing",
    }
}

states! {
    /// What was said about a consent last.
    ConsentState {
        Given = "given",
        Withdrawn = "withdrawn",
    }
}

states! {
    /// Where a consent was given or withdrawn.
    ConsentSource {
        /// In the form that made the account.
        Registration = "registration",
        /// On the account's own page.
        Account = "account",
        /// By answering a text message with a word such as STOP.
        Reply = "reply",
        /// By the button or the link of a mail.
        Mail = "mail",
    }
}

states! {
    /// What a subscriber is told about the safety of the account.
    SecurityNoticeKind {
        /// A device that was not known signed in.
        SignedIn = "signed_in",
        /// A contact was changed; the old one is told too.
        ContactChanged = "contact_changed",
        /// Somebody tried to register with an address that has an account.
        AddressInUse = "address_in_use",
        /// The account was erased.
        Erased = "erased",
    }
}

/// Why something about an account was not done. Nothing changed when one of these is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRefusal {
    /// Neither a phone number nor an e-mail address.
    ContactUnreadable,
    EmailInvalid,
    NumberInvalid(NotAnMsisdn),
    /// No codes are sent to numbers of this country.
    CountryNotServed,
    /// It proved to be somebody else's contact.
    ContactTaken,
    /// It is the contact already.
    ContactSame,
    /// No line of ours has the number.
    LineUnknown,
    /// As many lines as an account may have.
    LinesFull,
    /// No codes are sent by text message now; e-mail works.
    TextsPaused,
    /// No codes are sent by e-mail now.
    MailPaused,
    /// Too many codes, or one too soon: not before this time.
    NotBefore(UnixMs),
    /// Not six digits.
    CodeUnreadable,
    /// So many tries are left.
    CodeWrong {
        left: i64,
    },
    /// Used, lapsed, or a code for something else.
    CodeOver,
    /// Too many wrong tries: not before this time.
    CodeLocked(UnixMs),
    /// No accounts are made now.
    RegistrationPaused,
    /// The registration lapsed, or is done.
    RegistrationGone,
    /// An order still waits for an answer: the account cannot be erased before.
    OrderWaiting,
    /// Money of one of its orders is still going back.
    RefundWaiting,
    /// A question to support is still open.
    CaseOpen,
    /// A fresh code is needed first.
    ProofNeeded,
}

/// A phone number from which nobody learns more than its end.
pub fn masked_number(digits: &str) -> String {
    format!("••• {}", &digits[digits.len().saturating_sub(4)..])
}

/// An address that its owner recognises and from which nobody else learns it: `a•••@example.com`.
pub fn masked_email(address: &str) -> String {
    let (name, host) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{host}")
}

/// An e-mail address as it is compared: people write the same one in several cases.
pub fn normal_email(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The address under which orders are counted, so that one mailbox is one however it is written: without case, without
/// what follows a plus, and without dots where Google reads none. For counting only: mail goes to what was typed.
pub fn counted_email(address: &str) -> String {
    let address = normal_email(address);
    let Some((name, host)) = address.rsplit_once('@') else { return address };
    let name = name.split_once('+').map_or(name, |(name, _)| name);
    match host {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", name.replace('.', "")),
        _ => format!("{name}@{host}"),
    }
}

/// A device in a few words, from what its browser calls itself: `Chrome, Android`. Names only, no versions.
pub fn device_words(user_agent: &str) -> String {
    // The order matters: most browsers also call themselves by the names that come later.
    const BROWSERS: [(&str, &str); 9] = [
        ("MicroMessenger/", "WeChat"),
        ("EdgA/", "Edge"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let words: Vec<&str> = [named(&BROWSERS), named(&SYSTEMS)].into_iter().flatten().collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_its_browser_and_system() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0.50",
                "WeChat, Android",
            ),
            ("curl/8.5", ""),
            ("<script>", ""),
        ] {
            assert_eq!(device_words(agent), words);
        }
    }

    #[test]
    fn what_is_masked_shows_its_end_or_its_first_letter_and_no_more() {
        assert_eq!(masked_number("447400123456"), "••• 3456");
        assert_eq!(masked_email("ana@example.org"), "a•••@example.org");
        assert_eq!(masked_email("\"a@b\"@example.org"), "\"•••@example.org");
        assert_eq!(masked_email("安娜@example.org"), "安•••@example.org");
    }

    #[test]
    fn an_address_is_the_same_in_any_case() {
        assert_eq!(normal_email(" Ana@Example.ORG "), "ana@example.org");
    }

    #[test]
    fn one_mailbox_is_counted_as_one_however_it_is_written() {
        assert_eq!(counted_email("Ana+shop@Example.org"), "ana@example.org");
        assert_eq!(counted_email("a.n.a+1@googlemail.com"), "ana@gmail.com");
        assert_eq!(counted_email("a.na@example.org"), "a.na@example.org", "dots differ elsewhere");
        assert_ne!(counted_email("ana@example.org"), counted_email("ana@example.com"));
    }
}
