//! The ledger's writer. [`record`] is the only place in the product that changes a balance.

mod read;
mod verify;
mod write;

pub use read::{Balance, account, accounts_with_prefix, balance, outcome_of};
pub use verify::{Lie, Report, verify};
pub use write::{record, set_floor};
