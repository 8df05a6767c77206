//! Price lines: what a buyer pays and gets, the same in page, API, receipt and ledger.

use crate::money::{BasisPoints, Money, MoneyError};
use serde::{Deserialize, Serialize};

/// The lines of one price, all in one currency. `total = value + fee`; tax is contained in the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceLines {
    /// Face value of the credit, or the price of the bundle.
    pub value: Money,
    /// Credit on top that the buyer does not pay.
    pub bonus: Money,
    pub fee: Money,
    /// Tax contained in `total`.
    pub tax: Money,
    pub tax_rate: BasisPoints,
    /// What the buyer pays.
    pub total: Money,
}

impl PriceLines {
    /// Adds up the lines.
    pub fn of(
        value: Money,
        bonus: Money,
        fee: Money,
        tax_rate: BasisPoints,
    ) -> Result<PriceLines, MoneyError> {
        let total = value.plus(fee)?;
        bonus.plus(total)?;
        Ok(PriceLines { value, bonus, fee, tax: total.tax_included(tax_rate), tax_rate, total })
    }

    /// The credit that arrives on the line when this is a price of credit.
    pub fn credit(&self) -> Result<Money, MoneyError> {
        self.value.plus(self.bonus)
    }
}
