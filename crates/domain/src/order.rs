//! An order: what somebody wants, before anything is stored.

use crate::locale::Locale;
use crate::money::Money;
use crate::msisdn::Msisdn;
use crate::top_up::Channel;

/// What is wanted for which number.
#[derive(Debug, Clone)]
pub struct Order {
    pub msisdn: Msisdn,
    pub offer: String,
    /// Needed only where the offer is a range.
    pub amount: Option<Money>,
    pub channel: Channel,
    pub locale: Locale,
}
