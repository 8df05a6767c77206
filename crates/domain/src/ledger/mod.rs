//! The ledger's rules, pure. Accounts, postings made of balanced transfers, holds, and the decision
//! whether a posting may be applied. `store::ledger` is the only writer that carries decisions out.
//!
//! Start at [`Posting`], then [`decide`]. What each flow posts is in [`book`], for promotions in [`bonus`], for agents
//! in [`agents`].

mod account;
pub mod agents;
pub mod bonus;
pub mod book;
mod decide;
mod posting;
pub mod reversal;

pub use account::{Account, AccountId, AccountKind, Side, Totals};
pub use decide::{Accounts, Refused, decide};
pub use posting::{Outcome, Phase, Posting, PostingKey, Purpose, Reason, Transfer};
