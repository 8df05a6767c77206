//! One conversation with a mail server (RFC 5321): opening it, the envelope, the content, and what each answer
//! means. Until the content begins nothing can have been taken; afterwards only an answer tells.

use super::super::EmailOutcome;
use super::mail::Ready;
use super::{Security, SmtpConfig};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

/// Why an envelope was not taken.
pub(super) enum Stopped {
    /// The server answered, and the connection can be used again.
    Answered(EmailOutcome),
    /// No answer, or one after which nothing more can be said.
    Lost(String),
}

/// Connects, encrypts where wanted, and logs in; an error says why in words for the log.
pub(super) async fn open(
    config: &SmtpConfig,
    tls: Option<&TlsParameters>,
) -> Result<AsyncSmtpConnection, String> {
    let hello = ClientId::Domain(config.hello_name.clone());
    let at_once = tls.filter(|_| config.security == Security::Implicit).cloned();
    let server = (config.host.as_str(), config.port);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(server, Some(config.answer_within), &hello, at_once, None)
            .await
            .map_err(|e| format!("cannot connect: {}", said(&e)))?;
    if let Some(tls) = tls.filter(|_| config.security == Security::StartTls) {
        // A server that does not offer it is an error: nothing is sent in the clear instead.
        connection.starttls(tls.clone(), &hello).await.map_err(|e| format!("no STARTTLS: {}", said(&e)))?;
    }
    if let Some((user, password)) = &config.login {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection
            .auth(&mechanisms, &credentials)
            .await
            .map_err(|e| format!("cannot log in: {}", said(&e)))?;
    }
    Ok(connection)
}

/// Sender and recipient, up to the server's invitation to send the content.
pub(super) async fn envelope(connection: &mut AsyncSmtpConnection, mail: &Ready) -> Result<(), Stopped> {
    let server = connection.server_info();
    let mut options = Vec::new();
    if mail.needs_utf8() {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(Stopped::Answered(EmailOutcome::Refused { code: "no_smtputf8".to_owned() }));
        }
        options.push(MailParameter::SmtpUtfEight);
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    if let Err(e) = connection.command(Mail::new(Some(mail.from.clone()), options)).await {
        return Err(stopped(&e, Step::Sender));
    }
    if let Err(e) = connection.command(Rcpt::new(mail.to.clone(), Vec::new())).await {
        return Err(stopped(&e, Step::Recipient));
    }
    match connection.command(Data).await {
        Ok(response) if response.has_code(354) => Ok(()),
        Ok(_) => Err(Stopped::Lost("an answer to DATA that we do not know".to_owned())),
        Err(e) => Err(stopped(&e, Step::Content)),
    }
}

/// The content and the one answer that counts.
pub(super) async fn content(connection: &mut AsyncSmtpConnection, mail: &Ready) -> EmailOutcome {
    match connection.message(&mail.octets).await {
        Ok(response) if response.has_code(250) => EmailOutcome::Accepted { reference: reference(&response) },
        Ok(_) => EmailOutcome::Unknown { why: "an answer to the content that we do not know".to_owned() },
        Err(e) => match stopped(&e, Step::Content) {
            Stopped::Answered(outcome) => outcome,
            Stopped::Lost(why) if e.status().is_some() => EmailOutcome::TryLater { why },
            Stopped::Lost(why) => EmailOutcome::Unknown { why },
        },
    }
}

/// Forgets a begun envelope, so that the connection is as new; false when it is lost.
pub(super) async fn forget(connection: &mut AsyncSmtpConnection) -> bool {
    connection.command(Rset).await.is_ok()
}

/// What the server was answering.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Sender,
    Recipient,
    Content,
}

fn stopped(error: &Error, step: Step) -> Stopped {
    let Some(code) = error.status() else { return Stopped::Lost(said(error)) };
    let code = u16::from(code);
    match code {
        // The server is closing (RFC 5321, section 3.8).
        421 => Stopped::Lost(said(error)),
        // Our account, not this mail: somebody mends the settings (RFC 4954, section 6).
        530 | 534 | 535 | 538 => Stopped::Answered(EmailOutcome::TryLater { why: said(error) }),
        // A refusal of the sender is about us too, except that the mail is too large (RFC 1870, section 6.1).
        500..=599 if step != Step::Sender || code == 552 => {
            Stopped::Answered(EmailOutcome::Refused { code: said(error) })
        }
        _ => Stopped::Answered(EmailOutcome::TryLater { why: said(error) }),
    }
}

/// Reply code and enhanced status (RFC 3463), or what kind of trouble it was. The server's prose is left out:
/// it likes to repeat the address.
fn said(error: &Error) -> String {
    let prose = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let Some(code) = error.status() else {
        // An answer that cannot be read is prose as well; an empty one is a closed connection.
        return if error.is_response() { "no answer, or none that we understand".to_owned() } else { prose };
    };
    match prose.split_whitespace().next().filter(|word| is_enhanced(word)) {
        Some(enhanced) => format!("{code} {enhanced}"),
        None => code.to_string(),
    }
}

fn is_enhanced(word: &str) -> bool {
    let digits = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = word.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| digits(part))
}

/// What the server calls the mail, as far as it says: its answer without the codes.
fn reference(response: &Response) -> String {
    let line = response.first_line().unwrap_or_default();
    let named = line.split_once(' ').filter(|(word, _)| is_enhanced(word)).map_or(line, |(_, rest)| rest);
    named.chars().filter(|c| !c.is_control()).take(200).collect()
}
