//! Messages to people, on the wire: the role of an SMS gateway ([`SmsGateway`]) and the client for an SMS
//! centre (`smpp`), the role of a mail gateway ([`EmailGateway`]) and the client for a mail server (`smtp`).
//! What people write back comes as [`Heard`]. How a text is cut into parts is in `domain::sms`.

mod email;
pub mod smpp;
pub mod smtp;

pub use email::{Email, EmailGateway, EmailOutcome};

use domain::id::MessageId;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// One text message to one number.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    pub id: MessageId,
    /// The number in E.164 without the plus sign.
    pub to: String,
    pub text: String,
}

/// Number and text are never shown.
impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sms {}", self.id)
    }
}

/// What became of a message that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsOutcome {
    /// The SMS centre took every part; these are its names for them.
    Accepted { message_ids: Vec<String> },
    /// It will never take this message.
    Refused { code: String },
    /// It certainly took nothing, and may later.
    NotTaken { why: String },
    /// It may or may not have been taken, whole or in part.
    Unknown { why: String },
}

/// A text message that somebody wrote to us.
#[derive(Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The sender's address as the SMS centre wrote it.
    pub from: String,
    /// Empty where it is written in an alphabet that we do not read.
    pub text: String,
}

/// Number and text are never shown.
impl std::fmt::Debug for Inbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inbound")
    }
}

/// An inbound message that the SMS centre still answers for: it is acknowledged once [`Heard::taken`] is called, and
/// kept for later by the SMS centre when this is dropped.
#[derive(Debug)]
pub struct Heard {
    pub message: Inbound,
    taken: oneshot::Sender<()>,
}

impl Heard {
    /// The message, and what learns whether it was taken.
    pub fn new(message: Inbound) -> (Heard, oneshot::Receiver<()>) {
        let (taken, learns) = oneshot::channel();
        (Heard { message, taken }, learns)
    }

    /// It is written down: the SMS centre may forget it.
    pub fn taken(self) {
        // A connection that is gone cannot be answered: the SMS centre sends the message once more.
        let _ = self.taken.send(());
    }
}

/// Hands messages to an SMS centre.
pub trait SmsGateway: Send + Sync {
    fn send<'a>(&'a self, sms: &'a Sms) -> BoxFuture<'a, SmsOutcome>;
}

/// What became of a message on its way to the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// One of the names in [`SmsOutcome::Accepted`].
    pub message_id: String,
    pub state: DeliveryState,
}

/// The state in a delivery receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryState {
    Delivered,
    /// It never will be.
    Undelivered {
        code: String,
    },
    /// On its way, or a state that we do not know.
    Other,
}
