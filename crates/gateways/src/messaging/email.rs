//! The role of a mail gateway: one e-mail to one person, and what became of handing it over.
//! The client that plays it is in `smtp`; what the mail says comes from `render`.

use domain::id::MessageId;
use domain::time::UnixMs;
use futures_util::future::BoxFuture;

/// One e-mail to one address.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// Becomes the `Message-ID`: a mail that is handed over twice can be recognised as one.
    pub id: MessageId,
    /// The bare address.
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// When it was written; every try carries the same `Date`.
    pub at: UnixMs,
    /// The https address that ends such mails with one POST (RFC 8058), where they can be ended.
    pub unsubscribe: Option<String>,
}

/// Address and content are never shown.
impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Email {}", self.id)
    }
}

/// What became of a mail that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailOutcome {
    /// The mail server took it and answers for it now; this is what it called it.
    Accepted { reference: String },
    /// It will never take this mail: reply code and enhanced status, never the server's prose.
    Refused { code: String },
    /// It was certainly not taken, and may be taken later.
    TryLater { why: String },
    /// It may or may not have been taken: the connection was lost while it had the content.
    Unknown { why: String },
}

/// Hands mails to a mail server.
pub trait EmailGateway: Send + Sync {
    fn send<'a>(&'a self, email: &'a Email) -> BoxFuture<'a, EmailOutcome>;
}
