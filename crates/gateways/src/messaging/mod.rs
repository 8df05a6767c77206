//! Messages to people, on the wire: the role of an SMS gateway ([`SmsGateway`]) and the client for an SMS
//! centre (`smpp`), the role of a mail gateway ([`EmailGateway`]) and the client for a mail server (`smtp`).
//! How a text is cut into parts is in `domain::sms`.

mod email;
pub mod smpp;
pub mod smtp;

pub use email::{Email, EmailGateway, EmailOutcome};

use domain::id::MessageId;
use futures_util::future::BoxFuture;

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
    /// It may or may not have been taken, or it asked to come back later.
    Unknown { why: String },
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
