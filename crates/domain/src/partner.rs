//! A partner: somebody who sells our top-ups through the API, from a prepaid float.

use crate::id::{ApiKeyId, PartnerId};
use crate::states;

states! {
    /// What an API key may do.
    Scope {
        LinesRead = "lines:read",
        OffersRead = "offers:read",
        TopUpsRead = "top_ups:read",
        TopUpsWrite = "top_ups:write",
        FloatRead = "float:read",
        /// To report what lines used, as the network's charging front does.
        UsageWrite = "usage:write",
    }
}

impl Scope {
    /// What a seller's key may do. Reporting usage takes from lines: it is for the network alone.
    pub fn of_sellers() -> Vec<Scope> {
        Scope::ALL.iter().copied().filter(|scope| *scope != Scope::UsageWrite).collect()
    }
}

/// Who a request comes from, once its key was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub partner: PartnerId,
    pub key: ApiKeyId,
    pub scopes: Vec<Scope>,
}
