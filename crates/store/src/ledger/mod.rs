//! The ledger's writer. [`record`] and [`record_new`] are the only places in the product
//! that change a balance.

mod read;
mod verify;
mod verify_clearing;
mod verify_commission;
mod verify_network;
mod verify_promotions;
mod verify_reversals;
mod verify_usage;
mod write;

pub use read::{Balance, Leg, Posted, account, accounts_with_prefix, balance, outcome_of, postings_about};
pub use verify::{Lie, Report, verify};
pub(crate) use write::sha256;
pub use write::{lock_accounts, record, record_new, set_floor};
