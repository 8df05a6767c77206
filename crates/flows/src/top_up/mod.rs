//! A top-up from price to credit.

pub mod checkout;
pub mod credit;
pub mod quote;
pub mod sell;
mod step;

pub(crate) use step::{advance, announce_as};
