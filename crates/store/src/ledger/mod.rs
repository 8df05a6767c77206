//! The ledger's writer. [`record`] and [`record_new`] are the only places in the product
//! that change a balance.

mod read;
mod verify;
mod write;

pub use read::{Balance, account, accounts_with_prefix, balance, outcome_of};
pub use verify::{Lie, Report, verify};
pub use write::{record, record_new, set_floor};
