//! The personal centre: what is on one's lines, what happened to it, and one's orders.
//! Each page has a file; here is what they share.

mod centre;
mod claim;
mod history;
mod line;
mod offline;

pub use centre::{Alert, BucketBar, Ends, Known, LineCard, Me, Repeat};
pub use claim::ClaimPage;
pub use history::{GroupChoice, HistoryCsv, HistoryPage, HistoryRow, LineChoice};
pub use line::{LineEntry, LinePage, PastBucket};
pub use offline::Offline;

use domain::money::Money;
use domain::offer::Allowance;
use domain::unit::Unit;
use serde::Serialize;

/// So much of something that a line has: money or an allowance.
#[derive(Debug, Clone, Serialize)]
pub struct Quantity {
    pub money: Option<Money>,
    pub allowance: Option<Allowance>,
}

impl Quantity {
    pub fn of(unit: Unit, amount: i64) -> Quantity {
        match unit {
            Unit::Money(currency) => Quantity { money: Some(Money::new(amount, currency)), allowance: None },
            Unit::Octets | Unit::Seconds | Unit::Messages => {
                Quantity { money: None, allowance: Some(Allowance { unit, amount }) }
            }
        }
    }
}
