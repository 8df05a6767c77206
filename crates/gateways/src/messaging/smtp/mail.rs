//! An [`Email`] as the octets of a MIME message (RFC 5322, RFC 2045): text and HTML as alternatives, our id as
//! `Message-ID`. Start reading at [`Sender::compose`].

use super::super::Email;
use super::{SmtpConfig, SmtpConfigError};
use lettre::Address;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use std::error::Error;
use std::time::{Duration, SystemTime};

/// A mail ready for the wire.
pub(super) struct Ready {
    pub from: Address,
    pub to: Address,
    pub octets: Vec<u8>,
}

impl Ready {
    /// Does it need a server that takes UTF-8 in addresses (RFC 6531)?
    pub fn needs_utf8(&self) -> bool {
        !self.to.user().is_ascii()
    }
}

/// Who mails come from.
pub(super) struct Sender {
    mailbox: Mailbox,
}

impl Sender {
    pub fn of(config: &SmtpConfig) -> Result<Sender, SmtpConfigError> {
        let address = address(&config.from_address)
            .filter(|address| address.user().is_ascii())
            .ok_or(SmtpConfigError::FromAddress)?;
        let name = one_line(&config.from_name);
        Ok(Sender { mailbox: Mailbox::new((!name.is_empty()).then_some(name), address) })
    }

    /// The message, or the word for why it can never be sent.
    pub fn compose(&self, email: &Email) -> Result<Ready, &'static str> {
        let to = address(&email.to).ok_or("bad_address")?;
        let mut message = Message::builder()
            .from(self.mailbox.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&email.subject))
            .date(written(email))
            .message_id(Some(self.message_id(email)?))
            // Holiday notes and the like must not answer it (RFC 3834, section 5).
            .header(Fixed::<AutoSubmitted>::with("auto-generated".into()));
        if let Some(url) = &email.unsubscribe {
            let url = unsubscribe_url(url).ok_or("bad_unsubscribe")?;
            // One-click unsubscription (RFC 8058, section 3.1).
            message = message.header(Fixed::<ListUnsubscribe>::with(format!("<{url}>"))).header(Fixed::<
                ListUnsubscribePost,
            >::with(
                "List-Unsubscribe=One-Click".into(),
            ));
        }
        let parts = MultiPart::alternative_plain_html(email.text.clone(), email.html.clone());
        let message = message.multipart(parts).map_err(|_| "cannot_be_composed")?;
        Ok(Ready { from: self.mailbox.email.clone(), to, octets: message.formatted() })
    }

    /// `<id@our-domain>` (RFC 5322, section 3.6.4).
    fn message_id(&self, email: &Email) -> Result<String, &'static str> {
        let id = email.id.as_str();
        let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if plain { Ok(format!("<{id}@{}>", self.mailbox.email.domain())) } else { Err("bad_id") }
    }
}

/// The address with its domain in ASCII (RFC 5890), so that only the name before the @ can need SMTPUTF8.
fn address(text: &str) -> Option<Address> {
    let (name, domain) = text.rsplit_once('@')?;
    let url::Host::Domain(domain) = url::Host::parse(domain).ok()? else { return None };
    if text.len() > 254 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    Address::new(name, domain).ok()
}

/// Header text on one line: a line break in it would start a header of its own. What looks like an encoded
/// word (RFC 2047) is parted, because readers would decode it.
fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().replace("=?", "= ?")
}

fn written(email: &Email) -> SystemTime {
    let ms = u64::try_from(email.at.0).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
}

fn unsubscribe_url(url: &str) -> Option<url::Url> {
    let ours = |url: &url::Url| {
        // A demo on this machine has no certificate.
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        (url.scheme() == "https" || url.scheme() == "http" && here) && url.as_str().len() <= 900
    };
    url::Url::parse(url).ok().filter(ours)
}

/// A header whose value is plain ASCII and must not be folded or encoded.
#[derive(Clone)]
struct Fixed<N> {
    value: String,
    name: std::marker::PhantomData<N>,
}

/// The name of a [`Fixed`] header.
trait Named: Clone {
    const NAME: HeaderName;
}

