//! A top-up from price to credit.

pub mod checkout;
pub mod credit;
pub mod quote;
pub mod sell;
pub(crate) mod step;

pub(crate) use step::{advance, announce_refund};
