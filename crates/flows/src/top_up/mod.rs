//! A top-up from price to credit.

pub mod afterwards;
pub mod checkout;
pub mod credit;
pub(crate) mod held;
pub mod network;
pub mod quote;
pub mod reverse;
pub mod sell;
pub(crate) mod set_aside;
pub(crate) mod step;

pub(crate) use step::{advance, announce_refund, announcement};