macro_rules! named {
    ($($type:ident = $name:literal;)*) => {
        $(#[derive(Clone)]
        struct $type;
        impl Named for $type {
            const NAME: HeaderName = HeaderName::new_from_ascii_str($name);
        })*
    };
}

named! {
    AutoSubmitted = "Auto-Submitted";
    ListUnsubscribe = "List-Unsubscribe";
    ListUnsubscribePost = "List-Unsubscribe-Post";
}

impl<N: Named> Fixed<N> {
    fn with(value: String) -> Fixed<N> {
        Fixed { value, name: std::marker::PhantomData }
    }
}

impl<N: Named> Header for Fixed<N> {
    fn name() -> HeaderName {
        N::NAME
    }

    fn parse(value: &str) -> Result<Fixed<N>, Box<dyn Error + Send + Sync>> {
        Ok(Fixed::with(value.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::dangerous_new_pre_encoded(N::NAME, self.value.clone(), self.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use domain::id::MessageId;
    use domain::time::UnixMs;

    fn sender() -> Sender {
        let mut config = SmtpConfig::new("localhost", "receipts@luma.example", "路马移动 Luma");
        config.login = Some(("luma".into(), Secret::new("secret")));
        Sender::of(&config).unwrap()
    }

    fn email() -> Email {
        Email {
            id: MessageId::stored("msg_01JD9Z3K7Q"),
            to: "anna@example.org".into(),
            subject: "充值成功：£11.00已到账".into(),
            text: "Credited.\n.\n..\n".into(),
            html: "<p>充值成功</p>".into(),
            at: UnixMs(1_795_364_100_000),
            unsubscribe: None,
        }
    }

    fn composed(email: &Email) -> Ready {
        sender().compose(email).unwrap_or_else(|code| panic!("{code}"))
    }

    fn written(email: &Email) -> String {
        String::from_utf8(composed(email).octets).unwrap()
    }

    #[test]
    fn the_message_id_is_ours_and_the_date_is_when_it_was_written() {
        let message = written(&email());
        for line in [
            "Message-ID: <msg_01JD9Z3K7Q@luma.example>\r\n",
            "Date: Sun, 22 Nov 2026 16:15:00 +0000\r\n",
            "To: anna@example.org\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert!(message.contains(line), "{line} in {message}");
        }
        assert!(message.is_ascii() && message.lines().all(|line| line.len() <= 78), "{message}");
        assert!(!message.contains("List-Unsubscribe"));
    }

    #[test]
    fn a_line_break_in_a_subject_starts_no_header_and_nothing_is_taken_for_encoded() {
        let message = written(&Email { subject: "Hello\r\nBcc: eve@example.org".into(), ..email() });
        assert!(message.contains("Subject: Hello  Bcc: eve@example.org\r\n"), "{message}");
        let message = written(&Email { subject: "=?utf-8?B?aGk=?=".into(), ..email() });
        assert!(message.contains("Subject: = ?utf-8?B?aGk= ?=\r\n"), "{message}");
    }

    #[test]
    fn mails_that_can_be_ended_say_where() {
        let url =
            "https://luma.example/stop?token=abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";
        let message = written(&Email { unsubscribe: Some(url.into()), ..email() });
        assert!(message.contains(&format!("List-Unsubscribe: <{url}>\r\n")), "{message}");
        assert!(message.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
        let unsafe_url = Email { unsubscribe: Some("http://luma.example/stop".into()), ..email() };
        assert_eq!(sender().compose(&unsafe_url).err(), Some("bad_unsubscribe"));
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_foreign_domain_becomes_ascii() {
        for to in
            ["", "anna", "anna@", "@example.org", "a b@example.org", "anna@example.org\r\nX: y", "a@[::1]"]
        {
            assert_eq!(
                sender().compose(&Email { to: to.into(), ..email() }).err(),
                Some("bad_address"),
                "{to:?}"
            );
        }
        let foreign = composed(&Email { to: "anna@bücher.example".into(), ..email() });
        assert_eq!(foreign.to.to_string(), "anna@xn--bcher-kva.example");
        assert!(!foreign.needs_utf8());
        let named = composed(&Email { to: "安娜@example.org".into(), ..email() });
        assert!(named.needs_utf8());
    }
}
