//! A line: one number for as long as it belongs to one subscription.

use crate::id::LineId;
use crate::locale::Locale;
use crate::money::Currency;
use crate::states;

states! {
    /// May this line be topped up?
    LineStatus {
        Active = "active",
        /// Known, and no top-up is taken: lost, stolen, or in dispute.
        Barred = "barred",
        /// The subscription ended. The number may come back as another line.
        Closed = "closed",
        /// The number went to another operator.
        PortedOut = "ported_out",
    }
}

states! {
    /// Who keeps the balance of a line. One party alone: it never changes for a line.
    Keeper {
        /// Our ledger.
        Ours = "ours",
        /// The host network; our ledger keeps what it owes for what the network gave.
        Network = "network",
    }
}

/// A line as it is stored. The number itself stays sealed; only its last four digits are readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub market: String,
    pub currency: Currency,
    pub status: LineStatus,
    pub last4: String,
    /// The number, sealed by the keyring.
    pub msisdn_sealed: String,
    /// The subscriber's language, where the register knows it.
    pub locale: Option<Locale>,
    pub keeper: Keeper,
}
