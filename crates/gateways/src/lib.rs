//! Systems that are not ours: payment providers, SMS centres, receipt printers, fiscal devices.
//!
//! Each role has a door ([`payment::PaymentGateway`], [`messaging::SmsGateway`]) whose calls end in one of
//! three answers: accepted, refused, unknown. Nothing here writes to our database or decides about an order.

pub mod charging;
pub mod fiscal;
pub mod messaging;
pub mod payment;
pub mod printing;
mod secret;

pub use secret::Secret;
