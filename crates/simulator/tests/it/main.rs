//! The simulator from outside: an HTTP client and an SMPP client against a started one. No sleeps: a test
//! polls a condition until a deadline. Start reading at outside.rs, the client that all tests use.

#[cfg(test)]
mod control_api;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod network;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod payment_page;
#[cfg(test)]
mod paypal_accounts;
#[cfg(test)]
mod paypal_api;
#[cfg(test)]
mod paypal_client;
#[cfg(test)]
mod paypal_judge;
#[cfg(test)]
mod paypal_page;
#[cfg(test)]
mod paypal_webhooks;
#[cfg(test)]
mod sms_centre;
#[cfg(test)]
mod stripe_api;
#[cfg(test)]
mod stripe_terminal;
#[cfg(test)]
mod webhook_delivery;
